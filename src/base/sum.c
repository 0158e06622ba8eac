/* Compensated sums (Neumaier 1974) and dot products (Ogita, Rump and Oishi 2005). */
#include "base/sum.h"

#include <math.h>

void ift_running_add(ift_running_sum *running, double value) {
  const double sum = running->sum + value;
  running->rest += fabs(running->sum) >= fabs(value) ? (running->sum - sum) + value : (value - sum) + running->sum;
  running->sum = sum;
}

double ift_running_value(const ift_running_sum *running) {
  /* once the sum is infinite, the rest is NaN and says nothing */
  return isfinite(running->sum) ? running->sum + running->rest : running->sum;
}

double ift_sum(const double *values, int64_t count) {
  ift_running_sum running = {0, 0};
  for (int64_t i = 0; i < count; i++) ift_running_add(&running, values[i]);
  return ift_running_value(&running);
}

double ift_dot_compensated(const double *a, const double *b, int64_t n) {
  ift_running_sum running = {0, 0};
  double rest = 0;
  for (int64_t i = 0; i < n; i++) {
    const double product = a[i] * b[i];
    rest += fma(a[i], b[i], -product); /* what rounding took from the product: exact */
    ift_running_add(&running, product);
  }
  running.rest += rest;
  return ift_running_value(&running);
}
