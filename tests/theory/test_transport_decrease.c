/* T10. Explicit transport decreases F by at least its dissipation, but for a term of second order.
 *
 * x_i+ = x_i - tau v_i, F = 1/2 MMD^2 of masses m and p (target), D = sum a_i |v_i|^2, [-lo, hi] the range of the
 * eigenvalues of Hess k. Along the straight paths from x to x+ the second derivative of F is
 *
 *   1/2 sum_ij a_i a_j (u_i-u_j)' Hess k(x_i-x_j) (u_i-u_j) - sum_ij a_i w_j u_i' Hess k(x_i-y_j) u_i,   u = -tau v,
 *
 * between -(lo m + hi p) tau^2 D and (hi m + lo p) tau^2 D. So with L = hi m + lo p, for 0 < tau < 2/L,
 *
 *   F(x) - F(x+) >= tau (1 - L tau/2) D         slack >= -1e-14 (1 + F),
 *
 * and |F(x) - F(x+) - tau D| <= max(L, lo m + hi p) tau^2/2 D, without which a velocity of twice the size would not be
 * noticed. Constants in units of the length squared (parts add in a sum of kernels):
 *
 *   gaussian       lo 1      hi 2 exp(-3/2)      L 1.446 for unit masses
 *   matern32       lo 3      hi 3 exp(-2)        L 3.406
 *   matern52       lo 5/3    hi 25 exp(-3)/3     L 2.082
 *   imq(c, 1/2)    lo 1      hi 0.2024           L 1.2024
 *   laplace, matern12, riesz: none
 *
 * The same holds for the Euclidean gradient, x_i+ = x_i - tau a_i v_i, with tau max a for tau in the parentheses and
 * sum a_i^2 |v_i|^2 for D. F, v and D are computed here by their definitions. Checked besides: the constants, by
 * scanning Hess k; that they are reached, so that no smaller L would do and m and p have their places; that kernels
 * with a kink have none; that tau on `auto` is 0.58/L for any masses. */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "support/kernels.h"
#include "support/make.h"
#include "support/random.h"
#include "theory/theory.h"

enum { MOST = 16, DIM = 3, TRIALS = 400 };
static const double TOLERANCE = 1e-14;

typedef struct bounded {
  const char *kind;
  double lo, hi, unit; /* unit: L for unit masses, as stated */
} bounded;

static const bounded smooth[] = {
    {"gaussian", 1, 0.44626032029685964, 1.446},
    {"matern32", 3, 0.40600584970983811, 3.406},
    {"matern52", 5.0 / 3, 0.41489223639886614, 2.082},
    {"imq", 1, 0.2024, 1.2024},
};
enum { SMOOTH = 4 };

/* A kernel of one to three parts, by its formulas and as text, with its own lo and hi. */
typedef struct mixture {
  formula parts[3];
  double coefficients[3], lo, hi;
  int count;
  char spec[192];
} mixture;

static mixture one_kernel(const char *kind, double length, double q) {
  mixture k = {.parts[0] = {.kind = kind, .p = length, .q = q}, .coefficients[0] = 1, .count = 1};
  snprintf(k.spec, sizeof k.spec, "%s:%.17g", kind, length);
  return k;
}

static void add_bounds(mixture *k, double coefficient, const bounded *b, double length) {
  k->lo += coefficient * b->lo / (length * length);
  k->hi += coefficient * b->hi / (length * length);
}

static mixture draw_kernel(dice *d) {
  mixture k = {.count = 1 + (int)dice_below(d, 3)};
  for (int t = 0; t < k.count; t++) {
    const bounded *b = &smooth[dice_below(d, SMOOTH)];
    const double length = dice_between(d, 0.4, 1.5);
    k.parts[t] = (formula){.kind = b->kind, .p = length, .q = 0.5};
    k.coefficients[t] = k.count == 1 ? 1 : dice_between(d, 0.3, 1.5);
    add_bounds(&k, k.coefficients[t], b, length);
    const size_t used = strlen(k.spec);
    snprintf(k.spec + used, sizeof k.spec - used, "%s%.17g*%s:%.17g", t ? "+" : "", k.coefficients[t], b->kind, length);
  }
  return k;
}

