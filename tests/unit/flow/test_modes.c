/* Modes that exclude each other, step control by chance, and the options of modes: names, words, ranges, scope. */
#include "flow/flow.h"
#include "scene.h"

static ift_context *context;
static scene s;

static int set_up(void **state) {
  (void)state;
  context = make_context();
  s = make_scene(1, 1, 1);
  return 0;
}

static int tear_down(void **state) {
  (void)state;
  ift_context_destroy(context);
  return 0;
}

static void check_text(const ift_flow *flow, const char *name, const char *expected) {
  char text[64];
  assert_status(IFT_OK, ift_flow_get_text(flow, name, text, sizeof text));
  assert_string_equal(text, expected);
}

enum { TOGETHER = 4 };
typedef struct setting {
  const char *option, *value;
} setting;

typedef struct exclusion {
  const char *geometry;
  setting settings[TOGETHER]; /* the last one with a NULL name */
  setting way_out;
  const char *message;
} exclusion;

static const exclusion exclusions[] = {
    {"spherical-ift",
     {{"center", "old"}, {"reaction", "gradient"}},
     {"center", "new"},
     "center is 'old', which reaction 'gradient' does not know; allowed is 'new'"},
    {"mmd",
     {{"center", "old"}, {"reaction", "positive"}, {"regularization", "0.1"}},
     {"center", "new"},
     "center is 'old', which reaction 'positive' does not know; allowed is 'new'"},
    {"wfr",
     {{"center", "old"}, {"reaction", "projected"}},
     {"reaction", "mirror"},
     "center is 'old', which reaction 'projected' does not know; allowed is 'new'"},
    {"spherical-fisher-rao",
     {{"center", "old"}, {"reaction", "hellinger"}},
     {"center", "new"},
     "center is 'old', which reaction 'hellinger' does not know; allowed is 'new'"},
    {"ift",
     {{"regularization", "0.25"}, {"reaction", "gradient"}},
     {"reaction", "linearized"},
     "regularization is 0.25, which reaction 'gradient' does not know; allowed is 0"},
    {"spherical-mmd",
     {{"reaction", "positive"}, {"regularization", "0"}},
     {"regularization", "auto"},
     "reaction 'positive' needs a regularization > 0; it is 0"},
    {"wasserstein",
     {{"noise", "0.5"}, {"transport", "heun"}},
     {"noise", "0"},
     "noise is 0.5, which transport 'heun' does not know; allowed is 0"},
    {"wfr",
     {{"noise", "0.5"}, {"transport", "implicit"}, {"noise_until", "0"}},
     {"transport", "euclidean"},
     "noise is 0.5, which transport 'implicit' does not know; allowed is 0"},
    {"wasserstein",
     {{"noise", "0.5"}, {"step_control", "monotone"}},
     {"step_control", "auto"},
     "step_control is 'monotone', which noise, batches and modes with chance in them can't keep to; "
     "allowed are 'auto' and 'fixed'"},
    {"mmd",
     {{"batch", "3"}, {"step_control", "monotone"}},
     {"batch", "0"},
     "step_control is 'monotone', which noise, batches and modes with chance in them can't keep to; "
     "allowed are 'auto' and 'fixed'"},
    {"spherical-ift",
     {{"accumulate", "yes"}},
     {"batch", "3"},
     "accumulate is 'yes', and there is no batch to accumulate"},
    {"wfr",
     {{"reaction", "birth-death"}},
     {"reaction", "mirror"},
     "reaction 'birth-death' is for geometries that keep the mass, and for splitting 'lie'"},
    {"spherical-wfr",
     {{"reaction", "birth-death"}, {"splitting", "strang"}},
     {"reaction", "mirror"},
     "reaction 'birth-death' is for geometries that keep the mass, and for splitting 'lie'"},
    {"spherical-fisher-rao",
     {{"reaction", "birth-death"}},
     {"reaction", "hellinger"},
     "reaction 'birth-death' needs equal weights; weights[0] is "},
    {"spherical-ift",
     {{"time_step", "0.1"}, {"tau", "0.1"}},
     {"tau", "auto"},
     "time_step and tau exclude each other: the one is a time, in which tau = alpha time_step and eta = beta "
     "time_step"},
    {"fisher-rao",
     {{"time_step", "0.1"}, {"eta", "0"}},
     {"time_step", "0"},
     "time_step and eta exclude each other: the one is a time, in which tau = alpha time_step and eta = beta "
     "time_step"},
    {"wfr",
     {{"time_step", "0.1"}, {"eta", "0.1"}, {"tau", "0.1"}},
     {"time_step", "0"},
     "time_step and tau exclude each other"},
    {"ift",
     {{"alpha", "2"}},
     {"alpha", "1"},
     "alpha and beta are rates over a time step; time_step is 0: it is needed"},
    {"mmd",
     {{"beta", "0"}},
     {"time_step", "0.1"},
     "alpha and beta are rates over a time step; time_step is 0: it is needed"},
};

