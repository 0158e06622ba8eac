/* Weight problems by every method: n particles near their target, both standard normal, gaussian(s), from equal weights
 * to the default tolerance; the whole call, memory and checks included. Times are processor times of all threads, minima
 * over repetitions; with OPENBLAS_NUM_THREADS=1 those on one core. --smoke: tiny sizes, to see that it runs. */
#define _POSIX_C_SOURCE 200809L
#include <math.h>
#include <string.h>

#include "bench.h"

static uint64_t state = 42;

static double uniform(void) {
  state = state * 6364136223846793005u + 1442695040888963407u;
  return ((double)(state >> 11) + 0.5) * 0x1p-53;
}

static double normal(void) {
  const double u = uniform(), v = uniform();
  return sqrt(-2 * log(u)) * cos(6.283185307179586 * v);
}

static const struct {
  int64_t n, d;
  double s;
} problems[] = {{500, 2, 1}, {500, 2, 10}, {500, 2, 0.2}, {2000, 2, 1}, {2000, 2, 10}, {1500, 100, 10}};

static const char *const methods[] = {"auto", "active-set", "low-rank", "fista", "pairwise"};

int main(int argc, char **argv) {
  const int smoke = argc > 1 && strcmp(argv[1], "--smoke") == 0;
  const char *path = getenv("BENCH_CSV");
  FILE *csv = fopen(path ? path : "/dev/null", "w");
  ift_context *context;
  if (!csv || ift_context_create(&context) != IFT_OK) return 1;
  fprintf(csv, "set,n,d,s,method,seconds,gap,systems,atoms\n");
  printf("    n    d    s set      method                ms      gap    its  atoms\n");
  for (size_t k = 0; k < sizeof problems / sizeof problems[0]; k++) {
    const int64_t n = smoke ? problems[k].n / 20 : problems[k].n, d = problems[k].d, m = smoke ? 50 : 1000;
    double *x = malloc((size_t)(n * d) * sizeof *x), *y = malloc((size_t)(m * d) * sizeof *y);
    double *gram = malloc((size_t)(n * n) * sizeof *gram), *t = malloc((size_t)n * sizeof *t);
    double *b = malloc((size_t)n * sizeof *b);
    ift_kernel *kernel;
    if (!x || !y || !gram || !t || !b) return 1;
    for (int64_t i = 0; i < n * d; i++) x[i] = normal();
    for (int64_t i = 0; i < m * d; i++) y[i] = normal();
    need(context, ift_kernel_gaussian(context, &kernel, problems[k].s));
    need(context, ift_kernel_gram(kernel, gram, x, n, d, x, n));
    need(context, ift_kernel_sum_pairs(kernel, t, NULL, x, n, d, y, m, NULL));
    for (int64_t i = 0; i < n; i++) t[i] /= (double)m;
    for (int cone = 0; cone < 2; cone++)
      for (size_t l = 0; l < sizeof methods / sizeof methods[0]; l++) {
        if (cone && strcmp(methods[l], "fista") == 0) continue; /* minutes, for gaps like those on the simplex */
        double best = HUGE_VAL, gap = 0, total = 0;
        int64_t systems = 0, atoms = 0;
        ift_status status = IFT_OK;
        for (int repetition = 0; repetition < 7 && total < 2; repetition++) {
          const double began = bench_seconds(CLOCK_PROCESS_CPUTIME_ID);
          status = cone ? ift_cone_qp(context, b, &gap, &systems, gram, t, n, NULL, methods[l], 0)
                        : ift_simplex_qp(context, b, &gap, &systems, gram, t, n, 1, NULL, methods[l], 0);
          const double took = bench_seconds(CLOCK_PROCESS_CPUTIME_ID) - began;
          need(context, status);
          best = fmin(best, took), total += took;
        }
        for (int64_t i = 0; i < n; i++) atoms += b[i] > 0;
        const char *set = cone ? "cone" : "simplex";
        printf("%5lld %4lld %4g %-8s %-16s %9.2f %8.1e %6lld %6lld%s\n", (long long)n, (long long)d, problems[k].s, set,
               methods[l], 1e3 * best, gap, (long long)systems, (long long)atoms,
               status == IFT_STALLED ? "  stalled" : "");
        fprintf(csv, "%s,%lld,%lld,%g,%s,%.9g,%.3g,%lld,%lld\n", set, (long long)n, (long long)d, problems[k].s,
                methods[l], best, gap, (long long)systems, (long long)atoms);
      }
    ift_kernel_destroy(kernel);
    free(x), free(y), free(gram), free(t), free(b);
  }
  ift_context_destroy(context);
  return fclose(csv) != 0;
}
