/* Data and outputs around a run. */
#include "cli/job.h"

#include <math.h>
#include <string.h>

#include "cli/interrupt.h"
#include "cli/message.h"
#include "cli/progress.h"
#include "cli/settings.h"

/* Particles go to standard output unless told otherwise, or unless the trace has it. */
static bool prepare_outputs(cli_job *job) {
  const char *out = cli_argument(job->arguments, "out");
  if (!cli_output_prepare(&job->trace_out, "--trace", cli_argument(job->arguments, "trace"))) return false;
  if (!out && job->trace_out.kind != CLI_STANDARD) out = "-";
  return cli_output_prepare(&job->out, "--out", out) &&
         cli_plot_prepare(&job->plot, cli_argument(job->arguments, "plot"));
}

const char *cli_job_target_option(const cli_job *job) {
  return cli_argument(job->arguments, "target") ? "target" : "target-gmm";
}

const char *cli_job_target_path(const cli_job *job) {
  return cli_argument(job->arguments, cli_job_target_option(job));
}

bool cli_job_open(cli_job *job, const cli_arguments *arguments) {
  *job = (cli_job){.arguments = arguments};
  const char *source = cli_argument(arguments, "source");
  if (source && strcmp(source, "-") == 0 && strcmp(cli_job_target_path(job), "-") == 0)
    return cli_fail("--%s and --source both read standard input; one of them needs a file", cli_job_target_option(job));
  return cli_context_create(&job->context, arguments) &&
         cli_kernel_check(job->context, cli_argument(arguments, "kernel")) && prepare_outputs(job);
}

static bool load_points(cli_job *job, const char *path) {
  if (!cli_load(job->context, &job->points, path)) return false;
  if (!cli_argument(job->arguments, "standardize")) return true;
  return cli_units_of(&job->units, job->points, path) && cli_units_apply(&job->units, job->context, job->points, path);
}

static bool load_mixture(cli_job *job, const char *path) {
  if (!cli_mixture_load(&job->mixture, job->context, &job->target, path)) return false;
  if (cli_argument(job->arguments, "standardize") &&
      !cli_mixture_standardize(&job->mixture, job->context, &job->target, &job->units, path))
    return false;
  return cli_mixture_draw(&job->mixture, job->context, &job->points, CLI_DRAWN, cli_seed(job->arguments),
                          CLI_STREAM_POINTS);
}

static bool load_source(cli_job *job, const char *path) {
  const char *source = cli_argument(job->arguments, "source");
  if (!source) return true;
  return cli_load(job->context, &job->start, source) && cli_same_dimension(job->start, source, job->points, path) &&
         cli_units_apply(&job->units, job->context, job->start, source);
}

bool cli_job_load(cli_job *job) {
  ift_context *context = job->context;
  const char *path = cli_job_target_path(job);
  const bool points = cli_argument(job->arguments, "target");
  if (!(points ? load_points(job, path) : load_mixture(job, path)) || !load_source(job, path)) return false;
  if (!cli_kernel(context, &job->kernel, cli_argument(job->arguments, "kernel"), job->points, path, job->spec,
                  CLI_SPEC))
    return false;
  return !points || ift_target_samples(context, &job->target, job->points) == IFT_OK || cli_library_failed(context);
}

bool cli_job_start(cli_job *job, cli_source source) {
  int64_t every = 1;
  const bool keep = job->plot.output.kind != CLI_NOWHERE;
  if (!cli_argument_count(job->arguments, "trace-every", 1, &every)) return false;
  cli_progress_start(job->trace_out.kind == CLI_STANDARD, source.step);
  return cli_trace_start(&job->trace, &job->trace_out, source, every, keep);
}

bool cli_job_step(cli_job *job, const char *value_name) {
  if (!cli_trace_step(&job->trace)) return false;
  if (cli_progress_due()) {
    double value = NAN;
    (void)job->trace.source.get(job->trace.source.object, value_name, &value);
    cli_progress_show(job->trace.step, job->total, value_name, value);
  }
  return true;
}

bool cli_job_stop(cli_job *job) {
  cli_interrupt_unwatch();
  cli_progress_clear();
  return cli_trace_finish(&job->trace);
}

static bool save(cli_job *job, const ift_measure *end) {
  if (job->out.kind == CLI_NOWHERE) return true;
  if (job->out.kind == CLI_STANDARD && !cli_flush_standard()) return false;
  const ift_status status = ift_measure_save(end, job->out.path);
  if (status == IFT_OK) return true;
  if (status != IFT_ERR_FILE) return cli_library_failed(job->context);
  const char *message = ift_context_message(job->context), *reason = strrchr(message, ':');
  return cli_fail("%s: can't be written%s", job->out.name, reason ? reason : "");
}

static bool draw(cli_job *job, const ift_measure *end) {
  if (job->plot.output.kind == CLI_NOWHERE) return true;
  ift_measure *target = NULL, *start = NULL;
  bool done = cli_units_undo(&job->units, job->context, &target, job->points) &&
              (!job->start || cli_units_undo(&job->units, job->context, &start, job->start));
  if (done) {
    const cli_picture picture = {.target = target,
                                 .start = start,
                                 .end = end,
                                 .trace = job->trace.keep ? &job->trace : NULL,
                                 .title = job->title,
                                 .path = cli_argument(job->arguments, "target")};
    done = cli_plot_draw(&job->plot, &picture);
  }
  ift_measure_destroy(target);
  ift_measure_destroy(start);
  return done;
}

bool cli_job_write(cli_job *job, const ift_measure *end, void (*report)(FILE *stream, const void *user),
                   const void *user) {
  ift_measure *measure = NULL;
  bool done = cli_units_undo(&job->units, job->context, &measure, end) && save(job, measure) && draw(job, measure);
  ift_measure_destroy(measure);
  if (!done) return false;
  const bool to_standard = !cli_outputs_use_standard();
  if (report && to_standard) {
    report(stdout, user);
    if (!cli_flush_standard()) return false;
  }
  if (!cli_outputs_commit()) return false;
  cli_show_notes();
  if (report && !to_standard) report(stderr, user);
  return true;
}

void cli_job_close(cli_job *job) {
  cli_outputs_abandon();
  cli_trace_free(&job->trace);
  cli_units_free(&job->units);
  cli_mixture_free(&job->mixture);
  ift_kernel_destroy(job->kernel);
  ift_target_destroy(job->target);
  ift_measure_destroy(job->points);
  ift_measure_destroy(job->start);
  ift_context_destroy(job->context);
}
