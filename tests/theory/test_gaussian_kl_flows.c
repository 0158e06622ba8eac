/* T9, KL flows. A Gaussian N(m, S) stays one along the flows of KL to N(m*, P^{-1}) with rates alpha, beta:
 *
 *   m' = -(alpha P + beta S P) (m - m*),   S' = alpha (2I - PS - SP) + beta (S - SPS)          (spherical WFR)
 *
 * Checked are these moment equations, against integrals of the equation of the flow; the closed forms
 *
 *   Wasserstein (Ornstein-Uhlenbeck)   m - m* = E (m0 - m*), S - P^{-1} = E (S0 - P^{-1}) E, E = e^{-alpha t P}
 *   spherical Fisher-Rao               S^{-1} and S^{-1} m go from their first values to P and P m* as e^{-beta t}
 *   spherical WFR, P and S0 of the same axes; in each axis, of precision p and variance S:
 *       C = (1 - p S0)/(2 alpha + beta S0), e = e^{-(beta + 2 alpha p) t}, S = (1 - 2 alpha C e)/(p + beta C e),
 *       m - m* = (m0 - m*) e^{-(alpha p + beta) t} (p + beta C)/(p + beta C e)
 *
 * against the classical method of Runge and Kutta on the moment equations; that composing the exact flows of the two
 * parts is of order 1 (Lie) or 2 (Strang) where P and S0 do not commute; and a flow on the grid of
 * examples/paper/grid.h. d = 2, t = 1. */
#include "../../examples/paper/grid.h"
#include "support/random.h"
#include "theory/theory.h"

enum { PROBLEMS = 12, REFERENCE = 1000, LEVELS = 4, FEWEST = 20 };

typedef struct matrix {
  long double e[2][2];
} matrix;

typedef struct gaussian {
  long double m[2];
  matrix s;
} gaussian;

typedef struct problem {
  gaussian start;
  long double m[2], alpha, beta; /* m*, P: the target's mean and precision */
  matrix p;
  double angle, precision[2], variance[2]; /* of P; of S0 where it has the same axes */
} problem;

static const matrix identity = {{{1, 0}, {0, 1}}};

static matrix product(matrix a, matrix b) {
  matrix c;
  for (int i = 0; i < 2; i++)
    for (int j = 0; j < 2; j++) c.e[i][j] = a.e[i][0] * b.e[0][j] + a.e[i][1] * b.e[1][j];
  return c;
}

/* p a + q b. */
static matrix combine(long double p, matrix a, long double q, matrix b) {
  for (int i = 0; i < 2; i++)
    for (int j = 0; j < 2; j++) a.e[i][j] = p * a.e[i][j] + q * b.e[i][j];
  return a;
}

static matrix inverse(matrix a) {
  const long double d = a.e[0][0] * a.e[1][1] - a.e[0][1] * a.e[1][0];
  return (matrix){{{a.e[1][1] / d, -a.e[0][1] / d}, {-a.e[1][0] / d, a.e[0][0] / d}}};
}

static void apply(long double *out, matrix a, long double x, long double y) {
  for (int i = 0; i < 2; i++) out[i] = a.e[i][0] * x + a.e[i][1] * y;
}

/* Of eigenvalues and the angle of the first eigenvector. */
static matrix symmetric(long double first, long double second, double angle) {
  const long double c = cosl(angle), s = sinl(angle);
  return (matrix){{{first * c * c + second * s * s, (first - second) * c * s},
                   {(first - second) * c * s, first * s * s + second * c * c}}};
}

/* Euclidean, over all means and covariances. */
static double distance(const gaussian *a, const gaussian *b) {
  long double square = 0;
  for (int i = 0; i < 2; i++) {
    square += (a->m[i] - b->m[i]) * (a->m[i] - b->m[i]);
    for (int j = 0; j < 2; j++) square += (a->s.e[i][j] - b->s.e[i][j]) * (a->s.e[i][j] - b->s.e[i][j]);
  }
  return (double)sqrtl(square);
}

