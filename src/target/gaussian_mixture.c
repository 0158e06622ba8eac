/* A mixture of Gaussians pi = sum_k w_k N(m_k, C_k), embedded in closed form by Gaussian kernels:
 * int exp(-|x-y|^2/(2 s^2)) dN(m, C)(y) = |I + C/s^2|^(-1/2) exp(-1/2 (x-m)'(s^2 I + C)^-1 (x-m)). */
#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "base/sum.h"
#include "linalg/linalg.h"
#include "target/target.h"

static void draw(const ift_target *target, ift_rng *rng, double *point) {
  const int64_t d = target->d;
  const double level = ift_rng_uniform(rng);
  int64_t k = 0;
  for (double sum = target->shares[0]; sum <= level && k < target->components - 1;) sum += target->shares[++k];
  const double *l = target->factors + k * d * d;
  for (int64_t i = 0; i < d; i++) point[i] = target->means[k * d + i];
  for (int64_t j = 0; j < d; j++) {
    const double z = ift_rng_normal(rng);
    for (int64_t i = j; i < d; i++) point[i] += l[i * d + j] * z;
  }
}

static bool embeds(const ift_target *target, const ift_kernel *kernel) {
  (void)target;
  return ift_kernel_is_gaussian(kernel);
}

/* chol(s^2 I + C) into `factor`, s^d / sqrt(det) into *scale; C is the sum of one or two covariances. */
static ift_status factorize(ift_context *context, double s, const double *first, const double *second, int64_t d,
                            double *factor, double *scale) {
  bool positive;
  for (int64_t k = 0; k < d * d; k++) factor[k] = first[k] + (second ? second[k] : 0);
  for (int64_t i = 0; i < d; i++) factor[i * d + i] += s * s;
  IFT_TRY(ift_cholesky(context, factor, d, &positive));
  if (!positive)
    return ift_fail(context, IFT_ERR_NOT_FINITE,
                    "a covariance plus sigma^2 = %g is not positive definite in double precision", s * s);
  double logarithm = 0;
  for (int64_t i = 0; i < d; i++) logarithm += log(factor[i * d + i] / s);
  *scale = exp(-logarithm);
  return IFT_OK;
}

/* exp(-1/2 |L^-1 (x-m)|^2) scale; `difference` gets L^-1 (x-m), or with `gradient` (LL')^-1 (x-m). */
static ift_status bump(ift_context *context, const double *factor, double scale, const double *x, const double *m,
                       int64_t d, double *difference, bool gradient, double *out) {
  for (int64_t l = 0; l < d; l++) difference[l] = x[l] - m[l];
  IFT_TRY(ift_cholesky_solve_lower(context, factor, d, difference, 1));
  double square = 0;
  for (int64_t l = 0; l < d; l++) square += difference[l] * difference[l];
  if (gradient) IFT_TRY(ift_cholesky_solve_upper(context, factor, d, difference, 1));
  *out = scale * exp(-square / 2);
  return IFT_OK;
}

/* kappa = sum over parts and pairs of components of the same formula at m_j - m_k with C_j + C_k. */
static ift_status kappa_of(ift_embedding *embedding, double *factor) {
  const ift_target *target = embedding->target;
  ift_context *context = embedding->object.context;
  const int64_t d = target->d;
  double sum = 0;
  for (int t = 0; t < embedding->kernel->count; t++)
    for (int64_t j = 0; j < target->components; j++)
      for (int64_t k = 0; k < target->components; k++) {
        double scale, value;
        IFT_TRY(factorize(context, embedding->kernel->terms[t].parameters[0], target->covariances + j * d * d,
                          target->covariances + k * d * d, d, factor, &scale));
        IFT_TRY(bump(context, factor, scale, target->means + j * d, target->means + k * d, d, embedding->work, false,
                     &value));
        sum += embedding->kernel->terms[t].coefficient * target->shares[j] * target->shares[k] * value;
      }
  embedding->kappa = sum;
  return IFT_OK;
}

static ift_status prepare(ift_embedding *embedding) {
  ift_context *context = embedding->object.context;
  const ift_target *target = embedding->target;
  const int64_t d = target->d, pairs = embedding->kernel->count * target->components;
  embedding->factors = ift_alloc2(context, pairs * d, d, sizeof *embedding->factors);
  embedding->scales = ift_alloc_reals(context, pairs);
  embedding->work = ift_alloc_reals(context, d);
  if (!embedding->factors || !embedding->scales || !embedding->work) return IFT_ERR_NO_MEMORY;
  for (int t = 0; t < embedding->kernel->count; t++)
    for (int64_t k = 0; k < target->components; k++) {
      const int64_t p = t * target->components + k;
      IFT_TRY(factorize(context, embedding->kernel->terms[t].parameters[0], target->covariances + k * d * d, NULL, d,
                        embedding->factors + p * d * d, embedding->scales + p));
    }
  double *factor = ift_alloc2(context, d, d, sizeof *factor);
  if (!factor) return IFT_ERR_NO_MEMORY;
  const ift_status status = kappa_of(embedding, factor);
  ift_free(context, factor);
  return status;
}

