/* Batches of a target: equal weights, and what they keep of the whole. */
#include "support/fixture.h"
#include "support/memory.h"
#include "support/random.h"

#include "target/target.h"

/* Mass, mean and spread are the whole's; weights equal; the cumulative ones end at the mass. */
static void check_batch(const ift_target *whole, int64_t count) {
  ift_target *batch;
  assert_status(IFT_OK, ift_target_batch(whole, &batch, count));
  assert_string_equal(batch->kind->name, "samples");
  assert_true(batch->n == count && batch->d == whole->d);
  assert_true(batch->mass == whole->mass && batch->spread == whole->spread);
  assert_memory_equal(batch->mean, whole->mean, (size_t)whole->d * sizeof(double));
  for (int64_t j = 0; j < count; j++) {
    assert_near(batch->weights[j], whole->mass / (double)count, 1e-15, 0);
    assert_near(batch->cumulative[j], whole->mass * (double)(j + 1) / (double)count, 1e-13, 0);
    for (int64_t l = 0; l < whole->d; l++) assert_true(isfinite(batch->points[j * whole->d + l]));
  }
  ift_target_destroy(batch);
}

static void test_batches(void **state) {
  (void)state;
  static const int64_t counts[] = {1, 2, 7, 1000};
  dice d = {1};
  double y[20 * 3], w[20];
  dice_normals(&d, y, 60);
  for (int k = 0; k < 4; k++) {
    dice_weights(&d, w, 20, k == 0 ? 1 : 0.3 * k);
    ift_target *samples = make_samples(context, y, 20, 3, w), *mixture;
    check_batch(samples, counts[k]);
    const double shares[2] = {0.25, 0.75}, means[4] = {0, 1, -2, 0.5}, covariances[8] = {1, 0, 0, 1, 2, 0.5, 0.5, 1};
    assert_status(IFT_OK, ift_target_gaussian_mixture(context, &mixture, 2, 2, shares, means, covariances));
    check_batch(mixture, counts[k]);
    ift_target_destroy(samples);
    ift_target_destroy(mixture);
  }
}

/* It is a target of its own: the whole may go. */
static void test_memory(void **state) {
  (void)state;
  memory m = {0};
  ift_context *own = memory_context(&m);
  const double y[6] = {0, 1, 2, 3, 4, 6};
  ift_target *whole = make_samples(own, y, 3, 2, NULL), *batch = NULL;
  const int64_t live = m.live;
  memory_fail(&m, 0, false);
  assert_status(IFT_OK, ift_target_batch(whole, &batch, 4));
  const int64_t calls = m.calls;
  assert_true(calls >= 4);
  ift_target_destroy(batch);
  for (int64_t at = 1; at <= calls; at++)
    for (int for_good = 0; for_good < 2; for_good++) {
      batch = NULL;
      memory_fail(&m, at, for_good);
      assert_status(IFT_ERR_NO_MEMORY, ift_target_batch(whole, &batch, 4));
      assert_null(batch);
      assert_int_equal(m.live, live);
    }
  memory_fail(&m, 0, false);
  assert_status(IFT_OK, ift_target_batch(whole, &batch, 4));
  ift_target_destroy(whole);
  ift_target_destroy(batch);
  ift_context_destroy(own);
  assert_int_equal(m.live, 0);
}

/* More points than memory can hold. */
static void test_too_large(void **state) {
  (void)state;
  const double y[4] = {0, 1, 2, 3};
  ift_target *whole = make_samples(context, y, 2, 2, NULL), *batch = NULL;
  assert_status(IFT_ERR_NO_MEMORY, ift_target_batch(whole, &batch, INT64_MAX / 4));
  assert_null(batch);
  ift_target_destroy(whole);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_batches),
      cmocka_unit_test(test_memory),
      cmocka_unit_test(test_too_large),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
