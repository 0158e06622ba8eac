/* tests/support/energies.h - every kind of energy and of target, made in any dimension d <= 4. */
#ifndef TESTS_SUPPORT_ENERGIES_H
#define TESTS_SUPPORT_ENERGIES_H

#include <stdbool.h>

#include "support/make.h"
#include "support/random.h"

enum { EXHIBIT_DIM = 4, EXHIBIT_POINTS = 25 };

/* An energy that the tests can make: its kind in the catalogue, that of its target (NULL: it has none), and what it is
 * made of. */
typedef struct exhibit {
  const char *kind, *target, *name;
  ift_energy *(*make)(ift_context *context, int64_t d);
  bool square;      /* it is half a squared MMD: exact reactions serve it, and it is never negative */
  bool second;      /* it has a second derivative in the weights */
  bool drifts;      /* it is entropy plus a potential */
  bool conditional; /* its kernel is only conditionally positive definite */
  bool many;        /* 10000 drawn points stand for its target: slow */
} exhibit;

/* Two Gaussians off the axes. */
static inline ift_target *exhibit_mixture(ift_context *context, int64_t d) {
  double means[2 * EXHIBIT_DIM], covariances[2 * EXHIBIT_DIM * EXHIBIT_DIM];
  const double weights[2] = {0.4, 0.6};
  for (int64_t k = 0; k < 2; k++)
    for (int64_t i = 0; i < d; i++) {
      means[k * d + i] = k ? 0.7 - 0.4 * (double)i : -0.3;
      for (int64_t j = 0; j < d; j++) covariances[(k * d + i) * d + j] = i == j ? 0.6 + 0.3 * (double)(k + i) : 0.1;
    }
  ift_target *target;
  assert_status(IFT_OK, ift_target_gaussian_mixture(context, &target, 2, d, weights, means, covariances));
  return target;
}

/* log pi(x) = -sum_l log(2 cosh(x_l - l/4)), which lacks its constant. */
static inline int exhibit_log_density(double *values, const double *x, int64_t n, int64_t d, void *user) {
  (void)user;
  for (int64_t i = 0; i < n; i++) {
    values[i] = 0;
    for (int64_t l = 0; l < d; l++) {
      const double t = fabs(x[i * d + l] - (double)l / 4);
      values[i] -= t + log1p(exp(-2 * t)); /* log 2 + log cosh t, with no overflow */
    }
  }
  return 0;
}

static inline int exhibit_score(double *scores, const double *x, int64_t n, int64_t d, void *user) {
  (void)user;
  for (int64_t k = 0; k < n * d; k++) scores[k] = -tanh(x[k] - (double)(k % d) / 4);
  return 0;
}

static inline ift_target *exhibit_density(ift_context *context, int64_t d) {
  ift_target *target;
  assert_status(IFT_OK, ift_target_density(context, &target, d, exhibit_log_density, exhibit_score, NULL, NULL, NULL));
  return target;
}

/* Normals around 1/2. */
static inline int exhibit_sample(double *points, int64_t n, int64_t d, uint64_t seed, void *user) {
  dice dice_ = {seed};
  (void)user;
  for (int64_t k = 0; k < n * d; k++) points[k] = 0.5 + dice_normal(&dice_);
  return 0;
}

static inline ift_target *exhibit_sampler(ift_context *context, int64_t d) {
  ift_target *target;
  assert_status(IFT_OK, ift_target_sampler(context, &target, d, exhibit_sample, NULL, NULL));
  return target;
}

static inline ift_target *exhibit_samples(ift_context *context, int64_t d) {
  double y[EXHIBIT_POINTS * EXHIBIT_DIM], w[EXHIBIT_POINTS];
  dice dice_ = {1};
  dice_normals(&dice_, y, EXHIBIT_POINTS * d);
  dice_weights(&dice_, w, EXHIBIT_POINTS, 1);
  return make_samples(context, y, EXHIBIT_POINTS, d, w);
}

