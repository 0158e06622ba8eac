/* All methods over one table of problems: the direct ones agree on the minimum to the tolerance, the others are no
 * further from it than the gap that they return; none depends on what memory held or on the order of the particles; and
 * problems by columns are those by matrix. */
#include "unit/simplex/problems.h"

#include "simplex/qp.h"

static const struct {
  const char *name;
  bool direct, columns;
} methods[] = {
    {"active-set", true, false}, {"low-rank", true, false}, {"fista", false, false}, {"pairwise", false, true}};
enum { METHODS = sizeof methods / sizeof *methods };

static ift_status solve_by(ift_context *context, const char *method, const problem *p, double *b, double *gap,
                           const double *start, double tolerance) {
  return p->cone ? ift_cone_qp(context, b, gap, NULL, p->gram, p->linear, p->n, start, method, tolerance)
                 : ift_simplex_qp(context, b, gap, NULL, p->gram, p->linear, p->n, p->mass, start, method, tolerance);
}

/* Rows of the table. `size` is a width of the kernel, a rank or a scale. */
enum { GAUSSIAN, RANK, DUPLICATES, SCALES, FAR, TINY, KINDS };
static const char *const kinds[] = {"gaussian", "rank", "duplicates", "scales", "far", "tiny"};

static problem make(int kind, int64_t n, bool cone, double mass, double size, random_numbers *r) {
  problem p = problem_create(n, cone, mass);
  if (kind == RANK) {
    random_rank(&p, r, (int64_t)size, 0);
    return p;
  }
  const int64_t d = 2, m = 20;
  double *x = reals(n * d), *y = reals(m * d), *w = reals(m);
  for (int64_t i = 0; i < n * d; i++) x[i] = normal(r);
  if (kind == DUPLICATES)
    for (int64_t i = n / 2; i < n; i++) x[i * d] = x[(i - n / 2) * d], x[i * d + 1] = x[(i - n / 2) * d + 1];
  for (int64_t i = 0; i < m * d; i++) y[i] = normal(r);
  for (int64_t i = 0; i < m; i++) w[i] = 1 / (double)m;
  gaussian(&p, x, d, kind == SCALES ? 0.5 : size, y, w, m);
  for (int64_t i = 0; kind == FAR && i < n; i++) p.linear[i] += size * normal(r);
  if (kind == SCALES || kind == TINY) {
    double *scale = reals(n);
    for (int64_t i = 0; i < n; i++) scale[i] = kind == TINY ? size : pow(10, size * (uniform(r) - 0.5));
    for (int64_t i = 0; i < n * n; i++) p.gram[i] *= scale[i / n] * scale[i % n];
    for (int64_t i = 0; i < n; i++) p.linear[i] *= scale[i];
    free(scale);
  }
  free(x), free(y), free(w);
  return p;
}

static bool certified(const problem *p) {
  if (!p->cone) return true;
  for (int64_t i = 0; i < p->n * p->n; i++)
    if (p->gram[i] < 0) return false;
  return true;
}

/* Solves by every method and compares the minima: worst (q - min q) / scale of the direct ones. */
static double compare(ift_context *context, const problem *p, const double *start, const char *what) {
  const int64_t n = p->n;
  double *b = reals(n), gaps[METHODS], scale = 0, weight = 0;
  long double values[METHODS], lowest = INFINITY;
  ift_status status[METHODS];
  for (int k = 0; k < METHODS; k++) {
    status[k] = solve_by(context, methods[k].name, p, b, &gaps[k], start, 0);
    assert_true(status[k] == IFT_OK || status[k] == IFT_STALLED);
    check_feasible(p, b);
    values[k] = objective(p, b);
    if (values[k] < lowest) lowest = values[k];
    if (!methods[k].direct) continue;
    scale = fmax(scale, problem_scale(p, b));
    double sum = 0;
    for (int64_t i = 0; i < n; i++) sum += b[i] * fabs(p->linear[i]);
    weight = fmax(weight, sum);
  }
  const double rounding = 2e-15 * (scale + weight);
  double worst = 0;
  for (int k = 0; k < METHODS; k++) {
    const double error = (double)(values[k] - lowest);
    if (!(gaps[k] >= 0)) fail_msg("%s by %s: gap %g", what, methods[k].name, gaps[k]);
    if (certified(p) && error > gaps[k] + rounding)
      fail_msg("%s, n %d, cone %d by %s: error %.3g, gap %.3g, rounding %.3g", what, (int)n, p->cone, methods[k].name,
               error, gaps[k], rounding);
    if (status[k] == IFT_OK && certified(p) && error > 1e-14 * scale * (1 + 1e-10) + rounding)
      fail_msg("%s by %s: IFT_OK with error %.3g", what, methods[k].name, error);
    if (!methods[k].direct) continue;
    if (error > 1e-14 * scale + 5 * rounding || (certified(p) && gaps[k] > 1e-14 * scale + 10 * rounding))
      fail_msg("%s, n %d, cone %d by %s: error %.3g, gap %.3g, scale %.3g", what, (int)n, p->cone, methods[k].name,
               error, gaps[k], scale);
    worst = fmax(worst, error / scale);
  }
  free(b);
  return worst;
}

