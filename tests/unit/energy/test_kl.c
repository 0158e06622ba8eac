/* The Kullback-Leibler divergence by blobs: by hand for one and two particles, by double loops in long double, by
 * differences; far points, dead particles, constants, and where mass is free. */
#include "support/host.h"
#include "support/mixture.h"
#include "support/random.h"
#include "support/fixture.h"

enum { N = 13, P = 6 };
static const mixture standard = {1, 1, {1}, {0}, {1}}, line = {2, 1, {0.3, 0.7}, {-1, 1.5}, {0.4, 1}},
                     plane = {2, 2, {0.5, 0.5}, {0, 0, 1, 1}, {1, 0.3, 0.3, 2, 0.7, 0, 0, 0.7}},
                     room = {3, 3, {0.2, 0.3, 0.5}, {0, 0, 1, 1, 0, 0, -1, 1, 0.5}, {1,   0, 0,   0,   1, 0,   0,
                                                                                     0,   1, 0.5, 0.1, 0, 0.1, 1,
                                                                                     0.2, 0, 0.2, 2,   3, 0,   0,
                                                                                     0,   2, 0,   0,   0, 1}};
static const mixture *const mixtures[] = {&standard, &line, &plane, &room};
enum { MIXTURES = sizeof mixtures / sizeof mixtures[0] };

static ift_energy *make_kl(const mixture *pi, double bandwidth) {
  ift_target *target = make_mixture(context, pi);
  ift_energy *energy;
  assert_status(IFT_OK, ift_energy_kl(context, &energy, target, bandwidth));
  ift_target_destroy(target);
  return energy;
}

static const double log_two_pi = 1.8378770664093453;

/* One particle of weight a at x, target N(0, 1): rho = a phi(0) there, and the sum in g is 1, so that
 * F = a (log(a/(h sqrt(2 pi))) + V) - a + 1 and g = log(a/(h sqrt(2 pi))) + V with V = x^2/2 + log(2 pi)/2; v = x. */
static void test_one_particle(void **state) {
  (void)state;
  static const double hs[] = {0.1, 0.5, 3}, as[] = {1, 0.25, 4}, xs[] = {0, 0.7, -2};
  for (int k = 0; k < 27; k++) {
    const double h = hs[k % 3], a = as[k / 3 % 3], x = xs[k / 9], potential = x * x / 2 + log_two_pi / 2;
    const double log_rho = log(a / h) - log_two_pi / 2;
    double value, g, v;
    ift_energy *energy = make_kl(&standard, h);
    ift_measure *measure = make_measure(context, &x, 1, 1, &a);
    assert_status(IFT_OK, ift_energy_value(energy, &value, measure));
    assert_status(IFT_OK, ift_energy_first_variation(energy, &g, NULL, 0, 0, measure));
    assert_status(IFT_OK, ift_energy_gradient(energy, &v, NULL, 0, 0, measure));
    assert_near(value, a * (log_rho + potential) - a + 1, 1e-13, 1e-14);
    assert_near(g, log_rho + potential, 1e-13, 1e-14);
    assert_near(v, x, 1e-13, 1e-14);
    ift_measure_destroy(measure);
    ift_energy_destroy(energy);
  }
}

/* Two particles at distance r, weights a and b, q = exp(-r^2/(2 h^2)): rho_1 = (a + b q)/c, rho_2 = (b + a q)/c,
 * c = h sqrt(2 pi). */
static void test_two_particles(void **state) {
  (void)state;
  const double h = 0.8, x[2] = {-0.3, 0.6}, a[2] = {0.7, 1.1}, r = x[1] - x[0], q = exp(-r * r / (2 * h * h));
  const double rho[2] = {a[0] + a[1] * q, a[1] + a[0] * q}, constant = log(h) + log_two_pi / 2;
  ift_energy *energy = make_kl(&standard, h);
  ift_measure *measure = make_measure(context, x, 2, 1, a);
  double value, g[2], v[2], expected = 1;
  assert_status(IFT_OK, ift_energy_value(energy, &value, measure));
  assert_status(IFT_OK, ift_energy_first_variation(energy, g, NULL, 0, 0, measure));
  assert_status(IFT_OK, ift_energy_gradient(energy, v, NULL, 0, 0, measure));
  for (int i = 0; i < 2; i++) {
    const int j = 1 - i;
    const double own = log(rho[i]) - constant + x[i] * x[i] / 2 + log_two_pi / 2;
    expected += a[i] * (own - 1);
    assert_near(g[i], own + a[i] / rho[i] + a[j] * q / rho[j] - 1, 1e-13, 1e-14);
    assert_near(v[i], x[i] - a[j] * q * (x[i] - x[j]) / (h * h) * (1 / rho[i] + 1 / rho[j]), 1e-13, 1e-14);
  }
  assert_near(value, expected, 1e-13, 1e-14);
  ift_measure_destroy(measure);
  ift_energy_destroy(energy);
}

