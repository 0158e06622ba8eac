/* What a flow must not depend on: the order of particles, rotations, translations, how a measure is cut into
 * particles. */
#include "property.h"

enum { N = 8, M = 20, MOST = 3, STEPS = 5, TRIALS = 6 };
static const double TAU = 0.1;

/* A gradient step must be small against 1/trace K, or free masses end at 0 at once. */
static double eta_for(const way *w) {
  return w->reaction && strcmp(w->reaction, "gradient") == 0 ? 0.01 : 0.3;
}

/* A random problem, the same for every way to look at it. */
typedef struct problem {
  int64_t d;
  double x[N * MOST], a[N], y[M * MOST], w[M];
  const char *spec;
} problem;

static problem draw_problem(dice *d, const char *spec, double mass) {
  problem p = {.d = 2 + dice_below(d, 2), .spec = spec};
  spread_points(d, p.x, N, p.d, 1.2);
  dice_normals(d, p.y, M * p.d);
  dice_weights(d, p.a, N, mass);
  dice_weights(d, p.w, M, 1);
  return p;
}

static void run(const problem *p, const way *w, double *x, double *a) {
  ift_energy *energy = make_energy(context, p->spec, p->y, M, p->d, p->w);
  ift_flow *flow = way_flow(w, energy, p->x, N, p->d, p->a, TAU, eta_for(w));
  assert_status(IFT_OK, ift_flow_step(flow, STEPS));
  assert_status(IFT_OK, ift_measure_copy_positions(ift_flow_measure(flow), x));
  assert_status(IFT_OK, ift_measure_copy_weights(ift_flow_measure(flow), a));
  ift_flow_destroy(flow);
  ift_energy_destroy(energy);
}

/* Implicit transport is solved to a fraction of its first gradient. */
static double tolerance_for(const way *w) {
  return w->transport && !strcmp(w->transport, "implicit") ? 1e-7 : 1e-12;
}

/* Kernels with Gram matrices of full rank, so that weights are unique. */
static const char *const specs[] = {"gaussian:0.8", "laplace:1.5", "matern32:1", "imq:0.7", "energy", "riesz:1.4"};
enum { SPECS = 6 };

static double mass_for(const way *w) {
  return w->kept ? 1 : 0.7;
}

static void test_permutation(void **state) {
  (void)state;
  dice d = new_dice();
  for (int trial = 0; trial < TRIALS; trial++)
    for (int k = 0; k < WAYS; k++) {
      if (ways[k].joint && has_kink(specs[trial % SPECS])) continue;
      const problem p = draw_problem(&d, specs[trial % SPECS], mass_for(&ways[k]));
      problem shuffled = p;
      int order[N];
      for (int i = 0; i < N; i++) order[i] = i;
      for (int i = N - 1; i > 0; i--) {
        const int j = (int)dice_below(&d, i + 1), keep = order[i];
        order[i] = order[j], order[j] = keep;
      }
      for (int i = 0; i < N; i++) {
        memcpy(shuffled.x + i * p.d, p.x + order[i] * p.d, (size_t)p.d * sizeof(double));
        shuffled.a[i] = p.a[order[i]];
      }
      for (int j = 0; j < M; j++) { /* the target backwards */
        memcpy(shuffled.y + j * p.d, p.y + (M - 1 - j) * p.d, (size_t)p.d * sizeof(double));
        shuffled.w[j] = p.w[M - 1 - j];
      }
      double x[2][N * MOST], a[2][N];
      run(&p, &ways[k], x[0], a[0]);
      run(&shuffled, &ways[k], x[1], a[1]);
      for (int i = 0; i < N; i++) {
        assert_near(a[1][i], a[0][order[i]], 0, tolerance_for(&ways[k]));
        for (int64_t l = 0; l < p.d; l++)
          assert_near(x[1][i * p.d + l], x[0][order[i] * p.d + l], 0, tolerance_for(&ways[k]) * 4);
      }
    }
}

/* A random orthogonal matrix: Gram and Schmidt on normals. */
static void draw_rotation(dice *d, double *q, int64_t dim) {
  dice_normals(d, q, dim * dim);
  for (int64_t i = 0; i < dim; i++)
    for (int64_t pass = 0; pass < 2; pass++) {
      for (int64_t j = 0; j < i; j++) {
        double along = 0;
        for (int64_t l = 0; l < dim; l++) along += q[i * dim + l] * q[j * dim + l];
        for (int64_t l = 0; l < dim; l++) q[i * dim + l] -= along * q[j * dim + l];
      }
      double length = 0;
      for (int64_t l = 0; l < dim; l++) length += q[i * dim + l] * q[i * dim + l];
      for (int64_t l = 0; l < dim; l++) q[i * dim + l] /= sqrt(length);
    }
}

