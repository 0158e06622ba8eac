/* The built-in kernels: values and gradients by their formulas, parameters out of range, sums of kernels. */
#include <float.h>

#include "support/kernels.h"
#include "support/fixture.h"
#include "support/random.h"

/* Value and gradient of `kernel` at pairs of points, the same point included, against `f`. */
static void check_kernel(const ift_kernel *kernel, const formula *f) {
  dice dice_ = {7};
  for (int64_t d = 1; d <= 4; d++)
    for (int trial = 0; trial < 40; trial++) {
      double x[4], y[4], value, gradient[4], slope[4];
      dice_normals(&dice_, x, d);
      dice_normals(&dice_, y, d);
      if (trial % 10 == 0) memcpy(y, x, sizeof y);
      assert_status(IFT_OK, ift_kernel_sum_pairs(kernel, &value, gradient, x, 1, d, y, 1, NULL));
      assert_near(value, formula_value(f, x, y, d), 1e-13, 1e-15);
      formula_gradient(f, slope, x, y, d);
      for (int64_t l = 0; l < d; l++) assert_near(gradient[l], slope[l], 1e-12, 1e-14);
    }
}

/* Every constructor by its own function, against the formula of its kind with these parameters. */
static void test_values(void **state) {
  (void)state;
  static const double nu[] = {0.5, 1.5, 2.5};
  static const char *const matern[] = {"matern12", "matern32", "matern52"};
  ift_kernel *kernel;
#define CHECK(call, ...)                                                                                               \
  do {                                                                                                                 \
    const formula f = {__VA_ARGS__, false, false, false};                                                              \
    assert_status(IFT_OK, call);                                                                                       \
    check_kernel(kernel, &f);                                                                                          \
    ift_kernel_destroy(kernel);                                                                                        \
  } while (0)
  CHECK(ift_kernel_gaussian(context, &kernel, 0.6), "gaussian", "", 0.6, 0);
  CHECK(ift_kernel_gaussian(context, &kernel, 40), "gaussian", "", 40, 0);
  CHECK(ift_kernel_laplace(context, &kernel, 1.7), "laplace", "", 1.7, 0);
  for (int i = 0; i < 3; i++) CHECK(ift_kernel_matern(context, &kernel, nu[i], 1.4), matern[i], "", 1.4, 0);
  CHECK(ift_kernel_imq(context, &kernel, 0.9, 0.5), "imq", "", 0.9, 0.5);
  CHECK(ift_kernel_imq(context, &kernel, 1.9, 2.25), "imq", "", 1.9, 2.25);
  CHECK(ift_kernel_riesz(context, &kernel, 0.3), "riesz", "", 0.3, 0);
  CHECK(ift_kernel_riesz(context, &kernel, 1), "riesz", "", 1, 0);
  CHECK(ift_kernel_riesz(context, &kernel, 1.9), "riesz", "", 1.9, 0);
  CHECK(ift_kernel_linear(context, &kernel), "linear", "", 0, 0);
  CHECK(ift_kernel_polynomial(context, &kernel, 0, 1), "polynomial", "", 0, 1);
  CHECK(ift_kernel_polynomial(context, &kernel, 1.5, 4), "polynomial", "", 1.5, 4);
#undef CHECK
}

/* At x = y the gradient of a kernel with a kink is 0, exactly. */
static void test_gradient_at_the_kink(void **state) {
  (void)state;
  static const char *const specs[] = {"laplace:0.5", "matern12:2", "energy", "riesz:0.2", "riesz:1"};
  const double x[6] = {0.1, -3, 7, 0.1, -3, 7};
  for (int i = 0; i < 5; i++) {
    ift_kernel *kernel = make_kernel(context, specs[i]);
    double gradient[6] = {1, 2, 3, 4, 5, 6};
    assert_status(IFT_OK, ift_kernel_sum_pairs(kernel, NULL, gradient, x, 2, 3, x, 2, NULL));
    for (int l = 0; l < 6; l++) assert_true(gradient[l] == 0);
    ift_kernel_destroy(kernel);
  }
}

/* *out is NULL, the status ARGUMENT, and the message names what is wrong. */
static void check_refused(ift_status got, ift_kernel **kernel, const char *part) {
  assert_status(IFT_ERR_ARGUMENT, got);
  assert_null(*kernel);
  assert_message(context, part);
  *kernel = (ift_kernel *)&context; /* so that the next call has something to clear */
}

