/* One fixed step of each kind against an implementation of the formulas that shares nothing with the library. */
#include "scene.h"
#include "support/fixture.h"

static const formula gaussian = {"gaussian", "gaussian:0.7", 0.7, 0, false, false, true},
                     riesz = {"riesz", "riesz:1.5", 1.5, 0, true, false, true},
                     laplace = {"laplace", "laplace:1.3", 1.3, 0, false, true, true};

static ift_flow *fixed_flow(const scene *s, const char *geometry, const formula *f, double tau, double eta) {
  ift_flow *flow = scene_flow(context, s, geometry, f->spec);
  flow_set(flow, "step_control", "fixed");
  if (tau > 0) assert_status(IFT_OK, ift_flow_set_real(flow, "tau", tau));
  if (eta > 0) assert_status(IFT_OK, ift_flow_set_real(flow, "eta", eta));
  return flow;
}

/* x - tau v(x), or with the weights x - tau a v(x). */
static void transport(const scene *s, const formula *f, double tau, bool euclidean, double *moved) {
  for (int i = 0; i < N; i++) {
    double v[D];
    scene_v(s, f, v, s->x + i * D, s->x, s->a);
    for (int l = 0; l < D; l++) moved[i * D + l] = s->x[i * D + l] - tau * (euclidean ? s->a[i] : 1) * v[l];
  }
}

static void check_positions(const ift_flow *flow, const double *expected) {
  const double *x = ift_measure_positions(ift_flow_measure(flow));
  for (int i = 0; i < N * D; i++) assert_near(x[i], expected[i], 1e-13, 1e-14);
}

static void check_weights(const ift_flow *flow, const double *expected, double tolerance) {
  const double *a = ift_measure_weights(ift_flow_measure(flow));
  for (int i = 0; i < N; i++) assert_near(a[i], expected[i], tolerance, tolerance);
}

static void test_transport(void **state) {
  (void)state;
  const formula *const kernels[] = {&gaussian, &riesz, &laplace};
  for (int k = 0; k < 3; k++)
    for (int euclidean = 0; euclidean < 2; euclidean++) {
      scene s = make_scene(10, 1, 1);
      s.a[4] += s.a[3]; /* one dead particle: `explicit` moves it, `euclidean` does not */
      s.a[3] = 0;
      double moved[N * D];
      ift_flow *flow = fixed_flow(&s, "wasserstein", kernels[k], 0.3, 0);
      if (euclidean) flow_set(flow, "transport", "euclidean");
      assert_status(IFT_OK, ift_flow_step(flow, 1));
      transport(&s, kernels[k], 0.3, euclidean, moved);
      check_positions(flow, moved);
      const bool frozen =
          memcmp(ift_measure_positions(ift_flow_measure(flow)) + 3 * D, s.x + 3 * D, D * sizeof(double)) == 0;
      assert_true(frozen == euclidean);
      ift_flow_destroy(flow);
    }
}

/* Transport, then one reaction in each of the geometries that have it; `moved` gets the new positions. */
typedef struct stage {
  const char *geometry;
  bool transports, kept;
} stage;

static double stage_tau(const stage *st) {
  return st->transports ? 0.2 : 0;
}

static void stage_move(const scene *s, const formula *f, const stage *st, double *moved) {
  /* masses differ: v of the formula's own sums, gradient 0 at kinks, anchors included */
  if (!st->transports) {
    memcpy(moved, s->x, sizeof s->x);
    return;
  }
  double anchor[D] = {0}, difference = 0, slope[D];
  for (int j = 0; j < M; j++)
    for (int l = 0; l < D; l++) anchor[l] += s->w[j] / s->target_mass * s->y[j * D + l];
  difference = s->mass - s->target_mass;
  for (int i = 0; i < N; i++) {
    double v[D];
    scene_v(s, f, v, s->x + i * D, s->x, s->a);
    formula_gradient(f, slope, s->x + i * D, anchor, D);
    for (int l = 0; l < D; l++)
      moved[i * D + l] = s->x[i * D + l] - 0.2 * (v[l] - (f->conditional ? difference * slope[l] : 0));
  }
}

/* The nearest point of the simplex by sorting (Held, Wolfe and Crowder 1974). */
static void project(double *b, double mass) {
  double sorted[N], sum = 0, nu = 0;
  memcpy(sorted, b, sizeof sorted);
  for (int i = 1; i < N; i++)
    for (int j = i; j > 0 && sorted[j] > sorted[j - 1]; j--) {
      const double t = sorted[j];
      sorted[j] = sorted[j - 1], sorted[j - 1] = t;
    }
  for (int k = 0; k < N; k++) {
    sum += sorted[k];
    if (sorted[k] > (sum - mass) / (k + 1)) nu = (sum - mass) / (k + 1);
  }
  for (int i = 0; i < N; i++) b[i] = fmax(b[i] - nu, 0);
}

