/* The kernel of MMD reactions as a flow's own: what is on auto then, steps in that metric by their formulas, and modes
 * that are refused for want of it. */
#include "kl.h"
#include "support/guest.h"
#include "support/host.h"
#include "support/fixture.h"

static void give_kernel(ift_flow *flow, const char *spec) {
  ift_kernel *kernel = make_kernel(context, spec);
  assert_status(IFT_OK, ift_flow_set_kernel(flow, kernel));
  ift_kernel_destroy(kernel);
}

static void assert_text(const ift_flow *flow, const char *option, const char *expected) {
  char text[64];
  assert_status(IFT_OK, ift_flow_get_text(flow, option, text, sizeof text));
  assert_string_equal(text, expected);
}

/* auto: exponential in the energy's own kernel; positive in another one, and for other energies, with eps = 0.1 mass
 * max K_ii; eta a fifth of the smoothness relative to the entropy, times eps. */
static void test_automatic(void **state) {
  (void)state;
  const scene s = make_scene(50, 1.5, 1);
  ift_flow *flow = scene_flow(context, &s, "spherical-ift", "2*gaussian:0.7");
  assert_text(flow, "reaction", "exponential");
  assert_true(flow_real(flow, "regularization") == 0);
  give_kernel(flow, "3*gaussian:1");
  assert_text(flow, "reaction", "positive");
  assert_near(flow_real(flow, "regularization"), 0.1 * 1.5 * 3, 1e-13, 0);
  assert_near(flow_real(flow, "eta"), 0.2 / (2 * 1.5) * 0.1 * 1.5 * 3, 1e-13, 0);
  flow_set(flow, "reaction", "linearized");
  assert_near(flow_real(flow, "regularization"), 0.1 * 3, 1e-13, 0);
  assert_near(flow_real(flow, "eta"), 0.2 / (2 * 1.5) * 0.3 * 1.5 / N, 1e-13, 0);
  flow_set(flow, "regularization", "0");
  assert_near(flow_real(flow, "eta"), 0.2 / (2 * 1.5) * 1.5 * 3, 1e-13, 0);
  flow_set(flow, "regularization", "auto");
  flow_set(flow, "reaction", "newton");
  assert_true(flow_real(flow, "regularization") == 0);
  flow_set(flow, "reaction", "auto");
  flow_set(flow, "regularization", "0.7");
  assert_true(flow_real(flow, "regularization") == 0.7);
  assert_near(flow_real(flow, "eta"), 0.2 / (2 * 1.5) * 0.7, 1e-13, 0);
  flow_set(flow, "regularization", "auto");
  assert_status(IFT_OK, ift_flow_set_kernel(flow, NULL)); /* the energy's again */
  assert_text(flow, "reaction", "exponential");
  ift_flow_destroy(flow);

  flow = kl_flow(context, &s, "ift");
  assert_text(flow, "reaction", "positive");
  give_kernel(flow, "gaussian:0.7");
  assert_near(flow_real(flow, "regularization"), 0.15, 1e-13, 0);
  assert_near(flow_real(flow, "eta"), 0.2 * 0.15, 1e-13, 0); /* KL is 1-smooth */
  flow_set(flow, "reaction", "gradient");
  assert_near(flow_real(flow, "eta"), 0.2 * 1.5 / N, 1e-13, 0);
  ift_flow_destroy(flow);
}

/* Where nothing is known of the energy, weights change by a fifth or so of themselves: 0.2 over the range of g. */
static void test_automatic_by_range(void **state) {
  (void)state;
  scene s = make_scene(51, 1, 1);
  s.a[4] += s.a[3];
  s.a[3] = 0; /* the dead one has no say */
  s.x[6] = 50;
  host h = {.scale = 1};
  ift_energy *energy;
  assert_status(IFT_OK, ift_energy_potential(context, &energy, D, host_potential, &h, NULL));
  double low = INFINITY, high = 0;
  for (int i = 0; i < N; i++) {
    const double g = (s.x[2 * i] * s.x[2 * i] + s.x[2 * i + 1] * s.x[2 * i + 1]) / 2;
    if (i != 3) low = fmin(low, g), high = fmax(high, g);
  }
  ift_flow *flow = make_flow(context, "spherical-fisher-rao", energy, s.x, N, D, s.a);
  assert_near(flow_real(flow, "eta"), 0.2 / (high - low), 1e-13, 0);
  ift_flow_destroy(flow);
  flow = make_flow(context, "fisher-rao", energy, s.x, N, D, s.a);
  assert_near(flow_real(flow, "eta"), 0.2 / high, 1e-13, 0);
  ift_flow_destroy(flow);
  flow = make_flow(context, "spherical-ift", energy, s.x, N, D, s.a);
  give_kernel(flow, "2*gaussian:1");
  assert_near(flow_real(flow, "eta"), 0.2 / (high - low) * 0.1 * 2, 1e-13, 0);
  ift_flow_destroy(flow);
  ift_energy_destroy(energy);
}

