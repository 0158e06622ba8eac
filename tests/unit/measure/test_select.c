/* Resampling, pruning, merging. */
#define _POSIX_C_SOURCE 200809L
#include "files.h"

#include <float.h>

#include "base/rng.h"

static ift_measure *resampled(const ift_measure *measure, int64_t size) {
  ift_measure *out;
  assert_status(IFT_OK, ift_measure_resample(measure, &out, size));
  return out;
}

/* Particles 0, 1, 2, ... on a line, drawn `size` times: checks how often each is taken, their order and weights. */
static void check_resample(const double *weights, int64_t n, int64_t size) {
  double x[512];
  for (int64_t i = 0; i < n; i++) x[i] = (double)i;
  ift_measure *measure = make(x, n, 1, weights), *drawn = resampled(measure, size);
  const double mass = ift_measure_mass(measure);
  assert_int_equal(ift_measure_size(drawn), size);
  int64_t next = 0;
  for (int64_t i = 0; i < n; i++) {
    int64_t count = 0;
    while (next < size && ift_measure_positions(drawn)[next] == (double)i) next++, count++;
    const double share = (double)size * (ift_measure_weights(measure)[i] / mass);
    assert_true((double)count >= floor(share - 1e-12) && (double)count <= ceil(share + 1e-12));
    if (ift_measure_weights(measure)[i] == 0) assert_int_equal(count, 0);
  }
  assert_int_equal(next, size); /* in the old order, none from elsewhere */
  for (int64_t k = 0; k < size; k++) assert_true(ift_measure_weights(drawn)[k] == mass / (double)size);
  assert_near(ift_measure_mass(drawn), mass, 1e-14, 0);
  ift_measure_destroy(drawn);
  ift_measure_destroy(measure);
}

static void test_resample_counts(void **state) {
  (void)state;
  const double few[] = {0.1, 0, 0.7, 0.2}, huge[] = {1e307, 5e307, 0, 2e307}, tiny[] = {1e-320, 0, 3e-320};
  ift_rng rng;
  ift_rng_init(&rng, 1, 99);
  for (uint64_t seed = 0; seed < 200; seed++) {
    double w[512];
    const int64_t n = 1 + ift_rng_below(&rng, 512), size = 1 + ift_rng_below(&rng, 700);
    for (int64_t i = 0; i < n; i++) w[i] = i > 0 && i % 3 == 0 ? 0 : ift_rng_uniform(&rng);
    ift_context_set_seed(context, seed);
    check_resample(w, n, size);
    check_resample(NULL, n, n); /* each once */
    check_resample(NULL, n, 3 * n);
    check_resample(few, 4, 10);
    check_resample(few, 4, 1);
    check_resample(huge, 4, 7);
    check_resample(tiny, 3, 4);
  }
  ift_context_set_seed(context, 0);
}

static void test_resample_equal_weights_takes_each_once(void **state) {
  (void)state;
  double x[49];
  for (int i = 0; i < 49; i++) x[i] = i;
  ift_measure *measure = make(x, 49, 1, NULL), *drawn = resampled(measure, 49);
  assert_memory_equal(ift_measure_positions(drawn), x, sizeof x);
  ift_measure_destroy(drawn);
  ift_measure_destroy(measure);
}

static void test_resample_is_unbiased_and_depends_on_the_seed_alone(void **state) {
  (void)state;
  const double x[] = {0, 1}, w[] = {0.3, 0.7};
  ift_measure *measure = make(x, 2, 1, w);
  double ones = 0;
  for (uint64_t seed = 0; seed < 4000; seed++) {
    ift_context_set_seed(context, seed);
    ift_measure *drawn = resampled(measure, 1), *again = resampled(measure, 1);
    assert_true(ift_measure_positions(drawn)[0] == ift_measure_positions(again)[0]);
    ones += ift_measure_positions(drawn)[0];
    ift_measure_destroy(drawn);
    ift_measure_destroy(again);
  }
  assert_near(ones / 4000, 0.7, 0, 5 * sqrt(0.21 / 4000));
  ift_context_set_seed(context, 0);
  ift_measure_destroy(measure);
}

static void test_resample_errors(void **state) {
  (void)state;
  const double x = 1, least = 5e-324;
  ift_measure *measure = make(&x, 1, 1, NULL), *out = measure;
  assert_status(IFT_ERR_ARGUMENT, ift_measure_resample(measure, &out, 0));
  assert_null(out);
  assert_string_equal(ift_context_message(context), "size is 0; a measure needs at least 1 particle");
  assert_status(IFT_ERR_ARGUMENT, ift_measure_resample(measure, NULL, 1));
  assert_status(IFT_ERR_ARGUMENT, ift_measure_resample(NULL, &out, 1));
  assert_status(IFT_ERR_NO_MEMORY, ift_measure_resample(measure, &out, INT64_MAX));
  assert_status(IFT_OK, ift_measure_set(measure, NULL, &least));
  assert_status(IFT_ERR_ARGUMENT, ift_measure_resample(measure, &out, 3));
  ift_measure_destroy(measure);
}