static void test_gradient_reaction(void **state) {
  (void)state;
  static const stage stages[] = {
      {"spherical-mmd", false, true}, {"mmd", false, false}, {"spherical-ift", true, true}, {"ift", true, false}};
  static const double etas[] = {0.02, 0.3, 5};
  const formula *const kernels[] = {&gaussian, &riesz};
  for (int k = 0; k < 2; k++)
    for (int g = 0; g < 4; g++)
      for (int e = 0; e < 6; e++) {
        const stage *st = &stages[g];
        const scene s = make_scene(20, st->kept || e >= 3 ? 1 : 0.6, 1); /* free mass may begin as the target's */
        const bool anchored = kernels[k]->conditional && !st->kept;
        double moved[N * D], b[N], square = 0;
        stage_move(&s, kernels[k], st, moved);
        for (int i = 0; i < N; i++)
          b[i] = s.a[i] - etas[e % 3] * scene_g(&s, kernels[k], anchored, moved + i * D, moved, s.a);
        if (st->kept)
          project(b, 1);
        else
          for (int i = 0; i < N; i++) b[i] = fmax(b[i], 0);
        for (int i = 0; i < N; i++) square += (b[i] - s.a[i]) * (b[i] - s.a[i]);
        ift_flow *flow = fixed_flow(&s, st->geometry, kernels[k], stage_tau(st), etas[e % 3]);
        flow_set(flow, "reaction", "gradient");
        assert_status(IFT_OK, ift_flow_step(flow, 1));
        check_positions(flow, moved);
        check_weights(flow, b, 1e-12);
        assert_near(flow_real(flow, "reaction_dissipation"), square / (etas[e % 3] * etas[e % 3]), 1e-10, 1e-12);
        ift_flow_destroy(flow);
      }
}

static void test_mirror_reaction(void **state) {
  (void)state;
  static const stage stages[] = {{"spherical-fisher-rao", false, true},
                                 {"fisher-rao", false, false},
                                 {"spherical-wfr", true, true},
                                 {"wfr", true, false}};
  static const double etas[] = {0.1, 2, 30};
  const formula *const kernels[] = {&gaussian, &riesz};
  for (int k = 0; k < 2; k++)
    for (int g = 0; g < 4; g++)
      for (int e = 0; e < 6; e++)
        for (int old = 0; old < 2; old++) {
          const stage *st = &stages[g];
          scene s = make_scene(30, st->kept || e >= 3 ? 1 : 0.6, 1);
          s.a[1] += s.a[0];
          s.a[0] = 0;
          const bool anchored = kernels[k]->conditional && !st->kept;
          double moved[N * D], gs[N], b[N], sum = 0, mean = 0, dissipation = 0;
          stage_move(&s, kernels[k], st, moved);
          for (int i = 0; i < N; i++) {
            gs[i] = scene_g(&s, kernels[k], anchored, moved + i * D, old ? s.x : moved, s.a);
            sum += b[i] = s.a[i] * exp(-etas[e % 3] * gs[i]);
            mean += s.a[i] * gs[i];
          }
          mean = st->kept ? mean / s.mass : 0;
          for (int i = 0; i < N; i++) {
            b[i] *= st->kept ? 1 / sum : 1;
            dissipation += s.a[i] * (gs[i] - mean) * (gs[i] - mean);
          }
          ift_flow *flow = fixed_flow(&s, st->geometry, kernels[k], stage_tau(st), etas[e % 3]);
          if (old) flow_set(flow, "center", "old");
          assert_status(IFT_OK, ift_flow_step(flow, 1));
          check_positions(flow, moved);
          check_weights(flow, b, 1e-12);
          assert_near(flow_real(flow, "reaction_dissipation"), dissipation, 1e-10, 1e-13);
          ift_flow_destroy(flow);
        }
}

/* b_i = a_i / (1 + eta (g_i - lam)/2)^2 with lam found by bisection on the mass, or lam = 0. With z = 1 - eta (lam
 * - min g)/2 the roots are z + eta (g_i - min g)/2, without cancellation. */
