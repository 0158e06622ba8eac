/* The threads of a context. Blocks are handed out by an atomic counter. The calling thread works too and never waits
 * for a worker to wake up: it takes back the invitations that nobody has followed when the last block is handed out. */
#define _POSIX_C_SOURCE 200809L
#include "base/pool.h"

#include <fenv.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"

struct ift_pool {
  pid_t owner;  /* the process that has these workers; 0: none has been started yet */
  int capacity; /* workers wanted, and room in `threads` */
  int workers;  /* workers there are; the three objects below exist only where this is > 0 */
  pthread_mutex_t lock;
  pthread_cond_t invited, finished;

  /* Guarded by the lock. */
  int invitations; /* workers that may still join the running job */
  int busy;        /* workers that have joined it */
  bool ending;

  /* The job; written only while nobody is busy or invited. */
  void (*task)(int64_t block, void *user);
  void *user;
  int64_t blocks;
  fenv_t rounding; /* the caller's rounding and flush-to-zero modes: results must not depend on who runs a block */
  atomic_int_fast64_t next;

  pthread_t threads[];
};

static void run_blocks(struct ift_pool *pool) {
  int64_t block;
  while ((block = atomic_fetch_add_explicit(&pool->next, 1, memory_order_relaxed)) < pool->blocks)
    pool->task(block, pool->user);
}

static void *work(void *argument) {
  struct ift_pool *pool = argument;
  pthread_mutex_lock(&pool->lock);
  for (;;) {
    while (!pool->ending && pool->invitations == 0) pthread_cond_wait(&pool->invited, &pool->lock);
    if (pool->ending) break;
    pool->invitations--;
    pool->busy++;
    pthread_mutex_unlock(&pool->lock);
    fesetenv(&pool->rounding);
    run_blocks(pool);
    pthread_mutex_lock(&pool->lock);
    if (--pool->busy == 0) pthread_cond_signal(&pool->finished);
  }
  pthread_mutex_unlock(&pool->lock);
  return NULL;
}

static bool create_locks(struct ift_pool *pool) {
  if (pthread_mutex_init(&pool->lock, NULL)) return false;
  if (!pthread_cond_init(&pool->invited, NULL)) {
    if (!pthread_cond_init(&pool->finished, NULL)) return true;
    pthread_cond_destroy(&pool->invited);
  }
  pthread_mutex_destroy(&pool->lock);
  return false;
}

static void destroy_locks(struct ift_pool *pool) {
  pthread_cond_destroy(&pool->finished);
  pthread_cond_destroy(&pool->invited);
  pthread_mutex_destroy(&pool->lock);
}

/* Starts as many workers as the system grants; that is tried once in each process. Everything but `capacity` may be
 * left from another process, whose workers do not exist here and whose locks may be held for ever: it is overwritten,
 * not used. */
static void start(struct ift_pool *pool) {
  const int capacity = pool->capacity;
  memset(pool, 0, sizeof *pool);
  pool->capacity = capacity;
  pool->owner = getpid();
  if (!create_locks(pool)) return;
  sigset_t all, before;
  sigfillset(&all);
  if (!pthread_sigmask(SIG_SETMASK, &all, &before)) { /* workers inherit the mask: the host's signals are the host's */
    while (pool->workers < capacity && !pthread_create(&pool->threads[pool->workers], NULL, work, pool))
      pool->workers++;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
  }
  if (pool->workers == 0) destroy_locks(pool);
}

static void stop(struct ift_pool *pool) {
  pthread_mutex_lock(&pool->lock);
  pool->ending = true;
  pthread_mutex_unlock(&pool->lock);
  pthread_cond_broadcast(&pool->invited);
  for (int i = 0; i < pool->workers; i++) pthread_join(pool->threads[i], NULL);
  destroy_locks(pool);
}

static void run_shared(struct ift_pool *pool, int64_t blocks, void (*task)(int64_t block, void *user), void *user) {
  const int guests = blocks - 1 < pool->workers ? (int)(blocks - 1) : pool->workers;
  pthread_mutex_lock(&pool->lock);
  pool->task = task;
  pool->user = user;
  pool->blocks = blocks;
  fegetenv(&pool->rounding);
  atomic_store_explicit(&pool->next, 0, memory_order_relaxed);
  pool->invitations = guests;
  pthread_mutex_unlock(&pool->lock);
  for (int i = 0; i < guests; i++) pthread_cond_signal(&pool->invited);

  run_blocks(pool);

  pthread_mutex_lock(&pool->lock);
  pool->invitations = 0;
  while (pool->busy > 0) pthread_cond_wait(&pool->finished, &pool->lock);
  pthread_mutex_unlock(&pool->lock);
}

void ift_pool_run(ift_context *context, int64_t blocks, void (*task)(int64_t block, void *user), void *user) {
  struct ift_pool *pool = context->pool;
  const bool share = pool && blocks > 1;
  if (share && pool->owner != getpid()) start(pool);
  if (share && pool->workers > 0)
    run_shared(pool, blocks, task, user);
  else
    for (int64_t block = 0; block < blocks; block++) task(block, user);
}

ift_status ift_pool_resize(ift_context *context, int threads) {
  if (threads == context->threads) return IFT_OK;
  struct ift_pool *pool = NULL;
  if (threads > 1) {
    const int capacity = threads - 1;
    pool = ift_alloc(context, 1, sizeof *pool + (size_t)capacity * sizeof pool->threads[0]);
    if (!pool) return IFT_ERR_NO_MEMORY;
    memset(pool, 0, sizeof *pool);
    pool->capacity = capacity;
  }
  ift_pool_destroy(context);
  context->pool = pool;
  context->threads = threads;
  return IFT_OK;
}

void ift_pool_destroy(ift_context *context) {
  struct ift_pool *pool = context->pool;
  context->pool = NULL;
  context->threads = 1;
  if (!pool) return;
  if (pool->workers > 0 && pool->owner == getpid()) stop(pool);
  ift_free(context, pool);
}
