/* tests/support/memory.h - an allocator that counts, and fails when it is told to. */
#ifndef TESTS_SUPPORT_MEMORY_H
#define TESTS_SUPPORT_MEMORY_H

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "support/near.h"

typedef struct memory {
  int64_t live;    /* blocks that are not yet returned */
  int64_t calls;   /* since the count was last set to 0 */
  int64_t fail_at; /* the call that fails, from 1; 0: none */
  bool for_good;   /* and all after it */
  int64_t failed;  /* how many have */
} memory;

/* New memory is full of NaN, so that nothing works by luck. */
static inline void *memory_allocate(size_t size, void *user) {
  memory *m = user;
  assert_true(size > 0);
  m->calls++;
  if (m->fail_at > 0 && (m->for_good ? m->calls >= m->fail_at : m->calls == m->fail_at)) {
    m->failed++;
    return NULL;
  }
  void *block = malloc(size);
  if (!block) return NULL;
  memset(block, 0xff, size);
  m->live++;
  return block;
}

static inline void memory_release(void *block, void *user) {
  memory *m = user;
  assert_non_null(block);
  m->live--;
  free(block);
}

static inline ift_context *memory_context(memory *m) {
  ift_context *counted;
  assert_status(IFT_OK, ift_context_create_with_allocator(&counted, memory_allocate, memory_release, m));
  return counted;
}

/* From now on call number `fail_at` fails (0: none does), and if `for_good` all after it. */
static inline void memory_fail(memory *m, int64_t fail_at, bool for_good) {
  m->calls = m->failed = 0;
  m->fail_at = fail_at;
  m->for_good = for_good;
}

#endif
