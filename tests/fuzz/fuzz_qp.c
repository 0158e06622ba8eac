/* Bytes as a quadratic program over the simplex or the cone.
 *
 * Most have K = B B', the entries of B small integers times a power of 2 for each row: K is then exactly positive
 * semi-definite and of the rank of B, often singular, with duplicates, scales far apart. In half of them t is made for
 * a known minimizer. The rest are any symmetric numbers, for which only what does not depend on K is promised. */
#include "fuzz/fuzz.h"

#include <float.h>

enum { MOST = 10 };
enum { SIMPLEX, CONE };
enum { BUILT, SOLVED, ARBITRARY };

typedef struct problem {
  int n, domain, kind;
  double gram[MOST * MOST], linear[MOST], mass, tolerance;
  double start[MOST], minimizer[MOST]; /* the latter of SOLVED ones */
  bool has_start;
  const char *method;
} problem;

/* K = B B', rank at most r. Returns in `scale` the powers of 2 of the rows. */
static void take_gram(tape *t, problem *p, double *scale) {
  const int n = p->n, r = take_below(t, n + 1), spread = take_below(t, 4), copies = take_byte(t);
  const int widths[] = {1, 7, 61, 240};
  double b[MOST * MOST];
  for (int i = 0; i < n; i++) {
    const bool copy = i > 0 && copies >> (i % 8) & 1;
    scale[i] = copy ? scale[i - 1] : ldexp(1, take_below(t, widths[spread]) - widths[spread] / 2);
    for (int k = 0; k < r; k++) b[i * MOST + k] = copy ? b[(i - 1) * MOST + k] : take_signed(t);
  }
  for (int i = 0; i < n; i++)
    for (int j = 0; j < n; j++) {
      double sum = 0;
      for (int k = 0; k < r; k++) sum += b[i * MOST + k] * b[j * MOST + k];
      p->gram[i * n + j] = sum * (scale[i] * scale[j]);
    }
}

/* A minimizer s >= 0 and multipliers z >= 0 with s_i z_i = 0: t = K s - z (+ lambda on the simplex). */
static void take_solution(tape *t, problem *p, const double *scale) {
  const int n = p->n;
  const double lambda = p->domain == SIMPLEX ? take_signed(t) / 64.0 : 0;
  double z[MOST];
  p->mass = 0;
  for (int i = 0; i < n; i++) {
    const int value = take_signed(t);
    p->minimizer[i] = value > 0 ? value / 64.0 : 0;
    z[i] = value < 0 ? -value / 64.0 * scale[i] : 0;
    p->mass += p->minimizer[i];
  }
  for (int i = 0; i < n; i++) {
    double sum = 0;
    for (int j = 0; j < n; j++) sum += p->gram[i * n + j] * p->minimizer[j];
    p->linear[i] = sum - z[i] + lambda;
  }
}

static void take_arbitrary(tape *t, problem *p) {
  const int n = p->n;
  for (int i = 0; i < n; i++) {
    for (int j = 0; j <= i; j++) p->gram[i * n + j] = p->gram[j * n + i] = take_real(t);
    p->linear[i] = take_real(t);
  }
}

static void take_problem(tape *t, problem *p) {
  static const char *const methods[] = {NULL, "auto", "active-set", "NULL"};
  static const char *const by_name[] = {"active-set", "low-rank", "fista", "pairwise"};
  static const double tolerances[] = {0, 0, 1e-6, 1e-300};
  double scale[MOST];
  *p = (problem){.n = 1 + take_below(t, MOST)};
  const int choices = take_byte(t), more = take_byte(t);
  p->domain = choices & 1;
  p->kind = choices & 2 ? SOLVED : choices & 4 && choices & 8 ? ARBITRARY : BUILT;
  p->has_start = choices >> 4 & 1;
  p->method = methods[choices >> 5 & 3 & (more >> 2 | 1)];
  if (p->method && strcmp(p->method, "active-set") == 0) p->method = by_name[more >> 6];
  p->tolerance = tolerances[more & 3];
  if (p->kind == ARBITRARY) {
    take_arbitrary(t, p);
    p->mass = take_real(t);
  } else {
    take_gram(t, p, scale);
    if (p->kind == SOLVED) take_solution(t, p, scale);
    for (int i = 0; p->kind == BUILT && i < p->n; i++) p->linear[i] = take_signed(t) / 64.0 * scale[i];
    if (p->kind == BUILT) p->mass = more & 16 ? fabs(take_real(t)) : 1;
  }
  for (int i = 0; p->has_start && i < p->n; i++) {
    const int value = take_signed(t);
    p->start[i] = more & 32 && p->kind == SOLVED ? p->minimizer[i] : value > 0 ? value : 0;
  }
}

static ift_status solve(ift_context *context, const problem *p, double *weights, double *gap, int64_t *iterations) {
  const double *start = p->has_start ? p->start : NULL;
  if (p->domain == SIMPLEX)
    return ift_simplex_qp(context, weights, gap, iterations, p->gram, p->linear, p->n, p->mass, start, p->method,
                          p->tolerance);
  return ift_cone_qp(context, weights, gap, iterations, p->gram, p->linear, p->n, start, p->method, p->tolerance);
}

static double largest_diagonal(const problem *p) {
  double largest = 0;
  for (int i = 0; i < p->n; i++) largest = fmax(largest, p->gram[i * p->n + i]);
  return largest;
}

