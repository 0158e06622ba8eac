/* Primal-dual interior point (Mehrotra 1992) on a factor of low rank (Fine and Scheinberg 2001), then the active set.
 *
 * K = G'G + R by pivoted Cholesky until no R_ii is more than ROUGH max K_ii, which changes q on weights of mass m by at
 * most m^2 max R_ii / 2. A Newton system in the r rows of G takes 2 n r^2 operations. What the iteration ends with
 * tells the support; the active set goes on from there with the matrix itself, to the solution that it always has, with
 * exact zeros. A start that meets the tolerance stays, and a matrix of rank above n / 4 (of small ones: above n / 2 and
 * 32) is left to the active set.
 *
 * Scaled: x = b / mass, K / max K_ii, t / (mass max K_ii). */
#include <float.h>
#include <math.h>
#include <string.h>

#include "linalg/linalg.h"
#include "simplex/qp.h"

enum { STEPS = 60, CHUNK = 256, FEW = 32 };
static const double ROUGH = 1e-13;     /* R_ii over max K_ii */
static const double TARGET = 1e-17;    /* sum x_i z_i at which weights and zeros are far apart */
static const double CLOSE = 1e-13;     /* the same that is enough where it sinks no more */
static const double FRACTION = 0.9995; /* of the way to the boundary */
static const double LARGE = 1e6;       /* sum x in the cone, at which there may be no minimum */
/* On the diagonal of Newton's matrix, not of the residuals. Without it I + G D^-1 G' loses definiteness where x/z spans
 * the range of doubles. */
static const double DAMPING = 1e-10;

typedef struct interior {
  ift_qp *qp;
  const ift_qp_problem *problem;
  int64_t n, rank;
  double mass, largest, extra; /* `extra`: eps over max K_ii */
  double *factor, *middle;     /* G, rank by n; I + G D^-1 G' and its Cholesky factor */
  double *chunk;               /* some columns of G D^-1/2 */
  int64_t width;               /* how many there is room for */
  double *x, *z, *dx, *dz;
  double *inverse;  /* D^-1 */
  double *dual;     /* K x - t - y - z */
  double *ones;     /* solution for 1 */
  double *right;    /* right-hand sides */
  double *small;    /* of length rank */
  double *centered; /* by how much x z is to change */
  double y, primal; /* multiplier; 1 - sum x */
  double unit;      /* of z against x: max(1, |t|) */
} interior;

static const double *column(void *user, int64_t i) {
  const interior *p = user;
  return p->problem->gram + i * p->n;
}

/* G in the memory of the active set's factor, at most half of its n + 2 rows; behind it the two others. */
static bool factorize(interior *p) {
  double *memory = p->qp->factor.values, *residual = p->right;
  const int64_t n = p->n, room = (n + 2) * n, most = n < 4 * FEW ? (n < 2 * FEW ? n / 2 : FEW) : n / 4;
  for (int64_t i = 0; i < n; i++) residual[i] = p->problem->gram[i * n + i];
  ift_pivoted_cholesky(memory, &p->rank, residual, n, most, ROUGH * p->largest, p->problem->linear, column, p,
                       p->small);
  double rest = 0;
  for (int64_t i = 0; i < n; i++) rest = fmax(rest, residual[i]);
  if (p->rank == 0 || rest > ROUGH * p->largest) return false;
  p->factor = memory;
  p->middle = memory + p->rank * n;
  p->chunk = p->middle + p->rank * p->rank;
  p->width = (room - p->rank * (n + p->rank)) / p->rank;
  p->width = p->width > CHUNK ? CHUNK : p->width;
  const double root = sqrt(p->largest);
  for (int64_t i = 0; i < p->rank * n; i++) p->factor[i] /= root;
  return true;
}

/* out += (G'G + eps) v */
static void multiply(const interior *p, double *out, const double *v) {
  ift_multiply_rows(p->small, p->factor, p->n, v, p->rank);
  ift_add_rows(out, p->factor, p->n, NULL, p->small, p->rank);
  for (int64_t i = 0; i < p->n; i++) out[i] += p->extra * v[i];
}

/* D = z/x + eps and the Cholesky factor of I + G D^-1 G'. */
static bool prepare(interior *p, ift_context *context) {
  const int64_t n = p->n, rank = p->rank;
  for (int64_t i = 0; i < n; i++) p->inverse[i] = 1 / (p->z[i] / p->x[i] + p->extra + DAMPING);
  memset(p->middle, 0, (size_t)(rank * rank) * sizeof *p->middle);
  for (int64_t k = 0; k < rank; k++) p->middle[k * rank + k] = 1;
  for (int64_t i = 0; i < n; i += p->width) {
    const int64_t width = n - i < p->width ? n - i : p->width;
    for (int64_t l = 0; l < width; l++) p->dz[l] = sqrt(p->inverse[i + l]);
    for (int64_t k = 0; k < rank; k++)
      for (int64_t l = 0; l < width; l++) p->chunk[k * width + l] = p->factor[k * n + i + l] * p->dz[l];
    ift_add_square(p->middle, rank, p->chunk, width);
  }
  bool definite;
  return ift_cholesky(context, p->middle, rank, &definite) == IFT_OK && definite;
}

