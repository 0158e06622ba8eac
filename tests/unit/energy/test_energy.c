/* The MMD energy: value, first variation and gradient by their formulas, and against differences of each other. */
#include <stdbool.h>

#include "support/kernels.h"
#include "support/fixture.h"
#include "support/random.h"

enum { N = 11, M = 23, P = 7, MOST = 3 };
/* A measure, a target and points to look at, all random. */
typedef struct scene {
  int64_t d;
  double x[N * MOST], a[N], y[M * MOST], w[M], points[P * MOST], anchor[MOST];
} scene;

static scene make_scene(uint64_t seed, int64_t d, double mass, double target_mass) {
  scene s = {.d = d};
  dice dice_ = {seed};
  dice_normals(&dice_, s.x, N * d);
  dice_normals(&dice_, s.y, M * d);
  dice_normals(&dice_, s.points, P * d);
  dice_weights(&dice_, s.a, N, mass);
  dice_weights(&dice_, s.w, M, target_mass);
  const double dead = s.a[2];
  s.a[2] = 0;
  s.a[5] += dead;
  for (int64_t l = 0; l < d; l++)
    for (int j = 0; j < M; j++) s.anchor[l] += s.w[j] * s.y[j * d + l] / target_mass;
  return s;
}

/* k(x, y), for conditionally positive definite kernels |x-x0|^q + |y-x0|^q - |x-y|^q if `anchored`. */
static double kernel_at(const formula *f, bool anchored, const scene *s, const double *x, const double *y) {
  const double k = formula_value(f, x, y, s->d);
  return anchored ? k - formula_value(f, x, s->anchor, s->d) - formula_value(f, s->anchor, y, s->d) : k;
}

/* g(x) = sum_j a_j k(x, x_j) - sum_j w_j k(x, y_j). */
static double variation_at(const formula *f, bool anchored, const scene *s, const double *x) {
  double g = 0;
  for (int j = 0; j < N; j++) g += s->a[j] * kernel_at(f, anchored, s, x, s->x + j * s->d);
  for (int j = 0; j < M; j++) g -= s->w[j] * kernel_at(f, anchored, s, x, s->y + j * s->d);
  return g;
}

/* F = 1/2 (int g dmu - int g dpi). */
static double energy_of(const formula *f, bool anchored, const scene *s) {
  double sum = 0;
  for (int i = 0; i < N; i++) sum += s->a[i] * variation_at(f, anchored, s, s->x + i * s->d);
  for (int j = 0; j < M; j++) sum -= s->w[j] * variation_at(f, anchored, s, s->y + j * s->d);
  return sum / 2;
}

