/* Kernels and their sums over pairs against numbers from oracle.py. */
#include "oracle/table.h"

static const double TOLERANCE = 1e-13; /* of the sum of absolute terms */

typedef struct points {
  int64_t n, m, d;
  const double *x, *y, *w;
} points;

static points read_points(const table *t, int64_t row) {
  char name[32];
  long long n, m, d;
  assert_int_equal(sscanf(t->rows[row].text, "%31[^,],%lld,%lld,%lld", name, &n, &m, &d), 4);
  return (points){
      n, m, d, table_numbers(t, row, "x", n * d), table_numbers(t, row, "y", m * d), table_numbers(t, row, "w", m)};
}

/* One kernel on one set of points: sums with weights, either output alone too. */
static void compare_sums(const table *t, int64_t row, const ift_kernel *kernel, const points *p, table_report *report) {
  double *value = table_memory((size_t)p->n, sizeof *value);
  double *gradient = table_memory((size_t)(p->n * p->d), sizeof *gradient);
  const double *value_scale = table_numbers(t, row, "value_scale", p->n);
  const double *gradient_scale = table_numbers(t, row, "gradient_scale", p->n * p->d);
  for (int which = 1; which <= 3; which++) { /* value, gradient, both */
    double *v = which & 1 ? value : NULL, *g = which & 2 ? gradient : NULL;
    assert_status(IFT_OK, ift_kernel_sum_pairs(kernel, v, g, p->x, p->n, p->d, p->y, p->m, p->w));
    if (v) table_compare(report, "value", v, table_numbers(t, row, "value", p->n), value_scale, p->n, TOLERANCE);
    if (g)
      table_compare(report, "gradient", g, table_numbers(t, row, "gradient", p->n * p->d), gradient_scale, p->n * p->d,
                    TOLERANCE);
  }
  free(gradient);
  free(value);
}

/* The matrix, its symmetric form, and the sum with weights 1, which is that of its rows. */
static void compare_gram(const table *t, int64_t row, const ift_kernel *kernel, const points *p, table_report *report) {
  const int64_t n = p->n, m = p->m, gram_row = table_next(t, row, "gram");
  const double *expected = table_numbers(t, row, "gram", n * m);
  const bool radial = strcmp(t->rows[gram_row + 1].key, "gram_scale") != 0;
  const double *scale = radial ? expected : table_numbers(t, row, "gram_scale", n * m);
  double *gram = table_memory((size_t)(m * m), sizeof *gram); /* n <= m */
  double *value = table_memory((size_t)n, sizeof *value);
  assert_true(n <= m);
  assert_status(IFT_OK, ift_kernel_gram(kernel, gram, p->x, n, p->d, p->y, m));
  table_compare(report, "gram", gram, expected, scale, n * m, TOLERANCE);
  assert_status(IFT_OK, ift_kernel_sum_pairs(kernel, value, NULL, p->x, n, p->d, p->y, m, NULL));
  for (int64_t i = 0; i < n; i++) {
    double sum = 0, absolute = 0;
    for (int64_t j = 0; j < m; j++) {
      sum += expected[i * m + j];
      absolute += fabs(scale[i * m + j]);
    }
    table_compare(report, "value with weights 1", &value[i], &sum, &absolute, 1, TOLERANCE);
  }
  /* y against x is the transpose, and a set against itself is symmetric to the last bit */
  assert_status(IFT_OK, ift_kernel_gram(kernel, gram, p->y, m, p->d, p->x, n));
  for (int64_t i = 0; i < n; i++)
    for (int64_t j = 0; j < m; j++)
      table_compare(report, "transposed gram", &gram[j * n + i], &expected[i * m + j], &scale[i * m + j], 1, TOLERANCE);
  assert_status(IFT_OK, ift_kernel_gram(kernel, gram, p->y, m, p->d, NULL, m));
  for (int64_t i = 0; i < m; i++)
    for (int64_t j = 0; j < i; j++) {
      report->failed += gram[i * m + j] != gram[j * m + i];
      report->compared++;
    }
  free(value);
  free(gram);
}

/* Compares a kernel with the rows behind `row` (kernel,SPEC). */
static void compare_kernel(const table *t, int64_t row, const ift_kernel *kernel, const points *p,
                           table_report *report) {
  report->where = t->rows[row].text;
  if (strcmp(t->rows[row + 1].key, "gram") == 0) compare_gram(t, row, kernel, p, report);
  compare_sums(t, row, kernel, p, report);
}