static void test_table(void **state) {
  ift_context *context = *state;
  random_numbers r = {31};
  const double masses[] = {1, 0.4, 2.5};
  const double sizes[KINDS][3] = {{0.3, 1, 10}, {1, 3, 12},     {0.5, 1, 4},
                                  {4, 8, 16},   {1e-3, 1, 1e4}, {1e-3, 1e-60, 1e60}};
  double worst = 0;
  for (int round = 0; round < 40 * KINDS; round++) {
    const int kind = round % KINDS, step = round / KINDS;
    const int64_t n = step < 30 ? 1 + step : 40 + 12 * (step - 30);
    problem p = make(kind, n, round / 2 % 2, masses[step % 3], sizes[kind][step % 3], &r);
    worst = fmax(worst, compare(context, &p, NULL, kinds[kind]));
    random_start(&p, &r);
    worst = fmax(worst, compare(context, &p, p.start, kinds[kind]));
    problem_free(&p);
  }
  print_message("direct methods differ by at most %.1e m^2 max K_ii\n", worst);
}

/* Large ones; the first-order methods, on those that are not too large for them, with a tolerance that they reach. */
static void test_large(void **state) {
  ift_context *context = *state;
  random_numbers r = {32};
  const struct {
    int64_t n;
    double s;
    bool cone;
  } cases[] = {{2000, 10, false}, {2000, 10, true}, {900, 1, false}, {900, 1, true}};
  for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
    const int64_t n = cases[c].n;
    problem p = problem_create(n, cases[c].cone, 1);
    random_gaussian(&p, &r, 2, cases[c].s, 1000);
    double *b = reals(n), gap;
    long double values[METHODS];
    for (int k = 0; k < METHODS && (methods[k].direct || n < 1000); k++) {
      assert_status(IFT_OK, solve_by(context, methods[k].name, &p, b, &gap, NULL, methods[k].direct ? 0 : 1e-4));
      check_feasible(&p, b);
      values[k] = objective(&p, b);
      assert_true(gap <= (methods[k].direct ? 1e-14 * problem_scale(&p, b) : 1e-4));
      assert_near((double)values[k], (double)values[0], 0, gap + 2e-14);
    }
    free(b), problem_free(&p);
  }
}

/* An interior point has no corner to hide in: what remains of an atom outside the support is exactly 0, and the
 * weights of well-conditioned problems are those of the active set. */
static void test_low_rank_crosses_over(void **state) {
  ift_context *context = *state;
  random_numbers r = {33};
  for (int round = 0; round < 20; round++) {
    const int64_t n = 60 + 10 * round, rank = 5 + round;
    problem p = problem_create(n, round % 2, 1);
    double *b = reals(n), *c = reals(n), gap;
    int64_t zeros = 0;
    /* atoms on a curve in R^rank, the target outside their hull: the minimizer is unique */
    for (int64_t i = 0; i < n; i++)
      for (int64_t j = 0; j < n; j++) {
        double sum = 0;
        for (int64_t k = 0; k < rank; k++)
          sum += cos((double)(k * i) / (double)n) * cos((double)(k * j) / (double)n) / (double)((k + 1) * (k + 1));
        p.gram[i * n + j] = sum;
      }
    for (int64_t i = 0; i < n; i++) p.linear[i] = 0.1 * normal(&r) * p.gram[i * n + i];
    if (p.cone)
      for (int64_t i = 0; i < n; i++) p.linear[i] = fmin(p.linear[i], 0.05);
    assert_status(IFT_OK, solve_by(context, "active-set", &p, b, &gap, NULL, 0));
    assert_status(IFT_OK, solve_by(context, "low-rank", &p, c, &gap, NULL, 0));
    for (int64_t i = 0; i < n; i++) {
      assert_near(c[i], b[i], 0, 1e-6);
      zeros += c[i] == 0;
    }
    assert_true(zeros >= n - rank - 1);
    free(b), free(c), problem_free(&p);
  }
}

/* Where the minimizer is unique, neither the order of the particles nor the start matters to any direct method, and
 * first-order methods come as close as their gap says. */
