/* Pair sums on each set of vector instructions that the processor has: value and gradient, pairs a second on one core, in tables of kernels
 * by dimensions. The last rows are the loop of reference.c, compiled for this machine, and what the Gaussian kernel is to it. Times are
 * minima, of processor time, over repetitions that take turns with the reference, so that a busy machine slows both. --smoke: tiny
 * sizes, once. */
#define _POSIX_C_SOURCE 200809L
#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "bench.h"
#include "reference.h"

static bool smoke;
static FILE *csv;

static const int64_t dimensions[] = {1, 2, 3, 5, 10, 30, 100};
enum { DIMENSIONS = sizeof dimensions / sizeof dimensions[0] };

/* In half the unit cube, n by d or d by n: to a kernel of length 1 it is the same. */
static double *points(int64_t n, int64_t d, uint64_t seed) {
  double *x = malloc((size_t)(n * d) * sizeof *x);
  if (!x) exit(1);
  for (int64_t k = 0; k < n * d; k++) {
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    x[k] = (double)(seed >> 11) * 0x1p-54;
  }
  return x;
}

/* Of one evaluation, of the kernel or where that is NULL of the reference. */
static double seconds(ift_context *context, const ift_kernel *kernel, reference_sums *reference, int64_t n, int64_t m,
                      int64_t d, const double *const *arrays, double *value, double *gradient) {
  const double start = bench_seconds(CLOCK_PROCESS_CPUTIME_ID);
  if (kernel)
    need(context, ift_kernel_sum_pairs(kernel, value, gradient, arrays[0], n, d, arrays[1], m, arrays[2]));
  else
    reference(value, gradient, arrays[0], n, arrays[1], m, arrays[2]);
  return bench_seconds(CLOCK_PROCESS_CPUTIME_ID) - start;
}

/* Pairs a second, of a kernel and of the reference; of the second NaN where there is none. */
static void measure(ift_context *context, const char *spec, int64_t d, double *ours, double *theirs) {
  const int64_t n = smoke ? 32 : d < 30 ? 512 : 128, m = smoke ? 64 : d < 30 ? 2048 : 1024;
  const double *const arrays[] = {points(n, d, 1), points(m, d, 2), points(m, 1, 3)};
  double *value = points(n, 1, 4), *gradient = points(n, d, 5), least = HUGE_VAL, reference = HUGE_VAL;
  ift_kernel *kernel;
  need(context, ift_kernel_parse(context, &kernel, spec));
  for (int round = 0; round < (smoke ? 1 : 25); round++) {
    least = fmin(least, seconds(context, kernel, NULL, n, m, d, arrays, value, gradient));
    if (reference_of(d))
      reference = fmin(reference, seconds(context, NULL, reference_of(d), n, m, d, arrays, value, gradient));
  }
  *ours = (double)(n * m) / least;
  *theirs = reference_of(d) ? (double)(n * m) / reference : NAN;
  ift_kernel_destroy(kernel);
  for (int k = 0; k < 3; k++) free((void *)arrays[k]);
  free(value), free(gradient);
}

static void print_row(const char *isa, const char *name, const double *figures) {
  printf("%-9s %-26s", isa, name);
  for (int i = 0; i < DIMENSIONS; i++) {
    if (isnan(figures[i]))
      printf("%10s", "-");
    else
      printf(figures[i] < 100 ? "%10.2f" : "%10.2e", figures[i]);
    fprintf(csv, "%s,%s,%lld,%.9g\n", isa, name, (long long)dimensions[i], figures[i]);
  }
  putchar('\n');
}

static void print_table(ift_context *context, const char *isa) {
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
  double ours[DIMENSIONS], reference[DIMENSIONS], ratio[DIMENSIONS], fastest[DIMENSIONS] = {0};
  printf("%-9s %-26s", "isa", "kernel");
  for (int i = 0; i < DIMENSIONS; i++) printf("%6sd %-3lld", "", (long long)dimensions[i]);
  putchar('\n');
  for (size_t k = 0; k < sizeof specs / sizeof specs[0]; k++) {
    for (int i = 0; i < DIMENSIONS; i++) {
      measure(context, specs[k], dimensions[i], &ours[i], &reference[i]);
      if (k == 0) ratio[i] = ours[i] / reference[i];
      fastest[i] = fmax(fastest[i], reference[i]);
    }
    print_row(isa, specs[k], ours);
  }
  for (int i = 0; i < DIMENSIONS; i++)
    if (!reference_of(dimensions[i])) fastest[i] = NAN;
  print_row(isa, "reference", fastest);
  print_row(isa, "gaussian / reference", ratio);
}

int main(int argc, char **argv) {
  smoke = argc > 1 && strcmp(argv[1], "--smoke") == 0;
  const char *path = getenv("BENCH_CSV");
  csv = fopen(path ? path : "/dev/null", "w");
  ift_context *context;
  if (!csv || ift_context_create(&context) != IFT_OK) return 1;
  fprintf(csv, "isa,kernel,d,pairs per second\n");
  need(context, ift_context_set_option(context, "engine", "direct"));
  static const char *const sets[] = {"avx512", "avx2", "baseline"};
  for (size_t s = 0; s < sizeof sets / sizeof sets[0]; s++)
    if (ift_context_set_option(context, "isa", sets[s]) == IFT_OK) print_table(context, sets[s]);
  ift_context_destroy(context);
  return fclose(csv) != 0;
}
