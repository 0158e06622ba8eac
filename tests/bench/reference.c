/* One function a dimension, 8 targets across lanes, sources broadcast. The compiler makes the vectors: see the flags of this file in the
 * Makefile. They leave NaN, infinity and the order of sums alone. */
#include "reference.h"

#include <stddef.h>
#include <string.h>

enum { LANES = 8 };

/* 2^r = 1 + r P(r) for |r| <= 1/2: the coefficients of src/pairs/vector_math.h. */
static inline double power_of_two(double minus_q) {
  const double shifted = minus_q + 0x1.8p52; /* its last bits are the exponent */
  const double r = minus_q - (shifted - 0x1.8p52);
  double p = 0x1.e79ba5e93da52p-32;
  p = p * r + 0x1.e61b4f5049cdcp-28;
  p = p * r + 0x1.b5267cea5f68ep-24;
  p = p * r + 0x1.62bfc79d7642ap-20;
  p = p * r + 0x1.ffcbfba97c6d7p-17;
  p = p * r + 0x1.4309130ed8bc8p-13;
  p = p * r + 0x1.5d87fe78cd6dcp-10;
  p = p * r + 0x1.3b2ab6fba011ap-7;
  p = p * r + 0x1.c6b08d7049fe8p-5;
  p = p * r + 0x1.ebfbdff82c5a4p-3;
  p = p * r + 0x1.62e42fefa39efp-1;
  p = p * r + 1;
  uint64_t bits, exponent;
  memcpy(&bits, &p, sizeof bits);
  memcpy(&exponent, &shifted, sizeof exponent);
  bits += exponent << 52;
  memcpy(&p, &bits, sizeof p);
  return minus_q < -1022 ? 0 : p;
}

#define REFERENCE(D)                                                                                                   \
  static void sums_##D(double *restrict value, double *restrict sums, const double *restrict x, int64_t n,             \
                       const double *restrict y, int64_t m, const double *restrict w) {                                \
    for (int64_t i = 0; i < n; i += LANES) {                                                                           \
      double v[LANES] = {0}, g[D][LANES] = {{0}}, at[D][LANES];                                                        \
      for (int l = 0; l < D; l++)                                                                                      \
        for (int a = 0; a < LANES; a++) at[l][a] = x[l * n + i + a];                                                   \
      for (int64_t j = 0; j < m; j++)                                                                                  \
        for (int a = 0; a < LANES; a++) {                                                                              \
          double z[D], minus_q = 0;                                                                                    \
          for (int l = 0; l < D; l++) {                                                                                \
            z[l] = at[l][a] - y[l * m + j];                                                                            \
            minus_q -= z[l] * z[l];                                                                                    \
          }                                                                                                            \
          const double k = w[j] * power_of_two(minus_q);                                                               \
          v[a] += k;                                                                                                   \
          for (int l = 0; l < D; l++) g[l][a] += k * z[l];                                                             \
        }                                                                                                              \
      for (int a = 0; a < LANES; a++) value[i + a] = v[a];                                                             \
      for (int l = 0; l < D; l++)                                                                                      \
        for (int a = 0; a < LANES; a++) sums[l * n + i + a] = g[l][a];                                                 \
    }                                                                                                                  \
  }

REFERENCE(1)
REFERENCE(2)
REFERENCE(3)
REFERENCE(5)
REFERENCE(10)

reference_sums *reference_of(int64_t d) {
  static reference_sums *const functions[] = {[1] = sums_1, [2] = sums_2, [3] = sums_3, [5] = sums_5, [10] = sums_10};
  return d >= 1 && d <= 10 ? functions[d] : NULL;
}
