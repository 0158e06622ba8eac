/* Kernel herding (Chen, Welling and Smola 2010): points of a target one after the other, each where the earlier ones
 * are most wanting. What herding.c and the benchmarks share. */
#ifndef HERDING_H
#define HERDING_H

#include <math.h>
#include <stdlib.h>

#include <ift.h>

/* z = (x - mean) / standard deviation, for each coordinate; n by d, to be freed. NULL: no memory, or not finite. */
static inline double *standardized(const ift_measure *measure) {
  const int64_t n = ift_measure_size(measure), d = ift_measure_dim(measure);
  double *mean = calloc((size_t)d, sizeof *mean), *covariance = calloc((size_t)(d * d), sizeof *covariance);
  double *z = calloc((size_t)(n * d), sizeof *z);
  if (!mean || !covariance || !z || ift_measure_moments(measure, mean, covariance) < 0 ||
      ift_measure_copy_positions(measure, z) < 0) {
    free(z);
    z = NULL;
  }
  for (int64_t i = 0; z && i < n * d; i++) {
    const int64_t j = i % d;
    const double variance = covariance[j * d + j];
    z[i] = (z[i] - mean[j]) / (variance > 0 ? sqrt(variance) : 1);
  }
  free(mean);
  free(covariance);
  return z;
}

/* Pick number t (from 0) among the points z (n by d): *pick maximizes wanted(y) - covered(y) / (t + 1), with wanted(y)
 * the sum of k(y, .) over the target and covered(y) that over the earlier picks, to which this one is added. `column`
 * has room for n numbers. */
static inline ift_status herd(int64_t *pick, const ift_kernel *kernel, const double *z, int64_t n, int64_t d, int64_t t,
                              const double *wanted, double *covered, double *column) {
  const double part = 1 / (double)(t + 1);
  int64_t best = 0;
  for (int64_t i = 1; i < n; i++)
    if (wanted[i] - covered[i] * part > wanted[best] - covered[best] * part) best = i;
  *pick = best;
  const ift_status status = ift_kernel_gram(kernel, column, z, n, d, z + best * d, 1);
  for (int64_t i = 0; status == IFT_OK && i < n; i++) covered[i] += column[i];
  return status;
}

#endif
