/* Reaction newton: on 1/2 MMD^2 it is reaction implicit; for other energies, the minimizer of the quadratic model by
 * its optimality conditions. */
#include "kl.h"
#include "support/host.h"
#include "support/fixture.h"

/* K + eta K with t = (1 + eta) K a - eta (K a - c) is (1 + eta) times the problem of the implicit step, with a
 * regularization as well. */
static void test_is_implicit_for_mmd(void **state) {
  (void)state;
  static const char *const geometries[] = {"spherical-mmd", "mmd", "spherical-ift", "ift"},
                           *const kernels[] = {"gaussian:0.3", "matern32:0.7", "riesz:1.2", "laplace:1"},
                           *const etas[] = {"0.05", "1.5"}, *const regularizations[] = {"0", "0.02"};
  for (int g = 0; g < 4; g++)
    for (int k = 0; k < 4; k++)
      for (int e = 0; e < 4; e++) {
        const scene s = make_scene(40, 1, g % 2 ? 1.3 : 1);
        particles p[2];
        double speed[2];
        for (int newton = 0; newton < 2; newton++) {
          ift_flow *flow = scene_flow(context, &s, geometries[g], kernels[k]);
          flow_set(flow, "reaction", newton ? "newton" : "implicit");
          flow_set(flow, "step_control", "fixed");
          flow_set(flow, "eta", etas[e % 2]);
          flow_set(flow, "regularization", regularizations[e / 2]);
          if (g >= 2) flow_set(flow, "tau", "0.05");
          assert_status(IFT_OK, ift_flow_step(flow, 5));
          p[newton] = particles_of(flow);
          speed[newton] = flow_real(flow, "reaction_dissipation");
          ift_flow_destroy(flow);
        }
        assert_near(speed[0], speed[1], 1e-7, 1e-13); /* in the same metric */
        for (int i = 0; i < N * D; i++) assert_near(p[0].x[i], p[1].x[i], 1e-10, 1e-10);
        for (int i = 0; i < N; i++) assert_near(p[0].a[i], p[1].a[i], 1e-10, 1e-10);
      }
}

/* The metric's matrix of a Gaussian kernel of width 0.7. */
static void gram_of(const double *x, double *gram) {
  for (int i = 0; i < N; i++)
    for (int j = 0; j < N; j++) gram[i * N + j] = formula_value(&gaussian, x + i * D, x + j * D, D);
}

/* phi_ij / sqrt(rho_i rho_j), what kl offers as its second derivative. */
static void kl_hessian(const double *x, const double *a, double *out) {
  const blobs b = {&kl_pi, KL_BANDWIDTH, N, x, a};
  for (int i = 0; i < N; i++)
    for (int j = 0; j < N; j++)
      out[i * N + j] =
          (double)(blobs_phi(&b, x + i * D, x + j * D) / sqrtl(blobs_rho(&b, x + i * D) * blobs_rho(&b, x + j * D)));
}

/* r = (K + eta H + eps)(b - a) + eta g is one number (0 where mass is free) where b > 0, and nowhere below it. */
static void check_optimal(const double *k, const double *h, const double *g, const double *a, const double *b,
                          double eta, double eps, bool kept) {
  double r[N], lowest = INFINITY;
  for (int i = 0; i < N; i++) {
    r[i] = eta * g[i] + eps * (b[i] - a[i]);
    for (int j = 0; j < N; j++) r[i] += (k[i * N + j] + eta * h[i * N + j]) * (b[j] - a[j]);
    lowest = fmin(lowest, r[i]);
  }
  if (!kept) lowest = 0;
  for (int i = 0; i < N; i++) {
    if (b[i] > 0) assert_near(r[i], lowest, 0, 1e-9);
    assert_true(r[i] >= lowest - 1e-9);
  }
}

