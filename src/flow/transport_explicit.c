/* Explicit transport, the paper's eq. (15): x_i+ = x_i - tau v(x_i). Dead particles move too. */
#include "flow/flow.h"

static void move(ift_flow *flow, double tau) {
  const double *x = flow->now.site->x, *v = flow->now.v;
  for (int64_t k = 0; k < flow->n * flow->d; k++) flow->next.site->x[k] = x[k] - tau * v[k];
}

/* sum a_i |v_i|^2, the rate at which transport lowers F. */
static double dissipation(const ift_flow *flow) {
  double sum = 0;
  for (int64_t i = 0; i < flow->n; i++) {
    double square = 0;
    for (int64_t l = 0; l < flow->d; l++) square += flow->now.v[i * flow->d + l] * flow->now.v[i * flow->d + l];
    sum += flow->now.a[i] * square;
  }
  return sum;
}

const ift_transport ift_transport_explicit = {
    .name = "explicit",
    .doc = "x - tau v(x), v the velocity field before the step (the paper, eq. (15))",
    .move = move,
    .dissipation = dissipation,
};
