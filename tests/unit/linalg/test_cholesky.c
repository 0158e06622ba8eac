/* Products with symmetric matrices, Cholesky factors and what is solved with them, sizes that BLAS can't count. */
#include "support/near.h"

#include <stdlib.h>
#include <string.h>

#include "linalg/linalg.h"

static uint64_t seed = 20240601;

static double uniform(void) {
  seed = seed * 6364136223846793005u + 1442695040888963407u;
  return (double)(seed >> 11) * 0x1p-53 - 0.5;
}

static double *numbers(int64_t count) {
  double *values = malloc((size_t)(count > 0 ? count : 1) * sizeof *values);
  assert_non_null(values);
  for (int64_t i = 0; i < count; i++) values[i] = uniform();
  return values;
}

/* BB' + I */
static double *positive_matrix(int64_t n) {
  double *b = numbers(n * n), *a = numbers(n * n);
  for (int64_t i = 0; i < n; i++)
    for (int64_t j = 0; j < n; j++) {
      double sum = i == j ? 1 : 0;
      for (int64_t k = 0; k < n; k++) sum += b[i * n + k] * b[j * n + k];
      a[i * n + j] = sum;
    }
  free(b);
  return a;
}

static const int64_t SIZES[] = {1, 2, 3, 4, 5, 7, 8, 9, 16, 23, 64, 65, 100, 158};
enum { COUNT = sizeof SIZES / sizeof *SIZES };

static void test_symmetric_multiply(void **state) {
  (void)state;
  for (int s = 0; s < COUNT; s++) {
    const int64_t n = SIZES[s];
    double *a = positive_matrix(n), *x = numbers(n), *y = numbers(n), *z = malloc((size_t)n * sizeof *z);
    memcpy(z, y, (size_t)n * sizeof *z);
    ift_symmetric_multiply(z, 0.7, a, n, x, -2);
    for (int64_t i = 0; i < n; i++) {
      long double sum = -2.0L * (long double)y[i];
      for (int64_t j = 0; j < n; j++) sum += 0.7L * (long double)a[i * n + j] * (long double)x[j];
      assert_near(z[i], (double)sum, 1e-14, 1e-13);
    }
    /* beta 0: what was in y doesn't matter */
    for (int64_t i = 0; i < n; i++) z[i] = NAN;
    ift_symmetric_multiply(z, 1, a, n, x, 0);
    for (int64_t i = 0; i < n; i++) assert_true(isfinite(z[i]));
    free(a), free(x), free(y), free(z);
  }
}

static void test_add_rows(void **state) {
  (void)state;
  const int64_t n = 37, rows[] = {5, 0, 36, 12, 13};
  double *a = positive_matrix(n), *x = numbers(5);
  for (int64_t count = 0; count <= 5; count++) {
    double y[37];
    for (int64_t i = 0; i < n; i++) y[i] = (double)i;
    ift_add_rows(y, a, n, rows, x, count);
    for (int64_t i = 0; i < n; i++) {
      double sum = (double)i;
      for (int64_t k = 0; k < count; k++) sum += x[k] * a[rows[k] * n + i];
      assert_near(y[i], sum, 1e-14, 1e-14);
    }
  }
  free(a), free(x);
}

static void test_cholesky(void **state) {
  (void)state;
  ift_context *context;
  assert_status(IFT_OK, ift_context_create(&context));
  for (int s = 0; s < COUNT; s++) {
    const int64_t n = SIZES[s];
    double *a = positive_matrix(n), *l = malloc((size_t)(n * n) * sizeof *l);
    memcpy(l, a, (size_t)(n * n) * sizeof *l);
    bool positive = false;
    assert_status(IFT_OK, ift_cholesky(context, l, n, &positive));
    assert_true(positive);
    for (int64_t i = 0; i < n; i++)
      for (int64_t j = 0; j < n; j++) {
        double sum = 0;
        for (int64_t k = 0; k <= (i < j ? i : j); k++) sum += l[i * n + k] * l[j * n + k];
        assert_near(sum, a[i * n + j], 1e-13, 1e-13);
        if (j > i) assert_true(l[i * n + j] == a[i * n + j]);
      }
    for (int64_t columns = 1; columns <= 3; columns++) {
      double *x = numbers(n * columns), *b = malloc((size_t)(n * columns) * sizeof *b);
      for (int64_t i = 0; i < n; i++)
        for (int64_t c = 0; c < columns; c++) {
          double sum = 0;
          for (int64_t j = 0; j < n; j++) sum += a[i * n + j] * x[j * columns + c];
          b[i * columns + c] = sum;
        }
      assert_status(IFT_OK, ift_cholesky_solve(context, l, n, b, columns));
      for (int64_t i = 0; i < n * columns; i++) assert_near(b[i], x[i], 0, 1e-11);
      free(x), free(b);
    }
    memcpy(l, a, (size_t)(n * n) * sizeof *l);
    assert_status(IFT_OK, ift_cholesky_invert(context, l, n, &positive));
    assert_true(positive);
    for (int64_t i = 0; i < n; i++)
      for (int64_t j = 0; j < n; j++) {
        double sum = 0;
        for (int64_t k = 0; k < n; k++) sum += a[i * n + k] * l[k * n + j];
        assert_near(sum, i == j, 0, 1e-11);
        assert_true(l[i * n + j] == l[j * n + i]);
      }
    free(a), free(l);
  }
  ift_context_destroy(context);
}

