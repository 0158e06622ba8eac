/* The state of a flow: memory, and what the energy says of it. */
#include <math.h>

#include "base/alloc.h"
#include "base/sum.h"
#include "flow/flow.h"

void ift_flow_state_dispose(ift_flow *flow, ift_flow_state *state) {
  ift_context *context = flow->object.context;
  if (state->site) state->site->energy->kind->site_destroy(state->site);
  ift_free(context, state->a);
  ift_free(context, state->g);
  ift_free(context, state->v);
}

ift_status ift_flow_state_create(ift_flow *flow, const ift_energy *energy, ift_flow_state *state) {
  ift_context *context = flow->object.context;
  if (energy) IFT_TRY(energy->kind->site_create(energy, &state->site, flow->n, flow->anchored));
  state->a = ift_alloc_reals(context, flow->n);
  state->g = ift_alloc_reals(context, flow->n);
  state->v = ift_alloc2(context, flow->n, flow->d, sizeof *state->v);
  ift_flow_state_forget(state);
  return state->a && state->g && state->v ? IFT_OK : IFT_ERR_NO_MEMORY;
}

void ift_flow_state_forget(ift_flow_state *state) {
  state->placed = state->known = false;
  state->energy = NAN;
}

void ift_flow_rescale(double *b, int64_t n, double mass) {
  const double sum = ift_sum(b, n);
  if (!(sum > 0)) return;
  for (int64_t i = 0; i < n; i++) b[i] *= mass / sum;
}

ift_status ift_flow_place(ift_flow_state *state) {
  if (!state->placed) IFT_TRY(state->site->energy->kind->site_move(state->site, state->site->x, true));
  state->placed = true;
  return IFT_OK;
}

ift_status ift_flow_evaluate(ift_flow_state *state) {
  if (state->known) return IFT_OK;
  IFT_TRY(ift_flow_place(state));
  IFT_TRY(state->site->energy->kind->evaluate(state->site, state->g, state->v, state->site, state->a));
  state->known = true;
  return IFT_OK;
}

ift_status ift_flow_energy(ift_flow_state *state, double *out) {
  if (isnan(state->energy)) {
    IFT_TRY(ift_flow_evaluate(state));
    IFT_TRY(state->site->energy->kind->value(state->site, &state->energy, state->g, state->a));
  }
  *out = state->energy;
  return IFT_OK;
}

double ift_flow_speed(const ift_flow *flow, const double *a, const double *v, bool weighted) {
  double sum = 0;
  for (int64_t i = 0; i < flow->n; i++) {
    double square = 0;
    for (int64_t l = 0; l < flow->d; l++) square += v[i * flow->d + l] * v[i * flow->d + l];
    sum += (weighted ? a[i] * a[i] : a[i]) * square;
  }
  return sum;
}
