/* ift bandwidth: the median heuristic. */
#include "cli/commands.h"

#include <stdio.h>

#include <ift.h>

#include "cli/data.h"
#include "cli/message.h"

/* The library takes the median on this many rows at most. */
enum { MEDIAN_ROWS = 5000 };

static const cli_option options[] = {{.name = NULL}};

static bool run(const cli_arguments *arguments, int *exit_status) {
  (void)exit_status;
  const char *path = arguments->operands[0];
  ift_context *context = NULL;
  ift_measure *measure = NULL;
  double bandwidth = 0;
  if (ift_context_create(&context) != IFT_OK) return cli_fail("out of memory");
  bool done = cli_load(context, &measure, path);
  if (done && ift_bandwidth_median(measure, &bandwidth) != IFT_OK)
    done = cli_fail("%s: %s", cli_file_name(path), ift_context_message(context));
  if (done) {
    const long long rows = (long long)ift_measure_size(measure);
    printf("bandwidth %.17g\n", bandwidth);
    if (rows > MEDIAN_ROWS) printf("rows_used %d of %lld\n", MEDIAN_ROWS, rows);
  }
  ift_measure_destroy(measure);
  ift_context_destroy(context);
  return done;
}

const cli_command cli_bandwidth = {.name = "bandwidth",
                                   .synopsis = "FILE",
                                   .doc =
                                       "prints the bandwidth that the median heuristic gives for the points of a file",
                                   .options = options,
                                   .operands = 1,
                                   .needed = "",
                                   .run = run};
