/* Products with the Gram matrix of kernel functions and their derivatives, from the profiles of a radial kernel. Vectors
 * along the sources. */
#include <string.h>

#include "base/pool.h"
#include "pairs/lanes.h"

enum { ROWS = 4 }; /* targets a task */

typedef struct pass {
  double *out;
  const double *value, *slope, *bend, *x, *u;
  int64_t n, d;
} pass;

/* along[j] += (x - from[j]) u[j] */
static void project(double *restrict along, double x, const double *restrict from, const double *restrict u,
                    int64_t count) {
  const int64_t whole = count & -IFT_PAIR_LANES;
  for (int64_t j = 0; j < whole; j++) along[j] += (x - from[j]) * u[j];
  for (int64_t j = whole; j < count; j++) along[j] += (x - from[j]) * u[j];
}

/* turn[j] = bend[j] along[j] + slope[j] u[j] */
static void combine(double *restrict turn, const double *restrict bend, const double *restrict along,
                    const double *restrict slope, const double *restrict u, int64_t count) {
  const int64_t whole = count & -IFT_PAIR_LANES;
  for (int64_t j = 0; j < whole; j++) turn[j] = bend[j] * along[j] + slope[j] * u[j];
  for (int64_t j = whole; j < count; j++) turn[j] = bend[j] * along[j] + slope[j] * u[j];
}

static double product(const double *a, const double *b, int64_t count) {
  const int64_t whole = count & -IFT_PAIR_LANES;
  double rest = 0;
  for (int64_t j = whole; j < count; j++) rest += a[j] * b[j];
  return sum_of_products(a, b, whole) + rest;
}

/* sum_j turn_j (x_j - x) */
static double moment(const double *turn, const double *from, double x, int64_t count) {
  const int64_t whole = count & -IFT_PAIR_LANES;
  double rest = 0;
  for (int64_t j = whole; j < count; j++) rest += turn[j] * (from[j] - x);
  return sum_of_differences(turn, from, x, whole) + rest;
}

/* What a block of sources adds to target i. */
static void add_block(const pass *p, int64_t i, int64_t start, int64_t count) {
  const int64_t n = p->n, at = i * n + start;
  double along[IFT_PAIR_BLOCK], turn[IFT_PAIR_BLOCK];
  memset(along, 0, sizeof along);
  for (int64_t l = 0; l < p->d; l++)
    project(along, p->x[l * n + i], p->x + l * n + start, p->u + (l + 1) * n + start, count);
  combine(turn, p->bend + at, along, p->slope + at, p->u + start, count);
  p->out[i] += product(p->value + at, p->u + start, count) + product(p->slope + at, along, count);
  for (int64_t l = 0; l < p->d; l++)
    p->out[(l + 1) * n + i] += product(p->slope + at, p->u + (l + 1) * n + start, count) +
                               moment(turn, p->x + l * n + start, p->x[l * n + i], count);
}

static void run_rows(int64_t task, void *user) {
  const pass *p = user;
  const int64_t first = task * ROWS, end = p->n - first < ROWS ? p->n : first + ROWS;
  for (int64_t l = 0; l <= p->d; l++) memset(p->out + l * p->n + first, 0, (size_t)(end - first) * sizeof(double));
  for (int64_t start = 0; start < p->n; start += IFT_PAIR_BLOCK)
    for (int64_t i = first; i < end; i++)
      add_block(p, i, start, p->n - start < IFT_PAIR_BLOCK ? p->n - start : IFT_PAIR_BLOCK);
}

void ift_pairs_tangent_product(ift_context *context, double *out, const double *value, const double *slope,
                               const double *bend, const double *x, int64_t n, int64_t d, const double *u) {
  pass p = {out, value, slope, bend, x, u, n, d};
  ift_pool_run(context, (n + ROWS - 1) / ROWS, run_rows, &p);
}
