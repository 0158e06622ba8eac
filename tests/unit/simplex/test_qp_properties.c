/* What the solutions of the quadratic program have to have besides a small gap: exact faces, exact zeros, answers
 * that do not depend on the order of the particles, on how a particle is split or on where the iteration began; and
 * certificates that hold. */
#include "unit/simplex/problems.h"

#include <time.h>

#include "linalg/linalg.h"
#include "simplex/simplex.h"

static const double MASSES[] = {1, 0.4, 2.5};

static double distance(const double *a, const double *b, int64_t n) {
  double largest = 0;
  for (int64_t i = 0; i < n; i++) largest = fmax(largest, fabs(a[i] - b[i]));
  return largest;
}

/* x on a jittered line, so that gaussian(0.5) has condition about 1e3. */
static void spaced(double *x, int64_t n, random_numbers *r) {
  for (int64_t i = 0; i < n; i++) x[i] = 0.75 * (double)i + 0.1 * uniform(r);
}

/* Theorem 3.4 on a common support: steps towards b with t = (1-th) K a + th K b give a_k = (1-T) a_0 + T b, T = 1 -
 * (1-th)^k. */
static void test_well_conditioned_faces_are_exact(void **state) {
  ift_context *context = *state;
  random_numbers r = {11};
  double worst = 0;
  for (int round = 0; round < 60; round++) {
    const int64_t n = 2 + round % 99;
    const double mass = MASSES[round % 3], theta = 0.02 + 0.3 * uniform(&r);
    problem p = problem_create(n, round % 4 == 3, mass);
    double *x = reals(n), *a0 = reals(n), *target = reals(n), *mixed = reals(n), *exact = reals(n), *b = reals(n);
    spaced(x, n, &r);
    gaussian(&p, x, 1, 0.5, NULL, NULL, 0);
    double sum_a = 0, sum_t = 0;
    for (int64_t i = 0; i < n; i++) sum_a += a0[i] = 0.2 + uniform(&r), sum_t += target[i] = 0.2 + uniform(&r);
    for (int64_t i = 0; i < n; i++) a0[i] *= mass / sum_a, target[i] *= mass / sum_t;
    if (p.cone)
      for (int64_t i = 0; i < n; i++) a0[i] *= 0.6;
    memcpy(b, a0, (size_t)n * sizeof *b);
    double share = 1;
    ift_qp *qp;
    assert_status(IFT_OK, ift_qp_create(context, &qp, n));
    for (int k = 0; k < 40; k++) {
      for (int64_t i = 0; i < n; i++) mixed[i] = (1 - theta) * b[i] + theta * target[i];
      ift_symmetric_multiply(p.linear, 1, p.gram, n, mixed, 0);
      const ift_qp_problem q = {.gram = p.gram, .linear = p.linear, .n = n, .cone = p.cone, .mass = mass};
      ift_qp_result result;
      assert_status(IFT_OK, ift_qp_solve(qp, &q, b, &result));
      share *= 1 - theta;
      for (int64_t i = 0; i < n; i++) exact[i] = share * a0[i] + (1 - share) * target[i];
      worst = fmax(worst, distance(b, exact, n));
    }
    ift_qp_destroy(qp);
    free(x), free(a0), free(target), free(mixed), free(exact), free(b), problem_free(&p);
  }
  print_message("worst error of 40 steps on a common support: %.1e\n", worst);
  assert_true(worst <= 1e-13);
}

/* One weight program written with a particle split in two: the halves stay equal and their sum is the unsplit
 * weight. */
