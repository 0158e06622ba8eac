/* Kernels by a callback: numbers, answers, re-entry, and who calls `destroy` when. */
#include <stdbool.h>

#include "support/guest.h"
#include "support/memory.h"
#include "support/random.h"

enum { N = 9, M = 14, D = 2 };
static ift_context *context;
static double x[N * D], y[M * D], w[M];

static int set_up(void **state) {
  (void)state;
  dice dice_ = {11};
  context = make_context();
  dice_normals(&dice_, x, N * D);
  dice_normals(&dice_, y, M * D);
  dice_weights(&dice_, w, M, 1);
  return 0;
}

static int tear_down(void **state) {
  (void)state;
  ift_context_destroy(context);
  return 0;
}

/* The custom kernel against the built-in one that it imitates. */
static void test_values_and_gradients(void **state) {
  (void)state;
  guest g = {0};
  ift_kernel *custom = guest_kernel(context, &g), *built_in = make_kernel(context, "gaussian:1");
  double value[2][N], gradient[2][N * D], gram[2][N * M];
  assert_status(IFT_OK, ift_kernel_sum_pairs(custom, value[0], gradient[0], x, N, D, y, M, w));
  assert_status(IFT_OK, ift_kernel_sum_pairs(built_in, value[1], gradient[1], x, N, D, y, M, w));
  assert_status(IFT_OK, ift_kernel_gram(custom, gram[0], x, N, D, y, M));
  assert_status(IFT_OK, ift_kernel_gram(built_in, gram[1], x, N, D, y, M));
  for (int i = 0; i < N; i++) assert_near(value[0][i], value[1][i], 1e-14, 0);
  for (int i = 0; i < N * D; i++) assert_near(gradient[0][i], gradient[1][i], 1e-13, 1e-16);
  for (int i = 0; i < N * M; i++) assert_near(gram[0][i], gram[1][i], 1e-14, 0);
  assert_int_equal(g.pairs, 2 * N * M);
  ift_kernel_destroy(built_in);
  assert_int_equal(g.destroyed, 0);
  ift_kernel_destroy(custom);
  assert_int_equal(g.destroyed, 1);
}

/* 2 custom + 3 linear + 4 custom. */
static void test_in_a_sum(void **state) {
  (void)state;
  guest g = {0};
  ift_kernel *custom = guest_kernel(context, &g), *linear = make_kernel(context, "linear"), *sum;
  const ift_kernel *const parts[] = {custom, linear, custom};
  const double coefficients[] = {2, 3, 4};
  assert_status(IFT_OK, ift_kernel_sum(context, &sum, parts, coefficients, 3));
  ift_kernel_destroy(custom);
  ift_kernel_destroy(linear);
  assert_int_equal(g.destroyed, 0); /* the sum holds it */
  double value, gradient[D];
  assert_status(IFT_OK, ift_kernel_sum_pairs(sum, &value, gradient, x, 1, D, y, 1, NULL));
  const double r2 = (x[0] - y[0]) * (x[0] - y[0]) + (x[1] - y[1]) * (x[1] - y[1]);
  assert_near(value, 6 * exp(-r2 / 2) + 3 * (x[0] * y[0] + x[1] * y[1]), 1e-14, 1e-15);
  for (int l = 0; l < D; l++) assert_near(gradient[l], 6 * exp(-r2 / 2) * (y[l] - x[l]) + 3 * y[l], 1e-14, 1e-15);
  ift_kernel_destroy(sum);
  assert_int_equal(g.destroyed, 1);
}

/* Not symmetric in the last bits, as a callback may be: the Gram matrix of one set of points is. */
static int crooked(double *values, double *gradients, const double *a, int64_t n, const double *b, int64_t m, int64_t d,
                   void *user) {
  (void)gradients, (void)user;
  for (int64_t i = 0; i < n; i++)
    for (int64_t j = 0; j < m; j++) values[i * m + j] = 1 + 1e-15 * (a[i * d] > b[j * d] ? 1 : 0);
  return 0;
}

