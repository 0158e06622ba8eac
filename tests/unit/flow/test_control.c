/* Step control, the rules that end a run, and flows after an error. */
#include <stdlib.h>

#include "scene.h"
#include "support/guest.h"
#include "support/fixture.h"

static void test_fixed_steps_are_exact(void **state) {
  (void)state;
  const scene s = make_scene(1, 1, 1);
  ift_flow *flow = scene_flow(context, &s, "spherical-wfr", "gaussian:0.7");
  flow_set(flow, "step_control", "fixed");
  flow_set(flow, "tau", "7.5"); /* far too long: F rises, and nobody minds */
  flow_set(flow, "eta", "0.1");
  double before = flow_real(flow, "energy");
  bool rose = false;
  for (int k = 1; k <= 10; k++) {
    assert_status(IFT_OK, ift_flow_step(flow, 1));
    assert_true(flow_real(flow, "tau_taken") == 7.5 && flow_real(flow, "eta_taken") == 0.1);
    assert_near(flow_real(flow, "transport_time"), 7.5 * k, 1e-15, 0);
    assert_near(flow_real(flow, "reaction_time"), 0.1 * k, 1e-14, 0);
    rose |= flow_real(flow, "energy") > before;
    before = flow_real(flow, "energy");
  }
  assert_true(rose);
  ift_flow_destroy(flow);
}

/* The same step under `monotone`: halved until F does not rise, and back to what was asked for when that goes well
 * again. */
static void test_monotone_halves_and_grows_back(void **state) {
  (void)state;
  const scene s = make_scene(1, 1, 1);
  ift_flow *flow = scene_flow(context, &s, "wasserstein", "gaussian:0.7");
  flow_set(flow, "tau", "64");
  assert_status(IFT_OK, ift_flow_step(flow, 1));
  const double taken = flow_real(flow, "tau_taken");
  assert_true(taken < 64 && taken > 0);
  int exponent;
  assert_true(frexp(taken, &exponent) == 0.5); /* 64 halved */
  assert_true(flow_real(flow, "transport_time") == taken);
  flow_set(flow, "tau", "0.25"); /* the scale found for 64 is kept: 0.25 times it, then doubled every four steps */
  double last = 0;
  for (int k = 0; k < 60; k++) {
    assert_status(IFT_OK, ift_flow_step(flow, 1));
    last = flow_real(flow, "tau_taken");
    assert_true(last <= 0.25);
  }
  assert_true(last == 0.25);
  ift_flow_destroy(flow);
}

/* Both halves are halved in turn; the one that is skipped is left alone. */
static void test_monotone_finds_the_half_that_hurts(void **state) {
  (void)state;
  const scene s = make_scene(2, 1, 1);
  ift_flow *flow = scene_flow(context, &s, "spherical-ift", "gaussian:0.7");
  flow_set(flow, "reaction", "gradient");
  flow_set(flow, "tau", "0");
  flow_set(flow, "eta", "1e6");
  const double before = flow_real(flow, "energy");
  assert_status(IFT_OK, ift_flow_step(flow, 1));
  assert_true(flow_real(flow, "energy") <= before);
  assert_true(flow_real(flow, "tau_taken") == 0 && flow_real(flow, "eta_taken") < 1e6);
  ift_flow_destroy(flow);
}

/* A kernel whose gradient points the wrong way: no step, however small, keeps F from rising. */
static int uphill(double *values, double *gradients, const double *x, int64_t n, const double *y, int64_t m, int64_t d,
                  void *user) {
  guest g = {0};
  (void)user;
  const int answer = guest_evaluate(values, gradients, x, n, y, m, d, &g);
  for (int64_t k = 0; gradients && k < n * m * d; k++) gradients[k] = -gradients[k];
  return answer;
}

static void test_stalled(void **state) {
  (void)state;
  const scene s = make_scene(3, 1, 1);
  ift_kernel *kernel;
  ift_energy *energy;
  ift_target *target = make_samples(context, s.y, M, D, s.w);
  assert_status(IFT_OK, ift_kernel_custom(context, &kernel, uphill, NULL, NULL));
  assert_status(IFT_OK, ift_energy_mmd(context, &energy, kernel, target));
  ift_flow *flow = make_flow(context, "wasserstein", energy, s.x, N, D, s.a);
  flow_set(flow, "tau", "0.5");
  const snapshot before = snap(flow);
  assert_status(IFT_STALLED, ift_flow_step(flow, 5));
  assert_same_state(before, snap(flow));
  assert_status(IFT_STALLED, ift_flow_run(flow, 5));
  assert_same_state(before, snap(flow));
  flow_set(flow, "step_control", "fixed"); /* upwards then */
  assert_status(IFT_OK, ift_flow_step(flow, 1));
  assert_true(flow_real(flow, "energy") > before.energy);
  ift_flow_destroy(flow);
  ift_energy_destroy(energy);
  ift_kernel_destroy(kernel);
  ift_target_destroy(target);
}

