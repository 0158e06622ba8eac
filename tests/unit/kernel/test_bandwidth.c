/* The median heuristic against a sort of all distances. */
#include <stdlib.h>

#include "support/fixture.h"
#include "support/random.h"

static int compare(const void *a, const void *b) {
  const double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

/* sqrt(median |x_i - x_j|^2 / 2) over i < j . */
static double by_sorting(const double *x, int64_t n, int64_t d) {
  const int64_t pairs = n * (n - 1) / 2;
  double *squares = malloc((size_t)pairs * sizeof *squares);
  assert_non_null(squares);
  int64_t k = 0;
  for (int64_t i = 0; i < n; i++)
    for (int64_t j = 0; j < i; j++) {
      const double *a = x + i * d, *b = x + j * d;
      double sum = 0;
      for (int64_t l = 0; l < d; l++) sum += (a[l] - b[l]) * (a[l] - b[l]);
      squares[k++] = sum;
    }
  qsort(squares, (size_t)pairs, sizeof *squares, compare);
  const double median = pairs % 2 ? squares[pairs / 2] : (squares[pairs / 2 - 1] + squares[pairs / 2]) / 2;
  free(squares);
  return sqrt(median / 2);
}

static double bandwidth(const double *x, int64_t n, int64_t d, const double *w) {
  ift_measure *measure = make_measure(context, x, n, d, w);
  double out;
  assert_status(IFT_OK, ift_bandwidth_median(measure, &out));
  ift_measure_destroy(measure);
  return out;
}

/* n = 2..40 has odd (1, 3, 15, 21) and even (6, 10, 28) numbers of pairs. */
static void test_against_sorting(void **state) {
  (void)state;
  double x[40 * 3];
  dice dice_ = {1};
  for (int64_t d = 1; d <= 3; d++)
    for (int64_t n = 2; n <= 40; n++) {
      dice_normals(&dice_, x, n * d);
      assert_near(bandwidth(x, n, d, NULL), by_sorting(x, n, d), 4e-16, 0);
    }
}

/* Coordinates from a few values: most distances occur many times, some are 0. */
static void test_duplicates(void **state) {
  (void)state;
  double x[60 * 2];
  dice dice_ = {2};
  for (int64_t n = 10; n <= 60; n++) {
    for (int64_t i = 0; i < 2 * n; i++) x[i] = (double)dice_below(&dice_, 4);
    assert_near(bandwidth(x, n, 2, NULL), by_sorting(x, n, 2), 4e-16, 0);
  }
}

static void test_by_hand(void **state) {
  (void)state;
  const double three[] = {0, 1, 5}, two[] = {1, 4, -3, 7}, four[] = {0, 1, 3, 7};
  assert_near(bandwidth(three, 3, 1, NULL), sqrt(16 / 2.0), 1e-15, 0);      /* 1, 16, 25 */
  assert_near(bandwidth(two, 2, 2, NULL), sqrt(25 / 2.0), 1e-15, 0);        /* one pair */
  assert_near(bandwidth(four, 4, 1, NULL), sqrt((9 + 16) / 4.0), 1e-15, 0); /* 1, 4, 9, 16, 36, 49 */
}

static void test_weights_are_not_used(void **state) {
  (void)state;
  const double x[] = {0, 1, 5}, w[] = {100, 0, 1e-9};
  assert_true(bandwidth(x, 3, 1, w) == bandwidth(x, 3, 1, NULL));
}

static void test_scales(void **state) {
  (void)state;
  double x[25], scaled[25];
  static const double scales[] = {0x1p-400, 0x1p-30, 0x1p200, 0x1p600, 0x1p1015};
  dice dice_ = {3};
  dice_normals(&dice_, x, 25);
  for (int s = 0; s < 5; s++) {
    for (int i = 0; i < 25; i++) scaled[i] = x[i] * scales[s];
    assert_near(bandwidth(scaled, 25, 1, NULL) / scales[s], by_sorting(x, 25, 1), 1e-14, 0);
  }
}

/* Is `out` the median of the points at that stride? Found by counting: as many squares below as above, and the two
 * middle ones, the nearest from either side, have this mean. */
static void check_by_counting(double out, const double *x, int64_t stride, int64_t n) {
  const double median = 2 * out * out;
  int64_t below = 0, above = 0;
  double low = 0, high = INFINITY;
  for (int64_t i = 0; i < n; i++)
    for (int64_t j = 0; j < i; j++) {
      const double difference = x[i * stride] - x[j * stride], square = difference * difference;
      if (square <= median)
        below++, low = fmax(low, square);
      else
        above++, high = fmin(high, square);
    }
  assert_int_equal(below, above);
  assert_near(median, (low + high) / 2, 1e-15, 0);
}

/* To 5000 points exact; 10000 and 15000 are thinned to every second and third. */
static void test_many_points(void **state) {
  (void)state;
  enum { MOST = 15000 };
  static double x[MOST];
  dice dice_ = {4};
  for (int i = 0; i < MOST; i++) x[i] = dice_normal(&dice_) * (i % 2 ? 1 : 3);
  for (int64_t stride = 1; stride <= 3; stride++)
    check_by_counting(bandwidth(x, 5000 * stride, 1, NULL), x, stride, 5000);
}

/* Half of the pairs coincide: no scale to be had. One pair less, and there is. */
static void test_median_of_zero(void **state) {
  (void)state;
  const double same[6] = {0}, most[4] = {0, 0, 0, 1}, some[4] = {0, 0, 1, 2};
  double out = 42;
  ift_measure *measure = make_measure(context, same, 3, 2, NULL);
  assert_status(IFT_ERR_ARGUMENT, ift_bandwidth_median(measure, &out));
  assert_message(context, "median");
  assert_message(context, "0");
  assert_true(out == 42);
  ift_measure_destroy(measure);
  assert_near(bandwidth(most, 4, 1, NULL), sqrt(0.25), 1e-15, 0); /* 0, 0, 0, 1, 1, 1 */
  assert_near(bandwidth(some, 4, 1, NULL), sqrt(0.5), 1e-15, 0);
}

static void test_arguments(void **state) {
  (void)state;
  const double x[2] = {0, 1};
  double out = 42;
  ift_measure *one = make_measure(context, x, 1, 2, NULL), *two = make_measure(context, x, 2, 1, NULL);
  assert_status(IFT_ERR_ARGUMENT, ift_bandwidth_median(NULL, &out));
  assert_status(IFT_ERR_ARGUMENT, ift_bandwidth_median(two, NULL));
  assert_status(IFT_ERR_ARGUMENT, ift_bandwidth_median(one, &out));
  assert_message(context, "2");
  assert_true(out == 42);
  ift_measure_destroy(one);
  ift_measure_destroy(two);
}

/* Between multiples of 5000 too all of the points count: on sorted ones the first 5000 would be too narrow. For n equal steps the
 * median distance is n (1 - sqrt(1/2)). */
static void test_thinned_evenly(void **state) {
  (void)state;
  enum { COUNT = 7400 };
  static double x[COUNT];
  for (int i = 0; i < COUNT; i++) x[i] = i;
  assert_near(bandwidth(x, COUNT, 1, NULL), COUNT * (1 - sqrt(0.5)) / sqrt(2), 1e-3, 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_thinned_evenly),
      cmocka_unit_test(test_against_sorting),
      cmocka_unit_test(test_duplicates),
      cmocka_unit_test(test_by_hand),
      cmocka_unit_test(test_weights_are_not_used),
      cmocka_unit_test(test_scales),
      cmocka_unit_test(test_many_points),
      cmocka_unit_test(test_median_of_zero),
      cmocka_unit_test(test_arguments),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
