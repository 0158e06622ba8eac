/* The quadratic program against its exact minimum: all supports looked at for n <= 8, closed forms, singular and
 * badly scaled matrices, duplicates, starts of every kind; the simplex of several masses and the cone. */
#include "unit/simplex/problems.h"

#include "simplex/qp.h"

static const double MASSES[] = {1, 0.4, 2.5};

static double sum_of(const double *b, int64_t n) {
  double sum = 0;
  for (int64_t i = 0; i < n; i++) sum += b[i];
  return sum;
}

static bool nonnegative(const problem *p) {
  for (int64_t i = 0; i < p->n * p->n; i++)
    if (p->gram[i] < 0) return false;
  return true;
}

/* Solves and compares with the exact minimum. What is left unexplained is rounding: of K, t and q. */
static void compare(ift_context *context, const problem *p, const double *start, const char *what) {
  double b[EXACT_N], best[EXACT_N], gap = -1, weight = 0;
  int64_t iterations = -1;
  const ift_status status = solve(context, p, b, &gap, &iterations, start, 0);
  assert_true(status == IFT_OK || status == IFT_STALLED);
  check_feasible(p, b);
  const double lowest = (double)(objective(p, b) - exact_minimum(p, best)), scale = problem_scale(p, b);
  for (int64_t i = 0; i < p->n; i++) weight += b[i] * fabs(p->linear[i]);
  const double rounding = 1e-15 * (scale + weight);
  if (p->cone && !nonnegative(p) && sum_of(best, p->n) > 2 * fmax(sum_of(b, p->n), 1))
    return; /* the gap promises nothing */
  if (!(lowest <= gap + rounding && lowest >= -rounding && gap >= 0 && iterations >= 0))
    fail_msg("%s, n %d: gap %.3g, error %.3g, rounding %.3g", what, (int)p->n, gap, lowest, rounding);
  if (status == IFT_OK ? gap > 1e-14 * scale * (1 + 1e-10) : gap > 1e-14 * scale + 10 * rounding)
    fail_msg("%s, n %d: %s with gap %.3g, scale %.3g, weight %.3g", what, (int)p->n, ift_status_name(status), gap,
             scale, weight);
}

static void compare_starts(ift_context *context, problem *p, random_numbers *r, const char *what) {
  compare(context, p, NULL, what);
  random_start(p, r);
  compare(context, p, p->start, what);
  memset(p->start, 0, (size_t)p->n * sizeof *p->start);
  p->start[(int64_t)(uniform(r) * (double)p->n)] = 3; /* a vertex, not of the right mass */
  compare(context, p, p->start, what);
}

static void test_all_supports(void **state) {
  ift_context *context = *state;
  random_numbers r = {1};
  const double widths[] = {0.3, 1, 10};
  for (int round = 0; round < 400; round++) {
    const int64_t n = 1 + round % EXACT_N;
    for (int cone = 0; cone < 2; cone++) {
      problem p = problem_create(n, cone, MASSES[round % 3]);
      random_gaussian(&p, &r, 1 + round % 2, widths[round / 8 % 3], 12);
      if (round % 5 == 0)
        for (int64_t i = 0; i < n; i++) p.linear[i] += 0.3 * normal(&r);
      compare_starts(context, &p, &r, cone ? "gaussian, cone" : "gaussian, simplex");
      problem_free(&p);
    }
  }
}

static void test_low_rank(void **state) {
  ift_context *context = *state;
  random_numbers r = {2};
  for (int round = 0; round < 400; round++) {
    const int64_t n = 1 + round % EXACT_N, rank = 1 + round / 8 % 4;
    problem p = problem_create(n, false, MASSES[round % 3]);
    random_rank(&p, &r, rank, round % 3 ? 0 : 1);
    compare_starts(context, &p, &r, "low rank, simplex");
    problem_free(&p);
    p = problem_create(n, true, 0);
    random_rank(&p, &r, rank, 0); /* with t off the range of K there is no minimum */
    compare_starts(context, &p, &r, "low rank, cone");
    problem_free(&p);
  }
}

