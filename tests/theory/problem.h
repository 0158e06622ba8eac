/* tests/theory/problem.h - particles and a target, with the numbers of the theorems computed from the formulas: plain
 * sums in long double, dense systems by elimination, weight problems by looking at every face. Nothing in here asks the
 * library for a number. */
#ifndef TESTS_THEORY_PROBLEM_H
#define TESTS_THEORY_PROBLEM_H

#include <stdbool.h>

#include <gsl/gsl_eigen.h>

#include "support/kernels.h"
#include "support/make.h"
#include "support/random.h"
#include "theory/theory.h"

enum { MOST_PARTICLES = 16, MOST_POINTS = 40, MOST_DIM = 3 };

/* mu = sum a_i delta_{x_i}, pi = sum w_j delta_{y_j}. */
typedef struct problem {
  formula kernel;
  int64_t n, m, d;
  double x[MOST_PARTICLES * MOST_DIM], a[MOST_PARTICLES];
  double y[MOST_POINTS * MOST_DIM], w[MOST_POINTS];
  bool anchored; /* |x-x0|^q + |y-x0|^q - |x-y|^q for -|x-y|^q, x0 the target's mean */
} problem;

static inline ift_flow *problem_flow(ift_context *context, const problem *p, const char *geometry) {
  ift_energy *energy = make_energy(context, p->kernel.spec, p->y, p->m, p->d, p->w);
  ift_flow *flow = make_flow(context, geometry, energy, p->x, p->n, p->d, p->a);
  ift_energy_destroy(energy);
  assert_status(IFT_OK, ift_flow_set_text(flow, "step_control", "fixed"));
  return flow;
}

static inline void flow_set_text(ift_flow *flow, const char *option, const char *value) {
  assert_status(IFT_OK, ift_flow_set_text(flow, option, value));
}

static inline void flow_set_real(ift_flow *flow, const char *option, double value) {
  assert_status(IFT_OK, ift_flow_set_real(flow, option, value));
}

/* One step, after which the problem has the particles of the flow. */
static inline void problem_follow(problem *p, ift_flow *flow) {
  assert_status(IFT_OK, ift_flow_step(flow, 1));
  assert_status(IFT_OK, ift_measure_copy_positions(ift_flow_measure(flow), p->x));
  assert_status(IFT_OK, ift_measure_copy_weights(ift_flow_measure(flow), p->a));
}

static inline double total(const double *a, int64_t n) {
  long double sum = 0;
  for (int64_t i = 0; i < n; i++) sum += a[i];
  return (double)sum;
}

/* Positions on a jittered 4 x 3 grid of spacing 0.8, d = 2. */
static inline void place_on_grid(dice *dice_, double *x, double jitter) {
  for (int i = 0; i < 12; i++) {
    x[2 * i] = 0.8 * (i % 4) + dice_between(dice_, -jitter, jitter);
    x[2 * i + 1] = 0.8 * (i / 4) + dice_between(dice_, -jitter, jitter);
  }
}

/* Kernels whose Gram matrices are positive definite, the last one where it is anchored or on weights of sum 0. */
static const formula definite[] = {
    {"gaussian", "gaussian:0.7", 0.7, 0, false, false, true},
    {"laplace", "laplace:1.3", 1.3, 0, false, true, true},
    {"matern52", "matern52:1.1", 1.1, 0, false, false, true},
    {"imq", "imq:1.2", 1.2, 0.5, false, false, true},
    {"energy", "energy", 1, 0, true, true, true},
};
enum { DEFINITE = sizeof definite / sizeof definite[0] };

/* 2 to `most` particles anywhere in the plane, some dead, masses from 0.3 to 1.6 that differ; the target elsewhere or, if
 * `near`, around them. */
static inline problem random_problem(dice *dice_, const formula *kernel, int64_t most, bool equal_masses, bool near) {
  problem p = {.kernel = *kernel, .n = 2 + dice_below(dice_, most - 1), .m = 4 + dice_below(dice_, 20), .d = 2};
  const double mass = dice_between(dice_, 0.3, 1.6);
  if (near) p.m = 3 * p.n;
  dice_normals(dice_, p.x, p.n * 2);
  dice_normals(dice_, p.y, p.m * 2);
  for (int64_t j = 0; j < p.m * 2; j++) p.y[j] = near ? p.x[j % (p.n * 2)] + 0.15 * p.y[j] : p.y[j] + 0.5;
  dice_weights(dice_, p.a, p.n, mass);
  for (int64_t i = 0; i + 1 < p.n; i++)
    if (dice_below(dice_, 5) == 0) p.a[i] = 0;
  dice_weights(dice_, p.w, p.m, equal_masses ? total(p.a, p.n) : dice_between(dice_, 0.3, 1.6));
  return p;
}