static void test_gram_is_symmetric_to_the_last_bit(void **state) {
  (void)state;
  ift_kernel *kernel;
  double gram[N * N];
  assert_status(IFT_OK, ift_kernel_custom(context, &kernel, crooked, NULL, NULL));
  assert_status(IFT_OK, ift_kernel_gram(kernel, gram, x, N, D, NULL, N));
  for (int i = 0; i < N; i++)
    for (int j = 0; j < N; j++) assert_true(gram[i * N + j] == gram[j * N + i]);
  ift_kernel_destroy(kernel);
}

/* Every public function that asks a kernel: one call each, numbers thrown away. */
enum { CALLS = 9 };
static ift_status call(int which, const ift_kernel *kernel, const ift_measure *a, const ift_measure *b,
                       const ift_energy *energy) {
  double out[N * M * D];
  switch (which) {
  case 0:
    return ift_kernel_sum_pairs(kernel, out, out + N, x, N, D, y, M, w);
  case 1:
    return ift_kernel_gram(kernel, out, x, N, D, y, M);
  case 2:
    return ift_kernel_check(kernel, x, N, D, 1e-6);
  case 3:
    return ift_mmd2(kernel, out, a, b);
  case 4:
    return ift_mmd2_standard_error(kernel, out, a, b);
  case 5:
    return ift_witness(kernel, out, x, N, D, a, b);
  case 6:
    return ift_energy_value(energy, out, a);
  case 7:
    return ift_energy_first_variation(energy, out, y, M, D, a);
  default:
    return ift_energy_gradient(energy, out, NULL, 0, 0, a);
  }
}

/* A guest's kernel with two measures and the energy towards the second. */
static void furnish(guest *g) {
  *g = (guest){0};
  guest_kernel(context, g);
  g->measures[0] = make_measure(context, x, N, D, NULL);
  g->measures[1] = make_measure(context, y, M, D, w);
  ift_target *target;
  assert_status(IFT_OK, ift_target_samples(context, &target, g->measures[1]));
  assert_status(IFT_OK, ift_energy_mmd(context, &g->energy, g->kernel, target));
  ift_target_destroy(target);
}

static void clear_out(guest *g) {
  ift_kernel_destroy(g->kernel);
  ift_measure_destroy(g->measures[0]);
  ift_measure_destroy(g->measures[1]);
  ift_energy_destroy(g->energy);
  assert_int_equal(g->destroyed, 1);
}

static ift_status call_of(int which, const guest *g) {
  return call(which, g->kernel, g->measures[0], g->measures[1], g->energy);
}

/* Whichever call of the callback stops or fails, the function does too, at once; the next one works. */
static void test_answers(void **state) {
  (void)state;
  for (int which = 0; which < CALLS; which++) {
    guest g;
    furnish(&g);
    assert_status(IFT_OK, call_of(which, &g));
    const int64_t all = g.calls;
    for (int64_t at = 1; at <= all && at <= 12; at++) {
      g.calls = 0;
      g.act_at = at;
      g.answer = 3;
      if (which == 6 && at == all) break; /* kappa is known after the first evaluation */
      assert_status(IFT_STOPPED, call_of(which, &g));
      assert_int_equal(g.calls, at);
      g.calls = 0;
      g.answer = -5;
      assert_status(IFT_ERR_CALLBACK, call_of(which, &g));
      assert_message(context, "-5");
      assert_int_equal(g.calls, at);
    }
    g.act_at = 0;
    assert_status(IFT_OK, call_of(which, &g));
    clear_out(&g);
  }
}

/* A callback that gives NaN is found out by whoever asked. */
static void test_no_numbers(void **state) {
  (void)state;
  for (int which = 0; which < CALLS; which++) {
    guest g;
    furnish(&g);
    g.no_number = true;
    g.act_at = 1;
    assert_status(IFT_ERR_NOT_FINITE, call_of(which, &g));
    clear_out(&g);
  }
}

