/* A compression as an object: options, monitor, requests to stop, errors. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "support/make.h"
#include "support/random.h"

enum { M = 60, D = 2, N = 6 };
static ift_context *context;
static double y[M * D];
static ift_kernel *kernel;
static ift_target *target;

static int set_up(void **state) {
  (void)state;
  dice dice_ = {1};
  context = make_context();
  dice_normals(&dice_, y, M * D);
  kernel = make_kernel(context, "gaussian:0.7");
  target = make_samples(context, y, M, D, NULL);
  return 0;
}

static int tear_down(void **state) {
  (void)state;
  ift_kernel_destroy(kernel);
  ift_target_destroy(target);
  ift_context_destroy(context);
  return 0;
}

static ift_compression *make_compression(int64_t n) {
  ift_compression *compression;
  assert_status(IFT_OK, ift_compression_create(context, &compression, kernel, target, n));
  return compression;
}

static double real(const ift_compression *compression, const char *name) {
  double value;
  assert_status(IFT_OK, ift_compression_get_real(compression, name, &value));
  return value;
}

static int64_t integer(const ift_compression *compression, const char *name) {
  int64_t value;
  assert_status(IFT_OK, ift_compression_get_int(compression, name, &value));
  return value;
}

static void check_text(const ift_compression *compression, const char *name, const char *expected) {
  char text[64];
  assert_status(IFT_OK, ift_compression_get_text(compression, name, text, sizeof text));
  assert_string_equal(text, expected);
}

static void test_creation(void **state) {
  (void)state;
  ift_context *other = make_context();
  ift_kernel *foreign_kernel = make_kernel(other, "gaussian:1");
  ift_target *foreign_target = make_samples(other, y, 3, 2, NULL);
  ift_compression *compression = (ift_compression *)&context;
  assert_status(IFT_ERR_ARGUMENT, ift_compression_create(NULL, &compression, kernel, target, 3));
  assert_null(compression);
  assert_status(IFT_ERR_ARGUMENT, ift_compression_create(context, NULL, kernel, target, 3));
  assert_status(IFT_ERR_ARGUMENT, ift_compression_create(context, &compression, NULL, target, 3));
  assert_status(IFT_ERR_ARGUMENT, ift_compression_create(context, &compression, kernel, NULL, 3));
  assert_status(IFT_ERR_ARGUMENT, ift_compression_create(context, &compression, kernel, target, 0));
  assert_message(context, "0");
  assert_status(IFT_ERR_ARGUMENT, ift_compression_create(context, &compression, kernel, target, -1));
  compression = (ift_compression *)&context;
  assert_status(IFT_ERR_CONTEXT, ift_compression_create(context, &compression, foreign_kernel, target, 3));
  assert_null(compression);
  assert_status(IFT_ERR_CONTEXT, ift_compression_create(context, &compression, kernel, foreign_target, 3));
  assert_null(ift_compression_measure(NULL));
  ift_compression_destroy(NULL);
  ift_kernel_destroy(foreign_kernel);
  ift_target_destroy(foreign_target);
  ift_context_destroy(other);
}

static void test_options(void **state) {
  (void)state;
  ift_compression *c = make_compression(N);
  double value = 42;
  check_text(c, "effort", "normal");
  check_text(c, "tolerance", "0");
  check_text(c, "seed", "0");
  check_text(c, "phase", "none");
  assert_status(IFT_OK, ift_compression_set_text(c, "effort", "low"));
  assert_status(IFT_OK, ift_compression_set_real(c, "tolerance", 1e-9));
  assert_status(IFT_OK, ift_compression_set_int(c, "seed", 12));
  check_text(c, "effort", "low");
  check_text(c, "seed", "12");
  assert_near(real(c, "tolerance"), 1e-9, 0, 0);
  assert_status(IFT_ERR_OPTION, ift_compression_set_text(c, "effort", "extreme"));
  assert_message(context, "low|normal|high");
  assert_status(IFT_ERR_OPTION, ift_compression_set_text(c, "efort", "low"));
  assert_message(context, "'effort'");
  assert_status(IFT_ERR_OPTION, ift_compression_set_real(c, "tolerance", -1));
  assert_status(IFT_ERR_OPTION, ift_compression_set_real(c, "tolerance", NAN));
  assert_status(IFT_ERR_OPTION, ift_compression_set_int(c, "seed", -1));
  assert_status(IFT_ERR_OPTION, ift_compression_set_real(c, "mmd2", 0));
  assert_message(context, "quantity");
  assert_status(IFT_ERR_OPTION, ift_compression_get_real(c, "tau", &value));
  assert_true(value == 42);
  assert_status(IFT_ERR_ARGUMENT, ift_compression_set_real(NULL, "tolerance", 1));
  assert_status(IFT_ERR_ARGUMENT, ift_compression_set_int(NULL, "seed", 1));
  assert_status(IFT_ERR_ARGUMENT, ift_compression_set_text(NULL, "seed", "1"));
  assert_status(IFT_ERR_ARGUMENT, ift_compression_get_real(NULL, "mmd2", &value));
  assert_status(IFT_ERR_ARGUMENT, ift_compression_get_real(c, "mmd2", NULL));
  assert_status(IFT_ERR_ARGUMENT, ift_compression_run(NULL));
  ift_compression_destroy(c);
}

/* Before a run there is nothing; after it every quantity is that of the particles found. */
static void test_quantities(void **state) {
  (void)state;
  ift_compression *c = make_compression(N);
  static const char *const none[] = {"energy", "mmd2", "standard_error", "weight_gap", "stationarity"};
  for (int i = 0; i < 5; i++) assert_true(isnan(real(c, none[i])));
  assert_null(ift_compression_measure(c));
  assert_int_equal(integer(c, "particles"), 0);
  assert_status(IFT_OK, ift_compression_run(c));
  const ift_measure *best = ift_compression_measure(c);
  ift_measure *samples = make_measure(context, y, M, D, NULL);
  double mmd2, error;
  assert_status(IFT_OK, ift_mmd2(kernel, &mmd2, best, samples));
  assert_status(IFT_OK, ift_mmd2_standard_error(kernel, &error, best, samples));
  assert_near(real(c, "mmd2"), mmd2, 1e-9, 1e-15);
  assert_near(real(c, "energy"), mmd2 / 2, 1e-9, 1e-15);
  assert_near(real(c, "standard_error"), error, 1e-12, 0);
  assert_near(real(c, "mass"), 1, 1e-14, 0);
  assert_int_equal(integer(c, "particles"), ift_measure_size(best));
  assert_int_equal(integer(c, "alive"), ift_measure_size(best));
  assert_true(integer(c, "step") > 0 && integer(c, "start") >= 1);
  assert_true(real(c, "weight_gap") >= 0 && real(c, "weight_gap") < 1e-10);
  assert_true(real(c, "stationarity") >= 0 && real(c, "stationarity") < 1e-3);
  for (int64_t i = 0; i < ift_option_count(); i++) {
    char text[64];
    if (strcmp(ift_option_noun(i), "compression") != 0) continue;
    assert_status(IFT_OK, ift_compression_get_text(c, ift_option_name(i), text, sizeof text));
    const bool quantity = strcmp(ift_option_access(i), "quantity") == 0;
    assert_status(quantity ? IFT_ERR_OPTION : IFT_OK, ift_compression_set_text(c, ift_option_name(i), text));
  }
  ift_measure_destroy(samples);
  ift_compression_destroy(c);
  c = make_compression(M);
  assert_status(IFT_OK, ift_compression_run(c));
  check_text(c, "phase", "points");
  assert_true(real(c, "mmd2") <= 1e-14);
  ift_compression_destroy(c);
}