static void test_parameters_out_of_range(void **state) {
  (void)state;
  static const double bad_scales[] = {0, -0.0, -1, 1e-200, -DBL_MAX};
  ift_kernel *kernel = (ift_kernel *)&context;
  for (int i = 0; i < 5; i++) {
    const double s = bad_scales[i];
    check_refused(ift_kernel_gaussian(context, &kernel, s), &kernel, "gaussian");
    check_refused(ift_kernel_laplace(context, &kernel, s), &kernel, "laplace");
    check_refused(ift_kernel_matern(context, &kernel, 0.5, s), &kernel, "matern12");
    check_refused(ift_kernel_matern(context, &kernel, 1.5, s), &kernel, "matern32");
    check_refused(ift_kernel_matern(context, &kernel, 2.5, s), &kernel, "matern52");
    check_refused(ift_kernel_imq(context, &kernel, s, 0.5), &kernel, "imq");
  }
  static const double bad_smoothness[] = {0, 0.4999999, 1, 2, 3.5, -0.5};
  for (int i = 0; i < 6; i++) check_refused(ift_kernel_matern(context, &kernel, bad_smoothness[i], 1), &kernel, "0.5");
  check_refused(ift_kernel_matern(context, &kernel, NAN, 1), &kernel, "0.5");
  check_refused(ift_kernel_imq(context, &kernel, 1, 0), &kernel, "beta");
  check_refused(ift_kernel_imq(context, &kernel, 1, -0.5), &kernel, "beta");
  static const double bad_powers[] = {0, 2, 2.5, -1, 1e300};
  for (int i = 0; i < 5; i++) check_refused(ift_kernel_riesz(context, &kernel, bad_powers[i]), &kernel, "riesz");
  check_refused(ift_kernel_polynomial(context, &kernel, -0.1, 2), &kernel, "C >= 0");
  check_refused(ift_kernel_polynomial(context, &kernel, 1, 0), &kernel, "16");
  check_refused(ift_kernel_polynomial(context, &kernel, 1, -3), &kernel, "16");
  check_refused(ift_kernel_polynomial(context, &kernel, 1, 17), &kernel, "16");
  check_refused(ift_kernel_polynomial(context, &kernel, 1, INT32_MAX), &kernel, "16");
}

static void test_parameters_that_are_no_numbers(void **state) {
  (void)state;
  static const double bad[] = {NAN, INFINITY, -INFINITY};
  ift_kernel *kernel = (ift_kernel *)&context;
  for (int i = 0; i < 3; i++) {
    check_refused(ift_kernel_gaussian(context, &kernel, bad[i]), &kernel, "finite");
    check_refused(ift_kernel_laplace(context, &kernel, bad[i]), &kernel, "finite");
    check_refused(ift_kernel_matern(context, &kernel, 1.5, bad[i]), &kernel, "finite");
    check_refused(ift_kernel_imq(context, &kernel, bad[i], 0.5), &kernel, "finite");
    check_refused(ift_kernel_imq(context, &kernel, 1, bad[i]), &kernel, "finite");
    check_refused(ift_kernel_riesz(context, &kernel, bad[i]), &kernel, "finite");
    check_refused(ift_kernel_polynomial(context, &kernel, bad[i], 2), &kernel, "finite");
  }
}

/* The smallest scale that is taken still gives finite values and gradients. */
static void test_smallest_scales(void **state) {
  (void)state;
  static const char *const specs[] = {"gaussian:1e-153", "laplace:3e-153", "matern32:3e-153", "matern52:3e-153",
                                      "imq:1e-153"};
  const double x[2] = {0, 1};
  for (int i = 0; i < 5; i++) {
    ift_kernel *kernel = make_kernel(context, specs[i]);
    double value[2], gradient[2];
    assert_status(IFT_OK, ift_kernel_sum_pairs(kernel, value, gradient, x, 2, 1, x, 2, NULL));
    assert_near(value[0], 1, 1e-15, 1e-150);
    assert_near(gradient[0], 0, 0, 1e-150);
    ift_kernel_destroy(kernel);
  }
}

/* Lengths and distances up to where their squares overflow and beyond: k, and its gradient as long as 1/length^2 is
 * a normal number. */
