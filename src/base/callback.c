/* Calls of the user's functions. */
#include "base/callback.h"

#include <math.h>

ift_status ift_callback_enter(ift_context *context, ift_callback *callback) {
  if (callback->running)
    return ift_fail(context, IFT_ERR_BUSY, "a %s was entered again from its own callback", callback->owner);
  callback->running = true;
  return IFT_OK;
}

ift_status ift_callback_leave(ift_context *context, ift_callback *callback, int answer, const char *what) {
  callback->running = false;
  return ift_callback_answer(context, answer, what, callback->owner);
}

ift_status ift_callback_answer(ift_context *context, int answer, const char *what, const char *owner) {
  if (answer > 0) return IFT_STOPPED;
  if (answer < 0) return ift_fail(context, IFT_ERR_CALLBACK, "the %s of a %s returned %d", what, owner, answer);
  return IFT_OK;
}

ift_status ift_callback_check(ift_context *context, const ift_callback *callback, const char *what,
                              const double *values, int64_t n, int64_t width) {
  for (int64_t k = 0; values && k < n * width; k++)
    if (!isfinite(values[k]))
      return ift_fail(context, IFT_ERR_NOT_FINITE, "the %s of a %s is %g at point %lld; it must be finite", what,
                      callback->owner, values[k], (long long)(k / width));
  return IFT_OK;
}

void ift_callback_dispose(const ift_callback *callback) {
  if (callback->destroy) callback->destroy(callback->user);
}
