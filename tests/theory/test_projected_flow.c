/* T14, the projected MMD flow. By Theorem 3.4 of the paper the MMD flow of F = 1/2 MMD^2 is mu' = -(mu - pi). Particles
 * follow it as well as they can: (dx, da) with sum da = 0 is closest to it in the norm of the kernel's Hilbert space,
 *
 *     min |sum_i (a_i dx_i . grad k(x_i, .) + da_i k(x_i, .)) + mu - pi|.
 *
 * Geometry `projected-mmd` takes Euler steps of it, with the weights that are the best ones at the new positions. Checked
 * is, without damping,
 *  (a) common support: F_k = (1 - eta)^{2k} F_0 to 1e-10 relative over 40 steps of 0.1, and F_1 = 0 with eta = 1;
 *  (b) anywhere, as eta -> 0: the velocities are those of the problem above, solved by elimination, and F falls at the
 *      rate that is reported;
 * and with damping and steps of any length
 *  (c) the weights: those of the best of all faces for t = (1 - eta) K a + eta c, K between new and old positions;
 *  (d) mass: |sum b - m| <= 1e-15 n m after 100 steps; F never rises under control;
 *  (e) close to a target of as many particles, steps of eta = 1 converge quadratically. */
#include "theory/problem.h"
#include "support/fixture.h"

enum { D = 2, STRIDE = D + 1 };

static const formula smooth[] = {
    {"gaussian", "gaussian:0.5", 0.5, 0, false, false, true},
    {"matern52", "matern52:0.8", 0.8, 0, false, false, true},
    {"imq", "imq:0.5", 0.5, 0.5, false, false, true},
};
enum { KERNELS = sizeof smooth / sizeof smooth[0] };

static ift_flow *open_flow(const problem *p, double eta, const char *damping) {
  ift_flow *flow = problem_flow(context, p, "projected-mmd");
  flow_set_real(flow, "eta", eta);
  flow_set_text(flow, "damping", damping);
  return flow;
}

/* A jittered grid, the target on the same points with other weights. */
static problem common_support(const formula *kernel, uint64_t seed) {
  problem p = {.kernel = *kernel, .n = 12, .m = 12, .d = D};
  dice dice_ = {seed};
  place_on_grid(&dice_, p.x, 0.15);
  memcpy(p.y, p.x, sizeof p.x);
  dice_weights(&dice_, p.a, 12, 1.3);
  dice_weights(&dice_, p.w, 12, 1.3);
  return p;
}

static void test_common_support(void **state) {
  (void)state;
  double worst = 0, whole = 0;
  for (int f = 0; f < KERNELS; f++)
    for (uint64_t seed = 1; seed <= 3; seed++) {
      problem p = common_support(&smooth[f], seed), q = p;
      long double expected = problem_energy(&p, p.x, p.a);
      ift_flow *flow = open_flow(&p, 0.1, "0");
      for (int k = 1; k <= 40; k++) {
        problem_follow(&p, flow);
        expected *= 0.9L * 0.9L;
        theory_worst(&worst, (double)fabsl(problem_energy(&p, p.x, p.a) / expected - 1));
      }
      ift_flow_destroy(flow);
      flow = open_flow(&q, 1, "0");
      problem_follow(&q, flow);
      theory_worst(&whole, (double)problem_energy(&q, q.x, q.a));
      ift_flow_destroy(flow);
    }
  theory_report("T14", "a-decay", worst, 1e-10);
  theory_report("T14", "a-whole-step", whole, 1e-16);
}

/* The inner products of the columns a_i d/dx_il k(x_i, .) and k(x_i, .) for the Gaussian, unknowns point by point, weights
 * first; with the last row and column for the mass. */
