/* Compression: what comes out, against closed forms and an independent kernel herding. */
#include <stdbool.h>
#include <stdlib.h>

#include "support/kernels.h"
#include "support/make.h"
#include "support/random.h"

static ift_context *context;
static const formula gaussian = {"gaussian", "gaussian:1", 1, 0, false, false, true};

static int set_up(void **state) {
  (void)state;
  context = make_context();
  return 0;
}

static int tear_down(void **state) {
  (void)state;
  ift_context_destroy(context);
  return 0;
}

/* Compresses samples, and checks what holds of every result: at most n particles, none dead, the target's mass, and
 * an mmd2 that is what ift_mmd2 says. */
static ift_measure *compress(const char *spec, const double *y, int64_t m, int64_t d, const double *w, int64_t n,
                             const char *options, double *mmd2) {
  ift_kernel *kernel = make_kernel(context, spec);
  ift_measure *samples = make_measure(context, y, m, d, w), *result;
  ift_target *target;
  assert_status(IFT_OK, ift_target_samples(context, &target, samples));
  assert_status(IFT_OK, ift_compress(context, &result, mmd2, kernel, target, n, options));
  double again;
  assert_status(IFT_OK, ift_mmd2(kernel, &again, result, samples));
  assert_near(*mmd2, again, 1e-6, 1e-14 * ift_measure_mass(samples) * ift_measure_mass(samples));
  assert_true(ift_measure_size(result) >= 1 && ift_measure_size(result) <= n);
  assert_int_equal(ift_measure_dim(result), d);
  for (int64_t i = 0; i < ift_measure_size(result); i++) assert_true(ift_measure_weights(result)[i] > 0);
  assert_near(ift_measure_mass(result), ift_measure_mass(samples), 1e-14, 0);
  ift_kernel_destroy(kernel);
  ift_measure_destroy(samples);
  ift_target_destroy(target);
  return result;
}

/* Room for all distinct points: those, with the weights of equal ones added, whatever the kernel. */
static void test_enough_room(void **state) {
  (void)state;
  const double y[12] = {0, 1, 2, 3, 0, 1, -4, 5, 2, 3, 0, 1}, w[6] = {0.1, 0.2, 0.05, 0.3, 0.15, 0.2};
  const double points[6] = {0, 1, 2, 3, -4, 5}, weights[3] = {0.35, 0.35, 0.3};
  for (int k = 0; k < FORMULAS; k++)
    for (int64_t n = 3; n <= 9; n += 3) {
      double mmd2;
      ift_measure *result = compress(formulas[k].spec, y, 6, 2, w, n, NULL, &mmd2);
      assert_int_equal(ift_measure_size(result), 3);
      assert_memory_equal(ift_measure_positions(result), points, sizeof points);
      for (int i = 0; i < 3; i++) assert_near(ift_measure_weights(result)[i], weights[i], 1e-15, 0);
      assert_true(mmd2 >= 0 && mmd2 <= 1e-14 * 1e4); /* polynomials reach 1e4 */
      if (k == 0) assert_true(mmd2 <= 1e-14);
      ift_measure_destroy(result);
    }
}

/* Samples of weight 0 are none; -0 is 0. */
static void test_dead_samples(void **state) {
  (void)state;
  const double y[4] = {0.0, -0.0, 7, 8}, w[4] = {1, 1, 0, 2};
  double mmd2;
  ift_measure *result = compress("gaussian:1", y, 4, 1, w, 2, NULL, &mmd2);
  assert_int_equal(ift_measure_size(result), 2);
  assert_near(ift_measure_positions(result)[1], 8, 0, 0);
  assert_near(ift_measure_weights(result)[0], 2, 1e-16, 0);
  assert_true(mmd2 <= 1e-14);
  ift_measure_destroy(result);
}

