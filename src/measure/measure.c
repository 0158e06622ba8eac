/* Weighted particles: creation, checks, views, changes. */
#include "measure/measure.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "base/sum.h"

/* NaN without the sign that printf would show. */
static double shown(double value) {
  return isnan(value) ? fabs(value) : value;
}

static ift_status check_sizes(ift_context *context, int64_t n, int64_t d) {
  if (n < 1 || d < 1)
    return ift_fail(context, IFT_ERR_ARGUMENT, "%c is %lld; a measure needs n >= 1 particles in d >= 1 dimensions",
                    n < 1 ? 'n' : 'd', (long long)(n < 1 ? n : d));
  if (n > PTRDIFF_MAX / (int64_t)sizeof(double) / d)
    return ift_fail(context, IFT_ERR_NO_MEMORY, "%lld particles in %lld dimensions don't fit in memory", (long long)n,
                    (long long)d);
  return IFT_OK;
}

ift_status ift_measure_check_positions(ift_context *context, const double *positions, int64_t n, int64_t d) {
  IFT_TRY(check_sizes(context, n, d));
  if (!positions) return ift_fail(context, IFT_ERR_ARGUMENT, "positions is NULL; a measure needs n by d numbers");
  for (int64_t i = 0; i < n * d; i++)
    if (!isfinite(positions[i]))
      return ift_fail(context, IFT_ERR_NOT_FINITE, "positions[%lld][%lld] is %g; a measure needs finite positions",
                      (long long)(i / d), (long long)(i % d), shown(positions[i]));
  return IFT_OK;
}

ift_status ift_measure_check_weights(ift_context *context, const double *weights, int64_t n) {
  for (int64_t i = 0; i < n; i++) {
    if (!isfinite(weights[i]))
      return ift_fail(context, IFT_ERR_NOT_FINITE, "weights[%lld] is %g; a measure needs finite weights", (long long)i,
                      shown(weights[i]));
    if (weights[i] < 0)
      return ift_fail(context, IFT_ERR_ARGUMENT, "weights[%lld] is %g; a measure needs weights >= 0", (long long)i,
                      weights[i]);
  }
  const double mass = ift_sum(weights, n);
  if (!isfinite(mass))
    return ift_fail(context, IFT_ERR_NOT_FINITE, "the sum of the weights overflows; a measure needs a finite mass");
  if (!(mass > 0)) return ift_fail(context, IFT_ERR_ARGUMENT, "the weights sum to 0; a measure needs a positive mass");
  return IFT_OK;
}

ift_status ift_measure_check(ift_context *context, const double *positions, int64_t n, int64_t d,
                             const double *weights) {
  IFT_TRY(ift_measure_check_positions(context, positions, n, d));
  return weights ? ift_measure_check_weights(context, weights, n) : IFT_OK;
}

static void dispose(void *object) {
  ift_measure *measure = object;
  ift_free(measure->object.context, measure->positions);
  ift_free(measure->object.context, measure->weights);
}

ift_measure *ift_measure_blank(ift_context *context, int64_t n, int64_t d) {
  ift_measure *measure = ift_object_create(context, sizeof *measure, dispose);
  if (!measure) return NULL;
  measure->n = n;
  measure->d = d;
  measure->positions = ift_alloc2(context, n, d, sizeof(double));
  measure->weights = measure->positions ? ift_alloc_reals(context, n) : NULL;
  if (measure->weights) return measure;
  ift_object_release(measure);
  return NULL;
}

void ift_measure_place(ift_measure *measure, int64_t to, const ift_measure *source, int64_t from, double weight) {
  const int64_t d = measure->d;
  memcpy(measure->positions + to * d, source->positions + from * d, (size_t)d * sizeof(double));
  measure->weights[to] = weight;
}

ift_status ift_measure_create(ift_context *context, ift_measure **out, const double *positions, int64_t n, int64_t d,
                              const double *weights) {
  if (!out) return ift_fail(context, IFT_ERR_ARGUMENT, "out is NULL; it gets the new measure");
  *out = NULL;
  if (!context) return IFT_ERR_ARGUMENT;
  IFT_TRY(ift_measure_check(context, positions, n, d, weights));
  ift_measure *measure = ift_measure_blank(context, n, d);
  if (!measure) return IFT_ERR_NO_MEMORY;
  memcpy(measure->positions, positions, (size_t)(n * d) * sizeof(double));
  for (int64_t i = 0; i < n; i++) measure->weights[i] = weights ? weights[i] : 1 / (double)n;
  *out = measure;
  return IFT_OK;
}