/* The kernels of the file as ift_kernel_parse makes them, on the set of points `name`. */
static void compare_points(void **state, const char *name) {
  (void)state;
  table t;
  table_report report = {0};
  ift_context *context;
  table_read(&t, __FILE__, "kernels.csv");
  assert_status(IFT_OK, ift_context_create(&context));
  int64_t row = table_next(&t, 0, "points");
  while (row < t.count && strncmp(t.rows[row].text, name, strlen(name)) != 0) row = table_next(&t, row + 1, "points");
  assert_true(row < t.count);
  const points p = read_points(&t, row);
  const int64_t end = table_next(&t, row + 1, "points");
  int kernels = 0;
  for (row = table_next(&t, row, "kernel"); row < end; row = table_next(&t, row + 1, "kernel"), kernels++) {
    ift_kernel *kernel;
    assert_status(IFT_OK, ift_kernel_parse(context, &kernel, t.rows[row].text));
    compare_kernel(&t, row, kernel, &p, &report);
    ift_kernel_destroy(kernel);
  }
  assert_true(kernels >= 20);
  ift_context_destroy(context);
  table_free(&t);
  table_finish(&report);
}

static void test_one_dimension(void **state) {
  compare_points(state, "d1,");
}

static void test_two_dimensions(void **state) {
  compare_points(state, "d2,");
}

static void test_three_dimensions(void **state) {
  compare_points(state, "d3,");
}

static void test_ten_dimensions(void **state) {
  compare_points(state, "d10,");
}

static void test_many_points(void **state) {
  compare_points(state, "many,");
}

/* A kernel of the file made by its constructor instead of from text. */
static ift_status construct(ift_context *context, const char *spec, ift_kernel **out) {
  double p, q;
  int power;
  if (sscanf(spec, "gaussian:%lf", &p) == 1) return ift_kernel_gaussian(context, out, p);
  if (sscanf(spec, "laplace:%lf", &p) == 1) return ift_kernel_laplace(context, out, p);
  if (sscanf(spec, "matern12:%lf", &p) == 1) return ift_kernel_matern(context, out, 0.5, p);
  if (sscanf(spec, "matern32:%lf", &p) == 1) return ift_kernel_matern(context, out, 1.5, p);
  if (sscanf(spec, "matern52:%lf", &p) == 1) return ift_kernel_matern(context, out, 2.5, p);
  if (sscanf(spec, "imq:%lf,%lf", &p, &q) == 2) return ift_kernel_imq(context, out, p, q);
  if (sscanf(spec, "imq:%lf", &p) == 1) return ift_kernel_imq(context, out, p, 0.5);
  if (sscanf(spec, "riesz:%lf", &p) == 1) return ift_kernel_riesz(context, out, p);
  if (sscanf(spec, "polynomial:%lf,%d", &p, &power) == 2) return ift_kernel_polynomial(context, out, p, power);
  if (strcmp(spec, "energy") == 0) return ift_kernel_riesz(context, out, 1);
  if (strcmp(spec, "linear") == 0) return ift_kernel_linear(context, out);
  fail_msg("no constructor for %s", spec);
  return IFT_ERR_ARGUMENT;
}

/* A sum from its parts. The file has no exponent with a plus sign, so every plus separates. */
static ift_status construct_sum(ift_context *context, const char *spec, ift_kernel **out) {
  ift_kernel *parts[4];
  double coefficients[4];
  int64_t count = 0;
  for (const char *part = spec; part;) {
    char term[64] = "";
    coefficients[count] = 1;
    const size_t length = strcspn(part, "+"), factor = strcspn(part, "*");
    const size_t skip = factor < length ? factor + 1 : 0;
    if (skip) coefficients[count] = strtod(part, NULL);
    assert_true(length - skip < sizeof term && count < 4);
    memcpy(term, part + skip, length - skip);
    assert_status(IFT_OK, construct(context, term, &parts[count++]));
    part = part[length] ? part + length + 1 : NULL;
  }
  const ift_status status = ift_kernel_sum(context, out, (const ift_kernel *const *)parts, coefficients, count);
  for (int64_t i = 0; i < count; i++) ift_kernel_destroy(parts[i]); /* retained by the sum */
  return status;
}

static void test_constructors(void **state) {
  (void)state;
  table t;
  table_report report = {0};
  ift_context *context;
  table_read(&t, __FILE__, "kernels.csv");
  assert_status(IFT_OK, ift_context_create(&context));
  int64_t row = table_next(&t, 0, "points");
  const points p = read_points(&t, row);
  const int64_t end = table_next(&t, row + 1, "points");
  for (row = table_next(&t, row, "kernel"); row < end; row = table_next(&t, row + 1, "kernel")) {
    const char *spec = t.rows[row].text;
    ift_kernel *kernel;
    const bool sum = strpbrk(spec, "+*") != NULL;
    assert_status(IFT_OK, sum ? construct_sum(context, spec, &kernel) : construct(context, spec, &kernel));
    compare_kernel(&t, row, kernel, &p, &report);
    ift_kernel_destroy(kernel);
  }
  ift_context_destroy(context);
  table_free(&t);
  table_finish(&report);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_one_dimension),    cmocka_unit_test(test_two_dimensions),
      cmocka_unit_test(test_three_dimensions), cmocka_unit_test(test_ten_dimensions),
      cmocka_unit_test(test_many_points),      cmocka_unit_test(test_constructors),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
