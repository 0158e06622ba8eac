/* Results, and what the questions share. */
#define _POSIX_C_SOURCE 200809L
#include "bench/speed/speed.h"

void speed_title(const char *title) {
  printf("\n  %s\n", title);
}

void speed_report(speed *s, const char *target, const char *what, double figure, const char *unit, speed_goal direction,
                  double goal) {
  const bool met = direction == LEAST ? figure >= goal : figure <= goal;
  const char *verdict = direction == NO_TARGET || s->smoke || isnan(figure) ? "" : met ? "pass" : "below target";
  printf("  %-3s %-52s %10.4g %-8s", target, what, figure, unit);
  if (direction != NO_TARGET) printf(" %s %-6g %s", direction == LEAST ? ">=" : "<=", goal, verdict);
  printf("\n");
  fflush(stdout);
  fprintf(s->csv, "%s,\"%s\",%.9g,%s,", target, what, figure, unit);
  if (direction != NO_TARGET) fprintf(s->csv, "%g", goal);
  fprintf(s->csv, ",%s\n", verdict);
  if (*verdict) met ? s->passed++ : s->below++;
}

double *speed_cloud(int64_t n, int64_t d, uint64_t seed) {
  double *x = malloc((size_t)(n * d) * sizeof *x);
  if (!x) exit(1);
  for (int64_t k = 0; k < n * d; k++) {
    double uniform[2];
    for (int i = 0; i < 2; i++) {
      seed = seed * 6364136223846793005u + 1442695040888963407u;
      uniform[i] = ((double)(seed >> 11) + 0.5) * 0x1p-53;
    }
    x[k] = sqrt(-2 * log(uniform[0])) * cos(6.283185307179586 * uniform[1]);
  }
  return x;
}

ift_flow *speed_flow(ift_context *context, const char *geometry, const char *reaction, int64_t n, int64_t m,
                     int64_t d) {
  double *x = speed_cloud(n, d, 1), *y = speed_cloud(m, d, 2);
  for (int64_t k = 0; k < n * d; k++) x[k] = 0.5 * x[k] + 1;
  ift_measure *start, *samples;
  ift_kernel *kernel;
  ift_target *target;
  ift_energy *energy;
  ift_flow *flow;
  need(context, ift_measure_create(context, &start, x, n, d, NULL));
  need(context, ift_measure_create(context, &samples, y, m, d, NULL));
  need(context, ift_kernel_gaussian(context, &kernel, 1));
  need(context, ift_target_samples(context, &target, samples));
  need(context, ift_energy_mmd(context, &energy, kernel, target));
  need(context, ift_flow_create(context, &flow, geometry, energy, start));
  need(context, ift_flow_set_text(flow, "step_control", "fixed"));
  need(context, ift_flow_set_text(flow, "reaction", reaction));
  ift_energy_destroy(energy), ift_target_destroy(target), ift_kernel_destroy(kernel);
  ift_measure_destroy(samples), ift_measure_destroy(start);
  free(x), free(y);
  return flow;
}

double speed_step(ift_context *context, ift_flow *flow, int count) {
  double best = HUGE_VAL;
  need(context, ift_flow_step(flow, 1)); /* which allocates */
  for (int k = 0; k < count; k++) {
    const double began = bench_seconds(CLOCK_MONOTONIC);
    need(context, ift_flow_step(flow, 1));
    best = fmin(best, bench_seconds(CLOCK_MONOTONIC) - began);
  }
  return best;
}
