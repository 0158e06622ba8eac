/* T3, Proposition 3.2 of the paper. The spherical MMD flow
 *
 *     mu' = -K^{-1} (g - lam 1),   lam = int K^{-1} g / int K^{-1} 1   (10),
 *
 * and with transport the spherical IFT flow (11) keep the mass.
 *
 * Constants are not in the RKHS of a Gaussian, so (10) is checked in the form that particles give it:
 *  - |sum b - m| <= 1e-15 n m after each of 100 steps, in every spherical geometry, for every reaction and transport
 *    of the catalogue that serves the energy, for every kind of energy: the squared MMD of built-in and custom kernels,
 *    KL, an energy of the caller's own and the rest of support/energies.h, with a kernel for their MMD reactions; by
 *    fixed steps of usual and of large size, both splittings, both centers, regularized, on batches;
 *  - where no weight reaches 0, a step on particles anywhere is b = a - th K^{-1} (g - lam 1), with th = eta for the
 *    linearized energy, eta/(1+eta) for `implicit`, 1 - e^{-eta} for `exponential`; with lam = 0 in free geometries,
 *    eq. (7) and (8). */
#include "support/energies.h"
#include "theory/problem.h"

enum { N = 10, M = 20, D = 2, STEPS = 100 };
static ift_context *context;
static const double mass = 1.7;

static int set_up(void **state) {
  (void)state;
  context = make_context();
  return 0;
}

static int tear_down(void **state) {
  (void)state;
  ift_context_destroy(context);
  return 0;
}

/* 1 / (1 + r^2) as a kernel of the caller's. */
static int evaluate(double *values, double *gradients, const double *x, int64_t n, const double *y, int64_t m,
                    int64_t d, void *user) {
  (void)user;
  for (int64_t i = 0; i < n; i++)
    for (int64_t j = 0; j < m; j++) {
      double square = 0;
      for (int64_t l = 0; l < d; l++) square += (x[i * d + l] - y[j * d + l]) * (x[i * d + l] - y[j * d + l]);
      const double k = 1 / (1 + square);
      values[i * m + j] = k;
      for (int64_t l = 0; gradients && l < d; l++)
        gradients[(i * m + j) * d + l] = -2 * k * k * (x[i * d + l] - y[j * d + l]);
    }
  return 0;
}

static ift_energy *make_custom_mmd(const double *y, const double *w) {
  ift_kernel *kernel;
  ift_energy *energy;
  ift_target *target = make_samples(context, y, M, D, w);
  assert_status(IFT_OK, ift_kernel_custom(context, &kernel, evaluate, NULL, NULL));
  assert_status(IFT_OK, ift_energy_mmd(context, &energy, kernel, target));
  ift_kernel_destroy(kernel);
  ift_target_destroy(target);
  return energy;
}

/* Options that a run may have besides; "" for none. Not every mode knows every one. */
typedef struct variant {
  const char *option, *value;
} variant;

static const variant variants[] = {
    {"", ""},
    {"center", "old"},
    {"regularization", "0.1"},
    {"splitting", "strang"},
    {"batch", "7"},
    {"noise", "0.05"},
    {"eta", "1"},
    {"eta", "30"},
};
enum { VARIANTS = sizeof variants / sizeof variants[0] };

/* One way to flow. */
typedef struct way {
  const char *geometry, *reaction, *transport; /* transport NULL: the geometry has none */
  const variant *variant;
  bool foreign; /* the energy has no kernel: MMD reactions are given one */
} way;

/* The kernel that MMD reactions use for energies that have none. */
static void lend_kernel(ift_flow *flow) {
  ift_kernel *kernel = make_kernel(context, "gaussian:0.8");
  const ift_status status = ift_flow_set_kernel(flow, kernel);
  if (status != IFT_OK) assert_status(IFT_ERR_OPTION, status); /* no MMD reaction */
  ift_kernel_destroy(kernel);
}

/* The flow, or NULL if the mode doesn't know the variant, or does not serve the energy. */
static ift_flow *open_flow(const way *way_, const ift_energy *energy, const double *x, const double *a) {
  ift_flow *flow = make_flow(context, way_->geometry, energy, x, N, D, a);
  if (way_->foreign) lend_kernel(flow);
  bool known = ift_flow_set_text(flow, "reaction", way_->reaction) == IFT_OK;
  if (known && way_->transport) known = ift_flow_set_text(flow, "transport", way_->transport) == IFT_OK;
  flow_set_text(flow, "step_control", "fixed");
  if (known && way_->variant->option[0])
    known = ift_flow_set_text(flow, way_->variant->option, way_->variant->value) == IFT_OK;
  if (known) {
    const ift_status status = ift_flow_step(flow, 0); /* do the options go together? */
    known = status == IFT_OK;
    assert_true(known || status == IFT_ERR_OPTION || status == IFT_ERR_CAPABILITY);
  }
  if (known) return flow;
  ift_flow_destroy(flow);
  return NULL;
}

