/* Primal active set (Wolfe 1976; Lawson and Hanson 1974), in directions from the present weights (face.h).
 *
 * A step is cut where a weight reaches 0, and its atom leaves. Where a face is solved, the atoms with the most
 * negative reduced gradients come in: several at once as long as they are not alike, and one at a time after a round
 * that has changed nothing. Every step lowers q, so no face is met twice. A start that many atoms have to leave is
 * given up for the best single atom, and in the cone for none. At the end the face is solved with residuals in twice
 * the precision.
 *
 * The answer depends on the order of the particles through rounding only: exact duplicates come, move and leave
 * together. */
#include <float.h>
#include <math.h>
#include <string.h>

#include "simplex/face.h"

enum {
  PASSES = 20,  /* steps on one face before it counts as solved as well as it can be */
  CARRIED = 16, /* cut steps in a row after which the gradient is computed anew */
  MANY = 64,    /* atoms leaving a start that make it worth beginning anew */
  SAMPLE = 256, /* atoms that a large start is judged by */
  CYCLES = 8    /* descents, each ended by the exact solution of its face */
};
static const double ALIKE = 0.8;      /* K_ij over the geometric mean of K_ii and K_jj */
static const double NEAR_WORST = 0.1; /* atoms with this part of the worst reduced gradient may come in with it */
static const double NOISE = 16 * DBL_EPSILON; /* what rounding K and t changes a gradient by, relative to its terms */
static const double SHORT = 1e-6;             /* steps below this part of the mean weight are sure to be no noise */

typedef struct search {
  ift_face face;
  ift_qp *qp;
  const ift_qp_problem *problem;
  int64_t n;
  double farthest;  /* max |t_i| */
  double tolerance; /* at the present mass */
  double lambda;    /* mean of the gradient; 0 in the cone */
  double gap;       /* estimate; what the face adds to it is left to refine() */
  double inside;    /* max |r_i| */
  double outside;   /* largest reduced gradient, times -1, of an atom that may come in */
  int64_t most;     /* linear systems that are too many */
  int64_t rounds;   /* how often atoms came in */
  bool single;      /* one atom at a time */
  bool anew;        /* the start was given up */
  bool again;       /* by refine() just now */
  bool kept;        /* refine() began with a residual that is rounding, and those weights are in qp->kept */
} search;

/* What atoms that are not free add to the gap in the cone: the certificates of gradient.c, with a bound for v'Kv. */
static double outside_gap(const search *s, double mass) {
  const ift_qp *qp = s->qp;
  const ift_qp_problem *p = s->problem;
  double lowest = 0, sum = 0, root = 0, e = 0, energy = 0;
  for (int64_t i = 0; i < s->n; i++) {
    const double g = qp->g[i], product = g + p->linear[i], diagonal = ift_qp_diagonal(p, i);
    energy += qp->b[i] * product;
    if (g >= 0 || (qp->state[i] & IFT_QP_FREE)) continue;
    lowest = fmin(lowest, g);
    sum -= g / diagonal * product;
    root -= g / sqrt(diagonal);
    e = product > 0 ? fmax(e, -g / product) : INFINITY;
  }
  if (!qp->nonnegative) return -2 * mass * lowest;
  return fmin(sum + root * root / 2, isinf(e) ? e : (e + e * e / 2) * energy);
}

/* Gradient, residual and gap at the present weights. */
static void evaluate(search *s) {
  ift_qp *qp = s->qp;
  const ift_qp_problem *p = s->problem;
  const double *g = qp->g;
  double sum = 0, mean = 0, lowest = 0;
  ift_qp_gradient(qp, p);
  for (int64_t k = 0; k < qp->count; k++) {
    sum += qp->b[qp->support[k]];
    mean += qp->b[qp->support[k]] * g[qp->support[k]];
  }
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
  const double mass = p->cone ? fmax(sum, 1) : p->mass, largest = s->face.largest;
  s->face.noise = NOISE * (largest * sum + s->farthest);
  s->tolerance = fmax(p->tolerance, IFT_QP_TOLERANCE * mass * mass * largest);
  s->gap += p->cone ? outside_gap(s, mass) : mass * lowest;
}

static void set_free(ift_qp *qp, int64_t i) {
  qp->state[i] |= IFT_QP_FREE | IFT_QP_FRESH;
  qp->support[qp->count++] = i;
}

/* Frees the atom of the largest entry in `open`, the reduced gradients (times -1) of those that may come in, with
 * its duplicates; and takes those that are like it off the list. */
