/* Continuation in the bandwidth: what its stages are, what a flow says meanwhile and is afterwards, and what it is good
 * for. */
#include <math.h>

#include "kernel/kernel.h"
#include "scene.h"
#include "support/fixture.h"

static ift_target *make_mixture(void) {
  const double weights[2] = {0.3, 0.7}, means[2 * D] = {0, 1, 2, -1},
               covariances[2 * D * D] = {1, 0.2, 0.2, 0.5, 0.4, 0, 0, 0.4};
  ift_target *target;
  assert_status(IFT_OK, ift_target_gaussian_mixture(context, &target, 2, D, weights, means, covariances));
  return target;
}

/* The energy in a kernel that is `factor` times as wide. */
static ift_energy *wide_energy(const char *spec, const ift_target *target, double factor) {
  ift_kernel *kernel = make_kernel(context, spec), *wide;
  ift_energy *energy;
  assert_status(IFT_OK, ift_kernel_widen(kernel, &wide, factor));
  assert_status(IFT_OK, ift_energy_mmd(context, &energy, factor > 1 ? wide : kernel, target));
  ift_kernel_destroy(wide);
  ift_kernel_destroy(kernel);
  return energy;
}

static ift_flow *flow_from(const ift_measure *measure, const char *geometry, const char *options,
                           const ift_energy *energy) {
  ift_flow *flow;
  assert_status(IFT_OK, ift_flow_create(context, &flow, geometry, energy, measure));
  assert_true(flow_takes(flow, options));
  return flow;
}

static void assert_near_measure(const ift_flow *one, const ift_flow *two) {
  const ift_measure *mine = ift_flow_measure(one), *theirs = ift_flow_measure(two);
  for (int k = 0; k < N * D; k++)
    assert_near(ift_measure_positions(mine)[k], ift_measure_positions(theirs)[k], 1e-10, 1e-12);
  for (int i = 0; i < N; i++) assert_near(ift_measure_weights(mine)[i], ift_measure_weights(theirs)[i], 1e-10, 1e-12);
}

/* A flow with continuation is flows of the energies of its stages one after the other (which may have another mass, to
 * the last bits); its energy is its own throughout, and may rise: by how much, is returned. Steps that control makes
 * shorter would be longer again in a new flow: there are none here. */
static double check_stages(const char *geometry, const char *options, const char *spec, const ift_target *target) {
  enum { STAGE = 4 };
  const scene s = make_scene(90, 1, 1);
  ift_energy *own = wide_energy(spec, target, 1);
  ift_flow *flow = make_flow(context, geometry, own, s.x, N, D, s.a);
  assert_true(flow_takes(flow, options));
  assert_true(flow_takes(flow, "continuation=6 continuation_until=12"));
  double rose = 0;
  for (int stage = 0; stage < 4; stage++) {
    ift_energy *wide = wide_energy(spec, target, pow(6, 1 - stage / 3.0));
    ift_flow *alone = flow_from(ift_flow_measure(flow), geometry, options, wide);
    for (int k = 0; k < STAGE; k++) {
      const double before = flow_real(flow, "energy"), before_alone = flow_real(alone, "energy");
      assert_status(IFT_OK, ift_flow_step(flow, 1));
      assert_status(IFT_OK, ift_flow_step(alone, 1));
      assert_near_measure(flow, alone);
      assert_true(flow_real(alone, "energy") <= before_alone);
      assert_near(flow_real(flow, "tau_taken"), flow_real(alone, "tau_taken"), 1e-12, 0);
      assert_true(isnan(flow_real(flow, "guaranteed_rate")) || stage == 3);
      ift_flow *here = flow_from(ift_flow_measure(flow), geometry, "tau=auto", own);
      assert_true(flow_real(flow, "energy") == flow_real(here, "energy"));
      assert_true(flow_real(flow, "stationarity") == flow_real(here, "stationarity"));
      rose = fmax(rose, flow_real(flow, "energy") - before);
      assert_true(stage < 3 || flow_real(flow, "energy") <= before);
      ift_flow_destroy(here);
    }
    ift_flow_destroy(alone);
    ift_energy_destroy(wide);
  }
  ift_flow_destroy(flow);
  ift_energy_destroy(own);
  return rose;
}

static void test_stages(void **state) {
  (void)state;
  static const char *const flows[][2] = {{"wasserstein", "transport=explicit"},
                                         {"spherical-ift", "eta=1"},
                                         {"spherical-ift", "eta=0.1 transport=implicit"},
                                         {"ift", "reaction=gradient splitting=strang"},
                                         {"spherical-wfr", "transport=heun"},
                                         {"projected-mmd", "damping=0.1"}};
  static const char *const kernels[] = {"gaussian:0.7", "0.5*matern52:0.6 + 0.2*imq:0.8,1.5"};
  const scene s = make_scene(90, 1, 1);
  ift_target *const targets[2] = {make_samples(context, s.y, M, D, s.w), make_mixture()};
  double rose = 0;
  for (int f = 0; f < 6; f++) {
    for (int k = 0; k < 2; k++) rose = fmax(rose, check_stages(flows[f][0], flows[f][1], kernels[k], targets[0]));
    rose = fmax(rose, check_stages(flows[f][0], flows[f][1], kernels[0], targets[1]));
  }
  assert_true(rose > 0);
  for (int t = 0; t < 2; t++) ift_target_destroy(targets[t]);
}

