/* What is asked of the methods, and what is only reported. */
#include "bench/quality/quality.h"

/* MMD^2 below this is rounding: a difference of numbers of size 1. A compression ends at 2^-50. */
static const double ROUNDING = 4e-15;

/* What Old Faithful has to come to. */
static const struct {
  const char *problem;
  int64_t n;
  double mmd2;
} goals[] = {{"faithful", 10, 5.5e-4}, {"faithful", 25, 4e-7}, {"faithful", 50, 1e-9}};

static int complain(const problem *p, int64_t n, const outcome *o, const char *what, double value, double limit) {
  printf("FAILED: %s, n %lld, %s: %s is %.4g, allowed is %.4g\n", p->name, (long long)n, o->method, what, value, limit);
  return 1;
}

/* How far the weights are from a simplex: a negative one, or a sum that is not 1. */
static double off_simplex(const ift_measure *measure) {
  const double *a = ift_measure_weights(measure);
  long double sum = 0;
  double worst = 0;
  for (int64_t i = 0; i < ift_measure_size(measure); i++) sum += a[i], worst = fmax(worst, -a[i]);
  return fmax(worst, (double)fabsl(sum - 1));
}

static int judge_order(const problem *p, int64_t n, const outcome *closer, const outcome *other) {
  if (closer->mmd2 <= fmax(other->mmd2, ROUNDING)) return 0;
  printf("FAILED: %s, n %lld, %s: MMD^2 is %.4g, that of %s %.4g\n", p->name, (long long)n, closer->method,
         closer->mmd2, other->method, other->mmd2);
  return 1;
}

static int judge_compression(const problem *p, int64_t n, const outcome *o) {
  static const char *const phases[] = {"points", "polish", "hop"};
  int failed = 0;
  bool ended = strcmp(o->phase, "start") == 0 && o->mmd2 <= ROUNDING; /* there is nothing left to gain */
  for (size_t k = 0; k < sizeof phases / sizeof *phases; k++) ended = ended || strcmp(o->phase, phases[k]) == 0;
  if (!ended) {
    printf("FAILED: %s, n %lld, %s: its particles are those of phase '%s'\n", p->name, (long long)n, o->method,
           o->phase);
    failed = 1;
  }
  for (size_t k = 0; k < sizeof goals / sizeof *goals; k++)
    if (strcmp(o->method, "compress") == 0 && strcmp(p->name, goals[k].problem) == 0 && n == goals[k].n &&
        !(o->mmd2 <= goals[k].mmd2))
      failed += complain(p, n, o, "MMD^2", o->mmd2, goals[k].mmd2);
  return failed;
}

static const outcome *of_normal_effort(const method *methods, const outcome *outcomes) {
  while (strcmp(methods->name, "compress") != 0) methods++, outcomes++;
  return outcomes;
}

int judge(const problem *p, int64_t n, const method *methods, const outcome *outcomes, int count) {
  const outcome *normal = of_normal_effort(methods, outcomes), *effort = NULL;
  int failed = 0;
  for (int k = 0; k < count; k++) {
    const outcome *o = &outcomes[k];
    const int asked = methods[k].asked;
    const double size = (double)n;
    if (!o->measure) continue;
    if (!(o->mmd2 >= -ROUNDING)) failed += complain(p, n, o, "MMD^2", o->mmd2, 0);
    if (asked & RIVAL) failed += judge_order(p, n, normal, o);
    if (asked & SIMPLEX && !(off_simplex(o->measure) <= 1e-15 * size))
      failed += complain(p, n, o, "distance of the weights from the simplex", off_simplex(o->measure), 1e-15 * size);
    if (asked & MONOTONE && !(course_rise(&o->way) <= ROUNDING))
      failed += complain(p, n, o, "a rise of MMD^2 from one step to the next", course_rise(&o->way), ROUNDING);
    if (!(asked & COMPRESSION)) continue;
    failed += judge_compression(p, n, o);
    if (effort) failed += judge_order(p, n, o, effort);
    effort = o;
  }
  return failed;
}

/* From when on `normal` is ahead of `other`, or level with it, at every time past 10 ms: the two are compared whenever
 * one of them changes. Infinity: it ends behind. */
static double ahead_from(const outcome *normal, const outcome *other) {
  static const double BEGIN = 0.01;
  const course *a = &normal->way, *b = &other->way;
  double from = BEGIN, time = BEGIN;
  for (int64_t i = 0, j = 0;;) {
    while (i < a->count && a->seconds[i] <= time) i++;
    while (j < b->count && b->seconds[j] <= time) j++;
    const bool behind = course_by(a, time) > fmax(course_by(b, time), ROUNDING);
    const double next = fmin(i < a->count ? a->seconds[i] : INFINITY, j < b->count ? b->seconds[j] : INFINITY);
    if (behind) from = next;
    if (isinf(next)) return from;
    time = next;
  }
}

void report_race(const problem *p, int64_t n, const method *methods, const outcome *outcomes, int count) {
  const outcome *normal = of_normal_effort(methods, outcomes);
  const char *last = NULL;
  double from = 0.01;
  for (int k = 0; k < count; k++) {
    if (methods[k].asked & (COMPRESSION | ELSEWHERE)) continue;
    const double since = ahead_from(normal, &outcomes[k]);
    if (since > from) from = since, last = methods[k].name;
  }
  printf("\n  compress ahead of all at every time past 10 ms, n = %lld: ", (long long)n);
  if (last)
    printf("below target, from %.2g s on (%s)\n", from, last);
  else
    printf("pass\n");
  if (strcmp(p->name, "faithful") != 0 || n != 50) return;
  const double reached = course_by(&normal->way, 1);
  printf("  compress at 1e-9 or below within 1 s: %s, %.2e\n", reached <= 1e-9 ? "pass" : "below target", reached);
}