/* Samples of weight 0 are no points: the others fit. */
static void test_dead_samples_need_no_room(void **state) {
  (void)state;
  const double points[3] = {0, 1, 5}, weights[3] = {1, 0, 1};
  ift_target *sparse = make_samples(context, points, 3, 1, weights);
  ift_compression *c;
  assert_status(IFT_OK, ift_compression_create(context, &c, kernel, sparse, 2));
  assert_status(IFT_OK, ift_compression_run(c));
  check_text(c, "phase", "points");
  ift_compression_destroy(c);
  ift_target_destroy(sparse);
}

/* A second run starts from what the first has found: it is never worse. */
static void test_second_run(void **state) {
  (void)state;
  ift_compression *c = make_compression(N);
  assert_status(IFT_OK, ift_compression_set_text(c, "effort", "low"));
  double last = INFINITY;
  for (int seed = 0; seed < 4; seed++) {
    assert_status(IFT_OK, ift_compression_set_int(c, "seed", seed));
    assert_status(IFT_OK, ift_compression_run(c));
    assert_true(real(c, "mmd2") <= last);
    last = real(c, "mmd2");
  }
  ift_compression_destroy(c);
}

typedef struct watcher {
  ift_compression *compression;
  atomic_int calls;
  int act_at, answer, destroyed;
  void (*act)(struct watcher *watcher);
  double last;
} watcher;