/* After the last stage nothing is left of it: the flow goes on as one that never knew of a wider kernel. */
static void test_afterwards(void **state) {
  (void)state;
  static const char *const flows[][2] = {{"spherical-ift", "rejuvenate=insert stall=1e-9"}, {"projected-mmd", "eta=1"}};
  static unsigned char bytes[8192];
  for (int f = 0; f < 2; f++) {
    const scene s = make_scene(91, 1, 1);
    int64_t size;
    ift_flow *flow = scene_flow(context, &s, flows[f][0], "gaussian:0.7"),
             *other = scene_flow(context, &s, flows[f][0], "gaussian:0.7");
    assert_true(flow_takes(flow, flows[f][1]));
    assert_true(flow_takes(flow, "continuation=3 continuation_until=11"));
    assert_status(IFT_OK, ift_flow_run(flow, 11));
    assert_status(IFT_OK, ift_flow_save(flow, bytes, sizeof bytes, &size));
    assert_status(IFT_OK, ift_flow_restore(other, bytes, size));
    flow_set(other, "continuation", "1");
    for (int k = 0; k < 10; k++) {
      assert_status(ift_flow_run(flow, 3), ift_flow_run(other, 3));
      assert_same_state(snap(flow), snap(other));
    }
    ift_flow_destroy(other);
    ift_flow_destroy(flow);
  }
}

/* Particles in one cluster, the target in two far ones: half as many widths away as they see, or many. */
static void test_far_starts(void **state) {
  (void)state;
  enum { COUNT = 30, POINTS = 80 };
  static const char *const flows[][2] = {{"wasserstein", "transport=explicit"},
                                         {"spherical-ift", "rejuvenate=none"},
                                         {"ift", "rejuvenate=none"},
                                         {"spherical-wfr", "transport=explicit"}};
  double x[COUNT * D], y[POINTS * D];
  dice dice_ = {92};
  dice_normals(&dice_, x, COUNT * D);
  dice_normals(&dice_, y, POINTS * D);
  for (int k = 0; k < COUNT * D; k++) x[k] = 2 + 0.5 * x[k];
  for (int k = 0; k < POINTS * D; k++) y[k] = (k / D % 5 < 2 ? 0 : k % D ? -3 : 3) + 0.5 * y[k];
  ift_energy *energy = make_energy(context, "gaussian:0.5", y, POINTS, D, NULL);
  for (int f = 0; f < 4; f++) {
    double energies[2];
    for (int wide = 0; wide < 2; wide++) {
      ift_flow *flow = make_flow(context, flows[f][0], energy, x, COUNT, D, NULL);
      assert_true(flow_takes(flow, flows[f][1]));
      flow_set(flow, "continuation", wide ? "8" : "1");
      assert_int_equal(flow_int(flow, "continuation_until"), wide ? 60 : 0);
      assert_status(IFT_OK, ift_flow_step(flow, 120));
      energies[wide] = flow_real(flow, "energy");
      ift_flow_destroy(flow);
    }
    if (!(energies[1] < 0.1 * energies[0])) fail_msg("%s: %g, %g", flows[f][0], energies[0], energies[1]);
  }
  ift_energy_destroy(energy);
}

/* It is another energy that falls or stands still meanwhile: a run goes on. Its tolerance is for the flow's own. */
static void test_stopping(void **state) {
  (void)state;
  const scene s = make_scene(93, 1, 1);
  ift_flow *flow = scene_flow(context, &s, "spherical-ift", "gaussian:0.7");
  flow_set(flow, "stall", "1");
  assert_status(IFT_STALLED, ift_flow_run(flow, 100));
  assert_int_equal(flow_int(flow, "step"), 10);
  assert_true(flow_takes(flow, "continuation=3 continuation_until=45"));
  assert_status(IFT_STALLED, ift_flow_run(flow, 100)); /* two readings, at 50 and 60 */
  assert_int_equal(flow_int(flow, "step"), 60);
  assert_true(flow_takes(flow, "continuation=1 continuation_until=1000")); /* the latter of no consequence then */
  assert_status(IFT_STALLED, ift_flow_run(flow, 100));
  assert_int_equal(flow_int(flow, "step"), 70);
  assert_true(flow_takes(flow, "continuation=3 tolerance=1e3"));
  assert_status(IFT_CONVERGED, ift_flow_run(flow, 100));
  assert_int_equal(flow_int(flow, "step"), 70);
  ift_flow_destroy(flow);
}

