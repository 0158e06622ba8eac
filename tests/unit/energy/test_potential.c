/* Energies int V dmu: V by a function, its answers, re-entry, `destroy`, and what flows make of it. */
#include "support/host.h"
#include "support/memory.h"
#include "support/random.h"

enum { N = 8, P = 5, D = 2 };
static ift_context *context;
static double x[N * D], a[N], points[P * D];

static int set_up(void **state) {
  (void)state;
  dice dice_ = {6};
  context = make_context();
  dice_normals(&dice_, x, N * D);
  dice_normals(&dice_, points, P * D);
  dice_weights(&dice_, a, N, 1.7);
  a[3] = 0;
  return 0;
}

static int tear_down(void **state) {
  (void)state;
  ift_context_destroy(context);
  return 0;
}

static ift_energy *make_potential(host *h) {
  h->context = context;
  assert_status(IFT_OK, ift_energy_potential(context, &h->energy, D, host_potential, h, host_destroy));
  return h->energy;
}

static double half_square(const double *point) {
  return (point[0] * point[0] + point[1] * point[1]) / 2;
}

static void test_formulas(void **state) {
  (void)state;
  host h = {.scale = 3};
  ift_energy *energy = make_potential(&h);
  ift_measure *measure = make_measure(context, x, N, D, a);
  double value, expected = 0, g[N], v[N * D];
  assert_status(IFT_OK, ift_energy_value(energy, &value, measure));
  for (int i = 0; i < N; i++) expected += 3 * a[i] * half_square(x + D * i);
  assert_near(value, expected, 1e-14, 0);
  assert_status(IFT_OK, ift_energy_first_variation(energy, g, NULL, 0, 0, measure));
  assert_status(IFT_OK, ift_energy_gradient(energy, v, NULL, 0, 0, measure));
  for (int i = 0; i < N; i++) assert_near(g[i], 3 * half_square(x + D * i), 1e-15, 0);
  for (int i = 0; i < N * D; i++) assert_near(v[i], 3 * x[i], 1e-15, 0);
  assert_status(IFT_OK, ift_energy_first_variation(energy, g, points, P, D, measure));
  assert_status(IFT_OK, ift_energy_gradient(energy, v, points, P, D, measure));
  for (int i = 0; i < P; i++) assert_near(g[i], 3 * half_square(points + D * i), 1e-15, 0);
  for (int i = 0; i < P * D; i++) assert_near(v[i], 3 * points[i], 1e-15, 0);
  assert_status(IFT_OK, ift_energy_check(energy, measure, 1e-6));
  ift_measure_destroy(measure);
  ift_energy_destroy(energy);
  assert_int_equal(h.destroyed, 1);
}

/* Explicit transport in V = 3 |x|^2/2 takes x to (1 - 3 tau) x, and weights go by exp(-eta V). */
static void test_flow(void **state) {
  (void)state;
  host h = {.scale = 3};
  ift_energy *energy = make_potential(&h);
  ift_flow *flow = make_flow(context, "wfr", energy, x, N, D, a);
  assert_status(IFT_OK, ift_flow_set_real(flow, "tau", 0.1));
  assert_status(IFT_OK, ift_flow_set_real(flow, "eta", 0.2));
  assert_status(IFT_OK, ift_flow_set_text(flow, "step_control", "fixed"));
  assert_status(IFT_OK, ift_flow_step(flow, 1));
  for (int i = 0; i < N; i++) {
    for (int l = 0; l < D; l++)
      assert_near(ift_measure_positions(ift_flow_measure(flow))[D * i + l], 0.7 * x[D * i + l], 1e-15, 0);
    const double expected = a[i] * exp(-0.2 * 3 * 0.49 * half_square(x + D * i));
    assert_near(ift_measure_weights(ift_flow_measure(flow))[i], expected, 1e-14, 0);
  }
  ift_flow_destroy(flow);
  /* The curvature is known from the slopes: auto is 0.58/3, and a run ends at 0. */
  flow = make_flow(context, "wasserstein", energy, x, N, D, a);
  assert_near(flow_real(flow, "tau"), 0.58 / 3, 1e-12, 0);
  assert_status(IFT_OK, ift_flow_set_real(flow, "tolerance", 1e-12));
  assert_status(IFT_CONVERGED, ift_flow_run(flow, 100));
  ift_flow_destroy(flow);
  ift_energy_destroy(energy);
}

static ift_status ask(const ift_energy *energy, int which, double *out, const ift_measure *measure) {
  if (which == 0) return ift_energy_value(energy, out, measure);
  if (which == 1) return ift_energy_first_variation(energy, out, NULL, 0, 0, measure);
  if (which == 2) return ift_energy_gradient(energy, out, NULL, 0, 0, measure);
  return ift_energy_check(energy, measure, 1e-6);
}

