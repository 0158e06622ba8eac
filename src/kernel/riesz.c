/* riesz(q): -r^q, 0 < q < 2, only conditionally positive definite (Szekely and Rizzo 2013); energy is q = 1. */
#include <math.h>

#include "kernel/kernel.h"

static const char *check(const double *parameters) {
  return parameters[0] > 0 && parameters[0] < 2 ? NULL : "0 < R < 2";
}

static double typical(const double *parameters, double spread) {
  return parameters[0] * pow(spread, parameters[0] - 2);
}

const ift_kernel_kind ift_kernel_kind_riesz = {
    .name = "riesz",
    .spec = "riesz:R",
    .doc = "-r^R, 0 < R < 2, for measures of equal mass",
    .form = IFT_RADIAL,
    .functions = IFT_PROFILES(riesz),
    .required = 1,
    .parameters = 1,
    .check = check,
    .conditional = true,
    .homogeneous = true,
    .typical = typical,
};

const ift_kernel_kind ift_kernel_kind_energy = {
    .name = "energy",
    .spec = "energy",
    .doc = "-r, the energy distance; the same as riesz:1",
    .form = IFT_RADIAL,
    .functions = IFT_PROFILES(riesz),
    .defaults = {1},
    .check = check,
    .conditional = true,
    .homogeneous = true,
    .typical = typical,
};

ift_status ift_kernel_riesz(ift_context *context, ift_kernel **out, double q) {
  return ift_kernel_create(context, out, &ift_kernel_kind_riesz, &q, 1);
}