/* Random particles and weights of that mass; one is dead. */
typedef struct cloud {
  double x[N * MIXTURE_D], a[N], points[P * MIXTURE_D];
} cloud;

static cloud make_cloud(uint64_t seed, int64_t d, double mass) {
  cloud c;
  dice dice_ = {seed};
  dice_normals(&dice_, c.x, N * d);
  dice_normals(&dice_, c.points, P * d);
  dice_weights(&dice_, c.a, N, mass);
  c.a[5] += c.a[2];
  c.a[2] = 0;
  return c;
}

static void check_cloud(const mixture *pi, double bandwidth, const cloud *c) {
  const int64_t d = pi->d;
  const blobs b = {pi, bandwidth, N, c->x, c->a};
  ift_energy *energy = make_kl(pi, bandwidth);
  ift_measure *measure = make_measure(context, c->x, N, d, c->a);
  double value, g[N], v[N * MIXTURE_D], expected[MIXTURE_D];
  assert_status(IFT_OK, ift_energy_value(energy, &value, measure));
  assert_near(value, blobs_value(&b), 1e-12, 1e-12);
  assert_status(IFT_OK, ift_energy_first_variation(energy, g, NULL, 0, 0, measure));
  for (int i = 0; i < N; i++) assert_near(g[i], blobs_g(&b, c->x + i * d), 1e-12, 1e-12);
  assert_status(IFT_OK, ift_energy_first_variation(energy, g, c->points, P, d, measure));
  for (int i = 0; i < P; i++) assert_near(g[i], blobs_g(&b, c->points + i * d), 1e-12, 1e-12);
  for (int there = 0; there < 2; there++) {
    const double *points = there ? c->points : c->x;
    assert_status(IFT_OK, ift_energy_gradient(energy, v, there ? points : NULL, P, d, measure));
    for (int i = 0; i < (there ? P : N); i++) {
      blobs_v(&b, points + i * d, expected);
      for (int64_t l = 0; l < d; l++) assert_near(v[i * d + l], expected[l], 1e-12, 1e-12 / bandwidth);
    }
  }
  ift_measure_destroy(measure);
  ift_energy_destroy(energy);
}

static void test_double_loops(void **state) {
  (void)state;
  static const double bandwidths[] = {0.15, 0.5, 2}, masses[] = {1, 0.3, 5};
  for (int k = 0; k < MIXTURES; k++)
    for (int b = 0; b < 3; b++)
      for (int m = 0; m < 3; m++) {
        const cloud c = make_cloud(10 * (uint64_t)k + (uint64_t)m, mixtures[k]->d, masses[m]);
        check_cloud(mixtures[k], bandwidths[b], &c);
      }
}

/* Dead particles are not there: the same numbers, to the last bit where sums have the same order. */
static void test_dead_particles(void **state) {
  (void)state;
  const cloud c = make_cloud(40, 2, 1);
  double x[2 * N], a[N], g[2][P], value[2];
  int64_t n = 0;
  for (int i = 0; i < N; i++)
    if (c.a[i] > 0) {
      memcpy(x + 2 * n, c.x + 2 * i, 2 * sizeof(double));
      a[n++] = c.a[i];
    }
  ift_energy *energy = make_kl(&plane, 0.4);
  ift_measure *with = make_measure(context, c.x, N, 2, c.a), *without = make_measure(context, x, n, 2, a);
  assert_status(IFT_OK, ift_energy_value(energy, &value[0], with));
  assert_status(IFT_OK, ift_energy_value(energy, &value[1], without));
  assert_near(value[0], value[1], 1e-15, 1e-15);
  assert_status(IFT_OK, ift_energy_first_variation(energy, g[0], c.points, P, 2, with));
  assert_status(IFT_OK, ift_energy_first_variation(energy, g[1], c.points, P, 2, without));
  for (int i = 0; i < P; i++) assert_near(g[0][i], g[1][i], 1e-14, 1e-14);
  ift_measure_destroy(with);
  ift_measure_destroy(without);
  ift_energy_destroy(energy);
}

