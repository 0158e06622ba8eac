/* Limited-memory BFGS on functions whose minima are known, on functions that fail, and with memory that does. */
#include "support/memory.h"
#include "support/near.h"

#include <float.h>

#include "linalg/lbfgs.h"

enum { MOST = 60 };

/* Any of the functions below: what it is made of, and what was asked of it. */
typedef struct function {
  int64_t n, calls, fail_at;
  double values[MOST], center[MOST], axis[MOST]; /* eigenvalues, minimum, normal of a reflection */
  double offset, noise;                          /* noise: as of rounding in sums larger than the result */
  ift_status status;
} function;

static double inner(const double *a, const double *b, int64_t n) {
  double sum = 0;
  for (int64_t i = 0; i < n; i++) sum += a[i] * b[i];
  return sum;
}

/* f->offset + (x - c)' QDQ (x - c) / 2, Q the reflection 1 - 2 vv'. */
static ift_status quadratic(void *user, const double *x, double *value, double *gradient) {
  function *f = user;
  f->calls++;
  if (f->calls == f->fail_at) return f->status;
  double u[MOST], du[MOST];
  for (int64_t i = 0; i < f->n; i++) u[i] = x[i] - f->center[i];
  const double before = inner(f->axis, u, f->n);
  for (int64_t i = 0; i < f->n; i++) u[i] -= 2 * before * f->axis[i];
  for (int64_t i = 0; i < f->n; i++) du[i] = f->values[i] * u[i];
  *value = f->offset + inner(u, du, f->n) / 2;
  const double after = inner(f->axis, du, f->n);
  for (int64_t i = 0; i < f->n; i++) gradient[i] = du[i] - 2 * after * f->axis[i];
  if (f->noise > 0) {
    *value += f->noise * sin(1e18 * x[0]);
    for (int64_t i = 0; i < f->n; i++) gradient[i] += f->noise * sin(1e18 * x[(i + 1) % f->n] + (double)i);
  }
  return IFT_OK;
}

/* Eigenvalues from 1/condition to 1. */
static function quadratic_of(int64_t n, double condition, double offset) {
  function f = {.n = n, .offset = offset};
  double length = 0;
  for (int64_t i = 0; i < n; i++) {
    f.values[i] = pow(condition, n > 1 ? -(double)i / (double)(n - 1) : 0);
    f.center[i] = sin((double)i);
    f.axis[i] = cos(3 * (double)i);
    length += f.axis[i] * f.axis[i];
  }
  for (int64_t i = 0; i < n; i++) f.axis[i] /= sqrt(length);
  return f;
}

/* Rosenbrock 1960, in n dimensions sum 100 (x_i+1 - x_i^2)^2 + (1 - x_i)^2. */
static ift_status rosenbrock(void *user, const double *x, double *value, double *gradient) {
  function *f = user;
  f->calls++;
  *value = f->offset;
  for (int64_t i = 0; i < f->n; i++) gradient[i] = 0;
  for (int64_t i = 0; i + 1 < f->n; i++) {
    const double a = x[i + 1] - x[i] * x[i], b = 1 - x[i];
    *value += 100 * a * a + b * b;
    gradient[i] += -400 * a * x[i] - 2 * b;
    gradient[i + 1] += 200 * a;
  }
  return IFT_OK;
}

/* x_0 - log x_0 and squares of the others: not finite where x_0 <= 0. Minimum at (1, 0, 0, ...). */
static ift_status barrier(void *user, const double *x, double *value, double *gradient) {
  function *f = user;
  f->calls++;
  if (!(x[0] > 0)) {
    if (f->status == IFT_ERR_NOT_FINITE) return f->status;
    *value = f->calls % 2 ? NAN : INFINITY;
    return IFT_OK;
  }
  *value = x[0] - log(x[0]);
  gradient[0] = 1 - 1 / x[0];
  for (int64_t i = 1; i < f->n; i++) {
    *value += x[i] * x[i] / 2;
    gradient[i] = x[i];
  }
  return IFT_OK;
}

/* Value and slope of a line: has no minimum. */
static ift_status line(void *user, const double *x, double *value, double *gradient) {
  function *f = user;
  f->calls++;
  *value = x[0];
  gradient[0] = 1;
  return IFT_OK;
}

