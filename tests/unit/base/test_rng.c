/* Random numbers: the published answers of Philox4x32-10, then the distributions. Bounds of statistics are 5 standard
 * deviations; the seeds are fixed, so that a test that passes always passes. */
#include "support/near.h"

#include <string.h>

#include <gsl/gsl_cdf.h>

#include "base/rng.h"

/* kat_vectors of Random123 (Salmon, Moraes, Dror and Shaw 2011), philox4x32 10: four words of counter, two of key, four
 * of result. */
static const uint32_t answers[][10] = {
    {0, 0, 0, 0, 0, 0, 0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8},
    {0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0x408f276d, 0x41c83b0e, 0xa20bc7c6,
     0x6d5451fd},
    {0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344, 0xa4093822, 0x299f31d0, 0xd16cfe09, 0x94fdcceb, 0x5001e420,
     0x24126ea1},
};

enum { ANSWERS = sizeof answers / sizeof answers[0] };

static uint64_t join(const uint32_t *words) {
  return (uint64_t)words[1] << 32 | words[0];
}

/* The stream in front of the block of a known answer. */
static ift_rng at_answer(const uint32_t *answer) {
  ift_rng rng;
  ift_rng_init(&rng, join(answer + 4), join(answer + 2));
  rng.counter = join(answer);
  return rng;
}

static void test_known_answers(void **state) {
  (void)state;
  for (int i = 0; i < ANSWERS; i++) {
    ift_rng rng = at_answer(answers[i]);
    (void)ift_rng_uniform(&rng);
    assert_memory_equal(rng.block, answers[i] + 6, sizeof rng.block);
    assert_int_equal(rng.used, 2);
  }
}

static void test_words_make_numbers(void **state) {
  (void)state;
  for (int i = 0; i < ANSWERS; i++) {
    const uint32_t *word = answers[i] + 6;
    ift_rng rng = at_answer(answers[i]);
    for (int half = 0; half < 2; half++, word += 2) {
      const double expected = ((double)(word[0] >> 5) * 67108864 + (double)(word[1] >> 6)) / 9007199254740992.0;
      assert_near(ift_rng_uniform(&rng), expected, 0, 0);
    }
    word = answers[i] + 6;
    rng = at_answer(answers[i]);
    const int64_t bound = INT64_C(1) << 62; /* divides 2^64: nothing is drawn again */
    for (int half = 0; half < 2; half++, word += 2)
      assert_int_equal(ift_rng_below(&rng, bound), ((uint64_t)word[0] << 32 | word[1]) & (uint64_t)(bound - 1));
  }
}

/* A stream whose next two words are given. */
static ift_rng before_words(uint32_t first, uint32_t second) {
  ift_rng rng;
  ift_rng_init(&rng, 9, 0);
  rng.used = 2;
  rng.block[2] = first;
  rng.block[3] = second;
  return rng;
}

static void test_zero_is_no_uniform_number(void **state) {
  (void)state;
  ift_rng rng = before_words(31, 63); /* the 11 bits that do not count */
  assert_true(ift_rng_uniform(&rng) > 0);
  assert_int_equal(rng.counter, 1); /* drawn again */
  rng = before_words(0, 64);
  assert_near(ift_rng_uniform(&rng), 0x1p-53, 0, 0);
  rng = before_words(UINT32_MAX, UINT32_MAX);
  assert_near(ift_rng_uniform(&rng), 1 - 0x1p-53, 0, 0);
}

/* 2^64 mod 3 * 2^61 is 2^62: that many values are too many. */
static void test_below_draws_the_excess_again(void **state) {
  (void)state;
  const int64_t bound = INT64_C(3) << 61;
  ift_rng rng = before_words(0x3fffffff, 0xffffffff);
  (void)ift_rng_below(&rng, bound);
  assert_int_equal(rng.counter, 1);
  rng = before_words(0x40000000, 0);
  assert_int_equal(ift_rng_below(&rng, bound), INT64_C(1) << 62);
  assert_int_equal(rng.counter, 0);
  rng = before_words(0, 5); /* where the bound divides 2^64 nothing is in excess */
  assert_int_equal(ift_rng_below(&rng, INT64_C(1) << 62), 5);
  assert_int_equal(rng.counter, 0);
}

static void test_blocks_follow_each_other(void **state) {
  (void)state;
  ift_rng running, fresh;
  ift_rng_init(&running, 7, 3);
  for (uint64_t counter = 0; counter < 100; counter++) {
    ift_rng_init(&fresh, 7, 3);
    fresh.counter = counter;
    for (int half = 0; half < 2; half++) assert_near(ift_rng_uniform(&running), ift_rng_uniform(&fresh), 0, 0);
    assert_int_equal(running.counter, counter);
  }
}

