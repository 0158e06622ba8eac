/* The engines behind every sum over pairs: blocks, tails, forms, threads, callbacks. */
#include "support/make.h"
#include "support/random.h"

#include <stdlib.h>

#include "pairs/pairs.h"

enum { LARGEST = 700, DIMENSIONS = 35 };

/* Profiles that are no kernel of the library: coefficient (p + s)^2 of the squared distance, coefficient (s^3 - q)
 * of x'y. */
static void radial_profile(double *value, double *slope, const double *s, int count, double coefficient,
                           const double *parameters) {
  for (int j = 0; j < count; j++) {
    value[j] += coefficient * (parameters[0] + s[j]) * (parameters[0] + s[j]);
    if (slope) slope[j] += 4 * coefficient * (parameters[0] + s[j]);
  }
}

static void dot_profile(double *value, double *slope, const double *s, int count, double coefficient,
                        const double *parameters) {
  for (int j = 0; j < count; j++) {
    value[j] += coefficient * (s[j] * s[j] * s[j] - parameters[1]);
    if (slope) slope[j] += 3 * coefficient * s[j] * s[j];
  }
}

/* x_0 y_(d-1), and what was asked for. */
typedef struct tally {
  int64_t calls, pairs, largest;
  int answer;
  int64_t answer_at;
} tally;

static int block_profile(double *values, double *gradients, const double *x, int64_t n, const double *y, int64_t m,
                         int64_t d, void *user) {
  tally *t = user;
  t->calls++;
  t->pairs += n * m;
  const int64_t cells = n * m * (gradients ? d + 1 : 1);
  if (cells > t->largest) t->largest = cells;
  for (int64_t i = 0; i < n; i++)
    for (int64_t j = 0; j < m; j++) {
      values[i * m + j] = x[i * d] * y[j * d + d - 1];
      for (int64_t l = 0; gradients && l < d; l++) gradients[(i * m + j) * d + l] = l == 0 ? y[j * d + d - 1] : 0;
    }
  return t->calls == t->answer_at ? t->answer : 0;
}

static double scratch[IFT_PAIR_SCRATCH];

static ift_pair_term radial_term(void) {
  return (ift_pair_term){.form = IFT_RADIAL, .coefficient = 0.5, .parameters = {1.5, 0}, .profile = radial_profile};
}

static ift_pair_term dot_term(void) {
  return (ift_pair_term){.form = IFT_DOT, .coefficient = 2, .parameters = {0, 0.25}, .profile = dot_profile};
}

static ift_pair_term block_term(tally *t) {
  return (ift_pair_term){
      .form = IFT_BLOCK, .coefficient = -3, .evaluate = block_profile, .user = t, .scratch = scratch};
}

/* The three terms for one pair; `slope` gets the gradient in x. */
static long double pair_of(unsigned which, const double *x, const double *y, int64_t d, long double *slope) {
  long double s = 0, dot = 0, value = 0;
  for (int64_t l = 0; l < d; l++) {
    s += ((long double)x[l] - y[l]) * ((long double)x[l] - y[l]);
    dot += (long double)x[l] * y[l];
    slope[l] = 0;
  }
  if (which & 1) value += 0.5L * (1.5L + s) * (1.5L + s);
  if (which & 2) value += 2 * (dot * dot * dot - 0.25L);
  if (which & 4) value -= 3 * (long double)x[0] * y[d - 1];
  for (int64_t l = 0; l < d; l++) {
    if (which & 1) slope[l] += 2 * (1.5L + s) * ((long double)x[l] - y[l]);
    if (which & 2) slope[l] += 6 * dot * dot * y[l];
  }
  if (which & 4) slope[0] -= 3 * (long double)y[d - 1];
  return value;
}

static int choose(unsigned which, ift_pair_term *terms, tally *t) {
  int count = 0;
  if (which & 1) terms[count++] = radial_term();
  if (which & 2) terms[count++] = dot_term();
  if (which & 4) terms[count++] = block_term(t);
  return count;
}

