/* linalg/blas.h - the BLAS and LAPACK routines in use, on row-major matrices; private to this room. */
#ifndef LINALG_BLAS_H
#define LINALG_BLAS_H

#include <stdbool.h>
#include <stdint.h>

/* All sizes were checked with ift_linalg_size by whoever allocated the matrices. `stride` is the length of a row in
 * memory. */

/* A = LL' in place; false where A is not positive definite. */
bool ift_blas_cholesky(double *a, int64_t n, int64_t stride);

/* A^-1 from L in place, lower triangle. */
void ift_blas_invert(double *l, int64_t n, int64_t stride);

/* b = L^-1 b, or with `transposed` L'^-1 b. */
void ift_blas_solve(const double *l, int64_t n, int64_t stride, bool transposed, double *b);

/* Every row of X, `count` of them, becomes the solution of L x = row, or with `transposed` L'x = row. */
void ift_blas_solve_rows(const double *l, int64_t n, bool transposed, double *x, int64_t count, int64_t stride);

/* A += XX', lower triangle; X is n by `columns`, both without gaps. */
void ift_blas_add_square(double *a, int64_t n, const double *x, int64_t columns);

/* A -= XX', lower triangle; X is n by `columns` of the same stride. */
void ift_blas_subtract_square(double *a, int64_t n, const double *x, int64_t columns, int64_t stride);

#endif
