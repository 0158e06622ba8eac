/* ift compress: the best few weighted particles for a target. */
#include "cli/commands.h"

#include <stdio.h>
#include <string.h>

#include "cli/interrupt.h"
#include "cli/job.h"
#include "cli/message.h"
#include "cli/settings.h"

static const cli_option options[] = {
    {"target", "FILE", NULL, NULL, "points of the distribution to approximate, CSV or .npy; - is standard input"},
    {"particles", "N", NULL, NULL, "how many particles, at most"},
    {"kernel", "SPEC", NULL, "gaussian:median", "one of the kernels below, or a sum of them"},
    {"standardize", NULL, NULL, NULL, "work in units in which the target has mean 0 and standard deviation 1"},
    {"effort", "NAME", "compression", NULL, NULL},
    {"tolerance", "MMD2", "compression", NULL, NULL},
    {"points", "NAME", "compression", NULL, NULL},
    {"weights", "NAME", "compression", NULL, NULL},
    {"seed", "S", "context", NULL, "seed of all random numbers"},
    {"out", "FILE", NULL, "-", "the particles, CSV or .npy"},
    {"index", "FILE", NULL, NULL,
     "with --points data, the rows of the target that were chosen, numbered from 0, a line each"},
    {"trace", "FILE", NULL, NULL,
     "the course of the search, a row a step; where that is -, particles go only to --out"},
    {"plot", "FILE", NULL, NULL, "a picture of target and particles, .svg or .png, or the script for it, .gp"},
    {"threads", "T", "context", "all cores", NULL},
    {"engine", "NAME", "context", NULL, NULL},
    {"isa", "NAME", "context", NULL, NULL},
    {"log", NULL, NULL, NULL, "say on standard error what the library decides or notices on the way"},
    {"set", "NAME=VALUE", NULL, NULL,
     "any option of a compression, the ones that have no --NAME included; can be repeated"},
    {.name = NULL}};

static ift_status set_compression(void *compression, const char *option, const char *value) {
  return ift_compression_set_text(compression, option, value);
}

static ift_status get_compression(const void *compression, const char *quantity, double *out) {
  return ift_compression_get_real(compression, quantity, out);
}

static void stop_compression(void *compression) {
  ift_compression_request_stop(compression);
}

static int watch(const ift_compression *compression, void *user) {
  (void)compression;
  return cli_job_step(user, "mmd2") ? 0 : 1;
}

static bool create(ift_context *context, ift_compression **out, const cli_arguments *arguments,
                   const ift_kernel *kernel, const ift_target *target, int64_t particles) {
  if (ift_compression_create(context, out, kernel, target, particles) != IFT_OK) return cli_library_failed(context);
  return cli_settings_apply(arguments, "compression", context, *out, set_compression);
}

/* Options are tried out on a search that takes no time. */
static bool rehearse(ift_context *context, const cli_arguments *arguments) {
  ift_measure *measure = NULL;
  ift_kernel *kernel = NULL;
  ift_target *target = NULL;
  ift_compression *compression = NULL;
  const bool done = cli_rehearsal(context, &measure, &kernel, &target, false) &&
                    create(context, &compression, arguments, kernel, target, 1);
  ift_compression_destroy(compression);
  ift_target_destroy(target);
  ift_kernel_destroy(kernel);
  ift_measure_destroy(measure);
  return done;
}

static bool go(cli_job *job, ift_compression *compression) {
  const cli_source source = {compression, "compression", get_compression, 0};
  if (!cli_job_start(job, source)) return false;
  if (ift_compression_set_monitor(compression, watch, job, NULL) != IFT_OK) return cli_library_failed(job->context);
  cli_interrupt_watch(stop_compression, compression);
  const ift_status status = ift_compression_run(compression);
  cli_interrupt_unwatch();
  if (status < 0) return cli_library_failed(job->context);
  if (!cli_job_stop(job)) return false;
  return ift_compression_measure(compression) || cli_fail("stopped before any particles were found");
}

/* --index is for chosen rows. */
static bool prepare_index(cli_output *index, const cli_arguments *arguments, const ift_compression *compression) {
  char points[64] = "";
  if (!cli_argument(arguments, "index")) return true;
  if (ift_compression_get_text(compression, "points", points, sizeof points) != IFT_OK || strcmp(points, "data") != 0)
    return cli_fail("--index is for --points data; points are '%s'", points);
  return cli_output_prepare(index, "--index", cli_argument(arguments, "index"));
}

static bool write_index(cli_output *index, const ift_compression *compression) {
  const int64_t *rows = ift_compression_rows(compression);
  if (index->kind == CLI_NOWHERE) return true;
  FILE *stream = cli_output_open(index);
  if (!stream) return false;
  fputs("row\n", stream);
  for (int64_t i = 0; rows && i < ift_measure_size(ift_compression_measure(compression)); i++)
    fprintf(stream, "%lld\n", (long long)rows[i]);
  return cli_output_close(index);
}

/* What is told about a result. */
typedef struct result {
  const ift_compression *compression;
  const char *spec;
} result;

/* The lines of a report, and the quantities in them. */
static void report(FILE *stream, const void *user) {
  static const char *const lines[][2] = {{"mmd2", "mmd2"},
                                         {"standard_error", "standard_error"},
                                         {"particles", "particles"},
                                         {"weight_gap", "weight_gap"},
                                         {"stationarity", "stationarity"},
                                         {"starts", "start"},
                                         {"steps", "step"},
                                         {"phase", "phase"}};
  const result *r = user;
  for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
    char text[64];
    if (ift_compression_get_text(r->compression, lines[i][1], text, sizeof text) == IFT_OK)
      fprintf(stream, "%s %s\n", lines[i][0], text);
  }
  fprintf(stream, "kernel %s\n", r->spec);
}

static bool run(const cli_arguments *arguments, int *exit_status) {
  cli_job job;
  cli_output index = {.kind = CLI_NOWHERE};
  ift_compression *compression = NULL;
  int64_t particles = 0;
  char title[200];
  if (!cli_argument_count(arguments, "particles", 1, &particles)) return false;
  bool done = cli_job_open(&job, arguments) && rehearse(job.context, arguments) && cli_job_load(&job) &&
              create(job.context, &compression, arguments, job.kernel, job.target, particles);
  done = done && prepare_index(&index, arguments, compression) && go(&job, compression) &&
         write_index(&index, compression);
  if (done) {
    const ift_measure *best = ift_compression_measure(compression);
    const result r = {compression, job.spec};
    snprintf(title, sizeof title, "%lld points, %lld particles", (long long)ift_measure_size(job.points),
             (long long)ift_measure_size(best));
    job.title = title;
    done = cli_job_write(&job, best, report, &r);
  }
  ift_compression_destroy(compression);
  cli_job_close(&job);
  if (cli_interrupted()) *exit_status = 130;
  return done;
}

const cli_command cli_compress = {.name = "compress",
                                  .synopsis = "--target FILE --particles N [OPTIONS]",
                                  .doc = "finds the few weighted particles closest to a target",
                                  .settings = "compression",
                                  .options = options,
                                  .needed = "target particles",
                                  .run = run};
