/* A target given by weighted samples: pi = sum_j w_j delta_{y_j}. */
#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "base/sum.h"
#include "measure/measure.h"
#include "target/target.h"

/* By bisection in the cumulative weights. */
static void draw_point(const ift_target *target, ift_rng *rng, double *point) {
  const double level = ift_rng_uniform(rng) * target->cumulative[target->n - 1];
  int64_t low = 0, high = target->n - 1;
  while (low < high) {
    const int64_t middle = low + (high - low) / 2;
    if (target->cumulative[middle] > level)
      high = middle;
    else
      low = middle + 1;
  }
  for (int64_t l = 0; l < target->d; l++) point[l] = target->points[low * target->d + l];
}

static ift_status draw(const ift_target *target, ift_rng *rng, double *points, int64_t count) {
  for (int64_t i = 0; i < count; i++) draw_point(target, rng, points + i * target->d);
  return IFT_OK;
}

static bool embeds(const ift_target *target, const ift_kernel *kernel) {
  (void)target, (void)kernel;
  return true;
}

static ift_status prepare(ift_embedding *embedding) {
  ift_context *context = embedding->object.context;
  if (embedding->at_points && embedding->room >= embedding->target->n) return IFT_OK;
  ift_free(context, embedding->at_points);
  embedding->room = embedding->target->room;
  embedding->at_points = ift_alloc_reals(context, embedding->room);
  return embedding->at_points ? IFT_OK : IFT_ERR_NO_MEMORY;
}

static ift_status embed(const ift_embedding *embedding, double *value, double *gradient, const double *x, int64_t n) {
  const ift_target *target = embedding->target;
  return ift_kernel_pairs(embedding->kernel, value, gradient, x, n, target->d, target->points, target->n,
                          target->weights);
}

static ift_status self(const ift_embedding *embedding, double *kappa) {
  const ift_target *target = embedding->target;
  IFT_TRY(embed(embedding, embedding->at_points, NULL, target->points, target->n));
  *kappa = ift_dot_compensated(embedding->at_points, target->weights, target->n);
  return IFT_OK;
}

const ift_target_kind ift_target_kind_samples = {
    .name = "samples",
    .doc = "weighted samples",
    .draw = draw,
    .embeds = embeds,
    .prepare = prepare,
    .embed = embed,
    .self = self,
};

static ift_target *allocate(ift_context *context, int64_t d) {
  ift_target *target = ift_target_allocate(context, &ift_target_kind_samples, sizeof *target, d);
  if (target) target->capabilities = IFT_CAN_DRAW;
  return target;
}

/* Memory for the target's points. */
static ift_status make_room(ift_target *target, int64_t n) {
  ift_context *context = target->object.context;
  target->n = target->room = n;
  target->points = ift_alloc2(context, n, target->d, sizeof *target->points);
  target->weights = ift_alloc_reals(context, n);
  target->cumulative = ift_alloc_reals(context, n);
  return target->points && target->weights && target->cumulative ? IFT_OK : IFT_ERR_NO_MEMORY;
}

/* Memory for n points, with the first `kept` of those before. */
static ift_status widen(ift_target *target, int64_t n, int64_t kept) {
  ift_context *context = target->object.context;
  ift_target wide = {.object = {.context = context}, .d = target->d};
  if (n <= target->room) return IFT_OK;
  ift_status status = make_room(&wide, n > 2 * target->room ? n : 2 * target->room);
  double **const mine[] = {&target->points, &target->weights, &target->cumulative};
  double *const others[] = {wide.points, wide.weights, wide.cumulative};
  if (status == IFT_OK) memcpy(wide.points, target->points, (size_t)(kept * target->d) * sizeof(double));
  for (int k = 0; k < 3; k++) {
    ift_free(context, status == IFT_OK ? *mine[k] : others[k]);
    if (status == IFT_OK) *mine[k] = others[k];
  }
  if (status == IFT_OK) target->room = wide.room;
  return status;
}

static void weigh(ift_target *target, const double *weights) {
  double sum = 0;
  for (int64_t j = 0; j < target->n; j++) {
    target->weights[j] = weights ? weights[j] : target->mass / (double)target->n;
    target->cumulative[j] = sum += target->weights[j];
  }
}

ift_status ift_target_batch(const ift_target *target, ift_target **out, int64_t count) {
  ift_target *batch = allocate(target->object.context, target->d);
  if (!batch) return IFT_ERR_NO_MEMORY;
  batch->mass = target->mass;
  batch->spread = target->spread;
  for (int64_t l = 0; l < target->d; l++) batch->mean[l] = target->mean[l];
  if (make_room(batch, count) != IFT_OK) {
    ift_object_release(batch);
    return IFT_ERR_NO_MEMORY;
  }
  for (int64_t k = 0; k < count * batch->d; k++) batch->points[k] = batch->mean[k % batch->d];
  weigh(batch, NULL);
  *out = batch;
  return IFT_OK;
}

ift_status ift_target_batch_draw(ift_target *batch, const ift_target *source, ift_rng *rng, int64_t kept,
                                 int64_t count) {
  if (count > INT64_MAX - kept) return IFT_ERR_NO_MEMORY;
  IFT_TRY(widen(batch, kept + count, kept));
  IFT_TRY(source->kind->draw(source, rng, batch->points + kept * batch->d, count));
  batch->n = kept + count;
  weigh(batch, NULL);
  return IFT_OK;
}

ift_status ift_target_batch_keep(ift_target *batch, const double *points, int64_t count) {
  IFT_TRY(widen(batch, count, 0));
  memcpy(batch->points, points, (size_t)(count * batch->d) * sizeof *points);
  batch->n = count;
  weigh(batch, NULL);
  return IFT_OK;
}

static ift_status fill(ift_target *target, const ift_measure *samples) {
  target->mass = ift_measure_mass(samples);
  IFT_TRY(make_room(target, samples->n));
  for (int64_t k = 0; k < samples->n * samples->d; k++) target->points[k] = samples->positions[k];
  weigh(target, samples->weights);
  IFT_TRY(ift_measure_moments(samples, target->mean, NULL));
  double squares = 0;
  for (int64_t j = 0; j < samples->n; j++)
    for (int64_t l = 0; l < samples->d; l++) {
      const double difference = samples->positions[j * samples->d + l] - target->mean[l];
      squares += samples->weights[j] / target->mass * difference * difference;
    }
  target->spread = sqrt(squares);
  return IFT_OK;
}

ift_status ift_target_samples(ift_context *context, ift_target **out, const ift_measure *samples) {
  if (out) *out = NULL;
  if (!context || !out) return ift_fail(context, IFT_ERR_ARGUMENT, "the context or the place for the target is NULL");
  IFT_TRY(ift_same_context(context, samples, "the measure of samples"));
  ift_target *target = allocate(context, samples->d);
  if (!target) return IFT_ERR_NO_MEMORY;
  const ift_status status = fill(target, samples);
  if (status == IFT_OK)
    *out = target;
  else
    ift_object_release(target);
  return status;
}