/* The target's weighted mean. */
static inline void problem_mean(const problem *p, double *mean) {
  for (int64_t l = 0; l < p->d; l++) {
    long double sum = 0;
    for (int64_t j = 0; j < p->m; j++) sum += (long double)p->w[j] * p->y[j * p->d + l];
    mean[l] = (double)(sum / total(p->w, p->m));
  }
}

/* k(x, y). */
static inline long double problem_k(const problem *p, const double *x, const double *y) {
  double mean[MOST_DIM];
  const long double k = formula_value(&p->kernel, x, y, p->d);
  if (!p->anchored) return k;
  problem_mean(p, mean);
  return k - formula_value(&p->kernel, x, mean, p->d) - formula_value(&p->kernel, mean, y, p->d);
}

/* K = [k(x_i, z_j)], rows of x, columns of z. */
static inline void problem_matrix(const problem *p, double *out, const double *x, int64_t n, const double *z,
                                  int64_t m) {
  for (int64_t i = 0; i < n; i++)
    for (int64_t j = 0; j < m; j++) out[i * m + j] = (double)problem_k(p, x + i * p->d, z + j * p->d);
}

/* F = 1/2 MMD^2(sum a_i delta_{x_i}, pi), as one signed sum. */
static inline long double problem_energy(const problem *p, const double *x, const double *a) {
  const int64_t n = p->n + p->m;
  const double *at[MOST_PARTICLES + MOST_POINTS];
  long double z[MOST_PARTICLES + MOST_POINTS], sum = 0;
  for (int64_t i = 0; i < n; i++) {
    at[i] = i < p->n ? x + i * p->d : p->y + (i - p->n) * p->d;
    z[i] = i < p->n ? a[i] : -p->w[i - p->n];
  }
  for (int64_t i = 0; i < n; i++) {
    sum += z[i] * z[i] * problem_k(p, at[i], at[i]) / 2;
    for (int64_t j = 0; j < i; j++) sum += z[i] * z[j] * problem_k(p, at[i], at[j]);
  }
  return sum;
}

/* g(z) = sum_j a_j k(z, x_j) - sum_j w_j k(z, y_j). */
static inline long double problem_g(const problem *p, const double *z) {
  long double sum = 0;
  for (int64_t j = 0; j < p->n; j++) sum += p->a[j] * problem_k(p, z, p->x + j * p->d);
  for (int64_t j = 0; j < p->m; j++) sum -= p->w[j] * problem_k(p, z, p->y + j * p->d);
  return sum;
}

/* c_i = sum_j w_j k(x_i, y_j). */
static inline void problem_c(const problem *p, double *c, const double *x) {
  for (int64_t i = 0; i < p->n; i++) {
    long double sum = 0;
    for (int64_t j = 0; j < p->m; j++) sum += p->w[j] * problem_k(p, x + i * p->d, p->y + j * p->d);
    c[i] = (double)sum;
  }
}

/* v = grad g at every particle; not of an anchored kernel. */
static inline void problem_v(const problem *p, double *v) {
  double slope[MOST_DIM];
  assert_false(p->anchored);
  for (int64_t i = 0; i < p->n; i++) {
    long double sum[MOST_DIM] = {0};
    for (int64_t j = 0; j < p->n + p->m; j++) {
      const double *z = j < p->n ? p->x + j * p->d : p->y + (j - p->n) * p->d;
      formula_gradient(&p->kernel, slope, p->x + i * p->d, z, p->d);
      for (int64_t l = 0; l < p->d; l++) sum[l] += (j < p->n ? p->a[j] : -p->w[j - p->n]) * (long double)slope[l];
    }
    for (int64_t l = 0; l < p->d; l++) v[i * p->d + l] = (double)sum[l];
  }
}

/* u'Kv, K n by n. */
static inline long double form(const double *K, const double *u, const double *v, int64_t n) {
  long double sum = 0;
  for (int64_t i = 0; i < n; i++)
    for (int64_t j = 0; j < n; j++) sum += (long double)u[i] * K[i * n + j] * v[j];
  return sum;
}

