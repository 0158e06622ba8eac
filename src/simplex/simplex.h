/* simplex/simplex.h - weights: projection onto the simplex, and the quadratic program of every exact weight step. */
#ifndef SIMPLEX_SIMPLEX_H
#define SIMPLEX_SIMPLEX_H

#include <stdbool.h>
#include <stdint.h>

#include "base/context.h"

/* The nearest point of {b >= 0, sum b = mass} to n finite values, with |sum b - mass| <= 1e-15 n mass. `workspace`:
 * n numbers; `out` may be `values`. */
void ift_project_simplex(double *out, const double *values, int64_t n, double mass, double *workspace);

/* A way to solve the problem below; the methods are listed in kinds.def. */
typedef struct ift_qp_method ift_qp_method;

/* Column i of K, n numbers. Any status but IFT_OK ends the solve, which returns it. */
typedef ift_status ift_qp_column_function(void *user, double *out, int64_t i);

/* min q(b) = 1/2 b'(K + eps I)b - t'b over b >= 0 and, unless `cone`, sum b = mass; K = `gram`, t = `linear`, eps =
 * `regularization`. `tolerance` for the gap, or the default where that is larger: 1e-14 m^2 max K_ii, m = mass, in
 * the cone max(1, sum b).
 *
 * Where n by n numbers are too many, `gram` is NULL and K is given by `column` and `diagonal`. `nonnegative` then says
 * that all K_ij >= 0 and K_ii > 0, which makes certificates in the cone sharper; with a matrix it is looked up. */
typedef struct ift_qp_problem {
  const double *gram;   /* n by n, symmetric, positive semi-definite up to rounding */
  const double *linear; /* n */
  ift_qp_column_function *column;
  void *user;
  const double *diagonal; /* n */
  bool nonnegative;
  int64_t n;
  bool cone;
  double mass;
  double tolerance;
  double regularization;
  const ift_qp_method *method; /* NULL: what "auto" picks */
} ift_qp_problem;

/* `gap` >= q(b) - min q is the certificate of the weights returned (<ift/simplex.h>); `iterations` counts linear
 * systems, steps of first-order methods. */
typedef struct ift_qp_result {
  double gap;
  int64_t iterations;
} ift_qp_result;

/* Memory for problems of up to n weights. Nothing of one problem is kept for the next: equal problems and starts
 * give equal bits. A solve never allocates; the factor has 8 n^2 bytes, of which s^2 are touched for s positive
 * weights. */
typedef struct ift_qp ift_qp;
ift_status ift_qp_create(ift_context *context, ift_qp **out, int64_t n);
void ift_qp_destroy(ift_qp *qp);

/* The same for problems by columns only: about 640 bytes for each of the n weights, no factor. Problems with a matrix
 * may be solved in it too, by methods that do without one. */
ift_status ift_qp_create_columns(ift_context *context, ift_qp **out, int64_t n);

/* `weights`: in, the start, >= 0, scaled to the mass (all zero: equal weights; in the cone it may be zero); out, the
 * solution. IFT_OK or IFT_STALLED, as <ift/simplex.h> says; on an error `weights` and `result` are untouched.
 *
 * Besides the gap, with direct methods the reduced gradients on the support are at the level of rounding. Where the
 * minimizer is not unique the answer is the one that the iteration reaches from the start: a start that is a minimizer stays, duplicates of a
 * particle gain and lose weight together, and neither the order of the particles nor what memory held before matters,
 * but for rounding. A start that more than 64 atoms would have to leave is given up for the best single atom.
 *
 * Errors: NO_MEMORY, NOT_FINITE (numbers overflow; in the cone also where q has no minimum). */
ift_status ift_qp_solve(ift_qp *qp, const ift_qp_problem *problem, double *weights, ift_qp_result *result);

/* The method of that name in *out. "auto" or NULL picks one for the problem and says so in the log. Errors: OPTION. */
ift_status ift_qp_method_find(ift_context *context, const ift_qp_method **out, const char *name,
                              const ift_qp_problem *problem);

#endif