static void test_halves_stay_equal(void **state) {
  ift_context *context = *state;
  random_numbers r = {12};
  for (int round = 0; round < 100; round++) {
    const int64_t n = 20, whole = n / 2;
    double x[20], y[6], w[6], b[20], merged[10], gap;
    for (int64_t i = 0; i < whole; i++) x[i] = x[i + whole] = 3 * normal(&r);
    for (int j = 0; j < 6; j++) y[j] = 3 * normal(&r), w[j] = 1.0 / 6;
    problem p = problem_create(n, round % 2, 1), q = problem_create(whole, round % 2, 1);
    gaussian(&p, x, 1, 1, y, w, 6);
    gaussian(&q, x, 1, 1, y, w, 6);
    random_start(&q, &r);
    for (int64_t i = 0; i < n; i++) p.start[i] = q.start[i % whole] / 2;
    assert_status(IFT_OK, solve(context, &p, b, &gap, NULL, p.start, 0));
    assert_status(IFT_OK, solve(context, &q, merged, &gap, NULL, q.start, 0));
    for (int64_t i = 0; i < whole; i++) {
      assert_near(b[i], b[i + whole], 1e-6, 1e-9);
      if (round % 2 == 0) assert_near(b[i] + b[i + whole], merged[i], 0, 1e-4);
    }
    assert_near((double)objective(&p, b), (double)objective(&q, merged), 0, 2e-14);
    problem_free(&p), problem_free(&q);
  }
}

static void test_all_points_equal(void **state) {
  ift_context *context = *state;
  enum { N = 300 };
  random_numbers r = {13};
  for (int round = 0; round < 6; round++) {
    problem p = problem_create(N, round % 2, 2.5);
    double *b = reals(N), gap, sum = 0;
    for (int64_t i = 0; i < N * N; i++) p.gram[i] = 1;
    for (int64_t i = 0; i < N; i++) p.linear[i] = 0.7;
    random_start(&p, &r);
    if (p.cone)
      for (int64_t i = 0; i < N; i++) p.start[i] *= 0.7; /* a minimizer: K_ij = 1, sum b = 0.7 */
    assert_status(IFT_OK, solve(context, &p, b, &gap, NULL, p.start, 0));
    for (int64_t i = 0; i < N; i++) assert_near(b[i], p.start[i], 1e-14, 1e-17);
    assert_status(IFT_OK, solve(context, &p, b, &gap, NULL, NULL, 0));
    for (int64_t i = 0; i < N; i++) sum += b[i], assert_true(b[i] == b[0]);
    assert_near(sum, p.cone ? 0.7 : 2.5, 1e-12, 0);
    free(b), problem_free(&p);
  }
}

/* t = Ka, a >= 0: a is a minimizer, and where K is singular one of many. It stays. */
static void test_a_minimizer_stays(void **state) {
  ift_context *context = *state;
  random_numbers r = {14};
  for (int round = 0; round < 60; round++) {
    const int64_t n = 5 + 3 * (round % 20);
    problem p = problem_create(n, round % 2, 1);
    double *b = reals(n), gap;
    int64_t iterations;
    random_gaussian(&p, &r, 2, round % 3 ? 10 : 2, 1);
    random_start(&p, &r);
    ift_symmetric_multiply(p.linear, 1, p.gram, n, p.start, 0);
    assert_status(IFT_OK, solve(context, &p, b, &gap, &iterations, p.start, 0));
    assert_true(iterations <= 10 && distance(b, p.start, n) <= 1e-6);
    memcpy(p.start, b, (size_t)n * sizeof *b); /* and what a solve ends with, stays as well */
    assert_status(IFT_OK, solve(context, &p, b, &gap, &iterations, p.start, 0));
    assert_true(iterations <= 10 && distance(b, p.start, n) <= 1e-8);
    free(b), problem_free(&p);
  }
}

