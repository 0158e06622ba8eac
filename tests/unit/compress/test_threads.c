/* Compression with equal seeds: equal bits, whatever the number of threads. */
#include "support/fixture.h"
#include "support/random.h"

static void test_seeds_and_threads(void **state) {
  (void)state;
  double y[160], mmd2[4];
  ift_measure *results[4];
  dice dice_ = {6};
  dice_normals(&dice_, y, 160);
  ift_kernel *kernel = make_kernel(context, "gaussian:1");
  ift_target *target = make_samples(context, y, 80, 2, NULL);
  static const char *const options[4] = {"seed=3", "seed=3", NULL, "seed=3"};
  for (int k = 0; k < 4; k++) {
    assert_status(IFT_OK, ift_context_set_seed(context, k == 2 ? 3 : 0)); /* the default of the option */
    assert_status(IFT_OK, ift_context_set_threads(context, k == 3 ? 3 : 1));
    assert_status(IFT_OK, ift_compress(context, &results[k], &mmd2[k], kernel, target, 9, options[k]));
  }
  assert_status(IFT_OK, ift_context_set_seed(context, 0));
  assert_status(IFT_OK, ift_context_set_threads(context, 1));
  for (int k = 1; k < 4; k++) {
    const int64_t n = ift_measure_size(results[0]);
    assert_true(mmd2[k] == mmd2[0]);
    assert_int_equal(ift_measure_size(results[k]), n);
    assert_memory_equal(ift_measure_positions(results[k]), ift_measure_positions(results[0]), (size_t)n * 16);
    assert_memory_equal(ift_measure_weights(results[k]), ift_measure_weights(results[0]), (size_t)n * 8);
  }
  for (int k = 0; k < 4; k++) ift_measure_destroy(results[k]);
  ift_target_destroy(target);
  ift_kernel_destroy(kernel);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_seeds_and_threads)};
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
