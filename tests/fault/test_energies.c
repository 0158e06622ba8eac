/* No memory for targets and energies other than those of samples, and in flows of them in every mode. */
#include "fault.h"
#include "support/host.h"
#include "support/mixture.h"

static const mixture pi = {2, FAULT_D, {0.4, 0.6}, {-1, 0, 1, 0.5}, {1, 0.2, 0.2, 0.5, 0.7, 0, 0, 1}};
static const double ones[2] = {1, 0.5};
static host h; /* of the one stage that is open, or of two that have nothing of their own in it */
static int expected_ends;

/* The calls. */

static ift_status act_mixture(stage *s) {
  return ift_target_gaussian_mixture(s->context, &s->made_target, pi.count, pi.d, pi.w, pi.m, pi.c);
}

/* A failed constructor ends the user's data, too. */
static ift_status count_end(ift_status status) {
  expected_ends++;
  return status;
}

static int density_stub(double *values, const double *x, int64_t n, int64_t d, void *user) {
  (void)d, (void)user;
  for (int64_t i = 0; i < n; i++) values[i] = -(x[i * FAULT_D] * x[i * FAULT_D] + pow(x[i * FAULT_D + 1] - 1, 2)) / 2;
  return 0;
}

static int score_stub(double *scores, const double *x, int64_t n, int64_t d, void *user) {
  (void)user;
  for (int64_t k = 0; k < n * d; k++) scores[k] = (k % d == 1 ? 1 : 0) - x[k];
  return 0;
}

static ift_status act_density(stage *s) {
  return count_end(
      ift_target_density(s->context, &s->made_target, FAULT_D, density_stub, score_stub, NULL, &h, host_destroy));
}

static ift_status act_sampler(stage *s) {
  return count_end(ift_target_sampler(s->context, &s->made_target, FAULT_D, host_sample, &h, host_destroy));
}

static ift_status act_potential(stage *s) {
  return count_end(ift_energy_potential(s->context, &s->made_energy, FAULT_D, host_potential, &h, host_destroy));
}

static ift_status act_custom(stage *s) {
  return count_end(ift_energy_custom(s->context, &s->made_energy, FAULT_D, host_evaluate, &h, host_destroy));
}

static ift_status act_interaction(stage *s) {
  return ift_energy_interaction(s->context, &s->made_energy, FAULT_D, s->kernel);
}

static ift_status act_kl(stage *s) {
  return ift_energy_kl(s->context, &s->made_energy, s->target, 0.5);
}

static ift_status act_mmd(stage *s) {
  return ift_energy_mmd(s->context, &s->made_energy, s->kernel, s->target);
}

static ift_status act_sum(stage *s) {
  const ift_energy *parts[2] = {s->energy, s->energy};
  return ift_energy_sum(s->context, &s->made_energy, ones, parts, 2);
}

/* Puts another target or energy on the stage. */
static void replace_target(stage *s, ift_target *target) {
  ift_target_destroy(s->target);
  s->target = target;
}

static void replace_energy(stage *s, ift_energy *energy) {
  ift_energy_destroy(s->energy);
  s->energy = energy;
}

static void with_mixture(stage *s) {
  replace_target(s, make_mixture(s->context, &pi));
}

static void with_density(stage *s) {
  ift_target *target;
  assert_status(IFT_OK, ift_target_density(s->context, &target, FAULT_D, density_stub, score_stub, NULL, NULL, NULL));
  replace_target(s, target);
}

static void with_sampler(stage *s) {
  ift_target *target;
  assert_status(IFT_OK, ift_target_sampler(s->context, &target, FAULT_D, host_sample, &h, NULL));
  replace_target(s, target);
}

static void test_constructors(void **state) {
  (void)state;
  static const scenario scenarios[] = {
      {"mixture", act_mixture, NULL, NULL, NULL, 8},
      {"density", act_density, NULL, NULL, NULL, 2},
      {"sampler", act_sampler, NULL, NULL, NULL, 2},
      {"potential", act_potential, NULL, NULL, NULL, 1},
      {"custom", act_custom, NULL, NULL, NULL, 1},
      {"interaction", act_interaction, NULL, NULL, NULL, 1},
      {"kl of a mixture", act_kl, with_mixture, NULL, NULL, 2},
      {"kl of a density", act_kl, with_density, NULL, NULL, 2},
      {"mmd of a mixture", act_mmd, with_mixture, NULL, NULL, 4},
      {"mmd of a sampler", act_mmd, with_sampler, NULL, NULL, 4},
      {"sum", act_sum, NULL, NULL, NULL, 3},
  };
  for (size_t k = 0; k < sizeof scenarios / sizeof scenarios[0]; k++) {
    h = (host){.scale = 1};
    expected_ends = 0;
    fault_run(&scenarios[k], NULL);
    assert_int_equal(h.destroyed, expected_ends); /* once each, whether it came about or not */
  }
}

