/* A target known through its log-density and its score, by the caller's functions. */
#include "base/callback.h"
#include "target/target.h"

typedef struct density {
  ift_target target;
  ift_callback callback;
  int (*log_density)(double *values, const double *x, int64_t n, int64_t d, void *user);
  int (*score)(double *scores, const double *x, int64_t n, int64_t d, void *user);
  int (*hessian)(double *products, const double *x, const double *u, int64_t n, int64_t d, void *user);
} density;

static void dispose(ift_target *target) {
  ift_callback_dispose(&((density *)target)->callback);
}

static ift_status ask_log_density(const ift_target *target, double *values, const double *x, int64_t n) {
  density *p = (density *)target;
  IFT_TRY(ift_callback_enter(target->object.context, &p->callback));
  const int answer = p->log_density(values, x, n, target->d, p->callback.user);
  return ift_callback_leave(target->object.context, &p->callback, answer, "log-density");
}

static ift_status ask_score(const ift_target *target, double *scores, const double *x, int64_t n) {
  density *p = (density *)target;
  IFT_TRY(ift_callback_enter(target->object.context, &p->callback));
  const int answer = p->score(scores, x, n, target->d, p->callback.user);
  return ift_callback_leave(target->object.context, &p->callback, answer, "score");
}

static ift_status ask_hessian(const ift_target *target, double *products, const double *x, const double *u, int64_t n) {
  density *p = (density *)target;
  IFT_TRY(ift_callback_enter(target->object.context, &p->callback));
  const int answer = p->hessian(products, x, u, n, target->d, p->callback.user);
  return ift_callback_leave(target->object.context, &p->callback, answer, "Hessian");
}

const ift_target_kind ift_target_kind_density = {
    .name = "density",
    .doc = "a log-density and a score given by functions",
    .dispose = dispose,
    .log_density = ask_log_density,
    .score = ask_score,
    .hessian = ask_hessian,
};

ift_status ift_target_density(ift_context *context, ift_target **out, int64_t d,
                              int (*log_density)(double *values, const double *x, int64_t n, int64_t d, void *user),
                              int (*score)(double *scores, const double *x, int64_t n, int64_t d, void *user),
                              int (*hessian)(double *products, const double *x, const double *u, int64_t n, int64_t d,
                                             void *user),
                              void *user, void (*destroy)(void *user)) {
  if (out) *out = NULL;
  ift_status status = IFT_OK;
  density *p = NULL;
  if (!context || !out || (!log_density && !score))
    status =
        ift_fail(context, IFT_ERR_ARGUMENT, "the context or the target's place is NULL, or both its functions are");
  else if (d < 1 || d > INT32_MAX)
    status = ift_fail(context, IFT_ERR_ARGUMENT, "the dimension of a density is %lld; it must be in 1 .. 2147483647",
                      (long long)d);
  else if (!(p = (density *)ift_target_allocate(context, &ift_target_kind_density, sizeof *p, d)))
    status = IFT_ERR_NO_MEMORY;
  if (status != IFT_OK) {
    if (destroy) destroy(user);
    return status;
  }
  p->callback = (ift_callback){.owner = "density target", .user = user, .destroy = destroy};
  p->log_density = log_density;
  p->score = score;
  p->hessian = hessian;
  p->target.capabilities =
      (log_density ? IFT_CAN_LOG_DENSITY : 0u) | (score ? IFT_CAN_SCORE : 0u) | (hessian ? IFT_CAN_HESSIAN : 0u);
  *out = &p->target;
  return IFT_OK;
}
