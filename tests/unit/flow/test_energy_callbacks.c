/* Densities, potentials and energies by functions that fail, stop or give no numbers in the middle of a step: the flow
 * is as it was, random stream included, and goes on like one that nothing happened to. */
#include "kl.h"
#include "support/host.h"

static ift_context *context;
static ift_target *inner;

static int set_up(void **state) {
  (void)state;
  context = make_context();
  inner = make_mixture(context, &kl_pi);
  return 0;
}

static int tear_down(void **state) {
  (void)state;
  ift_target_destroy(inner);
  ift_context_destroy(context);
  return 0;
}

typedef enum kind { KL, POTENTIAL, CUSTOM, SUM } kind;

/* Under fixed and monotone control, unless chance decides. */
static const struct {
  kind energy;
  const char *geometry, *options;
  bool metric;
} modes[] = {
    {KL, "wasserstein", "step_control=monotone", false},
    {KL, "wasserstein", "step_control=fixed", false},
    {KL, "wasserstein", "transport=heun", false},
    {KL, "wasserstein", "transport=implicit tau=0.2", false},
    {KL, "wasserstein", "transport=langevin tau=0.1", false},
    {KL, "wasserstein", "noise=0.1 noise_at=both", false},
    {KL, "fisher-rao", "step_control=fixed", false},
    {KL, "spherical-wfr", "splitting=strang", false},
    {KL, "spherical-wfr", "transport=langevin tau=0.1 reaction=birth-death eta=0.5", false},
    {KL, "wfr", "center=old transport=langevin tau=0.1 splitting=strang", false},
    {KL, "spherical-ift", "step_control=monotone", true},
    {KL, "ift", "reaction=linearized step_control=fixed tau=0.05 eta=0.05", true},
    {KL, "spherical-ift", "reaction=newton eta=0.1 regularization=0.05", true},
    {POTENTIAL, "spherical-wfr", "step_control=monotone", false},
    {POTENTIAL, "ift", "reaction=newton step_control=fixed tau=0.05 eta=0.05", true},
    {POTENTIAL, "wasserstein", "transport=implicit tau=0.5", false},
    {CUSTOM, "wasserstein", "step_control=monotone", false},
    {CUSTOM, "wasserstein", "step_control=fixed transport=heun", false},
    {CUSTOM, "spherical-wfr", "reaction=hellinger splitting=strang tau=0.1 eta=0.1", false},
    {CUSTOM, "spherical-ift", "step_control=fixed", true},
    {SUM, "spherical-wfr", "step_control=monotone", false},
    {SUM, "spherical-ift", "reaction=newton step_control=fixed tau=0.05 eta=0.05", true},
};
enum { MODES = sizeof modes / sizeof modes[0] };

static ift_energy *make_hosted(host *h, kind which) {
  ift_energy *energy;
  h->context = context;
  h->scale = 1;
  if (which == POTENTIAL) {
    assert_status(IFT_OK, ift_energy_potential(context, &energy, D, host_potential, h, host_destroy));
  } else if (which == CUSTOM) {
    assert_status(IFT_OK, ift_energy_custom(context, &energy, D, host_evaluate, h, host_destroy));
  } else {
    ift_target *target = host_density(context, h, inner);
    assert_status(IFT_OK, ift_energy_kl(context, &energy, target, KL_BANDWIDTH));
    ift_target_destroy(target);
  }
  return energy;
}

