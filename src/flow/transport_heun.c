/* Transport of second order by Heun's method: the velocities before the step and those of the explicit image at
 * itself, averaged. With Strang splitting and exponential reactions a step is of order 2. */
#include "flow/flow.h"

static ift_status move(ift_flow *flow, ift_flow_state *from, ift_flow_state *to, double tau) {
  const ift_energy_kind *energy = to->site->energy->kind;
  const double *x = from->site->x;
  double *y = to->site->x;
  IFT_TRY(ift_flow_evaluate(from));
  for (int64_t k = 0; k < flow->n * flow->d; k++) y[k] = x[k] - tau * from->v[k];
  IFT_TRY(energy->site_move(to->site, y, true));
  IFT_TRY(energy->evaluate(to->site, NULL, to->v, to->site, from->a));
  for (int64_t k = 0; k < flow->n * flow->d; k++) y[k] = x[k] - tau * (from->v[k] + to->v[k]) / 2;
  flow->taken.transport_dissipation = ift_flow_speed(flow, from->a, from->v, false);
  return IFT_OK;
}

const ift_transport ift_transport_heun = {
    .name = "heun",
    .doc = "of second order: the velocity field before the step and at its explicit image, averaged",
    .move = move,
};
