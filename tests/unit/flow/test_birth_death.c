/* Birth and death: the jumps from the flow's stream, the expected change of the population against the Fisher-Rao
 * flow, and what it does not go together with. */
#include "kl.h"
#include "support/fixture.h"

/* Equal weights. */
static scene equal_scene(uint64_t seed, double mass) {
  scene s = make_scene(seed, mass, 1);
  for (int i = 0; i < N; i++) s.a[i] = mass / N;
  return s;
}

static ift_flow *jump_flow(const scene *s, const char *geometry, const char *eta, int64_t seed) {
  ift_flow *flow = kl_flow(context, s, geometry);
  flow_set(flow, "reaction", "birth-death");
  flow_set(flow, "eta", eta);
  assert_status(IFT_OK, ift_flow_set_int(flow, "seed", seed));
  return flow;
}

/* Which particle each one is a copy of, of those at x. */
static void find_origins(const ift_flow *flow, const double *x, int *origins) {
  const particles now = particles_of(flow);
  for (int i = 0; i < N; i++) {
    int j = 0;
    while (j < N && memcmp(now.x + i * D, x + j * D, D * sizeof(double)) != 0) j++;
    assert_true(j < N); /* it is a copy of one of them, to the last bit */
    origins[i] = j;
  }
}

/* One after the other: with probability 1 - exp(-eta |L|), L = g - mean g, a particle above the mean makes way for a
 * copy of any other, and one below it takes the place of any other. */
static void test_jumps(void **state) {
  (void)state;
  static const double masses[] = {1, 2.5};
  int jumps = 0;
  for (int m = 0; m < 2; m++)
    for (int64_t seed = 0; seed < 20; seed++) {
      const scene s = equal_scene(30, masses[m]);
      ift_flow *flow = jump_flow(&s, "spherical-fisher-rao", "0.7", seed);
      ift_rng rng = flow_stream((uint64_t)seed);
      double g[N], mean = 0, squares = 0;
      int expected[N], origins[N];
      kl_variation(s.x, s.a, g);
      for (int i = 0; i < N; i++) mean += g[i] / N;
      for (int i = 0; i < N; i++) squares += s.a[i] * (g[i] - mean) * (g[i] - mean);
      for (int i = 0; i < N; i++) expected[i] = i;
      for (int i = 0; i < N; i++) {
        const double excess = g[expected[i]] - mean;
        if (!(ift_rng_uniform(&rng) < 1 - exp(-0.7 * fabs(excess)))) continue;
        int j = (int)ift_rng_below(&rng, N - 1);
        if (j >= i) j++;
        if (excess > 0)
          expected[i] = expected[j];
        else
          expected[j] = expected[i];
        jumps++;
      }
      assert_status(IFT_OK, ift_flow_step(flow, 1));
      find_origins(flow, s.x, origins);
      for (int i = 0; i < N; i++) assert_int_equal(origins[i], expected[i]);
      assert_memory_equal(particles_of(flow).a, s.a, sizeof s.a);
      assert_near(flow_real(flow, "reaction_dissipation"), squares, 1e-11, 0);
      ift_flow_destroy(flow);
    }
  assert_true(jumps > 50);
}

/* With transport: jumps among the particles where they have come to. */
static void test_after_transport(void **state) {
  (void)state;
  const scene s = equal_scene(31, 1);
  ift_flow *flow = jump_flow(&s, "spherical-wfr", "0.5", 3);
  flow_set(flow, "transport", "langevin");
  flow_set(flow, "tau", "0.1");
  ift_rng rng = flow_stream(3);
  double moved[N * D];
  int origins[N], copies = 0;
  for (int i = 0; i < N; i++) {
    double score[D];
    kl_score(s.x + i * D, score);
    for (int l = 0; l < D; l++)
      moved[i * D + l] = s.x[i * D + l] + 0.1 * score[l] + sqrt(2 * 0.1) * ift_rng_normal(&rng);
  }
  assert_status(IFT_OK, ift_flow_step(flow, 1));
  const particles now = particles_of(flow);
  for (int i = 0; i < N; i++) {
    origins[i] = -1;
    for (int j = 0; j < N; j++)
      if (fabs(now.x[i * D] - moved[j * D]) < 1e-12 && fabs(now.x[i * D + 1] - moved[j * D + 1]) < 1e-12)
        origins[i] = j;
    assert_true(origins[i] >= 0);
    copies += origins[i] != i;
  }
  assert_true(copies > 0);
  assert_memory_equal(now.a, s.a, sizeof s.a);
  ift_flow_destroy(flow);
}

static ift_energy *energy_of(int kind, const scene *s) {
  if (kind == 0) return make_kl(context, &kl_pi, KL_BANDWIDTH);
  return make_energy(context, "3*gaussian:0.7", s->y, M, D, s->w);
}

/* The mean number of copies of particle k is 1 - eta L_k n/(n-1) to first order, where the Fisher-Rao flow gives it the
 * weight (1 - eta L_k)/n: itself it is killed or copied at the rate |L_k|, and the others choose it in return. */