/* At an exact minimum there is nothing to gain, and no reason to stall: F does not rise. */
static void test_at_the_minimum(void **state) {
  (void)state;
  static const char *const geometries[] = {"wasserstein",   "spherical-mmd", "mmd",          "ift",
                                           "spherical-ift", "wfr",           "spherical-wfr"};
  const double x[4] = {0, 0, 3, 1}, a[2] = {0.25, 0.75};
  for (int g = 0; g < 7; g++) {
    ift_energy *energy = make_energy(context, "gaussian:1", x, 2, 2, a);
    ift_flow *flow = make_flow(context, geometries[g], energy, x, 2, 2, a);
    assert_status(IFT_OK, ift_flow_step(flow, 20));
    assert_near(flow_real(flow, "energy"), 0, 0, 1e-16);
    for (int i = 0; i < 2; i++) assert_near(ift_measure_weights(ift_flow_measure(flow))[i], a[i], 1e-12, 0);
    ift_flow_destroy(flow);
    ift_energy_destroy(energy);
  }
}

/* A run ends at the first state with F <= tolerance, and before its first step if that is the one; single steps
 * don't care. */
static void test_tolerance(void **state) {
  (void)state;
  const scene s = make_scene(4, 1, 1);
  double energies[41];
  ift_flow *flow = scene_flow(context, &s, "spherical-ift", "gaussian:0.7");
  for (int k = 0; k <= 40; k++) {
    energies[k] = flow_real(flow, "energy");
    assert_status(IFT_OK, ift_flow_step(flow, 1));
  }
  ift_flow_destroy(flow);
  for (int k = 0; k <= 40; k += 8) {
    flow = scene_flow(context, &s, "spherical-ift", "gaussian:0.7");
    assert_status(IFT_OK, ift_flow_set_real(flow, "tolerance", energies[k]));
    assert_status(IFT_CONVERGED, ift_flow_run(flow, 1000));
    assert_int_equal(flow_int(flow, "step"), k);
    assert_true(flow_real(flow, "energy") == energies[k]);
    assert_status(IFT_CONVERGED, ift_flow_run(flow, 1000));
    assert_int_equal(flow_int(flow, "step"), k);
    assert_status(IFT_OK, ift_flow_step(flow, 1));
    assert_int_equal(flow_int(flow, "step"), k + 1);
    assert_status(IFT_OK, ift_flow_set_real(flow, "tolerance", 0)); /* never */
    assert_status(IFT_OK, ift_flow_run(flow, 2));
    ift_flow_destroy(flow);
  }
}

/* Ten steps that gain less than the fraction end a run: found from the energies of an undisturbed flow. */
static void test_stall(void **state) {
  (void)state;
  static const double fractions[] = {0.9, 0.5, 0.3, 0.1};
  const scene s = make_scene(5, 1, 1);
  double energies[30];
  ift_flow *flow = scene_flow(context, &s, "wasserstein", "gaussian:0.7");
  for (int k = 0; k < 30; k++) {
    energies[k] = flow_real(flow, "energy");
    assert_status(IFT_OK, ift_flow_step(flow, 10));
  }
  ift_flow_destroy(flow);
  for (int f = 0; f < 4; f++) {
    int expected = 1;
    while (expected < 29 && energies[expected - 1] - energies[expected] >= fractions[f] * energies[expected - 1])
      expected++;
    assert_true(expected < 29);
    flow = scene_flow(context, &s, "wasserstein", "gaussian:0.7");
    assert_status(IFT_OK, ift_flow_set_real(flow, "stall", fractions[f]));
    assert_status(IFT_STALLED, ift_flow_run(flow, 1000));
    assert_int_equal(flow_int(flow, "step"), 10 * expected);
    assert_status(IFT_OK, ift_flow_step(flow, 30)); /* steps don't care */
    ift_flow_destroy(flow);
  }
}

/* Readings from before steps that no run judged are too old to compare with: under `stall` 1 every comparison ends
 * a run, so that the step at which it ends tells when the first was made. */