/* A measure and a target. */
typedef struct scene {
  mixture k;
  int n, m, d;
  double x[MOST * DIM], a[MOST], y[MOST * DIM], w[MOST], mass, target;
} scene;

static scene draw_scene(dice *d) {
  scene s = {.k = draw_kernel(d), .n = 1 + (int)dice_below(d, MOST), .m = 1 + (int)dice_below(d, MOST)};
  s.d = 1 + (int)dice_below(d, DIM);
  s.mass = pow(10, dice_between(d, -1, 0.5));
  s.target = pow(10, dice_between(d, -1, 0.5));
  dice_normals(d, s.x, s.n * s.d);
  dice_normals(d, s.y, s.m * s.d);
  dice_weights(d, s.a, s.n, s.mass);
  dice_weights(d, s.w, s.m, s.target);
  if (s.n > 1 && dice_below(d, 4) == 0) s.mass -= s.a[0], s.a[0] = 0; /* a dead one */
  return s;
}

static long double kernel_at(const mixture *k, const double *x, const double *y, int d) {
  long double sum = 0;
  for (int t = 0; t < k->count; t++) sum += (long double)k->coefficients[t] * formula_value(&k->parts[t], x, y, d);
  return sum;
}

/* F of particles at x. */
static double energy_at(const scene *s, const double *x) {
  long double sum = 0;
  for (int i = 0; i < s->n; i++) {
    for (int j = 0; j < s->n; j++)
      sum += (long double)s->a[i] * s->a[j] * kernel_at(&s->k, x + i * s->d, x + j * s->d, s->d);
    for (int j = 0; j < s->m; j++)
      sum -= 2 * (long double)s->a[i] * s->w[j] * kernel_at(&s->k, x + i * s->d, s->y + j * s->d, s->d);
  }
  for (int i = 0; i < s->m; i++)
    for (int j = 0; j < s->m; j++)
      sum += (long double)s->w[i] * s->w[j] * kernel_at(&s->k, s->y + i * s->d, s->y + j * s->d, s->d);
  return (double)(sum / 2);
}

static void add_gradient(const scene *s, long double *v, const double *x, const double *y, double weight) {
  for (int t = 0; t < s->k.count; t++) {
    double part[DIM];
    formula_gradient(&s->k.parts[t], part, x, y, s->d);
    for (int l = 0; l < s->d; l++) v[l] += (long double)weight * s->k.coefficients[t] * part[l];
  }
}

/* sum a_i^power |v_i|^2. */
static double dissipation_of(const scene *s, int power) {
  long double sum = 0;
  for (int i = 0; i < s->n; i++) {
    long double v[DIM] = {0}, square = 0;
    for (int j = 0; j < s->n; j++) add_gradient(s, v, s->x + i * s->d, s->x + j * s->d, s->a[j]);
    for (int j = 0; j < s->m; j++) add_gradient(s, v, s->x + i * s->d, s->y + j * s->d, -s->w[j]);
    for (int l = 0; l < s->d; l++) square += v[l] * v[l];
    sum += powl(s->a[i], power) * square;
  }
  return (double)sum;
}

/* The library's transport step: where the particles are after it. The dissipation that it reports comes along. */
static double step(ift_context *context, const scene *s, const char *transport, double tau, double *x) {
  ift_energy *energy = make_energy(context, s->k.spec, s->y, s->m, s->d, s->w);
  ift_flow *flow = make_flow(context, "wasserstein", energy, s->x, s->n, s->d, s->a);
  assert_status(IFT_OK, ift_flow_set_text(flow, "step_control", "fixed"));
  assert_status(IFT_OK, ift_flow_set_text(flow, "transport", transport));
  assert_status(IFT_OK, ift_flow_set_real(flow, "tau", tau));
  assert_status(IFT_OK, ift_flow_step(flow, 1));
  assert_status(IFT_OK, ift_measure_copy_positions(ift_flow_measure(flow), x));
  const double reported = flow_real(flow, "transport_dissipation");
  ift_flow_destroy(flow);
  ift_energy_destroy(energy);
  return reported;
}

