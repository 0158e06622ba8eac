/* pairs/lanes.h - sums in a fixed order that suits vector instructions of any width: term j goes to the partial sum
 * j mod IFT_PAIR_LANES, and those are added up in the end. Compilers may not reorder sums; here they need not. */
#ifndef PAIRS_LANES_H
#define PAIRS_LANES_H

#include <stdint.h>

#include "pairs/pairs.h"

/* Four lanes, written out: an inner loop over lanes would keep them in memory. */

static inline void add_products4(double *lane, const double *a, const double *b) {
  lane[0] += a[0] * b[0];
  lane[1] += a[1] * b[1];
  lane[2] += a[2] * b[2];
  lane[3] += a[3] * b[3];
}

static inline void add_differences4(double *lane, const double *a, const double *y, double x) {
  lane[0] += a[0] * (y[0] - x);
  lane[1] += a[1] * (y[1] - x);
  lane[2] += a[2] * (y[2] - x);
  lane[3] += a[3] * (y[3] - x);
}

static inline void add_squares4(double *lane, const double *x, const double *y) {
  lane[0] += (x[0] - y[0]) * (x[0] - y[0]);
  lane[1] += (x[1] - y[1]) * (x[1] - y[1]);
  lane[2] += (x[2] - y[2]) * (x[2] - y[2]);
  lane[3] += (x[3] - y[3]) * (x[3] - y[3]);
}

static inline double fold(const double *lane) {
  return ((lane[0] + lane[4]) + (lane[2] + lane[6])) + ((lane[1] + lane[5]) + (lane[3] + lane[7]));
}

/* The sums; `count` is a multiple of IFT_PAIR_LANES. */

/* sum_j a_j b_j */
static inline double sum_of_products(const double *restrict a, const double *restrict b, int64_t count) {
  double lane[IFT_PAIR_LANES] = {0};
  for (int64_t j = 0; j < count; j += IFT_PAIR_LANES) {
    add_products4(lane, a + j, b + j);
    add_products4(lane + 4, a + j + 4, b + j + 4);
  }
  return fold(lane);
}

/* sum_j a_j (y_j - x) */
static inline double sum_of_differences(const double *restrict a, const double *restrict y, double x, int64_t count) {
  double lane[IFT_PAIR_LANES] = {0};
  for (int64_t j = 0; j < count; j += IFT_PAIR_LANES) {
    add_differences4(lane, a + j, y + j, x);
    add_differences4(lane + 4, a + j + 4, y + j + 4, x);
  }
  return fold(lane);
}

/* sum_l (x_l - y_l)^2 */
static inline double sum_of_squares(const double *restrict x, const double *restrict y, int64_t count) {
  double lane[IFT_PAIR_LANES] = {0};
  for (int64_t l = 0; l < count; l += IFT_PAIR_LANES) {
    add_squares4(lane, x + l, y + l);
    add_squares4(lane + 4, x + l + 4, y + l + 4);
  }
  return fold(lane);
}

#endif
