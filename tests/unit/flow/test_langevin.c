/* Langevin transport: a step from the formula and the flow's stream, the law of many particles in closed form, and
 * what it does not go together with. */
#include "kl.h"
#include "support/fixture.h"

/* x + tau score + sqrt(2 tau) U. */
static void langevin_move(const double *x, double tau, ift_rng *rng, double *moved) {
  for (int i = 0; i < N; i++) {
    double score[D];
    kl_score(x + i * D, score);
    for (int l = 0; l < D; l++) moved[i * D + l] = x[i * D + l] + tau * score[l] + sqrt(2 * tau) * ift_rng_normal(rng);
  }
}

static scene scene_with_a_dead_one(uint64_t seed) {
  scene s = make_scene(seed, 1, 1);
  s.a[4] += s.a[3];
  s.a[3] = 0;
  return s;
}

/* Transport alone, and followed by a mirror step at the new positions; Strang splitting, too. */
static void test_steps(void **state) {
  (void)state;
  static const double tau = 0.13, eta = 0.2;
  for (int mode = 0; mode < 3; mode++) {
    const scene s = scene_with_a_dead_one(10);
    ift_flow *flow = kl_flow(context, &s, mode == 0 ? "wasserstein" : "spherical-wfr");
    flow_set(flow, "transport", "langevin");
    flow_set(flow, "splitting", mode == 2 ? "strang" : "lie");
    assert_status(IFT_OK, ift_flow_set_real(flow, "tau", tau));
    if (mode > 0) assert_status(IFT_OK, ift_flow_set_real(flow, "eta", eta));
    assert_status(IFT_OK, ift_flow_set_int(flow, "seed", 21));
    ift_rng rng = flow_stream(21);
    for (int k = 0; k < 4; k++) {
      const particles before = particles_of(flow);
      particles after = before;
      double g[N];
      if (mode == 2) {
        kl_variation(before.x, before.a, g);
        mirror(before.a, g, eta / 2, true, after.a);
      }
      langevin_move(before.x, tau, &rng, after.x);
      if (mode > 0) {
        const particles middle = after;
        kl_variation(after.x, middle.a, g);
        mirror(middle.a, g, mode == 2 ? eta / 2 : eta, true, after.a);
      }
      assert_status(IFT_OK, ift_flow_step(flow, 1));
      check_positions(flow, after.x, 1e-13);
      check_weights(flow, after.a, 1e-11);
      assert_true(flow_real(flow, "tau_taken") == tau);
    }
    ift_flow_destroy(flow);
  }
}

/* The bandwidth has no say, and a step that is cut in two calls is the same run. */
static void test_seeds(void **state) {
  (void)state;
  static const int64_t seeds[] = {5, 5, 6};
  static const double bandwidths[] = {0.1, 2, 2};
  const scene s = make_scene(11, 1, 1);
  particles p[3];
  for (int k = 0; k < 3; k++) {
    ift_energy *energy = make_kl(context, &kl_pi, bandwidths[k]);
    ift_flow *flow = make_flow(context, "wasserstein", energy, s.x, N, D, s.a);
    flow_set(flow, "transport", "langevin");
    flow_set(flow, "tau", "0.05");
    assert_status(IFT_OK, ift_flow_set_int(flow, "seed", seeds[k]));
    assert_status(IFT_OK, ift_flow_step(flow, k == 0 ? 20 : 7));
    if (k > 0) assert_status(IFT_OK, ift_flow_run(flow, 13));
    p[k] = particles_of(flow);
    ift_flow_destroy(flow);
    ift_energy_destroy(energy);
  }
  assert_memory_equal(&p[0], &p[1], sizeof p[0]);
  assert_memory_not_equal(p[0].x, p[2].x, sizeof p[0].x);
}

enum { MANY = 4000 };

/* Mean and variance of coordinate l. */
static void moments(const double *x, int l, double *mean, double *variance) {
  *mean = *variance = 0;
  for (int i = 0; i < MANY; i++) *mean += x[i * D + l] / MANY;
  for (int i = 0; i < MANY; i++) *variance += (x[i * D + l] - *mean) * (x[i * D + l] - *mean) / MANY;
}