static ift_context *context;
static double x[LARGEST * DIMENSIONS], y[LARGEST * DIMENSIONS], w[LARGEST], value[LARGEST],
    gradient[LARGEST * DIMENSIONS];
static double matrix[60 * LARGEST];

static int set_up(void **state) {
  (void)state;
  dice d = {1};
  context = make_context();
  dice_normals(&d, x, LARGEST * DIMENSIONS);
  dice_normals(&d, y, LARGEST * DIMENSIONS);
  dice_normals(&d, w, LARGEST);
  return 0;
}

static int tear_down(void **state) {
  (void)state;
  ift_context_destroy(context);
  return 0;
}

static void check_sum(unsigned which, int64_t n, int64_t m, int64_t d, bool weighted) {
  tally t = {0};
  ift_pair_term terms[3];
  const int count = choose(which, terms, &t);
  const double *weights = weighted ? w : NULL;
  for (int64_t i = 0; i < n; i++) value[i] = NAN;
  for (int64_t i = 0; i < n * d; i++) gradient[i] = NAN;
  assert_status(IFT_OK, ift_pairs_sum(context, terms, count, value, gradient, x, n, d, y, m, weights));
  if (which & 4) assert_int_equal(t.pairs, n * m);
  for (int64_t i = 0; i < n; i++) {
    long double sum = 0, size = 0, slope[DIMENSIONS], sums[DIMENSIONS] = {0}, sizes = 0;
    for (int64_t j = 0; j < m; j++) {
      const long double k = pair_of(which, x + i * d, y + j * d, d, slope), weight = weighted ? w[j] : 1;
      sum += weight * k;
      size += fabsl(weight * k);
      for (int64_t l = 0; l < d; l++) sums[l] += weight * slope[l], sizes += fabsl(weight * slope[l]);
    }
    assert_near(value[i], (double)sum, 0, 1e-13 * (double)size);
    for (int64_t l = 0; l < d; l++) assert_near(gradient[i * d + l], (double)sums[l], 0, 1e-13 * (double)sizes);
  }
}

static void test_sums_of_all_sizes(void **state) {
  (void)state;
  static const int64_t targets[] = {0, 1, 2, 15, 16, 17, 33}, sources[] = {0, 1, 3, 255, 256, 257, 513, 600};
  static const int64_t dimensions[] = {1, 2, 3, 4, 7, 17};
  for (unsigned which = 1; which < 8; which++)
    for (int a = 0; a < 7; a++)
      for (int b = 0; b < 8; b++) check_sum(which, targets[a], sources[b], dimensions[(a + b) % 6], (a + b) % 3 != 0);
}

static void test_all_dimensions(void **state) {
  (void)state;
  for (int64_t d = 1; d <= DIMENSIONS; d++)
    for (unsigned which = 1; which < 8; which++) check_sum(which, 5, 300, d, true);
}

/* Without sources every sum is 0, whatever was in the outputs. */
static void test_no_sources(void **state) {
  (void)state;
  tally t = {0};
  ift_pair_term terms[3];
  choose(7, terms, &t);
  double out[4] = {1, NAN, 3, INFINITY}, slopes[8] = {NAN, 1, 2, 3, 4, 5, 6, 7};
  assert_status(IFT_OK, ift_pairs_sum(context, terms, 3, out, slopes, x, 4, 2, NULL, 0, NULL));
  for (int i = 0; i < 4; i++) assert_true(out[i] == 0);
  for (int i = 0; i < 8; i++) assert_true(slopes[i] == 0);
}

/* Either output alone has the bits that it has with the other. */
static void test_one_output_alone(void **state) {
  (void)state;
  double alone[40], slopes[120];
  tally t = {0};
  ift_pair_term terms[3];
  for (unsigned which = 1; which < 4; which++) { /* a callback without gradients may be asked in other tiles */
    const int count = choose(which, terms, &t);
    assert_status(IFT_OK, ift_pairs_sum(context, terms, count, value, gradient, x, 40, 3, y, 300, w));
    assert_status(IFT_OK, ift_pairs_sum(context, terms, count, alone, NULL, x, 40, 3, y, 300, w));
    assert_memory_equal(alone, value, sizeof alone);
    assert_status(IFT_OK, ift_pairs_sum(context, terms, count, NULL, slopes, x, 40, 3, y, 300, w));
    assert_memory_equal(slopes, gradient, sizeof slopes);
    assert_status(IFT_OK, ift_pairs_sum(context, terms, count, NULL, NULL, x, 40, 3, y, 300, w));
  }
}

