/* linear: x'y, and polynomial(c, p): (x'y + c)^p: kernels of moments rather than of distance. */
#include <math.h>

#include "kernel/kernel.h"

enum { LARGEST_POWER = 16 };

static void linear_bend(double *bend, const double *s, int count, double coefficient, const double *parameters) {
  (void)bend, (void)s, (void)count, (void)coefficient, (void)parameters; /* it is straight */
}

static double power_of(double base, int exponent) {
  double result = 1;
  for (int i = 0; i < exponent; i++) result *= base;
  return result;
}

static void bend(double *restrict out, const double *restrict s, int count, double coefficient,
                 const double *parameters) {
  const int whole = count & -IFT_PAIR_LANES, power = (int)parameters[1];
  if (power < 2) return;
  double lower[IFT_PAIR_BLOCK];
  for (int j = 0; j < whole; j++) lower[j] = coefficient * power * (power - 1);
  for (int i = 2; i < power; i++)
    for (int j = 0; j < whole; j++) lower[j] *= s[j] + parameters[0];
  for (int j = 0; j < whole; j++) out[j] += lower[j];
}

static const char *check(const double *parameters) {
  if (!(parameters[0] >= 0 && isfinite(parameters[0]))) return "C >= 0";
  const bool whole = parameters[1] == floor(parameters[1]);
  return whole && parameters[1] >= 1 && parameters[1] <= LARGEST_POWER ? NULL : "a power P of 1, 2, ..., 16";
}

static const char *check_nothing(const double *parameters) {
  (void)parameters;
  return NULL;
}

static bool linear_curvature(const double *parameters, double radius, double *high, double *low) {
  (void)parameters, (void)radius;
  *high = 1;
  *low = 0;
  return true;
}

/* Mixed derivative p s^(p-1) I + p(p-1) s^(p-2) y x', Hessian in x p(p-1) s^(p-2) y y', with |s| <= radius^2 + c. */
static bool curvature(const double *parameters, double radius, double *high, double *low) {
  const int power = (int)parameters[1];
  const double squared = radius * radius, largest = squared + parameters[0];
  *low = power < 2 ? 0 : power * (power - 1) * power_of(largest, power - 2) * squared;
  *high = power * power_of(largest, power - 1) + 2 * *low;
  return true;
}

const ift_kernel_kind ift_kernel_kind_linear = {
    .name = "linear",
    .spec = "linear",
    .doc = "x'y: compares means",
    .form = IFT_DOT,
    .functions = IFT_PROFILES(linear),
    .bend = linear_bend,
    .check = check_nothing,
    .curvature = linear_curvature,
};

const ift_kernel_kind ift_kernel_kind_polynomial = {
    .name = "polynomial",
    .spec = "polynomial:C,P",
    .doc = "(x'y + C)^P: compares moments up to order P",
    .form = IFT_DOT,
    .functions = IFT_PROFILES(polynomial),
    .bend = bend,
    .required = 2,
    .parameters = 2,
    .check = check,
    .curvature = curvature,
};

ift_status ift_kernel_linear(ift_context *context, ift_kernel **out) {
  return ift_kernel_create(context, out, &ift_kernel_kind_linear, NULL, 0);
}

ift_status ift_kernel_polynomial(ift_context *context, ift_kernel **out, double c, int power) {
  const double parameters[2] = {c, power};
  return ift_kernel_create(context, out, &ift_kernel_kind_polynomial, parameters, 2);
}
