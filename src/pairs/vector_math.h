/* pairs/vector_math.h - powers, on vectors. Included after a vector_*.h. The coefficients are those of tests/oracle/polynomials.py. */
#ifndef PAIRS_VECTOR_MATH_H
#define PAIRS_VECTOR_MATH_H

/* 2^r for |r| <= 1/2, least largest relative error: 1.8e-17. Two chains of steps that wait for each other are shorter than one; the 1
 * comes last, so that nothing but its sum is rounded to an ulp. */
INLINE vector power_of_two(vector r) {
  static const double c[] = {0x1.0000000000000p+0,  0x1.62e42fefa39f3p-1,  0x1.ebfbdff82c598p-3,
                             0x1.c6b08d7048f31p-5,  0x1.3b2ab6fba1e1cp-7,  0x1.5d87fe7bbbe09p-10,
                             0x1.43091309610fcp-13, 0x1.ffcbee3b0a61cp-17, 0x1.62bfd49ededd3p-20,
                             0x1.b54167a1b0034p-24, 0x1.e605f964b639dp-28, 0x1.c063841f3a21dp-32};
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
  static const double c[] = {0x1.71547652b82fep+1, 0x1.ec709dc3a047ep-1, 0x1.2776c50ee370fp-1, 0x1.a61762d6daeadp-2,
                             0x1.484afb5f586d3p-2, 0x1.0ca165a70dcfep-2, 0x1.c46d0fe447b41p-3, 0x1.b59cb355bede2p-3};
  const vector f = (m - 1) / (m + 1), square = f * f;
  vector sum = all(c[7]);
  EACH(i, 7) sum = multiply_add(sum, square, all(c[6 - i]));
  return f * sum;
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

/* s^a for s > 0 with a normal number: s = 2^e m, and a e is rounded but once. Infinity gives no number, s = 0 what 2^-1023 does. */
INLINE vector power(vector s, double a) {
  const uint64_t one = UINT64_C(0x3ff0000000000000),
                 half_root = UINT64_C(0x3fe6a09e667f3bcd);   /* the bits of 1, sqrt(1/2) */
  const words biased = ((words)s + (one - half_root)) >> 52; /* e + 1023 */
  const vector e = (vector)(biased | UINT64_C(0x4330000000000000)) - (0x1p52 + 1023) + (s - s);
  const vector fraction = logarithm((vector)((words)s - (biased << 52) + one)) * a;
  const vector shifted = multiply_add(e, all(a), fraction) + ROUND;
  return assemble(multiply_add(e, all(a), ROUND - shifted) + fraction, shifted);
}

#endif
