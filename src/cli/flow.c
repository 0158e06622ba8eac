/* ift flow: a gradient flow from some particles towards a target. */
#include "cli/commands.h"

#include <stdio.h>
#include <string.h>

#include "cli/checkpoint.h"
#include "cli/energy.h"
#include "cli/interrupt.h"
#include "cli/job.h"
#include "cli/message.h"
#include "cli/progress.h"
#include "cli/settings.h"

static const cli_option options[] = {
    {"target", "FILE", NULL, NULL, "points of the distribution to approximate, CSV or .npy; - is standard input"},
    {"target-gmm", "FILE", NULL, NULL,
     "instead of --target: a mixture of Gaussians, JSON {\"weights\": [...], \"means\": [[...]...], "
     "\"covariances\": [[[...]...]...]}; - is standard input"},
    {"source", "FILE", NULL, NULL, "particles to start from"},
    {"particles", "N", NULL, NULL,
     "instead of --source: start from N points of the target, drawn with the seed, of weight 1/N"},
    {"geometry", "NAME", NULL, NULL, "one of the geometries below"},
    {"energy", "NAME", NULL, "mmd", "one of the energies below; kl needs --target-gmm"},
    {"kernel", "SPEC", NULL, "gaussian:median",
     "one of the kernels below, or a sum of them: that of energy mmd; of MMD reactions where the energy is kl"},
    {"steps", "N", NULL, NULL, "how many steps to take"},
    {"tau", "X", "flow", NULL, NULL},
    {"eta", "X", "flow", NULL, NULL},
    {"transport", "NAME", "flow", NULL, NULL},
    {"reaction", "NAME", "flow", NULL, NULL},
    {"center", "NAME", "flow", NULL, NULL},
    {"splitting", "NAME", "flow", NULL, NULL},
    {"noise", "LEVEL", "flow", NULL, NULL},
    {"noise-until", "STEP", "flow", NULL, NULL},
    {"noise-at", "NAME", "flow", NULL, NULL},
    {"step-control", "NAME", "flow", NULL, NULL},
    {"tolerance", "ENERGY", "flow", NULL, NULL},
    {"rejuvenate", "NAME", "flow", NULL, NULL},
    {"standardize", NULL, NULL, NULL, "work in units in which the target has mean 0 and standard deviation 1"},
    {"seed", "S", "context", NULL, "seed of all random numbers"},
    {"out", "FILE", NULL, "-", "the particles at the end, CSV or .npy"},
    {"trace", "FILE", NULL, NULL, "the course of the run, a row a step; where that is -, particles go only to --out"},
    {"trace-every", "N", NULL, "1", "rows of the trace: each N-th step, and the last"},
    {"checkpoint", "FILE", NULL, NULL,
     "the state of the flow at the end, after Ctrl-C too, and now and then on the way: what --resume goes on from"},
    {"checkpoint-every", "SECONDS", NULL, "60", "how often on the way"},
    {"resume", NULL, NULL, NULL,
     "go on from --checkpoint FILE up to --steps in all, with the options given here; start where there is no such "
     "file"},
    {"plot", "FILE", NULL, NULL, "a picture of target, start and end, .svg or .png, or the script for it, .gp"},
    {"threads", "T", "context", "all cores", NULL},
    {"engine", "NAME", "context", NULL, NULL},
    {"isa", "NAME", "context", NULL, NULL},
    {"log", NULL, NULL, NULL, "say on standard error what the library decides or notices on the way"},
    {"set", "NAME=VALUE", NULL, NULL, "any option of a flow, the ones that have no --NAME included; can be repeated"},
    {.name = NULL}};

static ift_status set_flow(void *flow, const char *option, const char *value) {
  return ift_flow_set_text(flow, option, value);
}

static ift_status get_flow(const void *flow, const char *quantity, double *out) {
  return ift_flow_get_real(flow, quantity, out);
}

static void stop_flow(void *flow) {
  ift_flow_request_stop(flow);
}

/* A run under way. */
typedef struct watched {
  cli_job *job;
  cli_checkpoint *checkpoint;
  bool failed; /* a checkpoint on the way */
} watched;

static int watch(const ift_flow *flow, void *user) {
  watched *w = user;
  if (!cli_job_step(w->job, "energy")) return 1;
  w->failed = !cli_checkpoint_step(w->checkpoint, flow);
  return w->failed;
}

/* What is asked for, and whether anything has a use for the kernel. */
typedef struct request {
  const cli_arguments *arguments;
  cli_energy energy;
  bool with_kernel;
} request;

/* The kernel of MMD reactions, where the energy has none. Geometries without such a reaction take the default only. */
static bool set_kernel(request *r, ift_context *context, ift_flow *flow, const ift_kernel *kernel) {
  const char *text = cli_argument(r->arguments, "kernel");
  r->with_kernel = true;
  if (!r->energy.kl) return true;
  const ift_status status = ift_flow_set_kernel(flow, kernel);
  if (status == IFT_OK) return true;
  r->with_kernel = false;
  return (status == IFT_ERR_OPTION && (!text || strcmp(text, "gaussian:median") == 0)) || cli_library_failed(context);
}

static bool create(request *r, ift_context *context, ift_flow **out, const ift_kernel *kernel, const ift_target *target,
                   const ift_measure *start) {
  ift_energy *energy = NULL;
  bool done = cli_energy_create(&r->energy, context, &energy, kernel, target);
  if (done && ift_flow_create(context, out, cli_argument(r->arguments, "geometry"), energy, start) != IFT_OK)
    done = cli_library_failed(context);
  ift_energy_destroy(energy);
  return done && set_kernel(r, context, *out, kernel) &&
         cli_settings_apply(r->arguments, "flow", context, *out, set_flow);
}

