/* Flows of kl: two modes with the wrong shares, which transport alone keeps and reactions mend; densities by functions
 * against built-in ones; supports that end; steps by their formulas. */
#include "kl.h"
#include "support/host.h"
#include "support/fixture.h"

enum { MANY = 500 };
static const mixture two_modes = {2, D, {0.3, 0.7}, {-5, 0, 5, 0}, {1, 0, 0, 1, 1, 0, 0, 1}};

/* The share of the mode on the left. */
static double share(const ift_flow *flow) {
  const double *x = ift_measure_positions(ift_flow_measure(flow)), *a = ift_measure_weights(ift_flow_measure(flow));
  double left = 0;
  for (int i = 0; i < MANY; i++) left += x[i * D] < 0 ? a[i] : 0;
  return left;
}

/* From 0.9 and 0.1, the mean share over the last half of the steps. */
static double final_share(const char *geometry, const char *options, const char *kernel_spec, int steps) {
  static double x[MANY * D];
  dice dice_ = {70};
  dice_normals(&dice_, x, MANY * D);
  for (int i = 0; i < MANY; i++) x[i * D] += i % 10 == 0 ? 5 : -5;
  ift_energy *energy = make_kl(context, &two_modes, 0.5);
  ift_flow *flow = make_flow(context, geometry, energy, x, MANY, D, NULL);
  assert_near(share(flow), 0.9, 0, 1e-12);
  assert_true(flow_takes(flow, options));
  if (kernel_spec) {
    ift_kernel *kernel = make_kernel(context, kernel_spec);
    assert_status(IFT_OK, ift_flow_set_kernel(flow, kernel));
    ift_kernel_destroy(kernel);
  }
  double sum = 0;
  for (int k = 0; k < steps; k++) {
    const ift_status status = ift_flow_step(flow, 1);
    assert_true(status == IFT_OK || status == IFT_STALLED);
    if (k >= steps / 2) sum += share(flow) / (steps - steps / 2);
  }
  ift_flow_destroy(flow);
  ift_energy_destroy(energy);
  print_message("%s %s: %.4f\n", geometry, options, sum);
  return sum;
}

static void test_transport_keeps_shares(void **state) {
  (void)state;
  assert_near(final_share("wasserstein", "transport=explicit", NULL, 30), 0.9, 0, 0.02);
  assert_near(final_share("wasserstein", "transport=langevin tau=0.05", NULL, 300), 0.9, 0, 0.02);
}

static void test_reactions_mend_shares(void **state) {
  (void)state;
  assert_near(final_share("spherical-wfr", "reaction=mirror", NULL, 50), 0.3, 0, 0.02);
  assert_near(final_share("spherical-wfr", "transport=langevin tau=0.05 reaction=birth-death eta=0.3", NULL, 200), 0.3,
              0, 0.02);
  assert_near(final_share("spherical-ift", "reaction=auto", "gaussian:1", 130), 0.3, 0, 0.02);
}

/* Explicit transport and a mirror step by formulas, spherical and free. */
static void test_steps(void **state) {
  (void)state;
  for (int kept = 0; kept < 2; kept++) {
    scene s = make_scene(71, 1.4, 1);
    s.a[4] += s.a[3];
    s.a[3] = 0;
    ift_flow *flow = kl_flow(context, &s, kept ? "spherical-wfr" : "wfr");
    assert_true(flow_takes(flow, "step_control=fixed tau=0.05 eta=0.3"));
    for (int k = 0; k < 3; k++) {
      const particles before = particles_of(flow);
      const blobs b = {&kl_pi, KL_BANDWIDTH, N, before.x, before.a};
      particles after;
      double g[N], v[D];
      for (int i = 0; i < N; i++) {
        blobs_v(&b, before.x + i * D, v);
        for (int l = 0; l < D; l++) after.x[i * D + l] = before.x[i * D + l] - (s.a[i] > 0 ? 0.05 * v[l] : 0);
      }
      kl_variation(after.x, before.a, g);
      mirror(before.a, g, 0.3, kept, after.a);
      assert_status(IFT_OK, ift_flow_step(flow, 1));
      check_positions(flow, after.x, 1e-12);
      check_weights(flow, after.a, 1e-11);
    }
    ift_flow_destroy(flow);
  }
}

