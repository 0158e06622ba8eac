/* Gradients of the quadratic program, and the certificates that follow from them. */
#include <float.h>
#include <math.h>

#include "base/sum.h"
#include "linalg/linalg.h"
#include "simplex/qp.h"

double ift_qp_diagonal(const ift_qp_problem *problem, int64_t i) {
  const double diagonal = problem->gram ? problem->gram[i * problem->n + i] : problem->diagonal[i];
  return diagonal + problem->regularization;
}

void ift_qp_find_support(ift_qp *qp, int64_t n) {
  qp->count = 0;
  for (int64_t i = 0; i < n; i++) {
    qp->state[i] = qp->b[i] > 0 ? IFT_QP_FREE : 0;
    if (qp->b[i] > 0) qp->support[qp->count++] = i;
  }
}

void ift_qp_gradient(ift_qp *qp, const ift_qp_problem *problem) {
  for (int64_t i = 0; i < problem->n; i++) qp->g[i] = problem->regularization * qp->b[i] - problem->linear[i];
  if (!problem->gram) {
    for (int64_t k = 0; k < qp->count && qp->cache.status >= 0; k++) {
      const double *column = ift_qp_column(qp, problem, qp->support[k]), weight = qp->b[qp->support[k]];
      for (int64_t i = 0; i < problem->n; i++) qp->g[i] += weight * column[i];
    }
    return;
  }
  for (int64_t k = 0; k < qp->count; k++) qp->packed[k] = qp->b[qp->support[k]];
  ift_add_rows(qp->g, problem->gram, problem->n, qp->support, qp->packed, qp->count);
}

/* A number as the sum of two of half its length, so that products of the halves are exact (Veltkamp; Dekker 1971). */
typedef struct halves {
  double high, low;
} halves;

static inline halves split(double x) {
  const double scaled = 134217729 * x; /* 2^27 + 1 */
  const double high = scaled - (scaled - x);
  return (halves){high, x - high};
}

/* sum + rest += x y with the rounding of product and sum taken to `rest` (Ogita, Rump and Oishi 2005). */
static inline void add_product(double *sum, double *rest, double x, double y, halves split_y) {
  const halves split_x = split(x);
  const double product = x * y;
  const double lost =
      ((split_x.high * split_y.high - product) + split_x.high * split_y.low + split_x.low * split_y.high) +
      split_x.low * split_y.low;
  const double total = *sum + product, back = total - *sum;
  *rest += lost + ((*sum - (total - back)) + (product - back));
  *sum = total;
}

/* The same for n sums at once; the loop of fixed length is what compilers vectorize. */
static void add_products(double *restrict sum, double *restrict rest, const double *restrict x, double y, int64_t n) {
  const halves split_y = split(y);
  int64_t i = 0;
  for (; i + 4 <= n; i += 4)
    for (int l = 0; l < 4; l++) add_product(sum + i + l, rest + i + l, x[i + l], y, split_y);
  for (; i < n; i++) add_product(sum + i, rest + i, x[i], y, split_y);
}

static void exact_all(ift_qp *qp, const ift_qp_problem *problem) {
  const int64_t n = problem->n;
  for (int64_t i = 0; i < n; i++) {
    qp->g[i] = -problem->linear[i];
    qp->rest[i] = 0;
    add_product(qp->g + i, qp->rest + i, problem->regularization, qp->b[i], split(qp->b[i]));
  }
  for (int64_t k = 0; k < qp->count && qp->cache.status >= 0; k++) {
    const int64_t j = qp->support[k];
    add_products(qp->g, qp->rest, ift_qp_column(qp, problem, j), qp->b[j], n);
  }
}

/* As above on packed arrays: `residual` and `direction` hold the sums until they are moved to their atoms. */
static void exact_free(ift_qp *qp, const ift_qp_problem *problem) {
  double *sum = qp->residual, *rest = qp->direction;
  const int64_t n = problem->n, count = qp->count;
  for (int64_t k = 0; k < count; k++) {
    const int64_t i = qp->support[k];
    sum[k] = -problem->linear[i];
    rest[k] = 0;
    add_product(sum + k, rest + k, problem->regularization, qp->b[i], split(qp->b[i]));
  }
  for (int64_t k = 0; k < count; k++) {
    const int64_t j = qp->support[k];
    for (int64_t l = 0; l < count; l++) qp->packed[l] = problem->gram[j * n + qp->support[l]];
    add_products(sum, rest, qp->packed, qp->b[j], count);
  }
  for (int64_t k = 0; k < count; k++) {
    qp->g[qp->support[k]] = sum[k];
    qp->rest[qp->support[k]] = rest[k];
  }
}

void ift_qp_gradient_exact(ift_qp *qp, const ift_qp_problem *problem, bool free_only) {
  if (free_only)
    exact_free(qp, problem);
  else
    exact_all(qp, problem);
}

