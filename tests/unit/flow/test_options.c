/* Options of a flow: defaults, what is refused with which message, what a geometry can use. */
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

static void test_defaults(void **state) {
  (void)state;
  ift_flow *flow = scene_flow(context, &s, "spherical-ift", "gaussian:0.7");
  check_text(flow, "transport", "explicit");
  check_text(flow, "reaction", "exponential");
  check_text(flow, "center", "new");
  check_text(flow, "splitting", "lie");
  check_text(flow, "step_control", "monotone");
  check_text(flow, "tolerance", "0");
  check_text(flow, "stall", "0");
  check_text(flow, "rejuvenate", "none");
  check_text(flow, "rejuvenate_every", "5");
  check_text(flow, "merge", "0");
  check_text(flow, "continuation", "1");
  check_text(flow, "continuation_until", "0");
  check_text(flow, "seed", "0");
  check_text(flow, "geometry", "spherical-ift");
  ift_flow_destroy(flow);
  flow = scene_flow(context, &s, "wfr", "gaussian:0.7");
  check_text(flow, "reaction", "mirror");
  check_text(flow, "geometry", "wfr");
  ift_flow_destroy(flow);
}

/* auto: tau = 0.58/L, L = (1 + 2 exp(-3/2))/sigma^2 for a Gaussian and unit masses; eta as each reaction's line in
 * the table says. */
static void test_automatic_steps(void **state) {
  (void)state;
  const formula f = {"gaussian", "", 0.7, 0, false, false, true};
  const double tau = 0.58 * 0.49 / (1 + 2 * exp(-1.5));
  ift_flow *flow = scene_flow(context, &s, "spherical-ift", "gaussian:0.7");
  assert_near(flow_real(flow, "tau"), tau, 1e-14, 0);
  double dissipation = 0;
  for (int i = 0; i < N; i++) {
    double v[D];
    scene_v(&s, &f, v, s.x + i * D, s.x, s.a);
    dissipation += s.a[i] * (v[0] * v[0] + v[1] * v[1]);
  }
  const double gain = tau * dissipation / (formula_mmd2(&f, s.x, N, s.a, s.y, M, s.w, D) / 2);
  assert_near(flow_real(flow, "eta"), fmin(0.1, pow(0.001 / gain, 2)), 1e-11, 0);
  flow_set(flow, "reaction", "gradient");
  assert_near(flow_real(flow, "eta"), 0.9 / N, 1e-14, 0); /* trace K = n */
  ift_flow_destroy(flow);
  flow = scene_flow(context, &s, "spherical-mmd", "gaussian:0.7");
  assert_near(flow_real(flow, "eta"), 0.1, 0, 0);
  assert_near(flow_real(flow, "tau"), 0, 0, 0);
  ift_flow_destroy(flow);
  flow = scene_flow(context, &s, "spherical-wfr", "3*gaussian:0.7");
  assert_near(flow_real(flow, "eta"), 0.2 / 3, 1e-14, 0);
  flow_set(flow, "reaction", "hellinger");
  assert_near(flow_real(flow, "eta"), 0.2 / 3, 1e-14, 0);
  flow_set(flow, "eta", "0.25");
  assert_near(flow_real(flow, "eta"), 0.25, 0, 0);
  flow_set(flow, "eta", "auto");
  assert_near(flow_real(flow, "eta"), 0.2 / 3, 1e-14, 0);
  ift_flow_destroy(flow);
}

/* Curvatures of the other kernels, by mathematics: T10's table. */
static void test_automatic_tau_of_other_kernels(void **state) {
  (void)state;
  static const struct {
    const char *spec;
    double curvature;
  } cases[] = {
      {"matern32:0.9", (3 + 3 * 0.1353352832366127) / 0.81},
      {"matern52:1.1", (5 / 3.0 + 25 / 3.0 * 0.049787068367863944) / 1.21},
      {"2*gaussian:1+matern32:0.9", 2 * (1 + 2 * 0.22313016014842982) + (3 + 3 * 0.1353352832366127) / 0.81},
      {"linear", 1},
  };
  for (size_t k = 0; k < sizeof cases / sizeof cases[0]; k++) {
    ift_flow *flow = scene_flow(context, &s, "wasserstein", cases[k].spec);
    assert_near(flow_real(flow, "tau"), 0.58 / cases[k].curvature, 1e-13, 0);
    ift_flow_destroy(flow);
  }
  /* imq(c, 1/2): 1/c^2 and, as the table says to four digits, 0.2024/c^2 */
  ift_flow *flow = scene_flow(context, &s, "wasserstein", "imq:2");
  assert_near(flow_real(flow, "tau"), 0.58 / (1.2024 / 4), 1e-4, 0);
  ift_flow_destroy(flow);
}

