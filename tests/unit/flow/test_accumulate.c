/* Accumulated batches: what a step sees is all that was drawn so far, with equal weights; samplers that fail. */
#include "kl.h"
#include "support/host.h"

#include "flow/flow.h"
#include "support/fixture.h"

enum { MANY = 400 };
/* A host's sampler that keeps what it gave. */
typedef struct record {
  host h;
  int64_t count;
  double y[MANY * D];
  bool on;
} record;

static int sample(double *points, int64_t n, int64_t d, uint64_t seed, void *user) {
  record *r = user;
  const int answer = host_sample(points, n, d, seed, &r->h);
  if (!r->on || answer != 0) return answer;
  assert_true(r->count + n <= MANY);
  memcpy(r->y + r->count * D, points, (size_t)(n * d) * sizeof(double));
  r->count += n;
  return 0;
}

static ift_flow *sampler_flow(record *r, const scene *s, const char *geometry, const char *kernel_spec) {
  ift_target *target;
  ift_energy *energy;
  ift_kernel *kernel = make_kernel(context, kernel_spec);
  *r = (record){0};
  assert_status(IFT_OK, ift_target_sampler(context, &target, D, sample, r, NULL));
  assert_status(IFT_OK, ift_energy_mmd(context, &energy, kernel, target));
  ift_flow *flow = make_flow(context, geometry, energy, s->x, N, D, s->a);
  ift_kernel_destroy(kernel);
  ift_target_destroy(target);
  ift_energy_destroy(energy);
  r->on = true;
  r->h.calls = 0;
  return flow;
}

/* The energy of the flow's batch, seen from inside, is 1/2 MMD^2 to all points so far; batches may change their size on
 * the way. */
static void test_energy_of_the_batch(void **state) {
  (void)state;
  static const int64_t sizes[] = {7, 7, 7, 20, 1, 1, 30, 7, 7, 50};
  const formula *const kernels[] = {&gaussian, &laplace};
  for (int k = 0; k < 2; k++) {
    const scene s = make_scene(60, 1, 1);
    record r;
    ift_flow *flow = sampler_flow(&r, &s, "spherical-wfr", kernels[k]->spec);
    flow_set(flow, "accumulate", "yes");
    flow_set(flow, "tau", "0.1");
    flow_set(flow, "eta", "0.1");
    int64_t drawn = 0;
    for (int step = 0; step < 10; step++) {
      assert_status(IFT_OK, ift_flow_set_int(flow, "batch", sizes[step]));
      assert_status(IFT_OK, ift_flow_step(flow, 1));
      drawn += sizes[step];
      assert_int_equal(r.count, drawn);
      assert_int_equal(flow->batch->target->n, drawn);
      double value, weights[MANY];
      const particles now = particles_of(flow);
      for (int64_t j = 0; j < drawn; j++) weights[j] = 1 / (double)drawn;
      assert_status(IFT_OK, ift_energy_value(flow->batch, &value, ift_flow_measure(flow)));
      assert_near(value, formula_mmd2(kernels[k], now.x, N, now.a, r.y, drawn, weights, D) / 2, 1e-11, 1e-13);
    }
    ift_flow_destroy(flow);
  }
}

/* The step itself: transport and mirror reaction towards these points, by formulas; and for `no` towards the last ones
 * alone. Switched off and on again, it starts from nothing. */
static void test_steps(void **state) {
  (void)state;
  static const char *const modes[] = {"yes", "yes", "yes", "no", "no", "yes", "yes"};
  const formula *const kernels[] = {&gaussian, &riesz};
  for (int k = 0; k < 2; k++) {
    const scene s = make_scene(61, 1, 1);
    record r;
    ift_flow *flow = sampler_flow(&r, &s, "spherical-wfr", kernels[k]->spec);
    flow_set(flow, "tau", "0.15");
    flow_set(flow, "eta", "0.2");
    flow_set(flow, "batch", "9");
    int64_t first = 0;
    for (int step = 0; step < 7; step++) {
      flow_set(flow, "accumulate", modes[step]);
      const particles before = particles_of(flow);
      assert_status(IFT_OK, ift_flow_step(flow, 1));
      if (strcmp(modes[step], "no") == 0 || (step > 0 && strcmp(modes[step - 1], "no") == 0)) first = r.count - 9;
      model p = {.f = kernels[k], .m = r.count - first};
      assert_true(p.m <= MOST);
      memcpy(p.y, r.y + first * D, (size_t)(p.m * D) * sizeof(double));
      for (int64_t j = 0; j < p.m; j++) p.w[j] = 1 / (double)p.m;
      particles after;
      double g[N];
      model_move(&p, &before, 0.15, after.x);
      for (int i = 0; i < N; i++) g[i] = model_g(&p, after.x + i * D, after.x, before.a);
      mirror(before.a, g, 0.2, true, after.a);
      check_positions(flow, after.x, 1e-12);
      check_weights(flow, after.a, 1e-11);
    }
    ift_flow_destroy(flow);
  }
}

/* MMD^2 to a mixture, in closed form, after 150 steps with batches of 5, mean of some seeds. */
static double final_error(const char *accumulate) {
  enum { SEEDS = 6 };
  const scene s = make_scene(62, 1, 1);
  double sum = 0;
  ift_kernel *kernel = make_kernel(context, "gaussian:1.5");
  ift_target *target = make_mixture(context, &kl_pi);
  ift_energy *energy;
  assert_status(IFT_OK, ift_energy_mmd(context, &energy, kernel, target));
  for (int64_t seed = 0; seed < SEEDS; seed++) {
    ift_flow *flow = make_flow(context, "wasserstein", energy, s.x, N, D, s.a);
    flow_set(flow, "batch", "5");
    flow_set(flow, "accumulate", accumulate);
    flow_set(flow, "tau", "1");
    assert_status(IFT_OK, ift_flow_set_int(flow, "seed", seed));
    assert_status(IFT_OK, ift_flow_step(flow, 150));
    sum += flow_real(flow, "mmd2") / SEEDS;
    ift_flow_destroy(flow);
  }
  ift_energy_destroy(energy);
  ift_target_destroy(target);
  ift_kernel_destroy(kernel);
  return sum;
}