static void test_stall_compares_ten_steps(void **state) {
  (void)state;
  static const struct {
    int64_t judged, unjudged, ends;
  } cases[] = {{10, 5, 20}, {10, 15, 40}, {10, 10, 30}, {10, 21, 50}, {7, 5, 30}, {0, 0, 10}, {0, 3, 10}};
  const scene s = make_scene(5, 1, 1);
  for (int k = 0; k < 7; k++) {
    ift_flow *flow = scene_flow(context, &s, "wasserstein", "gaussian:0.7");
    assert_status(IFT_OK, ift_flow_set_real(flow, "stall", 1e-9));
    assert_status(IFT_OK, ift_flow_run(flow, cases[k].judged));
    assert_status(IFT_OK, ift_flow_step(flow, cases[k].unjudged));
    assert_status(IFT_OK, ift_flow_set_real(flow, "stall", 1));
    assert_status(IFT_STALLED, ift_flow_run(flow, 100));
    assert_int_equal(flow_int(flow, "step"), cases[k].ends);
    ift_flow_destroy(flow);
  }
}

/* After an error in a step the flow is as it was, and goes on as if nothing had been. */
static void test_overflow_of_a_fixed_step(void **state) {
  (void)state;
  static const struct {
    const char *geometry, *reaction, *tau, *eta, *spec;
    double mass;
    ift_status status;
  } cases[] = {
      {"wasserstein", "auto", "1e300", NULL, "1e10*gaussian:0.7", 1, IFT_ERR_NOT_FINITE},
      {"spherical-ift", "auto", "1e300", NULL, "1e10*gaussian:0.7", 1, IFT_ERR_NOT_FINITE},
      {"fisher-rao", "mirror", NULL, "1e6", "gaussian:0.7", 0.01, IFT_ERR_NOT_FINITE},
      {"fisher-rao", "hellinger", NULL, "1e3", "gaussian:0.7", 0.01, IFT_ERR_OPTION},
      {"wfr", "hellinger", "0.1", "1e3", "gaussian:0.7", 0.01, IFT_ERR_OPTION},
      {"spherical-ift", "gradient", "0.1", "1e308", "1e10*gaussian:0.7", 1, IFT_ERR_NOT_FINITE},
      {"mmd", "gradient", NULL, "1e308", "1e10*gaussian:0.7", 0.01, IFT_ERR_NOT_FINITE},
  };
  for (size_t k = 0; k < sizeof cases / sizeof cases[0]; k++) {
    const scene s = make_scene(6, cases[k].mass, 1);
    ift_flow *flow = scene_flow(context, &s, cases[k].geometry, cases[k].spec),
             *twin = scene_flow(context, &s, cases[k].geometry, cases[k].spec);
    flow_set(flow, "reaction", cases[k].reaction);
    flow_set(twin, "reaction", cases[k].reaction);
    assert_status(IFT_OK, ift_flow_step(flow, 3));
    assert_status(IFT_OK, ift_flow_step(twin, 3));
    if (cases[k].tau) flow_set(flow, "tau", cases[k].tau);
    if (cases[k].eta) flow_set(flow, "eta", cases[k].eta);
    flow_set(flow, "step_control", "fixed");
    const snapshot before = snap(flow);
    assert_status(cases[k].status, ift_flow_step(flow, 4));
    assert_same_state(before, snap(flow));
    assert_true(ift_context_message(context)[0] != 0);
    if (cases[k].tau) flow_set(flow, "tau", "auto");
    if (cases[k].eta) flow_set(flow, "eta", "auto");
    flow_set(flow, "step_control", "monotone");
    assert_status(IFT_OK, ift_flow_step(flow, 3));
    assert_status(IFT_OK, ift_flow_step(twin, 3));
    assert_same_state(snap(twin), snap(flow));
    /* under step control the same sizes do no harm; 2^-40 of the largest is still too much, but then the other half
     * step, if there is one, goes on alone */
    if (cases[k].tau) flow_set(flow, "tau", cases[k].tau);
    if (cases[k].eta) flow_set(flow, "eta", cases[k].eta);
    const double energy = flow_real(flow, "energy");
    const bool one_half = strcmp(cases[k].geometry, "wasserstein") == 0 || strcmp(cases[k].geometry, "mmd") == 0;
    const bool far = one_half && cases[k].tau && atof(cases[k].tau) > 1e200, /* where F is higher, but a number */
        no_number = one_half && cases[k].eta && atof(cases[k].eta) > 1e200;
    assert_status(far ? IFT_STALLED : no_number ? IFT_ERR_NOT_FINITE : IFT_OK, ift_flow_step(flow, 3));
    assert_true(flow_real(flow, "energy") <= energy);
    ift_flow_destroy(flow);
    ift_flow_destroy(twin);
  }
}

