/* Continuation in the bandwidth: a few widths of the kernel away from the target its forces vanish, and particles there have
 * no way to go. So the first steps are those of the same energy in a kernel that is `continuation` times as wide, which
 * becomes narrower in stages of a factor of about 2 until it is the energy's own. A stage is a flow of an energy of its
 * own, which alone is monotone. What the flow reports is of its own energy, but for what a step says of itself. */
#include <math.h>
#include <string.h>

#include "flow/flow.h"

enum { STEPS = 20 }; /* of a stage; tests/bench/bench_continuation.c */

static int64_t count_stages(double factor) {
  return factor > 1 ? (int64_t)fmax(ceil(log2(factor)), 1) : 0;
}

int64_t ift_flow_continuation_until(const ift_flow *flow) {
  const ift_option_value *until = &flow->options[IFT_FLOW_continuation_until];
  return until->automatic ? STEPS * count_stages(flow->options[IFT_FLOW_continuation].real) : until->integer;
}

double ift_flow_widening(const ift_flow *flow) {
  const double factor = flow->options[IFT_FLOW_continuation].real;
  const int64_t stages = count_stages(factor), until = ift_flow_continuation_until(flow);
  if (stages == 0 || flow->step >= until) return 1;
  const int64_t stage = flow->step * stages / until;
  return pow(factor, 1 - (double)stage / (double)stages);
}

static void drop(ift_flow *flow) {
  for (int k = 0; k < 2; k++) {
    ift_flow_state_dispose(flow, &flow->broad[k]);
    flow->broad[k] = (ift_flow_state){0};
  }
  ift_object_release(flow->wide);
  flow->wide = NULL;
}

/* All of it or nothing. */
ift_status ift_flow_prepare_continuation(ift_flow *flow) {
  const double factor = ift_flow_widening(flow);
  if (!(factor > 1) || flow->wide) return IFT_OK;
  ift_status status = flow->energy->kind->quadratic->widen(flow->energy, &flow->wide, factor);
  for (int k = 0; k < 2 && status == IFT_OK; k++) status = ift_flow_state_create(flow, flow->wide, &flow->broad[k]);
  flow->width = factor;
  if (status != IFT_OK) drop(flow);
  return status;
}

/* Gives the wide energy the kernel of the coming step. */
static ift_status narrow(ift_flow *flow) {
  const double factor = ift_flow_widening(flow);
  if (factor == flow->width) return IFT_OK;
  flow->width = NAN;
  for (int k = 0; k < 2; k++) ift_flow_state_forget(&flow->broad[k]);
  IFT_TRY(flow->energy->kind->quadratic->rewiden(flow->wide, flow->energy, factor));
  flow->width = factor;
  ift_log(flow->object.context, "step %lld: the kernel is %g times as wide as the energy's own",
          (long long)flow->step + 1, factor);
  return IFT_OK;
}

ift_status ift_flow_enter_wide(ift_flow *flow) {
  const size_t positions = (size_t)(flow->n * flow->d) * sizeof(double), weights = (size_t)flow->n * sizeof(double);
  ift_flow_state *from = &flow->broad[0];
  const ift_flow_state *now = &flow->now;
  IFT_TRY(narrow(flow));
  if (memcmp(from->site->x, now->site->x, positions) == 0 && memcmp(from->a, now->a, weights) == 0) return IFT_OK;
  memcpy(from->site->x, now->site->x, positions);
  memcpy(from->a, now->a, weights);
  ift_flow_state_forget(from);
  return IFT_OK;
}