/* At any of its calls; outputs are untouched. */
static void test_answers(void **state) {
  (void)state;
  host h = {.scale = 1};
  ift_energy *energy = make_potential(&h);
  ift_measure *measure = make_measure(context, x, N, D, a);
  double out[N * D];
  for (int which = 0; which < 4; which++) {
    h.calls = h.act_at = 0;
    assert_status(IFT_OK, ask(energy, which, out, measure));
    const int64_t all = h.calls;
    assert_true(all >= 1);
    for (int64_t at = 1; at <= all; at++)
      for (int how = 0; how < 4; how++) {
        h.calls = 0;
        h.act_at = at;
        h.answer = how == 0 ? -4 : how == 1 ? 2 : 0;
        h.poisoned = how >= 2;
        h.poison = how == 2 ? NAN : -INFINITY;
        for (int i = 0; i < N * D; i++) out[i] = 42;
        assert_status(how == 0   ? IFT_ERR_CALLBACK
                      : how == 1 ? IFT_STOPPED
                                 : IFT_ERR_NOT_FINITE,
                      ask(energy, which, out, measure));
        assert_int_equal(h.calls, at);
        if (how == 0) assert_message(context, "the function of a potential returned -4");
        if (how >= 2) assert_message(context, "the value of a potential is");
        if (how >= 2) assert_message(context, "at point 0");
        for (int i = 0; i < N * D; i++) assert_true(out[i] == 42);
      }
  }
  h.act_at = 0;
  assert_status(IFT_OK, ask(energy, 0, out, measure));
  ift_measure_destroy(measure);
  ift_energy_destroy(energy);
}

static void act_again(host *h) {
  double out;
  h->statuses[0] = ift_energy_value(h->energy, &out, h->measure);
  assert_message(h->context, "a potential was entered again from its own callback");
}

/* The last handles, from inside. */
static void act_destroy(host *h) {
  ift_energy_destroy(h->energy);
  ift_measure_destroy(h->measure);
}

static void test_from_inside(void **state) {
  (void)state;
  host h = {.scale = 1, .act_at = 1, .act = act_again};
  ift_energy *energy = make_potential(&h);
  h.measure = make_measure(context, x, N, D, a);
  double out;
  assert_status(IFT_OK, ift_energy_value(energy, &out, h.measure));
  assert_status(IFT_ERR_BUSY, h.statuses[0]);
  h.act = act_destroy;
  h.calls = 0;
  assert_status(IFT_OK, ift_energy_value(energy, &out, h.measure));
  assert_int_equal(h.destroyed, 1);
  assert_false(h.destroyed_inside);
}

static void test_arguments(void **state) {
  (void)state;
  static const int64_t dimensions[] = {0, -1, INT64_MAX};
  ift_energy *energy = (ift_energy *)&context;
  host h = {0};
  int expected = 0;
  assert_status(IFT_ERR_ARGUMENT, ift_energy_potential(NULL, &energy, D, host_potential, &h, host_destroy));
  assert_null(energy);
  assert_int_equal(h.destroyed, ++expected);
  assert_status(IFT_ERR_ARGUMENT, ift_energy_potential(context, NULL, D, host_potential, &h, host_destroy));
  assert_int_equal(h.destroyed, ++expected);
  assert_status(IFT_ERR_ARGUMENT, ift_energy_potential(context, &energy, D, NULL, &h, host_destroy));
  assert_message(context, "potential");
  assert_int_equal(h.destroyed, ++expected);
  for (int k = 0; k < 3; k++) {
    assert_status(IFT_ERR_ARGUMENT,
                  ift_energy_potential(context, &energy, dimensions[k], host_potential, &h, host_destroy));
    assert_message(context, "the dimension of a potential");
    assert_int_equal(h.destroyed, ++expected);
  }
  memory m = {0};
  ift_context *own = memory_context(&m);
  memory_fail(&m, 1, true);
  assert_status(IFT_ERR_NO_MEMORY, ift_energy_potential(own, &energy, D, host_potential, &h, host_destroy));
  assert_null(energy);
  assert_int_equal(h.destroyed, ++expected);
  ift_context_destroy(own);
  assert_int_equal(m.live, 0);
}

/* A measure of another dimension does not get as far as the function. */
static void test_dimensions(void **state) {
  (void)state;
  host h = {.scale = 1};
  ift_energy *energy = make_potential(&h);
  ift_measure *line = make_measure(context, x, N, 1, NULL);
  double out;
  assert_status(IFT_ERR_DIMENSION, ift_energy_value(energy, &out, line));
  assert_status(IFT_ERR_DIMENSION, ift_energy_check(energy, line, 1e-6));
  assert_int_equal(h.calls, 0);
  ift_measure_destroy(line);
  ift_energy_destroy(energy);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_formulas),    cmocka_unit_test(test_flow),      cmocka_unit_test(test_answers),
      cmocka_unit_test(test_from_inside), cmocka_unit_test(test_arguments), cmocka_unit_test(test_dimensions),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
