/* Energies by a function of the caller's own: the numbers, what is asked for, answers, re-entry, `destroy`, and flows
 * of one that is a built-in energy in disguise. */
#include "support/host.h"
#include "support/memory.h"
#include "support/random.h"

enum { N = 8, M = 12, P = 5, D = 2 };
static ift_context *context;
static double x[N * D], a[N], y[M * D], points[P * D];

static int set_up(void **state) {
  (void)state;
  dice dice_ = {9};
  context = make_context();
  dice_normals(&dice_, x, N * D);
  dice_normals(&dice_, y, M * D);
  dice_normals(&dice_, points, P * D);
  dice_weights(&dice_, a, N, 1.3);
  a[2] = 0;
  return 0;
}

static int tear_down(void **state) {
  (void)state;
  ift_context_destroy(context);
  return 0;
}

static ift_energy *make_custom(host *h) {
  h->context = context;
  assert_status(IFT_OK, ift_energy_custom(context, &h->energy, D, host_evaluate, h, host_destroy));
  return h->energy;
}

static void test_formulas(void **state) {
  (void)state;
  host h = {.scale = 0.6};
  ift_energy *energy = make_custom(&h);
  ift_measure *measure = make_measure(context, x, N, D, a);
  double value, g[N], v[N * D], mean[D] = {0};
  for (int i = 0; i < N * D; i++) mean[i % D] += a[i / D] * x[i];
  assert_status(IFT_OK, ift_energy_value(energy, &value, measure));
  assert_near(value, 0.3 * (mean[0] * mean[0] + mean[1] * mean[1]), 1e-14, 0);
  assert_status(IFT_OK, ift_energy_first_variation(energy, g, NULL, 0, 0, measure));
  for (int i = 0; i < N; i++) assert_near(g[i], 0.6 * (x[2 * i] * mean[0] + x[2 * i + 1] * mean[1]), 1e-14, 1e-15);
  assert_status(IFT_OK, ift_energy_first_variation(energy, g, points, P, D, measure));
  for (int i = 0; i < P; i++)
    assert_near(g[i], 0.6 * (points[2 * i] * mean[0] + points[2 * i + 1] * mean[1]), 1e-14, 1e-15);
  assert_status(IFT_OK, ift_energy_gradient(energy, v, points, P, D, measure));
  for (int i = 0; i < P * D; i++) assert_near(v[i], 0.6 * mean[i % D], 1e-14, 1e-15);
  assert_status(IFT_OK, ift_energy_check(energy, measure, 1e-6));
  ift_measure_destroy(measure);
  ift_energy_destroy(energy);
  assert_int_equal(h.destroyed, 1);
}

/* An MMD energy seen through a function. */
typedef struct disguise {
  ift_context *context;
  ift_energy *energy;
  bool asked[3];
} disguise;

static int evaluate_inner(double *value, double *first_variation, double *gradient, const double *at, int64_t m,
                          const double *positions, const double *weights, int64_t n, int64_t d, void *user) {
  disguise *p = user;
  ift_measure *measure = make_measure(p->context, positions, n, d, weights);
  p->asked[0] |= value != NULL;
  p->asked[1] |= first_variation != NULL;
  p->asked[2] |= gradient != NULL;
  if (value) assert_status(IFT_OK, ift_energy_value(p->energy, value, measure));
  if (first_variation) assert_status(IFT_OK, ift_energy_first_variation(p->energy, first_variation, at, m, d, measure));
  if (gradient) assert_status(IFT_OK, ift_energy_gradient(p->energy, gradient, at, m, d, measure));
  ift_measure_destroy(measure);
  return 0;
}

/* With steps of a given size the flow of the disguise is that of the energy, to the last bit, in every geometry and
 * mode that uses an energy by its numbers alone. */