static void check_set(ift_status expected, ift_status got, const char *part) {
  assert_status(expected, got);
  if (part) assert_message(context, part);
}

static void test_names(void **state) {
  (void)state;
  ift_flow *flow = scene_flow(context, &s, "spherical-ift", "gaussian:0.7");
  check_set(IFT_ERR_OPTION, ift_flow_set_real(flow, "tua", 1), "'tau'");
  check_set(IFT_ERR_OPTION, ift_flow_set_text(flow, "step-contrl", "fixed"), "'step_control'");
  check_set(IFT_ERR_OPTION, ift_flow_set_int(flow, "rejuvenate-evry", 1), "'rejuvenate_every'");
  check_set(IFT_ERR_OPTION, ift_flow_set_real(flow, "Tau", 1), "'Tau'");
  check_set(IFT_ERR_OPTION, ift_flow_set_real(flow, "", 1), "no option ''");
  double value = 42;
  check_set(IFT_ERR_OPTION, ift_flow_get_real(flow, "enrgy", &value), "'energy'");
  assert_true(value == 42);
  assert_status(IFT_OK, ift_flow_set_text(flow, "step-control", "fixed"));
  check_text(flow, "step_control", "fixed");
  assert_status(IFT_OK, ift_flow_set_text(flow, "step_control", "monotone"));
  check_text(flow, "step-control", "monotone");
  char longest[5000];
  memset(longest, 'x', sizeof longest);
  longest[sizeof longest - 1] = 0;
  check_set(IFT_ERR_OPTION, ift_flow_set_real(flow, longest, 1), "xxx");
  ift_flow_destroy(flow);
}

static void test_ranges(void **state) {
  (void)state;
  static const double bad[] = {-1e-300, -1, INFINITY, -INFINITY, NAN};
  ift_flow *flow = scene_flow(context, &s, "spherical-ift", "gaussian:0.7");
  assert_status(IFT_OK, ift_flow_set_real(flow, "tau", 0.125));
  for (int i = 0; i < 5; i++) {
    check_set(IFT_ERR_OPTION, ift_flow_set_real(flow, "tau", bad[i]), "[0, inf)");
    check_set(IFT_ERR_OPTION, ift_flow_set_real(flow, "eta", bad[i]), "[0, inf)");
    check_set(IFT_ERR_OPTION, ift_flow_set_real(flow, "tolerance", bad[i]), "[0, inf)");
    check_set(IFT_ERR_OPTION, ift_flow_set_real(flow, "stall", bad[i]), "[0, 1]");
  }
  assert_near(flow_real(flow, "tau"), 0.125, 0, 0); /* as it was */
  check_set(IFT_ERR_OPTION, ift_flow_set_real(flow, "stall", 1.0000001), "[0, 1]");
  assert_status(IFT_OK, ift_flow_set_real(flow, "stall", 1));
  assert_status(IFT_OK, ift_flow_set_real(flow, "tau", 0));
  assert_status(IFT_OK, ift_flow_set_real(flow, "tau", 1e308));
  assert_status(IFT_OK, ift_flow_set_real(flow, "tau", -0.0));
  check_set(IFT_ERR_OPTION, ift_flow_set_int(flow, "rejuvenate_every", 0), "1 .. 2147483647");
  check_set(IFT_ERR_OPTION, ift_flow_set_int(flow, "rejuvenate_every", 2147483648), "2147483648");
  assert_status(IFT_OK, ift_flow_set_int(flow, "rejuvenate_every", 2147483647));
  assert_int_equal(flow_int(flow, "rejuvenate_every"), 2147483647);
  check_set(IFT_ERR_OPTION, ift_flow_set_int(flow, "seed", -1), "seed is -1");
  assert_status(IFT_OK, ift_flow_set_int(flow, "seed", INT64_MAX));
  assert_int_equal(flow_int(flow, "seed"), INT64_MAX);
  ift_flow_destroy(flow);
}

