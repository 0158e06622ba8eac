/* Targets: what a mixture is checked for, draws, and embeddings against quadrature. */
#include <float.h>
#include <stdbool.h>

#include "support/kernels.h"
#include "support/fixture.h"
#include "support/random.h"

#include "base/rng.h"
#include "target/gaussian_mixture.h"

/* Two Gaussians in the plane, changed entry by entry below. */
static const double weights[2] = {0.25, 0.75}, means[4] = {0, 1, -2, 0.5},
                    covariances[8] = {1, 0.3, 0.3, 0.5, 2, -0.7, -0.7, 1};

static ift_status mixture(ift_target **out, const double *w, const double *m, const double *c) {
  return ift_target_gaussian_mixture(context, out, 2, 2, w, m, c);
}

static ift_target *good_mixture(void) {
  ift_target *target;
  assert_status(IFT_OK, mixture(&target, weights, means, covariances));
  return target;
}

static void check_refused(ift_status expected, const char *entry, const double *w, const double *m, const double *c) {
  ift_target *target = (ift_target *)&context;
  assert_status(expected, mixture(&target, w, m, c));
  assert_null(target);
  assert_message(context, entry);
}

static void test_mixture_weights(void **state) {
  (void)state;
  const double negative[2] = {1.25, -0.25}, zero[2] = {0, 1}, short_[2] = {0.25, 0.74}, long_[2] = {0.25, 0.75 + 1e-8};
  const double close[2] = {0.25, 0.75 + 5e-10}, none[2] = {0.25, NAN}, huge[2] = {INFINITY, 0.75};
  check_refused(IFT_ERR_ARGUMENT, "weights[1] is -0.25", negative, means, covariances);
  check_refused(IFT_ERR_ARGUMENT, "weights[0] is 0", zero, means, covariances);
  check_refused(IFT_ERR_ARGUMENT, "0.98999", short_, means, covariances);
  check_refused(IFT_ERR_ARGUMENT, "sum to 1", long_, means, covariances);
  check_refused(IFT_ERR_NOT_FINITE, "weights[1] is", none, means, covariances);
  check_refused(IFT_ERR_NOT_FINITE, "weights[0] is inf", huge, means, covariances);
  ift_target *target;
  assert_status(IFT_OK, mixture(&target, close, means, covariances));
  const double *shares = ift_as_mixture(target)->shares;
  assert_near(shares[0] + shares[1], 1, 1e-15, 0); /* normalized */
  ift_target_destroy(target);
}

static void test_mixture_means_and_covariances(void **state) {
  (void)state;
  double m[4], c[8];
  memcpy(m, means, sizeof m);
  m[3] = -INFINITY;
  check_refused(IFT_ERR_NOT_FINITE, "means[3] is -inf", weights, m, covariances);
  memcpy(c, covariances, sizeof c);
  c[6] = NAN;
  check_refused(IFT_ERR_NOT_FINITE, "covariances[6]", weights, means, c);
  memcpy(c, covariances, sizeof c);
  c[6] = -0.6999; /* [1][1][0] against [1][0][1] */
  check_refused(IFT_ERR_ARGUMENT, "covariances[1] is not symmetric", weights, means, c);
  assert_message(context, "-0.6999");
  memcpy(c, covariances, sizeof c);
  c[3] = 0.08; /* 1 * 0.08 < 0.3^2 */
  check_refused(IFT_ERR_ARGUMENT, "covariances[0] is not positive definite", weights, means, c);
  c[3] = -1;
  check_refused(IFT_ERR_ARGUMENT, "covariances[0] is not positive definite", weights, means, c);
  c[3] = 0.09;
  c[1] = c[2] = 0.3; /* singular: no density */
  c[0] = 1;
  check_refused(IFT_ERR_ARGUMENT, "covariances[0] is not positive definite", weights, means, c);
  memcpy(c, covariances, sizeof c);
  memset(c + 4, 0, 4 * sizeof *c);
  check_refused(IFT_ERR_ARGUMENT, "covariances[1] is not positive definite", weights, means, c);
}

/* Asymmetry is relative to the variances: rounding next to 0 is none. */
static void test_mixture_rounding(void **state) {
  (void)state;
  const double one = 1, m[2] = {0, 0}, tiny[4] = {1, 1e-17, 3e-17, 1}, close[4] = {1, 0.5, 0.5 + 4e-10, 1},
               apart[4] = {1, 0.5, 0.5 + 1e-8, 1}, small[4] = {1e-20, 0, 3e-26, 1e-20};
  ift_target *target;
  assert_status(IFT_OK, ift_target_gaussian_mixture(context, &target, 1, 2, &one, m, tiny));
  ift_target_destroy(target);
  assert_status(IFT_OK, ift_target_gaussian_mixture(context, &target, 1, 2, &one, m, close));
  assert_true(ift_as_mixture(target)->covariances[1] == ift_as_mixture(target)->covariances[2]);
  ift_target_destroy(target);
  assert_status(IFT_ERR_ARGUMENT, ift_target_gaussian_mixture(context, &target, 1, 2, &one, m, apart));
  assert_status(IFT_ERR_ARGUMENT, ift_target_gaussian_mixture(context, &target, 1, 2, &one, m, small));
}

