/* The updatable Cholesky factor: rows that come and go in random order, against LL' = A after each change. */
#include "support/near.h"

#include <stdlib.h>
#include <string.h>

#include "linalg/factor.h"

enum { N = 60 };

static uint64_t seed = 77;

static double uniform(void) {
  seed = seed * 6364136223846793005u + 1442695040888963407u;
  return (double)(seed >> 11) * 0x1p-53;
}

static int64_t below(int64_t bound) {
  return (int64_t)(uniform() * (double)bound);
}

/* A Gaussian Gram matrix on a line with 1e-10 on the diagonal: condition 1e11. */
static void fill(double a[N][N]) {
  double x[N];
  for (int i = 0; i < N; i++) x[i] = 6 * uniform();
  for (int i = 0; i < N; i++)
    for (int j = 0; j < N; j++) a[i][j] = exp(-(x[i] - x[j]) * (x[i] - x[j]) / 2) + (i == j ? 1e-10 : 0);
}

static void write_rows(ift_factor *factor, double a[N][N], const int *list, int64_t from, int64_t count) {
  for (int64_t k = from; k < from + count; k++)
    for (int64_t l = 0; l <= k; l++) ift_factor_row(factor, k)[l] = a[list[k]][list[l]];
}

static void check(const ift_factor *factor, double a[N][N], const int *list) {
  for (int64_t k = 0; k < factor->size; k++)
    for (int64_t l = 0; l <= k; l++) {
      double sum = 0;
      for (int64_t m = 0; m <= l; m++) sum += ift_factor_row(factor, k)[m] * ift_factor_row(factor, l)[m];
      assert_near(sum, a[list[k]][list[l]], 0, 1e-14 * N);
      assert_true(ift_factor_row(factor, k)[k] > 0);
    }
}

static void test_appends_and_deletes(void **state) {
  (void)state;
  static double a[N][N];
  ift_context *context;
  assert_status(IFT_OK, ift_context_create(&context));
  fill(a);
  ift_factor factor;
  assert_status(IFT_OK, ift_factor_create(context, &factor, N));
  int list[N], spare[N];
  int64_t used = 0, free_count = N;
  for (int i = 0; i < N; i++) spare[i] = i;
  for (int step = 0; step < 600; step++) {
    if (used == 0 || (free_count > 0 && uniform() < 0.5)) {
      const int64_t count = 1 + below(free_count < 6 ? free_count : 6);
      for (int64_t k = 0; k < count; k++) {
        const int64_t at = below(free_count);
        list[used + k] = spare[at];
        spare[at] = spare[--free_count];
      }
      write_rows(&factor, a, list, used, count);
      assert_true(ift_factor_append(&factor, count));
      used += count;
    } else {
      const int64_t at = below(used);
      spare[free_count++] = list[at];
      memmove(list + at, list + at + 1, (size_t)(used - at - 1) * sizeof *list);
      used--;
      ift_factor_delete(&factor, at);
    }
    assert_int_equal(factor.size, used);
    check(&factor, a, list);
  }
  ift_factor_destroy(&factor);
  ift_context_destroy(context);
}

static void test_solves(void **state) {
  (void)state;
  static double a[N][N];
  ift_context *context;
  assert_status(IFT_OK, ift_context_create(&context));
  fill(a);
  int list[N];
  for (int i = 0; i < N; i++) list[i] = i, a[i][i] += 1;
  ift_factor factor;
  assert_status(IFT_OK, ift_factor_create(context, &factor, N));
  double b[N], x[N];
  ift_factor_solve_lower(&factor, b); /* of size 0: nothing happens */
  ift_factor_solve_upper(&factor, b);
  write_rows(&factor, a, list, 0, N);
  assert_true(ift_factor_append(&factor, N));
  for (int i = 0; i < N; i++) x[i] = uniform();
  for (int i = 0; i < N; i++) {
    b[i] = 0;
    for (int j = 0; j < N; j++) b[i] += a[i][j] * x[j];
  }
  ift_factor_solve_lower(&factor, b);
  ift_factor_solve_upper(&factor, b);
  for (int i = 0; i < N; i++) assert_near(b[i], x[i], 0, 1e-12);
  ift_factor_destroy(&factor);
  ift_context_destroy(context);
}

static void test_refusals_keep_the_factor(void **state) {
  (void)state;
  ift_context *context;
  assert_status(IFT_OK, ift_context_create(&context));
  ift_factor factor;
  assert_status(IFT_OK, ift_factor_create(context, &factor, 4));
  ift_factor_row(&factor, 0)[0] = 4;
  assert_true(ift_factor_append(&factor, 1));
  const double once[2] = {4, 4}, twice[2][3] = {{4, 9, 0}, {2, 1, 1}};
  memcpy(ift_factor_row(&factor, 1), once, sizeof once); /* the same row again */
  assert_false(ift_factor_append(&factor, 1));
  for (int k = 0; k < 2; k++) memcpy(ift_factor_row(&factor, 1 + k), twice[k], sizeof twice[k]);
  assert_false(ift_factor_append(&factor, 2));
  assert_int_equal(factor.size, 1);
  assert_near(ift_factor_row(&factor, 0)[0], 2, 0, 0);
  ift_factor_destroy(&factor);
  ift_context_destroy(context);
}

static void test_truncate(void **state) {
  (void)state;
  static double a[N][N];
  ift_context *context;
  assert_status(IFT_OK, ift_context_create(&context));
  fill(a);
  int list[N];
  for (int i = 0; i < N; i++) list[i] = i;
  ift_factor factor;
  assert_status(IFT_ERR_ARGUMENT, ift_factor_create(context, &factor, (int64_t)INT32_MAX + 1));
  assert_status(IFT_OK, ift_factor_create(context, &factor, N));
  write_rows(&factor, a, list, 0, N);
  assert_true(ift_factor_append(&factor, N));
  check(&factor, a, list);
  ift_factor_truncate(&factor, 7);
  check(&factor, a, list);
  write_rows(&factor, a, list, 7, 3);
  assert_true(ift_factor_append(&factor, 3));
  check(&factor, a, list);
  ift_factor_destroy(&factor);
  ift_context_destroy(context);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_appends_and_deletes),
      cmocka_unit_test(test_solves),
      cmocka_unit_test(test_refusals_keep_the_factor),
      cmocka_unit_test(test_truncate),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
