/* base/context.h - the inside of a context, and what every object begins with. */
#ifndef BASE_CONTEXT_H
#define BASE_CONTEXT_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/isa.h"
#include "base/status.h"

struct ift_pool;

enum { IFT_MESSAGE_SIZE = 512 };

struct ift_context {
  atomic_int references; /* one for the handle, one for each object */
  void *(*allocate)(size_t size, void *user);
  void (*release)(void *memory, void *user);
  void *allocator_user;
  void (*log)(const char *text, void *user);
  void (*log_destroy)(void *user);
  void *log_user;
  uint64_t seed;
  int threads;
  int engine;    /* of sums over pairs: 0 for auto, else its number in pairs/engines.def, from 1 */
  void *scratch; /* see ift_scratch */
  int64_t scratch_lines;
  struct ift_pool *pool; /* NULL while one thread is enough */
  ift_isa isa;           /* the vector instructions in use */
  char message[IFT_MESSAGE_SIZE];
};

/* What a handle begins with. `dispose` frees what the object owns besides itself and its hold on the context. */
typedef struct ift_object {
  atomic_int references;
  ift_context *context;
  void (*dispose)(void *object);
} ift_object;

/* Memory of `size` bytes for an object (zeroed, one reference, context retained), or NULL with the message set. */
void *ift_object_create(ift_context *context, size_t size, void (*dispose)(void *object));
void ift_object_retain(const void *object);
/* Frees the object when this was the last reference; from any thread; NULL does nothing. */
void ift_object_release(void *object);

void ift_context_retain(ift_context *context);
void ift_context_release(ift_context *context);

#if defined(__GNUC__)
#define IFT_PRINTF(text, first) __attribute__((format(printf, text, first)))
#else
#define IFT_PRINTF(text, first)
#endif

/* Writes the context's message (C locale, no allocation) and returns `status`. A NULL context keeps no message. */
ift_status ift_fail(ift_context *context, ift_status status, const char *format, ...) IFT_PRINTF(3, 4);

/* One line to the log callback, if there is one. */
void ift_log(ift_context *context, const char *format, ...) IFT_PRINTF(2, 3);

/* IFT_OK if `object` (an ift_object) is of this context, else IFT_ERR_CONTEXT; `what` names it. NULL:
 * IFT_ERR_ARGUMENT. */
ift_status ift_same_context(ift_context *context, const void *object, const char *what);

#endif