static void check_scene(const formula *f, const scene *s, bool anchored) {
  ift_measure *measure = make_measure(context, s->x, N, s->d, s->a);
  ift_energy *energy = make_energy(context, f->spec, s->y, M, s->d, s->w);
  double value, g[N], own[N], v[P * MOST], own_v[N * MOST];
  assert_status(IFT_OK, ift_energy_value(energy, &value, measure));
  assert_near(value, energy_of(f, anchored, s), 1e-11, 1e-13);
  assert_status(IFT_OK, ift_energy_first_variation(energy, g, s->points, P, s->d, measure));
  for (int i = 0; i < P; i++) assert_near(g[i], variation_at(f, anchored, s, s->points + i * s->d), 1e-11, 1e-12);
  assert_status(IFT_OK, ift_energy_first_variation(energy, own, NULL, 0, 0, measure));
  for (int i = 0; i < N; i++) assert_near(own[i], variation_at(f, anchored, s, s->x + i * s->d), 1e-11, 1e-12);

  assert_status(IFT_OK, ift_energy_gradient(energy, v, s->points, P, s->d, measure));
  for (int i = 0; i < P; i++)
    for (int64_t l = 0; l < s->d; l++) {
      const double h = 1e-5;
      double pair[2 * MOST], around[2];
      memcpy(pair, s->points + i * s->d, (size_t)s->d * sizeof(double));
      memcpy(pair + s->d, s->points + i * s->d, (size_t)s->d * sizeof(double));
      pair[l] += h;
      pair[s->d + l] -= h;
      assert_status(IFT_OK, ift_energy_first_variation(energy, around, pair, 2, s->d, measure));
      assert_near(v[i * s->d + l], (around[0] - around[1]) / (pair[l] - pair[s->d + l]), 1e-6, 1e-7);
    }
  /* at the particles themselves some kernels have kinks, whose own term counts 0 */
  assert_status(IFT_OK, ift_energy_gradient(energy, own_v, NULL, 0, 0, measure));
  for (int i = 0; i < N; i++) {
    double sum[MOST] = {0}, slope[MOST];
    for (int j = 0; j < N; j++) {
      formula_gradient(f, slope, s->x + i * s->d, s->x + j * s->d, s->d);
      for (int64_t l = 0; l < s->d; l++) sum[l] += s->a[j] * slope[l];
    }
    double difference = 0;
    for (int j = 0; j < N; j++) difference += s->a[j];
    for (int j = 0; j < M; j++) {
      formula_gradient(f, slope, s->x + i * s->d, s->y + j * s->d, s->d);
      for (int64_t l = 0; l < s->d; l++) sum[l] -= s->w[j] * slope[l];
      difference -= s->w[j];
    }
    formula_gradient(f, slope, s->x + i * s->d, s->anchor, s->d);
    for (int64_t l = 0; l < s->d; l++)
      assert_near(own_v[i * s->d + l], sum[l] - (anchored ? difference * slope[l] : 0), 1e-11, 1e-12);
  }
  ift_measure_destroy(measure);
  ift_energy_destroy(energy);
}

static void test_equal_masses(void **state) {
  (void)state;
  for (int k = 0; k < FORMULAS; k++)
    for (int64_t d = 1; d <= MOST; d++) {
      const scene one = make_scene(100 + (uint64_t)d, d, 1, 1), heavy = make_scene(200 + (uint64_t)d, d, 2.5, 2.5);
      check_scene(&formulas[k], &one, false);
      check_scene(&formulas[k], &heavy, false);
    }
}

/* Where masses differ, kernels that are only conditionally positive definite are anchored at the target's mean. */
static void test_unequal_masses(void **state) {
  (void)state;
  for (int k = 0; k < FORMULAS; k++)
    for (int64_t d = 1; d <= MOST; d++) {
      const scene light = make_scene(300 + (uint64_t)d, d, 0.4, 1), heavy = make_scene(400 + (uint64_t)d, d, 3, 2);
      check_scene(&formulas[k], &light, formulas[k].conditional);
      check_scene(&formulas[k], &heavy, formulas[k].conditional);
    }
}

/* In a sum only the conditional part is anchored: F adds up from parts. */
static void test_sums_of_kernels(void **state) {
  (void)state;
  const scene s = make_scene(1, 2, 0.4, 1);
  const formula gaussian = {"gaussian", "", 1.5, 0, false, false, true},
                riesz = {"riesz", "", 1.3, 0, true, false, true};
  ift_measure *measure = make_measure(context, s.x, N, 2, s.a);
  ift_energy *energy = make_energy(context, "3*gaussian:1.5+0.5*riesz:1.3", s.y, M, 2, s.w);
  double value, g[P];
  assert_status(IFT_OK, ift_energy_value(energy, &value, measure));
  assert_near(value, 3 * energy_of(&gaussian, false, &s) + 0.5 * energy_of(&riesz, true, &s), 1e-12, 1e-13);
  assert_status(IFT_OK, ift_energy_first_variation(energy, g, s.points, P, 2, measure));
  for (int i = 0; i < P; i++)
    assert_near(g[i],
                3 * variation_at(&gaussian, false, &s, s.points + 2 * i) +
                    0.5 * variation_at(&riesz, true, &s, s.points + 2 * i),
                1e-12, 1e-13);
  ift_measure_destroy(measure);
  ift_energy_destroy(energy);
}

/* g is the derivative of F with respect to mass put at a point: F is quadratic, so that central differences are
 * exact. */
