/* Primal active set (Wolfe 1976; Lawson and Hanson 1974), in directions from the present weights.
 *
 * On a face, the atoms of `support` free and all others 0, the step d solves
 *     (K_SS + delta I) d = r + lambda 1,  1'd = 0 (in the cone: lambda = 0),   r_i = mean g - g_i,
 * delta a few times the rounding of the factorization. It makes duplicates, more atoms than the rank of K, and scales of any size
 * harmless: it damps only directions in which q is flat up to rounding, and since d is a step and not a point it does not move the
 * solution. The step is cut where a weight reaches 0; atoms that do, leave, with weight exactly 0. Where a face is solved, the
 * atoms with the most negative reduced gradients come in, several at once as long as they are not alike (K_ij below 0.8 of the
 * geometric mean), and one at a time after a round without progress. Every step lowers q, so no face is met twice.
 *
 * The answer depends on the order of the particles through rounding only: exact duplicates enter and leave together. */
#include <float.h>
#include <math.h>
#include <string.h>

#include "base/sum.h"
#include "simplex/qp.h"

enum {
  PASSES = 20,   /* steps on one face before its atoms are looked at as they are */
  MODELLED = 16, /* cut steps after which the gradient is computed anew */
  MANY = 64,     /* atoms leaving the start that make it worth beginning anew */
  SAMPLE = 256,  /* atoms that a large start is judged by */
  CYCLES = 8     /* descents, each ended by a solve of the face in twice the precision */
};
static const double ALIKE = 0.8, NEAR_WORST = 0.1, NOISE = 16 * DBL_EPSILON, SHORT = 1e-6;

typedef struct search {
  ift_qp *qp;
  const ift_qp_problem *problem;
  int64_t n;
  double tolerance;
  double farthest;      /* max |t_i| */
  double noise;         /* differences of gradients that are rounding */
  double scale;         /* max K_ii, or 1 where that is 0 */
  double floor;
  double shift;         /* delta / scale */
  double limit;         /* sum b beyond which a cone problem has no minimum */
  double elsewhere;     /* mass of atoms that are neither free nor 0 */
  double lambda;        /* mean of the gradient; 0 in the cone */
  double gap;           /* estimate, with a gradient in working precision */
  double inside;        /* largest |r| */
  double outside;       /* largest reduced gradient (-) of an atom that may come in */
  double alpha;         /* how far along the direction the weights stay >= 0, at most 1 */
  double length;        /* largest |d| */
  double largest;       /* max K_ii */
  int64_t blocked;      /* atoms that a full step would make negative */
  int64_t left;         /* atoms that have left the face of the start, or that `refine` began with */
  int64_t solves, most; /* linear systems solved, and when that is too many */
  int64_t rounds;       /* how often atoms came in */
  bool twins;           /* there have been duplicates among the free atoms */
  bool lost;            /* an atom has left that was there before the last round */
  bool single;          /* one atom at a time */
  bool anew;            /* the start was given up */
  bool kept;            /* `refine` began with a residual at the level of rounding, and those weights are kept */
  bool again;           /* just now */
} search;

/* Are i and j the same point, as far as K and t can tell? */
static bool duplicates(const search *s, int64_t i, int64_t j) {
  const double *gram = s->problem->gram, *t = s->problem->linear;
  return gram[i * s->n + j] == gram[i * s->n + i] && gram[i * s->n + j] == gram[j * s->n + j] &&
         fabs(t[i] - t[j]) <= 8 * DBL_EPSILON * fabs(t[i]);
}

/* delta of an atom */
static double damping(const search *s, int64_t i) {
  return s->shift * fmax(s->floor * s->scale, ift_qp_diagonal(s->problem, i));
}

/* Rows of K_SS + delta I from position `from` on, in the factor's memory. Duplicates are noted on the way: `twin` is the same number
 * for all that are free. */
static void write_rows(search *s, int64_t from) {
  const ift_qp *qp = s->qp;
  for (int64_t k = from; k < qp->count; k++) {
    const int64_t i = qp->support[k];
    const double *gram = s->problem->gram + i * s->n;
    double *row = ift_factor_row(&qp->factor, k);
    qp->twin[i] = i;
    for (int64_t l = 0; l < k; l++) {
      row[l] = gram[qp->support[l]];
      if (row[l] != gram[i] || qp->twin[i] != i || !duplicates(s, i, qp->support[l])) continue;
      qp->twin[i] = qp->twin[qp->support[l]];
      s->twins = true;
    }
    row[k] = ift_qp_diagonal(s->problem, i) + damping(s, i);
  }
}