/* Where rho underflows (beyond 38 bandwidths), and just before: long double still has it at 100 of them. */
static void test_far_points(void **state) {
  (void)state;
  static const double distances[] = {30, 35.5, 35.9, 36.5, 38, 39, 50, 100};
  for (int k = 0; k < 8; k++)
    for (int64_t d = 1; d <= 2; d++) {
      const mixture *pi = d == 1 ? &line : &plane;
      cloud c = make_cloud(50, d, 1.5);
      const double h = 0.3;
      for (int64_t l = 0; l < P * d; l++) c.points[l] = c.points[l] * 0.1 + (l % d ? 0 : distances[k] * h);
      for (int64_t l = 0; l < N * d; l++) c.x[l] *= 0.1;
      check_cloud(pi, h, &c);
    }
}

/* A dead particle far from all others has a g and a velocity: log rho there is finite. */
static void test_far_and_dead(void **state) {
  (void)state;
  cloud c = make_cloud(60, 1, 1);
  c.x[2] = 12; /* 40 bandwidths away */
  check_cloud(&line, 0.25, &c);
}

/* Weights that are next to nothing. */
static void test_tiny_weights(void **state) {
  (void)state;
  cloud c = make_cloud(61, 2, 1);
  c.a[1] = 1e-290;
  c.a[7] = 1e-200;
  c.x[2] = 40; /* particle 1 has nobody near it */
  check_cloud(&plane, 0.3, &c);
}

/* v = grad g, F's derivatives in weights and positions. */
static void test_differences(void **state) {
  (void)state;
  for (int k = 0; k < MIXTURES; k++) {
    const cloud c = make_cloud(70 + (uint64_t)k, mixtures[k]->d, 1.3);
    ift_energy *energy = make_kl(mixtures[k], 0.6);
    ift_measure *measure = make_measure(context, c.x, N, mixtures[k]->d, c.a);
    assert_status(IFT_OK, ift_energy_check(energy, measure, 1e-6));
    double v[P * MIXTURE_D];
    const int64_t d = mixtures[k]->d;
    assert_status(IFT_OK, ift_energy_gradient(energy, v, c.points, P, d, measure));
    for (int64_t i = 0; i < P * d; i++) {
      double pair[2 * MIXTURE_D], around[2];
      for (int64_t l = 0; l < 2 * d; l++) pair[l] = c.points[i / d * d + l % d];
      pair[i % d] += 1e-5;
      pair[d + i % d] -= 1e-5;
      assert_status(IFT_OK, ift_energy_first_variation(energy, around, pair, 2, d, measure));
      assert_near(v[i], (around[0] - around[1]) / (pair[i % d] - pair[d + i % d]), 1e-6, 1e-6);
    }
    ift_measure_destroy(measure);
    ift_energy_destroy(energy);
  }
}

/* A density by functions that are the mixture's own gives its bits: nothing else of a target is looked at. */
static void test_opaque(void **state) {
  (void)state;
  for (int k = 0; k < MIXTURES; k++) {
    const int64_t d = mixtures[k]->d;
    const cloud c = make_cloud(80 + (uint64_t)k, d, 1);
    host h = {0};
    ift_target *inner = make_mixture(context, mixtures[k]), *outer = host_density(context, &h, inner);
    ift_energy *energies[2];
    double value[2], g[2][N], v[2][N * MIXTURE_D], far[2][P];
    ift_measure *measure = make_measure(context, c.x, N, d, c.a);
    assert_status(IFT_OK, ift_energy_kl(context, &energies[0], inner, 0.5));
    assert_status(IFT_OK, ift_energy_kl(context, &energies[1], outer, 0.5));
    memset(v, 0, sizeof v);
    for (int e = 0; e < 2; e++) {
      assert_status(IFT_OK, ift_energy_value(energies[e], &value[e], measure));
      assert_status(IFT_OK, ift_energy_first_variation(energies[e], g[e], NULL, 0, 0, measure));
      assert_status(IFT_OK, ift_energy_gradient(energies[e], v[e], NULL, 0, 0, measure));
      assert_status(IFT_OK, ift_energy_first_variation(energies[e], far[e], c.points, P, d, measure));
      ift_energy_destroy(energies[e]);
    }
    assert_true(h.calls > 0 && value[0] == value[1]);
    assert_memory_equal(g[0], g[1], sizeof g[0]);
    assert_memory_equal(v[0], v[1], sizeof v[0]);
    assert_memory_equal(far[0], far[1], sizeof far[0]);
    ift_measure_destroy(measure);
    ift_target_destroy(outer);
    ift_target_destroy(inner);
  }
}