static void test_all_samples_equal(void **state) {
  (void)state;
  double y[40];
  for (int i = 0; i < 20; i++) y[2 * i] = 3.5, y[2 * i + 1] = -1e5;
  for (int64_t n = 1; n <= 4; n++) {
    double mmd2;
    ift_measure *result = compress("gaussian:0.5", y, 20, 2, NULL, n, NULL, &mmd2);
    assert_int_equal(ift_measure_size(result), 1);
    assert_memory_equal(ift_measure_positions(result), y, 2 * sizeof *y);
    assert_true(mmd2 <= 1e-14);
    ift_measure_destroy(result);
  }
}

/* One particle: the maximum of c, since all mass sits there. On the line by a fine search. */
static void test_one_particle(void **state) {
  (void)state;
  double y[60];
  dice dice_ = {1};
  for (int i = 0; i < 60; i++) y[i] = dice_normal(&dice_) + (i % 3 == 0 ? 2 : 0);
  double best = 0, mmd2;
  for (int i = 0; i <= 20000; i++) {
    const double x = -4 + 4e-4 * i;
    best = fmax(best, formula_sum(&gaussian, &x, y, 60, 1, NULL) / 60);
  }
  ift_measure *result = compress("gaussian:1", y, 60, 1, NULL, 1, NULL, &mmd2);
  assert_int_equal(ift_measure_size(result), 1);
  const double at = formula_sum(&gaussian, ift_measure_positions(result), y, 60, 1, NULL) / 60;
  assert_near(at, best, 1e-7, 0);
  ift_measure_destroy(result);
}

/* With the linear kernel only the mean counts, and one particle can be it. */
static void test_linear_kernel(void **state) {
  (void)state;
  double y[100], mean[2] = {0};
  dice dice_ = {2};
  for (int i = 0; i < 100; i++) mean[i % 2] += (y[i] = 3 + dice_normal(&dice_)) / 50;
  double mmd2;
  ift_measure *result = compress("linear", y, 50, 2, NULL, 1, NULL, &mmd2);
  for (int l = 0; l < 2; l++) assert_near(ift_measure_positions(result)[l], mean[l], 1e-5, 0);
  assert_true(mmd2 < 1e-9);
  ift_measure_destroy(result);
}

/* Two clusters a million apart: each gets particles, and half of the mass. */
static void test_distant_clusters(void **state) {
  (void)state;
  double y[200];
  dice dice_ = {3};
  for (int i = 0; i < 200; i++) y[i] = dice_normal(&dice_) + (i < 100 ? 0 : 1e6);
  static const double good[3] = {0.16, 0.04, 0.01}; /* about what 1, 2 or 3, and 4 particles for each leave */
  for (int64_t n = 2; n <= 8; n += 3) {
    double mmd2, left = 0;
    ift_measure *result = compress("gaussian:1", y, 100, 2, NULL, n, NULL, &mmd2);
    for (int64_t i = 0; i < ift_measure_size(result); i++) {
      const double x = ift_measure_positions(result)[2 * i];
      assert_true(fabs(x) < 10 || fabs(x - 1e6) < 10);
      if (x < 10) left += ift_measure_weights(result)[i];
    }
    assert_near(left, 0.5, 0.1, 0);
    assert_true(mmd2 < good[(n - 2) / 3]);
    ift_measure_destroy(result);
  }
}

static void test_many_dimensions(void **state) {
  (void)state;
  enum { D = 500, M = 30 };
  static double y[M * D];
  dice dice_ = {4};
  dice_normals(&dice_, y, M * D);
  double mmd2, alone;
  ift_measure *result = compress("gaussian:20", y, M, D, NULL, 5, "effort=low", &mmd2);
  ift_measure_destroy(result);
  result = compress("gaussian:20", y, M, D, NULL, 1, "effort=low", &alone);
  assert_true(mmd2 < alone && mmd2 > 0);
  ift_measure_destroy(result);
}

