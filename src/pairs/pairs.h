/* pairs/pairs.h - sums of a kernel over all pairs of points: the loop under everything.
 *
 * A kernel is a sum of terms, each a function of one number of a pair: s = |x-y|^2 or s = x'y, or a callback on
 * whole blocks. */
#ifndef PAIRS_PAIRS_H
#define PAIRS_PAIRS_H

#include <stdint.h>

#include "base/context.h"
#include "base/isa.h"

typedef enum ift_pair_form {
  IFT_RADIAL,   /* k = f(|x-y|^2) */
  IFT_GAUSSIAN, /* the same, of gradient -k/p^2 (x-y), p the first parameter: slopes need not be asked for */
  IFT_DOT,      /* k = f(x'y) */
  IFT_BLOCK     /* k by a callback */
} ift_pair_form;

enum { IFT_PAIR_PARAMETERS = 2, IFT_PAIR_SCRATCH = 65536 };

/* Sources come in blocks, numbers of a block in groups, for vector instructions. */
enum { IFT_PAIR_BLOCK = 128, IFT_PAIR_LANES = 8 };

/* `count` filled up to whole units. */
static inline int64_t ift_pairs_whole(int64_t count, int64_t unit) {
  return (count + unit - 1) / unit * unit;
}

/* Rows of square matrices that are multiplied with, filled up to whole groups. */
enum { IFT_PAIR_GROUP = 16 };
static inline int64_t ift_pairs_stride(int64_t n) {
  return ift_pairs_whole(n, IFT_PAIR_GROUP);
}

/* value[j] += coefficient f(s[j]); where slope is not NULL, slope[j] += coefficient f'(s[j]) for dot terms and, so
 * that the gradient is slope (x-y), 2 coefficient f'(s[j]) for radial ones (0 where the gradient does not exist).
 * `count` is a multiple of IFT_PAIR_LANES, at most IFT_PAIR_BLOCK; value, slope and s don't overlap. */
typedef void ift_pair_profile(double *value, double *slope, const double *s, int count, double coefficient,
                              const double *parameters);

/* value[j] = f(s[j]), slope as above but = and without a coefficient, on the vectors of one instruction set; `count` is a multiple of
 * their length. */
typedef void ift_pair_function(double *value, double *slope, const double *s, int count, const double *parameters);

/* bend[j] += coefficient f''(s[j]) for dot terms and 4 coefficient s f''(s[j]) for radial ones, so that with z = x-y the
 * mixed second derivative is slope I + bend y x' and -(slope I + bend z z'/|z|^2). Otherwise as above. */
typedef void ift_pair_bend(double *bend, const double *s, int count, double coefficient, const double *parameters);

typedef struct ift_pair_term {
  ift_pair_form form;
  double coefficient;
  double parameters[IFT_PAIR_PARAMETERS];
  ift_pair_profile *profile;           /* radial and dot terms without `functions` */
  ift_pair_function *const *functions; /* one for each instruction set, or NULL */
  ift_pair_bend *bend; /* of radial and dot terms; NULL where the mixed derivative does not exist at x = y */
  bool has_length;     /* the first parameter is a length: f is a function of |x-y| over it */
  double degree;       /* f(c^2 s) = c^degree f(s) for a homogeneous term; else 0 */
  bool exponential;    /* k = coefficient exp(-|x-y|/p), p the first parameter */
  int (*evaluate)(double *values, double *gradients, const double *x, int64_t n, const double *y, int64_t m, int64_t d,
                  void *user); /* block terms, see ift_kernel_custom */
  void *user;
  double *scratch; /* IFT_PAIR_SCRATCH doubles of a block term */
} ift_pair_term;

/* value_i = sum_j w_j k(x_i, y_j), gradient_i = sum_j w_j grad_1 k(x_i, y_j); either may be NULL, w NULL means ones.
 * Fixed blocks and a fixed order of summation: no bit depends on the number of threads. IFT_ERR_NOT_FINITE,
 * IFT_ERR_CALLBACK, IFT_STOPPED (a callback asked to stop), IFT_ERR_NO_MEMORY (block terms with d > 65535; engines that
 * sort, pack or factorize, until the context has had memory for a problem of that size). */
