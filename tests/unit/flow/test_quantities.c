/* What a flow reports, against the formulas. */
#include "scene.h"
#include "support/fixture.h"

static const formula gaussian = {"gaussian", "gaussian:0.7", 0.7, 0, false, false, true},
                     riesz = {"riesz", "riesz:1.5", 1.5, 0, true, false, true};

/* What does not apply at step 0 is NaN, also as text; the rest is there. */
static void test_before_the_first_step(void **state) {
  (void)state;
  static const char *const none[] = {"transport_dissipation", "reaction_dissipation", "tau_taken", "eta_taken",
                                     "weight_gap"};
  static const char *const some[] = {"transport_time", "reaction_time",  "energy", "mmd2",         "mass",
                                     "alive",          "effective_size", "gap",    "stationarity", "step"};
  const scene s = make_scene(1, 1, 1);
  ift_flow *flow = scene_flow(context, &s, "spherical-ift", "gaussian:0.7");
  for (int i = 0; i < 5; i++) {
    char text[64];
    assert_true(isnan(flow_real(flow, none[i])));
    assert_status(IFT_OK, ift_flow_get_text(flow, none[i], text, sizeof text));
    assert_non_null(strstr(text, "nan"));
  }
  for (int i = 0; i < 10; i++) assert_true(isfinite(flow_real(flow, some[i])));
  assert_true(flow_real(flow, "step") == 0 && flow_real(flow, "transport_time") == 0);
  ift_flow_destroy(flow);
}

/* At any step: energy, mmd2, mass, alive, effective size and stationarity are those of the current measure. */
static void check_current(const ift_flow *flow, const scene *s, const formula *f) {
  const double *x = ift_measure_positions(ift_flow_measure(flow)), *a = ift_measure_weights(ift_flow_measure(flow));
  double mass = 0, squares = 0, stationarity = 0;
  int64_t alive = 0;
  for (int i = 0; i < N; i++) {
    double v[D];
    scene_v(s, f, v, x + i * D, x, a);
    stationarity += a[i] * (v[0] * v[0] + v[1] * v[1]);
    mass += a[i];
    squares += a[i] * a[i];
    alive += a[i] > 0;
  }
  const double mmd2 = formula_mmd2(f, x, N, a, s->y, M, s->w, D);
  assert_near(flow_real(flow, "mmd2"), mmd2, 1e-9, 1e-14);
  assert_near(flow_real(flow, "energy"), mmd2 / 2, 1e-9, 1e-14);
  assert_near(flow_real(flow, "mass"), mass, 1e-14, 0);
  assert_near(flow_real(flow, "effective_size"), mass * mass / squares, 1e-13, 0);
  assert_near(flow_real(flow, "stationarity"), stationarity, 1e-9, 1e-16);
  assert_int_equal(flow_int(flow, "alive"), alive);
}

static void test_current_measure(void **state) {
  (void)state;
  static const char *const geometries[] = {"wasserstein", "spherical-mmd", "spherical-ift", "spherical-wfr", "ift"};
  for (int g = 0; g < 5; g++) {
    const scene s = make_scene(2, 1, 1);
    ift_flow *flow = scene_flow(context, &s, geometries[g], "gaussian:0.7");
    check_current(flow, &s, &gaussian);
    for (int k = 1; k <= 8; k++) {
      assert_status(IFT_OK, ift_flow_step(flow, 1));
      check_current(flow, &s, &gaussian);
      assert_int_equal(flow_int(flow, "step"), k);
    }
    ift_flow_destroy(flow);
  }
  const scene s = make_scene(3, 2, 2);
  ift_flow *flow = scene_flow(context, &s, "spherical-ift", "riesz:1.5");
  assert_status(IFT_OK, ift_flow_step(flow, 5));
  check_current(flow, &s, &riesz);
  ift_flow_destroy(flow);
}

/* Times add up the steps taken; dissipation is that of the last step, where its halves began. */
static void test_last_step(void **state) {
  (void)state;
  const scene s = make_scene(4, 1, 1);
  ift_flow *flow = scene_flow(context, &s, "spherical-wfr", "gaussian:0.7");
  flow_set(flow, "step_control", "fixed");
  double transport_time = 0, reaction_time = 0;
  for (int k = 0; k < 5; k++) {
    double x[N * D], a[N], transport = 0, reaction = 0, mean = 0, gs[N];
    const double tau = 0.05 + 0.01 * k, eta = 0.3 - 0.02 * k;
    memcpy(x, ift_measure_positions(ift_flow_measure(flow)), sizeof x);
    memcpy(a, ift_measure_weights(ift_flow_measure(flow)), sizeof a);
    for (int i = 0; i < N; i++) {
      double v[D];
      scene_v(&s, &gaussian, v, x + i * D, x, a);
      transport += a[i] * (v[0] * v[0] + v[1] * v[1]);
    }
    assert_status(IFT_OK, ift_flow_set_real(flow, "tau", tau));
    assert_status(IFT_OK, ift_flow_set_real(flow, "eta", eta));
    assert_status(IFT_OK, ift_flow_step(flow, 1));
    const double *moved = ift_measure_positions(ift_flow_measure(flow));
    for (int i = 0; i < N; i++) mean += a[i] * (gs[i] = scene_g(&s, &gaussian, false, moved + i * D, moved, a));
    for (int i = 0; i < N; i++) reaction += a[i] * (gs[i] - mean) * (gs[i] - mean);
    transport_time += tau;
    reaction_time += eta;
    assert_near(flow_real(flow, "transport_dissipation"), transport, 1e-10, 0);
    assert_near(flow_real(flow, "reaction_dissipation"), reaction, 1e-10, 0);
    assert_true(flow_real(flow, "tau_taken") == tau && flow_real(flow, "eta_taken") == eta);
    assert_true(flow_real(flow, "transport_time") == transport_time &&
                flow_real(flow, "reaction_time") == reaction_time);
  }
  ift_flow_destroy(flow);
}