/* Towards N(m, diag(c)) a step takes mean - m by the factor q = 1 - tau/c, and the variance to q^2 of it + 2 tau: from
 * one point, after k steps and in the end, c/(1 - tau/(2c)). Five standard errors. */
static void test_law(void **state) {
  (void)state;
  static double x[MANY * D];
  const mixture pi = {1, D, {1}, {1, -2}, {0.5, 0, 0, 2}};
  const double tau = 0.1, c[D] = {0.5, 2}, start[D] = {4, 1};
  for (int k = 0; k < MANY * D; k++) x[k] = start[k % D];
  ift_energy *energy = make_kl(context, &pi, 1);
  ift_flow *flow = make_flow(context, "wasserstein", energy, x, MANY, D, NULL);
  flow_set(flow, "transport", "langevin");
  flow_set(flow, "tau", "0.1");
  int steps = 0;
  static const int stops[] = {1, 5, 20, 200};
  for (int stop = 0; stop < 4; stop++) {
    assert_status(IFT_OK, ift_flow_step(flow, stops[stop] - steps));
    steps = stops[stop];
    for (int l = 0; l < D; l++) {
      const double q = 1 - tau / c[l], away = start[l] - pi.m[l];
      const double expected = 2 * tau * (1 - pow(q, 2 * steps)) / (1 - q * q);
      double mean, variance;
      moments(ift_measure_positions(ift_flow_measure(flow)), l, &mean, &variance);
      assert_near(mean, pi.m[l] + pow(q, steps) * away, 0, 5 * sqrt(expected / MANY));
      assert_near(variance, expected, 5 * sqrt(2.0 / MANY), 0);
      if (steps == 200) assert_near(expected, c[l] / (1 - tau / (2 * c[l])), 1e-6, 0);
    }
  }
  ift_flow_destroy(flow);
  ift_energy_destroy(energy);
}

static void test_refused(void **state) {
  (void)state;
  const scene s = make_scene(12, 1, 1);
  ift_flow *flow = kl_flow(context, &s, "wasserstein");
  flow_set(flow, "transport", "langevin");
  flow_set(flow, "step_control", "monotone");
  assert_refused(context, flow, IFT_ERR_OPTION, "step_control is 'monotone'");
  flow_set(flow, "step_control", "auto");
  char control[64];
  assert_status(IFT_OK, ift_flow_get_text(flow, "step_control", control, sizeof control));
  assert_string_equal(control, "fixed");
  flow_set(flow, "noise", "0.1");
  assert_refused(context, flow, IFT_ERR_OPTION, "noise is 0.1, which transport 'langevin' does not know");
  flow_set(flow, "noise", "0");
  assert_status(IFT_OK, ift_flow_step(flow, 1));
  ift_flow_destroy(flow);

  /* energies that are no entropy plus a potential, a sum with one among them */
  ift_energy *mmd = make_energy(context, "gaussian:1", s.y, M, D, s.w), *kl = make_kl(context, &kl_pi, 0.5), *sum;
  const double one = 1;
  const ift_energy *parts[1] = {kl};
  assert_status(IFT_OK, ift_energy_sum(context, &sum, &one, parts, 1));
  ift_energy *const energies[2] = {mmd, sum};
  for (int k = 0; k < 2; k++) {
    flow = make_flow(context, "spherical-wfr", energies[k], s.x, N, D, s.a);
    flow_set(flow, "transport", "langevin");
    assert_refused(
        context, flow, IFT_ERR_CAPABILITY,
        k ? "transport 'langevin' needs an energy that is entropy plus a potential, such as kl; this is 'sum'"
          : "this is 'mmd'");
    ift_flow_destroy(flow);
  }
  ift_energy_destroy(mmd);
  ift_energy_destroy(kl);
  ift_energy_destroy(sum);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_steps),
      cmocka_unit_test(test_seeds),
      cmocka_unit_test(test_law),
      cmocka_unit_test(test_refused),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