static void test_prune(void **state) {
  (void)state;
  const double x[] = {0, 0, 1, 1, 2, 2, 3, 3, 4, 4}, w[] = {0, 0.5, 0.125, 0.25, 0.125}, left[] = {1, 1, 3, 3};
  ift_measure *measure = make(x, 5, 2, w), *out;
  assert_status(IFT_OK, ift_measure_prune(measure, &out, 0));
  assert_int_equal(ift_measure_size(out), 4);
  assert_memory_equal(ift_measure_weights(out), w + 1, 4 * sizeof(double)); /* nothing but dead ones went: same bits */
  assert_memory_equal(ift_measure_positions(out), x + 2, 8 * sizeof(double));
  ift_measure_destroy(out);
  assert_status(IFT_OK, ift_measure_prune(measure, &out, 0.125));
  assert_int_equal(ift_measure_size(out), 2);
  assert_int_equal(ift_measure_dim(out), 2);
  assert_memory_equal(ift_measure_positions(out), left, sizeof left);
  assert_near(ift_measure_weights(out)[0], 2.0 / 3, 1e-15, 0);
  assert_near(ift_measure_mass(out), 1, 1e-15, 0);
  ift_measure_destroy(out);
  assert_status(IFT_ERR_ARGUMENT, ift_measure_prune(measure, &out, 0.5));
  assert_null(out);
  assert_string_equal(ift_context_message(context), "threshold is 0.5, and no weight is above it; one has to be");
  assert_status(IFT_ERR_ARGUMENT, ift_measure_prune(measure, &out, -1));
  assert_status(IFT_ERR_ARGUMENT, ift_measure_prune(measure, &out, NAN));
  assert_status(IFT_ERR_ARGUMENT, ift_measure_prune(measure, &out, INFINITY));
  assert_status(IFT_ERR_ARGUMENT, ift_measure_prune(measure, NULL, 0));
  assert_status(IFT_ERR_ARGUMENT, ift_measure_prune(NULL, &out, 0));
  ift_measure_destroy(measure);
}

static ift_measure *merged(const ift_measure *measure, double distance) {
  ift_measure *out;
  assert_status(IFT_OK, ift_measure_merge(measure, &out, distance));
  return out;
}

static void test_merge_equal(void **state) {
  (void)state;
  const double x[] = {0.0, 0.1, 1, 1, -0.0, 0.1, 1, 1, 2, 1}, w[] = {0.5, 0.125, 0.25, 0, 0.125};
  const double left[] = {0.0, 0.1, 1, 1, 2, 1}, weights[] = {0.75, 0.125, 0.125};
  ift_measure *measure = make(x, 5, 2, w), *out = merged(measure, 0);
  assert_int_equal(ift_measure_size(out), 3);
  assert_memory_equal(ift_measure_positions(out), left, sizeof left);
  assert_memory_equal(ift_measure_weights(out), weights, sizeof weights);
  ift_measure_destroy(out);
  ift_measure_destroy(measure);
}

static void test_merge_near(void **state) {
  (void)state;
  /* 1.2 is within 1 of 0.9, but that one has joined 0: leaders count, not those that joined them */
  const double x[] = {0, 0.9, 1.2, 5, 4.5}, w[] = {1, 2, 4, 0, 8};
  ift_measure *measure = make(x, 5, 1, w), *out = merged(measure, 1);
  assert_int_equal(ift_measure_size(out), 3);
  assert_near(ift_measure_positions(out)[0], 0.6, 1e-15, 0);
  assert_true(ift_measure_positions(out)[1] == 1.2);
  assert_true(ift_measure_positions(out)[2] == 4.5); /* 5 has no weight */
  assert_true(ift_measure_weights(out)[0] == 3 && ift_measure_weights(out)[1] == 4 && ift_measure_weights(out)[2] == 8);
  ift_measure_destroy(out);
  ift_measure_destroy(measure);
  /* the distance itself is included */
  const double triangle[] = {0, 0, 3, 4, 0, 5.000001};
  measure = make(triangle, 3, 2, NULL);
  out = merged(measure, 5);
  assert_int_equal(ift_measure_size(out), 2);
  assert_true(ift_measure_positions(out)[0] == 1.5 && ift_measure_positions(out)[1] == 2);
  ift_measure_destroy(out);
  ift_measure_destroy(measure);
}