static ift_flow *open_flow(host *h, const scene *s, int mode) {
  *h = (host){0};
  ift_energy *energy = make_hosted(h, modes[mode].energy == SUM ? KL : modes[mode].energy);
  if (modes[mode].energy == SUM) {
    const double coefficients[2] = {1, 0.5};
    ift_energy *mmd = make_energy(context, "gaussian:0.7", s->y, M, D, s->w), *sum;
    const ift_energy *parts[2] = {mmd, energy};
    assert_status(IFT_OK, ift_energy_sum(context, &sum, coefficients, parts, 2));
    ift_energy_destroy(mmd);
    ift_energy_destroy(energy);
    energy = sum;
  }
  ift_flow *flow = make_flow(context, modes[mode].geometry, energy, s->x, N, D, s->a);
  ift_energy_destroy(energy);
  if (modes[mode].metric) {
    ift_kernel *kernel = make_kernel(context, "gaussian:0.7");
    assert_status(IFT_OK, ift_flow_set_kernel(flow, kernel));
    ift_kernel_destroy(kernel);
  }
  assert_true(flow_takes(flow, modes[mode].options));
  return flow;
}

static void close_flow(host *h, ift_flow *flow) {
  ift_flow_destroy(flow);
  assert_int_equal(h->destroyed, 1);
}

enum { FAILS, STOPS, NO_NUMBER, MINUS_INFINITY, WAYS };

/* Something happens at call `at`, and for numbers that are none from there on, since a step under control is tried
 * again. false: there was no such call. */
static bool disturb(host *h, ift_flow *flow, int64_t at, int how) {
  static const ift_status expected[] = {IFT_ERR_CALLBACK, IFT_STOPPED, IFT_ERR_NOT_FINITE, IFT_ERR_NOT_FINITE};
  const snapshot before = snap(flow);
  h->calls = 0;
  h->act_at = at;
  h->answer = how == FAILS ? -3 : how == STOPS ? 5 : 0;
  h->poisoned = how >= NO_NUMBER;
  h->poison = how == NO_NUMBER ? NAN : -INFINITY;
  const ift_status status = ift_flow_step(flow, 1);
  const bool reached = h->calls >= at;
  h->act_at = 0;
  if (!reached) {
    assert_status(IFT_OK, status);
    return false;
  }
  assert_status(expected[how], status);
  if (how == FAILS) assert_message(context, "returned -3");
  if (how == NO_NUMBER) assert_message(context, "is nan");
  if (how == MINUS_INFINITY) assert_message(context, "is -inf");
  assert_same_state(before, snap(flow));
  return true;
}

static scene mode_scene(int mode) {
  scene s = make_scene(80, 1, 1);
  const bool jumps = strstr(modes[mode].options, "birth") != NULL;
  for (int i = 0; jumps && i < N; i++) s.a[i] = 1.0 / N;
  if (jumps) return s;
  s.a[4] += s.a[3];
  s.a[3] = 0;
  return s;
}

/* At each call of the first step and of the second one (many of an implicit one are alike: then at every fifth). */
static void check_mode(int mode, int how) {
  const scene s = mode_scene(mode);
  host one, other;
  for (int warm = 0; warm < 2; warm++) {
    ift_flow *flow = open_flow(&one, &s, mode), *twin = open_flow(&other, &s, mode);
    if (warm) assert_status(IFT_OK, ift_flow_step(flow, 1));
    if (warm) assert_status(IFT_OK, ift_flow_step(twin, 1));
    int64_t at = 1;
    while (disturb(&one, flow, at, how)) at += at < 10 ? 1 : 5;
    assert_true(at > 1 && at < 3000);
    assert_status(IFT_OK, ift_flow_step(flow, 2)); /* one was taken in the last call of `disturb` */
    assert_status(IFT_OK, ift_flow_step(twin, 3));
    assert_same_state(snap(twin), snap(flow));
    close_flow(&one, flow);
    close_flow(&other, twin);
  }
}

static void test_failures(void **state) {
  (void)state;
  for (int mode = 0; mode < MODES; mode++) check_mode(mode, FAILS);
}

static void test_stops(void **state) {
  (void)state;
  for (int mode = 0; mode < MODES; mode++) check_mode(mode, STOPS);
}

static void test_no_numbers(void **state) {
  (void)state;
  for (int mode = 0; mode < MODES; mode++) check_mode(mode, NO_NUMBER);
}

static void test_minus_infinity(void **state) {
  (void)state;
  for (int mode = 0; mode < MODES; mode++) check_mode(mode, MINUS_INFINITY);
}

