/* tests/support/kernels.h - every kernel by its formula, written down independently of the library. */
#ifndef TESTS_SUPPORT_KERNELS_H
#define TESTS_SUPPORT_KERNELS_H

#include <stdbool.h>
#include <string.h>

#include "support/near.h"

/* A kernel that the tests know: its kind in the catalogue, how it is written, its parameters. */
typedef struct formula {
  const char *kind, *spec;
  double p, q;
  bool conditional; /* only conditionally positive definite */
  bool kink;        /* no gradient where x = y */
  bool translates;  /* a function of x - y */
} formula;

static const formula formulas[] = {
    {"gaussian", "gaussian:0.7", 0.7, 0, false, false, true},
    {"laplace", "laplace:1.3", 1.3, 0, false, true, true},
    {"matern12", "matern12:0.8", 0.8, 0, false, true, true},
    {"matern32", "matern32:0.9", 0.9, 0, false, false, true},
    {"matern52", "matern52:1.1", 1.1, 0, false, false, true},
    {"imq", "imq:1.2", 1.2, 0.5, false, false, true},
    {"imq", "imq:0.6,1.75", 0.6, 1.75, false, false, true},
    {"riesz", "riesz:0.5", 0.5, 0, true, true, true},
    {"riesz", "riesz:1.6", 1.6, 0, true, false, true},
    {"energy", "energy", 1, 0, true, true, true},
    {"linear", "linear", 0, 0, false, false, false},
    {"polynomial", "polynomial:0.5,3", 0.5, 3, false, false, false},
    {"polynomial", "polynomial:0,1", 0, 1, false, false, false},
};
enum { FORMULAS = sizeof formulas / sizeof formulas[0] };

/* |x - y| and x'y. */
static inline long double distance_of(const double *x, const double *y, int64_t d) {
  long double sum = 0;
  for (int64_t l = 0; l < d; l++) sum += ((long double)x[l] - y[l]) * ((long double)x[l] - y[l]);
  return sqrtl(sum);
}

static inline long double product_of(const double *x, const double *y, int64_t d) {
  long double sum = 0;
  for (int64_t l = 0; l < d; l++) sum += (long double)x[l] * y[l];
  return sum;
}

/* k(x, y). */
static inline long double formula_exact(const formula *f, const double *x, const double *y, int64_t d) {
  const long double r = distance_of(x, y, d), p = f->p, q = f->q;
  const char *kind = f->kind;
  if (strcmp(kind, "gaussian") == 0) return expl(-r * r / (2 * p * p));
  if (strcmp(kind, "laplace") == 0 || strcmp(kind, "matern12") == 0) return expl(-r / p);
  if (strcmp(kind, "matern32") == 0) return (1 + sqrtl(3) * r / p) * expl(-sqrtl(3) * r / p);
  if (strcmp(kind, "matern52") == 0) return (1 + sqrtl(5) * r / p + 5 * r * r / (3 * p * p)) * expl(-sqrtl(5) * r / p);
  if (strcmp(kind, "imq") == 0) return powl(1 + (r / p) * (r / p), -q);
  if (strcmp(kind, "riesz") == 0 || strcmp(kind, "energy") == 0) return r > 0 ? -powl(r, p) : 0;
  if (strcmp(kind, "linear") == 0) return product_of(x, y, d);
  if (strcmp(kind, "polynomial") == 0) return powl(product_of(x, y, d) + p, q);
  fail_msg("no formula for the kernel %s", kind);
  return 0;
}

static inline double formula_value(const formula *f, const double *x, const double *y, int64_t d) {
  return (double)formula_exact(f, x, y, d);
}

/* d/dr k over r for functions of the distance: the gradient is this times x - y. */
static inline long double radial_slope(const formula *f, long double r) {
  const long double p = f->p, q = f->q;
  const char *kind = f->kind;
  if (strcmp(kind, "gaussian") == 0) return -expl(-r * r / (2 * p * p)) / (p * p);
  if (strcmp(kind, "laplace") == 0 || strcmp(kind, "matern12") == 0) return -expl(-r / p) / (p * r);
  if (strcmp(kind, "matern32") == 0) return -3 / (p * p) * expl(-sqrtl(3) * r / p);
  if (strcmp(kind, "matern52") == 0) return -5 / (3 * p * p) * (1 + sqrtl(5) * r / p) * expl(-sqrtl(5) * r / p);
  if (strcmp(kind, "imq") == 0) return -2 * q / (p * p) * powl(1 + (r / p) * (r / p), -q - 1);
  return -p * powl(r, p - 2); /* riesz, energy */
}

/* The gradient of k(x, y) in x. */
static inline void formula_gradient(const formula *f, double *out, const double *x, const double *y, int64_t d) {
  const long double r = distance_of(x, y, d);
  long double along_y = 0, along_difference = 0;
  if (strcmp(f->kind, "linear") == 0)
    along_y = 1;
  else if (strcmp(f->kind, "polynomial") == 0)
    along_y = f->q * powl(product_of(x, y, d) + f->p, f->q - 1);
  else if (r > 0)
    along_difference = radial_slope(f, r);
  for (int64_t l = 0; l < d; l++) out[l] = (double)(along_y * y[l] + along_difference * ((long double)x[l] - y[l]));
}

/* sum_j w_j k(x, y_j), and MMD^2 of two measures, by the definition. */
static inline double formula_sum(const formula *f, const double *x, const double *y, int64_t m, int64_t d,
                                 const double *w) {
  long double sum = 0;
  for (int64_t j = 0; j < m; j++) sum += (w ? w[j] : 1.0L) * formula_value(f, x, y + j * d, d);
  return (double)sum;
}

static inline double formula_mmd2(const formula *f, const double *x, int64_t n, const double *a, const double *y,
                                  int64_t m, const double *b, int64_t d) {
  long double sum = 0;
  for (int64_t i = 0; i < n; i++) {
    for (int64_t j = 0; j < n; j++) sum += (long double)a[i] * a[j] * formula_value(f, x + i * d, x + j * d, d);
    for (int64_t j = 0; j < m; j++) sum -= 2 * (long double)a[i] * b[j] * formula_value(f, x + i * d, y + j * d, d);
  }
  for (int64_t i = 0; i < m; i++)
    for (int64_t j = 0; j < m; j++) sum += (long double)b[i] * b[j] * formula_value(f, y + i * d, y + j * d, d);
  return (double)sum;
}

#endif
