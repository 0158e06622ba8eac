/* tests/bench/bench.h - what the benchmarks share. Define _POSIX_C_SOURCE before. */
#ifndef TESTS_BENCH_BENCH_H
#define TESTS_BENCH_BENCH_H

#include <ift.h>

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

/* By that clock: CLOCK_MONOTONIC for time on the wall, CLOCK_PROCESS_CPUTIME_ID for that of all threads. */
static inline double bench_seconds(clockid_t clock) {
  struct timespec now;
  clock_gettime(clock, &now);
  return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

/* Ends the program where a call failed. */
static inline void need(ift_context *context, ift_status status) {
  if (status >= 0) return;
  fprintf(stderr, "%s: %s\n", ift_status_name(status), ift_context_message(context));
  exit(1);
}

#endif
