/* tests/bench/speed/speed.h - what docs/benchmarks.md says of speed, measured: a file for each question. */
#ifndef TESTS_BENCH_SPEED_SPEED_H
#define TESTS_BENCH_SPEED_SPEED_H

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "bench/bench.h"

/* Where results go: a table on standard output, rows of BENCH_CSV. */
typedef struct speed {
  FILE *csv;
  char machine[512];   /* ift_build_info */
  bool smoke;          /* tiny sizes, once: to see that it runs */
  int passed, below;   /* targets */
  ift_context *single; /* one thread */
  ift_context *both;   /* two threads */
} speed;

/* One line: `what`, a figure with its unit, and where there is a target, at least or at most that, whether it is met. */

typedef enum speed_goal { NO_TARGET, LEAST, MOST } speed_goal;
void speed_report(speed *s, const char *target, const char *what, double figure, const char *unit, speed_goal direction,
                  double goal);
/* A heading. */
void speed_title(const char *title);

/* n by d standard normal numbers, the same for the same seed. */
double *speed_cloud(int64_t n, int64_t d, uint64_t seed);

/* A flow of n particles to a sample of m points, both normal and apart, Gaussian kernel of length 1, by steps of fixed size. */
ift_flow *speed_flow(ift_context *context, const char *geometry, const char *reaction, int64_t n, int64_t m, int64_t d);

/* The least time of one of `count` steps. */
double speed_step(ift_context *context, ift_flow *flow, int count);

/* The questions. */
void speed_pairs(speed *s);   /* P1 pairs a second beside the reference; P2 threads */
void speed_steps(speed *s);   /* P3 a step beside NumPy and PyTorch */
void speed_paper(speed *s);   /* P4 figure 3(a) */
void speed_weights(speed *s); /* P5 the weight problem */
void speed_memory(speed *s);  /* P7 memory of a large run */
void speed_growth(speed *s);  /* P8 time over size */

#endif
