/* T2, Theorem 3.5 of the paper. F = 1/2 MMD^2 decays exponentially along the (spherical) IFT flow,
 *
 *     F(mu_t) <= e^{-2 beta t} F(mu_0)   (12),
 *
 * since |dF/dmu|_H^2 >= 2 F (Lojasiewicz), with equality, whatever the transport does.
 *
 * For measures this holds in time; for particles K^{-1} sees only their own points. With rho = (1+eta)^{-2} for the
 * minimizing movement `implicit` and e^{-2 eta} for `exponential`, checked is
 *  (a) common support, no transport: F_k = rho^k F_0 to 1e-10 relative over 40 steps of 0.1; the same in rates, F(t) =
 *      e^{-2 beta t} F_0; and g'K^{-1}g = 2F;
 *  (b) any support, simplex or cone, after a transport step or none: F(b) - F* <= rho (F(a) - F*) + 1e-14, F* the minimum
 *      over all weights on the moved support, found by looking at every face; with equality where that has no weight 0;
 *  (c) runs with transport, tau <= 2/L: F_k <= rho F_{k-1} + (1-rho) F*(X_k) + 1e-14.
 * What does not hold with transport is F_k <= e^{-2t} F_0: particles leave the target's support, and F* > 0. */
#include "theory/problem.h"
#include "support/fixture.h"

enum { D = 2 };
static double rho_of(const char *reaction, double eta) {
  return strcmp(reaction, "implicit") == 0 ? 1 / ((1 + eta) * (1 + eta)) : exp(-2 * eta);
}

static const char *const reactions[] = {"exponential", "implicit"};

/* A jittered grid of n particles, the target on the same points with other weights. */
static problem common_support(const formula *kernel, uint64_t seed, double mass) {
  problem p = {.kernel = *kernel, .n = 12, .m = 12, .d = D};
  dice dice_ = {seed};
  place_on_grid(&dice_, p.x, 0.15);
  memcpy(p.y, p.x, sizeof p.x);
  dice_weights(&dice_, p.a, 12, mass);
  dice_weights(&dice_, p.w, 12, 1);
  return p;
}

static const formula smooth[] = {
    {"gaussian", "gaussian:0.5", 0.5, 0, false, false, true},
    {"gaussian", "gaussian:0.9", 0.9, 0, false, false, true},
    {"matern32", "matern32:1.2", 1.2, 0, false, false, true},
    {"imq", "imq:0.9", 0.9, 0.5, false, false, true},
    {"energy", "energy", 1, 0, true, true, true},
};
enum { KERNELS = sizeof smooth / sizeof smooth[0] };

/* The largest |F_k / (rho^k F_0) - 1| of a run. */
static double decay_deviation(const problem *start, const char *geometry, const char *reaction) {
  const double eta = 0.1, rho = rho_of(reaction, eta);
  problem p = *start;
  p.anchored = p.kernel.conditional;
  ift_flow *flow = problem_flow(context, &p, geometry);
  flow_set_text(flow, "reaction", reaction);
  flow_set_real(flow, "eta", eta);
  if (strstr(geometry, "ift")) flow_set_real(flow, "tau", 0);
  long double expected = problem_energy(&p, p.x, p.a);
  double worst = 0;
  for (int k = 1; k <= 40; k++) {
    problem_follow(&p, flow);
    expected *= rho;
    theory_worst(&worst, (double)fabsl(problem_energy(&p, p.x, p.a) / expected - 1));
  }
  ift_flow_destroy(flow);
  return worst;
}

static void check_decay(const char *geometry, const char *reaction, const char *part, double mass) {
  double worst = 0;
  for (int f = 0; f < KERNELS; f++)
    for (uint64_t seed = 1; seed <= 2; seed++) {
      const problem p = common_support(&smooth[f], seed, mass);
      theory_worst(&worst, decay_deviation(&p, geometry, reaction));
    }
  theory_report("T2", part, worst, 1e-10);
}

static void test_decay_on_a_common_support(void **state) {
  (void)state;
  check_decay("spherical-ift", "exponential", "a-spherical-exponential", 1);
  check_decay("spherical-ift", "implicit", "a-spherical-implicit", 1);
  check_decay("ift", "exponential", "a-free-exponential", 0.6);
  check_decay("ift", "implicit", "a-free-implicit", 0.6);
}

