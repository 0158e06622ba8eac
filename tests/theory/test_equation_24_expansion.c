/* T7, eq. (23) and (24) of the paper. 2 eta times what the MMD step minimizes over the weights b,
 *
 *     1/2 MMD^2(sum b_i delta_{x_i}, pi) + 1/(2 eta) MMD^2(sum b_i delta_{x_i}, sum a_i delta_{z_i}),
 *
 * is, for m samples y_j of equal weight,
 *
 *     (1+eta) b'K_XX b - (2 eta/m) b'K_XY 1 - 2 b'K_XZ a + (eta/m^2) 1'K_YY 1 + a'K_ZZ a,
 *
 * where z are the new positions (center `new`, as (14) and (23) have it) or those before transport (center `old`, as
 * Algorithm 1 and (24) have it; what is eta here is called tau there).
 *
 * Checked is, for both centers,
 *  - the expansion, from the library's Gram matrices, against two MMDs summed directly, to 1e-14; and the same against
 *    those that the library gives;
 *  - that the step of the flow `spherical-ift`, and with free mass of `ift`, is the minimizer of this expansion, found
 *    by looking at every face of the simplex or the cone. */
#include "theory/problem.h"
#include "support/fixture.h"

enum { D = 2, PROBLEMS = 60 };
static const formula kernels[] = {
    {"gaussian", "gaussian:0.9", 0.9, 0, false, false, true},
    {"laplace", "laplace:3", 3, 0, false, true, true},
    {"imq", "imq:1.2", 1.2, 0.5, false, false, true},
};

/* Up to 8 particles, one perhaps dead; the target of equal weights, half of the time around the particles. */
static problem equal_weights_problem(dice *dice_, int k) {
  problem p = {.kernel = kernels[k % 3], .n = 2 + dice_below(dice_, 7), .m = 4 + dice_below(dice_, 20), .d = D};
  if (k % 2) p.m = 3 * p.n;
  dice_normals(dice_, p.x, p.n * D);
  dice_normals(dice_, p.y, p.m * D);
  for (int64_t j = 0; j < p.m * D; j++) p.y[j] = k % 2 ? p.x[j % (p.n * D)] + 0.2 * p.y[j] : 0.4 * p.y[j] + 1;
  dice_weights(dice_, p.a, p.n, 1);
  if (dice_below(dice_, 2)) {
    p.a[1] += p.a[0];
    p.a[0] = 0;
  }
  for (int64_t j = 0; j < p.m; j++) p.w[j] = 1 / (double)p.m;
  return p;
}

/* MMD^2 of two measures on n and m points, summed directly. */
static double square(const problem *p, const double *x, const double *b, const double *z, const double *a, int64_t m) {
  problem q = {.kernel = p->kernel, .n = p->n, .m = m, .d = D};
  memcpy(q.y, z, (size_t)(m * D) * sizeof *z);
  memcpy(q.w, a, (size_t)m * sizeof *a);
  return (double)(2 * problem_energy(&q, x, b));
}

static double library_square(const ift_kernel *kernel, const problem *p, const double *x, const double *b,
                             const double *z, const double *a, int64_t m) {
  ift_measure *one = make_measure(context, x, p->n, D, b), *other = make_measure(context, z, m, D, a);
  double value;
  assert_status(IFT_OK, ift_mmd2(kernel, &value, one, other));
  ift_measure_destroy(one);
  ift_measure_destroy(other);
  return value;
}

/* The library's [k(x_i, z_j)]. */
static void library_matrix(const ift_kernel *kernel, double *out, const double *x, int64_t n, const double *z,
                           int64_t m) {
  assert_status(IFT_OK, ift_kernel_gram(kernel, out, x, n, D, z, m));
}

/* (24), with its constant, at weights b. */
static double expansion(const ift_kernel *kernel, const problem *p, const double *x, const double *b, const double *z,
                        double eta) {
  double xx[MOST_PARTICLES * MOST_PARTICLES], xz[MOST_PARTICLES * MOST_PARTICLES], zz[MOST_PARTICLES * MOST_PARTICLES];
  double xy[MOST_PARTICLES * MOST_POINTS], yy[MOST_POINTS * MOST_POINTS], m = (double)p->m;
  const int64_t n = p->n;
  library_matrix(kernel, xx, x, n, x, n);
  library_matrix(kernel, xz, x, n, z, n);
  library_matrix(kernel, zz, z, n, z, n);
  library_matrix(kernel, xy, x, n, p->y, p->m);
  library_matrix(kernel, yy, p->y, p->m, p->y, p->m);
  long double target = 0, constant = 0;
  for (int64_t i = 0; i < n; i++)
    for (int64_t j = 0; j < p->m; j++) target += (long double)b[i] * xy[i * p->m + j];
  for (int64_t j = 0; j < p->m * p->m; j++) constant += yy[j];
  return (double)((1 + eta) * form(xx, b, b, n) - 2 * eta / m * target - 2 * form(xz, b, p->a, n) +
                  eta / (m * m) * constant + form(zz, p->a, p->a, n));
}

