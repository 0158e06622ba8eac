/* Steps given as a time with rates, and the rates that a flow reports: promised, observed, guaranteed. */
#include "model.h"
#include "support/fixture.h"

static bool transports_of(const char *geometry) {
  return strstr(geometry, "ift") || strstr(geometry, "wfr") || !strcmp(geometry, "wasserstein");
}

static bool reacts_of(const char *geometry) {
  return strcmp(geometry, "wasserstein") != 0;
}

/* time_step = h with rates is tau = alpha h and eta = beta h to the bit, in every geometry, controlled or not. */
static void test_time_steps(void **state) {
  (void)state;
  static const char *const geometries[] = {"wasserstein",   "spherical-mmd", "fisher-rao",   "ift",
                                           "spherical-ift", "wfr",           "spherical-wfr"};
  static const double rates[][3] = {{0.1, 1, 1}, {0.07, 3, 0.3}, {0.3, 0, 0.7}, {0.3, 0.9, 0}, {40, 1, 1}};
  const scene s = make_scene(1, 1, 1);
  for (int g = 0; g < 7; g++)
    for (int r = 0; r < 5; r++)
      for (int way = 0; way < 4; way++) {
        const bool transports = transports_of(geometries[g]), reacts = reacts_of(geometries[g]);
        ift_flow *timed = scene_flow(context, &s, geometries[g], "gaussian:0.7"),
                 *plain = scene_flow(context, &s, geometries[g], "gaussian:0.7");
        const double h = rates[r][0], alpha = transports ? rates[r][1] : 1, beta = reacts ? rates[r][2] : 1;
        assert_status(IFT_OK, ift_flow_set_real(timed, "time_step", h));
        assert_status(IFT_OK, ift_flow_set_real(timed, "alpha", alpha));
        assert_status(IFT_OK, ift_flow_set_real(timed, "beta", beta));
        if (transports) assert_status(IFT_OK, ift_flow_set_real(plain, "tau", alpha * h));
        if (reacts) assert_status(IFT_OK, ift_flow_set_real(plain, "eta", beta * h));
        for (int k = 0; k < 2; k++) {
          flow_set(k ? plain : timed, "step_control", way % 2 ? "fixed" : "monotone");
          flow_set(k ? plain : timed, "splitting", way / 2 ? "strang" : "lie");
        }
        assert_true(flow_real(timed, "tau") == (transports ? alpha * h : 0));
        assert_true(flow_real(timed, "eta") == (reacts ? beta * h : 0));
        assert_status(IFT_OK, ift_flow_step(timed, 4));
        assert_status(IFT_OK, ift_flow_step(plain, 4));
        assert_same_state(snap(timed), snap(plain));
        flow_set(timed, "time_step", "0"); /* and back */
        flow_set(timed, "alpha", "1");
        flow_set(timed, "beta", "1");
        if (transports) assert_status(IFT_OK, ift_flow_set_real(timed, "tau", 0.01));
        if (transports) assert_status(IFT_OK, ift_flow_set_real(plain, "tau", 0.01));
        if (reacts) assert_status(IFT_OK, ift_flow_set_real(timed, "eta", 0.02));
        if (reacts) assert_status(IFT_OK, ift_flow_set_real(plain, "eta", 0.02));
        assert_status(IFT_OK, ift_flow_step(timed, 2));
        assert_status(IFT_OK, ift_flow_step(plain, 2));
        assert_same_state(snap(timed), snap(plain));
        ift_flow_destroy(timed);
        ift_flow_destroy(plain);
      }
}

/* (b-a)'K(b-a)/eta^2 + eps |b-a|^2/eta^2 */
static double metric(const model *p, const double *x, const double *a, const double *b, double eps, double eta) {
  double sum = 0;
  for (int i = 0; i < N; i++)
    for (int j = 0; j < N; j++)
      sum += (b[i] - a[i]) * (b[j] - a[j]) * (model_kernel(p, x + i * D, x + j * D) + (i == j ? eps : 0));
  return sum / (eta * eta);
}

/* sum a (g - mean)^2 */
static double variance(const model *p, const double *x, const double *a) {
  double g[N], mean = 0, mass = 0, sum = 0;
  for (int i = 0; i < N; i++) {
    g[i] = model_g(p, x + i * D, x, a);
    mean += a[i] * g[i];
    mass += a[i];
  }
  for (int i = 0; i < N; i++) sum += a[i] * (g[i] - mean / mass) * (g[i] - mean / mass);
  return sum;
}

/* One step in the given mode: what it promised to first order, and what came of it, against own numbers. Time is h;
 * alpha = 2, beta = 0.5. */