static void test_mixture_arguments(void **state) {
  (void)state;
  ift_target *target = (ift_target *)&context;
  assert_status(IFT_ERR_ARGUMENT, ift_target_gaussian_mixture(NULL, &target, 2, 2, weights, means, covariances));
  assert_null(target);
  assert_status(IFT_ERR_ARGUMENT, ift_target_gaussian_mixture(context, NULL, 2, 2, weights, means, covariances));
  assert_status(IFT_ERR_ARGUMENT, mixture(&target, NULL, means, covariances));
  assert_status(IFT_ERR_ARGUMENT, mixture(&target, weights, NULL, covariances));
  assert_status(IFT_ERR_ARGUMENT, mixture(&target, weights, means, NULL));
  static const int64_t bad[][2] = {
      {0, 2}, {-1, 2}, {2, 0}, {2, -1}, {INT64_MAX, 2}, {2, INT64_MAX}, {1, INT32_MAX + 1LL}};
  for (int i = 0; i < 7; i++) {
    target = (ift_target *)&context;
    assert_status(IFT_ERR_ARGUMENT,
                  ift_target_gaussian_mixture(context, &target, bad[i][0], bad[i][1], weights, means, covariances));
    assert_null(target);
  }
  ift_target_destroy(NULL);
}

static void test_samples_arguments(void **state) {
  (void)state;
  const double x[2] = {0, 1};
  ift_context *other = make_context();
  ift_measure *mine = make_measure(context, x, 2, 1, NULL), *stranger = make_measure(other, x, 2, 1, NULL);
  ift_target *target = (ift_target *)&context;
  assert_status(IFT_ERR_ARGUMENT, ift_target_samples(context, &target, NULL));
  assert_null(target);
  assert_status(IFT_ERR_ARGUMENT, ift_target_samples(context, NULL, mine));
  assert_status(IFT_ERR_ARGUMENT, ift_target_samples(NULL, &target, mine));
  assert_status(IFT_ERR_CONTEXT, ift_target_samples(context, &target, stranger));
  assert_null(target);
  ift_measure_destroy(mine);
  ift_measure_destroy(stranger);
  ift_context_destroy(other);
}

/* Samples are copied, and their mass is kept. */
static void test_samples_are_copied(void **state) {
  (void)state;
  double x[3] = {0, 2, 4}, w[3] = {1, 0, 3};
  ift_measure *measure = make_measure(context, x, 3, 1, w);
  ift_target *target;
  assert_status(IFT_OK, ift_target_samples(context, &target, measure));
  x[0] = x[1] = x[2] = 99;
  assert_status(IFT_OK, ift_measure_set(measure, x, NULL));
  ift_measure_destroy(measure);
  assert_near(target->mass, 4, 1e-16, 0);
  assert_near(target->mean[0], 3, 1e-15, 0);
  assert_near(target->spread, sqrt((9 * 1 + 1 * 3) / 4.0), 1e-15, 0);
  assert_near(target->points[2], 4, 0, 0);
  ift_target_destroy(target);
}

static void test_moments_of_a_mixture(void **state) {
  (void)state;
  ift_target *target = good_mixture();
  const double mean[2] = {0.25 * 0 - 0.75 * 2, 0.25 * 1 + 0.75 * 0.5};
  double square = 0.25 * 1.5 + 0.75 * 3;
  for (int k = 0; k < 2; k++)
    for (int l = 0; l < 2; l++) square += weights[k] * (means[2 * k + l] - mean[l]) * (means[2 * k + l] - mean[l]);
  for (int l = 0; l < 2; l++) assert_near(target->mean[l], mean[l], 1e-15, 0);
  assert_near(target->spread, sqrt(square), 1e-15, 0);
  assert_near(target->mass, 1, 0, 0);
  ift_target_destroy(target);
}

