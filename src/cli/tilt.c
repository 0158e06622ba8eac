/* The tilt, by Newton's method on its dual, log sum a exp(lambda . (f - wanted)) + ridge |lambda|^2/2, which is
 * strictly convex. Newton's equation is solved by conjugate gradients (Hestenes and Stiefel 1952): no matrix is made. */
#include "cli/tilt.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cli/matrix.h"
#include "cli/message.h"

/* Steps of Newton's method, and a gradient (means of functions of size 1) that ends it. */
enum { STEPS = 50, ITERATIONS = 1000 };
static const double small_gradient = 1e-10, armijo = 1e-4;

/* The ridge at first; times `growth` while fewer than a half of the particles would be left in effect. */
static const double first_ridge = 1e-3, growth = 4, least_effective = 0.5;

typedef struct dual {
  int64_t n, m;
  const double *before, *f; /* weights before; f - wanted */
  double ridge, value;
  double *lambda, *weights, *gradient; /* where it is; weights before times exp(lambda . f), of sum 1 */
  double *trial, *direction, *residual, *search, *product;
} dual;

/* Value and weights at a lambda. */
static double evaluate(const dual *p, const double *lambda) {
  double largest = -INFINITY, sum = 0;
  for (int64_t i = 0; i < p->n; i++) {
    p->weights[i] = cli_dot(p->f + i * p->m, lambda, p->m);
    if (p->before[i] > 0) largest = fmax(largest, p->weights[i]);
  }
  for (int64_t i = 0; i < p->n; i++)
    sum += p->weights[i] = p->before[i] > 0 ? p->before[i] * exp(p->weights[i] - largest) : 0;
  for (int64_t i = 0; i < p->n; i++) p->weights[i] /= sum;
  return largest + log(sum) + p->ridge / 2 * cli_dot(lambda, lambda, p->m);
}

/* out = sum_i weight_i factor_i f_i, the factors 1 where they are NULL. */
static void add_up(double *out, const dual *p, const double *factors) {
  for (int64_t k = 0; k < p->m; k++) out[k] = 0;
  for (int64_t i = 0; i < p->n; i++) {
    const double weight = p->weights[i] * (factors ? factors[i] : 1);
    for (int64_t k = 0; k < p->m; k++) out[k] += weight * p->f[i * p->m + k];
  }
}

/* product = (covariance of f under the weights + ridge) v; `work`: n + m numbers. */
static void multiply(const dual *p, const double *v, double *work) {
  double mean = 0;
  for (int64_t i = 0; i < p->n; i++) mean += p->weights[i] * (work[i] = cli_dot(p->f + i * p->m, v, p->m));
  for (int64_t i = 0; i < p->n; i++) work[i] -= mean;
  add_up(p->product, p, work);
  for (int64_t k = 0; k < p->m; k++) p->product[k] += p->ridge * v[k];
}

/* direction = -H^-1 gradient. */
static void solve(const dual *p, double *work) {
  const int64_t m = p->m;
  for (int64_t k = 0; k < m; k++) {
    p->direction[k] = 0;
    p->search[k] = p->residual[k] = -p->gradient[k];
  }
  double square = cli_dot(p->residual, p->residual, m);
  const double end = 1e-20 * square;
  for (int t = 0; t < ITERATIONS && square > end; t++) {
    multiply(p, p->search, work);
    const double bend = cli_dot(p->search, p->product, m);
    if (!(bend > 0)) break;
    const double step = square / bend, before = square;
    for (int64_t k = 0; k < m; k++) {
      p->direction[k] += step * p->search[k];
      p->residual[k] -= step * p->product[k];
    }
    square = cli_dot(p->residual, p->residual, m);
    for (int64_t k = 0; k < m; k++) p->search[k] = p->residual[k] + square / before * p->search[k];
  }
}

/* Goes along the direction as far as the value falls; false: no further. */
static bool search_line(dual *p) {
  const double slope = cli_dot(p->gradient, p->direction, p->m);
  for (double step = 1; step > 1e-10; step /= 2) {
    for (int64_t k = 0; k < p->m; k++) p->trial[k] = p->lambda[k] + step * p->direction[k];
    const double value = evaluate(p, p->trial);
    if (!(value <= p->value + armijo * step * slope)) continue;
    memcpy(p->lambda, p->trial, (size_t)p->m * sizeof *p->lambda);
    p->value = value;
    return true;
  }
  p->value = evaluate(p, p->lambda);
  return false;
}

static void minimize(dual *p, double *work) {
  p->value = evaluate(p, p->lambda);
  for (int t = 0; t < STEPS; t++) {
    double largest = 0;
    add_up(p->gradient, p, NULL);
    for (int64_t k = 0; k < p->m; k++) largest = fmax(largest, fabs(p->gradient[k] += p->ridge * p->lambda[k]));
    if (largest < small_gradient) return;
    solve(p, work);
    if (!search_line(p)) return;
  }
}

bool cli_tilt(double *weights, double *f, int64_t n, int64_t m, const double *wanted, double *left) {
  double *memory = calloc((size_t)(2 * n + 7 * m), sizeof *memory);
  if (!memory) return cli_fail("out of memory");
  double *vectors = memory + 2 * n, *work = memory + n;
  dual p = {.n = n,
            .m = m,
            .before = weights,
            .f = f,
            .ridge = first_ridge,
            .weights = memory,
            .lambda = vectors,
            .gradient = vectors + m,
            .trial = vectors + 2 * m,
            .direction = vectors + 3 * m,
            .residual = vectors + 4 * m,
            .search = vectors + 5 * m,
            .product = vectors + 6 * m};
  for (int64_t i = 0; i < n * m; i++) f[i] -= wanted[i % m];
  const double before = cli_dot(weights, weights, n);
  for (;; p.ridge *= growth) {
    minimize(&p, work);
    if (before >= least_effective * cli_dot(p.weights, p.weights, n)) break;
  }
  *left = 0;
  add_up(p.gradient, &p, NULL);
  for (int64_t k = 0; k < m; k++) *left = fmax(*left, fabs(p.gradient[k]));
  memcpy(weights, p.weights, (size_t)n * sizeof *weights);
  free(memory);
  return true;
}
