/* pairs/vector_avx512.h - AVX-512, foundation only. */
#ifndef PAIRS_VECTOR_H
#define PAIRS_VECTOR_H

#include <immintrin.h>

#define ISA    __attribute__((target("avx512f")))
#define SUFFIX avx512
#define LANES  8
#include "pairs/vector.h"

/* a b + c, rounded once */
INLINE vector multiply_add(vector a, vector b, vector c) {
  return _mm512_fmadd_pd(a, b, c);
}

INLINE vector root(vector v) {
  return _mm512_sqrt_pd(v);
}

/* b where one is no number */
INLINE vector smaller(vector a, vector b) {
  return _mm512_min_pd(a, b);
}

/* v, but 0 where a < b */
INLINE vector zero_where_less(vector v, vector a, vector b) {
  return _mm512_maskz_mov_pd(_mm512_cmp_pd_mask(a, b, _CMP_NLT_UQ), v);
}

#endif
