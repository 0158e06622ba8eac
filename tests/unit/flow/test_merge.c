/* Particles that come together become one: what of them is kept, when not, and what is left alone. */
#include "scene.h"
#include "support/fixture.h"

static ift_flow *flow_of(const char *geometry, const char *kernel, const scene *s, const double *x, int64_t n,
                         const double *a) {
  ift_energy *energy = make_energy(context, kernel, s->y, M, D, s->w);
  ift_flow *flow = make_flow(context, geometry, energy, x, n, D, a);
  ift_energy_destroy(energy);
  return flow;
}

/* A step that moves nothing, whatever the energy would be. */
static void hold(ift_flow *flow, const char *geometry, const char *merge) {
  flow_set(flow, "merge", merge);
  flow_set(flow, "step_control", "fixed");
  flow_set(flow, "eta", "0");
  if (strstr(geometry, "ift")) flow_set(flow, "tau", "0");
}

/* Particles split in halves are whole again, to the last bit; for every kernel, for merging knows distances alone. */
static void test_halves(void **state) {
  (void)state;
  static const char *const kernels[] = {"gaussian:0.7", "laplace:1", "riesz:1.5", "energy", "linear", "polynomial:1,2"};
  static const char *const geometries[] = {"spherical-mmd", "ift", "spherical-ift"};
  for (int k = 0; k < 6; k++)
    for (int g = 0; g < 3; g++) {
      const scene s = make_scene(1, 1, 1);
      double x[2 * N * D], a[2 * N];
      for (int i = 0; i < 2 * N; i++) {
        memcpy(x + i * D, s.x + i % N * D, D * sizeof *x);
        a[i] = s.a[i % N] / 2;
      }
      ift_flow *flow = flow_of(geometries[g], kernels[k], &s, x, 2 * N, a);
      hold(flow, geometries[g], "1e-12");
      assert_status(IFT_OK, ift_flow_step(flow, 1));
      assert_int_equal(flow_int(flow, "alive"), N);
      assert_memory_equal(ift_measure_positions(ift_flow_measure(flow)), s.x, sizeof s.x);
      assert_memory_equal(ift_measure_weights(ift_flow_measure(flow)), s.a, sizeof s.a);
      for (int i = N; i < 2 * N; i++) assert_true(ift_measure_weights(ift_flow_measure(flow))[i] == 0);
      ift_flow_destroy(flow);
    }
}

/* As ift_measure_merge would have it, but that all particles are still there. */
static void test_as_measures_do(void **state) {
  (void)state;
  for (uint64_t seed = 2; seed < 12; seed++) {
    const scene s = make_scene(seed, 1, 1);
    ift_measure *initial = make_measure(context, s.x, N, D, s.a), *merged;
    assert_status(IFT_OK, ift_measure_merge(initial, &merged, 0.7));
    ift_flow *flow = flow_of("spherical-ift", "gaussian:0.7", &s, s.x, N, s.a);
    hold(flow, "spherical-ift", "0.7");
    assert_status(IFT_OK, ift_flow_step(flow, 1));
    const double *x = ift_measure_positions(ift_flow_measure(flow)), *a = ift_measure_weights(ift_flow_measure(flow));
    int64_t living = 0;
    for (int i = 0; i < N; i++) {
      if (!(a[i] > 0)) continue;
      assert_true(a[i] == ift_measure_weights(merged)[living]);
      assert_memory_equal(x + i * D, ift_measure_positions(merged) + living * D, D * sizeof *x);
      living++;
    }
    assert_int_equal(living, ift_measure_size(merged));
    assert_true(living < N);
    assert_near(flow_real(flow, "mass"), 1, 1e-15, 0);
    ift_flow_destroy(flow);
    ift_measure_destroy(merged);
    ift_measure_destroy(initial);
  }
}

/* Two clusters that are far apart stay two, wherever they are; dead particles are in nobody's way and stay where they are. */
static void test_clusters(void **state) {
  (void)state;
  const scene s = make_scene(20, 1, 1);
  const double x[12] = {0, 0, 1e6, 1e6, 1e6, 1e6, 1e6, 1e6 + 1e-3, 0, 0, 1e-3, 0};
  const double a[6] = {0, 0, 0.1, 0.3, 0.2, 0.4};
  ift_flow *flow = flow_of("spherical-mmd", "gaussian:0.7", &s, x, 6, a);
  hold(flow, "spherical-mmd", "0.01");
  assert_status(IFT_OK, ift_flow_step(flow, 1));
  const double *now = ift_measure_positions(ift_flow_measure(flow)), *b = ift_measure_weights(ift_flow_measure(flow));
  const double merged[6] = {0, 0, 0.4, 0, 0.6, 0};
  for (int i = 0; i < 6; i++) assert_near(b[i], merged[i], 0, 1.2e-16);
  assert_near(now[4], 1e6, 0, 0);
  assert_near(now[5], 1e6 + 0.75e-3, 0, 1e-9);
  assert_near(now[8], 0.4 / 0.6 * 1e-3, 0, 1e-18);
  assert_memory_equal(now, x, 4 * sizeof *x);
  flow_set(flow, "merge", "0"); /* and then never */
  assert_status(IFT_OK, ift_flow_step(flow, 3));
  assert_int_equal(flow_int(flow, "alive"), 2);
  ift_flow_destroy(flow);
}

