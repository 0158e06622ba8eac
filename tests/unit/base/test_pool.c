/* The threads of a context. */
#define _GNU_SOURCE /* pthread_setattr_default_np */
#include "support/near.h"

#include <fenv.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/pool.h"

#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define __SANITIZE_THREAD__ 1
#endif
#endif

static const int thread_numbers[] = {1, 2, 3, 7};
enum { NUMBERS = sizeof thread_numbers / sizeof thread_numbers[0] };

static ift_context *create(int threads) {
  ift_context *context = NULL;
  assert_status(IFT_OK, ift_context_create(&context));
  assert_status(IFT_OK, ift_context_set_threads(context, threads));
  return context;
}

/* How often each block has been run; not atomic, so that a block given to two threads is a race. */
typedef struct tally {
  int64_t blocks;
  int *runs;
} tally;

static void count_block(int64_t block, void *user) {
  tally *t = user;
  if (block >= 0 && block < t->blocks) t->runs[block]++;
}

static bool each_block_once(ift_context *context, int64_t blocks) {
  tally t = {blocks, calloc((size_t)blocks + 1, sizeof(int))};
  bool good = t.runs != NULL;
  if (good) ift_pool_run(context, blocks, count_block, &t);
  for (int64_t b = 0; good && b < blocks; b++) good = t.runs[b] == 1;
  free(t.runs);
  return good;
}

static void test_each_block_once(void **state) {
  (void)state;
  for (int i = 0; i < NUMBERS; i++) {
    ift_context *context = create(thread_numbers[i]);
    static const int64_t sizes[] = {0, 1, 2, 3, 6, 7, 8, 100, 10000};
    for (size_t s = 0; s < sizeof sizes / sizeof sizes[0]; s++) assert_true(each_block_once(context, sizes[s]));
    ift_context_destroy(context);
  }
}

/* Blocks that wait for each other: as many as there are threads, each of which must take exactly one. */
typedef struct meeting {
  pthread_mutex_t lock;
  pthread_cond_t changed;
  int expected, arrived;
  bool late;
  pthread_t who[16];
  sigset_t blocked[16];
} meeting;

static void meet(int64_t block, void *user) {
  meeting *m = user;
  struct timespec deadline;
  clock_gettime(CLOCK_REALTIME, &deadline);
  deadline.tv_sec += 30;
  pthread_mutex_lock(&m->lock);
  m->who[block] = pthread_self();
  pthread_sigmask(SIG_SETMASK, NULL, &m->blocked[block]);
  m->arrived++;
  pthread_cond_broadcast(&m->changed);
  while (m->arrived < m->expected && !m->late)
    if (pthread_cond_timedwait(&m->changed, &m->lock, &deadline)) {
      m->late = true;
      pthread_cond_broadcast(&m->changed);
    }
  pthread_mutex_unlock(&m->lock);
}

static void prepare_meeting(meeting *m, int threads) {
  memset(m, 0, sizeof *m);
  pthread_mutex_init(&m->lock, NULL);
  pthread_cond_init(&m->changed, NULL);
  m->expected = threads;
}

static void end_meeting(meeting *m) {
  pthread_cond_destroy(&m->changed);
  pthread_mutex_destroy(&m->lock);
}

/* Did `threads` threads, all different and the calling one among them, run the blocks at the same time? */
static bool all_threads_work(ift_context *context, int threads) {
  meeting m;
  prepare_meeting(&m, threads);
  ift_pool_run(context, threads, meet, &m);
  int own = 0;
  bool good = !m.late && m.arrived == threads;
  for (int i = 0; i < threads; i++) {
    own += pthread_equal(m.who[i], pthread_self()) != 0;
    for (int j = 0; j < i; j++) good = good && !pthread_equal(m.who[i], m.who[j]);
  }
  end_meeting(&m);
  return good && own == 1;
}

static void test_all_threads_work(void **state) {
  (void)state;
  for (int i = 0; i < NUMBERS; i++) {
    ift_context *context = create(thread_numbers[i]);
    for (int repeat = 0; repeat < 50; repeat++) assert_true(all_threads_work(context, thread_numbers[i]));
    ift_context_destroy(context);
  }
}

static void test_threads_can_be_changed(void **state) {
  (void)state;
  ift_context *context = create(3);
  static const int numbers[] = {3, 7, 7, 1, 2, 5, 1};
  for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
    assert_status(IFT_OK, ift_context_set_threads(context, numbers[i]));
    assert_int_equal(context->threads, numbers[i]);
    assert_true(all_threads_work(context, numbers[i]));
    assert_true(each_block_once(context, 100));
  }
  ift_context_destroy(context);
}