/* Two particles on the two target points of a kernel with a kink: moving them raises F at first order, however
 * little, but their weights are wrong, and step control must find that out. */
static void test_one_half_goes_on_alone(void **state) {
  (void)state;
  static const char *const geometries[] = {"spherical-ift", "ift", "wfr", "spherical-wfr"};
  const double y[] = {1, 2}, w[] = {0.5, 0.5}, a[] = {0.7, 0.3};
  for (int g = 0; g < 4; g++) {
    ift_kernel *kernel;
    assert_status(IFT_OK, ift_kernel_laplace(context, &kernel, 1));
    ift_target *target = make_samples(context, y, 2, 1, w);
    ift_energy *energy;
    assert_status(IFT_OK, ift_energy_mmd(context, &energy, kernel, target));
    ift_flow *flow = make_flow(context, geometries[g], energy, y, 2, 1, a);
    flow_set(flow, "eta", "0.1");
    const double before = flow_real(flow, "energy");
    assert_status(IFT_OK, ift_flow_step(flow, 20));
    assert_true(flow_real(flow, "energy") < (g < 2 ? 0.2 : 0.95) * before); /* Fisher-Rao is slow */
    ift_flow_destroy(flow);
    ift_energy_destroy(energy);
    ift_kernel_destroy(kernel);
    ift_target_destroy(target);
  }
}

/* A kernel that breaks after the first step is an error under step control too, not a stall. */
static int breaking(double *values, double *gradients, const double *x, int64_t n, const double *y, int64_t m,
                    int64_t d, void *user) {
  const bool broken = *(const bool *)user;
  for (int64_t i = 0; i < n * m; i++) values[i] = broken ? NAN : x[i / m * d] * y[i % m * d] + 1;
  for (int64_t i = 0; gradients && i < n * m * d; i++) gradients[i] = i % d == 0 ? y[i / d % m * d] : 0;
  return 0;
}

static void test_broken_kernel(void **state) {
  (void)state;
  const scene s = make_scene(11, 1, 1);
  bool broken = false;
  ift_kernel *kernel;
  assert_status(IFT_OK, ift_kernel_custom(context, &kernel, breaking, &broken, NULL));
  ift_target *target = make_samples(context, s.y, M, D, s.w);
  ift_energy *energy;
  assert_status(IFT_OK, ift_energy_mmd(context, &energy, kernel, target));
  ift_flow *flow = make_flow(context, "spherical-ift", energy, s.x, N, D, s.a);
  assert_status(IFT_OK, ift_flow_step(flow, 1));
  broken = true;
  const snapshot before = snap(flow);
  assert_status(IFT_ERR_NOT_FINITE, ift_flow_step(flow, 1));
  assert_message(context, "custom kernel");
  broken = false;
  assert_same_state(before, snap(flow));
  ift_flow_destroy(flow);
  ift_energy_destroy(energy);
  ift_kernel_destroy(kernel);
  ift_target_destroy(target);
}

/* The weights of a Fisher-Rao flow, where nothing is born, must not all vanish in one step. */
static void test_mass_does_not_vanish(void **state) {
  (void)state;
  static const char *const geometries[] = {"fisher-rao", "wfr"};
  for (int g = 0; g < 2; g++)
    for (int fixed = 0; fixed < 2; fixed++) {
      const scene s = make_scene(7, 10, 1); /* g > 0 everywhere */
      ift_flow *flow = scene_flow(context, &s, geometries[g], "gaussian:2");
      flow_set(flow, "eta", "1e6");
      flow_set(flow, "step_control", fixed ? "fixed" : "monotone");
      const snapshot before = snap(flow);
      if (fixed) {
        assert_status(IFT_ERR_OPTION, ift_flow_step(flow, 1));
        assert_message(context, "eta");
        assert_same_state(before, snap(flow));
      } else {
        assert_status(IFT_OK, ift_flow_step(flow, 1));
      }
      assert_true(flow_real(flow, "mass") > 0 && flow_int(flow, "alive") > 0);
      ift_flow_destroy(flow);
    }
}

