/* Pairwise Frank-Wolfe (Lacoste-Julien and Jaggi 2015): weight goes from one atom of the support to the atom of the
 * least gradient, from the one that gains most (second-order choice of Fan, Chen and Lin 2005). In the cone, which has
 * no mass to keep, single weights change (Gauss and Southwell). A step takes two columns of K and O(n) memory, whatever
 * n. */
#include <float.h>
#include <math.h>
#include <string.h>

#include "simplex/face.h"

enum { STEPS = 20000, EACH = 20, RENEW = 4096, LOOK = 8 };

typedef struct move {
  int64_t to, from; /* `from` -1: no other atom */
  double amount;    /* of weight that `to` gains */
} move;

static int64_t lowest(const ift_qp *qp, int64_t n) {
  int64_t best = 0;
  for (int64_t i = 1; i < n; i++)
    if (qp->g[i] < qp->g[best]) best = i;
  return best;
}

/* The decrease of q along `slope` < 0 and `curvature`, at most `room` far. */
static double decrease(double slope, double curvature, double room, double *amount) {
  *amount = curvature * room > -slope ? -slope / curvature : room;
  return -*amount * (slope + curvature * *amount / 2);
}

/* `column` is that of atom `to`, `diagonal` has all K_ii. */
static move pair(const ift_qp *qp, const double *diagonal, int64_t n, int64_t to, const double *column) {
  move best = {to, -1, 0};
  double most = 0;
  for (int64_t j = 0; j < n; j++) {
    if (!(qp->b[j] > 0) || j == to) continue;
    double amount;
    const double curvature = fmax(diagonal[to] + diagonal[j] - 2 * column[j], 0);
    const double gain = decrease(qp->g[to] - qp->g[j], curvature, qp->b[j], &amount);
    if (amount > 0 && gain > most) most = gain, best = (move){to, j, amount};
  }
  return best;
}

static move single(const ift_qp *qp, const double *diagonal, int64_t n) {
  move best = {-1, -1, 0};
  double most = 0;
  for (int64_t i = 0; i < n; i++) {
    const double g = qp->g[i];
    if (g >= 0 && !(qp->b[i] > 0)) continue;
    const double amount = diagonal[i] > 0 ? fmax(-g / diagonal[i], -qp->b[i]) : g > 0 ? -qp->b[i] : 0;
    const double gain = -amount * (g + diagonal[i] * amount / 2);
    if (gain > most) most = gain, best = (move){i, -1, amount};
  }
  return best;
}

/* b_i += amount and g with it; b_i is 0 where all of it goes. */
static void shift(ift_qp *qp, const ift_qp_problem *problem, int64_t i, double amount) {
  const double *column = ift_qp_column(qp, problem, i);
  qp->b[i] = amount <= -qp->b[i] ? 0 : qp->b[i] + amount;
  qp->g[i] += problem->regularization * amount;
  for (int64_t k = 0; k < problem->n; k++) qp->g[k] += amount * column[k];
}

/* false: rounding leaves no step */
static bool step(ift_qp *qp, const ift_qp_problem *problem, const double *diagonal) {
  const int64_t n = problem->n, to = problem->cone ? -1 : lowest(qp, n);
  const move best = to < 0 ? single(qp, diagonal, n) : pair(qp, diagonal, n, to, ift_qp_column(qp, problem, to));
  if (!(best.amount != 0)) return false;
  shift(qp, problem, best.to, best.amount);
  if (best.from >= 0) shift(qp, problem, best.from, -best.amount);
  return true;
}

static void renew(ift_qp *qp, const ift_qp_problem *problem) {
  ift_qp_find_support(qp, problem->n);
  ift_qp_gradient(qp, problem);
}

static ift_status solve(ift_qp *qp, const ift_qp_problem *problem, ift_qp_result *result) {
  const int64_t n = problem->n, most = STEPS > EACH * n ? STEPS : EACH * n;
  ift_face face;
  IFT_TRY(ift_face_begin(&face, qp, problem));
  double *diagonal = qp->extra[0];
  for (int64_t i = 0; i < n; i++) diagonal[i] = ift_qp_diagonal(problem, i);
  renew(qp, problem);
  bool fresh = true; /* is the gradient free of the rounding of many steps? */
  for (result->iterations = 0; result->iterations < most && qp->cache.status >= 0;) {
    if (result->iterations % RENEW == RENEW - 1) renew(qp, problem);
    bool moves = true;
    if (fresh || result->iterations % LOOK == 0) {
      ift_qp_find_support(qp, n);
      const double gap = ift_qp_gap(qp, problem);
      if (!isfinite(gap)) break;
      moves = gap > ift_qp_tolerance(qp, problem) / 2;
    }
    moves = moves && step(qp, problem, diagonal);
    if (!moves && fresh) break;
    if (!moves) renew(qp, problem);
    fresh = !moves;
    result->iterations += moves;
  }
  ift_qp_find_support(qp, n);
  result->gap = ift_qp_certify(qp, problem);
  return result->gap <= ift_qp_tolerance(qp, problem) ? IFT_OK : IFT_STALLED;
}

static bool suits(const ift_qp_problem *problem) {
  return !problem->gram;
}

const ift_qp_method ift_qp_pairwise = {
    .name = "pairwise",
    .doc = "pairwise Frank-Wolfe (Lacoste-Julien and Jaggi 2015), columns on the fly; at most max(20000, 20 n) steps",
    .columns = true,
    .suits = suits,
    .solve = solve,
};