static void test_fewer_blocks_than_threads(void **state) {
  (void)state;
  ift_context *context = create(7);
  for (int blocks = 1; blocks <= 7; blocks++) assert_true(all_threads_work(context, blocks));
  for (int blocks = 7; blocks >= 1; blocks--) assert_true(all_threads_work(context, blocks));
  ift_context_destroy(context);
}

/* One block, or one thread: on the calling thread, and no other is made. */
static void test_no_threads_without_need(void **state) {
  (void)state;
  ift_context *context = create(7);
  assert_true(all_threads_work(context, 1));
  ift_context_destroy(context);
  context = create(1);
  meeting m;
  prepare_meeting(&m, 1);
  ift_pool_run(context, 16, meet, &m);
  for (int i = 0; i < 16; i++) assert_true(pthread_equal(m.who[i], pthread_self()));
  end_meeting(&m);
  ift_context_destroy(context);
}

/* Sums of fixed blocks. */
enum { SUM_BLOCKS = 64, SUM_LENGTH = 500 };

static void sum_block(int64_t block, void *user) {
  double sum = 0;
  for (int64_t i = block * SUM_LENGTH; i < (block + 1) * SUM_LENGTH; i++) sum += sin((double)i) / (double)(i + 1);
  ((double *)user)[block] = sum;
}

static void test_same_result(void **state) {
  (void)state;
  double reference[SUM_BLOCKS], sums[SUM_BLOCKS];
  for (int i = 0; i < NUMBERS; i++) {
    ift_context *context = create(thread_numbers[i]);
    for (int repeat = 0; repeat < 20; repeat++) {
      memset(sums, 0, sizeof sums);
      ift_pool_run(context, SUM_BLOCKS, sum_block, i == 0 && repeat == 0 ? reference : sums);
      if (i > 0 || repeat > 0) assert_memory_equal(sums, reference, sizeof sums);
    }
    ift_context_destroy(context);
  }
}

static double a_third(void) {
  const volatile double one = 1, three = 3;
  return one / three;
}

/* A third in the rounding mode in force; each thread computes one. */
typedef struct thirds {
  meeting meeting;
  double third[16];
} thirds;

static void divide(int64_t block, void *user) {
  thirds *t = user;
  meet(block, &t->meeting);
  t->third[block] = a_third();
}

static void test_workers_round_as_the_caller_does(void **state) {
  (void)state;
  ift_context *context = create(3);
  static const int modes[] = {FE_TONEAREST, FE_UPWARD, FE_DOWNWARD, FE_TONEAREST};
  for (int i = 0; i < 4; i++) { /* the first round makes the workers */
    thirds t;
    prepare_meeting(&t.meeting, 3);
    fesetround(modes[i]);
    const double expected = a_third();
    ift_pool_run(context, 3, divide, &t);
    fesetround(FE_TONEAREST);
    assert_false(t.meeting.late);
    for (int b = 0; b < 3; b++) assert_near(t.third[b], expected, 0, 0);
    end_meeting(&t.meeting);
  }
  ift_context_destroy(context);
}

static void test_workers_block_signals(void **state) {
  (void)state;
  ift_context *context = create(3);
  meeting m;
  prepare_meeting(&m, 3);
  sigset_t original, before, after;
  sigemptyset(&before);
  sigaddset(&before, SIGUSR2);
  pthread_sigmask(SIG_SETMASK, &before, &original);
  ift_pool_run(context, 3, meet, &m);
  pthread_sigmask(SIG_SETMASK, &original, &after);
  static const int signals[] = {SIGINT, SIGTERM, SIGALRM, SIGCHLD, SIGUSR1, SIGUSR2, SIGPIPE, SIGPROF};
  for (size_t s = 0; s < sizeof signals / sizeof signals[0]; s++) {
    assert_int_equal(sigismember(&before, signals[s]), sigismember(&after, signals[s]));
    for (int i = 0; i < 3; i++) {
      const sigset_t *mask = &m.blocked[i];
      const int expected = pthread_equal(m.who[i], pthread_self()) ? sigismember(&before, signals[s]) : 1;
      assert_int_equal(sigismember(mask, signals[s]), expected);
    }
  }
  end_meeting(&m);
  ift_context_destroy(context);
}

static void increment(int64_t block, void *user) {
  ((int64_t *)user)[8 * block]++;
}

