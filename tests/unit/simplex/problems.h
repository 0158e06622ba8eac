/* tests/unit/simplex/problems.h - quadratic programs of every kind, and their exact minimum by looking at all
 * supports. */
#ifndef TESTS_UNIT_SIMPLEX_PROBLEMS_H
#define TESTS_UNIT_SIMPLEX_PROBLEMS_H

#include "support/near.h"

#include <float.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

typedef struct random_numbers {
  uint64_t state;
} random_numbers;

static inline double uniform(random_numbers *r) {
  r->state = r->state * 6364136223846793005u + 1442695040888963407u;
  return ((double)(r->state >> 11) + 0.5) * 0x1p-53;
}

static inline double normal(random_numbers *r) {
  const double u = uniform(r), v = uniform(r);
  return sqrt(-2 * log(u)) * cos(6.283185307179586 * v);
}

typedef struct problem {
  int64_t n;
  bool cone;
  double mass;
  double *gram, *linear, *start;
} problem;

static inline double *reals(int64_t count) {
  double *values = calloc((size_t)count, sizeof *values);
  assert_non_null(values);
  return values;
}

static inline problem problem_create(int64_t n, bool cone, double mass) {
  return (problem){n, cone, mass, reals(n * n), reals(n), reals(n)};
}

static inline void problem_free(problem *p) {
  free(p->gram), free(p->linear), free(p->start);
}

/* Gram matrix of gaussian(s) at n points of R^d, and t = sum_j w_j k(x_i, y_j) for m points y. */
static inline void gaussian(problem *p, const double *x, int64_t d, double s, const double *y, const double *w,
                            int64_t m) {
  for (int64_t i = 0; i < p->n; i++) {
    for (int64_t j = 0; j < p->n + m; j++) {
      const double *z = j < p->n ? x + j * d : y + (j - p->n) * d;
      double square = 0;
      for (int64_t k = 0; k < d; k++) square += (x[i * d + k] - z[k]) * (x[i * d + k] - z[k]);
      const double value = exp(-square / (2 * s * s));
      if (j < p->n)
        p->gram[i * p->n + j] = value;
      else
        p->linear[i] += w[j - p->n] * value;
    }
  }
}

/* The same at random standard normal points, the target m more of them. */
static inline void random_gaussian(problem *p, random_numbers *r, int64_t d, double s, int64_t m) {
  double *x = reals(p->n * d), *y = reals(m * d), *w = reals(m);
  for (int64_t i = 0; i < p->n * d; i++) x[i] = normal(r);
  for (int64_t i = 0; i < m * d; i++) y[i] = normal(r);
  for (int64_t i = 0; i < m; i++) w[i] = 1 / (double)m;
  gaussian(p, x, d, s, y, w, m);
  free(x), free(y), free(w);
}

/* K = VV' with V n by rank, some rows of it 0 or alike, t = Kc + noise. */
static inline void random_rank(problem *p, random_numbers *r, int64_t rank, double noise) {
  const int64_t n = p->n;
  double *v = reals(n * rank), *c = reals(n);
  for (int64_t i = 0; i < n; i++) {
    const double kind = uniform(r);
    for (int64_t k = 0; k < rank; k++)
      v[i * rank + k] = kind < 0.1 ? 0 : kind < 0.2 && i > 0 ? v[(i - 1) * rank + k] : normal(r);
    c[i] = normal(r);
  }
  for (int64_t i = 0; i < n; i++)
    for (int64_t j = 0; j <= i; j++) {
      double sum = 0;
      for (int64_t k = 0; k < rank; k++) sum += v[i * rank + k] * v[j * rank + k];
      p->gram[i * n + j] = p->gram[j * n + i] = sum;
    }
  for (int64_t i = 0; i < n; i++) {
    p->linear[i] = noise * normal(r);
    for (int64_t j = 0; j < n; j++) p->linear[i] += p->gram[i * n + j] * c[j];
  }
  free(v), free(c);
}

/* A start with about half of the weights at 0. */
static inline void random_start(problem *p, random_numbers *r) {
  double sum = 0;
  for (int64_t i = 0; i < p->n; i++) sum += p->start[i] = uniform(r) < 0.5 ? 0 : uniform(r);
  if (sum == 0) p->start[0] = sum = 1;
  for (int64_t i = 0; i < p->n; i++) p->start[i] *= (p->cone ? 1 : p->mass) / sum;
}

static inline double largest_diagonal(const problem *p) {
  double largest = 0;
  for (int64_t i = 0; i < p->n; i++) largest = fmax(largest, p->gram[i * p->n + i]);
  return largest;
}

/* m^2 max K_ii; in the cone for the weights b. */
static inline double problem_scale(const problem *p, const double *b) {
  double mass = p->mass;
  if (p->cone) {
    mass = 0;
    for (int64_t i = 0; i < p->n; i++) mass += b[i];
    mass = fmax(mass, 1);
  }
  return mass * mass * largest_diagonal(p);
}

