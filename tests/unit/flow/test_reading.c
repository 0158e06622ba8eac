/* Reading is no step: whoever asks a flow for all it knows, between any two steps, gets the same answers twice, and the
 * flow goes on to the bit as one that nobody asked. */
#include "scene.h"
#include "support/energies.h"
#include "support/fixture.h"

enum { STEPS = 35 }; /* past the steps at which curvatures are found again */

static const char *const modes[][2] = {{"wasserstein", "step_control=monotone"},
                                       {"wasserstein", "step_control=fixed"},
                                       {"wasserstein", "transport=implicit tau=0.2"},
                                       {"spherical-wfr", "step_control=monotone"}};
enum { MODES = sizeof modes / sizeof modes[0] };

static ift_flow *open_flow(const scene *s, const exhibit *e, int mode) {
  ift_energy *energy = e->make(context, D);
  ift_flow *flow = make_flow(context, modes[mode][0], energy, s->x, N, D, s->a);
  ift_energy_destroy(energy);
  assert_true(flow_takes(flow, modes[mode][1]));
  return flow;
}

static void check_mode(const exhibit *e, int mode) {
  char first[4000], second[4000];
  const scene s = make_scene(90, 1, 1);
  ift_flow *asked = open_flow(&s, e, mode), *alone = open_flow(&s, e, mode);
  for (int k = 0; k < STEPS; k++) {
    read_all(asked, NULL, first, sizeof first);
    read_all(asked, NULL, second, sizeof second);
    assert_string_equal(first, second);
    assert_true(isnan(flow_real(asked, "decay_rate")) == (k == 0 || flow_real(asked, "energy") < 0));
    const ift_status status = ift_flow_step(asked, 1);
    assert_status(status, ift_flow_step(alone, 1));
    assert_same_state(snap(asked), snap(alone));
    if (status != IFT_OK) break;
  }
  ift_flow_destroy(asked);
  ift_flow_destroy(alone);
}

static void test_reading_changes_nothing(void **state) {
  (void)state;
  for (int e = 0; e < EXHIBITS; e++)
    for (int mode = 0; mode < MODES && !exhibits[e].many; mode++) check_mode(&exhibits[e], mode);
}

/* Not even what a later step finds out where tau is on auto again. */
static void test_tau_asked_for_in_between(void **state) {
  (void)state;
  const scene s = make_scene(91, 1, 1);
  snapshot ends[2];
  for (int asks = 0; asks < 2; asks++) {
    ift_energy *energy = make_custom(context, D);
    ift_flow *flow = make_flow(context, "wasserstein", energy, s.x, N, D, s.a);
    ift_energy_destroy(energy);
    flow_set(flow, "tau", "0.2");
    assert_status(IFT_OK, ift_flow_step(flow, 17));
    flow_set(flow, "tau", "auto");
    if (asks) assert_true(flow_real(flow, "tau") > 0);
    flow_set(flow, "tau", "0.2");
    assert_status(IFT_OK, ift_flow_step(flow, 3));
    flow_set(flow, "tau", "auto");
    assert_status(IFT_OK, ift_flow_step(flow, 1));
    ends[asks] = snap(flow);
    ift_flow_destroy(flow);
  }
  assert_same_state(ends[0], ends[1]);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_reading_changes_nothing),
      cmocka_unit_test(test_tau_asked_for_in_between),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
