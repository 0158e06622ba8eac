/* T12. The certificates of the weight problems bound the true error.
 *
 * With q(b) = 1/2 b'Kb - t'b and g = Kb - t, at any feasible b,
 *
 *   simplex of mass m        g'b - m min g                                         >= q(b) - min q
 *   cone, all K_ij >= 0      1/2 b'Kb - t'b + 1/2 u'Ku, u = b + sum_{g_i<0} (-g_i/K_ii) e_i
 *                            (or, sharper where only rounding is left, u = (1+e) b, e the least that makes Ku >= t)
 *   cone, any K              g'b - M min(0, min g), M = 2 max(sum b, 1), as long as the minimizer's mass is at most M
 *   cone, K > 0              |r|^2 / (2 lambda_min), r_i = g_i where b_i > 0, min(g_i, 0) elsewhere
 *   flow                     int g dmu - m min g over particles and target points >= F(mu) - F(any measure of mass m
 *                            there); where mass is free, with the target's mass for m. For the MMD energy it is then,
 *                            and where the masses are equal, at least MMD^2 = 2F
 *
 * The minimum is found by an active-set method of this file's own in long double, and proved by the conditions of
 * Karush, Kuhn and Tucker. The certificates are the library's at arbitrary weights (its internal function), at the
 * weights that its public solvers return for loose and tight tolerances, and after steps of flows. The library does not
 * use the fourth; it is checked as a formula. What is printed is the largest (error - certificate) / (1 + m^2 max
 * K_ii), m the larger mass of the two weights where it is free. That a certificate of half the size would not do is
 * asserted: in some problems it is close to the error. */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_eigen.h>

#include "simplex/qp.h"
#include "support/kernels.h"
#include "support/make.h"
#include "support/random.h"
#include "theory/theory.h"

enum { PROBLEMS = 500, MOST = 40 };
static const double TOLERANCE = 1e-12;
static const double masses[] = {1, 0.4, 2.5};

typedef struct problem {
  int n;
  double mass; /* in the cone only that of the weights that are tried */
  double k[MOST * MOST], t[MOST], largest;
  bool signs; /* K has negative entries */
} problem;

/* ---- the exact minimum ---- */

/* Solves K_SS z = right over the support, by Cholesky in long double. */
static void solve_face(const problem *p, const int *support, int count, const long double *right, long double *z) {
  static long double l[MOST][MOST];
  for (int i = 0; i < count; i++) {
    for (int j = 0; j <= i; j++) {
      long double sum = p->k[support[i] * p->n + support[j]];
      for (int s = 0; s < j; s++) sum -= l[i][s] * l[j][s];
      l[i][j] = i == j ? sqrtl(sum) : sum / l[j][j];
    }
    z[i] = right[i];
    for (int s = 0; s < i; s++) z[i] -= l[i][s] * z[s];
    z[i] /= l[i][i];
  }
  for (int i = count - 1; i >= 0; i--) {
    for (int s = i + 1; s < count; s++) z[i] -= l[s][i] * z[s];
    z[i] /= l[i][i];
  }
}

/* The minimizer on the face without signs: K_SS z = t_S + lambda 1, lambda from the mass, or 0 in the cone. */
static void minimize_face(const problem *p, bool cone, const int *support, int count, long double *z) {
  long double t[MOST], one[MOST], w[MOST], sum_z = 0, sum_w = 0;
  for (int i = 0; i < count; i++) t[i] = p->t[support[i]], one[i] = 1;
  solve_face(p, support, count, t, z);
  if (cone) return;
  solve_face(p, support, count, one, w);
  for (int i = 0; i < count; i++) sum_z += z[i], sum_w += w[i];
  for (int i = 0; i < count; i++) z[i] += (p->mass - sum_z) / sum_w * w[i];
}

static void gradient_of(const problem *p, const long double *b, long double *g) {
  for (int i = 0; i < p->n; i++) {
    g[i] = -p->t[i];
    for (int j = 0; j < p->n; j++) g[i] += p->k[i * p->n + j] * b[j];
  }
}

static long double objective_of(const problem *p, const long double *b) {
  long double g[MOST], sum = 0;
  gradient_of(p, b, g);
  for (int i = 0; i < p->n; i++) sum += b[i] * (g[i] - p->t[i]);
  return sum / 2;
}

