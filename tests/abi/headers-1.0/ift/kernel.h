/* ift/kernel.h - kernels, their sums over pairs, MMD. Part of libift; include <ift.h>. */
#ifndef IFT_KERNEL_H
#define IFT_KERNEL_H

#include <ift/measure.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A symmetric kernel k(x, y) on R^d, any d; immutable. r = |x - y|. Where a gradient does not exist (laplace,
 * matern12 and riesz with q <= 1, at x = y) it is taken as 0. */
typedef struct ift_kernel ift_kernel;

/* The built-in kernels. All parameters are finite; scales are > 0 and in the units of the coordinates.
 * Errors: ARGUMENT (NULL pointer, parameter out of range), NO_MEMORY. */

/* exp(-r^2 / (2 sigma^2)) */
IFT_API ift_status ift_kernel_gaussian(ift_context *context, ift_kernel **out, double sigma);
/* exp(-r / scale) */
IFT_API ift_status ift_kernel_laplace(ift_context *context, ift_kernel **out, double scale);
/* Matern of smoothness nu = 1/2, 3/2 or 5/2 (Rasmussen and Williams 2006, section 4.2) with z = sqrt(2 nu) r / length:
 * exp(-z), (1 + z) exp(-z), (1 + z + z^2/3) exp(-z). Other nu: ARGUMENT. */
IFT_API ift_status ift_kernel_matern(ift_context *context, ift_kernel **out, double nu, double length);
/* Inverse multiquadric (1 + r^2 / c^2)^(-beta), c > 0, beta > 0 (usually 1/2) */
IFT_API ift_status ift_kernel_imq(ift_context *context, ift_kernel **out, double c, double beta);
/* -r^q, 0 < q < 2; q = 1 is the energy distance (Szekely and Rizzo 2013). Only conditionally positive definite: MMD
 * needs equal masses; flows of free mass use |x - x0|^q + |y - x0|^q - r^q, x0 the target's weighted mean. */
IFT_API ift_status ift_kernel_riesz(ift_context *context, ift_kernel **out, double q);
/* x'y */
IFT_API ift_status ift_kernel_linear(ift_context *context, ift_kernel **out);
/* (x'y + c)^power, c >= 0, power = 1, 2, ..., 16 */
IFT_API ift_status ift_kernel_polynomial(ift_context *context, ift_kernel **out, double c, int power);

/* sum_i coefficients[i] kernels[i], coefficients finite and > 0, count >= 1. The parts are retained. Errors:
 * ARGUMENT, CONTEXT, CAPABILITY (a custom kernel inside a sum of other kernels is allowed; more than 64 parts, those
 * of nested sums counted, are not), NO_MEMORY. */
IFT_API ift_status ift_kernel_sum(ift_context *context, ift_kernel **out, const ift_kernel *const *kernels,
                                  const double *coefficients, int64_t count);

/* A kernel of the caller's. `evaluate` fills values (n by m) with k(x_i, y_j) and, where `gradients` is not NULL,
 * gradients (n by m by d) with the gradient in x_i; x is n by d, y is m by d. It must be symmetric and positive
 * definite; ift_kernel_check tests it. n m (d + 1) is at most 65536 unless d alone is larger. Errors: ARGUMENT,
 * NO_MEMORY. */
IFT_API ift_status ift_kernel_custom(ift_context *context, ift_kernel **out,
                                     int (*evaluate)(double *values, double *gradients, const double *x, int64_t n,
                                                     const double *y, int64_t m, int64_t d, void *user),
                                     void *user, void (*destroy)(void *user));

/* A kernel from text: gaussian:SIGMA, laplace:S, matern12:L, matern32:L, matern52:L, imq:C or imq:C,BETA, riesz:R,
 * energy (= riesz:1), linear, polynomial:C,P, and sums such as 0.5*gaussian:1+0.5*gaussian:4. (`gaussian:median`
 * needs data: see ift_bandwidth_median; the command accepts it.) Errors: ARGUMENT (NULL), OPTION (what is wrong, and
 * where), NO_MEMORY. */
