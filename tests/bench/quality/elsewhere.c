/* Methods of other programs, by peers.py, where they are installed: for targets that are samples. */
#include <sys/wait.h>

#include "bench/quality/quality.h"

enum { NOT_INSTALLED = 77 };

static void save_points(const problem *p, const double *points, int64_t n, const char *path) {
  ift_measure *measure;
  need(p->context, ift_measure_create(p->context, &measure, points, n, p->d, NULL));
  need(p->context, ift_measure_save(measure, path));
  ift_measure_destroy(measure);
}

/* What it prints; returns its exit status. */
static int listen(const char *command, course *way) {
  FILE *pipe = popen(command, "r");
  double mmd2;
  if (!pipe) return -1;
  while (fscanf(pipe, "%lf %lf", &way->spent, &mmd2) == 2) course_note(way, mmd2);
  const int status = pclose(pipe);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

void run_elsewhere(const problem *p, const method *by, int64_t n, outcome *out) {
  const char *python = getenv("PYTHON") ? getenv("PYTHON") : "/usr/bin/python3";
  if (!p->sampled || !getenv("BENCH_CSV")) {
    snprintf(out->note, sizeof out->note, p->sampled ? "needs BENCH_CSV" : "is for samples");
    return;
  }
  char points[PATH], begin[PATH], end[PATH], command[4 * PATH];
  place(points, "-points.csv"), place(begin, "-start.csv"), place(end, "-end.csv");
  save_points(p, p->pool, p->m, points);
  ift_measure *start = problem_start(p, n);
  need(p->context, ift_measure_save(start, begin));
  ift_measure_destroy(start);
  snprintf(command, sizeof command, "'%s' tests/bench/quality/peers.py %s '%s' '%s' %.17g %lld '%s'", python, by->what,
           points, begin, p->sigma, (long long)p->steps, end);
  const int status = listen(command, &out->way);
  if (status == 0)
    need(p->context, ift_measure_load(p->context, &out->measure, end));
  else if (status == NOT_INSTALLED || status == 127)
    snprintf(out->note, sizeof out->note, "%s is not installed", by->name);
  else
    fprintf(stderr, "bench_quality: %s fails\n", command), exit(1);
}