/* Solves (A^1/2 K A^1/2 + eps) z = A^1/2 f by Gauss-Jordan elimination; out = A^1/2 z. */
static void solve(const double *x, const double *a, double eps, const double *f, double *out) {
  long double m[N][N + 1];
  for (int i = 0; i < N; i++) {
    for (int j = 0; j < N; j++)
      m[i][j] = sqrtl(a[i]) * sqrtl(a[j]) * formula_value(&gaussian, x + i * D, x + j * D, D) + (i == j ? eps : 0);
    m[i][N] = sqrtl(a[i]) * f[i];
  }
  for (int p = 0; p < N; p++)
    for (int i = 0; i < N; i++) {
      const long double factor = m[i][p] / m[p][p];
      for (int j = p; i != p && j <= N; j++) m[i][j] -= factor * m[p][j];
    }
  for (int i = 0; i < N; i++) out[i] = (double)(sqrtl(a[i]) * m[i][N] / m[i][i]);
}

/* a exp(eta a'/a), a' = -M (g - lam), of kl in the flow's own metric. */
static void test_positive_step(void **state) {
  (void)state;
  for (int kept = 0; kept < 2; kept++) {
    scene s = make_scene(52, 0.8, 1);
    s.a[4] += s.a[3];
    s.a[3] = 0;
    ift_flow *flow = kl_flow(context, &s, kept ? "spherical-mmd" : "mmd");
    give_kernel(flow, "gaussian:0.7");
    flow_set(flow, "step_control", "fixed");
    flow_set(flow, "eta", "0.05");
    const double eps = 0.1 * 0.8, ones[N] = {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1};
    double g[N], loss[N], unit[N], b[N], lam = 0, sum = 0, total = 0, rates[N];
    kl_variation(s.x, s.a, g);
    solve(s.x, s.a, eps, g, loss);
    solve(s.x, s.a, eps, ones, unit);
    for (int i = 0; i < N; i++) sum += loss[i], total += unit[i];
    if (kept) lam = sum / total;
    for (int i = 0; i < N; i++) rates[i] = s.a[i] > 0 ? (loss[i] - lam * unit[i]) / s.a[i] : 0;
    mirror(s.a, rates, 0.05, kept, b);
    assert_status(IFT_OK, ift_flow_step(flow, 1));
    check_weights(flow, b, 1e-11);
    assert_true(particles_of(flow).a[3] == 0);
    ift_flow_destroy(flow);
  }
}

/* The linearized step of kl: r = K (b - a) + eta g is lowest where b > 0. And of an mmd energy in another kernel. */
static void test_linearized_step(void **state) {
  (void)state;
  for (int mmd = 0; mmd < 2; mmd++) {
    const scene s = make_scene(53, 1, 1);
    ift_flow *flow =
        mmd ? scene_flow(context, &s, "spherical-mmd", "matern32:0.9") : kl_flow(context, &s, "spherical-mmd");
    const formula matern = {"matern32", "", 0.9, 0, false, false, true};
    give_kernel(flow, "gaussian:0.7");
    flow_set(flow, "reaction", "linearized");
    flow_set(flow, "regularization", "0");
    flow_set(flow, "step_control", "fixed");
    flow_set(flow, "eta", "0.1");
    double g[N], r[N], lowest = INFINITY;
    kl_variation(s.x, s.a, g);
    for (int i = 0; mmd && i < N; i++) g[i] = scene_g(&s, &matern, false, s.x + i * D, s.x, s.a);
    assert_status(IFT_OK, ift_flow_step(flow, 1));
    const particles now = particles_of(flow);
    for (int i = 0; i < N; i++) {
      r[i] = 0.1 * g[i];
      for (int j = 0; j < N; j++) r[i] += formula_value(&gaussian, s.x + i * D, s.x + j * D, D) * (now.a[j] - s.a[j]);
      lowest = fmin(lowest, r[i]);
    }
    for (int i = 0; i < N; i++)
      if (now.a[i] > 0) assert_near(r[i], lowest, 0, 1e-9);
    ift_flow_destroy(flow);
  }
}

