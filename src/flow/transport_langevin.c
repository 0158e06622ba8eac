/* Langevin dynamics: x_i+ = x_i - tau grad V(x_i) + sqrt(2 tau) U_i, U_i fresh standard normals. Its law follows the
 * Wasserstein flow of KL(mu|pi), V = -log pi; chance stands for the entropy, and bandwidths don't matter. */
#include <math.h>

#include "flow/flow.h"

static ift_status move(ift_flow *flow, ift_flow_state *from, ift_flow_state *to, double tau) {
  IFT_TRY(ift_flow_place(from));
  const double *x = from->site->x, *slope = from->site->energy->kind->drift(from->site), level = sqrt(2 * tau);
  for (int64_t k = 0; k < flow->n * flow->d; k++)
    to->site->x[k] = x[k] - tau * slope[k] + level * ift_rng_normal(&flow->rng);
  return IFT_OK;
}

const ift_transport ift_transport_langevin = {
    .name = "langevin",
    .doc = "x - tau grad V(x) + sqrt(2 tau) U, V = -log pi and U standard normal, for the energy kl",
    .random = true,
    .drifts = true,
    .move = move,
};
