/* Measures: creation, checks, views, changes, moments; and the compensated sums under them. */
#define _POSIX_C_SOURCE 200809L
#include "files.h"

#include <float.h>

#include "base/sum.h"
#include "measure/measure.h"

static const double square[] = {0, 0, 1, 0, 0, 1, 1, 1};
static const double quarters[] = {0.1, 0.2, 0.3, 0.4};

static void assert_message(const char *message) {
  assert_string_equal(ift_context_message(context), message);
}

static void test_sums(void **state) {
  (void)state;
  const double canceling[] = {1, 1e100, 1, -1e100}, overflow[] = {DBL_MAX, DBL_MAX, 1}, infinite[] = {1, -INFINITY, 1};
  assert_true(ift_sum(canceling, 4) == 2);
  assert_true(ift_sum(canceling, 0) == 0);
  assert_true(ift_sum(overflow, 3) == INFINITY);
  assert_true(ift_sum(infinite, 3) == -INFINITY);
  double tenths[1000], ones[1000];
  for (int i = 0; i < 1000; i++) tenths[i] = 0.1, ones[i] = 1;
  assert_true(ift_sum(tenths, 1000) == 100);
  assert_true(ift_dot_compensated(tenths, ones, 1000) == 100);
  /* (1 + e)^2 - (1 + 2 e) = e^2 for e = 2^-30 */
  const double e = 0x1p-30, a[] = {1 + e, -1}, b[] = {1 + e, 1 + 2 * e};
  assert_true(ift_dot_compensated(a, b, 2) == e * e);
  const double large[] = {1e200, 1}, other[] = {1e200, 1};
  assert_true(ift_dot_compensated(large, other, 2) == INFINITY);
}

static void test_create(void **state) {
  (void)state;
  ift_measure *measure = make(square, 4, 2, quarters);
  assert_int_equal(ift_measure_size(measure), 4);
  assert_int_equal(ift_measure_dim(measure), 2);
  assert_near(ift_measure_mass(measure), 1, 0, 1e-16);
  assert_memory_equal(ift_measure_positions(measure), square, sizeof square);
  assert_memory_equal(ift_measure_weights(measure), quarters, sizeof quarters);
  double positions[8], weights[4];
  assert_status(IFT_OK, ift_measure_copy_positions(measure, positions));
  assert_status(IFT_OK, ift_measure_copy_weights(measure, weights));
  assert_memory_equal(positions, square, sizeof square);
  assert_memory_equal(weights, quarters, sizeof quarters);
  assert_status(IFT_ERR_ARGUMENT, ift_measure_copy_positions(measure, NULL));
  assert_status(IFT_ERR_ARGUMENT, ift_measure_copy_weights(measure, NULL));
  ift_measure *copy;
  assert_status(IFT_OK, ift_measure_clone(measure, &copy));
  ift_measure_destroy(measure);
  assert_int_equal(ift_measure_size(copy), 4);
  assert_int_equal(ift_measure_dim(copy), 2);
  assert_memory_equal(ift_measure_positions(copy), square, sizeof square);
  assert_memory_equal(ift_measure_weights(copy), quarters, sizeof quarters);
  assert_status(IFT_ERR_ARGUMENT, ift_measure_clone(copy, NULL));
  ift_measure_destroy(copy);
  ift_measure_destroy(NULL);
}

static void test_default_weights_and_not_normalized(void **state) {
  (void)state;
  const double twos[] = {2, 0, 5e-324, -0.0};
  ift_measure *equal = make(square, 4, 2, NULL), *heavy = make(square, 4, 2, twos);
  for (int i = 0; i < 4; i++) assert_true(ift_measure_weights(equal)[i] == 0.25);
  assert_true(ift_measure_mass(heavy) == 2);
  assert_int_equal(ift_measure_size(heavy), 4);
  ift_measure_destroy(equal);
  ift_measure_destroy(heavy);
}