static void test_duplicates_by_all_supports(void **state) {
  ift_context *context = *state;
  random_numbers r = {3};
  for (int round = 0; round < 200; round++) {
    const int64_t n = 2 + round % (EXACT_N - 1);
    double x[EXACT_N], y[5], w[5];
    for (int64_t i = 0; i < n; i++)
      x[i] = i > 0 && uniform(&r) < 0.5 ? x[(int64_t)(uniform(&r) * (double)i)] : normal(&r);
    for (int j = 0; j < 5; j++) y[j] = normal(&r), w[j] = 0.2;
    problem p = problem_create(n, round % 2, MASSES[round % 3]);
    gaussian(&p, x, 1, 0.5, y, w, 5);
    compare_starts(context, &p, &r, "duplicates");
    problem_free(&p);
  }
}

static void test_bad_scales(void **state) {
  ift_context *context = *state;
  random_numbers r = {4};
  for (int round = 0; round < 300; round++) {
    const int64_t n = 2 + round % (EXACT_N - 1);
    problem p = problem_create(n, round % 2, MASSES[round % 3]);
    random_gaussian(&p, &r, 2, 0.5, 10);
    double scale[EXACT_N];
    for (int64_t i = 0; i < n; i++) scale[i] = pow(10, 8 * uniform(&r) - 4); /* condition up to 1e16 */
    for (int64_t i = 0; i < n; i++) {
      p.linear[i] *= scale[i];
      for (int64_t j = 0; j < n; j++) p.gram[i * n + j] *= scale[i] * scale[j];
    }
    compare_starts(context, &p, &r, "bad scales");
    problem_free(&p);
  }
}

static void test_far_targets(void **state) {
  ift_context *context = *state;
  random_numbers r = {5};
  for (int round = 0; round < 200; round++) {
    const int64_t n = 2 + round % (EXACT_N - 1);
    problem p = problem_create(n, false, MASSES[round % 3]);
    random_gaussian(&p, &r, 2, 1, 10);
    const double factor = pow(10, 10 * uniform(&r) - 3);
    for (int64_t i = 0; i < n; i++) p.linear[i] = round % 2 ? factor * normal(&r) : p.linear[i] + factor;
    compare_starts(context, &p, &r, "far target");
    problem_free(&p);
  }
}

/* The certificate of any weights, not only of solutions, is no less than their error; of solutions it is small. */
static void test_certificates_of_any_weights(void **state) {
  ift_context *context = *state;
  random_numbers r = {7};
  for (int round = 0; round < 600; round++) {
    const int64_t n = 1 + round % EXACT_N;
    problem p = problem_create(n, round % 2, MASSES[round % 3]);
    if (round % 4 < 2)
      random_gaussian(&p, &r, 1 + round % 3, 0.2 + 2 * uniform(&r), 6);
    else
      random_rank(&p, &r, n, 0);
    for (int64_t i = 0; i < n; i++) p.gram[i * n + i] += 0.01, p.linear[i] += 0.1 * normal(&r);
    ift_qp *qp;
    double best[EXACT_N];
    const long double lowest = exact_minimum(&p, best);
    assert_status(IFT_OK, ift_qp_create(context, &qp, n));
    const ift_qp_problem q = {.gram = p.gram, .linear = p.linear, .n = n, .cone = p.cone, .mass = p.mass};
    for (int k = 0; k < 3; k++) {
      random_start(&p, &r);
      for (int64_t i = 0; i < n; i++) /* random weights, some near the minimizer, the minimizer itself */
        qp->b[i] = k == 0 ? p.start[i] : best[i] + (k == 1 ? 1e-4 * p.start[i] : 0);
      ift_qp_find_support(qp, n);
      qp->nonnegative = p.cone && nonnegative(&p);
      const double gap = ift_qp_certify(qp, &q), scale = problem_scale(&p, qp->b);
      if (p.cone && !qp->nonnegative && sum_of(best, n) > 2 * fmax(sum_of(qp->b, n), 1)) continue;
      const double error = (double)(objective(&p, qp->b) - lowest);
      if (gap < error - 1e-15 * (1 + scale))
        fail_msg("round %d, weights %d: gap %.3g, error %.3g", round, k, gap, error);
      if (k == 2) assert_true(gap <= 1e-12 * (1 + scale));
    }
    ift_qp_destroy(qp);
    problem_free(&p);
  }
}

