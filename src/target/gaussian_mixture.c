/* A mixture of Gaussians pi = sum_k w_k N(m_k, C_k): the target that can do everything. */
#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "base/sum.h"
#include "linalg/linalg.h"
#include "target/gaussian_mixture.h"

static void draw_point(const ift_mixture *mixture, ift_rng *rng, double *point) {
  const int64_t d = mixture->target.d;
  const double level = ift_rng_uniform(rng);
  int64_t k = 0;
  for (double sum = mixture->shares[0]; sum <= level && k < mixture->components - 1;) sum += mixture->shares[++k];
  const double *l = mixture->factors + k * d * d;
  for (int64_t i = 0; i < d; i++) point[i] = mixture->means[k * d + i];
  for (int64_t j = 0; j < d; j++) {
    const double z = ift_rng_normal(rng);
    for (int64_t i = j; i < d; i++) point[i] += l[i * d + j] * z;
  }
}

static ift_status draw(const ift_target *target, ift_rng *rng, double *points, int64_t count) {
  for (int64_t i = 0; i < count; i++) draw_point(ift_as_mixture(target), rng, points + i * target->d);
  return IFT_OK;
}

static void identify(const ift_target *target, ift_hash *hash) {
  const ift_mixture *mixture = ift_as_mixture(target);
  const int64_t k = mixture->components, d = target->d;
  ift_hash_reals(hash, mixture->shares, k);
  ift_hash_reals(hash, mixture->means, k * d);
  ift_hash_reals(hash, mixture->covariances, k * d * d);
}

static void dispose(ift_target *target) {
  const ift_mixture *mixture = ift_as_mixture(target);
  double *const owned[] = {mixture->shares,  mixture->means,     mixture->covariances,
                           mixture->factors, mixture->constants, mixture->scratch};
  for (size_t i = 0; i < sizeof owned / sizeof owned[0]; i++) ift_free(target->object.context, owned[i]);
}

const ift_target_kind ift_target_kind_gaussian_mixture = {
    .name = "gaussian-mixture",
    .doc = "a mixture of Gaussians; in closed form with Gaussian kernels, else by 10000 samples",
    .dispose = dispose,
    .draw = draw,
    .log_density = ift_mixture_log_density,
    .score = ift_mixture_score,
    .hessian = ift_mixture_hessian,
    .embeds = ift_mixture_embeds,
    .prepare = ift_mixture_prepare,
    .embed = ift_mixture_embed,
    .self = ift_mixture_self,
    .identify = identify,
};

static ift_status check_finite(ift_context *context, const double *values, int64_t count, const char *name) {
  for (int64_t i = 0; i < count; i++)
    if (!isfinite(values[i]))
      return ift_fail(context, IFT_ERR_NOT_FINITE, "%s[%lld] is %g; it must be finite", name, (long long)i, values[i]);
  return IFT_OK;
}

static ift_status check_shares(ift_context *context, const double *weights, int64_t count) {
  for (int64_t k = 0; k < count; k++)
    if (!(weights[k] > 0))
      return ift_fail(context, IFT_ERR_ARGUMENT, "weights[%lld] is %g; the weights of a mixture must be > 0",
                      (long long)k, weights[k]);
  const double sum = ift_sum(weights, count);
  if (!(fabs(sum - 1) <= 1e-9))
    return ift_fail(context, IFT_ERR_ARGUMENT, "the weights of the mixture sum to %.17g; they must sum to 1", sum);
  return IFT_OK;
}

/* To 1e-9 of the standard deviations, so that what rounding leaves of a correlation of 0 is no asymmetry. */
static ift_status check_symmetric(ift_context *context, const double *c, int64_t k, int64_t d) {
  for (int64_t i = 0; i < d; i++)
    for (int64_t j = 0; j < i; j++)
      if (!(fabs(c[i * d + j] - c[j * d + i]) <= 1e-9 * sqrt(fabs(c[i * d + i])) * sqrt(fabs(c[j * d + j]))))
        return ift_fail(context, IFT_ERR_ARGUMENT,
                        "covariances[%lld] is not symmetric: entries [%lld][%lld] and [%lld][%lld] are %g and %g",
                        (long long)k, (long long)i, (long long)j, (long long)j, (long long)i, c[i * d + j],
                        c[j * d + i]);
  return IFT_OK;
}

