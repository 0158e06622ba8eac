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
 * context's seed stand for it. Errors: ARGUMENT (which entry is wrong), NOT_FINITE, NO_MEMORY. */
IFT_API ift_status ift_target_gaussian_mixture(ift_context *context, ift_target **out, int64_t count, int64_t d,
                                               const double *weights, const double *means, const double *covariances);

IFT_API void ift_target_destroy(ift_target *target);

#ifdef __cplusplus
}
#endif

#endif
