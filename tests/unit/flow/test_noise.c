/* Noise: the velocities at noisy points by the formula, with the same random numbers; when it is on and how loud. */
#include "model.h"
#include "support/fixture.h"

static ift_rng stream(uint64_t seed) {
  ift_rng rng;
  ift_rng_init(&rng, seed, IFT_STREAM_FLOW);
  return rng;
}

/* x_i - tau v(x_i + level U_i), or tau a_i for tau; `speed` is sum a_i |v_i|^2, or of a_i^2. */
static void noisy_move(const model *p, const particles *from, double tau, double level, bool both, bool euclidean,
                       ift_rng *rng, double *moved, double *speed) {
  double at[N * D];
  for (int k = 0; k < N * D; k++) at[k] = from->x[k] + level * ift_rng_normal(rng);
  *speed = 0;
  for (int i = 0; i < N; i++) {
    double v[D];
    const double share = euclidean ? from->a[i] : 1;
    model_v(p, v, at + i * D, both ? at : from->x, from->a);
    for (int l = 0; l < D; l++) moved[i * D + l] = from->x[i * D + l] - tau * share * v[l];
    for (int l = 0; l < D; l++) *speed += share * from->a[i] * v[l] * v[l];
  }
}

static void check_moves(const scene *s, const formula *f, const char *transport, const char *place) {
  const bool anchored = f->conditional && s->mass != s->target_mass;
  const model p = scene_model(s, f, anchored);
  ift_flow *flow = fixed_flow(context, s, "wasserstein", f, "0.3", NULL);
  flow_set(flow, "transport", transport);
  flow_set(flow, "noise", "0.4");
  flow_set(flow, "noise_at", place);
  assert_status(IFT_OK, ift_flow_set_int(flow, "seed", 11));
  ift_rng rng = stream(11);
  for (int k = 0; k < 3; k++) {
    const particles before = particles_of(flow);
    double moved[N * D], speed;
    noisy_move(&p, &before, 0.3, 0.4, !strcmp(place, "both"), !strcmp(transport, "euclidean"), &rng, moved, &speed);
    assert_status(IFT_OK, ift_flow_step(flow, 1));
    check_positions(flow, moved, 1e-13);
    assert_near(flow_real(flow, "transport_dissipation"), speed, 1e-12, 0);
    /* `explicit` moves the dead one too, `euclidean` does not */
    assert_true((memcmp(before.x + 3 * D, particles_of(flow).x + 3 * D, D * sizeof(double)) == 0) ==
                !strcmp(transport, "euclidean"));
  }
  ift_flow_destroy(flow);
}

static void test_moves(void **state) {
  (void)state;
  static const char *const transports[] = {"explicit", "euclidean"}, *const places[] = {"evaluation", "both"};
  const formula *const kernels[] = {&gaussian, &riesz, &laplace};
  for (int k = 0; k < 3; k++)
    for (int mass = 1; mass <= 2; mass++)
      for (int t = 0; t < 2; t++)
        for (int b = 0; b < 2; b++) {
          scene s = make_scene(10, mass, 1);
          s.a[4] += s.a[3];
          s.a[3] = 0;
          check_moves(&s, kernels[k], transports[t], places[b]);
        }
}

/* Noise is in the velocities alone: reactions see the particles where they are. */
static void test_reactions_are_clean(void **state) {
  (void)state;
  static const char *const geometries[] = {"spherical-wfr", "wfr"};
  for (int g = 0; g < 2; g++)
    for (int old = 0; old < 2; old++) {
      const scene s = make_scene(20, 1, 1);
      const model p = scene_model(&s, &riesz, g == 1);
      ift_flow *flow = fixed_flow(context, &s, geometries[g], &riesz, "0.2", "0.4");
      flow_set(flow, "noise", "0.3");
      if (old) flow_set(flow, "center", "old");
      ift_rng rng = stream(0);
      for (int k = 0; k < 3; k++) {
        const particles before = particles_of(flow);
        double moved[N * D], gs[N], b[N], speed;
        noisy_move(&p, &before, 0.2, 0.3, false, false, &rng, moved, &speed);
        for (int i = 0; i < N; i++) gs[i] = model_g(&p, moved + i * D, old ? before.x : moved, before.a);
        mirror(before.a, gs, 0.4, g == 0, b);
        assert_status(IFT_OK, ift_flow_step(flow, 1));
        check_positions(flow, moved, 1e-13);
        check_weights(flow, b, 1e-12);
      }
      ift_flow_destroy(flow);
    }
}

