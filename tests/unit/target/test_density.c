/* Targets by functions of the density: numbers handed through, answers, re-entry, what is missing, and `destroy`. */
#include "support/host.h"
#include "support/memory.h"
#include "support/mixture.h"
#include "support/random.h"

enum { N = 7, D = 2 };
static const mixture pi = {2, D, {0.4, 0.6}, {-1, 0, 1, 0.5}, {1, 0.2, 0.2, 0.5, 0.7, 0, 0, 1}};
static ift_context *context;
static ift_target *inner;
static double x[N * D], u[N * D];

static int set_up(void **state) {
  (void)state;
  dice dice_ = {3};
  context = make_context();
  inner = make_mixture(context, &pi);
  dice_normals(&dice_, x, N * D);
  dice_normals(&dice_, u, N * D);
  return 0;
}

static int tear_down(void **state) {
  (void)state;
  ift_target_destroy(inner);
  ift_context_destroy(context);
  return 0;
}

/* The numbers of the functions as they are. */
static void test_numbers(void **state) {
  (void)state;
  host h = {0};
  ift_target *target = host_density(context, &h, inner);
  double own[2][N * D], theirs[2][N * D];
  assert_status(IFT_OK, target->kind->log_density(target, own[0], x, N));
  assert_status(IFT_OK, inner->kind->log_density(inner, theirs[0], x, N));
  assert_memory_equal(own[0], theirs[0], N * sizeof(double));
  assert_status(IFT_OK, target->kind->score(target, own[0], x, N));
  assert_status(IFT_OK, target->kind->hessian(target, own[1], x, u, N));
  assert_status(IFT_OK, inner->kind->score(inner, theirs[0], x, N));
  assert_status(IFT_OK, inner->kind->hessian(inner, theirs[1], x, u, N));
  assert_memory_equal(own, theirs, sizeof own);
  assert_int_equal(h.calls, 3);
  ift_target_destroy(target);
  assert_int_equal(h.destroyed, 1);
}

/* The three functions, one call each. */
static ift_status ask(const ift_target *target, int which) {
  double out[N * D];
  if (which == 0) return target->kind->log_density(target, out, x, N);
  if (which == 1) return target->kind->score(target, out, x, N);
  return target->kind->hessian(target, out, x, u, N);
}

static void test_answers(void **state) {
  (void)state;
  static const char *const names[] = {"log-density", "score", "Hessian"};
  host h = {0};
  ift_target *target = host_density(context, &h, inner);
  for (int which = 0; which < 3; which++)
    for (int answer = -7; answer <= 7; answer += 7) {
      h.calls = 0;
      h.act_at = 1;
      h.answer = answer;
      assert_status(answer < 0 ? IFT_ERR_CALLBACK : answer > 0 ? IFT_STOPPED : IFT_OK, ask(target, which));
      if (answer < 0) assert_message(context, "the");
      if (answer < 0) assert_message(context, names[which]);
      if (answer < 0) assert_message(context, "of a density target returned -7");
      h.act_at = 0;
      assert_status(IFT_OK, ask(target, which)); /* the next one works */
    }
  ift_target_destroy(target);
}

/* A function that uses its own target, by each of the three. */
static void act_again(host *h) {
  for (int which = 0; which < 3; which++) h->statuses[which] = ask(h->target, which);
  assert_message(h->context, "a density target was entered again from its own callback");
}

static void test_re_entry(void **state) {
  (void)state;
  host h = {.act_at = 1, .act = act_again};
  ift_target *target = host_density(context, &h, inner);
  for (int which = 0; which < 3; which++) {
    h.calls = 0;
    for (int k = 0; k < 3; k++) h.statuses[k] = IFT_OK;
    assert_status(IFT_OK, ask(target, which)); /* the outer call is none the worse for it */
    for (int k = 0; k < 3; k++) assert_status(IFT_ERR_BUSY, h.statuses[k]);
    assert_int_equal(h.calls, 1);
  }
  ift_target_destroy(target);
}

/* By way of an energy towards it. */
static void act_energy(host *h) {
  double out;
  h->statuses[0] = ift_energy_value(h->energy, &out, h->measure);
}

