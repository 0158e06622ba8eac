/* The direct engine on every set of vector instructions that this processor has: every kernel to 1e-14 of sums in long double, powers of 2
 * to two units in the last place, and the bits that must not differ. */
#include <float.h>
#include <pthread.h>
#include <string.h>
#include <time.h>

#include "kernel/kernel.h"
#include "support/fixture.h"
#include "support/kernels.h"
#include "support/random.h"

static const char *const sets[] = {"baseline", "avx2", "avx512"};

static bool use(int isa) {
  if (!ift_isa_available((ift_isa)isa)) return false;
  assert_status(IFT_OK, ift_context_set_option(context, "isa", sets[isa]));
  return true;
}

static void use_widest(void) {
  assert_status(IFT_OK, ift_context_set_option(context, "isa", "auto"));
}

static void test_option(void **state) {
  (void)state;
  assert_int_equal(context->isa, ift_isa_widest());
  for (int isa = 0; isa < IFT_ISAS; isa++) {
    const ift_isa before = context->isa;
    if (ift_isa_available((ift_isa)isa)) {
      assert_true(use(isa));
      assert_int_equal(context->isa, isa);
    } else {
      assert_status(IFT_ERR_OPTION, ift_context_set_option(context, "isa", sets[isa]));
      assert_non_null(strstr(ift_context_message(context), sets[isa]));
      assert_non_null(strstr(ift_context_message(context), "lacks"));
      assert_int_equal(context->isa, before);
    }
  }
  assert_status(IFT_ERR_OPTION, ift_context_set_option(context, "isa", "sse9"));
  assert_non_null(strstr(ift_context_message(context), "baseline|avx2|avx512"));
  use_widest();
  assert_int_equal(context->isa, ift_isa_widest());
}

/* What a kind's function gives at `count` numbers, on the instructions in use. */
static void values_of(const char *spec, double *value, double *slope, const double *s, int count) {
  ift_kernel *kernel = make_kernel(context, spec);
  ift_pair_evaluate(&kernel->terms[0], context->isa, value, slope, s, count);
  ift_kernel_destroy(kernel);
}

/* What is allowed, and more where long double has no digits besides those of double, as under valgrind. */
static double allowance(double exact) {
  volatile long double one = 1, less = one + 0x1p-60L;
  return less > 1 ? exact : 1000 * exact;
}

static double ulps(double got, long double exact) {
  const double nearest = (double)exact;
  return (double)(fabsl((long double)got - exact) / (long double)(nextafter(nearest, HUGE_VAL) - nearest));
}

/* exp(-r / log2(e)) is 2^-r: the exponent is exact, and so is r, the root of the square of a number of 26 bits. */
#define HALVING "laplace:1.4426950408889634"

static void test_powers_of_two(void **state) {
  (void)state;
  enum { COUNT = 1024, ROUNDS = 200 };
  static double r[COUNT], s[COUNT], k[COUNT];
  dice d = {11};
  for (int isa = 0; isa < IFT_ISAS; isa++) {
    if (!use(isa)) continue;
    double worst = 0;
    for (int round = 0; round < ROUNDS; round++) {
      const double most = round % 4 == 0 ? 0.01 : round % 4 == 1 ? 1 : round % 4 == 2 ? 40 : 1021;
      for (int j = 0; j < COUNT; j++) {
        r[j] = (double)(float)dice_between(&d, 0, most);
        s[j] = r[j] * r[j];
      }
      values_of(HALVING, k, NULL, s, COUNT);
      for (int j = 0; j < COUNT; j++) worst = fmax(worst, ulps(k[j], exp2l(-(long double)r[j])));
    }
    print_message("2^-q, %s: %.3f ulp\n", sets[isa], worst);
    assert_true(worst <= 2);
  }
  use_widest();
}

static void test_extreme_powers_of_two(void **state) {
  (void)state;
  enum { COUNT = 16 };
  static const double r[COUNT] = {0,    0x1p-500, 0x1p-53, 0.5,     1,       1.5,     1020,     1020.5,
                                  1022, 1023,     1075,    0x1p100, 0x1p300, 0x1p500, HUGE_VAL, NAN};
  double s[COUNT], k[COUNT];
  for (int j = 0; j < COUNT; j++) s[j] = r[j] * r[j];
  for (int isa = 0; isa < IFT_ISAS; isa++) {
    if (!use(isa)) continue;
    values_of(HALVING, k, NULL, s, COUNT);
    assert_true(k[0] == 1 && k[1] == 1);
    for (int j = 2; j < 8; j++) assert_true(ulps(k[j], exp2l(-(long double)r[j])) <= 2);
    for (int j = 8; j < 15; j++) assert_true(k[j] == 0);
    assert_true(isnan(k[15]));
  }
  use_widest();
}