static ift_status embed_point(const ift_embedding *embedding, double *value, double *gradient, const double *x) {
  const ift_target *target = embedding->target;
  const int64_t d = target->d;
  double sum = 0;
  if (gradient) memset(gradient, 0, (size_t)d * sizeof *gradient);
  for (int t = 0; t < embedding->kernel->count; t++)
    for (int64_t k = 0; k < target->components; k++) {
      const int64_t p = t * target->components + k;
      double part;
      IFT_TRY(bump(embedding->object.context, embedding->factors + p * d * d, embedding->scales[p], x,
                   target->means + k * d, d, embedding->work, gradient != NULL, &part));
      part *= embedding->kernel->terms[t].coefficient * target->shares[k];
      sum += part;
      for (int64_t l = 0; gradient && l < d; l++) gradient[l] -= part * embedding->work[l];
    }
  if (value) *value = sum;
  return IFT_OK;
}

static ift_status embed(const ift_embedding *embedding, double *value, double *gradient, const double *x, int64_t n) {
  const int64_t d = embedding->target->d;
  for (int64_t i = 0; i < n; i++)
    IFT_TRY(embed_point(embedding, value ? value + i : NULL, gradient ? gradient + i * d : NULL, x + i * d));
  return IFT_OK;
}

/* `prepare` has found it. */
static ift_status self(const ift_embedding *embedding, double *kappa) {
  *kappa = embedding->kappa;
  return IFT_OK;
}

const ift_target_kind ift_target_kind_gaussian_mixture = {
    .name = "gaussian-mixture",
    .doc = "a mixture of Gaussians; in closed form with Gaussian kernels, else by 10000 samples",
    .draw = draw,
    .embeds = embeds,
    .prepare = prepare,
    .embed = embed,
    .self = self,
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

/* Copies, symmetrizes and factorizes the covariances; mean and spread of the whole. */
static ift_status fill(ift_target *target, const double *weights, const double *means, const double *covariances) {
  ift_context *context = target->object.context;
  const int64_t count = target->components, d = target->d;
  target->shares = ift_copy_reals(context, weights, count);
  target->means = ift_copy_reals(context, means, count * d);
  target->covariances = ift_copy_reals(context, covariances, count * d * d);
  target->factors = ift_alloc2(context, count * d, d, sizeof *target->factors);
  if (!target->shares || !target->means || !target->covariances || !target->factors) return IFT_ERR_NO_MEMORY;
  const double sum = ift_sum(weights, count);
  for (int64_t k = 0; k < count; k++) {
    double *c = target->covariances + k * d * d, *l = target->factors + k * d * d;
    target->shares[k] /= sum;
    IFT_TRY(check_symmetric(context, c, k, d));
    for (int64_t i = 0; i < d; i++)
      for (int64_t j = 0; j < i; j++) c[i * d + j] = c[j * d + i] = c[i * d + j] / 2 + c[j * d + i] / 2;
    memcpy(l, c, (size_t)(d * d) * sizeof(double));
    bool positive;
    IFT_TRY(ift_cholesky(context, l, d, &positive));
    if (!positive)
      return ift_fail(context, IFT_ERR_ARGUMENT, "covariances[%lld] is not positive definite", (long long)k);
  }
  double squares = 0;
  memset(target->mean, 0, (size_t)d * sizeof(double));
  for (int64_t k = 0; k < count; k++)
    for (int64_t l = 0; l < d; l++) target->mean[l] += target->shares[k] * means[k * d + l];
  for (int64_t k = 0; k < count; k++)
    for (int64_t l = 0; l < d; l++) {
      const double difference = means[k * d + l] - target->mean[l];
      squares += target->shares[k] * (difference * difference + target->covariances[(k * d + l) * d + l]);
    }
  target->spread = sqrt(squares);
  target->mass = 1;
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
  ift_target *target = ift_target_allocate(context, &ift_target_kind_gaussian_mixture, d);
  if (!target) return IFT_ERR_NO_MEMORY;
  target->components = count;
  const ift_status status = fill(target, weights, means, covariances);
  if (status == IFT_OK)
    *out = target;
  else
    ift_object_release(target);
  return status;
}