/* Makes the factor that of `support`, of which it knows the first `known` rows. */
static ift_status factorize(search *s, int64_t known) {
  ift_qp *qp = s->qp;
  const int64_t capacity = qp->factor.capacity;
  if (qp->count > capacity)
    IFT_TRY(ift_factor_reserve(&qp->factor, qp->count > 2 * capacity ? qp->count
                                            : 2 * capacity < s->n    ? 2 * capacity
                                                                     : s->n));
  if (s->shift < 2 * DBL_EPSILON * (double)qp->count) {
    s->shift = 4 * DBL_EPSILON * (double)(qp->count > 16 ? qp->count : 16);
    known = 0;
  }
  for (; s->shift < 1e8; s->shift *= 8, known = 0) {
    ift_factor_truncate(&qp->factor, known);
    write_rows(s, known);
    if (known == qp->count || ift_factor_append(&qp->factor, qp->count - known)) return IFT_OK;
  }
  return IFT_STALLED;
}

/* The step d for the residual r: d = L'^-1 (L^-1 r + lambda L^-1 1) with lambda from 1'd = what is missing in the mass. Where K_SS is
 * singular the two terms are large and cancel, so that the sum of d is not accurate; a multiple of (K_SS + delta I)^-1 1, which changes
 * the residual by a constant only, puts it right. */
static void solve_face(search *s) {
  ift_qp *qp = s->qp;
  const int64_t count = qp->count;
  double *d = qp->direction, *ones = qp->ones;
  for (int64_t k = 0; k < count; k++) d[k] = qp->residual[k];
  ift_factor_solve_lower(&qp->factor, d);
  s->solves++;
  if (s->problem->cone) {
    ift_factor_solve_upper(&qp->factor, d);
    return;
  }
  double missing = s->problem->mass - s->elsewhere, along = 0, square = 0;
  for (int64_t k = 0; k < count; k++) ones[k] = 1;
  ift_factor_solve_lower(&qp->factor, ones);
  for (int64_t k = 0; k < count; k++) {
    missing -= qp->b[qp->support[k]];
    along += ones[k] * d[k];
    square += ones[k] * ones[k];
  }
  const double lambda = (missing - along) / square;
  for (int64_t k = 0; k < count; k++) d[k] += lambda * ones[k];
  ift_factor_solve_upper(&qp->factor, d);
  ift_factor_solve_upper(&qp->factor, ones);
  const double rest = (missing - ift_sum(d, count)) / ift_sum(ones, count);
  for (int64_t k = 0; k < count; k++) d[k] += rest * ones[k];
}

/* Duplicates share a step equally, as the equations say; left to the rounding of a nearly singular factor they would drift apart.
 * Points that K_ij can't tell apart but that feel their neighbors differently are none. */
static void even_out(search *s) {
  ift_qp *qp = s->qp;
  double *sum = qp->value, *members = qp->rest, *residual = qp->packed;
  for (int64_t k = 0; k < qp->count; k++) {
    const int64_t twin = qp->twin[qp->support[k]];
    sum[twin] = members[twin] = 0;
    residual[twin] = qp->residual[k];
  }
  for (int64_t k = 0; k < qp->count; k++) {
    const int64_t twin = qp->twin[qp->support[k]];
    sum[twin] += qp->direction[k];
    members[twin] += fabs(qp->residual[k] - residual[twin]) <= s->noise ? 1 : NAN;
  }
  for (int64_t k = 0; k < qp->count; k++) {
    const int64_t twin = qp->twin[qp->support[k]];
    if (members[twin] > 1) qp->direction[k] = sum[twin] / members[twin];
  }
}

/* The step, and how far it may go. */
static void find_direction(search *s) {
  const ift_qp *qp = s->qp;
  solve_face(s);
  if (s->twins) even_out(s);
  s->alpha = 1, s->length = 0, s->blocked = 0;
  for (int64_t k = 0; k < qp->count; k++) {
    const double b = qp->b[qp->support[k]], d = qp->direction[k];
    s->length = fmax(s->length, fabs(d));
    if (!(b + d >= 0)) s->blocked++, s->alpha = fmin(s->alpha, -b / d);
  }
}