/* In step k of a run, whose steps before it count. */
static void test_middle_of_a_run(void **state) {
  (void)state;
  for (int mode = 0; mode < MODES; mode++) {
    const scene s = mode_scene(mode);
    host one, other;
    ift_flow *flow = open_flow(&one, &s, mode), *twin = open_flow(&other, &s, mode);
    assert_status(IFT_OK, ift_flow_step(flow, 1));
    assert_status(IFT_OK, ift_flow_step(twin, 1));
    other.calls = one.calls = 0;
    assert_status(IFT_OK, ift_flow_step(twin, 2));
    one.act_at = other.calls + 1; /* the first call of the third */
    one.answer = -1;
    assert_status(IFT_ERR_CALLBACK, ift_flow_step(flow, 9));
    assert_int_equal(flow_int(flow, "step"), 3);
    one.act_at = 0;
    assert_same_state(snap(twin), snap(flow));
    assert_status(IFT_OK, ift_flow_step(flow, 2));
    assert_status(IFT_OK, ift_flow_step(twin, 2));
    assert_same_state(snap(twin), snap(flow));
    close_flow(&one, flow);
    close_flow(&other, twin);
  }
}

/* A log-density that is -infinity once makes a step under control half as long, and no more than that. */
static int sick_once(double *values, const double *x, int64_t n, int64_t d, void *user) {
  host *h = user;
  const int answer = host_log_density(values, x, n, d, user);
  if (h->poisoned) values[2] = -INFINITY;
  h->poisoned = false;
  return answer;
}

static void test_shorter_step(void **state) {
  (void)state;
  const scene s = mode_scene(0);
  host h = {.inner = inner};
  ift_target *target;
  ift_energy *energy;
  assert_status(IFT_OK, ift_target_density(context, &target, D, sick_once, host_score, NULL, &h, host_destroy));
  assert_status(IFT_OK, ift_energy_kl(context, &energy, target, KL_BANDWIDTH));
  ift_flow *flow = make_flow(context, "wasserstein", energy, s.x, N, D, s.a);
  ift_target_destroy(target);
  ift_energy_destroy(energy);
  const double tau = flow_real(flow, "tau"), before = flow_real(flow, "energy");
  h.poisoned = true;
  assert_status(IFT_OK, ift_flow_step(flow, 1));
  assert_false(h.poisoned);
  assert_true(flow_real(flow, "energy") < before);
  assert_near(flow_real(flow, "tau_taken"), tau / 2, 1e-15, 0);
  close_flow(&h, flow);
}

/* The flow used from inside its own energy's function. */
static void act_step(host *h) {
  if (!h->flow) return;
  h->statuses[0] = ift_flow_step(h->flow, 1);
  h->statuses[1] = ift_flow_set_real(h->flow, "tau", 1);
  ift_flow_request_stop(h->flow);
}

static void test_from_inside(void **state) {
  (void)state;
  static const int some[] = {0, 8, 13, 17, 21};
  for (int k = 0; k < 5; k++) {
    const scene s = mode_scene(some[k]);
    host h;
    ift_flow *flow = open_flow(&h, &s, some[k]);
    h.flow = flow;
    h.act = act_step;
    h.calls = 0;
    h.act_at = 1;
    assert_status(IFT_STOPPED, ift_flow_step(flow, 5)); /* after the step that was under way */
    assert_int_equal(flow_int(flow, "step"), 1);
    assert_status(IFT_ERR_BUSY, h.statuses[0]);
    assert_status(IFT_ERR_BUSY, h.statuses[1]);
    close_flow(&h, flow);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_failures),        cmocka_unit_test(test_stops),
      cmocka_unit_test(test_no_numbers),      cmocka_unit_test(test_minus_infinity),
      cmocka_unit_test(test_middle_of_a_run), cmocka_unit_test(test_shorter_step),
      cmocka_unit_test(test_from_inside),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
