/* Distances between weighted measures, bandwidths, and MMD energies to samples and to mixtures in closed form against
 * numbers from oracle.py. */
#include "oracle/table.h"

static const double TOLERANCE = 1e-12; /* of the sum of absolute terms */

/* The five numbers behind the name in row `row`. */
typedef struct sizes {
  int64_t n, m, d, q;
} sizes;

static sizes read_sizes(const table *t, int64_t row) {
  char name[32];
  long long n, m, d, q;
  assert_int_equal(sscanf(t->rows[row].text, "%31[^,],%lld,%lld,%lld,%lld", name, &n, &m, &d, &q), 5);
  return (sizes){n, m, d, q};
}

static ift_measure *make_measure(ift_context *context, const double *x, int64_t n, int64_t d, const double *a) {
  ift_measure *measure;
  assert_status(IFT_OK, ift_measure_create(context, &measure, x, n, d, a));
  return measure;
}

static ift_kernel *make_kernel(ift_context *context, const char *spec) {
  ift_kernel *kernel;
  assert_status(IFT_OK, ift_kernel_parse(context, &kernel, spec));
  return kernel;
}

static int64_t section_end(const table *t, int64_t row) {
  static const char *const keys[] = {"median", "pair", "energy", "mixture"};
  int64_t end = t->count;
  for (size_t k = 0; k < sizeof keys / sizeof *keys; k++) {
    const int64_t next = table_next(t, row + 1, keys[k]);
    if (next < end) end = next;
  }
  return end;
}

/* What every test begins and ends with. */
typedef struct fixture {
  table t;
  table_report report;
  ift_context *context;
} fixture;

static void begin(fixture *f) {
  *f = (fixture){0};
  table_read(&f->t, __FILE__, "mmd.csv");
  assert_status(IFT_OK, ift_context_create(&f->context));
}

static void end(fixture *f) {
  ift_context_destroy(f->context);
  table_free(&f->t);
  table_finish(&f->report);
}

/* mmd2 both ways, witness and standard error for one kernel. */
static void compare_pair(fixture *f, int64_t row, const ift_kernel *kernel, const ift_measure *a, const ift_measure *b,
                         const double *points, sizes s) {
  const table *t = &f->t;
  double mmd2, swapped, error;
  double *witness = table_memory((size_t)s.q, sizeof *witness);
  assert_status(IFT_OK, ift_mmd2(kernel, &mmd2, a, b));
  assert_status(IFT_OK, ift_mmd2(kernel, &swapped, b, a));
  assert_status(IFT_OK, ift_witness(kernel, witness, points, s.q, s.d, a, b));
  assert_status(IFT_OK, ift_mmd2_standard_error(kernel, &error, a, b));
  const double *expected = table_numbers(t, row, "mmd2", 1), *scale = table_numbers(t, row, "mmd2_scale", 1);
  table_compare(&f->report, "mmd2", &mmd2, expected, scale, 1, TOLERANCE);
  table_compare(&f->report, "mmd2 the other way round", &swapped, expected, scale, 1, TOLERANCE);
  table_compare(&f->report, "witness", witness, table_numbers(t, row, "witness", s.q),
                table_numbers(t, row, "witness_scale", s.q), s.q, TOLERANCE);
  table_compare(&f->report, "standard error", &error, table_numbers(t, row, "error", 1),
                table_numbers(t, row, "error_scale", 1), 1, TOLERANCE);
  /* a measure is at distance 0 from itself: the terms are those of k da da, twice */
  double self;
  const double zero = 0;
  assert_status(IFT_OK, ift_mmd2(kernel, &self, a, a));
  table_compare(&f->report, "mmd2 to itself", &self, &zero, scale, 1, TOLERANCE);
  free(witness);
}

static void test_pairs(void **state) {
  (void)state;
  fixture f;
  begin(&f);
  int kernels = 0;
  for (int64_t row = table_next(&f.t, 0, "pair"); row < f.t.count; row = table_next(&f.t, row + 1, "pair")) {
    const sizes s = read_sizes(&f.t, row);
    const double *points = table_numbers(&f.t, row, "points", s.q * s.d);
    ift_measure *a =
        make_measure(f.context, table_numbers(&f.t, row, "x", s.n * s.d), s.n, s.d, table_numbers(&f.t, row, "a", s.n));
    ift_measure *b =
        make_measure(f.context, table_numbers(&f.t, row, "y", s.m * s.d), s.m, s.d, table_numbers(&f.t, row, "b", s.m));
    const int64_t last = section_end(&f.t, row);
    for (int64_t k = table_next(&f.t, row, "kernel"); k < last; k = table_next(&f.t, k + 1, "kernel"), kernels++) {
      ift_kernel *kernel = make_kernel(f.context, f.t.rows[k].text);
      f.report.where = f.t.rows[k].text;
      compare_pair(&f, k, kernel, a, b, points, s);
      ift_kernel_destroy(kernel);
    }
    ift_measure_destroy(b);
    ift_measure_destroy(a);
  }
  assert_true(kernels >= 60);
  end(&f);
}

