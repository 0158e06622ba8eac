/* cli/sampling.h - the procedure behind `ift sample`: particles for a distribution known by its density alone. */
#ifndef CLI_SAMPLING_H
#define CLI_SAMPLING_H

#include <stdbool.h>
#include <stdint.h>

#include <ift.h>

/* Who watches a run, flow by flow: `begin` is told of a flow before its first step, `step` after each (its answer is
 * that of a flow's monitor), `end` before it is given up. */
typedef struct cli_watch {
  bool (*begin)(ift_flow *flow, void *user);
  int (*step)(const ift_flow *flow, void *user);
  void (*end)(const ift_flow *flow, void *user);
  void *user;
} cli_watch;

/* Moves `start`, of `particles` particles and mass 1, to the distribution of `target`, of which only log-density and
 * score are used. Takes at least one flow. After a Ctrl-C *out is what there is then. On a failure the reason is
 * printed. */
bool sampling_run(ift_context *context, ift_measure **out, const ift_measure *start, const ift_target *target,
                  int64_t particles, uint64_t seed, const cli_watch *watch);

#endif
