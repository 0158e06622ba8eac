/* Sums of energies: value, first variation and gradient are those of the parts; the target, convexity, chance. */
#include "support/host.h"
#include "support/mixture.h"
#include "support/random.h"

#include "energy/energy.h"

enum { N = 8, M = 12, P = 5, D = 2, PARTS = 5 };
static const mixture pi = {2, D, {0.4, 0.6}, {-1, 0, 1, 0.5}, {1, 0.2, 0.2, 0.5, 0.7, 0, 0, 1}};
static ift_context *context;
static double x[N * D], a[N], y[M * D], points[P * D];
static host potential, custom;
static ift_energy *parts[PARTS]; /* mmd, kl, potential, interaction, custom */

static int set_up(void **state) {
  (void)state;
  dice dice_ = {8};
  context = make_context();
  dice_normals(&dice_, x, N * D);
  dice_normals(&dice_, y, M * D);
  dice_normals(&dice_, points, P * D);
  dice_weights(&dice_, a, N, 1.4);
  a[0] += a[1];
  a[1] = 0;
  potential = custom = (host){.scale = 0.7};
  ift_kernel *kernel = make_kernel(context, "gaussian:0.9");
  ift_target *target = make_mixture(context, &pi);
  parts[0] = make_energy(context, "gaussian:0.8", y, M, D, NULL);
  assert_status(IFT_OK, ift_energy_kl(context, &parts[1], target, 0.5));
  assert_status(IFT_OK, ift_energy_potential(context, &parts[2], D, host_potential, &potential, host_destroy));
  assert_status(IFT_OK, ift_energy_interaction(context, &parts[3], D, kernel));
  assert_status(IFT_OK, ift_energy_custom(context, &parts[4], D, host_evaluate, &custom, host_destroy));
  ift_kernel_destroy(kernel);
  ift_target_destroy(target);
  return 0;
}

static int tear_down(void **state) {
  (void)state;
  for (int k = 0; k < PARTS; k++) ift_energy_destroy(parts[k]);
  assert_int_equal(potential.destroyed, 1);
  assert_int_equal(custom.destroyed, 1);
  ift_context_destroy(context);
  return 0;
}

static ift_energy *make_sum(const double *coefficients, ift_energy *const *of, int64_t count) {
  const ift_energy *list[PARTS];
  ift_energy *sum;
  for (int64_t k = 0; k < count; k++) list[k] = of[k];
  assert_status(IFT_OK, ift_energy_sum(context, &sum, coefficients, list, count));
  return sum;
}

/* value, g at the particles and at points, v at both */
enum { NUMBERS = 1 + (N + P) * (1 + D) };
static void read_all(const ift_energy *energy, const ift_measure *measure, double *out) {
  assert_status(IFT_OK, ift_energy_value(energy, out, measure));
  assert_status(IFT_OK, ift_energy_first_variation(energy, out + 1, NULL, 0, 0, measure));
  assert_status(IFT_OK, ift_energy_first_variation(energy, out + 1 + N, points, P, D, measure));
  assert_status(IFT_OK, ift_energy_gradient(energy, out + 1 + N + P, NULL, 0, 0, measure));
  assert_status(IFT_OK, ift_energy_gradient(energy, out + 1 + N + P + N * D, points, P, D, measure));
}

static void test_linear(void **state) {
  (void)state;
  static const double coefficients[PARTS] = {2, 0.5, -1.5, 3, 0};
  ift_measure *measure = make_measure(context, x, N, D, a);
  double numbers[NUMBERS], part[NUMBERS], expected[NUMBERS] = {0};
  ift_energy *sum = make_sum(coefficients, parts, PARTS);
  read_all(sum, measure, numbers);
  for (int k = 0; k < PARTS; k++) {
    read_all(parts[k], measure, part);
    for (int i = 0; i < NUMBERS; i++) expected[i] += coefficients[k] * part[i];
  }
  for (int i = 0; i < NUMBERS; i++) assert_near(numbers[i], expected[i], 1e-13, 1e-13);
  assert_status(IFT_OK, ift_energy_check(sum, measure, 1e-6));
  ift_energy_destroy(sum);
  ift_measure_destroy(measure);
}

