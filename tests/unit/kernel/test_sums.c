/* The public sums over pairs and Gram matrices: results, and what is refused. */
#include "support/kernels.h"
#include "support/fixture.h"
#include "support/random.h"

static void test_weighted_sums(void **state) {
  (void)state;
  enum { N = 23, M = 301, D = 3 };
  static double x[N * D], y[M * D], w[M], value[N], gradient[N * D];
  dice dice_ = {5};
  dice_normals(&dice_, x, N * D);
  dice_normals(&dice_, y, M * D);
  dice_normals(&dice_, w, M); /* of both signs */
  for (int k = 0; k < FORMULAS; k++) {
    const formula *f = &formulas[k];
    ift_kernel *kernel = make_kernel(context, f->spec);
    for (int weighted = 0; weighted < 2; weighted++) {
      const double *weights = weighted ? w : NULL;
      assert_status(IFT_OK, ift_kernel_sum_pairs(kernel, value, gradient, x, N, D, y, M, weights));
      for (int i = 0; i < N; i++) {
        double slopes[D] = {0}, slope[D], size = 0;
        assert_near(value[i], formula_sum(f, x + i * D, y, M, D, weights), 1e-12, 1e-11);
        for (int j = 0; j < M; j++) {
          formula_gradient(f, slope, x + i * D, y + j * D, D);
          for (int l = 0; l < D; l++) {
            slopes[l] += (weighted ? w[j] : 1) * slope[l];
            size += fabs((weighted ? w[j] : 1) * slope[l]);
          }
        }
        for (int l = 0; l < D; l++) assert_near(gradient[i * D + l], slopes[l], 1e-12, 1e-14 * size);
      }
    }
    ift_kernel_destroy(kernel);
  }
}

static void test_gram(void **state) {
  (void)state;
  enum { N = 37, M = 300, D = 2 };
  static double x[N * D], y[M * D], gram[N * M], square[N * N];
  dice dice_ = {6};
  dice_normals(&dice_, x, N * D);
  dice_normals(&dice_, y, M * D);
  for (int k = 0; k < FORMULAS; k++) {
    ift_kernel *kernel = make_kernel(context, formulas[k].spec);
    assert_status(IFT_OK, ift_kernel_gram(kernel, gram, x, N, D, y, M));
    for (int i = 0; i < N; i++)
      for (int j = 0; j < M; j++)
        assert_near(gram[i * M + j], formula_value(&formulas[k], x + i * D, y + j * D, D), 1e-12, 1e-13);
    assert_status(IFT_OK, ift_kernel_gram(kernel, square, x, N, D, NULL, N));
    for (int i = 0; i < N; i++)
      for (int j = 0; j < N; j++) {
        assert_true(square[i * N + j] == square[j * N + i]);
        assert_near(square[i * N + j], formula_value(&formulas[k], x + i * D, x + j * D, D), 1e-12, 1e-13);
      }
    ift_kernel_destroy(kernel);
  }
}

/* The gradient's sign and place: in x, the first argument. */
static void test_gradient_is_in_the_first_argument(void **state) {
  (void)state;
  const double x = 2, y = 3;
  double gradient;
  ift_kernel *kernel = make_kernel(context, "polynomial:0,2"); /* x^2 y^2 */
  assert_status(IFT_OK, ift_kernel_sum_pairs(kernel, NULL, &gradient, &x, 1, 1, &y, 1, NULL));
  assert_near(gradient, 2 * 2 * 9, 1e-15, 0);
  ift_kernel_destroy(kernel);
  kernel = make_kernel(context, "energy");
  assert_status(IFT_OK, ift_kernel_sum_pairs(kernel, NULL, &gradient, &x, 1, 1, &y, 1, NULL));
  assert_near(gradient, 1, 1e-15, 0); /* -|x - 3| grows at x = 2 */
  ift_kernel_destroy(kernel);
}