/* Moves b on its face to the minimizer, dropping what would become negative (Lawson and Hanson 1974). */
static void settle(const problem *p, bool cone, int *support, int *count, long double *b) {
  long double z[MOST];
  for (;;) {
    minimize_face(p, cone, support, *count, z);
    long double step = 1;
    int blocking = -1;
    for (int i = 0; i < *count; i++) {
      const long double old = b[support[i]];
      if (z[i] <= 0 && (blocking < 0 || old / (old - z[i]) < step)) step = old / (old - z[i]), blocking = i;
    }
    for (int i = 0; i < *count; i++) b[support[i]] += step * (z[i] - b[support[i]]);
    if (blocking < 0) return;
    b[support[blocking]] = 0;
    memmove(support + blocking, support + blocking + 1, (size_t)(--*count - blocking) * sizeof *support);
  }
}

/* The minimizer; ends with a proof: b >= 0, and g_i = lambda where b_i > 0, g_i >= lambda elsewhere. */
static void minimize(const problem *p, bool cone, long double *b) {
  int support[MOST], count = 0;
  long double g[MOST], scale = 0;
  for (int i = 0; i < p->n; i++) b[i] = 0, scale = fmaxl(scale, fabsl((long double)p->t[i]));
  if (!cone) {
    support[count++] = 0;
    b[0] = p->mass;
  }
  scale = 1e-13L * (scale + p->largest * p->mass); /* loose enough for valgrind, whose long double is a double */
  for (int round = 0;; round++) {
    assert_true(round < 50 * MOST);
    gradient_of(p, b, g);
    long double lambda = 0;
    for (int i = 0; !cone && i < count; i++) lambda += g[support[i]] / count;
    int lowest = 0;
    for (int i = 1; i < p->n; i++)
      if (g[i] < g[lowest]) lowest = i;
    if (g[lowest] >= lambda - scale && round > 0) break;
    if (round > 0 || cone) support[count++] = lowest;
    if (cone && g[lowest] >= 0) count--;
    settle(p, cone, support, &count, b);
  }
  long double lambda = 0, sum = 0;
  for (int i = 0; i < p->n; i++) sum += b[i];
  if (!cone) assert_true(fabsl(sum - p->mass) <= 1e-10L * p->mass);
  for (int i = 0; !cone && i < p->n; i++) b[i] *= p->mass / sum;
  gradient_of(p, b, g);
  for (int i = 0; !cone && i < count; i++) lambda += g[support[i]] / count;
  for (int i = 0; i < p->n; i++) {
    assert_true(b[i] >= 0 && g[i] >= lambda - scale);
    if (b[i] > 0) assert_true(fabsl(g[i] - lambda) <= scale);
  }
}

/* ---- random problems ---- */

/* Gram matrices of kernels on points that are apart, so that they are well conditioned; scaled to diagonals that are
 * not 1; or a general positive definite matrix. */
static void draw_gram(dice *d, problem *p) {
  static const char *const kinds[] = {"gaussian", "laplace", "matern32", "imq"};
  const formula f = {.kind = kinds[dice_below(d, 4)], .p = dice_between(d, 0.3, 1.2), .q = 0.5};
  const int n = p->n;
  double x[MOST * 3], size[MOST], b[MOST * MOST];
  const double width = pow(10, dice_between(d, 0, 1.5));
  for (int i = 0; i < n; i++) {
    for (int l = 0; l < 3; l++) x[3 * i + l] = dice_between(d, 0, width);
    size[i] = pow(10, dice_between(d, -0.5, 0.5));
  }
  dice_normals(d, b, n * n);
  for (int i = 0; i < n; i++)
    for (int j = 0; j <= i; j++) {
      double k = i == j ? 0.05 : 0;
      for (int l = 0; p->signs && l < n; l++) k += b[i * n + l] * b[j * n + l] / n;
      if (!p->signs) k += size[i] * size[j] * formula_value(&f, x + 3 * i, x + 3 * j, 3);
      p->k[i * n + j] = p->k[j * n + i] = k;
    }
}

/* t = Kw + noise: little of it leaves the minimizer inside, much makes q all but linear, where certificates are
 * sharp. */
static problem draw_problem(dice *d, int number, bool signs) {
  problem p = {.n = 1 + (int)dice_below(d, MOST), .mass = masses[number % 3], .signs = signs};
  draw_gram(d, &p);
  double w[MOST];
  const double noise = pow(10, dice_between(d, -3, 1.5));
  dice_weights(d, w, p.n, dice_between(d, 0.2, 1) * p.mass);
  for (int i = 0; i < p.n; i++) {
    p.t[i] = noise * dice_normal(d);
    for (int j = 0; j < p.n; j++) p.t[i] += p.k[i * p.n + j] * w[j];
    p.largest = fmax(p.largest, p.k[i * p.n + i]);
  }
  return p;
}

