/* Small matrices. */
#include "cli/matrix.h"

#include <math.h>
#include <string.h>

#include <gsl/gsl_eigen.h>

#include "cli/message.h"

bool cli_cholesky(double *matrix, int64_t d) {
  for (int64_t i = 0; i < d; i++)
    for (int64_t j = 0; j <= i; j++) {
      double sum = matrix[i * d + j];
      for (int64_t k = 0; k < j; k++) sum -= matrix[i * d + k] * matrix[j * d + k];
      if (i == j && !(sum > 0)) return false;
      matrix[i * d + j] = i == j ? sqrt(sum) : sum / matrix[j * d + j];
    }
  return true;
}

double cli_whiten(double *z, const double *x, const double *mean, const double *factor, int64_t d) {
  double square = 0;
  for (int64_t i = 0; i < d; i++) {
    z[i] = x[i] - mean[i];
    for (int64_t j = 0; j < i; j++) z[i] -= factor[i * d + j] * z[j];
    z[i] /= factor[i * d + i];
    square += z[i] * z[i];
  }
  return square;
}

double cli_dot(const double *x, const double *y, int64_t d) {
  double sum = 0;
  for (int64_t j = 0; j < d; j++) sum += x[j] * y[j];
  return sum;
}

void cli_multiply(double *y, const double *a, const double *x, int64_t d) {
  for (int64_t i = 0; i < d; i++) y[i] = cli_dot(a + i * d, x, d);
}

bool cli_eigen(double *values, double *vectors, const double *matrix, int64_t d) {
  const size_t n = (size_t)d;
  gsl_eigen_symmv_workspace *work = gsl_eigen_symmv_alloc(n);
  gsl_matrix *copy = gsl_matrix_alloc(n, n), *columns = gsl_matrix_alloc(n, n);
  const bool allocated = work && copy && columns;
  if (allocated) {
    gsl_vector_view eigenvalues = gsl_vector_view_array(values, n);
    memcpy(copy->data, matrix, n * n * sizeof *matrix);
    gsl_eigen_symmv(copy, &eigenvalues.vector, columns, work);
    gsl_eigen_symmv_sort(&eigenvalues.vector, columns, GSL_EIGEN_SORT_VAL_ASC);
    for (size_t i = 0; i < n; i++)
      for (size_t j = 0; j < n; j++) vectors[i * n + j] = gsl_matrix_get(columns, j, i);
  }
  if (work) gsl_eigen_symmv_free(work);
  if (copy) gsl_matrix_free(copy);
  if (columns) gsl_matrix_free(columns);
  return allocated || cli_fail("out of memory");
}
