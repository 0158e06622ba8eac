/* How close to a target do n particles come, by which method, in what time? Every method of quality/methods.c on every
 * problem of quality/problems.c. Prints tables, writes BENCH_CSV (ends) and, beside it, ...-courses.csv (MMD^2 over
 * seconds). Exit status 1: something that is promised does not hold.
 *
 *     bench_quality [--smoke] [PROBLEM...]      --smoke: few particles and steps */
#include "quality/quality.h"

/* Ends of all methods, by size. */
typedef struct results {
  method methods[MOST_METHODS];
  outcome outcomes[MOST_SIZES][MOST_METHODS];
  int count;
} results;

static void run_once(const problem *p, const method *m, int64_t n, outcome *out) {
  *out = (outcome){.method = m->name};
  m->run(p, m, n, out);
  if (!out->measure) return;
  out->seconds = out->way.spent;
  out->mmd2 = mmd2_of(p->context, p->energy, out->measure);
  course_note(&out->way, out->mmd2);
}

/* Runs differ in time alone. Of short ones the fastest of three counts. */
static void run_method(const problem *p, const method *m, int64_t n, outcome *out) {
  static const double SHORT = 0.5;
  enum { RUNS = 3 };
  const bool high = m->asked & COMPRESSION && strcmp(m->what, "high") == 0;
  if ((high && n > p->high) || (m->asked & ELSEWHERE && p->smoke && !p->race)) {
    *out = (outcome){.method = m->name, .note = "takes long"};
    return;
  }
  run_once(p, m, n, out);
  for (int run = 1; run < RUNS && out->measure && out->seconds < SHORT && !(m->asked & ELSEWHERE); run++) {
    outcome again;
    run_once(p, m, n, &again);
    const outcome slower = again.seconds < out->seconds ? *out : again;
    if (again.seconds < out->seconds) *out = again;
    outcome_close(&slower);
  }
}

static void print_ends(const problem *p, const results *r) {
  printf("\n  %s: %s\n  %-22s", p->name, p->about, "");
  for (int s = 0; s < MOST_SIZES && p->sizes[s]; s++) printf("      n = %-3lld       ", (long long)p->sizes[s]);
  printf("\n  %-22s", "method");
  for (int s = 0; s < MOST_SIZES && p->sizes[s]; s++) printf("     MMD^2  seconds ");
  printf("\n");
  for (int k = 0; k < r->count; k++) {
    int there = 0;
    for (int s = 0; s < MOST_SIZES && p->sizes[s]; s++) there += r->outcomes[s][k].measure != NULL;
    printf("  %-22s", r->methods[k].name);
    for (int s = 0; there && s < MOST_SIZES && p->sizes[s]; s++) {
      const outcome *o = &r->outcomes[s][k];
      if (o->measure)
        printf("  %8.2e %8.4f ", fmax(o->mmd2, 0), o->seconds);
      else
        printf("  %8s %8s ", "-", "-");
    }
    printf("%s\n", there ? "" : r->outcomes[0][k].note);
  }
}

static void print_courses(const problem *p, const results *r, int s) {
  static const double times[] = {0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3};
  enum { TIMES = sizeof times / sizeof *times };
  printf("\n  %s, n = %lld: MMD^2 after seconds\n  %-22s", p->name, (long long)p->sizes[s], "method");
  for (int t = 0; t < TIMES; t++) printf(" %8g", times[t]);
  printf("\n");
  for (int k = 0; k < r->count; k++) {
    const outcome *o = &r->outcomes[s][k];
    if (!o->measure) continue;
    printf("  %-22s", o->method);
    for (int t = 0; t < TIMES; t++) {
      const double mmd2 = course_by(&o->way, times[t]);
      if (isinf(mmd2))
        printf(" %8s", "-");
      else
        printf(" %8.1e", fmax(mmd2, 0));
    }
    printf("\n");
  }
}

/* Thinned: a point each 3 % of time, and the last. */
static void write_rows(const problem *p, const results *r, int s, FILE *ends, FILE *courses) {
  for (int k = 0; k < r->count; k++) {
    const outcome *o = &r->outcomes[s][k];
    double written = 0;
    if (!o->measure) continue;
    fprintf(ends, "%s,%s,%lld,%.6g,%.6g\n", p->name, o->method, (long long)p->sizes[s], o->seconds, o->mmd2);
    for (int64_t i = 0; i < o->way.count; i++) {
      if (o->way.seconds[i] < 1.03 * written && i + 1 < o->way.count) continue;
      written = o->way.seconds[i];
      fprintf(courses, "%s,%s,%lld,%.6g,%.6g\n", p->name, o->method, (long long)p->sizes[s], written,
              course_by(&o->way, written));
    }
  }
}

static int run_problem(int number, bool smoke, FILE *ends, FILE *courses) {
  static results r;
  problem p;
  int failed = 0;
  problem_open(&p, number, smoke);
  r.count = methods_list(r.methods);
  for (int s = 0; s < MOST_SIZES && p.sizes[s]; s++)
    for (int k = 0; k < r.count; k++) run_method(&p, &r.methods[k], p.sizes[s], &r.outcomes[s][k]);
  print_ends(&p, &r);
  for (int s = 0; s < MOST_SIZES && p.sizes[s]; s++) {
    if (p.sizes[s] == p.race) {
      print_courses(&p, &r, s);
      report_race(&p, p.sizes[s], r.methods, r.outcomes[s], r.count);
    }
    write_rows(&p, &r, s, ends, courses);
    failed += judge(&p, p.sizes[s], r.methods, r.outcomes[s], r.count);
    for (int k = 0; k < r.count; k++) outcome_close(&r.outcomes[s][k]);
  }
  problem_close(&p);
  fflush(stdout);
  return failed;
}

/* Is a problem asked for? Without any word, all are. */
static bool is_wanted(int number, char **words) {
  const bool all = !*words;
  while (*words && strcmp(*words, problem_name(number)) != 0) words++;
  return all || *words;
}

int main(int argc, char **argv) {
  const bool smoke = argc > 1 && strcmp(argv[1], "--smoke") == 0;
  char path[PATH], **words = argv + 1 + smoke;
  int failed = 0, wanted = 0;
  for (int number = 0; number < PROBLEMS; number++) wanted += is_wanted(number, words);
  if (!wanted) {
    fprintf(stderr, "bench_quality: there is no problem '%s'\n", *words);
    return 2;
  }
  FILE *ends = open_csv(place(path, ".csv")), *courses = open_csv(place(path, "-courses.csv"));
  fprintf(ends, "problem,method,n,seconds,mmd2\n");
  fprintf(courses, "problem,method,n,seconds,mmd2\n");
  for (int number = 0; number < PROBLEMS; number++)
    if (is_wanted(number, words)) failed += run_problem(number, smoke, ends, courses);
  close_csv(ends, "the table of ends");
  close_csv(courses, "the courses");
  printf("\n  %s\n", failed ? "FAILED" : "all that is promised holds");
  return failed > 0;
}
