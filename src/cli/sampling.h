/* cli/sampling.h - the procedure behind `ift sample`: particles for a distribution known by its density alone. */
#ifndef CLI_SAMPLING_H
#define CLI_SAMPLING_H

#include <stdbool.h>
#include <stdint.h>

#include <ift.h>

#include "cli/density.h"

/* Who watches a run, flow by flow: `begin` is told of a flow before its first step, `step` after each (its answer is
 * that of a flow's monitor), `end` before it is given up. */
typedef struct cli_watch {
  bool (*begin)(ift_flow *flow, void *user);
  int (*step)(const ift_flow *flow, void *user);
  void (*end)(const ift_flow *flow, void *user);
  void *user;
} cli_watch;

/* What a run found out about the density, and about itself. */
typedef struct cli_findings {
  int64_t modes, components; /* of the density, and of the mixture that was drawn from */
  int64_t rounds;            /* of adaptation */
  int64_t evaluations;       /* points at which the log-density was asked for */
  double fraction;           /* effective fraction of the last draws, 1 where they come from the density itself */
  double left; /* largest error left in what the weights are to give: means in standard deviations, products of two
                  coordinates, twice the masses */
  bool few_modes, few_components, cut; /* a cap was reached: of modes, of components, of starts of the search */
} cli_findings;

/* Particles of mass 1, as many as `start` has, for `density`. The search for modes begins at `start` and in the ball
 * of radius 3 `scale` about `center`. Takes at least one flow. After a Ctrl-C *out is what there is then. On a failure the
 * reason is printed. */
bool sampling_run(ift_context *context, ift_measure **out, cli_findings *findings, const ift_measure *start,
                  cli_density *density, const double *center, double scale, uint64_t seed, const cli_watch *watch);

#endif
