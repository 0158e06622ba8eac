/* Implicit transport against what it promises: a stationary point of F plus penalty, not above the start nor above
 * the explicit step, whatever the step size, with dead particles at minimizers of their own. */
#include "model.h"
#include "support/fixture.h"

static const formula matern = {"matern52", "matern52:1.1", 1.1, 0, false, false, true},
                     imq = {"imq", "imq:1.2", 1.2, 0.5, false, false, true},
                     cubic = {"polynomial", "polynomial:0.5,3", 0.5, 3, false, false, false};

/* F(x) + sum a_i |x_i - base_i|^2 / (2 tau) */
static double objective(const model *p, const double *x, const double *base, const double *a, double tau) {
  double penalty = 0;
  for (int i = 0; i < N; i++)
    for (int l = 0; l < D; l++) penalty += a[i] * pow(x[i * D + l] - base[i * D + l], 2);
  return model_energy(p, x, a) + penalty / 2 / tau;
}

/* The same for one dead particle, towards a measure that does not see it: g(x) + |x - base|^2 / (2 tau). */
static double dead_objective(const model *p, const double *point, const double *base, const particles *of, double tau) {
  double penalty = 0;
  for (int l = 0; l < D; l++) penalty += pow(point[l] - base[l], 2);
  return model_g(p, point, of->x, of->a) + penalty / 2 / tau;
}

/* |v + (x - base)/tau|^2 at a particle. */
static double residual(const model *p, const particles *now, const double *base, double tau, int i) {
  double v[D], sum = 0;
  model_v(p, v, now->x + i * D, now->x, now->a);
  for (int l = 0; l < D; l++) sum += pow(v[l] + (now->x[i * D + l] - base[i * D + l]) / tau, 2);
  return sum;
}

/* One transport step from `before` to `now`; stationarity relative to where it began. */
static void check_minimizer(const model *p, const particles *before, const particles *now, double tau) {
  double moved[N * D], left = 0, dead_left = 0, dead_start = 0;
  const double start = model_move(p, before, tau, moved), reached = objective(p, now->x, before->x, before->a, tau);
  const double noise = 1e-13;
  assert_true(reached <= objective(p, before->x, before->x, before->a, tau) + noise);
  assert_true(reached <= objective(p, moved, before->x, before->a, tau) + noise);
  particles unmoved = *now; /* the dead ones where they were, in the measure that has moved */
  for (int i = 0; i < N; i++) {
    if (before->a[i] > 0) {
      left += before->a[i] * residual(p, now, before->x, tau, i);
      continue;
    }
    memcpy(unmoved.x + i * D, before->x + i * D, D * sizeof(double));
    dead_left += residual(p, now, before->x, tau, i);
    dead_start += residual(p, &unmoved, before->x, tau, i);
    assert_true(dead_objective(p, now->x + i * D, before->x + i * D, now, tau) <=
                model_g(p, before->x + i * D, now->x, now->a) + noise);
  }
  assert_true(sqrt(left) <= 1e-7 * sqrt(start));
  assert_true(sqrt(dead_left) <= 1e-7 * sqrt(dead_start) + 1e-15);
}

static const formula *const kernels[] = {&gaussian, &matern, &imq, &cubic, &riesz};
enum { KERNELS = sizeof kernels / sizeof kernels[0] };

static ift_flow *implicit_flow(const scene *s, const char *geometry, const formula *f, double tau) {
  ift_flow *flow = scene_flow(context, s, geometry, f->spec);
  flow_set(flow, "transport", "implicit");
  flow_set(flow, "step_control", "fixed");
  assert_status(IFT_OK, ift_flow_set_real(flow, "tau", tau));
  return flow;
}

static void test_minimizer(void **state) {
  (void)state;
  static const double taus[] = {0.001, 0.1, 0.5, 3};
  for (int k = 0; k < KERNELS; k++)
    for (int t = 0; t < 4; t++)
      for (int mass = 1; mass <= 2; mass++) {
        const bool unequal = mass == 2;
        if (kernels[k] == &cubic && taus[t] > 0.5) continue; /* of the dead: see test_no_minimizer */
        scene s = make_scene(10 + (uint64_t)t, mass, 1);
        s.a[4] += s.a[3] + s.a[8]; /* two dead ones, and one of next to no weight */
        s.a[3] = s.a[8] = 0;
        s.a[5] += s.a[6] * (1 - 1e-6);
        s.a[6] *= 1e-6;
        const model p = scene_model(&s, kernels[k], unequal && kernels[k]->conditional);
        ift_flow *flow = implicit_flow(&s, "wasserstein", kernels[k], taus[t]);
        for (int step = 0; step < 2; step++) {
          const particles before = particles_of(flow);
          double moved[N * D];
          const double speed = model_move(&p, &before, 0, moved);
          assert_status(IFT_OK, ift_flow_step(flow, 1));
          const particles now = particles_of(flow);
          check_minimizer(&p, &before, &now, taus[t]);
          assert_near(flow_real(flow, "transport_dissipation"), speed, 1e-11, 0); /* where it began */
          assert_true(flow_real(flow, "tau_taken") == taus[t]);
        }
        ift_flow_destroy(flow);
      }
}

