/* Explicit transport, the paper's eq. (15): x_i+ = x_i - tau v(x_i). Dead particles move too. */
#include "flow/flow.h"

static ift_status move(ift_flow *flow, ift_flow_state *from, ift_flow_state *to, double tau) {
  const double *x = from->site->x, *v;
  IFT_TRY(ift_flow_velocities(flow, from, to, &v));
  for (int64_t k = 0; k < flow->n * flow->d; k++) to->site->x[k] = x[k] - tau * v[k];
  flow->taken.transport_dissipation = ift_flow_speed(flow, from->a, v, false);
  return IFT_OK;
}

const ift_transport ift_transport_explicit = {
    .name = "explicit",
    .doc = "x - tau v(x), v the velocity field before the step (the paper, eq. (15))",
    .noisy = true,
    .move = move,
};
