/* The Euclidean projection onto the simplex: optimality, mass, invariances, extremes, arguments. */
#include "support/near.h"

#include <float.h>
#include <stdlib.h>
#include <string.h>

#include "base/sum.h"
#include "simplex/simplex.h"

static uint64_t seed = 4711;

static double uniform(void) {
  seed = seed * 6364136223846793005u + 1442695040888963407u;
  return (double)(seed >> 11) * 0x1p-53;
}

/* b = max(v - nu, 0) for one nu, b >= 0, sum b = mass within 1e-15 n mass: the whole of the optimality conditions. */
static void check(const double *b, const double *v, int64_t n, double mass) {
  double nu = -INFINITY, scale = mass;
  for (int64_t i = 0; i < n; i++) {
    assert_true(b[i] >= 0);
    if (b[i] > 0) nu = fmax(nu, v[i] - b[i]);
  }
  for (int64_t i = 0; i < n; i++)
    if (b[i] > 0) scale = fmax(scale, fabs(v[i]));
  for (int64_t i = 0; i < n; i++) {
    if (b[i] > 0)
      assert_near(v[i] - b[i], nu, 0, 1e-14 * scale);
    else
      assert_true(v[i] <= nu + 1e-14 * scale);
  }
  assert_near(ift_sum(b, n), mass, 1e-15 * (double)n, 0);
}

static void test_random(void **state) {
  (void)state;
  const double masses[] = {1, 0.4, 2.5, 1e-8, 1e6};
  double v[300], b[300], workspace[300];
  for (int round = 0; round < 2000; round++) {
    const int64_t n = 1 + (int64_t)(uniform() * 300);
    const double spread = pow(10, 6 * uniform() - 4), mass = masses[round % 5];
    for (int64_t i = 0; i < n; i++) v[i] = spread * (uniform() - 0.5);
    ift_project_simplex(b, v, n, mass, workspace);
    check(b, v, n, mass);
    ift_project_simplex(v, v, n, mass, workspace); /* in place */
    assert_memory_equal(v, b, (size_t)n * sizeof *v);
  }
}

static void test_points_of_the_simplex_stay(void **state) {
  (void)state;
  double v[50], b[50], workspace[50];
  for (int round = 0; round < 200; round++) {
    double sum = 0;
    for (int i = 0; i < 50; i++) sum += v[i] = uniform() < 0.3 ? 0 : uniform();
    for (int i = 0; i < 50; i++) v[i] *= 2.5 / sum;
    ift_project_simplex(b, v, 50, 2.5, workspace);
    for (int i = 0; i < 50; i++) assert_near(b[i], v[i], 0, 1e-15);
  }
}

static void test_known_values(void **state) {
  (void)state;
  double b[4], workspace[4];
  const double far[] = {10, 0, -3, 9.5}, equal[] = {7, 7, 7, 7}, huge[] = {-1e308, 1e308, 3, 1e308};
  ift_project_simplex(b, far, 4, 1, workspace);
  assert_true(b[0] == 0.75 && b[1] == 0 && b[2] == 0 && b[3] == 0.25);
  ift_project_simplex(b, equal, 4, 1, workspace);
  for (int i = 0; i < 4; i++) assert_true(b[i] == 0.25);
  ift_project_simplex(b, huge, 4, 1, workspace);
  assert_true(b[0] == 0 && b[1] == 0.5 && b[2] == 0 && b[3] == 0.5);
  ift_project_simplex(b, far, 4, 0, workspace);
  for (int i = 0; i < 4; i++) assert_true(b[i] == 0);
  ift_project_simplex(b, far + 2, 1, 0.3, workspace);
  assert_true(b[0] == 0.3);
}

/* Values that leave one after the other. */
static void test_geometric(void **state) {
  (void)state;
  enum { N = 600 };
  static double v[N], b[N], workspace[N];
  for (int i = 0; i < N; i++) v[i] = ldexp(1, -i);
  for (int round = 0; round < 40; round++) {
    const double mass = ldexp(1.3, -round);
    ift_project_simplex(b, v, N, mass, workspace);
    check(b, v, N, mass);
  }
}

static void test_public_function(void **state) {
  (void)state;
  ift_context *context;
  assert_status(IFT_OK, ift_context_create(&context));
  double b[3] = {5, 6, 7};
  const double v[3] = {0.5, 0.25, -1}, infinite[3] = {0, 1, INFINITY}, nan[3] = {NAN, 0, 0};
  assert_status(IFT_ERR_ARGUMENT, ift_simplex_project(NULL, b, v, 3, 1));
  assert_status(IFT_ERR_ARGUMENT, ift_simplex_project(context, NULL, v, 3, 1));
  assert_status(IFT_ERR_ARGUMENT, ift_simplex_project(context, b, NULL, 3, 1));
  assert_status(IFT_ERR_ARGUMENT, ift_simplex_project(context, b, v, 0, 1));
  assert_status(IFT_ERR_ARGUMENT, ift_simplex_project(context, b, v, 3, -1));
  assert_non_null(strstr(ift_context_message(context), "mass is -1"));
  assert_status(IFT_ERR_NOT_FINITE, ift_simplex_project(context, b, v, 3, INFINITY));
  assert_status(IFT_ERR_NOT_FINITE, ift_simplex_project(context, b, v, 3, NAN));
  assert_status(IFT_ERR_NOT_FINITE, ift_simplex_project(context, b, infinite, 3, 1));
  assert_non_null(strstr(ift_context_message(context), "values[2]"));
  assert_status(IFT_ERR_NOT_FINITE, ift_simplex_project(context, b, nan, 3, 1));
  assert_true(b[0] == 5 && b[1] == 6 && b[2] == 7);
  assert_status(IFT_OK, ift_simplex_project(context, b, v, 3, 1));
  assert_true(b[0] == 0.625 && b[1] == 0.375 && b[2] == 0);
  assert_status(IFT_OK, ift_simplex_project(context, b, v, 3, 0));
  assert_true(b[0] == 0 && b[1] == 0 && b[2] == 0);
  ift_context_destroy(context);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_random),          cmocka_unit_test(test_points_of_the_simplex_stay),
      cmocka_unit_test(test_known_values),    cmocka_unit_test(test_geometric),
      cmocka_unit_test(test_public_function),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
