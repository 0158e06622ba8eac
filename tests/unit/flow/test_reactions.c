/* The further reactions, one fixed step against their formulas: regularized and linearized quadratic programs, the
 * metric that keeps weights positive, the projected multiplicative step. */
#include "model.h"
#include "support/fixture.h"

typedef struct place {
  const char *geometry;
  bool transports, kept;
} place;

static const place mmd_places[] = {
    {"spherical-mmd", false, true}, {"mmd", false, false}, {"spherical-ift", true, true}, {"ift", true, false}};

/* The positions after transport with tau = 0.2. */
static void move_all(const model *p, const place *where, const particles *before, double *moved) {
  memcpy(moved, before->x, sizeof before->x);
  if (where->transports) model_move(p, before, 0.2, moved);
}

static ift_flow *flow_at(const scene *s, const place *where, const formula *f, double eta, const char *reaction,
                         double eps) {
  ift_flow *flow = fixed_flow(context, s, where->geometry, f, where->transports ? "0.2" : NULL, NULL);
  assert_status(IFT_OK, ift_flow_set_real(flow, "eta", eta));
  flow_set(flow, "reaction", reaction);
  if (eps > 0) assert_status(IFT_OK, ift_flow_set_real(flow, "regularization", eps));
  return flow;
}

/* b minimizes 1/2 b'(K + added I)b - t'b: one slope r where b > 0, none lower; 0 where mass is free. */
static void check_minimum(const model *p, bool kept, const double *x, const double *t, double added, const double *b) {
  double r[N], level = 0, sum = 0;
  for (int i = 0; i < N; i++) {
    r[i] = model_interaction(p, x + i * D, x, b) + added * b[i] - t[i];
    level += b[i] * r[i];
    sum += b[i];
  }
  level = kept ? level / sum : 0;
  for (int i = 0; i < N; i++) {
    const double allowed = 2e-12 * (1 + added);
    assert_true(b[i] >= 0 && r[i] >= level - allowed);
    if (b[i] > 0) assert_near(r[i], level, 0, allowed);
  }
}

/* (b-a)'(K + eps I)(b-a)/eta^2 */
static double metric(const model *p, const double *x, const double *a, const double *b, double eps, double eta) {
  double sum = 0;
  for (int i = 0; i < N; i++)
    for (int j = 0; j < N; j++)
      sum += (b[i] - a[i]) * (b[j] - a[j]) * (model_kernel(p, x + i * D, x + j * D) + (i == j ? eps : 0));
  return sum / (eta * eta);
}

/* t = (1-th)(K + eps I) a + th c with matrix K + (1-th) eps I; linearized: t = (K + eps I) a - eta g with K + eps I.
 * Center `old` takes K at the old positions on the right. */
static void check_program(const formula *f, const place *where, const char *reaction, double eta, double eps, bool old,
                          double mass) {
  scene s = make_scene(10, mass, 1);
  s.a[1] += s.a[0];
  s.a[0] = 0;
  const model p = scene_model(&s, f, f->conditional && !where->kept);
  const bool linearized = !strcmp(reaction, "linearized");
  const double theta = linearized ? eta : !strcmp(reaction, "implicit") ? eta / (1 + eta) : -expm1(-eta);
  const double added = linearized ? eps : (1 - theta) * eps;
  ift_flow *flow = flow_at(&s, where, f, eta, reaction, eps);
  if (old) flow_set(flow, "center", "old");
  const particles before = particles_of(flow);
  double moved[N * D], t[N];
  move_all(&p, where, &before, moved);
  for (int i = 0; i < N; i++) {
    const double *at = moved + i * D, ka = model_interaction(&p, at, old ? before.x : moved, before.a);
    if (linearized)
      t[i] = ka + eps * before.a[i] - eta * model_g(&p, at, moved, before.a);
    else
      t[i] = (1 - theta) * (ka + eps * before.a[i]) + theta * model_external(&p, at);
  }
  assert_status(IFT_OK, ift_flow_step(flow, 1));
  check_positions(flow, moved, 1e-13);
  const particles after = particles_of(flow);
  check_minimum(&p, where->kept, moved, t, added, after.a);
  assert_near(flow_real(flow, "reaction_dissipation"), metric(&p, moved, before.a, after.a, eps, eta), 1e-9, 1e-13);
  const double gap = flow_real(flow, "weight_gap");
  assert_true(gap >= 0 && gap < 1e-10);
  ift_flow_destroy(flow);
}