/* A custom kernel that stops or fails at its k-th call, for every k of a step. */
static void test_callback_in_a_step(void **state) {
  (void)state;
  static const char *const geometries[] = {"wasserstein", "spherical-ift", "wfr", "mmd"};
  const scene s = make_scene(8, 1, 1);
  for (int g = 0; g < 4; g++)
    for (int fixed = 0; fixed < 2; fixed++) {
      guest watched = {0};
      ift_kernel *kernel = guest_kernel(context, &watched);
      ift_target *target = make_samples(context, s.y, M, D, s.w);
      ift_energy *energy;
      assert_status(IFT_OK, ift_energy_mmd(context, &energy, kernel, target));
      ift_flow *flow = make_flow(context, geometries[g], energy, s.x, N, D, s.a);
      flow_set(flow, "step_control", fixed ? "fixed" : "monotone");
      assert_status(IFT_OK, ift_flow_step(flow, 1));
      for (int64_t at = 1;; at++) {
        const snapshot before = snap(flow);
        bool failed = false;
        for (int answer = -1; answer <= 1; answer += 2) {
          watched.calls = 0;
          watched.act_at = at;
          watched.answer = answer;
          const ift_status status = ift_flow_step(flow, 1);
          if (watched.calls < at) continue;
          assert_status(answer < 0 ? IFT_ERR_CALLBACK : IFT_STOPPED, status);
          assert_same_state(before, snap(flow));
          failed = true;
        }
        if (!failed) break;
        assert_true(at < 1000);
      }
      watched.act_at = 0;
      assert_status(IFT_OK, ift_flow_step(flow, 1));
      ift_flow_destroy(flow);
      ift_energy_destroy(energy);
      ift_kernel_destroy(kernel);
      ift_target_destroy(target);
      assert_int_equal(watched.destroyed, 1);
    }
}

static void give_up(guest *g) {
  ift_kernel_destroy(g->kernel);
  ift_energy_destroy(g->energy);
  ift_flow_destroy(g->flow);
  g->flow = NULL;
}

/* All handles destroyed in the kernel's callback, in a step and in a reading. */
static void test_destroyed_in_the_callback_of_the_kernel(void **state) {
  (void)state;
  const scene s = make_scene(9, 1, 1);
  static const char *const quantities[] = {NULL, "gap", "eta", "energy"};
  for (int q = 0; q < 4; q++) {
    guest g = {0};
    guest_kernel(context, &g);
    ift_target *target = make_samples(context, s.y, M, D, s.w);
    assert_status(IFT_OK, ift_energy_mmd(context, &g.energy, g.kernel, target));
    ift_target_destroy(target);
    g.flow = make_flow(context, "spherical-wfr", g.energy, s.x, N, D, s.a);
    g.calls = 0;
    g.act_at = 1;
    g.act = give_up;
    double value = NAN;
    ift_flow *flow = g.flow;
    if (quantities[q])
      assert_status(IFT_OK, ift_flow_get_real(flow, quantities[q], &value));
    else
      assert_status(IFT_OK, ift_flow_step(flow, 3));
    assert_null(g.flow);
    if (quantities[q]) assert_true(value > 0);
    assert_int_equal(g.destroyed, 1);
    assert_false(g.destroyed_inside);
  }
}

static void test_arguments(void **state) {
  (void)state;
  const scene s = make_scene(10, 1, 1);
  ift_flow *flow = scene_flow(context, &s, "spherical-ift", "gaussian:0.7");
  assert_status(IFT_ERR_ARGUMENT, ift_flow_step(NULL, 1));
  assert_status(IFT_ERR_ARGUMENT, ift_flow_run(NULL, 1));
  assert_status(IFT_ERR_ARGUMENT, ift_flow_step(flow, -1));
  assert_message(context, "-1");
  assert_status(IFT_ERR_ARGUMENT, ift_flow_run(flow, INT64_MIN));
  assert_status(IFT_OK, ift_flow_step(flow, 0));
  assert_status(IFT_OK, ift_flow_run(flow, 0));
  assert_int_equal(flow_int(flow, "step"), 0);
  assert_null(ift_flow_measure(NULL));
  ift_flow_destroy(flow);
  ift_flow_destroy(NULL);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_fixed_steps_are_exact),
      cmocka_unit_test(test_monotone_halves_and_grows_back),
      cmocka_unit_test(test_monotone_finds_the_half_that_hurts),
      cmocka_unit_test(test_stalled),
      cmocka_unit_test(test_at_the_minimum),
      cmocka_unit_test(test_tolerance),
      cmocka_unit_test(test_stall),
      cmocka_unit_test(test_stall_compares_ten_steps),
      cmocka_unit_test(test_overflow_of_a_fixed_step),
      cmocka_unit_test(test_one_half_goes_on_alone),
      cmocka_unit_test(test_broken_kernel),
      cmocka_unit_test(test_mass_does_not_vanish),
      cmocka_unit_test(test_callback_in_a_step),
      cmocka_unit_test(test_destroyed_in_the_callback_of_the_kernel),
      cmocka_unit_test(test_arguments),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
