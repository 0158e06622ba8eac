/* What the hot loops cost: pair sums, steps of a flow, the weight problem, compression. Prints a table and writes the same as
 * CSV; every time is the minimum over repetitions. --smoke: tiny sizes, once, to see that it runs. */
#define _POSIX_C_SOURCE 200809L
#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "bench.h"

static bool smoke;
static FILE *csv;

/* Points of a reproducible pseudo-random cloud of about unit variance around `shift`. */
static double *cloud(int64_t n, int64_t d, double shift, uint64_t seed) {
  double *x = malloc((size_t)(n * d) * sizeof *x);
  if (!x) exit(1);
  for (int64_t k = 0; k < n * d; k++) {
    double sum = -6;
    for (int i = 0; i < 12; i++) {
      seed = seed * 6364136223846793005u + 1442695040888963407u;
      sum += (double)(seed >> 11) * 0x1p-53;
    }
    x[k] = sum + shift;
  }
  return x;
}

static void report(const char *what, int64_t n, int64_t d, double time, const char *unit, double rate) {
  printf("%-34s n %6lld  d %4lld  %10.3f ms  %10.3g %s\n", what, (long long)n, (long long)d, 1e3 * time, rate, unit);
  fprintf(csv, "%s,%lld,%lld,%.9g,%s,%.9g\n", what, (long long)n, (long long)d, time, unit, rate);
}

static void bench_pairs(ift_context *context, const char *spec, int64_t n, int64_t d) {
  ift_kernel *kernel;
  need(context, ift_kernel_parse(context, &kernel, spec));
  double *x = cloud(n, d, 0, 1), *y = cloud(n, d, 0.5, 2), *value = cloud(n, 1, 0, 3), *gradient = cloud(n, d, 0, 4);
  double best = HUGE_VAL;
  for (int repetition = 0; repetition < (smoke ? 1 : 5); repetition++) {
    const double start = bench_seconds(CLOCK_MONOTONIC);
    need(context, ift_kernel_sum_pairs(kernel, value, gradient, x, n, d, y, n, NULL));
    best = fmin(best, bench_seconds(CLOCK_MONOTONIC) - start);
  }
  char what[64];
  snprintf(what, sizeof what, "pair sums %s", spec);
  report(what, n, d, best, "pairs/s", (double)n * (double)n / best);
  free(x), free(y), free(value), free(gradient);
  ift_kernel_destroy(kernel);
}

static ift_measure *measure_of(ift_context *context, int64_t n, int64_t d, double shift, uint64_t seed) {
  double *x = cloud(n, d, shift, seed);
  ift_measure *measure;
  need(context, ift_measure_create(context, &measure, x, n, d, NULL));
  free(x);
  return measure;
}

static void bench_steps(ift_context *context, const char *geometry, const char *reaction, int64_t n) {
  ift_measure *start = measure_of(context, n, 2, 1, 5), *samples = measure_of(context, n, 2, 0, 6);
  ift_kernel *kernel;
  ift_target *target;
  ift_energy *energy;
  ift_flow *flow;
  need(context, ift_kernel_gaussian(context, &kernel, 1));
  need(context, ift_target_samples(context, &target, samples));
  need(context, ift_energy_mmd(context, &energy, kernel, target));
  need(context, ift_flow_create(context, &flow, geometry, energy, start));
  need(context, ift_flow_set_text(flow, "step_control", "fixed"));
  need(context, ift_flow_set_text(flow, "reaction", reaction));
  need(context, ift_flow_step(flow, 1));
  double best = HUGE_VAL;
  for (int repetition = 0; repetition < (smoke ? 1 : 5); repetition++) {
    const double began = bench_seconds(CLOCK_MONOTONIC);
    need(context, ift_flow_step(flow, 1));
    best = fmin(best, bench_seconds(CLOCK_MONOTONIC) - began);
  }
  char what[64];
  snprintf(what, sizeof what, "step %s %s", geometry, reaction);
  report(what, n, 2, best, "steps/s", 1 / best);
  ift_flow_destroy(flow), ift_energy_destroy(energy), ift_target_destroy(target), ift_kernel_destroy(kernel);
  ift_measure_destroy(start), ift_measure_destroy(samples);
}