static void test_programs(void **state) {
  (void)state;
  static const char *const reactions[] = {"exponential", "implicit", "linearized"};
  static const double etas[] = {0.05, 0.9, 7}, epsilons[] = {0, 1e-3, 0.5, 20};
  const formula *const kernels[] = {&gaussian, &riesz};
  for (int k = 0; k < 2; k++)
    for (int w = 0; w < 4; w++)
      for (int r = 0; r < 3; r++)
        for (int e = 0; e < 3; e++)
          for (int z = 0; z < 4; z++)
            for (int old = 0; old < 2; old++)
              check_program(kernels[k], &mmd_places[w], reactions[r], etas[e], epsilons[z], old,
                            mmd_places[w].kept || z % 2 ? 1 : 0.6);
}

/* On the MMD energy the linearized step is that of theta = eta: g = Ka - c. */
static void test_linearized_is_theta(void **state) {
  (void)state;
  for (int w = 0; w < 4; w++) {
    const scene s = make_scene(20, 1, 1);
    const double eta = 0.3; /* exponential with 1 - exp(-eta') = eta */
    ift_flow *one = flow_at(&s, &mmd_places[w], &gaussian, eta, "linearized", 0),
             *two = flow_at(&s, &mmd_places[w], &gaussian, -log1p(-eta), "exponential", 0);
    for (int k = 0; k < 3; k++) {
      assert_status(IFT_OK, ift_flow_step(one, 1));
      assert_status(IFT_OK, ift_flow_step(two, 1));
      const particles p = particles_of(two);
      check_positions(one, p.x, 1e-9);
      check_weights(one, p.a, 1e-9);
    }
    ift_flow_destroy(one);
    ift_flow_destroy(two);
  }
}

/* Weights that are best on their support stay so whatever the regularization, and the positive metric keeps them. */
static void test_minimizers_stay(void **state) {
  (void)state;
  static const char *const reactions[] = {"exponential", "implicit", "linearized", "positive"};
  static const double epsilons[] = {1e-4, 0.1, 10};
  const scene s = make_scene(30, 1, 1);
  for (int w = 0; w < 2; w++) {
    ift_flow *solver = flow_at(&s, &mmd_places[w], &gaussian, 60, "exponential", 0);
    assert_status(IFT_OK, ift_flow_step(solver, 2));
    scene best = s;
    memcpy(best.a, particles_of(solver).a, sizeof best.a);
    ift_flow_destroy(solver);
    for (int r = 0; r < 4; r++)
      for (int z = 0; z < 3; z++) {
        ift_flow *flow = flow_at(&best, &mmd_places[w], &gaussian, 0.7, reactions[r], epsilons[z]);
        assert_status(IFT_OK, ift_flow_step(flow, 1));
        check_weights(flow, best.a, 1e-9);
        ift_flow_destroy(flow);
      }
  }
}

/* Solves the n by n system in place of the right-hand side: Gaussian elimination with partial pivoting. */
static void solve(long double *matrix, long double *right, int n) {
  for (int k = 0; k < n; k++) {
    int pivot = k;
    for (int i = k + 1; i < n; i++)
      if (fabsl(matrix[i * n + k]) > fabsl(matrix[pivot * n + k])) pivot = i;
    for (int j = 0; j < n; j++) {
      const long double keep = matrix[k * n + j];
      matrix[k * n + j] = matrix[pivot * n + j];
      matrix[pivot * n + j] = keep;
    }
    const long double keep = right[k];
    right[k] = right[pivot];
    right[pivot] = keep;
    for (int i = k + 1; i < n; i++) {
      const long double factor = matrix[i * n + k] / matrix[k * n + k];
      for (int j = k; j < n; j++) matrix[i * n + j] -= factor * matrix[k * n + j];
      right[i] -= factor * right[k];
    }
  }
  for (int k = n - 1; k >= 0; k--) {
    for (int j = k + 1; j < n; j++) right[k] -= matrix[k * n + j] * right[j];
    right[k] /= matrix[k * n + k];
  }
}

/* The velocity y = a u of the metric MMD^2 + eps Fisher-Rao, on the living: K y + eps u + g = lam, and sum y = 0 where
 * mass is kept; then b = a exp(eta u). Returns y'Ky + eps sum y^2/a. */
static double positive_step(const model *p, bool kept, const double *x, const double *a, double eta, double eps,
                            double *b) {
  long double matrix[(N + 1) * (N + 1)] = {0}, u[N + 1];
  double g[N], mass = 0, sum = 0, dissipation = 0;
  const int n = N + kept;
  for (int i = 0; i < N; i++) {
    g[i] = model_g(p, x + i * D, x, a);
    mass += a[i];
    u[i] = a[i] > 0 ? -g[i] : 0;
    for (int j = 0; j < N; j++)
      matrix[i * n + j] = a[i] > 0 ? (long double)model_kernel(p, x + i * D, x + j * D) * a[j] : 0;
    matrix[i * n + i] += a[i] > 0 ? eps : 1;
    if (kept) matrix[i * n + N] = a[i] > 0 ? -1 : 0;
    if (kept) matrix[N * n + i] = a[i];
  }
  u[N] = 0;
  solve(matrix, u, n);
  long double most = 0;
  for (int i = 0; kept && i < N; i++)
    if (a[i] > 0) most = fmaxl(most, u[i]); /* the factor that all have in common is lost in the mass */
  for (int i = 0; i < N; i++) sum += b[i] = a[i] > 0 ? a[i] * exp(eta * (double)(u[i] - most)) : 0;
  for (int i = 0; kept && i < N; i++) b[i] *= mass / sum;
  for (int i = 0; i < N; i++) dissipation -= (double)u[i] * a[i] * g[i]; /* -g'y, which is the square of y */
  return dissipation;
}

