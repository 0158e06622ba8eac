/* Transport by the Euclidean gradient of F in the positions, as the paper's published code does: x_i+ = x_i - tau
 * a_i v(x_i). Dead particles freeze. */
#include "flow/flow.h"

static void move(ift_flow *flow, double tau) {
  const double *x = flow->now.site->x, *v = flow->now.v;
  for (int64_t i = 0; i < flow->n; i++)
    for (int64_t l = 0, k = i * flow->d; l < flow->d; l++, k++)
      flow->next.site->x[k] = x[k] - tau * flow->now.a[i] * v[k];
}

/* sum a_i^2 |v_i|^2. */
static double dissipation(const ift_flow *flow) {
  double sum = 0;
  for (int64_t i = 0; i < flow->n; i++) {
    double square = 0;
    for (int64_t l = 0; l < flow->d; l++) square += flow->now.v[i * flow->d + l] * flow->now.v[i * flow->d + l];
    sum += flow->now.a[i] * flow->now.a[i] * square;
  }
  return sum;
}

const ift_transport ift_transport_euclidean = {
    .name = "euclidean",
    .doc = "x_i - tau a_i v(x_i), the Euclidean gradient, as in the paper's published code",
    .move = move,
    .dissipation = dissipation,
};
