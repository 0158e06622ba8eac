/* cli/matrix.h - small matrices, row-major, d by d; of symmetric ones the lower triangle is read. */
#ifndef CLI_MATRIX_H
#define CLI_MATRIX_H

#include <stdbool.h>
#include <stdint.h>

/* Cholesky's factor in place of the lower triangle; false: the matrix is not positive definite. */
bool cli_cholesky(double *matrix, int64_t d);

/* z = L^-1 (x - m); its square. */
double cli_whiten(double *z, const double *x, const double *mean, const double *factor, int64_t d);

/* y = A x */
void cli_multiply(double *y, const double *a, const double *x, int64_t d);

/* x'y */
double cli_dot(const double *x, const double *y, int64_t d);

/* Eigenvalues of a symmetric matrix, in ascending order, and the eigenvectors, a row each. False: out of memory. */
bool cli_eigen(double *values, double *vectors, const double *matrix, int64_t d);

#endif
