/* Who owns what: the borrowed measure, handles in any order, two contexts, and steps that allocate nothing. */
#include "scene.h"
#include "support/memory.h"

static ift_context *context;

static int set_up(void **state) {
  (void)state;
  context = make_context();
  return 0;
}

static int tear_down(void **state) {
  (void)state;
  ift_context_destroy(context);
  return 0;
}

static void test_initial_measure_is_copied(void **state) {
  (void)state;
  const scene s = make_scene(1, 1, 1);
  ift_energy *energy = make_energy(context, "gaussian:0.7", s.y, M, D, s.w);
  ift_measure *initial = make_measure(context, s.x, N, D, s.a);
  ift_flow *flow;
  assert_status(IFT_OK, ift_flow_create(context, &flow, "spherical-ift", energy, initial));
  assert_status(IFT_OK, ift_flow_step(flow, 3));
  assert_memory_equal(ift_measure_positions(initial), s.x, sizeof s.x);
  assert_memory_equal(ift_measure_weights(initial), s.a, sizeof s.a);
  const double zeros[N * D] = {0};
  const snapshot before = snap(flow);
  assert_status(IFT_OK, ift_measure_set(initial, zeros, NULL));
  assert_same_state(before, snap(flow));
  ift_measure_destroy(initial);
  ift_energy_destroy(energy);
  ift_flow_destroy(flow);
}

/* One handle for the flow's life, with the arrays of the moment; no one but the flow changes it. */
static void test_borrowed_measure(void **state) {
  (void)state;
  const scene s = make_scene(2, 2, 1);
  ift_flow *flow = scene_flow(context, &s, "spherical-ift", "gaussian:0.7");
  const ift_measure *measure = ift_flow_measure(flow);
  assert_int_equal(ift_measure_size(measure), N);
  assert_int_equal(ift_measure_dim(measure), D);
  assert_memory_equal(ift_measure_positions(measure), s.x, sizeof s.x);
  assert_memory_equal(ift_measure_weights(measure), s.a, sizeof s.a);
  for (int k = 0; k < 5; k++) {
    assert_status(IFT_OK, ift_flow_step(flow, 1));
    assert_ptr_equal(ift_flow_measure(flow), measure);
    assert_near(ift_measure_mass(measure), 2, 1e-14, 0);
  }
  assert_memory_not_equal(ift_measure_positions(measure), s.x, sizeof s.x);
  const snapshot before = snap(flow);
  assert_status(IFT_ERR_ARGUMENT, ift_measure_set((ift_measure *)measure, s.x, s.a));
  assert_message(context, "belongs to a flow");
  assert_status(IFT_ERR_ARGUMENT, ift_measure_normalize((ift_measure *)measure, 1));
  assert_same_state(before, snap(flow));
  ift_measure *copy;
  assert_status(IFT_OK, ift_measure_clone(measure, &copy));
  assert_status(IFT_OK, ift_measure_set(copy, s.x, s.a)); /* a copy is one's own */
  ift_flow_destroy(flow);
  assert_near(ift_measure_mass(copy), 2, 1e-15, 0);
  ift_measure_destroy(copy);
}

/* Seven handles destroyed in every one of 5040 orders; what is left works till its turn comes. */
enum { HANDLES = 7 };
typedef struct household {
  memory m;
  ift_context *context;
  ift_kernel *kernel;
  ift_measure *samples, *initial;
  ift_target *target;
  ift_energy *energy;
  ift_flow *flow;
} household;

static void move_in(household *h) {
  const double y[4] = {0, 1, 2, 4}, x[2] = {-1, 1};
  memset(h, 0, sizeof *h);
  h->context = memory_context(&h->m);
  h->kernel = make_kernel(h->context, "gaussian:1+energy");
  h->samples = make_measure(h->context, y, 4, 1, NULL);
  h->initial = make_measure(h->context, x, 2, 1, NULL);
  assert_status(IFT_OK, ift_target_samples(h->context, &h->target, h->samples));
  assert_status(IFT_OK, ift_energy_mmd(h->context, &h->energy, h->kernel, h->target));
  assert_status(IFT_OK, ift_flow_create(h->context, &h->flow, "ift", h->energy, h->initial));
}

static void move_out(household *h, int which) {
  switch (which) {
  case 0:
    ift_context_destroy(h->context);
    break;
  case 1:
    ift_kernel_destroy(h->kernel);
    break;
  case 2:
    ift_measure_destroy(h->samples);
    break;
  case 3:
    ift_measure_destroy(h->initial);
    break;
  case 4:
    ift_target_destroy(h->target);
    break;
  case 5:
    ift_energy_destroy(h->energy);
    break;
  default:
    ift_flow_destroy(h->flow);
  }
}

