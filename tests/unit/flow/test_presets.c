/* Presets: which options they set, that each may be changed after, and the algorithm of the paper's published code
 * written down on its own. */
#include "model.h"
#include "support/fixture.h"

static void check_text(const ift_flow *flow, const char *name, const char *expected) {
  char text[64];
  assert_status(IFT_OK, ift_flow_get_text(flow, name, text, sizeof text));
  assert_string_equal(text, expected);
}

static const struct published {
  const char *geometry, *transport, *reaction, *noise_at;
} published[] = {
    {"wasserstein", "explicit", NULL, "both"},
    {"mmd", "explicit", "gradient", "evaluation"}, /* what it has not stays at its default */
    {"spherical-mmd", "explicit", "gradient", "evaluation"},
    {"fisher-rao", "explicit", "projected", "evaluation"},
    {"spherical-fisher-rao", "explicit", "projected", "evaluation"},
    {"ift", "euclidean", "gradient", "both"},
    {"spherical-ift", "euclidean", "gradient", "both"},
    {"wfr", "euclidean", "projected", "both"},
    {"spherical-wfr", "euclidean", "projected", "both"},
};
enum { PUBLISHED = sizeof published / sizeof published[0] };

static void check_published(const ift_flow *flow, const struct published *p) {
  check_text(flow, "preset", "published");
  check_text(flow, "transport", p->transport);
  if (p->reaction) check_text(flow, "reaction", p->reaction);
  check_text(flow, "noise_at", p->noise_at);
  check_text(flow, "step_control", "fixed");
  assert_int_equal(flow_int(flow, "batch"), N);
}

static void test_options(void **state) {
  (void)state;
  static const char *const others[] = {"tau",        "eta",          "time_step",         "alpha",
                                       "beta",       "center",       "splitting",         "noise",
                                       "seed",       "noise_until",  "tolerance",         "noise_halving",
                                       "rejuvenate", "stall",        "regularization",    "rejuvenate_every",
                                       "merge",      "continuation", "continuation_until"};
  const scene s = make_scene(1, 1, 1);
  for (int g = 0; g < PUBLISHED; g++) {
    ift_flow *flow = scene_flow(context, &s, published[g].geometry, "gaussian:0.7"),
             *plain = scene_flow(context, &s, published[g].geometry, "gaussian:0.7");
    check_text(flow, "preset", "none");
    flow_set(flow, "preset", "published");
    check_published(flow, &published[g]);
    if (published[g].reaction) flow_set(plain, "reaction", published[g].reaction); /* eta on auto is the reaction's */
    flow_set(plain, "transport", published[g].transport);
    for (size_t k = 0; k < sizeof others / sizeof others[0]; k++) {
      char text[64];
      assert_status(IFT_OK, ift_flow_get_text(plain, others[k], text, sizeof text));
      check_text(flow, others[k], text);
    }
    flow_set(flow, "preset", "none"); /* sets nothing */
    check_text(flow, "step_control", "fixed");
    check_text(flow, "preset", "none");
    assert_status(IFT_OK, ift_flow_step(flow, 3));
    ift_flow_destroy(flow);
    ift_flow_destroy(plain);
  }
}

/* Each of them may be changed after; the preset sets them again. */
static void test_changes(void **state) {
  (void)state;
  const scene s = make_scene(1, 1, 1);
  ift_flow *flow = scene_flow(context, &s, "spherical-ift", "gaussian:0.7");
  flow_set(flow, "preset", "published");
  flow_set(flow, "transport", "implicit");
  flow_set(flow, "reaction", "auto");
  flow_set(flow, "noise_at", "evaluation");
  flow_set(flow, "batch", "0");
  flow_set(flow, "step_control", "auto");
  check_text(flow, "preset", "published");
  check_text(flow, "transport", "implicit");
  check_text(flow, "reaction", "exponential");
  check_text(flow, "step_control", "monotone");
  assert_status(IFT_OK, ift_flow_step(flow, 2));
  assert_status(IFT_ERR_OPTION, ift_flow_set_text(flow, "preset", "unpublished"));
  assert_message(context, "none|published");
  assert_status(IFT_ERR_OPTION, ift_flow_set_int(flow, "preset", 1));
  check_text(flow, "transport", "implicit");
  flow_set(flow, "preset", "published");
  check_published(flow, &published[6]);
  ift_flow_destroy(flow);
}

/* What was set before and does not go with it is found out by the step. */
static void test_before(void **state) {
  (void)state;
  const scene s = make_scene(1, 1, 1);
  ift_flow *flow = scene_flow(context, &s, "spherical-ift", "gaussian:0.7");
  flow_set(flow, "center", "old");
  flow_set(flow, "preset", "published");
  assert_status(IFT_ERR_OPTION, ift_flow_step(flow, 1));
  assert_message(context, "center is 'old', which reaction 'gradient' does not know; allowed is 'new'");
  flow_set(flow, "center", "new");
  assert_status(IFT_OK, ift_flow_step(flow, 1));
  ift_flow_destroy(flow);
}

