/* cli/job.h - what `compress`, `flow` and `sample` have in common: data and outputs around a run. */
#ifndef CLI_JOB_H
#define CLI_JOB_H

#include <ift.h>

#include "cli/arguments.h"
#include "cli/data.h"
#include "cli/mixture.h"
#include "cli/plot.h"
#include "cli/trace.h"

/* Length of a kernel's specification; points drawn from a mixture for the median bandwidth and the picture. */
enum { CLI_SPEC = 4096, CLI_DRAWN = 5000 };

/* Which stream of the seed's random numbers is for what. */
enum { CLI_STREAM_POINTS = 1, CLI_STREAM_PARTICLES = 2, CLI_STREAM_SEARCH = 3 };

typedef struct cli_job {
  const cli_arguments *arguments;
  ift_context *context;
  ift_measure *points; /* the target's, or CLI_DRAWN points of the mixture */
  cli_mixture mixture; /* of --target-gmm */
  ift_measure *start;  /* NULL: none */
  ift_target *target;
  ift_kernel *kernel;
  char spec[CLI_SPEC]; /* the kernel's, with numbers only */
  cli_units units;
  cli_output out, trace_out;
  cli_plot plot;
  cli_trace trace;
  int64_t total; /* steps asked for, 0: not known */
  const char *title;
} cli_job;

/* Everything that can be found wrong before a file is read: context, kernel, outputs. */
bool cli_job_open(cli_job *job, const cli_arguments *arguments);

/* The option that the target comes from, "target" or "target-gmm". */
const char *cli_job_target_option(const cli_job *job);

/* The file that the target comes from. */
const char *cli_job_target_path(const cli_job *job);

/* Reads target and source, takes them into the units of the work, makes kernel and target. */
bool cli_job_load(cli_job *job);

/* Starts trace and progress; takes note of a step, false where the trace can't be written; ends both. */
bool cli_job_start(cli_job *job, cli_source source);
bool cli_job_step(cli_job *job, const char *value_name);
bool cli_job_stop(cli_job *job);

/* Writes the particles and the plot, then what `report` prints (NULL: nothing) on standard output, or on standard
 * error where that carries data; then gives all files their names. */
bool cli_job_write(cli_job *job, const ift_measure *end, void (*report)(FILE *stream, const void *user),
                   const void *user);

void cli_job_close(cli_job *job);

#endif
