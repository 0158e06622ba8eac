/* No memory in the first steps of a flow, in every way to move, to react, to split, and by chance. */
#include "fault.h"

/* A geometry, options as "name=value name=value", and others that some steps were taken with before; what the first
 * step allocates at least. */
static const struct {
  const char *geometry, *options, *before;
  int64_t least;
} modes[] = {
    {"wasserstein", "transport=heun", "", 0},
    {"wasserstein", "transport=implicit", "transport=euclidean", 3},
    {"wasserstein", "transport=implicit batch=4", "batch=4", 3},
    {"wasserstein", "noise=0.1 noise_at=both", "", 0},
    {"wasserstein", "splitting=strang", "", 3},
    {"wasserstein", "batch=5", "batch=4", 15},
    {"wasserstein", "batch=4", "batch=4", 0},
    {"wasserstein", "preset=published", "", 15},
    {"mmd", "reaction=linearized regularization=0.1", "reaction=gradient", 0},
    {"mmd", "reaction=positive regularization=0.1", "reaction=gradient", 2},
    {"mmd", "splitting=strang batch=3", "splitting=strang", 15},
    {"spherical-mmd", "reaction=positive regularization=0.1 splitting=strang", "", 5},
    {"spherical-mmd", "batch=7 center=old rejuvenate=insert rejuvenate_every=1", "batch=7", 2},
    {"spherical-mmd", "preset=published", "preset=published", 0},
    {"fisher-rao", "reaction=projected", "", 0},
    {"spherical-fisher-rao", "reaction=projected batch=3", "", 15},
    {"ift", "transport=implicit reaction=positive regularization=0.1 splitting=strang batch=4", "reaction=gradient",
     20},
    {"ift", "transport=heun splitting=strang regularization=0.01", "batch=2", 5},
    {"spherical-ift", "transport=implicit splitting=strang", "splitting=strang", 2},
    {"spherical-ift", "noise=0.2 batch=6 rejuvenate=target rejuvenate_every=1", "batch=5", 15},
    {"spherical-ift", "preset=published", "", 15},
    {"spherical-ift", "merge=0.3", "merge=0", 3},
    {"ift", "batch=0 continuation=4 splitting=strang", "continuation=2", 10},
    {"projected-mmd", "batch=0 continuation=4", "continuation=1", 10},
    {"wfr", "transport=implicit center=old splitting=strang", "", 5},
    {"spherical-wfr", "preset=published noise=0.1", "", 15},
    {"projected-mmd", "eta=0.5", "damping=0.1", 10},
    {"projected-mmd", "batch=5 damping=0.1", "", 20},
    {"projected-mmd", "rejuvenate=insert rejuvenate_every=1", "rejuvenate=none", 10},
};
enum { MODES = sizeof modes / sizeof modes[0] };
static int which; /* of them */

/* "name=value name=value" */
static void set_all(ift_flow *flow, const char *options) {
  char text[256], *save = NULL;
  snprintf(text, sizeof text, "%s", options);
  for (char *word = strtok_r(text, " ", &save); word; word = strtok_r(NULL, " ", &save)) {
    char *value = strchr(word, '=');
    *value = 0;
    assert_status(IFT_OK, ift_flow_set_text(flow, word, value + 1));
  }
}

static double x_before[FAULT_N * FAULT_D], a_before[FAULT_N];

static void keep_state(stage *s) {
  memcpy(x_before, ift_measure_positions(ift_flow_measure(s->flow)), sizeof x_before);
  memcpy(a_before, ift_measure_weights(ift_flow_measure(s->flow)), sizeof a_before);
}

static bool is_joint(void) {
  return strncmp(modes[which].geometry, "projected-", 10) == 0;
}

/* Of particles some of which are dead. Joint steps are for smooth kernels, which that of the stage is not. */
static void open_flow(stage *s) {
  const double some[FAULT_N] = {0.2, 0, 0.3, 0, 0.1, 0.4};
  if (is_joint()) {
    ift_energy_destroy(s->energy);
    s->energy = make_energy(s->context, "gaussian:0.7", s->y, FAULT_M, FAULT_D, s->w);
  }
  assert_status(IFT_OK, ift_measure_set(s->measure, NULL, some));
  assert_status(IFT_OK, ift_flow_create(s->context, &s->flow, modes[which].geometry, s->energy, s->measure));
}

static void prepare(stage *s) {
  open_flow(s);
  set_all(s->flow, modes[which].options);
  keep_state(s);
}

/* After steps in the other mode, whose memory is there already. */
static void prepare_changed(stage *s) {
  open_flow(s);
  set_all(s->flow, modes[which].before);
  assert_status(IFT_OK, ift_flow_step(s->flow, 2));
  set_all(s->flow, modes[which].options);
  keep_state(s);
}

static void check(stage *s) {
  assert_memory_equal(x_before, ift_measure_positions(ift_flow_measure(s->flow)), sizeof x_before);
  assert_memory_equal(a_before, ift_measure_weights(ift_flow_measure(s->flow)), sizeof a_before);
  assert_true(flow_real(s->flow, "energy") >= 0);
}

static ift_status act_step(stage *s) {
  return ift_flow_step(s->flow, 3);
}

static ift_status act_run(stage *s) {
  return ift_flow_run(s->flow, 3);
}

/* The random stream shows in the positions. */
static void tell(stage *s) {
  stage_tell_measure(s, ift_flow_measure(s->flow));
  stage_tell(s, flow_real(s->flow, "energy"));
  stage_tell(s, flow_real(s->flow, "dissipation"));
  stage_tell(s, (double)flow_int(s->flow, "step"));
}

static void test_first_steps(void **state) {
  (void)state;
  for (which = 0; which < MODES; which++) {
    const scenario step = {modes[which].options, act_step, prepare, check, tell, modes[which].least},
                   run = {modes[which].options, act_run, prepare, check, tell, modes[which].least};
    fault_run(&step, NULL);
    fault_run(&run, NULL);
  }
}

static void test_steps_after_others(void **state) {
  (void)state;
  for (which = 0; which < MODES; which++) {
    const scenario changed = {modes[which].options, act_step, prepare_changed, check, tell, 0};
    fault_run(&changed, NULL);
  }
}

/* A flow that ran out of memory for one mode works in another, and in the first one later. */
static void test_another_mode_instead(void **state) {
  (void)state;
  for (which = 0; which < MODES; which++)
    for (int64_t k = 1, failed = 1; failed; k++) {
      memory m = {0};
      stage s;
      stage_open(&s, &m, NULL);
      prepare(&s);
      memory_fail(&m, k, false);
      failed = ift_flow_step(s.flow, 1) == IFT_ERR_NO_MEMORY;
      memory_fail(&m, 0, false);
      set_all(s.flow, "batch=0 splitting=lie");
      assert_true(ift_flow_step(s.flow, 2) >= 0);

      set_all(s.flow, is_joint() ? "batch=9 continuation=1 step_control=fixed"
                                 : "batch=9 continuation=1 splitting=strang step_control=fixed");
      assert_true(ift_flow_step(s.flow, 2) >= 0);
      set_all(s.flow, modes[which].options);
      assert_true(ift_flow_step(s.flow, 2) >= 0);
      stage_close(&s);
      assert_int_equal(m.live, 0);
    }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_first_steps),
      cmocka_unit_test(test_steps_after_others),
      cmocka_unit_test(test_another_mode_instead),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
