/* cli/data.h - what comes in: measures from files, their units, the kernel, starting particles. */
#ifndef CLI_DATA_H
#define CLI_DATA_H

#include <stdbool.h>
#include <stdint.h>

#include <ift.h>

/* Units of the coordinates: a coordinate x is (x - center) / scale in the units that the work is done in. */
typedef struct cli_units {
  int64_t dim;
  double *center; /* NULL: as in the file */
  double *scale;
} cli_units;

/* Prints the library's message of the last failure. Always false. */
bool cli_library_failed(const ift_context *context);

/* How messages call a file: standard input for "-". */
const char *cli_file_name(const char *path);

/* Reads a measure. */
bool cli_load(ift_context *context, ift_measure **out, const char *path);

/* Are two measures of one dimension? If not, says which files they are. */
bool cli_same_dimension(const ift_measure *a, const char *a_path, const ift_measure *b, const char *b_path);

/* Units in which `measure`, read from `path`, has the weighted mean 0 and the standard deviation 1 (population form;
 * a constant column keeps its scale). */
bool cli_units_of(cli_units *units, const ift_measure *measure, const char *path);
void cli_units_free(cli_units *units);

/* Takes a measure into units; and a copy of it back out of them. Both leave it alone where there are none. */
bool cli_units_apply(const cli_units *units, ift_context *context, ift_measure *measure, const char *path);
bool cli_units_undo(const cli_units *units, ift_context *context, ift_measure **out, const ift_measure *measure);

/* A kernel from the value of --kernel (NULL: gaussian:median), in which `median` is the median heuristic of `data`,
 * read from `path`. `spec`, of `capacity` bytes, gets the specification with the number in place. */
bool cli_kernel(ift_context *context, ift_kernel **out, const char *text, const ift_measure *data, const char *path,
                char *spec, int64_t capacity);

/* Does the value of --kernel leave a bandwidth to the data? */
bool cli_kernel_by_median(const char *text);

/* Is that a kernel at all? Needs no data. */
bool cli_kernel_check(ift_context *context, const char *text);

/* A measure of `count` rows of `target`, drawn without replacement, of weight 1/count each. Equal rows, and rows of
 * weight 0, are not taken as long as there are others. */
bool cli_draw(ift_context *context, ift_measure **out, const ift_measure *target, const char *path, int64_t count,
              uint64_t seed);

#endif
