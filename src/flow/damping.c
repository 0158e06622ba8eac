/* The control of the damping. */
#include "flow/damping.h"

#include <math.h>

static const double FIRST = 1e-3, LEAST = 1e-15, MOST = 1e6;

ift_damping ift_damping_first(void) {
  return (ift_damping){FIRST, 2};
}

void ift_damping_succeed(ift_damping *damping, double ratio) {
  const double excess = 2 * fmin(ratio, 1) - 1;
  damping->value = fmax(damping->value * fmax(1 - excess * excess * excess, 0.2), LEAST);
  damping->factor = 2;
}

bool ift_damping_fail(ift_damping *damping) {
  damping->value *= damping->factor;
  damping->factor *= 2;
  return damping->value <= MOST;
}