/* Each setting is taken, in either order; steps refuse them, also no steps at all, and nothing has moved. */
static void check_exclusion(const exclusion *e, bool backwards) {
  char before[4000], after[4000];
  int count = 0;
  ift_flow *flow = scene_flow(context, &s, e->geometry, "gaussian:0.7");
  assert_status(IFT_OK, ift_flow_step(flow, 1));
  while (count < TOGETHER && e->settings[count].option) count++;
  for (int k = 0; k < count; k++) {
    const setting *one = &e->settings[backwards ? count - 1 - k : k];
    flow_set(flow, one->option, one->value);
  }
  const snapshot was = snap(flow);
  read_all(flow, NULL, before, sizeof before);
  for (int64_t steps = 0; steps < 3; steps++) {
    assert_status(IFT_ERR_OPTION, ift_flow_step(flow, steps));
    assert_message(context, e->message);
    assert_status(IFT_ERR_OPTION, ift_flow_run(flow, steps));
    assert_message(context, e->message);
  }
  read_all(flow, NULL, after, sizeof after);
  assert_string_equal(before, after);
  assert_same_state(was, snap(flow));
  flow_set(flow, e->way_out.option, e->way_out.value);
  assert_status(IFT_OK, ift_flow_step(flow, 1));
  ift_flow_destroy(flow);
}

static void test_exclusions(void **state) {
  (void)state;
  for (size_t k = 0; k < sizeof exclusions / sizeof exclusions[0]; k++)
    for (int backwards = 0; backwards < 2; backwards++) check_exclusion(&exclusions[k], backwards);
}

/* The same before the first step: what a refused step would have needed is made when it is possible. */
static void test_exclusions_at_the_start(void **state) {
  (void)state;
  for (size_t k = 0; k < sizeof exclusions / sizeof exclusions[0]; k++) {
    ift_flow *flow = scene_flow(context, &s, exclusions[k].geometry, "gaussian:0.7");
    for (int j = 0; j < TOGETHER && exclusions[k].settings[j].option; j++)
      flow_set(flow, exclusions[k].settings[j].option, exclusions[k].settings[j].value);
    const snapshot was = snap(flow);
    assert_status(IFT_ERR_OPTION, ift_flow_step(flow, 5));
    assert_same_state(was, snap(flow));
    flow_set(flow, exclusions[k].way_out.option, exclusions[k].way_out.value);
    assert_status(IFT_OK, ift_flow_step(flow, 2));
    assert_int_equal(flow_int(flow, "step"), 2);
    ift_flow_destroy(flow);
  }
}

/* An energy that nothing can be drawn from. */
static void test_no_batches(void **state) {
  (void)state;
  ift_energy_kind without = ift_energy_kind_mmd;
  without.name = "potential";
  without.quadratic = NULL;
  ift_flow *flow = scene_flow(context, &s, "wasserstein", "gaussian:0.7");
  ((ift_energy *)flow->energy)->kind = &without;
  flow_set(flow, "batch", "3");
  const snapshot was = snap(flow);
  assert_status(IFT_ERR_CAPABILITY, ift_flow_step(flow, 1));
  assert_message(context, "batches are drawn for energy 'mmd'; this is 'potential'");
  assert_same_state(was, snap(flow));
  flow_set(flow, "batch", "0");
  assert_status(IFT_OK, ift_flow_step(flow, 1));
  ift_flow_destroy(flow);
}

/* auto is monotone, and fixed as long as noise or a batch is asked for. */
static void test_automatic_control(void **state) {
  (void)state;
  ift_flow *flow = scene_flow(context, &s, "spherical-ift", "gaussian:0.7");
  check_text(flow, "step_control", "monotone");
  flow_set(flow, "noise", "0.1");
  check_text(flow, "step_control", "fixed");
  flow_set(flow, "noise_until", "0"); /* it is a matter of what was asked for */
  check_text(flow, "step_control", "fixed");
  flow_set(flow, "noise", "0");
  check_text(flow, "step_control", "monotone");
  flow_set(flow, "batch", "1");
  check_text(flow, "step_control", "fixed");
  flow_set(flow, "batch", "0");
  check_text(flow, "step_control", "monotone");
  flow_set(flow, "step_control", "fixed");
  check_text(flow, "step_control", "fixed");
  flow_set(flow, "batch", "2");
  flow_set(flow, "step_control", "monotone");
  check_text(flow, "step_control", "monotone"); /* as set, though no step can be taken */
  ift_flow_destroy(flow);
}

