/* Targets as objects. */
#include "target/target.h"

#include "base/alloc.h"
#include "measure/measure.h"

const ift_target_kind *const ift_target_kinds[] = {
#define KIND(name) &ift_target_kind_##name,
#include "target/kinds.def"
#undef KIND
};
const int ift_target_kind_count = sizeof ift_target_kinds / sizeof ift_target_kinds[0];

static void dispose(void *object) {
  ift_target *target = object;
  double *const owned[] = {target->mean,   target->points, target->weights,     target->cumulative,
                           target->shares, target->means,  target->covariances, target->factors};
  for (size_t i = 0; i < sizeof owned / sizeof owned[0]; i++) ift_free(target->object.context, owned[i]);
}

ift_target *ift_target_allocate(ift_context *context, const ift_target_kind *kind, int64_t d) {
  ift_target *target = ift_object_create(context, sizeof *target, dispose);
  if (!target) return NULL;
  target->kind = kind;
  target->d = d;
  target->mean = ift_alloc_reals(context, d);
  if (target->mean) return target;
  ift_object_release(target);
  return NULL;
}

void ift_target_destroy(ift_target *target) {
  ift_object_release(target);
}

ift_status ift_target_drawn(const ift_target *target, ift_target **out, int64_t count) {
  ift_context *context = target->object.context;
  double *points = ift_alloc2(context, count, target->d, sizeof *points);
  if (!points) return IFT_ERR_NO_MEMORY;
  ift_rng rng;
  ift_rng_init(&rng, context->seed, IFT_STREAM_TARGET);
  for (int64_t i = 0; i < count; i++) target->kind->draw(target, &rng, points + i * target->d);
  ift_measure *measure;
  ift_status status = ift_measure_create(context, &measure, points, count, target->d, NULL);
  ift_free(context, points);
  if (status != IFT_OK) return status;
  status = ift_target_samples(context, out, measure);
  ift_measure_destroy(measure);
  return status;
}
