/* base/extremes.h - the lowest and the largest of some numbers, and those that are not finite. */
#ifndef BASE_EXTREMES_H
#define BASE_EXTREMES_H

#include <stdint.h>

/* The index of the lowest of count >= 1 numbers, the first of equal ones. */
int64_t ift_lowest(const double *values, int64_t count);

/* max_i |values[i]|; NaN is passed over, 0 for none. */
double ift_largest(const double *values, int64_t count);

/* The index of the first that is not finite; `count` if there is none, or no `values`. */
int64_t ift_not_finite(const double *values, int64_t count);

#endif