static void test_a_copy_goes_on_alike(void **state) {
  (void)state;
  ift_rng rng;
  ift_rng_init(&rng, 11, 0);
  for (int i = 0; i < 1000; i++) {
    ift_rng copy = rng;
    assert_near(ift_rng_normal(&rng), ift_rng_normal(&copy), 0, 0);
    assert_near(ift_rng_uniform(&rng), ift_rng_uniform(&copy), 0, 0);
    assert_int_equal(ift_rng_below(&rng, 1000), ift_rng_below(&copy, 1000));
    assert_int_equal(rng.counter, copy.counter);
    assert_int_equal(rng.used, copy.used);
  }
}

/* Chi-squared statistic of counts that should be equal, in standard deviations (Wilson and Hilferty 1931). */
static double surplus(const int64_t *counts, int bins, double expected) {
  double chi2 = 0;
  for (int i = 0; i < bins; i++) chi2 += ((double)counts[i] - expected) * ((double)counts[i] - expected) / expected;
  const double spread = 2.0 / (9.0 * (bins - 1));
  return (cbrt(chi2 / (bins - 1)) - (1 - spread)) / sqrt(spread);
}

enum { DRAWS = 1000000, BINS = 256 };

static void test_uniform(void **state) {
  (void)state;
  ift_rng rng;
  ift_rng_init(&rng, 1, 0);
  int64_t counts[BINS] = {0};
  double sum = 0, squares = 0;
  uint64_t ones = 0, zeros = 0;
  for (int i = 0; i < DRAWS; i++) {
    const double u = ift_rng_uniform(&rng);
    assert_true(u > 0 && u < 1);
    const uint64_t bits = (uint64_t)(u * 9007199254740992.0);
    assert_near((double)bits, u * 9007199254740992.0, 0, 0); /* a multiple of 2^-53 */
    ones |= bits;
    zeros |= ~bits;
    counts[(int)(u * BINS)]++;
    sum += u;
    squares += u * u;
  }
  assert_near(sum / DRAWS, 1.0 / 2, 0, 5 * sqrt(1.0 / 12 / DRAWS));
  assert_near(squares / DRAWS, 1.0 / 3, 0, 5 * sqrt(4.0 / 45 / DRAWS));
  assert_near(surplus(counts, BINS, (double)DRAWS / BINS), 0, 0, 5);
  const uint64_t all = (UINT64_C(1) << 53) - 1;
  assert_int_equal(ones, all);
  assert_int_equal(zeros & all, all);
}

static void test_normal(void **state) {
  (void)state;
  ift_rng rng;
  ift_rng_init(&rng, 2, 0);
  int64_t counts[BINS] = {0}, tail = 0;
  double moment[5] = {0};
  for (int i = 0; i < DRAWS; i++) {
    const double z = ift_rng_normal(&rng);
    assert_true(isfinite(z));
    double power = 1;
    for (int k = 1; k < 5; k++) moment[k] += (power *= z) / DRAWS;
    counts[(int)fmin(gsl_cdf_ugaussian_P(z) * BINS, BINS - 1)]++;
    tail += fabs(z) > 3.5; /* beyond the layers of the ziggurat */
  }
  /* E z^(2k) = 1, 3, 15, 105 */
  assert_near(moment[1], 0, 0, 5 * sqrt(1.0 / DRAWS));
  assert_near(moment[2], 1, 0, 5 * sqrt(2.0 / DRAWS));
  assert_near(moment[3], 0, 0, 5 * sqrt(15.0 / DRAWS));
  assert_near(moment[4], 3, 0, 5 * sqrt(96.0 / DRAWS));
  assert_near(surplus(counts, BINS, (double)DRAWS / BINS), 0, 0, 5);
  /* one word for nearly every number, which the ziggurat takes only if it knows that all 32 bits are random */
  assert_true(4 * rng.counter < DRAWS + DRAWS / 10);
  const double expected = 2 * gsl_cdf_ugaussian_Q(3.5) * DRAWS;
  assert_near((double)tail, expected, 0, 5 * sqrt(expected));
}

/* Correlation of n uniform numbers of two streams, in standard deviations. */
static double correlation(ift_rng a, ift_rng b, int n) {
  double sum = 0;
  for (int i = 0; i < n; i++) sum += (ift_rng_uniform(&a) - 0.5) * (ift_rng_uniform(&b) - 0.5);
  return sum * 12 / sqrt(n);
}