/* Draws: each sample as often as its weight says, never one of weight 0; a mixture's mean and covariance. */
static void test_draws_from_samples(void **state) {
  (void)state;
  enum { DRAWS = 40000 };
  const double x[5] = {0, 1, 2, 3, 4}, w[5] = {0, 2, 0, 5, 1};
  ift_target *target = make_samples(context, x, 5, 1, w);
  ift_rng rng;
  ift_rng_init(&rng, 1, IFT_STREAM_TARGET);
  double count[5] = {0};
  static double points[DRAWS];
  assert_status(IFT_OK, target->kind->draw(target, &rng, points, DRAWS));
  for (int i = 0; i < DRAWS; i++) count[(int)points[i]]++;
  for (int j = 0; j < 5; j++) {
    const double share = w[j] / 8, deviation = sqrt(share * (1 - share) * DRAWS);
    assert_near(count[j], share * DRAWS, 0, 5 * deviation);
  }
  ift_target_destroy(target);
}

static void test_draws_from_a_mixture(void **state) {
  (void)state;
  enum { DRAWS = 40000 };
  ift_target *target = good_mixture(), *drawn, *again, *other;
  assert_status(IFT_OK, ift_context_set_seed(context, 5));
  assert_status(IFT_OK, ift_target_drawn(target, &drawn, DRAWS));
  assert_status(IFT_OK, ift_target_drawn(target, &again, 100));
  assert_memory_equal(drawn->points, again->points, 200 * sizeof(double));
  assert_status(IFT_OK, ift_context_set_seed(context, 6));
  assert_status(IFT_OK, ift_target_drawn(target, &other, 100));
  assert_memory_not_equal(drawn->points, other->points, 200 * sizeof(double));
  assert_status(IFT_OK, ift_context_set_seed(context, 0));
  double mean[2], cross[2][2] = {{0}};
  for (int l = 0; l < 2; l++) mean[l] = weights[0] * means[l] + weights[1] * means[2 + l];
  for (int64_t i = 0; i < DRAWS; i++)
    for (int l = 0; l < 2; l++)
      for (int k = 0; k < 2; k++)
        cross[l][k] += (drawn->points[2 * i + l] - mean[l]) * (drawn->points[2 * i + k] - mean[k]) / DRAWS;
  for (int l = 0; l < 2; l++) {
    assert_near(drawn->mean[l], mean[l], 0, 5 * sqrt(cross[l][l] / DRAWS));
    for (int k = 0; k < 2; k++) {
      double exact = 0;
      for (int c = 0; c < 2; c++)
        exact +=
            weights[c] * (covariances[4 * c + 2 * l + k] + (means[2 * c + l] - mean[l]) * (means[2 * c + k] - mean[k]));
      assert_near(cross[l][k], exact, 0, 5 * 4 / sqrt(DRAWS));
    }
  }
  ift_target_destroy(target);
  ift_target_destroy(drawn);
  ift_target_destroy(again);
  ift_target_destroy(other);
}

/* The density of a mixture on the line. */
static double density(double x, int count, const double *w, const double *m, const double *v) {
  double sum = 0;
  for (int k = 0; k < count; k++)
    sum += w[k] * exp(-(x - m[k]) * (x - m[k]) / (2 * v[k])) / sqrt(6.283185307179586 * v[k]);
  return sum;
}

/* c(x), its gradient and kappa on the line against the trapezoid rule, which converges geometrically here. */
static void test_embedding_by_quadrature(void **state) {
  (void)state;
  enum { COUNT = 3, POINTS = 1200 };
  const double w[COUNT] = {0.2, 0.5, 0.3}, m[COUNT] = {-1, 0.5, 2}, v[COUNT] = {0.3, 1, 0.1}, step = 24.0 / POINTS;
  ift_target *target;
  assert_status(IFT_OK, ift_target_gaussian_mixture(context, &target, COUNT, 1, w, m, v));
  ift_kernel *kernel = make_kernel(context, "2*gaussian:0.7+0.5*gaussian:3");
  ift_embedding *embedding;
  assert_status(IFT_OK, ift_embedding_create(context, &embedding, kernel, target));
  assert_ptr_equal(embedding->target, target); /* nothing was drawn */
  double kappa, expected_kappa = 0;
  for (int t = 0; t <= 20; t++) {
    const double x = -4 + 0.4 * t;
    double c = 0, slope = 0, value, gradient;
    for (int i = 0; i <= POINTS; i++) {
      const double y = -12 + step * i, p = density(y, COUNT, w, m, v) * step, r = x - y;
      const double first = 2 * exp(-r * r / (2 * 0.49)), second = 0.5 * exp(-r * r / 18);
      c += p * (first + second);
      slope -= p * (first * r / 0.49 + second * r / 9);
    }
    assert_status(IFT_OK, ift_embedding_evaluate(embedding, &value, &gradient, &x, 1));
    assert_near(value, c, 1e-13, 0);
    assert_near(gradient, slope, 1e-12, 1e-14);
  }
  for (int i = 0; i <= POINTS; i++) {
    const double y = -12 + step * i;
    double value;
    assert_status(IFT_OK, ift_embedding_evaluate(embedding, &value, NULL, &y, 1));
    expected_kappa += value * density(y, COUNT, w, m, v) * step;
  }
  assert_status(IFT_OK, ift_embedding_self(embedding, &kappa));
  assert_near(kappa, expected_kappa, 1e-13, 0);
  ift_object_release(embedding);
  ift_kernel_destroy(kernel);
  ift_target_destroy(target);
}