/* r^q over the range of numbers. Where products and sums are rounded apart, the exponent has the error of its size. */
static void test_fractional_powers(void **state) {
  (void)state;
  enum { COUNT = 1024 };
  static double s[COUNT], k[COUNT], rate[COUNT];
  dice d = {12};
  for (int isa = 0; isa < IFT_ISAS; isa++) {
    if (!use(isa)) continue;
    double worst = 0;
    for (int j = 0; j < COUNT; j++) s[j] = exp2(dice_between(&d, j % 2 ? -2 : -1021, j % 2 ? 2 : 1023));
    values_of("riesz:1.3", k, rate, s, COUNT);
    for (int j = 0; j < COUNT; j++) {
      const long double q = 1.3, exact = -powl(s[j], q / 2);
      const double allowed = allowance(2) + (isa == IFT_ISA_BASELINE ? fabs(log2(s[j])) : 0);
      worst = fmax(worst, ulps(k[j], exact) / allowed);
      worst = fmax(worst, ulps(rate[j], q * exact / s[j]) / (allowed + 2));
    }
    print_message("s^(q/2), %s: %.3f of the allowance\n", sets[isa], worst);
    assert_true(worst <= 1);
    const double edge[8] = {0, DBL_TRUE_MIN, HUGE_VAL, NAN, 1, 4, 0x1p-1000, 0x1p1000};
    values_of("riesz:1.5", k, rate, edge, 8);
    assert_true(k[0] == 0 && rate[0] == 0 && k[1] == 0 && rate[1] == 0 && !isfinite(k[2]) && isnan(k[3]));
    assert_true(k[4] == -1);
    assert_near(k[5], -pow(2, 1.5), 4e-16, 0);
    assert_near(k[6], -0x1p-750, 1e-13, 0);
    assert_near(k[7], -0x1p750, 1e-13, 0);
  }
  use_widest();
}

enum { MOST = 300, WIDEST = 140 };

/* Sums over sources, exact, and of the absolute terms. */
typedef struct sums {
  double value, size, gradient[WIDEST], sizes[WIDEST];
} sums;

static void sum_exactly(const formula *f, sums *out, const double *x, const double *y, int64_t m, int64_t d,
                        const double *w) {
  long double value = 0, size = 0, gradient[WIDEST] = {0}, sizes[WIDEST] = {0};
  double slope[WIDEST];
  for (int64_t j = 0; j < m; j++) {
    const long double weight = w ? w[j] : 1, k = formula_value(f, x, y + j * d, d);
    formula_gradient(f, slope, x, y + j * d, d);
    value += weight * k;
    size += fabsl(weight * k);
    for (int64_t l = 0; l < d; l++) gradient[l] += weight * slope[l], sizes[l] += fabsl(weight * slope[l]);
  }
  out->value = (double)value, out->size = (double)size;
  for (int64_t l = 0; l < d; l++) out->gradient[l] = (double)gradient[l], out->sizes[l] = (double)sizes[l];
}

/* Every fifth target against exact sums, on every set of instructions. Where products and sums are rounded apart, powers are less exact. */
static void check(const formula *f, const double *x, int64_t n, const double *y, int64_t m, int64_t d,
                  const double *w) {
  static double value[MOST], gradient[MOST * WIDEST];
  static sums exact[MOST];
  ift_kernel *kernel = make_kernel(context, f->spec);
  for (int64_t i = 0; i < n; i += 5) sum_exactly(f, &exact[i], x + i * d, y, m, d, w);
  for (int isa = 0; isa < IFT_ISAS; isa++) {
    if (!use(isa)) continue;
    const double tolerance = isa == IFT_ISA_BASELINE ? 2e-14 : 1e-14;
    assert_status(IFT_OK, ift_kernel_sum_pairs(kernel, value, gradient, x, n, d, y, m, w));
    for (int64_t i = 0; i < n; i += 5) {
      assert_near(value[i], exact[i].value, 0, tolerance * exact[i].size);
      for (int64_t l = 0; l < d; l++)
        assert_near(gradient[i * d + l], exact[i].gradient[l], 0, tolerance * exact[i].sizes[l]);
    }
  }
  ift_kernel_destroy(kernel);
}