/* The MMD energy of a kernel and a target, which is used up. */
static inline ift_energy *exhibit_mmd(ift_context *context, const char *spec, ift_target *target) {
  ift_kernel *kernel = make_kernel(context, spec);
  ift_energy *energy;
  assert_status(IFT_OK, ift_energy_mmd(context, &energy, kernel, target));
  ift_kernel_destroy(kernel);
  ift_target_destroy(target);
  return energy;
}

static inline ift_energy *make_mmd_gaussian(ift_context *context, int64_t d) {
  return exhibit_mmd(context, "gaussian:0.8", exhibit_samples(context, d));
}

static inline ift_energy *make_mmd_imq(ift_context *context, int64_t d) {
  return exhibit_mmd(context, "imq:1", exhibit_samples(context, d));
}

static inline ift_energy *make_mmd_riesz(ift_context *context, int64_t d) {
  return exhibit_mmd(context, "riesz:1.5", exhibit_samples(context, d));
}

static inline ift_energy *make_mmd_mixture(ift_context *context, int64_t d) {
  return exhibit_mmd(context, "gaussian:0.5+0.3*gaussian:2", exhibit_mixture(context, d));
}

static inline ift_energy *make_mmd_sampler(ift_context *context, int64_t d) {
  return exhibit_mmd(context, "gaussian:0.8", exhibit_sampler(context, d));
}

/* KL from a target, which is used up. */
static inline ift_energy *exhibit_kl(ift_context *context, double bandwidth, ift_target *target) {
  ift_energy *energy;
  assert_status(IFT_OK, ift_energy_kl(context, &energy, target, bandwidth));
  ift_target_destroy(target);
  return energy;
}

static inline ift_energy *make_kl_mixture(ift_context *context, int64_t d) {
  return exhibit_kl(context, 0.6, exhibit_mixture(context, d));
}

static inline ift_energy *make_kl_density(ift_context *context, int64_t d) {
  return exhibit_kl(context, 0.8, exhibit_density(context, d));
}

/* V(x) = sum_l (x_l - 0.2)^2/2 + 0.3 cos(2 x_l) + 1/2 */
static inline int exhibit_potential(double *values, double *gradients, const double *x, int64_t n, int64_t d,
                                    void *user) {
  (void)user;
  for (int64_t i = 0; i < n; i++) {
    values[i] = 0.5;
    for (int64_t l = 0; l < d; l++) {
      const double t = x[i * d + l];
      values[i] += (t - 0.2) * (t - 0.2) / 2 + 0.3 * cos(2 * t);
      if (gradients) gradients[i * d + l] = t - 0.2 - 0.6 * sin(2 * t);
    }
  }
  return 0;
}

static inline ift_energy *make_potential(ift_context *context, int64_t d) {
  ift_energy *energy;
  assert_status(IFT_OK, ift_energy_potential(context, &energy, d, exhibit_potential, NULL, NULL));
  return energy;
}

static inline ift_energy *make_interaction(ift_context *context, int64_t d) {
  ift_kernel *kernel = make_kernel(context, "gaussian:0.9+0.4*imq:1");
  ift_energy *energy;
  assert_status(IFT_OK, ift_energy_interaction(context, &energy, d, kernel));
  ift_kernel_destroy(kernel);
  return energy;
}

/* Parts of all sorts, one of which has anchors; without one that is not convex there is a second derivative. */
static inline ift_energy *exhibit_sum(ift_context *context, int64_t d, const double *coefficients, int64_t count) {
  ift_energy *parts[4] = {make_kl_density(context, d), make_mmd_riesz(context, d), make_potential(context, d),
                          make_interaction(context, d)};
  ift_energy *energy;
  assert_status(IFT_OK, ift_energy_sum(context, &energy, coefficients, (const ift_energy *const *)parts, count));
  for (int k = 0; k < 4; k++) ift_energy_destroy(parts[k]);
  return energy;
}

