/* Geometry `projected-mmd`: sizes, damping and its control, the dead, what is refused. What its steps are is
 * tests/theory/test_projected_flow.c. */
#include "kl.h"
#include "support/fixture.h"

static ift_flow *joint_flow(const scene *s, const char *options) {
  ift_flow *flow = scene_flow(context, s, "projected-mmd", "gaussian:0.7");
  assert_true(flow_takes(flow, options));
  return flow;
}

/* Positions and weights move for the same time eta, which is 1 on auto, or beta h. */
static void test_sizes(void **state) {
  (void)state;
  static const struct {
    const char *options;
    double eta, damping, duration;
  } cases[] = {{"", 1, 1e-3, 1},
               {"damping=0.25", 1, 0.25, 1},
               {"eta=0.3", 0.3, 1e-3, 0.3},
               {"eta=1.7 damping=2", 1.7, 2, 1.7},
               {"time_step=0.2 beta=3", 0.2 * 3, 1e-3, 0.2}};
  const scene s = make_scene(1, 1, 1);
  for (size_t k = 0; k < sizeof cases / sizeof cases[0]; k++) {
    ift_flow *flow = joint_flow(&s, cases[k].options);
    flow_set(flow, "step_control", "fixed");
    assert_true(isnan(flow_real(flow, "damping_taken")));
    for (int step = 1; step <= 3; step++) {
      const double before = flow_real(flow, "energy");
      assert_true(flow_real(flow, "eta") == cases[k].eta && flow_real(flow, "tau") == 0);
      assert_true(flow_real(flow, "damping") == cases[k].damping);
      assert_status(IFT_OK, ift_flow_step(flow, 1));
      assert_true(flow_real(flow, "eta_taken") == cases[k].eta && flow_real(flow, "tau_taken") == cases[k].eta);
      assert_true(flow_real(flow, "damping_taken") == cases[k].damping);
      assert_near(flow_real(flow, "reaction_time"), step * cases[k].eta, 1e-15, 0);
      assert_near(flow_real(flow, "transport_time"), step * cases[k].eta, 1e-15, 0);
      const double rate = flow_real(flow, "transport_dissipation") + flow_real(flow, "reaction_dissipation");
      assert_near(flow_real(flow, "dissipation") * cases[k].duration, rate * cases[k].eta, 1e-13, 0);
      assert_near(flow_real(flow, "decay_rate") * cases[k].duration, log(before / flow_real(flow, "energy")), 1e-13, 0);
      assert_true(isfinite(flow_real(flow, "weight_gap")) && isnan(flow_real(flow, "guaranteed_rate")));
    }
    flow_set(flow, "time_step", "0");
    flow_set(flow, "beta", "1");
    flow_set(flow, "eta", "0"); /* none at all */
    const snapshot was = snap(flow);
    for (int control = 0; control < 2; control++) {
      flow_set(flow, "step_control", control ? "monotone" : "fixed");
      assert_status(IFT_OK, ift_flow_step(flow, 1));
      assert_memory_equal(was.x, snap(flow).x, sizeof was.x);
      assert_memory_equal(was.a, snap(flow).a, sizeof was.a);
    }
    ift_flow_destroy(flow);
  }
}

/* A flow from where another one is goes on as that one does: between steps nothing but the particles counts, and the
 * damping that control has found. */
static void test_state(void **state) {
  (void)state;
  scene s = make_scene(10, 1, 1);
  ift_flow *flow = joint_flow(&s, "step_control=fixed damping=0.02 eta=0.4");
  for (int k = 0; k < 4; k++) {
    const snapshot was = snap(flow);
    memcpy(s.x, was.x, sizeof was.x);
    memcpy(s.a, was.a, sizeof was.a);
    ift_flow *other = joint_flow(&s, "step_control=fixed damping=0.02 eta=0.4");
    assert_status(IFT_OK, ift_flow_step(flow, 1));
    assert_status(IFT_OK, ift_flow_step(other, 1));
    const snapshot one = snap(flow), two = snap(other); /* of masses that rounding has made two */
    for (int i = 0; i < N * D; i++) assert_near(one.x[i], two.x[i], 1e-12, 1e-12);
    for (int i = 0; i < N; i++) assert_near(one.a[i], two.a[i], 1e-12, 1e-12);
    ift_flow_destroy(other);
  }
  ift_flow_destroy(flow);
}

/* Less damping after steps that keep their promise, more until one gains; where control has left it is where it goes on,
 * whatever was taken in between. */