/* Around the borders of vectors, groups and tiles, in dimensions on both sides of the change to slabs; the first source lies on the first
 * target, and squared distances are about 2 in every dimension. */
static void test_every_kernel(void **state) {
  (void)state;
  static const int64_t targets[] = {1, 4, 8, 31, 33, 46}, sources[] = {1, 31, 32, 33, 129, 257};
  static double x[MOST * WIDEST], y[MOST * WIDEST], w[MOST];
  dice dice_ = {3};
  dice_normals(&dice_, w, MOST);
  for (int f = 0; f < FORMULAS; f++)
    for (int64_t d = 1; d <= 20; d++) {
      const int64_t dim = d == 19 ? 40 : d == 20 ? 130 : d, n = targets[(d + f) % 6], m = sources[d % 6];
      dice_normals(&dice_, x, n * dim);
      dice_normals(&dice_, y, m * dim);
      for (int64_t k = 0; k < n * dim; k++) x[k] /= sqrt((double)dim);
      for (int64_t k = 0; k < m * dim; k++) y[k] /= sqrt((double)dim);
      memcpy(y, x, (size_t)dim * sizeof(double));
      check(&formulas[f], x, n, y, m, dim, d % 3 ? w : NULL);
    }
  use_widest();
}

/* An offset of 100 lengths costs no digits: differences are taken first. */
static void test_offset(void **state) {
  (void)state;
  static double x[46 * 3], y[257 * 3];
  dice dice_ = {4};
  dice_normals(&dice_, x, 46 * 3);
  dice_normals(&dice_, y, 257 * 3);
  for (int k = 0; k < 46 * 3; k++) x[k] += 100;
  for (int k = 0; k < 257 * 3; k++) y[k] += 100;
  for (int f = 0; f < FORMULAS; f++)
    if (formulas[f].translates) check(&formulas[f], x, 46, y, 257, 3, NULL);
  use_widest();
}

/* Many sources of one sign: what is added late to a large sum is not lost. */
static void test_many_sources(void **state) {
  (void)state;
  enum { MANY = 300000 };
  static double y[MANY];
  const double x[1] = {0.1};
  dice dice_ = {5};
  for (int j = 0; j < MANY; j++) y[j] = dice_between(&dice_, 0, 1);
  static sums exact;
  sum_exactly(&formulas[0], &exact, x, y, MANY, 1, NULL);
  ift_kernel *kernel = make_kernel(context, formulas[0].spec);
  for (int isa = 0; isa < IFT_ISAS; isa++) {
    double value, gradient;
    if (!use(isa)) continue;
    assert_status(IFT_OK, ift_kernel_sum_pairs(kernel, &value, &gradient, x, 1, 1, y, MANY, NULL));
    assert_near(value, exact.value, allowance(1e-15), 0);
    assert_near(gradient, exact.gradient[0], 0, allowance(1e-15) * exact.sizes[0]);
  }
  ift_kernel_destroy(kernel);
  use_widest();
}

/* What the library writes, on one set of instructions and some threads. */
enum { TARGETS = 4096, SOURCES = 200, DIM = 3 };
typedef struct output {
  double value[TARGETS], gradient[TARGETS * DIM], matrix[TARGETS * SOURCES];
} output;

/* A term that adds nothing, but waits until as many threads have come to it as are expected. */
typedef struct meeting {
  pthread_mutex_t lock;
  pthread_cond_t changed;
  int expected, arrived;
  bool late;
  pthread_t who[16];
} meeting;
static meeting met = {.lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};

static void meet(double *value, double *slope, const double *s, int count, double coefficient,
                 const double *parameters) {
  (void)value, (void)slope, (void)s, (void)count, (void)coefficient, (void)parameters;
  struct timespec deadline;
  clock_gettime(CLOCK_REALTIME, &deadline);
  deadline.tv_sec += 30;
  pthread_mutex_lock(&met.lock);
  bool known = false;
  for (int i = 0; i < met.arrived; i++) known |= pthread_equal(met.who[i], pthread_self()) != 0;
  if (!known && met.arrived < 16) met.who[met.arrived++] = pthread_self();
  pthread_cond_broadcast(&met.changed);
  while (met.arrived < met.expected && !met.late)
    if (pthread_cond_timedwait(&met.changed, &met.lock, &deadline)) met.late = true;
  pthread_mutex_unlock(&met.lock);
}

