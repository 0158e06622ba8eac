/* Matern kernels of smoothness 1/2, 3/2 and 5/2 (Rasmussen and Williams 2006, eq. 4.14 to 4.17), and laplace, which
 * is the first of them under its other name. z = sqrt(2 nu) r / length. */
#include <math.h>

#include "kernel/kernel.h"

/* exp(-z) is 0 long before; keeps (1 + z) exp(-z) from being infinity times 0. */
static const double far = 800;

static double scaled(double s, double factor) {
  const double z = sqrt(s) * factor;
  return z < far ? z : far;
}

/* k = e^{-z}; gradient -k / (length r) (x-y), which has no value at r = 0. */
static void profile12(double *value, double *slope, const double *s, int count, double coefficient,
                      const double *parameters) {
  const double factor = 1 / parameters[0];
  for (int j = 0; j < count; j++) {
    const double k = coefficient * exp(-scaled(s[j], factor));
    value[j] += k;
    if (slope && s[j] > 0) slope[j] -= factor * k / sqrt(s[j]);
  }
}

/* k = (1 + z) e^{-z}; gradient -(3 / length^2) e^{-z} (x-y). */
static void profile32(double *value, double *slope, const double *s, int count, double coefficient,
                      const double *parameters) {
  const double factor = sqrt(3) / parameters[0];
  for (int j = 0; j < count; j++) {
    const double z = scaled(s[j], factor), e = coefficient * exp(-z);
    value[j] += (1 + z) * e;
    if (slope) slope[j] -= factor * factor * e;
  }
}

/* k = (1 + z + z^2/3) e^{-z}; gradient -(5 / (3 length^2)) (1 + z) e^{-z} (x-y). */
static void profile52(double *value, double *slope, const double *s, int count, double coefficient,
                      const double *parameters) {
  const double factor = sqrt(5) / parameters[0];
  for (int j = 0; j < count; j++) {
    const double z = scaled(s[j], factor), e = coefficient * exp(-z);
    value[j] += (1 + z + z * z / 3) * e;
    if (slope) slope[j] -= factor * factor / 3 * (1 + z) * e;
  }
}

static const char *check(const double *parameters) {
  const double squared = parameters[0] * parameters[0];
  return parameters[0] > 0 && squared > 0 && isfinite(5 / squared)
             ? NULL
             : "a length > 0 (and not so small that its square vanishes)";
}

/* Extreme second derivatives along a line: at z = 0 and z = 2, and at z = 0 and z = 3. */
static bool curvature32(const double *parameters, double radius, double *high, double *low) {
  (void)radius;
  *low = 3 / (parameters[0] * parameters[0]);
  *high = *low * exp(-2);
  return true;
}

static bool curvature52(const double *parameters, double radius, double *high, double *low) {
  (void)radius;
  *low = 5 / (3 * parameters[0] * parameters[0]);
  *high = 5 * *low * exp(-3);
  return true;
}

static double typical12(const double *parameters, double spread) {
  (void)spread;
  return 1 / (parameters[0] * parameters[0]);
}

const ift_kernel_kind ift_kernel_kind_laplace = {
    .name = "laplace",
    .spec = "laplace:SCALE",
    .doc = "exp(-r / SCALE)",
    .form = IFT_RADIAL,
    .has_length = true,
    .profile = profile12,
    .required = 1,
    .parameters = 1,
    .check = check,
    .typical = typical12,
};

const ift_kernel_kind ift_kernel_kind_matern12 = {
    .name = "matern12",
    .spec = "matern12:LENGTH",
    .doc = "exp(-r / LENGTH)",
    .form = IFT_RADIAL,
    .has_length = true,
    .profile = profile12,
    .required = 1,
    .parameters = 1,
    .check = check,
    .typical = typical12,
};

const ift_kernel_kind ift_kernel_kind_matern32 = {
    .name = "matern32",
    .spec = "matern32:LENGTH",
    .doc = "(1 + z) exp(-z), z = sqrt(3) r / LENGTH",
    .form = IFT_RADIAL,
    .has_length = true,
    .profile = profile32,
    .required = 1,
    .parameters = 1,
    .check = check,
    .curvature = curvature32,
};

const ift_kernel_kind ift_kernel_kind_matern52 = {
    .name = "matern52",
    .spec = "matern52:LENGTH",
    .doc = "(1 + z + z^2/3) exp(-z), z = sqrt(5) r / LENGTH",
    .form = IFT_RADIAL,
    .has_length = true,
    .profile = profile52,
    .required = 1,
    .parameters = 1,
    .check = check,
    .curvature = curvature52,
};

ift_status ift_kernel_laplace(ift_context *context, ift_kernel **out, double scale) {
  return ift_kernel_create(context, out, &ift_kernel_kind_laplace, &scale, 1);
}

ift_status ift_kernel_matern(ift_context *context, ift_kernel **out, double nu, double length) {
  static const struct {
    double nu;
    const ift_kernel_kind *kind;
  } kinds[] = {{0.5, &ift_kernel_kind_matern12}, {1.5, &ift_kernel_kind_matern32}, {2.5, &ift_kernel_kind_matern52}};
  for (int i = 0; i < 3; i++)
    if (kinds[i].nu == nu) return ift_kernel_create(context, out, kinds[i].kind, &length, 1);
  if (out) *out = NULL;
  return ift_fail(context, IFT_ERR_ARGUMENT, "the smoothness of a Matern kernel is %g; allowed are 0.5, 1.5 and 2.5",
                  nu);
}