static double largest_weight(const scene *s) {
  double largest = 0;
  for (int i = 0; i < s->n; i++) largest = fmax(largest, s->a[i]);
  return largest;
}

static void try_decrease(const char *transport, bool euclidean) {
  static const double fractions[] = {1e-3, 0.05, 0.5, 0.9, 0.999};
  ift_context *context = make_context();
  dice d = {.state = 10 + (uint64_t)euclidean};
  double below = -INFINITY, second = -INFINITY, reported = 0;
  for (int trial = 0; trial < TRIALS; trial++) {
    const scene s = draw_scene(&d);
    const double l = s.k.hi * s.mass + s.k.lo * s.target, lower = s.k.lo * s.mass + s.k.hi * s.target;
    const double unit = euclidean ? largest_weight(&s) : 1; /* of tau */
    const double tau = fractions[trial % 5] * 2 / l / unit;
    double x[MOST * DIM];
    const double told = step(context, &s, transport, tau, x), dissipation = dissipation_of(&s, euclidean ? 2 : 1);
    const double before = energy_at(&s, s.x), decrease = before - energy_at(&s, x);
    theory_worst(&below, (tau * (1 - l * tau * unit / 2) * dissipation - decrease) / (1 + before));
    theory_worst(&second, (fabs(decrease - tau * dissipation) - fmax(l, lower) * unit * tau * tau / 2 * dissipation) /
                              (1 + before));
    theory_worst(&reported, fabs(told - dissipation) / (1e-3 + dissipation));
  }
  ift_context_destroy(context);
  char part[64];
  theory_report("T10", transport, below, TOLERANCE);
  snprintf(part, sizeof part, "%s-second-order", transport);
  theory_report("T10", part, second, TOLERANCE);
  snprintf(part, sizeof part, "%s-dissipation", transport);
  theory_report("T10", part, reported, 1e-12);
}

static void test_explicit(void **state) {
  (void)state;
  try_decrease("explicit", false);
}

static void test_euclidean(void **state) {
  (void)state;
  try_decrease("euclidean", true);
}

/* The eigenvalues of Hess k at distance r are k''(r) and k'(r)/r: their range by differences. */
static void test_constants(void **state) {
  (void)state;
  double worst = 0, unit = 0;
  for (int k = 0; k < SMOOTH; k++) {
    const double length = 1.3, squared = length * length;
    const formula f = {.kind = smooth[k].kind, .p = length, .q = 0.5};
    long double low = 0, high = 0;
    for (int i = 0; i < 20000; i++) {
      const long double r = 1e-5L + i * 4e-4L, h = 1e-3L * r;
      const long double first = radial_slope(&f, r) * r;
      const long double second = (radial_slope(&f, r + h) * (r + h) - radial_slope(&f, r - h) * (r - h)) / (2 * h);
      low = fminl(low, fminl(first / r, second));
      high = fmaxl(high, fmaxl(first / r, second));
    }
    theory_worst(&worst, (double)fabsl(-low * squared / smooth[k].lo - 1));
    theory_worst(&worst, (double)fabsl(high * squared / smooth[k].hi - 1));
    theory_worst(&unit, (double)fabsl((high - low) * squared - smooth[k].unit));
  }
  theory_report("T10", "constants", worst, 5e-4);
  theory_report("T10", "unit-masses", unit, 5e-4);
}

/* From a short step: (F(x+) - F(x) + tau D) / (tau^2 D / 2), over L. */
static double curvature_share(ift_context *context, const scene *s) {
  const double l = s->k.hi * s->mass + s->k.lo * s->target, tau = 0.05 / l, dissipation = dissipation_of(s, 1);
  double x[MOST * DIM];
  step(context, s, "explicit", tau, x);
  return (energy_at(s, x) - energy_at(s, s->x) + tau * dissipation) / (tau * tau * dissipation / 2) / l;
}

