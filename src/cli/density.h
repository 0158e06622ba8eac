/* cli/density.h - a distribution of which log-density and score are known, as functions. */
#ifndef CLI_DENSITY_H
#define CLI_DENSITY_H

#include <stdbool.h>
#include <stdint.h>

/* The functions are those of ift_target_density: log pi up to a constant (-infinity: outside the support), and
 * grad log pi. */
typedef struct cli_density {
  int64_t dim;
  int (*log_density)(double *values, const double *x, int64_t n, int64_t d, void *user);
  int (*score)(double *scores, const double *x, int64_t n, int64_t d, void *user);
  void *user;
  int64_t evaluations; /* points at which log pi was asked for */
} cli_density;

/* log pi at n points, and where `scores` is not NULL grad log pi, which counts for nothing outside the support. On a
 * failure, a log-density that is NaN or +infinity, or a score inside the support that is not finite, the reason is
 * printed; so it is in all that follows. */
bool cli_density_at(cli_density *density, double *values, double *scores, const double *x, int64_t n);

/* The inverse of the Hessian of -log pi at x, by central differences of the score; eigenvalues of the Hessian below
 * 1/length^2 are raised to that. `precision` is the Hessian so raised. */
bool cli_density_laplace(cli_density *density, double *covariance, double *precision, const double *x, double length);

#endif