/* In the plane, with correlations, the gradient against central differences. */
static void test_embedding_gradient(void **state) {
  (void)state;
  ift_target *target = good_mixture();
  ift_kernel *kernel = make_kernel(context, "gaussian:0.9");
  ift_embedding *embedding;
  assert_status(IFT_OK, ift_embedding_create(context, &embedding, kernel, target));
  dice dice_ = {31};
  for (int trial = 0; trial < 20; trial++) {
    double x[2], gradient[2];
    dice_normals(&dice_, x, 2);
    assert_status(IFT_OK, ift_embedding_evaluate(embedding, NULL, gradient, x, 1));
    for (int l = 0; l < 2; l++) {
      double above[2] = {x[0], x[1]}, below[2] = {x[0], x[1]}, high, low;
      above[l] += 1e-5;
      below[l] -= 1e-5;
      assert_status(IFT_OK, ift_embedding_evaluate(embedding, &high, NULL, above, 1));
      assert_status(IFT_OK, ift_embedding_evaluate(embedding, &low, NULL, below, 1));
      assert_near(gradient[l], (high - low) / (above[l] - below[l]), 1e-8, 1e-10);
    }
  }
  ift_object_release(embedding);
  ift_kernel_destroy(kernel);
  ift_target_destroy(target);
}

/* With another kernel 10000 points drawn with the context's seed stand for the mixture: the same ones each time. */
static void test_embedding_by_samples(void **state) {
  (void)state;
  ift_target *target = good_mixture();
  static const char *const specs[] = {"laplace:1", "gaussian:1+linear", "energy"};
  for (int s = 0; s < 3; s++) {
    ift_kernel *kernel = make_kernel(context, specs[s]);
    ift_embedding *embedding, *again;
    assert_status(IFT_OK, ift_embedding_create(context, &embedding, kernel, target));
    assert_status(IFT_OK, ift_embedding_create(context, &again, kernel, target));
    assert_int_equal(embedding->target->n, 10000);
    assert_memory_equal(embedding->target->points, again->target->points, 20000 * sizeof(double));
    ift_object_release(embedding);
    ift_object_release(again);
    ift_kernel_destroy(kernel);
  }
  ift_target_destroy(target);
}

/* Samples: sums by the formula, over more points than one block of rows. */
static void test_embedding_of_samples(void **state) {
  (void)state;
  enum { M = 1100 };
  static double y[M * 2], w[M];
  dice dice_ = {32};
  dice_normals(&dice_, y, M * 2);
  dice_weights(&dice_, w, M, 2.5);
  ift_target *target = make_samples(context, y, M, 2, w);
  for (int k = 0; k < FORMULAS; k += 3) {
    ift_kernel *kernel = make_kernel(context, formulas[k].spec);
    ift_embedding *embedding;
    assert_status(IFT_OK, ift_embedding_create(context, &embedding, kernel, target));
    double value, kappa, expected = 0;
    assert_status(IFT_OK, ift_embedding_evaluate(embedding, &value, NULL, y + 6, 1));
    assert_near(value, formula_sum(&formulas[k], y + 6, y, M, 2, w), 1e-12, 1e-12);
    for (int i = 0; i < M; i++) {
      assert_status(IFT_OK, ift_embedding_evaluate(embedding, &value, NULL, y + 2 * i, 1));
      expected += w[i] * value;
    }
    assert_status(IFT_OK, ift_embedding_self(embedding, &kappa));
    assert_near(kappa, expected, 1e-12, 1e-12);
    ift_object_release(embedding);
    ift_kernel_destroy(kernel);
  }
  ift_target_destroy(target);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_mixture_weights),      cmocka_unit_test(test_mixture_means_and_covariances),
      cmocka_unit_test(test_mixture_rounding),     cmocka_unit_test(test_mixture_arguments),
      cmocka_unit_test(test_samples_arguments),    cmocka_unit_test(test_samples_are_copied),
      cmocka_unit_test(test_moments_of_a_mixture), cmocka_unit_test(test_draws_from_samples),
      cmocka_unit_test(test_draws_from_a_mixture), cmocka_unit_test(test_embedding_by_quadrature),
      cmocka_unit_test(test_embedding_gradient),   cmocka_unit_test(test_embedding_by_samples),
      cmocka_unit_test(test_embedding_of_samples),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
