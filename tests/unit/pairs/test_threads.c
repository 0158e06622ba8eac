/* The bits of sums by engines that share work out do not depend on the number of threads. (Small: also run where races
 * are looked for, which is slow.) */
#include "engines.h"

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
      cmocka_unit_test(test_gemm),
      cmocka_unit_test(test_low_rank),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