static ift_status not_finite_gradient(void *user, const double *x, double *value, double *gradient) {
  (void)user;
  *value = x[0];
  gradient[0] = NAN;
  return IFT_OK;
}

typedef ift_status (*evaluate)(void *user, const double *x, double *value, double *gradient);

static ift_lbfgs_problem problem_of(evaluate e, function *f) {
  return (ift_lbfgs_problem){.evaluate = e, .user = f, .tolerance = 1e-10, .first_step = 1, .iterations = 2000};
}

typedef struct fixture {
  ift_context *context;
  ift_lbfgs *lbfgs;
} fixture;

static fixture fixture_of(int64_t n) {
  fixture fix;
  assert_status(IFT_OK, ift_context_create(&fix.context));
  assert_status(IFT_OK, ift_lbfgs_create(fix.context, &fix.lbfgs, n));
  return fix;
}

static void fixture_end(fixture fix) {
  ift_lbfgs_destroy(fix.lbfgs);
  ift_context_destroy(fix.context);
}

static void test_quadratics(void **state) {
  (void)state;
  /* condition, offset, evaluations allowed: 10 pairs are few for 50 eigenvalues spread over six decades */
  static const double cases[][3] = {{1, 0, 2},       {1e2, 0, 130},   {1e2, 1, 130},     {1e2, -1e3, 130},
                                    {1e6, 0, 12000}, {1e6, 1, 12000}, {1e6, -1e3, 12000}};
  for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
    function f = quadratic_of(50, cases[c][0], cases[c][1]);
    fixture fix = fixture_of(f.n);
    double x[MOST] = {0}, value, start, gradient[MOST], ratio;
    int64_t evaluations;
    quadratic(&f, x, &start, gradient);
    const double norm = sqrt(inner(gradient, gradient, f.n));
    ift_lbfgs_problem problem = problem_of(quadratic, &f);
    problem.iterations = 20000;
    f.calls = 0;
    assert_status(IFT_OK, ift_lbfgs_minimize(fix.lbfgs, &problem, x, &evaluations, &ratio));
    assert_int_equal(evaluations, f.calls);
    assert_true(evaluations <= (int64_t)cases[c][2]);
    assert_true(ratio <= 1e-10);
    quadratic(&f, x, &value, gradient);
    assert_near(sqrt(inner(gradient, gradient, f.n)), ratio * norm, 1e-12, 0);
    assert_true(value <= start);
    for (int64_t i = 0; i < f.n; i++) assert_near(x[i], f.center[i], 0, cases[c][0] * 1e-10 * norm);
    fixture_end(fix);
  }
}

/* First steps far too long or far too short cost a few evaluations more. */
static void test_first_step(void **state) {
  (void)state;
  static const double steps[] = {1, 1e-12, 1e-3, 1e3, 1e12};
  for (size_t s = 0; s < sizeof steps / sizeof *steps; s++) {
    function f = quadratic_of(20, 100, 1);
    fixture fix = fixture_of(f.n);
    double x[MOST] = {0}, ratio;
    int64_t evaluations;
    ift_lbfgs_problem problem = problem_of(quadratic, &f);
    problem.first_step = steps[s];
    assert_status(IFT_OK, ift_lbfgs_minimize(fix.lbfgs, &problem, x, &evaluations, &ratio));
    assert_true(ratio <= 1e-10);
    assert_true(evaluations <= 130);
    fixture_end(fix);
  }
}

/* From the classical start, and with a constant that hides the last part of the descent from the value. */
static void test_rosenbrock(void **state) {
  (void)state;
  static const struct {
    int64_t n, evaluations;
    double offset;
  } cases[] = {{2, 60, 0}, {2, 60, 10}, {20, 220, 0}, {20, 220, 10}};
  for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
    function f = {.n = cases[c].n, .offset = cases[c].offset};
    fixture fix = fixture_of(f.n);
    double x[MOST], ratio;
    for (int64_t i = 0; i < f.n; i++) x[i] = i % 2 ? 1 : -1.2;
    int64_t evaluations;
    ift_lbfgs_problem problem = problem_of(rosenbrock, &f);
    problem.first_step = 1e-3;
    assert_status(IFT_OK, ift_lbfgs_minimize(fix.lbfgs, &problem, x, &evaluations, &ratio));
    assert_true(ratio <= 1e-10);
    assert_true(evaluations <= cases[c].evaluations);
    for (int64_t i = 0; i < f.n; i++) assert_near(x[i], 1, 0, 1e-7);
    fixture_end(fix);
  }
}