/* Weights to judge: many particles, one of them, the minimizer a little off, nothing. */
static void draw_weights(dice *d, const problem *p, const long double *best, int which, bool cone, double *b) {
  double scale = 0, sum = 0;
  for (int i = 0; i < p->n; i++) scale += (double)best[i];
  dice_weights(d, b, p->n, p->mass);
  if (which == 1) {
    memset(b, 0, sizeof *b * (size_t)p->n);
    b[dice_below(d, p->n)] = p->mass;
  }
  if (which == 2)
    for (int i = 0; i < p->n; i++)
      b[i] = (double)best[i] * dice_between(d, 0.9, 1.1) + (dice_below(d, 5) == 0 ? 1e-4 * scale : 0);
  if (which == 3 && cone) memset(b, 0, sizeof *b * (size_t)p->n);
  for (int i = 0; i < p->n; i++) sum += b[i];
  for (int i = 0; !cone && i < p->n; i++) b[i] *= p->mass / sum;
}

/* ---- the verdict ---- */

typedef struct verdict {
  double worst;    /* of (error - certificate) / (1 + m^2 max K_ii) */
  double tightest; /* of certificate / error, where there is an error */
  int count;
} verdict;

static const verdict fresh = {-INFINITY, INFINITY, 0};

static void judge(verdict *v, const problem *p, const long double *b, const long double *best, double certificate,
                  bool cone) {
  long double sum = 0, sum_best = 0;
  for (int i = 0; i < p->n; i++) sum += b[i], sum_best += best[i];
  const double mass = cone ? (double)fmaxl(sum, sum_best) : p->mass, scale = 1 + mass * mass * p->largest;
  const double error = (double)(objective_of(p, b) - objective_of(p, best));
  theory_worst(&v->worst, (error - certificate) / scale);
  if (error > 1e-6 * scale) v->tightest = fmin(v->tightest, certificate / error);
  v->count++;
}

static void judge_doubles(verdict *v, const problem *p, const double *b, const long double *best, double certificate,
                          bool cone) {
  long double copy[MOST];
  for (int i = 0; i < p->n; i++) copy[i] = b[i];
  judge(v, p, copy, best, certificate, cone);
}

/* The library's certificate at any weights. It may rescale them in the last bits: `b` gets what it has judged. */
static double certificate_at(ift_qp *qp, const problem *p, double *b, bool cone) {
  const ift_qp_problem library = {.gram = p->k, .linear = p->t, .n = p->n, .cone = cone, .mass = p->mass};
  memcpy(qp->b, b, sizeof *b * (size_t)p->n);
  ift_qp_find_support(qp, p->n);
  qp->nonnegative = cone && !p->signs;
  const double gap = ift_qp_certify(qp, &library);
  memcpy(b, qp->b, sizeof *b * (size_t)p->n);
  return gap;
}

/* Is the bound of the cone for any K, M = 2 max(sum b, 1), in force? */
static bool in_reach(const problem *p, const double *b, const long double *best) {
  long double sum = 0, sum_best = 0;
  for (int i = 0; i < p->n; i++) sum += b[i], sum_best += best[i];
  return !p->signs || sum_best <= 2 * fmaxl(sum, 1);
}

/* 500 problems: certificates at given weights, and of the public solver for some tolerances. */
static void try_problems(const char *name, bool cone, bool signs, double tight) {
  static const double tolerances[] = {0, 1e-9, 1e-4, 1e-2, 1, 100};
  ift_context *context = make_context();
  ift_qp *qp;
  assert_status(IFT_OK, ift_qp_create(context, &qp, MOST));
  dice d = {.state = 12 + (uint64_t)(4 * cone + 2 * signs)};
  verdict given = fresh, solved = fresh;
  for (int number = 0; number < PROBLEMS; number++) {
    const problem p = draw_problem(&d, number, signs);
    long double best[MOST];
    double b[MOST], gap;
    minimize(&p, cone, best);
    for (int which = 0; which < 4; which++) {
      draw_weights(&d, &p, best, which, cone, b);
      gap = certificate_at(qp, &p, b, cone);
      if (in_reach(&p, b, best)) judge_doubles(&given, &p, b, best, gap, cone);
    }
    const double tolerance = tolerances[number % 6];
    const ift_status status =
        cone ? ift_cone_qp(context, b, &gap, NULL, p.k, p.t, p.n, NULL, NULL, tolerance)
             : ift_simplex_qp(context, b, &gap, NULL, p.k, p.t, p.n, p.mass, NULL, NULL, tolerance);
    assert_true(status == IFT_OK || status == IFT_STALLED);
    if (in_reach(&p, b, best)) judge_doubles(&solved, &p, b, best, gap, cone);
  }
  ift_qp_destroy(qp);
  ift_context_destroy(context);
  theory_remark("T12", "%s: %d and %d certificates, the tightest %.3g and %.3g times the error", name, given.count,
                solved.count, given.tightest, solved.tightest);
  assert_true(given.count >= 2 * PROBLEMS && solved.count >= PROBLEMS / 2);
  assert_true(given.tightest < tight);
  char part[64];
  theory_report("T12", name, given.worst, TOLERANCE);
  snprintf(part, sizeof part, "%s-solver", name);
  theory_report("T12", part, solved.worst, TOLERANCE);
}

