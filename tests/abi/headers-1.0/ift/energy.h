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

/* An energy needs things of its target: draws from it, a density, a score. Where the target has them not, the
 * constructor fails with IFT_ERR_CAPABILITY and says what is missing. */

/* F(mu) = 1/2 MMD^2(mu, pi) = 1/2 iint k d(mu-pi) d(mu-pi) (note the 1/2). Then g(x) = sum_j a_j k(x, x_j) - c(x)
 * with the target's embedding c(x) = int k(x, y) dpi(y). For conditionally positive definite kernels (riesz) and a
 * mu whose mass is not the target's, F, g and v are those of the kernel anchored at the target's mean (see
 * ift_kernel_riesz). Errors: ARGUMENT, CONTEXT, NO_MEMORY, and NOT_FINITE or CALLBACK from the kernel. */
IFT_API ift_status ift_energy_mmd(ift_context *context, ift_energy **out, const ift_kernel *kernel,
                                  const ift_target *target);

/* F(mu) = KL(mu|pi), the Kullback-Leibler divergence from a target with log-density and score, by the blob method
 * (Carrillo, Craig and Patacchini 2019): with rho = phi * mu, phi the Gaussian of standard deviation `bandwidth` > 0
 * and integral 1, F = int (log rho - log pi) dmu - m + 1, m the mass of mu; g(x) = log rho(x) + sum_j a_j phi(x -
 * x_j)/rho(x_j) - log pi(x) - 1. A constant that log pi lacks is lacking in F as well, and where mass is free it ends
 * at the integral of exp(log pi). The minimizer is narrower than pi, by about bandwidth^4 over the variance for many
 * particles. Not convex in mu; one evaluation of g and v costs two pair sums. Errors: ARGUMENT, CONTEXT, CAPABILITY,
 * NO_MEMORY; a particle where log pi or the score is not finite is NOT_FINITE when it is evaluated. */
IFT_API ift_status ift_energy_kl(ift_context *context, ift_energy **out, const ift_target *target, double bandwidth);

/* F(mu) = int V dmu in d >= 1 dimensions: g = V and v = grad V. `potential` writes V(x_i) (n values) and, where
 * `gradients` is not NULL, grad V(x_i) (n by d). It returns 0, > 0 to stop (IFT_STOPPED), < 0 for an error
 * (IFT_ERR_CALLBACK), runs on the calling thread, and must not use the energy itself (IFT_ERR_BUSY); a value that is
 * not finite is IFT_ERR_NOT_FINITE. `destroy` (may be NULL) is called when the energy is no longer needed, also if
 * this function fails. Errors: ARGUMENT, NO_MEMORY. */
IFT_API ift_status ift_energy_potential(ift_context *context, ift_energy **out, int64_t d,
                                        int (*potential)(double *values, double *gradients, const double *x, int64_t n,
                                                         int64_t d, void *user),
                                        void *user, void (*destroy)(void *user));

/* F(mu) = 1/2 iint W dmu dmu (note the 1/2) in d >= 1 dimensions, W a symmetric function of two points given as a
 * kernel, of which positive definiteness is not asked: g(x) = sum_j a_j W(x, x_j), x = x_j included. Errors: ARGUMENT,
 * CONTEXT, NO_MEMORY. */
IFT_API ift_status ift_energy_interaction(ift_context *context, ift_energy **out, int64_t d, const ift_kernel *kernel);

/* F = sum_k coefficients[k] F_k over `count` >= 1 energies of one dimension, which are retained; coefficients are
 * finite. Errors: ARGUMENT, CONTEXT, DIMENSION, NOT_FINITE, NO_MEMORY. */
IFT_API ift_status ift_energy_sum(ift_context *context, ift_energy **out, const double *coefficients,
                                  const ift_energy *const *energies, int64_t count);

/* An energy of the caller's own in d >= 1 dimensions. `evaluate` is given a measure (n positions, n by d, and weights,
 * some of which may be 0) and writes *value = F, first_variation[i] = g at points[i] (m points, m by d; often the
 * positions themselves) and gradient = grad g there (m by d); each output may be NULL and is then not asked for. Where
 * mass is free, constants in g count. Answers, errors from the callback and `destroy`: as for ift_energy_potential.
 * Errors: ARGUMENT, NO_MEMORY. */
IFT_API ift_status ift_energy_custom(ift_context *context, ift_energy **out, int64_t d,
                                     int (*evaluate)(double *value, double *first_variation, double *gradient,
                                                     const double *points, int64_t m, const double *positions,
                                                     const double *weights, int64_t n, int64_t d, void *user),
                                     void *user, void (*destroy)(void *user));

/* Tests an energy at a measure by central differences: dF/da_i = g(x_i) at live particles, dg/dx = v and dF/dx_i = a_i
 * v(x_i), each to `tolerance` > 0 relative to the largest of its kind; 1e-6 is usual. Errors: ARGUMENT, CONTEXT,
 * DIMENSION, CAPABILITY (the energy fails; the message names the entry, what is there and what differences give),
 * NOT_FINITE, CALLBACK, NO_MEMORY, BUSY. */
IFT_API ift_status ift_energy_check(const ift_energy *energy, const ift_measure *measure, double tolerance);

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
