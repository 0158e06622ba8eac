/* kernel/profiles.h - the formulas of the built-in kernels on vectors: value f(s) and slope, as pairs.h has them. Included after a
 * vector_*.h, by one file for each instruction set. */
#ifndef KERNEL_PROFILES_H
#define KERNEL_PROFILES_H

#include <float.h>
#include <math.h>

#include "kernel/kernel.h"
#include "pairs/vector_math.h"

#define JOIN_(a, b) a##_##b
#define JOIN(a, b)  JOIN_(a, b)
#define PROFILE(name)                                                                                                  \
  ISA void JOIN(ift_profile_##name, SUFFIX)(double *restrict value, double *restrict slope, const double *restrict s,  \
                                            int count, const double *parameters)
#define EACH_VECTOR for (int j = 0; j < count; j += LANES)

static const double LOG2_E = 0x1.71547652b82fep+0;

/* exp(-s / (2 sigma^2)) */
PROFILE(gaussian) {
  const double inverse = 1 / (parameters[0] * parameters[0]), rate = inverse * (LOG2_E / 2);
  EACH_VECTOR {
    const vector k = decay(load(s + j), rate);
    store(value + j, k);
    if (slope) store(slope + j, k * -inverse);
  }
}

/* exp(-r / length); gradient -k / (length r) (x-y), which has no value at r = 0. */
PROFILE(laplace) {
  const double length = parameters[0], rate = LOG2_E / length;
  EACH_VECTOR {
    const vector square = load(s + j), r = root(square), k = decay(r, rate);
    store(value + j, k);
    if (slope) store(slope + j, zero_where_less(k / (r * -length), square, all(DBL_TRUE_MIN)));
  }
}

/* What keeps z exp(-z), which is 0 long before, from being infinity times 0. */
static const double FAR = 1e4;

/* (1 + z) e^{-z}, z = sqrt(3) r / length; gradient -(3 / length^2) e^{-z} (x-y). */
PROFILE(matern32) {
  const double factor = sqrt(3) / parameters[0], rate = factor * LOG2_E, slope_of_e = -(factor * factor);
  EACH_VECTOR {
    const vector r = root(load(s + j)), e = decay(r, rate), z = smaller(all(FAR), r * factor);
    store(value + j, (1 + z) * e);
    if (slope) store(slope + j, e * slope_of_e);
  }
}

/* (1 + z + z^2/3) e^{-z}, z = sqrt(5) r / length; gradient -(5 / (3 length^2)) (1 + z) e^{-z} (x-y). */
PROFILE(matern52) {
  const double factor = sqrt(5) / parameters[0], rate = factor * LOG2_E, slope_of_e = -(factor * factor / 3);
  EACH_VECTOR {
    const vector r = root(load(s + j)), e = decay(r, rate), z = smaller(all(FAR), r * factor);
    const vector line = 1 + z;
    store(value + j, multiply_add(z * (1.0 / 3), z, line) * e);
    if (slope) store(slope + j, line * e * slope_of_e);
  }
}

/* t^(-beta), t = 1 + r^2/c^2; gradient -(2 beta / c^2) k/t (x-y). */
INLINE vector base_of_imq(vector s, double inverse) {
  return smaller(all(DBL_MAX), multiply_add(s, all(inverse), all(1)));
}

PROFILE(imq) {
  const double inverse = 1 / (parameters[0] * parameters[0]), beta = parameters[1], slope_of_k = -2 * beta * inverse;
  if (beta == 0.5) {
    EACH_VECTOR {
      const vector k = 1 / root(base_of_imq(load(s + j), inverse));
      store(value + j, k);
      if (slope) store(slope + j, k * k * k * slope_of_k);
    }
    return;
  }
  EACH_VECTOR store(value + j, prepare_power(base_of_imq(load(s + j), inverse), -beta));
  EACH_VECTOR {
    const vector t = base_of_imq(load(s + j), inverse), k = power(t, -beta, load(value + j));
    store(value + j, k);
    if (slope) store(slope + j, k / t * slope_of_k);
  }
}

/* -r^q; gradient -q r^(q-2) (x-y), which has no value at r = 0 for q <= 1, and is 0 there for q > 1. No number at infinity. */
PROFILE(riesz) {
  const double q = parameters[0];
  if (q == 1) {
    EACH_VECTOR {
      const vector square = load(s + j), k = -root(square);
      store(value + j, k);
      if (slope) store(slope + j, zero_where_less(k / square, square, all(DBL_TRUE_MIN)));
    }
    return;
  }
  EACH_VECTOR store(value + j, prepare_power(load(s + j), q / 2));
  EACH_VECTOR {
    const vector square = load(s + j), k = -power(square, q / 2, load(value + j));
    store(value + j, zero_where_less(k, square, all(DBL_MIN)));
    if (slope) store(slope + j, zero_where_less(k / square * q, square, all(DBL_MIN)));
  }
}

/* x'y */
PROFILE(linear) {
  (void)parameters;
  EACH_VECTOR {
    store(value + j, load(s + j));
    if (slope) store(slope + j, all(1));
  }
}

/* (x'y + c)^p; gradient p (x'y + c)^(p-1) y. */
PROFILE(polynomial) {
  const int degree = (int)parameters[1];
  EACH_VECTOR {
    const vector base = load(s + j) + parameters[0];
    vector lower = all(1);
    for (int i = 1; i < degree; i++) lower *= base;
    store(value + j, lower * base);
    if (slope) store(slope + j, lower * (double)degree);
  }
}

#endif
