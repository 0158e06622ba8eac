/* Matern kernels of smoothness 1/2, 3/2 and 5/2 (Rasmussen and Williams 2006, eq. 4.14 to 4.17), and laplace, which
 * is the first of them under its other name. z = sqrt(2 nu) r / length. */
#include <math.h>

#include "kernel/kernel.h"
#include "pairs/exponential.h"

/* exp(-z) is 0 long before; keeps (1 + z) exp(-z) from being infinity times 0. */
static const double far = 800;

/* z = factor sqrt(s) and e = coefficient exp(-z). */
static void exponentials(double *restrict z, double *restrict e, const double *restrict s, double factor,
                         double coefficient, int whole) {
  for (int j = 0; j < whole; j++) {
    const double distance = sqrt(s[j]) * factor;
    z[j] = far < distance ? far : distance;
  }
  ift_exponentials(e, z, 1, far, whole);
  if (coefficient != 1)
    for (int j = 0; j < whole; j++) e[j] *= coefficient;
}

/* 4 s f'' = (3 / length^2) z e^{-z} */
static void bend32(double *restrict out, const double *restrict s, int count, double coefficient,
                   const double *parameters) {
  const int whole = count & -IFT_PAIR_LANES;
  const double factor = sqrt(3) / parameters[0];
  double z[IFT_PAIR_BLOCK], e[IFT_PAIR_BLOCK];
  exponentials(z, e, s, factor, coefficient, whole);
  for (int j = 0; j < whole; j++) out[j] += factor * factor * z[j] * e[j];
}

/* 4 s f'' = (5 / (3 length^2)) z^2 e^{-z} */
static void bend52(double *restrict out, const double *restrict s, int count, double coefficient,
                   const double *parameters) {
  const int whole = count & -IFT_PAIR_LANES;
  const double factor = sqrt(5) / parameters[0];
  double z[IFT_PAIR_BLOCK], e[IFT_PAIR_BLOCK];
  exponentials(z, e, s, factor, coefficient, whole);
  for (int j = 0; j < whole; j++) out[j] += factor * factor / 3 * (z[j] * z[j]) * e[j];
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
    .exponential = true,
    .functions = IFT_PROFILES(laplace),
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
    .exponential = true,
    .functions = IFT_PROFILES(laplace),
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
    .functions = IFT_PROFILES(matern32),
    .bend = bend32,
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
    .functions = IFT_PROFILES(matern52),
    .bend = bend52,
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