static void test_types(void **state) {
  (void)state;
  ift_flow *flow = scene_flow(context, &s, "spherical-ift", "gaussian:0.7");
  check_set(IFT_ERR_OPTION, ift_flow_set_real(flow, "reaction", 1), "a text");
  check_set(IFT_ERR_OPTION, ift_flow_set_int(flow, "reaction", 1), "a text");
  check_set(IFT_ERR_OPTION, ift_flow_set_real(flow, "seed", 1), "an integer");
  assert_status(IFT_OK, ift_flow_set_int(flow, "tau", 3));
  assert_near(flow_real(flow, "tau"), 3, 0, 0);
  static const char *const numbers[] = {"0.25", " 0.25", "0.25 ", "2.5e-1", "+.25", "0.250"};
  for (int i = 0; i < 6; i++) {
    assert_status(IFT_OK, ift_flow_set_real(flow, "tau", 1));
    assert_status(IFT_OK, ift_flow_set_text(flow, "tau", numbers[i]));
    assert_near(flow_real(flow, "tau"), 0.25, 0, 0);
  }
  static const char *const bad[] = {"", "x", "0.25x", "0,25", "1 2", "nan", "inf", "-1", "Auto", "automatic"};
  for (int i = 0; i < 10; i++) check_set(IFT_ERR_OPTION, ift_flow_set_text(flow, "tau", bad[i]), "[0, inf)");
  check_set(IFT_ERR_OPTION, ift_flow_set_text(flow, "seed", "1.5"), "seed");
  check_set(IFT_ERR_OPTION, ift_flow_set_text(flow, "rejuvenate_every", "1e3"), "rejuvenate_every");
  check_set(IFT_ERR_OPTION, ift_flow_set_text(flow, "rejuvenate_every", "auto"), "rejuvenate_every");
  check_set(IFT_ERR_OPTION, ift_flow_set_text(flow, "center", "middle"), "new|old");
  check_set(IFT_ERR_OPTION, ift_flow_set_text(flow, "center", "new|old"), "new|old");
  check_set(IFT_ERR_OPTION, ift_flow_set_text(flow, "center", ""), "new|old");
  check_set(IFT_ERR_OPTION, ift_flow_set_text(flow, "splitting", "yoshida"), "lie|strang");
  check_set(IFT_ERR_OPTION, ift_flow_set_text(flow, "transport", "midpoint"), "explicit|euclidean|heun|implicit");
  double real = 42;
  int64_t integer = 42;
  char text[64] = "untouched";
  check_set(IFT_ERR_OPTION, ift_flow_get_real(flow, "reaction", &real), "text");
  check_set(IFT_ERR_OPTION, ift_flow_get_int(flow, "tau", &integer), "real");
  check_set(IFT_ERR_OPTION, ift_flow_get_int(flow, "center", &integer), "text");
  assert_true(real == 42 && integer == 42);
  assert_near(flow_real(flow, "step"), 0, 0, 0); /* integers are read as reals too */
  check_set(IFT_ERR_ARGUMENT, ift_flow_get_text(flow, "center", text, 3), "4 bytes");
  assert_string_equal(text, "untouched");
  assert_status(IFT_OK, ift_flow_get_text(flow, "center", text, 4));
  assert_string_equal(text, "new");
  check_set(IFT_ERR_ARGUMENT, ift_flow_get_text(flow, "center", text, 0), NULL);
  check_set(IFT_ERR_ARGUMENT, ift_flow_get_text(flow, "center", text, -1), NULL);
  ift_flow_destroy(flow);
}

