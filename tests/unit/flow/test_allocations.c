/* The first step takes the memory that it needs; later steps, readings and settings take none. */
#include "scene.h"
#include "support/memory.h"

/* Few target points, more than there are candidates, and a mixture. */
static ift_energy *energy_of_kind(ift_context *own, int kind) {
  enum { MANY = 1500 };
  static double points[MANY * D];
  dice dice_ = {4};
  dice_normals(&dice_, points, MANY * D);
  if (kind < 2) return make_energy(own, "gaussian:0.7", points, kind == 0 ? 40 : MANY, D, NULL);
  const double weight = 1, mean[D] = {0, 0}, covariance[D * D] = {1, 0.2, 0.2, 1};
  ift_kernel *kernel = make_kernel(own, "gaussian:0.7");
  ift_target *target;
  ift_energy *energy;
  assert_status(IFT_OK, ift_target_gaussian_mixture(own, &target, 1, D, &weight, mean, covariance));
  assert_status(IFT_OK, ift_energy_mmd(own, &energy, kernel, target));
  ift_kernel_destroy(kernel);
  ift_target_destroy(target);
  return energy;
}

/* false: these options do not go together, or not in this geometry. */
static bool check_steps(memory *m, ift_context *own, const ift_energy *energy, const scene *s, const char *geometry,
                        const char *options) {
  ift_flow *flow = make_flow(own, geometry, energy, s->x, N, D, s->a);
  bool usable = flow_takes(flow, options) && ift_flow_step(flow, 0) == IFT_OK;
  if (usable) {
    (void)ift_flow_set_int(flow, "rejuvenate_every", 2);
    const bool multiplies = strstr(geometry, "wfr") || strstr(geometry, "fisher");
    (void)ift_flow_set_real(flow, "eta", multiplies ? 0.5 : 5); /* kills, where that can be */
    assert_status(IFT_OK, ift_flow_step(flow, 1));
    m->calls = 0;
    ift_status status = ift_flow_step(flow, 7);
    if (status == IFT_OK) status = ift_flow_run(flow, 4);
    assert_true(status == IFT_OK || status == IFT_STALLED); /* by rounding, where the weights can't be better */
    if (m->calls != 0) fail_msg("%s, %s: %d allocations", geometry, options, (int)m->calls);
    assert_true(flow_int(flow, "step") == 12 || status == IFT_STALLED);
  }
  ift_flow_destroy(flow);
  return usable;
}

static const char *const geometries[] = {"wasserstein",   "mmd", "spherical-mmd", "fisher-rao",          "ift",
                                         "spherical-ift", "wfr", "spherical-wfr", "spherical-fisher-rao"};
static const char *const reactions[] = {"auto",     "exponential", "implicit",  "linearized regularization=0.1",
                                        "gradient", "mirror",      "hellinger", "positive regularization=0.1",
                                        "projected"};
static const char *const transports[] = {"explicit", "euclidean", "heun", "implicit"};

/* Every geometry, reaction and transport; rejuvenation, step control, splitting and chance, by turns. */
static void test_steps(void **state) {
  (void)state;
  static const char *const rest[] = {"rejuvenate=target",
                                     "rejuvenate=insert step_control=fixed merge=0.5",
                                     "rejuvenate=none splitting=strang",
                                     "rejuvenate=none step_control=fixed",
                                     "batch=7 splitting=strang",
                                     "batch=40 rejuvenate=insert",
                                     "noise=0.1 rejuvenate=target",
                                     "noise=0.1 noise_at=both noise_until=5 noise_halving=2 batch=3",
                                     "step_control=monotone merge=0.5",
                                     "continuation=4 continuation_until=6"};
  const scene s = make_scene(5, 1, 1);
  for (int kind = 0; kind < 3; kind++) {
    memory m = {0};
    int64_t tried = 0, turn = 0;
    ift_context *own = memory_context(&m);
    ift_energy *energy = energy_of_kind(own, kind);
    for (int g = 0; g < 9; g++)
      for (int r = 0; r < 9; r++)
        for (int t = 0; t < 4; t++)
          for (int c = 0; c < 10; c++) {
            char options[200];
            if (kind > 0 && turn++ % 29 != 0) continue; /* the many points take their time */
            snprintf(options, sizeof options, "reaction=%s transport=%s %s", reactions[r], transports[t], rest[c]);
            tried += check_steps(&m, own, energy, &s, geometries[g], options);
          }
    assert_true(tried > (kind == 0 ? 300 : 10));
    ift_energy_destroy(energy);
    ift_context_destroy(own);
    assert_int_equal(m.live, 0);
  }
}

