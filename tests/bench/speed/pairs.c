/* P1 and P2: sums of values and gradients over pairs of points on one thread, beside a loop written for the machine (reference.c) or,
 * where distances are products, beside the two products alone; and on two threads. Both sides take turns. */
#define _POSIX_C_SOURCE 200809L
#include "bench/speed/speed.h"

#include <cblas.h>

#include "bench/reference.h"

/* n = m points, their weights, and room for sums. */
typedef struct pairs {
  int64_t n, d;
  double *x, *y, *w, *value, *gradient;
} pairs;

static pairs make(const speed *s, int64_t n, int64_t d) {
  n = s->smoke ? 64 : n;
  pairs p = {n,
             d,
             speed_cloud(n, d, 1),
             speed_cloud(n, d, 2),
             speed_cloud(n, 1, 3),
             speed_cloud(n, 1, 4),
             speed_cloud(n, d, 5)};
  return p;
}

static void discard(pairs *p) {
  free(p->x), free(p->y), free(p->w), free(p->value), free(p->gradient);
}

static double ours(ift_context *context, const ift_kernel *kernel, const pairs *p) {
  const double began = bench_seconds(CLOCK_MONOTONIC);
  need(context, ift_kernel_sum_pairs(kernel, p->value, p->gradient, p->x, p->n, p->d, p->y, p->n, p->w));
  return bench_seconds(CLOCK_MONOTONIC) - began;
}

/* The same sums, coordinate by coordinate and in the length of the kernel: the numbers are as good as any. */
static double reference(const pairs *p) {
  const double began = bench_seconds(CLOCK_MONOTONIC);
  reference_of(p->d)(p->value, p->gradient, p->x, p->n, p->y, p->n, p->w);
  return bench_seconds(CLOCK_MONOTONIC) - began;
}

/* x y' and K y in blocks that stay in the cache: what every such method computes. */
static double products(const pairs *p, double *block) {
  enum { ROWS = 256, COLUMNS = 512 };
  const int d = (int)p->d, n = (int)p->n;
  const double began = bench_seconds(CLOCK_MONOTONIC);
  for (int i = 0; i < n; i += ROWS)
    for (int j = 0; j < n; j += COLUMNS) {
      const int rows = n - i < ROWS ? n - i : ROWS, columns = n - j < COLUMNS ? n - j : COLUMNS;
      cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasTrans, rows, columns, d, 1, p->x + i * d, d, p->y + j * d, d, 0,
                  block, COLUMNS);
      cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, rows, d, columns, 1, block, COLUMNS, p->y + j * d, d, 1,
                  p->gradient + i * d, d);
    }
  return bench_seconds(CLOCK_MONOTONIC) - began;
}

static ift_kernel *kernel_of(ift_context *context, const char *spec) {
  ift_kernel *kernel;
  need(context, ift_kernel_parse(context, &kernel, spec));
  return kernel;
}

static void beside_reference(speed *s, int64_t d) {
  char what[80];
  pairs p = make(s, 8192, d);
  ift_kernel *kernel = kernel_of(s->single, "gaussian:1");
  double least = HUGE_VAL, theirs = HUGE_VAL;
  for (int turn = 0; turn < (s->smoke ? 1 : 7); turn++) {
    least = fmin(least, ours(s->single, kernel, &p));
    theirs = fmin(theirs, reference(&p));
  }
  snprintf(what, sizeof what, "gaussian, d = %lld", (long long)d);
  speed_report(s, "", what, 1e-6 * (double)(p.n * p.n) / least, "pairs/us", NO_TARGET, 0);
  snprintf(what, sizeof what, "gaussian, d = %lld, the reference", (long long)d);
  speed_report(s, "", what, 1e-6 * (double)(p.n * p.n) / theirs, "pairs/us", NO_TARGET, 0);
  snprintf(what, sizeof what, "gaussian over the reference, d = %lld", (long long)d);
  speed_report(s, "P1", what, theirs / least, "", LEAST, 0.9);
  ift_kernel_destroy(kernel);
  discard(&p);
}

static void beside_products(speed *s) {
  pairs p = make(s, 4096, 100);
  ift_kernel *kernel = kernel_of(s->single, "gaussian:10");
  double least = HUGE_VAL, theirs = HUGE_VAL, *block = speed_cloud(256, 512, 6);
  for (int turn = 0; turn < (s->smoke ? 1 : 7); turn++) {
    least = fmin(least, ours(s->single, kernel, &p));
    theirs = fmin(theirs, products(&p, block));
  }
  speed_report(s, "", "gaussian, d = 100", 1e-6 * (double)(p.n * p.n) / least, "pairs/us", NO_TARGET, 0);
  speed_report(s, "P1", "time of the two products alone over ours, d = 100", theirs / least, "", LEAST, 0.85);
  ift_kernel_destroy(kernel);
  free(block);
  discard(&p);
}

static void other_kernels(speed *s) {
  static const char *const specs[] = {"laplace:1", "matern32:1", "matern52:1", "imq:1", "energy", "riesz:1.5"};
  for (size_t k = 0; k < sizeof specs / sizeof specs[0]; k++) {
    char what[80];
    pairs p = make(s, 8192, 3);
    ift_kernel *gaussian = kernel_of(s->single, "gaussian:1"), *kernel = kernel_of(s->single, specs[k]);
    double least = HUGE_VAL, theirs = HUGE_VAL;
    for (int turn = 0; turn < (s->smoke ? 1 : 5); turn++) {
      least = fmin(least, ours(s->single, kernel, &p));
      theirs = fmin(theirs, ours(s->single, gaussian, &p));
    }
    snprintf(what, sizeof what, "%s over gaussian, d = 3", specs[k]);
    speed_report(s, "P1", what, theirs / least, "", LEAST, 0.5);
    ift_kernel_destroy(gaussian), ift_kernel_destroy(kernel);
    discard(&p);
  }
}

static void threads(speed *s) {
  static const int64_t dimensions[] = {2, 10, 100};
  for (size_t k = 0; k < sizeof dimensions / sizeof dimensions[0]; k++) {
    char what[80];
    pairs p = make(s, dimensions[k] > 10 ? 4096 : 8192, dimensions[k]);
    ift_kernel *one = kernel_of(s->single, "gaussian:3"), *two = kernel_of(s->both, "gaussian:3");
    double least = HUGE_VAL, most = HUGE_VAL;
    for (int turn = 0; turn < (s->smoke ? 1 : 7); turn++) {
      least = fmin(least, ours(s->both, two, &p));
      most = fmin(most, ours(s->single, one, &p));
    }
    snprintf(what, sizeof what, "two threads over one, d = %lld", (long long)dimensions[k]);
    speed_report(s, "P2", what, most / least, "times", LEAST, 1.85);
    ift_kernel_destroy(one), ift_kernel_destroy(two);
    discard(&p);
  }
}

void speed_pairs(speed *s) {
  static const int64_t dimensions[] = {2, 3, 10};
  speed_title("pairs: values and gradients over pairs of points, n = m = 8192 (4096 at d = 100), one thread");
  for (size_t k = 0; k < sizeof dimensions / sizeof dimensions[0]; k++) beside_reference(s, dimensions[k]);
  beside_products(s);
  other_kernels(s);
  threads(s);
}