static void test_largest_scales(void **state) {
  (void)state;
  static const char *const kinds[] = {"gaussian", "laplace", "matern12", "matern32", "matern52", "imq"};
  for (int k = 0; k < 6; k++)
    for (int exponent = 100; exponent <= 300; exponent += 5) {
      char spec[40];
      const double scale = pow(10, exponent), x[2] = {scale, 0.6 * scale}, y[2] = {scale, -0.4 * scale};
      double value, gradient[2], slope[2];
      formula f = {kinds[k], "", 1, 0.5, false, false, true};
      snprintf(spec, sizeof spec, "%s:1e%d", kinds[k], exponent);
      ift_kernel *kernel = make_kernel(context, spec);
      assert_status(IFT_OK, ift_kernel_sum_pairs(kernel, &value, gradient, x, 1, 2, y, 1, NULL));
      formula_gradient(&f, slope, (double[]){1, 0.6}, (double[]){1, -0.4}, 2);
      assert_near(value, formula_value(&f, (double[]){1, 0.6}, (double[]){1, -0.4}, 2), 1e-12, 0);
      if (exponent <= 150) assert_near(gradient[1] * scale, slope[1], 1e-12, 0);
      assert_true(gradient[0] == 0);
      ift_kernel_destroy(kernel);
    }
}

static void test_null_pointers(void **state) {
  (void)state;
  ift_kernel *kernel = (ift_kernel *)&context;
  assert_status(IFT_ERR_ARGUMENT, ift_kernel_gaussian(context, NULL, 1));
  assert_status(IFT_ERR_ARGUMENT, ift_kernel_laplace(context, NULL, 1));
  assert_status(IFT_ERR_ARGUMENT, ift_kernel_matern(context, NULL, 0.5, 1));
  assert_status(IFT_ERR_ARGUMENT, ift_kernel_matern(context, NULL, 9, 1));
  assert_status(IFT_ERR_ARGUMENT, ift_kernel_imq(context, NULL, 1, 1));
  assert_status(IFT_ERR_ARGUMENT, ift_kernel_riesz(context, NULL, 1));
  assert_status(IFT_ERR_ARGUMENT, ift_kernel_linear(context, NULL));
  assert_status(IFT_ERR_ARGUMENT, ift_kernel_polynomial(context, NULL, 1, 1));
  assert_status(IFT_ERR_ARGUMENT, ift_kernel_gaussian(NULL, &kernel, 1));
  assert_null(kernel);
  kernel = (ift_kernel *)&context;
  assert_status(IFT_ERR_ARGUMENT, ift_kernel_matern(NULL, &kernel, 9, 1));
  assert_null(kernel);
  assert_status(IFT_ERR_ARGUMENT, ift_kernel_linear(NULL, &kernel));
  ift_kernel_destroy(NULL);
}

/* 2 gaussian + 0.5 (3 linear + riesz): coefficients of nested sums are multiplied, parts live on in the sum. */
static void test_sum(void **state) {
  (void)state;
  const formula gaussian = {"gaussian", "", 0.8, 0, false, false, true},
                linear = {"linear", "", 0, 0, false, false, false}, riesz = {"riesz", "", 1.2, 0, true, false, true};
  ift_kernel *g = make_kernel(context, "gaussian:0.8"), *l = make_kernel(context, "linear"),
             *r = make_kernel(context, "riesz:1.2"), *inner, *outer;
  const ift_kernel *const inside[] = {l, r};
  const double three_one[] = {3, 1}, two_half[] = {2, 0.5};
  assert_status(IFT_OK, ift_kernel_sum(context, &inner, inside, three_one, 2));
  const ift_kernel *const outside[] = {g, inner};
  assert_status(IFT_OK, ift_kernel_sum(context, &outer, outside, two_half, 2));
  ift_kernel_destroy(g);
  ift_kernel_destroy(l);
  ift_kernel_destroy(r);
  ift_kernel_destroy(inner);
  dice dice_ = {3};
  for (int trial = 0; trial < 30; trial++) {
    double x[3], y[3], value, gradient[3], parts[3][3];
    dice_normals(&dice_, x, 3);
    dice_normals(&dice_, y, 3);
    assert_status(IFT_OK, ift_kernel_sum_pairs(outer, &value, gradient, x, 1, 3, y, 1, NULL));
    assert_near(value,
                2 * formula_value(&gaussian, x, y, 3) + 1.5 * formula_value(&linear, x, y, 3) +
                    0.5 * formula_value(&riesz, x, y, 3),
                1e-13, 1e-13);
    formula_gradient(&gaussian, parts[0], x, y, 3);
    formula_gradient(&linear, parts[1], x, y, 3);
    formula_gradient(&riesz, parts[2], x, y, 3);
    for (int k = 0; k < 3; k++)
      assert_near(gradient[k], 2 * parts[0][k] + 1.5 * parts[1][k] + 0.5 * parts[2][k], 1e-13, 1e-13);
  }
  ift_kernel_destroy(outer);
}

