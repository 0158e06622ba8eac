/* Mean, covariance and masses of importance draws, carried over to particles. */
#include "cli/features.h"

#include <math.h>
#include <stdlib.h>

#include "cli/matrix.h"
#include "cli/message.h"
#include "cli/tilt.h"

/* How much an error of a component's mass counts beside one of a coordinate in standard deviations. */
static const double mass_scale = 2;

/* Units in which the draws have mean 0 and covariance 1. */
typedef struct units {
  int64_t d, components, count; /* count: of the functions */
  double *mean, *factor, *z, *parts;
} units;

static bool find_units(units *u, const cli_draws *draws) {
  const int64_t d = draws->dim;
  for (int64_t i = 0; i < draws->count; i++)
    for (int64_t j = 0; j < d; j++) u->mean[j] += draws->weights[i] * draws->x[i * d + j];
  for (int64_t i = 0; i < draws->count; i++)
    for (int64_t r = 0; r < d; r++)
      for (int64_t c = 0; c <= r; c++)
        u->factor[r * d + c] +=
            draws->weights[i] * (draws->x[i * d + r] - u->mean[r]) * (draws->x[i * d + c] - u->mean[c]);
  return cli_cholesky(u->factor, d) || cli_fail("the draws from the density lie in a plane: too few of them count");
}

/* Coordinates, their products, and the parts of all components but one. */
static void evaluate(double *f, const units *u, const double *x, const double *parts) {
  const int64_t d = u->d;
  (void)cli_whiten(u->z, x, u->mean, u->factor, d);
  for (int64_t j = 0; j < d; j++) *f++ = u->z[j];
  for (int64_t r = 0; r < d; r++)
    for (int64_t c = 0; c <= r; c++) *f++ = u->z[r] * u->z[c] / (r == c ? sqrt(2) : 1);
  for (int64_t k = 0; k < u->components - 1; k++) *f++ = mass_scale * parts[k];
}

/* The means that the draws give; `f`: room for the functions at one point. */
static void average(double *wanted, const units *u, const cli_draws *draws, double *f) {
  for (int64_t i = 0; i < draws->count; i++) {
    evaluate(f, u, draws->x + i * u->d, draws->parts + i * u->components);
    for (int64_t k = 0; k < u->count; k++) wanted[k] += draws->weights[i] * f[k];
  }
}

bool cli_features_correct(double *weights, const double *x, int64_t n, const cli_draws *draws,
                          const cli_proposal *proposal, double *left) {
  const int64_t d = draws->dim, components = draws->components;
  units u = {.d = d, .components = components, .count = d + d * (d + 1) / 2 + components - 1};
  double *memory = calloc((size_t)(2 * d + d * d + components + u.count), sizeof *memory);
  double *f = calloc((size_t)n * (size_t)u.count, sizeof *f);
  bool done = (memory && f) || cli_fail("out of memory");
  if (done) {
    u.mean = memory;
    u.z = memory + d;
    u.factor = memory + 2 * d;
    u.parts = memory + 2 * d + d * d;
    double *wanted = u.parts + components;
    done = find_units(&u, draws);
    if (done) average(wanted, &u, draws, f);
    for (int64_t i = 0; done && i < n; i++) {
      (void)cli_proposal_parts(proposal, u.parts, u.z, x + i * d);
      evaluate(f + i * u.count, &u, x + i * d, u.parts);
    }
    done = done && cli_tilt(weights, f, n, u.count, wanted, left);
  }
  free(memory);
  free(f);
  return done;
}