/* On an error single numbers are left alone. */
static void test_outputs_are_untouched(void **state) {
  (void)state;
  guest g;
  furnish(&g);
  double out[M * D];
  for (int i = 0; i < M * D; i++) out[i] = 42;
  g.answer = -1;
  for (int which = 3; which < CALLS; which++) {
    g.calls = 0;
    g.act_at = 1;
    ift_status status = IFT_OK;
    if (which == 3) status = ift_mmd2(g.kernel, out, g.measures[0], g.measures[1]);
    if (which == 4) status = ift_mmd2_standard_error(g.kernel, out, g.measures[0], g.measures[1]);
    if (which == 5) status = ift_witness(g.kernel, out, y, M, D, g.measures[0], g.measures[1]);
    if (which == 6) status = ift_energy_value(g.energy, out, g.measures[0]);
    if (which == 7) status = ift_energy_first_variation(g.energy, out, y, M, D, g.measures[0]);
    if (which == 8) status = ift_energy_gradient(g.energy, out, y, M, D, g.measures[0]);
    assert_status(IFT_ERR_CALLBACK, status);
    for (int i = 0; i < M * D; i++) assert_true(out[i] == 42);
  }
  clear_out(&g);
}

/* From inside, the kernel itself and all that needs it are busy; another kernel is not. */
static void reenter(guest *g) {
  double value, row[D] = {0};
  g->statuses[0] = ift_kernel_sum_pairs(g->kernel, &value, NULL, row, 1, D, row, 1, NULL);
  g->statuses[1] = ift_mmd2(g->kernel, &value, g->measures[0], g->measures[1]);
  g->statuses[2] = ift_energy_value(g->energy, &value, g->measures[0]);
  g->statuses[3] = ift_kernel_sum_pairs(g->other, &value, NULL, row, 1, D, row, 1, NULL);
}

static void test_entered_again(void **state) {
  (void)state;
  for (int which = 0; which < CALLS; which++) {
    guest g, second = {0};
    furnish(&g);
    ift_kernel *inner = guest_kernel(context, &second);
    const double one = 1;
    assert_status(IFT_OK, ift_kernel_sum(context, &g.other, (const ift_kernel *const *)&inner, &one, 1));
    g.act = reenter;
    g.act_at = 1;
    assert_status(IFT_OK, call_of(which, &g));
    for (int i = 0; i < 3; i++) assert_status(IFT_ERR_BUSY, g.statuses[i]);
    assert_status(IFT_OK, g.statuses[3]);
    assert_int_equal(second.calls, 1);
    g.calls = 0;
    g.act = NULL;
    assert_status(IFT_OK, call_of(which, &g)); /* and not for good */
    ift_kernel_destroy(inner);
    ift_kernel_destroy(g.other);
    clear_out(&g);
  }
}

/* Through a sum that it is a part of it is busy as well. */
static void test_entered_again_through_a_sum(void **state) {
  (void)state;
  guest g;
  furnish(&g);
  const ift_kernel *parts[] = {g.kernel};
  const double coefficient = 2;
  ift_kernel *sum, *self = g.kernel;
  assert_status(IFT_OK, ift_kernel_sum(context, &sum, parts, &coefficient, 1));
  g.other = sum;
  g.act = reenter;
  g.act_at = 1;
  assert_status(IFT_OK, call(0, self, NULL, NULL, NULL));
  assert_status(IFT_ERR_BUSY, g.statuses[3]);
  g.calls = 0;
  assert_status(IFT_OK, call(0, sum, NULL, NULL, NULL));
  assert_status(IFT_ERR_BUSY, g.statuses[0]);
  assert_status(IFT_ERR_BUSY, g.statuses[3]);
  assert_message(context, "callback");
  ift_kernel_destroy(sum);
  clear_out(&g);
}

/* All handles destroyed inside the callback: the running call ends as if they had not been, then `destroy` comes. */
static void give_up(guest *g) {
  ift_kernel_destroy(g->kernel);
  ift_measure_destroy(g->measures[0]);
  ift_measure_destroy(g->measures[1]);
  ift_energy_destroy(g->energy);
}