/* The largest |sum b - m| / (n m) of 100 steps. false: the mode doesn't know the variant, or does not serve the energy,
 * of which a sum may find out late. */
static bool measure_run(const way *way_, const ift_energy *energy, const double *x, const double *a, double *worst) {
  ift_flow *flow = open_flow(way_, energy, x, a);
  if (!flow) return false;
  for (int k = 0; k < STEPS; k++) {
    const ift_status status = ift_flow_step(flow, 1);
    if (k == 0 && status == IFT_ERR_CAPABILITY) {
      ift_flow_destroy(flow);
      return false;
    }
    assert_status(IFT_OK, status);
    const double *b = ift_measure_weights(ift_flow_measure(flow));
    long double sum = -(long double)mass;
    for (int i = 0; i < N; i++) sum += b[i];
    theory_worst(worst, (double)fabsl(sum) / (N * mass));
  }
  ift_flow_destroy(flow);
  return true;
}

static bool takes(const char *geometry, const char *option, const char *word) {
  const double at[D] = {0}, one = 1;
  ift_energy *energy = make_energy(context, "gaussian:1", at, 1, D, &one);
  ift_flow *flow = make_flow(context, geometry, energy, at, 1, D, &one);
  const bool taken = ift_flow_set_text(flow, option, word) == IFT_OK;
  ift_flow_destroy(flow);
  ift_energy_destroy(energy);
  return taken;
}

/* Particles, one of them dead; of equal weights where the reaction is by jumps. */
static void make_particles(const char *reaction, double *x, double *a) {
  dice dice_ = {3};
  dice_normals(&dice_, x, N * D);
  dice_weights(&dice_, a, N, mass);
  a[2] += a[7];
  a[7] = 0;
  for (int i = 0; strcmp(reaction, "birth-death") == 0 && i < N; i++) a[i] = mass / N;
}

/* All transports, kernels and variants of one geometry and reaction, for the squared MMD. */
static int check_squares(const char *geometry, const char *reaction, double *worst) {
  enum { SPECS = 3 };
  static const char *const specs[SPECS] = {"gaussian:0.8", "energy", NULL};
  const bool transports = takes(geometry, "transport", "euclidean");
  double x[N * D], a[N], y[M * D], w[M];
  dice dice_ = {4};
  int runs = 0;
  make_particles(reaction, x, a);
  dice_normals(&dice_, y, M * D);
  dice_weights(&dice_, w, M, 1);
  for (int s = 0; s < SPECS; s++) {
    ift_energy *energy = specs[s] ? make_energy(context, specs[s], y, M, D, w) : make_custom_mmd(y, w);
    for (int64_t t = 0; t < ift_kind_count(); t++) {
      if (strcmp(ift_kind_noun(t), "transport") != 0) continue;
      for (int v = 0; v < VARIANTS; v++) {
        if (v > 0 && (v + t) % SPECS != s) continue; /* variants take turns with the kernels */
        const way here = {geometry, reaction, transports ? ift_kind_name(t) : NULL, &variants[v], false};
        runs += measure_run(&here, energy, x, a, worst);
      }
      if (!transports) break;
    }
    ift_energy_destroy(energy);
  }
  assert_true(runs >= (transports ? 24 : 6));
  return runs;
}

/* Of one energy without a kernel: all transports and all variants, which take turns. */
static int check_energy(const exhibit *e, const char *geometry, const char *reaction, double *worst) {
  const bool transports = takes(geometry, "transport", "euclidean");
  double x[N * D], a[N];
  int runs = 0;
  make_particles(reaction, x, a);
  ift_energy *energy = e->make(context, D);
  for (int64_t t = 0; t < ift_kind_count(); t++) {
    if (strcmp(ift_kind_noun(t), "transport") != 0) continue;
    for (int v = 0; v < VARIANTS; v++) {
      if (transports && (v + t) % 4 != 0) continue;
      const way here = {geometry, reaction, transports ? ift_kind_name(t) : NULL, &variants[v], true};
      runs += measure_run(&here, energy, x, a, worst);
    }
    if (!transports) break;
  }
  ift_energy_destroy(energy);
  return runs;
}

static bool is_exact(const char *reaction) {
  return strcmp(reaction, "exponential") == 0 || strcmp(reaction, "implicit") == 0;
}

static void check_reaction(const char *geometry, const char *reaction) {
  double worst = 0;
  int runs = check_squares(geometry, reaction, &worst), others = 0, energies = 0;
  for (int e = 0; e < EXHIBITS; e++) {
    if (exhibits[e].square) continue;
    const int own = check_energy(&exhibits[e], geometry, reaction, &worst);
    energies += own > 0;
    others += own;
    assert_true((own > 0) == (!is_exact(reaction) && (exhibits[e].second || strcmp(reaction, "newton") != 0)));
  }
  char part[64];
  snprintf(part, sizeof part, "%s-%s", geometry, reaction);
  theory_remark("T3", "%s: %d runs of %d steps, and %d of %d other energies", part, runs, STEPS, others, energies);
  theory_report("T3", part, worst, 1e-15);
}