static int watch(const ift_compression *compression, void *user) {
  watcher *w = user;
  assert_ptr_equal(compression, w->compression);
  assert_int_equal(w->destroyed, 0);
  const int call = atomic_fetch_add(&w->calls, 1) + 1;
  assert_int_equal(integer(compression, "step"), call);
  assert_true(integer(compression, "start") >= 1);
  const double energy = real(compression, "energy");
  assert_true(energy >= 0 && energy <= w->last * (1 + 1e-9)); /* of the best so far */
  w->last = energy;
  assert_non_null(ift_compression_measure(compression)); /* the start, at least */
  if (call != w->act_at) return 0;
  if (w->act) w->act(w);
  return w->answer;
}

static void forget(void *user) {
  ((watcher *)user)->destroyed++;
}

static void furnish(watcher *w, int act_at, int answer, void (*act)(watcher *)) {
  memset(w, 0, sizeof *w);
  w->compression = make_compression(N);
  w->act_at = act_at;
  w->answer = answer;
  w->act = act;
  w->last = INFINITY;
  assert_status(IFT_OK, ift_compression_set_monitor(w->compression, watch, w, forget));
}

static void test_monitor(void **state) {
  (void)state;
  watcher w;
  furnish(&w, 0, 0, NULL);
  assert_status(IFT_OK, ift_compression_run(w.compression));
  assert_int_equal(w.calls, integer(w.compression, "step"));
  const double watched = real(w.compression, "mmd2");
  ift_compression_destroy(w.compression);
  assert_int_equal(w.destroyed, 1);
  ift_compression *c = make_compression(N);
  assert_status(IFT_OK, ift_compression_run(c));
  assert_true(real(c, "mmd2") == watched); /* watching changes nothing */
  ift_compression_destroy(c);
}

/* What a stopped search leaves: particles that are complete, of the target's mass. */
static void check_found(const ift_compression *c) {
  const ift_measure *best = ift_compression_measure(c);
  assert_non_null(best);
  assert_true(ift_measure_size(best) >= 1 && ift_measure_size(best) <= N);
  assert_near(ift_measure_mass(best), 1, 1e-14, 0);
  assert_true(real(c, "mmd2") >= 0 && real(c, "mmd2") < 1);
}

static void test_answers(void **state) {
  (void)state;
  for (int at = 1; at <= 9; at += 4) {
    watcher w;
    furnish(&w, at, 3, NULL);
    assert_status(IFT_STOPPED, ift_compression_run(w.compression));
    assert_int_equal(w.calls, at);
    check_found(w.compression);
    w.calls = w.act_at = 0;
    w.last = INFINITY;
    assert_status(IFT_OK, ift_compression_run(w.compression)); /* and again, to the end */
    ift_compression_destroy(w.compression);
    furnish(&w, at, -3, NULL);
    assert_status(IFT_ERR_CALLBACK, ift_compression_run(w.compression));
    assert_message(context, "-3");
    assert_int_equal(w.calls, at);
    check_found(w.compression);
    w.calls = w.act_at = 0;
    w.last = INFINITY;
    assert_status(IFT_OK, ift_compression_run(w.compression));
    ift_compression_destroy(w.compression);
    assert_int_equal(w.destroyed, 1);
  }
}

