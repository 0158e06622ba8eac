/* A compression as an object: made, run, asked, and all of that in one call. */
#include "compress/compress.h"

#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "base/callback.h"
#include "compress/coreset.h"
#include "compress/search.h"

static void dispose(void *object) {
  ift_compression *compression = object;
  ift_measure_destroy(compression->best.measure);
  ift_free(compression->object.context, compression->best.rows);
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
  compression->sampled = target->n > 0;
  compression->particles = particles;
  compression->running = INFINITY;
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

const int64_t *ift_compression_rows(const ift_compression *compression) {
  return compression ? compression->best.rows : NULL;
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

/* `to` gets the particles of `from`, which is given up; the handle `to` stays what it was. */
static void move_particles(ift_measure *to, ift_measure *from) {
  const ift_measure before = *to;
  to->n = from->n, to->positions = from->positions, to->weights = from->weights;
  from->n = before.n, from->positions = before.positions, from->weights = before.weights;
  ift_measure_destroy(from);
}

/* The rows of the living particles. */
static int64_t *living_rows(const ift_measure *measure, const int64_t *rows) {
  int64_t *living = ift_alloc(measure->object.context, measure->n, sizeof *living), count = 0;
  for (int64_t i = 0; living && i < measure->n; i++)
    if (measure->weights[i] > 0) living[count++] = rows[i];
  return living;
}

/* Closer to the target; or as close as the tolerance asks for, with fewer particles. */
static bool is_better(const ift_compression *compression, const ift_measure *measure, double energy) {
  const ift_compression_result *best = &compression->best;
  const double tolerance = compression->options[IFT_COMPRESSION_tolerance].real;
  if (!best->measure) return true;
  const bool both = 2 * energy <= tolerance && 2 * best->energy <= tolerance;
  if (both && measure->n != best->measure->n) return measure->n < best->measure->n;
  return energy < best->energy;
}

ift_status ift_compression_keep(ift_compression *compression, const ift_measure *measure, const int64_t *rows,
                                ift_compression_result found) {
  ift_context *context = compression->object.context;
  ift_measure *living, *best = compression->best.measure;
  IFT_TRY(ift_measure_prune(measure, &living, 0));
  ift_status status = ift_energy_value(compression->energy, &found.energy, living);
  if (status == IFT_OK && rows && !(found.rows = living_rows(measure, rows))) status = IFT_ERR_NO_MEMORY;
  if (status != IFT_OK || !is_better(compression, living, found.energy)) {
    ift_free(context, found.rows);
    ift_measure_destroy(living);
    return status;
  }
  if (best)
    move_particles(best, living);
  else
    (best = living)->borrowed = true;
  found.measure = best;
  ift_free(context, compression->best.rows);
  compression->best = found;
  return IFT_OK;
}

ift_status ift_compression_judge(const ift_compression *compression, int64_t most) {
  const ift_compression_result *best = &compression->best;
  const double tolerance = compression->options[IFT_COMPRESSION_tolerance].real;
  return tolerance > 0 && 2 * best->energy <= tolerance && best->measure->n <= most ? IFT_CONVERGED : IFT_OK;
}

bool ift_compression_is_stopped(const ift_compression *compression) {
  return atomic_load_explicit(&compression->stop, memory_order_relaxed) != 0;
}

ift_status ift_compression_ask(ift_compression *compression) {
  const int answer = compression->monitor ? compression->monitor(compression, compression->monitor_user) : 0;
  IFT_TRY(ift_callback_answer(compression->object.context, answer, "monitor", "compression"));
  return ift_compression_is_stopped(compression) ? IFT_STOPPED : IFT_OK;
}

void ift_compression_seed(const ift_compression *compression, ift_rng *rng) {
  const ift_option_value *seed = &compression->options[IFT_COMPRESSION_seed];
  ift_rng_init(rng, seed->automatic ? compression->object.context->seed : (uint64_t)seed->integer,
               IFT_STREAM_COMPRESSION);
}

static ift_status run_free(ift_compression *compression, int64_t n, int effort) {
  ift_search search;
  ift_status status = ift_search_open(&search, compression, n);
  if (status == IFT_OK) status = ift_search_run(&search, effort);
  ift_search_close(&search);
  return status;
}

static ift_status run_coreset(ift_compression *compression, int64_t n, int effort) {
  ift_coreset coreset;
  ift_status status = ift_coreset_open(&coreset, compression, n);
  if (status == IFT_OK) status = ift_coreset_run(&coreset, effort);
  ift_coreset_close(&coreset);
  return status;
}

/* Where the kernel has a kink, so has F at every point of a sample: particles like to be right there. */
static bool may_stick(const ift_compression *compression) {
  return compression->target->n > 0 && !ift_kernel_has_tangents(compression->kernel);
}

/* The whole search for n particles; IFT_CONVERGED as soon as the tolerance is reached. */
static ift_status run_with(ift_compression *compression, int64_t n, int effort) {
  const bool data = compression->options[IFT_COMPRESSION_points].word == IFT_POINTS_DATA;
  ift_status status = IFT_OK;
  if (data || may_stick(compression)) status = run_coreset(compression, n, effort);
  compression->running = INFINITY;
  if (!data && status == IFT_OK) status = run_free(compression, n, effort);
  compression->running = INFINITY;
  return status;
}

/* A search for n particles, fewer than the best ones are. Do so few reach the tolerance? */
static ift_status try_fewer(ift_compression *compression, int64_t n, int effort, bool *reached) {
  const ift_status status = run_with(compression, n, effort);
  *reached = compression->best.measure->n <= n;
  return status == IFT_CONVERGED ? IFT_OK : status;
}

/* The tolerance is reached: by how few particles? Bisection with the next lower effort, then one by one. */
static ift_status shrink(ift_compression *compression) {
  const int effort = compression->options[IFT_COMPRESSION_effort].word;
  int64_t too_few = 0;
  bool reached = true;
  while (compression->best.measure->n - too_few > 1) {
    const int64_t n = too_few + (compression->best.measure->n - too_few) / 2;
    IFT_TRY(try_fewer(compression, n, effort > 0 ? effort - 1 : 0, &reached));
    if (!reached) too_few = n;
  }
  for (reached = effort > 0; reached && compression->best.measure->n > 1;)
    IFT_TRY(try_fewer(compression, compression->best.measure->n - 1, effort, &reached));
  return IFT_CONVERGED;
}

/* What a run with other options has found does not count: it may be no answer to these. */
static void forget(ift_compression *compression) {
  const int points = compression->options[IFT_COMPRESSION_points].word,
            weights = compression->options[IFT_COMPRESSION_weights].word;
  if (compression->best.measure && (compression->best_points != points || compression->best_weights != weights))
    compression->best.energy = INFINITY;
  compression->best_points = points;
  compression->best_weights = weights;
}

static ift_status run(ift_compression *compression) {
  const bool data = compression->options[IFT_COMPRESSION_points].word == IFT_POINTS_DATA;
  ift_measure *points;
  int64_t *rows;
  if (data && !compression->sampled)
    return ift_fail(compression->object.context, IFT_ERR_CAPABILITY,
                    "points=data chooses among the points of a sample; this target is none");
  forget(compression);
  IFT_TRY(ift_compression_points(compression, &points, &rows));
  ift_status status = IFT_OK;
  if (points) {
    const ift_compression_result found = {.phase = IFT_PHASE_POINTS};
    status = ift_compression_keep(compression, points, data ? rows : NULL, found);
    ift_measure_destroy(points);
    ift_free(compression->object.context, rows);
    if (status == IFT_OK) status = ift_compression_judge(compression, compression->particles);
  } else {
    status = run_with(compression, compression->particles, compression->options[IFT_COMPRESSION_effort].word);
  }
  return status == IFT_CONVERGED ? shrink(compression) : status;
}

ift_status ift_compression_run(ift_compression *compression) {
  if (!compression) return IFT_ERR_ARGUMENT;
  ift_context *context = compression->object.context;
  if (compression->busy)
    return ift_fail(context, IFT_ERR_BUSY, "the compression was entered again from its own callback");
  ift_object_retain(compression);
  compression->busy = true;
  compression->start = compression->step = compression->hops = 0;
  const ift_status status = run(compression);
  compression->running = INFINITY;
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