static void test_flows(void **state) {
  (void)state;
  static const struct {
    const char *geometry, *options[4][2];
  } cases[] = {
      {"wasserstein", {{"transport", "explicit"}}},
      {"wasserstein", {{"transport", "heun"}}},
      {"wasserstein", {{"transport", "euclidean"}}},
      {"spherical-wfr", {{"reaction", "mirror"}}},
      {"wfr", {{"reaction", "hellinger"}, {"splitting", "strang"}}},
      {"spherical-fisher-rao", {{"center", "old"}}},
      {"spherical-ift", {{"reaction", "gradient"}}},
      {"wfr", {{"noise", "0.1"}}},
  };
  for (size_t c = 0; c < sizeof cases / sizeof cases[0]; c++) {
    disguise p = {.context = context, .energy = make_energy(context, "gaussian:0.8", y, M, D, NULL)};
    ift_energy *energies[2] = {p.energy, NULL};
    ift_flow *flows[2];
    assert_status(IFT_OK, ift_energy_custom(context, &energies[1], D, evaluate_inner, &p, NULL));
    for (int k = 0; k < 2; k++) {
      flows[k] = make_flow(context, cases[c].geometry, energies[k], x, N, D, a);
      (void)ift_flow_set_real(flows[k], "tau", 0.2);
      (void)ift_flow_set_real(flows[k], "eta", 0.05);
      for (int o = 0; o < 4 && cases[c].options[o][0]; o++)
        assert_status(IFT_OK, ift_flow_set_text(flows[k], cases[c].options[o][0], cases[c].options[o][1]));
      assert_status(IFT_OK, ift_flow_step(flows[k], 5));
    }
    const ift_measure *one = ift_flow_measure(flows[0]), *other = ift_flow_measure(flows[1]);
    assert_memory_equal(ift_measure_positions(one), ift_measure_positions(other), sizeof x);
    assert_memory_equal(ift_measure_weights(one), ift_measure_weights(other), sizeof a);
    assert_true(flow_real(flows[0], "energy") == flow_real(flows[1], "energy"));
    assert_true(p.asked[0] && p.asked[1] && p.asked[2]);
    for (int k = 0; k < 2; k++) {
      ift_flow_destroy(flows[k]);
      ift_energy_destroy(energies[k]);
    }
  }
}

/* Left on auto the flow finds steps by itself, and F never rises. */
static void test_automatic_steps(void **state) {
  (void)state;
  static const char *const geometries[] = {"wasserstein", "spherical-wfr", "wfr", "spherical-fisher-rao"};
  for (int c = 0; c < 4; c++) {
    host h = {.scale = 1};
    ift_energy *energy = make_custom(&h);
    ift_flow *flow = make_flow(context, geometries[c], energy, x, N, D, a);
    const double first = flow_real(flow, "energy");
    double before = first;
    for (int k = 0; k < 30; k++) {
      const ift_status status = ift_flow_step(flow, 1);
      assert_true(status == IFT_OK || status == IFT_STALLED);
      assert_true(flow_real(flow, "energy") <= before);
      before = flow_real(flow, "energy");
    }
    assert_true(before < 0.9 * first);
    ift_flow_destroy(flow);
    ift_energy_destroy(energy);
  }
}

static void test_answers(void **state) {
  (void)state;
  static const char *const names[] = {"value", "first variation", "gradient"};
  host h = {.scale = 1};
  ift_energy *energy = make_custom(&h);
  ift_measure *measure = make_measure(context, x, N, D, a);
  double out[N * D];
  for (int which = 0; which < 3; which++) {
    h.calls = h.act_at = 0;
    for (int round = 0; round < 2; round++)
      for (int how = 0; how < (round ? 3 : 1); how++) {
        h.calls = 0;
        h.act_at = round ? (which == 0 ? 2 : 1) : 0; /* F is asked for after g */
        h.answer = how == 0 ? -8 : how == 1 ? 1 : 0;
        h.poisoned = how == 2;
        h.poison = NAN;
        for (int i = 0; i < N * D; i++) out[i] = 42;
        const ift_status status = which == 0   ? ift_energy_value(energy, out, measure)
                                  : which == 1 ? ift_energy_first_variation(energy, out, NULL, 0, 0, measure)
                                               : ift_energy_gradient(energy, out, NULL, 0, 0, measure);
        if (round == 0) {
          assert_status(IFT_OK, status);
          continue;
        }
        assert_status(how == 0 ? IFT_ERR_CALLBACK : how == 1 ? IFT_STOPPED : IFT_ERR_NOT_FINITE, status);
        if (how == 0) assert_message(context, "the function of a custom energy returned -8");
        if (how == 2) assert_message(context, "of a custom energy is nan at point 0");
        if (how == 2) assert_message(context, names[which]);
        for (int i = 0; i < N * D; i++) assert_true(out[i] == 42);
      }
  }
  ift_measure_destroy(measure);
  ift_energy_destroy(energy);
}