static void test_many_short_runs(void **state) {
  (void)state;
  for (int i = 0; i < NUMBERS; i++) {
    ift_context *context = create(thread_numbers[i]);
    enum { RUNS = 5000, BLOCKS = 4 };
    int64_t counts[8 * BLOCKS] = {0};
    for (int run = 1; run <= RUNS; run++) {
      ift_pool_run(context, BLOCKS, increment, counts);
      for (int b = 0; b < BLOCKS; b++) assert_int_equal(counts[8 * b], run); /* all are done on return */
    }
    ift_context_destroy(context);
  }
}

static void test_made_and_destroyed_often(void **state) {
  (void)state;
  for (int i = 0; i < 200; i++) {
    ift_context *context = create(2 + i % 3);
    if (i % 4) assert_true(each_block_once(context, i % 4 * 5));
    ift_context_destroy(context);
  }
}

static void *destroy_context(void *context) {
  ift_context_destroy(context);
  return NULL;
}

static void test_destroyed_by_another_thread(void **state) {
  (void)state;
  for (int i = 0; i < 20; i++) {
    ift_context *context = create(3);
    assert_true(each_block_once(context, 50));
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, destroy_context, context), 0);
    assert_int_equal(pthread_join(thread, NULL), 0);
  }
}

static void *use_own_context(void *result) {
  ift_context *context = NULL;
  bool good = ift_context_create(&context) == IFT_OK && ift_context_set_threads(context, 3) == IFT_OK;
  for (int i = 0; good && i < 200; i++) good = each_block_once(context, 20);
  ift_context_destroy(context);
  *(bool *)result = good;
  return NULL;
}

static void test_contexts_are_independent(void **state) {
  (void)state;
  pthread_t threads[3];
  bool good[3] = {false, false, false};
  for (int i = 0; i < 3; i++) assert_int_equal(pthread_create(&threads[i], NULL, use_own_context, &good[i]), 0);
  for (int i = 0; i < 3; i++) {
    assert_int_equal(pthread_join(threads[i], NULL), 0);
    assert_true(good[i]);
  }
}