static void enter_again(watcher *w) {
  watcher other = {.destroyed = 0};
  assert_status(IFT_ERR_BUSY, ift_compression_run(w->compression));
  assert_status(IFT_ERR_BUSY, ift_compression_set_real(w->compression, "tolerance", 1));
  assert_status(IFT_ERR_BUSY, ift_compression_set_int(w->compression, "seed", 1));
  assert_status(IFT_ERR_BUSY, ift_compression_set_text(w->compression, "effort", "low"));
  assert_status(IFT_ERR_BUSY, ift_compression_set_monitor(w->compression, watch, &other, forget));
  assert_int_equal(other.destroyed, 1);
}

static void test_busy(void **state) {
  (void)state;
  watcher w;
  furnish(&w, 3, 1, enter_again);
  assert_status(IFT_STOPPED, ift_compression_run(w.compression));
  assert_status(IFT_OK, ift_compression_set_real(w.compression, "tolerance", 1));
  ift_compression_destroy(w.compression);
}

static void destroy_it(watcher *w) {
  ift_compression_destroy(w->compression);
  assert_int_equal(w->destroyed, 0);
}

static void test_destroyed_inside(void **state) {
  (void)state;
  watcher w;
  furnish(&w, 3, 0, destroy_it);
  assert_status(IFT_OK, ift_compression_run(w.compression));
  assert_true(w.calls > 3);
  assert_int_equal(w.destroyed, 1);
}

static void test_monitor_replaced(void **state) {
  (void)state;
  watcher w, other = {.destroyed = 0};
  furnish(&w, 0, 0, NULL);
  assert_status(IFT_OK, ift_compression_set_monitor(w.compression, NULL, NULL, NULL));
  assert_int_equal(w.destroyed, 1);
  assert_status(IFT_OK, ift_compression_run(w.compression));
  assert_int_equal(w.calls, 0);
  assert_status(IFT_ERR_ARGUMENT, ift_compression_set_monitor(NULL, watch, &other, forget));
  assert_int_equal(other.destroyed, 1);
  ift_compression_destroy(w.compression);
}

/* Asked to stop beforehand, a run gives what there is at its start, and asks nobody. */
static void test_request_before_a_run(void **state) {
  (void)state;
  watcher w;
  furnish(&w, 0, 0, NULL);
  ift_compression_request_stop(w.compression);
  assert_status(IFT_STOPPED, ift_compression_run(w.compression));
  assert_true(integer(w.compression, "step") <= 1 && w.calls == 0);
  check_found(w.compression);
  assert_status(IFT_OK, ift_compression_run(w.compression)); /* spent */
  ift_compression_destroy(w.compression);
  ift_compression_request_stop(NULL);
}

static void request(watcher *w) {
  ift_compression_request_stop(w->compression);
}

static void *stop_later(void *user) {
  watcher *w = user;
  while (atomic_load(&w->calls) < 5) {}
  ift_compression_request_stop(w->compression);
  return NULL;
}

static void test_requests_during_a_run(void **state) {
  (void)state;
  watcher w;
  furnish(&w, 4, 0, request);
  assert_status(IFT_STOPPED, ift_compression_run(w.compression));
  assert_true(w.calls == 4 || w.calls == 5);
  check_found(w.compression);
  ift_compression_destroy(w.compression);
  furnish(&w, 0, 0, NULL);
  assert_status(IFT_OK, ift_compression_set_text(w.compression, "effort", "high"));
  pthread_t thread;
  assert_int_equal(pthread_create(&thread, NULL, stop_later, &w), 0);
  const ift_status status = ift_compression_run(w.compression);
  assert_int_equal(pthread_join(thread, NULL), 0);
  assert_true(status == IFT_STOPPED || status == IFT_OK); /* OK if it was over before */
  assert_true(w.calls >= 5);
  check_found(w.compression);
  ift_compression_destroy(w.compression);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_creation),
      cmocka_unit_test(test_options),
      cmocka_unit_test(test_quantities),
      cmocka_unit_test(test_dead_samples_need_no_room),
      cmocka_unit_test(test_second_run),
      cmocka_unit_test(test_monitor),
      cmocka_unit_test(test_answers),
      cmocka_unit_test(test_busy),
      cmocka_unit_test(test_destroyed_inside),
      cmocka_unit_test(test_monitor_replaced),
      cmocka_unit_test(test_request_before_a_run),
      cmocka_unit_test(test_requests_during_a_run),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