/* A target's sum does not depend on its neighbors: what MPI ranks and blocks rely on. */
static void test_targets_are_independent(void **state) {
  (void)state;
  tally t = {0};
  ift_pair_term terms[3];
  const int count = choose(3, terms, &t);
  assert_status(IFT_OK, ift_pairs_sum(context, terms, count, value, gradient, x, 50, 2, y, LARGEST, w));
  for (int64_t i = 0; i < 50; i++) {
    double one, slope[2];
    assert_status(IFT_OK, ift_pairs_sum(context, terms, count, &one, slope, x + 2 * i, 1, 2, y, LARGEST, w));
    assert_true(one == value[i] && slope[0] == gradient[2 * i] && slope[1] == gradient[2 * i + 1]);
  }
}

static void test_threads_change_no_bit(void **state) {
  (void)state;
  double first[LARGEST], slopes[LARGEST * 3];
  static double other[60 * LARGEST];
  tally t = {0};
  ift_pair_term terms[3];
  const int count = choose(7, terms, &t);
  assert_status(IFT_OK, ift_pairs_sum(context, terms, count, first, slopes, x, LARGEST, 3, y, LARGEST, w));
  assert_status(IFT_OK, ift_pairs_matrix(context, terms, count, other, x, 60, 3, y, LARGEST));
  for (int threads = 2; threads <= 5; threads++) {
    assert_status(IFT_OK, ift_context_set_threads(context, threads));
    assert_status(IFT_OK, ift_pairs_sum(context, terms, count, value, gradient, x, LARGEST, 3, y, LARGEST, w));
    assert_memory_equal(first, value, sizeof first);
    assert_memory_equal(slopes, gradient, sizeof slopes);
    assert_status(IFT_OK, ift_pairs_matrix(context, terms, count, matrix, x, 60, 3, y, LARGEST));
    assert_memory_equal(other, matrix, sizeof other);
  }
  assert_status(IFT_OK, ift_context_set_threads(context, 1));
}

static void test_matrix(void **state) {
  (void)state;
  static const int64_t sizes[][3] = {{1, 1, 1}, {1, 257, 2}, {17, 256, 3}, {60, 600, 5}, {33, 1, 4}, {0, 5, 2}};
  for (unsigned which = 1; which < 8; which++)
    for (int s = 0; s < 6; s++) {
      const int64_t n = sizes[s][0], m = sizes[s][1], d = sizes[s][2];
      tally t = {0};
      ift_pair_term terms[3];
      const int count = choose(which, terms, &t);
      for (int64_t k = 0; k < n * m; k++) matrix[k] = NAN;
      assert_status(IFT_OK, ift_pairs_matrix(context, terms, count, matrix, x, n, d, y, m));
      for (int64_t i = 0; i < n; i++)
        for (int64_t j = 0; j < m; j++) {
          long double slope[DIMENSIONS];
          const double k = (double)pair_of(which, x + i * d, y + j * d, d, slope);
          assert_near(matrix[i * m + j], k, 1e-13, 1e-11); /* the terms are up to 1e3 and cancel */
        }
    }
}