static void test_simplex(void **state) {
  (void)state;
  try_problems("simplex", false, false, 1.05);
  try_problems("simplex-signed", false, true, 1.05);
}

static void test_cone(void **state) {
  (void)state;
  try_problems("cone", true, false, 1.05);
  try_problems("cone-signed", true, true, 1.9);
}

static double smallest_eigenvalue(const problem *p) {
  const size_t n = (size_t)p->n;
  gsl_matrix *k = gsl_matrix_alloc(n, n);
  gsl_vector *values = gsl_vector_alloc(n);
  gsl_eigen_symm_workspace *work = gsl_eigen_symm_alloc(n);
  for (size_t i = 0; i < n; i++)
    for (size_t j = 0; j < n; j++) gsl_matrix_set(k, i, j, p->k[i * n + j]);
  gsl_eigen_symm(k, values, work);
  const double smallest = gsl_vector_min(values);
  gsl_eigen_symm_free(work);
  gsl_vector_free(values);
  gsl_matrix_free(k);
  return smallest;
}

/* |r|^2 / (2 lambda_min), which the library has no use for: the formula itself. */
static void test_residual(void **state) {
  (void)state;
  dice d = {.state = 1212};
  verdict v = fresh;
  for (int number = 0; number < PROBLEMS; number++) {
    const problem p = draw_problem(&d, number, number % 2 == 0);
    const double smallest = smallest_eigenvalue(&p);
    long double best[MOST], copy[MOST], g[MOST];
    minimize(&p, true, best);
    for (int which = 0; which < 4; which++) {
      double b[MOST];
      draw_weights(&d, &p, best, which, true, b);
      for (int i = 0; i < p.n; i++) copy[i] = b[i];
      gradient_of(&p, copy, g);
      long double square = 0;
      for (int i = 0; i < p.n; i++) {
        const long double r = b[i] > 0 ? g[i] : fminl(g[i], 0);
        square += r * r;
      }
      judge(&v, &p, copy, best, (double)(square / (2 * smallest)), true);
    }
  }
  assert_true(v.tightest < 1.05);
  theory_report("T12", "cone-residual", v.worst, TOLERANCE);
}

/* ---- flows ---- */

/* Particles and target points of a flow as one measure problem: F = q + kappa/2. */
typedef struct scene {
  int n, m, d;
  double x[MOST * 2], a[MOST], y[MOST * 2], w[MOST], mass, target;
  formula f;
  char spec[32];
} scene;

static scene draw_scene(dice *d, int number) {
  scene s = {.n = 1 + (int)dice_below(d, 12), .m = 1 + (int)dice_below(d, 12), .d = 2};
  static const char *const kinds[] = {"gaussian", "laplace", "matern32", "imq"};
  s.f = (formula){.kind = kinds[dice_below(d, 4)], .p = dice_between(d, 0.3, 1.2), .q = 0.5};
  snprintf(s.spec, sizeof s.spec, "%s:%.17g", s.f.kind, s.f.p);
  s.mass = masses[number % 3];
  s.target = masses[number / 3 % 3];
  for (int i = 0; i < s.n * s.d; i++) s.x[i] = dice_between(d, 0, 4);
  for (int i = 0; i < s.m * s.d; i++) s.y[i] = dice_between(d, 0, 4);
  dice_weights(d, s.a, s.n, s.mass);
  dice_weights(d, s.w, s.m, s.target);
  return s;
}

/* q over `count` points with t the embedding of the target. */
static problem problem_at(const scene *s, const double *points, int count, double mass) {
  problem p = {.n = count, .mass = mass};
  for (int i = 0; i < count; i++) {
    for (int j = 0; j < count; j++)
      p.k[i * count + j] = formula_value(&s->f, points + i * s->d, points + j * s->d, s->d);
    p.t[i] = formula_sum(&s->f, points + i * s->d, s->y, s->m, s->d, s->w);
    p.largest = fmax(p.largest, p.k[i * count + i]);
  }
  return p;
}

