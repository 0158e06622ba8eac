/* pairs/vector_avx2.h - AVX2 with FMA. */
#ifndef PAIRS_VECTOR_H
#define PAIRS_VECTOR_H

#include <immintrin.h>

#define ISA    __attribute__((target("avx2,fma")))
#define SUFFIX avx2
#define LANES  4
#include "pairs/vector.h"

/* a b + c, rounded once */
INLINE vector multiply_add(vector a, vector b, vector c) {
  return _mm256_fmadd_pd(a, b, c);
}

INLINE vector root(vector v) {
  return _mm256_sqrt_pd(v);
}

/* b where one is no number */
INLINE vector smaller(vector a, vector b) {
  return _mm256_min_pd(a, b);
}

/* v, but 0 where a < b */
INLINE vector zero_where_less(vector v, vector a, vector b) {
  return _mm256_andnot_pd(_mm256_cmp_pd(a, b, _CMP_LT_OQ), v);
}

#endif
