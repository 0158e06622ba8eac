/* Targets that are drawn from by a function: its points, seeds and answers; what stands for it; re-entry and
 * `destroy`. */
#include "support/host.h"
#include "support/kernels.h"
#include "support/memory.h"
#include "support/random.h"

#include "energy/energy.h"

enum { N = 6, D = 2, STAND = 10000 };
static ift_context *context;
static ift_kernel *kernel;
static double x[N * D];

static int set_up(void **state) {
  (void)state;
  dice dice_ = {5};
  context = make_context();
  kernel = make_kernel(context, "gaussian:0.8");
  dice_normals(&dice_, x, N * D);
  return 0;
}

static int tear_down(void **state) {
  (void)state;
  ift_kernel_destroy(kernel);
  ift_context_destroy(context);
  return 0;
}

/* 10000 points from one call, of the context's seed; the energy is the MMD to them. */
static void test_samples_stand_for_it(void **state) {
  (void)state;
  const formula f = {"gaussian", "", 0.8, 0, false, false, true};
  ift_context *own = make_context();
  ift_context_set_seed(own, 9);
  ift_kernel *gaussian = make_kernel(own, "gaussian:0.8");
  host h = {.offset = 0.5};
  ift_target *target = host_sampler(own, &h, D);
  ift_energy *energy;
  assert_status(IFT_OK, ift_energy_mmd(own, &energy, gaussian, target));
  assert_int_equal(h.calls, 1);
  assert_int_equal(energy->target->n, STAND);
  double mean[D] = {0}, g[N];
  for (int64_t j = 0; j < STAND; j++)
    for (int l = 0; l < D; l++) mean[l] += energy->target->points[j * D + l] / STAND;
  for (int l = 0; l < D; l++) assert_near(mean[l], 0.5, 0, 5.0 / sqrt(STAND));
  ift_measure *measure = make_measure(own, x, N, D, NULL);
  assert_status(IFT_OK, ift_energy_first_variation(energy, g, NULL, 0, 0, measure));
  for (int i = 0; i < N; i++) {
    const double expected = formula_sum(&f, x + i * D, x, N, D, NULL) / N -
                            formula_sum(&f, x + i * D, energy->target->points, STAND, D, NULL) / STAND;
    assert_near(g[i], expected, 1e-12, 1e-13);
  }
  ift_measure_destroy(measure);
  ift_energy_destroy(energy);
  ift_target_destroy(target);
  ift_kernel_destroy(gaussian);
  ift_context_destroy(own);
  assert_int_equal(h.destroyed, 1);
}

/* The context's seed fixes the points; each call has another one. */
static void test_seeds(void **state) {
  (void)state;
  static const uint64_t seeds[] = {1, 1, 2};
  double first[3][D];
  for (int k = 0; k < 3; k++) {
    ift_context *own = make_context();
    ift_context_set_seed(own, seeds[k]);
    host h = {0};
    ift_kernel *gaussian = make_kernel(own, "gaussian:0.8");
    ift_target *target = host_sampler(own, &h, D);
    ift_energy *energy;
    assert_status(IFT_OK, ift_energy_mmd(own, &energy, gaussian, target));
    memcpy(first[k], energy->target->points, sizeof first[k]);
    ift_energy_destroy(energy);
    ift_target_destroy(target);
    ift_kernel_destroy(gaussian);
    ift_context_destroy(own);
  }
  assert_memory_equal(first[0], first[1], sizeof first[0]);
  assert_memory_not_equal(first[0], first[2], sizeof first[0]);

  host h = {0};
  ift_target *target = host_sampler(context, &h, D);
  double points[2][4 * D], again[2][4 * D];
  for (int run = 0; run < 2; run++) {
    ift_rng rng;
    ift_rng_init(&rng, 4, 4);
    for (int k = 0; k < 2; k++) assert_status(IFT_OK, target->kind->draw(target, &rng, points[k], 4));
    assert_memory_not_equal(points[0], points[1], sizeof points[0]);
    if (run == 0) memcpy(again, points, sizeof again);
  }
  assert_memory_equal(again, points, sizeof again);
  ift_target_destroy(target);
}

static void test_answers(void **state) {
  (void)state;
  for (int answer = -3; answer <= 3; answer += 6) {
    host h = {.act_at = 1, .answer = answer};
    ift_target *target = host_sampler(context, &h, D);
    ift_energy *energy = (ift_energy *)&context;
    assert_status(answer < 0 ? IFT_ERR_CALLBACK : IFT_STOPPED, ift_energy_mmd(context, &energy, kernel, target));
    assert_null(energy);
    if (answer < 0) assert_message(context, "the sample function of a sampler target returned -3");
    h.act_at = 0;
    assert_status(IFT_OK, ift_energy_mmd(context, &energy, kernel, target));
    ift_energy_destroy(energy);
    ift_target_destroy(target);
    assert_int_equal(h.destroyed, 1);
  }
}

