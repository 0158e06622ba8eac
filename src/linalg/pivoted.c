/* Cholesky factorization with the largest diagonal element as pivot (Harbrecht, Peters and Schneider 2012), column by
 * column, and the products that its factor is used in. */
#include <math.h>
#include <string.h>

#include "linalg/blas.h"
#include "linalg/linalg.h"

static int64_t pivot(const double *residual, const double *prefer, int64_t n) {
  int64_t best = 0;
  for (int64_t i = 1; i < n; i++) {
    if (residual[i] < residual[best]) continue;
    if (residual[i] > residual[best] || prefer[i] > prefer[best]) best = i;
  }
  return best;
}

void ift_pivoted_cholesky(double *g, int64_t *rank, double *residual, int64_t n, int64_t most, double tolerance,
                          const double *prefer, ift_column_function *column, void *user, double *work) {
  for (*rank = 0; *rank < most; ++*rank) {
    const int64_t p = pivot(residual, prefer, n);
    if (!(residual[p] > tolerance)) return;
    double *row = g + *rank * n;
    memcpy(row, column(user, p), (size_t)n * sizeof *row);
    for (int64_t k = 0; k < *rank; k++) work[k] = -g[k * n + p];
    ift_add_rows(row, g, n, NULL, work, *rank);
    const double root = sqrt(residual[p]);
    for (int64_t i = 0; i < n; i++) {
      row[i] /= root;
      residual[i] = fmax(residual[i] - row[i] * row[i], 0);
    }
    residual[p] = 0;
  }
}

void ift_multiply_rows(double *y, const double *a, int64_t n, const double *x, int64_t count) {
  for (int64_t k = 0; k < count; k++) {
    const double *row = a + k * n;
    double parts[8] = {0};
    int64_t i = 0;
    for (; i + 8 <= n; i += 8)
      for (int l = 0; l < 8; l++) parts[l] += row[i + l] * x[i + l];
    for (; i < n; i++) parts[i % 8] += row[i] * x[i];
    y[k] = ((parts[0] + parts[4]) + (parts[2] + parts[6])) + ((parts[1] + parts[5]) + (parts[3] + parts[7]));
  }
}

void ift_add_square(double *a, int64_t n, const double *x, int64_t columns) {
  ift_blas_add_square(a, n, x, columns);
}