static void free_worst(search *s, int64_t worst, double *open) {
  const double *row = s->problem->gram + worst * s->n;
  const double near = open[worst] - 8 * DBL_EPSILON * (fabs(s->qp->g[worst]) + fabs(s->lambda));
  const double square = ALIKE * ALIKE * ift_qp_diagonal(s->problem, worst);
  for (int64_t i = 0; i < s->n; i++) {
    if (open[i] <= 0) continue;
    const bool same = i == worst || (open[i] >= near && ift_face_duplicates(s->problem, i, worst));
    if (same) set_free(s->qp, i);
    if (same || row[i] * row[i] > square * ift_qp_diagonal(s->problem, i)) open[i] = 0;
  }
}

static ift_status add(search *s) {
  ift_qp *qp = s->qp;
  const int64_t known = qp->count;
  double *open = qp->value;
  for (int64_t i = 0; i < s->n; i++) {
    open[i] = qp->state[i] & (IFT_QP_FREE | IFT_QP_FROZEN) ? 0 : s->lambda - qp->g[i];
    qp->state[i] &= (unsigned char)~IFT_QP_FRESH;
  }
  do {
    int64_t worst = 0;
    for (int64_t i = 1; i < s->n; i++)
      if (open[i] > open[worst]) worst = i;
    if (open[worst] <= NEAR_WORST * s->outside) break;
    free_worst(s, worst, open);
  } while (!s->single);
  for (int64_t k = known; k < qp->count; k++) qp->residual[k] = s->lambda - qp->g[qp->support[k]];
  return ift_face_factorize(&s->face, known);
}

/* Whether the atoms that came in last have changed the face decides how the next ones do. false: there are none. */
static bool may_add(search *s) {
  ift_qp *qp = s->qp;
  bool idle = s->rounds++ > 0 && !s->face.lost;
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
  s->face.lost = false;
  return s->outside > 0;
}

/* The best single atom and its duplicates, in the cone none. */
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
      if (i == best || ift_face_duplicates(p, i, best)) set_free(qp, i);
    for (int64_t k = 0; k < qp->count; k++) qp->b[qp->support[k]] = p->mass / (double)qp->count;
  }
  return ift_face_factorize(&s->face, 0);
}

/* Each departure costs as much as several arrivals on the way up from few atoms. */
static bool hopeless(const search *s) {
  return !s->anew && s->face.left + s->face.blocked > MANY;
}

/* Would many atoms leave a large start? Asked of a part of it, the others fixed, which tells before the whole is
 * factorized. */
static ift_status judge_start(search *s) {
  ift_qp *qp = s->qp;
  const int64_t count = qp->count;
  if (count <= 2 * SAMPLE) return ift_face_factorize(&s->face, 0);
  evaluate(s);
  if (s->gap <= s->tolerance) return ift_face_factorize(&s->face, 0);
  double sum = 0;
  for (int64_t k = 0; k < SAMPLE; k++) {
    qp->support[k] = qp->support[k * count / SAMPLE];
    qp->residual[k] = qp->residual[k * count / SAMPLE];
    sum += qp->b[qp->support[k]];
  }
  qp->count = SAMPLE;
  IFT_TRY(ift_face_factorize(&s->face, 0));
  s->face.elsewhere = s->problem->mass - sum;
  ift_face_direction(&s->face);
  s->face.elsewhere = 0;
  if (hopeless(s)) return begin_anew(s);
  ift_qp_find_support(qp, s->n);
  return ift_face_factorize(&s->face, 0);
}

/* Lets atoms in, unless there are none or many rounds have not brought the gap down. */
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
    if (cut % CARRIED == 0 || s->qp->count == 0) {
      before = full > 0 ? s->inside : INFINITY;
      evaluate(s);
      if (s->gap <= (moved ? s->tolerance / 2 : s->tolerance)) return IFT_OK;
      if (!isfinite(s->gap) || s->face.solves > s->most) return IFT_STALLED;
    }
    const bool solved = full > 0 && (s->inside <= s->outside / 2 || s->inside > 0.7 * before || full >= PASSES);
    if (solved || s->qp->count == 0) {
      IFT_TRY(enlarge(s, &best, &waited));
      full = 0;
    }
    ift_face_direction(&s->face);
    const bool leave = s->rounds == 0 && hopeless(s), cuts = s->face.alpha < 1;
    IFT_TRY(leave ? begin_anew(s) : ift_face_move(&s->face));
    full = cuts || leave ? 0 : full + 1;
    cut = cuts && !leave ? cut + 1 : 0;
  }
}

