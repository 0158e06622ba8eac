/* Rejuvenation: where dead particles are put, when, and that nothing but their places changes. */
#include "scene.h"
#include "support/guest.h"

static ift_context *context;
static const formula gaussian = {"gaussian", "gaussian:0.7", 0.7, 0, false, false, true};

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

/* Half of the particles dead from the start, eta 0: they stay dead, and only rejuvenation puts them elsewhere. */
static scene half_dead(uint64_t seed) {
  scene s = make_scene(seed, 1, 1);
  double sum = 0;
  for (int i = 0; i < N; i++) sum += i % 2 ? 0 : s.a[i];
  for (int i = 0; i < N; i++) s.a[i] = i % 2 ? 0 : s.a[i] / sum;
  return s;
}

static ift_flow *still_flow(const scene *s, const char *geometry, const char *where, int64_t every) {
  ift_flow *flow = scene_flow(context, s, geometry, "gaussian:0.7");
  flow_set(flow, "rejuvenate", where);
  assert_status(IFT_OK, ift_flow_set_int(flow, "rejuvenate_every", every));
  flow_set(flow, "eta", "0");
  if (strcmp(geometry, "spherical-ift") == 0) flow_set(flow, "tau", "0");
  return flow;
}

static int sample_at(const scene *s, const double *point) {
  for (int j = 0; j < M; j++)
    if (memcmp(s->y + j * D, point, D * sizeof *point) == 0) return j;
  return -1;
}

static void test_target(void **state) {
  (void)state;
  static const char *const geometries[] = {"spherical-mmd", "spherical-ift"};
  for (int g = 0; g < 2; g++) {
    const scene s = half_dead(1);
    ift_flow *flow = still_flow(&s, geometries[g], "target", 3);
    const snapshot before = snap(flow);
    for (int k = 1; k <= 7; k++) {
      double x[N * D];
      memcpy(x, ift_measure_positions(ift_flow_measure(flow)), sizeof x);
      assert_status(IFT_OK, ift_flow_step(flow, 1));
      const double *now = ift_measure_positions(ift_flow_measure(flow));
      for (int i = 0; i < N; i++) {
        const bool same = memcmp(x + i * D, now + i * D, D * sizeof *x) == 0;
        assert_true(same || (i % 2 && k % 3 == 0)); /* the living never, the dead every third step */
        if (i % 2 && k >= 3) assert_true(sample_at(&s, now + i * D) >= 0);
      }
      if (k % 3 == 0) assert_memory_not_equal(x, now, sizeof x);
      assert_true(flow_real(flow, "energy") == before.energy);
      assert_memory_equal(ift_measure_weights(ift_flow_measure(flow)), s.a, sizeof s.a);
    }
    ift_flow_destroy(flow);
  }
}

/* `insert` takes the minimum of g over the target's points first; where g is nowhere below its mean, it leaves them. */
static void test_insert(void **state) {
  (void)state;
  for (uint64_t seed = 2; seed < 12; seed++) {
    const scene s = half_dead(seed);
    ift_flow *flow = still_flow(&s, "spherical-mmd", "insert", 1);
    int lowest = 0;
    double least = INFINITY;
    for (int j = 0; j < M; j++) {
      const double g = scene_g(&s, &gaussian, false, s.y + j * D, s.x, s.a);
      if (g < least) least = g, lowest = j;
    }
    assert_status(IFT_OK, ift_flow_step(flow, 1));
    const double *x = ift_measure_positions(ift_flow_measure(flow));
    assert_memory_equal(x + D, s.y + lowest * D, D * sizeof *x); /* the first dead one */
    int moved = 0;
    for (int i = 1; i < N; i += 2) moved += memcmp(x + i * D, s.x + i * D, D * sizeof *x) != 0;
    assert_true(moved >= 2);
    for (int i = 1; i < N; i += 2) /* no two at one place */
      for (int k = 1; k < i; k += 2) assert_memory_not_equal(x + i * D, x + k * D, D * sizeof *x);
    ift_flow_destroy(flow);
  }
}

static void test_nothing_to_insert(void **state) {
  (void)state;
  /* the target's own points and weights, and dead particles elsewhere: g = 0 on all candidates */
  scene s = half_dead(20);
  double x[(M + 2) * D], a[M + 2];
  memcpy(x, s.y, sizeof s.y);
  memcpy(a, s.w, sizeof s.w);
  for (int i = M; i < M + 2; i++) a[i] = 0, x[i * D] = 100 + i, x[i * D + 1] = -50;
  ift_energy *energy = make_energy(context, "gaussian:0.7", s.y, M, D, s.w);
  ift_flow *flow = make_flow(context, "spherical-mmd", energy, x, M + 2, D, a);
  flow_set(flow, "eta", "0");
  flow_set(flow, "rejuvenate", "insert");
  flow_set(flow, "rejuvenate_every", "1");
  assert_status(IFT_OK, ift_flow_step(flow, 1));
  assert_true(flow_real(flow, "energy") < 1e-15);
  ift_flow_destroy(flow);
  ift_energy_destroy(energy);
}