/* Whatever number of iterations it is stopped after, also within rounding of the minimum, the value has not risen. */
static void test_value_never_rises(void **state) {
  (void)state;
  function f = quadratic_of(20, 1e3, 1);
  fixture fix = fixture_of(f.n);
  double start[MOST] = {0};
  for (double distance = 1; distance > 1e-11; distance /= 7) {
    double before, last = INFINITY, gradient[MOST], ratio;
    for (int64_t i = 0; i < f.n; i++) start[i] = f.center[i] + distance * cos((double)(i * i));
    quadratic(&f, start, &before, gradient);
    const double norm = sqrt(inner(gradient, gradient, f.n));
    for (int64_t iterations = 0; iterations < 60; iterations++) {
      double x[MOST], value;
      for (int64_t i = 0; i < f.n; i++) x[i] = start[i];
      ift_lbfgs_problem problem = problem_of(quadratic, &f);
      problem.iterations = iterations;
      assert_status(IFT_OK, ift_lbfgs_minimize(fix.lbfgs, &problem, x, NULL, &ratio));
      quadratic(&f, x, &value, gradient);
      assert_true(value <= before);
      assert_true(value <= last * (1 + 1e-10));
      assert_near(sqrt(inner(gradient, gradient, f.n)), ratio * norm, 1e-10, 0);
      last = value;
    }
  }
  fixture_end(fix);
}

/* Both ways to say that a point is outside, and a minimum next to the border that the first trials jump over. */
static void test_half_space(void **state) {
  (void)state;
  static const ift_status ways[] = {IFT_ERR_NOT_FINITE, IFT_OK};
  for (size_t k = 0; k < 2; k++) {
    for (double first_step = 1e-3; first_step < 1e7; first_step *= 100) {
      function f = {.n = 5, .status = ways[k]};
      fixture fix = fixture_of(f.n);
      double x[] = {20, 30, -40, 50, 60}, ratio;
      int64_t evaluations;
      ift_lbfgs_problem problem = problem_of(barrier, &f);
      problem.first_step = first_step;
      assert_status(IFT_OK, ift_lbfgs_minimize(fix.lbfgs, &problem, x, &evaluations, &ratio));
      assert_true(ratio <= 1e-10);
      assert_true(evaluations < 60);
      for (int64_t i = 0; i < f.n; i++) assert_near(x[i], i == 0, 0, 1e-8);
      fixture_end(fix);
    }
  }
}

/* Nothing to do: one evaluation, x as it was. */
static void test_start_is_minimum(void **state) {
  (void)state;
  function f = quadratic_of(20, 100, 3);
  fixture fix = fixture_of(f.n);
  double x[MOST], ratio = NAN;
  for (int64_t i = 0; i < f.n; i++) x[i] = f.center[i];
  int64_t evaluations;
  const ift_lbfgs_problem problem = problem_of(quadratic, &f);
  assert_status(IFT_OK, ift_lbfgs_minimize(fix.lbfgs, &problem, x, &evaluations, &ratio));
  assert_int_equal(evaluations, 1);
  assert_true(ratio == 0);
  assert_memory_equal(x, f.center, (size_t)f.n * sizeof *x);
  fixture_end(fix);
}

/* Where the run ends by rounding (no gradient is small enough for tolerance 0) it ends in time, and well. */
static void test_rounding_ends(void **state) {
  (void)state;
  function f = quadratic_of(20, 100, 1);
  for (int64_t i = 0; i < f.n; i++) f.center[i] += 1e3; /* x has fewer digits than its distance to the minimum */
  fixture fix = fixture_of(f.n);
  double x[MOST] = {0}, ratio;
  int64_t evaluations;
  ift_lbfgs_problem problem = problem_of(quadratic, &f);
  problem.tolerance = 0;
  assert_status(IFT_OK, ift_lbfgs_minimize(fix.lbfgs, &problem, x, &evaluations, &ratio));
  assert_true(ratio <= 1e-13);
  assert_true(evaluations < 400);
  fixture_end(fix);
}

