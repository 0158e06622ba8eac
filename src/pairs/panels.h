/* pairs/panels.h - products of small matrices in registers, for the engines that pack. Included after a vector_*.h.
 * BLAS is not asked: the bits of its products depend on its threads. */
#ifndef PAIRS_PANELS_H
#define PAIRS_PANELS_H

#include "pairs/pairs.h"

#define JOIN_(a, b) a##b
#define JOIN(a, b)  JOIN_(a, b)

/* What stays in registers: GROUP rows of UNITS vectors. Whatever the processor, GROUP divides 12 and UNITS LANES 16. */
#if LANES == 8
enum { GROUP = 12, UNITS = 2 };
#elif LANES == 4
enum { GROUP = 6, UNITS = 2 };
#else
enum { GROUP = 4, UNITS = 2 };
#endif
enum { PANEL = 16 };

/* sum = AB, of `units` vectors a row: A has (r, k) at a[r row + k step], B rows of PANEL. */
INLINE void multiply(vector sum[GROUP][UNITS], const double *a, const int64_t row, const int64_t step, const double *b,
                     int64_t depth, const int units) {
  EACH(r, GROUP) EACH(u, units) sum[r][u] = all(0);
  for (int64_t k = 0; k < depth; k++, a += step, b += PANEL) {
    vector right[UNITS];
    EACH(u, units) right[u] = load(b + u * LANES);
    EACH(r, GROUP) {
      const vector left = all(a[r * row]);
      EACH(u, units) sum[r][u] = multiply_add(left, right[u], sum[r][u]);
    }
  }
}

/* Sums along a row are eight whatever the vectors, number j being in sum j mod 8, so that AVX2 and AVX-512 give the
 * same bits. */
enum { PARTS = IFT_PAIR_LANES / LANES };

INLINE double add_parts(const vector sum[PARTS]) {
  double total = 0;
  EACH(u, PARTS) EACH(a, LANES) total += sum[u][a];
  return total;
}

#endif
