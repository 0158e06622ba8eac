/* T9, MMD flows. Splitting transport and reaction is of first or second order.
 *
 * Where no weight reaches 0, spherical-ift and ift of F = 1/2 MMD^2 with a smooth kernel are the ordinary differential
 * equation
 *
 *   x_i' = -alpha v(x_i),   a' = -beta K^{-1} (Ka - c - lam 1),   lam from sum a' = 0, or 0,
 *
 * (wfr: a_i' = -beta a_i (g_i - lam), lam = sum a_j g_j / sum a_j, or 0), and a flow with tau = alpha h, eta = beta h
 * approximates it:
 *
 *   Lie (transport, reaction)                                     order 1, whatever the halves are
 *   Strang (half a reaction, transport, half a reaction)          order 2 with heun and exponential,
 *                                                                 order 1 with explicit or with implicit reactions
 *
 * The solution comes from the classical method of Runge and Kutta with small steps in long double, from formulas of
 * this file's own. Errors are Euclidean over all positions and weights at t = 0.5, for N = 20, 40, 80, 160 steps; what
 * is printed is the largest distance of a ratio of errors from 2 (allowed: 0.05) or 4 (0.1). alpha and beta differ, so
 * that they can't be taken for each other. */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "support/make.h"
#include "support/random.h"
#include "theory/theory.h"

enum { N = 9, M = 9, DIM = 2, SIZE = N * DIM + N, REFERENCE = 640, LEVELS = 4, FEWEST = 20 };
static const long double ALPHA = 0.7L, BETA = 1.3L, TIME = 0.5L, SIGMA = 0.6L;

/* Particles on a jittered grid, the target's samples near them: weights stay far from 0. */
typedef struct scene {
  double x[N * DIM], a[N], y[M * DIM], w[M];
} scene;

static scene draw_scene(double mass) {
  scene s;
  dice d = {.state = 9};
  for (int i = 0; i < N; i++)
    for (int l = 0; l < DIM; l++) {
      s.x[i * DIM + l] = (l ? i / 3 : i % 3) + dice_between(&d, -0.1, 0.1);
      s.y[i * DIM + l] = s.x[i * DIM + l] + dice_between(&d, -0.3, 0.3);
    }
  dice_weights(&d, s.a, N, mass);
  dice_weights(&d, s.w, M, 1);
  return s;
}

/* ---- the solution ---- */

typedef struct law {
  bool fisher_rao, kept;
} law;

static long double kernel_of(const long double *x, const long double *y) {
  const long double u = x[0] - y[0], v = x[1] - y[1];
  return expl(-(u * u + v * v) / (2 * SIGMA * SIGMA));
}

/* g and v at the particles. */
static void vary(const scene *s, const long double *x, const long double *a, long double *g, long double *v) {
  for (int i = 0; i < N; i++) {
    g[i] = v[i * DIM] = v[i * DIM + 1] = 0;
    for (int j = 0; j < N + M; j++) {
      const long double sample[DIM] = {j < N ? 0 : s->y[(j - N) * DIM], j < N ? 0 : s->y[(j - N) * DIM + 1]};
      const long double *y = j < N ? x + j * DIM : sample;
      const long double k = (j < N ? a[j] : -(long double)s->w[j - N]) * kernel_of(x + i * DIM, y);
      g[i] += k;
      for (int l = 0; l < DIM; l++) v[i * DIM + l] -= k * (x[i * DIM + l] - y[l]) / (SIGMA * SIGMA);
    }
  }
}

/* K z = right, for two right sides in place. */
static void solve_gram(const long double *x, long double *first, long double *second) {
  long double l[N][N];
  long double *sides[2] = {first, second};
  for (int i = 0; i < N; i++)
    for (int j = 0; j <= i; j++) {
      long double sum = kernel_of(x + i * DIM, x + j * DIM);
      for (int k = 0; k < j; k++) sum -= l[i][k] * l[j][k];
      l[i][j] = i == j ? sqrtl(sum) : sum / l[j][j];
    }
  for (int side = 0; side < 2; side++) {
    long double *z = sides[side];
    for (int i = 0; i < N; i++) {
      for (int k = 0; k < i; k++) z[i] -= l[i][k] * z[k];
      z[i] /= l[i][i];
    }
    for (int i = N - 1; i >= 0; i--) {
      for (int k = i + 1; k < N; k++) z[i] -= l[k][i] * z[k];
      z[i] /= l[i][i];
    }
  }
}

/* The right side of the equation; z is positions, then weights. */
static void derivative(const scene *s, law of, const long double *z, long double *out) {
  const long double *x = z, *a = z + N * DIM;
  long double g[N], one[N], mass = 0, mean = 0, sum_g = 0, sum_one = 0;
  vary(s, x, a, g, out);
  for (int i = 0; i < N * DIM; i++) out[i] *= -ALPHA;
  for (int i = 0; i < N; i++) mass += a[i], mean += a[i] * g[i], one[i] = 1;
  if (of.fisher_rao) {
    for (int i = 0; i < N; i++) out[N * DIM + i] = -BETA * a[i] * (g[i] - (of.kept ? mean / mass : 0));
    return;
  }
  solve_gram(x, g, one);
  for (int i = 0; i < N; i++) sum_g += g[i], sum_one += one[i];
  for (int i = 0; i < N; i++) out[N * DIM + i] = -BETA * (g[i] - (of.kept ? sum_g / sum_one : 0) * one[i]);
}