static void set_system(const problem *p, long double *matrix, long double *right) {
  const long double rate = 1 / ((long double)p->kernel.p * p->kernel.p);
  const int64_t n = p->n, size = n * STRIDE + 1;
  double v[MOST_PARTICLES * D];
  problem_v(p, v);
  for (int64_t i = 0; i < size * size; i++) matrix[i] = 0;
  for (int64_t i = 0; i < n; i++)
    for (int64_t j = 0; j < n; j++) {
      const double *x = p->x + i * D, *y = p->x + j * D;
      const long double k = problem_k(p, x, y);
      for (int r = 0; r < STRIDE; r++)
        for (int s = 0; s < STRIDE; s++) {
          const long double zr = r ? -rate * (x[r - 1] - y[r - 1]) : 1, zs = s ? rate * (x[s - 1] - y[s - 1]) : 1;
          const long double value = k * (zr * zs + (r && r == s ? rate : 0));
          matrix[(i * STRIDE + r) * size + j * STRIDE + s] = (r ? p->a[i] : 1) * (s ? p->a[j] : 1) * value;
        }
    }
  for (int64_t i = 0; i < n; i++) {
    matrix[i * STRIDE * size + size - 1] = matrix[(size - 1) * size + i * STRIDE] = 1;
    right[i * STRIDE] = -problem_g(p, p->x + i * D);
    for (int l = 0; l < D; l++) right[i * STRIDE + 1 + l] = -p->a[i] * (long double)v[i * D + l];
  }
  right[size - 1] = 0;
}

static void test_velocities(void **state) {
  (void)state;
  double velocities = 0, rates = 0;
  for (uint64_t seed = 1; seed <= 5; seed++) {
    enum { N = 5, SIZE = N * STRIDE + 1 };
    const double eta = 1e-6;
    dice dice_ = {seed};
    problem p = {.kernel = smooth[0], .n = N, .m = 20, .d = D}, q;
    dice_normals(&dice_, p.x, N * D);
    dice_normals(&dice_, p.y, 20 * D);
    dice_weights(&dice_, p.a, N, 1);
    dice_weights(&dice_, p.w, 20, 1);
    long double matrix[SIZE * SIZE], right[SIZE], slope[SIZE], fall = 0, largest = 0;
    set_system(&p, matrix, right);
    memcpy(slope, right, sizeof right);
    assert_true(eliminate(matrix, right, SIZE));
    for (int k = 0; k + 1 < SIZE; k++) fall += slope[k] * right[k];
    ift_flow *flow = open_flow(&p, eta, "0");
    q = p;
    problem_follow(&q, flow);
    for (int i = 0; i < N; i++)
      for (int r = 0; r < STRIDE; r++) largest = fmaxl(largest, fabsl(right[i * STRIDE + r]));
    for (int i = 0; i < N; i++)
      for (int r = 0; r < STRIDE; r++) {
        const long double rate =
            (r ? (long double)q.x[i * D + r - 1] - p.x[i * D + r - 1] : (long double)q.a[i] - p.a[i]) / eta;
        theory_worst(&velocities, (double)(fabsl(rate - right[i * STRIDE + r]) / largest));
      }
    theory_worst(&rates, (double)fabsl(flow_real(flow, "dissipation") / fall - 1));
    theory_worst(&rates,
                 (double)fabsl((problem_energy(&p, p.x, p.a) - problem_energy(&q, q.x, q.a)) / (eta * fall) - 1));
    ift_flow_destroy(flow);
  }
  theory_report("T14", "b-velocities", velocities, 1e-4);
  theory_report("T14", "b-rates", rates, 1e-4);
}

