/* Quadratic programs over the simplex and the cone against the exact solutions of make_qp.py. */
#include "oracle/table.h"

static void test_exact_solutions(void **state) {
  (void)state;
  table t;
  table_report report = {.where = "qp"};
  ift_context *context;
  table_read(&t, __FILE__, "qp.csv");
  assert_status(IFT_OK, ift_context_create(&context));
  for (int64_t row = table_next(&t, 0, "problem"); row < t.count; row = table_next(&t, row + 1, "problem")) {
    const bool cone = strstr(t.rows[row].text, ",cone") != NULL;
    const double *sizes = table_numbers(&t, row, "sizes", 2);
    const int64_t n = (int64_t)sizes[0];
    const double mass = table_numbers(&t, row, "mass", 1)[0], *gram = table_numbers(&t, row, "gram", n * n);
    const double *linear = table_numbers(&t, row, "linear", n), *weights = table_numbers(&t, row, "weights", n);
    const double *minimum = table_numbers(&t, row, "minimum", 1);
    double b[32], gap, largest = 0, sum = 0, size = 0;
    assert_true(n <= 32);
    for (int start = 0; start < 3; start++) { /* none, a vertex, increasing weights */
      double from[32] = {0};
      for (int64_t i = 0; i < n; i++) from[i] = start == 1 ? i == n / 2 : (double)(i + 1);
      const double *begin = start ? from : NULL;
      assert_status(IFT_OK, cone ? ift_cone_qp(context, b, &gap, NULL, gram, linear, n, begin, NULL, 0)
                                 : ift_simplex_qp(context, b, &gap, NULL, gram, linear, n, mass, begin, NULL, 0));
      long double value = 0;
      sum = size = 0;
      for (int64_t i = 0; i < n; i++) {
        long double product = 0;
        for (int64_t j = 0; j < n; j++) product += (long double)gram[i * n + j] * (long double)b[j];
        value += (long double)b[i] * (product / 2 - (long double)linear[i]);
        largest = fmax(largest, gram[i * n + i]);
        sum += b[i], size += b[i] * fabs(linear[i]);
      }
      report.where = t.rows[row].text;
      const double got = (double)value, scale = fmax(1, sum * sum) * largest + size;
      table_compare(&report, "minimum", &got, minimum, &scale, 1, 2e-14);
      const double error = fmax(0, got - minimum[0]), excess = fmax(0, error - gap), zero = 0;
      table_compare(&report, "error above the gap", &excess, &zero, &scale, 1, 1e-15);
      if (sizes[1] == 1) table_compare(&report, "weights", b, weights, NULL, n, 1e-10);
    }
  }
  ift_context_destroy(context);
  table_free(&t);
  table_finish(&report);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_exact_solutions)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