/* To first order in tau it is the explicit step; the difference is of second order. */
static void test_small_steps(void **state) {
  (void)state;
  double differences[3];
  scene s = make_scene(20, 1, 1);
  s.a[4] += s.a[3];
  s.a[3] = 0;
  const model p = scene_model(&s, &gaussian, false);
  for (int t = 0; t < 3; t++) {
    const double tau = 0.004 / (1 << t);
    ift_flow *flow = implicit_flow(&s, "wasserstein", &gaussian, tau);
    const particles before = particles_of(flow);
    double moved[N * D];
    model_move(&p, &before, tau, moved);
    assert_status(IFT_OK, ift_flow_step(flow, 1));
    const particles now = particles_of(flow);
    differences[t] = 0;
    for (int k = 0; k < N * D; k++) differences[t] = fmax(differences[t], fabs(now.x[k] - moved[k]));
    ift_flow_destroy(flow);
  }
  assert_near(differences[0] / differences[1], 4, 0.02, 0);
  assert_near(differences[1] / differences[2], 4, 0.02, 0);
}

/* F falls for every tau, taken whole under step control; a huge one ends where no particle wants to move. */
static void test_huge_steps(void **state) {
  (void)state;
  static const double taus[] = {10, 1e3, 1e6, 1e300, 1e308};
  static const char *const geometries[] = {"wasserstein", "spherical-ift", "wfr"};
  for (int k = 0; k < 3; k++)
    for (int t = 0; t < 5; t++)
      for (int g = 0; g < 3; g++)
        for (int fixed = 0; fixed < 2; fixed++) {
          scene s = make_scene(30, 1, 1);
          s.a[4] += s.a[3];
          s.a[3] = 0;
          ift_flow *flow = implicit_flow(&s, geometries[g], kernels[k], taus[t]);
          if (!fixed) flow_set(flow, "step_control", "monotone");
          if (g > 0) flow_set(flow, "eta", "1e-3");
          const double before = flow_real(flow, "energy"), start = flow_real(flow, "stationarity");
          assert_status(IFT_OK, ift_flow_step(flow, 1));
          assert_true(flow_real(flow, "energy") < 0.5 * before);
          assert_true(flow_real(flow, "tau_taken") == taus[t]);
          if (g == 0 && taus[t] >= 1e6) assert_true(flow_real(flow, "stationarity") < 1e-4 * start);
          double last = flow_real(flow, "energy");
          for (int step = 0; step < 3; step++) {
            assert_status(IFT_OK, ift_flow_step(flow, 1));
            if (g == 0) assert_true(flow_real(flow, "energy") <= last);
            last = flow_real(flow, "energy");
          }
          for (int i = 0; i < N * D; i++) assert_true(isfinite(particles_of(flow).x[i]));
          ift_flow_destroy(flow);
        }
}

/* A tau that is next to nothing moves nothing, and breaks nothing. */
static void test_tiny_steps(void **state) {
  (void)state;
  static const double taus[] = {1e-18, 1e-100, 1e-300, 5e-324};
  for (int t = 0; t < 4; t++) {
    scene s = make_scene(31, 1, 1);
    s.a[4] += s.a[3];
    s.a[3] = 0;
    ift_flow *flow = implicit_flow(&s, "wasserstein", &gaussian, taus[t]);
    assert_status(IFT_OK, ift_flow_step(flow, 2));
    check_positions(flow, s.x, 1e-15);
    ift_flow_destroy(flow);
  }
}

/* All dead but one; and one particle alone. */
static void test_few(void **state) {
  (void)state;
  scene s = make_scene(40, 1, 1);
  for (int i = 0; i < N; i++) s.a[i] = i == 2;
  const model p = scene_model(&s, &gaussian, false);
  ift_flow *flow = implicit_flow(&s, "wasserstein", &gaussian, 0.4);
  for (int step = 0; step < 3; step++) {
    const particles before = particles_of(flow);
    assert_status(IFT_OK, ift_flow_step(flow, 1));
    const particles now = particles_of(flow);
    check_minimizer(&p, &before, &now, 0.4);
    assert_memory_not_equal(before.x, now.x, sizeof now.x);
  }
  ift_flow_destroy(flow);

  /* one particle of weight a and one sample of weight w: the force -w k'(r) is balanced by (x - x0)/tau */
  const double y = 0, w = 1.3, x0 = 1.2, a = 0.8;
  for (double tau = 0.01; tau < 1e7; tau *= 10) {
    ift_energy *energy = make_energy(context, "gaussian:0.7", &y, 1, 1, &w);
    flow = make_flow(context, "wasserstein", energy, &x0, 1, 1, &a);
    flow_set(flow, "transport", "implicit");
    assert_status(IFT_OK, ift_flow_set_real(flow, "tau", tau));
    assert_status(IFT_OK, ift_flow_step(flow, 1));
    const double x = ift_measure_positions(ift_flow_measure(flow))[0];
    assert_true(x < x0 && fabs(x) < 1.2);
    assert_near(w * x / 0.49 * exp(-x * x / 0.98) + (x - x0) / tau, 0, 0, 1e-8);
    ift_flow_destroy(flow);
    ift_energy_destroy(energy);
  }
}

