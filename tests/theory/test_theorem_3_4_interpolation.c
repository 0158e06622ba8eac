/* T1, Theorem 3.4 of the paper. For F(mu) = 1/2 MMD^2(mu, pi) the MMD flow is
 *
 *     mu' = -(mu - pi),   mu_t = e^{-t} mu_0 + (1 - e^{-t}) pi,
 *
 * a linear interpolation, and from a probability measure the spherical flow (10) is the same one.
 *
 * It is checked for particles that sit on the target's points (so that pi can be reached by weights alone, b being the
 * target's), Gram matrices of condition at most 1e4:
 *  - after k steps of size eta the weights are (1-T) a_0 + T b to 1e-12, where T = 1 - e^{-k eta} for `exponential`, the
 *    exact flow, and T = 1 - (1+eta)^{-k} for `implicit`, its minimizing movements; in all MMD geometries (those with
 *    transport at tau = 0), and with free mass also where the mass goes from 0.6 to 1;
 *  - the flow equations themselves, K^{-1} g = a - b, and the extra term of the spherical one vanishes:
 *    1'K^{-1}g / 1'K^{-1}1 = 0 (constants are not in a Gaussian's RKHS, so this is checked on the particles);
 *  - with transport: where the target's points are the images x - tau v(x) of the particles, one step of `ift` has the
 *    particles on them with the weights (1-T) a + T b. */
#include "theory/problem.h"
#include "support/fixture.h"

enum { N = 12, D = 2, STEPS = 30, SEEDS = 3 };
static const double WORST_CONDITION = 1e4;
static const formula kernels[] = {
    {"gaussian", "gaussian:0.5", 0.5, 0, false, false, true},
    {"gaussian", "gaussian:1.2", 1.2, 0, false, false, true},
    {"laplace", "laplace:1.3", 1.3, 0, false, true, true},
    {"matern32", "matern32:1.5", 1.5, 0, false, false, true},
    {"matern52", "matern52:2", 2, 0, false, false, true},
    {"imq", "imq:1.8", 1.8, 0.5, false, false, true},
    {"energy", "energy", 1, 0, true, true, true},
    {"riesz", "riesz:1.5", 1.5, 0, true, false, true},
};
enum { KERNELS = sizeof kernels / sizeof kernels[0] };
static const double etas[] = {0.05, 0.5, 2};

/* Particles on a jittered grid, which is the target's too: only the weights differ. Two particles are dead, the target
 * has two points of weight 0, one of them a dead particle's. */
static problem make_problem(const formula *kernel, uint64_t seed, double mass) {
  problem p = {.kernel = *kernel, .n = N, .m = N, .d = D};
  dice dice_ = {seed};
  place_on_grid(&dice_, p.x, 0.15);
  memcpy(p.y, p.x, sizeof p.x);
  dice_weights(&dice_, p.a, N, mass);
  dice_weights(&dice_, p.w, N, 1);
  p.a[3] += p.a[1] + p.a[6];
  p.w[0] += p.w[6] + p.w[8];
  p.a[1] = p.a[6] = p.w[6] = p.w[8] = 0;
  return p;
}

/* The Gram matrix, of the anchored kernel where mass is free; its condition is one that the statement is for. */
static double checked_condition(problem *p, bool mass_kept) {
  double K[N * N];
  p->anchored = p->kernel.conditional;
  problem_matrix(p, K, p->x, N, p->x, N);
  p->anchored &= !mass_kept;
  const double number = condition(K, N);
  assert_true(number <= WORST_CONDITION);
  return number;
}

/* 1 - T after k steps. */
static double left_over(const char *reaction, double eta, int k) {
  return strcmp(reaction, "implicit") == 0 ? pow(1 + eta, -k) : exp(-k * eta);
}

/* The largest deviation from the interpolation over a run. */
static double deviation(const problem *start, const char *geometry, const char *reaction, double eta) {
  problem p = *start;
  ift_flow *flow = problem_flow(context, &p, geometry);
  double worst = 0;
  flow_set_text(flow, "reaction", reaction);
  flow_set_real(flow, "eta", eta);
  if (strstr(geometry, "ift")) flow_set_real(flow, "tau", 0);
  for (int k = 1; k <= STEPS; k++) {
    const double left = left_over(reaction, eta, k);
    problem_follow(&p, flow);
    for (int i = 0; i < N; i++) theory_worst(&worst, fabs(p.a[i] - (left * start->a[i] + (1 - left) * p.w[i])));
  }
  ift_flow_destroy(flow);
  return worst;
}

/* Over all kernels, seeds and step sizes. */
static void check_geometry(const char *geometry, const char *reaction, const char *part, double mass) {
  double worst = 0, largest = 0;
  for (int f = 0; f < KERNELS; f++)
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
      problem p = make_problem(&kernels[f], seed, mass);
      theory_worst(&largest, checked_condition(&p, strstr(geometry, "spherical") != NULL));
      for (int e = 0; e < 3; e++) theory_worst(&worst, deviation(&p, geometry, reaction, etas[e]));
    }
  theory_remark("T1", "%s, %s, from mass %g to 1: condition up to %.0f", geometry, reaction, mass, largest);
  theory_report("T1", part, worst, 1e-12);
}