static void test_first_variation_is_the_derivative(void **state) {
  (void)state;
  for (int k = 0; k < FORMULAS; k++) {
    /* masses far from equal: nothing changes its nature on the way */
    const scene s = make_scene(500, 2, 0.4, 1);
    ift_energy *energy = make_energy(context, formulas[k].spec, s.y, M, 2, s.w);
    double more[N + 1], points[2 * (N + 1)], high, low, g;
    memcpy(points, s.x, 2 * N * sizeof(double));
    memcpy(points + 2 * N, s.points, 2 * sizeof(double));
    const double h = 0.125;
    double around[2];
    for (int side = 0; side < 2; side++) {
      memcpy(more, s.a, N * sizeof(double));
      more[N] = side ? 0 : 2 * h;
      ift_measure *measure = make_measure(context, points, N + 1, 2, more);
      assert_status(IFT_OK, ift_energy_value(energy, &around[side], measure));
      ift_measure_destroy(measure);
    }
    high = around[0], low = around[1];
    more[N] = h;
    ift_measure *measure = make_measure(context, points, N + 1, 2, more);
    assert_status(IFT_OK, ift_energy_first_variation(energy, &g, s.points, 1, 2, measure));
    assert_near(g, (high - low) / (2 * h), 1e-11, 1e-12);
    ift_measure_destroy(measure);
    ift_energy_destroy(energy);
  }
}

/* The velocity at a particle is the derivative of F in its position, divided by its weight. */
static void test_gradient_is_the_derivative(void **state) {
  (void)state;
  for (int k = 0; k < FORMULAS; k++)
    for (int uneven = 0; uneven < 2; uneven++) {
      const scene s = make_scene(600, 2, uneven ? 0.4 : 1, 1);
      ift_energy *energy = make_energy(context, formulas[k].spec, s.y, M, 2, s.w);
      ift_measure *measure = make_measure(context, s.x, N, 2, s.a);
      double v[2 * N];
      assert_status(IFT_OK, ift_energy_gradient(energy, v, NULL, 0, 0, measure));
      for (int i = 0; i < 2 * N; i++) {
        double moved[2 * N], around[2];
        const double h = 1e-5;
        for (int side = 0; side < 2; side++) {
          memcpy(moved, s.x, sizeof moved);
          moved[i] += side ? -h : h;
          assert_status(IFT_OK, ift_measure_set(measure, moved, NULL));
          assert_status(IFT_OK, ift_energy_value(energy, &around[side], measure));
        }
        assert_near(s.a[i / 2] * v[i], (around[0] - around[1]) / (2 * h), 1e-6, 1e-8);
      }
      ift_measure_destroy(measure);
      ift_energy_destroy(energy);
    }
}

/* A Gaussian mixture on the line in closed form: F and g against the trapezoid rule. */
static void test_mixture(void **state) {
  (void)state;
  enum { POINTS = 1000 };
  const double w[2] = {0.3, 0.7}, m[2] = {-1, 1.5}, c[2] = {0.4, 1}, sigma = 0.8, step = 20.0 / POINTS;
  const double x[3] = {-2, 0.25, 1}, a[3] = {0.5, 0.2, 0.3};
  static double y[POINTS + 1], p[POINTS + 1];
  for (int i = 0; i <= POINTS; i++) {
    y[i] = -10 + step * i;
    p[i] = 0;
    for (int k = 0; k < 2; k++)
      p[i] += w[k] * exp(-(y[i] - m[k]) * (y[i] - m[k]) / (2 * c[k])) / sqrt(6.283185307179586 * c[k]) * step;
  }
  const formula f = {"gaussian", "", sigma, 0, false, false, true};
  ift_target *target;
  ift_kernel *kernel = make_kernel(context, "gaussian:0.8");
  ift_energy *energy;
  assert_status(IFT_OK, ift_target_gaussian_mixture(context, &target, 2, 1, w, m, c));
  assert_status(IFT_OK, ift_energy_mmd(context, &energy, kernel, target));
  ift_target_destroy(target);
  ift_kernel_destroy(kernel);
  ift_measure *measure = make_measure(context, x, 3, 1, a);
  double value, g[3];
  assert_status(IFT_OK, ift_energy_value(energy, &value, measure));
  assert_near(value, formula_mmd2(&f, x, 3, a, y, POINTS + 1, p, 1) / 2, 1e-12, 0);
  assert_status(IFT_OK, ift_energy_first_variation(energy, g, NULL, 0, 0, measure));
  for (int i = 0; i < 3; i++)
    assert_near(g[i], formula_sum(&f, x + i, x, 3, 1, a) - formula_sum(&f, x + i, y, POINTS + 1, 1, p), 1e-12, 1e-14);
  ift_measure_destroy(measure);
  ift_energy_destroy(energy);
}