static void test_kl(void **state) {
  (void)state;
  static const double etas[] = {0.02, 0.3}, regularizations[] = {0, 0.1};
  for (int c = 0; c < 8; c++) {
    const bool kept = c & 1;
    const double eta = etas[c >> 1 & 1], eps = regularizations[c >> 2 & 1];
    scene s = make_scene(41, kept ? 1 : 0.6, 1);
    s.a[4] += s.a[3];
    s.a[3] = 0; /* it may be given weight */
    ift_flow *flow = kl_flow(context, &s, kept ? "spherical-mmd" : "mmd");
    ift_kernel *kernel = make_kernel(context, "gaussian:0.7");
    assert_status(IFT_OK, ift_flow_set_kernel(flow, kernel));
    ift_kernel_destroy(kernel);
    flow_set(flow, "reaction", "newton");
    flow_set(flow, "step_control", "fixed");
    assert_status(IFT_OK, ift_flow_set_real(flow, "eta", eta));
    assert_status(IFT_OK, ift_flow_set_real(flow, "regularization", eps));
    double k[N * N], h[N * N], g[N];
    gram_of(s.x, k);
    kl_hessian(s.x, s.a, h);
    kl_variation(s.x, s.a, g);
    assert_status(IFT_OK, ift_flow_step(flow, 1));
    check_optimal(k, h, g, s.a, particles_of(flow).a, eta, eps, kept);
    ift_flow_destroy(flow);
  }
}

/* It lowers F of kl, under control and with small steps of a fixed size. */
static void test_lowers_kl(void **state) {
  (void)state;
  static const char *const geometries[] = {"spherical-ift", "ift", "spherical-mmd", "mmd"};
  for (int c = 0; c < 8; c++) {
    const scene s = make_scene(42, 1, 1);
    ift_flow *flow = kl_flow(context, &s, geometries[c / 2]);
    ift_kernel *kernel = make_kernel(context, "gaussian:0.7");
    assert_status(IFT_OK, ift_flow_set_kernel(flow, kernel));
    ift_kernel_destroy(kernel);
    flow_set(flow, "reaction", "newton");
    if (c % 2) {
      flow_set(flow, "step_control", "fixed");
      flow_set(flow, "eta", "0.005");
      if (c < 4) flow_set(flow, "tau", "0.01");
    }
    const double first = flow_real(flow, "energy");
    double before = first;
    for (int step = 0; step < 10; step++) {
      const ift_status status = ift_flow_step(flow, 1);
      assert_true(status == IFT_OK || (c % 2 == 0 && status == IFT_STALLED));
      assert_true(flow_real(flow, "energy") <= before);
      before = flow_real(flow, "energy");
    }
    assert_true(before < first - 1e-3);
    ift_flow_destroy(flow);
  }
}

/* A potential has no second derivative in the weights: the step is the linearized one. */
static void test_is_linearized_for_potentials(void **state) {
  (void)state;
  static const char *const reactions[] = {"linearized", "newton"};
  const scene s = make_scene(43, 1, 1);
  particles p[2];
  for (int k = 0; k < 2; k++) {
    host h = {.scale = 1};
    ift_energy *energy;
    assert_status(IFT_OK, ift_energy_potential(context, &energy, D, host_potential, &h, NULL));
    ift_flow *flow = make_flow(context, "spherical-mmd", energy, s.x, N, D, s.a);
    ift_kernel *kernel = make_kernel(context, "gaussian:0.3");
    assert_status(IFT_OK, ift_flow_set_kernel(flow, kernel));
    ift_kernel_destroy(kernel);
    flow_set(flow, "step_control", "fixed");
    flow_set(flow, "reaction", reactions[k]);
    flow_set(flow, "regularization", "0");
    flow_set(flow, "eta", "0.02");
    assert_status(IFT_OK, ift_flow_step(flow, 3));
    p[k] = particles_of(flow);
    ift_flow_destroy(flow);
    ift_energy_destroy(energy);
  }
  for (int i = 0; i < N; i++) assert_near(p[0].a[i], p[1].a[i], 1e-10, 1e-10);
}