/* The weights of n particles for a target near them, from equal weights: the hardest case, theta = 1. */
static void bench_weights(ift_context *context, int64_t n, double sigma) {
  ift_kernel *kernel;
  need(context, ift_kernel_gaussian(context, &kernel, sigma));
  double *x = cloud(n, 2, 0, 7), *y = cloud(n, 2, 0, 8), *weights = cloud(n, 1, 0, 9), *c = cloud(n, 1, 0, 9);
  double *gram = malloc((size_t)(n * n) * sizeof *gram);
  if (!gram) exit(1);
  need(context, ift_kernel_gram(kernel, gram, x, n, 2, NULL, n));
  need(context, ift_kernel_sum_pairs(kernel, c, NULL, x, n, 2, y, n, NULL));
  for (int64_t i = 0; i < n; i++) c[i] /= (double)n;
  double best = HUGE_VAL, gap = 0;
  for (int repetition = 0; repetition < (smoke ? 1 : 3); repetition++) {
    const double start = bench_seconds(CLOCK_MONOTONIC);
    need(context, ift_simplex_qp(context, weights, &gap, NULL, gram, c, n, 1, NULL, "auto", 0));
    best = fmin(best, bench_seconds(CLOCK_MONOTONIC) - start);
  }
  char what[64];
  snprintf(what, sizeof what, "weights gaussian:%g", sigma);
  report(what, n, 2, best, "gap", gap);
  free(x), free(y), free(weights), free(c), free(gram);
  ift_kernel_destroy(kernel);
}

static void bench_compress(ift_context *context, int64_t particles, const char *options) {
  ift_measure *samples = measure_of(context, smoke ? 50 : 500, 2, 0, 10), *found;
  ift_kernel *kernel;
  ift_target *target;
  double mmd2;
  need(context, ift_kernel_gaussian(context, &kernel, 0.5));
  need(context, ift_target_samples(context, &target, samples));
  const double start = bench_seconds(CLOCK_MONOTONIC);
  need(context, ift_compress(context, &found, &mmd2, kernel, target, particles, options));
  char what[64];
  snprintf(what, sizeof what, "compress %s", options);
  report(what, particles, 2, bench_seconds(CLOCK_MONOTONIC) - start, "mmd2", mmd2);
  ift_measure_destroy(found), ift_measure_destroy(samples), ift_target_destroy(target), ift_kernel_destroy(kernel);
}

int main(int argc, char **argv) {
  smoke = argc > 1 && strcmp(argv[1], "--smoke") == 0;
  const char *path = getenv("BENCH_CSV");
  csv = fopen(path ? path : "/dev/null", "w");
  ift_context *context;
  if (!csv || ift_context_create(&context) != IFT_OK) return 1;
  fprintf(csv, "what,n,d,seconds,unit,figure\n");
  const int64_t n = smoke ? 64 : 4096;
  const int64_t dimensions[] = {1, 2, 3, 10, 100};
  for (size_t i = 0; i < sizeof dimensions / sizeof dimensions[0]; i++)
    bench_pairs(context, "gaussian:1", dimensions[i] > 10 ? n / 2 : n, dimensions[i]);
  const char *const specs[] = {"laplace:1", "matern32:1", "matern52:1", "imq:1", "energy", "linear", "polynomial:1,3"};
  for (size_t i = 0; i < sizeof specs / sizeof specs[0]; i++) bench_pairs(context, specs[i], n, 2);
  const int64_t sizes[] = {100, 1000};
  for (size_t i = 0; i < (smoke ? 1 : 2); i++) {
    bench_steps(context, "wasserstein", "auto", sizes[i]);
    bench_steps(context, "spherical-ift", "gradient", sizes[i]);
    bench_steps(context, "spherical-ift", "exponential", sizes[i]);
    bench_steps(context, "spherical-wfr", "mirror", sizes[i]);
  }
  bench_weights(context, smoke ? 50 : 500, 1);
  bench_weights(context, smoke ? 50 : 500, 10);
  bench_compress(context, smoke ? 5 : 25, smoke ? "effort=low" : "effort=normal");
  ift_context_destroy(context);
  return fclose(csv) != 0;
}
