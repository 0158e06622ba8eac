/* Moments, computed from what can be neither too large nor too small: halves of coordinates (so that a difference of
 * two finite numbers is finite) and weights divided by the mass. */
#include <float.h>
#include <math.h>

#include "base/sum.h"
#include "measure/measure.h"

/* Half of coordinate j of particle i. */
static double half(const ift_measure *measure, int64_t i, int64_t j) {
  return measure->positions[i * measure->d + j] / 2;
}

static int64_t first_alive(const ift_measure *measure) {
  int64_t i = 0;
  while (!(measure->weights[i] > 0)) i++;
  return i;
}

/* Mean of the halves of column j about `origin`. */
static double mean_about(const ift_measure *measure, int64_t j, double mass, double origin) {
  ift_running_sum sum = {0, 0};
  for (int64_t i = 0; i < measure->n; i++)
    ift_running_add(&sum, measure->weights[i] / mass * (half(measure, i, j) - origin));
  return origin + ift_running_value(&sum);
}

/* Half the mean of column j: first about a particle, which makes a constant column exact, then about that mean, which
 * makes up for the rounding of the weights; never outside the range of the particles alive. */
static double half_mean(const ift_measure *measure, int64_t j, double mass) {
  const double start = half(measure, first_alive(measure), j);
  const double mean = mean_about(measure, j, mass, mean_about(measure, j, mass, start));
  double low = start, high = start;
  for (int64_t i = 0; i < measure->n; i++) {
    if (!(measure->weights[i] > 0)) continue;
    low = fmin(low, half(measure, i, j));
    high = fmax(high, half(measure, i, j));
  }
  return fmin(fmax(mean, low), high);
}

/* Covariance of columns j and k by the corrected two-pass formula (Chan, Golub and LeVeque 1983): the means of the
 * deviations, 0 but for the rounding of the mean, are taken off again. */
static double covariance_of(const ift_measure *measure, int64_t j, double mean_j, int64_t k, double mean_k,
                            double mass) {
  ift_running_sum product = {0, 0}, rest_j = {0, 0}, rest_k = {0, 0};
  for (int64_t i = 0; i < measure->n; i++) {
    if (!(measure->weights[i] > 0)) continue;
    const double p = measure->weights[i] / mass;
    const double z_j = half(measure, i, j) - mean_j, z_k = half(measure, i, k) - mean_k;
    ift_running_add(&product, p * z_j * z_k);
    ift_running_add(&rest_j, p * z_j);
    ift_running_add(&rest_k, p * z_k);
  }
  const double quarter = ift_running_value(&product) - ift_running_value(&rest_j) * ift_running_value(&rest_k);
  return j == k ? 4 * fmax(quarter, 0) : 4 * quarter;
}

/* Fills the covariance matrix once its diagonal is known to be finite, which bounds the rest of it (Cauchy-Schwarz).
 * Until row j is done its diagonal entry holds half the mean of column j. */
static void fill_covariance(const ift_measure *measure, double *covariance, double mass) {
  const int64_t d = measure->d;
  for (int64_t j = 0; j < d; j++) covariance[j * d + j] = half_mean(measure, j, mass);
  for (int64_t j = 0; j < d; j++) {
    const double mean_j = covariance[j * d + j];
    for (int64_t k = j + 1; k < d; k++) {
      const double value = covariance_of(measure, j, mean_j, k, covariance[k * d + k], mass);
      covariance[j * d + k] = covariance[k * d + j] = fmin(fmax(value, -DBL_MAX), DBL_MAX);
    }
    covariance[j * d + j] = covariance_of(measure, j, mean_j, j, mean_j, mass);
  }
}

ift_status ift_measure_moments(const ift_measure *measure, double *mean, double *covariance) {
  if (!measure) return IFT_ERR_ARGUMENT;
  const double mass = ift_measure_mass(measure);
  for (int64_t j = 0; covariance && j < measure->d; j++) {
    const double mean_j = half_mean(measure, j, mass);
    if (!isfinite(covariance_of(measure, j, mean_j, j, mean_j, mass)))
      return ift_fail(measure->object.context, IFT_ERR_NOT_FINITE,
                      "the variance of coordinate %lld overflows; it must be below %g", (long long)j, DBL_MAX);
  }
  for (int64_t j = 0; mean && j < measure->d; j++) mean[j] = 2 * half_mean(measure, j, mass);
  if (covariance) fill_covariance(measure, covariance, mass);
  return IFT_OK;
}

double ift_measure_effective_size(const ift_measure *measure) {
  if (!measure) return 0;
  /* divided by the largest weight, so that no square leaves the range of numbers */
  double largest = 0;
  for (int64_t i = 0; i < measure->n; i++) largest = fmax(largest, measure->weights[i]);
  ift_running_sum sum = {0, 0}, squares = {0, 0};
  for (int64_t i = 0; i < measure->n; i++) {
    const double w = measure->weights[i] / largest;
    ift_running_add(&sum, w);
    ift_running_add(&squares, w * w);
  }
  const double first = ift_running_value(&sum), second = ift_running_value(&squares);
  return fmin(fmax(first * first / second, 1), (double)measure->n);
}
