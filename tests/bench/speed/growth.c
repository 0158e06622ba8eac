/* P8: how the time of a step grows with n = m, by engine: the exponents between 10^3 and 10^4, and to 10^5. */
#define _POSIX_C_SOURCE 200809L
#include "bench/speed/speed.h"

static double time_of(speed *s, const char *engine, int64_t n) {
  need(s->both, ift_context_set_option(s->both, "engine", engine));
  ift_flow *flow = speed_flow(s->both, "wasserstein", "none", n, n, 2);
  const double seconds = speed_step(s->both, flow, s->smoke ? 1 : n > 20000 ? 1 : n > 2000 ? 3 : 30);
  ift_flow_destroy(flow);
  need(s->both, ift_context_set_option(s->both, "engine", "auto"));
  return seconds;
}

static void grow(speed *s, const char *engine, speed_goal direction, double goal) {
  const int64_t sizes[] = {100, s->smoke ? 200 : 1000, s->smoke ? 400 : 10000, s->smoke ? 800 : 100000};
  double seconds[4];
  char what[80];
  for (int k = 0; k < 4; k++) {
    seconds[k] = time_of(s, engine, sizes[k]);
    snprintf(what, sizeof what, "%s, n = m = %lld", engine, (long long)sizes[k]);
    speed_report(s, "", what, 1e3 * seconds[k], "ms", NO_TARGET, 0);
  }
  for (int k = 1; k < 3; k++) { /* the first is too small to tell */
    snprintf(what, sizeof what, "%s, exponent from %lld to %lld", engine, (long long)sizes[k], (long long)sizes[k + 1]);
    speed_report(s, "P8", what, log(seconds[k + 1] / seconds[k]) / log((double)sizes[k + 1] / (double)sizes[k]), "",
                 direction, goal);
  }
}

void speed_growth(speed *s) {
  speed_title("growth: time of a transport step, d = 2, gaussian:1, two threads");
  grow(s, "direct", MOST, 2.1);
  grow(s, "low-rank", MOST, 1.2);
}