/* The level of each step, from the step itself: 0, or the one of which the formula gives these positions. */
static void check_levels(const char *until, const char *halving, const double *levels, int steps) {
  const scene s = make_scene(30, 1, 1);
  const model p = scene_model(&s, &gaussian, false);
  ift_flow *flow = fixed_flow(context, &s, "wasserstein", &gaussian, "0.3", NULL);
  flow_set(flow, "noise", "0.8");
  flow_set(flow, "noise-until", until);
  flow_set(flow, "noise_halving", halving);
  ift_rng rng = stream(0);
  for (int k = 0; k < steps; k++) {
    const particles before = particles_of(flow);
    double moved[N * D], speed;
    if (levels[k] > 0)
      noisy_move(&p, &before, 0.3, levels[k], false, false, &rng, moved, &speed);
    else
      model_move(&p, &before, 0.3, moved);
    assert_status(IFT_OK, k % 2 ? ift_flow_run(flow, 1) : ift_flow_step(flow, 1));
    check_positions(flow, moved, 1e-13);
  }
  ift_flow_destroy(flow);
}

static void test_levels(void **state) {
  (void)state;
  static const double constant[6] = {0.8, 0.8, 0.8, 0.8, 0.8, 0.8}, three[6] = {0.8, 0.8, 0.8}, none[6] = {0},
                      every[6] = {0.8, 0.4, 0.2, 0.1, 0.05, 0.025}, second[6] = {0.8, 0.8, 0.4, 0.4, 0.2, 0.2},
                      both[6] = {0.8, 0.8, 0.8, 0.4, 0.4};
  check_levels("auto", "auto", constant, 6);
  check_levels("3", "auto", three, 6);
  check_levels("0", "auto", none, 6);
  check_levels("auto", "1", every, 6);
  check_levels("auto", "2", second, 6);
  check_levels("5", "3", both, 6);
  check_levels("2147483647", "2147483647", constant, 6);
}

/* What was halved out of the numbers is no noise at all. */
static void test_halved_away(void **state) {
  (void)state;
  const scene s = make_scene(31, 1, 1);
  ift_flow *flow = fixed_flow(context, &s, "wasserstein", &gaussian, "0.1", NULL);
  flow_set(flow, "noise", "0.5");
  flow_set(flow, "noise_halving", "1");
  assert_status(IFT_OK, ift_flow_step(flow, 1200));
  ift_energy *energy = make_energy(context, "gaussian:0.7", s.y, M, D, s.w);
  const particles p = particles_of(flow);
  ift_flow *plain = make_flow(context, "wasserstein", energy, p.x, N, D, p.a);
  flow_set(plain, "step_control", "fixed");
  flow_set(plain, "tau", "0.1");
  assert_status(IFT_OK, ift_flow_step(flow, 3));
  assert_status(IFT_OK, ift_flow_step(plain, 3));
  const particles one = particles_of(flow), two = particles_of(plain);
  assert_memory_equal(&one, &two, sizeof one);
  ift_flow_destroy(plain);
  ift_flow_destroy(flow);
  ift_energy_destroy(energy);
}

/* A level of 0, or a last step of 0, is the plain flow, and the rest of its options mean nothing. */
static void test_none_is_plain(void **state) {
  (void)state;
  static const char *const geometries[] = {"wasserstein", "spherical-ift", "wfr"}, *const controls[] = {"auto",
                                                                                                        "fixed"};
  const scene s = make_scene(40, 1, 1);
  for (int g = 0; g < 3; g++)
    for (int c = 0; c < 2; c++)
      for (int way = 0; way < 3; way++) {
        ift_flow *plain = scene_flow(context, &s, geometries[g], "gaussian:0.7"),
                 *flow = scene_flow(context, &s, geometries[g], "gaussian:0.7");
        flow_set(plain, "step_control", way == 2 ? "fixed" : controls[c]);
        flow_set(flow, "step_control", controls[c]);
        if (way > 0) flow_set(flow, "noise", "0.7");
        if (way < 2) flow_set(flow, "noise", "0");
        flow_set(flow, "noise_at", "both");
        flow_set(flow, "noise_halving", "2");
        if (way == 2) flow_set(flow, "noise_until", "0");
        for (int k = 0; k < 4; k++) {
          assert_status(IFT_OK, ift_flow_step(plain, 2));
          assert_status(IFT_OK, ift_flow_step(flow, 2));
          assert_same_state(snap(plain), snap(flow));
        }
        ift_flow_destroy(plain);
        ift_flow_destroy(flow);
      }
}

