/* compress/compress.h - the inside of a compression. */
#ifndef COMPRESS_COMPRESS_H
#define COMPRESS_COMPRESS_H

#include <ift/compress.h>

#include "base/settings.h"
#include "flow/flow.h"

enum {
#define OPTION(name, ...)   IFT_COMPRESSION_##name,
#define QUANTITY(name, ...) IFT_COMPRESSION_##name,
#include "compress/options.def"
#undef OPTION
#undef QUANTITY
  IFT_COMPRESSION_OPTIONS
};
extern const ift_option_table ift_compression_options;

typedef enum ift_compression_phase {
  IFT_PHASE_NONE,
  IFT_PHASE_POINTS,
  IFT_PHASE_START,
  IFT_PHASE_POLISH,
  IFT_PHASE_HOP
} ift_compression_phase;

enum { IFT_EFFORT_LOW, IFT_EFFORT_NORMAL, IFT_EFFORT_HIGH };
enum { IFT_POINTS_FREE, IFT_POINTS_DATA };
enum { IFT_WEIGHTS_FREE, IFT_WEIGHTS_EQUAL };

/* Particles found, with what is known of them. */
typedef struct ift_compression_result {
  ift_measure *measure; /* NULL: nothing yet */
  int64_t *rows;        /* of the target's points; NULL: not asked for */
  double energy, weight_gap, stationarity;
  ift_compression_phase phase;
} ift_compression_result;

struct ift_compression {
  ift_object object;
  ift_kernel *kernel; /* retained, like the next two */
  ift_energy *energy;
  const ift_target *target; /* as the energy embeds it */
  bool sampled;             /* the target that was given is a sample */
  int64_t particles;
  ift_option_value options[IFT_COMPRESSION_OPTIONS];
  ift_compression_result best;
  int best_points, best_weights; /* the options with these names of the run that found it */
  int64_t start, step, hops;
  double running; /* F of the particles under way; infinite between runs */
  int (*monitor)(const ift_compression *compression, void *user);
  void *monitor_user;
  void (*monitor_destroy)(void *user);
  atomic_int stop;
  bool busy;
};

/* Takes the particles of `measure` for the best ones if they are; the dead ones are left out. `rows`: which of the target's
 * points each of them is, NULL where that is not known. */
ift_status ift_compression_keep(ift_compression *compression, const ift_measure *measure, const int64_t *rows,
                                ift_compression_result found);

/* Have the best particles so far reached the tolerance, being at most `most`? IFT_CONVERGED or IFT_OK. */
ift_status ift_compression_judge(const ift_compression *compression, int64_t most);

/* A step is done: what does the monitor say? IFT_OK, IFT_STOPPED, IFT_ERR_CALLBACK. */
ift_status ift_compression_ask(ift_compression *compression);

void ift_compression_seed(const ift_compression *compression, ift_rng *rng);

bool ift_compression_is_stopped(const ift_compression *compression);

/* The target's distinct points with their weights added, and the row of the first of each (memory that the caller frees), if
 * there are no more than `particles`; else, or where equal weights are asked for and these aren't, *out is NULL. */
ift_status ift_compression_points(const ift_compression *compression, ift_measure **out, int64_t **rows);

#endif
