/* ift/simplex.h - weights by themselves. Part of libift; include <ift.h>. */
#ifndef IFT_SIMPLEX_H
#define IFT_SIMPLEX_H

#include <ift/context.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The minimum over b >= 0 with sum b = mass of q(b) = 1/2 b'Kb - t'b, K = `gram` (n by n, symmetric positive
 * semi-definite: read as it is, not checked for it), t = `linear`. Every weight step of a flow is this problem.
 *
 * *gap (may be NULL) is the certificate g'b - mass min g >= q(b) - min q with g = Kb - t; the solver stops when it
 * is at most tolerance (0: 1e-14 mass^2 max K_ii) and, if the method is a direct one, the weights solve the equations
 * of their support to working precision. *iterations (may be NULL) counts linear systems solved, or steps. `start`
 * (NULL: equal weights) is any b >= 0; where K is singular and the minimum not unique, the answer is the one that the
 * iteration reaches from there, so a start that is a minimizer stays. `weights` may be `start`. `method` is "auto"
 * (or NULL; which one that is goes to the context's log) or
 *
 *     active-set  primal active set with an updated factor (Wolfe 1976; Lawson and Hanson 1974): "auto"
 *     low-rank    interior point (Mehrotra 1992) on a pivoted Cholesky factor, then the active set for exact zeros. Of
 *                 many minimizers it goes for their center (the largest sum of log b_i), unless the start is one. A
 *                 matrix of rank above n / 4 is left to the active set
 *     fista       accelerated projected gradient with restarts (Beck and Teboulle 2009), at most 5000 steps
 *     pairwise    Frank-Wolfe with pairs of weights (Lacoste-Julien and Jaggi 2015), at most max(20000, 20 n) steps
 *
 * The first two are direct. The others end at the gap that they get to: at the default tolerance only where K is well
 * conditioned.
 *
 * Returns IFT_OK, or IFT_STALLED where rounding, or the number of its steps, ends the progress of a method above the
 * tolerance (weights and gap are then the best ones). Errors: ARGUMENT (NULL pointer, n < 1, mass < 0, tolerance < 0, a
 * negative start or K_ii), NOT_FINITE, OPTION (method), NO_MEMORY. */
IFT_API ift_status ift_simplex_qp(ift_context *context, double *weights, double *gap, int64_t *iterations,
                                  const double *gram, const double *linear, int64_t n, double mass, const double *start,
                                  const char *method, double tolerance);

/* The same over the cone b >= 0, of any mass. The certificate: where all K_ij >= 0 and K_ii > 0, the smaller of
 * 1/2 b'Kb - t'b + 1/2 u'Ku for u = b + sum_{g_i < 0} (-g_i / K_ii) e_i and for u = (1 + e) b, e the least that makes
 * Ku >= t; else g'b - M min(0, min g) with M = 2 max(sum b, 1), a bound as long as the mass of the minimizer is at most
 * M. tolerance 0: 1e-14 max(1, sum b)^2 max K_ii. `start` NULL: zeros. Errors: those of ift_simplex_qp; NOT_FINITE also
 * where q has no minimum, as for K = 0 and t > 0 (which methods that are not direct may only see from the diagonal). */
IFT_API ift_status ift_cone_qp(ift_context *context, double *weights, double *gap, int64_t *iterations,
                               const double *gram, const double *linear, int64_t n, const double *start,
                               const char *method, double tolerance);

/* The point of {b >= 0, sum b = mass} nearest to `values` (n numbers) in the Euclidean norm (Held, Wolfe and Crowder
 * 1974). `weights` may be `values`. Errors: ARGUMENT (NULL pointer, n < 1, mass < 0), NOT_FINITE, NO_MEMORY. */
IFT_API ift_status ift_simplex_project(ift_context *context, double *weights, const double *values, int64_t n,
                                       double mass);

#ifdef __cplusplus
}
#endif

#endif