static void test_positive(void **state) {
  (void)state;
  static const double epsilons[] = {1e-3, 0.1, 5, 1e4}, etas[] = {0.01, 0.5, 20};
  const formula *const kernels[] = {&gaussian, &riesz, &laplace};
  for (int k = 0; k < 3; k++)
    for (int w = 0; w < 4; w++)
      for (int z = 0; z < 4; z++)
        for (int e = 0; e < 3; e++) {
          const place *where = &mmd_places[w];
          scene s = make_scene(40, where->kept || e ? 1 : 0.6, 1);
          s.a[1] += s.a[0] + s.a[5] + s.a[6] * (1 - 1e-9);
          s.a[0] = 0; /* stays dead */
          s.a[5] = 1e-40;
          s.a[6] *= 1e-9;
          const model p = scene_model(&s, kernels[k], kernels[k]->conditional && !where->kept);
          ift_flow *flow = flow_at(&s, where, kernels[k], etas[e], "positive", epsilons[z]);
          const particles before = particles_of(flow);
          double moved[N * D], b[N], mass = 0, sum = 0;
          move_all(&p, where, &before, moved);
          const double dissipation = positive_step(&p, where->kept, moved, before.a, etas[e], epsilons[z], b);
          bool finite = true;
          for (int i = 0; i < N; i++) finite = finite && isfinite(b[i]);
          assert_status(finite ? IFT_OK : IFT_ERR_NOT_FINITE, ift_flow_step(flow, 1));
          const particles after = particles_of(flow);
          if (finite) check_positions(flow, moved, 1e-13);
          for (int i = 0; finite && i < N; i++) {
            assert_true((after.a[i] > 0) == (before.a[i] > 0) || b[i] < 1e-300);
            assert_near(after.a[i], b[i], 1e-9, 1e-300);
            mass += before.a[i];
            sum += after.a[i];
          }
          if (where->kept) assert_near(sum, mass, N * 1e-15, 0);
          if (finite) assert_near(flow_real(flow, "reaction_dissipation"), dissipation, 1e-9, 1e-13);
          assert_true(isnan(flow_real(flow, "weight_gap")));
          ift_flow_destroy(flow);
        }
}

/* A metric that is lost in rounding is an error, with the remedy; and steps on auto are those of the other MMD
 * reactions. */
static void test_positive_limits(void **state) {
  (void)state;
  scene s = make_scene(50, 1, 1);
  for (int i = 1; i < N; i++) memcpy(s.x + i * D, s.x, D * sizeof(double)); /* one place: K has rank 1 */
  ift_flow *flow = flow_at(&s, &mmd_places[0], &gaussian, 0.1, "positive", 1e-25);
  const snapshot before = snap(flow);
  assert_status(IFT_ERR_NOT_FINITE, ift_flow_step(flow, 1));
  assert_message(context, "regularization 1e-25");
  assert_message(context, "a larger one is needed");
  assert_same_state(before, snap(flow));
  flow_set(flow, "regularization", "1e-6");
  assert_status(IFT_OK, ift_flow_step(flow, 1));
  flow_set(flow, "eta", "auto");
  assert_near(flow_real(flow, "eta"), 0.1, 0, 0);
  ift_flow_destroy(flow);
}

/* The nearest point of the simplex, by bisection on what is taken from all; the largest of the numbers before. */
static double project(double *b, double mass) {
  double low = -mass, high = 0;
  for (int i = 0; i < N; i++) high = fmax(high, b[i]);
  const double largest = high;
  for (int pass = 0; pass < 200; pass++) {
    const double level = (low + high) / 2;
    double sum = 0;
    for (int i = 0; i < N; i++) sum += fmax(b[i] - level, 0);
    if (sum > mass)
      low = level;
    else
      high = level;
  }
  for (int i = 0; i < N; i++) b[i] = fmax(b[i] - (low + high) / 2, 0);
  return largest;
}

