/* Products with matrices of one row and one column a point: with the Gram matrix of kernel functions and their derivatives,
 * from the profiles of a radial kernel, and with a preconditioner of it. */
#include <string.h>

#include "base/pool.h"
#include "pairs/pairs.h"

enum {
  BLOCK = 64,
  TASK = 400000
}; /* points whose turns are kept at a time; multiplications that are worth a task of the pool */

typedef struct product {
  double *out; /* rows by stride, like u */
  /* Matrices: of row 0, of the others, and what makes turns (product_lanes.h); x goes with these. NULL: there is none. */
  const double *first, *rest, *bend, *x, *u;
  int64_t count, stride, rows; /* count: the points, filled up to fours */
} product;

#if defined(__GNUC__)
#define INLINE static inline __attribute__((always_inline))
#define UNROLL _Pragma("GCC unroll 4")
#else
#define INLINE static inline
#define UNROLL
#endif

#if IFT_X86
#define LANES  8
#define SUFFIX _avx512
#define TARGET __attribute__((target("avx512f")))
#include "pairs/product_lanes.h"
#define LANES  4
#define SUFFIX _avx2
#define TARGET __attribute__((target("avx2")))
#include "pairs/product_lanes.h"
#endif
#if defined(__GNUC__)
#define LANES 2
#else
#define LANES 1
#endif
#define SUFFIX _any
#define TARGET
#include "pairs/product_lanes.h"

typedef void group_function(const product *p, int64_t start);

static group_function *const functions[IFT_ISAS] = {
    [IFT_ISA_BASELINE] = multiply_group_any,
#if IFT_X86
    [IFT_ISA_AVX2] = multiply_group_avx2,
    [IFT_ISA_AVX512] = multiply_group_avx512,
#endif
};

typedef struct pass {
  product product;
  group_function *multiply;
  int64_t groups; /* a task */
} pass;

static void run_groups(int64_t task, void *user) {
  const pass *p = user;
  const int64_t first = task * p->groups * IFT_PAIR_GROUP, left = p->product.stride - first,
                end = first + (left < p->groups * IFT_PAIR_GROUP ? left : p->groups * IFT_PAIR_GROUP);
  for (int64_t i = first; i < end; i += IFT_PAIR_GROUP) p->multiply(&p->product, i);
}

static void run(ift_context *context, const product *wanted) {
  const int64_t stride = wanted->stride, passes = wanted->bend ? 3 : 1;
  pass p = {*wanted, functions[context->isa], 1 + TASK / (IFT_PAIR_GROUP * stride * wanted->rows * passes)};
  const int64_t rows = p.groups * IFT_PAIR_GROUP;
  ift_pool_run(context, (stride + rows - 1) / rows, run_groups, &p);
}

void ift_pairs_tangent_product(ift_context *context, double *out, const double *value, const double *slope,
                               const double *bend, const double *x, int64_t n, int64_t d, const double *u) {
  const product p = {out, value, slope, bend, x, u, (n + 3) / 4 * 4, ift_pairs_stride(n), d + 1};
  run(context, &p);
}

void ift_pairs_product(ift_context *context, double *out, const double *first, const double *rest, int64_t n, int64_t d,
                       const double *u) {
  const product p = {out, first, rest, NULL, NULL, u, (n + 3) / 4 * 4, ift_pairs_stride(n), d + 1};
  run(context, &p);
}
