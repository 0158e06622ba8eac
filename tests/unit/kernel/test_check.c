/* ift_kernel_check: takes every built-in kernel at any scale, and finds out what is wrong with a custom one. */
#include "support/kernels.h"
#include "support/fixture.h"
#include "support/random.h"

static void check_accepted(const char *spec, const double *x, int64_t n, int64_t d) {
  ift_kernel *kernel = make_kernel(context, spec);
  const ift_status status = ift_kernel_check(kernel, x, n, d, 1e-6);
  if (status != IFT_OK) print_error("%s, n = %d, d = %d: %s\n", spec, (int)n, (int)d, ift_context_message(context));
  assert_status(IFT_OK, status);
  ift_kernel_destroy(kernel);
}

static void test_built_in_kernels(void **state) {
  (void)state;
  double x[20 * 5];
  dice dice_ = {1};
  for (int64_t d = 1; d <= 5; d++)
    for (int64_t n = 2; n <= 20; n += 6) {
      dice_normals(&dice_, x, n * d);
      if (n > 8) memcpy(x + 3 * d, x, (size_t)d * sizeof *x); /* the same point twice */
      for (int k = 0; k < FORMULAS; k++) check_accepted(formulas[k].spec, x, n, d);
      check_accepted("0.5*gaussian:1+2*energy+linear", x, n, d);
    }
}

/* Far narrower and far wider than the points lie apart, and points far from the origin. */
static void test_all_scales(void **state) {
  (void)state;
  static const char *const kinds[] = {"gaussian", "laplace", "matern12", "matern32", "matern52", "imq"};
  static const char *const scales[] = {"1e-6", "0.001", "0.02", "0.1", "1", "10", "1000", "1e6"};
  double x[12 * 2], shifted[12 * 2];
  dice dice_ = {2};
  dice_normals(&dice_, x, 24);
  for (int i = 0; i < 24; i++) shifted[i] = x[i] + 1000;
  for (int k = 0; k < 6; k++)
    for (int s = 0; s < 8; s++) {
      char spec[40];
      snprintf(spec, sizeof spec, "%s:%s", kinds[k], scales[s]);
      check_accepted(spec, x, 12, 2);
      check_accepted(spec, shifted, 12, 2);
    }
  for (int i = 0; i < 24; i++) x[i] *= 1e100;
  check_accepted("energy", x, 12, 2);
  check_accepted("linear", x, 12, 2);
  check_accepted("gaussian:1e100", x, 12, 2);
}

static void test_coinciding_points(void **state) {
  (void)state;
  const double same[8] = {1, 2, 1, 2, 1, 2, 1, 2}, zeros[6] = {0};
  for (int k = 0; k < FORMULAS; k++) {
    check_accepted(formulas[k].spec, same, 4, 2);
    check_accepted(formulas[k].spec, zeros, 3, 2);
  }
}

/* Ways in which a kernel can be wrong. */
typedef struct flaw {
  double slope;      /* the gradient's error, relative */
  double shear;      /* k(x,y) + shear sum (x - y): not symmetric */
  double constant;   /* k + constant: negative ones make it indefinite */
  int64_t component; /* whose slope is wrong; -1: all */
  double sign;       /* of all */
} flaw;

static int flawed(double *values, double *gradients, const double *x, int64_t n, const double *y, int64_t m, int64_t d,
                  void *user) {
  const flaw *f = user;
  for (int64_t i = 0; i < n; i++)
    for (int64_t j = 0; j < m; j++) {
      double square = 0, shear = 0;
      for (int64_t l = 0; l < d; l++) {
        const double difference = x[i * d + l] - y[j * d + l];
        square += difference * difference;
        shear += f->shear * difference;
      }
      const double k = exp(-square / 2);
      values[i * m + j] = f->sign * (k + shear + f->constant);
      for (int64_t l = 0; gradients && l < d; l++) {
        const double error = f->component < 0 || f->component == l ? f->slope : 0;
        gradients[(i * m + j) * d + l] = f->sign * (f->shear - (1 + error) * k * (x[i * d + l] - y[j * d + l]));
      }
    }
  return 0;
}

static void check_flaw(flaw f, ift_status expected, const char *part) {
  double x[16 * 3];
  dice dice_ = {3};
  dice_normals(&dice_, x, 48);
  ift_kernel *kernel;
  assert_status(IFT_OK, ift_kernel_custom(context, &kernel, flawed, &f, NULL));
  assert_status(expected, ift_kernel_check(kernel, x, 16, 3, 1e-6));
  if (part) assert_message(context, part);
  ift_kernel_destroy(kernel);
}

static void test_flaws(void **state) {
  (void)state;
  check_flaw((flaw){0, 0, 0, -1, 1}, IFT_OK, NULL);
  check_flaw((flaw){0, 0, 0.5, -1, 1}, IFT_OK, NULL);
  check_flaw((flaw){1e-4, 0, 0, -1, 1}, IFT_ERR_CAPABILITY, "gradient");
  check_flaw((flaw){-1e-4, 0, 0, 1, 1}, IFT_ERR_CAPABILITY, "component 1");
  check_flaw((flaw){-2, 0, 0, -1, 1}, IFT_ERR_CAPABILITY, "gradient"); /* in y instead of x */
  check_flaw((flaw){-1, 0, 0, -1, 1}, IFT_ERR_CAPABILITY, "gradient"); /* all zeros */
  check_flaw((flaw){0, 1e-3, 0, -1, 1}, IFT_ERR_CAPABILITY, "not symmetric");
  check_flaw((flaw){0, 0, -0.9, -1, 1}, IFT_ERR_CAPABILITY, "not positive definite");
  check_flaw((flaw){0, 0, 0, -1, -1}, IFT_ERR_CAPABILITY, "not positive definite");
  check_flaw((flaw){0, 0, 0, -1, 0}, IFT_OK, NULL); /* k = 0 */
}