/* Largest over smallest eigenvalue of a symmetric matrix. */
static inline double condition(const double *K, int64_t n) {
  gsl_matrix *matrix = gsl_matrix_alloc((size_t)n, (size_t)n);
  gsl_vector *values = gsl_vector_alloc((size_t)n);
  gsl_eigen_symm_workspace *work = gsl_eigen_symm_alloc((size_t)n);
  memcpy(matrix->data, K, (size_t)(n * n) * sizeof *K);
  gsl_eigen_symm(matrix, values, work);
  const double ratio = gsl_vector_max(values) / gsl_vector_min(values);
  gsl_eigen_symm_free(work);
  gsl_vector_free(values);
  gsl_matrix_free(matrix);
  return ratio > 0 ? ratio : INFINITY;
}

/* Solves the system in A (n by n), b by elimination with row pivoting; both are used up. false: singular. */
static inline bool eliminate(long double *A, long double *b, int64_t n) {
  for (int64_t k = 0; k < n; k++) {
    int64_t pivot = k;
    for (int64_t i = k + 1; i < n; i++)
      if (fabsl(A[i * n + k]) > fabsl(A[pivot * n + k])) pivot = i;
    if (!(fabsl(A[pivot * n + k]) > 1e-17L)) return false;
    for (int64_t j = 0; j <= n && pivot != k; j++) {
      long double *p = j < n ? &A[pivot * n + j] : &b[pivot], *q = j < n ? &A[k * n + j] : &b[k], swap = *p;
      *p = *q;
      *q = swap;
    }
    for (int64_t i = k + 1; i < n; i++) {
      const long double factor = A[i * n + k] / A[k * n + k];
      for (int64_t j = k; j < n; j++) A[i * n + j] -= factor * A[k * n + j];
      b[i] -= factor * b[k];
    }
  }
  for (int64_t i = n - 1; i >= 0; i--) {
    for (int64_t j = i + 1; j < n; j++) b[i] -= A[i * n + j] * b[j];
    b[i] /= A[i * n + i];
  }
  return true;
}

/* out solves Kb - t = lam 1 with sum b = mass, or Kb = t where mass is negative, on the particles of `face` (bits), and
 * is 0 elsewhere. false: singular. */
static inline bool solve_face(const double *K, const double *t, int64_t n, unsigned face, double mass,
                              long double *out) {
  long double A[(MOST_PARTICLES + 1) * (MOST_PARTICLES + 1)], b[MOST_PARTICLES + 1];
  int64_t at[MOST_PARTICLES], count = 0;
  for (int64_t i = 0; i < n; i++)
    if (face >> i & 1U) at[count++] = i;
  const int64_t size = count + (mass >= 0);
  for (int64_t i = 0; i < size; i++) {
    for (int64_t j = 0; j < size; j++)
      A[i * size + j] = i < count && j < count ? K[at[i] * n + at[j]] : i == j ? 0 : -1;
    b[i] = i < count ? t[at[i]] : -mass;
  }
  if (!eliminate(A, b, size)) return false;
  for (int64_t i = 0; i < n; i++) out[i] = 0;
  for (int64_t i = 0; i < count; i++) out[at[i]] = b[i];
  return true;
}

/* The minimizer of 1/2 b'Kb - t'b over the simplex of this mass, or over the cone where it is negative: the best of
 * the stationary points of all faces. Returns the minimum. */
static inline long double minimize_weights(const double *K, const double *t, int64_t n, double mass, double *b) {
  long double best = mass >= 0 ? INFINITY : 0, candidate[MOST_PARTICLES];
  for (int64_t i = 0; i < n; i++) b[i] = 0;
  for (unsigned face = 1; face < 1U << n; face++) {
    if (!solve_face(K, t, n, face, mass, candidate)) continue;
    long double q = 0;
    bool feasible = true;
    for (int64_t i = 0; i < n; i++) {
      feasible &= candidate[i] >= 0;
      for (int64_t j = 0; j < n; j++) q += candidate[i] * K[i * n + j] * candidate[j] / 2;
      q -= t[i] * candidate[i];
    }
    if (!feasible || !(q < best)) continue;
    best = q;
    for (int64_t i = 0; i < n; i++) b[i] = (double)candidate[i];
  }
  assert_true(isfinite((double)best));
  return best;
}

#endif