ift_status ift_measure_clone(const ift_measure *measure, ift_measure **out) {
  if (!out)
    return ift_fail(measure ? measure->object.context : NULL, IFT_ERR_ARGUMENT, "out is NULL; it gets the new measure");
  *out = NULL;
  if (!measure) return IFT_ERR_ARGUMENT;
  ift_measure *copy = ift_measure_blank(measure->object.context, measure->n, measure->d);
  if (!copy) return IFT_ERR_NO_MEMORY;
  memcpy(copy->positions, measure->positions, (size_t)(measure->n * measure->d) * sizeof(double));
  memcpy(copy->weights, measure->weights, (size_t)measure->n * sizeof(double));
  *out = copy;
  return IFT_OK;
}

void ift_measure_destroy(ift_measure *measure) {
  ift_object_release(measure);
}

int64_t ift_measure_size(const ift_measure *measure) {
  return measure ? measure->n : 0;
}

int64_t ift_measure_dim(const ift_measure *measure) {
  return measure ? measure->d : 0;
}

double ift_measure_mass(const ift_measure *measure) {
  return measure ? ift_sum(measure->weights, measure->n) : 0;
}

const double *ift_measure_positions(const ift_measure *measure) {
  return measure ? measure->positions : NULL;
}

const double *ift_measure_weights(const ift_measure *measure) {
  return measure ? measure->weights : NULL;
}

static ift_status copy_out(const ift_measure *measure, double *out, const char *name, const double *values,
                           int64_t count) {
  if (!out) return ift_fail(measure->object.context, IFT_ERR_ARGUMENT, "%s is NULL; it gets the numbers", name);
  memcpy(out, values, (size_t)count * sizeof *out);
  return IFT_OK;
}

ift_status ift_measure_copy_positions(const ift_measure *measure, double *positions) {
  if (!measure) return IFT_ERR_ARGUMENT;
  return copy_out(measure, positions, "positions", measure->positions, measure->n * measure->d);
}

ift_status ift_measure_copy_weights(const ift_measure *measure, double *weights) {
  if (!measure) return IFT_ERR_ARGUMENT;
  return copy_out(measure, weights, "weights", measure->weights, measure->n);
}

static ift_status check_changeable(const ift_measure *measure) {
  if (!measure) return IFT_ERR_ARGUMENT;
  if (measure->borrowed)
    return ift_fail(measure->object.context, IFT_ERR_ARGUMENT,
                    "the measure belongs to a flow and can't be changed; a clone of it can");
  return IFT_OK;
}

ift_status ift_measure_set(ift_measure *measure, const double *positions, const double *weights) {
  IFT_TRY(check_changeable(measure));
  ift_context *context = measure->object.context;
  if (positions) IFT_TRY(ift_measure_check_positions(context, positions, measure->n, measure->d));
  if (weights) IFT_TRY(ift_measure_check_weights(context, weights, measure->n));
  /* memmove: a view of the measure itself is a legal input */
  if (positions) memmove(measure->positions, positions, (size_t)(measure->n * measure->d) * sizeof(double));
  if (weights) memmove(measure->weights, weights, (size_t)measure->n * sizeof(double));
  return IFT_OK;
}

/* A weight scaled from one mass to another, in the order that keeps the ratio of the masses in range. */
static double rescaled(double weight, double from, double to) {
  const double factor = to / from;
  return isfinite(factor) && factor >= DBL_MIN ? weight * factor : weight / from * to;
}

ift_status ift_measure_normalize(ift_measure *measure, double mass) {
  IFT_TRY(check_changeable(measure));
  ift_context *context = measure->object.context;
  if (!isfinite(mass))
    return ift_fail(context, IFT_ERR_NOT_FINITE, "mass is %g; the mass of a measure is finite", shown(mass));
  if (!(mass > 0)) return ift_fail(context, IFT_ERR_ARGUMENT, "mass is %g; the mass of a measure is > 0", mass);
  const double before = ift_measure_mass(measure);
  if (before == mass) return IFT_OK;
  ift_running_sum after = {0, 0};
  for (int64_t i = 0; i < measure->n; i++) ift_running_add(&after, rescaled(measure->weights[i], before, mass));
  if (!isfinite(ift_running_value(&after)))
    return ift_fail(context, IFT_ERR_NOT_FINITE, "mass is %g; the sum of the scaled weights overflows", mass);
  if (!(ift_running_value(&after) > 0))
    return ift_fail(context, IFT_ERR_ARGUMENT, "mass is %g, so small that all weights would become 0", mass);
  for (int64_t i = 0; i < measure->n; i++) measure->weights[i] = rescaled(measure->weights[i], before, mass);
  return IFT_OK;
}