/* A start so close to the minimum that the tolerance is out of reach. */
static void test_tolerance_out_of_reach(void **state) {
  (void)state;
  function f = quadratic_of(20, 100, 0.3);
  f.noise = 1e-14;
  fixture fix = fixture_of(f.n);
  for (double distance = 1; distance > 1e-16; distance /= 10) {
    double x[MOST], before, after, gradient[MOST], ratio;
    for (int64_t i = 0; i < f.n; i++) x[i] = f.center[i] + distance;
    quadratic(&f, x, &before, gradient);
    int64_t evaluations;
    const ift_lbfgs_problem problem = problem_of(quadratic, &f);
    assert_status(IFT_OK, ift_lbfgs_minimize(fix.lbfgs, &problem, x, &evaluations, &ratio));
    assert_true(evaluations < 400);
    assert_true(ratio <= fmin(1, 1e-10 + 2e-13 / distance));
    quadratic(&f, x, &after, gradient);
    assert_true(after <= before);
  }
  fixture_end(fix);
}

static void test_iterations(void **state) {
  (void)state;
  function f = {.n = 1};
  fixture fix = fixture_of(f.n);
  double x[] = {5}, ratio;
  int64_t evaluations;
  ift_lbfgs_problem problem = problem_of(line, &f);
  problem.iterations = 0;
  assert_status(IFT_OK, ift_lbfgs_minimize(fix.lbfgs, &problem, x, &evaluations, &ratio));
  assert_int_equal(evaluations, 1);
  assert_true(x[0] == 5 && ratio == 1);
  problem.iterations = 3; /* no minimum: as far as the line search goes */
  assert_status(IFT_OK, ift_lbfgs_minimize(fix.lbfgs, &problem, x, &evaluations, &ratio));
  assert_true(x[0] < 5 && isfinite(x[0]) && ratio == 1);
  fixture_end(fix);
}

static void test_one_variable(void **state) {
  (void)state;
  function f = {.n = 1, .status = IFT_ERR_NOT_FINITE};
  fixture fix = fixture_of(f.n);
  double x[] = {1e-3}, ratio;
  int64_t evaluations;
  const ift_lbfgs_problem problem = problem_of(barrier, &f);
  assert_status(IFT_OK, ift_lbfgs_minimize(fix.lbfgs, &problem, x, &evaluations, &ratio));
  assert_near(x[0], 1, 0, 1e-8);
  assert_true(ratio <= 1e-10 && evaluations < 50);
  fixture_end(fix);
}

/* Any status at any evaluation comes back, x is untouched, and the next run is not spoiled. */
static void test_failures(void **state) {
  (void)state;
  static const ift_status statuses[] = {IFT_ERR_CALLBACK, IFT_ERR_NO_MEMORY, IFT_STOPPED};
  fixture fix = fixture_of(10);
  for (size_t k = 0; k < sizeof statuses / sizeof *statuses; k++) {
    for (int64_t at = 1; at < 25; at++) {
      function f = quadratic_of(10, 1e3, 1);
      f.fail_at = at;
      f.status = statuses[k];
      double x[10], before[10];
      for (int64_t i = 0; i < 10; i++) x[i] = before[i] = 3 - (double)i;
      const ift_lbfgs_problem problem = problem_of(quadratic, &f);
      assert_status(statuses[k], ift_lbfgs_minimize(fix.lbfgs, &problem, x, NULL, NULL));
      assert_int_equal(f.calls, at);
      assert_memory_equal(x, before, sizeof x);
    }
  }
  fixture_end(fix);
}

/* Not finite at the start: there is nothing to step back to. */
static void test_start_not_finite(void **state) {
  (void)state;
  fixture fix = fixture_of(1);
  for (int k = 0; k < 3; k++) {
    function f = {.n = 1, .status = k == 0 ? IFT_ERR_NOT_FINITE : IFT_OK};
    double x[] = {-2};
    const ift_lbfgs_problem problem = problem_of(k < 2 ? barrier : not_finite_gradient, &f);
    assert_status(IFT_ERR_NOT_FINITE, ift_lbfgs_minimize(fix.lbfgs, &problem, x, NULL, NULL));
    assert_true(x[0] == -2);
  }
  fixture_end(fix);
}