static void rotate(const double *q, const double *from, double *to, int64_t n, int64_t d) {
  for (int64_t i = 0; i < n; i++)
    for (int64_t l = 0; l < d; l++) {
      double sum = 0;
      for (int64_t k = 0; k < d; k++) sum += q[l * d + k] * from[i * d + k];
      to[i * d + l] = sum;
    }
}

static void test_rotation(void **state) {
  (void)state;
  dice d = new_dice();
  for (int trial = 0; trial < TRIALS; trial++)
    for (int k = 0; k < WAYS; k++) {
      if (ways[k].joint && has_kink(specs[trial % SPECS])) continue;
      const problem p = draw_problem(&d, specs[trial % SPECS], mass_for(&ways[k]));
      problem turned = p;
      double q[MOST * MOST], x[2][N * MOST], a[2][N], expected[N * MOST];
      draw_rotation(&d, q, p.d);
      rotate(q, p.x, turned.x, N, p.d);
      rotate(q, p.y, turned.y, M, p.d);
      run(&p, &ways[k], x[0], a[0]);
      run(&turned, &ways[k], x[1], a[1]);
      rotate(q, x[0], expected, N, p.d);
      for (int i = 0; i < N; i++) assert_near(a[1][i], a[0][i], 0, tolerance_for(&ways[k]));
      for (int64_t i = 0; i < N * p.d; i++) assert_near(x[1][i], expected[i], 0, tolerance_for(&ways[k]) * 4);
    }
}

/* Kernels of x - y know no origin; neither does x'y where mass is kept. */
static void test_translation(void **state) {
  (void)state;
  dice d = new_dice();
  for (int trial = 0; trial <= TRIALS; trial++)
    for (int k = 0; k < WAYS; k++) {
      const bool linear = trial == TRIALS;
      /* x'y has rank d: the weights of exact reactions are not unique */
      if (linear &&
          (!ways[k].kept || ways[k].joint ||
           (ways[k].reaction && strcmp(ways[k].reaction, "gradient") != 0 && strcmp(ways[k].reaction, "mirror") != 0)))
        continue;
      if (ways[k].joint && has_kink(specs[trial % SPECS])) continue;
      const problem p = draw_problem(&d, linear ? "linear" : specs[trial % SPECS], mass_for(&ways[k]));
      problem moved = p;
      double shift[MOST], x[2][N * MOST], a[2][N];
      dice_normals(&d, shift, MOST);
      for (int64_t i = 0; i < N * p.d; i++) moved.x[i] += shift[i % p.d];
      for (int64_t i = 0; i < M * p.d; i++) moved.y[i] += shift[i % p.d];
      run(&p, &ways[k], x[0], a[0]);
      run(&moved, &ways[k], x[1], a[1]);
      for (int i = 0; i < N; i++) assert_near(a[1][i], a[0][i], 0, linear ? 1e-11 : tolerance_for(&ways[k]));
      for (int64_t i = 0; i < N * p.d; i++)
        assert_near(x[1][i], x[0][i] + shift[i % p.d], 0, linear ? 1e-11 : tolerance_for(&ways[k]) * 4);
    }
}

/* The metric knows particles instead of the measure: Euclidean steps and projections, damping, and K + eps I. */
static bool counts_particles(const way *w) {
  if (w->joint) return true;
  if (w->transport && !strcmp(w->transport, "euclidean")) return true;
  if (!w->reaction) return false;
  if (!strcmp(w->reaction, "gradient") || (!strcmp(w->reaction, "projected") && w->kept)) return true;
  return strstr(w->options, "regularization") && strcmp(w->reaction, "positive") != 0;
}