/* Leaves out the atoms marked as leaving, by rotations or by a new factorization from the first of them on, whichever is less
 * work (about 4 cycles per element rotated, 8 elements per cycle in the BLAS). */
static ift_status drop(search *s) {
  ift_qp *qp = s->qp;
  int64_t first = qp->count, left = 0;
  double rotations = 0;
  for (int64_t k = 0; k < qp->count; k++) {
    if (!(qp->state[qp->support[k]] & IFT_QP_LEAVING)) continue;
    const double below = (double)(qp->count - 1 - k);
    if (left++ == 0) first = k;
    rotations += below * below;
  }
  if (left == 0) return IFT_OK;
  const double size = (double)(qp->count - left), kept = (double)first;
  const bool rotate = 4 * rotations < (size * size * size - kept * kept * kept) / 12 + 2 * (size - kept) * size + 5000;
  if (rotate)
    for (int64_t k = qp->count - 1; k >= first; k--)
      if (qp->state[qp->support[k]] & IFT_QP_LEAVING) ift_factor_delete(&qp->factor, k);
  int64_t to = first;
  for (int64_t k = first; k < qp->count; k++) {
    const int64_t i = qp->support[k];
    if (qp->state[i] & IFT_QP_LEAVING)
      qp->state[i] &= IFT_QP_FRESH;
    else
      qp->support[to] = i, qp->residual[to++] = qp->residual[k];
  }
  qp->count = to;
  return rotate ? IFT_OK : factorize(s, first);
}

static ift_status unbounded(const ift_qp *qp, double sum) {
  return ift_fail(qp->context, IFT_ERR_NOT_FINITE,
                  "the quadratic program has no minimum over weights >= 0: their sum grows beyond %g", sum);
}

/* b += alpha d; what reaches 0 leaves. The residual follows by the equation of d, K_SS d = r + lambda 1 - delta d, up to a constant that
 * the next step takes care of. */
static ift_status move(search *s) {
  ift_qp *qp = s->qp;
  double sum = 0;
  for (int64_t k = 0; k < qp->count; k++) {
    const int64_t i = qp->support[k];
    const double d = qp->direction[k], step = s->alpha * d;
    const bool blocks = s->alpha < 1 && d < 0 && qp->b[i] <= -step * (1 + 8 * DBL_EPSILON);
    qp->b[i] = blocks ? 0 : fmax(qp->b[i] + step, 0);
    qp->residual[k] = (1 - s->alpha) * qp->residual[k] + damping(s, i) * step;
    sum += qp->b[i];
    /* an atom that came in stays while it is to grow, even if others allow no step yet */
    if (qp->b[i] > 0 || d > 0) continue;
    s->lost = s->lost || !(qp->state[i] & IFT_QP_FRESH);
    qp->state[i] |= IFT_QP_LEAVING;
    s->left++;
  }
  if (s->problem->cone && !(sum <= s->limit)) return unbounded(qp, sum);
  return drop(s);
}

/* What atoms that are not free add to the gap in the cone: the certificates of gradient.c with a bound for v'Kv. */
static double outside_gap(const search *s) {
  const ift_qp *qp = s->qp;
  const ift_qp_problem *p = s->problem;
  double sum = 0, root = 0, e = 0, energy = 0;
  for (int64_t i = 0; i < s->n; i++) {
    const double g = qp->g[i], product = g + p->linear[i], diagonal = ift_qp_diagonal(p, i);
    energy += qp->b[i] * product;
    if (g >= 0 || (qp->state[i] & IFT_QP_FREE)) continue;
    sum -= g / diagonal * product;
    root -= g / sqrt(diagonal);
    e = product > 0 ? fmax(e, -g / product) : INFINITY;
  }
  const double scaled = isinf(e) ? e : (e + e * e / 2) * energy;
  return qp->nonnegative ? fmin(sum + root * root / 2, scaled) : scaled;
}

