/* Gradient steps of fixed size beyond 2/lambda_max(K): said once, and only then. */
#include <stdlib.h>

#include "scene.h"
#include "support/fixture.h"

/* How often a flow said so, and the bound that it named. */
typedef struct journal {
  int count;
  double bound;
} journal;

static void write_journal(const char *text, void *user) {
  journal *j = user;
  const char *at = strstr(text, "2/lambda_max(K) = ");
  if (!at) return;
  j->count++;
  j->bound = strtod(at + strlen("2/lambda_max(K) = "), NULL);
}

/* 2/lambda_max(K), by many steps of the power iteration. */
static double bound_of(const scene *s) {
  const formula *f = &formulas[0];
  double x[N], image[N], norm = 0;
  for (int i = 0; i < N; i++) x[i] = 1 + 0.1 * i;
  for (int step = 0; step < 3000; step++) {
    norm = 0;
    for (int i = 0; i < N; i++) image[i] = scene_interaction(s, f, false, s->x + i * D, s->x, x, N);
    for (int i = 0; i < N; i++) norm += image[i] * image[i];
    norm = sqrt(norm);
    for (int i = 0; i < N; i++) x[i] = image[i] / norm;
  }
  return 2 / norm;
}

/* A flow that does not move its particles, and whose weights follow steps of that size. */
static ift_flow *still_flow(const scene *s, const char *geometry, const char *control, double eta) {
  ift_flow *flow = scene_flow(context, s, geometry, formulas[0].spec);
  flow_set(flow, "reaction", "gradient");
  flow_set(flow, "step_control", control);
  flow_set(flow, "tau", "0");
  assert_status(IFT_OK, ift_flow_set_real(flow, "eta", eta));
  return flow;
}

static void test_said_once_and_only_beyond(void **state) {
  (void)state;
  journal j = {0};
  assert_status(IFT_OK, ift_context_set_log(context, write_journal, &j, NULL));
  for (uint64_t seed = 1; seed <= 3; seed++) {
    const scene s = make_scene(seed, 1, 1);
    const double bound = bound_of(&s);
    assert_true(bound > 2.02 / N); /* the trace alone would tell too early */
    ift_flow *flow = still_flow(&s, seed == 2 ? "ift" : "spherical-ift", "fixed", 0.99 * bound);
    j = (journal){0};
    assert_status(IFT_OK, ift_flow_step(flow, 300));
    assert_int_equal(j.count, 0);
    assert_status(IFT_OK, ift_flow_set_real(flow, "eta", 1.01 * bound));
    assert_status(IFT_OK, ift_flow_step(flow, 300));
    assert_int_equal(j.count, 1);
    assert_near(j.bound, bound, 1e-2, 0);
    assert_status(IFT_OK, ift_flow_set_real(flow, "eta", 2 * bound));
    assert_status(IFT_OK, ift_flow_step(flow, 300));
    assert_int_equal(j.count, 2);
    ift_flow_destroy(flow);
  }
  assert_status(IFT_OK, ift_context_set_log(context, NULL, NULL, NULL));
}

/* Where control mends a step that is too long, or K is not the energy's, there is nothing to say. */
static void test_not_under_control(void **state) {
  (void)state;
  journal j = {0};
  const scene s = make_scene(1, 1, 1);
  const double bound = bound_of(&s);
  assert_status(IFT_OK, ift_context_set_log(context, write_journal, &j, NULL));
  ift_flow *flow = still_flow(&s, "spherical-ift", "monotone", 3 * bound);
  assert_status(IFT_OK, ift_flow_step(flow, 20));
  flow_set(flow, "eta", "auto");
  flow_set(flow, "step_control", "fixed"); /* auto is within the bound */
  assert_status(IFT_OK, ift_flow_step(flow, 20));
  assert_int_equal(j.count, 0);
  assert_status(IFT_OK, ift_flow_set_real(flow, "eta", 3 * bound));
  assert_status(IFT_OK, ift_flow_step(flow, 1));
  flow_set(flow, "step_control", "monotone");
  assert_status(IFT_OK, ift_flow_step(flow, 20));
  assert_int_equal(j.count, 1);
  ift_flow_destroy(flow);
  assert_status(IFT_OK, ift_context_set_log(context, NULL, NULL, NULL));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_said_once_and_only_beyond),
      cmocka_unit_test(test_not_under_control),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
