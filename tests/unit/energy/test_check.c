/* The self-test of energies: right ones pass, each kind of mistake is found and named. */
#include "support/host.h"
#include "support/memory.h"
#include "support/mixture.h"
#include "support/random.h"

enum { N = 7, D = 2 };
static ift_context *context;
static double x[N * D], a[N];

static int set_up(void **state) {
  (void)state;
  dice dice_ = {12};
  context = make_context();
  dice_normals(&dice_, x, N * D);
  dice_weights(&dice_, a, N, 1.3);
  return 0;
}

static int tear_down(void **state) {
  (void)state;
  ift_context_destroy(context);
  return 0;
}

/* F = 1/2 |int x dmu|^2 + int |x|^4/4 dmu, with mistakes: each term of what is given is 0 in a right one. */
typedef struct faulty {
  double value_slope; /* F is too large by this times the mass */
  double value_cube;  /* F is too large by this times sum a_i^2 x_i0 */
  double constant;    /* g is too large by this */
  int particle;       /* -1: none; at its place */
  double g_there;     /* g is too large by this */
  double v_there;     /* component `component` of v is too large by this */
  int component;
  const double *place; /* of that particle */
} faulty;

static int evaluate(double *value, double *first_variation, double *gradient, const double *points, int64_t m,
                    const double *positions, const double *weights, int64_t n, int64_t d, void *user) {
  const faulty *f = user;
  double mean[D] = {0}, sum = 0;
  for (int64_t j = 0; j < n; j++) {
    double square = 0;
    for (int l = 0; l < D; l++) mean[l] += weights[j] * positions[j * d + l];
    for (int l = 0; l < D; l++) square += positions[j * d + l] * positions[j * d + l];
    sum += weights[j] * (square * square / 4 + f->value_slope);
    sum += f->value_cube * weights[j] * weights[j] * positions[j * d];
  }
  for (int l = 0; l < D; l++) sum += mean[l] * mean[l] / 2;
  if (value) *value = sum;
  for (int64_t i = 0; i < m; i++) {
    const double *p = points + i * d;
    const double square = p[0] * p[0] + p[1] * p[1];
    /* near enough that the differences of g see the mistake in g as a constant */
    const bool there = f->place && hypot(p[0] - f->place[0], p[1] - f->place[1]) < 0.01;
    if (first_variation)
      first_variation[i] =
          square * square / 4 + mean[0] * p[0] + mean[1] * p[1] + f->constant + (there ? f->g_there : 0);
    for (int l = 0; gradient && l < D; l++)
      gradient[i * d + l] = square * p[l] + mean[l] + (there && l == f->component ? f->v_there : 0);
  }
  return 0;
}

/* The status of the check with that mistake, of the particles as they are or with the first one dead. */
static ift_status check_with(faulty f, bool first_dead, double tolerance) {
  double weights[N];
  memcpy(weights, a, sizeof a);
  if (first_dead) weights[0] = 0;
  ift_energy *energy;
  ift_measure *measure = make_measure(context, x, N, D, weights);
  assert_status(IFT_OK, ift_energy_custom(context, &energy, D, evaluate, &f, NULL));
  const ift_status status = ift_energy_check(energy, measure, tolerance);
  ift_measure_destroy(measure);
  ift_energy_destroy(energy);
  return status;
}

static void test_right(void **state) {
  (void)state;
  assert_status(IFT_OK, check_with((faulty){0}, false, 1e-6));
  assert_status(IFT_OK, check_with((faulty){0}, true, 1e-6));
  assert_status(IFT_OK, check_with((faulty){0}, false, 1e-8));
}

/* g wrong at one particle, whichever it is: named, with what is there and what differences give. */
static void test_first_variation_at_one(void **state) {
  (void)state;
  static const double errors[] = {0.1, -1e-3, 1e-4};
  for (int i = 0; i < N; i++)
    for (int k = 0; k < 3; k++) {
      char part[64], rest[160];
      double mean[D] = {0};
      for (int j = 0; j < N * D; j++) mean[j % D] += a[j / D] * x[j];
      const double *p = x + i * D, square = p[0] * p[0] + p[1] * p[1];
      const double right = square * square / 4 + mean[0] * p[0] + mean[1] * p[1];
      assert_status(IFT_ERR_CAPABILITY, check_with((faulty){.place = p, .g_there = errors[k]}, false, 1e-6));
      snprintf(part, sizeof part, "the first variation at particle %d is ", i);
      assert_message(context, part);
      double given, found;
      const char *message = ift_context_message(context);
      snprintf(rest, sizeof rest, "%s", message + strlen(part));
      assert_int_equal(sscanf(rest, "%lf; differences of the value give %lf", &given, &found), 2);
      assert_near(given, right + errors[k], 1e-12, 1e-12);
      assert_near(found, right, 1e-7, 1e-7);
    }
}