/* Where the minimizer is unique, every start and every order of the particles gives the same weights. */
static void test_unique_answers(void **state) {
  ift_context *context = *state;
  random_numbers r = {15};
  for (int round = 0; round < 60; round++) {
    const int64_t n = 30;
    problem p = problem_create(n, round % 2, MASSES[round % 3]), q = problem_create(n, round % 2, MASSES[round % 3]);
    double b[30], c[30], gap;
    int64_t order[30];
    random_gaussian(&p, &r, 3, 0.7, 10);
    for (int64_t i = 0; i < n; i++) order[i] = i, p.gram[i * n + i] += 0.01;
    for (int64_t i = n - 1; i > 0; i--) {
      const int64_t j = (int64_t)(uniform(&r) * (double)(i + 1)), swap = order[i];
      order[i] = order[j], order[j] = swap;
    }
    random_start(&p, &r);
    for (int64_t i = 0; i < n; i++) {
      q.linear[i] = p.linear[order[i]], q.start[i] = p.start[order[i]];
      for (int64_t j = 0; j < n; j++) q.gram[i * n + j] = p.gram[order[i] * n + order[j]];
    }
    assert_status(IFT_OK, solve(context, &p, b, &gap, NULL, p.start, 0));
    assert_status(IFT_OK, solve(context, &q, c, &gap, NULL, q.start, 0));
    for (int64_t i = 0; i < n; i++) assert_near(c[i], b[order[i]], 0, 1e-13);
    assert_status(IFT_OK, solve(context, &p, c, &gap, NULL, NULL, 0));
    for (int64_t i = 0; i < n; i++) assert_near(c[i], b[i], 0, 1e-13);
    problem_free(&p), problem_free(&q);
  }
}

/* Whatever tolerance the iteration stops at, its gap is no less than the error. */
static void test_certificates_hold(void **state) {
  ift_context *context = *state;
  random_numbers r = {16};
  const double tolerances[] = {1e6, 1e-1, 1e-2, 1e-4, 1e-6, 1e-9, 0};
  int coarse = 0;
  for (int round = 0; round < 500; round++) {
    const int64_t n = 1 + round % 40;
    const bool cone = round % 4 == 3, negative = round % 3 == 2;
    problem p = problem_create(n, cone, MASSES[round / 4 % 3]);
    double *b = reals(n), *best = reals(n), gap, smallest;
    if (negative)
      random_rank(&p, &r, n, 0);
    else
      random_gaussian(&p, &r, 1 + round % 3, 0.2 + 2 * uniform(&r), 10);
    for (int64_t i = 0; i < n; i++) p.gram[i * n + i] += 1e-3; /* positive definite */
    random_start(&p, &r);
    assert_status(IFT_OK, solve(context, &p, best, &smallest, NULL, NULL, 0));
    const long double lowest = objective(&p, best);
    double sum = 0;
    for (int64_t i = 0; i < n; i++) sum += best[i];
    for (size_t k = 0; k < sizeof tolerances / sizeof *tolerances; k++) {
      double at_b = 0;
      const ift_status status = solve(context, &p, b, &gap, NULL, p.start, tolerances[k]);
      assert_true(status == IFT_OK);
      check_feasible(&p, b);
      for (int64_t i = 0; i < n; i++) at_b += b[i];
      const double scale = problem_scale(&p, b);
      assert_true(gap <= fmax(tolerances[k], 1e-14 * scale));
      if (cone && negative && sum > 2 * fmax(at_b, 1)) continue;
      assert_true(gap >= (double)(objective(&p, b) - lowest) - 1e-12 * (1 + scale));
      coarse += gap > 1e-6;
    }
    free(b), free(best), problem_free(&p);
  }
  assert_true(coarse > 100);
}

/* On the support all reduced gradients vanish, off it none is negative: both to rounding, for problems of any
 * condition. */
static void test_faces_are_solved(void **state) {
  ift_context *context = *state;
  random_numbers r = {17};
  const double widths[] = {0.2, 1, 3, 10};
  for (int round = 0; round < 48; round++) {
    const int64_t n = 60;
    problem p = problem_create(n, round % 2, MASSES[round % 3]);
    double b[60], g[60], gap, mean = 0, sum = 0;
    random_gaussian(&p, &r, 2, widths[round / 2 % 4], 200);
    if (round >= 24) random_start(&p, &r);
    assert_status(IFT_OK, solve(context, &p, b, &gap, NULL, round >= 24 ? p.start : NULL, 1e-3));
    for (int64_t i = 0; i < n; i++) {
      long double row = -(long double)p.linear[i];
      for (int64_t j = 0; j < n; j++) row += (long double)p.gram[i * n + j] * (long double)b[j];
      g[i] = (double)row;
      mean += b[i] * g[i], sum += b[i];
    }
    mean = p.cone ? 0 : mean / sum;
    for (int64_t i = 0; i < n; i++)
      if (b[i] > 0) assert_near(g[i], mean, 0, 1e-14 * (sum + 1));
    problem_free(&p);
  }
}

