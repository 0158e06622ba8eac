/* What a mixture of Gaussians is asked for: its target, units, points, density, score, and how near a measure comes. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cli/matrix.h"
#include "cli/message.h"
#include "cli/mixture.h"
#include "cli/random.h"

bool cli_mixture_prepare(cli_mixture *mixture, ift_context *context, ift_target **out, const char *path) {
  const int64_t count = mixture->count, d = mixture->dim;
  double sum = 0;
  if (ift_target_gaussian_mixture(context, out, count, d, mixture->weights, mixture->means, mixture->covariances) !=
      IFT_OK)
    return cli_fail("%s: %s", cli_file_name(path), ift_context_message(context));
  for (int64_t k = 0; k < count; k++) sum += mixture->weights[k];
  for (int64_t k = 0; k < count; k++) {
    double *l = mixture->factors + k * d * d;
    memcpy(l, mixture->covariances + k * d * d, (size_t)(d * d) * sizeof *l);
    if (!cli_cholesky(l, d))
      return cli_fail("%s: covariances[%lld] is not positive definite", cli_file_name(path), (long long)k);
    mixture->weights[k] /= sum;
    mixture->logs[k] = log(mixture->weights[k]) - (double)d * log(2 * acos(-1)) / 2;
    for (int64_t i = 0; i < d; i++) mixture->logs[k] -= log(l[i * d + i]);
  }
  return true;
}

/* ---- moments and units ---- */

static void find_moments(const cli_mixture *mixture, double *mean, double *covariance) {
  const int64_t d = mixture->dim;
  for (int64_t j = 0; j < d; j++) mean[j] = 0;
  for (int64_t j = 0; j < d * d; j++) covariance[j] = 0;
  for (int64_t k = 0; k < mixture->count; k++)
    for (int64_t j = 0; j < d; j++) mean[j] += mixture->weights[k] * mixture->means[k * d + j];
  for (int64_t k = 0; k < mixture->count; k++) {
    const double *m = mixture->means + k * d, *c = mixture->covariances + k * d * d;
    for (int64_t i = 0; i < d; i++)
      for (int64_t j = 0; j < d; j++)
        covariance[i * d + j] += mixture->weights[k] * (c[i * d + j] + (m[i] - mean[i]) * (m[j] - mean[j]));
  }
}

bool cli_mixture_standardize(cli_mixture *mixture, ift_context *context, ift_target **target, cli_units *units,
                             const char *path) {
  const int64_t count = mixture->count, d = mixture->dim;
  double *covariance = malloc((size_t)(d * d) * sizeof *covariance);
  *units =
      (cli_units){.dim = d, .center = malloc((size_t)d * sizeof(double)), .scale = malloc((size_t)d * sizeof(double))};
  const bool allocated = covariance && units->center && units->scale;
  bool finite = allocated;
  if (allocated) find_moments(mixture, units->center, covariance);
  for (int64_t j = 0; allocated && j < d; j++) {
    units->scale[j] = sqrt(covariance[j * d + j]);
    finite = finite && isfinite(units->center[j]) && isfinite(units->scale[j]);
  }
  free(covariance);
  if (!allocated) return cli_fail("out of memory");
  if (!finite) return cli_fail("%s: mean or standard deviation is out of the range of numbers", cli_file_name(path));
  for (int64_t i = 0; i < count * d; i++)
    mixture->means[i] = (mixture->means[i] - units->center[i % d]) / units->scale[i % d];
  for (int64_t i = 0; i < count * d * d; i++)
    mixture->covariances[i] = mixture->covariances[i] / units->scale[i / d % d] / units->scale[i % d];
  ift_target_destroy(*target);
  *target = NULL;
  return cli_mixture_prepare(mixture, context, target, path);
}

bool cli_mixture_moment_errors(const cli_mixture *mixture, double *mean, double *covariance,
                               const ift_measure *measure) {
  const size_t d = (size_t)mixture->dim;
  double *wanted = malloc((d + d * d) * sizeof *wanted), *got = malloc((d + d * d + d) * sizeof *got);
  double difference = 0, size = 0;
  const bool done = wanted && got && ift_measure_moments(measure, got, got + d) == IFT_OK;
  if (done) {
    find_moments(mixture, wanted, wanted + d);
    for (size_t i = d; i < d + d * d; i++) {
      difference = hypot(difference, got[i] - wanted[i]);
      size = hypot(size, wanted[i]);
    }
    *covariance = difference / size;
    *mean = cli_cholesky(wanted + d, mixture->dim)
                ? sqrt(cli_whiten(got + d + d * d, got, wanted, wanted + d, mixture->dim))
                : NAN;
  }
  free(wanted);
  free(got);
  return done || cli_fail("the moments of the particles can't be computed: out of memory or of the range of numbers");
}

