/* How good the particles are: on Old Faithful against the best that is known, on the line against what can be proved, with
 * every choice of points and weights. */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "support/kernels.h"
#include "support/make.h"
#include "support/random.h"

enum { D = 2, MOST = 272 };
static ift_context *context;
static ift_kernel *kernel;
static double y[MOST * D];
static int64_t m;

/* Old Faithful, standardized. */
static int set_up(void **state) {
  (void)state;
  context = make_context();
  kernel = make_kernel(context, "gaussian:0.5");
  ift_measure *samples;
  double mean[D], covariance[D * D];
  assert_status(IFT_OK, ift_measure_load(context, &samples, "examples/data/faithful.csv"));
  assert_status(IFT_OK, ift_measure_moments(samples, mean, covariance));
  m = ift_measure_size(samples);
  assert_int_equal(m, MOST);
  for (int64_t k = 0; k < m * D; k++)
    y[k] = (ift_measure_positions(samples)[k] - mean[k % D]) / sqrt(covariance[k % D * (D + 1)]);
  ift_measure_destroy(samples);
  return 0;
}

static int tear_down(void **state) {
  (void)state;
  ift_kernel_destroy(kernel);
  ift_context_destroy(context);
  return 0;
}

static ift_compression *make_compression(int64_t n, const char *effort, int64_t seed) {
  ift_target *target = make_samples(context, y, m, D, NULL);
  ift_compression *compression;
  assert_status(IFT_OK, ift_compression_create(context, &compression, kernel, target, n));
  assert_status(IFT_OK, ift_compression_set_text(compression, "effort", effort));
  assert_status(IFT_OK, ift_compression_set_int(compression, "seed", seed));
  ift_target_destroy(target);
  return compression;
}

static double real(const ift_compression *compression, const char *name) {
  double value;
  assert_status(IFT_OK, ift_compression_get_real(compression, name, &value));
  return value;
}

/* The same number from sums in long double, which loses nothing at 1e-11. */
static double exact_mmd2(const ift_measure *found) {
  const int64_t n = ift_measure_size(found);
  const double *x = ift_measure_positions(found), *a = ift_measure_weights(found);
  long double sum = 0;
  for (int64_t i = 0; i < n + m; i++)
    for (int64_t j = 0; j < n + m; j++) {
      const double *p = i < n ? x + i * D : y + (i - n) * D, *q = j < n ? x + j * D : y + (j - n) * D;
      const long double u = (long double)p[0] - q[0], v = (long double)p[1] - q[1];
      const long double s = i < n ? a[i] : -1.0L / m, t = j < n ? a[j] : -1.0L / m;
      sum += s * t * expl(-2 * (u * u + v * v));
    }
  return (double)sum;
}

/* Best known: 5.000e-4, 3.178e-7, 6.5e-12. */
static void test_old_faithful(void **state) {
  (void)state;
  static const struct {
    int64_t n;
    double low, normal;
  } goals[] = {{10, 5.5e-4, 5.005e-4}, {25, 4.2e-7, 3.2e-7}, {50, 1.5e-11, 9e-12}};
  for (int k = 0; k < 3; k++)
    for (int seed = 0; seed < (k < 2 ? 3 : 2); seed++)
      for (int normal = 0; normal < (seed == 0 ? 2 : 1); normal++) { /* one is enough of what takes long */
        ift_compression *c = make_compression(goals[k].n, normal ? "normal" : "low", seed);
        assert_status(IFT_OK, ift_compression_run(c));
        const ift_measure *found = ift_compression_measure(c);
        assert_true(real(c, "mmd2") <= (normal ? goals[k].normal : goals[k].low));
        assert_near(real(c, "mmd2"), exact_mmd2(found), 1e-3, 0);
        assert_near(ift_measure_mass(found), 1, 1e-15 * (double)goals[k].n, 0);
        assert_true(real(c, "stationarity") < 1e-4 * real(c, "mmd2"));
        ift_compression_destroy(c);
      }
}