/* What it is for: the exact reaction starves transport, re-placed particles feed it. */
static void test_it_helps(void **state) {
  (void)state;
  const scene s = make_scene(30, 1, 1);
  double energies[3];
  static const char *const places[] = {"none", "target", "insert"};
  for (int p = 0; p < 3; p++) {
    ift_flow *flow = scene_flow(context, &s, "spherical-mmd", "gaussian:0.7");
    flow_set(flow, "eta", "50");
    flow_set(flow, "rejuvenate", places[p]);
    flow_set(flow, "rejuvenate_every", "1");
    assert_status(IFT_OK, ift_flow_step(flow, 60));
    energies[p] = flow_real(flow, "energy");
    ift_flow_destroy(flow);
  }
  assert_true(energies[1] < 0.8 * energies[0]); /* until all are alive, wherever that is */
  assert_true(energies[2] < energies[0] / 5);
}

/* Equal seeds give equal bits, others other places; setting the seed starts the stream again. */
static void test_seeds(void **state) {
  (void)state;
  const scene s = half_dead(40);
  snapshot results[5];
  for (int k = 0; k < 5; k++) {
    assert_status(IFT_OK, ift_context_set_seed(context, k == 3 ? 9 : 0));
    ift_flow *flow = still_flow(&s, "spherical-mmd", "target", 1);
    if (k == 2) assert_status(IFT_OK, ift_flow_set_int(flow, "seed", 9));
    if (k == 4) {
      assert_status(IFT_OK, ift_flow_step(flow, 2)); /* spends some numbers */
      assert_status(IFT_OK, ift_flow_set_int(flow, "seed", 9));
    }
    assert_status(IFT_OK, ift_flow_step(flow, 3));
    results[k] = snap(flow);
    ift_flow_destroy(flow);
  }
  assert_status(IFT_OK, ift_context_set_seed(context, 0));
  assert_memory_equal(results[0].x, results[1].x, sizeof results[0].x);
  assert_memory_not_equal(results[0].x, results[2].x, sizeof results[0].x);
  assert_memory_equal(results[2].x, results[3].x, sizeof results[0].x);
  assert_memory_equal(results[2].x, results[4].x, sizeof results[0].x);
}

static ift_flow *guest_flow(const scene *s, guest *g, const char *where) {
  ift_kernel *kernel = guest_kernel(context, g);
  ift_target *target = make_samples(context, s->y, M, D, s->w);
  ift_energy *energy;
  assert_status(IFT_OK, ift_energy_mmd(context, &energy, kernel, target));
  ift_flow *flow = make_flow(context, "spherical-ift", energy, s->x, N, D, s->a);
  flow_set(flow, "rejuvenate", where);
  flow_set(flow, "rejuvenate_every", "1");
  flow_set(flow, "eta", "0");
  ift_energy_destroy(energy);
  ift_target_destroy(target);
  ift_kernel_destroy(kernel);
  return flow;
}

/* A step that fails, before its draws or after them, gives the random numbers back: whichever call of the kernel's
 * callback is the one that fails, the flow goes on as one that never did. */
static void test_a_failed_step_spends_nothing(void **state) {
  (void)state;
  static const char *const places[] = {"target", "insert"};
  const scene s = half_dead(50);
  for (int p = 0; p < 2; p++) {
    guest calm = {0}, moody = {0};
    ift_flow *twin = guest_flow(&s, &calm, places[p]), *flow = guest_flow(&s, &moody, places[p]);
    assert_status(IFT_OK, ift_flow_step(twin, 3));
    assert_status(IFT_OK, ift_flow_step(flow, 1));
    int64_t at = 1;
    for (;; at++) {
      moody.calls = 0;
      moody.act_at = at;
      moody.answer = -1;
      const snapshot before = snap(flow);
      const ift_status status = ift_flow_step(flow, 1);
      if (moody.calls < at) break;
      assert_status(IFT_ERR_CALLBACK, status);
      assert_same_state(before, snap(flow));
    }
    assert_true(at > 4); /* before the draws and after them */
    moody.act_at = 0;
    assert_status(IFT_OK, ift_flow_step(flow, 1));
    assert_same_state(snap(twin), snap(flow));
    ift_flow_destroy(flow);
    ift_flow_destroy(twin);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_target),
      cmocka_unit_test(test_insert),
      cmocka_unit_test(test_nothing_to_insert),
      cmocka_unit_test(test_it_helps),
      cmocka_unit_test(test_seeds),
      cmocka_unit_test(test_a_failed_step_spends_nothing),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
