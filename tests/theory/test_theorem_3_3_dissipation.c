/* T4, Theorem 3.3 of the paper. Along the (spherical) IFT flow
 *
 *     -dF/dt = alpha |grad g|^2_{L2(mu)} + beta |g - lam|^2_H,   g = dF/dmu,
 *
 * and if the right side is >= c (F - inf F), F decays like e^{-ct}.
 *
 * For particles |g - lam|^2_H = g'K^{-1}(g - lam 1) = a'K a' with the rate a', so a step a -> b of size eta dissipates RD =
 * (b-a)'K(b-a)/eta^2, and transport TD = sum a_i |v_i|^2. Checked is, RD and TD being what the flow reports,
 *  - of each reaction step, to 1e-14: F(a) - F(b) >= (1 + eta/2) eta RD for `implicit`, >= (eta/2) coth(eta/2) eta RD for
 *    `exponential`, >= eta RD - 1/2 (b-a)'K(b-a) for `gradient` (its RD is |b-a|^2/eta^2); equality where no weight is 0;
 *  - that RD and TD are what they are said to be, for all reactions and transports whose formula is known;
 *  - of whole runs with steps tau = 0.3 h, eta = h, to first order in h: sum(tau TD + eta RD) = F_0 - F_k, and the
 *    theorem itself, F_k <= e^{-ct} F_0 with the least c on the way. */
#include "theory/problem.h"
#include "support/fixture.h"

enum { D = 2 };
/* 1/2 (b-a)'K(b-a) at the positions of `after`. */
static double half_square(const problem *before, const problem *after) {
  double K[MOST_PARTICLES * MOST_PARTICLES], difference[MOST_PARTICLES];
  problem_matrix(after, K, after->x, after->n, after->x, after->n);
  for (int64_t i = 0; i < after->n; i++) difference[i] = after->a[i] - before->a[i];
  return (double)(form(K, difference, difference, after->n) / 2);
}

/* What a step has to gain: a lower bound of F(a) - F(b). */
static double promised(const char *reaction, double eta, double dissipation, const problem *before,
                       const problem *after) {
  if (strcmp(reaction, "implicit") == 0) return (1 + eta / 2) * eta * dissipation;
  if (strcmp(reaction, "exponential") == 0) return eta / 2 / tanh(eta / 2) * eta * dissipation;
  return eta * dissipation - half_square(before, after);
}

typedef struct balance {
  double shortfall; /* largest promised - gained */
  double equality;  /* largest difference where no weight is 0 */
  int steps, interior;
} balance;

static void check_step(balance *c, const problem *start, const char *geometry, const char *reaction, double tau,
                       double eta) {
  problem p = *start;
  ift_flow *flow = problem_flow(context, &p, geometry);
  flow_set_text(flow, "reaction", reaction);
  flow_set_real(flow, "eta", eta);
  flow_set_real(flow, "tau", tau);
  problem_follow(&p, flow);
  const double gained = (double)(problem_energy(&p, p.x, start->a) - problem_energy(&p, p.x, p.a));
  const double bound = promised(reaction, eta, flow_real(flow, "reaction_dissipation"), start, &p);
  bool interior = true;
  for (int64_t i = 0; i < p.n; i++) interior &= p.a[i] > 0;
  theory_worst(&c->shortfall, bound - gained);
  if (interior) theory_worst(&c->equality, fabs(bound - gained));
  c->steps++;
  c->interior += interior;
  ift_flow_destroy(flow);
}

static void check_steps(const char *geometry, const char *reaction) {
  const bool kept = strncmp(geometry, "spherical", 9) == 0;
  balance c = {-INFINITY, 0, 0, 0};
  dice dice_ = {17};
  char part[64];
  for (int k = 0; k < 200; k++) {
    const formula *kernel = &definite[k % DEFINITE];
    problem p = random_problem(&dice_, kernel, 12, kept && kernel->conditional, k % 2);
    p.anchored = kernel->conditional && !kept;
    const double tau = dice_below(&dice_, 2) ? dice_between(&dice_, 0, 0.5) : 0;
    double eta = dice_below(&dice_, 2) ? 0.1 : dice_between(&dice_, 0.01, 2);
    if (strcmp(reaction, "gradient") == 0) eta /= (double)p.n; /* so that F stays of order 1 */
    check_step(&c, &p, geometry, reaction, tau, eta);
  }
  theory_remark("T4", "%s, %s: %d steps, %d of them without a weight 0", geometry, reaction, c.steps, c.interior);
  assert_true(c.interior > 20 && c.interior < c.steps - 20);
  snprintf(part, sizeof part, "step-%s-%s", geometry, reaction);
  theory_report("T4", part, c.shortfall, 1e-14);
  snprintf(part, sizeof part, "equality-%s-%s", geometry, reaction);
  theory_report("T4", part, c.equality, 1e-14);
}

