/* Sums over pairs by every engine, and what the cost model says of them: its constants are made from these times. Then
 * what products of matrices cost by themselves, how a step's time grows with the number of particles, and memory.
 *
 * One thread; each time the least over repetitions. `model` is what is believed of an engine (on AVX2), `*` the one
 * that `auto` takes; "slow" marks an `auto` that takes 1.3 times as long as another of its engines. An argument is the
 * option `isa`; --smoke: tiny sizes, to see that it runs. */
#define _POSIX_C_SOURCE 200809L
#include <math.h>
#include <stdbool.h>
#include <string.h>
#include <sys/resource.h>

#include <cblas.h>

#include "bench.h"
#include "kernel/kernel.h"
#include "pairs/engines.h"

static bool smoke;
static FILE *csv;
static ift_context *context;

static double *normals(int64_t count, uint64_t seed) {
  double *x = malloc((size_t)count * sizeof *x);
  if (!x) exit(1);
  for (int64_t k = 0; k < count; k++) {
    double sum = -6;
    for (int i = 0; i < 12; i++) {
      seed = seed * 6364136223846793005u + 1442695040888963407u;
      sum += (double)(seed >> 11) * 0x1p-53;
    }
    x[k] = sum;
  }
  return x;
}

/* Seconds that an engine takes, HUGE_VAL where it can't or gives up; NULL is `auto`. */
static double time_of(const ift_pair_engine *engine, const ift_pair_problem *problem) {
  double best = HUGE_VAL, total = 0;
  for (int repetition = 0; repetition < (smoke ? 1 : 20) && total < 0.2; repetition++) {
    bool done = !engine;
    if (engine && !engine->can(problem)) return HUGE_VAL;
    const double start = bench_seconds(CLOCK_THREAD_CPUTIME_ID);
    need(context, engine ? engine->run(context, problem, &done) : ift_pairs_run(context, problem));
    const double took = bench_seconds(CLOCK_THREAD_CPUTIME_ID) - start;
    if (!done) return HUGE_VAL;
    best = fmin(best, took), total += took;
  }
  return best;
}

static void compare(const char *spec, int64_t n, int64_t m, int64_t d, bool gradient) {
  double *x = normals(n * d, 1), *y = normals(m * d, 2), *value = normals(n, 3), *slopes = normals(n * d, 4);
  ift_kernel *kernel;
  need(context, ift_kernel_parse(context, &kernel, spec));
  const ift_pair_problem problem = {.terms = kernel->terms,
                                    .count = kernel->count,
                                    .value = value,
                                    .gradient = gradient ? slopes : NULL,
                                    .x = x,
                                    .y = y,
                                    .n = n,
                                    .d = d,
                                    .m = m};
  const ift_pair_engine *chosen = ift_pairs_engine(context, &problem);
  double best = HUGE_VAL;
  printf("%-12s %6lld %6lld %4lld %s", spec, (long long)n, (long long)m, (long long)d, gradient ? "both " : "value");
  for (int e = 0; e < ift_pair_engine_count; e++) {
    const ift_pair_engine *engine = ift_pair_engines[e];
    const double seconds = time_of(engine, &problem), model = engine->cost ? engine->cost(&problem) : NAN;
    if (engine->cost) best = fmin(best, seconds);
    if (seconds < HUGE_VAL) {
      printf("  %s%s %.3g ms (model %.3g)", engine->name, engine == chosen ? "*" : "", 1e3 * seconds, 1e-6 * model);
      fprintf(csv, "%s,%lld,%lld,%lld,%d,%s,%.9g,%.9g,%d\n", spec, (long long)n, (long long)m, (long long)d, gradient,
              engine->name, seconds, 1e-9 * model, engine == chosen);
    }
  }
  const double taken = time_of(NULL, &problem);
  printf("  auto %.3g ms%s\n", 1e3 * taken, taken > 1.3 * best ? "  slow" : "");
  fprintf(csv, "%s,%lld,%lld,%lld,%d,auto,%.9g,,0\n", spec, (long long)n, (long long)m, (long long)d, gradient, taken);
  ift_kernel_destroy(kernel);
  free(x), free(y), free(value), free(slopes);
}

