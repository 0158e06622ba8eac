/* base/callback.h - calls of the user's functions: marks them, and reads their answers. */
#ifndef BASE_CALLBACK_H
#define BASE_CALLBACK_H

#include "base/context.h"

/* What belongs to the user's functions of an object. */
typedef struct ift_callback {
  const char *owner; /* "density target" */
  void *user;
  void (*destroy)(void *user);
  bool running; /* inside one of them */
} ift_callback;

/* Around a call: IFT_ERR_BUSY where one of these functions is running already, and what an answer means: 0 go on, > 0
 * IFT_STOPPED, < 0 IFT_ERR_CALLBACK. */
ift_status ift_callback_enter(ift_context *context, ift_callback *callback);
ift_status ift_callback_leave(ift_context *context, ift_callback *callback, int answer, const char *what);

/* IFT_ERR_NOT_FINITE unless all numbers are finite; `width` of them belong to a point. */
ift_status ift_callback_check(ift_context *context, const ift_callback *callback, const char *what,
                              const double *values, int64_t n, int64_t width);

/* What the answer of any callback means; `what` and `owner` name it: "monitor", "flow". */
ift_status ift_callback_answer(ift_context *context, int answer, const char *what, const char *owner);

/* The user's data is not needed any more. */
void ift_callback_dispose(const ift_callback *callback);

#endif