static void test_arguments(void **state) {
  (void)state;
  const double x[4] = {0, 1, 2, 3};
  double value[4], gram[16];
  ift_kernel *kernel = make_kernel(context, "gaussian:1");
  assert_status(IFT_ERR_ARGUMENT, ift_kernel_sum_pairs(NULL, value, NULL, x, 2, 2, x, 2, NULL));
  assert_status(IFT_ERR_ARGUMENT, ift_kernel_sum_pairs(kernel, value, NULL, NULL, 2, 2, x, 2, NULL));
  assert_message(context, "x is NULL");
  assert_status(IFT_ERR_ARGUMENT, ift_kernel_sum_pairs(kernel, value, NULL, x, 2, 2, NULL, 2, NULL));
  assert_message(context, "y is NULL");
  assert_status(IFT_ERR_ARGUMENT, ift_kernel_sum_pairs(kernel, value, NULL, x, -1, 2, x, 2, NULL));
  assert_status(IFT_ERR_ARGUMENT, ift_kernel_sum_pairs(kernel, value, NULL, x, 2, 0, x, 2, NULL));
  assert_status(IFT_ERR_ARGUMENT, ift_kernel_sum_pairs(kernel, value, NULL, x, 2, -2, x, 2, NULL));
  assert_status(IFT_ERR_ARGUMENT, ift_kernel_sum_pairs(kernel, value, NULL, x, 2, 2, x, -1, NULL));
  assert_status(IFT_ERR_ARGUMENT, ift_kernel_sum_pairs(kernel, value, NULL, x, 2, 2, NULL, -1, NULL));
  assert_status(IFT_OK, ift_kernel_sum_pairs(kernel, NULL, NULL, x, 2, 2, x, 2, NULL));
  assert_status(IFT_OK, ift_kernel_sum_pairs(kernel, value, NULL, x, 0, 2, x, 2, NULL));
  value[0] = value[1] = 5;
  assert_status(IFT_OK, ift_kernel_sum_pairs(kernel, value, NULL, x, 2, 2, NULL, 0, NULL));
  assert_true(value[0] == 0 && value[1] == 0);

  assert_status(IFT_ERR_ARGUMENT, ift_kernel_gram(NULL, gram, x, 2, 2, NULL, 2));
  assert_status(IFT_ERR_ARGUMENT, ift_kernel_gram(kernel, NULL, x, 2, 2, NULL, 2));
  assert_status(IFT_ERR_ARGUMENT, ift_kernel_gram(kernel, gram, NULL, 2, 2, x, 2));
  assert_status(IFT_ERR_ARGUMENT, ift_kernel_gram(kernel, gram, x, 2, 0, x, 2));
  assert_status(IFT_ERR_ARGUMENT, ift_kernel_gram(kernel, gram, x, 2, 2, x, -2));
  assert_status(IFT_ERR_ARGUMENT, ift_kernel_gram(kernel, gram, x, 2, 2, NULL, 1));
  assert_message(context, "it is 1");
  ift_kernel_destroy(kernel);
}

static void test_numbers_that_are_none(void **state) {
  (void)state;
  const double good[4] = {0, 1, 2, 3}, bad[4] = {0, 1, NAN, 3}, worse[4] = {0, 1, 2, -INFINITY};
  double value[4], gram[16];
  ift_kernel *kernel = make_kernel(context, "gaussian:1");
  assert_status(IFT_ERR_NOT_FINITE, ift_kernel_sum_pairs(kernel, value, NULL, bad, 2, 2, good, 2, NULL));
  assert_message(context, "x[1][0]");
  assert_status(IFT_ERR_NOT_FINITE, ift_kernel_sum_pairs(kernel, value, NULL, good, 2, 2, worse, 2, NULL));
  assert_message(context, "y[1][1]");
  assert_status(IFT_ERR_NOT_FINITE, ift_kernel_sum_pairs(kernel, value, NULL, good, 4, 1, good, 4, bad));
  assert_message(context, "w[2]");
  assert_status(IFT_ERR_NOT_FINITE, ift_kernel_gram(kernel, gram, bad, 2, 2, NULL, 2));
  assert_status(IFT_ERR_NOT_FINITE, ift_kernel_gram(kernel, gram, good, 2, 2, worse, 2));
  ift_kernel_destroy(kernel);
}

/* Huge coordinates are legal; only a result that overflows is an error. */
static void test_overflow(void **state) {
  (void)state;
  const double far[2] = {1e200, -1e200}, w[2] = {1e308, 1e308};
  double value[2], gradient[2], gram[4];
  ift_kernel *gaussian = make_kernel(context, "gaussian:1"), *linear = make_kernel(context, "linear"),
             *high = make_kernel(context, "polynomial:1,16");
  assert_status(IFT_OK, ift_kernel_sum_pairs(gaussian, value, gradient, far, 2, 1, far, 2, NULL));
  assert_true(value[0] == 1 && value[1] == 1 && gradient[0] == 0 && gradient[1] == 0);
  assert_status(IFT_ERR_NOT_FINITE, ift_kernel_sum_pairs(linear, value, NULL, far, 2, 1, far, 2, NULL));
  assert_status(IFT_ERR_NOT_FINITE, ift_kernel_sum_pairs(linear, NULL, gradient, far, 2, 1, far, 2, w));
  assert_status(IFT_OK, ift_kernel_sum_pairs(linear, NULL, gradient, far, 2, 1, far, 2, NULL));
  assert_true(gradient[0] == 0);
  assert_status(IFT_ERR_NOT_FINITE, ift_kernel_gram(high, gram, far, 2, 1, NULL, 2));
  assert_status(IFT_ERR_NOT_FINITE,
                ift_kernel_sum_pairs(gaussian, value, NULL, far, 1, 1, (double[]){1e200, 1e200}, 2, w));
  assert_message(context, "inf");
  ift_kernel_destroy(gaussian);
  ift_kernel_destroy(linear);
  ift_kernel_destroy(high);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_weighted_sums),
      cmocka_unit_test(test_gram),
      cmocka_unit_test(test_gradient_is_in_the_first_argument),
      cmocka_unit_test(test_arguments),
      cmocka_unit_test(test_numbers_that_are_none),
      cmocka_unit_test(test_overflow),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