static void check_rates(const char *geometry, const char *option, const char *value, bool timed) {
  const scene s = make_scene(2, 1, 1);
  const model p = scene_model(&s, &gaussian, false);
  const bool transports = transports_of(geometry), reacts = reacts_of(geometry);
  const double h = 0.04, alpha = timed && transports ? 2 : 1, beta = timed && reacts ? 0.5 : 1;
  const double tau = transports ? alpha * h : 0, eta = reacts ? beta * h : 0;
  ift_flow *flow = scene_flow(context, &s, geometry, "gaussian:0.7");
  flow_set(flow, "step_control", "fixed");
  if (option) flow_set(flow, option, value);
  if (timed) {
    assert_status(IFT_OK, ift_flow_set_real(flow, "time_step", h));
    assert_status(IFT_OK, ift_flow_set_real(flow, "alpha", alpha));
    assert_status(IFT_OK, ift_flow_set_real(flow, "beta", beta));
  } else {
    if (transports) assert_status(IFT_OK, ift_flow_set_real(flow, "tau", tau));
    if (reacts) assert_status(IFT_OK, ift_flow_set_real(flow, "eta", eta));
  }
  for (int k = 0; k < 3; k++) {
    const particles before = particles_of(flow);
    assert_status(IFT_OK, ift_flow_step(flow, 1));
    const particles after = particles_of(flow);
    double moved[N * D], promised = 0;
    const double speed = model_move(&p, &before, 0, moved);
    if (transports) promised += alpha * speed;
    if (reacts)
      promised += beta * (strstr(geometry, "wfr") || strstr(geometry, "fisher")
                              ? variance(&p, after.x, before.a)
                              : metric(&p, after.x, before.a, after.a, 0, eta));
    assert_near(flow_real(flow, "dissipation"), promised, 1e-9, 1e-13);
    const double fall = log(model_energy(&p, before.x, before.a) / model_energy(&p, after.x, after.a));
    assert_near(flow_real(flow, "decay_rate"), fall / h, 1e-9, 1e-12);
    /* to first order it is what F lost */
    const double lost = model_energy(&p, before.x, before.a) - model_energy(&p, after.x, after.a);
    assert_near(flow_real(flow, "dissipation") * h, lost, 0.3, 0);
  }
  ift_flow_destroy(flow);
}

static void test_promised_and_observed(void **state) {
  (void)state;
  static const char *const all[] = {"wasserstein", "spherical-mmd", "spherical-ift", "spherical-wfr",
                                    "spherical-fisher-rao"};
  for (int timed = 0; timed < 2; timed++) {
    for (int g = 0; g < 5; g++) check_rates(all[g], NULL, NULL, timed);
    check_rates("wasserstein", "transport", "heun", timed);
    check_rates("wasserstein", "transport", "implicit", timed);
    check_rates("spherical-ift", "transport", "implicit", timed);
    check_rates("spherical-ift", "reaction", "implicit", timed);
    check_rates("spherical-mmd", "reaction", "linearized", timed);
    check_rates("spherical-wfr", "reaction", "hellinger", timed);
    check_rates("spherical-wfr", "reaction", "projected", timed);
  }
}

/* Strang: transport between two halves, whose dissipations count equally. */
static void test_strang(void **state) {
  (void)state;
  const scene s = make_scene(3, 1, 1);
  const model p = scene_model(&s, &gaussian, false);
  for (int free = 0; free < 2; free++) {
    ift_flow *flow = fixed_flow(context, &s, free ? "wfr" : "spherical-wfr", &gaussian, "0.05", "0.3");
    flow_set(flow, "splitting", "strang");
    for (int k = 0; k < 3; k++) {
      particles middle = particles_of(flow), before = middle;
      double x[N * D], g[N], b[N], halves[2];
      for (int half = 0; half < 2; half++) {
        const double *at = half ? x : before.x, *from = half ? middle.a : before.a;
        double mean = 0;
        halves[half] = 0;
        for (int i = 0; i < N; i++) mean += from[i] * (g[i] = model_g(&p, at + i * D, at, from));
        for (int i = 0; i < N; i++) halves[half] += from[i] * pow(g[i] - (free ? 0 : mean), 2);
        mirror(from, g, 0.15, !free, b);
        if (half == 0) {
          memcpy(middle.a, b, sizeof b);
          assert_true(model_move(&p, &middle, 0.05, x) > 0);
        }
      }
      const double speed = model_move(&p, &middle, 0.05, x);
      assert_status(IFT_OK, ift_flow_step(flow, 1));
      check_positions(flow, x, 1e-13);
      check_weights(flow, b, 1e-12);
      assert_near(flow_real(flow, "transport_dissipation"), speed, 1e-11, 0);
      assert_near(flow_real(flow, "reaction_dissipation"), (halves[0] + halves[1]) / 2, 1e-11, 0);
      assert_near(flow_real(flow, "dissipation"), (0.05 * speed + 0.15 * (halves[0] + halves[1])) / 0.3, 1e-11, 0);
      const double fall = log(model_energy(&p, before.x, before.a) / model_energy(&p, x, b));
      assert_near(flow_real(flow, "decay_rate"), fall / 0.3, 1e-9, 1e-12);
    }
    ift_flow_destroy(flow);
  }
}