/* And it acts so: a step far too long is shortened, or taken. */
static void test_control_by_chance(void **state) {
  (void)state;
  for (int way = 0; way < 3; way++)
    for (int fixed = 0; fixed < 2; fixed++) {
      ift_flow *flow = scene_flow(context, &s, "wasserstein", "gaussian:0.7");
      if (fixed) flow_set(flow, "step_control", "fixed");
      if (way == 1) flow_set(flow, "noise", "1e-6");
      if (way == 2) flow_set(flow, "batch", "20");
      flow_set(flow, "tau", "50");
      const double before = flow_real(flow, "energy");
      assert_status(IFT_OK, ift_flow_step(flow, 1));
      assert_true((flow_real(flow, "tau_taken") == 50) == (fixed || way > 0));
      assert_true((flow_real(flow, "energy") > before) == (fixed || way > 0));
      ift_flow_destroy(flow);
    }
}

/* Every option is known by its name with - for _. */
static void test_names(void **state) {
  (void)state;
  ift_flow *flow = scene_flow(context, &s, "spherical-ift", "gaussian:0.7");
  int with_dash = 0;
  for (int64_t i = 0; i < ift_option_count(); i++) {
    if (strcmp(ift_option_noun(i), "flow") != 0) continue;
    char name[64], text[64], again[64];
    snprintf(name, sizeof name, "%s", ift_option_name(i));
    for (char *c = name; *c; c++)
      if (*c == '_') *c = '-', with_dash++;
    assert_status(IFT_OK, ift_flow_get_text(flow, ift_option_name(i), text, sizeof text));
    assert_status(IFT_OK, ift_flow_get_text(flow, name, again, sizeof again));
    assert_string_equal(text, again);
    const bool usable = strcmp(name, "damping") != 0; /* which is for joint steps */
    if (usable && strcmp(ift_option_access(i), "option") == 0)
      assert_status(IFT_OK, ift_flow_set_text(flow, name, text));
  }
  assert_true(with_dash > 10);
  ift_flow_destroy(flow);
  flow = scene_flow(context, &s, "spherical-ift", "gaussian:0.7");
  flow_set(flow, "noise-at", "both");
  check_text(flow, "noise_at", "both");
  flow_set(flow, "noise-halving", "7");
  assert_int_equal(flow_int(flow, "noise_halving"), 7);
  assert_status(IFT_OK, ift_flow_set_real(flow, "time-step", 0.25));
  assert_near(flow_real(flow, "time_step"), 0.25, 0, 0);
  assert_status(IFT_OK, ift_flow_set_int(flow, "noise-until", 12));
  assert_int_equal(flow_int(flow, "noise-until"), 12);
  ift_flow_destroy(flow);
}

static void test_defaults_and_ranges(void **state) {
  (void)state;
  static const setting defaults[] = {{"time_step", "0"},
                                     {"alpha", "1"},
                                     {"beta", "1"},
                                     {"regularization", "0"},
                                     {"splitting", "lie"},
                                     {"noise", "0"},
                                     {"noise_until", "2147483647"},
                                     {"noise_halving", "2147483647"},
                                     {"noise_at", "evaluation"},
                                     {"batch", "0"},
                                     {"preset", "none"}};
  static const struct {
    const char *option, *value, *allowed;
  } bad[] = {{"time_step", "-1", "[0, inf)"},
             {"alpha", "inf", "[0, inf)"},
             {"beta", "nan", "[0, inf)"},
             {"regularization", "-1e-9", "[0, inf)"},
             {"noise", "-0.1", "[0, inf)"},
             {"noise", "auto", "[0, inf)"},
             {"noise_until", "-1", "0 .. 2147483647"},
             {"noise_until", "2147483648", "0 .. 2147483647"},
             {"noise_halving", "0", "1 .. 2147483647"},
             {"noise_at", "everywhere", "evaluation|both"},
             {"batch", "-1", "0 .. 2147483647"},
             {"batch", "2147483648", "0 .. 2147483647"},
             {"batch", "1.5", "0 .. 2147483647"},
             {"batch", "auto", "0 .. 2147483647"},
             {"splitting", "auto", "lie|strang"},
             {"preset", "paper", "none|published"},
             {"step_control", "exact", "monotone|fixed"},
             {"transport", "midpoint", "explicit|euclidean|heun|implicit|langevin"},
             {"reaction", "midpoint",
              "exponential|implicit|gradient|linearized|newton|positive|mirror|hellinger|projected|birth-death"}};
  ift_flow *flow = scene_flow(context, &s, "spherical-ift", "gaussian:0.7");
  for (size_t k = 0; k < sizeof defaults / sizeof defaults[0]; k++)
    check_text(flow, defaults[k].option, defaults[k].value);
  for (size_t k = 0; k < sizeof bad / sizeof bad[0]; k++) {
    char text[64];
    assert_status(IFT_OK, ift_flow_get_text(flow, bad[k].option, text, sizeof text));
    assert_status(IFT_ERR_OPTION, ift_flow_set_text(flow, bad[k].option, bad[k].value));
    assert_message(context, bad[k].option);
    assert_message(context, bad[k].allowed);
    check_text(flow, bad[k].option, text);
  }
  ift_flow_destroy(flow);
}