/* A constant that log pi lacks is lacking in g, in F times the mass, and not in v. */
static void test_constant(void **state) {
  (void)state;
  const cloud c = make_cloud(90, 2, 1.5);
  host h = {.offset = 2.5};
  ift_target *inner = make_mixture(context, &plane), *outer = host_density(context, &h, inner);
  ift_energy *energies[2];
  double value[2], g[2][N], v[2][N * 2];
  ift_measure *measure = make_measure(context, c.x, N, 2, c.a);
  assert_status(IFT_OK, ift_energy_kl(context, &energies[0], inner, 0.5));
  assert_status(IFT_OK, ift_energy_kl(context, &energies[1], outer, 0.5));
  for (int e = 0; e < 2; e++) {
    assert_status(IFT_OK, ift_energy_value(energies[e], &value[e], measure));
    assert_status(IFT_OK, ift_energy_first_variation(energies[e], g[e], NULL, 0, 0, measure));
    assert_status(IFT_OK, ift_energy_gradient(energies[e], v[e], NULL, 0, 0, measure));
    ift_energy_destroy(energies[e]);
  }
  assert_near(value[1], value[0] - 1.5 * 2.5, 1e-13, 1e-14);
  for (int i = 0; i < N; i++) assert_near(g[1][i], g[0][i] - 2.5, 1e-13, 1e-14);
  assert_memory_equal(v[0], v[1], sizeof v[0]);
  ift_measure_destroy(measure);
  ift_target_destroy(outer);
  ift_target_destroy(inner);
}

/* The mass at which the Fisher-Rao flow ends on a grid, which blobs of two spacings make into a density. */
static double final_mass(double offset, double initial_mass) {
  enum { GRID = 121 };
  double x[GRID], a[GRID];
  for (int i = 0; i < GRID; i++) {
    x[i] = -6 + 0.1 * i;
    a[i] = initial_mass / GRID;
  }
  host h = {.offset = offset};
  ift_target *inner = make_mixture(context, &standard), *outer = host_density(context, &h, inner);
  ift_energy *energy;
  assert_status(IFT_OK, ift_energy_kl(context, &energy, outer, 0.2));
  ift_flow *flow = make_flow(context, "fisher-rao", energy, x, GRID, 1, a);
  assert_status(IFT_OK, ift_flow_set_real(flow, "eta", 0.9));
  for (int k = 0; k < 60 && flow_int(flow, "step") == 10 * k; k++) assert_true(ift_flow_step(flow, 10) >= 0);
  const double mass = flow_real(flow, "mass");
  ift_flow_destroy(flow);
  ift_energy_destroy(energy);
  ift_target_destroy(outer);
  ift_target_destroy(inner);
  return mass;
}

/* The -1 in g: where mass is free the flow ends at the mass of pi, exp(log pi) summed up, and not at 1/e of it. */
static void test_free_mass(void **state) {
  (void)state;
  const double one = final_mass(0, 0.4);
  assert_near(one, 1, 0, 2e-3);
  assert_near(final_mass(0, 3), one, 1e-6, 0);
  assert_near(final_mass(log(5), 1), 5 * one, 1e-6, 0);
}

static void test_arguments(void **state) {
  (void)state;
  static const double bandwidths[] = {0, -1, NAN, INFINITY, 1e-200};
  ift_context *other = make_context();
  ift_target *target = make_mixture(context, &line), *foreign = make_mixture(other, &line);
  ift_energy *energy = (ift_energy *)&context;
  assert_status(IFT_ERR_ARGUMENT, ift_energy_kl(NULL, &energy, target, 1));
  assert_null(energy);
  assert_status(IFT_ERR_ARGUMENT, ift_energy_kl(context, NULL, target, 1));
  assert_status(IFT_ERR_ARGUMENT, ift_energy_kl(context, &energy, NULL, 1));
  assert_message(context, "the target is NULL");
  energy = (ift_energy *)&context;
  assert_status(IFT_ERR_CONTEXT, ift_energy_kl(context, &energy, foreign, 1));
  assert_null(energy);
  for (int k = 0; k < 5; k++) {
    energy = (ift_energy *)&context;
    assert_status(IFT_ERR_ARGUMENT, ift_energy_kl(context, &energy, target, bandwidths[k]));
    assert_message(context, "bandwidth");
    assert_null(energy);
  }
  ift_target_destroy(target);
  ift_target_destroy(foreign);
  ift_context_destroy(other);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_one_particle),   cmocka_unit_test(test_two_particles), cmocka_unit_test(test_double_loops),
      cmocka_unit_test(test_dead_particles), cmocka_unit_test(test_far_points),    cmocka_unit_test(test_far_and_dead),
      cmocka_unit_test(test_tiny_weights),   cmocka_unit_test(test_differences),   cmocka_unit_test(test_opaque),
      cmocka_unit_test(test_constant),       cmocka_unit_test(test_free_mass),     cmocka_unit_test(test_arguments),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
