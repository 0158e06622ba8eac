/* tests/bench/quality/quality.h - how close to a target do n particles come, by which method, in what time: problems,
 * courses over time, methods, and what is asked of them. */
#ifndef TESTS_BENCH_QUALITY_QUALITY_H
#define TESTS_BENCH_QUALITY_QUALITY_H

#include <stdbool.h>
#include <string.h>

#include "bench/bench.h"
#include "paper/plane.h"

/* A target, a kernel, and numbers of particles. */
enum { MOST_SIZES = 4 };
typedef struct problem {
  const char *name;
  char about[120];
  int64_t sizes[MOST_SIZES]; /* ascending, 0 behind the last */
  int64_t steps;             /* of a flow */
  int64_t high;              /* largest n for which the highest effort is not too long here */
  int64_t race;              /* n for which courses are compared; 0: none */

  ift_context *context;
  ift_kernel *kernel;
  ift_target *target;
  ift_energy *energy;
  double *pool; /* m by d: the target's points, or points drawn from it; subsets are chosen from these */
  int64_t m, d;
  double sigma; /* of the kernel, Gaussian */
  bool sampled; /* the pool is the target */
  bool smoke;   /* few particles and steps */
  bool planar;  /* one of the paper's targets in the plane */
  reading read; /* then what the paper says of it */
} problem;

enum { PROBLEMS = 5 };
const char *problem_name(int number);
void problem_open(problem *p, int number, bool smoke);
void problem_close(problem *p);

/* n particles of equal weight from which flows start: a random subset of the pool, or the paper's start. */
ift_measure *problem_start(const problem *p, int64_t n);

/* MMD^2 over seconds of one core. The clock stands still while MMD^2 is found. */
typedef struct course {
  double *seconds, *mmd2;
  int64_t count, room;
  double spent, since;
} course;

void course_go(course *c);
void course_halt(course *c);
void course_note(course *c, double mmd2);
/* The least MMD^2 by then; infinity before the first. */
double course_by(const course *c, double seconds);
/* The most by which MMD^2 rises from one note to the next. */
double course_rise(const course *c);

/* What a method made of a problem. */
typedef struct outcome {
  const char *method;
  ift_measure *measure; /* NULL: `note` says why there is none */
  double mmd2, seconds;
  course way;
  char phase[16]; /* of a compression */
  char note[80];
} outcome;

void outcome_close(const outcome *o);

/* What is asked of a method. */
enum {
  COMPRESSION = 1, /* it is one */
  MONOTONE = 2,    /* MMD^2 never rises */
  RIVAL = 4,       /* a compression of normal effort has to be as close with as many particles */
  SIMPLEX = 8,     /* weights >= 0 of sum 1 */
  ELSEWHERE = 16,  /* not of this library */
};

typedef struct method {
  const char *name;
  void (*run)(const problem *p, const struct method *by, int64_t n, outcome *out); /* out is all 0 */
  const char *what;       /* effort, geometry, weights, source or program */
  const char *rejuvenate; /* of a flow; NULL: the default */
  int asked;
} method;

/* Compressions, geometries of the catalogue, what was published, subsets, other programs. Returns how many. */
enum { MOST_METHODS = 40 };
int methods_list(method *methods);

/* How many promises do not hold; each is told. */
int judge(const problem *p, int64_t n, const method *methods, const outcome *outcomes, int count);
/* What is hoped for, and whether it came. */
void report_race(const problem *p, int64_t n, const method *methods, const outcome *outcomes, int count);

/* BENCH_CSV, NAME.csv, with another ending; without it nowhere. */
enum { PATH = 512 };
static inline const char *place(char *path, const char *ending) {
  const char *csv = getenv("BENCH_CSV");
  const size_t length = csv ? strlen(csv) : 0;
  if (length > 4)
    snprintf(path, PATH, "%.*s%s", (int)length - 4, csv, ending);
  else
    snprintf(path, PATH, "/dev/null");
  return path;
}

void run_compression(const problem *p, const method *by, int64_t n, outcome *out);
void run_flow(const problem *p, const method *by, int64_t n, outcome *out);
void run_published(const problem *p, const method *by, int64_t n, outcome *out);
void run_random(const problem *p, const method *by, int64_t n, outcome *out);
void run_herding(const problem *p, const method *by, int64_t n, outcome *out);
void run_frank_wolfe(const problem *p, const method *by, int64_t n, outcome *out);
void run_kmeans(const problem *p, const method *by, int64_t n, outcome *out);
void run_elsewhere(const problem *p, const method *by, int64_t n, outcome *out);

#endif