static void test_triangular_solves_and_log_determinant(void **state) {
  (void)state;
  ift_context *context;
  assert_status(IFT_OK, ift_context_create(&context));
  double a[] = {4, 99, 2, 10}, b[] = {2, 1, 4, 3};
  bool positive;
  assert_status(IFT_OK, ift_cholesky(context, a, 2, &positive));
  assert_true(positive);
  assert_true(a[1] == 99); /* L = [2 .; 1 3] */
  assert_near(ift_cholesky_log_determinant(a, 2), log(36), 1e-15, 0);
  assert_status(IFT_OK, ift_cholesky_solve_lower(context, a, 2, b, 2));
  assert_near(b[0], 1, 0, 1e-16), assert_near(b[1], 0.5, 0, 1e-16);
  assert_near(b[2], 1, 0, 1e-16), assert_near(b[3], 2.5 / 3, 0, 1e-16);
  assert_status(IFT_OK, ift_cholesky_solve_upper(context, a, 2, b, 2));
  assert_near(b[2], 1. / 3, 0, 1e-16), assert_near(b[0], 1. / 3, 0, 1e-16);
  assert_near(b[3], 2.5 / 9, 0, 1e-16), assert_near(b[1], (0.5 - 2.5 / 9) / 2, 0, 1e-16);
  ift_context_destroy(context);
}

static void test_not_positive_definite(void **state) {
  (void)state;
  ift_context *context;
  assert_status(IFT_OK, ift_context_create(&context));
  bool positive = true;
  double indefinite[] = {1, 2, 2, 1}, zero[] = {0}, nan[] = {NAN};
  assert_status(IFT_OK, ift_cholesky(context, indefinite, 2, &positive));
  assert_false(positive);
  assert_status(IFT_OK, ift_cholesky(context, zero, 1, &positive));
  assert_false(positive);
  assert_status(IFT_OK, ift_cholesky(context, nan, 1, &positive));
  assert_false(positive);
  assert_status(IFT_OK, ift_cholesky_invert(context, indefinite, 2, &positive));
  assert_false(positive);
  assert_status(IFT_OK, ift_cholesky(context, zero, 0, &positive)); /* nothing is positive definite */
  assert_true(positive);
  ift_context_destroy(context);
}

static void test_sizes(void **state) {
  (void)state;
  ift_context *context;
  assert_status(IFT_OK, ift_context_create(&context));
  bool positive;
  double a = 1, b = 1;
  const int64_t large = (int64_t)INT32_MAX + 1;
  assert_status(IFT_OK, ift_linalg_size(context, INT32_MAX));
  assert_status(IFT_ERR_ARGUMENT, ift_linalg_size(context, large));
  assert_non_null(strstr(ift_context_message(context), "2147483648"));
  assert_status(IFT_ERR_ARGUMENT, ift_linalg_size(context, -1));
  assert_status(IFT_ERR_ARGUMENT, ift_cholesky(context, &a, large, &positive));
  assert_status(IFT_ERR_ARGUMENT, ift_cholesky_solve(context, &a, large, &b, 1));
  assert_status(IFT_ERR_ARGUMENT, ift_cholesky_solve_lower(context, &a, large, &b, 1));
  assert_status(IFT_ERR_ARGUMENT, ift_cholesky_solve_upper(context, &a, large, &b, 1));
  ift_context_destroy(context);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_symmetric_multiply),
      cmocka_unit_test(test_add_rows),
      cmocka_unit_test(test_cholesky),
      cmocka_unit_test(test_triangular_solves_and_log_determinant),
      cmocka_unit_test(test_not_positive_definite),
      cmocka_unit_test(test_sizes),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
