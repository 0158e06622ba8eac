/* Products with the Gram matrix of kernel functions and their derivatives, from the profiles of a radial kernel. */
#include <string.h>

#include "base/pool.h"
#include "pairs/pairs.h"

enum { LANES = 4 };

typedef struct pass {
  double *out;
  const double *value, *slope, *bend, *x, *u;
  int64_t n, d;
} pass;

/* z'y over the coordinates, in lanes of fixed number so that compilers vectorize it. */
static inline double project(const double *restrict x, const double *restrict at, const double *restrict y, int64_t d) {
  double lane[LANES] = {0}, rest = 0;
  int64_t l = 0;
  for (; l + LANES <= d; l += LANES)
    for (int k = 0; k < LANES; k++) lane[k] += (x[l + k] - at[l + k]) * y[l + k];
  for (; l < d; l++) rest += (x[l] - at[l]) * y[l];
  return (lane[0] + lane[1]) + (lane[2] + lane[3]) + rest;
}

/* out += slope y + along z */
static inline void add(double *restrict out, double slope, const double *restrict y, double along,
                       const double *restrict x, const double *restrict at, int64_t d) {
  int64_t l = 0;
  for (; l + LANES <= d; l += LANES)
    for (int k = 0; k < LANES; k++) out[l + k] += slope * y[l + k] + along * (x[l + k] - at[l + k]);
  for (; l < d; l++) out[l] += slope * y[l] + along * (x[l] - at[l]);
}

static void run_row(int64_t i, void *user) {
  const pass *p = user;
  const int64_t d = p->d, stride = d + 1;
  const double *x = p->x + i * d, *k = p->value + i * p->n, *s = p->slope + i * p->n, *b = p->bend + i * p->n;
  double *out = p->out + i * stride, sum = 0;
  memset(out, 0, (size_t)stride * sizeof *out);
  for (int64_t j = 0; j < p->n; j++) {
    const double *u = p->u + j * stride, *at = p->x + j * d;
    const double along = project(x, at, u + 1, d);
    sum += k[j] * u[0] + s[j] * along;
    add(out + 1, s[j], u + 1, -(b[j] * along + s[j] * u[0]), x, at, d);
  }
  out[0] = sum;
}

void ift_pairs_tangent_product(ift_context *context, double *out, const double *value, const double *slope,
                               const double *bend, const double *x, int64_t n, int64_t d, const double *u) {
  pass p = {out, value, slope, bend, x, u, n, d};
  ift_pool_run(context, n, run_row, &p);
}