/* Points of the target: the rows that the numbers say, none twice; not worse for weights that are free. */
static void test_coreset(void **state) {
  (void)state;
  double mmd2[2];
  for (int equal = 0; equal < 2; equal++) {
    ift_compression *c = make_compression(12, "normal", 0);
    assert_null(ift_compression_rows(c));
    assert_status(IFT_OK, ift_compression_set_text(c, "points", "data"));
    assert_status(IFT_OK, ift_compression_set_text(c, "weights", equal ? "equal" : "free"));
    assert_status(IFT_OK, ift_compression_run(c));
    const ift_measure *found = ift_compression_measure(c);
    const int64_t *rows = ift_compression_rows(c);
    assert_int_equal(ift_measure_size(found), 12);
    for (int i = 0; i < 12; i++) {
      assert_true(rows[i] >= 0 && rows[i] < m);
      assert_memory_equal(ift_measure_positions(found) + i * D, y + rows[i] * D, D * sizeof *y);
      for (int j = 0; j < i; j++) assert_true(rows[i] != rows[j]);
      if (equal) assert_near(ift_measure_weights(found)[i], 1.0 / 12, 1e-15, 0);
    }
    mmd2[equal] = real(c, "mmd2");
    assert_near(mmd2[equal], exact_mmd2(found), 1e-9, 0);
    /* another choice of points makes another question: what was found before is no answer */
    assert_status(IFT_OK, ift_compression_set_text(c, "points", "free"));
    assert_status(IFT_OK, ift_compression_run(c));
    assert_null(ift_compression_rows(c));
    assert_true(real(c, "mmd2") < mmd2[equal]);
    ift_compression_destroy(c);
  }
  assert_true(mmd2[0] < mmd2[1] && mmd2[0] < 5e-4 && mmd2[1] < 2.5e-3);
}

/* The best pair of points, by trying all. */
static void test_coreset_of_two(void **state) {
  (void)state;
  static const formula f = {"gaussian", "gaussian:0.5", 0.5, 0, false, false, true};
  enum { FEW = 60 };
  const double half[2] = {0.5, 0.5};
  double least = INFINITY, mmd2, w[FEW];
  for (int i = 0; i < FEW; i++) w[i] = 1.0 / FEW;
  for (int i = 0; i < FEW; i++)
    for (int j = 0; j < i; j++) {
      const double x[2 * D] = {y[i * D], y[i * D + 1], y[j * D], y[j * D + 1]};
      least = fmin(least, formula_mmd2(&f, x, 2, half, y, FEW, w, D));
    }
  ift_target *target = make_samples(context, y, FEW, D, NULL);
  ift_measure *found;
  assert_status(IFT_OK, ift_compress(context, &found, &mmd2, kernel, target, 2, "points=data weights=equal"));
  assert_near(mmd2, least, 1e-12, 0);
  ift_measure_destroy(found);
  ift_target_destroy(target);
}

static void test_points_of_no_sample(void **state) {
  (void)state;
  const double weight = 1, mean = 0, variance = 1;
  ift_target *target;
  ift_measure *found;
  ift_kernel *other = make_kernel(context, "imq:1"); /* samples stand for the target, but they are not the caller's */
  assert_status(IFT_OK, ift_target_gaussian_mixture(context, &target, 1, 1, &weight, &mean, &variance));
  assert_status(IFT_ERR_CAPABILITY, ift_compress(context, &found, NULL, kernel, target, 3, "points=data"));
  assert_message(context, "points=data");
  assert_status(IFT_ERR_CAPABILITY, ift_compress(context, &found, NULL, other, target, 3, "points=data"));
  assert_status(IFT_OK, ift_compress(context, &found, NULL, kernel, target, 3, "weights=equal effort=low"));
  for (int i = 0; i < 3; i++) assert_near(ift_measure_weights(found)[i], 1.0 / 3, 1e-15, 0);
  ift_measure_destroy(found);
  ift_kernel_destroy(other);
  ift_target_destroy(target);
}

