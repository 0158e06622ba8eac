/* Transport by the Euclidean gradient of F in the positions, as the paper's published code does: x_i+ = x_i - tau
 * a_i v(x_i). Dead particles freeze. */
#include "flow/flow.h"

static ift_status move(ift_flow *flow, ift_flow_state *from, ift_flow_state *to, double tau) {
  const double *x = from->site->x, *v;
  IFT_TRY(ift_flow_velocities(flow, from, to, &v));
  for (int64_t i = 0; i < flow->n; i++)
    for (int64_t l = 0, k = i * flow->d; l < flow->d; l++, k++) to->site->x[k] = x[k] - tau * from->a[i] * v[k];
  flow->taken.transport_dissipation = ift_flow_speed(flow, from->a, v, true);
  return IFT_OK;
}

const ift_transport ift_transport_euclidean = {
    .name = "euclidean",
    .doc = "x_i - tau a_i v(x_i), the Euclidean gradient, as in the paper's published code",
    .noisy = true,
    .weighted = true,
    .move = move,
};
