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

/* A measure on its way through the insertions, of which the kernel is known by its formula. */
typedef struct mixture {
  const scene *s;
  const formula *f;
  bool anchored;
  int64_t n;
  double x[2 * N * D], a[2 * N];
} mixture;

static double interaction(const mixture *mu, const double *point) {
  return scene_interaction(mu->s, mu->f, mu->anchored, point, mu->x, mu->a, mu->n);
}

static double external(const mixture *mu, const double *point) {
  return scene_external(mu->s, mu->f, mu->anchored, point);
}

/* What 1/2 MMD^2 of t mu + w delta_z is, but for a constant. */
static double energy_of(const mixture *mu, double t, double w, const double *z) {
  double f =
      w * w * scene_kernel(mu->s, mu->f, mu->anchored, z, z) / 2 - w * external(mu, z) + t * w * interaction(mu, z);
  for (int64_t i = 0; i < mu->n; i++) {
    const double *x = mu->x + i * D;
    f += t * mu->a[i] * (t * interaction(mu, x) / 2 - external(mu, x));
  }
  return f;
}

/* Mass at z in the best proportion: of the same mass as before, or such that both derivatives are 0. */
static void mix(mixture *mu, const double *z, bool mass_kept) {
  double t, w;
  if (mass_kept) { /* F at 0, 1/2 and 1 of the way to m delta_z */
    const double m = mu->s->mass, f0 = energy_of(mu, 1, 0, z), half = energy_of(mu, 0.5, m / 2, z);
    const double f1 = energy_of(mu, 0, m, z), curvature = 4 * (f0 - 2 * half + f1), slope = 4 * half - 3 * f0 - f1;
    const double part = fmin(-slope / curvature, 1);
    t = 1 - part, w = part * m;
  } else {
    const double p = interaction(mu, z), k = scene_kernel(mu->s, mu->f, mu->anchored, z, z), c = external(mu, z);
    double square = 0, linear = 0;
    for (int64_t i = 0; i < mu->n; i++) {
      square += mu->a[i] * interaction(mu, mu->x + i * D);
      linear += mu->a[i] * external(mu, mu->x + i * D);
    }
    t = (linear * k - c * p) / (square * k - p * p);
    w = (square * c - linear * p) / (square * k - p * p);
  }
  for (int64_t i = 0; i < mu->n; i++) mu->a[i] *= t;
  memcpy(mu->x + mu->n * D, z, D * sizeof *z);
  mu->a[mu->n++] = w;
}

/* The target point with the lowest g that is not yet taken; -1 where mass there would not lower F. */
static int lowest(const mixture *mu, const bool *taken, bool mass_kept) {
  int best = -1;
  double least = 0, scale = 0, linear = 0;
  for (int64_t i = 0; i < mu->n; i++) { /* where mass is free, of the measure at its best scale */
    scale += mu->a[i] * interaction(mu, mu->x + i * D);
    linear += mu->a[i] * external(mu, mu->x + i * D);
  }
  if (mass_kept) least = (scale - linear) / mu->s->mass;
  for (int j = 0; j < M; j++) {
    const double *y = mu->s->y + j * D;
    const double g = (mass_kept ? 1 : linear / scale) * interaction(mu, y) - external(mu, y);
    if (!taken[j] && g < least) least = g, best = j;
  }
  return best;
}

/* `insert` takes the minimum of g over the target's points, mixes it into the measure as is best, and looks again. */
static void test_insert(void **state) {
  (void)state;
  static const formula riesz = {"riesz", "riesz:1.5", 1.5, 0, true, false, true};
  int placed = 0;
  for (uint64_t seed = 2; seed < 12; seed++)
    for (int which = 0; which < 4; which++) {
      const scene s = half_dead(seed);
      const bool mass_kept = which % 2 == 0;
      mixture mu = {&s, which < 2 ? &gaussian : &riesz, which == 3, N, {0}, {0}};
      memcpy(mu.x, s.x, sizeof s.x);
      memcpy(mu.a, s.a, sizeof s.a);
      ift_energy *energy = make_energy(context, mu.f->spec, s.y, M, D, s.w);
      ift_flow *flow = make_flow(context, mass_kept ? "spherical-mmd" : "mmd", energy, s.x, N, D, s.a);
      flow_set(flow, "rejuvenate", "insert");
      flow_set(flow, "rejuvenate_every", "1");
      flow_set(flow, "eta", "0");
      assert_status(IFT_OK, ift_flow_step(flow, 1));
      const double *x = ift_measure_positions(ift_flow_measure(flow));
      bool taken[M] = {false};
      for (int i = 1; i < N; i += 2) {
        const int j = lowest(&mu, taken, mass_kept);
        assert_memory_equal(x + i * D, j < 0 ? s.x + i * D : s.y + j * D, D * sizeof *x);
        if (j < 0) continue;
        placed++;
        taken[j] = true;
        mix(&mu, s.y + j * D, mass_kept);
      }
      ift_flow_destroy(flow);
      ift_energy_destroy(energy);
    }
  assert_true(placed > 200);
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

/* Weights that are best for their points leave a step nothing but rounding to gain, and one that would raise the energy
 * by that stalls. It is tried again with the dead elsewhere; if that is no help, nothing has happened. */
static void test_a_stall_looks_elsewhere(void **state) {
  (void)state;
  int helped = 0;
  for (uint64_t seed = 60; seed < 100; seed++) {
    const scene s = make_scene(seed, 1, 1);
    ift_flow *flow = scene_flow(context, &s, seed % 2 ? "mmd" : "spherical-mmd", "gaussian:0.7");
    flow_set(flow, "rejuvenate", "insert");
    flow_set(flow, "rejuvenate_every", "1000000");
    for (int k = 0; k < 60; k++) {
      const snapshot before = snap(flow);
      const ift_status status = ift_flow_step(flow, 1);
      const snapshot after = snap(flow);
      if (status == IFT_STALLED) {
        assert_same_state(before, after);
        break;
      }
      assert_status(IFT_OK, status);
      assert_true(after.energy <= before.energy);
      for (int i = 0; i < N; i++)
        if (before.a[i] > 0) assert_memory_equal(before.x + i * D, after.x + i * D, D * sizeof(double));
      helped += memcmp(before.x, after.x, sizeof before.x) != 0; /* no transport in these geometries */
    }
    ift_flow_destroy(flow);
  }
  assert_true(helped > 0);
}

/* eta on auto does not wait for transport where dead particles are put to use. */
static void test_eta(void **state) {
  (void)state;
  const scene s = make_scene(55, 1, 1);
  static const struct {
    const char *rejuvenate, *batch;
    double eta;
  } cases[] = {{"insert", "0", 1}, {"target", "0", 1}, {"insert", "10", 0.1}, {"target", "10", 0.1}};
  for (int k = 0; k < 4; k++) {
    ift_flow *flow = scene_flow(context, &s, "spherical-ift", "gaussian:0.7");
    assert_true(flow_real(flow, "eta") < 0.01);
    flow_set(flow, "rejuvenate", cases[k].rejuvenate);
    flow_set(flow, "batch", cases[k].batch);
    assert_true(flow_real(flow, "eta") == cases[k].eta);
    ift_flow_destroy(flow);
  }
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
      cmocka_unit_test(test_a_stall_looks_elsewhere),
      cmocka_unit_test(test_eta),
      cmocka_unit_test(test_seeds),
      cmocka_unit_test(test_a_failed_step_spends_nothing),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
