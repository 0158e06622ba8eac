/* Custom kernels that fail, stop or break in the middle of a step of any mode: the flow is as it was, random stream
 * included, and goes on like one that nothing happened to. */
#include "scene.h"
#include "support/guest.h"
#include "support/fixture.h"

static const struct {
  const char *geometry, *options;
} modes[] = {
    {"wasserstein", "transport=heun"},
    {"wasserstein", "transport=implicit tau=1"},
    {"wasserstein", "noise=0.2"},
    {"wasserstein", "noise=0.2 noise_at=both batch=5"},
    {"wasserstein", "preset=published noise=0.1"},
    {"spherical-mmd", "reaction=linearized regularization=0.1"},
    {"mmd", "reaction=positive regularization=0.1"},
    {"mmd", "splitting=strang batch=4"},
    {"fisher-rao", "reaction=projected batch=3"},
    {"ift", "transport=heun splitting=strang"},
    {"ift", "transport=implicit reaction=positive regularization=0.2 splitting=strang batch=6"},
    {"spherical-ift", "transport=implicit splitting=strang center=old"},
    {"spherical-ift", "splitting=strang rejuvenate=insert rejuvenate_every=1 eta=20"},
    {"spherical-ift", "noise=0.1 batch=6 rejuvenate=target rejuvenate_every=1 eta=20"},
    {"spherical-ift", "batch=6 rejuvenate=insert rejuvenate_every=1 eta=20"},
    {"spherical-ift", "merge=0.5 rejuvenate=insert"},
    {"mmd", "merge=0.5 step_control=fixed"},
    {"spherical-ift", "preset=published"},
    {"spherical-ift", "time_step=0.05 alpha=2 beta=3 reaction=implicit"},
    {"wfr", "splitting=strang center=old noise=0.1"},
    {"wfr", "reaction=hellinger transport=euclidean batch=9"},
    {"spherical-wfr", "preset=published noise=0.1"},
};
enum { MODES = sizeof modes / sizeof modes[0] };

typedef struct watched {
  guest g;
  ift_flow *flow;
} watched;

static void open_flow(watched *w, const scene *s, int mode) {
  memset(w, 0, sizeof *w);
  ift_kernel *kernel = guest_kernel(context, &w->g);
  ift_target *target = make_samples(context, s->y, M, D, s->w);
  ift_energy *energy;
  assert_status(IFT_OK, ift_energy_mmd(context, &energy, kernel, target));
  w->flow = make_flow(context, modes[mode].geometry, energy, s->x, N, D, s->a);
  assert_true(flow_takes(w->flow, modes[mode].options));
  ift_energy_destroy(energy);
  ift_kernel_destroy(kernel);
  ift_target_destroy(target);
}

static void close_flow(watched *w) {
  ift_flow_destroy(w->flow);
  assert_int_equal(w->g.destroyed, 1);
}

/* What happens at call `at`: 0 fails, 1 stops, 2 gives no numbers. false: there was no such call. The rate observed in the
 * last step is lost with the state before it. */
static bool disturb(watched *w, int64_t at, int how) {
  char before[4000], after[4000];
  const snapshot was = snap(w->flow);
  read_all(w->flow, "decay_rate", before, sizeof before);
  w->g.calls = 0;
  w->g.act_at = at;
  w->g.answer = how == 0 ? -3 : how == 1 ? 5 : 0;
  w->g.no_number = how == 2;
  const ift_status status = ift_flow_step(w->flow, 1);
  const bool reached = w->g.calls >= at;
  w->g.act_at = 0;
  w->g.no_number = false;
  if (!reached) {
    assert_status(IFT_OK, status);
    return false;
  }
  assert_status(how == 0 ? IFT_ERR_CALLBACK : how == 1 ? IFT_STOPPED : IFT_ERR_NOT_FINITE, status);
  assert_same_state(was, snap(w->flow));
  read_all(w->flow, "decay_rate", after, sizeof after);
  assert_string_equal(before, after);
  return true;
}

/* At each call of the second step (many of an implicit one are alike: then at every fifth), and as the first thing. */
static void check_mode(int mode) {
  scene s = make_scene(80, 1, 1);
  s.a[4] += s.a[3];
  s.a[3] = 0;
  watched flow, twin;
  for (int warm = 0; warm < 2; warm++)
    for (int how = 0; how < 3; how++) {
      open_flow(&flow, &s, mode);
      open_flow(&twin, &s, mode);
      if (warm) assert_status(IFT_OK, ift_flow_step(flow.flow, 1));
      if (warm) assert_status(IFT_OK, ift_flow_step(twin.flow, 1));
      int64_t at = 1;
      while (disturb(&flow, at, how)) at += at < 10 ? 1 : 5;
      assert_true(at > 1 && at < 3000);
      assert_status(IFT_OK, ift_flow_step(flow.flow, 2)); /* one was taken in the last call of `disturb` */
      assert_status(IFT_OK, ift_flow_step(twin.flow, 3));
      assert_same_state(snap(twin.flow), snap(flow.flow));
      close_flow(&flow);
      close_flow(&twin);
    }
}

static void test_every_mode(void **state) {
  (void)state;
  for (int mode = 0; mode < MODES; mode++) check_mode(mode);
}

/* A step that ends in an error in the middle of a run keeps those before it. */
static void test_middle_of_a_run(void **state) {
  (void)state;
  const scene s = make_scene(81, 1, 1);
  for (int mode = 0; mode < MODES; mode++) {
    watched flow, twin;
    open_flow(&flow, &s, mode);
    open_flow(&twin, &s, mode);
    assert_status(IFT_OK, ift_flow_step(flow.flow, 1));
    assert_status(IFT_OK, ift_flow_step(twin.flow, 1));
    twin.g.calls = 0;
    assert_status(IFT_OK, ift_flow_step(twin.flow, 2));
    flow.g.calls = 0;
    flow.g.act_at = twin.g.calls + 1; /* the first call of the third */
    flow.g.answer = -1;
    assert_status(IFT_ERR_CALLBACK, ift_flow_step(flow.flow, 9));
    flow.g.act_at = 0;
    assert_same_state(snap(twin.flow), snap(flow.flow));
    close_flow(&flow);
    close_flow(&twin);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_every_mode),
      cmocka_unit_test(test_middle_of_a_run),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
