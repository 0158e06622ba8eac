/* ift/energy.h - what a flow descends. Part of libift; include <ift.h>. */
#ifndef IFT_ENERGY_H
#define IFT_ENERGY_H

#include <ift/kernel.h>
#include <ift/target.h>

#ifdef __cplusplus
extern "C" {
#endif

/* An energy F(mu) with its first variation g = dF/dmu, a function of x, and the velocity field v = grad g;
 * immutable. */
typedef struct ift_energy ift_energy;

/* F(mu) = 1/2 MMD^2(mu, pi) = 1/2 iint k d(mu-pi) d(mu-pi) (note the 1/2). Then g(x) = sum_j a_j k(x, x_j) - c(x)
 * with the target's embedding c(x) = int k(x, y) dpi(y). For conditionally positive definite kernels (riesz) and a
 * mu whose mass is not the target's, F, g and v are those of the kernel anchored at the target's mean (see
 * ift_kernel_riesz). Errors: ARGUMENT, CONTEXT, NO_MEMORY, and NOT_FINITE or CALLBACK from the kernel. */
IFT_API ift_status ift_energy_mmd(ift_context *context, ift_energy **out, const ift_kernel *kernel,
                                  const ift_target *target);

IFT_API void ift_energy_destroy(ift_energy *energy);

/* F(measure). Errors: ARGUMENT, CONTEXT, DIMENSION, NOT_FINITE, CALLBACK, NO_MEMORY, BUSY. */
IFT_API ift_status ift_energy_value(const ift_energy *energy, double *out, const ift_measure *measure);

/* g at n points of dimension d (n numbers), the first variation being that at `measure`. `points` NULL, n and d then
 * unused: at the measure's own particles. Errors: as ift_energy_value. */
IFT_API ift_status ift_energy_first_variation(const ift_energy *energy, double *out, const double *points, int64_t n,
                                              int64_t d, const ift_measure *measure);

/* v = grad g at n points of dimension d (n by d numbers); else as ift_energy_first_variation. */
IFT_API ift_status ift_energy_gradient(const ift_energy *energy, double *out, const double *points, int64_t n,
                                       int64_t d, const ift_measure *measure);

#ifdef __cplusplus
}
#endif

#endif