static void test_sum_errors(void **state) {
  (void)state;
  ift_context *other = make_context();
  ift_kernel *g = make_kernel(context, "gaussian:1"), *stranger = make_kernel(other, "linear"),
             *sum = (ift_kernel *)&context;
  const ift_kernel *pair[] = {g, g};
  double coefficients[] = {1, 1};
  assert_status(IFT_ERR_ARGUMENT, ift_kernel_sum(context, &sum, pair, coefficients, 0));
  assert_null(sum);
  assert_status(IFT_ERR_ARGUMENT, ift_kernel_sum(context, &sum, pair, coefficients, -1));
  assert_status(IFT_ERR_ARGUMENT, ift_kernel_sum(context, &sum, NULL, coefficients, 2));
  assert_status(IFT_ERR_ARGUMENT, ift_kernel_sum(context, &sum, pair, NULL, 2));
  assert_status(IFT_ERR_ARGUMENT, ift_kernel_sum(context, NULL, pair, coefficients, 2));
  assert_status(IFT_ERR_ARGUMENT, ift_kernel_sum(NULL, &sum, pair, coefficients, 2));
  static const double bad[] = {0, -1, NAN, INFINITY, -INFINITY};
  for (int i = 0; i < 5; i++) {
    coefficients[1] = bad[i];
    assert_status(IFT_ERR_ARGUMENT, ift_kernel_sum(context, &sum, pair, coefficients, 2));
    assert_message(context, "coefficients[1]");
    assert_null(sum);
  }
  coefficients[1] = 1;
  pair[1] = NULL;
  assert_status(IFT_ERR_ARGUMENT, ift_kernel_sum(context, &sum, pair, coefficients, 2));
  pair[1] = stranger;
  assert_status(IFT_ERR_CONTEXT, ift_kernel_sum(context, &sum, pair, coefficients, 2));
  assert_null(sum);
  ift_kernel_destroy(g);
  ift_kernel_destroy(stranger);
  ift_context_destroy(other);
}

/* 64 parts, those of nested sums counted, are allowed; 65 are not. */
static void test_sum_of_many_parts(void **state) {
  (void)state;
  const ift_kernel *parts[65];
  double coefficients[65];
  ift_kernel *one = make_kernel(context, "gaussian:1"), *many, *nested;
  for (int i = 0; i < 65; i++) parts[i] = one, coefficients[i] = 0.25;
  assert_status(IFT_ERR_CAPABILITY, ift_kernel_sum(context, &many, parts, coefficients, 65));
  assert_null(many);
  assert_message(context, "64");
  assert_status(IFT_ERR_CAPABILITY, ift_kernel_sum(context, &many, parts, coefficients, 65));
  assert_status(IFT_OK, ift_kernel_sum(context, &many, parts, coefficients, 64));
  const double x = 0.5, y = 1.5;
  double value;
  assert_status(IFT_OK, ift_kernel_sum_pairs(many, &value, NULL, &x, 1, 1, &y, 1, NULL));
  assert_near(value, 16 * exp(-0.5), 1e-14, 0);
  parts[0] = many;
  assert_status(IFT_OK, ift_kernel_sum(context, &nested, parts, coefficients, 1));
  ift_kernel_destroy(nested);
  assert_status(IFT_ERR_CAPABILITY, ift_kernel_sum(context, &nested, parts, coefficients, 2));
  assert_null(nested);
  ift_kernel_destroy(many);
  ift_kernel_destroy(one);
}

/* A kernel keeps its context alive. */
static void test_context_destroyed_first(void **state) {
  (void)state;
  ift_context *own = make_context();
  ift_kernel *kernel = make_kernel(own, "gaussian:1 + 2*energy");
  ift_context_destroy(own);
  const double x = 0, y = 2;
  double value;
  assert_status(IFT_OK, ift_kernel_sum_pairs(kernel, &value, NULL, &x, 1, 1, &y, 1, NULL));
  assert_near(value, exp(-2) - 4, 1e-14, 0);
  ift_kernel_destroy(kernel);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_values),
      cmocka_unit_test(test_gradient_at_the_kink),
      cmocka_unit_test(test_parameters_out_of_range),
      cmocka_unit_test(test_parameters_that_are_no_numbers),
      cmocka_unit_test(test_smallest_scales),
      cmocka_unit_test(test_largest_scales),
      cmocka_unit_test(test_null_pointers),
      cmocka_unit_test(test_sum),
      cmocka_unit_test(test_sum_errors),
      cmocka_unit_test(test_sum_of_many_parts),
      cmocka_unit_test(test_context_destroyed_first),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
