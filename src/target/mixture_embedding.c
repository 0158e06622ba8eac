/* The embedding of a mixture of Gaussians by a Gaussian kernel, in closed form:
 * int exp(-|x-y|^2/(2 s^2)) dN(m, C)(y) = |I + C/s^2|^(-1/2) exp(-1/2 (x-m)'(s^2 I + C)^-1 (x-m)). */
#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "linalg/linalg.h"
#include "target/gaussian_mixture.h"

bool ift_mixture_embeds(const ift_target *target, const ift_kernel *kernel) {
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
  const ift_mixture *mixture = ift_as_mixture(embedding->target);
  ift_context *context = embedding->object.context;
  const int64_t d = mixture->target.d;
  double sum = 0;
  for (int t = 0; t < embedding->kernel->count; t++)
    for (int64_t j = 0; j < mixture->components; j++)
      for (int64_t k = 0; k < mixture->components; k++) {
        double scale, value;
        IFT_TRY(factorize(context, embedding->kernel->terms[t].parameters[0], mixture->covariances + j * d * d,
                          mixture->covariances + k * d * d, d, factor, &scale));
        IFT_TRY(bump(context, factor, scale, mixture->means + j * d, mixture->means + k * d, d, embedding->work, false,
                     &value));
        sum += embedding->kernel->terms[t].coefficient * mixture->shares[j] * mixture->shares[k] * value;
      }
  embedding->kappa = sum;
  return IFT_OK;
}

/* Once; the sizes stay what they are. */
static ift_status allocate(ift_embedding *embedding, int64_t pairs, int64_t d) {
  ift_context *context = embedding->object.context;
  if (embedding->factors && embedding->scales && embedding->work) return IFT_OK;
  embedding->factors = ift_alloc2(context, pairs * d, d, sizeof *embedding->factors);
  embedding->scales = ift_alloc_reals(context, pairs);
  embedding->work = ift_alloc2(context, d + 1, d, sizeof *embedding->work);
  return embedding->factors && embedding->scales && embedding->work ? IFT_OK : IFT_ERR_NO_MEMORY;
}

ift_status ift_mixture_prepare(ift_embedding *embedding) {
  ift_context *context = embedding->object.context;
  const ift_mixture *mixture = ift_as_mixture(embedding->target);
  const int64_t d = mixture->target.d, pairs = embedding->kernel->count * mixture->components;
  IFT_TRY(allocate(embedding, pairs, d));
  for (int t = 0; t < embedding->kernel->count; t++)
    for (int64_t k = 0; k < mixture->components; k++) {
      const int64_t p = t * mixture->components + k;
      IFT_TRY(factorize(context, embedding->kernel->terms[t].parameters[0], mixture->covariances + k * d * d, NULL, d,
                        embedding->factors + p * d * d, embedding->scales + p));
    }
  return kappa_of(embedding, embedding->work + d);
}

static ift_status embed_point(const ift_embedding *embedding, double *value, double *gradient, const double *x) {
  const ift_mixture *mixture = ift_as_mixture(embedding->target);
  const int64_t d = mixture->target.d;
  double sum = 0;
  if (gradient) memset(gradient, 0, (size_t)d * sizeof *gradient);
  for (int t = 0; t < embedding->kernel->count; t++)
    for (int64_t k = 0; k < mixture->components; k++) {
      const int64_t p = t * mixture->components + k;
      double part;
      IFT_TRY(bump(embedding->object.context, embedding->factors + p * d * d, embedding->scales[p], x,
                   mixture->means + k * d, d, embedding->work, gradient != NULL, &part));
      part *= embedding->kernel->terms[t].coefficient * mixture->shares[k];
      sum += part;
      for (int64_t l = 0; gradient && l < d; l++) gradient[l] -= part * embedding->work[l];
    }
  if (value) *value = sum;
  return IFT_OK;
}

ift_status ift_mixture_embed(const ift_embedding *embedding, double *value, double *gradient, const double *x,
                             int64_t n) {
  const int64_t d = embedding->target->d;
  for (int64_t i = 0; i < n; i++)
    IFT_TRY(embed_point(embedding, value ? value + i : NULL, gradient ? gradient + i * d : NULL, x + i * d));
  return IFT_OK;
}

/* `prepare` has found it. */
ift_status ift_mixture_self(const ift_embedding *embedding, double *kappa) {
  *kappa = embedding->kappa;
  return IFT_OK;
}