/* n = 1 and n = 2 by formula. */
static void test_closed_forms(void **state) {
  ift_context *context = *state;
  double b[2], gap;
  const double one = 1, third = 0.3, zero = 0;
  assert_status(IFT_OK, ift_simplex_qp(context, b, &gap, NULL, &one, &third, 1, 2.5, NULL, NULL, 0));
  assert_true(b[0] == 2.5 && gap == 0);
  assert_status(IFT_OK, ift_simplex_qp(context, b, &gap, NULL, &zero, &third, 1, 2.5, &zero, NULL, 0));
  assert_true(b[0] == 2.5 && gap == 0);
  assert_status(IFT_OK, ift_cone_qp(context, b, &gap, NULL, &one, &third, 1, NULL, NULL, 0));
  assert_near(b[0], 0.3, 1e-15, 0);
  const double negative = -0.3;
  assert_status(IFT_OK, ift_cone_qp(context, b, &gap, NULL, &one, &negative, 1, &one, NULL, 0));
  assert_true(b[0] == 0 && gap == 0);
  random_numbers r = {6};
  for (int round = 0; round < 300; round++) {
    const double k = exp(-4 * uniform(&r)), m = MASSES[round % 3], t[2] = {2 * normal(&r), normal(&r)};
    const double gram[4] = {1, k, k, 1};
    /* the derivative along (b_0, m - b_0) vanishes at b_0 = m/2 + (t_0 - t_1) / (2 - 2k) */
    const double exact = fmin(fmax(m / 2 + (t[0] - t[1]) / (2 - 2 * k), 0), m);
    assert_status(IFT_OK, ift_simplex_qp(context, b, &gap, NULL, gram, t, 2, m, NULL, NULL, 0));
    assert_near(b[0], exact, 0, 1e-15 * (1 + fabs(t[0]) + fabs(t[1])) / (1 - k));
    assert_near(b[0] + b[1], m, 2e-15, 0);
  }
}

/* K = 0: a linear program; and a matrix that some atoms don't feel. */
static void test_zero_matrices(void **state) {
  ift_context *context = *state;
  const int64_t n = 6;
  problem p = problem_create(n, false, 1);
  double b[6], gap;
  const double t[6] = {0.1, 0.7, -2, 0.7, 0.69, 0};
  memcpy(p.linear, t, sizeof t);
  assert_status(IFT_OK, solve(context, &p, b, &gap, NULL, NULL, 0));
  assert_true(gap == 0 && b[1] == b[3]);
  assert_near(b[1] + b[3], 1, 1e-15, 0);
  memset(p.linear, 0, sizeof t); /* all weights are minimizers: equal ones stay */
  assert_status(IFT_OK, solve(context, &p, b, &gap, NULL, NULL, 0));
  for (int i = 0; i < n; i++) assert_true(b[i] == 1.0 / 6);
  for (int i = 0; i < 3; i++) p.gram[i * n + i] = 1, p.linear[i] = 0.2; /* atoms 3..5 have K_ii = 0: 0.2 each on 0..2 */
  assert_status(IFT_OK, solve(context, &p, b, &gap, NULL, NULL, 0));
  for (int i = 0; i < 3; i++) assert_near(b[i], 0.2, 1e-14, 0), assert_near(b[i + 3], 0.4 / 3, 1e-12, 0);
  p.cone = true;
  assert_status(IFT_OK, solve(context, &p, b, &gap, NULL, NULL, 0));
  for (int i = 0; i < 3; i++) assert_near(b[i], 0.2, 1e-14, 0), assert_true(b[i + 3] == 0);
  problem_free(&p);
}

/* Where q decreases for ever, the cone has no minimum. */
static void test_no_minimum(void **state) {
  ift_context *context = *state;
  double b[2] = {5, 6}, gap = 7;
  const double opposite[4] = {1, -1, -1, 1}, zero[4] = {0, 0, 0, 1}, t[2] = {1, 1};
  assert_status(IFT_ERR_NOT_FINITE, ift_cone_qp(context, b, &gap, NULL, opposite, t, 2, NULL, NULL, 0));
  assert_non_null(strstr(ift_context_message(context), "no minimum"));
  assert_status(IFT_ERR_NOT_FINITE, ift_cone_qp(context, b, &gap, NULL, zero, t, 2, NULL, NULL, 0));
  assert_true(b[0] == 5 && b[1] == 6 && gap == 7);
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
      cmocka_unit_test(test_all_supports),
      cmocka_unit_test(test_low_rank),
      cmocka_unit_test(test_duplicates_by_all_supports),
      cmocka_unit_test(test_bad_scales),
      cmocka_unit_test(test_far_targets),
      cmocka_unit_test(test_certificates_of_any_weights),
      cmocka_unit_test(test_closed_forms),
      cmocka_unit_test(test_zero_matrices),
      cmocka_unit_test(test_no_minimum),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
