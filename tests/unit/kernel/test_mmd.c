/* MMD^2 of two measures, its standard error, the witness function. */
#include "support/kernels.h"
#include "support/make.h"
#include "support/random.h"

enum { N = 17, M = 140, D = 2 };
static ift_context *context;
static double x[N * D], y[M * D], a[N], b[M];

static int set_up(void **state) {
  (void)state;
  dice dice_ = {21};
  context = make_context();
  dice_normals(&dice_, x, N * D);
  dice_normals(&dice_, y, M * D);
  dice_weights(&dice_, a, N, 1);
  dice_weights(&dice_, b, M, 1);
  a[3] = 0;
  double sum = 0;
  for (int i = 0; i < N; i++) sum += a[i];
  for (int i = 0; i < N; i++) a[i] /= sum;
  return 0;
}

static int tear_down(void **state) {
  (void)state;
  ift_context_destroy(context);
  return 0;
}

static double mmd2(const ift_kernel *kernel, const ift_measure *p, const ift_measure *q) {
  double value = NAN;
  assert_status(IFT_OK, ift_mmd2(kernel, &value, p, q));
  return value;
}

static void test_against_the_definition(void **state) {
  (void)state;
  ift_measure *p = make_measure(context, x, N, D, a), *q = make_measure(context, y, M, D, b);
  for (int k = 0; k < FORMULAS; k++) {
    ift_kernel *kernel = make_kernel(context, formulas[k].spec);
    const double expected = formula_mmd2(&formulas[k], x, N, a, y, M, b, D);
    assert_near(mmd2(kernel, p, q), expected, 1e-11, 1e-13);
    assert_near(mmd2(kernel, q, p), expected, 1e-11, 1e-13);
    ift_kernel_destroy(kernel);
  }
  ift_measure_destroy(p);
  ift_measure_destroy(q);
}

/* Other masses than 1, where the kernel is positive definite. */
static void test_masses(void **state) {
  (void)state;
  double heavy[N], light[M];
  for (int i = 0; i < N; i++) heavy[i] = 7 * a[i];
  for (int i = 0; i < M; i++) light[i] = 0.25 * b[i];
  ift_measure *p = make_measure(context, x, N, D, heavy), *q = make_measure(context, y, M, D, light);
  for (int k = 0; k < FORMULAS; k++) {
    ift_kernel *kernel = make_kernel(context, formulas[k].spec);
    double out = 42;
    if (formulas[k].conditional) {
      assert_status(IFT_ERR_ARGUMENT, ift_mmd2(kernel, &out, p, q));
      assert_message(context, "0.25");
      assert_message(context, "conditionally");
      assert_status(IFT_ERR_ARGUMENT, ift_mmd2_standard_error(kernel, &out, p, q));
      assert_true(out == 42);
      assert_true(mmd2(kernel, p, p) == 0);
    } else {
      assert_near(mmd2(kernel, p, q), formula_mmd2(&formulas[k], x, N, heavy, y, M, light, D), 1e-12, 1e-13);
    }
    ift_kernel_destroy(kernel);
  }
  ift_measure_destroy(p);
  ift_measure_destroy(q);
}

/* Masses equal to 1e-9 are equal enough for riesz, to 1e-7 not. */
static void test_masses_nearly_equal(void **state) {
  (void)state;
  const double points[2] = {0, 1}, one[2] = {0.5, 0.5}, close[2] = {0.5, 0.5 + 5e-10}, apart[2] = {0.5, 0.5 + 1e-7};
  ift_kernel *kernel = make_kernel(context, "linear+energy");
  ift_measure *p = make_measure(context, points, 2, 1, one), *q = make_measure(context, points, 2, 1, close),
              *r = make_measure(context, points, 2, 1, apart);
  double out;
  assert_status(IFT_OK, ift_mmd2(kernel, &out, p, q));
  assert_status(IFT_ERR_ARGUMENT, ift_mmd2(kernel, &out, p, r));
  assert_status(IFT_ERR_ARGUMENT, ift_mmd2(kernel, &out, r, p));
  ift_kernel_destroy(kernel);
  ift_measure_destroy(p);
  ift_measure_destroy(q);
  ift_measure_destroy(r);
}