static void test_handles_in_any_order(void **state) {
  (void)state;
  for (int order = 0; order < 5040; order++) {
    household h;
    int left[HANDLES] = {0, 1, 2, 3, 4, 5, 6}, code = order;
    move_in(&h);
    for (int k = HANDLES; k > 0; k--) {
      const int pick = code % k, which = left[pick];
      code /= k;
      left[pick] = left[k - 1];
      if (which == 6) assert_status(IFT_OK, ift_flow_step(h.flow, 1));
      move_out(&h, which);
      assert_true((h.m.live == 0) == (k == 1));
    }
  }
}

static void test_creation(void **state) {
  (void)state;
  const scene s = make_scene(3, 1, 1);
  const double line[3] = {0, 1, 2};
  ift_context *other = make_context();
  ift_energy *energy = make_energy(context, "gaussian:0.7", s.y, M, D, s.w),
             *foreign = make_energy(other, "gaussian:0.7", s.y, M, D, s.w);
  ift_measure *initial = make_measure(context, s.x, N, D, s.a), *stranger = make_measure(other, s.x, N, D, s.a),
              *flat = make_measure(context, line, 3, 1, NULL);
  ift_flow *flow = (ift_flow *)&context;
  assert_status(IFT_ERR_ARGUMENT, ift_flow_create(NULL, &flow, "ift", energy, initial));
  assert_null(flow);
  assert_status(IFT_ERR_ARGUMENT, ift_flow_create(context, NULL, "ift", energy, initial));
  assert_status(IFT_ERR_ARGUMENT, ift_flow_create(context, &flow, NULL, energy, initial));
  assert_status(IFT_ERR_ARGUMENT, ift_flow_create(context, &flow, "ift", NULL, initial));
  assert_message(context, "energy");
  assert_status(IFT_ERR_ARGUMENT, ift_flow_create(context, &flow, "ift", energy, NULL));
  assert_message(context, "initial");
  static const char *const unknown[] = {"", "IFT", "ift ", "spherical_ift", "sphericalift", "langevin"};
  for (int k = 0; k < 6; k++) {
    flow = (ift_flow *)&context;
    assert_status(IFT_ERR_OPTION, ift_flow_create(context, &flow, unknown[k], energy, initial));
    assert_null(flow);
    assert_message(context, "spherical-fisher-rao");
  }
  assert_status(IFT_ERR_CONTEXT, ift_flow_create(context, &flow, "ift", foreign, initial));
  assert_status(IFT_ERR_CONTEXT, ift_flow_create(context, &flow, "ift", energy, stranger));
  assert_status(IFT_ERR_CONTEXT, ift_flow_create(other, &flow, "ift", energy, initial));
  assert_status(IFT_ERR_DIMENSION, ift_flow_create(context, &flow, "ift", energy, flat));
  assert_message(context, "2");
  assert_message(context, "1");
  ift_energy_destroy(energy);
  ift_energy_destroy(foreign);
  ift_measure_destroy(initial);
  ift_measure_destroy(stranger);
  ift_measure_destroy(flat);
  ift_context_destroy(other);
}

/* A flow whose initial measure can't be evaluated is not made. */
static void test_creation_with_overflow(void **state) {
  (void)state;
  memory m = {0};
  const double y[2] = {0, 1}, far[2] = {1e200, -1e200};
  ift_context *own = memory_context(&m);
  ift_energy *energy = make_energy(own, "polynomial:1,2", y, 2, 1, NULL);
  ift_measure *initial = make_measure(own, far, 2, 1, NULL);
  ift_flow *flow = (ift_flow *)&m;
  assert_status(IFT_ERR_NOT_FINITE, ift_flow_create(own, &flow, "ift", energy, initial));
  assert_null(flow);
  ift_energy_destroy(energy);
  ift_measure_destroy(initial);
  ift_context_destroy(own);
  assert_int_equal(m.live, 0);
}

/* The first step takes the memory that it needs, the others none: every geometry, reaction, transport,
 * rejuvenation, step control, with few target points, with more than there are candidates, and with a mixture. */
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

