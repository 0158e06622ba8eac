/* pairs/vector_math.h - powers, on vectors. Included after a vector_*.h. The coefficients are those of tests/oracle/polynomials.py. */
#ifndef PAIRS_VECTOR_MATH_H
#define PAIRS_VECTOR_MATH_H

/* 2^r for |r| <= 1/2, least largest relative error: 3.4e-18. Two chains of steps that wait for each other are shorter than one; the 1
 * comes last, so that nothing but its sum is rounded to an ulp. */
INLINE vector power_of_two(vector r) {
  static const double c[] = {0x1.0000000000000p+0,  0x1.62e42fefa39efp-1,  0x1.ebfbdff82c5a4p-3,
                             0x1.c6b08d7049fe8p-5,  0x1.3b2ab6fba011ap-7,  0x1.5d87fe78cd6dcp-10,
                             0x1.4309130ed8bc8p-13, 0x1.ffcbfba97c6d7p-17, 0x1.62bfc79d7642ap-20,
                             0x1.b5267cea5f68ep-24, 0x1.e61b4f5049cdcp-28, 0x1.e79ba5e93da52p-32};
  const vector square = r * r;
  vector odd = all(c[11]), even = all(c[10]);
  EACH(i, 4) {
    odd = multiply_add(odd, square, all(c[9 - 2 * i]));
    even = multiply_add(even, square, all(c[8 - 2 * i]));
  }
  odd = multiply_add(odd, square, all(c[1]));
  return multiply_add(multiply_add(even, r, odd), r, all(c[0]));
}

/* log2(m) for sqrt(1/2) <= m <= sqrt(2), least largest error: 6e-19. With f = (m-1)/(m+1) it is 2/log(2) (f + f^3/3 + ...). */
INLINE vector logarithm(vector m) {
  static const double c[] = {0x1.71547652b82fep+1, 0x1.ec709dc3a047ep-1, 0x1.2776c50ee370fp-1, 0x1.a61762d6dae9dp-2,
                             0x1.484afb5f58d13p-2, 0x1.0ca165a6fad12p-2, 0x1.c46d0fe7d186dp-3, 0x1.b59cb334a692cp-3};
  const vector f = (m - 1) / (m + 1), square = f * f;
  const vector fourth = square * square;
  vector odd = all(c[7]), even = all(c[6]);
  EACH(i, 3) {
    odd = multiply_add(odd, fourth, all(c[5 - 2 * i]));
    even = multiply_add(even, fourth, all(c[4 - 2 * i]));
  }
  return f * multiply_add(odd, square, even);
}

/* ROUND + q is 1.5 2^52 and the integer next to q, in its last bits. */
static const double ROUND = 0x1.8p52;

/* 2^(n+r) where shifted = ROUND + n; 0 where n < -1021. Neither bits below 2^-1022 nor a conversion to integers occur. */
INLINE vector assemble(vector r, vector shifted) {
  const vector power = (vector)((words)power_of_two(r) + ((words)shifted << 52));
  return zero_where_less(power, shifted, all(ROUND - 1021));
}

/* 2^(-rate s) for s, rate >= 0: to 2 units in the last place for the exponent rate s before it is rounded. Infinity gives 0. */
INLINE vector decay(vector s, double rate) {
  const vector shifted = multiply_add(s, all(-rate), all(ROUND));
  return assemble(multiply_add(s, all(-rate), ROUND - shifted), shifted);
}

/* s = 2^e m with sqrt(1/2) <= m <= sqrt(2), for s > 0 a normal number; e of infinity is no number, that of 0 is -1023. */
INLINE words biased_exponent(vector s) {
  return ((words)s + UINT64_C(0x95f619980c433)) >> 52; /* the bits of 1 less those of sqrt(1/2): e + 1023 */
}

/* s^a in two steps, of which loops do one for all numbers and then the other: together they would wait for each other. The first is
 * a log2(m), the second adds a e, which is rounded but once. */
INLINE vector prepare_power(vector s, double a) {
  return logarithm((vector)((words)s - (biased_exponent(s) << 52) + UINT64_C(0x3ff0000000000000))) * a;
}

INLINE vector power(vector s, double a, vector prepared) {
  const vector e = (vector)(biased_exponent(s) | UINT64_C(0x4330000000000000)) - (0x1p52 + 1023) + (s - s);
  const vector shifted = multiply_add(e, all(a), prepared) + ROUND;
  return assemble(multiply_add(e, all(a), ROUND - shifted) + prepared, shifted);
}

#endif
