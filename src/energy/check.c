/* The self-test of an energy: g against differences of F in the weights, v against differences of g and of F in the
 * positions. */
#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "base/extremes.h"
#include "energy/energy.h"
#include "measure/measure.h"

/* Two sites, one for the measure as it is and one for the measure or the points as they are moved. */
typedef struct test {
  const ift_energy *energy;
  const ift_measure *measure;
  double tolerance;
  ift_site *still, *moved;
  double *x, *a; /* copies that are changed */
  double *g, *v; /* of the measure */
  double *other; /* g of another one */
} test;

/* F of the measure with the changed positions and weights. */
static ift_status value_of(test *t, double *out) {
  const ift_energy_kind *kind = t->energy->kind;
  IFT_TRY(kind->site_move(t->moved, t->x, false));
  IFT_TRY(kind->evaluate(t->moved, t->other, NULL, t->moved, t->a));
  return kind->value(t->moved, out, t->other, t->a);
}

/* g of the measure as it is at the changed positions. */
static ift_status first_variation_of(test *t) {
  IFT_TRY(t->energy->kind->site_move(t->moved, t->x, false));
  return t->energy->kind->evaluate(t->moved, t->other, NULL, t->still, t->measure->weights);
}

/* (F(at + h) - F(at - h)) / 2h in the number *at of the measure. */
static ift_status difference_of_value(test *t, double *at, double h, double *out) {
  const double middle = *at, right = middle + h, left = middle - h;
  double above, below;
  *at = right;
  IFT_TRY(value_of(t, &above));
  *at = left;
  IFT_TRY(value_of(t, &below));
  *at = middle;
  *out = (above - below) / (right - left);
  return IFT_OK;
}

static bool agree(const test *t, double given, double found, double size) {
  return fabs(given - found) <= t->tolerance * fmax(size, fabs(found));
}

/* dF/da_i = g(x_i). A constant that all of them are off by is of no matter where mass is kept. */
static ift_status check_first_variation(test *t) {
  const int64_t n = t->measure->n;
  const double size = fmax(ift_largest(t->g, n), 1e-3);
  bool constant = true; /* are all of them off by the same? */
  int64_t wrong = -1, looked_at = 0;
  double found = 0, offset = 0, first = 0;
  for (int64_t i = 0; i < n; i++) {
    if (!(t->a[i] > 0)) continue;
    double difference;
    IFT_TRY(difference_of_value(t, &t->a[i], 1e-5 * t->a[i], &difference));
    const double off = t->g[i] - difference;
    if (!agree(t, t->g[i], difference, size) && wrong < 0) wrong = i, found = difference, offset = off;
    if (looked_at++ == 0) first = off;
    constant &= fabs(off - first) <= t->tolerance * fmax(size, fabs(off));
  }
  if (wrong < 0) return IFT_OK;
  if (constant && looked_at > 1)
    return ift_fail(t->energy->object.context, IFT_ERR_CAPABILITY,
                    "the first variation is too large by the constant %.6g: right in spherical geometries, wrong "
                    "where mass is free",
                    offset);
  return ift_fail(t->energy->object.context, IFT_ERR_CAPABILITY,
                  "the first variation at particle %lld is %.17g; differences of the value give %.17g",
                  (long long)wrong, t->g[wrong], found);
}