static problem draw(dice *d, int common_axes) {
  problem of = {.alpha = dice_between(d, 0.4, 1.2), .beta = dice_between(d, 0.4, 1.2)};
  of.angle = dice_between(d, 0, 3);
  for (int i = 0; i < 2; i++) {
    of.precision[i] = dice_between(d, 0.5, 2.5);
    of.variance[i] = dice_between(d, 0.2, 2.5);
    of.m[i] = dice_normal(d);
    of.start.m[i] = 2 * dice_normal(d);
  }
  const double other = common_axes ? of.angle : of.angle + dice_between(d, 0.5, 1);
  of.p = symmetric(of.precision[0], of.precision[1], of.angle);
  of.start.s = symmetric(of.variance[0], of.variance[1], other);
  return of;
}

/* ---- moment equations ---- */

static gaussian rate(const problem *of, const gaussian *z) {
  const matrix ps = product(of->p, z->s), sp = product(z->s, of->p), sps = product(sp, z->s);
  gaussian out;
  apply(out.m, combine(-of->alpha, of->p, -of->beta, sp), z->m[0] - of->m[0], z->m[1] - of->m[1]);
  out.s = combine(of->alpha, combine(2, identity, -1, combine(1, ps, 1, sp)), of->beta, combine(1, z->s, -1, sps));
  return out;
}

static gaussian ahead(const gaussian *z, long double h, const gaussian *by) {
  gaussian out = {{z->m[0] + h * by->m[0], z->m[1] + h * by->m[1]}, combine(1, z->s, h, by->s)};
  return out;
}

/* At t = 1; the error is of the size of h^4 = 1e-12. */
static gaussian integrate(const problem *of) {
  const long double h = 1.0L / REFERENCE;
  gaussian z = of->start;
  for (int step = 0; step < REFERENCE; step++) {
    gaussian k[4], at;
    k[0] = rate(of, &z);
    at = ahead(&z, h / 2, &k[0]), k[1] = rate(of, &at);
    at = ahead(&z, h / 2, &k[1]), k[2] = rate(of, &at);
    at = ahead(&z, h, &k[2]), k[3] = rate(of, &at);
    for (int i = 0; i < 4; i++) z = ahead(&z, h * (i == 0 || i == 3 ? 1 : 2) / 6, &k[i]);
  }
  return z;
}

/* The same rates as integrals of x and (x-m)(x-m)' against the equation of the flow,
 * mu' = alpha div(mu grad g) - beta mu (g - mean), g = log(mu/pi), parts integrated: over x = m + L z by the trapezoid
 * rule in z on [-9, 9]^2, which errs by less than rounding. */
static gaussian rate_by_integrals(const problem *of, const gaussian *z) {
  const long double step = 0.3L, l00 = sqrtl(z->s.e[0][0]), l10 = z->s.e[1][0] / l00;
  const long double l11 = sqrtl(z->s.e[1][1] - l10 * l10);
  const matrix q = inverse(z->s);
  long double mean = 0;
  gaussian out = {{0, 0}, {{{0, 0}, {0, 0}}}};
  for (int pass = 0; pass < 2; pass++)
    for (int k = 0; k < 61 * 61; k++) {
      const long double a = step * (k / 61 - 30), b = step * (k % 61 - 30);
      const long double mass = step * step * expl(-(a * a + b * b) / 2) / 6.283185307179586477L;
      const long double y[2] = {l00 * a, l10 * a + l11 * b};
      long double to[2], by_q[2], by_p[2];
      for (int i = 0; i < 2; i++) to[i] = z->m[i] + y[i] - of->m[i];
      apply(by_q, q, y[0], y[1]);
      apply(by_p, of->p, to[0], to[1]);
      const long double g = (by_p[0] * to[0] + by_p[1] * to[1] - by_q[0] * y[0] - by_q[1] * y[1]) / 2;
      if (pass == 0) mean += mass * g;
      for (int i = 0; pass == 1 && i < 2; i++) {
        const long double v = by_p[i] - by_q[i];
        out.m[i] -= mass * (of->alpha * v + of->beta * (g - mean) * y[i]);
        for (int j = 0; j < 2; j++)
          out.s.e[i][j] -=
              mass * (of->alpha * (v * y[j] + (by_p[j] - by_q[j]) * y[i]) + of->beta * (g - mean) * y[i] * y[j]);
      }
    }
  return out;
}