static double sum_of(const double *b, int n) {
  long double sum = 0;
  for (int i = 0; i < n; i++) sum += b[i];
  return (double)sum;
}

/* q(b), and in *size the sum of the sizes of its terms. */
static long double objective(const problem *p, const double *b, long double *size) {
  const int n = p->n;
  long double sum = 0;
  *size = 0;
  for (int i = 0; i < n; i++) {
    sum -= (long double)p->linear[i] * b[i];
    *size += fabsl((long double)p->linear[i] * b[i]);
    for (int j = 0; j < n; j++) {
      const long double term = (long double)p->gram[i * n + j] * b[i] * b[j] / 2;
      sum += term;
      *size += fabsl(term);
    }
  }
  return sum;
}

/* q(b) <= q(other) + allowed, up to rounding and what vanishes in doubles. */
static void require_below(const problem *p, const double *b, const double *other, double allowed) {
  long double size, other_size;
  const long double value = objective(p, b, &size), other_value = objective(p, other, &other_size);
  require(value - other_value <= allowed + 1e-13L * (size + other_size) + 0x1p-1000L);
}

/* Are all numbers so far from the ends of the range that squares of weights times K neither overflow nor vanish? */
static bool in_range(const problem *p, double mass) {
  double high = mass, low = mass;
  for (int i = 0; i < p->n * p->n; i++) {
    const double value = fabs(i < p->n ? p->linear[i] : 0);
    high = fmax(high, fmax(value, fabs(p->gram[i])));
    if (value > 0) low = fmin(low, value);
    if (p->gram[i] != 0) low = fmin(low, fabs(p->gram[i]));
  }
  return isfinite(mass) && high < 0x1p300 && low > 0x1p-300;
}

static void require_feasible(const problem *p, const double *b) {
  for (int i = 0; i < p->n; i++) require(isfinite(b[i]) && b[i] >= 0);
  if (p->domain == SIMPLEX) require(fabs(sum_of(b, p->n) - p->mass) <= 4 * p->n * (DBL_EPSILON * p->mass + 0x1p-1074));
}

/* The certificate bounds the distance to any other feasible point that it speaks of. */
static void require_certificate(const problem *p, const double *b, double gap) {
  const int n = p->n;
  const double mass = p->domain == SIMPLEX ? p->mass : 2 * fmax(1, sum_of(b, n));
  double other[MOST] = {0};
  for (int k = 0; k <= n; k++) {
    for (int i = 0; i < n; i++) other[i] = k == n ? mass / n : i == k ? mass : 0;
    require_below(p, b, other, gap);
  }
  if (p->kind == SOLVED && (p->domain == SIMPLEX || sum_of(p->minimizer, n) <= mass))
    require_below(p, b, p->minimizer, gap);
}

/* What is promised of numbers in range and a positive semi-definite K. */
static void require_solution(const problem *p, ift_status status, const double *b, double gap) {
  const double mass = p->domain == SIMPLEX ? p->mass : fmax(1, sum_of(b, p->n));
  const double tolerance = fmax(p->tolerance, 1e-14 * mass * mass * largest_diagonal(p));
  require(gap >= 0);
  require(status != IFT_OK || gap <= tolerance);
  require_certificate(p, b, gap);
  double start[MOST];
  const double sum = sum_of(p->start, p->n);
  if (!p->has_start || (p->domain == SIMPLEX && !(sum > 0))) return;
  for (int i = 0; i < p->n; i++) start[i] = p->domain == SIMPLEX ? p->start[i] * (p->mass / sum) : p->start[i];
  require_below(p, b, start, tolerance);
}

/* On an error everything is as it was, and there is a reason for it. */
static void require_refusal(ift_context *context, const problem *p, ift_status status, const double *b) {
  require(status == IFT_ERR_NOT_FINITE || status == IFT_ERR_ARGUMENT || status == IFT_ERR_OPTION);
  require_message(context);
  for (int i = 0; i < p->n; i++) require(b[i] == -1);
  if (status == IFT_ERR_OPTION) require(p->method && strcmp(p->method, "NULL") == 0);
  if (p->kind == ARBITRARY || status == IFT_ERR_OPTION) return;
  require(status == IFT_ERR_NOT_FINITE);
  /* the cone has no minimum, or numbers are too large */
  require((p->domain == CONE && p->kind == BUILT) || !in_range(p, p->mass));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  tape t = {data, size};
  problem p;
  take_problem(&t, &p);
  ift_context *context = open_context();
  double b[MOST], again[MOST], gap = -1;
  int64_t iterations = -1;
  for (int i = 0; i < MOST; i++) b[i] = again[i] = -1;
  const ift_status status = solve(context, &p, b, &gap, &iterations);
  if (status < 0) {
    require_refusal(context, &p, status, b);
  } else {
    require(status == IFT_OK || status == IFT_STALLED);
    require(iterations >= 0 && isfinite(gap));
    require_feasible(&p, b);
    if (p.kind != ARBITRARY && in_range(&p, p.domain == SIMPLEX ? p.mass : 1)) require_solution(&p, status, b, gap);
  }
  require(solve(context, &p, again, NULL, NULL) == status); /* and gives the same bits */
  require(same_bits(b, again, p.n));
  ift_context_destroy(context);
  return 0;
}
