/* The lowest and the largest of some numbers. */
#include "base/extremes.h"

#include <math.h>

int64_t ift_lowest(const double *values, int64_t count) {
  int64_t k = 0;
  for (int64_t i = 1; i < count; i++)
    if (values[i] < values[k]) k = i;
  return k;
}

double ift_largest(const double *values, int64_t count) {
  double most = 0;
  for (int64_t i = 0; i < count; i++) most = fmax(most, fabs(values[i]));
  return most;
}