/* At the target itself F is 0 up to rounding, never negative, and g vanishes. */
static void test_minimum(void **state) {
  (void)state;
  for (int k = 0; k < FORMULAS; k++) {
    const scene s = make_scene(700, 2, 1, 1);
    ift_energy *energy = make_energy(context, formulas[k].spec, s.y, M, 2, s.w);
    ift_measure *measure = make_measure(context, s.y, M, 2, s.w);
    double value, g[M], v[2 * M];
    assert_status(IFT_OK, ift_energy_value(energy, &value, measure));
    assert_true(value >= 0);
    assert_near(value, 0, 0, 1e-14);
    assert_status(IFT_OK, ift_energy_first_variation(energy, g, NULL, 0, 0, measure));
    assert_status(IFT_OK, ift_energy_gradient(energy, v, NULL, 0, 0, measure));
    for (int i = 0; i < M; i++) assert_near(g[i], 0, 0, 1e-12);
    for (int i = 0; i < 2 * M; i++) assert_near(v[i], 0, 0, 1e-12);
    ift_measure_destroy(measure);
    ift_energy_destroy(energy);
  }
}

static void test_creation(void **state) {
  (void)state;
  const double x[2] = {0, 1};
  ift_context *other = make_context();
  ift_kernel *kernel = make_kernel(context, "gaussian:1"), *foreign_kernel = make_kernel(other, "gaussian:1");
  ift_target *target = make_samples(context, x, 2, 1, NULL), *foreign_target = make_samples(other, x, 2, 1, NULL);
  ift_energy *energy = (ift_energy *)&context;
  assert_status(IFT_ERR_ARGUMENT, ift_energy_mmd(NULL, &energy, kernel, target));
  assert_null(energy);
  assert_status(IFT_ERR_ARGUMENT, ift_energy_mmd(context, NULL, kernel, target));
  assert_status(IFT_ERR_ARGUMENT, ift_energy_mmd(context, &energy, NULL, target));
  assert_message(context, "kernel");
  assert_status(IFT_ERR_ARGUMENT, ift_energy_mmd(context, &energy, kernel, NULL));
  assert_message(context, "target");
  energy = (ift_energy *)&context;
  assert_status(IFT_ERR_CONTEXT, ift_energy_mmd(context, &energy, foreign_kernel, target));
  assert_null(energy);
  assert_status(IFT_ERR_CONTEXT, ift_energy_mmd(context, &energy, kernel, foreign_target));
  assert_status(IFT_ERR_CONTEXT, ift_energy_mmd(other, &energy, kernel, target));
  ift_energy_destroy(NULL);
  ift_kernel_destroy(kernel);
  ift_kernel_destroy(foreign_kernel);
  ift_target_destroy(target);
  ift_target_destroy(foreign_target);
  ift_context_destroy(other);
}