/* The time of the two products of matrices that a gradient in many dimensions takes, by BLAS, over that of the sum. */
static void compare_with_blas(int64_t n, int64_t d) {
  double *x = normals(n * d, 1), *y = normals(n * d, 2), *value = normals(n, 3), *slopes = normals(n * d, 4);
  double *matrix = malloc((size_t)(n * n) * sizeof *matrix), ours = HUGE_VAL, products = HUGE_VAL;
  ift_kernel *kernel;
  if (!matrix) exit(1);
  need(context, ift_kernel_gaussian(context, &kernel, 10));
  for (int repetition = 0; repetition < (smoke ? 1 : 5); repetition++) {
    double start = bench_seconds(CLOCK_PROCESS_CPUTIME_ID);
    need(context, ift_kernel_sum_pairs(kernel, value, slopes, x, n, d, y, n, NULL));
    ours = fmin(ours, bench_seconds(CLOCK_PROCESS_CPUTIME_ID) - start);
    start = bench_seconds(CLOCK_PROCESS_CPUTIME_ID);
    cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasTrans, (int)n, (int)n, (int)d, 1, x, (int)d, y, (int)d, 0, matrix,
                (int)n);
    cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, (int)n, (int)d, (int)n, 1, matrix, (int)n, y, (int)d, 0,
                slopes, (int)d);
    products = fmin(products, bench_seconds(CLOCK_PROCESS_CPUTIME_ID) - start);
  }
  printf("n %lld, d %lld: sums %.3g ms, two products by BLAS %.3g ms: ratio %.2f\n", (long long)n, (long long)d,
         1e3 * ours, 1e3 * products, products / ours);
  fprintf(csv, "gaussian:10,%lld,%lld,%lld,1,blas,%.9g,%.9g,0\n", (long long)n, (long long)n, (long long)d, products,
          ours);
  ift_kernel_destroy(kernel);
  free(x), free(y), free(value), free(slopes), free(matrix);
}

/* Seconds of a step of a Wasserstein flow of n particles to as many samples, in two dimensions. */
static double time_step(const char *engine, int64_t n) {
  double *x = normals(2 * n, 5), *y = normals(2 * n, 6), best = HUGE_VAL;
  ift_measure *start, *samples;
  ift_kernel *kernel;
  ift_target *target;
  ift_energy *energy;
  ift_flow *flow;
  need(context, ift_context_set_option(context, "engine", engine));
  need(context, ift_measure_create(context, &start, x, n, 2, NULL));
  need(context, ift_measure_create(context, &samples, y, n, 2, NULL));
  need(context, ift_kernel_gaussian(context, &kernel, 1));
  need(context, ift_target_samples(context, &target, samples));
  need(context, ift_energy_mmd(context, &energy, kernel, target));
  need(context, ift_flow_create(context, &flow, "wasserstein", energy, start));
  need(context, ift_flow_set_text(flow, "step_control", "fixed"));
  for (int repetition = 0; repetition < (n > 20000 ? 2 : 4); repetition++) {
    const double began = bench_seconds(CLOCK_THREAD_CPUTIME_ID);
    need(context, ift_flow_step(flow, 1));
    best = fmin(best, bench_seconds(CLOCK_THREAD_CPUTIME_ID) - began);
  }
  ift_flow_destroy(flow), ift_energy_destroy(energy), ift_target_destroy(target), ift_kernel_destroy(kernel);
  ift_measure_destroy(start), ift_measure_destroy(samples);
  need(context, ift_context_set_option(context, "engine", "auto"));
  free(x), free(y);
  return best;
}

