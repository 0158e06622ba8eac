/* A target that can be drawn from, by the caller's function. */
#include "base/callback.h"
#include "target/target.h"

typedef struct sampler {
  ift_target target;
  ift_callback callback;
  int (*sample)(double *points, int64_t n, int64_t d, uint64_t seed, void *user);
} sampler;

static void dispose(ift_target *target) {
  ift_callback_dispose(&((sampler *)target)->callback);
}

/* Each call has a seed of its own, so that a seed fixes a run whatever the caller draws with it. */
static ift_status draw(const ift_target *target, ift_rng *rng, double *points, int64_t count) {
  sampler *p = (sampler *)target;
  ift_context *context = target->object.context;
  const uint64_t seed = (uint64_t)ift_rng_below(rng, INT64_MAX);
  IFT_TRY(ift_callback_enter(context, &p->callback));
  const int answer = p->sample(points, count, target->d, seed, p->callback.user);
  IFT_TRY(ift_callback_leave(context, &p->callback, answer, "sample function"));
  return ift_callback_check(context, &p->callback, "sample", points, count, target->d);
}

const ift_target_kind ift_target_kind_sampler = {
    .name = "sampler",
    .doc = "samples drawn by a function; 10000 of them stand for it where there are no batches",
    .dispose = dispose,
    .draw = draw,
};

ift_status ift_target_sampler(ift_context *context, ift_target **out, int64_t d,
                              int (*sample)(double *points, int64_t n, int64_t d, uint64_t seed, void *user),
                              void *user, void (*destroy)(void *user)) {
  if (out) *out = NULL;
  ift_status status = IFT_OK;
  sampler *p = NULL;
  if (!context || !out || !sample)
    status = ift_fail(context, IFT_ERR_ARGUMENT, "the context, the target's place or its sample function is NULL");
  else if (d < 1 || d > INT32_MAX)
    status = ift_fail(context, IFT_ERR_ARGUMENT, "the dimension of a sampler is %lld; it must be in 1 .. 2147483647",
                      (long long)d);
  else if (!(p = (sampler *)ift_target_allocate(context, &ift_target_kind_sampler, sizeof *p, d)))
    status = IFT_ERR_NO_MEMORY;
  if (status != IFT_OK) {
    if (destroy) destroy(user);
    return status;
  }
  p->callback = (ift_callback){.owner = "sampler target", .user = user, .destroy = destroy};
  p->sample = sample;
  p->target.capabilities = IFT_CAN_DRAW;
  *out = &p->target;
  return IFT_OK;
}
