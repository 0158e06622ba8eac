/* The context: creation, allocator, settings, messages, log, reference counts, checked allocation. */
#include "support/near.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/context.h"

/* An allocator that counts, and fails once `left` successes are used up (-1: never). */
typedef struct counter {
  int64_t live, calls, left;
} counter;

static void *counting_allocate(size_t size, void *user) {
  counter *c = user;
  assert_true(size > 0);
  c->calls++;
  if (c->left == 0) return NULL;
  if (c->left > 0) c->left--;
  void *memory = malloc(size);
  assert_non_null(memory);
  memset(memory, 0xa5, size); /* nobody may rely on zeros */
  c->live++;
  return memory;
}

static void counting_release(void *memory, void *user) {
  counter *c = user;
  assert_non_null(memory);
  c->live--;
  free(memory);
}

static ift_context *create(counter *c) {
  ift_context *context = NULL;
  assert_status(IFT_OK, ift_context_create_with_allocator(&context, counting_allocate, counting_release, c));
  return context;
}

static void test_defaults(void **state) {
  (void)state;
  ift_context *context = NULL;
  assert_status(IFT_OK, ift_context_create(&context));
  assert_non_null(context);
  assert_int_equal(context->seed, 0);
  assert_int_equal(context->threads, 1);
  assert_null(context->pool);
  assert_string_equal(ift_context_message(context), "");
  ift_context_destroy(context);
  ift_context_destroy(NULL);
}

static void test_create_checks_its_arguments(void **state) {
  (void)state;
  counter c = {.left = -1};
  ift_context *context = (ift_context *)&c;
  assert_status(IFT_ERR_ARGUMENT, ift_context_create(NULL));
  assert_status(IFT_ERR_ARGUMENT, ift_context_create_with_allocator(NULL, counting_allocate, counting_release, &c));
  assert_status(IFT_ERR_ARGUMENT, ift_context_create_with_allocator(&context, NULL, counting_release, &c));
  assert_null(context);
  context = (ift_context *)&c;
  assert_status(IFT_ERR_ARGUMENT, ift_context_create_with_allocator(&context, counting_allocate, NULL, &c));
  assert_null(context);
  assert_int_equal(c.calls, 0);
}

static void test_everything_goes_through_the_allocator(void **state) {
  (void)state;
  counter c = {.left = -1};
  ift_context *context = create(&c);
  assert_int_equal(c.live, 1);
  assert_status(IFT_OK, ift_context_set_threads(context, 3));
  assert_int_equal(c.live, 2);
  ift_context_destroy(context);
  assert_int_equal(c.live, 0);
}

static void test_no_memory(void **state) {
  (void)state;
  counter c = {.left = 0};
  ift_context *context = (ift_context *)&c;
  assert_status(IFT_ERR_NO_MEMORY,
                ift_context_create_with_allocator(&context, counting_allocate, counting_release, &c));
  assert_null(context);
  assert_int_equal(c.live, 0);
}

static void test_settings(void **state) {
  (void)state;
  ift_context *context = NULL;
  assert_status(IFT_OK, ift_context_create(&context));
  assert_status(IFT_OK, ift_context_set_seed(context, UINT64_MAX));
  assert_true(context->seed == UINT64_MAX);
  static const int bad[] = {0, -1, 1025, INT32_MIN, INT32_MAX};
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
    assert_status(IFT_ERR_ARGUMENT, ift_context_set_threads(context, bad[i]));
    assert_int_equal(context->threads, 1);
    assert_non_null(strstr(ift_context_message(context), "1024"));
  }
  assert_status(IFT_OK, ift_context_set_threads(context, 1024)); /* no thread is made before there is work */
  assert_int_equal(context->threads, 1024);
  assert_status(IFT_OK, ift_context_set_threads(context, 1));
  ift_context_destroy(context);
}

static void test_options_by_name(void **state) {
  (void)state;
  ift_context *context = NULL;
  assert_status(IFT_OK, ift_context_create(&context));
  assert_status(IFT_OK, ift_context_set_option(context, "threads", "2"));
  assert_int_equal(context->threads, 2);
  assert_status(IFT_OK, ift_context_set_option(context, "seed", "9223372036854775807"));
  assert_true(context->seed == INT64_MAX);
  assert_status(IFT_ERR_OPTION, ift_context_set_option(context, "threads", "1025"));
  assert_status(IFT_ERR_OPTION, ift_context_set_option(context, "threads", "two"));
  assert_status(IFT_ERR_OPTION, ift_context_set_option(context, "seed", "-1"));
  assert_status(IFT_ERR_OPTION, ift_context_set_option(context, "thread", "1"));
  assert_non_null(strstr(ift_context_message(context), "threads"));
  assert_status(IFT_ERR_ARGUMENT, ift_context_set_option(context, NULL, "1"));
  assert_status(IFT_ERR_ARGUMENT, ift_context_set_option(context, "threads", NULL));
  assert_int_equal(context->threads, 2);
  assert_true(context->seed == INT64_MAX);
  ift_context_destroy(context);
}