/* Off by a constant: of no matter where mass is kept, which is said. Also where the first particle is dead. */
static void test_constant(void **state) {
  (void)state;
  for (int dead = 0; dead < 2; dead++) {
    assert_status(IFT_ERR_CAPABILITY, check_with((faulty){.constant = 0.25}, dead, 1e-6));
    assert_message(context, "the first variation is too large by the constant 0.25");
    assert_message(context, "right in spherical geometries, wrong where mass is free");
    assert_status(IFT_ERR_CAPABILITY, check_with((faulty){.constant = -1}, dead, 1e-6));
    assert_message(context, "too large by the constant -1");
    /* of the value alike: the other way round */
    assert_status(IFT_ERR_CAPABILITY, check_with((faulty){.value_slope = 0.5}, dead, 1e-6));
    assert_message(context, "too large by the constant -0.5");
  }
  /* one of them off by something else is no constant */
  assert_status(IFT_ERR_CAPABILITY,
                check_with((faulty){.constant = 0.25, .place = x + 4 * D, .g_there = 0.5}, false, 1e-6));
  assert_message(context, "the first variation at particle 0 is");
}

/* One component of the gradient. */
static void test_gradient(void **state) {
  (void)state;
  for (int i = 0; i < N; i++)
    for (int l = 0; l < D; l++) {
      char part[80];
      assert_status(IFT_ERR_CAPABILITY,
                    check_with((faulty){.place = x + i * D, .component = l, .v_there = 1e-3}, false, 1e-6));
      snprintf(part, sizeof part, "the gradient at particle %d has component %d = ", i, l);
      assert_message(context, part);
      assert_message(context, "differences of the first variation give");
    }
  /* a dead particle's, too: it moves as well */
  assert_status(IFT_ERR_CAPABILITY, check_with((faulty){.place = x, .component = 1, .v_there = 1e-3}, true, 1e-6));
  assert_message(context, "the gradient at particle 0 has component 1");
}

/* A wrong value shows in the first variation. */
static void test_value(void **state) {
  (void)state;
  assert_status(IFT_ERR_CAPABILITY, check_with((faulty){.value_cube = 0.1}, false, 1e-6));
  assert_message(context, "differences of the value give");
}

/* The first variation is right as a derivative in the weights, and the gradient is that of it at a fixed measure; but
 * the value at other positions is not the same functional: F = 1/2 (int x dmu)^2 with a g that is frozen. */
static int frozen(double *value, double *first_variation, double *gradient, const double *points, int64_t m,
                  const double *positions, const double *weights, int64_t n, int64_t d, void *user) {
  (void)points;
  const double *home = user; /* where g takes the value 1, particle by particle */
  double sum = 0;
  for (int64_t j = 0; j < n; j++) {
    const double away = positions[j * d] - home[j * d];
    sum += weights[j] * (1 + away); /* moves with the particles */
  }
  if (value) *value = sum;
  for (int64_t i = 0; first_variation && i < m; i++) first_variation[i] = 1; /* g, without the slope */
  for (int64_t k = 0; gradient && k < m * d; k++) gradient[k] = 0;
  return 0;
}

static void test_value_of_moved_particles(void **state) {
  (void)state;
  ift_energy *energy;
  ift_measure *measure = make_measure(context, x, N, D, a);
  assert_status(IFT_OK, ift_energy_custom(context, &energy, D, frozen, x, NULL));
  assert_status(IFT_ERR_CAPABILITY, ift_energy_check(energy, measure, 1e-6));
  assert_message(context, "the gradient at particle 0 has component 0 = 0; moving the particle changes the value at a "
                          "rate of ");
  assert_message(context, "times its weight");
  ift_measure_destroy(measure);
  ift_energy_destroy(energy);
}

/* The tolerance is relative to the largest of its kind. */
static void test_tolerance(void **state) {
  (void)state;
  const faulty f = {.place = x + 2 * D, .g_there = 1e-4};
  assert_status(IFT_ERR_CAPABILITY, check_with(f, false, 1e-7));
  assert_status(IFT_OK, check_with(f, false, 0.1));
}