/* ---- points ---- */

bool cli_mixture_draw(const cli_mixture *mixture, ift_context *context, ift_measure **out, int64_t count, uint64_t seed,
                      uint64_t stream) {
  const int64_t d = mixture->dim;
  uint64_t state = cli_random_stream(seed, stream);
  double *x = malloc((size_t)count * (size_t)d * sizeof *x);
  if (!x) return cli_fail("out of memory");
  for (int64_t i = 0; i < count; i++) {
    const double level = cli_random_uniform(&state);
    int64_t k = 0;
    for (double sum = mixture->weights[0]; sum < level && k < mixture->count - 1;) sum += mixture->weights[++k];
    const double *l = mixture->factors + k * d * d;
    memcpy(x + i * d, mixture->means + k * d, (size_t)d * sizeof *x);
    for (int64_t j = 0; j < d; j++) {
      const double z = cli_random_normal(&state);
      for (int64_t r = j; r < d; r++) x[i * d + r] += l[r * d + j] * z;
    }
  }
  const ift_status status = ift_measure_create(context, out, x, count, d, NULL);
  free(x);
  return status == IFT_OK || cli_library_failed(context);
}

/* ---- density ---- */

/* Parts of the components at a point, which sum to 1, and log pi there; z of each component for the score. */
static double divide(double *parts, double *z, const cli_mixture *mixture, const double *x) {
  const int64_t count = mixture->count, d = mixture->dim;
  double largest = -INFINITY, sum = 0;
  for (int64_t k = 0; k < count; k++) {
    parts[k] = mixture->logs[k] - cli_whiten(z + k * d, x, mixture->means + k * d, mixture->factors + k * d * d, d) / 2;
    largest = fmax(largest, parts[k]);
  }
  if (!(largest > -INFINITY)) { /* so far out that all squares overflow */
    memcpy(parts, mixture->weights, (size_t)count * sizeof *parts);
    return -INFINITY;
  }
  for (int64_t k = 0; k < count; k++) sum += parts[k] = exp(parts[k] - largest);
  for (int64_t k = 0; k < count; k++) parts[k] /= sum;
  return largest + log(sum);
}

int cli_mixture_log_density(double *values, const double *x, int64_t n, int64_t d, void *user) {
  const cli_mixture *mixture = user;
  for (int64_t i = 0; i < n; i++) values[i] = divide(mixture->work, mixture->work + mixture->count, mixture, x + i * d);
  return 0;
}

/* grad log pi = - sum_k part_k L_k'^-1 z_k */
int cli_mixture_score(double *scores, const double *x, int64_t n, int64_t d, void *user) {
  const cli_mixture *mixture = user;
  double *parts = mixture->work, *all = mixture->work + mixture->count;
  for (int64_t i = 0; i < n; i++) {
    divide(parts, all, mixture, x + i * d);
    for (int64_t j = 0; j < d; j++) scores[i * d + j] = 0;
    for (int64_t k = 0; k < mixture->count; k++) {
      const double *l = mixture->factors + k * d * d;
      double *z = all + k * d;
      for (int64_t j = d - 1; j >= 0; j--) {
        for (int64_t r = j + 1; r < d; r++) z[j] -= l[r * d + j] * z[r];
        z[j] /= l[j * d + j];
        scores[i * d + j] -= parts[k] * z[j];
      }
    }
  }
  return 0;
}

void cli_mixture_shares(const cli_mixture *mixture, double *shares, const ift_measure *measure) {
  const int64_t count = mixture->count;
  const double *x = ift_measure_positions(measure), *a = ift_measure_weights(measure);
  for (int64_t k = 0; k < count; k++) shares[k] = 0;
  for (int64_t i = 0; i < ift_measure_size(measure); i++) {
    if (a[i] == 0) continue;
    divide(mixture->work, mixture->work + count, mixture, x + i * mixture->dim);
    for (int64_t k = 0; k < count; k++) shares[k] += a[i] * mixture->work[k];
  }
}
