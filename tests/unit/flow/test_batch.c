/* Batches: the draws written down again from the flow's stream, and the steps that see the target through them. */
#include "model.h"
#include "support/fixture.h"

static ift_rng stream(uint64_t seed) {
  ift_rng rng;
  ift_rng_init(&rng, seed, IFT_STREAM_FLOW);
  return rng;
}

/* `count` points of equal weight and the target's mass and anchor, drawn by the weights: the first point at which the
 * sum of weights exceeds a uniform share of the mass. */
static model draw_batch(const scene *s, const formula *f, bool anchored, ift_rng *rng, int64_t count) {
  model p = scene_model(s, f, anchored);
  double total = 0;
  for (int j = 0; j < M; j++) total += s->w[j];
  p.m = count;
  for (int64_t b = 0; b < count; b++) {
    const double level = ift_rng_uniform(rng) * total;
    int j = 0;
    for (double sum = s->w[0]; sum <= level && j < M - 1;) sum += s->w[++j];
    memcpy(p.y + b * D, s->y + j * D, D * sizeof(double));
    p.w[b] = s->target_mass / (double)count;
  }
  return p;
}

/* Transport, then Fisher-Rao or a gradient step in the weights, both towards these points. */
static void expect_step(const model *p, const particles *from, bool kept, double tau, double eta, bool old,
                        particles *to) {
  double g[N];
  if (tau > 0)
    model_move(p, from, tau, to->x);
  else
    memcpy(to->x, from->x, sizeof to->x);
  for (int i = 0; i < N; i++) g[i] = model_g(p, to->x + i * D, old ? from->x : to->x, from->a);
  mirror(from->a, g, eta, kept, to->a);
}

/* One and the same batch for both halves of a step, a fresh one in each step, of the size that is asked for then; a
 * whole target in between. Masses need not be 1 nor equal. */
static void check_steps(const scene *s, const formula *f, const char *geometry, bool transports, bool kept, bool old) {
  static const int64_t sizes[] = {5, 5, 17, 0, 17, 1, 40};
  const bool anchored = f->conditional && (!kept || s->mass != s->target_mass);
  const double tau = transports ? 0.2 : 0;
  ift_flow *flow = fixed_flow(context, s, geometry, f, transports ? "0.2" : NULL, "0.15");
  if (old) flow_set(flow, "center", "old");
  assert_status(IFT_OK, ift_flow_set_int(flow, "seed", 3));
  ift_rng rng = stream(3);
  for (int k = 0; k < 7; k++) {
    const particles before = particles_of(flow);
    particles after;
    const model p = sizes[k] ? draw_batch(s, f, anchored, &rng, sizes[k]) : scene_model(s, f, anchored);
    assert_status(IFT_OK, ift_flow_set_int(flow, "batch", sizes[k]));
    expect_step(&p, &before, kept, tau, 0.15, old, &after);
    assert_status(IFT_OK, ift_flow_step(flow, 1));
    check_positions(flow, after.x, 1e-13);
    check_weights(flow, after.a, 1e-12);
    assert_true(flow_real(flow, "tau_taken") == tau && flow_real(flow, "eta_taken") == 0.15);
  }
  ift_flow_destroy(flow);
}

static void test_steps(void **state) {
  (void)state;
  static const struct {
    const char *geometry;
    bool transports, kept;
  } cases[] = {{"spherical-wfr", true, true},
               {"wfr", true, false},
               {"fisher-rao", false, false},
               {"spherical-fisher-rao", false, true}};
  static const double masses[3][2] = {{1, 1}, {0.7, 1}, {1.2, 2.5}};
  const formula *const kernels[] = {&gaussian, &riesz, &laplace};
  for (int c = 0; c < 4; c++)
    for (int k = 0; k < 3; k++)
      for (int m = 0; m < 3; m++)
        for (int old = 0; old < 2; old++) {
          const scene s = make_scene(10, masses[m][0], masses[m][1]);
          check_steps(&s, kernels[k], cases[c].geometry, cases[c].transports, cases[c].kept, old);
        }
}