ift_status ift_pairs_sum(ift_context *context, const ift_pair_term *terms, int count, double *value, double *gradient,
                         const double *x, int64_t n, int64_t d, const double *y, int64_t m, const double *w);

/* matrix[i m + j] = k(x_i, y_j). Errors as above. */
ift_status ift_pairs_matrix(ift_context *context, const ift_pair_term *terms, int count, double *matrix,
                            const double *x, int64_t n, int64_t d, const double *y, int64_t m);

/* value[i] = k(x_i, x_i). Errors as above; off the diagonal a value need not be finite. */
ift_status ift_pairs_diagonal(ift_context *context, const ift_pair_term *terms, int count, double *value,
                              const double *x, int64_t n, int64_t d);

/* gradient_i = sum_j matrix_ij (scale_i u_j + w_j) (x_i - x_j), `matrix` n by n: two radial gradients of which the kernel
 * is known. The same blocks, order and threads. */
void ift_pairs_differences(ift_context *context, double *gradient, const double *matrix, const double *scale,
                           const double *u, const double *w, const double *x, int64_t n, int64_t d);

/* The Gram matrix of k(x_i, .) and its derivatives in the d coordinates of x_i, point by point: n (d+1) squared, of which
 * the lower triangle is written. All terms have a bend. IFT_ERR_NOT_FINITE. */
ift_status ift_pairs_tangents(ift_context *context, const ift_pair_term *terms, int count, double *matrix,
                              const double *x, int64_t n, int64_t d);

/* For large n the same matrix need not be formed. Let all terms be radial, `size` be k(x,x) and `bent` minus the second
 * derivative of k at x = y. With unit columns the block of points i and j is [K, S z'; -S z, S I - B z z'], z = x_i - x_j
 * times the root of bent/size: here are the matrices K, S and B, n by n, with zeros behind that up to ift_pairs_stride(n)
 * squared. IFT_ERR_NOT_FINITE. */
ift_status ift_pairs_profiles(ift_context *context, const ift_pair_term *terms, int count, double *value, double *slope,
                              double *bend, double *size, double *bent, const double *x, int64_t n, int64_t d);

/* out = that matrix times u, of points x already times that root, near 0; here x is d by n, and u and out d+1 by n:
 * coordinate by coordinate, those of k first. All rows are ift_pairs_stride(n) long, with zeros behind n. */
void ift_pairs_tangent_product(ift_context *context, double *out, const double *value, const double *slope,
                               const double *bend, const double *x, int64_t n, int64_t d, const double *u);

/* Rows of `out` = `first` times row 0 of u, `rest` times each of the d others. Matrices and rows filled up alike, matrices
 * by anything that is finite; `first` NULL counts as 0. */
void ift_pairs_product(ift_context *context, double *out, const double *first, const double *rest, int64_t n, int64_t d,
                       const double *u);

/* f at `count` numbers, and its slope unless that is NULL; both are overwritten. A multiple of IFT_PAIR_LANES, or of the vectors of
 * `isa`. */
void ift_pair_evaluate(const ift_pair_term *term, ift_isa isa, double *value, double *slope, const double *s,
                       int count);

/* The same by all terms, none of them a callback, with their coefficients; `size` is a multiple of IFT_PAIR_LANES. */
void ift_pair_evaluate_terms(const ift_pair_term *terms, int count, ift_isa isa, double *value, double *slope,
                             const double *s, int size);

/* Is it a function of the distance, or of the dot product? */
bool ift_pair_has_form(const ift_pair_term *term, bool dot);

/* What one block term adds to sums or to a matrix. IFT_ERR_CALLBACK, IFT_STOPPED, IFT_ERR_NO_MEMORY. */
ift_status ift_pairs_block(ift_context *context, const ift_pair_term *term, double *value, double *gradient,
                           double *matrix, const double *x, int64_t n, int64_t d, const double *y, int64_t m,
                           const double *w);

#endif