static int set_inside(const ift_flow *flow, void *user) {
  *(ift_status *)user = ift_flow_set_text((ift_flow *)flow, "preset", "published");
  return 0;
}

static void test_busy(void **state) {
  (void)state;
  const scene s = make_scene(1, 1, 1);
  ift_status status = IFT_OK;
  ift_flow *flow = scene_flow(context, &s, "spherical-ift", "gaussian:0.7");
  assert_status(IFT_OK, ift_flow_set_monitor(flow, set_inside, &status, NULL));
  assert_status(IFT_OK, ift_flow_step(flow, 1));
  assert_status(IFT_ERR_BUSY, status);
  check_text(flow, "preset", "none");
  check_text(flow, "transport", "explicit");
  ift_flow_destroy(flow);
}

/* As many target points as there are particles, drawn by weight. */
static model draw(const scene *s, ift_rng *rng) {
  model p = scene_model(s, &gaussian, false);
  double total = 0;
  for (int j = 0; j < M; j++) total += s->w[j];
  p.m = N;
  for (int b = 0; b < N; b++) {
    const double level = ift_rng_uniform(rng) * total;
    int j = 0;
    for (double sum = s->w[0]; sum <= level && j < M - 1;) sum += s->w[++j];
    memcpy(p.y + b * D, s->y + j * D, D * sizeof(double));
    p.w[b] = s->target_mass / N;
  }
  return p;
}

/* The nearest point of the simplex, by bisection on what is taken from all. */
static void project(double *b, double mass) {
  double low = -10, high = 10;
  for (int pass = 0; pass < 200; pass++) {
    const double level = (low + high) / 2;
    double sum = 0;
    for (int i = 0; i < N; i++) sum += fmax(b[i] - level, 0);
    if (sum > mass)
      low = level;
    else
      high = level;
  }
  for (int i = 0; i < N; i++) b[i] = fmax(b[i] - (low + high) / 2, 0);
}

/* Positions: x - tau a v, unweighted x - tau v, the noise in the interaction as well. Weights: a - eta g or a exp(-eta
 * g), g at the new positions, then projected; where mass is free, cut at 0 or left. */
static void test_algorithm(void **state) {
  (void)state;
  static const struct {
    const char *geometry, *eta;
    bool weighted, reacts, multiplies, kept;
  } cases[] = {{"wasserstein", NULL, false, false, false, true},
               {"spherical-ift", "0.05", true, true, false, true},
               {"ift", "0.05", true, true, false, false},
               {"spherical-wfr", "0.8", true, true, true, true},
               {"wfr", "0.8", true, true, true, false}};
  const scene s = make_scene(2, 1, 1);
  for (int c = 0; c < 5; c++) {
    ift_flow *flow = scene_flow(context, &s, cases[c].geometry, "gaussian:0.7");
    const double eta = cases[c].multiplies ? 0.8 : 0.05;
    flow_set(flow, "preset", "published");
    flow_set(flow, "tau", "0.6");
    flow_set(flow, "noise", "0.25");
    if (cases[c].eta) flow_set(flow, "eta", cases[c].eta);
    assert_status(IFT_OK, ift_flow_set_int(flow, "seed", 4));
    ift_rng rng;
    ift_rng_init(&rng, 4, IFT_STREAM_FLOW);
    for (int k = 0; k < 4; k++) {
      const model p = draw(&s, &rng);
      const particles before = particles_of(flow);
      double at[N * D], x[N * D], b[N];
      for (int i = 0; i < N * D; i++) at[i] = before.x[i] + 0.25 * ift_rng_normal(&rng);
      for (int i = 0; i < N; i++) {
        double v[D];
        model_v(&p, v, at + i * D, at, before.a);
        for (int l = 0; l < D; l++)
          x[i * D + l] = before.x[i * D + l] - 0.6 * (cases[c].weighted ? before.a[i] : 1) * v[l];
      }
      for (int i = 0; i < N; i++) {
        const double g = model_g(&p, x + i * D, x, before.a);
        b[i] = !cases[c].reacts      ? before.a[i]
               : cases[c].multiplies ? before.a[i] * exp(-eta * g)
               : cases[c].kept       ? before.a[i] - eta * g
                                     : fmax(before.a[i] - eta * g, 0);
      }
      if (cases[c].reacts && cases[c].kept) project(b, 1);
      assert_status(IFT_OK, ift_flow_step(flow, 1));
      check_positions(flow, x, 1e-13);
      check_weights(flow, b, 1e-12);
    }
    ift_flow_destroy(flow);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_options), cmocka_unit_test(test_changes),   cmocka_unit_test(test_before),
      cmocka_unit_test(test_busy),    cmocka_unit_test(test_algorithm),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