/* max(a - eta g, 0), the gradient step where mass is free. */
static void gradient_step(const model *p, const double *x, const double *a, double eta, double *b) {
  for (int i = 0; i < N; i++) b[i] = fmax(a[i] - eta * model_g(p, x + i * D, x, a), 0);
}

/* Strang splitting: all three parts of a step see the same points. */
static void test_strang(void **state) {
  (void)state;
  const scene s = make_scene(20, 1, 2);
  ift_flow *flow = fixed_flow(context, &s, "ift", &riesz, "0.2", "0.04");
  flow_set(flow, "reaction", "gradient");
  flow_set(flow, "splitting", "strang");
  flow_set(flow, "batch", "7");
  ift_rng rng = stream(0);
  for (int k = 0; k < 4; k++) {
    const model p = draw_batch(&s, &riesz, true, &rng, 7);
    particles middle = particles_of(flow), after;
    gradient_step(&p, middle.x, particles_of(flow).a, 0.02, middle.a);
    model_move(&p, &middle, 0.2, after.x);
    gradient_step(&p, after.x, middle.a, 0.02, after.a);
    assert_status(IFT_OK, ift_flow_step(flow, 1));
    check_positions(flow, after.x, 1e-13);
    check_weights(flow, after.a, 1e-12);
  }
  ift_flow_destroy(flow);
}

/* Exact weights towards the batch: r = Kb - (1-th) K a - th c is one number where b > 0, and nowhere below it. */
static void test_exact_reaction(void **state) {
  (void)state;
  const double eta = 0.5, theta = -expm1(-eta);
  for (int free = 0; free < 2; free++) {
    const scene s = make_scene(30, 1, free ? 1.6 : 1);
    ift_flow *flow = fixed_flow(context, &s, free ? "ift" : "spherical-ift", &riesz, "0.1", "0.5");
    flow_set(flow, "batch", "9");
    ift_rng rng = stream(0);
    for (int k = 0; k < 3; k++) {
      const model p = draw_batch(&s, &riesz, free, &rng, 9);
      const particles before = particles_of(flow);
      double moved[N * D], r[N], level = 0;
      model_move(&p, &before, 0.1, moved);
      assert_status(IFT_OK, ift_flow_step(flow, 1));
      check_positions(flow, moved, 1e-13);
      const particles after = particles_of(flow);
      for (int i = 0; i < N; i++) {
        r[i] = model_interaction(&p, moved + i * D, moved, after.a) -
               (1 - theta) * model_interaction(&p, moved + i * D, moved, before.a) -
               theta * model_external(&p, moved + i * D);
        level += free ? 0 : after.a[i] * r[i];
      }
      for (int i = 0; i < N; i++) {
        assert_true(r[i] >= level - 1e-12);
        if (after.a[i] > 0) assert_near(r[i], level, 0, 1e-12);
      }
    }
    ift_flow_destroy(flow);
  }
}

/* First the batch is drawn, then the noise; after the last step with noise no more is drawn for it. */
static void test_with_noise(void **state) {
  (void)state;
  const scene s = make_scene(40, 1, 1);
  ift_flow *flow = fixed_flow(context, &s, "wasserstein", &gaussian, "0.3", NULL);
  flow_set(flow, "batch", "6");
  flow_set(flow, "noise", "0.5");
  flow_set(flow, "noise_until", "3");
  ift_rng rng = stream(0);
  for (int k = 0; k < 5; k++) {
    const model p = draw_batch(&s, &gaussian, false, &rng, 6);
    const particles before = particles_of(flow);
    double moved[N * D], at[N * D];
    for (int i = 0; i < N * D; i++) at[i] = before.x[i] + (k < 3 ? 0.5 * ift_rng_normal(&rng) : 0);
    for (int i = 0; i < N; i++) {
      double v[D];
      model_v(&p, v, at + i * D, before.x, before.a);
      for (int l = 0; l < D; l++) moved[i * D + l] = before.x[i * D + l] - 0.3 * v[l];
    }
    assert_status(IFT_OK, ift_flow_step(flow, 1));
    check_positions(flow, moved, 1e-13);
  }
  ift_flow_destroy(flow);
}