/* dg/dx_i = v(x_i) for a fixed measure, and dF/dx_i = a_i v(x_i). */
static ift_status check_gradient(test *t, double length) {
  const int64_t n = t->measure->n, d = t->measure->d;
  const double size = fmax(ift_largest(t->v, n * d), 1e-3 * fmax(ift_largest(t->g, n), 1e-3) / length),
               h = 1e-5 * length;
  for (int64_t k = 0; k < n * d; k++) {
    const double middle = t->x[k], right = middle + h, left = middle - h;
    double difference, slope;
    t->x[k] = right;
    IFT_TRY(first_variation_of(t));
    slope = t->other[k / d];
    t->x[k] = left;
    IFT_TRY(first_variation_of(t));
    t->x[k] = middle;
    slope = (slope - t->other[k / d]) / (right - left);
    if (!agree(t, t->v[k], slope, size))
      return ift_fail(t->energy->object.context, IFT_ERR_CAPABILITY,
                      "the gradient at particle %lld has component %lld = %.17g; differences of the first variation "
                      "give %.17g",
                      (long long)(k / d), (long long)(k % d), t->v[k], slope);
    const double a = t->a[k / d];
    if (!(a > 0)) continue;
    IFT_TRY(difference_of_value(t, &t->x[k], h, &difference));
    if (!agree(t, t->v[k], difference / a, size))
      return ift_fail(t->energy->object.context, IFT_ERR_CAPABILITY,
                      "the gradient at particle %lld has component %lld = %.17g; moving the particle changes the value "
                      "at a rate of %.17g times its weight",
                      (long long)(k / d), (long long)(k % d), t->v[k], difference / a);
  }
  return IFT_OK;
}

/* A length to move particles by fractions of: the root mean square distance from the mean, or 1. */
static double length_of(const ift_measure *measure) {
  const int64_t n = measure->n, d = measure->d;
  double squares = 0;
  for (int64_t l = 0; l < d; l++) {
    double mean = 0;
    for (int64_t i = 0; i < n; i++) mean += measure->positions[i * d + l] / (double)n;
    for (int64_t i = 0; i < n; i++) squares += pow(measure->positions[i * d + l] - mean, 2) / (double)(n * d);
  }
  return squares > 0 ? sqrt(squares) : 1;
}

static ift_status run(test *t) {
  const ift_energy_kind *kind = t->energy->kind;
  const ift_measure *measure = t->measure;
  const bool anchored = ift_energy_anchored(t->energy, ift_measure_mass(measure), false);
  IFT_TRY(kind->site_create(t->energy, &t->still, measure->n, anchored));
  IFT_TRY(kind->site_create(t->energy, &t->moved, measure->n, anchored));
  IFT_TRY(kind->site_move(t->still, measure->positions, true));
  IFT_TRY(kind->evaluate(t->still, t->g, t->v, t->still, measure->weights));
  IFT_TRY(check_first_variation(t));
  return check_gradient(t, length_of(measure));
}

ift_status ift_energy_check(const ift_energy *energy, const ift_measure *measure, double tolerance) {
  if (!energy) return IFT_ERR_ARGUMENT;
  ift_context *context = energy->object.context;
  IFT_TRY(ift_same_context(context, measure, "the measure"));
  if (measure->d != energy->d)
    return ift_fail(context, IFT_ERR_DIMENSION, "the energy lives in dimension %lld, the measure in %lld",
                    (long long)energy->d, (long long)measure->d);
  if (!(tolerance > 0)) return ift_fail(context, IFT_ERR_ARGUMENT, "the tolerance is %g; it must be > 0", tolerance);
  const int64_t n = measure->n, d = measure->d;
  test t = {.energy = energy, .measure = measure, .tolerance = tolerance};
  ift_object_retain(energy); /* a callback may destroy the handles */
  ift_object_retain(measure);
  t.x = ift_copy_reals(context, measure->positions, n * d);
  t.a = ift_copy_reals(context, measure->weights, n);
  t.g = ift_alloc_reals(context, n);
  t.v = ift_alloc2(context, n, d, sizeof *t.v);
  t.other = ift_alloc_reals(context, n);
  ift_status status = t.x && t.a && t.g && t.v && t.other ? run(&t) : IFT_ERR_NO_MEMORY;
  if (t.still) energy->kind->site_destroy(t.still);
  if (t.moved) energy->kind->site_destroy(t.moved);
  double *const owned[] = {t.x, t.a, t.g, t.v, t.other};
  for (size_t k = 0; k < sizeof owned / sizeof owned[0]; k++) ift_free(context, owned[k]);
  ift_object_release((ift_measure *)measure);
  ift_object_release((ift_energy *)energy);
  return status;
}
