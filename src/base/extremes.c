/* The lowest and the largest of some numbers, and those that are not finite. */
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

int64_t ift_not_finite(const double *values, int64_t count) {
  int64_t i = 0;
  while (values && i < count && isfinite(values[i])) i++;
  return values ? i : count;
}
