/* ift sample: particles for a distribution of which density and score are known. */
#include "cli/commands.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/interrupt.h"
#include "cli/job.h"
#include "cli/message.h"
#include "cli/random.h"
#include "cli/sampling.h"
#include "cli/settings.h"

static const cli_option options[] = {
    {"target-gmm", "FILE", NULL, NULL,
     "a mixture of Gaussians, JSON {\"weights\": [...], \"means\": [[...]...], \"covariances\": [[[...]...]...]}; - is "
     "standard input. Only its log-density and score are used"},
    {"particles", "N", NULL, NULL, "how many particles"},
    {"source", "FILE", NULL, NULL,
     "points at which the search for modes begins as well, N or more (N are then drawn by weight)"},
    {"start", "SCALE", NULL, "5",
     "how far apart modes may be: the search for them begins at N normal points of standard deviation SCALE, and in a "
     "ball of radius 3 SCALE, about 0; with --source, about its mean and in its own scale"},
    {"seed", "S", "context", NULL, "seed of all random numbers"},
    {"out", "FILE", NULL, "-", "the particles at the end, CSV or .npy"},
    {"trace", "FILE", NULL, NULL, "the course of the run, a row a step; where that is -, particles go only to --out"},
    {"trace-every", "N", NULL, "1", "rows of the trace: each N-th step, and the last"},
    {"plot", "FILE", NULL, NULL, "a picture of target, start and end, .svg or .png, or the script for it, .gp"},
    {"threads", "T", "context", "all cores", NULL},
    {"engine", "NAME", "context", NULL, NULL},
    {"isa", "NAME", "context", NULL, NULL},
    {"log", NULL, NULL, NULL, "say on standard error what the library decides or notices on the way"},
    {.name = NULL}};

static const double default_scale = 5;

/* ---- watching ---- */

/* A run as its trace has it: one course, however many flows it is made of. Between two of them, and after the last,
 * what was known last stands. */
typedef struct course {
  cli_job *job;
  const ift_flow *flow; /* the running one, or NULL */
  double last[CLI_COLUMNS];
  double times[CLI_COLUMNS]; /* of the flows before, where the column is a time */
  bool started;
} course;

static ift_status get_course(const void *object, const char *quantity, double *out) {
  const course *c = object;
  int i = 0;
  while (i < CLI_COLUMNS && strcmp(cli_column_name(i), quantity) != 0) i++;
  if (i == CLI_COLUMNS) return IFT_ERR_OPTION;
  if (!c->flow) {
    *out = c->last[i];
    return IFT_OK;
  }
  const ift_status status = ift_flow_get_real(c->flow, quantity, out);
  if (status == IFT_OK) *out += c->times[i];
  return status;
}

static bool begin(ift_flow *flow, void *user) {
  course *c = user;
  c->flow = flow;
  if (c->started) return true;
  c->started = true;
  return cli_job_start(c->job, (cli_source){c, "flow", get_course, 0});
}

static int step(const ift_flow *flow, void *user) {
  (void)flow;
  return cli_job_step(((course *)user)->job, "energy") ? 0 : 1;
}

static void end(const ift_flow *flow, void *user) {
  course *c = user;
  (void)flow;
  for (int i = 0; i < CLI_COLUMNS; i++)
    if (get_course(c, cli_column_name(i), &c->last[i]) != IFT_OK) c->last[i] = NAN;
  c->times[CLI_TRANSPORT_TIME] = c->last[CLI_TRANSPORT_TIME];
  c->times[CLI_REACTION_TIME] = c->last[CLI_REACTION_TIME];
  c->flow = NULL;
}

/* ---- start ---- */

static bool check_start(const cli_arguments *arguments, double *scale) {
  const char *text = cli_argument(arguments, "start");
  if (text && cli_argument(arguments, "source"))
    return cli_fail("--source and --start exclude each other: the one reads the particles to start from, the other "
                    "draws them");
  return !text || cli_positive(text, scale) || cli_fail("--start is '%.64s'; it must be a number > 0", text);
}

