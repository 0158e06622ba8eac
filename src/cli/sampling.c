/* Sampling by a Wasserstein-Fisher-Rao flow of the Kullback-Leibler divergence. */
#include "cli/sampling.h"

#include "cli/data.h"
#include "cli/interrupt.h"

enum { STEPS = 300 };
static const double bandwidth = 0.5;

static void stop_flow(void *flow) {
  ift_flow_request_stop(flow);
}

/* Takes steps of a flow under the eyes of the watch. */
static bool advance(ift_context *context, ift_flow *flow, int64_t steps, const cli_watch *watch) {
  if (!watch->begin(flow, watch->user)) return false;
  if (ift_flow_set_monitor(flow, watch->step, watch->user, NULL) != IFT_OK) return cli_library_failed(context);
  cli_interrupt_watch(stop_flow, flow);
  const ift_status status = ift_flow_run(flow, steps);
  cli_interrupt_unwatch();
  watch->end(flow, watch->user);
  return status >= 0 || cli_library_failed(context);
}

bool sampling_run(ift_context *context, ift_measure **out, const ift_measure *start, const ift_target *target,
                  int64_t particles, uint64_t seed, const cli_watch *watch) {
  ift_energy *energy = NULL;
  ift_flow *flow = NULL;
  (void)particles;
  (void)seed;
  bool done = (ift_energy_kl(context, &energy, target, bandwidth) == IFT_OK &&
               ift_flow_create(context, &flow, "spherical-wfr", energy, start) == IFT_OK) ||
              cli_library_failed(context);
  done = done && advance(context, flow, STEPS, watch) &&
         (ift_measure_clone(ift_flow_measure(flow), out) == IFT_OK || cli_library_failed(context));
  ift_flow_destroy(flow);
  ift_energy_destroy(energy);
  return done;
}