/* Joint steps, with a matrix and without. */
static void test_joint_steps(void **state) {
  (void)state;
  static const char *const options[] = {"eta=1", "rejuvenate=insert rejuvenate_every=2", "batch=7 damping=0.1",
                                        "step_control=fixed damping=0.01 rejuvenate=target",
                                        "continuation=4 continuation_until=3"};
  enum { MANY = 400 };
  double x[MANY * D];
  dice dice_ = {7};
  dice_normals(&dice_, x, MANY * D);
  for (int n = N; n <= MANY; n += MANY - N)
    for (int k = 0; k < 5; k++) {
      memory m = {0};
      ift_context *own = memory_context(&m);
      ift_energy *energy = energy_of_kind(own, 0);
      ift_flow *flow = make_flow(own, "projected-mmd", energy, x, n, D, NULL);
      assert_true(flow_takes(flow, options[k]));
      assert_status(IFT_OK, ift_flow_step(flow, 1));
      m.calls = 0;
      assert_status(IFT_OK, ift_flow_step(flow, 4));
      assert_int_equal(m.calls, 0);
      ift_flow_destroy(flow);
      ift_energy_destroy(energy);
      ift_context_destroy(own);
      assert_int_equal(m.live, 0);
    }
}

/* Old memory is enough when a mode comes back; another size of batch takes new one. */
static void test_modes_that_come_back(void **state) {
  (void)state;
  static const char *const rounds[] = {"splitting=strang transport=implicit",
                                       "splitting=lie transport=explicit",
                                       "batch=5 reaction=gradient",
                                       "batch=0 reaction=auto",
                                       "rejuvenate=insert noise=0.1",
                                       "rejuvenate=none noise=0",
                                       "continuation=5",
                                       "continuation=1"};
  const scene s = make_scene(6, 1, 1);
  memory m = {0};
  ift_context *own = memory_context(&m);
  ift_flow *flow = scene_flow(own, &s, "spherical-ift", "gaussian:0.7");
  flow_set(flow, "step_control", "fixed");
  for (int again = 0; again < 3; again++)
    for (int r = 0; r < 8; r++) {
      m.calls = 0;
      assert_true(flow_takes(flow, rounds[r]));
      assert_status(IFT_OK, ift_flow_step(flow, 2));
      if (again) assert_int_equal(m.calls, 0);
    }
  const int64_t live = m.live;
  for (int size = 4; size < 30; size += 5) { /* what was for other sizes is returned */
    assert_status(IFT_OK, ift_flow_set_int(flow, "batch", size));
    assert_status(IFT_OK, ift_flow_step(flow, 2));
    assert_int_equal(m.live, live);
  }
  ift_flow_destroy(flow);
  ift_context_destroy(own);
  assert_int_equal(m.live, 0);
}

/* Reading, but for the gap, and setting do not allocate either. */
static void check_reading(const char *geometry, const char *options) {
  const scene s = make_scene(6, 1, 1);
  memory m = {0};
  ift_context *own = memory_context(&m);
  ift_flow *flow = scene_flow(own, &s, geometry, "gaussian:0.7");
  assert_true(flow_takes(flow, options));
  assert_status(IFT_OK, ift_flow_step(flow, 1));
  m.calls = 0;
  for (int64_t i = 0; i < ift_option_count(); i++) {
    char text[64];
    if (strcmp(ift_option_noun(i), "flow") != 0 || strcmp(ift_option_name(i), "gap") == 0) continue;
    const bool usable = strcmp(ift_option_name(i), "damping") != 0; /* which is for joint steps */
    assert_status(IFT_OK, ift_flow_get_text(flow, ift_option_name(i), text, sizeof text));
    if (usable && strcmp(ift_option_access(i), "option") == 0)
      assert_status(IFT_OK, ift_flow_set_text(flow, ift_option_name(i), text));
  }
  assert_status(IFT_ERR_OPTION, ift_flow_set_text(flow, "tua", "1")); /* nor do errors */
  flow_set(flow, "preset", "published");
  assert_int_equal(m.calls, 0);
  ift_flow_destroy(flow);
  ift_context_destroy(own);
  assert_int_equal(m.live, 0);
}

static void test_reading(void **state) {
  (void)state;
  check_reading("spherical-ift", "tau=auto");
  check_reading("spherical-ift", "batch=6 noise=0.1 splitting=strang");
  check_reading("ift", "transport=implicit reaction=positive regularization=0.1");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_steps),
      cmocka_unit_test(test_joint_steps),
      cmocka_unit_test(test_modes_that_come_back),
      cmocka_unit_test(test_reading),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
