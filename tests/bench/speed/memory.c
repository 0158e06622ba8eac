/* P7: the most memory that a step takes which asks for no Gram matrix, measured in a process of its own. */
#define _DEFAULT_SOURCE /* wait4 */
#include "bench/speed/speed.h"

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

void speed_memory(speed *s) {
  const int64_t n = s->smoke ? 1000 : 100000;
  char what[80];
  speed_title("memory: of a spherical-ift step (gradient)");
  fflush(stdout);
  const pid_t child = fork();
  if (child < 0) exit(1);
  if (child == 0) {
    ift_context *context;
    if (ift_context_create(&context) != IFT_OK) _exit(1);
    need(context, ift_context_set_threads(context, 2));
    ift_flow *flow = speed_flow(context, "spherical-ift", "gradient", n, n, 10);
    need(context, ift_flow_step(flow, 1));
    _exit(0);
  }
  int status;
  struct rusage usage;
  if (wait4(child, &status, 0, &usage) != child || status != 0) exit(1);
  snprintf(what, sizeof what, "n = m = %lld, d = 10, the whole process", (long long)n);
  speed_report(s, "P7", what, (double)usage.ru_maxrss / 1024, "MiB", MOST, 100);
}