static void test_control_of_damping(void **state) {
  (void)state;
  const scene s = make_scene(2, 1, 1);
  ift_flow *flow = joint_flow(&s, ""), *detour = joint_flow(&s, "");
  for (int k = 0; k < 12; k++) {
    assert_status(IFT_OK, ift_flow_step(flow, 1));
    assert_true(flow_real(flow, "eta_taken") == 1);
  }
  const double damping = flow_real(flow, "damping");
  assert_true(damping != 1e-3 && damping > 0);
  assert_status(IFT_OK, ift_flow_step(detour, 12));
  assert_true(flow_real(detour, "damping") == damping);
  for (int k = 0; k < 2; k++) {
    ift_flow *one = k ? detour : flow;
    if (k) flow_set(one, "damping", "0.5");
    if (k) assert_true(flow_real(one, "damping") == 0.5);
    if (k) flow_set(one, "eta", "0");
    if (k) assert_status(IFT_OK, ift_flow_step(one, 1));
    flow_set(one, "eta", "0.5");
    flow_set(one, "damping", "auto");
    assert_true(flow_real(one, "damping") == damping);
    flow_set(one, "step_control", "fixed");
    assert_status(IFT_OK, ift_flow_step(one, 1));
    assert_true(flow_real(one, "damping") == damping && flow_real(one, "damping_taken") == damping);
    flow_set(one, "step_control", "auto");
    assert_status(IFT_OK, ift_flow_step(one, 1));
  }
  assert_memory_equal(snap(flow).x, snap(detour).x, sizeof(double) * N * D);
  assert_memory_equal(snap(flow).a, snap(detour).a, sizeof(double) * N);
  ift_flow_destroy(flow);
  ift_flow_destroy(detour);
}

/* Particles at one place need damping: without it a fixed step says so and leaves all as it was, and one under control
 * fails with the same words. */
static void test_without_damping(void **state) {
  (void)state;
  scene s = make_scene(3, 1, 1);
  memcpy(s.x + D, s.x, D * sizeof(double));
  ift_flow *flow = joint_flow(&s, "damping=0"), *twin = joint_flow(&s, "");
  for (int control = 0; control < 2; control++) {
    const snapshot was = snap(flow);
    flow_set(flow, "step_control", control ? "monotone" : "fixed");
    assert_status(IFT_ERR_NOT_FINITE, ift_flow_step(flow, 1));
    assert_message(context, "damping 0");
    assert_same_state(was, snap(flow));
  }
  flow_set(flow, "damping", "auto");
  assert_status(IFT_OK, ift_flow_step(flow, 5));
  assert_status(IFT_OK, ift_flow_step(twin, 5));
  assert_same_state(snap(flow), snap(twin));
  ift_flow_destroy(flow);
  ift_flow_destroy(twin);
}

/* With a damping that was asked for control shortens steps instead. */
static void test_control_of_length(void **state) {
  (void)state;
  const scene s = make_scene(4, 1, 1);
  ift_flow *flow = joint_flow(&s, "damping=1e-6 eta=40");
  double last = flow_real(flow, "energy");
  for (int k = 0; k < 8; k++) {
    const ift_status status = ift_flow_step(flow, 1);
    assert_true(status == IFT_OK || status == IFT_STALLED);
    assert_true(flow_real(flow, "eta_taken") < 40 && flow_real(flow, "damping_taken") == 1e-6);
    assert_true(flow_real(flow, "energy") <= last);
    last = flow_real(flow, "energy");
  }
  ift_flow_destroy(flow);
}

/* Where nothing is left to gain the flow says so, and stays. */
static void test_the_end(void **state) {
  (void)state;
  scene s = make_scene(5, 1, 1);
  for (int i = 0; i < N; i++) {
    memcpy(s.x + i * D, s.y + 2 * i * D, D * sizeof(double));
    s.w[2 * i] += s.w[2 * i + 1];
    s.w[2 * i + 1] = 0;
  }
  for (int j = 2 * N; j < M; j++) s.w[0] += s.w[j], s.w[j] = 0;
  ift_flow *flow = joint_flow(&s, "");
  assert_status(IFT_STALLED, ift_flow_step(flow, 200));
  assert_true(flow_real(flow, "energy") < 1e-15);
  const snapshot was = snap(flow);
  const double damping = flow_real(flow, "damping");
  assert_status(IFT_STALLED, ift_flow_step(flow, 1));
  assert_same_state(was, snap(flow));
  assert_true(flow_real(flow, "damping") == damping);
  ift_flow_destroy(flow);
}

