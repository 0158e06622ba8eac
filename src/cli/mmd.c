/* ift mmd: how far apart two measures are. */
#include "cli/commands.h"

#include <stdio.h>
#include <string.h>

#include <ift.h>

#include "cli/data.h"
#include "cli/job.h"
#include "cli/message.h"
#include "cli/settings.h"

static const cli_option options[] = {
    {"kernel", "SPEC", NULL, "gaussian:median", "one of the kernels below, or a sum of them; the median is that of B"},
    {"standardize", NULL, NULL, NULL, "measure in units in which B has mean 0 and standard deviation 1"},
    {"threads", "T", "context", "all cores", NULL},
    {"engine", "NAME", "context", NULL, NULL},
    {"isa", "NAME", "context", NULL, NULL},
    {.name = NULL}};

typedef struct pair {
  ift_measure *a, *b;
  ift_kernel *kernel;
  cli_units units;
} pair;

static bool compute(ift_context *context, pair *p, const cli_arguments *arguments, double *mmd2) {
  const char *a = arguments->operands[0], *b = arguments->operands[1], *kernel = cli_argument(arguments, "kernel");
  char spec[CLI_SPEC];
  if (!cli_kernel_check(context, kernel) || !cli_load(context, &p->a, a) || !cli_load(context, &p->b, b) ||
      !cli_same_dimension(p->a, a, p->b, b))
    return false;
  if (cli_argument(arguments, "standardize") &&
      (!cli_units_of(&p->units, p->b, b) || !cli_units_apply(&p->units, context, p->b, b) ||
       !cli_units_apply(&p->units, context, p->a, a)))
    return false;
  if (!cli_kernel(context, &p->kernel, kernel, p->b, b, spec, CLI_SPEC)) return false;
  return ift_mmd2(p->kernel, mmd2, p->a, p->b) == IFT_OK || cli_library_failed(context);
}

static bool run(const cli_arguments *arguments, int *exit_status) {
  (void)exit_status;
  ift_context *context = NULL;
  pair p = {.a = NULL};
  double mmd2 = 0;
  if (strcmp(arguments->operands[0], "-") == 0 && strcmp(arguments->operands[1], "-") == 0)
    return cli_fail("A and B are both standard input; one of them has to be a file");
  const bool done = cli_context_create(&context, arguments) && compute(context, &p, arguments, &mmd2);
  if (done) {
    cli_show_notes();
    printf("mmd2 %.17g\n", mmd2);
  }
  cli_units_free(&p.units);
  ift_kernel_destroy(p.kernel);
  ift_measure_destroy(p.a);
  ift_measure_destroy(p.b);
  ift_context_destroy(context);
  return done;
}

const cli_command cli_mmd = {.name = "mmd",
                             .synopsis = "[--kernel SPEC] [OPTIONS] A B",
                             .doc = "prints MMD squared between the particles of two files",
                             .options = options,
                             .operands = 2,
                             .needed = "",
                             .run = run};