static void test_quantities_are_read_only(void **state) {
  (void)state;
  ift_flow *flow = scene_flow(context, &s, "spherical-ift", "gaussian:0.7");
  check_set(IFT_ERR_OPTION, ift_flow_set_real(flow, "energy", 0), "quantity");
  check_set(IFT_ERR_OPTION, ift_flow_set_int(flow, "step", 0), "quantity");
  check_set(IFT_ERR_OPTION, ift_flow_set_text(flow, "geometry", "mmd"), "quantity");
  check_set(IFT_ERR_OPTION, ift_flow_set_text(flow, "mass", "auto"), "quantity");
  ift_flow_destroy(flow);
}

/* What a geometry can't use is refused, its default is not. */
static void test_scope(void **state) {
  (void)state;
  static const struct {
    const char *geometry, *option, *value, *standard;
  } cases[] = {
      {"mmd", "tau", "0.5", "auto"},
      {"mmd", "tau", "0", "auto"},
      {"spherical-fisher-rao", "tau", "0.5", "auto"},
      {"spherical-mmd", "transport", "euclidean", "explicit"},
      {"wasserstein", "eta", "0.5", "auto"},
      {"wasserstein", "reaction", "gradient", "auto"},
      {"wasserstein", "center", "old", "new"},
      {"wasserstein", "rejuvenate", "insert", "none"},
      {"wasserstein", "rejuvenate_every", "6", "5"},
      {"wasserstein", "merge", "0.1", "0"},
      {"mmd", "continuation", "2", "1"},
      {"spherical-fisher-rao", "continuation_until", "9", "auto"},
      {"wfr", "rejuvenate", "target", "none"},
      {"spherical-wfr", "rejuvenate_every", "1", "5"},
      {"fisher-rao", "rejuvenate", "insert", "none"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    ift_flow *flow = scene_flow(context, &s, cases[i].geometry, "gaussian:0.7");
    check_set(IFT_ERR_OPTION, ift_flow_set_text(flow, cases[i].option, cases[i].value), cases[i].geometry);
    assert_message(context, cases[i].option);
    assert_status(IFT_OK, ift_flow_set_text(flow, cases[i].option, cases[i].standard));
    assert_status(IFT_OK, ift_flow_step(flow, 1));
    ift_flow_destroy(flow);
  }
}

static void test_reactions_of_a_geometry(void **state) {
  (void)state;
  static const char *const mmd[] = {"mmd", "spherical-mmd", "ift", "spherical-ift"};
  static const char *const fisher_rao[] = {"fisher-rao", "spherical-fisher-rao", "wfr", "spherical-wfr"};
  for (int i = 0; i < 4; i++) {
    ift_flow *flow = scene_flow(context, &s, mmd[i], "gaussian:0.7");
    check_set(IFT_ERR_OPTION, ift_flow_set_text(flow, "reaction", "mirror"), "exponential|implicit|gradient");
    check_set(IFT_ERR_OPTION, ift_flow_set_text(flow, "reaction", "hellinger"), mmd[i]);
    check_set(IFT_ERR_OPTION, ift_flow_set_text(flow, "reaction", "newtom"), "newton");
    flow_set(flow, "reaction", "implicit");
    check_text(flow, "reaction", "implicit");
    flow_set(flow, "reaction", "auto");
    check_text(flow, "reaction", "exponential");
    ift_flow_destroy(flow);
    flow = scene_flow(context, &s, fisher_rao[i], "gaussian:0.7");
    check_set(IFT_ERR_OPTION, ift_flow_set_text(flow, "reaction", "exponential"), "mirror|hellinger");
    check_set(IFT_ERR_OPTION, ift_flow_set_text(flow, "reaction", "gradient"), fisher_rao[i]);
    flow_set(flow, "reaction", "hellinger");
    check_text(flow, "reaction", "hellinger");
    ift_flow_destroy(flow);
  }
}

/* Each is a word of the table; together the step refuses them, in whichever order they were set, and nothing moves. */
static void test_options_that_exclude_each_other(void **state) {
  (void)state;
  static const struct {
    const char *geometry, *reaction;
  } cases[] = {{"spherical-ift", "gradient"}, {"mmd", "gradient"}, {"spherical-wfr", "hellinger"}};
  for (int i = 0; i < 3; i++)
    for (int order = 0; order < 2; order++) {
      ift_flow *flow = scene_flow(context, &s, cases[i].geometry, "gaussian:0.7");
      if (order) flow_set(flow, "center", "old");
      flow_set(flow, "reaction", cases[i].reaction);
      if (!order) flow_set(flow, "center", "old");
      const snapshot before = snap(flow);
      check_set(IFT_ERR_OPTION, ift_flow_step(flow, 3), cases[i].reaction);
      assert_message(context, "center");
      check_set(IFT_ERR_OPTION, ift_flow_run(flow, 3), "new");
      assert_same_state(before, snap(flow));
      flow_set(flow, "center", "new");
      assert_status(IFT_OK, ift_flow_step(flow, 1));
      ift_flow_destroy(flow);
    }
}

/* `auto` for the seed: the context's at the time the flow was made. Equal seeds, equal draws. */
static void test_seed(void **state) {
  (void)state;
  assert_status(IFT_OK, ift_context_set_seed(context, 77));
  ift_flow *flow = scene_flow(context, &s, "spherical-ift", "gaussian:0.7");
  assert_status(IFT_OK, ift_context_set_seed(context, 78));
  assert_int_equal(flow_int(flow, "seed"), 77);
  assert_status(IFT_OK, ift_flow_set_int(flow, "seed", 5));
  assert_int_equal(flow_int(flow, "seed"), 5);
  ift_flow_destroy(flow);
  assert_status(IFT_OK, ift_context_set_seed(context, 0));
}

static void test_null_pointers(void **state) {
  (void)state;
  ift_flow *flow = scene_flow(context, &s, "spherical-ift", "gaussian:0.7");
  double real;
  int64_t integer;
  char text[64];
  assert_status(IFT_ERR_ARGUMENT, ift_flow_set_real(NULL, "tau", 1));
  assert_status(IFT_ERR_ARGUMENT, ift_flow_set_int(NULL, "seed", 1));
  assert_status(IFT_ERR_ARGUMENT, ift_flow_set_text(NULL, "tau", "1"));
  assert_status(IFT_ERR_ARGUMENT, ift_flow_set_real(flow, NULL, 1));
  assert_status(IFT_ERR_ARGUMENT, ift_flow_set_int(flow, NULL, 1));
  assert_status(IFT_ERR_ARGUMENT, ift_flow_set_text(flow, NULL, "1"));
  assert_status(IFT_ERR_ARGUMENT, ift_flow_set_text(flow, "tau", NULL));
  assert_status(IFT_ERR_ARGUMENT, ift_flow_set_text(flow, "center", NULL));
  assert_status(IFT_ERR_ARGUMENT, ift_flow_get_real(NULL, "tau", &real));
  assert_status(IFT_ERR_ARGUMENT, ift_flow_get_int(NULL, "step", &integer));
  assert_status(IFT_ERR_ARGUMENT, ift_flow_get_text(NULL, "tau", text, 64));
  assert_status(IFT_ERR_ARGUMENT, ift_flow_get_real(flow, NULL, &real));
  assert_status(IFT_ERR_ARGUMENT, ift_flow_get_int(flow, NULL, &integer));
  assert_status(IFT_ERR_ARGUMENT, ift_flow_get_text(flow, NULL, text, 64));
  assert_status(IFT_ERR_ARGUMENT, ift_flow_get_real(flow, "tau", NULL));
  assert_status(IFT_ERR_ARGUMENT, ift_flow_get_int(flow, "step", NULL));
  assert_status(IFT_ERR_ARGUMENT, ift_flow_get_text(flow, "tau", NULL, 64));
  ift_flow_destroy(flow);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_defaults),
      cmocka_unit_test(test_automatic_steps),
      cmocka_unit_test(test_automatic_tau_of_other_kernels),
      cmocka_unit_test(test_names),
      cmocka_unit_test(test_ranges),
      cmocka_unit_test(test_types),
      cmocka_unit_test(test_quantities_are_read_only),
      cmocka_unit_test(test_scope),
      cmocka_unit_test(test_reactions_of_a_geometry),
      cmocka_unit_test(test_options_that_exclude_each_other),
      cmocka_unit_test(test_seed),
      cmocka_unit_test(test_null_pointers),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