/* A dead particle rests where it is, and takes weight where that helps; rejuvenation puts it where it does. */
static void test_the_dead(void **state) {
  (void)state;
  scene s = make_scene(6, 1, 1);
  s.a[0] += s.a[3] + s.a[4] + s.a[5];
  s.a[3] = s.a[4] = s.a[5] = 0;
  s.x[3 * D] = 3;
  memcpy(s.x + 5 * D, s.y, D * sizeof(double));
  ift_flow *flow = joint_flow(&s, "");
  for (int k = 0; k < 3; k++) {
    const snapshot was = snap(flow);
    assert_status(IFT_OK, ift_flow_step(flow, 1));
    const double *x = ift_measure_positions(ift_flow_measure(flow)), *a = ift_measure_weights(ift_flow_measure(flow));
    for (int i = 3; i < 6; i++) assert_true((x[i * D] != was.x[i * D]) == (was.a[i] > 0));
    assert_true(a[5] > 0);
  }
  const int64_t alive = flow_int(flow, "alive");
  flow_set(flow, "rejuvenate", "insert");
  flow_set(flow, "rejuvenate_every", "1");
  assert_status(IFT_OK, ift_flow_step(flow, 2));
  assert_true(flow_int(flow, "alive") > alive);
  ift_flow_destroy(flow);
}

/* Energies and kernels that it does not serve; a kernel of the flow's own it has no use for. */
static void test_refusals(void **state) {
  (void)state;
  static const char *const kinks[] = {"laplace:1", "matern12:1", "energy", "gaussian:1+0.1*laplace:2"};
  const scene s = make_scene(7, 1, 1);
  for (int k = 0; k < 4; k++) {
    ift_flow *flow = scene_flow(context, &s, "projected-mmd", kinks[k]);
    assert_status(IFT_ERR_CAPABILITY, ift_flow_step(flow, 0));
    assert_message(context, "'projected-mmd' needs a kernel with second derivatives");
    ift_flow_destroy(flow);
  }
  ift_flow *flow = kl_flow(context, &s, "projected-mmd");
  assert_status(IFT_ERR_CAPABILITY, ift_flow_run(flow, 1));
  assert_message(context, "'projected-mmd' needs an energy that is 1/2 MMD^2; this is 'kl'");
  ift_kernel *kernel = make_kernel(context, "gaussian:1");
  assert_status(IFT_ERR_OPTION, ift_flow_set_kernel(flow, kernel));
  ift_kernel_destroy(kernel);
  ift_flow_destroy(flow);
  flow = joint_flow(&s, "batch=4");
  flow_set(flow, "step_control", "monotone");
  assert_status(IFT_ERR_OPTION, ift_flow_step(flow, 1));
  ift_flow_destroy(flow);
}

/* Kernels without profiles, dot products, are factorized whatever their size; those with them are not where there are more
 * than 1000 unknowns. Both come down. */
static void test_many_unknowns(void **state) {
  (void)state;
  static const char *const specs[] = {"gaussian:0.5", "imq:1", "polynomial:1,3"};
  enum { MANY = 340 };
  double x[MANY * D], y[2 * MANY * D];
  dice dice_ = {8};
  dice_normals(&dice_, x, MANY * D);
  dice_normals(&dice_, y, 2 * MANY * D);
  for (int k = 0; k < 3; k++) {
    ift_energy *energy = make_energy(context, specs[k], y, 2 * MANY, D, NULL);
    ift_flow *flow = make_flow(context, "projected-mmd", energy, x, k == 2 ? 40 : MANY, D, NULL);
    const double before = flow_real(flow, "energy");
    const ift_status status = ift_flow_step(flow, 5);
    assert_true(status == IFT_OK || status == IFT_STALLED);
    assert_true(flow_real(flow, "energy") < 0.01 * before);
    ift_flow_destroy(flow);
    ift_energy_destroy(energy);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_sizes),
      cmocka_unit_test(test_state),
      cmocka_unit_test(test_control_of_damping),
      cmocka_unit_test(test_without_damping),
      cmocka_unit_test(test_control_of_length),
      cmocka_unit_test(test_the_end),
      cmocka_unit_test(test_the_dead),
      cmocka_unit_test(test_refusals),
      cmocka_unit_test(test_many_unknowns),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