static void test_null(void **state) {
  (void)state;
  ift_measure *out = (ift_measure *)folder;
  assert_int_equal(ift_measure_size(NULL), 0);
  assert_int_equal(ift_measure_dim(NULL), 0);
  assert_true(ift_measure_mass(NULL) == 0);
  assert_true(ift_measure_effective_size(NULL) == 0);
  assert_null(ift_measure_positions(NULL));
  assert_null(ift_measure_weights(NULL));
  double number;
  assert_status(IFT_ERR_ARGUMENT, ift_measure_copy_positions(NULL, &number));
  assert_status(IFT_ERR_ARGUMENT, ift_measure_copy_weights(NULL, &number));
  assert_status(IFT_ERR_ARGUMENT, ift_measure_set(NULL, &number, &number));
  assert_status(IFT_ERR_ARGUMENT, ift_measure_normalize(NULL, 1));
  assert_status(IFT_ERR_ARGUMENT, ift_measure_moments(NULL, &number, &number));
  assert_status(IFT_ERR_ARGUMENT, ift_measure_clone(NULL, &out));
  assert_null(out);
  assert_status(IFT_ERR_ARGUMENT, ift_measure_clone(NULL, NULL));
  assert_status(IFT_ERR_ARGUMENT, ift_measure_create(context, NULL, square, 4, 2, NULL));
  out = (ift_measure *)folder;
  assert_status(IFT_ERR_ARGUMENT, ift_measure_create(NULL, &out, square, 4, 2, NULL));
  assert_null(out);
}

/* ift_measure_create refuses the input with this message. */
static void assert_refused(ift_status expected, const char *message, const double *positions, int64_t n, int64_t d,
                           const double *weights) {
  ift_measure *out = (ift_measure *)folder;
  assert_status(expected, ift_measure_create(context, &out, positions, n, d, weights));
  assert_null(out);
  assert_message(message);
}

static void test_refused_inputs(void **state) {
  (void)state;
  double bad[8], w[4];
  memcpy(bad, square, sizeof bad);
  assert_refused(IFT_ERR_ARGUMENT, "n is 0; a measure needs n >= 1 particles in d >= 1 dimensions", square, 0, 2, NULL);
  assert_refused(IFT_ERR_ARGUMENT, "d is -1; a measure needs n >= 1 particles in d >= 1 dimensions", square, 4, -1,
                 NULL);
  assert_refused(IFT_ERR_ARGUMENT, "positions is NULL; a measure needs n by d numbers", NULL, 4, 2, NULL);
  assert_refused(IFT_ERR_NO_MEMORY, "4611686018427387904 particles in 4 dimensions don't fit in memory", square,
                 INT64_C(1) << 62, 4, NULL);
  bad[7] = -NAN;
  assert_refused(IFT_ERR_NOT_FINITE, "positions[3][1] is nan; a measure needs finite positions", bad, 4, 2, NULL);
  bad[2] = -INFINITY;
  assert_refused(IFT_ERR_NOT_FINITE, "positions[1][0] is -inf; a measure needs finite positions", bad, 4, 2, NULL);
  memcpy(w, quarters, sizeof w), w[3] = -0.2;
  assert_refused(IFT_ERR_ARGUMENT, "weights[3] is -0.2; a measure needs weights >= 0", square, 4, 2, w);
  w[3] = INFINITY;
  assert_refused(IFT_ERR_NOT_FINITE, "weights[3] is inf; a measure needs finite weights", square, 4, 2, w);
  w[0] = NAN;
  assert_refused(IFT_ERR_NOT_FINITE, "weights[0] is nan; a measure needs finite weights", square, 4, 2, w);
  memset(w, 0, sizeof w);
  assert_refused(IFT_ERR_ARGUMENT, "the weights sum to 0; a measure needs a positive mass", square, 4, 2, w);
  w[0] = w[1] = 1e308;
  assert_refused(IFT_ERR_NOT_FINITE, "the sum of the weights overflows; a measure needs a finite mass", square, 4, 2,
                 (const double[]){1e308, 1e308, 0, 0});
}

static void test_set(void **state) {
  (void)state;
  ift_measure *measure = make(square, 4, 2, quarters);
  double moved[8], w[] = {4, 3, 2, 1};
  for (int i = 0; i < 8; i++) moved[i] = square[i] + 0.5;
  assert_status(IFT_OK, ift_measure_set(measure, moved, NULL));
  assert_memory_equal(ift_measure_positions(measure), moved, sizeof moved);
  assert_memory_equal(ift_measure_weights(measure), quarters, sizeof quarters);
  assert_status(IFT_OK, ift_measure_set(measure, NULL, w));
  assert_memory_equal(ift_measure_weights(measure), w, sizeof w);
  assert_status(IFT_OK, ift_measure_set(measure, NULL, NULL));
  assert_status(IFT_OK, ift_measure_set(measure, ift_measure_positions(measure), ift_measure_weights(measure)));
  /* one bad array: neither is taken */
  const double negative[] = {1, 1, -1, 1};
  assert_status(IFT_ERR_ARGUMENT, ift_measure_set(measure, square, negative));
  assert_message("weights[2] is -1; a measure needs weights >= 0");
  assert_memory_equal(ift_measure_positions(measure), moved, sizeof moved);
  double infinite[8];
  memcpy(infinite, square, sizeof infinite), infinite[0] = INFINITY;
  assert_status(IFT_ERR_NOT_FINITE, ift_measure_set(measure, infinite, quarters));
  assert_memory_equal(ift_measure_positions(measure), moved, sizeof moved);
  assert_memory_equal(ift_measure_weights(measure), w, sizeof w);
  measure->borrowed = true;
  assert_status(IFT_ERR_ARGUMENT, ift_measure_set(measure, square, NULL));
  assert_status(IFT_ERR_ARGUMENT, ift_measure_normalize(measure, 1));
  assert_message("the measure belongs to a flow and can't be changed; a clone of it can");
  ift_measure *copy;
  assert_status(IFT_OK, ift_measure_clone(measure, &copy));
  assert_status(IFT_OK, ift_measure_set(copy, square, NULL));
  ift_measure_destroy(copy);
  ift_measure_destroy(measure);
}