/* Gradient, residual and gap at the present weights. */
static void evaluate(search *s) {
  ift_qp *qp = s->qp;
  const ift_qp_problem *p = s->problem;
  const double *g = qp->g;
  double sum = 0, mean = 0, lowest = 0;
  ift_qp_gradient(qp, p);
  for (int64_t k = 0; k < qp->count; k++)
    sum += qp->b[qp->support[k]], mean += qp->b[qp->support[k]] * g[qp->support[k]];
  s->lambda = p->cone ? 0 : mean / sum;
  s->inside = s->outside = s->gap = 0;
  for (int64_t k = 0; k < qp->count; k++) {
    qp->residual[k] = s->lambda - g[qp->support[k]];
    s->inside = fmax(s->inside, fabs(qp->residual[k]));
    s->gap += qp->b[qp->support[k]] * fabs(qp->residual[k]);
  }
  for (int64_t i = 0; i < s->n; i++) {
    if (qp->state[i] & IFT_QP_FREE) continue;
    lowest = fmax(lowest, s->lambda - g[i]);
    if (!(qp->state[i] & IFT_QP_FROZEN)) s->outside = fmax(s->outside, s->lambda - g[i]);
  }
  const double mass = p->cone ? fmax(sum, 1) : p->mass;
  s->noise = NOISE * (s->largest * sum + s->farthest);
  s->tolerance = fmax(p->tolerance, 1e-14 * mass * mass * s->largest);
  s->gap += p->cone ? fmin(outside_gap(s), qp->nonnegative ? INFINITY : 2 * mass * lowest) : p->mass * lowest;
}

static void set_free(search *s, int64_t i) {
  s->qp->state[i] |= IFT_QP_FREE | IFT_QP_FRESH;
  s->qp->support[s->qp->count++] = i;
}

/* Frees atoms with a reduced gradient near the worst, none alike, and the duplicates of each. */
static ift_status add(search *s) {
  ift_qp *qp = s->qp;
  const double *gram = s->problem->gram;
  const int64_t n = s->n, known = qp->count;
  double *open = qp->value; /* the reduced gradient (-) of those that may still come in */
  for (int64_t i = 0; i < n; i++) {
    open[i] = qp->state[i] & (IFT_QP_FREE | IFT_QP_FROZEN) ? 0 : s->lambda - qp->g[i];
    qp->state[i] &= (unsigned char)~IFT_QP_FRESH;
  }
  do {
    int64_t best = 0;
    for (int64_t i = 1; i < n; i++)
      if (open[i] > open[best]) best = i;
    const double value = open[best];
    if (value <= NEAR_WORST * s->outside) break;
    const double near = value - 8 * DBL_EPSILON * (fabs(qp->g[best]) + fabs(s->lambda));
    const double square = ALIKE * ALIKE * ift_qp_diagonal(s->problem, best), *row = gram + best * n;
    for (int64_t i = 0; i < n; i++) {
      if (open[i] <= 0) continue;
      if (i == best || (open[i] >= near && duplicates(s, i, best))) set_free(s, i);
      if (i == best || row[i] * row[i] > square * ift_qp_diagonal(s->problem, i)) open[i] = 0;
    }
  } while (!s->single);
  for (int64_t k = known; k < qp->count; k++) qp->residual[k] = s->lambda - qp->g[qp->support[k]];
  return factorize(s, known);
}

/* No start: the best single atom (and its duplicates), in the cone none. */
static ift_status begin_anew(search *s) {
  ift_qp *qp = s->qp;
  const ift_qp_problem *p = s->problem;
  for (int64_t i = 0; i < s->n; i++) qp->b[i] = 0, qp->state[i] = 0;
  qp->count = 0;
  s->anew = true;
  s->single = false;
  if (!p->cone) {
    int64_t best = 0;
    double lowest = INFINITY;
    for (int64_t i = 0; i < s->n; i++) {
      const double q = p->mass * (p->mass * ift_qp_diagonal(p, i) / 2 - p->linear[i]);
      if (q < lowest) lowest = q, best = i;
    }
    for (int64_t i = 0; i < s->n; i++)
      if (i == best || duplicates(s, i, best)) set_free(s, i);
    for (int64_t k = 0; k < qp->count; k++) qp->b[qp->support[k]] = p->mass / (double)qp->count;
  }
  return factorize(s, 0);
}

/* Whether the atoms that came in last have changed the face decides how the next ones do. false: there are none. */
static bool may_add(search *s) {
  ift_qp *qp = s->qp;
  bool idle = s->rounds++ > 0 && !s->lost;
  for (int64_t k = 0; k < qp->count && idle; k++) idle = !(qp->state[qp->support[k]] & IFT_QP_FRESH);
  s->outside = 0;
  for (int64_t i = 0; i < s->n; i++) {
    if (!idle)
      qp->state[i] &= (unsigned char)~IFT_QP_FROZEN;
    else if (s->single && (qp->state[i] & IFT_QP_FRESH))
      qp->state[i] |= IFT_QP_FROZEN;
    if (!(qp->state[i] & (IFT_QP_FREE | IFT_QP_FROZEN))) s->outside = fmax(s->outside, s->lambda - qp->g[i]);
  }
  s->single = idle;
  s->lost = false;
  return s->outside > 0;
}

