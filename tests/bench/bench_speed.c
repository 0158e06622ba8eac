/* How fast is it, and is that as fast as it should be? The figures that docs/benchmarks.md quotes, each beside its reference in
 * the same run; minima over repetitions. Prints a table, writes BENCH_CSV. Seconds are the machine's, ratios are the
 * library's. --smoke: tiny sizes, once, to see that it runs. */
#define _POSIX_C_SOURCE 200809L
#include "bench/speed/speed.h"

int main(int argc, char **argv) {
  const char *path = getenv("BENCH_CSV");
  speed s = {.smoke = argc > 1 && strcmp(argv[1], "--smoke") == 0, .csv = fopen(path ? path : "/dev/null", "w")};
  if (!s.csv || ift_context_create(&s.single) != IFT_OK || ift_context_create(&s.both) != IFT_OK) return 1;
  need(s.both, ift_context_set_threads(s.both, 2));
  fprintf(s.csv, "target,what,figure,unit,goal,verdict\n");
  (void)ift_build_info(s.machine, sizeof s.machine);
  speed_memory(&s); /* first: a child process begins with its parent's */
  speed_pairs(&s);
  speed_steps(&s);
  speed_paper(&s);
  speed_weights(&s);
  speed_growth(&s);
  ift_context_destroy(s.single);
  ift_context_destroy(s.both);
  if (!s.smoke) printf("\n  sum: %d targets met, %d below\n", s.passed, s.below);
  return fclose(s.csv) != 0;
}
