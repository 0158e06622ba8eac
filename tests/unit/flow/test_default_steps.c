/* What a user gets who sets nothing: a geometry with a reaction must not end above transport alone. The problems are hard for exact
 * weights, which starve transport when they come too early: particles in one cluster far from a target with structure. */
#include "support/near.h"

enum { N = 60, M = 150 };

/* A low-discrepancy sequence in place of random numbers (Roberts 2018). */
static double sequence(int k, int l) {
  const double step[2] = {0.7548776662466927, 0.5698402909980532};
  return fmod(0.5 + step[l] * (k + 1), 1);
}

static void rings(double *y) {
  for (int j = 0; j < M; j++) {
    const double radius = j % 3 + 1, angle = 2 * acos(-1.0) * sequence(j, 0);
    y[2 * j] = radius * cos(angle);
    y[2 * j + 1] = radius * sin(angle);
  }
}

static void two_squares(double *y) {
  for (int j = 0; j < M; j++) {
    const double center = j % 5 < 2 ? 0 : 3;
    y[2 * j] = center + sequence(j, 0);
    y[2 * j + 1] = sequence(j, 1) - center;
  }
}

static double reach(const double *y, const char *geometry, int64_t steps) {
  double x[2 * N], mmd2;
  for (int i = 0; i < N; i++) {
    x[2 * i] = -3 + 0.3 * sequence(i, 0);
    x[2 * i + 1] = 0.3 * sequence(i, 1);
  }
  ift_context *context;
  ift_measure *start, *samples;
  ift_kernel *kernel;
  ift_target *target;
  ift_energy *energy;
  ift_flow *flow;
  assert_status(IFT_OK, ift_context_create(&context));
  assert_status(IFT_OK, ift_measure_create(context, &start, x, N, 2, NULL));
  assert_status(IFT_OK, ift_measure_create(context, &samples, y, M, 2, NULL));
  assert_status(IFT_OK, ift_kernel_gaussian(context, &kernel, 0.7));
  assert_status(IFT_OK, ift_target_samples(context, &target, samples));
  assert_status(IFT_OK, ift_energy_mmd(context, &energy, kernel, target));
  assert_status(IFT_OK, ift_flow_create(context, &flow, geometry, energy, start));
  assert_true(ift_flow_step(flow, steps) >= 0);
  assert_status(IFT_OK, ift_flow_get_real(flow, "mmd2", &mmd2));
  ift_flow_destroy(flow);
  ift_energy_destroy(energy);
  ift_target_destroy(target);
  ift_kernel_destroy(kernel);
  ift_measure_destroy(start);
  ift_measure_destroy(samples);
  ift_context_destroy(context);
  return mmd2;
}

static void never_worse(void **state) {
  (void)state;
  void (*const problems[])(double *) = {rings, two_squares};
  static const char *const geometries[] = {"spherical-ift", "ift", "spherical-wfr", "wfr"};
  for (int p = 0; p < 2; p++) {
    double y[2 * M];
    problems[p](y);
    for (int64_t steps = 150; steps <= 600; steps *= 2) {
      const double alone = reach(y, "wasserstein", steps);
      for (int g = 0; g < 4; g++) assert_true(reach(y, geometries[g], steps) <= alone);
    }
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(never_worse)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
