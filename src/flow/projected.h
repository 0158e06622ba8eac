/* flow/projected.h - the projected MMD flow: a Gauss-Newton step in positions and weights.
 *
 * By Theorem 3.4 of the paper the MMD flow of F = 1/2 MMD^2 is mu' = -(mu - pi). For particles the velocity (dx, da) that
 * comes closest to it in the kernel's Hilbert space minimizes |J (dx, da) + (mu - pi)|, J = [a_i grad k(x_i, .), k(x_i, .)].
 * J'J is known from the kernel and its derivatives. Damped by lambda times its diagonal, that of a position times
 * (mean weight)/a_i (so that it is the Wasserstein metric), a step of length 1 is one of Levenberg and Marquardt. */
#ifndef FLOW_PROJECTED_H
#define FLOW_PROJECTED_H

#include "kernel/kernel.h"

typedef struct ift_projected ift_projected;

/* Memory for n particles in d dimensions; the only function here that allocates. `direct`: the matrix is formed and
 * factorized, 2 (n (d+1))^2 numbers; the kernel has tangents. Else steps are found by conjugate gradients, roughly, in 5 n^2
 * numbers; the kernel has profiles. Errors: NO_MEMORY, ARGUMENT (more than BLAS can count). */
ift_status ift_projected_create(ift_context *context, ift_projected **out, int64_t n, int64_t d, bool direct);
void ift_projected_destroy(ift_projected *projected);

/* J'J at the particles of positive weight. Errors: NOT_FINITE. */
ift_status ift_projected_place(ift_projected *projected, const ift_kernel *kernel, const double *x, const double *a);

/* The step of `length` from there (1: the whole of it), g and v the first variation and its gradient at the particles: dx
 * (n by d), and da of sum 0 if `mass_kept`; da NULL: weights stay. Particles of weight 0 stay where they are, without
 * weight. `*predicted` is how much less F becomes in the linear model. *found is false where the matrix is not positive
 * definite to working precision: more damping helps. */
ift_status ift_projected_step(ift_projected *projected, double *dx, double *da, double *predicted, bool *found,
                              const double *g, const double *v, double damping, double length, bool mass_kept);

/* Roughly what was done since the object was made, in multiplications. */
double ift_projected_work(const ift_projected *projected);

#endif
