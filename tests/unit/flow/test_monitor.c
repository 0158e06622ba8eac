/* The monitor, requests to stop, and what may be done to a flow while it runs. */
#include <pthread.h>
#include <stdatomic.h>

#include "scene.h"

static ift_context *context;
static scene s;

static int set_up(void **state) {
  (void)state;
  context = make_context();
  s = make_scene(1, 1, 1);
  return 0;
}

static int tear_down(void **state) {
  (void)state;
  ift_context_destroy(context);
  return 0;
}

typedef struct watcher {
  ift_flow *flow;
  atomic_int calls;
  int act_at, answer;
  void (*act)(struct watcher *watcher);
  int destroyed, destroyed_at; /* how often, and after how many calls */
  int refused;                 /* the `destroy` of a monitor that was refused */
  int64_t first_step;
} watcher;

static int watch(const ift_flow *flow, void *user) {
  watcher *w = user;
  const int call = atomic_fetch_add(&w->calls, 1) + 1;
  assert_ptr_equal(flow, w->flow);
  assert_int_equal(w->destroyed, 0);
  assert_int_equal(flow_int(flow, "step"), w->first_step + call); /* after each step, and reading is allowed */
  assert_true(flow_real(flow, "energy") >= 0);
  assert_true(flow_real(flow, "eta") >= 0 && flow_real(flow, "gap") >= 0);
  if (call != w->act_at) return 0;
  if (w->act) w->act(w);
  return w->answer;
}

static void forget(void *user) {
  watcher *w = user;
  w->destroyed++;
  w->destroyed_at = w->calls;
}

static void furnish(watcher *w, int act_at, int answer, void (*act)(watcher *)) {
  memset(w, 0, sizeof *w);
  w->flow = scene_flow(context, &s, "spherical-ift", "gaussian:0.7");
  w->act_at = act_at;
  w->answer = answer;
  w->act = act;
  assert_status(IFT_OK, ift_flow_set_monitor(w->flow, watch, w, forget));
}

/* A flow of that many steps that nobody watched. */
static snapshot unwatched(int64_t steps) {
  ift_flow *flow = scene_flow(context, &s, "spherical-ift", "gaussian:0.7");
  assert_status(IFT_OK, ift_flow_step(flow, steps));
  const snapshot result = snap(flow);
  ift_flow_destroy(flow);
  return result;
}

static void test_called_after_each_step(void **state) {
  (void)state;
  watcher w;
  furnish(&w, 0, 0, NULL);
  assert_status(IFT_OK, ift_flow_step(w.flow, 4));
  assert_status(IFT_OK, ift_flow_run(w.flow, 3));
  assert_status(IFT_OK, ift_flow_step(w.flow, 0));
  assert_int_equal(w.calls, 7);
  assert_same_state(unwatched(7), snap(w.flow));
  ift_flow_destroy(w.flow);
  assert_int_equal(w.destroyed, 1);
}

static void test_answers(void **state) {
  (void)state;
  for (int run = 0; run < 2; run++) {
    ift_status (*const go)(ift_flow *, int64_t) = run ? ift_flow_run : ift_flow_step;
    watcher w;
    furnish(&w, 3, 17, NULL);
    assert_status(IFT_STOPPED, go(w.flow, 10));
    assert_int_equal(w.calls, 3);
    assert_same_state(unwatched(3), snap(w.flow));
    assert_status(IFT_OK, go(w.flow, 2)); /* and goes on */
    assert_same_state(unwatched(5), snap(w.flow));
    ift_flow_destroy(w.flow);
    furnish(&w, 3, -17, NULL);
    assert_status(IFT_ERR_CALLBACK, go(w.flow, 10));
    assert_message(context, "-17");
    assert_int_equal(w.calls, 3);
    w.act_at = 0;
    assert_same_state(unwatched(3), snap(w.flow)); /* step 3 was done when the monitor was asked */
    assert_status(IFT_OK, go(w.flow, 2));
    assert_same_state(unwatched(5), snap(w.flow));
    ift_flow_destroy(w.flow);
  }
}