/* Two handles with the same numbers: exactly 0, whatever the kernel and the scale. */
static void test_equal_measures(void **state) {
  (void)state;
  static double scaled[M * D];
  static const double scales[] = {1, 1e-8, 1e3};
  for (int s = 0; s < 3; s++) {
    for (int i = 0; i < M * D; i++) scaled[i] = y[i] * scales[s];
    ift_measure *p = make_measure(context, scaled, M, D, b), *q = make_measure(context, scaled, M, D, b);
    for (int k = 0; k < FORMULAS; k++) {
      ift_kernel *kernel = make_kernel(context, formulas[k].spec);
      double error;
      assert_true(mmd2(kernel, p, q) == 0);
      assert_true(mmd2(kernel, p, p) == 0);
      assert_status(IFT_OK, ift_mmd2_standard_error(kernel, &error, p, q));
      assert_true(error == 0);
      ift_kernel_destroy(kernel);
    }
    ift_measure_destroy(p);
    ift_measure_destroy(q);
  }
}

/* Nearly the same measure (positions 1e-10 apart, another order, split weights), where rounding is larger than the
 * value and of either sign: never below 0, and close to what it is. */
static void test_never_negative(void **state) {
  (void)state;
  double split[2 * N * D], halves[2 * N];
  dice dice_ = {22};
  int zeros = 0;
  for (int k = 0; k < FORMULAS; k++) {
    ift_kernel *kernel = make_kernel(context, formulas[k].spec);
    for (int trial = 0; trial < 50; trial++) {
      double points[N * D], weights[N];
      dice_normals(&dice_, points, N * D);
      dice_weights(&dice_, weights, N, 1);
      for (int i = 0; i < 2 * N; i++) {
        const int from = trial % 2 ? i / 2 : (2 * N - 1 - i) / 2;
        for (int l = 0; l < D; l++) split[i * D + l] = points[from * D + l] + 1e-10 * dice_normal(&dice_);
        halves[i] = weights[from] * (i % 2 ? 0.3 : 0.7);
      }
      ift_measure *p = make_measure(context, points, N, D, weights),
                  *q = make_measure(context, split, 2 * N, D, halves);
      const double value = mmd2(kernel, p, q);
      zeros += value == 0;
      assert_true(value >= 0);
      assert_near(value, fmax(formula_mmd2(&formulas[k], points, N, weights, split, 2 * N, halves, D), 0), 1e-3, 1e-12);
      ift_measure_destroy(p);
      ift_measure_destroy(q);
    }
    ift_kernel_destroy(kernel);
  }
  assert_true(zeros > 20); /* there was something to clip */
}

/* MMD^2 of 1e-20 next to kernel values of 1: found to a few percent, since it is one signed sum. */
static void test_small_values(void **state) {
  (void)state;
  const double p = 0.3, q = 0.3 + 1e-10;
  ift_kernel *kernel = make_kernel(context, "energy");
  ift_measure *first = make_measure(context, &p, 1, 1, NULL), *second = make_measure(context, &q, 1, 1, NULL);
  assert_near(mmd2(kernel, first, second), 2 * (q - p), 1e-15, 0); /* 2 |p - q| */
  ift_kernel_destroy(kernel);
  ift_measure_destroy(first);
  ift_measure_destroy(second);
}

/* 2 sqrt(sum w^2 (f - mean f)^2), f the witness. */
static double expected_error(const formula *f, const double *weights_a, const double *weights_b) {
  double witness[M], mean = 0, mass = 0, sum = 0;
  for (int j = 0; j < M; j++) {
    witness[j] = formula_sum(f, y + j * D, x, N, D, weights_a) - formula_sum(f, y + j * D, y, M, D, weights_b);
    mean += weights_b[j] * witness[j];
    mass += weights_b[j];
  }
  for (int j = 0; j < M; j++)
    sum += weights_b[j] * weights_b[j] * (witness[j] - mean / mass) * (witness[j] - mean / mass);
  return 2 * sqrt(sum);
}

