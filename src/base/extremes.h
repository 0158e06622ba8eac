/* base/extremes.h - the lowest and the largest of some numbers. */
#ifndef BASE_EXTREMES_H
#define BASE_EXTREMES_H

#include <stdint.h>

/* The index of the lowest of count >= 1 numbers, the first of equal ones. */
int64_t ift_lowest(const double *values, int64_t count);

/* max_i |values[i]|; NaN is passed over, 0 for none. */
double ift_largest(const double *values, int64_t count);

#endif
