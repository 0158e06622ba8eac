/* The kernel mean embedding of a target. */
#include <math.h>

#include "base/alloc.h"
#include "target/target.h"

enum { DRAWN = 10000 }; /* samples that stand for a target without closed form */

static void dispose(void *object) {
  ift_embedding *embedding = object;
  ift_context *context = embedding->object.context;
  ift_object_release((ift_kernel *)embedding->kernel);
  ift_object_release((ift_target *)embedding->target);
  ift_free(context, embedding->at_points);
  ift_free(context, embedding->factors);
  ift_free(context, embedding->scales);
  ift_free(context, embedding->work);
}

ift_status ift_embedding_create(ift_context *context, ift_embedding **out, const ift_kernel *kernel,
                                const ift_target *target) {
  ift_embedding *embedding = ift_object_create(context, sizeof *embedding, dispose);
  if (!embedding) return IFT_ERR_NO_MEMORY;
  ift_object_retain(kernel);
  embedding->kernel = kernel;
  embedding->kappa = NAN;
  ift_status status = IFT_OK;
  if (target->kind->embeds && target->kind->embeds(target, kernel)) {
    ift_object_retain(target);
    embedding->target = target;
  } else {
    ift_target *drawn;
    status = ift_target_drawn(target, &drawn, DRAWN);
    if (status == IFT_OK) embedding->target = drawn;
  }
  if (status == IFT_OK) status = embedding->target->kind->prepare(embedding);
  if (status == IFT_OK)
    *out = embedding;
  else
    ift_object_release(embedding);
  return status;
}

ift_status ift_embedding_evaluate(const ift_embedding *embedding, double *value, double *gradient, const double *x,
                                  int64_t n) {
  const ift_target *target = embedding->target;
  if (x != target->points || n != target->n || gradient) return target->kind->embed(embedding, value, gradient, x, n);
  double kappa; /* comes with c at the target's own points */
  IFT_TRY(ift_embedding_self((ift_embedding *)embedding, &kappa));
  for (int64_t j = 0; j < n; j++) value[j] = embedding->at_points[j];
  return IFT_OK;
}

ift_status ift_embedding_renew(ift_embedding *embedding) {
  embedding->kappa = NAN;
  return embedding->target->kind->prepare(embedding);
}

ift_status ift_embedding_self(ift_embedding *embedding, double *kappa) {
  if (isnan(embedding->kappa)) IFT_TRY(embedding->target->kind->self(embedding, &embedding->kappa));
  *kappa = embedding->kappa;
  return IFT_OK;
}