static void test_normalize(void **state) {
  (void)state;
  const double w[] = {1, 2, 3, 2};
  ift_measure *measure = make(square, 4, 2, w);
  assert_status(IFT_OK, ift_measure_normalize(measure, 1));
  assert_true(ift_measure_weights(measure)[2] == 0.375);
  assert_true(ift_measure_mass(measure) == 1);
  assert_status(IFT_ERR_ARGUMENT, ift_measure_normalize(measure, 0));
  assert_status(IFT_ERR_ARGUMENT, ift_measure_normalize(measure, -1));
  assert_message("mass is -1; the mass of a measure is > 0");
  assert_status(IFT_ERR_NOT_FINITE, ift_measure_normalize(measure, NAN));
  assert_status(IFT_ERR_NOT_FINITE, ift_measure_normalize(measure, INFINITY));
  assert_status(IFT_ERR_ARGUMENT, ift_measure_normalize(measure, 5e-324));
  assert_true(ift_measure_weights(measure)[2] == 0.375);
  assert_status(IFT_OK, ift_measure_normalize(measure, 1e-300));
  assert_status(IFT_OK, ift_measure_normalize(measure, 1e308));
  assert_near(ift_measure_mass(measure), 1e308, 1e-15, 0);
  assert_near(ift_measure_weights(measure)[2], 0.375e308, 1e-15, 0);
  ift_measure_destroy(measure);
}

static void test_moments(void **state) {
  (void)state;
  double mean[2] = {-1, -1}, covariance[4];
  ift_measure *measure = make(square, 4, 2, quarters);
  assert_status(IFT_OK, ift_measure_moments(measure, mean, covariance));
  assert_near(mean[0], 0.6, 1e-15, 0);
  assert_near(mean[1], 0.7, 1e-15, 0);
  assert_near(covariance[0], 0.24, 1e-15, 0);
  assert_near(covariance[3], 0.21, 1e-15, 0);
  assert_near(covariance[1], -0.02, 0, 1e-16);
  assert_true(covariance[1] == covariance[2]);
  double alone[4], lonely[2];
  assert_status(IFT_OK, ift_measure_moments(measure, NULL, alone));
  assert_status(IFT_OK, ift_measure_moments(measure, lonely, NULL));
  assert_status(IFT_OK, ift_measure_moments(measure, NULL, NULL));
  assert_memory_equal(alone, covariance, sizeof covariance);
  assert_memory_equal(lonely, mean, sizeof mean);
  /* independent of the mass, power of 2 or not */
  assert_status(IFT_OK, ift_measure_normalize(measure, 3e300));
  assert_status(IFT_OK, ift_measure_moments(measure, mean, covariance));
  assert_near(mean[0], 0.6, 1e-15, 0);
  assert_near(covariance[0], 0.24, 1e-15, 0);
  ift_measure_destroy(measure);
}

