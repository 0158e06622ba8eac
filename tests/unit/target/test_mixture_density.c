/* Density, score and Hessian of a mixture of Gaussians: against the formula in long double, GSL's own density, and
 * differences of each other; far out, where the density itself is 0. */
#include "support/mixture.h"
#include "support/random.h"

#include <gsl/gsl_randist.h>

#include "target/target.h"
#include "support/fixture.h"

enum { POINTS = 60 };
/* Random components; covariances B B' + 0.1 I. */
static mixture random_mixture(uint64_t seed, int64_t count, int64_t d) {
  mixture p = {.count = count, .d = d};
  dice dice_ = {seed};
  dice_weights(&dice_, p.w, count, 1);
  dice_normals(&dice_, p.m, count * d);
  for (int64_t k = 0; k < count; k++) {
    double b[MIXTURE_D * MIXTURE_D];
    dice_normals(&dice_, b, d * d);
    for (int64_t i = 0; i < d; i++)
      for (int64_t j = 0; j < d; j++) {
        double *c = &p.c[(k * d + i) * d + j];
        *c = i == j ? 0.1 : 0;
        for (int64_t l = 0; l < d; l++) *c += b[i * d + l] * b[j * d + l];
      }
  }
  return p;
}

/* Numbers a point are compared with the largest of its kind there, which cancellation in the others starts from. */
static void check_vector(const double *got, const long double *expected, int64_t d, double tolerance) {
  double largest = 0;
  for (int64_t l = 0; l < d; l++) largest = fmax(largest, fabs((double)expected[l]));
  for (int64_t l = 0; l < d; l++) assert_near(got[l], (double)expected[l], tolerance, tolerance * largest);
}

static void check_points(const mixture *p, const double *x, const double *u, int64_t n) {
  const int64_t d = p->d;
  ift_target *target = make_mixture(context, p);
  double value[POINTS], score[POINTS * MIXTURE_D], product[POINTS * MIXTURE_D];
  assert_status(IFT_OK, target->kind->log_density(target, value, x, n));
  assert_status(IFT_OK, target->kind->score(target, score, x, n));
  assert_status(IFT_OK, target->kind->hessian(target, product, x, u, n));
  for (int64_t i = 0; i < n; i++) {
    long double s[MIXTURE_D], h[MIXTURE_D];
    const double expected = (double)mixture_look(p, x + i * d, u + i * d, s, h);
    assert_near(value[i], expected, 1e-12, 1e-12);
    /* shares of components are exp of differences of numbers as large as this */
    const double tolerance = 1e-12 + 1e-15 * fabs(expected);
    check_vector(score + i * d, s, d, tolerance);
    check_vector(product + i * d, h, d, tolerance);
  }
  ift_target_destroy(target);
}

static void test_formulas(void **state) {
  (void)state;
  for (uint64_t seed = 1; seed <= 5; seed++)
    for (int64_t count = 1; count <= MIXTURE_COUNT; count++)
      for (int64_t d = 1; d <= MIXTURE_D; d++) {
        const mixture p = random_mixture(seed, count, d);
        double x[POINTS * MIXTURE_D], u[POINTS * MIXTURE_D];
        dice dice_ = {seed + 50};
        dice_normals(&dice_, x, POINTS * d);
        dice_normals(&dice_, u, POINTS * d);
        check_points(&p, x, u, POINTS);
      }
}

/* At distances where exp of all components is 0, and of one is 0 beside the other. */
static void test_far_tails(void **state) {
  (void)state;
  static const double distances[] = {30, 100, 1e4, 1e8};
  const mixture line = {2, 1, {0.25, 0.75}, {-1, 2}, {1, 0.5}},
                plane = {2, 2, {0.5, 0.5}, {0, 0, 3, 1}, {1, 0.3, 0.3, 2, 0.7, 0, 0, 0.7}};
  for (int k = 0; k < 4; k++) {
    const double r = distances[k], x[8] = {r, r, -r, r, r, -r, 0, -r}, u[8] = {1, 2, -1, 0.5, 3, 1, 0, 1};
    double value[4];
    check_points(&line, x, u, 4);
    check_points(&plane, x, u, 4);
    ift_target *target = make_mixture(context, &line);
    assert_status(IFT_OK, target->kind->log_density(target, value, x, 1));
    assert_true(isfinite(value[0]) && (k == 0 || exp(value[0]) == 0));
    ift_target_destroy(target);
  }
}

/* Where even squares overflow, the log-density says that nothing is there. */
static void test_out_of_the_numbers(void **state) {
  (void)state;
  const mixture p = {2, 1, {0.25, 0.75}, {-1, 2}, {1, 0.5}};
  const double x[2] = {1e200, -1e300};
  double value[2];
  ift_target *target = make_mixture(context, &p);
  assert_status(IFT_OK, target->kind->log_density(target, value, x, 2));
  assert_true(value[0] == -INFINITY && value[1] == -INFINITY);
  ift_target_destroy(target);
}

