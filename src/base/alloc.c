/* The only place that calls malloc and free. */
#include "base/alloc.h"

#include <stdlib.h>
#include <string.h>

void *ift_system_allocate(size_t size, void *user) {
  (void)user;
  return malloc(size);
}

void ift_system_release(void *memory, void *user) {
  (void)user;
  free(memory);
}

void *ift_alloc(ift_context *context, int64_t count, size_t size) {
  return ift_alloc2(context, 1, count, size);
}

void *ift_alloc2(ift_context *context, int64_t rows, int64_t columns, size_t size) {
  const uint64_t limit = PTRDIFF_MAX;
  const uint64_t r = (uint64_t)rows, c = (uint64_t)columns;
  const bool fits = (c == 0 || r <= limit / c) && (size == 0 || r * c <= limit / size);
  void *memory = NULL;
  if (fits) {
    const size_t bytes = (size_t)(r * c) * size;
    memory = context->allocate(bytes ? bytes : 1, context->allocator_user);
  }
  if (!memory)
    ift_fail(context, IFT_ERR_NO_MEMORY, "out of memory: %.17g bytes were asked for",
             (double)r * (double)c * (double)size);
  return memory;
}

void ift_free(ift_context *context, void *memory) {
  if (memory) context->release(memory, context->allocator_user);
}

void *ift_scratch(ift_context *context, int64_t count, size_t size) {
  enum { LINE = 64 };
  const int64_t wanted = (uint64_t)count <= PTRDIFF_MAX / size ? (int64_t)((size_t)count * size / LINE) + 2 : INT64_MAX;
  if (wanted > context->scratch_lines) {
    ift_free(context, context->scratch);
    context->scratch = ift_alloc(context, wanted, LINE);
    context->scratch_lines = context->scratch ? wanted : 0;
    if (!context->scratch) return NULL;
  }
  char *start = context->scratch;
  return start + (LINE - (uintptr_t)start % LINE);
}

double *ift_alloc_reals(ift_context *context, int64_t count) {
  return ift_alloc(context, count, sizeof(double));
}

double *ift_copy_reals(ift_context *context, const double *values, int64_t count) {
  double *copy = ift_alloc_reals(context, count);
  if (copy) memcpy(copy, values, (size_t)count * sizeof *copy);
  return copy;
}
