/* A kernel by the caller's callback. */
#include "base/alloc.h"
#include "kernel/kernel.h"

static void dispose(void *object) {
  ift_kernel *kernel = object;
  ift_context *context = kernel->object.context;
  if (kernel->terms) ift_free(context, kernel->terms[0].scratch);
  ift_free(context, kernel->terms);
  ift_free(context, kernel->kinds);
  ift_free(context, kernel->owners);
  if (kernel->destroy) kernel->destroy(kernel->user);
}

/* The callback with the mark that tells a second entry. */
static int evaluate_marked(double *values, double *gradients, const double *x, int64_t n, const double *y, int64_t m,
                           int64_t d, void *user) {
  ift_kernel *kernel = user;
  kernel->running = true;
  const int answer = kernel->evaluate(values, gradients, x, n, y, m, d, kernel->user);
  kernel->running = false;
  return answer;
}

ift_status ift_kernel_custom(ift_context *context, ift_kernel **out,
                             int (*evaluate)(double *values, double *gradients, const double *x, int64_t n,
                                             const double *y, int64_t m, int64_t d, void *user),
                             void *user, void (*destroy)(void *user)) {
  if (out) *out = NULL;
  ift_status status = IFT_OK;
  ift_kernel *kernel = NULL;
  if (!context || !out || !evaluate)
    status = ift_fail(context, IFT_ERR_ARGUMENT, "the callback of a custom kernel, its context or its place is NULL");
  else if (!(kernel = ift_kernel_allocate(context, 1)))
    status = IFT_ERR_NO_MEMORY;
  double *scratch = kernel ? ift_alloc_reals(context, IFT_PAIR_SCRATCH) : NULL;
  if (kernel && !scratch) {
    ift_object_release(kernel);
    status = IFT_ERR_NO_MEMORY;
  }
  if (status != IFT_OK) {
    if (destroy) destroy(user);
    return status;
  }
  kernel->object.dispose = dispose;
  kernel->count = 1;
  kernel->terms[0] = (ift_pair_term){
      .form = IFT_BLOCK, .coefficient = 1, .evaluate = evaluate_marked, .user = kernel, .scratch = scratch};
  kernel->kinds[0] = NULL;
  kernel->owners[0] = NULL;
  kernel->evaluate = evaluate;
  kernel->user = user;
  kernel->destroy = destroy;
  *out = kernel;
  return IFT_OK;
}
