/* Sums on a line by sorting: as exact as the points allow, whatever their scale, order and number. */
#include "engines.h"

#include "pairs/pairs.h"

enum { SPECS = 3 };
static const char *const specs[SPECS] = {"energy", "laplace:1.3", "matern12:0.8"};

/* Values and gradients to this part of the sums of absolute terms. */
static void check_to(double tolerance, const cloud *c, int64_t step) {
  for (int k = 0; k < SPECS; k++) {
    ift_kernel *kernel = make_kernel(context, specs[k]);
    run_engine("sorted", kernel, c);
    const errors e = errors_of(formula_of(specs[k]), c, step);
    if (!(e.value <= tolerance && e.gradient <= tolerance))
      fail_msg("%s, n %d, m %d: errors %.3g and %.3g", specs[k], (int)c->n, (int)c->m, e.value, e.gradient);
    ift_kernel_destroy(kernel);
  }
}

static void check(const cloud *c, int64_t step) {
  check_to(1e-14, c, step);
}

static void test_sizes(void **state) {
  (void)state;
  static const int64_t sizes[] = {1, 2, 3, 15, 16, 17, 31, 33, 127, 128, 129, 500};
  for (int a = 0; a < 12; a++)
    for (int b = 0; b < 12; b++) {
      cloud c = cloud_of(sizes[a], sizes[b], 1, (uint64_t)(a + 20 * b));
      check(&c, 1);
      cloud_free(&c);
    }
}

/* So many within a length that an error per point would show. */
static void test_many(void **state) {
  (void)state;
  cloud c = cloud_of(1000, 100000, 1, 8);
  free(c.w);
  c.w = NULL;
  static const double scales[] = {1, 1e-3, 1e6};
  for (int k = 0; k < 3; k++) {
    cloud_map(&c, scales[k], 0);
    check_to(1e-15, &c, 499);
  }
  cloud_free(&c);
}

static void test_offsets_and_scales(void **state) {
  (void)state;
  static const double scales[] = {1, 1e-3, 1e3, 1e-150, 1e-12, 1e12, 1e150, 1e-300, 1e300};
  static const double shifts[] = {0, 1e8, -3e15};
  for (int a = 0; a < 9; a++)
    for (int b = 0; b < 3; b++) {
      cloud c = cloud_of(60, 80, 1, 5);
      cloud_map(&c, scales[a], shifts[b]);
      check(&c, 1);
      cloud_free(&c);
    }
}

/* Targets on sources, sources on sources, clusters far from each other. */
static void test_ties_and_clusters(void **state) {
  (void)state;
  dice dice_ = {12};
  cloud c = cloud_of(200, 300, 1, 6);
  for (int64_t i = 0; i < c.n; i++) c.x[i] = (double)dice_below(&dice_, 20) / 4;
  for (int64_t j = 0; j < c.m; j++) c.y[j] = (double)dice_below(&dice_, 20) / 4;
  check(&c, 1);
  for (int64_t j = 0; j < c.m; j++) c.y[j] = 2;
  check(&c, 1);
  for (int64_t i = 0; i < c.n; i++) c.x[i] = i % 2 ? 2 : -0.0;
  for (int64_t j = 0; j < c.m; j++) c.y[j] = j % 2 ? 0 : 2;
  check(&c, 1);
  for (int64_t i = 0; i < c.n; i++) c.x[i] = dice_normal(&dice_) * 1e-6 + (double)dice_below(&dice_, 3) * 50;
  for (int64_t j = 0; j < c.m; j++) c.y[j] = dice_normal(&dice_) * 1e-6 + (double)dice_below(&dice_, 3) * 50;
  check(&c, 1);
  cloud_free(&c);
}

/* A sum of all kinds is the sum; an output may be missing. */
static void test_terms_and_outputs(void **state) {
  (void)state;
  cloud c = cloud_of(70, 90, 1, 3);
  double value[70] = {0}, gradient[70] = {0};
  ift_kernel *sum = make_kernel(context, "2*energy+0.5*laplace:1.3+3*matern12:0.8");
  static const double coefficients[SPECS] = {2, 0.5, 3};
  for (int k = 0; k < SPECS; k++) {
    ift_kernel *part = make_kernel(context, specs[k]);
    run_engine("sorted", part, &c);
    for (int i = 0; i < 70; i++)
      value[i] += coefficients[k] * c.value[i], gradient[i] += coefficients[k] * c.gradient[i];
    ift_kernel_destroy(part);
  }
  run_engine("sorted", sum, &c);
  for (int i = 0; i < 70; i++) {
    assert_near(c.value[i], value[i], 1e-13, 1e-11);
    assert_near(c.gradient[i], gradient[i], 1e-13, 1e-11);
  }
  assert_status(IFT_OK, ift_context_set_option(context, "engine", "sorted"));
  assert_status(IFT_OK, ift_kernel_pairs(sum, value, NULL, c.x, c.n, 1, c.y, c.m, c.w));
  assert_status(IFT_OK, ift_kernel_pairs(sum, NULL, gradient, c.x, c.n, 1, c.y, c.m, c.w));
  assert_memory_equal(value, c.value, sizeof value);
  assert_memory_equal(gradient, c.gradient, sizeof gradient);
  assert_status(IFT_OK, ift_context_set_option(context, "engine", "auto"));
  ift_kernel_destroy(sum);
  cloud_free(&c);
}