static void test_moment_equations(void **state) {
  (void)state;
  dice d = {1};
  double worst = -1;
  for (int k = 0; k < PROBLEMS; k++) {
    const problem of = draw(&d, 0);
    const gaussian a = rate(&of, &of.start), b = rate_by_integrals(&of, &of.start);
    theory_worst(&worst, distance(&a, &b));
  }
  theory_report("T9", "kl-moment-equations", worst, 1e-12);
}

/* ---- closed forms ---- */

static gaussian ornstein_uhlenbeck(const problem *of, const gaussian *from, long double t) {
  const long double *p = (const long double[]){expl(-t * of->precision[0]), expl(-t * of->precision[1])};
  const matrix e = symmetric(p[0], p[1], of->angle), rest = inverse(of->p);
  gaussian to;
  apply(to.m, e, from->m[0] - of->m[0], from->m[1] - of->m[1]);
  for (int i = 0; i < 2; i++) to.m[i] += of->m[i];
  to.s = combine(1, rest, 1, product(product(e, combine(1, from->s, -1, rest)), e));
  return to;
}

static gaussian fisher_rao(const problem *of, const gaussian *from, long double t) {
  const long double keep = expl(-t);
  const matrix q = inverse(from->s);
  long double of_start[2], of_target[2];
  apply(of_start, q, from->m[0], from->m[1]);
  apply(of_target, of->p, of->m[0], of->m[1]);
  gaussian to = {.s = inverse(combine(keep, q, 1 - keep, of->p))};
  apply(to.m, to.s, keep * of_start[0] + (1 - keep) * of_target[0], keep * of_start[1] + (1 - keep) * of_target[1]);
  return to;
}

/* Axis by axis. */
static gaussian wasserstein_fisher_rao(const problem *of, long double t) {
  const long double alpha = of->alpha, beta = of->beta, cosine = cosl(of->angle), sine = sinl(of->angle);
  const long double gap[2] = {of->start.m[0] - of->m[0], of->start.m[1] - of->m[1]};
  const long double along[2] = {cosine * gap[0] + sine * gap[1], cosine * gap[1] - sine * gap[0]};
  long double s[2], m[2];
  for (int i = 0; i < 2; i++) {
    const long double p = of->precision[i], s0 = of->variance[i];
    const long double c = (1 - p * s0) / (2 * alpha + beta * s0), e = expl(-(beta + 2 * alpha * p) * t);
    s[i] = (1 - 2 * alpha * c * e) / (p + beta * c * e);
    m[i] = along[i] * expl(-(alpha * p + beta) * t) * (p + beta * c) / (p + beta * c * e);
  }
  gaussian to = {{of->m[0] + cosine * m[0] - sine * m[1], of->m[1] + sine * m[0] + cosine * m[1]},
                 symmetric(s[0], s[1], of->angle)};
  return to;
}

static void test_closed_forms(void **state) {
  (void)state;
  dice d = {2};
  double wasserstein = -1, reaction = -1, both = -1;
  for (int k = 0; k < PROBLEMS; k++) {
    const problem any = draw(&d, 0), common = draw(&d, 1);
    problem transported = any, reacting = any;
    transported.beta = 0;
    reacting.alpha = 0;
    gaussian a = integrate(&transported), b = ornstein_uhlenbeck(&any, &any.start, any.alpha);
    theory_worst(&wasserstein, distance(&a, &b));
    a = integrate(&reacting), b = fisher_rao(&any, &any.start, any.beta);
    theory_worst(&reaction, distance(&a, &b));
    a = integrate(&common), b = wasserstein_fisher_rao(&common, 1);
    theory_worst(&both, distance(&a, &b));
  }
  theory_report("T9", "kl-wasserstein", wasserstein, 1e-10);
  theory_report("T9", "kl-spherical-fisher-rao", reaction, 1e-10);
  theory_report("T9", "kl-spherical-wfr", both, 1e-10);
}