/* A seed fixes the run on any number of threads, in one call or in many; setting it begins again. */
enum { MANY = 400 };
static void noisy_run(uint64_t of_context, int64_t seed, int threads, bool at_once, double *out) {
  static double x[MANY * D], y[MANY * D];
  dice d = {50};
  dice_normals(&d, x, MANY * D);
  dice_normals(&d, y, MANY * D);
  assert_status(IFT_OK, ift_context_set_seed(context, of_context));
  assert_status(IFT_OK, ift_context_set_threads(context, threads));
  ift_energy *energy = make_energy(context, "gaussian:0.7", y, MANY, D, NULL);
  ift_flow *flow = make_flow(context, "wfr", energy, x, MANY, D, NULL);
  flow_set(flow, "noise", "0.2");
  flow_set(flow, "batch", "150");
  if (seed >= 0) assert_status(IFT_OK, ift_flow_set_int(flow, "seed", seed));
  for (int k = 0; k < (at_once ? 1 : 4); k++) assert_status(IFT_OK, ift_flow_step(flow, at_once ? 4 : 1));
  memcpy(out, ift_measure_positions(ift_flow_measure(flow)), MANY * D * sizeof *out);
  ift_flow_destroy(flow);
  ift_energy_destroy(energy);
  assert_status(IFT_OK, ift_context_set_seed(context, 0));
  assert_status(IFT_OK, ift_context_set_threads(context, 1));
}

static void test_seeds(void **state) {
  (void)state;
  static double first[MANY * D], again[MANY * D];
  noisy_run(0, 7, 1, true, first);
  noisy_run(0, 7, 3, true, again);
  assert_memory_equal(first, again, sizeof first);
  noisy_run(3, 7, 1, false, again);
  assert_memory_equal(first, again, sizeof first);
  noisy_run(7, -1, 1, true, again); /* auto: the context's */
  assert_memory_equal(first, again, sizeof first);
  noisy_run(0, 8, 1, true, again);
  assert_memory_not_equal(first, again, sizeof first);
}

static void test_seed_begins_again(void **state) {
  (void)state;
  const scene s = make_scene(51, 1, 1);
  const model p = scene_model(&s, &gaussian, false);
  ift_flow *flow = fixed_flow(context, &s, "wasserstein", &gaussian, "0.3", NULL);
  flow_set(flow, "noise", "0.5");
  assert_status(IFT_OK, ift_flow_step(flow, 2));
  assert_status(IFT_OK, ift_flow_set_int(flow, "seed", 9));
  ift_rng rng = stream(9);
  const particles before = particles_of(flow);
  double moved[N * D], speed;
  noisy_move(&p, &before, 0.3, 0.5, false, false, &rng, moved, &speed);
  assert_status(IFT_OK, ift_flow_step(flow, 1));
  check_positions(flow, moved, 1e-13);
  ift_flow_destroy(flow);
}

/* Noise that leaves the numbers is an error of the step, which spends no random numbers. */
static void test_overflow(void **state) {
  (void)state;
  const scene s = make_scene(60, 1, 1);
  ift_flow *flow = fixed_flow(context, &s, "wasserstein", &riesz, "0.3", NULL),
           *twin = fixed_flow(context, &s, "wasserstein", &riesz, "0.3", NULL);
  flow_set(flow, "noise", "1e308");
  flow_set(twin, "noise", "0.5");
  const snapshot before = snap(flow);
  assert_status(IFT_ERR_NOT_FINITE, ift_flow_step(flow, 1));
  assert_same_state(before, snap(flow));
  flow_set(flow, "noise", "0.5");
  assert_status(IFT_OK, ift_flow_step(flow, 3));
  assert_status(IFT_OK, ift_flow_step(twin, 3));
  assert_same_state(snap(twin), snap(flow));
  ift_flow_destroy(flow);
  ift_flow_destroy(twin);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_moves),
      cmocka_unit_test(test_reactions_are_clean),
      cmocka_unit_test(test_levels),
      cmocka_unit_test(test_halved_away),
      cmocka_unit_test(test_none_is_plain),
      cmocka_unit_test(test_seeds),
      cmocka_unit_test(test_seed_begins_again),
      cmocka_unit_test(test_overflow),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
