/* How good are the particles of a compression, against what a long search by another program found, on problems that the
 * search was not made with; and on Old Faithful, seed after seed? Prints tables, writes BENCH_CSV. Exit status 1:
 * something that is promised does not hold.
 *
 *     bench_search [--smoke]        --smoke: what takes no time
 *     bench_search --cases          their names
 *     bench_search --points NAME    a problem for long.py: kernel, length and n, then the points */
#define _POSIX_C_SOURCE 200809L
#include "herding.h"
#include "search/search.h"

enum { SEEDS = 2 };

typedef struct found {
  double mmd2, seconds; /* of one core */
} found;

static found compress(ift_context *context, const ift_kernel *kernel, const ift_target *target, int64_t n,
                      const char *effort, int seed) {
  found f;
  char options[40];
  ift_measure *measure;
  snprintf(options, sizeof options, "effort=%s seed=%d", effort, seed);
  const double before = bench_seconds(CLOCK_PROCESS_CPUTIME_ID);
  need(context, ift_compress(context, &measure, &f.mmd2, kernel, target, n, options));
  f.seconds = bench_seconds(CLOCK_PROCESS_CPUTIME_ID) - before;
  ift_measure_destroy(measure);
  return f;
}

static ift_measure *open_points(ift_context *context, const double *y, int64_t m, int64_t d) {
  ift_measure *points;
  need(context, ift_measure_create(context, &points, y, m, d, NULL));
  return points;
}

static int above(const char *what, double value, double limit) {
  if (value <= limit) return 0;
  printf("FAILED: %s is %.4g, allowed is %.4g\n", what, value, limit);
  return 1;
}

/* Old Faithful, standardized, sigma = 0.5. */
static const struct {
  int64_t n;
  const char *effort;
  int seeds;
  double median, worst; /* allowed */
} faithful[] = {
    {10, "normal", 10, 5.5e-4, 5.5e-4}, {25, "normal", 10, 4e-7, 4e-7},  {50, "normal", 10, 1e-10, 1e-9},
    {10, "high", 3, 5.01e-4, 5.01e-4},  {25, "high", 3, 3.2e-7, 3.2e-7}, {50, "high", 3, 2e-11, 2e-11},
};