static void test_each_reaction_step(void **state) {
  (void)state;
  static const char *const reactions[] = {"implicit", "exponential", "gradient"};
  for (int r = 0; r < 3; r++) {
    check_steps("spherical-ift", reactions[r]);
    check_steps("ift", reactions[r]);
  }
}

/* What is reported ------------------------------------------------------------------------------------------------- */

/* sum a_i |v_i|^2, or sum a_i^2 |v_i|^2. */
static double speed(const problem *p, bool weighted) {
  double v[MOST_PARTICLES * D];
  long double sum = 0;
  problem_v(p, v);
  for (int64_t i = 0; i < p->n; i++)
    for (int l = 0; l < D; l++)
      sum += (weighted ? (long double)p->a[i] * p->a[i] : p->a[i]) * v[i * D + l] * v[i * D + l];
  return (double)sum;
}

/* RD of the step from the weights of `before` to those of `after`, at the positions of `after`. */
static double rate_of(const char *reaction, const problem *before, const problem *after, double eta, bool kept) {
  if (strcmp(reaction, "gradient") == 0) {
    long double sum = 0;
    for (int64_t i = 0; i < after->n; i++)
      sum += ((long double)after->a[i] - before->a[i]) * (after->a[i] - before->a[i]);
    return (double)(sum / (eta * eta));
  }
  if (strcmp(reaction, "mirror") != 0 && strcmp(reaction, "hellinger") != 0)
    return 2 * half_square(before, after) / (eta * eta);
  problem p = *after;
  long double mean = 0, sum = 0, g[MOST_PARTICLES];
  memcpy(p.a, before->a, sizeof p.a);
  for (int64_t i = 0; i < p.n; i++) mean += p.a[i] * (g[i] = problem_g(&p, p.x + i * D));
  mean = kept ? mean / total(p.a, p.n) : 0;
  for (int64_t i = 0; i < p.n; i++) sum += p.a[i] * (g[i] - mean) * (g[i] - mean);
  return (double)sum;
}

static void check_reported(const char *geometry, const char *reaction, const char *transport, double *reaction_worst,
                           double *transport_worst) {
  const bool kept = strncmp(geometry, "spherical", 9) == 0;
  const double eta = 0.3, tau = 0.2;
  dice dice_ = {23};
  for (int k = 0; k < 6; k++) {
    const problem start = random_problem(&dice_, &definite[k % 3 == 1 ? 3 : k % 3], 12, false, k % 2);
    problem p = start;
    ift_flow *flow = problem_flow(context, &p, geometry);
    flow_set_text(flow, "reaction", reaction);
    flow_set_text(flow, "transport", transport);
    flow_set_real(flow, "eta", eta);
    flow_set_real(flow, "tau", tau);
    problem_follow(&p, flow);
    const double rate = rate_of(reaction, &start, &p, eta, kept),
                 moved = speed(&start, !strcmp(transport, "euclidean"));
    theory_worst(reaction_worst, fabs(flow_real(flow, "reaction_dissipation") / rate - 1));
    theory_worst(transport_worst, fabs(flow_real(flow, "transport_dissipation") / moved - 1));
    ift_flow_destroy(flow);
  }
}

static void test_what_is_reported(void **state) {
  (void)state;
  static const char *const modes[][2] = {{"ift", "exponential"}, {"ift", "implicit"}, {"ift", "linearized"},
                                         {"ift", "gradient"},    {"wfr", "mirror"},   {"wfr", "hellinger"}};
  static const char *const transports[] = {"explicit", "euclidean", "heun", "implicit"};
  double reaction = 0, transport = 0;
  char geometry[32];
  for (int k = 0; k < 6; k++)
    for (int t = 0; t < 4; t++)
      for (int spherical = 0; spherical < 2; spherical++) {
        snprintf(geometry, sizeof geometry, "%s%s", spherical ? "spherical-" : "", modes[k][0]);
        check_reported(geometry, modes[k][1], transports[t], &reaction, &transport);
      }
  theory_report("T4", "reported-reaction", reaction, 1e-12);
  theory_report("T4", "reported-transport", transport, 1e-12);
}

/* One half of a step by itself. */
static void half_step(problem *p, const char *geometry, const char *option, double size) {
  ift_flow *flow = problem_flow(context, p, geometry);
  flow_set_real(flow, option, size);
  problem_follow(p, flow);
  ift_flow_destroy(flow);
}