/* A stage in which no step gains anything is sat out. */
static void test_nothing_to_gain(void **state) {
  (void)state;
  const double at[D] = {1, 2}, one = 1;
  ift_energy *energy = make_energy(context, "gaussian:1", at, 1, D, &one);
  ift_flow *flow = make_flow(context, "projected-mmd", energy, at, 1, D, &one);
  assert_status(IFT_STALLED, ift_flow_step(flow, 1));
  assert_true(flow_takes(flow, "continuation=5 continuation_until=7"));
  assert_status(IFT_OK, ift_flow_step(flow, 7));
  assert_int_equal(flow_int(flow, "step"), 7);
  assert_memory_equal(ift_measure_positions(ift_flow_measure(flow)), at, sizeof at);
  assert_status(IFT_STALLED, ift_flow_step(flow, 1));
  ift_flow_destroy(flow);
  ift_energy_destroy(energy);
}

/* A step that failed in one kernel leaves nothing to one in another. */
static void test_after_an_error(void **state) {
  (void)state;
  scene s = make_scene(94, 1, 1);
  for (int k = 0; k < N * D; k++) s.x[k] *= 1e3;
  for (int k = 0; k < M * D; k++) s.y[k] *= 1e3;
  ift_flow *flow = scene_flow(context, &s, "projected-mmd", "gaussian:700"),
           *twin = scene_flow(context, &s, "projected-mmd", "gaussian:700");
  for (int wide = 0; wide < 2; wide++) {
    assert_true(flow_takes(flow, "damping=0.1 step_control=fixed eta=1e308"));
    flow_set(flow, "continuation", wide ? "4" : "1");
    assert_status(IFT_ERR_NOT_FINITE, ift_flow_step(flow, 1));
    assert_true(flow_takes(twin, "damping=0.1 step_control=fixed"));
    for (int k = 0; k < 2; k++)
      assert_true(flow_takes(k ? flow : twin, wide ? "continuation=1 eta=1" : "continuation=4 eta=1"));
    assert_status(IFT_OK, ift_flow_step(flow, 1));
    assert_status(IFT_OK, ift_flow_step(twin, 1));
    assert_same_state(snap(flow), snap(twin));
  }
  ift_flow_destroy(twin);
  ift_flow_destroy(flow);
}

static void refuse(ift_flow *flow, const char *options, ift_status status, const char *message) {
  const snapshot before = snap(flow);
  assert_true(flow_takes(flow, options));
  assert_status(status, ift_flow_step(flow, 1));
  assert_message(context, message);
  assert_same_state(before, snap(flow));
  assert_true(flow_takes(flow, "continuation=1 batch=0"));
  assert_status(IFT_OK, ift_flow_step(flow, 1));
  ift_flow_destroy(flow);
}

static void test_refused(void **state) {
  (void)state;
  static const char *const without_length[] = {"energy", "riesz:1.5", "linear", "gaussian:1+0.1*polynomial:1,2"};
  const scene s = make_scene(95, 1, 1);
  for (int k = 0; k < 4; k++)
    refuse(scene_flow(context, &s, "spherical-ift", without_length[k]), "continuation=2", IFT_ERR_CAPABILITY,
           "of gaussian, laplace, matern12, matern32, matern52, imq");
  refuse(scene_flow(context, &s, "ift", "gaussian:1"), "continuation=2 batch=5", IFT_ERR_OPTION,
         "continuation is 2, which steps on batches do not know; allowed is 1, or batch 0");
  refuse(scene_flow(context, &s, "wasserstein", "imq:1e308"), "continuation=4", IFT_ERR_ARGUMENT, "a finite length");
  ift_target *mixture = make_mixture();
  ift_energy *kl;
  assert_status(IFT_OK, ift_energy_kl(context, &kl, mixture, 0.5));
  refuse(make_flow(context, "wasserstein", kl, s.x, N, D, s.a), "continuation=2", IFT_ERR_CAPABILITY,
         "continuation widens the kernel of energy 'mmd'; this is 'kl'");
  ift_energy_destroy(kl);
  ift_target_destroy(mixture);
  ift_flow *flow = scene_flow(context, &s, "wasserstein", "gaussian:1");
  static const char *const values[] = {"0.5", "0", "-2", "inf", "nan", "wide", "auto"};
  for (int k = 0; k < 7; k++) {
    assert_status(IFT_ERR_OPTION, ift_flow_set_text(flow, "continuation", values[k]));
    assert_message(context, "continuation");
  }
  ift_flow_destroy(flow);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_stages),   cmocka_unit_test(test_afterwards),      cmocka_unit_test(test_far_starts),
      cmocka_unit_test(test_stopping), cmocka_unit_test(test_nothing_to_gain), cmocka_unit_test(test_after_an_error),
      cmocka_unit_test(test_refused),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
