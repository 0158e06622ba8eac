/* Compression: flows with exact weights and insertion from several starts, the best of which is kept. */
#include "compress/compress.h"

#include <math.h>
#include <string.h>

#include "base/alloc.h"

/* What an effort is worth. */
static const struct { int64_t starts, steps; } efforts[] = {{1, 200}, {2, 600}, {6, 2000}};

static void dispose(void *object) {
  ift_compression *compression = object;
  ift_measure_destroy(compression->best.measure);
  if (compression->monitor_destroy) compression->monitor_destroy(compression->monitor_user);
  ift_energy_destroy(compression->energy);
  ift_object_release(compression->kernel);
}

ift_status ift_compression_create(ift_context *context, ift_compression **out, const ift_kernel *kernel,
                                  const ift_target *target, int64_t particles) {
  if (out) *out = NULL;
  if (!context || !out)
    return ift_fail(context, IFT_ERR_ARGUMENT, "the context or the place for the compression is NULL");
  if (particles < 1)
    return ift_fail(context, IFT_ERR_ARGUMENT, "the number of particles is %lld; allowed are 1 and more",
                    (long long)particles);
  ift_energy *energy;
  IFT_TRY(ift_energy_mmd(context, &energy, kernel, target));
  ift_compression *compression = ift_object_create(context, sizeof *compression, dispose);
  if (!compression) {
    ift_energy_destroy(energy);
    return IFT_ERR_NO_MEMORY;
  }
  ift_object_retain(kernel);
  compression->kernel = (ift_kernel *)kernel;
  compression->energy = energy;
  compression->target = energy->target;
  compression->particles = particles;
  atomic_init(&compression->stop, 0);
  ift_option_defaults(&ift_compression_options, compression->options);
  *out = compression;
  return IFT_OK;
}

void ift_compression_destroy(ift_compression *compression) {
  ift_object_release(compression);
}

void ift_compression_request_stop(ift_compression *compression) {
  if (compression) atomic_store_explicit(&compression->stop, 1, memory_order_relaxed);
}

const ift_measure *ift_compression_measure(const ift_compression *compression) {
  return compression ? compression->best.measure : NULL;
}

ift_status ift_compression_set_monitor(ift_compression *compression,
                                       int (*monitor)(const ift_compression *compression, void *user), void *user,
                                       void (*destroy)(void *user)) {
  const ift_status status = !compression        ? IFT_ERR_ARGUMENT
                            : compression->busy ? ift_fail(compression->object.context, IFT_ERR_BUSY,
                                                           "the monitor is set between runs, not during one")
                                                : IFT_OK;
  if (status != IFT_OK) {
    if (destroy) destroy(user);
    return status;
  }
  if (compression->monitor_destroy) compression->monitor_destroy(compression->monitor_user);
  compression->monitor = monitor;
  compression->monitor_user = user;
  compression->monitor_destroy = destroy;
  return IFT_OK;
}

/* The flow's monitor: hands the caller's answer, or a request to stop, on to the flow. */
static int after_step(const ift_flow *flow, void *user) {
  ift_compression *compression = user;
  (void)flow;
  compression->step++;
  const int answer = compression->monitor ? compression->monitor(compression, compression->monitor_user) : 0;
  return answer == 0 && atomic_load_explicit(&compression->stop, memory_order_relaxed) ? 1 : answer;
}

/* `to` gets the particles of `from`, which is given up; the handle `to` stays what it was. */
static void move_particles(ift_measure *to, ift_measure *from) {
  const ift_measure before = *to;
  to->n = from->n, to->positions = from->positions, to->weights = from->weights;
  from->n = before.n, from->positions = before.positions, from->weights = before.weights;
  ift_measure_destroy(from);
}

/* Takes the particles of `measure` for the best ones if they are. */
static ift_status keep_best(ift_compression *compression, const ift_measure *measure, ift_compression_result found) {
  ift_measure *living, *best = compression->best.measure;
  IFT_TRY(ift_measure_prune(measure, &living, 0));
  const ift_status status = ift_energy_value(compression->energy, &found.energy, living);
  if (status != IFT_OK || (best && compression->best.energy <= found.energy)) {
    ift_measure_destroy(living);
    return status;
  }
  if (best)
    move_particles(best, living);
  else
    (best = living)->borrowed = true;
  found.measure = best;
  compression->best = found;
  return IFT_OK;
}

/* Weights as good as they get after every transport step (eta = 50 is for ever), and transport as long as step
 * control lets it be: close to the target the safe step is far too short, since forces on particles then nearly
 * cancel. */
static ift_status set_up_flow(ift_compression *compression, ift_flow *flow, int64_t seed) {
  IFT_TRY(ift_flow_set_int(flow, "seed", seed));
  IFT_TRY(ift_flow_set_text(flow, "rejuvenate", "insert"));
  double tau;
  IFT_TRY(ift_flow_tau(flow, &tau));
  IFT_TRY(ift_flow_set_real(flow, "tau", 64 * tau));
  IFT_TRY(ift_flow_set_real(flow, "eta", 50));
  IFT_TRY(ift_flow_set_real(flow, "tolerance", compression->options[IFT_COMPRESSION_tolerance].real / 2));
  return ift_flow_set_monitor(flow, after_step, compression, NULL);
}

/* The best weights for the positions that the flow came to: one reaction of nearly infinite time. */
static ift_status settle_weights(ift_flow *flow) {
  IFT_TRY(ift_flow_set_monitor(flow, NULL, NULL, NULL));
  IFT_TRY(ift_flow_set_text(flow, "rejuvenate", "none"));
  IFT_TRY(ift_flow_set_real(flow, "tau", 0));
  IFT_TRY(ift_flow_set_real(flow, "eta", 50));
  return ift_flow_step(flow, 1);
}