static inline long double objective(const problem *p, const double *b) {
  long double sum = 0;
  for (int64_t i = 0; i < p->n; i++) {
    long double row = 0;
    for (int64_t j = 0; j < p->n; j++) row += (long double)p->gram[i * p->n + j] * (long double)b[j];
    sum += (long double)b[i] * (row / 2 - (long double)p->linear[i]);
  }
  return sum;
}

enum { EXACT_N = 8, EXACT_ORDER = EXACT_N + 1 };

/* Gaussian elimination with complete pivoting in long double; false where the matrix is singular. */
static inline bool eliminate(long double a[EXACT_ORDER][EXACT_ORDER + 1], int order) {
  int column[EXACT_ORDER];
  long double x[EXACT_ORDER], first = 0;
  for (int k = 0; k < order; k++) column[k] = k;
  for (int k = 0; k < order; k++) {
    int row = k, col = k;
    for (int i = k; i < order; i++)
      for (int j = k; j < order; j++)
        if (fabsl(a[i][j]) > fabsl(a[row][col])) row = i, col = j;
    if (k == 0) first = fabsl(a[row][col]);
    if (fabsl(a[row][col]) <= 1e-17L * first) return false;
    for (int j = 0; j <= order; j++) {
      const long double swap = a[k][j];
      a[k][j] = a[row][j], a[row][j] = swap;
    }
    for (int i = 0; i < order; i++) {
      const long double swap = a[i][k];
      a[i][k] = a[i][col], a[i][col] = swap;
    }
    const int swap = column[k];
    column[k] = column[col], column[col] = swap;
    for (int i = k + 1; i < order; i++) {
      const long double factor = a[i][k] / a[k][k];
      for (int j = k; j <= order; j++) a[i][j] -= factor * a[k][j];
    }
  }
  for (int k = order - 1; k >= 0; k--) {
    x[k] = a[k][order];
    for (int j = k + 1; j < order; j++) x[k] -= a[k][j] * x[j];
    x[k] /= a[k][k];
  }
  for (int k = 0; k < order; k++) a[column[k]][order] = x[k];
  return true;
}

/* The weights that solve the equations of the support in `mask`, in b; false where there are none or not all are >=
 * 0. */
static inline bool solve_support(const problem *p, unsigned mask, double *b) {
  long double a[EXACT_ORDER][EXACT_ORDER + 1] = {{0}};
  int list[EXACT_N], count = 0;
  for (int i = 0; i < p->n; i++)
    if (mask >> i & 1) list[count++] = i;
  for (int k = 0; k < count; k++)
    for (int l = 0; l < count; l++) a[k][l] = (long double)p->gram[list[k] * p->n + list[l]];
  const int order = count + !p->cone;
  for (int k = 0; k < count; k++) {
    a[k][order] = (long double)p->linear[list[k]];
    if (!p->cone) a[k][count] = a[count][k] = 1;
  }
  if (!p->cone) a[count][order] = (long double)p->mass;
  if (!eliminate(a, order)) return false;
  memset(b, 0, (size_t)p->n * sizeof *b);
  long double sum = 0;
  for (int k = 0; k < count; k++) {
    if (a[k][order] < 0) return false;
    sum += a[k][order];
  }
  const long double scale = p->cone ? 1 : (long double)p->mass / sum;
  for (int k = 0; k < count; k++) b[list[k]] = (double)(a[k][order] * scale);
  return true;
}

/* The minimum of q, with weights that have it in b, for n <= EXACT_N. Some minimizer has a support whose equations
 * are regular. */
static inline long double exact_minimum(const problem *p, double *b) {
  double candidate[EXACT_N];
  long double lowest = INFINITY;
  assert_true(p->n <= EXACT_N);
  memset(b, 0, (size_t)p->n * sizeof *b);
  if (p->cone) lowest = 0;
  for (unsigned mask = 1; mask < 1u << p->n; mask++) {
    if (!solve_support(p, mask, candidate)) continue;
    const long double value = objective(p, candidate);
    if (value < lowest) lowest = value, memcpy(b, candidate, (size_t)p->n * sizeof *b);
  }
  return lowest;
}

static inline ift_status solve(ift_context *context, const problem *p, double *b, double *gap, int64_t *iterations,
                               const double *start, double tolerance) {
  return p->cone
             ? ift_cone_qp(context, b, gap, iterations, p->gram, p->linear, p->n, start, NULL, tolerance)
             : ift_simplex_qp(context, b, gap, iterations, p->gram, p->linear, p->n, p->mass, start, NULL, tolerance);
}

/* b >= 0 and of the right mass. */
static inline void check_feasible(const problem *p, const double *b) {
  long double sum = 0;
  for (int64_t i = 0; i < p->n; i++) {
    assert_true(b[i] >= 0 && isfinite(b[i]));
    sum += (long double)b[i];
  }
  if (!p->cone) assert_near((double)sum, p->mass, 1e-15 * (double)p->n, 0);
}

#endif
