/* cli/labels.h - names of coordinates, for a plot. */
#ifndef CLI_LABELS_H
#define CLI_LABELS_H

#include <stdbool.h>
#include <stdint.h>

enum { CLI_LABEL = 64 };

/* The names that the header of a CSV file gives its `dim` <= 2 coordinates. false: it has none, can't be read
 * twice, or `path` is NULL. */
bool cli_labels_read(char labels[2][CLI_LABEL], const char *path, int64_t dim);

#endif