/* `gradient` knows no metric: with and without a kernel it is one step. */
static void test_gradient_step(void **state) {
  (void)state;
  const scene s = make_scene(54, 0.7, 1);
  double g[N];
  kl_variation(s.x, s.a, g);
  for (int with = 0; with < 2; with++) {
    ift_flow *flow = kl_flow(context, &s, "mmd");
    if (with) give_kernel(flow, "gaussian:0.7");
    flow_set(flow, "reaction", "gradient");
    flow_set(flow, "step_control", "fixed");
    flow_set(flow, "eta", "0.01");
    assert_status(IFT_OK, ift_flow_step(flow, 1));
    for (int i = 0; i < N; i++) assert_near(particles_of(flow).a[i], fmax(s.a[i] - 0.01 * g[i], 0), 1e-13, 1e-14);
    ift_flow_destroy(flow);
  }
}

/* The energy's own kernel given again is a kernel of the flow's own all the same: linearized steps agree. */
static void test_own_kernel_again(void **state) {
  (void)state;
  const scene s = make_scene(55, 1, 1);
  particles p[2];
  for (int k = 0; k < 2; k++) {
    ift_flow *flow = scene_flow(context, &s, "spherical-ift", "gaussian:0.7");
    if (k) give_kernel(flow, "gaussian:0.7");
    flow_set(flow, "reaction", "linearized");
    flow_set(flow, "regularization", "0");
    flow_set(flow, "eta", "0.3");
    flow_set(flow, "tau", "0.1");
    assert_status(IFT_OK, ift_flow_step(flow, 3));
    p[k] = particles_of(flow);
    ift_flow_destroy(flow);
  }
  assert_memory_equal(&p[0], &p[1], sizeof p[0]);
}

static int set_inside(const ift_flow *flow, void *user) {
  *(ift_status *)user = ift_flow_set_kernel((ift_flow *)flow, NULL);
  return 0;
}

static void test_set_kernel(void **state) {
  (void)state;
  static const char *const without[] = {"wasserstein", "wfr", "spherical-wfr", "fisher-rao", "spherical-fisher-rao"};
  const scene s = make_scene(56, 1, 1);
  ift_context *other = make_context();
  ift_kernel *kernel = make_kernel(context, "gaussian:1"), *foreign = make_kernel(other, "gaussian:1"),
             *riesz_kernel = make_kernel(context, "gaussian:1+0.1*riesz:1");
  for (int k = 0; k < 5; k++) {
    ift_flow *flow = kl_flow(context, &s, without[k]);
    assert_status(IFT_ERR_OPTION, ift_flow_set_kernel(flow, kernel));
    assert_message(context, "has no MMD reaction, and no use for a kernel");
    ift_flow_destroy(flow);
  }
  ift_flow *flow = kl_flow(context, &s, "spherical-ift");
  assert_status(IFT_ERR_ARGUMENT, ift_flow_set_kernel(NULL, kernel));
  assert_status(IFT_ERR_CONTEXT, ift_flow_set_kernel(flow, foreign));
  assert_status(IFT_ERR_CAPABILITY, ift_flow_set_kernel(flow, riesz_kernel));
  assert_message(context, "only conditionally positive definite");
  assert_refused(context, flow, IFT_ERR_CAPABILITY, "needs a kernel"); /* none of these was taken */
  assert_status(IFT_OK, ift_flow_set_kernel(flow, kernel));
  ift_status inside = IFT_OK;
  assert_status(IFT_OK, ift_flow_set_monitor(flow, set_inside, &inside, NULL));
  assert_status(IFT_OK, ift_flow_step(flow, 1));
  assert_status(IFT_ERR_BUSY, inside);
  ift_flow_destroy(flow);
  ift_kernel_destroy(kernel);
  ift_kernel_destroy(foreign);
  ift_kernel_destroy(riesz_kernel);
  ift_context_destroy(other);
}

/* A kernel by a function is held while it is in use, and given back. */
static void test_retained(void **state) {
  (void)state;
  const scene s = make_scene(57, 1, 1);
  guest one = {0}, two = {0};
  ift_flow *flow = kl_flow(context, &s, "spherical-mmd");
  ift_kernel *kernel = guest_kernel(context, &one);
  assert_status(IFT_OK, ift_flow_set_kernel(flow, kernel));
  assert_status(IFT_OK, ift_flow_set_kernel(flow, kernel)); /* twice is no trouble */
  ift_kernel_destroy(kernel);
  assert_status(IFT_OK, ift_flow_step(flow, 1));
  assert_int_equal(one.destroyed, 0);
  assert_true(one.calls > 0);
  kernel = guest_kernel(context, &two);
  assert_status(IFT_OK, ift_flow_set_kernel(flow, kernel));
  ift_kernel_destroy(kernel);
  assert_int_equal(one.destroyed, 1);
  two.act_at = 1;
  two.answer = -2;
  const snapshot before = snap(flow);
  assert_status(IFT_ERR_CALLBACK, ift_flow_step(flow, 1));
  assert_same_state(before, snap(flow));
  ift_flow_destroy(flow);
  assert_int_equal(two.destroyed, 1);
}