static void test_spherical(void **state) {
  (void)state;
  check_geometry("spherical-mmd", "exponential", "spherical-mmd-exponential", 1);
  check_geometry("spherical-mmd", "implicit", "spherical-mmd-implicit", 1);
  check_geometry("spherical-ift", "exponential", "spherical-ift-exponential", 1);
  check_geometry("spherical-ift", "implicit", "spherical-ift-implicit", 1);
}

static void test_free_mass(void **state) {
  (void)state;
  check_geometry("mmd", "exponential", "mmd-exponential", 1);
  check_geometry("mmd", "implicit", "mmd-implicit", 1);
  check_geometry("ift", "exponential", "ift-exponential", 1);
  check_geometry("ift", "implicit", "ift-implicit", 1);
}

static void test_free_from_another_mass(void **state) {
  (void)state;
  check_geometry("mmd", "exponential", "mass-0.6-to-1-exponential", 0.6);
  check_geometry("mmd", "implicit", "mass-0.6-to-1-implicit", 0.6);
  check_geometry("ift", "exponential", "ift-mass-0.6-to-1", 0.6);
}

/* K^{-1} g = a - b with the first variation that the library gives, and the multiplier of (10) is 0. */
static void test_flow_equation(void **state) {
  (void)state;
  double equation = 0, multiplier = 0;
  for (int f = 0; f < KERNELS; f++) {
    if (kernels[f].conditional) continue;
    problem p = make_problem(&kernels[f], 7, 1);
    double K[N * N], g[N];
    long double rate[N], of_one[N], ones_rate = 0, ones = 0;
    checked_condition(&p, true);
    ift_energy *energy = make_energy(context, p.kernel.spec, p.y, N, D, p.w);
    ift_measure *measure = make_measure(context, p.x, N, D, p.a);
    assert_status(IFT_OK, ift_energy_first_variation(energy, g, NULL, 0, 0, measure));
    problem_matrix(&p, K, p.x, N, p.x, N);
    double one[N];
    for (int i = 0; i < N; i++) one[i] = 1;
    assert_true(solve_face(K, g, N, (1U << N) - 1, -1, rate) && solve_face(K, one, N, (1U << N) - 1, -1, of_one));
    for (int i = 0; i < N; i++) {
      theory_worst(&equation, fabs((double)rate[i] - (p.a[i] - p.w[i])));
      ones_rate += rate[i];
      ones += of_one[i];
    }
    theory_worst(&multiplier, fabs((double)(ones_rate / ones)));
    ift_measure_destroy(measure);
    ift_energy_destroy(energy);
  }
  theory_report("T1", "flow-equation", equation, 1e-12);
  theory_report("T1", "spherical-extra-term", multiplier, 1e-12);
}

/* Target points that are the images of the particles: the fixed point of y = x - tau v(x), v towards y. */
static void put_target_on_images(problem *p, double tau) {
  double v[N * D];
  for (int iteration = 0; iteration < 60; iteration++) {
    problem_v(p, v);
    for (int i = 0; i < N * D; i++) p->y[i] = p->x[i] - tau * v[i];
  }
}

static void check_moved(const char *geometry, const char *reaction, const char *part, double mass) {
  const double tau = 0.2, eta = 0.7, left = left_over(reaction, eta, 1);
  double worst = 0, moved = INFINITY;
  for (uint64_t seed = 1; seed <= 5; seed++) {
    problem p = make_problem(&kernels[0], seed, mass);
    put_target_on_images(&p, tau);
    const problem start = p;
    ift_flow *flow = problem_flow(context, &p, geometry);
    flow_set_text(flow, "reaction", reaction);
    flow_set_real(flow, "tau", tau);
    flow_set_real(flow, "eta", eta);
    problem_follow(&p, flow);
    double farthest = 0;
    for (int i = 0; i < N * D; i++) {
      theory_worst(&farthest, fabs(p.x[i] - start.x[i]));
      theory_worst(&worst, fabs(p.x[i] - p.y[i]));
    }
    for (int i = 0; i < N; i++) theory_worst(&worst, fabs(p.a[i] - (left * start.a[i] + (1 - left) * p.w[i])));
    moved = fmin(moved, farthest);
    ift_flow_destroy(flow);
  }
  theory_remark("T1", "%s: particles moved by at least %.3f", geometry, moved);
  assert_true(moved > 0.01);
  theory_report("T1", part, worst, 1e-12);
}

static void test_with_transport(void **state) {
  (void)state;
  check_moved("spherical-ift", "exponential", "moved-spherical-ift-exponential", 1);
  check_moved("spherical-ift", "implicit", "moved-spherical-ift-implicit", 1);
  check_moved("ift", "exponential", "moved-ift-exponential", 0.6);
  check_moved("ift", "implicit", "moved-ift-implicit", 0.6);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_spherical),
      cmocka_unit_test(test_free_mass),
      cmocka_unit_test(test_free_from_another_mass),
      cmocka_unit_test(test_flow_equation),
      cmocka_unit_test(test_with_transport),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