static void test_re_entry_by_an_energy(void **state) {
  (void)state;
  host h = {.act = act_energy};
  ift_target *target = host_density(context, &h, inner);
  h.measure = make_measure(context, x, N, D, NULL);
  assert_status(IFT_OK, ift_energy_kl(context, &h.energy, target, 0.5));
  ift_target_destroy(target);
  h.act_at = 1;
  double out;
  assert_status(IFT_OK, ift_energy_value(h.energy, &out, h.measure));
  assert_status(IFT_ERR_BUSY, h.statuses[0]);
  ift_measure_destroy(h.measure);
  assert_int_equal(h.destroyed, 0); /* the energy holds it */
  ift_energy_destroy(h.energy);
  assert_int_equal(h.destroyed, 1);
}

/* A function may drop the last handles: that takes effect when the call is over. */
static void act_destroy(host *h) {
  ift_energy_destroy(h->energy);
  ift_measure_destroy(h->measure);
  h->energy = NULL;
}

static void test_destroyed_from_inside(void **state) {
  (void)state;
  host h = {.act = act_destroy, .act_at = 1};
  ift_target *target = host_density(context, &h, inner);
  h.measure = make_measure(context, x, N, D, NULL);
  assert_status(IFT_OK, ift_energy_kl(context, &h.energy, target, 0.5));
  ift_target_destroy(target);
  double out = NAN;
  assert_status(IFT_OK, ift_energy_value(h.energy, &out, h.measure));
  assert_true(isfinite(out));
  assert_int_equal(h.destroyed, 1);
  assert_false(h.destroyed_inside);
}

/* `destroy` is called once, whatever comes of the call. */
static void test_arguments(void **state) {
  (void)state;
  ift_target *target = (ift_target *)&context;
  host h = {.inner = inner};
  int expected = 0;
  assert_status(IFT_ERR_ARGUMENT,
                ift_target_density(NULL, &target, D, host_log_density, host_score, NULL, &h, host_destroy));
  assert_null(target);
  assert_int_equal(h.destroyed, ++expected);
  assert_status(IFT_ERR_ARGUMENT,
                ift_target_density(context, NULL, D, host_log_density, host_score, NULL, &h, host_destroy));
  assert_int_equal(h.destroyed, ++expected);
  assert_status(IFT_ERR_ARGUMENT, ift_target_density(context, &target, D, NULL, NULL, host_hessian, &h, host_destroy));
  assert_message(context, "both its functions");
  assert_int_equal(h.destroyed, ++expected);
  static const int64_t dimensions[] = {0, -1, INT64_MAX};
  for (int k = 0; k < 3; k++) {
    assert_status(IFT_ERR_ARGUMENT, ift_target_density(context, &target, dimensions[k], host_log_density, host_score,
                                                       host_hessian, &h, host_destroy));
    assert_message(context, "the dimension of a density");
    assert_null(target);
    assert_int_equal(h.destroyed, ++expected);
  }
  assert_status(IFT_ERR_ARGUMENT, ift_target_density(context, &target, 0, host_log_density, NULL, NULL, &h, NULL));
  assert_status(IFT_OK, ift_target_density(context, &target, D, host_log_density, NULL, NULL, &h, NULL));
  ift_target_destroy(target);
  assert_int_equal(h.destroyed, expected);
}

static void test_no_memory(void **state) {
  (void)state;
  memory m = {0};
  ift_context *own = memory_context(&m);
  const int64_t live = m.live;
  for (int64_t at = 1; at <= 2; at++) {
    host h = {.inner = inner};
    ift_target *target = (ift_target *)&context;
    memory_fail(&m, at, false);
    assert_status(IFT_ERR_NO_MEMORY,
                  ift_target_density(own, &target, D, host_log_density, host_score, NULL, &h, host_destroy));
    assert_null(target);
    assert_int_equal(h.destroyed, 1);
    assert_int_equal(m.live, live);
  }
  memory_fail(&m, 0, false);
  ift_context_destroy(own);
  assert_int_equal(m.live, 0);
}