/* Modes for which something is missing. */
static void test_refused(void **state) {
  (void)state;
  static const char *const exact[] = {"exponential", "implicit"}, *const metric[] = {"linearized", "newton",
                                                                                     "positive"};
  const scene s = make_scene(58, 1, 1);
  ift_flow *flow = kl_flow(context, &s, "spherical-ift"), *mmd = scene_flow(context, &s, "ift", "gaussian:0.7");
  for (int k = 0; k < 3; k++) {
    flow_set(flow, "reaction", metric[k]);
    assert_refused(context, flow, IFT_ERR_CAPABILITY,
                   "needs a kernel, and energy 'kl' has none of its own: see ift_flow_set_kernel");
  }
  flow_set(flow, "reaction", "auto");
  assert_refused(context, flow, IFT_ERR_CAPABILITY, "reaction 'positive' needs a kernel");
  give_kernel(flow, "gaussian:1");
  give_kernel(mmd, "gaussian:1");
  for (int k = 0; k < 2; k++) {
    flow_set(flow, "reaction", exact[k]);
    assert_refused(context, flow, IFT_ERR_CAPABILITY,
                   "needs an energy that is 1/2 MMD^2 in the reaction's kernel; for any energy and kernel there are");
    flow_set(mmd, "reaction", exact[k]);
    assert_refused(context, mmd, IFT_ERR_CAPABILITY, "needs an energy that is 1/2 MMD^2 in the reaction's kernel");
  }
  flow_set(flow, "reaction", "positive");
  flow_set(flow, "regularization", "0");
  assert_refused(context, flow, IFT_ERR_OPTION, "reaction 'positive' needs a regularization > 0");
  flow_set(flow, "regularization", "auto");
  flow_set(flow, "batch", "5");
  assert_refused(context, flow, IFT_ERR_CAPABILITY, "batches are drawn for energy 'mmd'; this is 'kl'");
  flow_set(flow, "batch", "0");
  flow_set(flow, "accumulate", "yes");
  assert_refused(context, flow, IFT_ERR_OPTION, "accumulate is 'yes', and there is no batch to accumulate");
  flow_set(flow, "accumulate", "no");
  flow_set(flow, "reaction", "linearized");
  flow_set(flow, "rejuvenate", "insert");
  assert_refused(context, flow, IFT_ERR_CAPABILITY, "rejuvenate is 'insert', which is for energy 'mmd'; this is 'kl'");
  flow_set(flow, "rejuvenate", "target"); /* the mixture can be drawn from */
  assert_status(IFT_OK, ift_flow_step(flow, 1));
  ift_flow_destroy(flow);
  ift_flow_destroy(mmd);
}

/* Rejuvenation needs a target, and one to draw from. */
static void test_rejuvenation_refused(void **state) {
  (void)state;
  const scene s = make_scene(59, 1, 1);
  host h = {.scale = 1};
  ift_target *inner = make_mixture(context, &kl_pi), *opaque = host_density(context, &h, inner);
  ift_energy *energies[2];
  assert_status(IFT_OK, ift_energy_kl(context, &energies[0], opaque, 0.5));
  assert_status(IFT_OK, ift_energy_potential(context, &energies[1], D, host_potential, &h, NULL));
  for (int k = 0; k < 2; k++) {
    ift_flow *flow = make_flow(context, "spherical-ift", energies[k], s.x, N, D, s.a);
    give_kernel(flow, "gaussian:1");
    flow_set(flow, "reaction", "linearized");
    flow_set(flow, "rejuvenate", "target");
    assert_refused(context, flow, IFT_ERR_CAPABILITY,
                   k ? "rejuvenate needs an energy with a target; 'potential' has none"
                     : "rejuvenate needs draws of its target; a target 'density' without it was given");
    ift_flow_destroy(flow);
    ift_energy_destroy(energies[k]);
  }
  ift_target_destroy(opaque);
  ift_target_destroy(inner);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_automatic),     cmocka_unit_test(test_automatic_by_range),
      cmocka_unit_test(test_positive_step), cmocka_unit_test(test_linearized_step),
      cmocka_unit_test(test_gradient_step), cmocka_unit_test(test_own_kernel_again),
      cmocka_unit_test(test_set_kernel),    cmocka_unit_test(test_retained),
      cmocka_unit_test(test_refused),       cmocka_unit_test(test_rejuvenation_refused),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