static inline ift_energy *make_sum(ift_context *context, int64_t d) {
  const double coefficients[3] = {0.8, 1.5, 0.25};
  return exhibit_sum(context, d, coefficients, 3);
}

static inline ift_energy *make_difference(ift_context *context, int64_t d) {
  const double coefficients[4] = {1.2, 0.5, 1, -0.3};
  return exhibit_sum(context, d, coefficients, 4);
}

/* F = 1/2 (int f dmu)^2 + int |x|^2/2 dmu, f(x) = 1 + sum_l sin(x_l + l). */
static inline int exhibit_evaluate(double *value, double *first_variation, double *gradient, const double *points,
                                   int64_t m, const double *positions, const double *weights, int64_t n, int64_t d,
                                   void *user) {
  double mean = 0, square = 0;
  (void)user;
  for (int64_t j = 0; j < n; j++) {
    mean += weights[j];
    for (int64_t l = 0; l < d; l++) {
      const double t = positions[j * d + l];
      mean += weights[j] * sin(t + (double)l);
      square += weights[j] * t * t / 2;
    }
  }
  if (value) *value = mean * mean / 2 + square;
  for (int64_t i = 0; i < m; i++) {
    double g = mean;
    for (int64_t l = 0; l < d; l++) {
      const double t = points[i * d + l];
      g += mean * sin(t + (double)l) + t * t / 2;
      if (gradient) gradient[i * d + l] = mean * cos(t + (double)l) + t;
    }
    if (first_variation) first_variation[i] = g;
  }
  return 0;
}

static inline ift_energy *make_custom(ift_context *context, int64_t d) {
  ift_energy *energy;
  assert_status(IFT_OK, ift_energy_custom(context, &energy, d, exhibit_evaluate, NULL, NULL));
  return energy;
}

static const exhibit exhibits[] = {
    {"mmd", "samples", "mmd, gaussian", make_mmd_gaussian, true, true, false, false, false},
    {"mmd", "samples", "mmd, imq", make_mmd_imq, true, true, false, false, false},
    {"mmd", "samples", "mmd, riesz", make_mmd_riesz, true, true, false, true, false},
    {"mmd", "gaussian-mixture", "mmd, mixture", make_mmd_mixture, true, true, false, false, false},
    {"mmd", "sampler", "mmd, sampler", make_mmd_sampler, true, true, false, false, true},
    {"kl", "gaussian-mixture", "kl, mixture", make_kl_mixture, false, true, true, false, false},
    {"kl", "density", "kl, density", make_kl_density, false, true, true, false, false},
    {"potential", NULL, "potential", make_potential, false, true, false, false, false},
    {"interaction", NULL, "interaction", make_interaction, false, false, false, false, false},
    {"sum", "density", "sum", make_sum, false, true, false, true, false},
    {"sum", "density", "difference", make_difference, false, false, false, true, false},
    {"custom", NULL, "custom", make_custom, false, false, false, false, false},
};
enum { EXHIBITS = sizeof exhibits / sizeof exhibits[0] };

/* Every kind of energy and of target in the catalogue has an exhibit. */
static inline void check_exhibits(void) {
  for (int64_t i = 0; i < ift_kind_count(); i++) {
    const bool energy = strcmp(ift_kind_noun(i), "energy") == 0, target = strcmp(ift_kind_noun(i), "target") == 0;
    bool found = !energy && !target;
    for (int e = 0; e < EXHIBITS; e++) {
      found |= energy && strcmp(exhibits[e].kind, ift_kind_name(i)) == 0;
      found |= target && exhibits[e].target && strcmp(exhibits[e].target, ift_kind_name(i)) == 0;
    }
    if (!found) fail_msg("tests/support/energies.h can't make the %s %s", ift_kind_noun(i), ift_kind_name(i));
  }
}

#endif