static void refuse(void *user) {
  ((watcher *)user)->refused++;
}

static void enter_again(watcher *w) {
  assert_status(IFT_ERR_BUSY, ift_flow_step(w->flow, 1));
  assert_message(context, "callback");
  assert_status(IFT_ERR_BUSY, ift_flow_run(w->flow, 1));
  assert_status(IFT_ERR_BUSY, ift_flow_set_real(w->flow, "tau", 1));
  assert_status(IFT_ERR_BUSY, ift_flow_set_int(w->flow, "seed", 1));
  assert_status(IFT_ERR_BUSY, ift_flow_set_text(w->flow, "center", "old"));
  assert_status(IFT_ERR_BUSY, ift_flow_set_monitor(w->flow, NULL, w, refuse));
  assert_int_equal(w->refused, 1); /* once, though it failed */
  assert_status(IFT_ERR_BUSY, ift_flow_set_monitor(w->flow, watch, w, NULL));
}

static void test_busy(void **state) {
  (void)state;
  watcher w;
  furnish(&w, 2, 0, enter_again);
  assert_status(IFT_OK, ift_flow_step(w.flow, 5));
  assert_int_equal(w.calls, 5);
  assert_same_state(unwatched(5), snap(w.flow));
  assert_status(IFT_OK, ift_flow_set_real(w.flow, "tau", 1)); /* not busy any more */
  ift_flow_destroy(w.flow);
  assert_int_equal(w.destroyed, 1);
  furnish(&w, 1, -1, enter_again);
  assert_status(IFT_ERR_CALLBACK, ift_flow_step(w.flow, 5));
  assert_status(IFT_OK, ift_flow_set_real(w.flow, "tau", 1)); /* not after an error either */
  ift_flow_destroy(w.flow);
}

static void destroy_flow(watcher *w) {
  ift_flow_destroy(w->flow);
  assert_int_equal(w->destroyed, 0);
}

/* In its own callback a flow is destroyed when the running call returns: all its steps are still taken. */
static void test_destroyed_inside(void **state) {
  (void)state;
  watcher w;
  furnish(&w, 2, 0, destroy_flow);
  assert_status(IFT_OK, ift_flow_step(w.flow, 6));
  assert_int_equal(w.calls, 6);
  assert_int_equal(w.destroyed, 1);
  assert_int_equal(w.destroyed_at, 6);
  furnish(&w, 2, 1, destroy_flow);
  assert_status(IFT_STOPPED, ift_flow_run(w.flow, 6));
  assert_int_equal(w.destroyed, 1);
  assert_int_equal(w.destroyed_at, 2);
}

static void test_replaced(void **state) {
  (void)state;
  watcher first, second;
  furnish(&first, 0, 0, NULL);
  furnish(&second, 0, 0, NULL);
  ift_flow_destroy(second.flow);
  second.flow = first.flow;
  second.destroyed = 0;
  assert_status(IFT_OK, ift_flow_step(first.flow, 2));
  second.first_step = 2;
  assert_status(IFT_OK, ift_flow_set_monitor(first.flow, watch, &second, forget));
  assert_int_equal(first.destroyed, 1);
  assert_status(IFT_OK, ift_flow_step(first.flow, 2));
  assert_int_equal(first.calls, 2);
  assert_int_equal(second.calls, 2);
  assert_status(IFT_OK, ift_flow_set_monitor(first.flow, NULL, NULL, NULL));
  assert_int_equal(second.destroyed, 1);
  assert_status(IFT_OK, ift_flow_step(first.flow, 2));
  assert_int_equal(second.calls, 2);
  assert_status(IFT_OK, ift_flow_set_monitor(first.flow, watch, &second, NULL)); /* without destroy */
  ift_flow_destroy(first.flow);
  assert_int_equal(second.destroyed, 1);
  assert_status(IFT_ERR_ARGUMENT, ift_flow_set_monitor(NULL, watch, &second, forget));
  assert_int_equal(second.destroyed, 2);
}