/* Kernels with a riesz term are refused where the masses differ. */
static void test_unequal_masses(void **state) {
  (void)state;
  static const char *const specs[] = {"riesz:0.5", "energy", "0.7*matern32:1+0.1*riesz:1.5"};
  const double x[] = {0, 1, 2}, w[] = {0.2, 0.3, 0.5}, more[] = {0.2, 0.3, 0.6};
  ift_context *context;
  assert_status(IFT_OK, ift_context_create(&context));
  ift_measure *a = make_measure(context, x, 3, 1, w), *b = make_measure(context, x, 3, 1, more);
  for (size_t i = 0; i < sizeof specs / sizeof *specs; i++) {
    ift_kernel *kernel = make_kernel(context, specs[i]);
    double out = 7;
    assert_status(IFT_ERR_ARGUMENT, ift_mmd2(kernel, &out, a, b));
    assert_true(out == 7);
    assert_status(IFT_OK, ift_mmd2(kernel, &out, a, a));
    ift_kernel_destroy(kernel);
  }
  ift_measure_destroy(b);
  ift_measure_destroy(a);
  ift_context_destroy(context);
}

/* The median heuristic, which weights have no part in. */
static void test_bandwidth(void **state) {
  (void)state;
  fixture f;
  begin(&f);
  f.report.where = "median heuristic";
  for (int64_t row = table_next(&f.t, 0, "median"); row < f.t.count; row = table_next(&f.t, row + 1, "median")) {
    assert_int_equal(f.t.rows[row].count, 2);
    const int64_t n = (int64_t)f.t.rows[row].values[0], d = (int64_t)f.t.rows[row].values[1];
    double *w = table_memory((size_t)n, sizeof *w);
    for (int64_t i = 0; i < n; i++) w[i] = (double)(i + 1);
    for (int weighted = 0; weighted < 2; weighted++) {
      ift_measure *measure = make_measure(f.context, table_numbers(&f.t, row, "x", n * d), n, d, weighted ? w : NULL);
      double bandwidth;
      assert_status(IFT_OK, ift_bandwidth_median(measure, &bandwidth));
      const double *expected = table_numbers(&f.t, row, "bandwidth", 1);
      table_compare(&f.report, "bandwidth", &bandwidth, expected, expected, 1, TOLERANCE);
      ift_measure_destroy(measure);
    }
    free(w);
  }
  end(&f);
}

/* Value, first variation and its gradient, at the points of the file and at the measure's own particles. */
static void compare_energy(fixture *f, int64_t row, const ift_energy *energy, const ift_measure *measure,
                           const double *points, sizes s) {
  const table *t = &f->t;
  double value;
  assert_status(IFT_OK, ift_energy_value(energy, &value, measure));
  table_compare(&f->report, "energy", &value, table_numbers(t, row, "value", 1),
                table_numbers(t, row, "value_scale", 1), 1, TOLERANCE);
  double *g = table_memory((size_t)(s.q + s.n), sizeof *g), *v = table_memory((size_t)((s.q + s.n) * s.d), sizeof *v);
  assert_status(IFT_OK, ift_energy_first_variation(energy, g, points, s.q, s.d, measure));
  assert_status(IFT_OK, ift_energy_gradient(energy, v, points, s.q, s.d, measure));
  table_compare(&f->report, "first variation", g, table_numbers(t, row, "variation", s.q),
                table_numbers(t, row, "variation_scale", s.q), s.q, TOLERANCE);
  table_compare(&f->report, "gradient", v, table_numbers(t, row, "gradient", s.q * s.d),
                table_numbers(t, row, "gradient_scale", s.q * s.d), s.q * s.d, TOLERANCE);
  assert_status(IFT_OK, ift_energy_first_variation(energy, g, NULL, 0, 0, measure));
  assert_status(IFT_OK, ift_energy_gradient(energy, v, NULL, 0, 0, measure));
  table_compare(&f->report, "first variation at the particles", g, table_numbers(t, row, "variation_own", s.n),
                table_numbers(t, row, "variation_scale_own", s.n), s.n, TOLERANCE);
  table_compare(&f->report, "gradient at the particles", v, table_numbers(t, row, "gradient_own", s.n * s.d),
                table_numbers(t, row, "gradient_scale_own", s.n * s.d), s.n * s.d, TOLERANCE);
  free(v);
  free(g);
}

