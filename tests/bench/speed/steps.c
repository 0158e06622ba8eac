/* P3: one step of spherical-ift with reaction `gradient`, n particles and n samples in the plane, beside the same step written
 * with NumPy and PyTorch. The programs take turns, so that a busy machine slows all. */
#define _POSIX_C_SOURCE 200809L
#include "bench/speed/speed.h"

/* The least time of a step by tests/bench/speed/step.py; NaN where what it needs is missing. */
static double elsewhere(const char *library, const char *type, int64_t n, int repetitions) {
  char command[256];
  const char *python = getenv("PYTHON");
  snprintf(command, sizeof command, "%s tests/bench/speed/step.py %s %s %lld %d 2>/dev/null",
           python ? python : "/usr/bin/python3", library, type, (long long)n, repetitions);
  FILE *pipe = popen(command, "r");
  double seconds = NAN;
  if (!pipe) return NAN;
  if (fscanf(pipe, "%lf", &seconds) != 1) seconds = NAN;
  return pclose(pipe) == 0 ? seconds : NAN;
}

/* 12 where there is no AVX-512. */
static double goal_of(const speed *s, int64_t n) {
  if (n >= 5000) return 100;
  return n > 100 || strstr(s->machine, "avx512") ? 30 : 12;
}

void speed_steps(speed *s) {
  static const char *const peers[][2] = {{"numpy", "float64"}, {"torch", "float64"}, {"torch", "float32"}};
  static const int64_t sizes[] = {100, 1000, 5000};
  speed_title("steps: one spherical-ift step (gradient), d = 2, two threads, and how many times as long others take");
  for (int k = 0; k < (s->smoke ? 1 : 3); k++) {
    const int64_t n = sizes[k];
    const int repetitions = n > 1000 ? 3 : n > 100 ? 20 : 400, turns = s->smoke ? 1 : 3;
    double ours = HUGE_VAL, theirs[3] = {HUGE_VAL, HUGE_VAL, HUGE_VAL};
    ift_flow *flow = speed_flow(s->both, "spherical-ift", "gradient", n, n, 2);
    for (int turn = 0; turn < turns; turn++) {
      ours = fmin(ours, speed_step(s->both, flow, s->smoke ? 1 : 5 * repetitions));
      for (int p = 0; p < (s->smoke ? 1 : 3); p++) {
        const double seconds = elsewhere(peers[p][0], peers[p][1], n, s->smoke ? 1 : repetitions);
        theirs[p] = isnan(seconds) ? NAN : fmin(theirs[p], seconds);
      }
    }
    ift_flow_destroy(flow);
    char what[80];
    snprintf(what, sizeof what, "n = m = %lld", (long long)n);
    speed_report(s, "", what, 1e3 * ours, "ms", NO_TARGET, 0);
    for (int p = 0; p < (s->smoke ? 1 : 3); p++) {
      snprintf(what, sizeof what, "n = m = %lld, %s %s", (long long)n, peers[p][0], peers[p][1]);
      if (isnan(theirs[p]))
        printf("  P3  %-52s not installed\n", what);
      else
        speed_report(s, "P3", what, theirs[p] / ours, "times", p < 2 ? LEAST : NO_TARGET, goal_of(s, n));
    }
  }
}