static void act_again(host *h) {
  double out;
  ift_flow *flow;
  h->statuses[0] = ift_energy_value(h->energy, &out, h->measure);
  assert_message(h->context, "a custom energy was entered again from its own callback");
  h->statuses[1] = ift_flow_create(h->context, &flow, "wasserstein", h->energy, h->measure);
  h->statuses[2] = ift_energy_check(h->energy, h->measure, 1e-6);
}

static void test_re_entry(void **state) {
  (void)state;
  host h = {.scale = 1, .act_at = 1, .act = act_again};
  ift_energy *energy = make_custom(&h);
  double out;
  h.measure = make_measure(context, x, N, D, a);
  assert_status(IFT_OK, ift_energy_value(energy, &out, h.measure));
  for (int k = 0; k < 3; k++) assert_status(IFT_ERR_BUSY, h.statuses[k]);
  ift_measure_destroy(h.measure);
  ift_energy_destroy(energy);
}

/* The last handles, from inside, in each function that runs it. */
static void act_destroy(host *h) {
  ift_flow_destroy(h->flow);
  ift_energy_destroy(h->energy);
  ift_measure_destroy(h->measure);
}

static void test_destroyed_from_inside(void **state) {
  (void)state;
  for (int which = 0; which < 3; which++) {
    host h = {.scale = 1, .act = act_destroy};
    ift_energy *energy = make_custom(&h);
    double out;
    h.measure = make_measure(context, x, N, D, a);
    if (which == 2) assert_status(IFT_OK, ift_flow_create(context, &h.flow, "wasserstein", energy, h.measure));
    h.calls = 0;
    h.act_at = 1;
    if (which == 0) assert_status(IFT_OK, ift_energy_value(energy, &out, h.measure));
    if (which == 1) assert_status(IFT_OK, ift_energy_check(energy, h.measure, 1e-6));
    if (which == 2) assert_status(IFT_OK, ift_flow_step(h.flow, 2));
    assert_int_equal(h.destroyed, 1);
    assert_false(h.destroyed_inside);
  }
}

static void test_arguments(void **state) {
  (void)state;
  ift_energy *energy = (ift_energy *)&context;
  host h = {0};
  int expected = 0;
  assert_status(IFT_ERR_ARGUMENT, ift_energy_custom(NULL, &energy, D, host_evaluate, &h, host_destroy));
  assert_null(energy);
  assert_int_equal(h.destroyed, ++expected);
  assert_status(IFT_ERR_ARGUMENT, ift_energy_custom(context, NULL, D, host_evaluate, &h, host_destroy));
  assert_int_equal(h.destroyed, ++expected);
  assert_status(IFT_ERR_ARGUMENT, ift_energy_custom(context, &energy, D, NULL, &h, host_destroy));
  assert_int_equal(h.destroyed, ++expected);
  assert_status(IFT_ERR_ARGUMENT, ift_energy_custom(context, &energy, 0, host_evaluate, &h, host_destroy));
  assert_message(context, "the dimension of a custom energy is 0");
  assert_int_equal(h.destroyed, ++expected);
  memory m = {0};
  ift_context *own = memory_context(&m);
  memory_fail(&m, 1, true);
  assert_status(IFT_ERR_NO_MEMORY, ift_energy_custom(own, &energy, D, host_evaluate, &h, host_destroy));
  assert_null(energy);
  assert_int_equal(h.destroyed, ++expected);
  ift_context_destroy(own);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_formulas),  cmocka_unit_test(test_flows),    cmocka_unit_test(test_automatic_steps),
      cmocka_unit_test(test_answers),   cmocka_unit_test(test_re_entry), cmocka_unit_test(test_destroyed_from_inside),
      cmocka_unit_test(test_arguments),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