/* One energy twice, a sum of sums, and one part alone times 1, which has its bits. */
static void test_nested(void **state) {
  (void)state;
  static const double ones[2] = {1, 1}, halves[2] = {0.5, 0.25};
  ift_measure *measure = make_measure(context, x, N, D, a);
  ift_energy *inner = make_sum(halves, parts, 2), *const twice[2] = {inner, inner}, *outer = make_sum(ones, twice, 2),
             *alone = make_sum(ones, parts + 1, 1);
  double first[NUMBERS], second[NUMBERS], numbers[NUMBERS];
  ift_energy_destroy(inner); /* it is retained */
  read_all(parts[0], measure, first);
  read_all(parts[1], measure, second);
  read_all(outer, measure, numbers);
  for (int i = 0; i < NUMBERS; i++) assert_near(numbers[i], first[i] + 0.5 * second[i], 1e-13, 1e-13);
  read_all(alone, measure, numbers);
  assert_memory_equal(numbers, second, sizeof numbers);
  ift_energy_destroy(outer);
  ift_energy_destroy(alone);
  ift_measure_destroy(measure);
}

/* A kernel that is only conditionally positive definite is anchored in a sum as it is alone. */
static void test_anchored(void **state) {
  (void)state;
  static const double coefficients[2] = {1.5, 2};
  ift_energy *riesz = make_energy(context, "riesz:1.4", y, M, D, NULL), *const both[2] = {riesz, parts[2]},
             *sum = make_sum(coefficients, both, 2);
  ift_measure *measure = make_measure(context, x, N, D, a); /* of mass 1.4, the target's is 1 */
  double numbers[NUMBERS], first[NUMBERS], second[NUMBERS];
  read_all(sum, measure, numbers);
  read_all(riesz, measure, first);
  read_all(parts[2], measure, second);
  for (int i = 0; i < NUMBERS; i++) assert_near(numbers[i], 1.5 * first[i] + 2 * second[i], 1e-13, 1e-13);
  ift_energy_destroy(sum);
  ift_energy_destroy(riesz);
  ift_measure_destroy(measure);
}

/* The gap bounds F from above where all parts are convex and count positively; a sum without a target has none. */
static void test_gap(void **state) {
  (void)state;
  static const double positive[2] = {1, 0.3}, negative[2] = {1, -0.3};
  ift_energy *const convex[2] = {parts[0], parts[2]}, *const other[2] = {parts[0], parts[4]};
  struct {
    ift_energy *energy;
    bool bounded;
  } cases[] = {{make_sum(positive, convex, 2), true},
               {make_sum(negative, convex, 2), false},
               {make_sum(positive, other, 2), false},
               {make_sum(positive, parts + 2, 1), false}};
  double mass1[N];
  for (int i = 0; i < N; i++) mass1[i] = a[i] / 1.4;
  for (int k = 0; k < 4; k++) {
    ift_flow *flow = make_flow(context, "spherical-wfr", cases[k].energy, x, N, D, mass1);
    const double gap = flow_real(flow, "gap");
    assert_true(isfinite(gap) == cases[k].bounded);
    if (cases[k].bounded) {
      /* F at the measures on single target points is not below F - gap */
      const double f = flow_real(flow, "energy");
      for (int j = 0; j < M; j++) {
        ift_measure *point = make_measure(context, y + j * D, 1, D, NULL);
        double value;
        assert_status(IFT_OK, ift_energy_value(cases[k].energy, &value, point));
        assert_true(value >= f - gap - 1e-12);
        ift_measure_destroy(point);
      }
    }
    ift_flow_destroy(flow);
    ift_energy_destroy(cases[k].energy);
  }
}

/* The first part with a target gives it: dead particles go to its points. */
static void test_target(void **state) {
  (void)state;
  static const double ones[2] = {1, 1};
  ift_energy *const both[2] = {parts[2], parts[0]}, *sum = make_sum(ones, both, 2);
  assert_ptr_equal(sum->target, parts[0]->target);
  ift_flow *flow = make_flow(context, "spherical-ift", sum, x, N, D, a);
  assert_status(IFT_OK, ift_flow_set_text(flow, "reaction", "gradient"));
  assert_status(IFT_OK, ift_flow_set_text(flow, "rejuvenate", "target"));
  assert_status(IFT_OK, ift_flow_set_int(flow, "rejuvenate_every", 1));
  assert_status(IFT_OK, ift_flow_set_real(flow, "eta", 1e-6));
  assert_status(IFT_OK, ift_flow_step(flow, 1));
  bool found = ift_measure_weights(ift_flow_measure(flow))[1] > 0; /* the dead one, unless it was given weight */
  for (int j = 0; j < M; j++)
    found |= memcmp(ift_measure_positions(ift_flow_measure(flow)) + D, y + j * D, D * sizeof(double)) == 0;
  assert_true(found);
  ift_flow_destroy(flow);
  ift_energy_destroy(sum);
}

