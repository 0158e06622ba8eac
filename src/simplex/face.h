/* simplex/face.h - steps on a face of the simplex or the cone: some atoms free, all others 0; private to this room. */
#ifndef SIMPLEX_FACE_H
#define SIMPLEX_FACE_H

#include "simplex/qp.h"

/* The free atoms are qp->support. On them the step d from the present weights solves
 *     (K_SS + delta I) d = r + lambda 1,  1'd = 0 (in the cone: lambda = 0),
 * r = qp->residual, the negative gradient up to a constant, and delta a few times the rounding of the factorization.
 * It makes duplicates, more atoms than the rank of K, and a bad scale harmless: it damps only directions in which q
 * is flat up to rounding, and since d is a step and not a point it does not move the solution. */
typedef struct ift_face {
  ift_qp *qp;
  const ift_qp_problem *problem;
  double largest;   /* max K_ii */
  double shift;     /* delta_i = shift max(K_ii, floor largest) */
  double floor;     /* 1, so that delta is the same for all atoms, unless that is too much for some */
  double noise;     /* differences of gradients that are rounding */
  double limit;     /* sum b beyond which a cone problem has no minimum */
  double elsewhere; /* mass of atoms that are neither free nor 0 */
  double alpha;     /* how far along d the weights stay >= 0, at most 1 */
  double length;    /* max |d_i| */
  int64_t blocked;  /* atoms that a full step would make negative */
  int64_t left;     /* atoms that have left the face; whoever cares sets it to 0 */
  int64_t solves;   /* linear systems solved */
  bool lost;        /* one of them was not fresh; alike */
  bool twins;       /* there have been duplicates on the face */
} ift_face;

/* The face of no atoms; its `noise`, `elsewhere` and counters are 0. Errors: NOT_FINITE where a cone problem is seen
 * to have no minimum. */
ift_status ift_face_begin(ift_face *face, ift_qp *qp, const ift_qp_problem *problem);

/* Are i and j the same point, as far as K_ij and t can tell? */
bool ift_face_duplicates(const ift_qp_problem *problem, int64_t i, int64_t j);

/* Makes the factor that of `support`, of which it knows the first `known` rows. IFT_STALLED: K is too far from positive
 * semi-definite. */
ift_status ift_face_factorize(ift_face *face, int64_t known);

/* The step, in qp->direction, alpha, length and blocked. */
void ift_face_direction(ift_face *face);

/* b += alpha d. Atoms that reach 0 leave, with weight exactly 0. The residual follows, up to a constant and to
 * rounding. Errors: NO_MEMORY, NOT_FINITE; IFT_STALLED as above. */
ift_status ift_face_move(ift_face *face);

#endif