/* In time: the rates alpha = 0, beta = 3. */
static void test_rate(void **state) {
  (void)state;
  const double beta = 3, h = 0.02;
  problem p = common_support(&smooth[0], 3, 1);
  ift_flow *flow = problem_flow(context, &p, "spherical-ift");
  flow_set_real(flow, "time_step", h);
  flow_set_real(flow, "alpha", 0);
  flow_set_real(flow, "beta", beta);
  const long double first = problem_energy(&p, p.x, p.a);
  double worst = 0;
  for (int k = 1; k <= 40; k++) {
    problem_follow(&p, flow);
    theory_worst(&worst, fabs((double)logl(first / problem_energy(&p, p.x, p.a)) / (2 * beta * h * k) - 1));
  }
  ift_flow_destroy(flow);
  theory_report("T2", "a-rate-2-beta", worst, 1e-10);
}

/* g'K^{-1}g = 2F with the first variation and the value that the library gives. */
static void test_lojasiewicz(void **state) {
  (void)state;
  double worst = 0;
  for (int f = 0; f < KERNELS; f++) {
    if (smooth[f].conditional) continue;
    problem p = common_support(&smooth[f], 5, 0.8);
    double K[12 * 12], g[12], value;
    long double solved[12], norm = 0;
    ift_energy *energy = make_energy(context, p.kernel.spec, p.y, p.m, D, p.w);
    ift_measure *measure = make_measure(context, p.x, p.n, D, p.a);
    assert_status(IFT_OK, ift_energy_first_variation(energy, g, NULL, 0, 0, measure));
    assert_status(IFT_OK, ift_energy_value(energy, &value, measure));
    problem_matrix(&p, K, p.x, p.n, p.x, p.n);
    assert_true(solve_face(K, g, p.n, (1U << p.n) - 1, -1, solved));
    for (int i = 0; i < p.n; i++) norm += g[i] * solved[i];
    theory_worst(&worst, fabs((double)norm / (2 * value) - 1));
    ift_measure_destroy(measure);
    ift_energy_destroy(energy);
  }
  theory_report("T2", "lojasiewicz-constant", worst, 1e-10);
}

/* (b) -------------------------------------------------------------------------------------------------------------- */

/* The minimum of F over all weights at x, mass kept or free, and its smallest weight. */
static long double least_energy(const problem *p, const double *x, bool kept, double *smallest) {
  double K[MOST_PARTICLES * MOST_PARTICLES], c[MOST_PARTICLES], b[MOST_PARTICLES];
  problem_matrix(p, K, x, p->n, x, p->n);
  problem_c(p, c, x);
  minimize_weights(K, c, p->n, kept ? total(p->a, p->n) : -1, b);
  *smallest = b[0];
  for (int64_t i = 1; i < p->n; i++) *smallest = fmin(*smallest, b[i]);
  return problem_energy(p, x, b);
}

typedef struct contraction {
  double excess;   /* largest F(b) - F* - rho (F(a) - F*) */
  double equality; /* largest |that| where the minimizer has no weight 0 */
  int problems, interior;
} contraction;

static void check_contraction(contraction *c, const problem *start, const char *geometry, double tau, double eta) {
  const bool kept = strncmp(geometry, "spherical", 9) == 0;
  for (int r = 0; r < 2; r++) {
    const double rho = rho_of(reactions[r], eta);
    problem p = *start;
    p.anchored = p.kernel.conditional && !kept;
    ift_flow *flow = problem_flow(context, &p, geometry);
    flow_set_text(flow, "reaction", reactions[r]);
    flow_set_real(flow, "eta", eta);
    flow_set_real(flow, "tau", tau);
    problem_follow(&p, flow);
    double smallest;
    const long double least = least_energy(&p, p.x, kept, &smallest);
    const long double before = problem_energy(start, p.x, start->a), after = problem_energy(&p, p.x, p.a);
    const double excess = (double)(after - least - rho * (before - least));
    theory_worst(&c->excess, excess);
    c->problems++;
    if (smallest > 0) {
      theory_worst(&c->equality, fabs(excess));
      c->interior++;
    }
    ift_flow_destroy(flow);
  }
}