static void test_null_context(void **state) {
  (void)state;
  assert_status(IFT_ERR_ARGUMENT, ift_context_set_seed(NULL, 1));
  assert_status(IFT_ERR_ARGUMENT, ift_context_set_threads(NULL, 1));
  assert_status(IFT_ERR_ARGUMENT, ift_context_set_option(NULL, "seed", "1"));
  assert_status(IFT_ERR_ARGUMENT, ift_context_set_log(NULL, NULL, NULL, NULL));
  assert_string_equal(ift_context_message(NULL), "context is NULL");
  assert_status(IFT_ERR_FILE, ift_fail(NULL, IFT_ERR_FILE, "%d", 1));
  ift_log(NULL, "%d", 1);
}

static void test_messages(void **state) {
  (void)state;
  counter c = {.left = -1};
  ift_context *context = create(&c);
  const int64_t calls = c.calls;
  assert_status(IFT_ERR_FILE, ift_fail(context, IFT_ERR_FILE, "weights[%d] is %g", 3, -0.25));
  assert_string_equal(ift_context_message(context), "weights[3] is -0.25");
  assert_status(IFT_OK, ift_context_set_seed(context, 1)); /* a success leaves the message alone */
  assert_string_equal(ift_context_message(context), "weights[3] is -0.25");
  char text[2 * IFT_MESSAGE_SIZE];
  memset(text, 'a', sizeof text);
  text[sizeof text - 1] = '\0';
  assert_status(IFT_ERR_FORMAT, ift_fail(context, IFT_ERR_FORMAT, "%s", text));
  assert_int_equal(strlen(ift_context_message(context)), IFT_MESSAGE_SIZE - 1);
  assert_int_equal(c.calls, calls);
  ift_context_destroy(context);
}

/* A log that keeps its last line. */
typedef struct journal {
  char line[64];
  int lines, destroyed;
} journal;

static void write_journal(const char *text, void *user) {
  journal *j = user;
  snprintf(j->line, sizeof j->line, "%s", text);
  j->lines++;
}

static void destroy_journal(void *user) {
  ((journal *)user)->destroyed++;
}

static void test_log(void **state) {
  (void)state;
  journal first = {.lines = 0}, second = {.lines = 0};
  ift_context *context = NULL;
  assert_status(IFT_OK, ift_context_create(&context));
  ift_log(context, "nobody listens");
  assert_status(IFT_OK, ift_context_set_log(context, write_journal, &first, destroy_journal));
  ift_log(context, "tau is %g", 0.5);
  assert_string_equal(first.line, "tau is 0.5");
  assert_status(IFT_OK, ift_context_set_log(context, write_journal, &second, destroy_journal));
  assert_int_equal(first.destroyed, 1);
  ift_log(context, "eta");
  assert_int_equal(first.lines, 1);
  assert_string_equal(second.line, "eta");
  assert_status(IFT_OK, ift_context_set_log(context, NULL, NULL, NULL));
  assert_int_equal(second.destroyed, 1);
  ift_log(context, "off");
  assert_int_equal(second.lines, 1);
  assert_status(IFT_OK, ift_context_set_log(context, write_journal, &first, NULL));
  assert_status(IFT_OK, ift_context_set_log(context, write_journal, &second, destroy_journal));
  assert_int_equal(first.destroyed, 1); /* without `destroy` nothing is called */
  ift_context_destroy(context);
  assert_int_equal(second.destroyed, 2);
  assert_status(IFT_ERR_ARGUMENT, ift_context_set_log(NULL, write_journal, &first, destroy_journal));
  assert_int_equal(first.destroyed, 2); /* also where storing fails */
}

/* An object that says when it goes. */
typedef struct thing {
  ift_object object;
  int *disposed;
  double padding[3];
} thing;

static void dispose(void *object) {
  ++*((thing *)object)->disposed;
}

