/* imq(c, beta): the inverse multiquadric (1 + r^2 / c^2)^(-beta) */
#include <math.h>

#include "kernel/kernel.h"

static void bend(double *restrict out, const double *restrict s, int count, double coefficient,
                 const double *parameters) {
  const int whole = count & -IFT_PAIR_LANES;
  const double inverse = 1 / (parameters[0] * parameters[0]), beta = parameters[1];
  for (int j = 0; j < whole; j++) {
    const double u = s[j] * inverse;
    out[j] += coefficient * 4 * beta * (beta + 1) * inverse * u * pow(1 + u, -beta - 2);
  }
}

static const char *check(const double *parameters) {
  const double squared = parameters[0] * parameters[0];
  if (!(parameters[0] > 0 && squared > 0 && isfinite(1 / squared))) return "c > 0 (and not so small that c^2 vanishes)";
  return parameters[1] > 0 && isfinite(parameters[1]) ? NULL : "beta > 0";
}

/* With u = r^2/c^2, k'' along a line is -(2 beta/c^2) (1+u)^(-beta-1) (1 - 2 (beta+1) u/(1+u)): largest where
 * u = 3 / (2 beta + 1). */
static bool curvature(const double *parameters, double radius, double *high, double *low) {
  (void)radius;
  const double beta = parameters[1], u = 3 / (2 * beta + 1);
  *low = 2 * beta / (parameters[0] * parameters[0]);
  *high = *low * pow(1 + u, -beta - 1) * (2 * (beta + 1) * u / (1 + u) - 1);
  return true;
}

const ift_kernel_kind ift_kernel_kind_imq = {
    .name = "imq",
    .spec = "imq:C or imq:C,BETA",
    .doc = "inverse multiquadric (1 + r^2/C^2)^(-BETA), BETA 1/2 if not given",
    .form = IFT_RADIAL,
    .has_length = true,
    .functions = IFT_PROFILES(imq),
    .bend = bend,
    .required = 1,
    .parameters = 2,
    .defaults = {0, 0.5},
    .check = check,
    .curvature = curvature,
};

ift_status ift_kernel_imq(ift_context *context, ift_kernel **out, double c, double beta) {
  const double parameters[2] = {c, beta};
  return ift_kernel_create(context, out, &ift_kernel_kind_imq, parameters, 2);
}