/* The particles after explicit transport. */
static void move(const problem *p, double *x, double tau) {
  double v[MOST_PARTICLES * D];
  problem_v(p, v);
  for (int64_t i = 0; i < p->n * D; i++) x[i] = p->x[i] - tau * v[i];
}

static void check_expansion(bool old, const char *part, const char *library_part) {
  double worst = 0, library_worst = 0;
  dice dice_ = {41};
  for (int k = 0; k < PROBLEMS; k++) {
    const problem p = equal_weights_problem(&dice_, k);
    const double eta = dice_between(&dice_, 0.02, 2);
    double x[MOST_PARTICLES * D], b[MOST_PARTICLES];
    ift_kernel *kernel = make_kernel(context, p.kernel.spec);
    move(&p, x, 0.5);
    dice_weights(&dice_, b, p.n, dice_between(&dice_, 0.5, 1.5));
    const double *z = old ? p.x : x;
    const double found = expansion(kernel, &p, x, b, z, eta);
    const double direct = eta * square(&p, x, b, p.y, p.w, p.m) + square(&p, x, b, z, p.a, p.n);
    const double library =
        eta * library_square(kernel, &p, x, b, p.y, p.w, p.m) + library_square(kernel, &p, x, b, z, p.a, p.n);
    theory_worst(&worst, fabs(found - direct));
    theory_worst(&library_worst, fabs(found - library));
    ift_kernel_destroy(kernel);
  }
  theory_report("T7", part, worst, 1e-14);
  theory_report("T7", library_part, library_worst, 1e-14);
}

static void test_expansion(void **state) {
  (void)state;
  check_expansion(false, "center-new", "center-new-library");
  check_expansion(true, "center-old", "center-old-library");
}

/* The minimizer of (24) over weights of mass 1, or of any: half of it over 1 + eta is 1/2 b'Kb - t'b. */
static void minimize_expansion(const problem *p, const double *x, const double *z, double eta, bool kept, double *b) {
  double xx[MOST_PARTICLES * MOST_PARTICLES], xz[MOST_PARTICLES * MOST_PARTICLES], t[MOST_PARTICLES];
  const int64_t n = p->n;
  problem_matrix(p, xx, x, n, x, n);
  problem_matrix(p, xz, x, n, z, n);
  problem_c(p, t, x);
  for (int64_t i = 0; i < n; i++) {
    long double sum = eta * (long double)t[i];
    for (int64_t j = 0; j < n; j++) sum += (long double)xz[i * n + j] * p->a[j];
    t[i] = (double)(sum / (1 + eta));
  }
  minimize_weights(xx, t, n, kept ? 1 : -1, b);
}

static void check_step(const char *geometry, const char *center, const char *part) {
  const bool kept = strncmp(geometry, "spherical", 9) == 0;
  double worst = 0;
  int vanished = 0, whole = 0;
  dice dice_ = {43};
  for (int k = 0; k < PROBLEMS; k++) {
    const problem p = equal_weights_problem(&dice_, k);
    const double eta = k % 4 < 2 ? dice_between(&dice_, 0.02, 2) : dice_between(&dice_, 5, 30);
    double x[MOST_PARTICLES * D], b[MOST_PARTICLES], smallest = INFINITY;
    problem next = p;
    ift_flow *flow = problem_flow(context, &p, geometry);
    flow_set_text(flow, "reaction", "implicit");
    flow_set_text(flow, "center", center);
    flow_set_real(flow, "tau", 0.5);
    flow_set_real(flow, "eta", eta);
    problem_follow(&next, flow);
    move(&p, x, 0.5);
    minimize_expansion(&p, x, strcmp(center, "old") == 0 ? p.x : x, eta, kept, b);
    for (int64_t i = 0; i < p.n; i++) {
      theory_worst(&worst, fabs(next.a[i] - b[i]));
      smallest = fmin(smallest, b[i]);
    }
    vanished += smallest == 0;
    whole += smallest > 0;
    ift_flow_destroy(flow);
  }
  theory_remark("T7", "%s, center %s: %d minimizers with a weight 0, %d without", geometry, center, vanished, whole);
  assert_true(vanished > 10 && whole > 10);
  theory_report("T7", part, worst, 1e-12);
}

static void test_step(void **state) {
  (void)state;
  check_step("spherical-ift", "new", "step-spherical-new");
  check_step("spherical-ift", "old", "step-spherical-old");
  check_step("ift", "new", "step-free-new");
  check_step("ift", "old", "step-free-old");
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_expansion), cmocka_unit_test(test_step)};
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