/* A start that many of its atoms have to leave before its face is solved is a worse place to go on from than none: each departure
 * costs as much as several arrivals on the way up from few atoms. */
static bool hopeless(const search *s) {
  return !s->anew && s->left + s->blocked > MANY;
}

/* Atoms come in; or the reason why none do. */
static ift_status enlarge(search *s, double *best, int64_t *waited) {
  *waited = s->gap < 0.9 * *best ? 0 : *waited + 1;
  *best = fmin(*best, s->gap);
  return *waited <= 2 * s->qp->count + 100 && may_add(s) ? add(s) : IFT_STALLED;
}

/* To a gap of half the tolerance, in working precision; weights that meet the tolerance stay. */
static ift_status descend(search *s) {
  double before = INFINITY, best = INFINITY;
  int64_t full = 0, cut = 0, waited = 0; /* steps in a row of each kind; rounds without progress */
  for (bool moved = false;; moved = true) {
    if (cut % MODELLED == 0 || s->qp->count == 0) {
      before = full > 0 ? s->inside : INFINITY;
      evaluate(s);
      if (s->gap <= (moved ? s->tolerance / 2 : s->tolerance)) return IFT_OK;
      if (!isfinite(s->gap) || s->solves > s->most) return IFT_STALLED;
    }
    const bool solved = full > 0 && (s->inside <= s->outside / 2 || s->inside > 0.7 * before || full >= PASSES);
    if (solved || s->qp->count == 0) {
      const ift_status status = enlarge(s, &best, &waited);
      if (status != IFT_OK) return status;
      full = 0;
    }
    find_direction(s);
    const bool leave = s->rounds == 0 && hopeless(s), cuts = s->alpha < 1;
    const ift_status status = leave ? begin_anew(s) : move(s);
    if (status != IFT_OK) return status;
    full = cuts || leave ? 0 : full + 1;
    cut = cuts && !leave ? cut + 1 : 0;
  }
}

/* The residual in twice the precision. Returns whether it is what rounding K, t and b could cause. */
static bool evaluate_exactly(search *s) {
  ift_qp *qp = s->qp;
  const ift_qp_problem *p = s->problem;
  ift_qp_gradient_exact(qp, p, true);
  double sum = 0, mean = 0, root = 0;
  for (int64_t k = 0; k < qp->count; k++) {
    const int64_t i = qp->support[k];
    sum += qp->b[i], mean += qp->b[i] * qp->g[i], root += qp->b[i] * sqrt(ift_qp_diagonal(p, i));
  }
  s->lambda = p->cone ? 0 : mean / sum;
  bool quiet = true;
  for (int64_t k = 0; k < qp->count; k++) {
    const int64_t i = qp->support[k];
    const double scale = root * sqrt(ift_qp_diagonal(p, i)) + fabs(p->linear[i]);
    qp->residual[k] = (s->lambda - qp->g[i]) - qp->rest[i];
    quiet = quiet && fabs(qp->residual[k]) <= NOISE * scale;
  }
  return quiet;
}

static void keep(search *s) {
  memcpy(s->qp->kept, s->qp->b, (size_t)s->n * sizeof *s->qp->b);
  s->kept = true;
}

static void swap_kept(ift_qp *qp) {
  double *b = qp->b;
  qp->b = qp->kept;
  qp->kept = b;
}

/* Solves the present face to working precision, by steps from residuals in twice the precision. A residual at the level of rounding
 * fixes the weights where K_SS is well conditioned, and then a last step is short; where it is not, the step would only follow the
 * rounding, and the weights stay. */
