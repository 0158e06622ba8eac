/* base/sum.h - sums in fixed order with compensation: the same bits everywhere, and an error that doesn't grow with the
 * length. */
#ifndef BASE_SUM_H
#define BASE_SUM_H

#include <stdint.h>

/* A sum that is still growing: start with {0}. */
typedef struct ift_running_sum {
  double sum, rest; /* `rest`: what rounding has taken from `sum` */
} ift_running_sum;

void ift_running_add(ift_running_sum *running, double value);

/* The sum so far. Where it overflowed: infinite, or NaN if infinities of both signs met. */
double ift_running_value(const ift_running_sum *running);

/* values[0] + ... + values[count - 1]; 0 for none. */
double ift_sum(const double *values, int64_t count);

/* sum_i a_i b_i as if computed in twice the precision and rounded once. */
double ift_dot_compensated(const double *a, const double *b, int64_t n);

#endif