static void test_standard_error(void **state) {
  (void)state;
  double heavy[M];
  for (int j = 0; j < M; j++) heavy[j] = 3 * b[j];
  ift_measure *p = make_measure(context, x, N, D, a), *q = make_measure(context, y, M, D, b),
              *h = make_measure(context, y, M, D, heavy);
  for (int k = 0; k < FORMULAS; k++) {
    ift_kernel *kernel = make_kernel(context, formulas[k].spec);
    double error;
    assert_status(IFT_OK, ift_mmd2_standard_error(kernel, &error, p, q));
    assert_near(error, expected_error(&formulas[k], a, b), 1e-10, 1e-14);
    if (!formulas[k].conditional) {
      assert_status(IFT_OK, ift_mmd2_standard_error(kernel, &error, p, h));
      assert_near(error, expected_error(&formulas[k], a, heavy), 1e-10, 1e-14);
    }
    ift_kernel_destroy(kernel);
  }
  ift_measure_destroy(p);
  ift_measure_destroy(q);
  ift_measure_destroy(h);
}

/* It is the spread of MMD^2 over samples: 400 samples of 200 normals against one fixed measure. */
static void test_standard_error_is_the_spread(void **state) {
  (void)state;
  enum { TRIALS = 400, SIZE = 200 };
  ift_kernel *kernel = make_kernel(context, "gaussian:1");
  const double point = 1.5;
  ift_measure *fixed = make_measure(context, &point, 1, 1, NULL);
  double sum = 0, squares = 0, told = 0, sample[SIZE];
  dice dice_ = {23};
  for (int t = 0; t < TRIALS; t++) {
    double error;
    dice_normals(&dice_, sample, SIZE);
    ift_measure *drawn = make_measure(context, sample, SIZE, 1, NULL);
    const double value = mmd2(kernel, fixed, drawn);
    assert_status(IFT_OK, ift_mmd2_standard_error(kernel, &error, fixed, drawn));
    sum += value;
    squares += value * value;
    told += error;
    ift_measure_destroy(drawn);
  }
  const double spread = sqrt(squares / TRIALS - (sum / TRIALS) * (sum / TRIALS));
  assert_near(told / TRIALS, spread, 0.15, 0); /* the spread itself is known to 1/sqrt(800) = 3.5 % */
  ift_kernel_destroy(kernel);
  ift_measure_destroy(fixed);
}

static void test_standard_error_of_one_particle(void **state) {
  (void)state;
  dice dice_ = {24};
  for (int trial = 0; trial < 200; trial++) {
    ift_kernel *kernel = make_kernel(context, formulas[trial % FORMULAS].spec);
    const double weight = formulas[trial % FORMULAS].conditional ? 1 : dice_between(&dice_, 0.1, 5);
    double points[2], error = 42;
    dice_normals(&dice_, points, 2);
    ift_measure *p = make_measure(context, points, 1, 1, NULL), *q = make_measure(context, points + 1, 1, 1, &weight);
    assert_status(IFT_OK, ift_mmd2_standard_error(kernel, &error, p, q));
    assert_true(error == 0);
    ift_measure_destroy(p);
    ift_measure_destroy(q);
    ift_kernel_destroy(kernel);
  }
}

static void test_witness(void **state) {
  (void)state;
  double points[5 * D], out[5];
  dice dice_ = {25};
  dice_normals(&dice_, points, 5 * D);
  ift_measure *p = make_measure(context, x, N, D, a), *q = make_measure(context, y, M, D, b);
  for (int k = 0; k < FORMULAS; k++) {
    ift_kernel *kernel = make_kernel(context, formulas[k].spec);
    assert_status(IFT_OK, ift_witness(kernel, out, points, 5, D, p, q));
    for (int i = 0; i < 5; i++)
      assert_near(out[i],
                  formula_sum(&formulas[k], points + i * D, x, N, D, a) -
                      formula_sum(&formulas[k], points + i * D, y, M, D, b),
                  1e-12, 1e-12);
    ift_kernel_destroy(kernel);
  }
  ift_measure_destroy(p);
  ift_measure_destroy(q);
}

static void test_overflow(void **state) {
  (void)state;
  const double near_[2] = {1, 2}, weights[2] = {1e200, 1e200}, far[2] = {1e300, -1e300};
  double out[2] = {42, 42};
  ift_kernel *gaussian = make_kernel(context, "gaussian:1"), *linear = make_kernel(context, "linear");
  ift_measure *heavy = make_measure(context, near_, 2, 1, weights), *light = make_measure(context, near_, 2, 1, NULL),
              *wide = make_measure(context, far, 2, 1, NULL);
  assert_status(IFT_ERR_NOT_FINITE, ift_mmd2(gaussian, out, heavy, light));
  assert_status(IFT_ERR_NOT_FINITE, ift_mmd2(linear, out, wide, light));
  assert_status(IFT_ERR_NOT_FINITE, ift_mmd2_standard_error(gaussian, out, light, heavy));
  assert_status(IFT_ERR_NOT_FINITE, ift_mmd2_standard_error(linear, out, light, wide));
  assert_status(IFT_ERR_NOT_FINITE, ift_witness(linear, out, far, 2, 1, heavy, light));
  assert_true(out[0] == 42 && out[1] == 42);
  ift_kernel_destroy(gaussian);
  ift_kernel_destroy(linear);
  ift_measure_destroy(heavy);
  ift_measure_destroy(light);
  ift_measure_destroy(wide);
}