/* N of the particles of a source, by weight. */
static bool select_particles(cli_job *job, int64_t particles) {
  const char *source = cli_file_name(cli_argument(job->arguments, "source"));
  const long long size = (long long)ift_measure_size(job->start);
  ift_measure *selected = NULL;
  if (size < particles)
    return cli_fail("%s: --particles is %lld, but there are %lld to start from", source, (long long)particles, size);
  if (size > particles) {
    if (ift_measure_resample(job->start, &selected, particles) != IFT_OK) return cli_library_failed(job->context);
    ift_measure_destroy(job->start);
    job->start = selected;
  }
  return ift_measure_normalize(job->start, 1) == IFT_OK ||
         cli_fail("%s: %s", source, ift_context_message(job->context));
}

static bool make_start(cli_job *job, int64_t particles, double scale) {
  if (job->start) return select_particles(job, particles);
  const int64_t d = job->mixture.dim;
  uint64_t state = cli_random_stream(cli_seed(job->arguments), CLI_STREAM_PARTICLES);
  double *x = malloc((size_t)particles * (size_t)d * sizeof *x);
  if (!x) return cli_fail("out of memory");
  for (int64_t i = 0; i < particles * d; i++) x[i] = scale * cli_random_normal(&state);
  const ift_status status = ift_measure_create(job->context, &job->start, x, particles, d, NULL);
  free(x);
  return status == IFT_OK || cli_library_failed(job->context);
}

/* Where a source is, and how wide: its mean and its largest standard deviation. */
static bool find_place(const ift_measure *source, double *center, double *scale) {
  const int64_t d = ift_measure_dim(source);
  double *covariance = malloc((size_t)(d * d) * sizeof *covariance), largest = 0;
  if (!covariance) return cli_fail("out of memory");
  const bool done = ift_measure_moments(source, center, covariance) == IFT_OK;
  for (int64_t j = 0; done && j < d; j++) largest = fmax(largest, sqrt(covariance[j * d + j]));
  if (largest > 0) *scale = largest;
  free(covariance);
  return done || cli_fail("the particles to start from are out of the range of numbers");
}

/* ---- remarks ---- */

/* Below the one the importance draws are a poor basis, above the other the weights could not do what they should. */
static const double low_fraction = 0.3, large_rest = 0.05;

/* From this dimension on the search is no denser than below it, though there is more space. */
enum { WIDE = 6 };

static void remark(const cli_findings *found, int64_t d, int64_t particles) {
  if (d >= WIDE) cli_note("in %d dimensions or more the search may miss narrow modes", WIDE);
  if (found->few_modes)
    cli_note("the search ended at %lld modes, the highest that it found; there may be more", (long long)found->modes);
  else if (found->cut)
    cli_note("the search found %lld modes and ended with points left that belong to none of them",
             (long long)found->modes);
  if (found->few_components)
    cli_note("the mixture that stands in for the density has %lld components and would need more",
             (long long)found->components);
  if (found->fraction < low_fraction)
    cli_note("effective_fraction is %.2g: masses and moments are less exact than they could be, or a mode is missing",
             found->fraction);
  if (found->left > large_rest)
    cli_note("%lld particle%s can't have the moments of the density; they are off by up to %.2g standard deviations",
             (long long)particles, particles == 1 ? "" : "s", found->left);
}

/* ---- report ---- */

/* What is told about particles, by comparison with the mixture itself. */
typedef struct comparison {
  const cli_job *job;
  const ift_measure *end;
  const cli_findings *found;
  double mmd2, mean_error, covariance_error;
  double *shares;
} comparison;

