/* linalg/linalg.h - how BLAS and LAPACK are called, and what they are not asked for.
 *
 * Matrices are row-major; of symmetric and triangular ones only the lower triangle is read, where not said
 * otherwise. Sums that may go through BLAS are those inside a factorization or a triangular solve: the last bits of
 * a factor depend on the host's BLAS, its threads and its CPU (with OpenBLAS 0.3.21, dpotrf from n = 64 on, dtrsm
 * and dgemm wherever a size is no multiple of a block). Products that give a result do not: those of cblas_dgemv
 * differ between one thread and two for n = 100 already, so ift_symmetric_multiply has loops of its own. */
#ifndef LINALG_LINALG_H
#define LINALG_LINALG_H

#include <stdbool.h>
#include <stdint.h>

#include "base/context.h"

/* IFT_ERR_ARGUMENT with a message where a size does not fit in the int that BLAS takes. */
ift_status ift_linalg_size(ift_context *context, int64_t n);

/* y = alpha A x + beta y for symmetric A, n by n, both triangles given; y must not be x and is not read where beta
 * is 0. Each y_i is summed in the order of the columns whatever the machine. */
void ift_symmetric_multiply(double *y, double alpha, const double *a, int64_t n, const double *x, double beta);

/* y += sum over k < count of x[k] A[rows[k]], rows of length n. */
void ift_add_rows(double *y, const double *a, int64_t n, const int64_t *rows, const double *x, int64_t count);

/* y_k = sum over i < n of x[i] A[k][i] for rows k < count, summed in eight fixed parts. */
void ift_multiply_rows(double *y, const double *a, int64_t n, const double *x, int64_t count);

/* A += XX', lower triangle, X n by `columns`; through BLAS. Sizes as ift_linalg_size allows them. */
void ift_add_square(double *a, int64_t n, const double *x, int64_t columns);

/* K = G'G + R for symmetric positive semi-definite K, n by n, with as few rows of G as the largest R_ii takes at each
 * row (pivoted Cholesky): G's rows have length n, *rank of them, at most `most`. Ends where max R_ii <= tolerance; with
 * `most` rows taken before that, *rank is `most` and `residual` (n numbers), the diagonal of R, tells. In: `residual`
 * is the diagonal of K. Of equal R_ii the one with the larger `prefer` is taken, so that the order does not matter.
 * `column` has column i of K; `work` is for `most` numbers. */
typedef const double *ift_column_function(void *user, int64_t i);
void ift_pivoted_cholesky(double *g, int64_t *rank, double *residual, int64_t n, int64_t most, double tolerance,
                          const double *prefer, ift_column_function *column, void *user, double *work);

/* A = LL' in place (the strict upper triangle is left as it is). Where A is not positive definite to working precision,
 * *positive_definite is false, A is destroyed and the status IFT_OK. Errors: ARGUMENT (size). */
ift_status ift_cholesky(ift_context *context, double *a, int64_t n, bool *positive_definite);

/* A becomes its inverse, both triangles. Otherwise as above. */
ift_status ift_cholesky_invert(ift_context *context, double *a, int64_t n, bool *positive_definite);

/* b = L^-1 b, b = L'^-1 b, and both, A^-1 b; b is n by columns. */
ift_status ift_cholesky_solve_lower(ift_context *context, const double *l, int64_t n, double *b, int64_t columns);
ift_status ift_cholesky_solve_upper(ift_context *context, const double *l, int64_t n, double *b, int64_t columns);
ift_status ift_cholesky_solve(ift_context *context, const double *l, int64_t n, double *b, int64_t columns);

/* log det A = 2 sum log L_ii. */
double ift_cholesky_log_determinant(const double *l, int64_t n);

#endif
