/* tests/bench/bad_starts.h - samples to go to, particles that start in the wrong place, and the objects made of them. */
#ifndef TESTS_BENCH_BAD_STARTS_H
#define TESTS_BENCH_BAD_STARTS_H

#include <math.h>

#include "bench.h"

typedef struct problem {
  const char *name;
  int64_t n, m, d, steps;
  double sigma; /* of the Gaussian kernel */
  void (*fill)(const struct problem *p, double *x, double *y);
} problem;

static inline double normal(void) {
  double sum = -6;
  for (int i = 0; i < 12; i++) sum += drand48();
  return sum;
}

/* Three concentric rings; all particles in one cluster outside. */
static inline void rings(const problem *p, double *x, double *y) {
  for (int64_t j = 0; j < p->m; j++) {
    const double radius = (double)(j % 3 + 1), angle = 2 * acos(-1.0) * drand48();
    y[2 * j] = radius * cos(angle);
    y[2 * j + 1] = radius * sin(angle);
  }
  for (int64_t i = 0; i < p->n; i++) {
    x[2 * i] = -4 + 0.3 * (drand48() - 0.5);
    x[2 * i + 1] = 0.3 * (drand48() - 0.5);
  }
}

/* A correlated Gaussian seen from N(5, I), as in the paper's figure 3. */
static inline void far_gaussian(const problem *p, double *x, double *y) {
  for (int64_t j = 0; j < p->m; j++) {
    y[2 * j] = normal();
    y[2 * j + 1] = 0.5 * y[2 * j] + 0.8 * normal();
  }
  for (int64_t k = 0; k < p->n * p->d; k++) x[k] = 5 + normal();
}

/* The mixture of three Gaussians of the paper's section 4 from N(5, I); factors of the covariances. */
static inline void far_mixture(const problem *p, double *x, double *y) {
  static const double means[3][2] = {{0, 0}, {3, -1}, {1, 4}};
  static const double factors[3][3] = {{1, 0.5, 1.3228757}, {1, 0, 1}, {1.7320508, 0.2886751, 0.9574271}};
  for (int64_t j = 0; j < p->m; j++) {
    const int c = (int)(3 * drand48());
    const double u = normal(), v = normal();
    y[2 * j] = means[c][0] + factors[c][0] * u;
    y[2 * j + 1] = means[c][1] + factors[c][1] * u + factors[c][2] * v;
  }
  for (int64_t k = 0; k < p->n * p->d; k++) x[k] = 5 + normal();
}

/* Two clusters of shares 0.4 and 0.6 three units apart in each coordinate; particles between them. */
static inline void two_clusters(const problem *p, double *x, double *y) {
  const double width = p->d > 2 ? 1 : 0.5;
  for (int64_t j = 0; j < p->m; j++) {
    const double center = drand48() < 0.4 ? 0 : 3;
    for (int64_t l = 0; l < p->d; l++) y[j * p->d + l] = (l % 2 ? -center : center) + width * normal();
  }
  for (int64_t k = 0; k < p->n * p->d; k++) x[k] = 2 + width * normal();
}

/* A bandwidth far below the spread. */
static inline void narrow(const problem *p, double *x, double *y) {
  for (int64_t k = 0; k < p->m * p->d; k++) y[k] = normal();
  for (int64_t k = 0; k < p->n * p->d; k++) x[k] = 2 * normal();
}

/* The start and the energy of a problem, as drawn with that seed. */
static inline void problem_open(ift_context *context, const problem *p, long seed, ift_measure **start,
                                ift_energy **energy) {
  double *x = malloc((size_t)(p->n * p->d) * sizeof *x), *y = malloc((size_t)(p->m * p->d) * sizeof *y);
  ift_measure *samples;
  ift_kernel *kernel;
  ift_target *target;
  if (!x || !y) exit(1);
  srand48(seed);
  p->fill(p, x, y);
  need(context, ift_measure_create(context, start, x, p->n, p->d, NULL));
  need(context, ift_measure_create(context, &samples, y, p->m, p->d, NULL));
  need(context, ift_kernel_gaussian(context, &kernel, p->sigma));
  need(context, ift_target_samples(context, &target, samples));
  need(context, ift_energy_mmd(context, energy, kernel, target));
  ift_target_destroy(target), ift_kernel_destroy(kernel), ift_measure_destroy(samples);
  free(x), free(y);
}

#endif