static void hellinger(const double *a, const double *gs, double eta, bool kept, double mass, double *b) {
  double lowest = INFINITY;
  for (int i = 0; i < N; i++)
    if (a[i] > 0) lowest = fmin(lowest, gs[i]);
  double low = 0, high = 1, z = 1 + eta * lowest / 2;
  for (int pass = 0; kept && pass < 200; pass++) {
    z = (low + high) / 2;
    double sum = 0;
    for (int i = 0; i < N; i++) {
      const double root = z + eta * (gs[i] - lowest) / 2;
      sum += a[i] > 0 ? a[i] / (root * root) : 0;
    }
    if (sum > mass)
      low = z;
    else
      high = z;
  }
  for (int i = 0; i < N; i++) {
    const double root = z + eta * (gs[i] - lowest) / 2;
    b[i] = a[i] > 0 ? a[i] / (root * root) : 0;
  }
}

static void test_hellinger_reaction(void **state) {
  (void)state;
  static const stage stages[] = {{"spherical-fisher-rao", false, true},
                                 {"fisher-rao", false, false},
                                 {"spherical-wfr", true, true},
                                 {"wfr", true, false}};
  static const double etas[] = {0.01, 1, 50, 1e6};
  for (int g = 0; g < 4; g++)
    for (int e = 0; e < 4; e++) {
      const stage *st = &stages[g];
      scene s = make_scene(40, st->kept ? 1 : 0.6, 1);
      s.a[5] += s.a[7];
      s.a[7] = 0;
      double moved[N * D], gs[N], b[N], lowest = INFINITY;
      stage_move(&s, &gaussian, st, moved);
      for (int i = 0; i < N; i++) {
        gs[i] = scene_g(&s, &gaussian, false, moved + i * D, moved, s.a);
        if (s.a[i] > 0) lowest = fmin(lowest, gs[i]);
      }
      ift_flow *flow = fixed_flow(&s, st->geometry, &gaussian, stage_tau(st), etas[e]);
      flow_set(flow, "reaction", "hellinger");
      if (!st->kept && 1 + etas[e] * lowest / 2 <= 0) {
        assert_status(IFT_ERR_OPTION, ift_flow_step(flow, 1));
        assert_message(context, "eta");
      } else {
        hellinger(s.a, gs, etas[e], st->kept, 1, b);
        assert_status(IFT_OK, ift_flow_step(flow, 1));
        check_positions(flow, moved);
        check_weights(flow, b, 1e-11);
      }
      ift_flow_destroy(flow);
    }
}

/* The minimum of 1/2 b'Kb - t'b by its conditions: with r = Kb - t, r_i is one number wherever b_i > 0, and nowhere
 * below it; that number is 0 where mass is free. */
static void check_minimum(const scene *s, const formula *f, bool anchored, bool kept, const double *moved,
                          const double *t, const double *b, double mass) {
  double r[N], level = 0, sum = 0, scale = 0;
  for (int i = 0; i < N; i++) {
    r[i] = -t[i];
    for (int j = 0; j < N; j++) {
      const double k = scene_kernel(s, f, anchored, moved + i * D, moved + j * D);
      r[i] += k * b[j];
      scale = fmax(scale, fabs(k));
    }
    assert_true(b[i] >= 0);
    level += b[i] * r[i];
    sum += b[i];
  }
  level = kept ? level / sum : 0;
  if (kept) assert_near(sum, mass, 1e-15 * N, 0);
  for (int i = 0; i < N; i++) {
    if (b[i] > 0) assert_near(r[i], level, 0, 1e-12 * scale);
    assert_true(r[i] >= level - 1e-12 * scale);
  }
}

static void test_exact_reactions(void **state) {
  (void)state;
  static const stage stages[] = {
      {"spherical-mmd", false, true}, {"mmd", false, false}, {"spherical-ift", true, true}, {"ift", true, false}};
  static const double etas[] = {0.05, 1, 50};
  const formula *const kernels[] = {&gaussian, &riesz, &laplace};
  for (int k = 0; k < 3; k++)
    for (int g = 0; g < 4; g++)
      for (int variant = 0; variant < 24; variant++) {
        const stage *st = &stages[g];
        const bool old = variant % 2, implicit = variant / 2 % 2;
        const double eta = etas[variant / 4 % 3], theta = implicit ? eta / (1 + eta) : -expm1(-eta);
        const double mass = st->kept || variant >= 12 ? 1 : 0.6; /* free mass may begin as the target's */
        const scene s = make_scene(50, mass, 1);
        const bool anchored = kernels[k]->conditional && !st->kept;
        double moved[N * D], t[N], energy = 0;
        stage_move(&s, kernels[k], st, moved);
        for (int i = 0; i < N; i++)
          t[i] = (1 - theta) * scene_interaction(&s, kernels[k], anchored, moved + i * D, old ? s.x : moved, s.a, N) +
                 theta * scene_external(&s, kernels[k], anchored, moved + i * D);
        ift_flow *flow = fixed_flow(&s, st->geometry, kernels[k], stage_tau(st), eta);
        if (implicit) flow_set(flow, "reaction", "implicit");
        if (old) flow_set(flow, "center", "old");
        energy = flow_real(flow, "energy");
        assert_status(IFT_OK, ift_flow_step(flow, 1));
        check_positions(flow, moved);
        const double *b = ift_measure_weights(ift_flow_measure(flow));
        check_minimum(&s, kernels[k], anchored, st->kept, moved, t, b, mass);
        double square = 0;
        for (int i = 0; i < N; i++)
          for (int j = 0; j < N; j++)
            square += (b[i] - s.a[i]) * (b[j] - s.a[j]) *
                      scene_kernel(&s, kernels[k], anchored, moved + i * D, moved + j * D);
        assert_near(flow_real(flow, "reaction_dissipation"), square / (eta * eta), 1e-9, 1e-13);
        const double gap = flow_real(flow, "weight_gap");
        assert_true(gap >= 0 && gap <= fmax(1e-10 * energy, 1e-12));
        ift_flow_destroy(flow);
      }
}