static void test_weights(void **state) {
  (void)state;
  static const double etas[] = {0.1, 0.7, 1, 1.5};
  double worst = 0;
  for (uint64_t seed = 1; seed <= 30; seed++) {
    dice dice_ = {seed};
    problem p = random_problem(&dice_, &smooth[seed % KERNELS], 8, true, seed % 2), q = p;
    double K[MOST_PARTICLES * MOST_PARTICLES], across[MOST_PARTICLES * MOST_PARTICLES], t[MOST_PARTICLES],
        b[MOST_PARTICLES];
    const double eta = etas[seed % 4];
    ift_flow *flow = open_flow(&p, eta, seed % 3 ? "0.05" : "1");
    problem_follow(&q, flow);
    problem_matrix(&q, K, q.x, q.n, q.x, q.n);
    problem_matrix(&q, across, q.x, q.n, p.x, p.n);
    problem_c(&q, t, q.x);
    for (int64_t i = 0; i < q.n; i++) {
      t[i] *= eta;
      for (int64_t j = 0; j < q.n; j++) t[i] += (1 - eta) * across[i * q.n + j] * p.a[j];
    }
    const double cond = condition(K, q.n);
    if (cond < 1e4) {
      minimize_weights(K, t, q.n, total(p.a, p.n), b);
      for (int64_t i = 0; i < q.n; i++) theory_worst(&worst, fabs(q.a[i] - b[i]));
    }
    for (int64_t i = 0; i < q.n; i++) /* the dead rest */
      assert_true(p.a[i] > 0 || memcmp(q.x + i * D, p.x + i * D, D * sizeof(double)) == 0);
    ift_flow_destroy(flow);
  }
  theory_report("T14", "c-weights", worst, 1e-12);
}

static void test_mass_and_descent(void **state) {
  (void)state;
  double mass = 0, rise = -INFINITY;
  for (uint64_t seed = 1; seed <= 12; seed++) {
    dice dice_ = {100 + seed};
    problem p = random_problem(&dice_, &smooth[seed % KERNELS], 12, seed % 2, seed % 3);
    const double m = total(p.a, p.n);
    for (int controlled = 0; controlled < 2; controlled++) {
      ift_flow *flow = open_flow(&p, controlled ? 3 : 0.5, controlled ? "auto" : "0.01");
      if (controlled) flow_set_text(flow, "step_control", "monotone");
      double last = flow_real(flow, "energy");
      for (int k = 0; k < 100; k++) {
        const ift_status status = ift_flow_step(flow, 1);
        if (controlled && status == IFT_STALLED) break;
        assert_status(IFT_OK, status);
        theory_worst(&mass,
                     fabs(total(ift_measure_weights(ift_flow_measure(flow)), p.n) - m) / (1e-15 * (double)p.n * m));
        const double now = flow_real(flow, "energy");
        if (controlled) theory_worst(&rise, now - last);
        last = now;
      }
      ift_flow_destroy(flow);
    }
  }
  theory_report("T14", "d-mass", mass, 1);
  theory_report("T14", "d-rise", rise, 0);
}

/* F, the square of a distance, after one whole step from particles about h away from the target's. */
static double energy_after(uint64_t seed, double h) {
  problem p = common_support(&smooth[0], seed);
  dice dice_ = {seed};
  for (int i = 0; i < 12 * D; i++) p.y[i] += h * dice_normal(&dice_);
  for (int i = 0; i < 12; i++) p.a[i] = p.w[i] + h * (p.a[i] - p.w[i]);
  ift_flow *flow = open_flow(&p, 1, "0");
  problem_follow(&p, flow);
  ift_flow_destroy(flow);
  return (double)problem_energy(&p, p.x, p.a);
}

static void test_quadratic_convergence(void **state) {
  (void)state;
  double least = INFINITY;
  for (uint64_t seed = 1; seed <= 5; seed++)
    least = fmin(least, theory_order(energy_after(seed, 0.01), energy_after(seed, 0.005), 2) / 2);
  theory_remark("T14", "order of the distance after a step in that before it: %.3f", least);
  theory_report("T14", "e-order", 2 - least, 0.1);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_common_support),
      cmocka_unit_test(test_velocities),
      cmocka_unit_test(test_weights),
      cmocka_unit_test(test_mass_and_descent),
      cmocka_unit_test(test_quadratic_convergence),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
