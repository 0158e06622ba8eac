/* linalg/lbfgs.h - minimization of a smooth function of many variables by limited-memory BFGS (Nocedal 1980; Liu and
 * Nocedal 1989). */
#ifndef LINALG_LBFGS_H
#define LINALG_LBFGS_H

#include <stdint.h>

#include "base/context.h"

typedef struct ift_lbfgs ift_lbfgs;

/* Memory for n >= 0 variables, 26 n doubles; the only function here that allocates. Errors: NO_MEMORY. */
ift_status ift_lbfgs_create(ift_context *context, ift_lbfgs **out, int64_t n);

/* NULL does nothing. */
void ift_lbfgs_destroy(ift_lbfgs *lbfgs);

typedef struct ift_lbfgs_problem {
  /* Value and gradient at x. IFT_ERR_NOT_FINITE, or a value or gradient that is not finite, makes the line search step
   * back (at the start it is an error); any other status than IFT_OK ends the run and is returned. */
  ift_status (*evaluate)(void *user, const double *x, double *value, double *gradient);
  void *user;
  double tolerance;   /* ends where |gradient|_2 <= tolerance * (that at the start) */
  double first_step;  /* > 0: the first trial is x - first_step * gradient; a guess of 1/curvature */
  int64_t iterations; /* at most */
} ift_lbfgs_problem;

/* Minimizes from x in place. The value never rises: x is the best point found (of points whose values rounding cannot
 * tell apart, the one with the smallest gradient), and its value is at most that of the start. IFT_OK also where the
 * iterations ran out or rounding ended the line search. `*evaluations` and `*ratio`, the gradient norm reached over
 * that at the start (0 where that was 0), may be NULL. On any other status x is as it came in. The same bits whatever
 * the number of threads, if `evaluate` gives them. */
ift_status ift_lbfgs_minimize(ift_lbfgs *lbfgs, const ift_lbfgs_problem *problem, double *x, int64_t *evaluations,
                              double *ratio);

#endif