/* A step of size 0 skips its half. */
static void test_halves_are_skipped(void **state) {
  (void)state;
  const scene s = make_scene(60, 1, 1);
  static const char *const geometries[] = {"spherical-ift", "spherical-wfr", "ift", "wfr"};
  for (int g = 0; g < 4; g++) {
    ift_flow *flow = fixed_flow(&s, geometries[g], &gaussian, 0, 0.1);
    flow_set(flow, "tau", "0");
    assert_status(IFT_OK, ift_flow_step(flow, 3));
    assert_memory_equal(ift_measure_positions(ift_flow_measure(flow)), s.x, sizeof s.x);
    assert_memory_not_equal(ift_measure_weights(ift_flow_measure(flow)), s.a, sizeof s.a);
    assert_true(isnan(flow_real(flow, "transport_dissipation")) && isfinite(flow_real(flow, "reaction_dissipation")));
    ift_flow_destroy(flow);
    flow = fixed_flow(&s, geometries[g], &gaussian, 0.1, 0);
    flow_set(flow, "eta", "0");
    assert_status(IFT_OK, ift_flow_step(flow, 3));
    assert_memory_equal(ift_measure_weights(ift_flow_measure(flow)), s.a, sizeof s.a);
    assert_memory_not_equal(ift_measure_positions(ift_flow_measure(flow)), s.x, sizeof s.x);
    assert_true(isfinite(flow_real(flow, "transport_dissipation")) && isnan(flow_real(flow, "reaction_dissipation")));
    ift_flow_destroy(flow);
    flow = fixed_flow(&s, geometries[g], &gaussian, 0, 0);
    flow_set(flow, "tau", "0");
    flow_set(flow, "eta", "0");
    snapshot before = snap(flow);
    assert_status(IFT_OK, ift_flow_step(flow, 2));
    before.step = 2;
    before.tau_taken = before.eta_taken = 0;
    assert_same_state(before, snap(flow));
    ift_flow_destroy(flow);
  }
}

/* Ten steps at once are ten single steps. */
static void test_steps_add_up(void **state) {
  (void)state;
  const scene s = make_scene(70, 1, 1);
  for (int g = 0; g < 2; g++) {
    ift_flow *once = scene_flow(context, &s, g ? "spherical-ift" : "wfr", "gaussian:0.7"),
             *often = scene_flow(context, &s, g ? "spherical-ift" : "wfr", "gaussian:0.7"),
             *run = scene_flow(context, &s, g ? "spherical-ift" : "wfr", "gaussian:0.7");
    assert_status(IFT_OK, ift_flow_step(once, 10));
    for (int k = 0; k < 10; k++) assert_status(IFT_OK, ift_flow_step(often, 1));
    assert_status(IFT_OK, ift_flow_run(run, 4));
    assert_status(IFT_OK, ift_flow_run(run, 0));
    assert_status(IFT_OK, ift_flow_run(run, 6));
    assert_same_state(snap(once), snap(often));
    assert_same_state(snap(once), snap(run));
    ift_flow_destroy(once);
    ift_flow_destroy(often);
    ift_flow_destroy(run);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_transport),       cmocka_unit_test(test_gradient_reaction),
      cmocka_unit_test(test_mirror_reaction), cmocka_unit_test(test_hellinger_reaction),
      cmocka_unit_test(test_exact_reactions), cmocka_unit_test(test_halves_are_skipped),
      cmocka_unit_test(test_steps_add_up),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
