/* The only file that calls BLAS and LAPACK. LAPACK through its Fortran symbols: LAPACKE allocates. */
#include "linalg/blas.h"

#include <limits.h>
#include <stddef.h>

#include <cblas.h>

#include "linalg/linalg.h"

/* The last argument is the length of `uplo`, which Fortran compilers pass behind the others. */
void dpotrf_(const char *uplo, const int *n, double *a, const int *lda, int *info, size_t uplo_length);
void dpotri_(const char *uplo, const int *n, double *a, const int *lda, int *info, size_t uplo_length);

ift_status ift_linalg_size(ift_context *context, int64_t n) {
  if (n >= 0 && n <= INT_MAX) return IFT_OK;
  return ift_fail(context, IFT_ERR_ARGUMENT, "a matrix of %lld rows is too large for BLAS; at most %d are allowed",
                  (long long)n, INT_MAX);
}

bool ift_blas_cholesky(double *a, int64_t n, int64_t stride) {
  /* a lower triangle by rows is an upper triangle by columns */
  const int order = (int)n, lda = (int)stride;
  int info = 0;
  if (order > 0) dpotrf_("U", &order, a, &lda, &info, 1);
  if (info != 0) return false;
  /* not every LAPACK notices NaN */
  for (int64_t i = 0; i < n; i++)
    if (!(a[i * stride + i] > 0)) return false;
  return true;
}

void ift_blas_invert(double *l, int64_t n, int64_t stride) {
  const int order = (int)n, lda = (int)stride;
  int info = 0; /* never anything else for a factor without zeros on its diagonal */
  if (order > 0) dpotri_("U", &order, l, &lda, &info, 1);
}

void ift_blas_solve(const double *l, int64_t n, int64_t stride, bool transposed, double *b) {
  cblas_dtrsv(CblasRowMajor, CblasLower, transposed ? CblasTrans : CblasNoTrans, CblasNonUnit, (int)n, l, (int)stride,
              b, 1);
}

void ift_blas_solve_rows(const double *l, int64_t n, bool transposed, double *x, int64_t count, int64_t stride) {
  if (n == 0 || count == 0) return;
  cblas_dtrsm(CblasRowMajor, CblasRight, CblasLower, transposed ? CblasNoTrans : CblasTrans, CblasNonUnit, (int)count,
              (int)n, 1, l, (int)stride, x, (int)stride);
}

void ift_blas_add_square(double *a, int64_t n, const double *x, int64_t columns) {
  if (n == 0 || columns == 0) return;
  cblas_dsyrk(CblasRowMajor, CblasLower, CblasNoTrans, (int)n, (int)columns, 1, x, (int)columns, 1, a, (int)n);
}

void ift_blas_subtract_square(double *a, int64_t n, const double *x, int64_t columns, int64_t stride) {
  if (n == 0 || columns == 0) return;
  cblas_dsyrk(CblasRowMajor, CblasLower, CblasNoTrans, (int)n, (int)columns, -1, x, (int)stride, 1, a, (int)stride);
}