/* What the options say, in closed form: 2 beta for the flow of Theorem 3.5, by steps of factor (1 - theta)^2. */
static double guarantee(const char *reaction, double eta, double beta, bool strang) {
  const double part = strang ? eta / 2 : eta, times = strang ? 2 : 1;
  if (!strcmp(reaction, "exponential")) return 2 * beta;
  if (!strcmp(reaction, "implicit")) return times * 2 * beta * log(1 + part) / eta;
  if (!strcmp(reaction, "linearized")) return -times * 2 * beta * log(fabs(1 - part)) / eta;
  return NAN;
}

/* Particles on all of the target's points: the guarantee is what is observed. */
static void test_common_support(void **state) {
  (void)state;
  static const char *const geometries[] = {"spherical-mmd", "mmd"}, *const reactions[] = {"exponential", "implicit",
                                                                                          "linearized"};
  const scene s = make_scene(4, 1, 1);
  ift_energy *energy = make_energy(context, "laplace:0.6", s.x, N, D, s.a); /* a well-conditioned Gram matrix */
  double a[N];
  dice d = {5};
  dice_weights(&d, a, N, 1);
  for (int g = 0; g < 2; g++)
    for (int r = 0; r < 3; r++)
      for (int way = 0; way < 4; way++) {
        const bool strang = way % 2, timed = way / 2;
        const double beta = timed ? 3 : 1;
        ift_flow *flow = make_flow(context, geometries[g], energy, s.x, N, D, a);
        flow_set(flow, "reaction", reactions[r]);
        flow_set(flow, "splitting", strang ? "strang" : "lie");
        if (timed)
          flow_set(flow, "time_step", "0.1"), flow_set(flow, "beta", "3");
        else
          flow_set(flow, "eta", "0.3");
        for (int k = 0; k < 10; k++) {
          assert_status(IFT_OK, ift_flow_step(flow, 1));
          assert_near(flow_real(flow, "guaranteed_rate"), guarantee(reactions[r], 0.3, beta, strang), 1e-12, 0);
          assert_near(flow_real(flow, "decay_rate"), flow_real(flow, "guaranteed_rate"), 1e-8, 0);
        }
        ift_flow_destroy(flow);
      }
  ift_energy_destroy(energy);
}

/* A linearized step of 1 is at the minimum, one of more beyond it, and of more than 2 further away than before. */
static void test_linearized_guarantee(void **state) {
  (void)state;
  const scene s = make_scene(4, 1, 1);
  static const double etas[] = {0.5, 1, 1.5, 2, 3};
  for (int e = 0; e < 5; e++) {
    ift_flow *flow = scene_flow(context, &s, "spherical-mmd", "gaussian:0.7");
    flow_set(flow, "reaction", "linearized");
    flow_set(flow, "step_control", "fixed");
    assert_status(IFT_OK, ift_flow_set_real(flow, "eta", etas[e]));
    assert_status(IFT_OK, ift_flow_step(flow, 1));
    const double rate = flow_real(flow, "guaranteed_rate");
    if (etas[e] == 1)
      assert_true(rate == INFINITY);
    else
      assert_near(rate, guarantee("linearized", etas[e], 1, false), 1e-12, 1e-15);
    ift_flow_destroy(flow);
  }
}

static const char *const rates[] = {"dissipation", "decay_rate", "guaranteed_rate"};

static void check_nan(const ift_flow *flow, bool promised, bool observed, bool guaranteed) {
  const bool there[] = {promised, observed, guaranteed};
  for (int k = 0; k < 3; k++)
    if (isnan(flow_real(flow, rates[k])) == there[k]) fail_msg("%s is %g", rates[k], flow_real(flow, rates[k]));
}