/* Kernel herding over the samples (Chen, Welling and Smola 2010), equal weights: MMD^2 of n picks. */
static double herding(const formula *f, const double *y, int64_t m, int64_t d, const double *w, int64_t n) {
  double *c = calloc((size_t)m, sizeof *c), *sum = calloc((size_t)m, sizeof *sum),
         *x = calloc((size_t)(n * d), sizeof *x), *a = calloc((size_t)n, sizeof *a), mass = 0;
  assert_true(c && sum && x && a);
  for (int64_t j = 0; j < m; j++) mass += w[j];
  for (int64_t i = 0; i < m; i++) c[i] = formula_sum(f, y + i * d, y, m, d, w) / mass;
  for (int64_t t = 0; t < n; t++) {
    int64_t best = 0;
    for (int64_t i = 1; i < m; i++)
      if (c[i] - sum[i] / (double)(t + 1) > c[best] - sum[best] / (double)(t + 1)) best = i;
    memcpy(x + t * d, y + best * d, (size_t)d * sizeof *x);
    a[t] = mass / (double)n;
    for (int64_t i = 0; i < m; i++) sum[i] += formula_value(f, y + i * d, y + best * d, d);
  }
  const double result = formula_mmd2(f, x, n, a, y, m, w, d);
  free(c);
  free(sum);
  free(x);
  free(a);
  return result;
}

/* Never worse than herding, of whatever kernel, dimension, mass and number of particles; and mostly far better. */
static void test_never_worse_than_herding(void **state) {
  (void)state;
  enum { M = 60, MOST = 3 };
  double y[M * MOST], w[M];
  dice dice_ = {5};
  int better = 0, all = 0;
  for (int64_t d = 1; d <= MOST; d++)
    for (int64_t n = 1; n <= 11; n += 10) {
      dice_normals(&dice_, y, M * d);
      dice_weights(&dice_, w, M, d == 2 ? 2.5 : 1);
      for (int k = 0; k < FORMULAS; k++) {
        double mmd2;
        const double herded = herding(&formulas[k], y, M, d, w, n);
        ift_measure *result = compress(formulas[k].spec, y, M, d, w, n, "effort=low", &mmd2);
        assert_true(mmd2 <= herded * (1 + 1e-9) + 1e-12);
        all++;
        better += mmd2 < herded / 2;
        ift_measure_destroy(result);
      }
    }
  assert_true(better > all / 3);
}

/* A mixture in closed form: better than as many draws, and checked by quadrature on the line. */
static void test_mixture(void **state) {
  (void)state;
  enum { POINTS = 1000 };
  const double w[2] = {0.3, 0.7}, m[2] = {-2, 1}, v[2] = {0.25, 1}, step = 20.0 / POINTS;
  static double y[POINTS + 1], p[POINTS + 1];
  for (int i = 0; i <= POINTS; i++) {
    y[i] = -10 + step * i;
    p[i] = 0;
    for (int k = 0; k < 2; k++)
      p[i] += w[k] * exp(-(y[i] - m[k]) * (y[i] - m[k]) / (2 * v[k])) / sqrt(6.283185307179586 * v[k]) * step;
  }
  ift_target *target;
  ift_kernel *kernel = make_kernel(context, "gaussian:1");
  ift_measure *result;
  double mmd2;
  assert_status(IFT_OK, ift_target_gaussian_mixture(context, &target, 2, 1, w, m, v));
  assert_status(IFT_OK, ift_compress(context, &result, &mmd2, kernel, target, 6, NULL));
  assert_near(mmd2,
              formula_mmd2(&gaussian, ift_measure_positions(result), ift_measure_size(result),
                           ift_measure_weights(result), y, POINTS + 1, p, 1),
              1e-6, 1e-13);
  assert_true(mmd2 < 1e-4);
  assert_near(ift_measure_mass(result), 1, 1e-14, 0);
  ift_measure_destroy(result);
  ift_kernel_destroy(kernel);
  ift_target_destroy(target);
}