static void test_dissipation_of_euclidean_transport(void **state) {
  (void)state;
  const scene s = make_scene(5, 1, 1);
  double expected = 0;
  for (int i = 0; i < N; i++) {
    double v[D];
    scene_v(&s, &gaussian, v, s.x + i * D, s.x, s.a);
    expected += s.a[i] * s.a[i] * (v[0] * v[0] + v[1] * v[1]);
  }
  ift_flow *flow = scene_flow(context, &s, "wasserstein", "gaussian:0.7");
  flow_set(flow, "transport", "euclidean");
  assert_status(IFT_OK, ift_flow_step(flow, 1));
  assert_near(flow_real(flow, "transport_dissipation"), expected, 1e-10, 0);
  assert_true(isnan(flow_real(flow, "reaction_dissipation")));
  ift_flow_destroy(flow);
}

/* int g dmu - mass min g over target points and particles; with mass free, the target's mass. */
static void test_gap(void **state) {
  (void)state;
  static const char *const geometries[] = {"spherical-ift", "ift"};
  for (int g = 0; g < 2; g++)
    for (int k = 0; k < 2; k++) {
      const formula *f = k ? &riesz : &gaussian;
      const scene s = make_scene(6, g ? 0.7 : 1, 1);
      const bool anchored = k == 1 && g == 1;
      ift_flow *flow = scene_flow(context, &s, geometries[g], f->spec);
      for (int step = 0; step < 3; step++) {
        const double *x = ift_measure_positions(ift_flow_measure(flow)),
                     *a = ift_measure_weights(ift_flow_measure(flow));
        double lowest = INFINITY, mean = 0;
        for (int i = 0; i < N; i++) {
          const double value = scene_g(&s, f, anchored, x + i * D, x, a);
          lowest = fmin(lowest, value);
          mean += a[i] * value;
        }
        for (int j = 0; j < M; j++) lowest = fmin(lowest, scene_g(&s, f, anchored, s.y + j * D, x, a));
        const double gap = flow_real(flow, "gap");
        assert_near(gap, mean - lowest, 1e-10, 1e-13); /* both masses are 1 */
        assert_true(gap >= 2 * flow_real(flow, "energy") - 1e-12);
        assert_status(IFT_OK, ift_flow_step(flow, 1));
      }
      ift_flow_destroy(flow);
    }
}

/* Closed-form targets have no points to take a minimum over. */
static void test_gap_of_a_mixture(void **state) {
  (void)state;
  const double weight = 1, mean[2] = {0, 0}, covariance[4] = {1, 0, 0, 1}, x[2] = {1, 1};
  ift_target *target;
  ift_energy *energy;
  ift_kernel *kernel = make_kernel(context, "gaussian:1");
  assert_status(IFT_OK, ift_target_gaussian_mixture(context, &target, 1, 2, &weight, mean, covariance));
  assert_status(IFT_OK, ift_energy_mmd(context, &energy, kernel, target));
  ift_flow *flow = make_flow(context, "wasserstein", energy, x, 1, 2, NULL);
  assert_true(isnan(flow_real(flow, "gap")));
  ift_flow_destroy(flow);
  ift_energy_destroy(energy);
  ift_kernel_destroy(kernel);
  ift_target_destroy(target);
}

/* Every entry of the catalogue can be read, as text in 64 bytes and as the type it says; quantities can't be set. */
static void test_every_entry(void **state) {
  (void)state;
  const scene s = make_scene(7, 1, 1);
  ift_flow *flow = scene_flow(context, &s, "spherical-ift", "gaussian:0.7");
  assert_status(IFT_OK, ift_flow_step(flow, 2));
  int entries = 0;
  for (int64_t i = 0; i < ift_option_count(); i++) {
    if (strcmp(ift_option_noun(i), "flow") != 0) continue;
    const char *name = ift_option_name(i), *type = ift_option_type(i);
    char text[64];
    double real;
    int64_t integer;
    entries++;
    assert_status(IFT_OK, ift_flow_get_text(flow, name, text, sizeof text));
    assert_true(strlen(text) > 0);
    assert_status(strcmp(type, "text") == 0 ? IFT_ERR_OPTION : IFT_OK, ift_flow_get_real(flow, name, &real));
    assert_status(strcmp(type, "integer") == 0 ? IFT_OK : IFT_ERR_OPTION, ift_flow_get_int(flow, name, &integer));
    if (strcmp(ift_option_access(i), "quantity") == 0) {
      assert_status(IFT_ERR_OPTION, ift_flow_set_text(flow, name, text));
      assert_message(context, "quantity");
    }
  }
  assert_true(entries > 20);
  ift_flow_destroy(flow);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_before_the_first_step),
      cmocka_unit_test(test_current_measure),
      cmocka_unit_test(test_last_step),
      cmocka_unit_test(test_dissipation_of_euclidean_transport),
      cmocka_unit_test(test_gap),
      cmocka_unit_test(test_gap_of_a_mixture),
      cmocka_unit_test(test_every_entry),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
