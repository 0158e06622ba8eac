/* Kernels made wider: those of the same kind with longer lengths, and which have none. */
#include "kernel/kernel.h"
#include "support/fixture.h"
#include "support/kernels.h"
#include "support/make.h"
#include "support/memory.h"
#include "support/random.h"

/* The wide kernel at x and y is the kernel at x/factor and y/factor. */
static void test_lengths(void **state) {
  (void)state;
  static const double factors[] = {0.25, 1, 8};
  const double x[3] = {0.3, -1, 2}, y[3] = {1.1, 0.4, -0.7};
  int with_length = 0;
  for (int i = 0; i < FORMULAS; i++)
    for (int k = 0; k < 3; k++) {
      ift_kernel *kernel = make_kernel(context, formulas[i].spec), *wide = NULL;
      double value, near_x[3], near_y[3];
      for (int l = 0; l < 3; l++) near_x[l] = x[l] / factors[k], near_y[l] = y[l] / factors[k];
      const ift_status status = ift_kernel_widen(kernel, &wide, factors[k]);
      if (formulas[i].conditional || !formulas[i].translates) {
        assert_status(IFT_ERR_CAPABILITY, status);
        assert_message(context, formulas[i].kind);
        assert_message(context, "of gaussian, laplace, matern12, matern32, matern52, imq");
        assert_null(wide);
      } else {
        with_length++;
        assert_status(IFT_OK, status);
        assert_status(IFT_OK, ift_kernel_sum_pairs(wide, &value, NULL, x, 1, 3, y, 1, NULL));
        assert_near(value, formula_value(&formulas[i], near_x, near_y, 3), 1e-13, 1e-15);
      }
      ift_kernel_destroy(wide);
      ift_kernel_destroy(kernel);
    }
  assert_true(with_length >= 3 * 6);
}

/* Parts keep their kinds, coefficients and other parameters; the kernel itself stays what it was. */
static void test_sums(void **state) {
  (void)state;
  ift_kernel *kernel = make_kernel(context, "0.5*gaussian:1 + 2*imq:3,1.5"), *expected, *wide, *again;
  const double x = 0, y = 2.5;
  double values[4];
  expected = make_kernel(context, "0.5*gaussian:4 + 2*imq:12,1.5");
  assert_status(IFT_OK, ift_kernel_widen(kernel, &wide, 4));
  again = make_kernel(context, "0.5*gaussian:1 + 2*imq:3,1.5");
  const ift_kernel *const all[4] = {wide, expected, kernel, again};
  for (int k = 0; k < 4; k++)
    assert_status(IFT_OK, ift_kernel_sum_pairs(all[k], &values[k], NULL, &x, 1, 1, &y, 1, NULL));
  assert_true(values[0] == values[1] && values[2] == values[3] && values[0] > values[2]);
  for (int k = 0; k < 4; k++) ift_kernel_destroy((ift_kernel *)all[k]);
}

/* Another width of a wide kernel, to the last bit that which a new one would have. */
static void test_other_width(void **state) {
  (void)state;
  ift_kernel *kernel = make_kernel(context, "0.5*gaussian:1e-100 + 2*imq:3,1.5"), *expected, *wide;
  const double x[4] = {0, 1, 2.5, -3};
  double values[2][16];
  assert_status(IFT_OK, ift_kernel_widen(kernel, &wide, 4));
  assert_status(IFT_ERR_ARGUMENT, ift_kernel_rewiden(wide, kernel, 1e-100));
  assert_message(context, "1e-100 times as wide; it needs sigma > 0");
  assert_status(IFT_OK, ift_kernel_rewiden(wide, kernel, 1.7e100));
  assert_status(IFT_OK, ift_kernel_widen(kernel, &expected, 1.7e100));
  assert_status(IFT_OK, ift_kernel_matrix(wide, values[0], x, 4, 1, x, 4));
  assert_status(IFT_OK, ift_kernel_matrix(expected, values[1], x, 4, 1, x, 4));
  assert_memory_equal(values[0], values[1], sizeof values[0]);
  ift_kernel_destroy(expected);
  ift_kernel_destroy(wide);
  ift_kernel_destroy(kernel);
}

static int callback(double *values, double *gradients, const double *x, int64_t n, const double *y, int64_t m,
                    int64_t d, void *user) {
  (void)x, (void)y, (void)user;
  for (int64_t k = 0; k < n * m; k++) values[k] = 1;
  for (int64_t k = 0; gradients && k < n * m * d; k++) gradients[k] = 0;
  return 0;
}

static void test_refused(void **state) {
  (void)state;
  ift_kernel *custom, *wide = NULL, *sum, *short_one = make_kernel(context, "gaussian:1e-100");
  assert_status(IFT_OK, ift_kernel_custom(context, &custom, callback, NULL, NULL));
  assert_status(IFT_ERR_CAPABILITY, ift_kernel_widen(custom, &wide, 2));
  assert_message(context, "'custom'");
  const ift_kernel *const parts[2] = {short_one, custom};
  const double ones[2] = {1, 1};
  assert_status(IFT_OK, ift_kernel_sum(context, &sum, parts, ones, 2));
  assert_status(IFT_ERR_CAPABILITY, ift_kernel_widen(sum, &wide, 2));
  assert_status(IFT_ERR_ARGUMENT, ift_kernel_widen(short_one, &wide, 1e-100));
  assert_message(context, "sigma > 0");
  ift_kernel *long_one = make_kernel(context, "imq:1e200");
  assert_status(IFT_ERR_ARGUMENT, ift_kernel_widen(long_one, &wide, 1e200));
  assert_message(context, "a finite length");
  assert_null(wide);
  ift_kernel_destroy(long_one);
  ift_kernel_destroy(sum);
  ift_kernel_destroy(short_one);
  ift_kernel_destroy(custom);
}

static void test_memory(void **state) {
  (void)state;
  memory m = {0};
  ift_context *counted = memory_context(&m);
  ift_kernel *kernel = make_kernel(counted, "gaussian:1+laplace:2"), *wide = NULL;
  const int64_t live = m.live;
  int64_t at = 1;
  for (;; at++) {
    memory_fail(&m, at, false);
    const ift_status status = ift_kernel_widen(kernel, &wide, 2);
    if (m.failed == 0) break;
    assert_status(IFT_ERR_NO_MEMORY, status);
    assert_int_equal(m.live, live);
  }
  assert_true(at > 3);
  ift_kernel_destroy(wide);
  ift_kernel_destroy(kernel);
  ift_context_destroy(counted);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_lengths), cmocka_unit_test(test_sums),   cmocka_unit_test(test_other_width),
      cmocka_unit_test(test_refused), cmocka_unit_test(test_memory),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