static int ascending(const void *a, const void *b) {
  const double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static int run_faithful(ift_context *context, bool smoke) {
  enum { MOST = 10 };
  ift_measure *raw, *points;
  ift_kernel *kernel;
  ift_target *target;
  int failed = 0;
  need(context, ift_measure_load(context, &raw, "examples/data/faithful.csv"));
  double *y = standardized(raw);
  if (!y) exit(2);
  points = open_points(context, y, ift_measure_size(raw), ift_measure_dim(raw));
  need(context, ift_target_samples(context, &target, points));
  need(context, ift_kernel_gaussian(context, &kernel, 0.5));
  printf("\n  Old Faithful, MMD^2 over seeds:\n    n  effort  seeds     least    median     worst  seconds\n");
  for (size_t k = 0; k < sizeof faithful / sizeof *faithful; k++) {
    double mmd2[MOST], slowest = 0;
    const int seeds = smoke ? 1 : faithful[k].seeds;
    if (smoke && (faithful[k].n > 25 || strcmp(faithful[k].effort, "normal") != 0)) continue;
    for (int seed = 0; seed < seeds; seed++) {
      const found f = compress(context, kernel, target, faithful[k].n, faithful[k].effort, seed);
      mmd2[seed] = f.mmd2;
      slowest = fmax(slowest, f.seconds);
    }
    qsort(mmd2, (size_t)seeds, sizeof *mmd2, ascending);
    const double median = (mmd2[(seeds - 1) / 2] + mmd2[seeds / 2]) / 2, worst = mmd2[seeds - 1];
    printf("  %3lld  %-6s  %5d  %8.3e %9.3e %9.3e  %7.2f\n", (long long)faithful[k].n, faithful[k].effort, seeds,
           mmd2[0], median, worst, slowest);
    failed += above("the median on Old Faithful", median, faithful[k].median);
    failed += above("the worst on Old Faithful", worst, faithful[k].worst);
  }
  ift_measure_destroy(raw);
  ift_measure_destroy(points);
  ift_target_destroy(target);
  ift_kernel_destroy(kernel);
  free(y);
  return failed;
}

/* The kernel of a problem. */
static ift_kernel *open_kernel(ift_context *context, const search_case *of, const ift_measure *points, double *length) {
  char spec[60];
  ift_kernel *kernel;
  need(context, ift_bandwidth_median(points, length));
  snprintf(spec, sizeof spec, "%s:%.17g", of->kernel, *length);
  need(context, ift_kernel_parse(context, &kernel, spec));
  return kernel;
}

static void print_points(ift_context *context, const search_case *of) {
  double *y = case_points(of), length;
  ift_measure *points = open_points(context, y, of->m, of->d);
  ift_kernel_destroy(open_kernel(context, of, points, &length));
  printf("%s %.17g %lld\n", of->kernel, length, (long long)of->n);
  for (int64_t k = 0; k < of->m * of->d; k++) printf("%.17g%c", y[k], k % of->d == of->d - 1 ? '\n' : ',');
  ift_measure_destroy(points);
  free(y);
}

/* The worst of a few seeds may be twice what the long search found, in 10 dimensions and more 1.1 times; below 1e-10 all
 * are alike. */
static int run_case(ift_context *context, const search_case *of, bool smoke, double *slowest, FILE *csv) {
  static const double ALIKE = 1e-10;
  const double goal = of->d < 10 ? 2 : 1.1, limit = of->known > 0 ? of->known : goal;
  double *y = case_points(of), length, searched, worst = 0, seconds = 0;
  const double reference = case_reference(of, &searched);
  char name[NAME], what[NAME + 40];
  ift_measure *points = open_points(context, y, of->m, of->d);
  ift_kernel *kernel = open_kernel(context, of, points, &length);
  ift_target *target;
  need(context, ift_target_samples(context, &target, points));
  case_name(name, of);
  for (int seed = 0; seed < (smoke ? 1 : SEEDS); seed++) {
    const found f = compress(context, kernel, target, of->n, "normal", seed);
    worst = fmax(worst, f.mmd2), seconds = fmax(seconds, f.seconds);
  }
  const double ratio = isnan(reference) ? INFINITY : fmax(worst, ALIKE) / fmax(reference, ALIKE);
  printf("  %-16s %5lld  %-8s  %9.3e %7.2f  %9.3e %7.0f  %6.3f%s\n", name, (long long)of->m, of->kernel, worst, seconds,
         reference, searched, ratio, ratio > goal ? "  below target" : "");
  fprintf(csv, "%s,%.6g,%.6g,%.6g\n", name, worst, seconds, reference);
  fflush(stdout);
  *slowest = fmax(*slowest, seconds);
  snprintf(what, sizeof what, "%s: MMD^2 over that of a long search", name);
  ift_measure_destroy(points);
  ift_kernel_destroy(kernel);
  ift_target_destroy(target);
  free(y);
  return above(what, ratio, limit);
}

static int run_all(ift_context *context, bool smoke) {
  const char *path = getenv("BENCH_CSV");
  double slowest = 0;
  FILE *csv = open_csv(path ? path : "/dev/null");
  int failed = run_faithful(context, smoke);
  fprintf(csv, "case,mmd2,seconds,reference\n");
  printf("\n  Problems from seeds: the worst of %d seeds, normal effort, and a long search\n"
         "  kind-d-n         points  kernel        MMD^2 seconds      MMD^2 seconds   ratio\n",
         smoke ? 1 : SEEDS);
  for (int k = 0; k < CASES; k++)
    if (!smoke || (cases[k].n <= 20 && cases[k].d <= 5)) failed += run_case(context, &cases[k], smoke, &slowest, csv);
  printf("\n  a search of normal effort within 5 s: %s, %.1f s at most\n", slowest <= 5 ? "pass" : "below target",
         slowest);
  close_csv(csv, "the table");
  printf("\n  %s\n", failed ? "FAILED" : "all that is promised holds");
  return failed > 0;
}

int main(int argc, char **argv) {
  const char *word = argc > 1 ? argv[1] : "";
  char name[NAME];
  ift_context *context;
  need(NULL, ift_context_create(&context));
  need(context, ift_context_set_threads(context, 1));
  if (strcmp(word, "--cases") != 0 && strcmp(word, "--points") != 0) {
    const int status = run_all(context, strcmp(word, "--smoke") == 0);
    ift_context_destroy(context);
    return status;
  }
  bool printed = false;
  for (int k = 0; k < CASES; k++) {
    case_name(name, &cases[k]);
    if (strcmp(word, "--cases") == 0)
      printed = puts(name) >= 0;
    else if (argc > 2 && strcmp(argv[2], name) == 0)
      print_points(context, &cases[k]), printed = true;
  }
  ift_context_destroy(context);
  return printed ? 0 : 2;
}