/* One particle: nothing to tell a constant from. */
static void test_one_particle(void **state) {
  (void)state;
  faulty f = {.constant = 0.5};
  ift_energy *energy;
  ift_measure *one = make_measure(context, x, 1, D, NULL);
  assert_status(IFT_OK, ift_energy_custom(context, &energy, D, evaluate, &f, NULL));
  assert_status(IFT_ERR_CAPABILITY, ift_energy_check(energy, one, 1e-6));
  assert_message(context, "the first variation at particle 0 is");
  f.constant = 0;
  assert_status(IFT_OK, ift_energy_check(energy, one, 1e-6));
  ift_measure_destroy(one);
  ift_energy_destroy(energy);
}

/* All particles at one place, and far from the origin. */
static void test_degenerate(void **state) {
  (void)state;
  const double same[3 * D] = {0.3, 0.4, 0.3, 0.4, 0.3, 0.4}, far[3 * D] = {1000, 2000, 1001, 2000, 1000, 2002};
  const mixture pi = {1, D, {1}, {1000, 2000}, {1, 0, 0, 1}};
  ift_target *target = make_mixture(context, &pi);
  ift_energy *mmd = make_energy(context, "gaussian:1", x, N, D, NULL), *kl;
  ift_measure *one = make_measure(context, same, 3, D, NULL), *other = make_measure(context, far, 3, D, NULL);
  assert_status(IFT_OK, ift_energy_kl(context, &kl, target, 0.5));
  assert_status(IFT_OK, ift_energy_check(mmd, one, 1e-6));
  assert_status(IFT_OK, ift_energy_check(kl, other, 1e-6));
  ift_measure_destroy(one);
  ift_measure_destroy(other);
  ift_energy_destroy(mmd);
  ift_energy_destroy(kl);
  ift_target_destroy(target);
}

static void test_arguments(void **state) {
  (void)state;
  static const double tolerances[] = {0, -1, NAN};
  ift_context *other = make_context();
  ift_energy *energy = make_energy(context, "gaussian:1", x, N, D, NULL);
  ift_measure *measure = make_measure(context, x, N, D, a), *foreign = make_measure(other, x, N, D, a),
              *line = make_measure(context, x, N, 1, a);
  assert_status(IFT_ERR_ARGUMENT, ift_energy_check(NULL, measure, 1e-6));
  assert_status(IFT_ERR_ARGUMENT, ift_energy_check(energy, NULL, 1e-6));
  assert_status(IFT_ERR_CONTEXT, ift_energy_check(energy, foreign, 1e-6));
  assert_status(IFT_ERR_DIMENSION, ift_energy_check(energy, line, 1e-6));
  for (int k = 0; k < 3; k++) {
    assert_status(IFT_ERR_ARGUMENT, ift_energy_check(energy, measure, tolerances[k]));
    assert_message(context, "tolerance");
  }
  assert_status(IFT_OK, ift_energy_check(energy, measure, 1e-6));
  ift_measure_destroy(measure);
  ift_measure_destroy(foreign);
  ift_measure_destroy(line);
  ift_energy_destroy(energy);
  ift_context_destroy(other);
}

/* Wherever memory ends, none is lost. */
static void test_no_memory(void **state) {
  (void)state;
  memory m = {0};
  ift_context *own = memory_context(&m);
  ift_energy *energy = make_energy(own, "gaussian:1", x, N, D, NULL);
  ift_measure *measure = make_measure(own, x, N, D, a);
  memory_fail(&m, 0, false);
  assert_status(IFT_OK, ift_energy_check(energy, measure, 1e-6));
  const int64_t calls = m.calls, live = m.live;
  assert_true(calls >= 9);
  for (int64_t at = 1; at <= calls; at++) {
    memory_fail(&m, at, false);
    assert_status(IFT_ERR_NO_MEMORY, ift_energy_check(energy, measure, 1e-6));
    assert_int_equal(m.live, live);
  }
  memory_fail(&m, 0, false);
  ift_measure_destroy(measure);
  ift_energy_destroy(energy);
  ift_context_destroy(own);
  assert_int_equal(m.live, 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_right),      cmocka_unit_test(test_first_variation_at_one),
      cmocka_unit_test(test_constant),   cmocka_unit_test(test_gradient),
      cmocka_unit_test(test_value),      cmocka_unit_test(test_value_of_moved_particles),
      cmocka_unit_test(test_tolerance),  cmocka_unit_test(test_one_particle),
      cmocka_unit_test(test_degenerate), cmocka_unit_test(test_arguments),
      cmocka_unit_test(test_no_memory),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
