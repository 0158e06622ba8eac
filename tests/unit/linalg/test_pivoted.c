/* Pivoted Cholesky: what it leaves out, its rank, its order; and the products beside it. */
#include "support/near.h"

#include <stdlib.h>
#include <string.h>

#include "linalg/linalg.h"

enum { N = 60 };
static uint64_t seed = 99;

static double uniform(void) {
  seed = seed * 6364136223846793005u + 1442695040888963407u;
  return (double)(seed >> 11) * 0x1p-53;
}

static double matrix[N * N];
static int64_t asked;

static const double *column(void *user, int64_t i) {
  asked++;
  return (const double *)user + i * N;
}

/* K_ij = exp(-(x_i - x_j)^2 / (2 s^2)) at N points of [0, 1]. */
static void fill(const double *x, double s) {
  for (int i = 0; i < N; i++)
    for (int j = 0; j < N; j++) matrix[i * N + j] = exp(-(x[i] - x[j]) * (x[i] - x[j]) / (2 * s * s));
}

/* K - G'G has `residual` on its diagonal and is positive semi-definite: |R_ij| <= sqrt(R_ii R_jj). */
static void check(const double *g, int64_t rank, const double *residual, double tolerance) {
  for (int i = 0; i < N; i++) {
    for (int j = 0; j < N; j++) {
      double rest = matrix[i * N + j];
      for (int64_t k = 0; k < rank; k++) rest -= g[k * N + i] * g[k * N + j];
      assert_true(fabs(rest) <= sqrt(residual[i] * residual[j]) + 1e-14);
    }
    assert_true(residual[i] >= 0 && residual[i] <= tolerance);
  }
}

static void test_what_is_left(void **state) {
  (void)state;
  static double g[N * N], residual[N], x[N], prefer[N], work[N];
  const double tolerances[] = {0.5, 1e-3, 1e-8, 1e-12};
  for (int round = 0; round < 12; round++) {
    for (int i = 0; i < N; i++) x[i] = uniform(), prefer[i] = uniform();
    fill(x, round < 6 ? 0.5 : 0.05);
    int64_t before = 0;
    for (int t = 0; t < 4; t++) {
      int64_t rank = -1;
      asked = 0;
      for (int i = 0; i < N; i++) residual[i] = 1;
      ift_pivoted_cholesky(g, &rank, residual, N, N, tolerances[t], prefer, column, matrix, work);
      check(g, rank, residual, tolerances[t]);
      assert_true(rank >= before && rank == asked && rank < N);
      before = rank;
    }
    int64_t rank; /* not more than `most`, and what is left then is said */
    for (int i = 0; i < N; i++) residual[i] = 1;
    ift_pivoted_cholesky(g, &rank, residual, N, 3, 0, prefer, column, matrix, work);
    assert_int_equal(rank, 3);
    check(g, 3, residual, 1);
  }
}

/* Rank 2 in exact numbers, and 0. */
static void test_known(void **state) {
  (void)state;
  static double g[N * N], residual[N], work[N];
  double prefer[N] = {0};
  int64_t rank;
  for (int i = 0; i < N; i++)
    for (int j = 0; j < N; j++) matrix[i * N + j] = 1 + i * j / 3600.0;
  for (int i = 0; i < N; i++) residual[i] = 1 + i * i / 3600.0;
  ift_pivoted_cholesky(g, &rank, residual, N, N, 1e-9, prefer, column, matrix, work);
  assert_int_equal(rank, 2);
  check(g, rank, residual, 1e-9);
  memset(residual, 0, sizeof residual);
  ift_pivoted_cholesky(g, &rank, residual, N, N, 0, prefer, column, matrix, work);
  assert_int_equal(rank, 0);
}

/* Other orders of the rows give the rows of the factor in that order. */
static void test_order(void **state) {
  (void)state;
  static double g[N * N], h[N * N], residual[N], x[N], y[N], prefer[N], other[N], work[N];
  for (int i = 0; i < N; i++) x[i] = uniform(), prefer[i] = uniform();
  for (int i = 0; i < N; i++) y[i] = x[7 * i % N], other[i] = prefer[7 * i % N];
  int64_t rank, again;
  fill(x, 0.2);
  for (int i = 0; i < N; i++) residual[i] = 1;
  ift_pivoted_cholesky(g, &rank, residual, N, 6, 0, prefer, column, matrix, work);
  fill(y, 0.2);
  for (int i = 0; i < N; i++) residual[i] = 1;
  ift_pivoted_cholesky(h, &again, residual, N, 6, 0, other, column, matrix, work);
  assert_int_equal(rank, again);
  for (int64_t k = 0; k < rank; k++)
    for (int i = 0; i < N; i++) assert_near(h[k * N + i], g[k * N + 7 * i % N], 0, 1e-9);
}

static void test_products(void **state) {
  (void)state;
  double a[3 * 21], x[21], y[3], square[9] = {1, 0, 0, 0, 1, 0, 0, 0, 1};
  for (int i = 0; i < 63; i++) a[i] = uniform() - 0.5;
  for (int i = 0; i < 21; i++) x[i] = uniform();
  ift_multiply_rows(y, a, 21, x, 3);
  ift_add_square(square, 3, a, 21);
  for (int k = 0; k < 3; k++) {
    double sum = 0;
    for (int i = 0; i < 21; i++) sum += a[k * 21 + i] * x[i];
    assert_near(y[k], sum, 0, 1e-14);
    for (int l = 0; l <= k; l++) {
      double product = k == l;
      for (int i = 0; i < 21; i++) product += a[k * 21 + i] * a[l * 21 + i];
      assert_near(square[k * 3 + l], product, 0, 1e-14);
    }
  }
  assert_true(square[1] == 0 && square[2] == 0 && square[5] == 0); /* the upper triangle is not written */
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_what_is_left),
      cmocka_unit_test(test_known),
      cmocka_unit_test(test_order),
      cmocka_unit_test(test_products),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
