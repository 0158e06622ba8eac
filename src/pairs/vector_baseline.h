/* pairs/vector_baseline.h - two lanes on any processor, in what gcc and clang make of vector types. */
#ifndef PAIRS_VECTOR_H
#define PAIRS_VECTOR_H

#include <math.h>

#define ISA
#define SUFFIX baseline
#define LANES  2
#include "pairs/vector.h"

/* a b + c, rounded twice: not every processor can do it in one */
INLINE vector multiply_add(vector a, vector b, vector c) {
  return a * b + c;
}

INLINE vector root(vector v) {
  return (vector){sqrt(v[0]), sqrt(v[1])};
}

/* b where one is no number */
INLINE vector smaller(vector a, vector b) {
  const words less = (words)(a < b);
  return (vector)(((words)a & less) | ((words)b & ~less));
}

/* v, but 0 where a < b */
INLINE vector zero_where_less(vector v, vector a, vector b) {
  return (vector)((words)v & ~(words)(a < b));
}

#endif