/* As few particles as it takes, also where all points would do. */
static void test_fewest(void **state) {
  (void)state;
  static const struct {
    double tolerance;
    int64_t most, fewest; /* from what the best known sets of 4, 9, 13 and 24 particles leave */
  } goals[] = {{1e-2, 60, 5}, {1e-3, 400, 9}, {1e-4, 60, 14}, {3.2e-7, 30, 25}};
  for (int k = 0; k < 4; k++) {
    ift_compression *c = make_compression(goals[k].most, "normal", 0);
    assert_status(IFT_OK, ift_compression_set_real(c, "tolerance", goals[k].tolerance));
    assert_status(IFT_CONVERGED, ift_compression_run(c));
    assert_true(real(c, "mmd2") <= goals[k].tolerance);
    assert_int_equal(ift_measure_size(ift_compression_measure(c)), goals[k].fewest);
    ift_compression_destroy(c);
  }
}

/* A Gaussian with the Gaussian kernel, two particles of equal weight: at +-x, where by symmetry F has its minimum on the
 * line; found by bisection of its derivative. */
static void test_pair_on_the_line(void **state) {
  (void)state;
  const double weight = 1, mean = 0, variance = 1, s2 = 0.25 + 1;
  double low = 0, high = 3, mmd2;
  while (high - low > 1e-14) {
    const double x = (low + high) / 2;
    /* MMD^2 = 1/2 (1 + e^{-8 x^2}) - 2 c(x) + const, c(x) = e^{-x^2/(2 s2)} / (2 sqrt(s2)); its slope over x */
    const double slope = -8 * exp(-8 * x * x) + exp(-x * x / (2 * s2)) / (s2 * sqrt(s2));
    if (slope < 0)
      low = x;
    else
      high = x;
  }
  ift_target *target;
  ift_measure *found;
  assert_status(IFT_OK, ift_target_gaussian_mixture(context, &target, 1, 1, &weight, &mean, &variance));
  assert_status(IFT_OK, ift_compress(context, &found, &mmd2, kernel, target, 2, "weights=equal"));
  assert_near(fabs(ift_measure_positions(found)[0]), low, 1e-5, 0);
  assert_near(ift_measure_positions(found)[0], -ift_measure_positions(found)[1], 1e-5, 0);
  ift_measure_destroy(found);
  ift_target_destroy(target);
}

/* Large sets take steps by conjugate gradients: better than the best points of the target. With a kink these are hard to
 * beat. */
static void test_other_ways(void **state) {
  (void)state;
  enum { POINTS = 400, DIM = 8 };
  static double z[POINTS * DIM];
  dice dice_ = {7};
  dice_normals(&dice_, z, POINTS * DIM);
  ift_target *target = make_samples(context, z, POINTS, DIM, NULL);
  static const char *const specs[] = {"gaussian:3", "laplace:3", "imq:2+0.1*linear"};
  static const double most[] = {0.05, 1, 0.6};
  for (int k = 0; k < 3; k++) {
    ift_kernel *other = make_kernel(context, specs[k]);
    ift_measure *found;
    double data, mmd2;
    assert_status(IFT_OK, ift_compress(context, &found, &data, other, target, 120, "effort=low points=data"));
    ift_measure_destroy(found);
    assert_status(IFT_OK, ift_compress(context, &found, &mmd2, other, target, 120, "effort=low"));
    ift_measure_destroy(found);
    assert_true(mmd2 <= data * most[k]);
    ift_kernel_destroy(other);
  }
  ift_target_destroy(target);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_old_faithful),   cmocka_unit_test(test_coreset),
      cmocka_unit_test(test_coreset_of_two), cmocka_unit_test(test_points_of_no_sample),
      cmocka_unit_test(test_fewest),         cmocka_unit_test(test_pair_on_the_line),
      cmocka_unit_test(test_other_ways),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
