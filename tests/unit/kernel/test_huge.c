/* Coordinates and lengths whose squares overflow: legal as long as the result is finite. Scaling points and length by 2^600 must change
 * values by exactly nothing (or by 2^(600 q) for riesz), so the expected numbers are those of ordinary points. */
#include "support/near.h"

enum { N = 6, D = 2 };
static const double points[N * D] = {0.3, -1, 2, 0.5, -0.7, 1.1, 0.3, -1, 1.6, 1.6, -2, 0};
static const double weights[N] = {0.5, 1, -0.25, 2, 0.125, 1};

/* Gradients only where they don't underflow: those of a kernel of length 2^600 are of size 2^-600, their slopes of 2^-1200. */
static void compare(const char *plain, const char *scaled, double value_factor, int gradients) {
  const double factor = 0x1p600;
  ift_context *context;
  ift_kernel *small, *large;
  double x[N * D], value[N], expected[N], gradient[N * D], expected_gradient[N * D];
  for (int k = 0; k < N * D; k++) x[k] = points[k] * factor;
  assert_status(IFT_OK, ift_context_create(&context));
  assert_status(IFT_OK, ift_kernel_parse(context, &small, plain));
  assert_status(IFT_OK, ift_kernel_parse(context, &large, scaled));
  assert_status(IFT_OK, ift_kernel_sum_pairs(small, expected, expected_gradient, points, N, D, points, N, weights));
  assert_status(IFT_OK, ift_kernel_sum_pairs(large, value, gradient, x, N, D, x, N, weights));
  for (int i = 0; i < N; i++) assert_near(value[i] / value_factor, expected[i], 1e-14, 0);
  for (int k = 0; gradients && k < N * D; k++)
    assert_near(gradient[k] / value_factor * factor, expected_gradient[k], 1e-13, 1e-15);
  ift_kernel_destroy(small);
  ift_kernel_destroy(large);
  ift_context_destroy(context);
}

static void lengths(void **state) {
  (void)state;
  char text[64];
  const char *const names[] = {"gaussian", "laplace", "matern12", "matern32", "matern52", "imq"};
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
    char plain[32];
    snprintf(plain, sizeof plain, "%s:0.75", names[i]);
    snprintf(text, sizeof text, "%s:%.17g", names[i], 0.75 * 0x1p600);
    compare(plain, text, 1, 0);
  }
}

static void riesz(void **state) {
  (void)state;
  compare("energy", "energy", 0x1p600, 1);
  compare("riesz:1.5", "riesz:1.5", 0x1p900, 1);
}

/* Ordinary points among huge ones keep their own precision. */
static void mixed(void **state) {
  (void)state;
  ift_context *context;
  ift_kernel *kernel;
  const double x[] = {0}, y[] = {3, 1e200};
  const double near_only[] = {1, 0};
  double value, gradient;
  assert_status(IFT_OK, ift_context_create(&context));
  assert_status(IFT_OK, ift_kernel_parse(context, &kernel, "energy"));
  assert_status(IFT_OK, ift_kernel_sum_pairs(kernel, &value, &gradient, x, 1, 1, y, 2, near_only));
  assert_near(value, -3, 1e-15, 0);
  assert_near(gradient, 1, 1e-15, 0);
  ift_kernel_destroy(kernel);
  assert_status(IFT_OK, ift_kernel_parse(context, &kernel, "gaussian:1"));
  assert_status(IFT_OK, ift_kernel_sum_pairs(kernel, &value, &gradient, x, 1, 1, y, 2, NULL));
  assert_near(value, exp(-4.5), 1e-15, 0);
  ift_kernel_destroy(kernel);
  ift_context_destroy(context);
}

static void too_large(void **state) {
  (void)state;
  ift_context *context;
  ift_kernel *kernel;
  const double x[] = {1e200}, y[] = {-1e200};
  double value;
  assert_status(IFT_OK, ift_context_create(&context));
  assert_status(IFT_OK, ift_kernel_parse(context, &kernel, "riesz:1.9"));
  assert_status(IFT_ERR_NOT_FINITE, ift_kernel_sum_pairs(kernel, &value, NULL, x, 1, 1, y, 1, NULL));
  ift_kernel_destroy(kernel);
  assert_status(IFT_OK, ift_kernel_parse(context, &kernel, "linear"));
  assert_status(IFT_ERR_NOT_FINITE, ift_kernel_sum_pairs(kernel, &value, NULL, x, 1, 1, y, 1, NULL));
  ift_kernel_destroy(kernel);
  ift_context_destroy(context);
}

static void bandwidth(void **state) {
  (void)state;
  ift_context *context;
  ift_measure *small, *large;
  double x[N * D], expected, got;
  for (int k = 0; k < N * D; k++) x[k] = points[k] * 0x1p600;
  assert_status(IFT_OK, ift_context_create(&context));
  assert_status(IFT_OK, ift_measure_create(context, &small, points, N, D, NULL));
  assert_status(IFT_OK, ift_measure_create(context, &large, x, N, D, NULL));
  assert_status(IFT_OK, ift_bandwidth_median(small, &expected));
  assert_status(IFT_OK, ift_bandwidth_median(large, &got));
  assert_near(got * 0x1p-600, expected, 1e-15, 0);
  ift_measure_destroy(small);
  ift_measure_destroy(large);
  ift_context_destroy(context);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(lengths), cmocka_unit_test(riesz), cmocka_unit_test(mixed),
                                     cmocka_unit_test(too_large), cmocka_unit_test(bandwidth)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
