/* target/gaussian_mixture.h - the inside of a mixture of Gaussians pi = sum_k w_k N(m_k, C_k). */
#ifndef TARGET_GAUSSIAN_MIXTURE_H
#define TARGET_GAUSSIAN_MIXTURE_H

#include "target/target.h"

typedef struct ift_mixture {
  ift_target target;
  int64_t components;
  double *shares, *means, *covariances; /* w_k, m_k, C_k */
  double *factors;                      /* Cholesky factors of C_k */
  double *constants;                    /* log w_k - 1/2 log det(2 pi C_k) */
  double *scratch;                      /* of densities: components (1 + d) + 2 d */
} ift_mixture;

static inline const ift_mixture *ift_as_mixture(const ift_target *target) {
  return (const ift_mixture *)target;
}

/* mixture_embedding.c: by kernels that are sums of Gaussians, in closed form. */
bool ift_mixture_embeds(const ift_target *target, const ift_kernel *kernel);
ift_status ift_mixture_prepare(ift_embedding *embedding);
ift_status ift_mixture_embed(const ift_embedding *embedding, double *value, double *gradient, const double *x,
                             int64_t n);
ift_status ift_mixture_self(const ift_embedding *embedding, double *kappa);

/* mixture_density.c */
ift_status ift_mixture_log_density(const ift_target *target, double *values, const double *x, int64_t n);
ift_status ift_mixture_score(const ift_target *target, double *scores, const double *x, int64_t n);
ift_status ift_mixture_hessian(const ift_target *target, double *products, const double *x, const double *u, int64_t n);

#endif