/* out = (G'G + D)^-1 v = D^-1 (v - G' M^-1 G D^-1 v) (Sherman, Morrison and Woodbury) */
static void solve_once(const interior *p, ift_context *context, double *out, const double *v) {
  for (int64_t i = 0; i < p->n; i++) out[i] = p->inverse[i] * v[i];
  ift_multiply_rows(p->small, p->factor, p->n, out, p->rank);
  ift_cholesky_solve(context, p->middle, p->rank, p->small, 1);
  for (int64_t k = 0; k < p->rank; k++) p->small[k] = -p->small[k];
  memcpy(out, v, (size_t)p->n * sizeof *v);
  ift_add_rows(out, p->factor, p->n, NULL, p->small, p->rank);
  for (int64_t i = 0; i < p->n; i++) out[i] *= p->inverse[i];
}

/* The same with one step of iterative refinement; `dz` is scratch. */
static void solve_twice(const interior *p, ift_context *context, double *out, double *v) {
  solve_once(p, context, out, v);
  ift_multiply_rows(p->small, p->factor, p->n, out, p->rank);
  for (int64_t k = 0; k < p->rank; k++) p->small[k] = -p->small[k];
  for (int64_t i = 0; i < p->n; i++) v[i] -= out[i] / p->inverse[i];
  ift_add_rows(v, p->factor, p->n, NULL, p->small, p->rank);
  solve_once(p, context, p->dz, v);
  for (int64_t i = 0; i < p->n; i++) out[i] += p->dz[i];
}

/* Newton's step dx, dz and the change of y for complementarity residuals `centered`. */
static double direction(const interior *p, ift_context *context) {
  double sum = 0, total = 0, dy = 0;
  for (int64_t i = 0; i < p->n; i++) p->right[i] = -p->dual[i] - p->centered[i] / p->x[i];
  solve_twice(p, context, p->dx, p->right);
  if (!p->problem->cone) {
    for (int64_t i = 0; i < p->n; i++) sum += p->dx[i], total += p->ones[i];
    dy = (p->primal - sum) / total;
    for (int64_t i = 0; i < p->n; i++) p->dx[i] += dy * p->ones[i];
  }
  for (int64_t i = 0; i < p->n; i++) p->dz[i] = (-p->centered[i] - p->z[i] * p->dx[i]) / p->x[i];
  return dy;
}

/* How far x and z may go at most, up to 1. */
static double reach(const double *x, const double *dx, int64_t n) {
  double alpha = 1;
  for (int64_t i = 0; i < n; i++)
    if (dx[i] < 0) alpha = fmin(alpha, -x[i] / dx[i]);
  return alpha;
}

/* mean of (x + a dx)(z + a dz) */
static double complementarity(const interior *p, double a) {
  double sum = 0;
  for (int64_t i = 0; i < p->n; i++) sum += (p->x[i] + a * p->dx[i]) * (p->z[i] + a * p->dz[i]);
  return sum / (double)p->n;
}

/* Residuals at x, y, z; returns the largest dual one. */
static double evaluate(interior *p) {
  double worst = 0, sum = 0;
  const double unit = p->mass * p->largest;
  for (int64_t i = 0; i < p->n; i++) p->dual[i] = -p->problem->linear[i] / unit - p->y - p->z[i];
  multiply(p, p->dual, p->x);
  for (int64_t i = 0; i < p->n; i++) worst = fmax(worst, fabs(p->dual[i])), sum += p->x[i];
  p->primal = p->problem->cone ? 0 : 1 - sum;
  return worst;
}

/* x = 1/n, and z > 0 with no dual residual (in the cone: as far as it is positive). */
static void begin(interior *p) {
  double lowest = INFINITY, highest = -INFINITY;
  p->y = 0;
  for (int64_t i = 0; i < p->n; i++) p->x[i] = 1 / (double)p->n, p->z[i] = 0;
  evaluate(p);
  for (int64_t i = 0; i < p->n; i++) lowest = fmin(lowest, p->dual[i]), highest = fmax(highest, p->dual[i]);
  const double margin = fmax(1e-8, 0.1 * (p->problem->cone ? fmax(highest, -lowest) : highest - lowest));
  if (!p->problem->cone) p->y = lowest - margin;
  for (int64_t i = 0; i < p->n; i++) p->z[i] = fmax(p->dual[i] - p->y, margin);
}