static void add(long double *out, const long double *z, long double factor, const long double *k) {
  for (int i = 0; i < SIZE; i++) out[i] = z[i] + factor * k[i];
}

/* Runge and Kutta's method of fourth order. The error is far below those measured: h^4 = 4e-13. */
static void solve(const scene *s, law of, long double *z) {
  const long double h = TIME / REFERENCE;
  long double lowest = 1;
  for (int i = 0; i < N * DIM; i++) z[i] = s->x[i];
  for (int i = 0; i < N; i++) z[N * DIM + i] = s->a[i];
  for (int step = 0; step < REFERENCE; step++) {
    long double k[4][SIZE], at[SIZE];
    derivative(s, of, z, k[0]);
    add(at, z, h / 2, k[0]);
    derivative(s, of, at, k[1]);
    add(at, z, h / 2, k[1]);
    derivative(s, of, at, k[2]);
    add(at, z, h, k[2]);
    derivative(s, of, at, k[3]);
    for (int i = 0; i < SIZE; i++) z[i] += h / 6 * (k[0][i] + 2 * k[1][i] + 2 * k[2][i] + k[3][i]);
    for (int i = 0; i < N; i++) lowest = fminl(lowest, z[N * DIM + i]);
  }
  assert_true(lowest > 0.01L); /* else the statement says nothing */
}

/* ---- the library ---- */

typedef struct scheme {
  const char *part, *geometry, *splitting, *transport, *reaction;
  int order;
} scheme;

static const scheme schemes[] = {
    {"mmd-lie-spherical", "spherical-ift", "lie", "explicit", "exponential", 1},
    {"mmd-lie-free", "ift", "lie", "explicit", "exponential", 1},
    {"mmd-lie-heun", "spherical-ift", "lie", "heun", "exponential", 1},
    {"mmd-lie-implicit", "spherical-ift", "lie", "explicit", "implicit", 1},
    {"mmd-lie-wfr", "spherical-wfr", "lie", "explicit", "mirror", 1},
    {"mmd-strang-spherical", "spherical-ift", "strang", "heun", "exponential", 2},
    {"mmd-strang-free", "ift", "strang", "heun", "exponential", 2},
    {"mmd-strang-explicit", "spherical-ift", "strang", "explicit", "exponential", 1},
    {"mmd-strang-explicit-free", "ift", "strang", "explicit", "exponential", 1},
    {"mmd-strang-implicit", "spherical-ift", "strang", "heun", "implicit", 1},
};
enum { SCHEMES = sizeof schemes / sizeof schemes[0] };

static double error_of(ift_context *context, const scene *s, const scheme *how, int steps,
                       const long double *solution) {
  char sigma[32];
  snprintf(sigma, sizeof sigma, "gaussian:%.17g", (double)SIGMA);
  ift_energy *energy = make_energy(context, sigma, s->y, M, DIM, s->w);
  ift_flow *flow = make_flow(context, how->geometry, energy, s->x, N, DIM, s->a);
  assert_status(IFT_OK, ift_flow_set_text(flow, "step_control", "fixed"));
  assert_status(IFT_OK, ift_flow_set_text(flow, "splitting", how->splitting));
  assert_status(IFT_OK, ift_flow_set_text(flow, "transport", how->transport));
  assert_status(IFT_OK, ift_flow_set_text(flow, "reaction", how->reaction));
  assert_status(IFT_OK, ift_flow_set_real(flow, "tau", (double)(ALPHA * TIME / steps)));
  assert_status(IFT_OK, ift_flow_set_real(flow, "eta", (double)(BETA * TIME / steps)));
  assert_status(IFT_OK, ift_flow_step(flow, steps));
  const double *x = ift_measure_positions(ift_flow_measure(flow)), *a = ift_measure_weights(ift_flow_measure(flow));
  long double square = 0;
  for (int i = 0; i < SIZE; i++) {
    const long double difference = (i < N * DIM ? x[i] : a[i - N * DIM]) - solution[i];
    square += difference * difference;
  }
  ift_flow_destroy(flow);
  ift_energy_destroy(energy);
  return (double)sqrtl(square);
}

static void try_scheme(const scheme *how) {
  ift_context *context = make_context();
  const law of = {.fisher_rao = strstr(how->geometry, "wfr") != NULL,
                  .kept = strstr(how->geometry, "spherical") != NULL};
  const scene s = draw_scene(of.kept ? 1 : 0.7);
  long double solution[SIZE];
  double errors[LEVELS], worst = 0;
  solve(&s, of, solution);
  for (int level = 0; level < LEVELS; level++) errors[level] = error_of(context, &s, how, FEWEST << level, solution);
  ift_context_destroy(context);
  for (int level = 0; level + 1 < LEVELS; level++)
    theory_worst(&worst, fabs(errors[level] / errors[level + 1] - (how->order == 1 ? 2 : 4)));
  theory_remark("T9", "%s: errors %.3g, %.3g, %.3g, %.3g", how->part, errors[0], errors[1], errors[2], errors[3]);
  theory_report("T9", how->part, worst, how->order == 1 ? 0.05 : 0.1);
}

static void test_lie(void **state) {
  (void)state;
  for (int k = 0; k < SCHEMES; k++)
    if (strcmp(schemes[k].splitting, "lie") == 0) try_scheme(&schemes[k]);
}

static void test_strang(void **state) {
  (void)state;
  for (int k = 0; k < SCHEMES; k++)
    if (strcmp(schemes[k].splitting, "strang") == 0) try_scheme(&schemes[k]);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_lie),
      cmocka_unit_test(test_strang),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