/* Gradients whose squares overflow or underflow. */
static void test_huge_and_tiny(void **state) {
  (void)state;
  static const double scales[] = {1e-250, 1e-100, 1e100, 1e250};
  for (size_t s = 0; s < sizeof scales / sizeof *scales; s++) {
    function f = quadratic_of(10, 10, 0);
    for (int64_t i = 0; i < f.n; i++) f.values[i] *= scales[s];
    fixture fix = fixture_of(f.n);
    double x[MOST] = {0}, ratio;
    ift_lbfgs_problem problem = problem_of(quadratic, &f);
    problem.first_step = 1 / scales[s];
    assert_status(IFT_OK, ift_lbfgs_minimize(fix.lbfgs, &problem, x, NULL, &ratio));
    assert_true(ratio <= 1e-10);
    fixture_end(fix);
  }
}

/* The same bits from the same start, whatever the object has done before. */
static void test_deterministic(void **state) {
  (void)state;
  double first[MOST] = {0};
  fixture fix = fixture_of(20);
  for (int k = 0; k < 4; k++) {
    function f = {.n = 20};
    if (k == 2) {
      fixture_end(fix);
      fix = fixture_of(20);
    } else if (k == 3) {
      function other = quadratic_of(20, 50, 1);
      double x[MOST] = {0};
      const ift_lbfgs_problem problem = problem_of(quadratic, &other);
      assert_status(IFT_OK, ift_lbfgs_minimize(fix.lbfgs, &problem, x, NULL, NULL));
    }
    double x[MOST] = {0};
    for (int64_t i = 0; i < f.n; i++) x[i] = cos((double)i);
    ift_lbfgs_problem problem = problem_of(rosenbrock, &f);
    problem.iterations = 40;
    assert_status(IFT_OK, ift_lbfgs_minimize(fix.lbfgs, &problem, x, NULL, NULL));
    if (k == 0) memcpy(first, x, sizeof x);
    assert_memory_equal(x, first, sizeof x);
  }
  fixture_end(fix);
}

/* Each allocation of creation fails once; a run makes none. */
static void test_memory(void **state) {
  (void)state;
  memory m = {0};
  ift_context *context = memory_context(&m);
  ift_lbfgs *lbfgs = NULL;
  const int64_t live = m.live;
  for (int64_t at = 1; at <= 2; at++) {
    memory_fail(&m, at, false);
    assert_status(IFT_ERR_NO_MEMORY, ift_lbfgs_create(context, &lbfgs, 20));
    assert_int_equal(m.failed, 1);
    assert_int_equal(m.live, live);
    assert_null(lbfgs);
  }
  memory_fail(&m, 0, false);
  assert_status(IFT_ERR_NO_MEMORY, ift_lbfgs_create(context, &lbfgs, INT64_MAX / 20));
  assert_status(IFT_OK, ift_lbfgs_create(context, &lbfgs, 20));
  memory_fail(&m, 1, true);
  function f = {.n = 20};
  double x[MOST] = {0};
  const ift_lbfgs_problem problem = problem_of(rosenbrock, &f);
  assert_status(IFT_OK, ift_lbfgs_minimize(lbfgs, &problem, x, NULL, NULL));
  assert_int_equal(m.calls, 0);
  memory_fail(&m, 0, false);
  ift_lbfgs_destroy(lbfgs);
  ift_lbfgs_destroy(NULL);
  assert_int_equal(m.live, live);
  ift_context_destroy(context);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_quadratics),
      cmocka_unit_test(test_first_step),
      cmocka_unit_test(test_rosenbrock),
      cmocka_unit_test(test_value_never_rises),
      cmocka_unit_test(test_half_space),
      cmocka_unit_test(test_start_is_minimum),
      cmocka_unit_test(test_rounding_ends),
      cmocka_unit_test(test_iterations),
      cmocka_unit_test(test_tolerance_out_of_reach),
      cmocka_unit_test(test_one_variable),
      cmocka_unit_test(test_failures),
      cmocka_unit_test(test_start_not_finite),
      cmocka_unit_test(test_huge_and_tiny),
      cmocka_unit_test(test_deterministic),
      cmocka_unit_test(test_memory),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