static bool compare(comparison *f) {
  const cli_job *job = f->job;
  ift_energy *energy = NULL;
  double value = 0;
  f->shares = malloc((size_t)job->mixture.count * sizeof(double));
  if (!f->shares) return cli_fail("out of memory");
  const bool done = ift_energy_mmd(job->context, &energy, job->kernel, job->target) == IFT_OK &&
                    ift_energy_value(energy, &value, f->end) == IFT_OK;
  ift_energy_destroy(energy);
  f->mmd2 = 2 * value;
  cli_mixture_shares(&job->mixture, f->shares, f->end);
  return (done || cli_library_failed(job->context)) &&
         cli_mixture_moment_errors(&job->mixture, &f->mean_error, &f->covariance_error, f->end);
}

static void report(FILE *stream, const void *user) {
  const comparison *f = user;
  fprintf(stream, "particles %lld\n", (long long)ift_measure_size(f->end));
  fprintf(stream, "effective_size %.17g\n", ift_measure_effective_size(f->end));
  fprintf(stream, "mmd2 %.17g\n", f->mmd2);
  fprintf(stream, "mean_error %.17g\n", f->mean_error);
  fprintf(stream, "covariance_error %.17g\n", f->covariance_error);
  for (int64_t k = 0; k < f->job->mixture.count; k++)
    fprintf(stream, "component_%lld %.17g\n", (long long)k, f->shares[k]);
  fprintf(stream, "modes %lld\n", (long long)f->found->modes);
  fprintf(stream, "effective_fraction %.17g\n", f->found->fraction);
  fprintf(stream, "evaluations %lld\n", (long long)f->found->evaluations);
  fprintf(stream, "steps %lld\n", (long long)f->job->trace.step);
  fprintf(stream, "kernel %s\n", f->job->spec);
}

/* ---- the command ---- */

/* The particles; the procedure is given density and score, and nothing else of the mixture. */
static bool go(cli_job *job, ift_measure **out, cli_findings *findings, double scale) {
  const int64_t d = job->mixture.dim;
  course c = {.job = job};
  const cli_watch watch = {begin, step, end, &c};
  cli_density density = {
      .dim = d, .log_density = cli_mixture_log_density, .score = cli_mixture_score, .user = &job->mixture};
  double *center = calloc((size_t)d, sizeof *center);
  const bool done = (center || cli_fail("out of memory")) &&
                    (!cli_argument(job->arguments, "source") || find_place(job->start, center, &scale)) &&
                    sampling_run(job->context, out, findings, job->start, &density, center, scale,
                                 cli_seed(job->arguments), &watch) &&
                    cli_job_stop(job);
  free(center);
  if (done) remark(findings, d, ift_measure_size(*out));
  return done;
}

static bool finish(cli_job *job, const ift_measure *measure, const cli_findings *found) {
  char title[200];
  comparison f = {.job = job, .end = measure, .found = found};
  snprintf(title, sizeof title, "%lld particles, %lld steps", (long long)ift_measure_size(measure),
           (long long)job->trace.step);
  job->title = title;
  const bool done = compare(&f) && cli_job_write(job, measure, report, &f);
  free(f.shares);
  return done;
}

static bool run(const cli_arguments *arguments, int *exit_status) {
  cli_job job;
  ift_measure *measure = NULL;
  cli_findings found;
  int64_t particles = 0, every = 1;
  double scale = default_scale;
  if (!check_start(arguments, &scale) || !cli_argument_count(arguments, "particles", 1, &particles) ||
      !cli_argument_count(arguments, "trace-every", 1, &every))
    return false;
  const bool done = cli_job_open(&job, arguments) && cli_job_load(&job) && make_start(&job, particles, scale) &&
                    go(&job, &measure, &found, scale) && finish(&job, measure, &found);
  ift_measure_destroy(measure);
  cli_job_close(&job);
  if (cli_interrupted()) *exit_status = 130;
  return done;
}

const cli_command cli_sample = {.name = "sample",
                                .synopsis = "--target-gmm FILE --particles N [OPTIONS]",
                                .doc = "makes particles for a distribution that is known by its density alone",
                                .settings = NULL,
                                .options = options,
                                .needed = "target-gmm particles",
                                .run = run};