/* What a flow reports is of the whole target; so are the rules that end a run. */
static void test_quantities_are_of_the_whole(void **state) {
  (void)state;
  static const char *const geometries[] = {"spherical-ift", "ift", "wfr", "wasserstein"};
  for (int g = 0; g < 4; g++) {
    const scene s = make_scene(50, 1, 1);
    const model whole = scene_model(&s, &riesz, g == 1 || g == 2);
    ift_flow *flow = scene_flow(context, &s, geometries[g], riesz.spec);
    flow_set(flow, "batch", "4");
    for (int k = 0; k < 4; k++) {
      const double last = flow_real(flow, "energy");
      assert_status(IFT_OK, ift_flow_step(flow, 1));
      const particles now = particles_of(flow);
      double moved[N * D], least = INFINITY, mean = 0;
      assert_near(flow_real(flow, "energy"), model_energy(&whole, now.x, now.a), 1e-11, 1e-13);
      assert_near(flow_real(flow, "mmd2"), 2 * model_energy(&whole, now.x, now.a), 1e-11, 1e-13);
      assert_near(flow_real(flow, "stationarity"), model_move(&whole, &now, 0, moved), 1e-11, 0);
      for (int j = 0; j < M; j++) least = fmin(least, model_g(&whole, s.y + j * D, now.x, now.a));
      for (int i = 0; i < N; i++) {
        const double value = model_g(&whole, now.x + i * D, now.x, now.a);
        least = fmin(least, value);
        mean += now.a[i] * value;
      }
      assert_near(flow_real(flow, "gap"), mean - least, 1e-10, 1e-12);
      const double duration = flow_real(flow, g < 3 ? "eta_taken" : "tau_taken");
      assert_near(flow_real(flow, "decay_rate"), log(last / flow_real(flow, "energy")) / duration, 1e-12, 1e-12);
    }
    const double reached = flow_real(flow, "energy");
    assert_status(IFT_OK, ift_flow_set_real(flow, "tolerance", reached));
    assert_status(IFT_CONVERGED, ift_flow_run(flow, 10));
    assert_int_equal(flow_int(flow, "step"), 4);
    ift_flow_destroy(flow);
  }
}

/* Steps on auto: tau from the whole target, eta from the batch that the step sees. */
static void test_automatic_steps(void **state) {
  (void)state;
  const scene s = make_scene(60, 1, 1);
  ift_flow *flow = scene_flow(context, &s, "spherical-ift", "gaussian:0.7");
  flow_set(flow, "batch", "8");
  ift_rng rng = stream(0);
  for (int k = 0; k < 3; k++) {
    const model p = draw_batch(&s, &gaussian, false, &rng, 8);
    const particles before = particles_of(flow);
    double moved[N * D];
    const double tau = 0.58 * 0.49 / (1 + 2 * exp(-1.5)),
                 ratio = 0.001 * model_energy(&p, before.x, before.a) / (tau * model_move(&p, &before, tau, moved));
    assert_near(flow_real(flow, "tau"), tau, 1e-13, 0);
    assert_status(IFT_OK, ift_flow_step(flow, 1));
    assert_near(flow_real(flow, "tau_taken"), tau, 1e-13, 0);
    assert_near(flow_real(flow, "eta_taken"), fmin(0.1, ratio * ratio), 1e-9, 0);
    check_positions(flow, moved, 1e-12);
  }
  ift_flow_destroy(flow);
}

/* A target of one point is its own batch. */
static void test_single_point(void **state) {
  (void)state;
  const scene s = make_scene(70, 1, 1);
  const double heavy = 1.5;
  for (int size = 1; size <= 9; size += 4) {
    ift_energy *energy = make_energy(context, "gaussian:0.7", s.y, 1, D, &heavy);
    ift_flow *flow = make_flow(context, "wfr", energy, s.x, N, D, s.a),
             *plain = make_flow(context, "wfr", energy, s.x, N, D, s.a);
    flow_set(flow, "eta", "0.2");
    flow_set(plain, "eta", "0.2");
    flow_set(plain, "step_control", "fixed");
    assert_status(IFT_OK, ift_flow_set_int(flow, "batch", size));
    assert_status(IFT_OK, ift_flow_step(flow, 5));
    assert_status(IFT_OK, ift_flow_step(plain, 5));
    const particles p = particles_of(plain);
    check_positions(flow, p.x, 1e-13);
    check_weights(flow, p.a, 1e-13);
    ift_flow_destroy(flow);
    ift_flow_destroy(plain);
    ift_energy_destroy(energy);
  }
}