static void test_merge_extreme_scales(void **state) {
  (void)state;
  const double opposite[] = {1.5e308, -1.5e308}, small[] = {0, 1e-200, 3e-200}, least[] = {0, 5e-324, 1e-323};
  ift_measure *measure = make(opposite, 2, 1, NULL), *out = merged(measure, DBL_MAX);
  assert_int_equal(ift_measure_size(out), 2); /* 3e308 apart */
  ift_measure_destroy(out);
  ift_measure_destroy(measure);
  measure = make(small, 3, 1, NULL);
  out = merged(measure, 1e-200);
  assert_int_equal(ift_measure_size(out), 2);
  ift_measure_destroy(out);
  ift_measure_destroy(measure);
  measure = make(least, 3, 1, NULL);
  out = merged(measure, 5e-324);
  assert_int_equal(ift_measure_size(out), 2);
  ift_measure_destroy(out);
  out = merged(measure, 0);
  assert_int_equal(ift_measure_size(out), 3);
  ift_measure_destroy(out);
  ift_measure_destroy(measure);
}

/* Distance 0 has a way of its own; a distance that separates the points gives the same. */
static void test_merge_both_ways_agree(void **state) {
  (void)state;
  enum { N = 3000, D = 3 };
  static double x[N * D], w[N];
  ift_rng rng;
  ift_rng_init(&rng, 3, 99);
  for (int i = 0; i < N * D; i++) x[i] = (double)ift_rng_below(&rng, 9) - 4;
  for (int i = 0; i < N; i++) w[i] = (double)ift_rng_below(&rng, 8);
  w[0] = 1;
  ift_measure *measure = make(x, N, D, w), *a = merged(measure, 0), *b = merged(measure, 0.5);
  const int64_t n = ift_measure_size(a);
  assert_true(n > 600 && n <= 729);
  assert_int_equal(ift_measure_size(b), n);
  assert_memory_equal(ift_measure_positions(a), ift_measure_positions(b), (size_t)(n * D) * sizeof(double));
  assert_memory_equal(ift_measure_weights(a), ift_measure_weights(b), (size_t)n * sizeof(double));
  assert_true(ift_measure_mass(a) == ift_measure_mass(measure));
  ift_measure_destroy(a);
  ift_measure_destroy(b);
  ift_measure_destroy(measure);
}

static void test_merge_errors(void **state) {
  (void)state;
  const double x = 1;
  ift_measure *measure = make(&x, 1, 1, NULL), *out = measure;
  assert_status(IFT_ERR_ARGUMENT, ift_measure_merge(measure, &out, -1));
  assert_null(out);
  assert_string_equal(ift_context_message(context), "distance is -1; allowed is a finite number >= 0");
  assert_status(IFT_ERR_ARGUMENT, ift_measure_merge(measure, &out, NAN));
  assert_status(IFT_ERR_ARGUMENT, ift_measure_merge(measure, &out, INFINITY));
  assert_status(IFT_ERR_ARGUMENT, ift_measure_merge(measure, NULL, 1));
  assert_status(IFT_ERR_ARGUMENT, ift_measure_merge(NULL, &out, 1));
  ift_measure_destroy(measure);
}

static ift_measure *original;

static ift_status resample(ift_measure **out) {
  return ift_measure_resample(original, out, 3);
}

static ift_status prune(ift_measure **out) {
  return ift_measure_prune(original, out, 0);
}

static ift_status merge_equal(ift_measure **out) {
  return ift_measure_merge(original, out, 0);
}

static ift_status merge_near(ift_measure **out) {
  return ift_measure_merge(original, out, 1);
}

static void test_no_memory(void **state) {
  (void)state;
  const double x[] = {0, 1, 1, 0};
  original = make(x, 4, 1, NULL);
  assert_true(fail_allocations(resample) >= 2);
  assert_true(fail_allocations(prune) >= 1);
  assert_true(fail_allocations(merge_equal) >= 2);
  assert_true(fail_allocations(merge_near) >= 2);
  ift_measure_destroy(original);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_resample_counts),
      cmocka_unit_test(test_resample_equal_weights_takes_each_once),
      cmocka_unit_test(test_resample_is_unbiased_and_depends_on_the_seed_alone),
      cmocka_unit_test(test_resample_errors),
      cmocka_unit_test(test_prune),
      cmocka_unit_test(test_merge_equal),
      cmocka_unit_test(test_merge_near),
      cmocka_unit_test(test_merge_extreme_scales),
      cmocka_unit_test(test_merge_both_ways_agree),
      cmocka_unit_test(test_merge_errors),
      cmocka_unit_test(test_no_memory),
  };
  return cmocka_run_group_tests_name("measure/select", tests, set_up, tear_down);
}