static void test_destroyed_inside(void **state) {
  (void)state;
  for (int which = 0; which < CALLS; which++)
    for (int64_t at = 1; at <= 3; at++) {
      guest g;
      furnish(&g);
      g.act = give_up;
      g.act_at = at;
      const ift_status status = call_of(which, &g);
      assert_status(IFT_OK, status);
      if (g.calls < at) give_up(&g);
      assert_int_equal(g.destroyed, 1);
      assert_false(g.destroyed_inside);
    }
}

/* The results are those of a call in which nothing is destroyed. */
static void test_destroyed_inside_changes_nothing(void **state) {
  (void)state;
  guest plain, g;
  double expected, got;
  furnish(&plain);
  assert_status(IFT_OK, ift_mmd2(plain.kernel, &expected, plain.measures[0], plain.measures[1]));
  clear_out(&plain);
  furnish(&g);
  g.act = give_up;
  g.act_at = 1;
  assert_status(IFT_OK, ift_mmd2(g.kernel, &got, g.measures[0], g.measures[1]));
  assert_true(expected == got);
  assert_int_equal(g.destroyed, 1);
}

static void test_destroy_after_failures(void **state) {
  (void)state;
  guest g = {0};
  ift_kernel *kernel = (ift_kernel *)&g;
  assert_status(IFT_ERR_ARGUMENT, ift_kernel_custom(NULL, &kernel, guest_evaluate, &g, guest_destroy));
  assert_null(kernel);
  assert_int_equal(g.destroyed, 1);
  assert_status(IFT_ERR_ARGUMENT, ift_kernel_custom(context, NULL, guest_evaluate, &g, guest_destroy));
  assert_int_equal(g.destroyed, 2);
  kernel = (ift_kernel *)&g;
  assert_status(IFT_ERR_ARGUMENT, ift_kernel_custom(context, &kernel, NULL, &g, guest_destroy));
  assert_null(kernel);
  assert_int_equal(g.destroyed, 3);
  assert_status(IFT_ERR_ARGUMENT, ift_kernel_custom(context, &kernel, NULL, &g, NULL));
  memory m = {0};
  ift_context *own = memory_context(&m);
  int64_t k = 1;
  for (ift_status status = IFT_ERR_NO_MEMORY; status != IFT_OK; k++) {
    g.destroyed = 0;
    memory_fail(&m, k, false);
    status = ift_kernel_custom(own, &kernel, guest_evaluate, &g, guest_destroy);
    if (status == IFT_OK) break;
    assert_status(IFT_ERR_NO_MEMORY, status);
    assert_null(kernel);
    assert_int_equal(g.destroyed, 1);
    assert_int_equal(m.live, 1);
  }
  assert_true(k > 3);
  assert_int_equal(g.destroyed, 0);
  ift_context_destroy(own);
  assert_int_equal(g.destroyed, 0);
  ift_kernel_destroy(kernel);
  assert_int_equal(g.destroyed, 1);
  assert_int_equal(m.live, 0);
}

static void test_without_destroy(void **state) {
  (void)state;
  guest g = {0};
  ift_kernel *kernel;
  assert_status(IFT_OK, ift_kernel_custom(context, &kernel, guest_evaluate, &g, NULL));
  assert_status(IFT_OK, call(0, kernel, NULL, NULL, NULL));
  ift_kernel_destroy(kernel);
  assert_int_equal(g.destroyed, 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_values_and_gradients),
      cmocka_unit_test(test_in_a_sum),
      cmocka_unit_test(test_gram_is_symmetric_to_the_last_bit),
      cmocka_unit_test(test_answers),
      cmocka_unit_test(test_no_numbers),
      cmocka_unit_test(test_outputs_are_untouched),
      cmocka_unit_test(test_entered_again),
      cmocka_unit_test(test_entered_again_through_a_sum),
      cmocka_unit_test(test_destroyed_inside),
      cmocka_unit_test(test_destroyed_inside_changes_nothing),
      cmocka_unit_test(test_destroy_after_failures),
      cmocka_unit_test(test_without_destroy),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