/* L is reached: by a light particle near a heavy sample (lo p), and by two heavy particles where k'' is largest, far
 * from a light sample (hi m). */
static void test_sharp(void **state) {
  (void)state;
  static const double inflection[] = {1.7320508075688772, 1.1547005383792515, 1.3416407864998738, 1.2247448713915890};
  ift_context *context = make_context();
  double worst = 0;
  for (int k = 0; k < SMOOTH; k++) {
    const double length = 0.8;
    scene s = {.k = one_kernel(smooth[k].kind, length, 0.5), .n = 1, .m = 1, .d = 1};
    add_bounds(&s.k, 1, &smooth[k], length);
    s.x[0] = 1e-3, s.a[0] = s.mass = 5e-3, s.w[0] = s.target = 1.7;
    theory_worst(&worst, fabs(curvature_share(context, &s) - 1));
    s.n = 2, s.y[0] = 1e8;
    s.x[0] = 0, s.x[1] = inflection[k] * length;
    s.a[0] = s.a[1] = 0.85, s.mass = 1.7, s.w[0] = s.target = 1e-3;
    theory_worst(&worst, fabs(curvature_share(context, &s) - 1));
  }
  ift_context_destroy(context);
  theory_report("T10", "reached", worst, 0.01);
}

/* A particle beside a sample at distance r, and a step 2.5 times as long as the way: F rises, though tau is as small as
 * one likes. What is printed is the largest decrease as a
 * share of F, and the smallest tau. */
static void test_kinks(void **state) {
  (void)state;
  static const struct {
    const char *kind;
    double p;
  } kinks[] = {{"laplace", 0.8}, {"matern12", 0.8}, {"riesz", 0.5}, {"riesz", 1}, {"riesz", 1.5}};
  ift_context *context = make_context();
  double largest = -INFINITY, shortest = 0;
  for (int k = 0; k < 5; k++) {
    double tau = INFINITY;
    for (double r = 1e-1; r > 1e-7; r /= 10) {
      scene s = {.k = one_kernel(kinks[k].kind, kinks[k].p, 0), .n = 1, .m = 1, .d = 1};
      s.x[0] = r, s.a[0] = s.w[0] = s.mass = s.target = 1;
      double x[1];
      tau = 2.5 * r / sqrt(dissipation_of(&s, 1));
      step(context, &s, "explicit", tau, x);
      theory_worst(&largest, 1 - energy_at(&s, x) / energy_at(&s, s.x));
    }
    shortest = fmax(shortest, tau);
  }
  ift_context_destroy(context);
  theory_report("T10", "kinks-decrease", largest, -0.1);
  theory_report("T10", "kinks-tau", shortest, 0.01);
}

/* tau on `auto` against 0.58/L. */
static void test_automatic(void **state) {
  (void)state;
  ift_context *context = make_context();
  dice d = {.state = 1010};
  double worst = 0;
  for (int trial = 0; trial < 40; trial++) {
    const scene s = draw_scene(&d);
    ift_energy *energy = make_energy(context, s.k.spec, s.y, s.m, s.d, s.w);
    ift_flow *flow = make_flow(context, trial % 2 ? "ift" : "wasserstein", energy, s.x, s.n, s.d, s.a);
    const double l = s.k.hi * s.mass + s.k.lo * s.target;
    theory_worst(&worst, fabs(flow_real(flow, "tau") * l / 0.58 - 1));
    ift_flow_destroy(flow);
    ift_energy_destroy(energy);
  }
  ift_context_destroy(context);
  theory_report("T10", "automatic", worst, 5e-4);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_explicit), cmocka_unit_test(test_euclidean), cmocka_unit_test(test_constants),
      cmocka_unit_test(test_sharp),    cmocka_unit_test(test_kinks),     cmocka_unit_test(test_automatic),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