/* Every reaction of every geometry that keeps the mass by its name. */
static void test_mass_is_kept(void **state) {
  (void)state;
  int geometries = 0, reactions = 0;
  check_exhibits();
  for (int64_t g = 0; g < ift_kind_count(); g++) {
    if (strcmp(ift_kind_noun(g), "geometry") != 0 || strncmp(ift_kind_name(g), "spherical-", 10) != 0) continue;
    geometries++;
    for (int64_t r = 0; r < ift_kind_count(); r++) {
      if (strcmp(ift_kind_noun(r), "reaction") != 0 || !takes(ift_kind_name(g), "reaction", ift_kind_name(r))) continue;
      check_reaction(ift_kind_name(g), ift_kind_name(r));
      reactions++;
    }
  }
  assert_true(geometries >= 4 && reactions >= 20);
}

/* Does the catalogue have a reaction? */
static bool has_reaction(const char *name) {
  for (int64_t k = 0; k < ift_kind_count(); k++)
    if (strcmp(ift_kind_noun(k), "reaction") == 0 && strcmp(ift_kind_name(k), name) == 0) return true;
  return false;
}

/* a - th K^{-1} (g - lam 1) at the particles of p; lam from the mass if it is kept. Returns lam. */
static double equation_step(const problem *p, double theta, bool kept, double *b) {
  double K[MOST_PARTICLES * MOST_PARTICLES], g[MOST_PARTICLES], one[MOST_PARTICLES];
  long double rate[MOST_PARTICLES], of_one[MOST_PARTICLES], above = 0, below = 0;
  problem_matrix(p, K, p->x, p->n, p->x, p->n);
  for (int64_t i = 0; i < p->n; i++) {
    g[i] = (double)problem_g(p, p->x + i * D);
    one[i] = 1;
  }
  const unsigned all = (1U << p->n) - 1;
  assert_true(solve_face(K, g, p->n, all, -1, rate) && solve_face(K, one, p->n, all, -1, of_one));
  for (int64_t i = 0; i < p->n; i++) {
    above += rate[i];
    below += of_one[i];
  }
  const long double lam = kept ? above / below : 0;
  for (int64_t i = 0; i < p->n; i++) b[i] = (double)(p->a[i] - theta * (rate[i] - lam * of_one[i]));
  return (double)lam;
}

static double theta_of(const char *reaction, double eta) {
  if (strcmp(reaction, "implicit") == 0) return eta / (1 + eta);
  if (strcmp(reaction, "exponential") == 0) return 1 - exp(-eta);
  return eta;
}

/* Steps from well inside, on a support that is not the target's, after a transport step. */
static void check_equation(const char *geometry, const char *reaction, const char *part) {
  const bool kept = strncmp(geometry, "spherical", 9) == 0;
  double worst = 0, multiplier = 0, least = INFINITY;
  if (!has_reaction(reaction)) return;
  for (uint64_t seed = 1; seed <= 6; seed++) {
    problem p = {.kernel = {"gaussian", "gaussian:0.5", 0.5, 0, false, false, true}, .n = 12, .m = 30, .d = D};
    dice dice_ = {seed};
    place_on_grid(&dice_, p.x, 0.15);
    for (int j = 0; j < 30 * D; j++) p.y[j] = p.x[j % (12 * D)] + 0.2 * dice_normal(&dice_);
    dice_weights(&dice_, p.a, p.n, 1);
    dice_weights(&dice_, p.w, p.m, 1.2);
    problem next = p;
    ift_flow *flow = problem_flow(context, &p, geometry);
    flow_set_text(flow, "reaction", reaction);
    flow_set_real(flow, "tau", 0.1);
    flow_set_real(flow, "eta", 0.2);
    problem_follow(&next, flow);
    double b[12];
    memcpy(p.x, next.x, sizeof p.x);
    multiplier = fmax(multiplier, fabs(equation_step(&p, theta_of(reaction, 0.2), kept, b)));
    for (int i = 0; i < 12; i++) {
      theory_worst(&worst, fabs(next.a[i] - b[i]));
      least = fmin(least, b[i]);
    }
    ift_flow_destroy(flow);
  }
  theory_remark("T3", "%s, %s: |lam| up to %.3f, weights down to %.1e", geometry, reaction, multiplier, least);
  assert_true(least > 0 && (multiplier > 0.01) == kept);
  theory_report("T3", part, worst, 1e-12);
}

static void test_flow_equations(void **state) {
  (void)state;
  check_equation("spherical-ift", "exponential", "equation-10-exponential");
  check_equation("spherical-ift", "implicit", "equation-10-implicit");
  check_equation("spherical-ift", "linearized", "equation-10-linearized");
  check_equation("ift", "exponential", "equation-7-exponential");
  check_equation("ift", "implicit", "equation-7-implicit");
  check_equation("ift", "linearized", "equation-7-linearized");
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_mass_is_kept), cmocka_unit_test(test_flow_equations)};
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
