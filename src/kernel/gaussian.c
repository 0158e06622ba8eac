/* gaussian(sigma): exp(-r^2 / (2 sigma^2)) */
#include <math.h>

#include "kernel/kernel.h"
#include "pairs/exponential.h"

static void bend(double *restrict out, const double *restrict s, int count, double coefficient,
                 const double *parameters) {
  const int whole = count & -IFT_PAIR_LANES;
  const double sigma = parameters[0], rate = 1 / (2 * sigma * sigma);
  double k[IFT_PAIR_BLOCK];
  ift_exponentials(k, s, rate, 800, whole);
  for (int j = 0; j < whole; j++) out[j] += coefficient * (2 * rate) * (2 * rate * s[j]) * k[j];
}

static const char *check(const double *parameters) {
  const double squared = parameters[0] * parameters[0];
  return parameters[0] > 0 && squared > 0 && isfinite(1 / (2 * squared))
             ? NULL
             : "sigma > 0 (and not so small that sigma^2 vanishes)";
}

/* k'' along a line is (r^2/s^4 - 1/s^2) k: smallest at r = 0, largest at r^2 = 3 s^2. */
static bool curvature(const double *parameters, double radius, double *high, double *low) {
  (void)radius;
  const double squared = parameters[0] * parameters[0];
  *high = 2 * exp(-1.5) / squared;
  *low = 1 / squared;
  return true;
}

const ift_kernel_kind ift_kernel_kind_gaussian = {
    .name = "gaussian",
    .spec = "gaussian:SIGMA",
    .doc = "exp(-r^2 / (2 SIGMA^2))",
    .form = IFT_GAUSSIAN,
    .has_length = true,
    .functions = IFT_PROFILES(gaussian),
    .bend = bend,
    .required = 1,
    .parameters = 1,
    .check = check,
    .curvature = curvature,
};

ift_status ift_kernel_gaussian(ift_context *context, ift_kernel **out, double sigma) {
  return ift_kernel_create(context, out, &ift_kernel_kind_gaussian, &sigma, 1);
}