/* The residual in twice the precision. Returns whether it is no more than rounding K, t and b could cause. */
static bool evaluate_exactly(search *s) {
  ift_qp *qp = s->qp;
  const ift_qp_problem *p = s->problem;
  ift_qp_gradient_exact(qp, p, true);
  double sum = 0, mean = 0, root = 0;
  for (int64_t k = 0; k < qp->count; k++) {
    const int64_t i = qp->support[k];
    sum += qp->b[i];
    mean += qp->b[i] * qp->g[i];
    root += qp->b[i] * sqrt(ift_qp_diagonal(p, i));
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

static void keep_weights(search *s) {
  memcpy(s->qp->kept, s->qp->b, (size_t)s->n * sizeof *s->qp->b);
  s->kept = true;
}

static void swap_weights(ift_qp *qp) {
  double *b = qp->b;
  qp->b = qp->kept;
  qp->kept = b;
}

/* Solves the present face to working precision, by steps from residuals in twice the precision. A residual that is
 * rounding fixes the weights where K_SS is well conditioned, and the last steps are short; where it is not, a step
 * would only follow the rounding, and the weights stay. */
static ift_status refine(search *s) {
  ift_qp *qp = s->qp;
  ift_face *face = &s->face;
  double before = INFINITY;
  face->left = 0;
  s->kept = s->again = false;
  for (int64_t passes = 0; passes < PASSES && qp->count > 0;) {
    const bool quiet = evaluate_exactly(s);
    if (quiet && passes == 0 && face->left == 0) keep_weights(s);
    ift_face_direction(face);
    double largest = 0, sum = 0;
    for (int64_t k = 0; k < qp->count; k++) {
      largest = fmax(largest, qp->b[qp->support[k]]);
      sum += qp->b[qp->support[k]];
    }
    if (face->length <= DBL_EPSILON * largest) return IFT_OK;
    if (quiet && (face->alpha < 1 || face->length > SHORT * sum / (double)qp->count || face->length > before / 2))
      return IFT_OK;
    s->again = hopeless(s);
    if (s->again) return begin_anew(s);
    const bool full = face->alpha >= 1;
    IFT_TRY(ift_face_move(face));
    if (full && !quiet && face->floor == 1 && face->length > 0.3 * before) {
      /* slow: there are atoms with K_ii so small that delta matters to them */
      face->floor = DBL_EPSILON * DBL_EPSILON;
      IFT_TRY(ift_face_factorize(face, 0));
    }
    if (!full) continue;
    before = face->length;
    passes++;
  }
  return IFT_OK;
}

/* Is the gap within the tolerance? If following rounding on a badly conditioned face has raised it, the weights
 * before that, whose residual was as good, are taken back. */
static bool settled(search *s, double *gap) {
  *gap = ift_qp_certify(s->qp, s->problem);
  if (*gap <= ift_qp_tolerance(s->qp, s->problem)) return true;
  if (!s->kept || s->face.left > 0) return false;
  const double refined = *gap;
  swap_weights(s->qp);
  *gap = ift_qp_certify(s->qp, s->problem);
  if (*gap <= ift_qp_tolerance(s->qp, s->problem)) return true;
  swap_weights(s->qp);
  *gap = refined;
  return false;
}

static ift_status solve(ift_qp *qp, const ift_qp_problem *problem, ift_qp_result *result) {
  const int64_t n = problem->n;
  search s = {.qp = qp, .problem = problem, .n = n, .most = 50 * (n + 20)};
  for (int64_t i = 0; i < n; i++) s.farthest = fmax(s.farthest, fabs(problem->linear[i]));
  IFT_TRY(ift_face_begin(&s.face, qp, problem));
  ift_status status = judge_start(&s);
  for (int64_t cycle = 0; cycle < CYCLES && status == IFT_OK && s.face.solves <= s.most; cycle++) {
    status = descend(&s);
    if (status < 0) return status;
    status = qp->factor.size == qp->count ? IFT_OK : ift_face_factorize(&s.face, 0);
    if (status == IFT_OK) status = refine(&s);
    if (status == IFT_OK && !s.again && settled(&s, &result->gap)) {
      result->iterations = s.face.solves;
      return IFT_OK;
    }
  }
  if (status < 0) return status;
  result->gap = ift_qp_certify(qp, problem);
  result->iterations = s.face.solves;
  return IFT_STALLED;
}

/* bench_simplex: ahead of the others on every problem with a matrix. */
static bool suits(const ift_qp_problem *problem) {
  return problem->gram != NULL;
}

const ift_qp_method ift_qp_active_set = {
    .name = "active-set",
    .doc = "primal active set (Wolfe 1976; Lawson and Hanson 1974)",
    .suits = suits,
    .solve = solve,
};
