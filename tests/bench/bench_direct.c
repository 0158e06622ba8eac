/* Pair sums beside the loop that the machine could run, value and gradient, one thread: for every kernel and dimension the pairs a
 * second, and their ratio to those of reference.c at the same dimension. Times are minima over repetitions that take turns, so that a
 * busy machine slows both. --smoke: tiny sizes, once. */
#define _POSIX_C_SOURCE 200809L
#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "bench.h"
#include "reference.h"

static bool smoke;

/* Half the unit cube, n by d or d by n: the same to a kernel of length 1. */
static double *points(int64_t n, int64_t d, uint64_t seed) {
  double *x = malloc((size_t)(n * d) * sizeof *x);
  if (!x) exit(1);
  for (int64_t k = 0; k < n * d; k++) {
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    x[k] = (double)(seed >> 11) * 0x1p-54;
  }
  return x;
}

/* One size, on one context. */
typedef struct task {
  int64_t n, m, d;
  double *x, *y, *w, *value, *gradient;
} task;

static double time_of_sums(const ift_kernel *kernel, ift_context *context, const task *t) {
  const double start = bench_seconds(CLOCK_MONOTONIC);
  need(context, ift_kernel_sum_pairs(kernel, t->value, t->gradient, t->x, t->n, t->d, t->y, t->m, t->w));
  return bench_seconds(CLOCK_MONOTONIC) - start;
}

static double time_of_reference(const task *t) {
  const double start = bench_seconds(CLOCK_MONOTONIC);
  reference_of(t->d)(t->value, t->gradient, t->x, t->n, t->y, t->m, t->w);
  return bench_seconds(CLOCK_MONOTONIC) - start;
}

static void measure(ift_context *context, FILE *csv, const char *isa, const char *spec, int64_t d) {
  const int64_t n = smoke ? 64 : 512, m = smoke ? 64 : 4096;
  const int rounds = smoke ? 1 : 40;
  const task t = {n, m, d, points(n, d, 1), points(m, d, 2), points(m, 1, 3), points(n, 1, 4), points(n, d, 5)};
  ift_kernel *kernel;
  need(context, ift_kernel_parse(context, &kernel, spec));
  double ours = HUGE_VAL, reference = HUGE_VAL;
  for (int round = 0; round < rounds; round++) {
    ours = fmin(ours, time_of_sums(kernel, context, &t));
    if (reference_of(d)) reference = fmin(reference, time_of_reference(&t));
  }
  const double pairs = (double)n * (double)m;
  printf("%-9s %-24s d %3lld  %9.3g pairs/s  reference %9.3g  ratio %5.2f\n", isa, spec, (long long)d, pairs / ours,
         pairs / reference, reference / ours);
  fprintf(csv, "%s,%s,%lld,%.9g,%.9g\n", isa, spec, (long long)d, pairs / ours, pairs / reference);
  ift_kernel_destroy(kernel);
  free(t.x), free(t.y), free(t.w), free(t.value), free(t.gradient);
}

int main(int argc, char **argv) {
  smoke = argc > 1 && strcmp(argv[1], "--smoke") == 0;
  const char *path = getenv("BENCH_CSV");
  FILE *csv = fopen(path ? path : "/dev/null", "w");
  ift_context *context;
  if (!csv || ift_context_create(&context) != IFT_OK) return 1;
  fprintf(csv, "isa,kernel,d,pairs per second,reference\n");
  static const char *const sets[] = {"avx512", "avx2", "baseline"};
  static const char *const specs[] = {"gaussian:1",
                                      "laplace:1",
                                      "matern32:1",
                                      "matern52:1",
                                      "imq:1",
                                      "imq:1,1.5",
                                      "energy",
                                      "riesz:1.5",
                                      "linear",
                                      "polynomial:1,3",
                                      "gaussian:1+0.5*laplace:2"};
  static const int64_t dimensions[] = {1, 2, 3, 5, 10, 100};
  for (size_t s = 0; s < sizeof sets / sizeof sets[0]; s++) {
    if (ift_context_set_option(context, "isa", sets[s]) != IFT_OK) continue;
    for (size_t k = 0; k < sizeof specs / sizeof specs[0]; k++)
      for (size_t i = 0; i < sizeof dimensions / sizeof dimensions[0]; i++)
        measure(context, csv, sets[s], specs[k], dimensions[i]);
  }
  ift_context_destroy(context);
  return fclose(csv) != 0;
}
