/* Cholesky factorization, what is solved with it, and products with symmetric matrices. */
#include <math.h>

#include "linalg/blas.h"
#include "linalg/linalg.h"

/* y += x[0] r[0] + ... + x[3] r[3] on n entries. The inner loop has a fixed length so that compilers vectorize it at
 * -O2; the sum of each entry has the same order in the remainder. */
static void add_four(double *restrict y, const double *const r[4], const double x[4], int64_t n) {
  const double *restrict r0 = r[0], *restrict r1 = r[1], *restrict r2 = r[2], *restrict r3 = r[3];
  const double x0 = x[0], x1 = x[1], x2 = x[2], x3 = x[3];
  int64_t i = 0;
  for (; i + 8 <= n; i += 8)
    for (int l = 0; l < 8; l++) y[i + l] += (x0 * r0[i + l] + x1 * r1[i + l]) + (x2 * r2[i + l] + x3 * r3[i + l]);
  for (; i < n; i++) y[i] += (x0 * r0[i] + x1 * r1[i]) + (x2 * r2[i] + x3 * r3[i]);
}

static void add_rows(double *y, const double *a, int64_t n, const int64_t *rows, double alpha, const double *x,
                     int64_t count) {
  for (int64_t k = 0; k < count; k += 4) {
    const double *r[4];
    double w[4];
    for (int64_t l = 0; l < 4; l++) {
      /* a missing row counts as the last one with weight 0 */
      const int64_t at = k + l < count ? k + l : count - 1;
      r[l] = a + (rows ? rows[at] : at) * n;
      w[l] = k + l < count ? alpha * x[at] : 0;
    }
    add_four(y, r, w, n);
  }
}

void ift_add_rows(double *y, const double *a, int64_t n, const int64_t *rows, const double *x, int64_t count) {
  add_rows(y, a, n, rows, 1, x, count);
}

void ift_symmetric_multiply(double *y, double alpha, const double *a, int64_t n, const double *x, double beta) {
  for (int64_t i = 0; i < n; i++) y[i] = beta == 0 ? 0 : beta * y[i];
  add_rows(y, a, n, NULL, alpha, x, n);
}

ift_status ift_cholesky(ift_context *context, double *a, int64_t n, bool *positive_definite) {
  IFT_TRY(ift_linalg_size(context, n));
  *positive_definite = ift_blas_cholesky(a, n, n);
  return IFT_OK;
}

ift_status ift_cholesky_invert(ift_context *context, double *a, int64_t n, bool *positive_definite) {
  IFT_TRY(ift_cholesky(context, a, n, positive_definite));
  if (!*positive_definite) return IFT_OK;
  ift_blas_invert(a, n, n);
  for (int64_t i = 0; i < n; i++)
    for (int64_t j = 0; j < i; j++) a[j * n + i] = a[i * n + j];
  return IFT_OK;
}

/* b[i] -= factor b[j] on rows of `columns` numbers */
static void subtract_row(double *restrict to, double factor, const double *restrict from, int64_t columns) {
  for (int64_t c = 0; c < columns; c++) to[c] -= factor * from[c];
}

ift_status ift_cholesky_solve_lower(ift_context *context, const double *l, int64_t n, double *b, int64_t columns) {
  IFT_TRY(ift_linalg_size(context, n));
  if (columns == 1) {
    ift_blas_solve(l, n, n, false, b);
    return IFT_OK;
  }
  for (int64_t i = 0; i < n; i++) {
    for (int64_t j = 0; j < i; j++) subtract_row(b + i * columns, l[i * n + j], b + j * columns, columns);
    for (int64_t c = 0; c < columns; c++) b[i * columns + c] /= l[i * n + i];
  }
  return IFT_OK;
}

ift_status ift_cholesky_solve_upper(ift_context *context, const double *l, int64_t n, double *b, int64_t columns) {
  IFT_TRY(ift_linalg_size(context, n));
  if (columns == 1) {
    ift_blas_solve(l, n, n, true, b);
    return IFT_OK;
  }
  for (int64_t i = n - 1; i >= 0; i--) {
    for (int64_t c = 0; c < columns; c++) b[i * columns + c] /= l[i * n + i];
    for (int64_t j = 0; j < i; j++) subtract_row(b + j * columns, l[i * n + j], b + i * columns, columns);
  }
  return IFT_OK;
}

ift_status ift_cholesky_solve(ift_context *context, const double *l, int64_t n, double *b, int64_t columns) {
  IFT_TRY(ift_cholesky_solve_lower(context, l, n, b, columns));
  return ift_cholesky_solve_upper(context, l, n, b, columns);
}

double ift_cholesky_log_determinant(const double *l, int64_t n) {
  double sum = 0;
  for (int64_t i = 0; i < n; i++) sum += log(l[i * n + i]);
  return 2 * sum;
}