static void test_streams_are_independent(void **state) {
  (void)state;
  static const uint64_t names[][2] = {
      {0, 0},          {0, 1},         {0, 2}, {1, 0}, {1, 1}, {0, UINT64_C(1) << 32}, {UINT64_C(1) << 32, 0},
      {UINT64_MAX, 0}, {0, UINT64_MAX}};
  enum { NAMES = sizeof names / sizeof names[0] };
  ift_rng streams[NAMES];
  for (int i = 0; i < NAMES; i++) ift_rng_init(&streams[i], names[i][0], names[i][1]);
  for (int i = 0; i < NAMES; i++) {
    ift_rng later = streams[i];
    (void)ift_rng_uniform(&later);
    assert_near(correlation(streams[i], later, 100000), 0, 0, 5); /* a stream and itself, one number later */
    for (int j = 0; j < i; j++) assert_near(correlation(streams[i], streams[j], 100000), 0, 0, 5);
  }
}

/* The first numbers of many streams are as good as the numbers of one. */
static void test_first_numbers_of_streams(void **state) {
  (void)state;
  int64_t by_stream[BINS] = {0}, by_seed[BINS] = {0};
  enum { STREAMS = 100000 };
  for (uint64_t i = 0; i < STREAMS; i++) {
    ift_rng rng;
    ift_rng_init(&rng, 5, i);
    by_stream[(int)(ift_rng_uniform(&rng) * BINS)]++;
    ift_rng_init(&rng, i, 5);
    by_seed[(int)(ift_rng_uniform(&rng) * BINS)]++;
  }
  assert_near(surplus(by_stream, BINS, (double)STREAMS / BINS), 0, 0, 5);
  assert_near(surplus(by_seed, BINS, (double)STREAMS / BINS), 0, 0, 5);
}

static void test_below_small_bounds(void **state) {
  (void)state;
  ift_rng rng;
  ift_rng_init(&rng, 3, 0);
  for (int64_t bound = 2; bound <= BINS; bound += bound < 10 ? 1 : 41) {
    int64_t counts[BINS] = {0};
    for (int i = 0; i < 100000; i++) {
      const int64_t k = ift_rng_below(&rng, bound);
      assert_true(k >= 0 && k < bound);
      counts[k]++;
    }
    assert_near(surplus(counts, (int)bound, 1e5 / (double)bound), 0, 0, 5);
  }
  for (int i = 0; i < 100; i++) assert_int_equal(ift_rng_below(&rng, 1), 0);
}

/* Bounds for which a plain remainder prefers small numbers: for 3 * 2^61 three in four fall in the lower two thirds. */
static void test_below_is_unbiased_at_awkward_bounds(void **state) {
  (void)state;
  static const int64_t bounds[] = {INT64_C(3) << 61, INT64_C(5) << 60,       (INT64_C(1) << 62) + 1,
                                   INT64_MAX,        (INT64_C(1) << 32) + 1, INT64_C(3) << 31};
  enum { PARTS = 12 };
  for (size_t b = 0; b < sizeof bounds / sizeof bounds[0]; b++) {
    ift_rng rng;
    ift_rng_init(&rng, 4, b);
    int64_t counts[PARTS] = {0};
    for (int i = 0; i < 120000; i++) {
      const int64_t k = ift_rng_below(&rng, bounds[b]);
      assert_true(k >= 0 && k < bounds[b]);
      counts[(int)((double)k / (double)bounds[b] * PARTS) % PARTS]++;
    }
    assert_near(surplus(counts, PARTS, 10000), 0, 0, 5);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_known_answers),
      cmocka_unit_test(test_words_make_numbers),
      cmocka_unit_test(test_zero_is_no_uniform_number),
      cmocka_unit_test(test_below_draws_the_excess_again),
      cmocka_unit_test(test_blocks_follow_each_other),
      cmocka_unit_test(test_a_copy_goes_on_alike),
      cmocka_unit_test(test_uniform),
      cmocka_unit_test(test_normal),
      cmocka_unit_test(test_streams_are_independent),
      cmocka_unit_test(test_first_numbers_of_streams),
      cmocka_unit_test(test_below_small_bounds),
      cmocka_unit_test(test_below_is_unbiased_at_awkward_bounds),
  };
  return cmocka_run_group_tests_name("base/rng", tests, NULL, NULL);
}
