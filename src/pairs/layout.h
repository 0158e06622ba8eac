/* pairs/layout.h - the geometry of one target against a block of sources: squared distances, dot products, and what
 * becomes of the slopes. */
#ifndef PAIRS_LAYOUT_H
#define PAIRS_LAYOUT_H

#include <stdint.h>

#include "pairs/pairs.h"

enum { IFT_NARROW = 32 }; /* dimensions up to which sources are stored by columns */

/* Up to IFT_PAIR_BLOCK sources. Numbers of a block are computed in groups of IFT_PAIR_LANES; the last group is filled
 * up with copies of the last source. */
typedef struct ift_block {
  _Alignas(
      64) double columns[IFT_NARROW * IFT_PAIR_BLOCK]; /* coordinate l of source j is columns[l IFT_PAIR_BLOCK + j] */
  const double *y;                                     /* row-major */
  int64_t d;
  int count, whole; /* sources; the same with copies */
} ift_block;

typedef struct ift_layout {
  void (*load)(ift_block *b);                                       /* once y, d, count and whole are there */
  void (*squares)(double *s, const double *x, const ift_block *b);  /* s[j] = |x - y_j|^2 */
  void (*products)(double *s, const double *x, const ift_block *b); /* s[j] = x'y_j */
  /* gradient += sum_j slope_j (x - y_j) */
  void (*radial_gradient)(double *gradient, const double *slope, const double *x, const ift_block *b);
} ift_layout;

/* The sources from `start` on, up to `end` or as many as a block holds, of those at y. */
void ift_block_load(ift_block *b, const ift_layout *layout, const double *y, int64_t d, int64_t start, int64_t end);

extern const ift_layout ift_layout_columns; /* vectors along the sources: d <= IFT_NARROW */
extern const ift_layout ift_layout_rows;    /* vectors along the coordinates */

#endif
