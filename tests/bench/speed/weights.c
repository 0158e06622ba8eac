/* P5: the weights of n particles near their target, to the default gap, from equal weights; processor time, so with
 * OPENBLAS_NUM_THREADS=1 that of one core. bench_simplex has all methods and sizes. */
#define _POSIX_C_SOURCE 200809L
#include "bench/speed/speed.h"

static double least_time(ift_context *context, int64_t n, int64_t d, double sigma, bool smoke, double *gap) {
  const int64_t m = smoke ? 50 : 1000;
  double *x = speed_cloud(n, d, 7), *y = speed_cloud(m, d, 8), *t = speed_cloud(n, 1, 9), *b = speed_cloud(n, 1, 9);
  double *gram = malloc((size_t)(n * n) * sizeof *gram), best = HUGE_VAL;
  ift_kernel *kernel;
  if (!gram) exit(1);
  need(context, ift_kernel_gaussian(context, &kernel, sigma));
  need(context, ift_kernel_gram(kernel, gram, x, n, d, x, n));
  need(context, ift_kernel_sum_pairs(kernel, t, NULL, x, n, d, y, m, NULL));
  for (int64_t i = 0; i < n; i++) t[i] /= (double)m;
  for (int repetition = 0; repetition < (smoke ? 1 : 5); repetition++) {
    const double began = bench_seconds(CLOCK_PROCESS_CPUTIME_ID);
    need(context, ift_simplex_qp(context, b, gap, NULL, gram, t, n, 1, NULL, "auto", 0));
    best = fmin(best, bench_seconds(CLOCK_PROCESS_CPUTIME_ID) - began);
  }
  ift_kernel_destroy(kernel);
  free(x), free(y), free(t), free(b), free(gram);
  return best;
}

void speed_weights(speed *s) {
  static const struct {
    int64_t n, d;
    double sigma, goal;
  } cases[] = {{500, 2, 1, 20}, {500, 2, 10, 20}, {2000, 2, 1, 100}, {2000, 2, 10, 100}, {1500, 100, 10, 200}};
  speed_title("weights: the weight problem on the simplex, to a gap of 1e-13");
  for (size_t k = 0; k < sizeof cases / sizeof cases[0]; k++) {
    char what[80];
    double gap = NAN;
    const int64_t n = s->smoke ? cases[k].n / 20 : cases[k].n;
    const double seconds = least_time(s->single, n, cases[k].d, cases[k].sigma, s->smoke, &gap);
    snprintf(what, sizeof what, "n = %lld, d = %lld, gaussian:%g, gap %.1e", (long long)n, (long long)cases[k].d,
             cases[k].sigma, gap);
    speed_report(s, "P5", what, 1e3 * seconds, "ms", MOST, cases[k].goal);
  }
}
