/* Merging: particles that have come together become one, at their weighted mean and with the sum of their weights. The
 * others are dead then, for rejuvenation to put to use. To second order in the distance r this changes the energy by
 * -1/2 (a_i a_j / (a_i + a_j)) r^2 d^2g/dr^2; under monotone control what a step has gained pays for that. */
#include <string.h>

#include "base/alloc.h"
#include "flow/flow.h"

ift_status ift_flow_prepare_merging(ift_flow *flow) {
  ift_context *context = flow->object.context;
  if (!(flow->options[IFT_FLOW_merge].real > 0)) return IFT_OK;
  if (!flow->groups.context) IFT_TRY(ift_groups_create(context, &flow->groups, flow->n, false));
  if (!flow->apart) flow->apart = ift_alloc2(context, flow->n, flow->d + 1, sizeof *flow->apart);
  return flow->apart ? IFT_OK : IFT_ERR_NO_MEMORY;
}

/* The particles of `next` as they were are in flow->apart. false: none is close enough to another. */
static bool merge(ift_flow *flow, double distance) {
  ift_flow_state *next = &flow->next;
  const int64_t n = flow->n, d = flow->d;
  double *x = next->site->x;
  bool any = false;
  ift_groups_find(&flow->groups, x, next->a, n, d, distance);
  memcpy(flow->apart, x, (size_t)(n * d) * sizeof *x);
  memcpy(flow->apart + n * d, next->a, (size_t)n * sizeof *x);
  for (int64_t i = 0; i < n; i++) {
    const int64_t g = flow->groups.group[i], leader = g < 0 ? i : flow->groups.leaders[g];
    if (leader == i) continue;
    ift_merge_particle(x + leader * d, next->a + leader, x + i * d, next->a[i], d);
    next->a[i] = 0;
    any = true;
  }
  return any;
}

static ift_status take_apart(ift_flow *flow, double energy) {
  ift_flow_state *next = &flow->next;
  const int64_t n = flow->n, d = flow->d;
  memcpy(next->site->x, flow->apart, (size_t)(n * d) * sizeof(double));
  memcpy(next->a, flow->apart + n * d, (size_t)n * sizeof(double));
  ift_flow_state_forget(next);
  next->energy = energy;
  return ift_flow_evaluate(next);
}

ift_status ift_flow_merge(ift_flow *flow) {
  const double distance = flow->options[IFT_FLOW_merge].real, energy = flow->next.energy;
  if (!(distance > 0) || !merge(flow, distance)) return IFT_OK;
  ift_flow_state_forget(&flow->next);
  if (ift_flow_is_random(flow)) return IFT_OK;
  if (!ift_flow_is_monotone(flow)) return ift_flow_evaluate(&flow->next);
  double before, after;
  IFT_TRY(ift_flow_energy(&flow->now, &before));
  const ift_status status = ift_flow_energy(&flow->next, &after);
  if (status != IFT_OK && status != IFT_ERR_NOT_FINITE) return status;
  return status == IFT_OK && after <= before ? IFT_OK : take_apart(flow, energy);
}