/* g'b - m min g as a sum of terms >= 0 (the gap of Frank and Wolfe 1956). */
static double simplex_gap(const ift_qp *qp, const ift_qp_problem *problem) {
  double lowest = qp->g[0];
  for (int64_t i = 1; i < problem->n; i++) lowest = fmin(lowest, qp->g[i]);
  double gap = 0;
  for (int64_t k = 0; k < qp->count; k++) gap += qp->b[qp->support[k]] * (qp->g[qp->support[k]] - lowest);
  return gap;
}

/* q(b) plus the dual value at u = b + v, v_i = max(0, -g_i / K_ii). Where all K_ij >= 0, K(b + v) >= t, so that u is
 * feasible in the dual, max -1/2 u'Ku over Ku >= t, and 1/2 b'Kb - t'b + 1/2 u'Ku = g'b + v'Kb + 1/2 v'Kv bounds the
 * error. */
static double entrywise_gap(ift_qp *qp, const ift_qp_problem *problem) {
  const int64_t n = problem->n;
  double *v = qp->value, *kv = qp->rest;
  double linear = 0, square = 0;
  for (int64_t i = 0; i < n; i++) {
    v[i] = fmax(0, -qp->g[i] / ift_qp_diagonal(problem, i));
    linear += v[i] * (qp->g[i] + problem->linear[i]);
    kv[i] = problem->regularization * v[i];
  }
  ift_add_rows(kv, problem->gram, n, NULL, v, n);
  for (int64_t i = 0; i < n; i++) square += v[i] * kv[i];
  return fmax(0, ift_dot_compensated(qp->g, qp->b, n) + linear + square / 2);
}

/* Convexity: q* >= q(b) + g'(b* - b) >= q(b) - g'b + M min(0, min g) if sum b* <= M. */
static double bounded_gap(const ift_qp *qp, const ift_qp_problem *problem) {
  double lowest = 0;
  for (int64_t i = 0; i < problem->n; i++) lowest = fmin(lowest, qp->g[i]);
  const double bound = 2 * fmax(ift_sum(qp->b, problem->n), 1);
  return fmax(0, ift_dot_compensated(qp->g, qp->b, problem->n) - bound * lowest);
}

/* The same with u = (1 + e) b, e the least for which Ku >= t: no sum over the atoms, so that it is the sharper one
 * where only rounding is left. Infinite where (Kb)_i = 0 > g_i. */
static double scaled_gap(const ift_qp *qp, const ift_qp_problem *problem) {
  double e = 0, energy = 0;
  for (int64_t i = 0; i < problem->n; i++) {
    const double product = qp->g[i] + problem->linear[i];
    if (qp->g[i] < 0) e = product > 0 ? fmax(e, -qp->g[i] / product) : INFINITY;
    if (isinf(e)) return e;
    energy += qp->b[i] * product;
  }
  return fmax(0, ift_dot_compensated(qp->g, qp->b, problem->n) + (e + e * e / 2) * energy);
}

/* entrywise_gap with v'Kv <= (sum v_i sqrt(K_ii))^2 */
static double looser_gap(const ift_qp *qp, const ift_qp_problem *problem) {
  double linear = 0, root = 0;
  for (int64_t i = 0; i < problem->n; i++) {
    const double diagonal = ift_qp_diagonal(problem, i), v = fmax(0, -qp->g[i] / diagonal);
    linear += v * (qp->g[i] + problem->linear[i]);
    root += v * sqrt(diagonal);
  }
  return fmax(0, ift_dot_compensated(qp->g, qp->b, problem->n) + linear + root * root / 2);
}

double ift_qp_gap(const ift_qp *qp, const ift_qp_problem *problem) {
  if (!problem->cone) return simplex_gap(qp, problem);
  if (!qp->nonnegative) return bounded_gap(qp, problem);
  return fmin(scaled_gap(qp, problem), looser_gap(qp, problem));
}

double ift_qp_certify(ift_qp *qp, const ift_qp_problem *problem) {
  const double sum = ift_sum(qp->b, problem->n);
  if (!problem->cone && !(sum > 0)) return NAN; /* the numbers have overflowed */
  if (!problem->cone && fabs(sum - problem->mass) > DBL_EPSILON * problem->mass)
    for (int64_t k = 0; k < qp->count; k++) qp->b[qp->support[k]] *= problem->mass / sum;
  ift_qp_gradient_exact(qp, problem, false);
  for (int64_t i = 0; i < problem->n; i++) qp->g[i] += qp->rest[i];
  const double gap = ift_qp_gap(qp, problem);
  return qp->nonnegative && problem->gram ? fmin(gap, entrywise_gap(qp, problem)) : gap;
}

double ift_qp_tolerance(const ift_qp *qp, const ift_qp_problem *problem) {
  double largest = 0;
  for (int64_t i = 0; i < problem->n; i++) largest = fmax(largest, ift_qp_diagonal(problem, i));
  const double mass = problem->cone ? fmax(1, ift_sum(qp->b, problem->n)) : problem->mass;
  return fmax(problem->tolerance, IFT_QP_TOLERANCE * mass * mass * largest);
}