/* Widely different scales in one mixture: components of standard deviation 1e-6 and 1e6. */
static void test_scales(void **state) {
  (void)state;
  const mixture p = {2, 2, {0.5, 0.5}, {0, 0, 1, 1}, {1e-12, 0, 0, 1e-12, 1e12, 0, 0, 1e12}};
  const double x[10] = {0, 0, 1e-6, -2e-6, 1e-5, 1e-5, 1, 1, 1e6, -3e6}, u[10] = {1, 1, 0, 1, 1, 0, -1, 1, 1, 2};
  check_points(&p, x, u, 5);
}

/* Another library's density. */
static void test_against_gsl(void **state) {
  (void)state;
  const mixture line = random_mixture(7, 3, 1), plane = random_mixture(8, 3, 2);
  double x[2 * POINTS], value[POINTS];
  dice dice_ = {9};
  dice_normals(&dice_, x, 2 * POINTS);
  ift_target *one = make_mixture(context, &line), *two = make_mixture(context, &plane);
  assert_status(IFT_OK, one->kind->log_density(one, value, x, POINTS));
  for (int i = 0; i < POINTS; i++) {
    double sum = 0;
    for (int k = 0; k < 3; k++) sum += line.w[k] * gsl_ran_gaussian_pdf(x[i] - line.m[k], sqrt(line.c[k]));
    assert_near(value[i], log(sum), 1e-12, 1e-12);
  }
  assert_status(IFT_OK, two->kind->log_density(two, value, x, POINTS));
  for (int i = 0; i < POINTS; i++) {
    double sum = 0;
    for (int k = 0; k < 3; k++) {
      const double *c = plane.c + 4 * k, one_ = sqrt(c[0]), other = sqrt(c[3]);
      sum += plane.w[k] * gsl_ran_bivariate_gaussian_pdf(x[2 * i] - plane.m[2 * k], x[2 * i + 1] - plane.m[2 * k + 1],
                                                         one_, other, c[1] / (one_ * other));
    }
    assert_near(value[i], log(sum), 1e-12, 1e-12);
  }
  ift_target_destroy(one);
  ift_target_destroy(two);
}

/* The score is the slope of the log-density, the Hessian that of the score. */
static void test_differences(void **state) {
  (void)state;
  const double h = 1e-5;
  for (int64_t d = 1; d <= MIXTURE_D; d++) {
    const mixture p = random_mixture(20 + (uint64_t)d, 3, d);
    ift_target *target = make_mixture(context, &p);
    dice dice_ = {30};
    for (int point = 0; point < 10; point++)
      for (int64_t l = 0; l < d; l++) {
        double x[MIXTURE_D], pair[2 * MIXTURE_D], u[MIXTURE_D] = {0}, value[2], score[MIXTURE_D], product[MIXTURE_D],
                                                  scores[2 * MIXTURE_D];
        dice_normals(&dice_, x, d);
        for (int64_t k = 0; k < 2 * d; k++) pair[k] = x[k % d];
        pair[l] += h;
        pair[d + l] -= h;
        u[l] = 1;
        assert_status(IFT_OK, target->kind->log_density(target, value, pair, 2));
        assert_status(IFT_OK, target->kind->score(target, scores, pair, 2));
        assert_status(IFT_OK, target->kind->score(target, score, x, 1));
        assert_status(IFT_OK, target->kind->hessian(target, product, x, u, 1));
        assert_near(score[l], (value[0] - value[1]) / (pair[l] - pair[d + l]), 1e-7, 1e-7);
        for (int64_t k = 0; k < d; k++)
          assert_near(product[k], (scores[k] - scores[d + k]) / (pair[l] - pair[d + l]), 1e-6, 1e-6);
      }
    ift_target_destroy(target);
  }
}

/* Weights that sum to 1 up to 1e-9 are normalized: so is the density. */
static void test_normalized(void **state) {
  (void)state;
  const mixture p = {2, 1, {0.3, 0.7 + 5e-10}, {0, 0}, {1, 1}};
  const double x = 0.5;
  double value;
  ift_target *target = make_mixture(context, &p);
  assert_status(IFT_OK, target->kind->log_density(target, &value, &x, 1));
  assert_near(value, -0.125 - log(2 * acos(-1)) / 2, 1e-15, 0);
  ift_target_destroy(target);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_formulas),           cmocka_unit_test(test_far_tails),   cmocka_unit_test(test_scales),
      cmocka_unit_test(test_out_of_the_numbers), cmocka_unit_test(test_against_gsl), cmocka_unit_test(test_differences),
      cmocka_unit_test(test_normalized),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
