/* Reaction `projected`, which is not indifferent to constants in g, and to which dead particles are nothing; and eta on
 * auto where no smoothness is known. */
#include "scene.h"
#include "support/energies.h"
#include "support/fixture.h"

/* Where the smoothness is not known, a fifth over what g ranges over; for `projected`, and where mass is free, over its
 * largest size. */
static void test_automatic_by_range(void **state) {
  (void)state;
  const double x[3] = {0, 1, 2}, constant = 0.5 + 0.3 + 0.02; /* V at 0 */
  double v[3];
  exhibit_potential(v, NULL, x, 3, 1, NULL);
  assert_near(v[0], constant, 1e-14, 0);
  const double high = fmax(fmax(v[0], v[1]), v[2]), low = fmin(fmin(v[0], v[1]), v[2]);
  ift_energy *energy = make_potential(context, 1);
  static const char *const reactions[] = {"mirror", "hellinger", "projected"};
  for (int kept = 0; kept < 2; kept++)
    for (int r = 0; r < 3; r++) {
      ift_flow *flow = make_flow(context, kept ? "spherical-fisher-rao" : "fisher-rao", energy, x, 3, 1, NULL);
      flow_set(flow, "reaction", reactions[r]);
      assert_near(flow_real(flow, "eta"), 0.2 / (kept && r < 2 ? high - low : high), 1e-13, 0);
      ift_flow_destroy(flow);
    }
  ift_energy_destroy(energy);
}

/* An infinite factor on a dead particle is no number, and of no matter. */
static int steep(double *values, double *gradients, const double *x, int64_t n, int64_t d, void *user) {
  (void)user;
  for (int64_t k = 0; k < n; k++) values[k] = x[k] > 9 ? -1e6 : x[k];
  for (int64_t k = 0; gradients && k < n * d; k++) gradients[k] = 1;
  return 0;
}

static void test_projected_dead_particle(void **state) {
  (void)state;
  const double x[3] = {0, 1, 10}, a[3] = {0.5, 0.5, 0};
  ift_energy *energy;
  assert_status(IFT_OK, ift_energy_potential(context, &energy, 1, steep, NULL, NULL));
  ift_flow *flow = make_flow(context, "fisher-rao", energy, x, 3, 1, a);
  flow_set(flow, "reaction", "projected");
  flow_set(flow, "eta", "0.5");
  assert_status(IFT_OK, ift_flow_step(flow, 1));
  assert_true(ift_measure_weights(ift_flow_measure(flow))[2] == 0);
  assert_near(ift_measure_weights(ift_flow_measure(flow))[1], 0.5 * exp(-0.5), 1e-14, 0);
  ift_flow_destroy(flow);
  ift_energy_destroy(energy);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_automatic_by_range),
      cmocka_unit_test(test_projected_dead_particle),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