IFT_API ift_status ift_kernel_parse(ift_context *context, ift_kernel **out, const char *spec);

IFT_API void ift_kernel_destroy(ift_kernel *kernel);

/* gram[i m + j] = k(x_i, y_j), x n by d, y m by d. y NULL (with m = n) means x: then the matrix is symmetric to the
 * last bit. Errors: ARGUMENT, NOT_FINITE (a value overflows), CALLBACK, BUSY; what is in `gram` after the last three
 * is undefined, since a copy would double the memory. */
IFT_API ift_status ift_kernel_gram(const ift_kernel *kernel, double *gram, const double *x, int64_t n, int64_t d,
                                   const double *y, int64_t m);

/* value[i] = sum_j w_j k(x_i, y_j) and gradient[i d + l] = sum_j w_j d/dx_il k(x_i, y_j): the loop under everything.
 * Either output may be NULL; w NULL means ones; m = 0 gives zeros. Errors: ARGUMENT, NOT_FINITE (a result overflows
 * or an input is not finite), CALLBACK, BUSY, NO_MEMORY. */
IFT_API ift_status ift_kernel_sum_pairs(const ift_kernel *kernel, double *value, double *gradient, const double *x,
                                        int64_t n, int64_t d, const double *y, int64_t m, const double *w);

/* Tests a kernel on n >= 2 points: symmetry, gradients against central differences (where they exist), and a
 * smallest eigenvalue of the Gram matrix (of its doubly centered form for a conditionally positive definite kernel)
 * >= -tolerance times the largest. `tolerance` is relative, 1e-6 is usual. Errors: ARGUMENT, CAPABILITY (the kernel
 * fails; the message says which test, which points and by how much), NOT_FINITE, CALLBACK, NO_MEMORY, BUSY. */
IFT_API ift_status ift_kernel_check(const ift_kernel *kernel, const double *x, int64_t n, int64_t d, double tolerance);

/* Median heuristic (Gretton et al. 2012, section 8): *out = sqrt(median of |x_i - x_j|^2 over i < j, divided by 2),
 * the mean of the two middle ones for an even count; weights are not used. Exact to 5000 particles, above that on
 * 5000 of them evenly spaced. Errors: ARGUMENT (fewer than two particles, or a median of 0: the message says
 * so), NOT_FINITE, NO_MEMORY. */
IFT_API ift_status ift_bandwidth_median(const ift_measure *measure, double *out);

/* MMD^2(a, b) = iint k d(a-b) d(a-b) (Gretton et al. 2012), V-statistic, weights used; sizes may differ; never below
 * 0 for a positive definite kernel. O((n+m)^2) kernel values, O(n+m) memory. Errors: ARGUMENT (a conditionally
 * positive definite kernel and masses that differ by more than 1e-9 relative), DIMENSION, CONTEXT, NOT_FINITE,
 * CALLBACK, NO_MEMORY, BUSY. */
IFT_API ift_status ift_mmd2(const ift_kernel *kernel, double *out, const ift_measure *a, const ift_measure *b);

/* Standard error of MMD^2(a, b) where the particles of b are an independent sample (weights used) and a is held
 * fixed, from the influence function: 2 sqrt(sum_j w_j^2 (f_j - mean f)^2), f the witness at b's particles. 0 for a
 * single particle. Errors: as ift_mmd2. */
IFT_API ift_status ift_mmd2_standard_error(const ift_kernel *kernel, double *out, const ift_measure *a,
                                           const ift_measure *b);

/* The witness function out[i] = sum_j a_j k(x_i, a_j) - sum_j b_j k(x_i, b_j) at n points of dimension d. Errors: as
 * ift_mmd2. */
IFT_API ift_status ift_witness(const ift_kernel *kernel, double *out, const double *points, int64_t n, int64_t d,
                               const ift_measure *a, const ift_measure *b);

#ifdef __cplusplus
}
#endif

#endif