static const struct {
  const char *geometry, *options;
  bool metric;
} modes[] = {
    {"wasserstein", "transport=explicit", false},
    {"wasserstein", "transport=heun", false},
    {"wasserstein", "transport=implicit tau=0.2", false},
    {"wasserstein", "transport=langevin tau=0.1", false},
    {"wasserstein", "noise=0.2", false},
    {"fisher-rao", "reaction=mirror", false},
    {"spherical-fisher-rao", "reaction=birth-death eta=0.5", false},
    {"spherical-wfr", "reaction=hellinger splitting=strang", false},
    {"wfr", "center=old transport=langevin tau=0.1", false},
    {"spherical-wfr", "transport=langevin tau=0.1 reaction=birth-death eta=0.5", false},
    {"spherical-ift", "reaction=auto", true},
    {"ift", "reaction=linearized regularization=0.1 eta=0.05", true},
    {"spherical-ift", "reaction=newton eta=0.1 transport=heun", true},
    {"spherical-mmd", "reaction=gradient", false},
};
enum { MODES = sizeof modes / sizeof modes[0] };

static ift_flow *mode_flow(int mode, const ift_energy *energy, const scene *s) {
  ift_flow *flow = make_flow(context, modes[mode].geometry, energy, s->x, N, D, s->a);
  assert_true(flow_takes(flow, modes[mode].options));
  if (modes[mode].metric) {
    ift_kernel *kernel = make_kernel(context, "gaussian:0.7");
    assert_status(IFT_OK, ift_flow_set_kernel(flow, kernel));
    ift_kernel_destroy(kernel);
  }
  return flow;
}

static scene mode_scene(int mode) {
  scene s = make_scene(72, 1, 1);
  const bool jumps = strstr(modes[mode].options, "birth") != NULL;
  for (int i = 0; jumps && i < N; i++) s.a[i] = 1.0 / N;
  return s;
}

/* A density by functions that are the mixture's own: the same run, to the last bit. */
static void test_opaque(void **state) {
  (void)state;
  for (int mode = 0; mode < MODES; mode++) {
    const scene s = mode_scene(mode);
    host h = {0};
    ift_target *inner = make_mixture(context, &kl_pi), *outer = host_density(context, &h, inner);
    snapshot shots[2];
    for (int k = 0; k < 2; k++) {
      ift_energy *energy;
      assert_status(IFT_OK, ift_energy_kl(context, &energy, k ? outer : inner, KL_BANDWIDTH));
      ift_flow *flow = mode_flow(mode, energy, &s);
      assert_status(IFT_OK, ift_flow_step(flow, 6));
      shots[k] = snap(flow);
      ift_flow_destroy(flow);
      ift_energy_destroy(energy);
    }
    assert_same_state(shots[0], shots[1]);
    assert_true(h.calls >= 7);
    ift_target_destroy(outer);
    ift_target_destroy(inner);
  }
}

/* Under control F never rises; in geometries that keep the mass it stays. */
static void test_descent(void **state) {
  (void)state;
  for (int mode = 0; mode < MODES; mode++) {
    const scene s = mode_scene(mode);
    ift_energy *energy = make_kl(context, &kl_pi, KL_BANDWIDTH);
    ift_flow *flow = mode_flow(mode, energy, &s);
    char control[64];
    assert_status(IFT_OK, ift_flow_get_text(flow, "step_control", control, sizeof control));
    const bool monotone = strcmp(control, "monotone") == 0;
    const bool kept = strstr(modes[mode].geometry, "spherical") || strstr(modes[mode].geometry, "wasserstein");
    double before = flow_real(flow, "energy");
    const double first = before;
    for (int k = 0; k < 20; k++) {
      assert_true(ift_flow_step(flow, 1) >= 0);
      if (monotone) assert_true(flow_real(flow, "energy") <= before);
      if (kept) assert_near(flow_real(flow, "mass"), 1, 1e-14, 0);
      before = flow_real(flow, "energy");
    }
    if (monotone) assert_true(before < first - 1e-3);
    ift_flow_destroy(flow);
    ift_energy_destroy(energy);
  }
}

/* N(0, 1/4 I) on the half plane x_0 > 0. */
static int half_log_density(double *values, const double *x, int64_t n, int64_t d, void *user) {
  (void)user;
  for (int64_t i = 0; i < n; i++)
    values[i] = x[i * d] > 0 ? -2 * (x[i * d] * x[i * d] + x[i * d + 1] * x[i * d + 1]) : -INFINITY;
  return 0;
}

static int half_score(double *scores, const double *x, int64_t n, int64_t d, void *user) {
  (void)user;
  for (int64_t k = 0; k < n * d; k++) scores[k] = -4 * x[k];
  return 0;
}

