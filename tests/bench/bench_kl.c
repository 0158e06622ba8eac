/* What a step of KL costs, in pair sums of its size (value and gradient): n = 2000 particles in 10 dimensions, the target a
 * standard normal by its log-density and score. Times are minima over repetitions that take turns with the pair sum.
 * --smoke: a tiny size, to see that it runs. */
#define _POSIX_C_SOURCE 200809L
#include <math.h>
#include <string.h>

#include "bench.h"

static int log_density(double *values, const double *x, int64_t n, int64_t d, void *user) {
  (void)user;
  for (int64_t i = 0; i < n; i++) {
    values[i] = 0;
    for (int64_t l = 0; l < d; l++) values[i] -= x[i * d + l] * x[i * d + l] / 2;
  }
  return 0;
}

static int score(double *scores, const double *x, int64_t n, int64_t d, void *user) {
  (void)user;
  for (int64_t k = 0; k < n * d; k++) scores[k] = -x[k];
  return 0;
}

/* The same points in every run: a lattice of equidistribution (Roberts 2018) of about unit variance. */
static void fill(double *x, int64_t n, int64_t d) {
  for (int64_t i = 0; i < n; i++)
    for (int64_t l = 0; l < d; l++) {
      const double u = (double)(i + 1) * sqrt((double)(l + 2) + 0.7);
      x[i * d + l] = 3.4 * (u - floor(u) - 0.5);
    }
}

static const char *const rows[][2] = {{"wasserstein", "none"},       {"fisher-rao", "mirror"},
                                      {"spherical-wfr", "mirror"},   {"spherical-wfr", "hellinger"},
                                      {"spherical-ift", "gradient"}, {"spherical-ift", "positive"}};

int main(int argc, char **argv) {
  const int smoke = argc > 1 && strcmp(argv[1], "--smoke") == 0, repetitions = smoke ? 1 : 7;
  const int64_t n = smoke ? 50 : 2000, d = 10;
  const char *path = getenv("BENCH_CSV");
  FILE *csv = fopen(path ? path : "/dev/null", "w");
  double *x = malloc((size_t)(n * d) * sizeof *x), *value = malloc((size_t)n * sizeof *value);
  double *gradient = malloc((size_t)(n * d) * sizeof *gradient);
  ift_context *context;
  if (!csv || !x || !value || !gradient || ift_context_create(&context) != IFT_OK) return 1;
  fill(x, n, d);
  ift_measure *start;
  ift_kernel *kernel;
  ift_target *target;
  ift_energy *energy;
  need(context, ift_measure_create(context, &start, x, n, d, NULL));
  need(context, ift_kernel_gaussian(context, &kernel, 1));
  need(context, ift_target_density(context, &target, d, log_density, score, NULL, NULL, NULL));
  need(context, ift_energy_kl(context, &energy, target, 1));
  fprintf(csv, "geometry,reaction,seconds,pair_sums\n");
  printf("n %lld, d %lld   ms a step  pair sums\n", (long long)n, (long long)d);
  for (size_t r = 0; r < sizeof rows / sizeof rows[0]; r++) {
    ift_flow *flow;
    double step = HUGE_VAL, pairs = HUGE_VAL;
    need(context, ift_flow_create(context, &flow, rows[r][0], energy, start));
    need(context, ift_flow_set_text(flow, "reaction", rows[r][1]));
    if (strstr(rows[r][0], "ift")) need(context, ift_flow_set_kernel(flow, kernel));
    need(context, ift_flow_step(flow, 1));
    for (int repetition = 0; repetition < repetitions; repetition++) {
      const double began = bench_seconds(CLOCK_MONOTONIC);
      need(context, ift_flow_step(flow, 1));
      const double middle = bench_seconds(CLOCK_MONOTONIC);
      need(context, ift_kernel_sum_pairs(kernel, value, gradient, x, n, d, x, n, ift_measure_weights(start)));
      step = fmin(step, middle - began);
      pairs = fmin(pairs, bench_seconds(CLOCK_MONOTONIC) - middle);
    }
    printf("%-13s %-10s %9.1f %10.2f\n", rows[r][0], rows[r][1], 1e3 * step, step / pairs);
    fprintf(csv, "%s,%s,%.9g,%.9g\n", rows[r][0], rows[r][1], step, step / pairs);
    ift_flow_destroy(flow);
  }
  ift_energy_destroy(energy), ift_target_destroy(target), ift_kernel_destroy(kernel), ift_measure_destroy(start);
  ift_context_destroy(context);
  free(x), free(value), free(gradient);
  return fclose(csv) != 0;
}
