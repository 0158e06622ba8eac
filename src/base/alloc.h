/* base/alloc.h - all memory of the library comes and goes here. */
#ifndef BASE_ALLOC_H
#define BASE_ALLOC_H

#include <stdint.h>

#include "base/context.h"

/* malloc and free in the shape of an allocator. */
void *ift_system_allocate(size_t size, void *user);
void ift_system_release(void *memory, void *user);

/* Uninitialized memory for `count` >= 0 items of `size` bytes each (for count 0 memory that must not be used); NULL
 * with the message set to "out of memory" where the product overflows or the allocator has none. */
void *ift_alloc(ift_context *context, int64_t count, size_t size);

/* The same for a table of rows by columns items. */
void *ift_alloc2(ift_context *context, int64_t rows, int64_t columns, size_t size);

/* Returns memory; NULL does nothing. */
void ift_free(ift_context *context, void *memory);

/* `count` items of `size` bytes that stay the context's, aligned for vectors: until the next call of this function, and
 * never across a callback of the caller's. Memory is asked for where more is wanted than ever before; NULL as above. */
void *ift_scratch(ift_context *context, int64_t count, size_t size);

/* n doubles, and a copy of them. */
double *ift_alloc_reals(ift_context *context, int64_t count);
double *ift_copy_reals(ift_context *context, const double *values, int64_t count);

#endif