/* `gap` against the least F of any measure of the same mass (where it is free, of any mass: that is 0) on particles and
 * target points. */
static void test_global(void **state) {
  (void)state;
  ift_context *context = make_context();
  dice d = {.state = 121212};
  verdict kept = fresh, freed = fresh;
  double twice = -INFINITY;
  for (int number = 0; number < 100; number++) {
    const scene s = draw_scene(&d, number);
    ift_energy *energy = make_energy(context, s.spec, s.y, s.m, s.d, s.w);
    for (int sphere = 0; sphere < 2; sphere++) {
      ift_flow *flow = make_flow(context, sphere ? "spherical-ift" : "ift", energy, s.x, s.n, s.d, s.a);
      assert_status(IFT_OK, ift_flow_step(flow, number % 4)); /* weights may reach 0 */
      double points[2 * MOST * 2];
      long double b[MOST] = {0}, best[MOST];
      memcpy(points, ift_measure_positions(ift_flow_measure(flow)), sizeof *points * (size_t)(s.n * s.d));
      memcpy(points + s.n * s.d, s.y, sizeof *points * (size_t)(s.m * s.d));
      const problem p = problem_at(&s, points, s.n + s.m, s.mass);
      for (int i = 0; i < s.n; i++) b[i] = ift_measure_weights(ift_flow_measure(flow))[i];
      minimize(&p, !sphere, best);
      judge(sphere ? &kept : &freed, &p, b, best, flow_real(flow, "gap"), !sphere);
      if (!sphere || number / 3 % 3 == number % 3) /* the masses are equal */
        theory_worst(&twice,
                     formula_mmd2(&s.f, points, s.n, ift_measure_weights(ift_flow_measure(flow)), s.y, s.m, s.w, s.d) -
                         flow_real(flow, "gap"));
      ift_flow_destroy(flow);
    }
    ift_energy_destroy(energy);
  }
  ift_context_destroy(context);
  theory_remark("T12", "gaps of flows: the tightest are %.3g and %.3g times the error", kept.tightest, freed.tightest);
  theory_report("T12", "flow-gap-kept", kept.worst, TOLERANCE);
  theory_report("T12", "flow-gap-free", freed.worst, TOLERANCE);
  theory_report("T12", "flow-gap-mmd2", twice, TOLERANCE);
}

/* `weight_gap` of a step from the old weights, t = (1-th) K a + th c, at the new positions. */
static void test_weight_gap(void **state) {
  (void)state;
  ift_context *context = make_context();
  dice d = {.state = 12121212};
  verdict v = fresh;
  for (int number = 0; number < 100; number++) {
    const scene s = draw_scene(&d, number);
    const double eta = dice_between(&d, 0.05, 2), theta = -expm1(-eta);
    ift_energy *energy = make_energy(context, s.spec, s.y, s.m, s.d, s.w);
    const bool cone = number % 2 == 0;
    ift_flow *flow = make_flow(context, cone ? "ift" : "spherical-ift", energy, s.x, s.n, s.d, s.a);
    assert_status(IFT_OK, ift_flow_set_text(flow, "step_control", "fixed"));
    assert_status(IFT_OK, ift_flow_set_real(flow, "tau", 0.02));
    assert_status(IFT_OK, ift_flow_set_real(flow, "eta", eta));
    assert_status(IFT_OK, ift_flow_step(flow, 1));
    problem p = problem_at(&s, ift_measure_positions(ift_flow_measure(flow)), s.n, s.mass);
    for (int i = 0; i < s.n; i++) {
      p.t[i] *= theta;
      for (int j = 0; j < s.n; j++) p.t[i] += (1 - theta) * p.k[i * s.n + j] * s.a[j];
    }
    long double best[MOST];
    minimize(&p, cone, best);
    judge_doubles(&v, &p, ift_measure_weights(ift_flow_measure(flow)), best, flow_real(flow, "weight_gap"), cone);
    ift_flow_destroy(flow);
    ift_energy_destroy(energy);
  }
  ift_context_destroy(context);
  theory_report("T12", "flow-weight-gap", v.worst, TOLERANCE);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_simplex), cmocka_unit_test(test_cone),       cmocka_unit_test(test_residual),
      cmocka_unit_test(test_global),  cmocka_unit_test(test_weight_gap),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