/* What a geometry has no use for it refuses, but for the default. */
static void test_scope(void **state) {
  (void)state;
  static const struct {
    const char *geometry, *option, *value, *standard, *applies;
  } cases[] = {
      {"mmd", "noise", "0.1", "0", "geometries with transport"},
      {"fisher-rao", "noise_at", "both", "evaluation", "geometries with transport"},
      {"spherical-mmd", "noise_until", "3", "auto", "geometries with transport"},
      {"mmd", "noise_halving", "3", "auto", "geometries with transport"},
      {"spherical-fisher-rao", "alpha", "2", "1", "geometries with transport"},
      {"mmd", "transport", "heun", "explicit", "geometries with transport"},
      {"wasserstein", "beta", "2", "1", "geometries in which weights change"},
      {"wasserstein", "eta", "2", "auto", "geometries in which weights change"},
      {"wasserstein", "reaction", "positive", "auto", "geometries with a reaction"},
      {"wasserstein", "regularization", "0.1", "auto", "geometries with an MMD reaction"},
      {"wfr", "regularization", "0.1", "auto", "geometries with an MMD reaction"},
      {"wfr", "rejuvenate", "insert", "none", "geometries with an MMD reaction or joint steps"},
      {"spherical-ift", "damping", "0.1", "auto", "geometries with joint steps"},
      {"projected-mmd", "tau", "0.1", "auto", "geometries with transport"},
      {"projected-mmd", "alpha", "2", "1", "geometries with transport"},
      {"projected-mmd", "noise", "0.1", "0", "geometries with transport"},
      {"projected-mmd", "transport", "heun", "explicit", "geometries with transport"},
      {"projected-mmd", "reaction", "gradient", "auto", "geometries with a reaction"},
      {"projected-mmd", "center", "old", "new", "reactions exponential"},
      {"projected-mmd", "regularization", "0.1", "auto", "geometries with an MMD reaction"},
      {"projected-mmd", "splitting", "strang", "lie", "geometries of transport and reaction"},
      {"projected-mmd", "preset", "published", "none", "geometries of transport and reaction"},
      {"spherical-wfr", "reaction", "linearized", "auto", "mirror|hellinger|projected|birth-death"},
      {"ift", "reaction", "projected", "auto", "exponential|implicit|gradient|linearized|newton|positive"},
  };
  for (size_t k = 0; k < sizeof cases / sizeof cases[0]; k++) {
    ift_flow *flow = scene_flow(context, &s, cases[k].geometry, "gaussian:0.7");
    assert_status(IFT_ERR_OPTION, ift_flow_set_text(flow, cases[k].option, cases[k].value));
    assert_message(context, cases[k].option);
    assert_message(context, cases[k].geometry);
    assert_message(context, cases[k].applies);
    flow_set(flow, cases[k].option, cases[k].standard);
    assert_status(IFT_OK, ift_flow_step(flow, 1));
    ift_flow_destroy(flow);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_exclusions),          cmocka_unit_test(test_exclusions_at_the_start),
      cmocka_unit_test(test_no_batches),          cmocka_unit_test(test_automatic_control),
      cmocka_unit_test(test_control_by_chance),   cmocka_unit_test(test_names),
      cmocka_unit_test(test_defaults_and_ranges), cmocka_unit_test(test_scope),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
