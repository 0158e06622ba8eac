/* The exponential to two units in the last place, and sums of every built-in kind to 1e-14 of sums in long double. */
#include <float.h>
#include <string.h>

#include "kernel/kernel.h"
#include "pairs/exponential.h"
#include "pairs/pairs.h"
#include "support/kernels.h"
#include "support/fixture.h"
#include "support/random.h"

/* The difference of got and exact in units of the last place of exact. */
static double ulps(double got, long double exact) {
  const double nearest = (double)exact;
  const double unit = nextafter(nearest, HUGE_VAL) - nearest;
  return (double)(fabsl((long double)got - exact) / (long double)unit);
}

static void test_exponential(void **state) {
  (void)state;
  enum { COUNT = 128, ROUNDS = 20000 };
  double z[COUNT], e[COUNT], worst = 0;
  dice d = {5};
  for (int round = 0; round < ROUNDS; round++) {
    const double scale = round % 4 == 0 ? 1e-3 : round % 4 == 1 ? 1 : round % 4 == 2 ? 40 : 708;
    for (int j = 0; j < COUNT; j++) z[j] = dice_between(&d, 0, scale);
    ift_exponentials(e, z, 1, 800, COUNT);
    for (int j = 0; j < COUNT; j++) worst = fmax(worst, ulps(e[j], expl(-(long double)z[j])));
  }
  print_message("exp: %.3f ulp\n", worst);
  assert_true(worst <= 2);
}

static void test_exponential_of_extremes(void **state) {
  (void)state;
  double z[8] = {0, 5e-324, 1e-300, 708.3, 708.5, 745, 1e300, HUGE_VAL}, e[8];
  ift_exponentials(e, z, 1, 800, 8);
  assert_true(e[0] == 1 && e[1] == 1 && e[2] == 1);
  assert_true(ulps(e[3], expl(-(long double)z[3])) <= 2);
  for (int j = 4; j < 8; j++) assert_true(e[j] == 0);
  for (int j = 0; j < 8; j++) z[j] = NAN;
  ift_exponentials(e, z, 1, 800, 8);
  for (int j = 0; j < 8; j++) assert_true(isnan(e[j]) || e[j] == 0);
}

/* k(x, y), and the factor of x - y in its gradient, in long double. */
typedef struct pair {
  long double value, slope;
} pair;

static pair gaussian(long double s) {
  const long double value = expl(-s / (2 * 0.7L * 0.7L));
  return (pair){value, -value / (0.7L * 0.7L)};
}

static pair laplace(long double s) {
  const long double r = sqrtl(s), value = expl(-r / 0.9L);
  return (pair){value, r > 0 ? -value / (0.9L * r) : 0};
}

static pair matern32(long double s) {
  const long double z = sqrtl(3 * s) / 1.1L, e = expl(-z);
  return (pair){(1 + z) * e, -3 / (1.1L * 1.1L) * e};
}

static pair matern52(long double s) {
  const long double z = sqrtl(5 * s) / 1.3L, e = expl(-z);
  return (pair){(1 + z + z * z / 3) * e, -5 / (3 * 1.3L * 1.3L) * (1 + z) * e};
}

static pair imq(long double s) {
  const long double base = 1 + s / (0.8L * 0.8L);
  return (pair){1 / sqrtl(base), -1 / (0.8L * 0.8L * base * sqrtl(base))};
}

static pair energy(long double s) {
  const long double r = sqrtl(s);
  return (pair){-r, r > 0 ? -1 / r : 0};
}

static pair riesz(long double s) {
  const long double k = powl(s, 0.75L);
  return (pair){-k, s > 0 ? -1.5L * k / s : 0};
}

static pair sum(long double s) {
  const pair a = gaussian(s), b = matern32(s);
  return (pair){2 * a.value + 0.5L * b.value, 2 * a.slope + 0.5L * b.slope};
}

static const struct {
  const char *spec;
  pair (*exact)(long double s);
} kinds[] = {{"gaussian:0.7", gaussian}, {"laplace:0.9", laplace},
             {"matern32:1.1", matern32}, {"matern52:1.3", matern52},
             {"imq:0.8", imq},           {"energy", energy},
             {"riesz:1.5", riesz},       {"2*gaussian:0.7+0.5*matern32:1.1", sum}};

enum { MOST = 300, WIDEST = 40 };

/* Errors relative to the sum of the absolute terms; of far pairs, whose exponents are rounded, to that of the weights. */
static void check(const ift_kernel *kernel, pair (*exact)(long double s), const double *x, int64_t n, const double *y,
                  int64_t m, int64_t d, const double *w) {
  static double value[MOST], gradient[MOST * WIDEST];
  assert_status(IFT_OK, ift_kernel_sum_pairs(kernel, value, gradient, x, n, d, y, m, w));
  for (int64_t i = 0; i < n; i++) {
    long double total = 0, scale = 0, weights = 0, slopes[WIDEST] = {0}, scales[WIDEST] = {0};
    for (int64_t j = 0; j < m; j++) {
      long double s = 0;
      for (int64_t l = 0; l < d; l++) {
        const long double difference = (long double)x[i * d + l] - (long double)y[j * d + l];
        s += difference * difference;
      }
      const pair k = exact(s);
      const long double weight = w ? w[j] : 1;
      total += weight * k.value;
      scale += fabsl(weight * k.value);
      weights += fabsl(weight);
      for (int64_t l = 0; l < d; l++) {
        const long double term = weight * k.slope * ((long double)x[i * d + l] - (long double)y[j * d + l]);
        slopes[l] += term;
        scales[l] += fabsl(term);
      }
    }
    assert_near(value[i], (double)total, 0, 1e-14 * (double)scale + 1e-15 * (double)weights);
    for (int64_t l = 0; l < d; l++)
      assert_near(gradient[i * d + l], (double)slopes[l], 0, 1e-14 * (double)scales[l] + 1e-15 * (double)weights);
  }
}

/* Around the borders of groups and blocks, in dimensions on both sides of the change of layout; the first source lies
 * on the first target. */
static void test_sums(void **state) {
  (void)state;
  static const int64_t dimensions[] = {1, 2, 3, 4, 5, 17, 32, 33, 40};
  static const int64_t sizes[] = {1, 7, 8, 9, 127, 128, 129, 300};
  static double x[MOST * WIDEST], y[MOST * WIDEST], w[MOST];
  dice dice_ = {3};
  dice_normals(&dice_, x, MOST * WIDEST);
  dice_normals(&dice_, y, MOST * WIDEST);
  dice_normals(&dice_, w, MOST);
  for (size_t k = 0; k < sizeof kinds / sizeof kinds[0]; k++) {
    ift_kernel *kernel;
    assert_status(IFT_OK, ift_kernel_parse(context, &kernel, kinds[k].spec));
    for (size_t a = 0; a < sizeof dimensions / sizeof dimensions[0]; a++)
      for (size_t b = 0; b < sizeof sizes / sizeof sizes[0]; b++) {
        const int64_t d = dimensions[a], m = sizes[b];
        memcpy(y, x, (size_t)d * sizeof(double));
        check(kernel, kinds[k].exact, x, 5, y, m, d, b % 2 ? w : NULL);
      }
    ift_kernel_destroy(kernel);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_exponential),
      cmocka_unit_test(test_exponential_of_extremes),
      cmocka_unit_test(test_sums),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
