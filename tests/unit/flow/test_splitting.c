/* How halves make a step: Strang splitting against its parts taken one by one; Heun transport by its formula; how far
 * transport may go on its own. */
#include "model.h"
#include "support/fixture.h"

/* x - tau/2 (v(x) + v'(x - tau v(x))), v' of the measure on the image. */
static double heun(const model *p, const particles *from, double tau, double *moved) {
  particles image = *from;
  const double speed = model_move(p, from, tau, image.x);
  for (int i = 0; i < N; i++) {
    double first[D], second[D];
    model_v(p, first, from->x + i * D, from->x, from->a);
    model_v(p, second, image.x + i * D, image.x, from->a);
    for (int l = 0; l < D; l++) moved[i * D + l] = from->x[i * D + l] - tau / 2 * (first[l] + second[l]);
  }
  return speed;
}

static void test_heun(void **state) {
  (void)state;
  const formula *const kernels[] = {&gaussian, &riesz, &laplace};
  for (int k = 0; k < 3; k++)
    for (int mass = 1; mass <= 2; mass++)
      for (double tau = 0.01; tau < 20; tau *= 10) {
        scene s = make_scene(10, mass, 1);
        s.a[4] += s.a[3];
        s.a[3] = 0;
        const model p = scene_model(&s, kernels[k], kernels[k]->conditional && mass != 1);
        ift_flow *flow = fixed_flow(context, &s, "wasserstein", kernels[k], NULL, NULL);
        flow_set(flow, "transport", "heun");
        assert_status(IFT_OK, ift_flow_set_real(flow, "tau", tau));
        for (int step = 0; step < 2; step++) {
          const particles before = particles_of(flow);
          double moved[N * D];
          const double speed = heun(&p, &before, tau, moved);
          assert_status(IFT_OK, ift_flow_step(flow, 1));
          check_positions(flow, moved, 1e-12);
          assert_near(flow_real(flow, "transport_dissipation"), speed, 1e-11, 0); /* where it began */
          assert_memory_not_equal(before.x + 3 * D, particles_of(flow).x + 3 * D, D * sizeof(double));
        }
        ift_flow_destroy(flow);
      }
}

/* A flow in one of the halves, from given particles. */
static particles take(const ift_energy *energy, const char *geometry, const particles *from,
                      const char *const (*options)[2], double tau, double eta) {
  ift_flow *flow = make_flow(context, geometry, energy, from->x, N, D, from->a);
  flow_set(flow, "step_control", "fixed");
  for (; (*options)[0]; options++) flow_set(flow, (*options)[0], (*options)[1]);
  if (tau > 0) assert_status(IFT_OK, ift_flow_set_real(flow, "tau", tau));
  if (eta > 0) assert_status(IFT_OK, ift_flow_set_real(flow, "eta", eta));
  assert_status(IFT_OK, ift_flow_step(flow, 1));
  const particles to = particles_of(flow);
  ift_flow_destroy(flow);
  return to;
}

static const char *const none[][2] = {{NULL, NULL}};

/* Half the reaction, transport, half the reaction: the same as three flows of one step. */
static void check_parts(const char *geometry, const char *part, const char *const (*reaction)[2],
                        const char *const (*transport)[2], double eta) {
  const double tau = 0.15;
  const bool kept = !strncmp(geometry, "spherical", 9);
  scene s = make_scene(20, 1, 1);
  s.a[1] += s.a[0];
  s.a[0] = 0;
  ift_energy *energy = make_energy(context, "gaussian:0.7", s.y, M, D, s.w);
  ift_flow *flow = make_flow(context, geometry, energy, s.x, N, D, s.a);
  flow_set(flow, "splitting", "strang");
  flow_set(flow, "step_control", "fixed");
  for (int k = 0; reaction[k][0]; k++) flow_set(flow, reaction[k][0], reaction[k][1]);
  for (int k = 0; transport[k][0]; k++) flow_set(flow, transport[k][0], transport[k][1]);
  assert_status(IFT_OK, ift_flow_set_real(flow, "tau", tau));
  assert_status(IFT_OK, ift_flow_set_real(flow, "eta", eta));
  for (int step = 0; step < 3; step++) {
    const particles before = particles_of(flow), first = take(energy, part, &before, reaction, 0, eta / 2),
                    moved = take(energy, "wasserstein", &first, transport, tau, 0),
                    last = take(energy, part, &moved, reaction, 0, eta / 2);
    assert_status(IFT_OK, ift_flow_step(flow, 1));
    check_positions(flow, moved.x, 1e-9);
    check_weights(flow, last.a, 1e-9);
    double mass = 0;
    for (int i = 0; i < N; i++) mass += last.a[i];
    if (kept) assert_near(mass, 1, 1e-14, 0);
    assert_true(flow_real(flow, "tau_taken") == tau && flow_real(flow, "eta_taken") == eta);
  }
  ift_flow_destroy(flow);
  ift_energy_destroy(energy);
}