static void compute(const ift_kernel *kernel, int threads, output *out, const double *x, const double *y,
                    const double *w) {
  ift_pair_term terms[3] = {kernel->terms[0], kernel->terms[1], {.form = IFT_RADIAL, .profile = meet}};
  assert_status(IFT_OK, ift_context_set_threads(context, threads));
  met.expected = threads;
  met.arrived = 0;
  assert_status(IFT_OK, ift_pairs_sum(context, terms, 3, out->value, out->gradient, x, TARGETS, DIM, y, SOURCES, w));
  assert_int_equal(met.arrived, threads); /* else equal bits would prove nothing */
  assert_false(met.late);
  met.arrived = 0;
  assert_status(IFT_OK, ift_pairs_matrix(context, terms, 3, out->matrix, x, TARGETS, DIM, y, SOURCES));
  assert_int_equal(met.arrived, threads);
  assert_status(IFT_OK, ift_context_set_threads(context, 1));
}

/* No bit depends on the number of threads, nor on whether vectors have 4 numbers or 8. */
static void test_bits(void **state) {
  (void)state;
  static const int numbers[] = {1, 2, 3, 7};
  static double x[TARGETS * DIM], y[SOURCES * DIM], w[SOURCES];
  static output first, other, narrow;
  dice dice_ = {6};
  dice_normals(&dice_, x, TARGETS * DIM);
  dice_normals(&dice_, y, SOURCES * DIM);
  dice_normals(&dice_, w, SOURCES);
  ift_kernel *kernel = make_kernel(context, "2*riesz:0.7+0.5*matern52:2");
  for (int isa = 0; isa < IFT_ISAS; isa++) {
    if (!use(isa)) continue;
    compute(kernel, 1, &first, x, y, w);
    for (int k = 1; k < 4; k++) {
      compute(kernel, numbers[k], &other, x, y, w);
      assert_memory_equal(&first, &other, sizeof first);
    }
    if (isa == IFT_ISA_AVX2) narrow = first;
    if (isa == IFT_ISA_AVX512) assert_memory_equal(&first, &narrow, sizeof first);
  }
  ift_kernel_destroy(kernel);
  use_widest();
}

/* A target's sums, and a row of a matrix, are what they are alone; either output is what it is with the other. */
static void test_alone(void **state) {
  (void)state;
  enum { N = 75, M = 70, D = 5 };
  double x[N * D], y[M * D], value[N], gradient[N * D], matrix[N * M], one, slope[D], row[M];
  dice dice_ = {7};
  dice_normals(&dice_, x, N * D);
  dice_normals(&dice_, y, M * D);
  for (int f = 0; f < FORMULAS; f++)
    for (int isa = 0; isa < IFT_ISAS; isa++) {
      if (!use(isa)) continue;
      ift_kernel *kernel = make_kernel(context, formulas[f].spec);
      assert_status(IFT_OK, ift_kernel_sum_pairs(kernel, value, gradient, x, N, D, y, M, NULL));
      assert_status(IFT_OK, ift_kernel_gram(kernel, matrix, x, N, D, y, M));
      for (int i = 0; i < N; i++) {
        assert_status(IFT_OK, ift_kernel_sum_pairs(kernel, &one, NULL, x + i * D, 1, D, y, M, NULL));
        assert_status(IFT_OK, ift_kernel_sum_pairs(kernel, NULL, slope, x + i * D, 1, D, y, M, NULL));
        assert_status(IFT_OK, ift_kernel_gram(kernel, row, x + i * D, 1, D, y, M));
        assert_true(one == value[i]);
        assert_memory_equal(slope, gradient + i * D, sizeof slope);
        assert_memory_equal(row, matrix + i * M, sizeof row);
        double sum = 0;
        for (int j = 0; j < M; j++) sum += row[j];
        assert_near(one, sum, 1e-13, 1e-13);
      }
      ift_kernel_destroy(kernel);
    }
  use_widest();
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_option),
      cmocka_unit_test(test_powers_of_two),
      cmocka_unit_test(test_extreme_powers_of_two),
      cmocka_unit_test(test_fractional_powers),
      cmocka_unit_test(test_every_kernel),
      cmocka_unit_test(test_offset),
      cmocka_unit_test(test_many_sources),
      cmocka_unit_test(test_bits),
      cmocka_unit_test(test_alone),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
