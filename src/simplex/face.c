/* Steps on a face. */
#include "simplex/face.h"

#include <float.h>
#include <math.h>

#include "base/sum.h"

static ift_status unbounded(const ift_qp *qp, double sum) {
  return ift_fail(qp->context, IFT_ERR_NOT_FINITE,
                  "the quadratic program has no minimum over weights >= 0: their sum grows beyond %g", sum);
}

ift_status ift_face_begin(ift_face *face, ift_qp *qp, const ift_qp_problem *problem) {
  const int64_t n = problem->n;
  *face = (ift_face){.qp = qp, .problem = problem, .floor = 1};
  for (int64_t i = 0; i < n; i++) face->largest = fmax(face->largest, ift_qp_diagonal(problem, i));
  if (!problem->cone) return IFT_OK;
  /* sum t_i / K_ii bounds the mass of the minimizer if K_ij >= 0; 1e12 is for what cancels in others */
  double bound = ift_sum(qp->b, n);
  for (int64_t i = 0; i < n; i++) {
    const double diagonal = ift_qp_diagonal(problem, i), linear = problem->linear[i];
    if (diagonal <= 0 && linear > 0) return unbounded(qp, INFINITY);
    if (linear > 0) bound += linear / diagonal;
  }
  face->limit = 1e12 * bound;
  return IFT_OK;
}

bool ift_face_duplicates(const ift_qp_problem *problem, int64_t i, int64_t j) {
  const int64_t n = problem->n;
  const double *gram = problem->gram, *t = problem->linear, k = gram[i * n + j];
  return k == gram[i * n + i] && k == gram[j * n + j] && fabs(t[i] - t[j]) <= 8 * DBL_EPSILON * fabs(t[i]);
}

/* delta of atom i; where K_ii is 0 nothing else gives a scale. */
static double damping(const ift_face *face, int64_t i) {
  const double diagonal = ift_qp_diagonal(face->problem, i);
  const double scale = diagonal > 0 ? fmax(face->floor * face->largest, diagonal) : face->largest;
  return face->shift * (scale > 0 ? scale : 1);
}

/* Rows of K_SS + delta I from position `from` on, in the factor's memory. Duplicates are noted on the way: `twin` is
 * the same number for all that are free. */
static void write_rows(ift_face *face, int64_t from) {
  const ift_qp *qp = face->qp;
  for (int64_t k = from; k < qp->count; k++) {
    const int64_t i = qp->support[k];
    const double *gram = face->problem->gram + i * face->problem->n;
    double *row = ift_factor_row(&qp->factor, k);
    qp->twin[i] = i;
    for (int64_t l = 0; l < k; l++) {
      const int64_t j = qp->support[l];
      row[l] = gram[j];
      if (gram[j] != gram[i] || qp->twin[i] != i || !ift_face_duplicates(face->problem, i, j)) continue;
      qp->twin[i] = qp->twin[j];
      face->twins = true;
    }
    row[k] = ift_qp_diagonal(face->problem, i) + damping(face, i);
  }
}

ift_status ift_face_factorize(ift_face *face, int64_t known) {
  ift_qp *qp = face->qp;
  const double rounding = DBL_EPSILON * (double)(qp->count > 16 ? qp->count : 16);
  if (face->shift < 2 * rounding) face->shift = 4 * rounding, known = 0;
  for (; face->shift < 1e8; face->shift *= 8, known = 0) {
    ift_factor_truncate(&qp->factor, known);
    write_rows(face, known);
    if (known == qp->count || ift_factor_append(&qp->factor, qp->count - known)) return IFT_OK;
  }
  return IFT_STALLED;
}

/* d = L'^-1 (L^-1 r + lambda L^-1 1) with lambda from 1'd = what is missing in the mass. Where K_SS is singular the
 * two terms are large and cancel, so that the sum of d is not accurate; a multiple of (K_SS + delta I)^-1 1, which
 * changes the residual by a constant only, puts it right. */
