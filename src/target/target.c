/* Targets as objects. */
#include "target/target.h"

#include <string.h>

#include "base/alloc.h"
#include "base/number.h"
#include "measure/measure.h"

const ift_target_kind *const ift_target_kinds[] = {
#define KIND(name) &ift_target_kind_##name,
#include "target/kinds.def"
#undef KIND
};
const int ift_target_kind_count = sizeof ift_target_kinds / sizeof ift_target_kinds[0];

static void dispose(void *object) {
  ift_target *target = object;
  if (target->kind->dispose) target->kind->dispose(target);
  double *const owned[] = {target->mean, target->points, target->weights, target->cumulative};
  for (size_t i = 0; i < sizeof owned / sizeof owned[0]; i++) ift_free(target->object.context, owned[i]);
}

ift_target *ift_target_allocate(ift_context *context, const ift_target_kind *kind, size_t size, int64_t d) {
  ift_target *target = ift_object_create(context, size, dispose);
  if (!target) return NULL;
  target->kind = kind;
  target->d = d;
  target->mass = 1;
  target->mean = ift_alloc_reals(context, d);
  if (target->mean) return target;
  ift_object_release(target);
  return NULL;
}

void ift_target_destroy(ift_target *target) {
  ift_object_release(target);
}

void ift_target_identify(const ift_target *target, ift_hash *hash) {
  ift_hash_text(hash, target->kind->name);
  ift_hash_integer(hash, target->d);
  ift_hash_reals(hash, &target->mass, 1);
  ift_hash_integer(hash, target->n);
  ift_hash_reals(hash, target->points, target->n * target->d);
  ift_hash_reals(hash, target->weights, target->n);
  if (target->kind->identify) target->kind->identify(target, hash);
}

/* The names of the flags that are set: "a score and a Hessian". */
static const char *list_capabilities(unsigned capabilities, char *text, size_t size) {
  static const char *const names[] = {"draws", "a log-density", "a score", "a Hessian"};
  size_t used = 0;
  text[0] = 0;
  for (unsigned k = 0; k < sizeof names / sizeof names[0]; k++) {
    const unsigned later = capabilities >> (k + 1);
    if (!(capabilities >> k & 1)) continue;
    ift_number_print(text + used, size - used, "%s%s", used == 0 ? "" : later ? ", " : " and ", names[k]);
    used = strlen(text);
  }
  return used ? text : "nothing of the kind";
}

ift_status ift_target_require(const ift_target *target, unsigned capabilities, const char *what) {
  char missing[80], offered[80];
  const unsigned lacking = capabilities & ~target->capabilities;
  if (!lacking) return IFT_OK;
  return ift_fail(target->object.context, IFT_ERR_CAPABILITY,
                  "%s needs %s of its target; a target '%s' without it was given, which offers %s", what,
                  list_capabilities(lacking, missing, sizeof missing), target->kind->name,
                  list_capabilities(target->capabilities, offered, sizeof offered));
}

ift_status ift_target_drawn(const ift_target *target, ift_target **out, int64_t count) {
  ift_context *context = target->object.context;
  double *points = ift_alloc2(context, count, target->d, sizeof *points);
  if (!points) return IFT_ERR_NO_MEMORY;
  ift_rng rng;
  ift_rng_init(&rng, context->seed, IFT_STREAM_TARGET);
  ift_measure *measure;
  ift_status status = target->kind->draw(target, &rng, points, count);
  if (status == IFT_OK) status = ift_measure_create(context, &measure, points, count, target->d, NULL);
  ift_free(context, points);
  if (status != IFT_OK) return status;
  status = ift_target_samples(context, out, measure);
  ift_measure_destroy(measure);
  return status;
}