/* What an energy needs and the target lacks is named, and what there is. */
static void test_capabilities(void **state) {
  (void)state;
  host h = {.inner = inner};
  ift_kernel *kernel = make_kernel(context, "gaussian:1");
  ift_energy *energy = (ift_energy *)&context;
  ift_target *score, *log_density, *both, *samples = make_samples(context, x, N, D, NULL), *sampler;
  assert_status(IFT_OK, ift_target_density(context, &score, D, NULL, host_score, NULL, &h, NULL));
  assert_status(IFT_OK, ift_target_density(context, &log_density, D, host_log_density, NULL, host_hessian, &h, NULL));
  assert_status(IFT_OK, ift_target_density(context, &both, D, host_log_density, host_score, NULL, &h, NULL));
  assert_status(IFT_OK, ift_target_sampler(context, &sampler, D, host_sample, &h, NULL));

  assert_status(IFT_ERR_CAPABILITY, ift_energy_kl(context, &energy, score, 0.5));
  assert_null(energy);
  assert_message(context, "energy 'kl' needs a log-density of its target");
  assert_message(context, "which offers a score");
  assert_status(IFT_ERR_CAPABILITY, ift_energy_kl(context, &energy, log_density, 0.5));
  assert_message(context, "energy 'kl' needs a score of its target");
  assert_message(context, "which offers a log-density and a Hessian");
  energy = (ift_energy *)&context;
  assert_status(IFT_ERR_CAPABILITY, ift_energy_kl(context, &energy, samples, 0.5));
  assert_null(energy);
  assert_message(context, "energy 'kl' needs a log-density and a score of its target; a target 'samples'");
  assert_message(context, "which offers draws");
  assert_status(IFT_ERR_CAPABILITY, ift_energy_kl(context, &energy, sampler, 0.5));
  assert_message(context, "a target 'sampler'");
  energy = (ift_energy *)&context;
  assert_status(IFT_ERR_CAPABILITY, ift_energy_mmd(context, &energy, kernel, both));
  assert_null(energy);
  assert_message(context, "energy 'mmd' needs draws of its target; a target 'density'");
  assert_message(context, "which offers a log-density and a score");
  assert_status(IFT_OK, ift_energy_kl(context, &energy, both, 0.5));
  ift_energy_destroy(energy);
  assert_int_equal(h.calls, 0); /* none of this asks the functions */

  ift_target *const all[] = {score, log_density, both, samples, sampler};
  for (int k = 0; k < 5; k++) ift_target_destroy(all[k]);
  ift_kernel_destroy(kernel);
}

/* The dimension is the target's: measures of another one are refused. */
static void test_dimensions(void **state) {
  (void)state;
  host h = {0};
  ift_target *target = host_density(context, &h, inner);
  ift_measure *line = make_measure(context, x, N, 1, NULL);
  ift_energy *energy;
  ift_flow *flow;
  double out;
  assert_status(IFT_OK, ift_energy_kl(context, &energy, target, 0.5));
  assert_status(IFT_ERR_DIMENSION, ift_energy_value(energy, &out, line));
  assert_message(context, "the energy lives in dimension 2, the measure in 1");
  assert_status(IFT_ERR_DIMENSION, ift_flow_create(context, &flow, "wfr", energy, line));
  assert_null(flow);
  assert_int_equal(h.calls, 0);
  ift_measure_destroy(line);
  ift_energy_destroy(energy);
  ift_target_destroy(target);
}

/* NaN or infinity from a function, at evaluation, with the point; outside the support that is said. */
static void test_no_numbers(void **state) {
  (void)state;
  static const double poisons[] = {NAN, INFINITY, -INFINITY};
  ift_measure *measure = make_measure(context, x, N, D, NULL);
  for (int k = 0; k < 3; k++) {
    host h = {.poisoned = true, .poison = poisons[k], .act_at = 1};
    ift_target *target = host_density(context, &h, inner);
    ift_energy *energy;
    double out[N * D];
    for (int i = 0; i < N * D; i++) out[i] = 42;
    assert_status(IFT_OK, ift_energy_kl(context, &energy, target, 0.5));
    assert_status(IFT_ERR_NOT_FINITE, ift_energy_value(energy, out, measure));
    assert_message(context, "the log-density of the target is");
    assert_message(context, "at point 0");
    assert_true((strstr(ift_context_message(context), "outside its support") != NULL) == (k == 2));
    h.calls = 0;
    h.act_at = 2; /* the log-density is all right, the score is not */
    assert_status(IFT_ERR_NOT_FINITE, ift_energy_gradient(energy, out, NULL, 0, 0, measure));
    assert_message(context, "the score of the target is");
    for (int i = 0; i < N * D; i++) assert_true(out[i] == 42);
    ift_energy_destroy(energy);
    ift_target_destroy(target);
  }
  ift_measure_destroy(measure);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_numbers),
      cmocka_unit_test(test_answers),
      cmocka_unit_test(test_re_entry),
      cmocka_unit_test(test_re_entry_by_an_energy),
      cmocka_unit_test(test_destroyed_from_inside),
      cmocka_unit_test(test_arguments),
      cmocka_unit_test(test_no_memory),
      cmocka_unit_test(test_capabilities),
      cmocka_unit_test(test_dimensions),
      cmocka_unit_test(test_no_numbers),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
