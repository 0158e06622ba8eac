/* Sources by rows, as they come: every loop runs along the coordinates. */
#include <string.h>

#include "pairs/lanes.h"
#include "pairs/layout.h"

enum { WIDTH = 64 }; /* coordinates whose sums over a block are kept in the innermost cache */

static void load(ift_block *b) {
  (void)b;
}

static void fill_up(double *s, const ift_block *b) {
  for (int j = b->count; j < b->whole; j++) s[j] = s[b->count - 1];
}

static void squares(double *restrict s, const double *restrict x, const ift_block *restrict b) {
  const int64_t d = b->d, whole = d & -IFT_PAIR_LANES;
  for (int j = 0; j < b->count; j++) {
    const double *y = b->y + j * d;
    double rest = 0;
    for (int64_t l = whole; l < d; l++) rest += (x[l] - y[l]) * (x[l] - y[l]);
    s[j] = sum_of_squares(x, y, whole) + rest;
  }
  fill_up(s, b);
}

static void products(double *restrict s, const double *restrict x, const ift_block *restrict b) {
  const int64_t d = b->d, whole = d & -IFT_PAIR_LANES;
  for (int j = 0; j < b->count; j++) {
    const double *y = b->y + j * d;
    double rest = 0;
    for (int64_t l = whole; l < d; l++) rest += x[l] * y[l];
    s[j] = sum_of_products(x, y, whole) + rest;
  }
  fill_up(s, b);
}

/* sum[l] += sum_k slope[k] (y_k[l] - x[l]) over four sources, for the coordinates from `from` to `to`. */
static inline void add_differences(double *restrict sum, const double *restrict slope, const double *restrict x,
                                   const double *const *y, int64_t from, int64_t to) {
  const double *restrict a = y[0], *restrict b = y[1], *restrict c = y[2], *restrict e = y[3];
  const double s0 = slope[0], s1 = slope[1], s2 = slope[2], s3 = slope[3];
  for (int64_t l = from; l < to; l++)
    sum[l] += (s0 * (a[l] - x[l]) + s1 * (b[l] - x[l])) + (s2 * (c[l] - x[l]) + s3 * (e[l] - x[l]));
}

static void radial_gradient(double *gradient, const double *slope, const double *x, const ift_block *b) {
  for (int64_t start = 0; start < b->d; start += WIDTH) {
    const int64_t width = b->d - start < WIDTH ? b->d - start : WIDTH, whole = width & -IFT_PAIR_LANES;
    double sum[WIDTH] = {0};
    for (int j = 0; j < b->whole; j += 4) {
      const double *y[4];
      for (int k = 0; k < 4; k++) y[k] = b->y + (j + k < b->count ? j + k : b->count - 1) * b->d + start;
      add_differences(sum, slope + j, x + start, y, 0, whole);
      add_differences(sum, slope + j, x + start, y, whole, width);
    }
    for (int64_t l = 0; l < width; l++) gradient[start + l] -= sum[l];
  }
}

const ift_layout ift_layout_rows = {load, squares, products, radial_gradient};
