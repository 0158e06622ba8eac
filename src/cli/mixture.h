/* cli/mixture.h - a mixture of Gaussians, the target of --target-gmm. */
#ifndef CLI_MIXTURE_H
#define CLI_MIXTURE_H

#include <stdbool.h>
#include <stdint.h>

#include <ift.h>

#include "cli/data.h"

/* pi = sum_k w_k N(m_k, C_k). All NULL: none. */
typedef struct cli_mixture {
  int64_t count, dim;
  double *weights;     /* count */
  double *means;       /* count by dim */
  double *covariances; /* count by dim by dim */
  double *factors;     /* Cholesky's of the covariances */
  double *logs;        /* log of the weight and of what makes a Gaussian integrate to 1 */
  double *work;        /* count by dim + 1: what is computed at one point */
} cli_mixture;

/* Reads the JSON object {"weights": [...], "means": [[...]...], "covariances": [[[...]...]...]}, and makes the library's
 * target of it, which looks at the numbers. On a failure the reason is printed; so it is in all that follows. */
bool cli_mixture_load(cli_mixture *mixture, ift_context *context, ift_target **out, const char *path);
void cli_mixture_free(cli_mixture *mixture);

/* What goes with the numbers once they are there: the target, then factors and logs. */
bool cli_mixture_prepare(cli_mixture *mixture, ift_context *context, ift_target **out, const char *path);

/* Units in which the mixture has mean 0 and standard deviation 1; and the mixture taken into them, with its target. */
bool cli_mixture_standardize(cli_mixture *mixture, ift_context *context, ift_target **target, cli_units *units,
                             const char *path);

/* A measure of `count` independent points, of weight 1/count each. */
bool cli_mixture_draw(const cli_mixture *mixture, ift_context *context, ift_measure **out, int64_t count, uint64_t seed,
                      uint64_t stream);

/* log pi and grad log pi as ift_target_density wants them; `user` is the mixture. */
int cli_mixture_log_density(double *values, const double *x, int64_t n, int64_t d, void *user);
int cli_mixture_score(double *scores, const double *x, int64_t n, int64_t d, void *user);

/* How far the moments of a measure of mass 1 are from the mixture's: of the mean, |L^-1 (m - m*)| with the mixture's
 * covariance C* = LL'; of the covariance, |C - C*|/|C*| in Frobenius' norm. */
bool cli_mixture_moment_errors(const cli_mixture *mixture, double *mean, double *covariance,
                               const ift_measure *measure);

/* How much of a measure's mass belongs to each component: a point at x is that of k to the part w_k N_k(x)/pi(x). */
void cli_mixture_shares(const cli_mixture *mixture, double *shares, const ift_measure *measure);

#endif