/* The tolerance is what separates a small error from none. */
static void test_tolerance(void **state) {
  (void)state;
  double x[12] = {0, 1, 2, 3, 0.5, -1, 0.3, 0.2, -0.7, -2, 1.5, 0.1};
  flaw f = {1e-4, 0, 0, -1, 1};
  ift_kernel *kernel;
  assert_status(IFT_OK, ift_kernel_custom(context, &kernel, flawed, &f, NULL));
  assert_status(IFT_OK, ift_kernel_check(kernel, x, 6, 2, 1e-3));
  assert_status(IFT_ERR_CAPABILITY, ift_kernel_check(kernel, x, 6, 2, 1e-5));
  ift_kernel_destroy(kernel);
}

/* +|x - y| is negative definite on differences, and r^2 is no kernel for unequal masses. */
static int distance_kernel(double *values, double *gradients, const double *x, int64_t n, const double *y, int64_t m,
                           int64_t d, void *user) {
  (void)user;
  assert_int_equal(d, 1);
  for (int64_t i = 0; i < n; i++)
    for (int64_t j = 0; j < m; j++) {
      values[i * m + j] = fabs(x[i] - y[j]);
      if (gradients) gradients[i * m + j] = (x[i] > y[j]) - (x[i] < y[j]);
    }
  return 0;
}

static void test_distance_is_no_kernel(void **state) {
  (void)state;
  const double x[5] = {0, 1, 2.5, -3, 7};
  ift_kernel *kernel;
  assert_status(IFT_OK, ift_kernel_custom(context, &kernel, distance_kernel, NULL, NULL));
  assert_status(IFT_ERR_CAPABILITY, ift_kernel_check(kernel, x, 5, 1, 1e-6));
  assert_message(context, "positive definite");
  ift_kernel_destroy(kernel);
}

/* A sum with riesz is only conditionally positive definite, and tested as that; what hides behind it is found. */
static void test_sums_with_conditional_parts(void **state) {
  (void)state;
  double x[10 * 3];
  dice dice_ = {4};
  dice_normals(&dice_, x, 30);
  flaw fine = {0, 0, 0, -1, 1}, negative = {0, 0, 0, -1, -1};
  for (int bad = 0; bad < 2; bad++) {
    ift_kernel *custom, *riesz = make_kernel(context, "riesz:1.5"), *sum;
    assert_status(IFT_OK, ift_kernel_custom(context, &custom, flawed, bad ? &negative : &fine, NULL));
    const ift_kernel *const parts[] = {custom, riesz};
    const double coefficients[] = {1, 0.01};
    assert_status(IFT_OK, ift_kernel_sum(context, &sum, parts, coefficients, 2));
    assert_status(bad ? IFT_ERR_CAPABILITY : IFT_OK, ift_kernel_check(sum, x, 10, 3, 1e-6));
    ift_kernel_destroy(custom);
    ift_kernel_destroy(riesz);
    ift_kernel_destroy(sum);
  }
}

static void test_arguments(void **state) {
  (void)state;
  const double x[4] = {0, 1, 2, 3}, bad[4] = {0, 1, NAN, 3};
  ift_kernel *kernel = make_kernel(context, "gaussian:1");
  assert_status(IFT_ERR_ARGUMENT, ift_kernel_check(NULL, x, 4, 1, 1e-6));
  assert_status(IFT_ERR_ARGUMENT, ift_kernel_check(kernel, NULL, 4, 1, 1e-6));
  assert_status(IFT_ERR_ARGUMENT, ift_kernel_check(kernel, x, 1, 1, 1e-6));
  assert_status(IFT_ERR_ARGUMENT, ift_kernel_check(kernel, x, 0, 1, 1e-6));
  assert_status(IFT_ERR_ARGUMENT, ift_kernel_check(kernel, x, -4, 1, 1e-6));
  assert_status(IFT_ERR_ARGUMENT, ift_kernel_check(kernel, x, 4, 0, 1e-6));
  assert_status(IFT_ERR_ARGUMENT, ift_kernel_check(kernel, x, 4, 1, 0));
  assert_status(IFT_ERR_ARGUMENT, ift_kernel_check(kernel, x, 4, 1, -1));
  assert_status(IFT_ERR_ARGUMENT, ift_kernel_check(kernel, x, 4, 1, NAN));
  assert_status(IFT_ERR_NOT_FINITE, ift_kernel_check(kernel, bad, 4, 1, 1e-6));
  assert_message(context, "x[2][0]");
  ift_kernel_destroy(kernel);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_built_in_kernels),
      cmocka_unit_test(test_all_scales),
      cmocka_unit_test(test_coinciding_points),
      cmocka_unit_test(test_flaws),
      cmocka_unit_test(test_tolerance),
      cmocka_unit_test(test_distance_is_no_kernel),
      cmocka_unit_test(test_sums_with_conditional_parts),
      cmocka_unit_test(test_arguments),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
