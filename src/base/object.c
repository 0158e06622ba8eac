/* What every object begins with: a reference count and a hold on its context. */
#include <string.h>

#include "base/alloc.h"
#include "base/context.h"

void *ift_object_create(ift_context *context, size_t size, void (*dispose)(void *object)) {
  ift_object *object = ift_alloc(context, 1, size);
  if (!object) return NULL;
  memset(object, 0, size);
  atomic_init(&object->references, 1);
  object->context = context;
  object->dispose = dispose;
  ift_context_retain(context);
  return object;
}

void ift_object_retain(const void *object) {
  ift_object *header = (ift_object *)object;
  atomic_fetch_add_explicit(&header->references, 1, memory_order_relaxed);
}

void ift_object_release(void *object) {
  ift_object *header = object;
  if (!header || atomic_fetch_sub_explicit(&header->references, 1, memory_order_acq_rel) != 1) return;
  ift_context *context = header->context;
  if (header->dispose) header->dispose(object);
  ift_free(context, object);
  ift_context_release(context);
}

ift_status ift_same_context(ift_context *context, const void *object, const char *what) {
  if (!object) return ift_fail(context, IFT_ERR_ARGUMENT, "%s is NULL", what);
  if (((const ift_object *)object)->context != context)
    return ift_fail(context, IFT_ERR_CONTEXT, "%s belongs to another context", what);
  return IFT_OK;
}
