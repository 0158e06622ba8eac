/* The context: creation, settings, destruction. */
#include "base/context.h"

#include <string.h>

#include "base/alloc.h"
#include "base/pool.h"

ift_status ift_context_create_with_allocator(ift_context **out, void *(*allocate)(size_t size, void *user),
                                             void (*release)(void *memory, void *user), void *user) {
  if (!out) return IFT_ERR_ARGUMENT;
  *out = NULL;
  if (!allocate || !release) return IFT_ERR_ARGUMENT;
  ift_context *context = allocate(sizeof *context, user);
  if (!context) return IFT_ERR_NO_MEMORY;
  memset(context, 0, sizeof *context);
  atomic_init(&context->references, 1);
  context->allocate = allocate;
  context->release = release;
  context->allocator_user = user;
  context->threads = 1;
  context->isa = ift_isa_widest();
  *out = context;
  return IFT_OK;
}

ift_status ift_context_create(ift_context **out) {
  return ift_context_create_with_allocator(out, ift_system_allocate, ift_system_release, NULL);
}

void ift_context_retain(ift_context *context) {
  atomic_fetch_add_explicit(&context->references, 1, memory_order_relaxed);
}

void ift_context_release(ift_context *context) {
  if (!context || atomic_fetch_sub_explicit(&context->references, 1, memory_order_acq_rel) != 1) return;
  if (context->log_destroy) context->log_destroy(context->log_user);
  ift_pool_destroy(context);
  ift_free(context, context->scratch);
  context->release(context, context->allocator_user);
}

void ift_context_destroy(ift_context *context) {
  ift_context_release(context);
}

ift_status ift_context_set_seed(ift_context *context, uint64_t seed) {
  if (!context) return IFT_ERR_ARGUMENT;
  context->seed = seed;
  return IFT_OK;
}

ift_status ift_context_set_threads(ift_context *context, int threads) {
  if (!context) return IFT_ERR_ARGUMENT;
  if (threads < 1 || threads > 1024)
    return ift_fail(context, IFT_ERR_ARGUMENT, "threads is %d; allowed are 1 to 1024", threads);
  return ift_pool_resize(context, threads);
}

ift_status ift_context_set_log(ift_context *context, void (*log)(const char *text, void *user), void *user,
                               void (*destroy)(void *user)) {
  if (!context) {
    if (destroy) destroy(user);
    return IFT_ERR_ARGUMENT;
  }
  if (context->log_destroy) context->log_destroy(context->log_user);
  context->log = log;
  context->log_user = user;
  context->log_destroy = destroy;
  return IFT_OK;
}

const char *ift_context_message(const ift_context *context) {
  return context ? context->message : "context is NULL";
}