/* a exp(-eta g), projected where mass is kept: what the factors have lost goes to all alike, also to the dead. */
static void test_projected(void **state) {
  (void)state;
  static const place places[] = {{"spherical-fisher-rao", false, true},
                                 {"fisher-rao", false, false},
                                 {"spherical-wfr", true, true},
                                 {"wfr", true, false}};
  static const double etas[] = {0.05, 1, 12};
  const formula *const kernels[] = {&gaussian, &riesz};
  bool revived = false;
  for (int k = 0; k < 2; k++)
    for (int w = 0; w < 4; w++)
      for (int e = 0; e < 3; e++)
        for (int heavy = 0; heavy < 2; heavy++) {
          const place *where = &places[w];
          scene s = make_scene(60, heavy ? 2 : 1, heavy && where->kept ? 2 : 1);
          s.a[1] += s.a[0];
          s.a[0] = 0;
          const model p = scene_model(&s, kernels[k], kernels[k]->conditional && !where->kept);
          ift_flow *flow = flow_at(&s, where, kernels[k], etas[e], "projected", 0);
          const particles before = particles_of(flow);
          double moved[N * D], b[N], g[N], mean = 0, dissipation = 0;
          move_all(&p, where, &before, moved);
          for (int i = 0; i < N; i++) {
            g[i] = model_g(&p, moved + i * D, moved, before.a);
            b[i] = before.a[i] * exp(-etas[e] * g[i]);
            mean += where->kept ? before.a[i] * g[i] / s.mass : 0;
          }
          for (int i = 0; i < N; i++) dissipation += before.a[i] * (g[i] - mean) * (g[i] - mean);
          const double size = where->kept ? project(b, s.mass) : 1;
          assert_status(IFT_OK, ift_flow_step(flow, 1));
          check_positions(flow, moved, 1e-13);
          check_weights(flow, b, 1e-12 * fmax(size, 1));
          assert_near(flow_real(flow, "reaction_dissipation"), dissipation, 1e-10, 1e-13);
          assert_true(where->kept || particles_of(flow).a[0] == 0);
          revived |= particles_of(flow).a[0] > 0;
          ift_flow_destroy(flow);
        }
  assert_true(revived);
}

/* Multiplicative steps that leave the numbers, or leave nothing. */
static void test_projected_limits(void **state) {
  (void)state;
  static const char *const geometries[] = {"fisher-rao", "spherical-fisher-rao"};
  for (int w = 0; w < 2; w++) {
    const scene light = make_scene(70, 0.01, 1), heavy = make_scene(70, 30, 1);
    ift_flow *up = scene_flow(context, &light, geometries[w], "gaussian:2"),
             *down = scene_flow(context, &heavy, geometries[w], "gaussian:2");
    flow_set(up, "reaction", "projected");
    flow_set(down, "reaction", "projected");
    flow_set(up, "step_control", "fixed");
    flow_set(down, "step_control", "fixed");
    flow_set(up, "eta", "1e5");
    flow_set(down, "eta", "1e5");
    const snapshot before = snap(up), below = snap(down);
    assert_status(IFT_ERR_NOT_FINITE, ift_flow_step(up, 1));
    assert_same_state(before, snap(up));
    assert_status(IFT_ERR_OPTION, ift_flow_step(down, 1));
    assert_message(context, "all weights vanish");
    assert_same_state(below, snap(down));
    ift_flow_destroy(up);
    ift_flow_destroy(down);
  }
}

/* The weights that a quadratic program gives add up to the mass within rounding errors of their number; a reaction's do to
 * the last bits, or mass would drift from step to step. */
static void test_mass_to_the_last_bits(void **state) {
  (void)state;
  enum { MANY = 120, SAMPLES = 200 };
  for (uint64_t seed = 1; seed <= 20; seed++) {
    double x[MANY * D], y[SAMPLES * D];
    dice dice_ = {seed};
    dice_normals(&dice_, x, MANY * D);
    dice_normals(&dice_, y, SAMPLES * D);
    ift_energy *energy = make_energy(context, "gaussian:0.7", y, SAMPLES, D, NULL);
    ift_flow *flow = make_flow(context, "spherical-ift", energy, x, MANY, D, NULL);
    for (int step = 0; step < 10; step++) {
      assert_status(IFT_OK, ift_flow_step(flow, 1));
      const double *a = ift_measure_weights(ift_flow_measure(flow));
      long double mass = 0;
      for (int i = 0; i < MANY; i++) mass += a[i];
      assert_true(fabsl(mass - 1) <= 0x1p-52L);
    }
    ift_flow_destroy(flow);
    ift_energy_destroy(energy);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_programs),
      cmocka_unit_test(test_mass_to_the_last_bits),
      cmocka_unit_test(test_linearized_is_theta),
      cmocka_unit_test(test_minimizers_stay),
      cmocka_unit_test(test_positive),
      cmocka_unit_test(test_positive_limits),
      cmocka_unit_test(test_projected),
      cmocka_unit_test(test_projected_limits),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