static void test_orders_and_starts(void **state) {
  ift_context *context = *state;
  random_numbers r = {34};
  for (int round = 0; round < 24; round++) {
    const int64_t n = 40;
    problem p = problem_create(n, round % 2, 1), q = problem_create(n, round % 2, 1);
    double b[40], c[40], gap;
    random_gaussian(&p, &r, 2, 2, 10);
    for (int64_t i = 0; i < n; i++) p.gram[i * n + i] += 0.05;
    for (int64_t i = 0; i < n; i++) {
      q.linear[i] = p.linear[(7 * i + 3) % n];
      for (int64_t j = 0; j < n; j++) q.gram[i * n + j] = p.gram[(7 * i + 3) % n * n + (7 * j + 3) % n];
    }
    random_start(&q, &r);
    for (int k = 0; k < METHODS; k++) {
      const double error = methods[k].direct ? 1e-13 : 2e-6; /* sqrt(2 gap / 0.05) */
      assert_status(IFT_OK, solve_by(context, methods[k].name, &p, b, &gap, NULL, 0));
      assert_status(IFT_OK, solve_by(context, methods[k].name, &q, c, &gap, q.start, 0));
      for (int64_t i = 0; i < n; i++) assert_near(c[i], b[(7 * i + 3) % n], 0, error);
    }
    problem_free(&p), problem_free(&q);
  }
}

/* Where it is not unique, the answer by interior point is the center: duplicates have equal weights although the start
 * gave all to one of them, and rank 1 on equal atoms spreads evenly. */
static void test_the_center(void **state) {
  ift_context *context = *state;
  random_numbers r = {39};
  for (int round = 0; round < 20; round++) {
    const int64_t n = 80;
    problem p = make(DUPLICATES, n, round % 2, 1, round % 4 < 2 ? 8 : 20, &r);
    double b[80], gap;
    for (int64_t i = 0; i < n / 2; i++) p.start[i] = 2 / (double)n;
    assert_status(IFT_OK, solve_by(context, "low-rank", &p, b, &gap, p.start, 0));
    for (int64_t i = 0; i < n / 2; i++) assert_near(b[i], b[i + n / 2], 1e-6, 1e-6);
    problem_free(&p);
  }
  problem p = problem_create(40, false, 1);
  double b[40], gap;
  for (int64_t i = 0; i < 40; i++) {
    const double x = i < 20 ? 0 : 1;
    for (int64_t j = 0; j < 40; j++) p.gram[i * 40 + j] = 1 + x * (j < 20 ? 0 : 1);
    p.linear[i] = 0.3 * x;
  }
  p.start[3] = 0.2, p.start[25] = 0.8;
  assert_status(IFT_OK, solve_by(context, "low-rank", &p, b, &gap, p.start, 0));
  for (int64_t i = 0; i < 40; i++) assert_near(b[i], i < 20 ? 0.035 : 0.015, 0, 1e-9);
  problem_free(&p);
}

/* A start that is a minimizer stays, by any method. */
static void test_a_minimizer_stays(void **state) {
  ift_context *context = *state;
  random_numbers r = {35};
  for (int round = 0; round < 20; round++) {
    const int64_t n = 30;
    problem p = problem_create(n, round % 2, 1);
    double b[30], gap;
    random_gaussian(&p, &r, 2, round % 4 < 2 ? 10 : 2, 1);
    random_start(&p, &r);
    for (int64_t i = 0; i < n; i++) {
      p.linear[i] = 0;
      for (int64_t j = 0; j < n; j++) p.linear[i] += p.gram[i * n + j] * p.start[j];
    }
    for (int k = 0; k < METHODS; k++) {
      assert_status(IFT_OK, solve_by(context, methods[k].name, &p, b, &gap, p.start, 0));
      for (int64_t i = 0; i < n; i++) assert_near(b[i], p.start[i], 0, 1e-6);
    }
    problem_free(&p);
  }
}