/* Before the first step, and where a statement does not apply, there is no number. */
static void test_where_there_is_none(void **state) {
  (void)state;
  static const struct {
    const char *geometry, *options[2][2];
    bool guaranteed;
  } cases[] = {
      {"wasserstein", {{NULL}}, false},
      {"wfr", {{NULL}}, false},
      {"fisher-rao", {{"reaction", "hellinger"}}, false},
      {"spherical-wfr", {{"reaction", "projected"}}, false},
      {"mmd", {{NULL}}, true},
      {"ift", {{"reaction", "implicit"}}, true},
      {"spherical-ift", {{"transport", "implicit"}, {"splitting", "strang"}}, true},
      {"spherical-ift", {{"transport", "heun"}, {"reaction", "linearized"}}, true},
      {"spherical-ift", {{"reaction", "gradient"}}, false},
      {"spherical-ift", {{"reaction", "positive"}, {"regularization", "0.1"}}, false},
      {"spherical-mmd", {{"regularization", "0.1"}}, false},
      {"ift", {{"reaction", "linearized"}, {"regularization", "0.1"}}, false},
      {"spherical-ift", {{"noise", "0.1"}}, false},
      {"mmd", {{"batch", "4"}}, false},
      {"spherical-ift", {{"preset", "published"}}, false},
  };
  const scene s = make_scene(5, 1, 1);
  for (size_t k = 0; k < sizeof cases / sizeof cases[0]; k++) {
    ift_flow *flow = scene_flow(context, &s, cases[k].geometry, "gaussian:0.7");
    for (int j = 0; j < 2 && cases[k].options[j][0]; j++)
      flow_set(flow, cases[k].options[j][0], cases[k].options[j][1]);
    check_nan(flow, false, false, false);
    assert_status(IFT_OK, ift_flow_step(flow, 0));
    check_nan(flow, false, false, false);
    assert_status(IFT_OK, ift_flow_step(flow, 1));
    check_nan(flow, true, true, cases[k].guaranteed);
    if (cases[k].guaranteed) {
      flow_set(flow, "eta", "0"); /* nothing reacts */
      assert_status(IFT_OK, ift_flow_step(flow, 1));
      assert_true(isnan(flow_real(flow, "guaranteed_rate")));
      assert_true(isnan(flow_real(flow, "decay_rate")) == (flow_real(flow, "tau_taken") == 0));
    }
    ift_flow_destroy(flow);
  }
}

/* A failed step leaves what the last one promised, and takes what was observed: the state before is gone. */
static void test_after_a_failed_step(void **state) {
  (void)state;
  const scene s = make_scene(6, 1, 1);
  ift_flow *flow = scene_flow(context, &s, "spherical-ift", "1e10*gaussian:0.7");
  assert_status(IFT_OK, ift_flow_step(flow, 2));
  const double promised = flow_real(flow, "dissipation"), guaranteed = flow_real(flow, "guaranteed_rate");
  check_nan(flow, true, true, true);
  flow_set(flow, "step_control", "fixed");
  flow_set(flow, "tau", "1e300");
  assert_status(IFT_ERR_NOT_FINITE, ift_flow_step(flow, 1));
  check_nan(flow, true, false, true);
  assert_true(flow_real(flow, "dissipation") == promised && flow_real(flow, "guaranteed_rate") == guaranteed);
  flow_set(flow, "tau", "auto");
  assert_status(IFT_OK, ift_flow_step(flow, 1));
  check_nan(flow, true, true, true);
  ift_flow_destroy(flow);
}

/* These numbers are of the last step, whatever is set for the next one. */
static void test_options_for_the_next_step(void **state) {
  (void)state;
  static const char *const options[][2] = {{"splitting", "strang"}, {"reaction", "gradient"}, {"alpha", "5"},
                                           {"beta", "7"},           {"noise", "0.1"},         {"batch", "3"},
                                           {"regularization", "1"}, {"time_step", "0"},       {"step_control", "fixed"},
                                           {"preset", "published"}};
  const scene s = make_scene(7, 1, 1);
  for (size_t k = 0; k < sizeof options / sizeof options[0]; k++) {
    ift_flow *flow = scene_flow(context, &s, "spherical-ift", "gaussian:0.7");
    double before[3];
    flow_set(flow, "time_step", "0.02");
    flow_set(flow, "alpha", "2");
    flow_set(flow, "beta", "3");
    flow_set(flow, "reaction", "implicit");
    assert_status(IFT_OK, ift_flow_step(flow, 2));
    for (int j = 0; j < 3; j++) before[j] = flow_real(flow, rates[j]);
    flow_set(flow, options[k][0], options[k][1]);
    for (int j = 0; j < 3; j++) assert_near(flow_real(flow, rates[j]), before[j], 0, 0);
    ift_flow_destroy(flow);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_time_steps),
      cmocka_unit_test(test_promised_and_observed),
      cmocka_unit_test(test_strang),
      cmocka_unit_test(test_common_support),
      cmocka_unit_test(test_linearized_guarantee),
      cmocka_unit_test(test_where_there_is_none),
      cmocka_unit_test(test_after_a_failed_step),
      cmocka_unit_test(test_options_for_the_next_step),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
