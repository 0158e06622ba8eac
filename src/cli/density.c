/* Asking a density. */
#include "cli/density.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/matrix.h"
#include "cli/message.h"

/* Step of the differences, in units of the length of the search. */
static const double difference = 1e-4;

/* Says which point it was, to eight coordinates. */
static bool refuse(const char *what, double value, const double *x, int64_t d) {
  char place[8 * 24 + 8] = "";
  for (int64_t j = 0; j < d && j < 8; j++) {
    const size_t used = strlen(place);
    snprintf(place + used, sizeof place - used, "%s%.6g", j > 0 ? ", " : "", x[j]);
  }
  return cli_fail("the %s is %g at (%s%s)", what, value, place, d > 8 ? ", ..." : "");
}

static bool is_finite(const double *x, int64_t d) {
  for (int64_t j = 0; j < d; j++)
    if (!isfinite(x[j])) return false;
  return true;
}

bool cli_density_at(cli_density *density, double *values, double *scores, const double *x, int64_t n) {
  const int64_t d = density->dim;
  density->evaluations += n;
  if (density->log_density(values, x, n, d, density->user) != 0 ||
      (scores && density->score(scores, x, n, d, density->user) != 0))
    return cli_fail("the log-density or the score failed");
  for (int64_t i = 0; i < n; i++) {
    if (!(values[i] < INFINITY)) return refuse("log-density", values[i], x + i * d, d);
    if (!scores || values[i] == -INFINITY || is_finite(scores + i * d, d)) continue;
    int64_t j = 0;
    while (isfinite(scores[i * d + j])) j++;
    return refuse("score", scores[i * d + j], x + i * d, d);
  }
  return true;
}

/* -d score / dx, symmetrized; entries across the edge of the support are 0. */
static bool find_hessian(cli_density *density, double *hessian, double *work, const double *x, double step) {
  const int64_t d = density->dim;
  double *point = work, *ahead = work + d, *behind = work + 2 * d;
  memcpy(point, x, (size_t)d * sizeof *x);
  for (int64_t i = 0; i < d; i++) {
    point[i] = x[i] + step;
    if (density->score(ahead, point, 1, d, density->user) != 0) return cli_fail("the score failed");
    point[i] = x[i] - step;
    if (density->score(behind, point, 1, d, density->user) != 0) return cli_fail("the score failed");
    point[i] = x[i];
    for (int64_t j = 0; j < d; j++) {
      const double slope = (behind[j] - ahead[j]) / (2 * step);
      hessian[i * d + j] = isfinite(slope) ? slope : 0;
    }
  }
  for (int64_t i = 0; i < d; i++)
    for (int64_t j = 0; j < i; j++)
      hessian[i * d + j] = hessian[j * d + i] = (hessian[i * d + j] + hessian[j * d + i]) / 2;
  return true;
}

bool cli_density_laplace(cli_density *density, double *covariance, double *precision, const double *x, double length) {
  const int64_t d = density->dim;
  double *work = malloc((size_t)(4 * d + d * d) * sizeof *work);
  if (!work) return cli_fail("out of memory");
  double *values = work + 3 * d, *vectors = work + 4 * d;
  const bool done =
      find_hessian(density, precision, work, x, difference * length) && cli_eigen(values, vectors, precision, d);
  for (int64_t i = 0; done && i < d; i++)
    for (int64_t j = 0; j < d; j++) {
      double inverse = 0, sum = 0;
      for (int64_t k = 0; k < d; k++) {
        const double value = fmax(values[k], 1 / (length * length));
        const double product = vectors[k * d + i] * vectors[k * d + j];
        inverse += product / value;
        sum += product * value;
      }
      covariance[i * d + j] = inverse;
      precision[i * d + j] = sum;
    }
  free(work);
  return done;
}