/* Tiles of a callback hold at most 65536 numbers, unless one pair alone has more. */
static void test_block_tiles(void **state) {
  (void)state;
  static const int64_t sizes[][3] = {{700, 700, 1}, {700, 700, 2}, {3, 5, 65535}, {2, 3, 65536}, {2, 2, 70000}};
  for (int s = 0; s < 5; s++) {
    const int64_t n = sizes[s][0], m = sizes[s][1], d = sizes[s][2];
    double *points = calloc((size_t)((n + m) * d), sizeof *points), *slopes = calloc((size_t)(n * d), sizeof *slopes);
    double *sums = calloc((size_t)n, sizeof *sums);
    assert_true(points && slopes && sums);
    for (int64_t k = 0; k < (n + m) * d; k++) points[k] = (double)(k % 7) - 3;
    tally t = {0};
    const ift_pair_term term = block_term(&t);
    const double *sources = points + n * d;
    assert_status(IFT_OK, ift_pairs_sum(context, &term, 1, sums, slopes, points, n, d, sources, m, NULL));
    assert_int_equal(t.pairs, n * m);
    assert_true(t.largest <= (d + 1 > 65536 ? d + 1 : 65536));
    if (d < 3) assert_true(t.calls <= 2 * (n * m * (d + 1) / 65536 + 1)); /* and are not much smaller */
    double total = 0;
    for (int64_t j = 0; j < m; j++) total += sources[j * d + d - 1];
    for (int64_t i = 0; i < n; i++) {
      assert_near(sums[i], -3 * points[i * d] * total, 1e-12, 1e-12);
      assert_near(slopes[i * d], -3 * total, 1e-12, 1e-12);
      assert_true(d == 1 || slopes[i * d + d - 1] == 0);
    }
    free(points);
    free(slopes);
    free(sums);
  }
}

static void test_callback_answers(void **state) {
  (void)state;
  tally t = {.answer = 1, .answer_at = 2};
  ift_pair_term term = block_term(&t);
  assert_status(IFT_STOPPED, ift_pairs_sum(context, &term, 1, value, gradient, x, LARGEST, 2, y, LARGEST, w));
  assert_int_equal(t.calls, 2); /* and not asked again */
  t = (tally){.answer = -7, .answer_at = 1};
  assert_status(IFT_ERR_CALLBACK, ift_pairs_sum(context, &term, 1, value, gradient, x, LARGEST, 2, y, LARGEST, w));
  assert_message(context, "-7");
  assert_int_equal(t.calls, 1);
  t = (tally){.answer = -8, .answer_at = 1};
  assert_status(IFT_ERR_CALLBACK, ift_pairs_matrix(context, &term, 1, matrix, x, 20, 2, y, 20));
  t = (tally){.answer = 8, .answer_at = 1};
  assert_status(IFT_STOPPED, ift_pairs_matrix(context, &term, 1, matrix, x, 20, 2, y, 20));
}

static void test_overflow_is_reported(void **state) {
  (void)state;
  const double far[4] = {1e200, 0, -1e200, 0}, tilted[4] = {1e160, 1e160, 1e160, -1e160};
  ift_pair_term term = radial_term();
  assert_status(IFT_ERR_NOT_FINITE, ift_pairs_sum(context, &term, 1, value, NULL, far, 1, 2, far, 2, NULL));
  assert_message(context, "inf");
  assert_status(IFT_ERR_NOT_FINITE, ift_pairs_matrix(context, &term, 1, matrix, far, 2, 2, far, 2));
  term = dot_term();
  assert_status(IFT_ERR_NOT_FINITE, ift_pairs_sum(context, &term, 1, NULL, gradient, tilted, 1, 2, tilted, 1, NULL));
  /* (1e160)^2 - (1e160)^2 is no number, but is asked for */
  assert_status(IFT_ERR_NOT_FINITE, ift_pairs_sum(context, &term, 1, value, NULL, tilted, 1, 2, tilted + 2, 1, NULL));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_sums_of_all_sizes),
      cmocka_unit_test(test_all_dimensions),
      cmocka_unit_test(test_no_sources),
      cmocka_unit_test(test_one_output_alone),
      cmocka_unit_test(test_targets_are_independent),
      cmocka_unit_test(test_threads_change_no_bit),
      cmocka_unit_test(test_matrix),
      cmocka_unit_test(test_block_tiles),
      cmocka_unit_test(test_callback_answers),
      cmocka_unit_test(test_overflow_is_reported),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
