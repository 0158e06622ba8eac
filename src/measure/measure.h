/* measure/measure.h - the inside of a measure. */
#ifndef MEASURE_MEASURE_H
#define MEASURE_MEASURE_H

#include <ift/measure.h>

#include "base/context.h"

struct ift_measure {
  ift_object object;
  int64_t n, d;
  double *positions, *weights; /* n by d and n, each an allocation of its own */
  bool borrowed;               /* belongs to a flow: not to be changed by the caller */
};

/* Checks inputs as ift_measure_create does; the message names the entry. */
ift_status ift_measure_check(ift_context *context, const double *positions, int64_t n, int64_t d,
                             const double *weights);

/* Its two halves: the sizes and positions, and n >= 1 weights. */
ift_status ift_measure_check_positions(ift_context *context, const double *positions, int64_t n, int64_t d);
ift_status ift_measure_check_weights(ift_context *context, const double *weights, int64_t n);

/* A measure of n >= 1 particles in d >= 1 dimensions whose numbers are still to be filled in; NULL: out of memory. */
ift_measure *ift_measure_blank(ift_context *context, int64_t n, int64_t d);

/* Particle `to` of one measure becomes a copy of particle `from` of another of the same dimension, with the weight
 * given. */
void ift_measure_place(ift_measure *measure, int64_t to, const ift_measure *source, int64_t from, double weight);

#endif