static int64_t check_allocations(memory *m, ift_context *own, const ift_energy *energy, const scene *s,
                                 const char *geometry, const char *reaction, const char *transport,
                                 const char *rejuvenate, const char *control) {
  ift_flow *flow = make_flow(own, geometry, energy, s->x, N, D, s->a);
  const bool usable = ift_flow_set_text(flow, "reaction", reaction) == IFT_OK &&
                      ift_flow_set_text(flow, "transport", transport) == IFT_OK &&
                      ift_flow_set_text(flow, "rejuvenate", rejuvenate) == IFT_OK &&
                      ift_flow_set_text(flow, "step_control", control) == IFT_OK;
  if (usable) {
    (void)ift_flow_set_int(flow, "rejuvenate_every", 2);
    (void)ift_flow_set_real(flow, "eta", strcmp(reaction, "hellinger") == 0 ? 1 : 5); /* kills, where that can be */
    assert_status(IFT_OK, ift_flow_step(flow, 1));
    m->calls = 0;
    ift_status status = ift_flow_step(flow, 7);
    if (status == IFT_OK) status = ift_flow_run(flow, 4);
    assert_true(status == IFT_OK || status == IFT_STALLED); /* by rounding, where the weights can't be better */
    if (m->calls != 0)
      fail_msg("%s, %s, %s, %s, %s: %d allocations", geometry, reaction, transport, rejuvenate, control, (int)m->calls);
    assert_true(flow_int(flow, "step") == 12 || status == IFT_STALLED);
  }
  ift_flow_destroy(flow);
  return usable;
}

static void test_steps_do_not_allocate(void **state) {
  (void)state;
  static const char *const geometries[] = {"wasserstein",   "mmd", "spherical-mmd", "fisher-rao",          "ift",
                                           "spherical-ift", "wfr", "spherical-wfr", "spherical-fisher-rao"};
  static const char *const reactions[] = {"auto", "exponential", "implicit", "gradient", "mirror", "hellinger"};
  static const char *const transports[] = {"explicit", "euclidean"}, *const places[] = {"none", "target", "insert"},
                           *const controls[] = {"monotone", "fixed"};
  const scene s = make_scene(5, 1, 1);
  for (int kind = 0; kind < 3; kind++) {
    memory m = {0};
    int64_t tried = 0;
    ift_context *own = memory_context(&m);
    ift_energy *energy = energy_of_kind(own, kind);
    for (int g = 0; g < 9; g++)
      for (int r = 0; r < 6; r++)
        for (int t = 0; t < (kind == 0 ? 2 : 1); t++)
          for (int p = 0; p < 3; p++)
            for (int c = 0; c < (kind == 0 ? 2 : 1); c++)
              tried += check_allocations(&m, own, energy, &s, geometries[g], reactions[r], transports[t], places[p],
                                         controls[c]);
    assert_true(tried > (kind == 0 ? 100 : 50));
    ift_energy_destroy(energy);
    ift_context_destroy(own);
    assert_int_equal(m.live, 0);
  }
}

/* Reading, but for the gap, and setting do not allocate either. */
static void test_reading_does_not_allocate(void **state) {
  (void)state;
  const scene s = make_scene(6, 1, 1);
  memory m = {0};
  ift_context *own = memory_context(&m);
  ift_flow *flow = scene_flow(own, &s, "spherical-ift", "gaussian:0.7");
  assert_status(IFT_OK, ift_flow_step(flow, 1));
  m.calls = 0;
  for (int64_t i = 0; i < ift_option_count(); i++) {
    char text[64];
    if (strcmp(ift_option_noun(i), "flow") != 0 || strcmp(ift_option_name(i), "gap") == 0) continue;
    assert_status(IFT_OK, ift_flow_get_text(flow, ift_option_name(i), text, sizeof text));
    if (strcmp(ift_option_access(i), "option") == 0)
      assert_status(IFT_OK, ift_flow_set_text(flow, ift_option_name(i), text));
  }
  assert_status(IFT_ERR_OPTION, ift_flow_set_text(flow, "tua", "1")); /* nor do errors */
  assert_int_equal(m.calls, 0);
  ift_flow_destroy(flow);
  ift_context_destroy(own);
  assert_int_equal(m.live, 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_initial_measure_is_copied), cmocka_unit_test(test_borrowed_measure),
      cmocka_unit_test(test_handles_in_any_order),      cmocka_unit_test(test_creation),
      cmocka_unit_test(test_creation_with_overflow),    cmocka_unit_test(test_steps_do_not_allocate),
      cmocka_unit_test(test_reading_does_not_allocate),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