/* ---- splitting ---- */

static gaussian split(const problem *of, int order, int steps) {
  const long double tau = of->alpha / steps, eta = of->beta / steps;
  gaussian z = of->start;
  for (int step = 0; step < steps; step++) {
    if (order == 2) z = fisher_rao(of, &z, eta / 2);
    z = ornstein_uhlenbeck(of, &z, tau);
    z = fisher_rao(of, &z, order == 2 ? eta / 2 : eta);
  }
  return z;
}

static void check_order(int order, const char *part, double allowed) {
  dice d = {3};
  double worst = -1;
  for (int k = 0; k < PROBLEMS; k++) {
    const problem of = draw(&d, 0);
    const gaussian solution = integrate(&of);
    double errors[LEVELS];
    for (int level = 0; level < LEVELS; level++) {
      const gaussian z = split(&of, order, FEWEST << level);
      errors[level] = distance(&z, &solution);
      if (level > 0) theory_worst(&worst, fabs(errors[level - 1] / errors[level] - 2 * order));
    }
    if (k == 0)
      theory_remark("T9", "%s: errors %.3g, %.3g, %.3g, %.3g", part, errors[0], errors[1], errors[2], errors[3]);
  }
  theory_report("T9", part, worst, allowed);
}

static void test_splitting(void **state) {
  (void)state;
  check_order(1, "kl-lie", 0.05);
  check_order(2, "kl-strang", 0.1);
}

/* ---- the grid ---- */

/* Mean and variance of spherical-wfr of KL to N(0, 1) at t = 1, alpha = beta = 1. */
static void on_grid(double *moments, double m, double variance, double h, int steps) {
  static grid nodes;
  double u[GRID_MOST];
  grid_make(&nodes, quadratic, 7, h, 1);
  grid_bumps(&nodes, u, m, m, sqrt(variance));
  for (int step = 0; step < steps; step++) {
    grid_transport(&nodes, u, 1.0 / steps);
    grid_fisher_rao_reaction(&nodes, u, 1.0 / steps);
  }
  moments[0] = moments[1] = 0;
  for (int i = 0; i < nodes.n; i++) moments[0] += u[i] * nodes.x[i];
  for (int i = 0; i < nodes.n; i++) moments[1] += u[i] * (nodes.x[i] - moments[0]) * (nodes.x[i] - moments[0]);
}

/* Of first order in the step, which extrapolation takes away; the rest is within h^2/8, by which rates are off. */
static void test_grid(void **state) {
  (void)state;
  const double m = 1.5, variance = 0.3, h = 0.1;
  const problem of = {.start = {{m, m}, symmetric(variance, variance, 0)},
                      .alpha = 1,
                      .beta = 1,
                      .p = identity,
                      .precision = {1, 1},
                      .variance = {variance, variance}};
  const gaussian solution = wasserstein_fisher_rao(&of, 1);
  const double exact[2] = {(double)solution.m[0], (double)solution.s.e[0][0]};
  double by[3][2], error = -1, order = -1;
  for (int k = 0; k < 3; k++) on_grid(by[k], m, variance, h, 200 << k);
  for (int i = 0; i < 2; i++) {
    theory_worst(&error, fabs(2 * by[2][i] - by[1][i] - exact[i]));
    theory_worst(&order, fabs((by[0][i] - by[1][i]) / (by[1][i] - by[2][i]) - 2));
  }
  theory_remark("T9", "grid: mean %.6f, variance %.6f; closed form %.6f, %.6f", by[2][0], by[2][1], exact[0], exact[1]);
  theory_report("T9", "kl-grid", error, h * h / 8);
  theory_report("T9", "kl-grid-order", order, 0.05);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_moment_equations),
      cmocka_unit_test(test_closed_forms),
      cmocka_unit_test(test_splitting),
      cmocka_unit_test(test_grid),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