static void test_moments_of_huge_coordinates(void **state) {
  (void)state;
  double mean[2], covariance[4] = {7, 7, 7, 7};
  const double opposite[] = {DBL_MAX, 1, -DBL_MAX, 2}, far[] = {1e15, 0, 1e15 + 1, 0, 1e15 + 2, 0, 1e15 + 2, 0};
  const double mixed[] = {1e150, 1e-150, -1e150, -1e-150};
  ift_measure *measure = make(opposite, 2, 2, NULL);
  assert_status(IFT_OK, ift_measure_moments(measure, mean, NULL));
  assert_true(mean[0] == 0 && mean[1] == 1.5);
  mean[0] = 7;
  assert_status(IFT_ERR_NOT_FINITE, ift_measure_moments(measure, mean, covariance));
  assert_message("the variance of coordinate 0 overflows; it must be below 1.79769e+308");
  assert_true(mean[0] == 7 && covariance[0] == 7 && covariance[3] == 7);
  ift_measure_destroy(measure);
  /* the mean, 1e15 + 1.25, is not representable better than to 1/8: the variance still is */
  measure = make(far, 4, 2, NULL);
  assert_status(IFT_OK, ift_measure_moments(measure, mean, covariance));
  assert_near(mean[0], 1e15 + 1.25, 1e-15, 0);
  assert_near(covariance[0], 0.6875, 1e-14, 0);
  assert_true(covariance[1] == 0 && covariance[3] == 0);
  ift_measure_destroy(measure);
  measure = make(mixed, 2, 2, NULL);
  assert_status(IFT_OK, ift_measure_moments(measure, mean, covariance));
  assert_near(covariance[0], 1e300, 1e-15, 0);
  assert_near(covariance[1], 1, 1e-15, 0);
  assert_near(covariance[3], 1e-300, 1e-15, 0);
  ift_measure_destroy(measure);
}

static void test_moments_are_exact_where_they_can_be(void **state) {
  (void)state;
  double x[49], mean, variance;
  for (int i = 0; i < 49; i++) x[i] = 0.1;
  ift_measure *constant = make(x, 49, 1, NULL);
  assert_status(IFT_OK, ift_measure_moments(constant, &mean, &variance));
  assert_true(mean == 0.1 && variance == 0);
  ift_measure_destroy(constant);
  /* particles of weight 0 have no say, wherever they are */
  const double dead[] = {DBL_MAX, 3, -DBL_MAX}, w[] = {0, 0.7, 0};
  ift_measure *one = make(dead, 3, 1, w);
  assert_status(IFT_OK, ift_measure_moments(one, &mean, &variance));
  assert_true(mean == 3 && variance == 0);
  ift_measure_destroy(one);
  const double at_the_edge[] = {DBL_MAX, DBL_MAX, DBL_MAX};
  ift_measure *edge = make(at_the_edge, 3, 1, NULL);
  assert_status(IFT_OK, ift_measure_moments(edge, &mean, &variance));
  assert_true(mean == DBL_MAX && variance == 0);
  ift_measure_destroy(edge);
}

static void test_effective_size(void **state) {
  (void)state;
  const double one[] = {0, 1e300, 0, 0}, two[] = {1e-300, 0, 1e-300, 0}, w[] = {1, 2, 3, 4};
  ift_measure *measure = make(square, 4, 2, NULL);
  assert_true(ift_measure_effective_size(measure) == 4);
  ift_measure_set(measure, NULL, one);
  assert_true(ift_measure_effective_size(measure) == 1);
  ift_measure_set(measure, NULL, two);
  assert_true(ift_measure_effective_size(measure) == 2);
  ift_measure_set(measure, NULL, w);
  assert_near(ift_measure_effective_size(measure), 100.0 / 30, 1e-15, 0);
  ift_measure_destroy(measure);
}

static ift_status create(ift_measure **out) {
  return ift_measure_create(context, out, square, 4, 2, quarters);
}

static ift_measure *original;

static ift_status clone(ift_measure **out) {
  return ift_measure_clone(original, out);
}

static void test_no_memory(void **state) {
  (void)state;
  assert_true(fail_allocations(create) >= 1);
  original = make(square, 4, 2, NULL);
  assert_true(fail_allocations(clone) >= 1);
  ift_measure_destroy(original);
}

static void test_outlives_its_context_handle(void **state) {
  (void)state;
  ift_context *mine;
  ift_measure *measure;
  assert_status(IFT_OK, ift_context_create(&mine));
  assert_status(IFT_OK, ift_measure_create(mine, &measure, square, 4, 2, NULL));
  ift_context_destroy(mine);
  assert_true(ift_measure_mass(measure) == 1);
  ift_measure_destroy(measure);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_sums),
      cmocka_unit_test(test_create),
      cmocka_unit_test(test_default_weights_and_not_normalized),
      cmocka_unit_test(test_null),
      cmocka_unit_test(test_refused_inputs),
      cmocka_unit_test(test_set),
      cmocka_unit_test(test_normalize),
      cmocka_unit_test(test_moments),
      cmocka_unit_test(test_moments_of_huge_coordinates),
      cmocka_unit_test(test_moments_are_exact_where_they_can_be),
      cmocka_unit_test(test_effective_size),
      cmocka_unit_test(test_no_memory),
      cmocka_unit_test(test_outlives_its_context_handle),
  };
  return cmocka_run_group_tests_name("measure/measure", tests, set_up, tear_down);
}
