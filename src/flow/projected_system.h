/* flow/projected_system.h - the inside of a step of the projected MMD flow; private to its two solvers.
 *
 * Unknowns are w = da_i |k(x_i,.)| and y = a_i dx_i |grad k(x_i,.)|, point by point: then J has unit columns that don't
 * depend on the weights, and the damping is lambda and lambda (mean a)/a_i. */
#ifndef FLOW_PROJECTED_SYSTEM_H
#define FLOW_PROJECTED_SYSTEM_H

#include "flow/projected.h"

typedef struct ift_projected_solver ift_projected_solver;

struct ift_projected {
  ift_context *context;
  const ift_projected_solver *solver;
  int64_t n, d;
  int64_t count;  /* particles of positive weight */
  int64_t *alive; /* which */
  double *x, *a;  /* theirs */
  double *norm;   /* of the columns before they were made unit; 0: the column is 0, its unknown stays 0 */
  double *right;  /* the right-hand side */
  double *step;   /* the solution */
  double *along;  /* the constraint: the direction in which the mass changes */
  double work;
  /* direct */
  double *gram, *factor; /* (n (d+1)) squared */
  /* iterative: profiles, and the inverse blocks of weights and of positions without the bend; n by n, filled up to groups */
  double *value, *slope, *bend, *of_weights, *of_positions;
  bool alike;                                                                      /* the profiles are, of a Gaussian */
  double *scaled;                                                                  /* the points, d by n, filled up */
  double *residual, *direction, *product, *preconditioned, *solution, *constraint; /* d+1 by n, filled up */
};

struct ift_projected_solver {
  ift_status (*create)(ift_projected *projected, int64_t size);
  ift_status (*place)(ift_projected *projected, const ift_kernel *kernel);
  /* `step` for `right` and `along`; with weights left out their unknowns stay 0. */
  ift_status (*solve)(ift_projected *projected, double damping, bool weights, bool mass_kept, bool *found);
};

extern const ift_projected_solver ift_projected_direct, ift_projected_iterative;

#endif