/* The bits of a target's sums depend on the sources alone. */
static void test_targets_are_independent(void **state) {
  (void)state;
  cloud c = cloud_of(200, 300, 1, 17);
  dice dice_ = {18};
  double value[2], gradient[2];
  for (int64_t i = 0; i < 50; i++) c.x[i] = c.y[dice_below(&dice_, c.m)];
  ift_kernel *kernel = make_kernel(context, "energy+laplace:0.3");
  run_engine("sorted", kernel, &c);
  assert_status(IFT_OK, ift_context_set_option(context, "engine", "sorted"));
  for (int64_t i = 0; i + 2 <= c.n; i += 2) {
    assert_status(IFT_OK, ift_kernel_pairs(kernel, value, gradient, c.x + i, 2, 1, c.y, c.m, c.w));
    assert_memory_equal(value, c.value + i, sizeof value);
    assert_memory_equal(gradient, c.gradient + i, sizeof gradient);
  }
  assert_status(IFT_OK, ift_context_set_option(context, "engine", "auto"));
  ift_kernel_destroy(kernel);
  cloud_free(&c);
}

/* What overflows, here or in sums of pairs, is told as for the direct engine; what does not is computed. */
static void test_extremes(void **state) {
  (void)state;
  const double x[] = {-1.7e308, 0, 1.7e308}, y[] = {1.7e308, 1e308}, w[] = {1, 1}, heavy[] = {1e308, 5e307};
  double value[3], gradient[3];
  ift_kernel *energy = make_kernel(context, "energy"), *laplace = make_kernel(context, "laplace:1");
  assert_status(IFT_OK, ift_context_set_option(context, "engine", "sorted"));
  assert_status(IFT_ERR_NOT_FINITE, ift_kernel_pairs(energy, value, NULL, x, 3, 1, y, 2, w));
  assert_status(IFT_OK, ift_kernel_pairs(energy, value, gradient, x + 2, 1, 1, y, 2, w));
  assert_near(value[0], -0.7e308, 1e-15, 0);
  assert_near(gradient[0], -1, 0, 0);
  assert_status(IFT_OK, ift_kernel_pairs(laplace, value, gradient, x, 3, 1, y, 2, w));
  assert_true(value[0] == 0 && value[1] == 0 && value[2] == 1 && gradient[2] == 0);
  const double near[] = {0, 0.9};
  assert_status(IFT_OK, ift_kernel_pairs(laplace, value, gradient, near, 2, 1, near, 2, heavy));
  assert_near(value[1], 5e307 + 1e308 * exp(-0.9), 1e-15, 0);
  assert_status(IFT_OK, ift_context_set_option(context, "engine", "auto"));
  ift_kernel_destroy(energy);
  ift_kernel_destroy(laplace);
}

static void test_what_it_can(void **state) {
  (void)state;
  static const char *const no[] = {"gaussian:1", "riesz:1.5", "imq:1", "linear", "energy+gaussian:1"};
  const ift_pair_engine *sorted = engine_named("sorted");
  cloud c = cloud_of(5, 6, 1, 1), plane = cloud_of(5, 6, 2, 1);
  for (int k = 0; k < 5; k++) {
    ift_kernel *kernel = make_kernel(context, no[k]);
    const ift_pair_problem problem = problem_of(kernel, &c);
    assert_false(sorted->can(&problem));
    ift_kernel_destroy(kernel);
  }
  ift_kernel *kernel = make_kernel(context, "riesz:1");
  ift_pair_problem problem = problem_of(kernel, &plane);
  assert_false(sorted->can(&problem));
  problem = problem_of(kernel, &c);
  assert_true(sorted->can(&problem));
  assert_ptr_equal(ift_pairs_engine(context, &problem), engine_named("direct")); /* too few */
  problem.n = problem.m = 5000;
  assert_ptr_equal(ift_pairs_engine(context, &problem), sorted);
  assert_status(IFT_OK, ift_context_set_option(context, "engine", "direct"));
  assert_ptr_equal(ift_pairs_engine(context, &problem), engine_named("direct"));
  assert_status(IFT_OK, ift_context_set_option(context, "engine", "auto"));
  ift_kernel_destroy(kernel);
  cloud_free(&c);
  cloud_free(&plane);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_sizes),
      cmocka_unit_test(test_many),
      cmocka_unit_test(test_offsets_and_scales),
      cmocka_unit_test(test_ties_and_clusters),
      cmocka_unit_test(test_terms_and_outputs),
      cmocka_unit_test(test_extremes),
      cmocka_unit_test(test_targets_are_independent),
      cmocka_unit_test(test_what_it_can),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
