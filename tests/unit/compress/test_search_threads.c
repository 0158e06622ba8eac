/* Compression on threads, by whichever way steps are found: the matrix of the projected flow, conjugate gradients, L-BFGS,
 * exchanges of rows. */
#include "support/fixture.h"
#include "support/random.h"

/* The number of threads changes no bit, by whichever way steps are found. */
static void test_threads(void **state) {
  (void)state;
  enum { POINTS = 160, DIM = 9, MANY = 101 };
  static double z[POINTS * DIM];
  dice dice_ = {8};
  dice_normals(&dice_, z, POINTS * DIM);
  static const char *const specs[] = {"gaussian:3", "matern52:3", "laplace:3"}, *const options[] = {
                                                                                    "effort=low", "effort=low",
                                                                                    "effort=low points=data"};
  for (int k = 0; k < 3; k++) {
    ift_measure *found[2];
    for (int threads = 1; threads <= 3; threads += 2) {
      assert_status(IFT_OK, ift_context_set_threads(context, threads));
      ift_target *target = make_samples(context, z, POINTS, DIM, NULL);
      ift_kernel *other = make_kernel(context, specs[k]);
      assert_status(IFT_OK,
                    ift_compress(context, &found[threads / 2], NULL, other, target, k == 1 ? 20 : MANY, options[k]));
      ift_kernel_destroy(other);
      ift_target_destroy(target);
    }
    assert_status(IFT_OK, ift_context_set_threads(context, 1));
    const int64_t n = ift_measure_size(found[0]);
    assert_int_equal(ift_measure_size(found[1]), n);
    assert_memory_equal(ift_measure_positions(found[0]), ift_measure_positions(found[1]), (size_t)(n * DIM) * 8);
    assert_memory_equal(ift_measure_weights(found[0]), ift_measure_weights(found[1]), (size_t)n * 8);
    for (int i = 0; i < 2; i++) ift_measure_destroy(found[i]);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_threads)};
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