/* Auto steps of a sum: the curvatures add up. */
static void test_curvature(void **state) {
  (void)state;
  static const double coefficients[2] = {2, -0.5};
  ift_energy *const both[2] = {parts[2], parts[3]}, *sum = make_sum(coefficients, both, 2);
  ift_flow *flow = make_flow(context, "wasserstein", sum, x, N, D, a);
  /* Hess V = 0.7 I; of W in one direction at most 1/s^2, s = 0.9 */
  assert_near(flow_real(flow, "tau"), 0.58 / (2 * 0.7 + 0.5 * 1.4 / 0.81), 1e-9, 0);
  ift_flow_destroy(flow);
  ift_energy_destroy(sum);
}

/* A part's function that fails fails the sum, wherever it comes. */
static void test_answers(void **state) {
  (void)state;
  static const double ones[PARTS] = {1, 1, 1, 1, 1};
  ift_energy *sum = make_sum(ones, parts, PARTS);
  ift_measure *measure = make_measure(context, x, N, D, a);
  double out = 42;
  custom.calls = 0;
  custom.act_at = 1;
  custom.answer = -6;
  assert_status(IFT_ERR_CALLBACK, ift_energy_value(sum, &out, measure));
  assert_message(context, "the function of a custom energy returned -6");
  custom.act_at = 0;
  potential.calls = 0;
  potential.act_at = 1;
  potential.answer = 6;
  assert_status(IFT_STOPPED, ift_energy_value(sum, &out, measure));
  assert_true(out == 42);
  potential.act_at = 0;
  assert_status(IFT_OK, ift_energy_value(sum, &out, measure));
  ift_measure_destroy(measure);
  ift_energy_destroy(sum);
}

static void test_arguments(void **state) {
  (void)state;
  double coefficients[2] = {1, 1};
  ift_context *elsewhere = make_context();
  ift_energy *foreign = make_energy(elsewhere, "gaussian:1", y, M, D, NULL),
             *line = make_energy(context, "gaussian:1", y, M, 1, NULL), *energy = (ift_energy *)&context;
  const ift_energy *list[2] = {parts[0], parts[2]};
  assert_status(IFT_ERR_ARGUMENT, ift_energy_sum(NULL, &energy, coefficients, list, 2));
  assert_null(energy);
  assert_status(IFT_ERR_ARGUMENT, ift_energy_sum(context, NULL, coefficients, list, 2));
  assert_status(IFT_ERR_ARGUMENT, ift_energy_sum(context, &energy, NULL, list, 2));
  assert_status(IFT_ERR_ARGUMENT, ift_energy_sum(context, &energy, coefficients, NULL, 2));
  assert_status(IFT_ERR_ARGUMENT, ift_energy_sum(context, &energy, coefficients, list, 0));
  assert_message(context, "needs at least one");
  list[1] = NULL;
  assert_status(IFT_ERR_ARGUMENT, ift_energy_sum(context, &energy, coefficients, list, 2));
  list[1] = foreign;
  assert_status(IFT_ERR_CONTEXT, ift_energy_sum(context, &energy, coefficients, list, 2));
  list[1] = line;
  assert_status(IFT_ERR_DIMENSION, ift_energy_sum(context, &energy, coefficients, list, 2));
  assert_message(context, "energies[1] lives in dimension 1, energies[0] in 2");
  list[1] = parts[2];
  coefficients[1] = INFINITY;
  energy = (ift_energy *)&context;
  assert_status(IFT_ERR_NOT_FINITE, ift_energy_sum(context, &energy, coefficients, list, 2));
  assert_message(context, "coefficients[1] is inf");
  assert_null(energy);
  ift_energy_destroy(line);
  ift_energy_destroy(foreign);
  ift_context_destroy(elsewhere);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_linear),  cmocka_unit_test(test_nested),    cmocka_unit_test(test_anchored),
      cmocka_unit_test(test_gap),     cmocka_unit_test(test_target),    cmocka_unit_test(test_curvature),
      cmocka_unit_test(test_answers), cmocka_unit_test(test_arguments),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