/* Flow, then weights; an interrupted flow counts for what it has. */
static ift_status descend(ift_compression *compression, ift_flow *flow, int64_t steps) {
  const ift_status status = ift_flow_run(flow, steps);
  if (status < 0) return status;
  double before, after;
  IFT_TRY(ift_flow_energy(&flow->now, &before));
  const ift_status settled = settle_weights(flow);
  if (settled < 0) return settled;
  IFT_TRY(ift_flow_energy(&flow->now, &after));
  const ift_compression_result found = {.weight_gap = flow->taken.weight_gap,
                                        .stationarity = ift_flow_speed(flow, flow->now.a, flow->now.v, false),
                                        .phase = after < before ? IFT_PHASE_WEIGHTS : IFT_PHASE_FLOW};
  IFT_TRY(keep_best(compression, ift_flow_measure(flow), found));
  return status;
}

static ift_status search_from(ift_compression *compression, ift_rng *rng, int64_t number, int64_t steps) {
  ift_context *context = compression->object.context;
  ift_measure *start;
  IFT_TRY(ift_compression_start(compression, rng, number, &start));
  ift_status status = IFT_OK;
  if (number == 0) {
    const ift_compression_result found = {.weight_gap = NAN, .stationarity = NAN, .phase = IFT_PHASE_START};
    status = keep_best(compression, start, found);
  }
  if (status == IFT_OK && atomic_load_explicit(&compression->stop, memory_order_relaxed)) status = IFT_STOPPED;
  ift_flow *flow = NULL;
  if (status == IFT_OK) status = ift_flow_create(context, &flow, "spherical-ift", compression->energy, start);
  if (status == IFT_OK) status = set_up_flow(compression, flow, number);
  compression->flow = flow;
  if (status == IFT_OK) status = descend(compression, flow, steps);
  compression->flow = NULL;
  ift_flow_destroy(flow);
  ift_measure_destroy(start);
  return status;
}

/* Have the best particles so far reached the tolerance? Weights that are settled last may do what the flow did not. */
static ift_status judge(const ift_compression *compression) {
  const double tolerance = compression->options[IFT_COMPRESSION_tolerance].real;
  return tolerance > 0 && 2 * compression->best.energy <= tolerance ? IFT_CONVERGED : IFT_OK;
}

static ift_status search(ift_compression *compression) {
  ift_measure *points;
  IFT_TRY(ift_compression_points(compression, &points));
  if (points) {
    const ift_compression_result found = {.phase = IFT_PHASE_POINTS};
    const ift_status status = keep_best(compression, points, found);
    ift_measure_destroy(points);
    return status == IFT_OK ? judge(compression) : status;
  }
  const ift_option_value *seed = &compression->options[IFT_COMPRESSION_seed];
  const int effort = compression->options[IFT_COMPRESSION_effort].word;
  ift_rng rng;
  ift_rng_init(&rng, seed->automatic ? compression->object.context->seed : (uint64_t)seed->integer,
               IFT_STREAM_COMPRESSION);
  for (int64_t number = 0; number < efforts[effort].starts; number++) {
    compression->start = number + 1;
    const ift_status status = search_from(compression, &rng, number, efforts[effort].steps);
    if (status < 0 || status == IFT_STOPPED) return status;
    if (status == IFT_CONVERGED || judge(compression) == IFT_CONVERGED) return IFT_CONVERGED;
  }
  return IFT_OK;
}

ift_status ift_compression_run(ift_compression *compression) {
  if (!compression) return IFT_ERR_ARGUMENT;
  ift_context *context = compression->object.context;
  if (compression->busy)
    return ift_fail(context, IFT_ERR_BUSY, "the compression was entered again from its own callback");
  ift_object_retain(compression);
  compression->busy = true;
  compression->start = compression->step = 0;
  const ift_status status = search(compression);
  atomic_store_explicit(&compression->stop, 0, memory_order_relaxed);
  compression->busy = false;
  ift_object_release(compression);
  return status;
}

/* Words NAME=VALUE separated by spaces. */
static ift_status set_options(ift_compression *compression, const char *text) {
  ift_context *context = compression->object.context;
  while (*text) {
    char word[160];
    text += strspn(text, " \t\n");
    const size_t length = strcspn(text, " \t\n");
    if (length == 0) break;
    if (length >= sizeof word) return ift_fail(context, IFT_ERR_FORMAT, "an option has more than 159 characters");
    memcpy(word, text, length);
    word[length] = '\0';
    text += length;
    char *equals = strchr(word, '=');
    if (!equals) return ift_fail(context, IFT_ERR_FORMAT, "option '%s' should be NAME=VALUE", word);
    *equals = '\0';
    IFT_TRY(ift_compression_set_text(compression, word, equals + 1));
  }
  return IFT_OK;
}

ift_status ift_compress(ift_context *context, ift_measure **out, double *mmd2, const ift_kernel *kernel,
                        const ift_target *target, int64_t particles, const char *options) {
  if (out) *out = NULL;
  if (!context || !out) return ift_fail(context, IFT_ERR_ARGUMENT, "the context or the place for the measure is NULL");
  ift_compression *compression;
  IFT_TRY(ift_compression_create(context, &compression, kernel, target, particles));
  ift_status status = options ? set_options(compression, options) : IFT_OK;
  if (status == IFT_OK) status = ift_compression_run(compression);
  if (status >= 0 && compression->best.measure) {
    const ift_status cloned = ift_measure_clone(compression->best.measure, out);
    if (cloned != IFT_OK)
      status = cloned;
    else if (mmd2)
      *mmd2 = 2 * compression->best.energy;
  }
  ift_compression_destroy(compression);
  return status;
}
