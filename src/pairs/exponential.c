/* exp(-z) by a table of fractional powers of 2, a polynomial for the rest, and the exponent of a number (Tang 1989):
 * z = n log(2)/64 - r, exp(-z) = 2^-(n div 64) 2^-(n mod 64)/64 exp(r). Three plain loops: the first and the last
 * become vector instructions, the one between looks up. */
#include "pairs/exponential.h"

#include <stdint.h>
#include <string.h>

#include "pairs/pairs.h"

/* The bits of 2^(-i/64), plus i times 2^46: less n times 2^46, those of 2^(-n/64) where i is n modulo 64. */
static const uint64_t powers[64] = {
    UINT64_C(0x3ff0000000000000), UINT64_C(0x3fefe7c1819e90d8), UINT64_C(0x3fefd0765b6e4540),
    UINT64_C(0x3fefba1bee615a27), UINT64_C(0x3fefa4afa2a490da), UINT64_C(0x3fef902ee78b3ff6),
    UINT64_C(0x3fef7c97337b9b5f), UINT64_C(0x3fef69e603db3285), UINT64_C(0x3fef5818dcfba487),
    UINT64_C(0x3fef472d4a07897c), UINT64_C(0x3fef3720dcef9069), UINT64_C(0x3fef27f12e57d14b),
    UINT64_C(0x3fef199bdd85529c), UINT64_C(0x3fef0c1e904bc1d2), UINT64_C(0x3feeff76f2fb5e47),
    UINT64_C(0x3feef3a2b84f15fb), UINT64_C(0x3feee89f995ad3ad), UINT64_C(0x3feede6b5579fdbf),
    UINT64_C(0x3feed503b23e255d), UINT64_C(0x3feecc667b5de565), UINT64_C(0x3feec49182a3f090),
    UINT64_C(0x3feebd829fde4e50), UINT64_C(0x3feeb737b0cdc5e5), UINT64_C(0x3feeb1ae99157736),
    UINT64_C(0x3feeace5422aa0db), UINT64_C(0x3feea8d99b4492ed), UINT64_C(0x3feea589994cce13),
    UINT64_C(0x3feea2f336cf4e62), UINT64_C(0x3feea11473eb0187), UINT64_C(0x3fee9feb564267c9),
    UINT64_C(0x3fee9f75e8ec5f74), UINT64_C(0x3fee9fb23c651a2f), UINT64_C(0x3feea09e667f3bcd),
    UINT64_C(0x3feea23882552225), UINT64_C(0x3feea47eb03a5585), UINT64_C(0x3feea76f15ad2148),
    UINT64_C(0x3feeab07dd485429), UINT64_C(0x3feeaf4736b527da), UINT64_C(0x3feeb42b569d4f82),
    UINT64_C(0x3feeb9b2769d2ca7), UINT64_C(0x3feebfdad5362a27), UINT64_C(0x3feec6a2b5c13cd0),
    UINT64_C(0x3feece086061892d), UINT64_C(0x3feed60a21f72e2a), UINT64_C(0x3feedea64c123422),
    UINT64_C(0x3feee7db34e59ff7), UINT64_C(0x3feef1a7373aa9cb), UINT64_C(0x3feefc08b26416ff),
    UINT64_C(0x3fef06fe0a31b715), UINT64_C(0x3fef1285a6e4030b), UINT64_C(0x3fef1e9df51fdee1),
    UINT64_C(0x3fef2b4565e27cdd), UINT64_C(0x3fef387a6e756238), UINT64_C(0x3fef463b88628cd6),
    UINT64_C(0x3fef54873168b9aa), UINT64_C(0x3fef635beb6fcb75), UINT64_C(0x3fef72b83c7d517b),
    UINT64_C(0x3fef829aaea92de0), UINT64_C(0x3fef9301d0125b51), UINT64_C(0x3fefa3ec32d3d1a2),
    UINT64_C(0x3fefb5586cf9890f), UINT64_C(0x3fefc74518759bc8), UINT64_C(0x3fefd9b0d3158574),
    UINT64_C(0x3fefec9a3e778061)};

static inline uint64_t bits_of(double value) {
  uint64_t bits;
  memcpy(&bits, &value, sizeof bits);
  return bits;
}

static inline double number_of(uint64_t bits) {
  double value;
  memcpy(&value, &bits, sizeof value);
  return value;
}

/* exp(r) - 1 with the least largest error for |r| <= 0.008: 1.4e-17. Rounding to nearest leaves |r| <= 0.0055, any other
 * direction |r| <= 0.011, where it is 2e-16. */
static inline double exponential_less_one(double r) {
  const double r2 = r * r;
  return r + r2 * ((0x1.fffffffff53eap-2 + r * 0x1.555555555f35fp-3) +
                   r2 * (0x1.555597ba57dccp-5 + r * 0x1.1110ff4a5bba6p-7));
}

void ift_exponentials(double *restrict e, const double *restrict s, double rate, double most, int count) {
  const int whole = count & -IFT_PAIR_LANES; /* says that there is no remainder to care for */
  double r[IFT_PAIR_BLOCK];
  uint64_t power[IFT_PAIR_BLOCK], exponent[IFT_PAIR_BLOCK];
  for (int j = 0; j < whole; j++) {
    const double any = s[j] * rate, z = most < any ? most : any;
    /* 1.5 2^52 + n has n in its last bits; log(2)/64 is split so that n times its first 35 bits is exact */
    const double shifted = z * 0x1.71547652b82fep+6 + 0x1.8p52, n = shifted - 0x1.8p52;
    r[j] = (n * 0x1.62e42fef80000p-7 - z) + n * 0x1.1cf79abc9e3b4p-42;
    power[j] = bits_of(shifted) % 64;
    exponent[j] = bits_of(shifted) << 46;
  }
  for (int j = 0; j < whole; j += 4) {
    power[j] = powers[power[j]];
    power[j + 1] = powers[power[j + 1]];
    power[j + 2] = powers[power[j + 2]];
    power[j + 3] = powers[power[j + 3]];
  }
  for (int j = 0; j < whole; j++) {
    /* an exponent that is too small has made it tiny, negative or no number */
    const double any = number_of(power[j] - exponent[j]), scale = any >= 0x1p-1022 ? any : 0;
    e[j] = scale + scale * exponential_less_one(r[j]);
  }
}
