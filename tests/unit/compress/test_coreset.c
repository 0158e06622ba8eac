/* What a candidate is worth to the points that are chosen, as these come and go: the formula, by elimination. */
#include <math.h>

#include "compress/coreset.h"
#include "support/fixture.h"
#include "support/random.h"

enum { N = 12, POINTS = 300, DIM = 2 }; /* more candidates than a panel of the factor has */
static double y[POINTS * DIM];

static double kernel_of(int64_t i, int64_t j) {
  double square = 0;
  for (int l = 0; l < DIM; l++) square += pow(y[i * DIM + l] - y[j * DIM + l], 2);
  return exp(-square / 2);
}

/* K_jj - k'K^-1 k, K that of the chosen ones, in long double: the last pivot of K with j behind. */
static double left_of(const ift_coreset *s, int64_t j) {
  long double k[N + 1][N + 1];
  const int64_t n = s->used;
  for (int64_t p = 0; p <= n; p++)
    for (int64_t q = 0; q <= n; q++) k[p][q] = kernel_of(p < n ? s->chosen[p] : j, q < n ? s->chosen[q] : j);
  for (int64_t p = 0; p < n; p++)
    for (int64_t r = p + 1; r <= n; r++) {
      const long double factor = k[r][p] / k[p][p];
      for (int64_t q = p; q <= n; q++) k[r][q] -= factor * k[p][q];
    }
  return (double)k[n][n];
}

static void check(ift_coreset *s) {
  double level = 0;
  assert_status(IFT_OK, ift_coreset_fit(s));
  ift_coreset_rate(s);
  for (int64_t i = 0; i < s->used; i++) level += s->a[i] * s->g[s->chosen[i]];
  for (int64_t j = 0; j < POINTS; j++) {
    if (s->taken[j]) {
      assert_true(isinf(s->gain[j]) && s->gain[j] < 0);
      continue;
    }
    const double left = left_of(s, j), below = fmax(level - s->g[j], 0);
    if (left > 1e-3) assert_near(s->gain[j], below * below / (2 * left), 1e-6, 1e-12);
  }
}

static void test_gain(void **state) {
  (void)state;
  dice dice_ = {3};
  dice_normals(&dice_, y, POINTS * DIM);
  for (int k = 0; k < POINTS * DIM; k++) y[k] *= 3;
  ift_kernel *kernel = make_kernel(context, "gaussian:1");
  ift_target *target = make_samples(context, y, POINTS, DIM, NULL);
  ift_compression *compression;
  ift_coreset s;
  assert_status(IFT_OK, ift_compression_create(context, &compression, kernel, target, N));
  assert_status(IFT_OK, ift_compression_set_text(compression, "points", "data"));
  assert_status(IFT_OK, ift_coreset_open(&s, compression, N));
  assert_int_equal(s.count, POINTS);
  for (int64_t i = 0; i < N - 1; i++) {
    assert_status(IFT_OK, ift_coreset_take(&s, 20 * i));
    if (i % 4 == 0) check(&s);
  }
  check(&s);
  static const int64_t gone[] = {10, 3, 0, 5}; /* the last one, and some that others follow */
  for (int k = 0; k < 4; k++) {
    ift_coreset_drop(&s, gone[k]);
    check(&s);
  }
  assert_status(IFT_OK, ift_coreset_take(&s, 290));
  check(&s);
  ift_coreset_drop(&s, 1);
  assert_status(IFT_OK, ift_coreset_take(&s, 7));
  check(&s);
  ift_coreset_close(&s);
  ift_compression_destroy(compression);
  ift_target_destroy(target);
  ift_kernel_destroy(kernel);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_gain)};
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