/* One step of predictor and corrector; false where the numbers end it. */
static bool advance(interior *p, ift_context *context, double mean) {
  const int64_t n = p->n;
  if (!prepare(p, context)) return false;
  if (!p->problem->cone) {
    for (int64_t i = 0; i < n; i++) p->right[i] = 1;
    solve_twice(p, context, p->ones, p->right);
  }
  for (int64_t i = 0; i < n; i++) p->centered[i] = p->x[i] * p->z[i];
  direction(p, context);
  double alpha = fmin(reach(p->x, p->dx, n), reach(p->z, p->dz, n));
  const double sigma = pow(fmax(complementarity(p, alpha), 0) / mean, 3);
  for (int64_t i = 0; i < n; i++) p->centered[i] += p->dx[i] * p->dz[i] - sigma * mean;
  const double dy = direction(p, context);
  alpha = fmin(1, FRACTION * fmin(reach(p->x, p->dx, n), reach(p->z, p->dz, n)));
  if (!(alpha > 1e-8)) return false;
  for (int64_t i = 0; i < n; i++) p->x[i] += alpha * p->dx[i], p->z[i] += alpha * p->dz[i];
  p->y += alpha * dy;
  return true;
}

static double total(const interior *p) {
  double sum = 0;
  for (int64_t i = 0; i < p->n; i++) sum += p->x[i];
  return sum;
}

/* Returns whether x is worth starting from. */
static bool iterate(interior *p, int64_t *iterations) {
  double first = INFINITY, before = INFINITY;
  int64_t idle = 0;
  p->unit = 1;
  for (int64_t i = 0; i < p->n; i++) p->unit = fmax(p->unit, fabs(p->problem->linear[i]) / (p->mass * p->largest));
  begin(p);
  for (;; ++*iterations) {
    const double dual = evaluate(p), mean = complementarity(p, 0);
    if (!isfinite(dual) || !isfinite(mean) || !(mean > 0) || total(p) > LARGE) return false;
    if (*iterations == 0) first = mean;
    const double sum = (double)p->n * mean;
    idle = mean > before / 2 ? idle + 1 : 0;
    before = mean;
    if (sum <= TARGET * p->unit || (sum <= CLOSE * p->unit && idle > 1)) return true;
    /* further than this rounding lets only some go */
    if (*iterations >= STEPS || !advance(p, p->qp->context, mean)) return mean <= 1e-6 * first;
  }
}

/* The weights of the support; where there are none the start stays. */
static void hand_over(const interior *p) {
  double sum = 0;
  for (int64_t i = 0; i < p->n; i++)
    if (p->x[i] > p->z[i] / p->unit) sum += p->x[i];
  if (!(sum > 0)) return;
  const double factor = p->problem->cone ? p->mass : p->mass / sum;
  for (int64_t i = 0; i < p->n; i++) p->qp->b[i] = p->x[i] > p->z[i] / p->unit ? factor * p->x[i] : 0;
}

static void set_up(interior *p, ift_qp *qp, const ift_qp_problem *problem) {
  double highest = 0;
  *p = (interior){.qp = qp, .problem = problem, .n = problem->n, .mass = problem->mass};
  for (int64_t i = 0; i < p->n; i++) {
    p->largest = fmax(p->largest, ift_qp_diagonal(problem, i));
    highest = fmax(highest, problem->linear[i]);
  }
  p->extra = problem->regularization / p->largest;
  if (problem->cone) p->mass = highest / p->largest;
  p->x = qp->rest, p->z = qp->residual, p->dx = qp->direction, p->dz = qp->ones, p->inverse = qp->packed;
  p->dual = qp->value, p->ones = qp->extra[0], p->right = qp->extra[1], p->small = qp->extra[2];
  p->centered = qp->extra[3];
}

static ift_status solve(ift_qp *qp, const ift_qp_problem *problem, ift_qp_result *result) {
  interior p;
  int64_t iterations = 0;
  set_up(&p, qp, problem);
  ift_qp_gradient(qp, problem);
  if (ift_qp_gap(qp, problem) > ift_qp_tolerance(qp, problem) && p.largest > 0 && p.mass > 0 && factorize(&p) &&
      iterate(&p, &iterations))
    hand_over(&p);
  ift_qp_find_support(qp, problem->n);
  const ift_status status = ift_qp_active_set.solve(qp, problem, result);
  result->iterations += iterations;
  return status;
}

static bool suits(const ift_qp_problem *problem) {
  (void)problem;
  return false;
}

const ift_qp_method ift_qp_low_rank = {
    .name = "low-rank",
    .doc = "interior point on a pivoted Cholesky factor (Fine and Scheinberg 2001), then the active set",
    .suits = suits,
    .solve = solve,
};
