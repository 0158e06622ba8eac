/* tests/support/random.h - random numbers of the tests' own, so that they do not come from what is tested
 * (splitmix64: Steele, Lea and Flood 2014). */
#ifndef TESTS_SUPPORT_RANDOM_H
#define TESTS_SUPPORT_RANDOM_H

#include <math.h>
#include <stdint.h>

typedef struct dice {
  uint64_t state;
} dice;

static inline uint64_t dice_bits(dice *d) {
  uint64_t z = d->state += 0x9e3779b97f4a7c15u;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

/* In [low, high). */
static inline double dice_between(dice *d, double low, double high) {
  return low + (high - low) * ((double)(dice_bits(d) >> 11) * 0x1p-53);
}

/* In 0 .. bound-1. */
static inline int64_t dice_below(dice *d, int64_t bound) {
  return (int64_t)(dice_bits(d) % (uint64_t)bound);
}

/* Standard normal (Box and Muller 1958). */
static inline double dice_normal(dice *d) {
  const double radius = sqrt(-2 * log(1 - dice_between(d, 0, 1)));
  return radius * cos(6.283185307179586 * dice_between(d, 0, 1));
}

static inline void dice_normals(dice *d, double *out, int64_t count) {
  for (int64_t i = 0; i < count; i++) out[i] = dice_normal(d);
}

/* Positive numbers that sum to `mass`. */
static inline void dice_weights(dice *d, double *out, int64_t count, double mass) {
  double sum = 0;
  for (int64_t i = 0; i < count; i++) sum += out[i] = dice_between(d, 0.1, 1);
  for (int64_t i = 0; i < count; i++) out[i] *= mass / sum;
}

#endif
