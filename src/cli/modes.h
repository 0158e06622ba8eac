/* cli/modes.h - where the modes of a density are. */
#ifndef CLI_MODES_H
#define CLI_MODES_H

#include "cli/density.h"

/* Modes that are looked for, at most. */
enum { CLI_MODES = 40 };

typedef struct cli_modes {
  int64_t dim, count;
  double *places;      /* CLI_MODES by dim */
  double *covariances; /* CLI_MODES by dim by dim: Laplace's */
  double *precisions;
  bool cut; /* the search ended with points left that belong to no mode found */
} cli_modes;

/* Climbs from each of n points, which are left where their climbs ended. `length`: the scale of the search. */
bool cli_modes_find(cli_modes *modes, cli_density *density, double *points, int64_t n, double length);
void cli_modes_free(cli_modes *modes);

#endif