/* An energy of each kind. */
enum { MIXTURE_KL, DENSITY_KL, POTENTIAL, INTERACTION, CUSTOM, SUM, SAMPLER_MMD, KINDS };

static void with_energy(stage *s, int kind) {
  ift_energy *energy, *other;
  if (kind == MIXTURE_KL || kind == SUM) with_mixture(s);
  if (kind == DENSITY_KL) with_density(s);
  if (kind == SAMPLER_MMD) with_sampler(s);
  if (kind == MIXTURE_KL || kind == DENSITY_KL)
    assert_status(IFT_OK, ift_energy_kl(s->context, &energy, s->target, 0.5));
  else if (kind == POTENTIAL)
    assert_status(IFT_OK, ift_energy_potential(s->context, &energy, FAULT_D, host_potential, &h, NULL));
  else if (kind == INTERACTION)
    assert_status(IFT_OK, ift_energy_interaction(s->context, &energy, FAULT_D, s->kernel));
  else if (kind == CUSTOM)
    assert_status(IFT_OK, ift_energy_custom(s->context, &energy, FAULT_D, host_evaluate, &h, NULL));
  else if (kind == SAMPLER_MMD)
    assert_status(IFT_OK, ift_energy_mmd(s->context, &energy, s->kernel, s->target));
  else {
    assert_status(IFT_OK, ift_energy_kl(s->context, &other, s->target, 0.5));
    const ift_energy *parts[2] = {s->energy, other};
    assert_status(IFT_OK, ift_energy_sum(s->context, &energy, ones, parts, 2));
    ift_energy_destroy(other);
  }
  replace_energy(s, energy);
}

static int which; /* of the energies, or modes */

static void prepare_energy(stage *s) {
  with_energy(s, which);
}

static ift_status act_numbers(stage *s) {
  double value, g[FAULT_N], v[FAULT_N * FAULT_D];
  ift_status status = ift_energy_value(s->energy, &value, s->measure);
  if (status == IFT_OK) status = ift_energy_first_variation(s->energy, g, s->x, FAULT_N, FAULT_D, s->measure);
  if (status == IFT_OK) status = ift_energy_gradient(s->energy, v, NULL, 0, 0, s->measure);
  if (status != IFT_OK) return status;
  stage_tell(s, value);
  for (int i = 0; i < FAULT_N; i++) stage_tell(s, g[i]);
  for (int i = 0; i < FAULT_N * FAULT_D; i++) stage_tell(s, v[i]);
  return IFT_OK;
}

static ift_status act_check(stage *s) {
  const ift_status status = ift_energy_check(s->energy, s->measure, 1e-5);
  assert_true(status == IFT_OK || status == IFT_ERR_NO_MEMORY);
  return status;
}

/* The kernel of the stage has a kink, at which differences say nothing. */
static void prepare_smooth(stage *s) {
  ift_kernel_destroy(s->kernel);
  s->kernel = make_kernel(s->context, "gaussian:0.7");
  ift_energy *energy;
  assert_status(IFT_OK, ift_energy_mmd(s->context, &energy, s->kernel, s->target));
  replace_energy(s, energy);
  with_energy(s, which);
}

static void test_numbers(void **state) {
  (void)state;
  h = (host){.scale = 1};
  for (which = 0; which < KINDS; which++) {
    const scenario numbers = {"numbers of an energy", act_numbers, prepare_energy, NULL, NULL, 4},
                   check = {"check of an energy", act_check, prepare_smooth, NULL, NULL, 5};
    if (which != SAMPLER_MMD) fault_run(&numbers, NULL);
    if (which != SAMPLER_MMD) fault_run(&check, NULL); /* 10000 points in each difference */
  }
}