static void test_objects(void **state) {
  (void)state;
  counter c = {.left = -1};
  int disposed = 0;
  ift_context *context = create(&c);
  thing *object = ift_object_create(context, sizeof *object, dispose);
  assert_non_null(object);
  for (int i = 0; i < 3; i++) assert_near(object->padding[i], 0, 0, 0);
  object->disposed = &disposed;
  ift_object_retain(object);
  ift_context_destroy(context); /* the object still needs it */
  assert_int_equal(c.live, 2);
  assert_status(IFT_ERR_FILE, ift_fail(context, IFT_ERR_FILE, "alive"));
  ift_object_release(object);
  assert_int_equal(disposed, 0);
  ift_object_release(object);
  assert_int_equal(disposed, 1);
  assert_int_equal(c.live, 0);
  ift_object_release(NULL);
}

static void test_objects_without_memory(void **state) {
  (void)state;
  counter c = {.left = 1};
  ift_context *context = create(&c);
  assert_null(ift_object_create(context, sizeof(thing), dispose));
  assert_non_null(strstr(ift_context_message(context), "out of memory"));
  ift_context_destroy(context); /* the failed object does not hold it */
  assert_int_equal(c.live, 0);
}

static void test_same_context(void **state) {
  (void)state;
  ift_context *a = NULL, *b = NULL;
  assert_status(IFT_OK, ift_context_create(&a));
  assert_status(IFT_OK, ift_context_create(&b));
  ift_object *object = ift_object_create(a, sizeof *object, NULL);
  assert_status(IFT_OK, ift_same_context(a, object, "kernel"));
  assert_status(IFT_ERR_CONTEXT, ift_same_context(b, object, "kernel"));
  assert_non_null(strstr(ift_context_message(b), "kernel"));
  assert_status(IFT_ERR_ARGUMENT, ift_same_context(a, NULL, "target"));
  assert_string_equal(ift_context_message(a), "target is NULL");
  ift_object_release(object);
  ift_context_destroy(b);
  ift_context_destroy(a);
}

static void test_sizes_that_overflow(void **state) {
  (void)state;
  counter c = {.left = -1};
  ift_context *context = create(&c);
  assert_null(ift_alloc(context, INT64_MAX, 2));
  assert_null(ift_alloc(context, INT64_MAX / 8 + 1, 8));
  assert_null(ift_alloc2(context, INT64_C(1) << 32, INT64_C(1) << 32, 1));
  assert_null(ift_alloc2(context, INT64_C(1) << 33, INT64_C(1) << 31, 8)); /* 2^64 * 8 wraps to 0 */
  assert_null(ift_alloc_reals(context, INT64_C(1) << 61));                 /* so does 2^61 * 8 */
  assert_int_equal(c.calls, 1);                                            /* the context's own */
  assert_non_null(strstr(ift_context_message(context), "out of memory"));
  ift_context_destroy(context);
}

static void test_allocations(void **state) {
  (void)state;
  counter c = {.left = -1};
  ift_context *context = create(&c);
  void *nothing = ift_alloc(context, 0, 8);
  double *table = ift_alloc2(context, 3, 5, sizeof *table);
  for (int i = 0; i < 15; i++) table[i] = i;
  double *copy = ift_copy_reals(context, table, 15);
  assert_true(nothing && copy && copy != table);
  assert_memory_equal(copy, table, 15 * sizeof *table);
  assert_int_equal(c.live, 4);
  ift_free(context, nothing);
  ift_free(context, table);
  ift_free(context, copy);
  ift_free(context, NULL);
  assert_int_equal(c.live, 1);
  c.left = 0;
  const double one = 1;
  assert_null(ift_copy_reals(context, &one, 1));
  ift_context_destroy(context);
  assert_int_equal(c.live, 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_defaults),
      cmocka_unit_test(test_create_checks_its_arguments),
      cmocka_unit_test(test_everything_goes_through_the_allocator),
      cmocka_unit_test(test_no_memory),
      cmocka_unit_test(test_settings),
      cmocka_unit_test(test_options_by_name),
      cmocka_unit_test(test_null_context),
      cmocka_unit_test(test_messages),
      cmocka_unit_test(test_log),
      cmocka_unit_test(test_objects),
      cmocka_unit_test(test_objects_without_memory),
      cmocka_unit_test(test_same_context),
      cmocka_unit_test(test_sizes_that_overflow),
      cmocka_unit_test(test_allocations),
  };
  return cmocka_run_group_tests_name("base/context", tests, NULL, NULL);
}