static ift_status refine(search *s) {
  ift_qp *qp = s->qp;
  double before = INFINITY;
  s->left = 0;
  s->kept = false;
  for (int64_t passes = 0; passes < PASSES && qp->count > 0;) {
    const bool quiet = evaluate_exactly(s);
    if (quiet && passes == 0 && s->left == 0) keep(s);
    find_direction(s);
    double largest = 0, sum = 0;
    for (int64_t k = 0; k < qp->count; k++) {
      largest = fmax(largest, qp->b[qp->support[k]]);
      sum += qp->b[qp->support[k]];
    }
    if (s->length <= DBL_EPSILON * largest) return IFT_OK;
    if (quiet && (s->alpha < 1 || s->length > SHORT * sum / (double)qp->count || s->length > before / 2)) return IFT_OK;
    if (hopeless(s)) {
      s->again = true;
      return begin_anew(s);
    }
    const bool full = s->alpha >= 1;
    const ift_status status = move(s);
    if (status != IFT_OK) return status;
    if (!full) continue;
    if (!quiet && s->floor == 1 && s->length > 0.3 * before) {
      s->floor = 1e-12;
      const ift_status again = factorize(s, 0);
      if (again != IFT_OK) return again;
    }
    before = s->length;
    passes++;
  }
  return IFT_OK;
}

/* Would many atoms leave a large start? Asked of a part of it, the others fixed, which tells before the whole is factorized. */
static ift_status probe(search *s) {
  ift_qp *qp = s->qp;
  const int64_t count = qp->count;
  if (count <= 2 * SAMPLE) return factorize(s, 0);
  evaluate(s);
  if (s->gap <= s->tolerance) return factorize(s, 0);
  double sum = 0;
  for (int64_t k = 0; k < SAMPLE; k++) {
    qp->support[k] = qp->support[k * count / SAMPLE];
    qp->residual[k] = qp->residual[k * count / SAMPLE];
    sum += qp->b[qp->support[k]];
  }
  qp->count = SAMPLE;
  ift_status status = factorize(s, 0);
  if (status != IFT_OK) return status;
  s->elsewhere = s->problem->mass - sum;
  find_direction(s);
  s->elsewhere = 0;
  if (hopeless(s)) return begin_anew(s);
  ift_qp_find_support(qp, s->n);
  return factorize(s, 0);
}

static ift_status solve(ift_qp *qp, const ift_qp_problem *problem, ift_qp_result *result) {
  const int64_t n = problem->n;
  search s = {.qp = qp, .problem = problem, .n = n, .most = 50 * (n + 20)};
  for (int64_t i = 0; i < n; i++) {
    s.largest = fmax(s.largest, ift_qp_diagonal(problem, i));
    s.farthest = fmax(s.farthest, fabs(problem->linear[i]));
  }
  s.floor = 1;
  s.scale = s.largest > 0 ? s.largest : 1;
  for (int64_t i = 0; i < n; i++) {
    const double diagonal = ift_qp_diagonal(problem, i), linear = problem->linear[i];
    if (problem->cone && diagonal <= 0 && linear > 0) return unbounded(qp, INFINITY);
    s.limit += qp->b[i] + fmax(linear, 0) / fmax(diagonal, DBL_EPSILON * s.scale);
  }
  s.limit *= 1e12;
  ift_status status = probe(&s);
  for (int64_t cycle = 0; cycle < CYCLES && status == IFT_OK; cycle++) {
    s.again = false;
    status = descend(&s);
    if (status < 0) return status;
    status = qp->factor.size == qp->count ? IFT_OK : factorize(&s, 0);
    if (status == IFT_OK) status = refine(&s);
    if (status < 0) return status;
    if (s.again) continue;
    result->iterations = s.solves;
    result->gap = ift_qp_certify(qp, problem);
    if (result->gap <= ift_qp_tolerance(qp, problem)) return IFT_OK;
    if (s.kept && s.left == 0) {
      /* following rounding on a badly conditioned face has raised the gap; before, the face was as well solved by its residual */
      swap_kept(qp);
      result->gap = ift_qp_certify(qp, problem);
      if (result->gap <= ift_qp_tolerance(qp, problem)) return IFT_OK;
      swap_kept(qp);
    }
    if (s.solves > s.most) break;
  }
  result->gap = ift_qp_certify(qp, problem);
  result->iterations = s.solves;
  return status < 0 ? status : IFT_STALLED;
}

static bool suits(int64_t n) {
  (void)n;
  return true;
}

const ift_qp_method ift_qp_active_set = {
    .name = "active-set",
    .doc = "primal active set (Wolfe 1976; Lawson and Hanson 1974)",
    .suits = suits,
    .solve = solve,
};
