/* base/pool.h - the threads of a context. */
#ifndef BASE_POOL_H
#define BASE_POOL_H

#include "base/context.h"

/* Runs task(block, user) once for each block 0 .. blocks-1, on up to context->threads threads, the calling one
 * included, and returns when all are done. Which thread runs which block is open: a task writes only what belongs to
 * its block, so that results don't depend on the number of threads. A task never fails, allocates or calls back into
 * user code. */
void ift_pool_run(ift_context *context, int64_t blocks, void (*task)(int64_t block, void *user), void *user);

/* Sets context->threads; on IFT_ERR_NO_MEMORY the old number stays. */
ift_status ift_pool_resize(ift_context *context, int threads);
void ift_pool_destroy(ift_context *context);

#endif