static void test_strang(void **state) {
  (void)state;
  static const char *const reactions[][3][2] = {
      {{"reaction", "exponential"}, {NULL}}, {{"reaction", "implicit"}, {"regularization", "0.1"}, {NULL}},
      {{"reaction", "linearized"}, {NULL}},  {{"reaction", "positive"}, {"regularization", "0.1"}, {NULL}},
      {{"reaction", "gradient"}, {NULL}},    {{"reaction", "mirror"}, {NULL}},
      {{"reaction", "hellinger"}, {NULL}},   {{"reaction", "projected"}, {NULL}}};
  static const char *const transports[][2][2] = {{{"transport", "explicit"}, {NULL}},
                                                 {{"transport", "euclidean"}, {NULL}},
                                                 {{"transport", "heun"}, {NULL}},
                                                 {{"transport", "implicit"}, {NULL}}};
  for (int r = 0; r < 8; r++)
    for (int t = 0; t < 4; t++) {
      const double eta = r == 4 ? 0.02 : 0.4;
      check_parts(r < 5 ? "spherical-ift" : "spherical-wfr", r < 5 ? "spherical-mmd" : "spherical-fisher-rao",
                  reactions[r], transports[t], eta);
      check_parts(r < 5 ? "ift" : "wfr", r < 5 ? "mmd" : "fisher-rao", reactions[r], transports[t], eta);
    }
}

/* Center `old`: the second half starts from the weights after the first one on the positions before transport. */
static void test_strang_around_the_old(void **state) {
  (void)state;
  const scene s = make_scene(30, 1, 1);
  const model p = scene_model(&s, &riesz, true);
  ift_flow *flow = fixed_flow(context, &s, "wfr", &riesz, "0.2", "0.5");
  flow_set(flow, "splitting", "strang");
  flow_set(flow, "center", "old");
  for (int step = 0; step < 3; step++) {
    const particles before = particles_of(flow);
    particles middle = before;
    double g[N], x[N * D], b[N];
    for (int i = 0; i < N; i++) g[i] = model_g(&p, before.x + i * D, before.x, before.a);
    mirror(before.a, g, 0.25, false, middle.a);
    model_move(&p, &middle, 0.2, x);
    for (int i = 0; i < N; i++) g[i] = model_g(&p, x + i * D, before.x, middle.a);
    mirror(middle.a, g, 0.25, false, b);
    assert_status(IFT_OK, ift_flow_step(flow, 1));
    check_positions(flow, x, 1e-13);
    check_weights(flow, b, 1e-12);
  }
  ift_flow_destroy(flow);
}

/* One half alone, or none. */
static void test_strang_of_one_half(void **state) {
  (void)state;
  const scene s = make_scene(40, 1, 1);
  ift_energy *energy = make_energy(context, "gaussian:0.7", s.y, M, D, s.w);
  particles start;
  memcpy(start.x, s.x, sizeof start.x);
  memcpy(start.a, s.a, sizeof start.a);
  for (int which = 0; which < 4; which++) {
    const double tau = which % 2 ? 0.1 : 0, eta = which / 2 ? 0.3 : 0;
    ift_flow *flow = make_flow(context, "spherical-ift", energy, s.x, N, D, s.a);
    flow_set(flow, "splitting", "strang");
    flow_set(flow, "step_control", "fixed");
    assert_status(IFT_OK, ift_flow_set_real(flow, "tau", tau));
    assert_status(IFT_OK, ift_flow_set_real(flow, "eta", eta));
    assert_status(IFT_OK, ift_flow_step(flow, 1));
    particles expected = start;
    if (eta > 0) expected = take(energy, "spherical-mmd", &expected, none, 0, eta / 2);
    if (tau > 0) expected = take(energy, "wasserstein", &expected, none, tau, 0);
    if (eta > 0) expected = take(energy, "spherical-mmd", &expected, none, 0, eta / 2);
    check_positions(flow, expected.x, 1e-12);
    check_weights(flow, expected.a, 1e-10);
    assert_true(isnan(flow_real(flow, "transport_dissipation")) == (tau == 0));
    assert_true(isnan(flow_real(flow, "reaction_dissipation")) == (eta == 0));
    ift_flow_destroy(flow);
  }
  /* where there is nothing to split, the word changes nothing */
  ift_flow *strang = make_flow(context, "wasserstein", energy, s.x, N, D, s.a),
           *lie = make_flow(context, "wasserstein", energy, s.x, N, D, s.a);
  flow_set(strang, "splitting", "strang");
  assert_status(IFT_OK, ift_flow_step(strang, 5));
  assert_status(IFT_OK, ift_flow_step(lie, 5));
  const particles one = particles_of(strang), two = particles_of(lie);
  assert_memory_equal(&one, &two, sizeof one);
  ift_flow_destroy(strang);
  ift_flow_destroy(lie);
  ift_energy_destroy(energy);
}