/* Under monotone control all of a step, merging included, does not raise the energy: a step that gains nothing merges
 * nothing unless that gains something. */
static void test_what_costs_is_not_done(void **state) {
  (void)state;
  int kept = 0, merged = 0;
  for (uint64_t seed = 30; seed < 50; seed++) {
    scene s = make_scene(seed, 1, 1);
    for (int i = 0; i < N && seed % 2; i++) { /* pairs around target points, which these need; the rest is far off */
      s.a[i] = i < N - 2 ? s.w[i / 2] / 2 : 0;
      for (int l = 0; l < D; l++) s.x[i * D + l] = i < N - 2 ? s.y[i / 2 * D + l] + (i % 2 ? 0.1 : -0.1) : 50 * i;
    }
    for (int i = 0; i < N - 2 && seed % 2; i++) s.a[N - 1] += s.a[i];
    if (seed % 2) s.a[N - 1] = 1 - s.a[N - 1];
    ift_flow *flow = flow_of("spherical-ift", "gaussian:0.2", &s, s.x, N, s.a);
    flow_set(flow, "merge", "0.4");
    flow_set(flow, "tau", "0");
    flow_set(flow, "eta", "0");
    const int64_t living = flow_int(flow, "alive");
    const snapshot before = snap(flow);
    assert_status(IFT_OK, ift_flow_step(flow, 1));
    const snapshot after = snap(flow);
    assert_true(after.energy <= before.energy);
    const bool same =
        memcmp(before.x, after.x, sizeof before.x) == 0 && memcmp(before.a, after.a, sizeof before.a) == 0;
    assert_true(same == (flow_int(flow, "alive") == living));
    if (same) assert_true(after.energy == before.energy);
    ift_flow *bold = flow_of("spherical-ift", "gaussian:0.2", &s, s.x, N, s.a);
    hold(bold, "spherical-ift", "0.4");
    assert_status(IFT_OK, ift_flow_step(bold, 1));
    const bool rises = flow_real(bold, "energy") > before.energy;
    assert_true(rises == same || flow_int(bold, "alive") == living);
    ++*(same ? &kept : &merged);
    ift_flow_destroy(bold);
    ift_flow_destroy(flow);
  }
  assert_true(kept > 2 && merged > 2);
}

/* Whole runs, of particles that all start at nearly one place: the energy falls, the mass stays, and merged particles are put
 * to use. Chance, which has no monotone steps, merges too. */
static void test_runs(void **state) {
  (void)state;
  static const char *const runs[][2] = {
      {"spherical-ift", "rejuvenate=insert"},  {"ift", "rejuvenate=insert reaction=gradient"},
      {"spherical-ift", "rejuvenate=none"},    {"projected-mmd", "rejuvenate=target"},
      {"spherical-ift", "splitting=strang"},   {"spherical-ift", "noise=0.1 eta=0.001"},
      {"spherical-mmd", "batch=10 eta=0.001"}, {"spherical-ift", "step_control=fixed eta=0.01"}};
  for (int r = 0; r < 8; r++) {
    scene s = make_scene(60, 1, 1);
    for (int k = 0; k < N * D; k++) s.x[k] = 0.05 * s.x[k];
    ift_flow *flow = flow_of(runs[r][0], "gaussian:0.7", &s, s.x, N, s.a);
    const bool monotone = r < 5, mass_kept = strcmp(runs[r][0], "ift") != 0;
    int64_t fewest = N;
    assert_true(flow_takes(flow, runs[r][1]));
    flow_set(flow, "merge", "0.05");
    double before = flow_real(flow, "energy");
    for (int k = 0; k < 40; k++) {
      assert_status(IFT_OK, ift_flow_step(flow, 1));
      const double after = flow_real(flow, "energy");
      assert_true(!monotone || after <= before);
      before = after;
      if (mass_kept) assert_near(flow_real(flow, "mass"), 1, 1e-15 * N, 0);
      if (flow_int(flow, "alive") < fewest) fewest = flow_int(flow, "alive");
    }
    assert_true(fewest < N);
    if (r == 0) assert_true(flow_int(flow, "alive") > fewest);
    ift_flow_destroy(flow);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_halves),   cmocka_unit_test(test_as_measures_do),
      cmocka_unit_test(test_clusters), cmocka_unit_test(test_what_costs_is_not_done),
      cmocka_unit_test(test_runs),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