static void test_no_numbers(void **state) {
  (void)state;
  host h = {.poisoned = true, .act_at = 1, .poison = INFINITY};
  ift_target *target = host_sampler(context, &h, D);
  ift_energy *energy = (ift_energy *)&context;
  assert_status(IFT_ERR_NOT_FINITE, ift_energy_mmd(context, &energy, kernel, target));
  assert_null(energy);
  assert_message(context, "the sample of a sampler target is inf at point 0");
  ift_target_destroy(target);
}

/* It draws from itself, directly and by an energy made inside. */
static void act_again(host *h) {
  double point[D];
  ift_rng rng;
  ift_energy *energy;
  ift_rng_init(&rng, 1, 1);
  h->statuses[0] = h->target->kind->draw(h->target, &rng, point, 1);
  assert_message(h->context, "a sampler target was entered again from its own callback");
  h->statuses[1] = ift_energy_mmd(h->context, &energy, kernel, h->target);
}

static void test_re_entry(void **state) {
  (void)state;
  host h = {.act_at = 1, .act = act_again};
  ift_target *target = host_sampler(context, &h, D);
  ift_energy *energy;
  assert_status(IFT_OK, ift_energy_mmd(context, &energy, kernel, target));
  assert_status(IFT_ERR_BUSY, h.statuses[0]);
  assert_status(IFT_ERR_BUSY, h.statuses[1]);
  assert_int_equal(h.calls, 1);
  ift_energy_destroy(energy);
  ift_target_destroy(target);
}

static void test_arguments(void **state) {
  (void)state;
  host h = {0};
  ift_target *target = (ift_target *)&context;
  int expected = 0;
  assert_status(IFT_ERR_ARGUMENT, ift_target_sampler(NULL, &target, D, host_sample, &h, host_destroy));
  assert_null(target);
  assert_int_equal(h.destroyed, ++expected);
  assert_status(IFT_ERR_ARGUMENT, ift_target_sampler(context, NULL, D, host_sample, &h, host_destroy));
  assert_int_equal(h.destroyed, ++expected);
  assert_status(IFT_ERR_ARGUMENT, ift_target_sampler(context, &target, D, NULL, &h, host_destroy));
  assert_message(context, "sample function");
  assert_int_equal(h.destroyed, ++expected);
  static const int64_t dimensions[] = {0, -2, INT64_MAX};
  for (int k = 0; k < 3; k++) {
    assert_status(IFT_ERR_ARGUMENT, ift_target_sampler(context, &target, dimensions[k], host_sample, &h, host_destroy));
    assert_message(context, "the dimension of a sampler");
    assert_int_equal(h.destroyed, ++expected);
  }
  assert_status(IFT_ERR_ARGUMENT, ift_target_sampler(context, &target, 0, host_sample, &h, NULL));
  assert_int_equal(h.destroyed, expected);
}

static void test_no_memory(void **state) {
  (void)state;
  memory m = {0};
  ift_context *own = memory_context(&m);
  const int64_t live = m.live;
  for (int64_t at = 1; at <= 2; at++) {
    host h = {0};
    ift_target *target = (ift_target *)&context;
    memory_fail(&m, at, false);
    assert_status(IFT_ERR_NO_MEMORY, ift_target_sampler(own, &target, D, host_sample, &h, host_destroy));
    assert_null(target);
    assert_int_equal(h.destroyed, 1);
    assert_int_equal(m.live, live);
  }
  memory_fail(&m, 0, false);
  ift_context_destroy(own);
  assert_int_equal(m.live, 0);
}

/* An energy in another dimension than the measure. */
static void test_dimensions(void **state) {
  (void)state;
  host h = {0};
  ift_target *target = host_sampler(context, &h, 3);
  ift_energy *energy;
  ift_flow *flow;
  ift_measure *measure = make_measure(context, x, N, D, NULL);
  assert_status(IFT_OK, ift_energy_mmd(context, &energy, kernel, target));
  assert_status(IFT_ERR_DIMENSION, ift_flow_create(context, &flow, "ift", energy, measure));
  assert_message(context, "the energy lives in dimension 3, the initial measure in 2");
  ift_measure_destroy(measure);
  ift_energy_destroy(energy);
  ift_target_destroy(target);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_samples_stand_for_it),
      cmocka_unit_test(test_seeds),
      cmocka_unit_test(test_answers),
      cmocka_unit_test(test_no_numbers),
      cmocka_unit_test(test_re_entry),
      cmocka_unit_test(test_arguments),
      cmocka_unit_test(test_no_memory),
      cmocka_unit_test(test_dimensions),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
