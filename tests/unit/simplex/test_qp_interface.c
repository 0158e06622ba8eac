/* Quadratic programs from outside: arguments, outputs, messages, log, memory that is short, dirty or counted, equal
 * bits. */
#include "unit/simplex/problems.h"

#include "linalg/linalg.h"
#include "simplex/simplex.h"

/* An allocator that fills memory with a byte, counts, and fails from call `fail` on: once, or from then on. */
typedef struct counter {
  int64_t calls, live, fail;
  bool for_good;
  int fill;
} counter;

static void *allocate(size_t size, void *user) {
  counter *c = user;
  const int64_t call = c->calls++;
  if (c->fail >= 0 && (c->for_good ? call >= c->fail : call == c->fail)) return NULL;
  void *memory = malloc(size);
  assert_non_null(memory);
  memset(memory, c->fill, size);
  c->live++;
  return memory;
}

static void release(void *memory, void *user) {
  counter *c = user;
  c->live--;
  free(memory);
}

static ift_context *counted_context(counter *c) {
  ift_context *context;
  assert_status(IFT_OK, ift_context_create_with_allocator(&context, allocate, release, c));
  return context;
}

static void test_arguments(void **state) {
  (void)state;
  ift_context *x;
  assert_status(IFT_OK, ift_context_create(&x));
  double b[2] = {7, 8}, gap = 9;
  int64_t its = 10;
  const double k[4] = {1, 0.5, 0.5, 1}, t[2] = {0.2, 0.1}, bad[2] = {0.5, NAN}, minus[2] = {0.5, -0.5};
  const double infinite[4] = {1, 0.5, INFINITY, 1}, diagonal[4] = {1, 0, 0, -1e-3};
  const struct {
    ift_status status;
    const double *gram, *linear, *start;
    int64_t n;
    double mass, tolerance;
    const char *method, *message;
  } cases[] = {
      {IFT_ERR_ARGUMENT, NULL, t, NULL, 2, 1, 0, NULL, "gram is NULL"},
      {IFT_ERR_ARGUMENT, k, NULL, NULL, 2, 1, 0, NULL, "linear is NULL"},
      {IFT_ERR_ARGUMENT, k, t, NULL, 0, 1, 0, NULL, "n is 0"},
      {IFT_ERR_ARGUMENT, k, t, NULL, -3, 1, 0, NULL, "n is -3"},
      {IFT_ERR_ARGUMENT, k, t, NULL, 2, 1, -1e-9, NULL, "tolerance is -1e-09"},
      {IFT_ERR_ARGUMENT, k, t, NULL, 2, 1, NAN, NULL, "tolerance is"},
      {IFT_ERR_ARGUMENT, k, t, minus, 2, 1, 0, NULL, "start[1] is -0.5"},
      {IFT_ERR_ARGUMENT, diagonal, t, NULL, 2, 1, 0, NULL, "gram[1,1] is -0.001"},
      {IFT_ERR_NOT_FINITE, infinite, t, NULL, 2, 1, 0, NULL, "gram[1,0] is inf"},
      {IFT_ERR_NOT_FINITE, k, bad, NULL, 2, 1, 0, NULL, "linear[1] is"},
      {IFT_ERR_NOT_FINITE, k, t, bad, 2, 1, 0, NULL, "start[1] is"},
      {IFT_ERR_OPTION, k, t, NULL, 2, 1, 0, "simplex", "method is 'simplex'; allowed are auto, active-set"},
      {IFT_ERR_OPTION, k, t, NULL, 2, 1, 0, "", "method is ''"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    for (int cone = 0; cone < 2; cone++) {
      const ift_status got = cone ? ift_cone_qp(x, b, &gap, &its, cases[i].gram, cases[i].linear, cases[i].n,
                                                cases[i].start, cases[i].method, cases[i].tolerance)
                                  : ift_simplex_qp(x, b, &gap, &its, cases[i].gram, cases[i].linear, cases[i].n,
                                                   cases[i].mass, cases[i].start, cases[i].method, cases[i].tolerance);
      assert_status(cases[i].status, got);
      if (!strstr(ift_context_message(x), cases[i].message))
        fail_msg("'%s' has no '%s'", ift_context_message(x), cases[i].message);
    }
  }
  assert_status(IFT_ERR_ARGUMENT, ift_simplex_qp(NULL, b, NULL, NULL, k, t, 2, 1, NULL, NULL, 0));
  assert_status(IFT_ERR_ARGUMENT, ift_simplex_qp(x, NULL, NULL, NULL, k, t, 2, 1, NULL, NULL, 0));
  assert_status(IFT_ERR_ARGUMENT, ift_cone_qp(NULL, b, NULL, NULL, k, t, 2, NULL, NULL, 0));
  assert_status(IFT_ERR_ARGUMENT, ift_cone_qp(x, NULL, NULL, NULL, k, t, 2, NULL, NULL, 0));
  assert_status(IFT_ERR_ARGUMENT, ift_simplex_qp(x, b, &gap, &its, k, t, 2, -0.1, NULL, NULL, 0));
  assert_status(IFT_ERR_NOT_FINITE, ift_simplex_qp(x, b, &gap, &its, k, t, 2, INFINITY, NULL, NULL, 0));
  assert_true(b[0] == 7 && b[1] == 8 && gap == 9 && its == 10);
  ift_context_destroy(x);
}

static void test_outputs(void **state) {
  (void)state;
  ift_context *x;
  assert_status(IFT_OK, ift_context_create(&x));
  const double k[4] = {1, 0.5, 0.5, 1}, t[2] = {0.2, 0.1};
  double b[2], c[2] = {0.1, 3}, gap, zero[2] = {4, 5};
  int64_t its;
  assert_status(IFT_OK, ift_simplex_qp(x, b, &gap, &its, k, t, 2, 1, NULL, "auto", 0));
  assert_near(b[0], 0.6, 1e-15, 0), assert_near(b[1], 0.4, 1e-15, 0);
  assert_true(gap >= 0 && gap <= 1e-14 && its > 0);
  assert_status(IFT_OK, ift_simplex_qp(x, c, NULL, NULL, k, t, 2, 1, c, "active-set", 0)); /* in place */
  assert_near(c[0], 0.6, 1e-15, 0);
  gap = -1, its = -1;
  assert_status(IFT_OK, ift_simplex_qp(x, zero, &gap, &its, k, t, 2, 0, NULL, NULL, 0));
  assert_true(zero[0] == 0 && zero[1] == 0 && gap == 0 && its == 0);
  const double none[2] = {0, 0}; /* a start of no mass is as good as none */
  assert_status(IFT_OK, ift_simplex_qp(x, b, &gap, &its, k, t, 2, 1, none, NULL, 0));
  assert_near(b[0], 0.6, 1e-15, 0);
  assert_status(IFT_OK, ift_cone_qp(x, b, NULL, NULL, k, t, 2, NULL, NULL, 0));
  assert_near(b[0], 0.2, 1e-15, 0), assert_near(b[1], 0, 0, 1e-16);
  ift_context_destroy(x);
}

static void keep_line(const char *text, void *user) {
  snprintf(user, 128, "%s", text);
}

static void test_log(void **state) {
  (void)state;
  ift_context *x;
  assert_status(IFT_OK, ift_context_create(&x));
  char line[128] = "";
  const double one = 1;
  double b;
  assert_status(IFT_OK, ift_context_set_log(x, keep_line, line, NULL));
  assert_status(IFT_OK, ift_cone_qp(x, &b, NULL, NULL, &one, &one, 1, NULL, "active-set", 0));
  assert_string_equal(line, "");
  assert_status(IFT_OK, ift_cone_qp(x, &b, NULL, NULL, &one, &one, 1, NULL, NULL, 0));
  assert_string_equal(line, "quadratic program of 1 weights: method active-set");
  ift_context_destroy(x);
}

static void make(problem *p, int64_t n, bool cone, uint64_t seed) {
  random_numbers r = {seed};
  *p = problem_create(n, cone, 1);
  random_gaussian(p, &r, 2, 1, 100);
}

/* After its creation a workspace never allocates, and what it solved before doesn't change the bits of what it
 * solves next. */
static void test_a_workspace_is_reused(void **state) {
  (void)state;
  counter c = {.fail = -1, .fill = 0xa5};
  ift_context *x = counted_context(&c);
  problem p[3];
  make(&p[0], 80, false, 1), make(&p[1], 50, true, 2), make(&p[2], 1, false, 3);
  ift_qp *qp;
  assert_status(IFT_OK, ift_qp_create(x, &qp, 80));
  const int64_t calls = c.calls;
  double first[3][80], again[80];
  for (int round = 0; round < 3; round++) {
    for (int k = 0; k < 3; k++) {
      double *b = round == 0 ? first[k] : again;
      for (int64_t i = 0; i < p[k].n; i++) b[i] = p[k].cone ? 0 : 1 / (double)p[k].n;
      const ift_qp_problem q = {.gram = p[k].gram, .linear = p[k].linear, .n = p[k].n, .cone = p[k].cone, .mass = 1};
      ift_qp_result result;
      assert_status(IFT_OK, ift_qp_solve(qp, &q, b, &result));
      if (round > 0) assert_memory_equal(b, first[k], (size_t)p[k].n * sizeof *b);
    }
  }
  assert_int_equal(c.calls, calls);
  ift_qp_destroy(qp);
  ift_qp_destroy(NULL);
  ift_context_destroy(x);
  assert_int_equal(c.live, 0);
  for (int k = 0; k < 3; k++) problem_free(&p[k]);
}

static void test_bits_do_not_depend_on_memory(void **state) {
  (void)state;
  for (int cone = 0; cone < 2; cone++) {
    problem p;
    make(&p, 150, cone, 4);
    double results[3][150];
    const int fills[] = {0, 0xff, 0x3f};
    for (int k = 0; k < 3; k++) {
      counter c = {.fail = -1, .fill = fills[k]};
      ift_context *x = counted_context(&c);
      assert_status(IFT_OK, solve(x, &p, results[k], NULL, NULL, NULL, 0));
      ift_context_destroy(x);
      assert_int_equal(c.live, 0);
      assert_memory_equal(results[k], results[0], sizeof results[0]);
    }
    problem_free(&p);
  }
}

/* The factor of a large workspace grows on demand. n is above what is taken at once, the solution far below it. */
static void test_large_workspaces_grow(void **state) {
  (void)state;
  enum { N = 1100 };
  counter c = {.fail = -1, .fill = 0xa5};
  ift_context *x = counted_context(&c);
  problem p;
  make(&p, N, false, 5);
  double *b = reals(N), gap;
  assert_status(IFT_OK, solve(x, &p, b, &gap, NULL, NULL, 0));
  check_feasible(&p, b);
  assert_int_equal(c.live, 1);
  /* a start near a minimizer with all atoms alive: all of it is factorized */
  random_numbers r = {6};
  double sum = 0;
  for (int64_t i = 0; i < N; i++) sum += p.start[i] = 0.5 + uniform(&r), p.gram[i * N + i] += 1;
  for (int64_t i = 0; i < N; i++) p.start[i] /= sum;
  ift_symmetric_multiply(p.linear, 1, p.gram, N, p.start, 0);
  for (int64_t i = 0; i < N; i++) b[i] = p.start[i] * (1 + 0.01 * uniform(&r));
  assert_status(IFT_OK, solve(x, &p, b, &gap, NULL, b, 0));
  check_feasible(&p, b);
  for (int64_t i = 0; i < N; i++) assert_near(b[i], p.start[i], 1e-11, 0);
  ift_context_destroy(x);
  assert_int_equal(c.live, 0);
  free(b), problem_free(&p);
}

/* Fails at each allocation in turn: an error, nothing written, nothing lost; and the next call works. */
static void test_memory_faults(void **state) {
  (void)state;
  problem p;
  make(&p, 1030, false, 7);
  for (int for_good = 0; for_good < 2; for_good++) {
    counter c = {.fail = -1, .for_good = for_good, .fill = 0xa5};
    ift_context *x = counted_context(&c);
    double *b = reals(p.n), gap;
    int failures = 0;
    for (int64_t fail = 0;; fail++) {
      b[0] = 42, gap = 43;
      c.calls = 0, c.fail = fail;
      const ift_status status = solve(x, &p, b, &gap, NULL, NULL, 1e-3);
      c.fail = -1;
      assert_int_equal(c.live, 1);
      if (status == IFT_OK) break;
      assert_status(IFT_ERR_NO_MEMORY, status);
      assert_true(b[0] == 42 && gap == 43);
      assert_non_null(strstr(ift_context_message(x), "out of memory"));
      failures++;
    }
    assert_true(failures >= 6);
    double values[2] = {1, 2};
    c.calls = 0, c.fail = 0;
    assert_status(IFT_ERR_NO_MEMORY, ift_simplex_project(x, values, values, 2, 1));
    assert_true(values[0] == 1 && values[1] == 2);
    ift_context_destroy(x);
    assert_int_equal(c.live, 0);
    free(b);
  }
  problem_free(&p);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_arguments),
      cmocka_unit_test(test_outputs),
      cmocka_unit_test(test_log),
      cmocka_unit_test(test_a_workspace_is_reused),
      cmocka_unit_test(test_bits_do_not_depend_on_memory),
      cmocka_unit_test(test_large_workspaces_grow),
      cmocka_unit_test(test_memory_faults),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
