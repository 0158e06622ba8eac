/* P4: figure 3(a) of the paper, whole: 50 runs of three algorithms, 6000 steps each, with the losses that its curves show. */
#define _POSIX_C_SOURCE 200809L
#include "bench/speed/speed.h"

#include <sys/wait.h>

void speed_paper(speed *s) {
  const char *const build = getenv("BUILD") ? getenv("BUILD") : "build";
  char command[1000];
  speed_title("paper: figure 3(a) of the paper: 50 runs, three algorithms, 6000 steps, two cores");
  snprintf(command, sizeof command,
           "'%s/examples/paper/figure3' gaussian 200 explicit 50 0.1 fixed %d '%s/bench/figure3.csv' "
           ">'%s/bench/figure3.txt'",
           build, s->smoke ? 1 : 50, build, build);
  const double began = bench_seconds(CLOCK_MONOTONIC);
  const int status = system(command);
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
    fprintf(stderr, "%s failed\n", command);
    exit(1);
  }
  speed_report(s, "P4", "the whole", bench_seconds(CLOCK_MONOTONIC) - began, "s", MOST, 12);
}