static void test_arguments(void **state) {
  (void)state;
  const double y[4] = {0, 1, 2, 3}, bad[2] = {0, NAN};
  ift_context *other = make_context();
  ift_energy *energy = make_energy(context, "gaussian:1", y, 2, 2, NULL);
  ift_measure *measure = make_measure(context, y, 2, 2, NULL), *line = make_measure(context, y, 4, 1, NULL),
              *stranger = make_measure(other, y, 2, 2, NULL);
  double out[8] = {42, 42, 42, 42, 42, 42, 42, 42};
  assert_status(IFT_ERR_ARGUMENT, ift_energy_value(NULL, out, measure));
  assert_status(IFT_ERR_ARGUMENT, ift_energy_value(energy, NULL, measure));
  assert_status(IFT_ERR_ARGUMENT, ift_energy_value(energy, out, NULL));
  assert_status(IFT_ERR_DIMENSION, ift_energy_value(energy, out, line));
  assert_message(context, "the measure in 1");
  assert_status(IFT_ERR_CONTEXT, ift_energy_value(energy, out, stranger));
  ift_status (*const fields[])(const ift_energy *, double *, const double *, int64_t, int64_t,
                               const ift_measure *) = {ift_energy_first_variation, ift_energy_gradient};
  for (int k = 0; k < 2; k++) {
    assert_status(IFT_ERR_ARGUMENT, fields[k](NULL, out, y, 2, 2, measure));
    assert_status(IFT_ERR_ARGUMENT, fields[k](energy, NULL, y, 2, 2, measure));
    assert_status(IFT_ERR_ARGUMENT, fields[k](energy, out, y, 2, 2, NULL));
    assert_status(IFT_ERR_ARGUMENT, fields[k](energy, out, y, -1, 2, measure));
    assert_status(IFT_ERR_ARGUMENT, fields[k](energy, out, y, 2, 0, measure));
    assert_status(IFT_ERR_DIMENSION, fields[k](energy, out, y, 4, 1, measure));
    assert_message(context, "the points in 1");
    assert_status(IFT_ERR_DIMENSION, fields[k](energy, out, y, 2, 2, line));
    assert_message(context, "the measure in 1");
    assert_status(IFT_ERR_DIMENSION, fields[k](energy, out, NULL, 0, 0, line));
    assert_status(IFT_ERR_CONTEXT, fields[k](energy, out, y, 2, 2, stranger));
    assert_status(IFT_ERR_NOT_FINITE, fields[k](energy, out, bad, 1, 2, measure));
    assert_message(context, "points[0][1]");
    assert_status(IFT_OK, fields[k](energy, out, y, 0, 2, measure));
    for (int i = 0; i < 8; i++) assert_true(out[i] == 42);
    assert_status(IFT_OK, fields[k](energy, out, NULL, -5, -5, measure)); /* both unused */
    out[0] = out[1] = out[2] = out[3] = 42;
  }
  ift_energy_destroy(energy);
  ift_measure_destroy(measure);
  ift_measure_destroy(line);
  ift_measure_destroy(stranger);
  ift_context_destroy(other);
}

static void test_overflow(void **state) {
  (void)state;
  const double far[2] = {1e200, -1e200}, near_[2] = {0, 1}, heavy[2] = {1e200, 1e200};
  double out[2] = {42, 42};
  ift_energy *linear = make_energy(context, "linear", near_, 2, 1, NULL),
             *gaussian = make_energy(context, "gaussian:1", near_, 2, 1, NULL);
  ift_measure *wide = make_measure(context, far, 2, 1, NULL), *massive = make_measure(context, near_, 2, 1, heavy);
  assert_status(IFT_ERR_NOT_FINITE, ift_energy_value(linear, out, wide));
  assert_status(IFT_ERR_NOT_FINITE, ift_energy_first_variation(linear, out, NULL, 0, 0, wide));
  assert_status(IFT_ERR_NOT_FINITE, ift_energy_value(gaussian, out, massive));
  assert_true(out[0] == 42);
  assert_status(IFT_OK, ift_energy_value(gaussian, out, wide)); /* far from everything is no error */
  assert_near(out[0], (0.5 + (1 + exp(-0.5)) / 2) / 2, 1e-15, 0);
  ift_energy_destroy(linear);
  ift_energy_destroy(gaussian);
  ift_measure_destroy(wide);
  ift_measure_destroy(massive);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_equal_masses),
      cmocka_unit_test(test_unequal_masses),
      cmocka_unit_test(test_sums_of_kernels),
      cmocka_unit_test(test_first_variation_is_the_derivative),
      cmocka_unit_test(test_gradient_is_the_derivative),
      cmocka_unit_test(test_mixture),
      cmocka_unit_test(test_minimum),
      cmocka_unit_test(test_creation),
      cmocka_unit_test(test_arguments),
      cmocka_unit_test(test_overflow),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