/* Dead particles do not change where the living go, nor each other. */
static void test_dead_are_not_seen(void **state) {
  (void)state;
  scene s = make_scene(50, 1, 1), other = s;
  for (int i = 0; i < 4; i++) s.a[i] = 0;
  memcpy(other.a, s.a, sizeof s.a);
  for (int l = 0; l < D; l++) other.x[l] += 0.7; /* the first dead one elsewhere */
  ift_flow *flow = implicit_flow(&s, "wasserstein", &gaussian, 0.8),
           *twin = implicit_flow(&other, "wasserstein", &gaussian, 0.8);
  assert_status(IFT_OK, ift_flow_step(flow, 1));
  assert_status(IFT_OK, ift_flow_step(twin, 1));
  const particles one = particles_of(flow), two = particles_of(twin);
  assert_memory_equal(one.x + 4 * D, two.x + 4 * D, (N - 4) * D * sizeof(double));
  for (int k = D; k < 4 * D; k++) assert_near(one.x[k], two.x[k], 0, 1e-7);
  assert_true(fabs(one.x[0] - two.x[0]) > 1e-3);
  ift_flow_destroy(flow);
  ift_flow_destroy(twin);
}

/* The first variation of a polynomial kernel may fall for ever: a dead particle that has no minimizer within reach stays
 * near, so that the living are not held up by the curvature where it would be. */
static void test_no_minimizer(void **state) {
  (void)state;
  for (uint64_t seed = 13; seed < 33; seed++) {
    scene s = make_scene(seed, 1, 1);
    s.a[4] += s.a[3] + s.a[8];
    s.a[3] = s.a[8] = 0;
    const model p = scene_model(&s, &cubic, false);
    ift_flow *flow = implicit_flow(&s, "wasserstein", &cubic, 3);
    const double start = flow_real(flow, "energy");
    for (int step = 0; step < 4; step++) {
      particles before = particles_of(flow), now;
      const double energy = flow_real(flow, "energy");
      assert_status(IFT_OK, ift_flow_step(flow, 1));
      now = particles_of(flow);
      for (int k = 0; k < N * D; k++) assert_true(fabs(now.x[k]) < 100);
      memcpy(now.x + 3 * D, before.x + 3 * D, D * sizeof(double)); /* the living alone */
      memcpy(now.x + 8 * D, before.x + 8 * D, D * sizeof(double));
      assert_true(objective(&p, now.x, before.x, before.a, 3) < energy);
      assert_true(flow_real(flow, "energy") < energy);
    }
    assert_true(flow_real(flow, "energy") < 0.05 * start);
    ift_flow_destroy(flow);
  }
}

/* In a split step the particles carry the weights that they have then; towards a batch it is the batch's energy. */
static void test_in_a_step(void **state) {
  (void)state;
  const scene s = make_scene(60, 1, 1);
  model p = scene_model(&s, &gaussian, false);
  ift_flow *flow = implicit_flow(&s, "spherical-wfr", &gaussian, 0.5);
  flow_set(flow, "splitting", "strang");
  flow_set(flow, "eta", "0.4");
  particles middle = particles_of(flow);
  double g[N];
  for (int i = 0; i < N; i++) g[i] = model_g(&p, s.x + i * D, s.x, s.a);
  mirror(s.a, g, 0.2, true, middle.a);
  assert_status(IFT_OK, ift_flow_step(flow, 1));
  particles now = particles_of(flow);
  memcpy(now.a, middle.a, sizeof now.a);
  check_minimizer(&p, &middle, &now, 0.5);
  for (int i = 0; i < N; i++) g[i] = model_g(&p, now.x + i * D, now.x, middle.a);
  mirror(middle.a, g, 0.2, true, now.a);
  check_weights(flow, now.a, 1e-12);
  ift_flow_destroy(flow);

  flow = implicit_flow(&s, "wasserstein", &gaussian, 0.5);
  flow_set(flow, "batch", "1");
  ift_rng rng;
  ift_rng_init(&rng, 0, IFT_STREAM_FLOW);
  const double level = ift_rng_uniform(&rng);
  int j = 0;
  for (double sum = s.w[0]; sum <= level && j < M - 1;) sum += s.w[++j];
  p.m = 1;
  p.w[0] = 1;
  memcpy(p.y, s.y + j * D, D * sizeof(double));
  const particles before = particles_of(flow);
  assert_status(IFT_OK, ift_flow_step(flow, 1));
  now = particles_of(flow);
  check_minimizer(&p, &before, &now, 0.5);
  ift_flow_destroy(flow);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_minimizer),    cmocka_unit_test(test_small_steps), cmocka_unit_test(test_huge_steps),
      cmocka_unit_test(test_tiny_steps),   cmocka_unit_test(test_few),         cmocka_unit_test(test_dead_are_not_seen),
      cmocka_unit_test(test_no_minimizer), cmocka_unit_test(test_in_a_step),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