static void grow(const char *engine, const int64_t *sizes, int count) {
  double before = NAN;
  printf("step, engine %s:", engine);
  for (int k = 0; k < count; k++) {
    const double seconds = time_step(engine, sizes[k]);
    printf("  n %lld %.3g ms", (long long)sizes[k], 1e3 * seconds);
    if (k > 0) printf(" (exponent %.2f)", log(seconds / before) / log((double)sizes[k] / (double)sizes[k - 1]));
    fprintf(csv, "step gaussian:1,%lld,%lld,2,1,%s,%.9g,,0\n", (long long)sizes[k], (long long)sizes[k], engine,
            seconds);
    before = seconds;
  }
  printf("\n");
}

static const struct {
  const char *spec;
  int64_t n, m, d;
} problems[] = {
    {"gaussian:1", 300, 300, 2},      {"gaussian:1", 1000, 1000, 2},    {"gaussian:1", 4000, 4000, 2},
    {"gaussian:1", 10000, 10000, 2},  {"gaussian:50", 300, 300, 2},     {"gaussian:50", 1000, 1000, 2},
    {"gaussian:50", 4000, 4000, 2},   {"gaussian:50", 10000, 10000, 2}, {"gaussian:50", 100, 10000, 2},
    {"gaussian:5", 4000, 4000, 3},    {"imq:20", 4000, 4000, 2},        {"matern52:1", 4000, 4000, 2},
    {"gaussian:10", 1000, 1000, 4},   {"gaussian:10", 1000, 1000, 8},   {"gaussian:10", 1000, 1000, 16},
    {"gaussian:10", 1000, 1000, 24},  {"gaussian:10", 1000, 1000, 32},  {"gaussian:10", 1000, 1000, 48},
    {"gaussian:10", 1000, 1000, 64},  {"gaussian:10", 1000, 1000, 100}, {"gaussian:10", 1000, 1000, 200},
    {"gaussian:10", 1000, 1000, 400}, {"gaussian:10", 1, 1000, 100},    {"gaussian:10", 10, 1000, 100},
    {"gaussian:10", 30, 1000, 100},   {"gaussian:10", 100, 1000, 100},  {"gaussian:10", 100, 100, 100},
    {"gaussian:10", 1000, 10, 100},   {"gaussian:10", 1000, 30, 100},   {"laplace:5", 1000, 1000, 16},
    {"laplace:5", 1000, 1000, 32},    {"laplace:5", 1000, 1000, 100},   {"linear", 1000, 1000, 16},
    {"linear", 1000, 1000, 32},       {"linear", 1000, 1000, 100},      {"energy", 30, 30, 1},
    {"energy", 100, 100, 1},          {"energy", 300, 300, 1},          {"energy", 1000, 1000, 1},
    {"energy", 10, 10000, 1},         {"laplace:1", 30, 30, 1},         {"laplace:1", 100, 100, 1},
    {"laplace:1", 300, 300, 1},       {"laplace:1", 1000, 1000, 1},     {"laplace:1", 10, 10000, 1},
};

int main(int argc, char **argv) {
  smoke = argc > 1 && strcmp(argv[1], "--smoke") == 0;
  const char *path = getenv("BENCH_CSV");
  csv = fopen(path ? path : "/dev/null", "w");
  if (!csv || ift_context_create(&context) != IFT_OK) return 1;
  if (argc > 1 && !smoke) need(context, ift_context_set_option(context, "isa", argv[1]));
  fprintf(csv, "kernel,n,m,d,gradient,engine,seconds,model,chosen\n");
  for (size_t k = 0; k < sizeof problems / sizeof problems[0]; k++)
    for (int gradient = 1; gradient >= 0; gradient--) {
      const int64_t n = problems[k].n, m = problems[k].m;
      compare(problems[k].spec, smoke ? (n + 19) / 20 : n, smoke ? (m + 19) / 20 : m, problems[k].d, gradient);
    }
  compare_with_blas(smoke ? 100 : 4096, 100);
  const int64_t sizes[] = {1000, 10000, 100000}, few[] = {100, 200};
  grow("direct", smoke ? few : sizes, 2);
  grow("low-rank", smoke ? few : sizes, smoke ? 2 : 3);
  struct rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  printf("most memory %.1f MB\n", (double)usage.ru_maxrss / 1024);
  ift_context_destroy(context);
  return fclose(csv) != 0;
}
