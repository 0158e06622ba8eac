/* ift/target.h - the distribution that an energy compares with. Part of libift; include <ift.h>. */
#ifndef IFT_TARGET_H
#define IFT_TARGET_H

#include <ift/measure.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A distribution pi to be approximated; immutable. */
typedef struct ift_target ift_target;

/* The weighted samples of a measure, copied. Errors: ARGUMENT, CONTEXT, NO_MEMORY. */
IFT_API ift_status ift_target_samples(ift_context *context, ift_target **out, const ift_measure *samples);

/* A mixture of `count` >= 1 Gaussians in d dimensions: weights (count; > 0, summing to 1 to 1e-9, then normalized),
 * means (count by d), covariances (count by d by d; symmetric to 1e-9 relative, positive definite). With Gaussian
 * kernels and sums of them its embedding is used in closed form; with any other kernel 10000 samples drawn with the
 * context's seed stand for it. It has a density, a score and a Hessian too. Errors: ARGUMENT (which entry is wrong), NOT_FINITE, NO_MEMORY. */
IFT_API ift_status ift_target_gaussian_mixture(ift_context *context, ift_target **out, int64_t count, int64_t d,
                                               const double *weights, const double *means, const double *covariances);

/* A distribution in d >= 1 dimensions known through functions of n points x (n by d): `log_density` writes log pi(x_i),
 * which may lack a constant, `score` grad log pi(x_i) (n by d), `hessian` the product of the Hessian of log pi at x_i
 * with u_i (n by d). `hessian` and one of the other two may be NULL: an energy that needs what is missing is refused.
 * A log-density of -infinity says that the point is outside the support; particles can't be there. The functions
 * return 0, > 0 to stop (IFT_STOPPED), < 0 for an error (IFT_ERR_CALLBACK), run on the calling thread, and must not
 * use the target themselves (IFT_ERR_BUSY). `destroy` (may be NULL) is called when the target is no longer needed, also
 * if this function fails. Errors: ARGUMENT, NO_MEMORY. */
IFT_API ift_status
ift_target_density(ift_context *context, ift_target **out, int64_t d,
                   int (*log_density)(double *values, const double *x, int64_t n, int64_t d, void *user),
                   int (*score)(double *scores, const double *x, int64_t n, int64_t d, void *user),
                   int (*hessian)(double *products, const double *x, const double *u, int64_t n, int64_t d, void *user),
                   void *user, void (*destroy)(void *user));

/* A distribution in d >= 1 dimensions that can be drawn from: `sample` writes n independent points (n by d, finite)
 * made from `seed`, another one in each call; a function that makes the same points from the same seed makes runs that
 * can be repeated. With the option `batch` a flow draws in each step; else 10000 points drawn with the context's seed
 * stand for the target. Answers and `destroy`: as for ift_target_density. Errors: ARGUMENT, NO_MEMORY. */
IFT_API ift_status ift_target_sampler(ift_context *context, ift_target **out, int64_t d,
                                      int (*sample)(double *points, int64_t n, int64_t d, uint64_t seed, void *user),
                                      void *user, void (*destroy)(void *user));

IFT_API void ift_target_destroy(ift_target *target);

#ifdef __cplusplus
}
#endif

#endif