/* Strang splitting: the mean of the two half reactions, each over (eta/2)^2. */
static void test_what_strang_reports(void **state) {
  (void)state;
  const double eta = 0.3, tau = 0.2;
  double worst = 0;
  dice dice_ = {29};
  for (int k = 0; k < 10; k++) {
    const problem start = random_problem(&dice_, &definite[0], 12, false, k % 2);
    problem whole = start, first = start;
    ift_flow *flow = problem_flow(context, &whole, "spherical-ift");
    flow_set_text(flow, "splitting", "strang");
    flow_set_real(flow, "eta", eta);
    flow_set_real(flow, "tau", tau);
    problem_follow(&whole, flow);
    half_step(&first, "spherical-mmd", "eta", eta / 2);
    problem second = first;
    half_step(&second, "wasserstein", "tau", tau);
    const problem moved = second;
    half_step(&second, "spherical-mmd", "eta", eta / 2);
    const double rate = (rate_of("exponential", &start, &first, eta / 2, true) +
                         rate_of("exponential", &moved, &second, eta / 2, true)) /
                        2;
    theory_worst(&worst, fabs(flow_real(flow, "reaction_dissipation") / rate - 1));
    theory_worst(&worst, fabs(flow_real(flow, "transport_dissipation") / speed(&first, false) - 1));
    ift_flow_destroy(flow);
  }
  theory_report("T4", "reported-strang", worst, 1e-12);
}

/* Whole runs ------------------------------------------------------------------------------------------------------- */

/* A jittered grid of spacing 0.8 whose Gram matrix has condition at most 11; the target around it. */
static problem grid_problem(uint64_t seed) {
  problem p = {.kernel = {"gaussian", "gaussian:0.5", 0.5, 0, false, false, true}, .n = 12, .m = 24, .d = D};
  double K[12 * 12];
  dice dice_ = {seed};
  place_on_grid(&dice_, p.x, 0.12);
  for (int j = 0; j < 24 * D; j++) p.y[j] = p.x[j % (12 * D)] + 0.3 * dice_normal(&dice_);
  dice_weights(&dice_, p.a, p.n, 1);
  dice_weights(&dice_, p.w, p.m, 1);
  problem_matrix(&p, K, p.x, p.n, p.x, p.n);
  const double number = condition(K, p.n);
  if (!(number <= 11)) fail_msg("seed %d: condition %g", (int)seed, number);
  return p;
}

/* |sum(tau TD + eta RD)/(F_0 - F_k) - 1| at t = 0.4. *excess, if not NULL: F_k/(e^{-ct} F_0) - 1 at its largest so far, c
 * the least (tau TD + eta RD)/(h F) on the way. */
static double imbalance(uint64_t seed, const char *geometry, const char *reaction, double h, double *excess) {
  const int steps = (int)lround(0.4 / h);
  problem p = grid_problem(seed);
  ift_flow *flow = problem_flow(context, &p, geometry);
  flow_set_text(flow, "reaction", reaction);
  flow_set_real(flow, "time_step", h);
  flow_set_real(flow, "alpha", 0.3);
  const long double first = problem_energy(&p, p.x, p.a);
  long double sum = 0, last = first;
  double c = INFINITY;
  for (int k = 1; k <= steps; k++) {
    problem_follow(&p, flow);
    const double gain =
        0.3 * h * flow_real(flow, "transport_dissipation") + h * flow_real(flow, "reaction_dissipation");
    sum += gain;
    if (excess) c = fmin(c, gain / (h * (double)last));
    if (excess || k == steps) last = problem_energy(&p, p.x, p.a);
    for (int i = 0; i < 12; i++) assert_true(p.a[i] > 0);
  }
  if (excess) theory_worst(excess, (double)(last / first) * exp(c * 0.4) - 1);
  ift_flow_destroy(flow);
  return fabs((double)(sum / (first - last)) - 1);
}

static void check_run(const char *geometry, const char *reaction) {
  enum { SIZES = 4, SEEDS = 20 };
  double worst[SIZES] = {0}, relative = 0, excess = -INFINITY;
  char part[64];
  for (int s = 0; s < SIZES; s++) {
    const double h = 0.04 / (1 << s);
    for (uint64_t seed = 1; seed <= SEEDS; seed++)
      theory_worst(&worst[s], imbalance(seed, geometry, reaction, h, s == 1 ? &excess : NULL));
    theory_worst(&relative, worst[s] / h);
  }
  theory_remark("T4", "%s, %s: imbalance %.2e %.2e %.2e %.2e for h = .04 .02 .01 .005, orders %.2f %.2f %.2f", geometry,
                reaction, worst[0], worst[1], worst[2], worst[3], theory_order(worst[0], worst[1], 2),
                theory_order(worst[1], worst[2], 2), theory_order(worst[2], worst[3], 2));
  snprintf(part, sizeof part, "run-over-h-%s-%s", geometry, reaction);
  theory_report("T4", part, relative, 1);
  snprintf(part, sizeof part, "decay-%s-%s", geometry, reaction);
  theory_report("T4", part, excess, 0);
}

static void test_runs(void **state) {
  (void)state;
  check_run("spherical-ift", "implicit");
  check_run("spherical-ift", "exponential");
  check_run("spherical-ift", "gradient");
  check_run("spherical-wfr", "mirror");
  check_run("ift", "implicit");
  check_run("ift", "exponential");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_each_reaction_step),
      cmocka_unit_test(test_what_is_reported),
      cmocka_unit_test(test_what_strang_reports),
      cmocka_unit_test(test_runs),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