/* Geometry and options are tried out on a flow that takes no time. */
static bool rehearse(request *r, ift_context *context) {
  ift_measure *measure = NULL;
  ift_kernel *kernel = NULL;
  ift_target *target = NULL;
  ift_flow *flow = NULL;
  bool done = cli_rehearsal(context, &measure, &kernel, &target, cli_argument(r->arguments, "target-gmm")) &&
              create(r, context, &flow, kernel, target, measure);
  if (done) {
    const ift_status status = ift_flow_step(flow, 0);
    if (status == IFT_ERR_OPTION || status == IFT_ERR_CAPABILITY) done = cli_library_failed(context);
  }
  ift_flow_destroy(flow);
  ift_target_destroy(target);
  ift_kernel_destroy(kernel);
  ift_measure_destroy(measure);
  return done;
}

static bool check_target(request *r) {
  const bool points = cli_argument(r->arguments, "target"), mixture = cli_argument(r->arguments, "target-gmm");
  if (points == mixture)
    return cli_fail(points ? "--target and --target-gmm exclude each other: the one reads points, the other a mixture "
                             "of Gaussians"
                           : "flow needs --target FILE, or --target-gmm FILE ('ift flow --help' tells more)");
  if (!cli_energy_read(&r->energy, cli_argument(r->arguments, "energy"))) return false;
  return mixture || !r->energy.kl ||
         cli_fail("--energy kl needs a target with a density: --target-gmm FILE; points have none");
}

static bool check_start(const cli_arguments *arguments, int64_t *particles) {
  const bool source = cli_argument(arguments, "source"), drawn = cli_argument(arguments, "particles");
  if (source == drawn)
    return cli_fail(
        source ? "--source and --particles exclude each other: the one reads the particles to start from, the other "
                 "draws them"
               : "flow needs particles to start from: --source FILE, or --particles N to draw them from the target");
  return cli_argument_count(arguments, "particles", 1, particles);
}

static bool load(cli_job *job, const request *r, int64_t particles) {
  const uint64_t seed = cli_seed(job->arguments);
  const char *path = cli_job_target_path(job);
  if (!cli_job_load(job)) return false;
  const bool mixture = job->mixture.count > 0;
  if (mixture && r->with_kernel && cli_kernel_by_median(cli_argument(job->arguments, "kernel")))
    cli_note("the median bandwidth was taken on %d points drawn from %s", CLI_DRAWN, cli_file_name(path));
  if (job->start) return true;
  return mixture ? cli_mixture_draw(&job->mixture, job->context, &job->start, particles, seed, CLI_STREAM_PARTICLES)
                 : cli_draw(job->context, &job->start, job->points, path, particles, seed);
}

/* Who sits before a terminal is told why there are fewer steps than asked for. */
static void tell(ift_status status, const cli_job *job) {
  const long long steps = (long long)job->trace.step;
  if (!cli_watched()) return;
  if (status == IFT_CONVERGED) cli_note("the tolerance is reached after %lld steps", steps);
  if (status == IFT_STALLED) cli_note("ended after %lld steps: further ones gain nothing", steps);
  if (status == IFT_STOPPED) cli_note("stopped after %lld steps", steps);
}

static bool go(cli_job *job, cli_checkpoint *checkpoint, ift_flow *flow) {
  watched w = {job, checkpoint, false};
  int64_t first = 0;
  if (!cli_checkpoint_resume(checkpoint, flow, job->total, &first)) return false;
  const cli_source source = {flow, "flow", get_flow, first};
  if (!cli_job_start(job, source)) return false;
  if (ift_flow_set_monitor(flow, watch, &w, NULL) != IFT_OK) return cli_library_failed(job->context);
  cli_interrupt_watch(stop_flow, flow);
  const ift_status status = ift_flow_run(flow, job->total - first);
  cli_interrupt_unwatch();
  if (status < 0) return cli_library_failed(job->context);
  tell(status, job);
  return cli_job_stop(job) && !w.failed && cli_checkpoint_write(checkpoint, flow);
}

static bool run(const cli_arguments *arguments, int *exit_status) {
  cli_job job;
  cli_checkpoint checkpoint;
  request r = {.arguments = arguments};
  ift_flow *flow = NULL;
  int64_t particles = 0, steps = 0, every = 1;
  char title[200];
  if (!check_target(&r) || !check_start(arguments, &particles) || !cli_argument_count(arguments, "steps", 0, &steps) ||
      !cli_argument_count(arguments, "trace-every", 1, &every) || !cli_checkpoint_read(&checkpoint, arguments))
    return false;
  bool done = cli_job_open(&job, arguments) && cli_checkpoint_prepare(&checkpoint, job.context) &&
              rehearse(&r, job.context) && load(&job, &r, particles) &&
              create(&r, job.context, &flow, job.kernel, job.target, job.start);
  if (done) {
    job.total = steps;
    done = go(&job, &checkpoint, flow);
    snprintf(title, sizeof title, "%s, %lld steps", cli_argument(arguments, "geometry"), (long long)job.trace.step);
    job.title = title;
    done = done && cli_job_write(&job, ift_flow_measure(flow), NULL, NULL);
  }
  ift_flow_destroy(flow);
  cli_job_close(&job);
  cli_checkpoint_free(&checkpoint);
  if (cli_interrupted()) *exit_status = 130;
  return done;
}

const cli_command cli_flow = {.name = "flow",
                              .synopsis =
                                  "--target FILE (--source FILE | --particles N) --geometry NAME --steps N [OPTIONS]",
                              .doc = "moves and re-weights particles down to a target in one of the geometries below",
                              .settings = "flow",
                              .options = options,
                              .needed = "geometry steps",
                              .run = run};