/* eps on the diagonal in the matrix or as an option: the same program. */
static void test_regularization(void **state) {
  ift_context *context = *state;
  random_numbers r = {18};
  for (int round = 0; round < 20; round++) {
    const int64_t n = 25;
    problem p = problem_create(n, round % 2, 1);
    double b[25], c[25];
    random_gaussian(&p, &r, 2, 2, 20);
    random_start(&p, &r);
    memcpy(b, p.start, sizeof b), memcpy(c, p.start, sizeof c);
    ift_qp *qp;
    ift_qp_result result;
    assert_status(IFT_OK, ift_qp_create(context, &qp, n));
    ift_qp_problem q = {.gram = p.gram, .linear = p.linear, .n = n, .cone = p.cone, .mass = 1, .regularization = 0.01};
    assert_status(IFT_OK, ift_qp_solve(qp, &q, b, &result));
    for (int64_t i = 0; i < n; i++) p.gram[i * n + i] += 0.01;
    q.regularization = 0;
    assert_status(IFT_OK, ift_qp_solve(qp, &q, c, &result));
    assert_true(distance(b, c, n) <= 1e-13);
    ift_qp_destroy(qp);
    problem_free(&p);
  }
}

static double seconds(void) {
  struct timespec t;
  timespec_get(&t, TIME_UTC);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* From equal weights, where hundreds of atoms have to leave: few linear systems. Then from the solution: hardly any. */
static void test_cold_and_warm_starts(void **state) {
  ift_context *context = *state;
  const struct {
    int64_t n, d;
    double s;
    int64_t most;
  } cases[] = {{500, 2, 1, 400}, {500, 2, 10, 400}, {500, 2, 0.2, 150}, {400, 50, 7, 60}};
  random_numbers r = {19};
  for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
    const int64_t n = cases[k].n;
    for (int cone = 0; cone < 2; cone++) {
      problem p = problem_create(n, cone, 1);
      double *b = reals(n), *c = reals(n), gap;
      int64_t iterations, again, support = 0;
      random_gaussian(&p, &r, cases[k].d, cases[k].s, 1000);
      const double begin = seconds();
      assert_status(IFT_OK, solve(context, &p, b, &gap, &iterations, NULL, 0));
      const double end = seconds();
      check_feasible(&p, b);
      for (int64_t i = 0; i < n; i++) support += b[i] > 0;
      assert_status(IFT_OK, solve(context, &p, c, &gap, &again, b, 0));
      print_message("n %d d %d s %g %s: %d systems, %.1f ms, %d atoms; again: %d\n", (int)n, (int)cases[k].d,
                    cases[k].s, cone ? "cone" : "simplex", (int)iterations, 1e3 * (end - begin), (int)support,
                    (int)again);
      assert_true(iterations <= cases[k].most && again <= 5);
      assert_true(distance(b, c, n) <= 1e-9);
      free(b), free(c), problem_free(&p);
    }
  }
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
      cmocka_unit_test(test_well_conditioned_faces_are_exact),
      cmocka_unit_test(test_halves_stay_equal),
      cmocka_unit_test(test_all_points_equal),
      cmocka_unit_test(test_a_minimizer_stays),
      cmocka_unit_test(test_unique_answers),
      cmocka_unit_test(test_certificates_hold),
      cmocka_unit_test(test_faces_are_solved),
      cmocka_unit_test(test_regularization),
      cmocka_unit_test(test_cold_and_warm_starts),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