/* Copies, symmetrizes and factorizes the covariances. */
static ift_status factorize(ift_mixture *mixture) {
  ift_context *context = mixture->target.object.context;
  const int64_t d = mixture->target.d;
  for (int64_t k = 0; k < mixture->components; k++) {
    double *c = mixture->covariances + k * d * d, *l = mixture->factors + k * d * d;
    IFT_TRY(check_symmetric(context, c, k, d));
    for (int64_t i = 0; i < d; i++)
      for (int64_t j = 0; j < i; j++) c[i * d + j] = c[j * d + i] = c[i * d + j] / 2 + c[j * d + i] / 2;
    memcpy(l, c, (size_t)(d * d) * sizeof(double));
    bool positive;
    IFT_TRY(ift_cholesky(context, l, d, &positive));
    if (!positive)
      return ift_fail(context, IFT_ERR_ARGUMENT, "covariances[%lld] is not positive definite", (long long)k);
    mixture->constants[k] =
        log(mixture->shares[k]) - ((double)d * log(2 * acos(-1)) + ift_cholesky_log_determinant(l, d)) / 2;
  }
  return IFT_OK;
}

/* Mean and spread of the whole. */
static void summarize(ift_mixture *mixture) {
  ift_target *target = &mixture->target;
  const int64_t count = mixture->components, d = target->d;
  double squares = 0;
  memset(target->mean, 0, (size_t)d * sizeof(double));
  for (int64_t k = 0; k < count; k++)
    for (int64_t l = 0; l < d; l++) target->mean[l] += mixture->shares[k] * mixture->means[k * d + l];
  for (int64_t k = 0; k < count; k++)
    for (int64_t l = 0; l < d; l++) {
      const double difference = mixture->means[k * d + l] - target->mean[l];
      squares += mixture->shares[k] * (difference * difference + mixture->covariances[(k * d + l) * d + l]);
    }
  target->spread = sqrt(squares);
}

static ift_status fill(ift_mixture *mixture, const double *weights, const double *means, const double *covariances) {
  ift_context *context = mixture->target.object.context;
  const int64_t count = mixture->components, d = mixture->target.d;
  mixture->shares = ift_copy_reals(context, weights, count);
  mixture->means = ift_copy_reals(context, means, count * d);
  mixture->covariances = ift_copy_reals(context, covariances, count * d * d);
  mixture->factors = ift_alloc2(context, count * d, d, sizeof *mixture->factors);
  mixture->constants = ift_alloc_reals(context, count);
  mixture->scratch = ift_alloc2(context, count + 2, d + 1, sizeof *mixture->scratch);
  if (!mixture->shares || !mixture->means || !mixture->covariances || !mixture->factors || !mixture->constants ||
      !mixture->scratch)
    return IFT_ERR_NO_MEMORY;
  const double sum = ift_sum(weights, count);
  for (int64_t k = 0; k < count; k++) mixture->shares[k] /= sum;
  IFT_TRY(factorize(mixture));
  summarize(mixture);
  return IFT_OK;
}

ift_status ift_target_gaussian_mixture(ift_context *context, ift_target **out, int64_t count, int64_t d,
                                       const double *weights, const double *means, const double *covariances) {
  if (out) *out = NULL;
  if (!context || !out || !weights || !means || !covariances)
    return ift_fail(context, IFT_ERR_ARGUMENT, "an argument of ift_target_gaussian_mixture is NULL");
  if (count < 1 || d < 1 || d > INT32_MAX || count > INT64_MAX / 8 / (d * d))
    return ift_fail(context, IFT_ERR_ARGUMENT,
                    "a mixture of %lld Gaussians in dimension %lld; both must be >= 1 and fit in memory",
                    (long long)count, (long long)d);
  IFT_TRY(check_finite(context, weights, count, "weights"));
  IFT_TRY(check_finite(context, means, count * d, "means"));
  IFT_TRY(check_finite(context, covariances, count * d * d, "covariances"));
  IFT_TRY(check_shares(context, weights, count));
  ift_target *target = ift_target_allocate(context, &ift_target_kind_gaussian_mixture, sizeof(ift_mixture), d);
  if (!target) return IFT_ERR_NO_MEMORY;
  target->capabilities = IFT_CAN_DRAW | IFT_CAN_LOG_DENSITY | IFT_CAN_SCORE | IFT_CAN_HESSIAN;
  ift_mixture *mixture = (ift_mixture *)target;
  mixture->components = count;
  const ift_status status = fill(mixture, weights, means, covariances);
  if (status == IFT_OK)
    *out = target;
  else
    ift_object_release(target);
  return status;
}