static void test_error(void **state) {
  (void)state;
  const double fresh = final_error("no"), accumulated = final_error("yes");
  print_message("MMD^2 after 150 steps: %.3g with fresh batches, %.3g with accumulated ones\n", fresh, accumulated);
  assert_true(accumulated < 0.5 * fresh);
}

/* The energy is left out: that of the whole target takes its 10000 points. */
static void assert_same_particles(particles one, particles other) {
  assert_memory_equal(&one, &other, sizeof one);
}

/* A sampler that fails, stops or gives no numbers in step k: the flow is as it was, and the retry is the run that
 * nothing disturbed. */
static void test_failing_sampler(void **state) {
  (void)state;
  static const char *const options[] = {"reaction=gradient accumulate=yes", "reaction=exponential accumulate=yes",
                                        "accumulate=yes rejuvenate=target rejuvenate_every=1 eta=20",
                                        "accumulate=yes splitting=strang", "accumulate=no"};
  for (int mode = 0; mode < 5; mode++)
    for (int how = 0; how < 3; how++)
      for (int at = 1; at <= 5; at += 2) {
        const scene s = make_scene(63, 1, 1);
        record one, two;
        ift_flow *calm = sampler_flow(&one, &s, "spherical-ift", "gaussian:0.7"),
                 *flow = sampler_flow(&two, &s, "spherical-ift", "gaussian:0.7");
        flow_set(calm, "batch", "6");
        flow_set(flow, "batch", "6");
        assert_true(flow_takes(calm, options[mode]) && flow_takes(flow, options[mode]));
        assert_status(IFT_OK, ift_flow_step(calm, at - 1));
        two.h.calls = 0;
        assert_status(IFT_OK, ift_flow_step(flow, at - 1));
        const particles before = particles_of(flow);
        two.h.act_at = two.h.calls + 1;
        two.h.answer = how == 0 ? -3 : how == 1 ? 3 : 0;
        two.h.poisoned = how == 2;
        two.h.poison = NAN;
        for (int again = 0; again < 2; again++) {
          two.h.calls = two.h.act_at - 1;
          assert_status(how == 0   ? IFT_ERR_CALLBACK
                        : how == 1 ? IFT_STOPPED
                                   : IFT_ERR_NOT_FINITE,
                        ift_flow_step(flow, 4));
          assert_same_particles(before, particles_of(flow));
          assert_int_equal(flow_int(flow, "step"), at - 1);
        }
        if (how == 0) assert_message(context, "the sample function of a sampler target returned -3");
        two.h.act_at = 0;
        assert_status(IFT_OK, ift_flow_step(flow, 4));
        assert_status(IFT_OK, ift_flow_step(calm, 4));
        assert_same_particles(particles_of(calm), particles_of(flow));
        ift_flow_destroy(calm);
        ift_flow_destroy(flow);
      }
}

/* Of samples and of mixtures: the batches are the draws from them. */
static void test_other_targets(void **state) {
  (void)state;
  const scene s = make_scene(64, 1, 1);
  for (int kind = 0; kind < 2; kind++) {
    ift_kernel *kernel = make_kernel(context, "gaussian:0.7");
    ift_target *target = kind ? make_mixture(context, &kl_pi) : make_samples(context, s.y, M, D, s.w);
    ift_energy *energy;
    assert_status(IFT_OK, ift_energy_mmd(context, &energy, kernel, target));
    ift_flow *flow = make_flow(context, "wasserstein", energy, s.x, N, D, s.a);
    flow_set(flow, "batch", "5");
    flow_set(flow, "accumulate", "yes");
    assert_status(IFT_OK, ift_flow_set_int(flow, "seed", 8));
    ift_rng rng = flow_stream(8);
    double points[20 * D];
    for (int step = 0; step < 4; step++) {
      assert_status(IFT_OK, ift_flow_step(flow, 1));
      assert_status(IFT_OK, target->kind->draw(target, &rng, points + step * 5 * D, 5));
      assert_int_equal(flow->batch->target->n, 5 * (step + 1));
      assert_memory_equal(flow->batch->target->points, points, (size_t)(5 * (step + 1) * D) * sizeof(double));
    }
    ift_flow_destroy(flow);
    ift_energy_destroy(energy);
    ift_target_destroy(target);
    ift_kernel_destroy(kernel);
  }
}

static void test_refused(void **state) {
  (void)state;
  const scene s = make_scene(65, 1, 1);
  ift_flow *flow = scene_flow(context, &s, "ift", "gaussian:0.7");
  flow_set(flow, "accumulate", "yes");
  assert_refused(context, flow, IFT_ERR_OPTION, "accumulate is 'yes', and there is no batch to accumulate");
  flow_set(flow, "batch", "3");
  assert_status(IFT_OK, ift_flow_step(flow, 1));
  ift_flow_destroy(flow);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_energy_of_the_batch), cmocka_unit_test(test_steps),         cmocka_unit_test(test_error),
      cmocka_unit_test(test_failing_sampler),     cmocka_unit_test(test_other_targets), cmocka_unit_test(test_refused),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