/* A sum of mmd and a potential: the Hessian of the first times its coefficient. */
static void test_sum(void **state) {
  (void)state;
  const scene s = make_scene(44, 1, 1);
  const double coefficients[2] = {2, 0.5}, eta = 0.4;
  host h = {.scale = 1};
  ift_energy *mmd = make_energy(context, "matern32:0.8", s.y, M, D, s.w), *potential, *sum;
  assert_status(IFT_OK, ift_energy_potential(context, &potential, D, host_potential, &h, NULL));
  const ift_energy *parts[2] = {mmd, potential};
  assert_status(IFT_OK, ift_energy_sum(context, &sum, coefficients, parts, 2));
  ift_flow *flow = make_flow(context, "spherical-mmd", sum, s.x, N, D, s.a);
  ift_kernel *kernel = make_kernel(context, "gaussian:0.7");
  assert_status(IFT_OK, ift_flow_set_kernel(flow, kernel));
  ift_kernel_destroy(kernel);
  flow_set(flow, "reaction", "newton");
  flow_set(flow, "step_control", "fixed");
  assert_status(IFT_OK, ift_flow_set_real(flow, "eta", eta));
  const formula matern = {"matern32", "", 0.8, 0, false, false, true};
  double k[N * N], hessian[N * N], g[N];
  gram_of(s.x, k);
  for (int i = 0; i < N * N; i++) hessian[i] = 2 * formula_value(&matern, s.x + i / N * D, s.x + i % N * D, D);
  for (int i = 0; i < N; i++)
    g[i] = 2 * scene_g(&s, &matern, false, s.x + i * D, s.x, s.a) +
           0.5 * (s.x[2 * i] * s.x[2 * i] + s.x[2 * i + 1] * s.x[2 * i + 1]) / 2;
  assert_status(IFT_OK, ift_flow_step(flow, 1));
  check_optimal(k, hessian, g, s.a, particles_of(flow).a, eta, 0, true);
  ift_flow_destroy(flow);
  ift_energy_destroy(sum);
  ift_energy_destroy(mmd);
  ift_energy_destroy(potential);
}

/* No second derivative, one of the wrong sign in a sum, no kernel, centers. */
static void test_refused(void **state) {
  (void)state;
  const scene s = make_scene(45, 1, 1);
  host h = {.scale = 1};
  const double coefficients[2] = {1, -1}, ones[2] = {1, 1};
  ift_kernel *kernel = make_kernel(context, "gaussian:0.7");
  ift_energy *energies[4], *kl = make_kl(context, &kl_pi, 0.5);
  assert_status(IFT_OK, ift_energy_interaction(context, &energies[0], D, kernel));
  assert_status(IFT_OK, ift_energy_custom(context, &energies[1], D, host_evaluate, &h, NULL));
  const ift_energy *signs[2] = {kl, kl}, *lacking[2] = {kl, energies[0]};
  assert_status(IFT_OK, ift_energy_sum(context, &energies[2], coefficients, signs, 2));
  assert_status(IFT_OK, ift_energy_sum(context, &energies[3], ones, lacking, 2));
  static const char *const messages[] = {
      "reaction 'newton' needs a second derivative, which energy 'interaction' lacks",
      "reaction 'newton' needs a second derivative, which energy 'custom' lacks",
      "part 1 of a sum of energies, -1 times a 'kl', offers no second derivative",
      "part 1 of a sum of energies, 1 times a 'interaction', offers no second derivative"};
  for (int k = 0; k < 4; k++) {
    ift_flow *flow = make_flow(context, "spherical-ift", energies[k], s.x, N, D, s.a);
    flow_set(flow, "reaction", "newton");
    assert_refused(context, flow, IFT_ERR_CAPABILITY, "reaction 'newton' needs a kernel");
    assert_status(IFT_OK, ift_flow_set_kernel(flow, kernel));
    flow_set(flow, "center", "old");
    assert_refused(context, flow, IFT_ERR_OPTION, "center is 'old', which reaction 'newton' does not know");
    flow_set(flow, "center", "new");
    const snapshot before = snap(flow);
    assert_refused(context, flow, IFT_ERR_CAPABILITY, messages[k]);
    assert_same_state(before, snap(flow));
    flow_set(flow, "reaction", "linearized");
    assert_true(ift_flow_step(flow, 1) >= 0);
    ift_flow_destroy(flow);
    ift_energy_destroy(energies[k]);
  }
  ift_energy_destroy(kl);
  ift_kernel_destroy(kernel);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_is_implicit_for_mmd),          cmocka_unit_test(test_kl),  cmocka_unit_test(test_lowers_kl),
      cmocka_unit_test(test_is_linearized_for_potentials), cmocka_unit_test(test_sum), cmocka_unit_test(test_refused),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
