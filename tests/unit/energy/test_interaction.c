/* Energies 1/2 iint W dmu dmu for every kernel, by its formula. */
#include "support/guest.h"
#include "support/kernels.h"
#include "support/random.h"
#include "support/fixture.h"

enum { N = 9, P = 4, MOST = 3 };
static ift_energy *make_interaction(int64_t d, const char *spec) {
  ift_kernel *kernel = make_kernel(context, spec);
  ift_energy *energy;
  assert_status(IFT_OK, ift_energy_interaction(context, &energy, d, kernel));
  ift_kernel_destroy(kernel);
  return energy;
}

static void check_kernel(const formula *f, int64_t d, double mass) {
  double x[N * MOST], a[N], points[P * MOST], value, expected = 0, g[N], v[N * MOST];
  dice dice_ = {7 + (uint64_t)d};
  dice_normals(&dice_, x, N * d);
  dice_normals(&dice_, points, P * d);
  dice_weights(&dice_, a, N, mass);
  a[2] = 0;
  ift_energy *energy = make_interaction(d, f->spec);
  ift_measure *measure = make_measure(context, x, N, d, a);
  assert_status(IFT_OK, ift_energy_value(energy, &value, measure));
  for (int i = 0; i < N; i++) expected += a[i] * formula_sum(f, x + i * d, x, N, d, a) / 2;
  assert_near(value, expected, 1e-13, 1e-14);
  assert_status(IFT_OK, ift_energy_first_variation(energy, g, NULL, 0, 0, measure));
  for (int i = 0; i < N; i++) assert_near(g[i], formula_sum(f, x + i * d, x, N, d, a), 1e-13, 1e-13);
  assert_status(IFT_OK, ift_energy_first_variation(energy, g, points, P, d, measure));
  for (int i = 0; i < P; i++) assert_near(g[i], formula_sum(f, points + i * d, x, N, d, a), 1e-13, 1e-13);
  for (int there = 0; there < 2; there++) {
    const double *at = there ? points : x;
    assert_status(IFT_OK, ift_energy_gradient(energy, v, there ? points : NULL, P, d, measure));
    for (int i = 0; i < (there ? P : N); i++) {
      double sum[MOST] = {0}, slope[MOST];
      for (int j = 0; j < N; j++) {
        formula_gradient(f, slope, at + i * d, x + j * d, d);
        for (int64_t l = 0; l < d; l++) sum[l] += a[j] * slope[l];
      }
      for (int64_t l = 0; l < d; l++) assert_near(v[i * d + l], sum[l], 1e-12, 1e-12);
    }
  }
  if (!f->kink) assert_status(IFT_OK, ift_energy_check(energy, measure, 1e-6));
  ift_measure_destroy(measure);
  ift_energy_destroy(energy);
}

static void test_formulas(void **state) {
  (void)state;
  for (int k = 0; k < FORMULAS; k++)
    for (int64_t d = 1; d <= MOST; d++) {
      check_kernel(&formulas[k], d, 1);
      check_kernel(&formulas[k], d, 0.4);
    }
}

/* W = -|x - y|^1.5 repels: F falls without end while the center of mass stays. */
static void test_repulsion(void **state) {
  (void)state;
  const double x[4] = {0, 0, 1, 0.5};
  ift_energy *energy = make_interaction(2, "riesz:1.5");
  ift_flow *flow = make_flow(context, "wasserstein", energy, x, 2, 2, NULL);
  const double before = flow_real(flow, "energy");
  assert_status(IFT_OK, ift_flow_step(flow, 10));
  const double *y = ift_measure_positions(ift_flow_measure(flow));
  assert_true(flow_real(flow, "energy") < before && before < 0);
  assert_true(hypot(y[2] - y[0], y[3] - y[1]) > hypot(1, 0.5));
  for (int l = 0; l < 2; l++) assert_near(y[l] + y[2 + l], x[2 + l], 1e-13, 1e-13);
  ift_flow_destroy(flow);
  ift_energy_destroy(energy);
}

