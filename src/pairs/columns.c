/* Sources by columns: every loop runs along the sources of a block. */
#include <string.h>

#include "pairs/lanes.h"
#include "pairs/layout.h"

static void load(ift_block *b) {
  for (int64_t l = 0; l < b->d; l++) {
    double *column = b->columns + l * IFT_PAIR_BLOCK;
    for (int j = 0; j < b->count; j++) column[j] = b->y[j * b->d + l];
    for (int j = b->count; j < b->whole; j++) column[j] = column[b->count - 1];
  }
}

static inline double square(double a) {
  return a * a;
}

/* Up to four coordinates in the first pass, then four in each. */
static void squares(double *restrict s, const double *restrict x, const ift_block *restrict b) {
  enum { NEXT = IFT_PAIR_BLOCK };
  const int whole = b->whole & -IFT_PAIR_LANES;
  const double *restrict y = b->columns;
  int64_t l = (b->d - 1) % 4 + 1;
  if (l == 1)
    for (int j = 0; j < whole; j++) s[j] = square(y[j] - x[0]);
  else if (l == 2)
    for (int j = 0; j < whole; j++) s[j] = square(y[j] - x[0]) + square(y[NEXT + j] - x[1]);
  else if (l == 3)
    for (int j = 0; j < whole; j++)
      s[j] = square(y[j] - x[0]) + square(y[NEXT + j] - x[1]) + square(y[2 * NEXT + j] - x[2]);
  else
    for (int j = 0; j < whole; j++)
      s[j] = square(y[j] - x[0]) + square(y[NEXT + j] - x[1]) + square(y[2 * NEXT + j] - x[2]) +
             square(y[3 * NEXT + j] - x[3]);
  for (; l < b->d; l += 4) {
    y = b->columns + l * NEXT;
    const double x0 = x[l], x1 = x[l + 1], x2 = x[l + 2], x3 = x[l + 3];
    for (int j = 0; j < whole; j++)
      s[j] += (square(y[j] - x0) + square(y[NEXT + j] - x1)) +
              (square(y[2 * NEXT + j] - x2) + square(y[3 * NEXT + j] - x3));
  }
}

static void products(double *restrict s, const double *restrict x, const ift_block *restrict b) {
  const int whole = b->whole & -IFT_PAIR_LANES;
  for (int j = 0; j < whole; j++) s[j] = x[0] * b->columns[j];
  for (int64_t l = 1; l < b->d; l++) {
    const double *restrict y = b->columns + l * IFT_PAIR_BLOCK;
    for (int j = 0; j < whole; j++) s[j] += x[l] * y[j];
  }
}

static void radial_gradient(double *restrict gradient, const double *restrict slope, const double *restrict x,
                            const ift_block *restrict b) {
  for (int64_t l = 0; l < b->d; l++)
    gradient[l] -= sum_of_differences(slope, b->columns + l * IFT_PAIR_BLOCK, x[l], b->whole);
}

const ift_layout ift_layout_columns = {load, squares, products, radial_gradient};
