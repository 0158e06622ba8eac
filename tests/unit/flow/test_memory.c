/* Who owns what: the borrowed measure, handles in any order, two contexts. */
#include "scene.h"
#include "support/memory.h"
#include "support/fixture.h"

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

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_initial_measure_is_copied), cmocka_unit_test(test_borrowed_measure),
      cmocka_unit_test(test_handles_in_any_order),      cmocka_unit_test(test_creation),
      cmocka_unit_test(test_creation_with_overflow),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