/* Exit status of a child that uses the context, then its own child does; 0: all blocks ran once, on all threads. */
static int use_in_child(ift_context *context, int threads, int generations) {
  const pid_t child = fork();
  if (child == 0) {
    alarm(60); /* a child that hangs must not outlive the test */
    bool good = all_threads_work(context, threads) && each_block_once(context, 1000);
    if (generations > 1) good = good && use_in_child(context, threads, generations - 1) == 0;
    good = good && all_threads_work(context, threads);
    good = good && ift_context_set_threads(context, 2) == IFT_OK && all_threads_work(context, 2);
    ift_context_destroy(context);
    _exit(good ? 0 : 1);
  }
  int status = -1;
  return child > 0 && waitpid(child, &status, 0) == child && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void test_works_in_a_forked_child(void **state) {
  (void)state;
#if defined(__SANITIZE_THREAD__)
  print_message("skipped: ThreadSanitizer takes the threads of a forked child for those of its parent\n");
  skip();
#endif
  for (int i = 0; i < NUMBERS; i++) {
    const int threads = thread_numbers[i];
    ift_context *context = create(threads);
    assert_int_equal(use_in_child(context, threads, 1), 0); /* before the parent has workers */
    assert_true(all_threads_work(context, threads));
    assert_int_equal(use_in_child(context, threads, 2), 0); /* and after */
    assert_true(all_threads_work(context, threads));
    ift_context_destroy(context);
  }
}

/* A block that forks while all other threads are at work: in the child those are gone for good, whatever they held. */
typedef struct forking {
  meeting start, end;
  ift_context *context;
  int status;
} forking;

static void fork_in_first_block(int64_t block, void *user) {
  forking *f = user;
  meet(block, &f->start);
  if (block == 0) f->status = use_in_child(f->context, 3, 1);
  meet(block, &f->end);
}

static void test_forked_while_others_work(void **state) {
  (void)state;
#if defined(__SANITIZE_THREAD__)
  print_message("skipped: ThreadSanitizer takes the threads of a forked child for those of its parent\n");
  skip();
#endif
  forking f = {.context = create(3), .status = -1};
  prepare_meeting(&f.start, 3);
  prepare_meeting(&f.end, 3);
  ift_pool_run(f.context, 3, fork_in_first_block, &f);
  assert_int_equal(f.status, 0);
  assert_false(f.start.late || f.end.late);
  assert_true(all_threads_work(f.context, 3));
  end_meeting(&f.start);
  end_meeting(&f.end);
  ift_context_destroy(f.context);
}

/* The child inherits a context and destroys or resizes it, without a single run. */
static void test_child_only_destroys(void **state) {
  (void)state;
  for (int resize = 0; resize < 2; resize++) {
    ift_context *context = create(3);
    assert_true(all_threads_work(context, 3));
    const pid_t child = fork();
    if (child == 0) {
      alarm(60);
      if (resize && ift_context_set_threads(context, 5) != IFT_OK) _exit(1);
      ift_context_destroy(context);
      _exit(0);
    }
    int status = -1;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    assert_true(all_threads_work(context, 3)); /* the parent's workers are untouched */
    ift_context_destroy(context);
  }
}

static void *refuse_or_allocate(size_t size, void *user) {
  return *(bool *)user ? NULL : malloc(size);
}

static void release(void *memory, void *user) {
  (void)user;
  free(memory);
}

static void test_no_memory_keeps_the_old_threads(void **state) {
  (void)state;
  bool refuse = false;
  ift_context *context = NULL;
  assert_status(IFT_OK, ift_context_create_with_allocator(&context, refuse_or_allocate, release, &refuse));
  assert_status(IFT_OK, ift_context_set_threads(context, 3));
  assert_true(all_threads_work(context, 3));
  refuse = true;
  assert_status(IFT_ERR_NO_MEMORY, ift_context_set_threads(context, 5));
  assert_int_equal(context->threads, 3);
  assert_true(all_threads_work(context, 3)); /* and running takes no memory */
  assert_status(IFT_OK, ift_context_set_threads(context, 1));
  assert_status(IFT_ERR_NO_MEMORY, ift_context_set_threads(context, 2));
  assert_int_equal(context->threads, 1);
  assert_true(each_block_once(context, 10));
  ift_context_destroy(context);
}

#if defined(__GLIBC__)
static void *nothing(void *argument) {
  return argument;
}

/* Where the system grants no thread (here: no stack of that size) the caller does the work alone, without an error. */
static void test_no_threads_to_be_had(void **state) {
  (void)state;
  pthread_attr_t usual, absurd;
  assert_int_equal(pthread_getattr_default_np(&usual), 0);
  assert_int_equal(pthread_attr_init(&absurd), 0);
  assert_int_equal(pthread_attr_setstacksize(&absurd, (size_t)1 << 50), 0);
  ift_context *context = create(3);
  pthread_t thread;
  assert_int_equal(pthread_setattr_default_np(&absurd), 0);
  const int refused = pthread_create(&thread, NULL, nothing, NULL);
  meeting m;
  prepare_meeting(&m, 1);
  ift_pool_run(context, 16, meet, &m);
  assert_int_equal(pthread_setattr_default_np(&usual), 0);
  assert_int_not_equal(refused, 0);
  for (int i = 0; i < 16; i++) assert_true(pthread_equal(m.who[i], pthread_self()));
  assert_string_equal(ift_context_message(context), "");
  end_meeting(&m);
  assert_true(each_block_once(context, 100));
  assert_status(IFT_OK, ift_context_set_threads(context, 2)); /* which tries again */
  assert_true(all_threads_work(context, 2));
  ift_context_destroy(context);
  pthread_attr_destroy(&absurd);
  pthread_attr_destroy(&usual);
}
#else
static void test_no_threads_to_be_had(void **state) {
  (void)state;
  print_message("skipped: only glibc can be told to refuse threads\n");
  skip();
}
#endif

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_each_block_once),
      cmocka_unit_test(test_all_threads_work),
      cmocka_unit_test(test_threads_can_be_changed),
      cmocka_unit_test(test_fewer_blocks_than_threads),
      cmocka_unit_test(test_no_threads_without_need),
      cmocka_unit_test(test_same_result),
      cmocka_unit_test(test_workers_round_as_the_caller_does),
      cmocka_unit_test(test_workers_block_signals),
      cmocka_unit_test(test_many_short_runs),
      cmocka_unit_test(test_made_and_destroyed_often),
      cmocka_unit_test(test_destroyed_by_another_thread),
      cmocka_unit_test(test_contexts_are_independent),
      cmocka_unit_test(test_works_in_a_forked_child),
      cmocka_unit_test(test_forked_while_others_work),
      cmocka_unit_test(test_child_only_destroys),
      cmocka_unit_test(test_no_memory_keeps_the_old_threads),
      cmocka_unit_test(test_no_threads_to_be_had),
  };
  return cmocka_run_group_tests_name("base/pool", tests, NULL, NULL);
}
