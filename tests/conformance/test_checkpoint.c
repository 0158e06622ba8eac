/* A flow that was saved and restored goes on as if nothing had happened, to the last bit: every geometry with its reactions
 * and transports, every energy. */
#include "ways.h"

#include "support/fixture.h"

enum { BEFORE = 7, AFTER = 9, ROOM = 8192 };

static const char *const quantities[] = {
    "step",        "transport_time",        "reaction_time",       "energy",    "mass",
    "alive",       "transport_dissipation", "tau_taken",           "eta_taken", "weight_gap",
    "dissipation", "guaranteed_rate",       "reaction_dissipation"};

/* NaN is equal to NaN. */
static void assert_same_number(double expected, double found, const char *name) {
  if (memcmp(&expected, &found, sizeof found) == 0 || (isnan(expected) && isnan(found))) return;
  fail_msg("%s is %.17g, and was %.17g", name, found, expected);
}

static void assert_same_flow(const ift_flow *one, const ift_flow *two) {
  assert_memory_equal(positions(one), positions(two), N * D * sizeof(double));
  assert_memory_equal(weights(one), weights(two), N * sizeof(double));
  for (size_t k = 0; k < sizeof quantities / sizeof quantities[0]; k++)
    assert_same_number(flow_real(one, quantities[k]), flow_real(two, quantities[k]), quantities[k]);
}

/* The same kind of flow from other particles. */
static ift_flow *other_flow(ift_context *c, const way *w, const ift_energy *energy) {
  double x[N * D], a[N];
  make_particles(w, x, a);
  for (int i = 0; i < N * D; i++) x[i] = 0.3 * x[i] + 0.2;
  return open_flow(c, w, energy, x, N, a, false);
}

static void check_way(ift_context *c, const way *w, const ift_energy *energy) {
  static unsigned char bytes[ROOM];
  int64_t size = -1, written = -1;
  if (answer_of(w) != IFT_OK) return;
  ift_flow *flow = flow_of(c, w, energy), *other = other_flow(c, w, energy);
  assert_status(IFT_OK, ift_flow_set_int(flow, "seed", 5));
  const ift_status first = ift_flow_step(flow, BEFORE);
  assert_true(first == IFT_OK || first == IFT_STALLED);
  assert_status(IFT_OK, ift_flow_save(flow, NULL, 0, &size));
  assert_true(size > (N * D + N) * (int64_t)sizeof(double) && size <= ROOM);
  assert_status(IFT_OK, ift_flow_save(flow, bytes, sizeof bytes, &written));
  assert_int_equal(size, written);
  assert_true(ift_flow_step(other, 2) >= 0);
  assert_status(IFT_OK, ift_flow_restore(other, bytes, size));
  assert_same_flow(flow, other);
  assert_status(ift_flow_step(flow, AFTER), ift_flow_step(other, AFTER));
  assert_same_flow(flow, other);
  ift_flow_destroy(flow);
  ift_flow_destroy(other);
}

static void test_every_way(void **state) {
  (void)state;
  gallery all = open_gallery(context);
  for_all_ways(context, &all, check_way, true);
  close_gallery(&all);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(test_every_way, set_up, tear_down),
  };
  return cmocka_run_group_tests_name("checkpoints", tests, NULL, NULL);
}