/* Regularization and a problem without a minimum, by every method. */
static void test_what_they_share(void **state) {
  ift_context *context = *state;
  random_numbers r = {36};
  const double opposite[4] = {1, -1, -1, 1}, zero[4] = {0, 0, 0, 1}, t[2] = {1, 1};
  problem p = problem_create(50, false, 1);
  random_gaussian(&p, &r, 2, 5, 20);
  ift_qp *qp;
  assert_status(IFT_OK, ift_qp_create(context, &qp, 50));
  for (int k = 0; k < METHODS; k++) {
    double b[50] = {5, 6}, c[50] = {0}, gap = 7;
    assert_status(IFT_ERR_NOT_FINITE, ift_cone_qp(context, b, &gap, NULL, zero, t, 2, NULL, methods[k].name, 0));
    if (methods[k].direct)
      assert_status(IFT_ERR_NOT_FINITE, ift_cone_qp(context, b, &gap, NULL, opposite, t, 2, NULL, methods[k].name, 0));
    assert_true(b[0] == 5 && b[1] == 6 && gap == 7);
    ift_qp_problem q = {.gram = p.gram, .linear = p.linear, .n = 50, .mass = 1, .regularization = 0.1};
    ift_qp_result result;
    assert_status(IFT_OK, ift_qp_method_find(context, &q.method, methods[k].name, &q));
    memset(b, 0, sizeof b);
    assert_status(IFT_OK, ift_qp_solve(qp, &q, b, &result));
    for (int64_t i = 0; i < 50; i++) p.gram[i * 51] += 0.1;
    q.regularization = 0;
    assert_status(IFT_OK, ift_qp_solve(qp, &q, c, &result));
    for (int64_t i = 0; i < 50; i++)
      p.gram[i * 51] -= 0.1, assert_near(b[i], c[i], 0, methods[k].direct ? 1e-13 : 1e-6);
  }
  ift_qp_destroy(qp);
  problem_free(&p);
}

/* An allocator that counts what it gives and fills it with a byte. */
typedef struct counter {
  int64_t calls, live, fail;
  int fill;
} counter;

static void *allocate(size_t size, void *user) {
  counter *c = user;
  if (c->calls++ == c->fail) return NULL;
  void *memory = malloc(size);
  assert_non_null(memory);
  memset(memory, c->fill, size);
  c->live++;
  return memory;
}

static void release(void *memory, void *user) {
  ((counter *)user)->live--;
  free(memory);
}

/* A solve allocates nothing; equal problems give equal bits whatever was in the memory, and whatever was solved
 * before. */
static void test_memory(void **state) {
  (void)state;
  random_numbers r = {37};
  problem p = make(GAUSSIAN, 90, false, 1, 2, &r), other = make(RANK, 70, true, 1, 5, &r);
  for (int k = 0; k < METHODS; k++) {
    double first[90];
    const int fills[] = {0, 0xff, 0x3f};
    for (int f = 0; f < 3; f++) {
      counter c = {.fail = -1, .fill = fills[f]};
      ift_context *x;
      ift_qp *qp;
      assert_status(IFT_OK, ift_context_create_with_allocator(&x, allocate, release, &c));
      assert_status(IFT_OK, ift_qp_create(x, &qp, 90));
      const int64_t calls = c.calls;
      for (int round = 0; round < 2; round++) {
        double b[90] = {0};
        ift_qp_problem q = {.gram = p.gram, .linear = p.linear, .n = p.n, .mass = 1}, o = q;
        ift_qp_result result;
        assert_status(IFT_OK, ift_qp_method_find(x, &q.method, methods[k].name, &q));
        o.gram = other.gram, o.linear = other.linear, o.n = other.n, o.cone = true, o.method = q.method;
        assert_true(ift_qp_solve(qp, &q, b, &result) >= 0);
        if (f == 0 && round == 0) memcpy(first, b, sizeof b);
        assert_memory_equal(b, first, sizeof b);
        memset(b, 0, sizeof b);
        assert_true(ift_qp_solve(qp, &o, b, &result) >= 0);
      }
      assert_int_equal(c.calls, calls);
      ift_qp_destroy(qp);
      ift_context_destroy(x);
      assert_int_equal(c.live, 0);
    }
  }
  problem_free(&p), problem_free(&other);
}

typedef struct source {
  const problem *p;
  int64_t calls, fail;
} source;

static ift_status column(void *user, double *out, int64_t i) {
  source *s = user;
  if (s->calls++ == s->fail) return IFT_ERR_CALLBACK;
  memcpy(out, s->p->gram + i * s->p->n, (size_t)s->p->n * sizeof *out);
  return IFT_OK;
}

/* By columns: as good weights as by the matrix, in memory that does not grow with n^2; columns that fail
 * end the solve and leave the weights as they were. */