/* Where log pi is -infinity no particle may go: a step of a fixed size that would is an error, and the flow is as it
 * was; under control steps are shortened. */
static void test_support(void **state) {
  (void)state;
  scene s = make_scene(73, 1, 1);
  for (int i = 0; i < N; i++) s.x[i * D] = 0.05 + 0.1 * i;
  ift_target *target;
  ift_energy *energy;
  assert_status(IFT_OK, ift_target_density(context, &target, D, half_log_density, half_score, NULL, NULL, NULL));
  assert_status(IFT_OK, ift_energy_kl(context, &energy, target, 0.3));
  ift_target_destroy(target);
  ift_flow *flow = make_flow(context, "wasserstein", energy, s.x, N, D, s.a);
  assert_true(flow_takes(flow, "step_control=fixed tau=0.6"));
  const snapshot before = snap(flow);
  assert_status(IFT_ERR_NOT_FINITE, ift_flow_step(flow, 1));
  assert_message(context, "the log-density of the target is -inf at point");
  assert_message(context, "outside its support");
  assert_same_state(before, snap(flow));
  flow_set(flow, "step_control", "monotone");
  assert_status(IFT_OK, ift_flow_step(flow, 8));
  assert_true(flow_real(flow, "energy") < before.energy);
  assert_true(flow_real(flow, "tau_taken") < 0.6);
  for (int i = 0; i < N; i++) assert_true(particles_of(flow).x[i * D] > 0);
  /* in the end a particle that is pushed against the edge has no room left for any step */
  assert_status(IFT_ERR_NOT_FINITE, ift_flow_step(flow, 100));
  assert_message(context, "outside its support");
  const snapshot at_the_edge = snap(flow);
  assert_status(IFT_ERR_NOT_FINITE, ift_flow_step(flow, 1));
  assert_same_state(at_the_edge, snap(flow));
  ift_flow_destroy(flow);
  s.x[4] = -1; /* one is outside from the start */
  ift_measure *measure = make_measure(context, s.x, N, D, s.a);
  assert_status(IFT_ERR_NOT_FINITE, ift_flow_create(context, &flow, "wasserstein", energy, measure));
  assert_message(context, "at point 2, which is outside its support");
  assert_null(flow);
  ift_measure_destroy(measure);
  ift_energy_destroy(energy);
}

/* A particle of weight 0 has no blob: in the tails of the others it would be driven off ever faster. It rests, whatever
 * the transport but Langevin's, which knows no blobs. */
static void test_dead_rest(void **state) {
  (void)state;
  static const char *const transports[] = {"explicit", "euclidean", "heun", "implicit", "langevin"};
  for (size_t t = 0; t < sizeof transports / sizeof transports[0]; t++) {
    scene s = make_scene(75, 1, 1);
    s.a[4] += s.a[3];
    s.a[3] = 0;
    s.x[6] = 6; /* twelve bandwidths or so from the others */
    ift_flow *flow = kl_flow(context, &s, "wasserstein");
    flow_set(flow, "transport", transports[t]);
    assert_status(IFT_OK, ift_flow_step(flow, 50));
    const double x = particles_of(flow).x[6];
    assert_true(strcmp(transports[t], "langevin") ? x == 6 : x != 6);
    assert_true(particles_of(flow).x[8] != s.x[8]);
    ift_flow_destroy(flow);
  }
}

/* Quantities that do not apply say so. */
static void test_quantities(void **state) {
  (void)state;
  const scene s = make_scene(74, 1, 1);
  ift_flow *flow = kl_flow(context, &s, "spherical-wfr");
  assert_status(IFT_OK, ift_flow_step(flow, 1));
  assert_true(isnan(flow_real(flow, "mmd2")));
  assert_true(isnan(flow_real(flow, "gap")));
  assert_true(isnan(flow_real(flow, "guaranteed_rate")));
  assert_true(isfinite(flow_real(flow, "energy")) && isfinite(flow_real(flow, "dissipation")));
  ift_flow_destroy(flow);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_transport_keeps_shares),
      cmocka_unit_test(test_reactions_mend_shares),
      cmocka_unit_test(test_steps),
      cmocka_unit_test(test_opaque),
      cmocka_unit_test(test_descent),
      cmocka_unit_test(test_support),
      cmocka_unit_test(test_dead_rest),
      cmocka_unit_test(test_quantities),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