static void test_arguments(void **state) {
  (void)state;
  ift_context *other = make_context();
  ift_kernel *kernel = make_kernel(context, "gaussian:1"), *foreign = make_kernel(other, "gaussian:1");
  ift_measure *p = make_measure(context, x, 4, 2, NULL), *line = make_measure(context, x, 4, 1, NULL),
              *stranger = make_measure(other, x, 4, 2, NULL);
  double out = 42, wrong[2] = {0, NAN};
  ift_status (*const both[])(const ift_kernel *, double *, const ift_measure *,
                             const ift_measure *) = {ift_mmd2, ift_mmd2_standard_error};
  for (int f = 0; f < 2; f++) {
    assert_status(IFT_ERR_ARGUMENT, both[f](NULL, &out, p, p));
    assert_status(IFT_ERR_ARGUMENT, both[f](kernel, NULL, p, p));
    assert_status(IFT_ERR_ARGUMENT, both[f](kernel, &out, NULL, p));
    assert_message(context, "first");
    assert_status(IFT_ERR_ARGUMENT, both[f](kernel, &out, p, NULL));
    assert_message(context, "second");
    assert_status(IFT_ERR_DIMENSION, both[f](kernel, &out, p, line));
    assert_message(context, "2 and 1");
    assert_status(IFT_ERR_CONTEXT, both[f](kernel, &out, p, stranger));
    assert_status(IFT_ERR_CONTEXT, both[f](kernel, &out, stranger, p));
    assert_status(IFT_ERR_CONTEXT, both[f](foreign, &out, p, p));
  }
  assert_status(IFT_ERR_ARGUMENT, ift_witness(NULL, &out, x, 1, 2, p, p));
  assert_status(IFT_ERR_ARGUMENT, ift_witness(kernel, NULL, x, 1, 2, p, p));
  assert_status(IFT_ERR_ARGUMENT, ift_witness(kernel, &out, NULL, 1, 2, p, p));
  assert_status(IFT_ERR_ARGUMENT, ift_witness(kernel, &out, x, -1, 2, p, p));
  assert_status(IFT_ERR_ARGUMENT, ift_witness(kernel, &out, x, 1, 2, NULL, p));
  assert_status(IFT_ERR_DIMENSION, ift_witness(kernel, &out, x, 1, 3, p, p));
  assert_status(IFT_ERR_DIMENSION, ift_witness(kernel, &out, x, 1, 2, p, line));
  assert_status(IFT_ERR_CONTEXT, ift_witness(kernel, &out, x, 1, 2, p, stranger));
  assert_status(IFT_ERR_NOT_FINITE, ift_witness(kernel, &out, wrong, 1, 2, p, p));
  assert_true(out == 42);
  assert_status(IFT_OK, ift_witness(kernel, &out, x, 0, 2, p, p)); /* no points, nothing to do */
  assert_true(out == 42);
  ift_kernel_destroy(kernel);
  ift_kernel_destroy(foreign);
  ift_measure_destroy(p);
  ift_measure_destroy(line);
  ift_measure_destroy(stranger);
  ift_context_destroy(other);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_against_the_definition),
      cmocka_unit_test(test_masses),
      cmocka_unit_test(test_masses_nearly_equal),
      cmocka_unit_test(test_equal_measures),
      cmocka_unit_test(test_never_negative),
      cmocka_unit_test(test_small_values),
      cmocka_unit_test(test_standard_error),
      cmocka_unit_test(test_standard_error_is_the_spread),
      cmocka_unit_test(test_standard_error_of_one_particle),
      cmocka_unit_test(test_witness),
      cmocka_unit_test(test_overflow),
      cmocka_unit_test(test_arguments),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