/* All kernels of the section at `row` with one target. */
static void compare_energies(fixture *f, int64_t row, const ift_target *target) {
  const sizes s = read_sizes(&f->t, row);
  ift_measure *measure = make_measure(f->context, table_numbers(&f->t, row, "x", s.n * s.d), s.n, s.d,
                                      table_numbers(&f->t, row, "a", s.n));
  const int64_t last = section_end(&f->t, row);
  for (int64_t k = table_next(&f->t, row, "kernel"); k < last; k = table_next(&f->t, k + 1, "kernel")) {
    ift_kernel *kernel = make_kernel(f->context, f->t.rows[k].text);
    ift_energy *energy;
    assert_status(IFT_OK, ift_energy_mmd(f->context, &energy, kernel, target));
    f->report.where = f->t.rows[k].text;
    compare_energy(f, k, energy, measure, table_numbers(&f->t, row, "points", s.q * s.d), s);
    ift_energy_destroy(energy);
    ift_kernel_destroy(kernel);
  }
  ift_measure_destroy(measure);
}

/* Masses of measure and samples differ, so that riesz kernels are anchored at the samples' mean. */
static void test_energy_to_samples(void **state) {
  (void)state;
  fixture f;
  begin(&f);
  const int64_t row = table_next(&f.t, 0, "energy");
  const sizes s = read_sizes(&f.t, row);
  ift_measure *samples =
      make_measure(f.context, table_numbers(&f.t, row, "y", s.m * s.d), s.m, s.d, table_numbers(&f.t, row, "b", s.m));
  ift_target *target;
  assert_status(IFT_OK, ift_target_samples(f.context, &target, samples));
  ift_measure_destroy(samples);
  compare_energies(&f, row, target);
  ift_target_destroy(target);
  end(&f);
}

/* Masses are equal: the energy is half of mmd2, its first variation the witness. */
static void test_energy_is_half_of_mmd2(void **state) {
  (void)state;
  fixture f;
  begin(&f);
  const int64_t row = table_next(&f.t, 0, "pair"), last = section_end(&f.t, row);
  const sizes s = read_sizes(&f.t, row);
  ift_measure *a =
      make_measure(f.context, table_numbers(&f.t, row, "x", s.n * s.d), s.n, s.d, table_numbers(&f.t, row, "a", s.n));
  ift_measure *b =
      make_measure(f.context, table_numbers(&f.t, row, "y", s.m * s.d), s.m, s.d, table_numbers(&f.t, row, "b", s.m));
  ift_target *target;
  assert_status(IFT_OK, ift_target_samples(f.context, &target, b));
  for (int64_t k = table_next(&f.t, row, "kernel"); k < last; k = table_next(&f.t, k + 1, "kernel")) {
    ift_kernel *kernel = make_kernel(f.context, f.t.rows[k].text);
    ift_energy *energy;
    double value, half = *table_numbers(&f.t, k, "mmd2", 1) / 2,
                  half_scale = *table_numbers(&f.t, k, "mmd2_scale", 1) / 2;
    double *g = table_memory((size_t)s.q, sizeof *g);
    f.report.where = f.t.rows[k].text;
    assert_status(IFT_OK, ift_energy_mmd(f.context, &energy, kernel, target));
    assert_status(IFT_OK, ift_energy_value(energy, &value, a));
    table_compare(&f.report, "energy", &value, &half, &half_scale, 1, TOLERANCE);
    assert_status(IFT_OK,
                  ift_energy_first_variation(energy, g, table_numbers(&f.t, row, "points", s.q * s.d), s.q, s.d, a));
    table_compare(&f.report, "first variation", g, table_numbers(&f.t, k, "witness", s.q),
                  table_numbers(&f.t, k, "witness_scale", s.q), s.q, TOLERANCE);
    free(g);
    ift_energy_destroy(energy);
    ift_kernel_destroy(kernel);
  }
  ift_target_destroy(target);
  ift_measure_destroy(b);
  ift_measure_destroy(a);
  end(&f);
}

static void test_energy_to_mixtures(void **state) {
  (void)state;
  fixture f;
  begin(&f);
  int mixtures = 0;
  for (int64_t row = table_next(&f.t, 0, "mixture"); row < f.t.count; row = table_next(&f.t, row + 1, "mixture")) {
    const sizes s = read_sizes(&f.t, row);
    ift_target *target;
    assert_status(IFT_OK,
                  ift_target_gaussian_mixture(f.context, &target, s.m, s.d, table_numbers(&f.t, row, "weights", s.m),
                                              table_numbers(&f.t, row, "means", s.m * s.d),
                                              table_numbers(&f.t, row, "covariances", s.m * s.d * s.d)));
    compare_energies(&f, row, target);
    ift_target_destroy(target);
    mixtures++;
  }
  assert_int_equal(mixtures, 3);
  end(&f);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_pairs),
      cmocka_unit_test(test_unequal_masses),
      cmocka_unit_test(test_bandwidth),
      cmocka_unit_test(test_energy_to_samples),
      cmocka_unit_test(test_energy_is_half_of_mmd2),
      cmocka_unit_test(test_energy_to_mixtures),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