static void test_expected_change(void **state) {
  (void)state;
  enum { SEEDS = 12000 };
  for (int kind = 0; kind < 2; kind++) {
    const scene s = equal_scene(32, 1);
    const double eta = 0.04;
    double sum[N] = {0}, squares[N] = {0}, largest = 0;
    ift_energy *energy = energy_of(kind, &s);
    ift_flow *reference = make_flow(context, "spherical-fisher-rao", energy, s.x, N, D, s.a);
    flow_set(reference, "step_control", "fixed");
    assert_status(IFT_OK, ift_flow_set_real(reference, "eta", eta));
    assert_status(IFT_OK, ift_flow_step(reference, 1));
    for (int64_t seed = 0; seed < SEEDS; seed++) {
      ift_flow *flow = make_flow(context, "spherical-fisher-rao", energy, s.x, N, D, s.a);
      int origins[N];
      double count[N] = {0};
      flow_set(flow, "reaction", "birth-death");
      assert_status(IFT_OK, ift_flow_set_real(flow, "eta", eta));
      assert_status(IFT_OK, ift_flow_set_int(flow, "seed", seed));
      assert_status(IFT_OK, ift_flow_step(flow, 1));
      find_origins(flow, s.x, origins);
      for (int i = 0; i < N; i++) count[origins[i]]++;
      for (int k = 0; k < N; k++) sum[k] += count[k] - 1, squares[k] += (count[k] - 1) * (count[k] - 1);
      ift_flow_destroy(flow);
    }
    const double *b = ift_measure_weights(ift_flow_measure(reference));
    for (int k = 0; k < N; k++) largest = fmax(largest, fabs(b[k] * N - 1) / eta);
    for (int k = 0; k < N; k++) {
      const double expected = (b[k] * N - 1) * N / (N - 1), error = sqrt(squares[k] / SEEDS / SEEDS);
      assert_near(sum[k] / SEEDS, expected, 0, 5 * error + 2 * eta * eta * largest * largest);
      if (fabs(b[k] * N - 1) / eta == largest) assert_true(fabs(expected) > 3 * (5 * error)); /* it can tell */
    }
    ift_flow_destroy(reference);
    ift_energy_destroy(energy);
  }
}

static void test_seeds(void **state) {
  (void)state;
  const scene s = equal_scene(33, 1);
  snapshot shots[3];
  for (int k = 0; k < 3; k++) {
    ift_flow *flow = jump_flow(&s, "spherical-wfr", "0.5", k == 2);
    flow_set(flow, "tau", "0.05");
    assert_status(IFT_OK, ift_flow_step(flow, 6));
    shots[k] = snap(flow);
    ift_flow_destroy(flow);
  }
  assert_same_state(shots[0], shots[1]);
  assert_memory_not_equal(shots[0].x, shots[2].x, sizeof shots[0].x);
}

/* One particle has no other. */
static void test_one_particle(void **state) {
  (void)state;
  const double x[D] = {3, 3};
  ift_energy *energy = make_kl(context, &kl_pi, KL_BANDWIDTH);
  ift_flow *flow = make_flow(context, "spherical-fisher-rao", energy, x, 1, D, NULL);
  flow_set(flow, "reaction", "birth-death");
  flow_set(flow, "eta", "10");
  assert_status(IFT_OK, ift_flow_step(flow, 3));
  assert_memory_equal(ift_measure_positions(ift_flow_measure(flow)), x, sizeof x);
  ift_flow_destroy(flow);
  ift_energy_destroy(energy);
}

static void test_refused(void **state) {
  (void)state;
  const scene s = equal_scene(34, 1);
  scene uneven = s;
  uneven.a[5] *= 1.001;
  ift_flow *flow = jump_flow(&uneven, "spherical-fisher-rao", "0.1", 0);
  assert_refused(context, flow, IFT_ERR_OPTION, "reaction 'birth-death' needs equal weights; weights[0] is 0.083");
  assert_message(context, "and weights[5] 0.083");
  assert_message(context, "resample first");
  ift_flow_destroy(flow);
  uneven.a[5] = 0;
  flow = jump_flow(&uneven, "spherical-wfr", "0.1", 0);
  assert_refused(context, flow, IFT_ERR_OPTION, "weights[5] 0");
  ift_flow_destroy(flow);

  static const char *const free_geometries[] = {"fisher-rao", "wfr"};
  for (int k = 0; k < 2; k++) {
    flow = jump_flow(&s, free_geometries[k], "0.1", 0);
    assert_refused(context, flow, IFT_ERR_OPTION, "reaction 'birth-death' is for geometries that keep the mass");
    ift_flow_destroy(flow);
  }
  flow = jump_flow(&s, "spherical-wfr", "0.1", 0);
  flow_set(flow, "splitting", "strang");
  assert_refused(context, flow, IFT_ERR_OPTION, "and for splitting 'lie'");
  flow_set(flow, "splitting", "lie");
  flow_set(flow, "step_control", "monotone");
  assert_refused(context, flow, IFT_ERR_OPTION, "step_control is 'monotone'");
  flow_set(flow, "step_control", "auto");
  flow_set(flow, "center", "old");
  assert_refused(context, flow, IFT_ERR_OPTION, "center is 'old', which reaction 'birth-death' does not know");
  flow_set(flow, "center", "new");
  assert_status(IFT_OK, ift_flow_step(flow, 1));
  ift_flow_destroy(flow);

  flow = kl_flow(context, &s, "spherical-ift");
  assert_status(IFT_ERR_OPTION, ift_flow_set_text(flow, "reaction", "birth-death"));
  assert_message(context, "which geometry 'spherical-ift' has not");
  ift_flow_destroy(flow);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_jumps), cmocka_unit_test(test_after_transport), cmocka_unit_test(test_expected_change),
      cmocka_unit_test(test_seeds), cmocka_unit_test(test_one_particle),    cmocka_unit_test(test_refused),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
