/* The state of a flow: memory, and what the energy says of it. */
#include <math.h>

#include "base/alloc.h"
#include "base/sum.h"
#include "flow/flow.h"

void ift_flow_state_dispose(ift_flow *flow, ift_flow_state *state) {
  ift_context *context = flow->object.context;
  if (state->site) flow->energy->kind->site_destroy(state->site);
  ift_free(context, state->a);
  ift_free(context, state->g);
  ift_free(context, state->v);
}

ift_status ift_flow_state_create(ift_flow *flow, ift_flow_state *state) {
  ift_context *context = flow->object.context;
  IFT_TRY(flow->energy->kind->site_create(flow->energy, &state->site, flow->n, flow->anchored));
  state->a = ift_alloc_reals(context, flow->n);
  state->g = ift_alloc_reals(context, flow->n);
  state->v = ift_alloc2(context, flow->n, flow->d, sizeof *state->v);
  return state->a && state->g && state->v ? IFT_OK : IFT_ERR_NO_MEMORY;
}

void ift_flow_rescale(double *b, int64_t n, double mass) {
  const double sum = ift_sum(b, n);
  if (!(sum > 0)) return;
  for (int64_t i = 0; i < n; i++) b[i] *= mass / sum;
}

ift_status ift_flow_evaluate(ift_flow *flow, ift_flow_state *state) {
  state->energy = NAN;
  return flow->energy->kind->evaluate(state->site, state->g, state->v, state->site, state->a);
}

ift_status ift_flow_energy(ift_flow *flow, ift_flow_state *state, double *out) {
  if (isnan(state->energy)) IFT_TRY(flow->energy->kind->value(state->site, &state->energy, state->g, state->a));
  *out = state->energy;
  return IFT_OK;
}