/* Flows: an energy, a geometry, options, and whether a kernel is set. */
static const struct {
  int kind;
  const char *geometry, *options;
  bool metric;
  int64_t least;
} modes[] = {
    {MIXTURE_KL, "wasserstein", "transport=explicit", false, 0},
    {MIXTURE_KL, "wasserstein", "transport=langevin tau=0.1", false, 0},
    {MIXTURE_KL, "spherical-wfr", "transport=langevin tau=0.1 reaction=birth-death eta=1", false, 0},
    {MIXTURE_KL, "wfr", "transport=langevin tau=0.1 splitting=strang", false, 3},
    {MIXTURE_KL, "wfr", "transport=implicit splitting=strang tau=0.1", false, 5},
    {MIXTURE_KL, "spherical-ift", "reaction=auto", true, 2},
    {MIXTURE_KL, "spherical-ift", "reaction=linearized rejuvenate=target rejuvenate_every=1 eta=0.5", true, 3},
    {MIXTURE_KL, "ift", "reaction=newton regularization=0.1 transport=heun", true, 4},
    {DENSITY_KL, "spherical-fisher-rao", "reaction=birth-death eta=1", false, 0},
    {DENSITY_KL, "ift", "reaction=gradient", false, 0},
    {DENSITY_KL, "spherical-mmd", "reaction=newton", true, 4},
    {POTENTIAL, "spherical-ift", "reaction=newton tau=0.1", true, 4},
    {INTERACTION, "spherical-wfr", "tau=0.05", false, 0},
    {CUSTOM, "wasserstein", "transport=explicit", false, 1},
    {CUSTOM, "spherical-ift", "reaction=auto", true, 3},
    {SUM, "spherical-ift", "reaction=newton regularization=0.1", true, 5},
    {SUM, "wfr", "transport=implicit tau=0.1", false, 3},
    {SAMPLER_MMD, "wasserstein", "batch=3 accumulate=yes tau=0.1", false, 15},
    {SAMPLER_MMD, "spherical-ift", "batch=4 accumulate=yes splitting=strang tau=0.1 eta=0.1", false, 18},
    {SAMPLER_MMD, "spherical-ift", "reaction=auto step_control=fixed tau=0.1 eta=0.01", true, 2},
};
enum { MODES = sizeof modes / sizeof modes[0] };

static double x_before[FAULT_N * FAULT_D], a_before[FAULT_N];
static int64_t step_before;

static void keep_state(const stage *s) {
  memcpy(x_before, ift_measure_positions(ift_flow_measure(s->flow)), sizeof x_before);
  memcpy(a_before, ift_measure_weights(ift_flow_measure(s->flow)), sizeof a_before);
  step_before = flow_int(s->flow, "step");
}

static void set_stage(stage *s) {
  const double some[FAULT_N] = {0.2, 0, 0.3, 0, 0.1, 0.4}; /* dead ones, too */
  if (!strstr(modes[which].options, "birth")) assert_status(IFT_OK, ift_measure_set(s->measure, NULL, some));
  with_energy(s, modes[which].kind);
}

/* "name=value name=value" */
static ift_status set_up_flow(ift_flow *flow, const ift_kernel *kernel) {
  char text[256], *save = NULL;
  snprintf(text, sizeof text, "%s", modes[which].options);
  for (char *word = strtok_r(text, " ", &save); word; word = strtok_r(NULL, " ", &save)) {
    char *value = strchr(word, '=');
    *value = 0;
    assert_status(IFT_OK, ift_flow_set_text(flow, word, value + 1));
  }
  return modes[which].metric ? ift_flow_set_kernel(flow, kernel) : IFT_OK;
}

static void prepare_flow(stage *s) {
  set_stage(s);
  assert_status(IFT_OK, ift_flow_create(s->context, &s->flow, modes[which].geometry, s->energy, s->measure));
  assert_status(IFT_OK, set_up_flow(s->flow, s->kernel));
  keep_state(s);
}

static void check_flow(stage *s) {
  /* steps before the one that failed count: as far as it got, the flow is whole */
  if (flow_int(s->flow, "step") == step_before) {
    assert_memory_equal(x_before, ift_measure_positions(ift_flow_measure(s->flow)), sizeof x_before);
    assert_memory_equal(a_before, ift_measure_weights(ift_flow_measure(s->flow)), sizeof a_before);
  }
  assert_true(isfinite(ift_measure_mass(ift_flow_measure(s->flow))));
}

/* What is left of three steps. */
static ift_status act_steps(stage *s) {
  return ift_flow_step(s->flow, 3 - flow_int(s->flow, "step"));
}

static ift_status act_create(stage *s) {
  return ift_flow_create(s->context, &s->made_flow, modes[which].geometry, s->energy, s->measure);
}

static void tell_flow(stage *s) {
  stage_tell_measure(s, ift_flow_measure(s->flow));
  if (modes[which].kind != SAMPLER_MMD) stage_tell(s, flow_real(s->flow, "energy"));
  stage_tell(s, (double)flow_int(s->flow, "step"));
}

static void test_flows(void **state) {
  (void)state;
  h = (host){.scale = 1};
  for (which = 0; which < MODES; which++) {
    const scenario steps = {modes[which].options, act_steps, prepare_flow, check_flow, tell_flow, modes[which].least},
                   create = {modes[which].geometry, act_create, set_stage, NULL, NULL, 10};
    fault_run(&steps, NULL);
    if (modes[which].kind != SAMPLER_MMD) fault_run(&create, NULL);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_constructors),
      cmocka_unit_test(test_numbers),
      cmocka_unit_test(test_flows),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
