/* The bits of sums by engines that share work out do not depend on the number of threads. (Small: also run where races
 * are looked for, which is slow.) */
#include <math.h>
#include <pthread.h>
#include <time.h>

#include "engines.h"

/* Where threads wait for each other, once each: if fewer come than are asked for, the wait ends, and the test. */
static struct {
  pthread_mutex_t lock;
  pthread_cond_t changed;
  int expected, arrived;
  bool late;
  pthread_t who[8];
} meeting = {.lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};

static void expect_threads(int count) {
  meeting.expected = count;
  meeting.arrived = 0;
  meeting.late = false;
}

static void meet(void) {
  bool known = false;
  struct timespec deadline;
  clock_gettime(CLOCK_REALTIME, &deadline);
  deadline.tv_sec += 30;
  pthread_mutex_lock(&meeting.lock);
  for (int i = 0; i < meeting.arrived; i++) known |= pthread_equal(meeting.who[i], pthread_self()) != 0;
  if (!known && meeting.arrived < meeting.expected) {
    meeting.who[meeting.arrived++] = pthread_self();
    pthread_cond_broadcast(&meeting.changed);
  }
  while (!known && meeting.arrived < meeting.expected && !meeting.late)
    meeting.late = pthread_cond_timedwait(&meeting.changed, &meeting.lock, &deadline) != 0;
  pthread_mutex_unlock(&meeting.lock);
}

/* A Gaussian of length 1, by threads that have met. */
static void profile(double *value, double *slope, const double *s, int count, double coefficient,
                    const double *parameters) {
  (void)parameters;
  meet();
  for (int j = 0; j < count; j++) {
    const double k = coefficient * exp(-s[j] / 2);
    value[j] += k;
    if (slope) slope[j] -= k;
  }
}

/* All threads that were asked for have their part in a sum, and its bits are those of one. */
static void test_direct(void **state) {
  (void)state;
  enum { N = 3000, M = 700, D = 2 };
  const ift_pair_term term = {.form = IFT_RADIAL, .coefficient = 1, .profile = profile};
  cloud c = cloud_of(N, M, D, 13), other = cloud_of(N, 1, D, 14);
  assert_status(IFT_OK, ift_context_set_option(context, "engine", "direct"));
  expect_threads(1);
  assert_status(IFT_OK, ift_pairs_sum(context, &term, 1, c.value, c.gradient, c.x, N, D, c.y, M, c.w));
  static const int threads[] = {2, 3, 7};
  for (int t = 0; t < 3; t++) {
    assert_status(IFT_OK, ift_context_set_threads(context, threads[t]));
    expect_threads(threads[t]);
    assert_status(IFT_OK, ift_pairs_sum(context, &term, 1, other.value, other.gradient, c.x, N, D, c.y, M, c.w));
    assert_true(meeting.arrived == threads[t] && !meeting.late);
    assert_memory_equal(other.value, c.value, N * sizeof(double));
    assert_memory_equal(other.gradient, c.gradient, N * D * sizeof(double));
  }
  assert_status(IFT_OK, ift_context_set_threads(context, 1));
  assert_status(IFT_OK, ift_context_set_option(context, "engine", "auto"));
  cloud_free(&c);
  cloud_free(&other);
}

/* By products of matrices they do not depend on other targets or on what else is asked for, either. */
static void test_gemm(void **state) {
  (void)state;
  enum { N = 800, M = 200, D = 27 };
  static const char *const specs[] = {"gaussian:0.7", "laplace:1.3", "imq:1.2+gaussian:0.7", "polynomial:0.5,3"};
  cloud c = cloud_of(N, M, D, 11), other = cloud_of(N, 1, D, 12);
  cloud_map(&c, 0.2, 1);
  assert_status(IFT_OK, ift_context_set_option(context, "engine", "gemm"));
  for (int k = 0; k < 4; k++) {
    ift_kernel *kernel = make_kernel(context, specs[k]);
    assert_status(IFT_OK, ift_kernel_pairs(kernel, c.value, c.gradient, c.x, N, D, c.y, M, c.w));
    static const int threads[] = {2, 3, 7};
    for (int t = 0; t < 3; t++) {
      assert_status(IFT_OK, ift_context_set_threads(context, threads[t]));
      assert_status(IFT_OK, ift_kernel_pairs(kernel, other.value, other.gradient, c.x, N, D, c.y, M, c.w));
      assert_memory_equal(other.value, c.value, N * sizeof(double));
      assert_memory_equal(other.gradient, c.gradient, N * D * sizeof(double));
    }
    assert_status(IFT_OK, ift_context_set_threads(context, 1));
    for (int64_t i = 0; i < N; i += 157) {
      assert_status(IFT_OK, ift_kernel_pairs(kernel, other.value, other.gradient, c.x + i * D, 2, D, c.y, M, c.w));
      assert_memory_equal(other.value, c.value + i, 2 * sizeof(double));
      assert_memory_equal(other.gradient, c.gradient + i * D, 2 * D * sizeof(double));
    }
    assert_status(IFT_OK, ift_kernel_pairs(kernel, other.value, NULL, c.x, N, D, c.y, M, c.w));
    assert_memory_equal(other.value, c.value, N * sizeof(double));
    assert_status(IFT_OK, ift_kernel_pairs(kernel, NULL, other.gradient, c.x, N, D, c.y, M, c.w));
    assert_memory_equal(other.gradient, c.gradient, N * D * sizeof(double));
    ift_kernel_destroy(kernel);
  }
  assert_status(IFT_OK, ift_context_set_option(context, "engine", "auto"));
  cloud_free(&c);
  cloud_free(&other);
}

static void test_low_rank(void **state) {
  (void)state;
  cloud c = cloud_of(400, 1500, 2, 11), other = cloud_of(400, 1, 2, 12);
  ift_kernel *kernel = make_kernel(context, "gaussian:5+0.5*imq:30");
  run_engine("low-rank", kernel, &c);
  static const int threads[] = {2, 3, 7};
  for (int t = 0; t < 3; t++) {
    assert_status(IFT_OK, ift_context_set_threads(context, threads[t]));
    memcpy(other.x, c.x, (size_t)(c.n * c.d) * sizeof(double));
    cloud again = {c.n, c.m, c.d, other.x, c.y, c.w, other.value, other.gradient};
    run_engine("low-rank", kernel, &again);
    assert_memory_equal(other.value, c.value, (size_t)c.n * sizeof(double));
    assert_memory_equal(other.gradient, c.gradient, (size_t)(c.n * c.d) * sizeof(double));
  }
  assert_status(IFT_OK, ift_context_set_threads(context, 1));
  ift_pair_problem problem = problem_of(kernel, &c);
  bool done = false;
  problem.value = NULL, problem.gradient = other.gradient;
  memset(other.gradient, 0, (size_t)(c.n * c.d) * sizeof(double));
  assert_status(IFT_OK, engine_named("low-rank")->run(context, &problem, &done));
  assert_memory_equal(other.gradient, c.gradient, (size_t)(c.n * c.d) * sizeof(double));
  ift_kernel_destroy(kernel);
  cloud_free(&c);
  cloud_free(&other);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_direct),
      cmocka_unit_test(test_gemm),
      cmocka_unit_test(test_low_rank),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