/* The auto step of an explicit transport never raises F, as the bound of the curvature says. */
static void test_curvature(void **state) {
  (void)state;
  static const char *const specs[] = {"gaussian:0.7", "matern32:1", "imq:1.2", "linear"};
  for (int k = 0; k < 4; k++) {
    double x[2 * N];
    dice dice_ = {17};
    dice_normals(&dice_, x, 2 * N);
    ift_energy *energy = make_interaction(2, specs[k]);
    ift_flow *flow = make_flow(context, "wasserstein", energy, x, N, 2, NULL);
    assert_status(IFT_OK, ift_flow_set_text(flow, "step_control", "fixed"));
    assert_status(IFT_OK, ift_flow_set_real(flow, "tau", 3 * flow_real(flow, "tau"))); /* 1.74/L */
    for (int step = 0; step < 20; step++) {
      const double before = flow_real(flow, "energy");
      assert_status(IFT_OK, ift_flow_step(flow, 1));
      assert_true(flow_real(flow, "energy") <= before + 1e-15);
    }
    ift_flow_destroy(flow);
    ift_energy_destroy(energy);
  }
}

/* A kernel by a function: answers, and who holds it. */
static void test_callback(void **state) {
  (void)state;
  const double x[4] = {0, 0, 1, 0.5};
  guest g = {0};
  ift_kernel *kernel = guest_kernel(context, &g);
  ift_energy *energy;
  ift_measure *measure = make_measure(context, x, 2, 2, NULL);
  double out = 42;
  assert_status(IFT_OK, ift_energy_interaction(context, &energy, 2, kernel));
  ift_kernel_destroy(kernel);
  g.act_at = 1;
  g.answer = -9;
  assert_status(IFT_ERR_CALLBACK, ift_energy_value(energy, &out, measure));
  assert_message(context, "-9");
  g.answer = 1;
  g.calls = 0;
  assert_status(IFT_STOPPED, ift_energy_value(energy, &out, measure));
  assert_true(out == 42);
  assert_status(IFT_OK, ift_energy_value(energy, &out, measure));
  assert_near(out, (1 + exp(-0.625)) / 4, 1e-15, 0);
  assert_int_equal(g.destroyed, 0);
  ift_energy_destroy(energy);
  assert_int_equal(g.destroyed, 1);
  ift_measure_destroy(measure);
}

static void test_arguments(void **state) {
  (void)state;
  ift_context *other = make_context();
  ift_kernel *kernel = make_kernel(context, "gaussian:1");
  ift_energy *energy = (ift_energy *)&context;
  assert_status(IFT_ERR_ARGUMENT, ift_energy_interaction(NULL, &energy, 2, kernel));
  assert_null(energy);
  assert_status(IFT_ERR_ARGUMENT, ift_energy_interaction(context, NULL, 2, kernel));
  assert_status(IFT_ERR_ARGUMENT, ift_energy_interaction(context, &energy, 2, NULL));
  assert_message(context, "the kernel is NULL");
  assert_status(IFT_ERR_ARGUMENT, ift_energy_interaction(context, &energy, 0, kernel));
  assert_message(context, "the dimension of an interaction is 0");
  energy = (ift_energy *)&context;
  assert_status(IFT_ERR_CONTEXT, ift_energy_interaction(other, &energy, 2, kernel));
  assert_null(energy);
  ift_kernel_destroy(kernel);
  ift_context_destroy(other);
}

static void test_overflow(void **state) {
  (void)state;
  const double far[2] = {1e200, -1e200};
  ift_energy *energy = make_interaction(1, "linear");
  ift_measure *measure = make_measure(context, far, 2, 1, NULL);
  double out = 42;
  assert_status(IFT_ERR_NOT_FINITE, ift_energy_value(energy, &out, measure));
  assert_true(out == 42);
  ift_measure_destroy(measure);
  ift_energy_destroy(energy);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_formulas), cmocka_unit_test(test_repulsion), cmocka_unit_test(test_curvature),
      cmocka_unit_test(test_callback), cmocka_unit_test(test_arguments), cmocka_unit_test(test_overflow),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