static void test_request_before_a_run(void **state) {
  (void)state;
  for (int run = 0; run < 2; run++) {
    ift_status (*const go)(ift_flow *, int64_t) = run ? ift_flow_run : ift_flow_step;
    watcher w;
    furnish(&w, 0, 0, NULL);
    const snapshot before = snap(w.flow);
    ift_flow_request_stop(w.flow);
    ift_flow_request_stop(w.flow); /* twice is once */
    assert_status(IFT_STOPPED, go(w.flow, 5));
    assert_int_equal(w.calls, 0);
    assert_same_state(before, snap(w.flow));
    assert_status(IFT_OK, go(w.flow, 5)); /* spent */
    assert_int_equal(w.calls, 5);
    ift_flow_destroy(w.flow);
  }
  ift_flow_request_stop(NULL);
}

static void request(watcher *w) {
  ift_flow_request_stop(w->flow);
}

static void test_request_inside(void **state) {
  (void)state;
  watcher w;
  furnish(&w, 3, 0, request);
  assert_status(IFT_STOPPED, ift_flow_step(w.flow, 10));
  assert_int_equal(w.calls, 3);
  assert_status(IFT_OK, ift_flow_step(w.flow, 2));
  ift_flow_destroy(w.flow);
  furnish(&w, 3, 0, request); /* in the last step of a call: that call's */
  assert_status(IFT_STOPPED, ift_flow_run(w.flow, 3));
  assert_status(IFT_OK, ift_flow_run(w.flow, 1));
  ift_flow_destroy(w.flow);
}

static void *stop_later(void *user) {
  watcher *w = user;
  while (atomic_load(&w->calls) < 5) {}
  ift_flow_request_stop(w->flow);
  return NULL;
}

static void test_request_from_another_thread(void **state) {
  (void)state;
  watcher w;
  furnish(&w, 0, 0, NULL);
  pthread_t thread;
  assert_int_equal(pthread_create(&thread, NULL, stop_later, &w), 0);
  assert_status(IFT_STOPPED, ift_flow_step(w.flow, INT64_MAX));
  assert_int_equal(pthread_join(thread, NULL), 0);
  assert_true(w.calls >= 5);
  assert_int_equal(flow_int(w.flow, "step"), w.calls);
  ift_flow_destroy(w.flow);
}

/* A run that its monitor interrupts and that goes on ends where it would have: the stall rule has not lost a
 * reading. (Interrupted where it would have ended, it is told to go on.) */
static void test_interrupted_run_stalls_where_it_would(void **state) {
  (void)state;
  int64_t expected = 0;
  for (int stop_at = 0; stop_at <= 25; stop_at++) {
    if (stop_at > 0 && stop_at == expected) continue;
    watcher w;
    furnish(&w, stop_at, 1, NULL);
    flow_set(w.flow, "step_control", "fixed");
    flow_set(w.flow, "eta", "0");
    flow_set(w.flow, "tau", "0.3");
    flow_set(w.flow, "stall", "0.5");
    ift_status status = ift_flow_run(w.flow, 1000);
    if (status == IFT_STOPPED) status = ift_flow_run(w.flow, 1000);
    assert_status(IFT_STALLED, status);
    if (stop_at == 0) expected = flow_int(w.flow, "step");
    assert_true(expected >= 20 && expected % 10 == 0);
    if (flow_int(w.flow, "step") != expected)
      fail_msg("interrupted at %d: stalls at %d instead of %d", stop_at, (int)flow_int(w.flow, "step"), (int)expected);
    ift_flow_destroy(w.flow);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_called_after_each_step),
      cmocka_unit_test(test_answers),
      cmocka_unit_test(test_busy),
      cmocka_unit_test(test_destroyed_inside),
      cmocka_unit_test(test_replaced),
      cmocka_unit_test(test_request_before_a_run),
      cmocka_unit_test(test_request_inside),
      cmocka_unit_test(test_request_from_another_thread),
      cmocka_unit_test(test_interrupted_run_stalls_where_it_would),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
