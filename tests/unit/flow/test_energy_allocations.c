/* Flows of every energy take their memory in the first step; later ones, and readings, take none. */
#include "kl.h"
#include "support/host.h"
#include "support/memory.h"

enum { KL, OPAQUE_KL, POTENTIAL, INTERACTION, SUM, CUSTOM, KINDS };

static ift_energy *energy_of(ift_context *own, int kind, host *h, const scene *s) {
  ift_energy *energy = NULL;
  h->scale = 1;
  ift_target *mixture_ = make_mixture(own, &kl_pi), *outer = NULL;
  ift_kernel *kernel = make_kernel(own, "gaussian:0.9");
  if (kind == KL) assert_status(IFT_OK, ift_energy_kl(own, &energy, mixture_, KL_BANDWIDTH));
  if (kind == OPAQUE_KL) {
    outer = host_density(own, h, mixture_);
    assert_status(IFT_OK, ift_energy_kl(own, &energy, outer, KL_BANDWIDTH));
  }
  if (kind == POTENTIAL) assert_status(IFT_OK, ift_energy_potential(own, &energy, D, host_potential, h, NULL));
  if (kind == INTERACTION) assert_status(IFT_OK, ift_energy_interaction(own, &energy, D, kernel));
  if (kind == CUSTOM) assert_status(IFT_OK, ift_energy_custom(own, &energy, D, host_evaluate, h, NULL));
  if (kind == SUM) {
    const double coefficients[2] = {1, 0.5};
    ift_energy *kl, *mmd = make_energy(own, "gaussian:0.7", s->y, M, D, s->w);
    assert_status(IFT_OK, ift_energy_kl(own, &kl, mixture_, KL_BANDWIDTH));
    const ift_energy *parts[2] = {mmd, kl};
    assert_status(IFT_OK, ift_energy_sum(own, &energy, coefficients, parts, 2));
    ift_energy_destroy(kl);
    ift_energy_destroy(mmd);
  }
  ift_kernel_destroy(kernel);
  ift_target_destroy(outer);
  if (kind != OPAQUE_KL) ift_target_destroy(mixture_); /* the host uses it without a hold on it */
  return energy;
}

static void check_steps(int kind, const char *geometry, const char *options, int *used) {
  memory m = {0};
  ift_context *own = memory_context(&m);
  scene s = make_scene(90, 1, 1);
  const bool jumps = strstr(options, "birth") != NULL;
  for (int i = 0; i < N; i++) s.a[i] = jumps ? 1.0 / N : s.a[i];
  host h = {0};
  ift_energy *energy = energy_of(own, kind, &h, &s);
  ift_flow *flow = make_flow(own, geometry, energy, s.x, N, D, s.a);
  ift_kernel *kernel = make_kernel(own, "gaussian:0.7");
  (void)ift_flow_set_kernel(flow, kernel);
  (void)ift_flow_set_real(flow, "tau", 0.02); /* on auto a custom energy is probed now and then */
  (void)ift_flow_set_real(flow, "eta", 0.02);
  if (flow_takes(flow, options) && ift_flow_step(flow, 1) == IFT_OK) {
    m.calls = 0;
    assert_true(ift_flow_step(flow, 10) >= 0);
    assert_true(ift_flow_run(flow, 5) >= 0);
    assert_true(isfinite(flow_real(flow, "energy")));
    (void)flow_real(flow, "stationarity");
    if (m.calls != 0) fail_msg("energy %d, %s, %s: %d allocations", kind, geometry, options, (int)m.calls);
    ++*used;
  }
  ift_kernel_destroy(kernel);
  ift_flow_destroy(flow);
  ift_energy_destroy(energy);
  if (kind == OPAQUE_KL) ift_target_destroy((ift_target *)h.inner);
  ift_context_destroy(own);
  assert_int_equal(m.live, 0);
}

static void test_steps(void **state) {
  (void)state;
  static const struct {
    const char *geometry, *options;
    int usable; /* by how many of the energies */
  } modes[] = {
      {"wasserstein", "transport=explicit", KINDS},
      {"wasserstein", "transport=heun", KINDS},
      {"wasserstein", "transport=implicit", KINDS},
      {"wasserstein", "transport=langevin", 2},
      {"spherical-wfr", "transport=langevin reaction=birth-death", 2},
      {"spherical-wfr", "reaction=birth-death", KINDS},
      {"wfr", "reaction=mirror splitting=strang", KINDS},
      {"spherical-ift", "reaction=auto", KINDS},
      {"spherical-ift", "reaction=gradient noise=0.1", KINDS},
      {"spherical-mmd", "reaction=linearized regularization=0.01", KINDS},
      {"spherical-ift", "reaction=newton regularization=0.01", 4},
  };
  for (size_t k = 0; k < sizeof modes / sizeof modes[0]; k++) {
    int used = 0;
    for (int kind = 0; kind < KINDS; kind++) check_steps(kind, modes[k].geometry, modes[k].options, &used);
    assert_int_equal(used, modes[k].usable);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_steps)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