static void solve(ift_face *face) {
  ift_qp *qp = face->qp;
  const int64_t count = qp->count;
  double *d = qp->direction, *ones = qp->ones;
  for (int64_t k = 0; k < count; k++) d[k] = qp->residual[k];
  ift_factor_solve_lower(&qp->factor, d);
  face->solves++;
  if (face->problem->cone) {
    ift_factor_solve_upper(&qp->factor, d);
    return;
  }
  double missing = face->problem->mass - face->elsewhere, along = 0, square = 0;
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

/* Duplicates share a step equally, as the equations say; left to the rounding of a nearly singular factor they would
 * drift apart. Points that K_ij can't tell apart but that feel their neighbors differently are none. */
static void even_out(ift_face *face) {
  ift_qp *qp = face->qp;
  double *sum = qp->value, *members = qp->rest, *residual = qp->packed; /* by twin */
  for (int64_t k = 0; k < qp->count; k++) {
    const int64_t twin = qp->twin[qp->support[k]];
    sum[twin] = members[twin] = 0;
    residual[twin] = qp->residual[k];
  }
  for (int64_t k = 0; k < qp->count; k++) {
    const int64_t twin = qp->twin[qp->support[k]];
    sum[twin] += qp->direction[k];
    members[twin] += fabs(qp->residual[k] - residual[twin]) <= face->noise ? 1 : NAN;
  }
  for (int64_t k = 0; k < qp->count; k++) {
    const int64_t twin = qp->twin[qp->support[k]];
    if (members[twin] > 1) qp->direction[k] = sum[twin] / members[twin];
  }
}

/* Where K is so small that all of d is rounding, its sum is too. Such a step leads nowhere and could make all atoms
 * leave at once: all that it may do is to keep the mass. */
static void keep_mass(ift_face *face) {
  ift_qp *qp = face->qp;
  double missing = face->problem->mass - face->elsewhere, sum = 0, length = 0;
  for (int64_t k = 0; k < qp->count; k++) {
    missing -= qp->b[qp->support[k]];
    sum += qp->direction[k];
    length = fmax(length, fabs(qp->direction[k]));
  }
  if (fabs(sum - missing) <= length / 2) return;
  for (int64_t k = 0; k < qp->count; k++) qp->direction[k] = missing / (double)qp->count;
}

void ift_face_direction(ift_face *face) {
  const ift_qp *qp = face->qp;
  solve(face);
  if (face->twins) even_out(face);
  if (!face->problem->cone) keep_mass(face);
  face->alpha = 1, face->length = 0, face->blocked = 0;
  for (int64_t k = 0; k < qp->count; k++) {
    const double b = qp->b[qp->support[k]], d = qp->direction[k];
    face->length = fmax(face->length, fabs(d));
    if (b + d >= 0) continue;
    face->blocked++;
    face->alpha = fmin(face->alpha, -b / d);
  }
}

/* Is it less work to rotate the leaving rows out of the factor than to factorize from the first of them on? About 4
 * cycles per element rotated, 8 elements per cycle in the BLAS. */
static bool rotate(const ift_qp *qp, int64_t first, int64_t left) {
  double rotations = 0;
  for (int64_t k = first; k < qp->count; k++) {
    const double below = (double)(qp->count - 1 - k);
    if (qp->state[qp->support[k]] & IFT_QP_LEAVING) rotations += below * below;
  }
  const double size = (double)(qp->count - left), kept = (double)first;
  return 4 * rotations < (size * size * size - kept * kept * kept) / 12 + 2 * (size - kept) * size + 5000;
}

/* Leaves out the atoms marked as leaving: `left` of them, from position `first` on. */
static ift_status drop(ift_face *face, int64_t first, int64_t left) {
  ift_qp *qp = face->qp;
  const bool rotated = rotate(qp, first, left);
  if (rotated)
    for (int64_t k = qp->count - 1; k >= first; k--)
      if (qp->state[qp->support[k]] & IFT_QP_LEAVING) ift_factor_delete(&qp->factor, k);
  int64_t to = first;
  for (int64_t k = first; k < qp->count; k++) {
    const int64_t i = qp->support[k];
    if (qp->state[i] & IFT_QP_LEAVING) {
      qp->state[i] &= IFT_QP_FRESH;
    } else {
      qp->support[to] = i;
      qp->residual[to++] = qp->residual[k];
    }
  }
  qp->count = to;
  return rotated ? IFT_OK : ift_face_factorize(face, first);
}

ift_status ift_face_move(ift_face *face) {
  ift_qp *qp = face->qp;
  const double alpha = face->alpha;
  int64_t first = qp->count, left = 0;
  double sum = 0;
  for (int64_t k = 0; k < qp->count; k++) {
    const int64_t i = qp->support[k];
    const double d = qp->direction[k], step = alpha * d;
    /* compared as ift_face_direction does, so that one leaves even where the step underflows */
    const bool blocks = alpha < 1 && d < 0 && -qp->b[i] / d <= alpha * (1 + 8 * DBL_EPSILON);
    qp->b[i] = blocks ? 0 : fmax(qp->b[i] + step, 0);
    /* by the equation of d, K_SS d = r + lambda 1 - delta d */
    qp->residual[k] = (1 - alpha) * qp->residual[k] + damping(face, i) * step;
    sum += qp->b[i];
    /* an atom that came in stays while it is to grow, even if others allow no step yet */
    if (qp->b[i] > 0 || d > 0) continue;
    face->lost = face->lost || !(qp->state[i] & IFT_QP_FRESH);
    qp->state[i] |= IFT_QP_LEAVING;
    if (left++ == 0) first = k;
  }
  face->left += left;
  if (face->problem->cone && !(sum <= face->limit)) return unbounded(qp, sum);
  return left > 0 ? drop(face, first, left) : IFT_OK;
}