static void check_all_supports(const char *geometry, const char *part, const char *equality_part) {
  contraction c = {-INFINITY, 0, 0, 0};
  dice dice_ = {strlen(geometry)};
  const bool kept = strncmp(geometry, "spherical", 9) == 0;
  for (int k = 0; k < 200; k++) {
    const formula *kernel = &definite[k % DEFINITE];
    problem p = random_problem(&dice_, kernel, 8, kept && kernel->conditional, k % 2);
    p.anchored = kernel->conditional && !kept;
    const double tau = dice_below(&dice_, 2) ? dice_between(&dice_, 0, 0.5) : 0;
    check_contraction(&c, &p, geometry, tau, dice_below(&dice_, 2) ? 0.1 : dice_between(&dice_, 0, 3));
  }
  theory_remark("T2", "b: %s, %d problems, %d of them with an interior minimizer", geometry, c.problems, c.interior);
  assert_true(c.interior > 20 && c.interior < c.problems - 100);
  theory_report("T2", part, c.excess, 1e-14);
  theory_report("T2", equality_part, c.equality, 1e-14);
}

static void test_contraction_on_any_support(void **state) {
  (void)state;
  check_all_supports("spherical-ift", "b-simplex", "b-simplex-equality");
  check_all_supports("ift", "b-cone", "b-cone-equality");
}

/* (c) -------------------------------------------------------------------------------------------------------------- */

/* The eigenvalues of Hess k lie in [-low, high]: L = high m + low p. */
typedef struct curved {
  formula kernel;
  double high, low;
} curved;

/* The largest F_k - rho F_{k-1} - (1-rho) F*(X_k) of a run whose transport steps are this fraction of 2/L. */
static double run_excess(const curved *k, problem p, const char *geometry, const char *reaction, double fraction,
                         double *naive) {
  const double eta = 0.1, rho = rho_of(reaction, eta), target_mass = total(p.w, p.m);
  const bool kept = strncmp(geometry, "spherical", 9) == 0;
  ift_flow *flow = problem_flow(context, &p, geometry);
  flow_set_text(flow, "reaction", reaction);
  flow_set_real(flow, "eta", eta);
  long double last = problem_energy(&p, p.x, p.a), bound = last;
  double worst = -INFINITY, smallest;
  for (int step = 1; step <= 25; step++) {
    flow_set_real(flow, "tau", fraction * 2 / (k->high * total(p.a, p.n) + k->low * target_mass));
    problem_follow(&p, flow);
    const long double now = problem_energy(&p, p.x, p.a), least = least_energy(&p, p.x, kept, &smallest);
    theory_worst(&worst, (double)(now - rho * last - (1 - rho) * least));
    bound *= rho;
    theory_worst(naive, (double)(now / bound));
    last = now;
  }
  ift_flow_destroy(flow);
  return worst;
}

static void check_runs(const char *geometry, const char *reaction, const char *part, double *naive) {
  const curved curves[] = {
      {{"gaussian", "gaussian:0.7", 0.7, 0, false, false, true}, 1 / 0.49, 2 * exp(-1.5) / 0.49},
      {{"matern32", "matern32:0.9", 0.9, 0, false, false, true}, 3 / 0.81, 3 * exp(-2) / 0.81},
      {{"imq", "imq:1.2", 1.2, 0.5, false, false, true}, 1 / 1.44, 0.2024 / 1.44},
  };
  static const double fractions[] = {0.05, 0.4, 1};
  double worst = -INFINITY;
  dice dice_ = {11};
  for (int f = 0; f < 3; f++)
    for (int k = 0; k < 6; k++) {
      const problem p = random_problem(&dice_, &curves[f].kernel, 8, false, k % 2);
      theory_worst(&worst, run_excess(&curves[f], p, geometry, reaction, fractions[k % 3], naive));
    }
  theory_report("T2", part, worst, 1e-14);
}

static void test_runs_with_transport(void **state) {
  (void)state;
  double naive = 0;
  check_runs("spherical-ift", "exponential", "c-spherical-exponential", &naive);
  check_runs("spherical-ift", "implicit", "c-spherical-implicit", &naive);
  check_runs("ift", "exponential", "c-free-exponential", &naive);
  check_runs("ift", "implicit", "c-free-implicit", &naive);
  theory_remark("T2", "c: with transport F_k / (rho^k F_0) came to %.3g: (12) does not hold off the target's support",
                naive);
  theory_report("T2", "c-one-over-excess-of-12", 1 / naive, 0.5);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_decay_on_a_common_support),
      cmocka_unit_test(test_rate),
      cmocka_unit_test(test_lojasiewicz),
      cmocka_unit_test(test_contraction_on_any_support),
      cmocka_unit_test(test_runs_with_transport),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