/* A particle in two halves at one place is the same measure, and stays it, except where the metric counts particles. */
static void test_splitting(void **state) {
  (void)state;
  dice d = new_dice();
  bool differ[WAYS] = {false};
  for (int trial = 0; trial < TRIALS; trial++)
    for (int k = 0; k < WAYS; k++) {
      if (ways[k].joint && has_kink(specs[trial % SPECS])) continue;
      const problem p = draw_problem(&d, specs[trial % SPECS], mass_for(&ways[k]));
      const bool implicit = ways[k].transport && !strcmp(ways[k].transport, "implicit");
      if (implicit && has_kink(specs[trial % SPECS]))
        continue; /* minimizers at a kink: halves of a particle may part there */
      const int64_t which = dice_below(&d, N);
      const double share = dice_between(&d, 0.2, 0.8);
      double x[(N + 1) * MOST], a[N + 1], mmd2, whole_x[N * MOST], whole_a[N];
      memcpy(x, p.x, (size_t)(N * p.d) * sizeof *x);
      memcpy(x + N * p.d, p.x + which * p.d, (size_t)p.d * sizeof *x);
      memcpy(a, p.a, sizeof p.a);
      a[N] = a[which] * share;
      a[which] -= a[N];
      run(&p, &ways[k], whole_x, whole_a);
      ift_energy *energy = make_energy(context, p.spec, p.y, M, p.d, p.w);
      ift_flow *flow = way_flow(&ways[k], energy, x, N + 1, p.d, a, TAU, eta_for(&ways[k]));
      assert_status(IFT_OK, ift_flow_step(flow, STEPS));
      ift_measure *whole = make_measure(context, whole_x, N, p.d, whole_a);
      ift_kernel *kernel = make_kernel(context, "gaussian:1"); /* for any masses */
      assert_status(IFT_OK, ift_mmd2(kernel, &mmd2, ift_flow_measure(flow), whole));
      if (counts_particles(&ways[k]))
        differ[k] |= sqrt(mmd2) > 1e-5;
      else
        assert_true(sqrt(mmd2) <= 1e-7);
      ift_measure_destroy(whole);
      ift_kernel_destroy(kernel);
      ift_flow_destroy(flow);
      ift_energy_destroy(energy);
    }
  for (int k = 0; k < WAYS; k++) assert_true(differ[k] == counts_particles(&ways[k]));
}

/* MMD is a metric: symmetric, 0 for equal measures, with a triangle inequality; and MMD^2 is quadratic in the
 * measures. */
static void test_mmd_is_a_metric(void **state) {
  (void)state;
  dice d = new_dice();
  for (int trial = 0; trial < 60; trial++) {
    const formula *f = &formulas[trial % FORMULAS];
    ift_kernel *kernel = make_kernel(context, f->spec);
    ift_measure *measures[3], *scaled[2];
    double between[3][3];
    const int64_t dim = 1 + dice_below(&d, 3);
    for (int k = 0; k < 3; k++) {
      double x[12 * 3], a[12];
      const int64_t n = 1 + dice_below(&d, 12);
      dice_normals(&d, x, n * dim);
      dice_weights(&d, a, n, 1);
      measures[k] = make_measure(context, x, n, dim, a);
      if (k < 2) {
        assert_status(IFT_OK, ift_measure_clone(measures[k], &scaled[k]));
        assert_status(IFT_OK, ift_measure_normalize(scaled[k], 3));
      }
    }
    for (int i = 0; i < 3; i++)
      for (int j = 0; j < 3; j++) assert_status(IFT_OK, ift_mmd2(kernel, &between[i][j], measures[i], measures[j]));
    for (int i = 0; i < 3; i++) {
      assert_true(between[i][i] == 0);
      for (int j = 0; j < 3; j++) {
        assert_near(between[i][j], between[j][i], 1e-12, 1e-14);
        const int k = 3 - i - j;
        if (i != j)
          assert_true(sqrt(between[i][j]) <= (sqrt(between[i][k]) + sqrt(between[k][j])) * (1 + 1e-12) + 1e-7);
      }
    }
    double nine;
    assert_status(IFT_OK, ift_mmd2(kernel, &nine, scaled[0], scaled[1]));
    assert_near(nine, 9 * between[0][1], 1e-11, 1e-12);
    for (int k = 0; k < 3; k++) ift_measure_destroy(measures[k]);
    for (int k = 0; k < 2; k++) ift_measure_destroy(scaled[k]);
    ift_kernel_destroy(kernel);
  }
}

int main(int argc, char **argv) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_permutation), cmocka_unit_test(test_rotation),        cmocka_unit_test(test_translation),
      cmocka_unit_test(test_splitting),   cmocka_unit_test(test_mmd_is_a_metric),
  };
  return property_main(tests, argc, argv);
}