static void test_columns(void **state) {
  ift_context *context = *state;
  random_numbers r = {38};
  for (int cone = 0; cone < 2; cone++) {
    const int64_t n = 150;
    problem p = make(GAUSSIAN, n, cone, 1, 1, &r);
    double *b = reals(n), *c = reals(n), *diagonal = reals(n);
    for (int64_t i = 0; i < n; i++) diagonal[i] = p.gram[i * (n + 1)];
    ift_qp *whole, *lean;
    source s = {&p, 0, -1};
    ift_qp_problem q = {.gram = p.gram, .linear = p.linear, .n = n, .cone = cone, .mass = 1, .tolerance = 1e-5};
    ift_qp_result one, two;
    assert_status(IFT_OK, ift_qp_create(context, &whole, n));
    assert_status(IFT_OK, ift_qp_create_columns(context, &lean, n));
    assert_status(IFT_OK, ift_qp_method_find(context, &q.method, "pairwise", &q));
    assert_status(IFT_OK, ift_qp_solve(whole, &q, b, &one));
    ift_qp_problem by = q;
    by.gram = NULL, by.method = NULL, by.column = column, by.user = &s, by.diagonal = diagonal, by.nonnegative = true;
    assert_status(IFT_OK, ift_qp_method_find(context, &by.method, NULL, &by));
    assert_string_equal(by.method->name, "pairwise");
    assert_status(IFT_OK, ift_qp_solve(lean, &by, c, &two));
    assert_true(one.gap <= 1e-5 && two.gap <= 1e-5);
    check_feasible(&p, c);
    assert_near((double)objective(&p, c), (double)objective(&p, b), 0, 1e-5);
    assert_true(s.calls < 2 * two.iterations + 2 * n + 2);
    const int64_t calls = s.calls;
    for (int64_t fail = 0; fail < calls; fail += 1 + calls / 40) {
      memset(c, 0, (size_t)n * sizeof *c);
      s.calls = 0, s.fail = fail;
      assert_status(IFT_ERR_CALLBACK, ift_qp_solve(lean, &by, c, &two));
      assert_true(c[3] == 0 && c[0] == 0);
    }
    for (int k = 0; k < METHODS; k++) {
      if (methods[k].columns) continue;
      assert_status(IFT_OK, ift_qp_method_find(context, &by.method, methods[k].name, &by));
      assert_status(IFT_ERR_OPTION, ift_qp_solve(lean, &by, c, &two));
    }
    ift_qp_destroy(whole), ift_qp_destroy(lean);
    free(b), free(c), free(diagonal), problem_free(&p);
  }
}

/* 20000 weights would have a matrix of 3 GB. */
static ift_status far_column(void *user, double *out, int64_t i) {
  const int64_t n = *(const int64_t *)user;
  for (int64_t j = 0; j < n; j++) out[j] = 1 / (1 + (double)((i - j) * (i - j)));
  return IFT_OK;
}

static void test_many_columns(void **state) {
  (void)state;
  int64_t n = 20000;
  counter c = {.fail = -1, .fill = 0x3f};
  ift_context *x;
  ift_qp *qp;
  double *b = reals(n), *t = reals(n), *ones = reals(n);
  for (int64_t i = 0; i < n; i++) ones[i] = 1, t[i] = i % 1000 == 0 ? 2 : 0.1 * sin((double)i);
  b[5] = 1;
  assert_status(IFT_OK, ift_context_create_with_allocator(&x, allocate, release, &c));
  assert_status(IFT_OK, ift_qp_create_columns(x, &qp, n));
  const ift_qp_problem q = {
      .column = far_column, .user = &n, .diagonal = ones, .linear = t, .n = n, .mass = 1, .tolerance = 1e-9};
  ift_qp_result result;
  assert_status(IFT_OK, ift_qp_solve(qp, &q, b, &result));
  for (int64_t i = 0; i < n; i++) assert_near(b[i], i % 1000 == 0 ? 0.05 : 0, 0, 1e-3);
  ift_qp_destroy(qp);
  for (int64_t fail = 0;; fail++) { /* each allocation of the workspace fails in turn */
    c.calls = 0, c.fail = fail;
    const ift_status status = ift_qp_create_columns(x, &qp, n);
    if (status == IFT_OK) break;
    assert_status(IFT_ERR_NO_MEMORY, status);
    assert_true(qp == NULL);
  }
  ift_qp_destroy(qp);
  ift_context_destroy(x);
  assert_int_equal(c.live, 0);
  free(b), free(t), free(ones);
}

static int set_up(void **state) {
  return ift_context_create((ift_context **)state) == IFT_OK ? 0 : -1;
}

static int tear_down(void **state) {
  ift_context_destroy(*state);
  return 0;
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_table),
      cmocka_unit_test(test_large),
      cmocka_unit_test(test_low_rank_crosses_over),
      cmocka_unit_test(test_orders_and_starts),
      cmocka_unit_test(test_the_center),
      cmocka_unit_test(test_a_minimizer_stays),
      cmocka_unit_test(test_what_they_share),
      cmocka_unit_test(test_memory),
      cmocka_unit_test(test_columns),
      cmocka_unit_test(test_many_columns),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