/* More effort is never worse, since the starts of the lower one come first. */
static void test_effort(void **state) {
  (void)state;
  double y[160], last = INFINITY;
  static const char *const efforts[3] = {"effort=low", "effort=normal", "effort=high"};
  dice dice_ = {7};
  dice_normals(&dice_, y, 160);
  for (int k = 0; k < 3; k++) {
    double mmd2;
    ift_measure *result = compress("gaussian:0.7", y, 80, 2, NULL, 6, efforts[k], &mmd2);
    assert_true(mmd2 <= last * (1 + 1e-9));
    last = mmd2;
    ift_measure_destroy(result);
  }
}

/* Scales at the ends of what a double holds. */
static void test_extreme_scales(void **state) {
  (void)state;
  static const double scales[] = {1e-100, 1e-20, 1e20, 1e100, 1e150, 1e153};
  double y[40], scaled[40], reference;
  dice dice_ = {8};
  dice_normals(&dice_, y, 40);
  ift_measure *result = compress("gaussian:1", y, 20, 2, NULL, 4, NULL, &reference);
  ift_measure_destroy(result);
  for (int k = 0; k < 6; k++) {
    char spec[40];
    double mmd2;
    snprintf(spec, sizeof spec, "gaussian:%g", scales[k]);
    for (int i = 0; i < 40; i++) scaled[i] = y[i] * scales[k];
    result = compress(spec, scaled, 20, 2, NULL, 4, NULL, &mmd2);
    assert_near(mmd2, reference, 1e-3, 0);
    ift_measure_destroy(result);
  }
}

static void test_tolerance(void **state) {
  (void)state;
  double y[160], mmd2, close;
  dice dice_ = {9};
  dice_normals(&dice_, y, 160);
  ift_kernel *kernel = make_kernel(context, "gaussian:1");
  ift_target *target = make_samples(context, y, 80, 2, NULL);
  ift_measure *result;
  assert_status(IFT_OK, ift_compress(context, &result, &close, kernel, target, 10, "effort=normal"));
  ift_measure_destroy(result);
  static const double tolerances[] = {10, 1e-2, 1e-3, 1e-4};
  for (int k = 0; k < 4; k++) {
    char options[64];
    snprintf(options, sizeof options, "tolerance=%g effort=normal", tolerances[k]);
    const ift_status status = ift_compress(context, &result, &mmd2, kernel, target, 10, options);
    assert_status(tolerances[k] >= close ? IFT_CONVERGED : IFT_OK, status);
    if (status == IFT_CONVERGED) assert_true(mmd2 <= tolerances[k]);
    ift_measure_destroy(result);
  }
  /* just what the search comes to at last: whichever phase of it that is */
  char options[64];
  snprintf(options, sizeof options, "effort=normal tolerance=%.17g", close);
  assert_status(IFT_CONVERGED, ift_compress(context, &result, &mmd2, kernel, target, 10, options));
  assert_true(mmd2 <= close);
  ift_measure_destroy(result);
  /* all points are within every tolerance */
  assert_status(IFT_CONVERGED, ift_compress(context, &result, &mmd2, kernel, target, 80, "tolerance=1e-12"));
  ift_measure_destroy(result);
  assert_status(IFT_OK, ift_compress(context, &result, &mmd2, kernel, target, 80, "tolerance=0"));
  ift_measure_destroy(result);
  ift_kernel_destroy(kernel);
  ift_target_destroy(target);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_enough_room),       cmocka_unit_test(test_dead_samples),
      cmocka_unit_test(test_all_samples_equal), cmocka_unit_test(test_one_particle),
      cmocka_unit_test(test_linear_kernel),     cmocka_unit_test(test_distant_clusters),
      cmocka_unit_test(test_many_dimensions),   cmocka_unit_test(test_never_worse_than_herding),
      cmocka_unit_test(test_mixture),           cmocka_unit_test(test_effort),
      cmocka_unit_test(test_extreme_scales),    cmocka_unit_test(test_tolerance),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
