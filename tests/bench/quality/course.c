/* MMD^2 over seconds: of one core, which every method gets, so that it does not count what else the machine does. */
#include "bench/quality/quality.h"

static const clockid_t CLOCK = CLOCK_PROCESS_CPUTIME_ID;

void course_go(course *c) {
  c->since = bench_seconds(CLOCK);
}

void course_halt(course *c) {
  c->spent += bench_seconds(CLOCK) - c->since;
}

void course_note(course *c, double mmd2) {
  if (c->count == c->room) {
    c->room = c->room ? 2 * c->room : 64;
    c->seconds = realloc(c->seconds, (size_t)c->room * sizeof *c->seconds);
    c->mmd2 = realloc(c->mmd2, (size_t)c->room * sizeof *c->mmd2);
    if (!c->seconds || !c->mmd2) exit(2);
  }
  c->seconds[c->count] = c->spent;
  c->mmd2[c->count++] = mmd2;
}

double course_by(const course *c, double seconds) {
  double least = INFINITY;
  for (int64_t k = 0; k < c->count && c->seconds[k] <= seconds; k++) least = fmin(least, c->mmd2[k]);
  return least;
}

double course_rise(const course *c) {
  double most = -INFINITY;
  for (int64_t k = 1; k < c->count; k++) most = fmax(most, c->mmd2[k] - c->mmd2[k - 1]);
  return most;
}

void outcome_close(const outcome *o) {
  ift_measure_destroy(o->measure);
  free(o->way.seconds);
  free(o->way.mmd2);
}