/* Words may change from step to step; what was made for one is there when it comes back. */
static void test_changing_words(void **state) {
  (void)state;
  static const char *const words[] = {"lie", "strang", "strang", "lie", "strang"};
  const scene s = make_scene(50, 1, 1);
  ift_energy *energy = make_energy(context, "gaussian:0.7", s.y, M, D, s.w);
  ift_flow *flow = make_flow(context, "spherical-wfr", energy, s.x, N, D, s.a);
  flow_set(flow, "step_control", "fixed");
  flow_set(flow, "tau", "0.1");
  flow_set(flow, "eta", "0.3");
  for (int k = 0; k < 5; k++) {
    const particles before = particles_of(flow);
    ift_flow *fresh = make_flow(context, "spherical-wfr", energy, before.x, N, D, before.a);
    flow_set(fresh, "step_control", "fixed");
    flow_set(fresh, "tau", "0.1");
    flow_set(fresh, "eta", "0.3");
    flow_set(fresh, "splitting", words[k]);
    flow_set(flow, "splitting", words[k]);
    assert_status(IFT_OK, ift_flow_step(flow, 1));
    assert_status(IFT_OK, ift_flow_step(fresh, 1));
    const particles p = particles_of(fresh);
    check_positions(flow, p.x, 1e-14);
    check_weights(flow, p.a, 1e-13);
    ift_flow_destroy(fresh);
  }
  ift_flow_destroy(flow);
  ift_energy_destroy(energy);
}

/* tau on auto: 0.58/L; `euclidean` particles go a_i times as far, so that it is 0.58/(L max a_i), the weights being
 * those of the moment. */
static void test_automatic_tau(void **state) {
  (void)state;
  static const char *const transports[] = {"explicit", "euclidean", "heun", "implicit"};
  static const double masses[][2] = {{1, 1}, {2.5, 1}, {1, 3}};
  for (int m = 0; m < 3; m++)
    for (int t = 0; t < 4; t++) {
      const scene s = make_scene(60, masses[m][0], masses[m][1]);
      ift_flow *flow = scene_flow(context, &s, "ift", "gaussian:0.7");
      flow_set(flow, "transport", transports[t]);
      for (int step = 0; step < 3; step++) {
        const particles now = particles_of(flow);
        double mass = 0, largest = 0;
        for (int i = 0; i < N; i++) {
          mass += now.a[i];
          largest = fmax(largest, now.a[i]);
        }
        /* along paths 1/2 MMD^2 curves by 2 exp(-3/2)/s^2 of the measure's mass and 1/s^2 of the target's */
        const double curvature = (2 * exp(-1.5) * mass + masses[m][1]) / 0.49;
        assert_near(flow_real(flow, "tau"), 0.58 / curvature / (t == 1 ? largest : 1), 1e-12, 0);
        assert_status(IFT_OK, ift_flow_step(flow, 1));
      }
      ift_flow_destroy(flow);
    }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_heun),
      cmocka_unit_test(test_strang),
      cmocka_unit_test(test_strang_around_the_old),
      cmocka_unit_test(test_strang_of_one_half),
      cmocka_unit_test(test_changing_words),
      cmocka_unit_test(test_automatic_tau),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