/* Points of a mixture: a component by its share, then mean plus Cholesky factor times normals. */
static const double shares[2] = {0.3, 0.7}, means[2 * D] = {0, 1, -1, 0.5},
                    covariances[2 * D * D] = {1, 0.3, 0.3, 0.5, 0.8, -0.4, -0.4, 1};

static model draw_from_mixture(const formula *f, ift_rng *rng, int64_t count) {
  model p = {.f = f, .m = count};
  for (int64_t b = 0; b < count; b++) {
    const int k = ift_rng_uniform(rng) >= shares[0];
    const double *c = covariances + k * D * D, l11 = sqrt(c[0]), l21 = c[2] / l11, l22 = sqrt(c[3] - l21 * l21);
    const double first = ift_rng_normal(rng), second = ift_rng_normal(rng);
    p.y[b * D] = means[k * D] + l11 * first;
    p.y[b * D + 1] = means[k * D + 1] + l21 * first + l22 * second;
    p.w[b] = 1 / (double)count;
  }
  return p;
}

/* In closed form or not, batches come from the mixture itself and not from the points that stand for it. */
static void test_mixture(void **state) {
  (void)state;
  const formula *const kernels[] = {&gaussian, &laplace};
  const scene s = make_scene(80, 1, 1);
  for (int k = 0; k < 2; k++) {
    ift_kernel *kernel = make_kernel(context, kernels[k]->spec);
    ift_target *target;
    ift_energy *energy;
    assert_status(IFT_OK, ift_target_gaussian_mixture(context, &target, 2, D, shares, means, covariances));
    assert_status(IFT_OK, ift_energy_mmd(context, &energy, kernel, target));
    ift_flow *flow = make_flow(context, "spherical-wfr", energy, s.x, N, D, s.a);
    ift_target_destroy(target);
    ift_kernel_destroy(kernel);
    flow_set(flow, "batch", "11");
    flow_set(flow, "tau", "0.2");
    flow_set(flow, "eta", "0.3");
    ift_rng rng = stream(0);
    for (int step = 0; step < 3; step++) {
      const model p = draw_from_mixture(kernels[k], &rng, 11);
      const particles before = particles_of(flow);
      particles after;
      expect_step(&p, &before, true, 0.2, 0.3, false, &after);
      assert_status(IFT_OK, ift_flow_step(flow, 1));
      check_positions(flow, after.x, 1e-13);
      check_weights(flow, after.a, 1e-12);
      /* what is reported is of the whole: the mixture, or the points that stand for it (whose F takes a while) */
      double v[N * D], speed = 0, whole;
      assert_status(IFT_OK, ift_energy_gradient(energy, v, NULL, 0, 0, ift_flow_measure(flow)));
      for (int i = 0; i < N * D; i++) speed += after.a[i / D] * v[i] * v[i];
      assert_near(flow_real(flow, "stationarity"), speed, 1e-11, 0);
      if (kernels[k] != &gaussian) continue;
      assert_status(IFT_OK, ift_energy_value(energy, &whole, ift_flow_measure(flow)));
      assert_near(flow_real(flow, "energy"), whole, 1e-12, 1e-14);
    }
    ift_flow_destroy(flow);
    ift_energy_destroy(energy);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_steps),
      cmocka_unit_test(test_strang),
      cmocka_unit_test(test_exact_reaction),
      cmocka_unit_test(test_with_noise),
      cmocka_unit_test(test_quantities_are_of_the_whole),
      cmocka_unit_test(test_automatic_steps),
      cmocka_unit_test(test_single_point),
      cmocka_unit_test(test_mixture),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
