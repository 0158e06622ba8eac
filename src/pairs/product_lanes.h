/* pairs/product_lanes.h - products of matrices with one row for each pair of points, for a group of points, on vectors of
 * LANES numbers. products.c includes this once for each set of instructions: SUFFIX for its names, TARGET for the
 * compiler.
 *
 * The points of the group lie along the vectors, two vectors at a time, and each sum runs over all other points one after
 * the other: whatever the vectors, the bits are the same. */

#define JOIN(a, b)     a##b
#define NAME(a, b)     JOIN(a, b)
#define vector         NAME(vector, SUFFIX)
#define add_turns      NAME(add_turns, SUFFIX)
#define add_rows       NAME(add_rows, SUFFIX)
#define add_all_rows   NAME(add_all_rows, SUFFIX)
#define multiply_pair  NAME(multiply_pair, SUFFIX)
#define multiply_group NAME(multiply_group, SUFFIX)
#define of(pointer)    (*(const vector *)(pointer))
#define set(pointer)   (*(vector *)(pointer))

#if LANES > 1
typedef double vector __attribute__((vector_size(8 * LANES), aligned(8), may_alias));
#else
typedef double vector;
#endif

/* turn_j = bend_j along_j + slope_j u_0j, along_j = (x - x_j)'u_j, for points j from `start` on, and their sum; with it
 * goes what they add to row 0. Four points at a time. */
INLINE TARGET void add_turns(const product *p, double *turn, double *sum, int64_t i, int64_t start, int64_t end) {
  const int64_t n = p->stride, d = p->rows - 1;
  const double *here = p->x + i;
  double *out = p->out + i;
  vector out0 = of(out), out1 = of(out + LANES), sum0 = of(sum), sum1 = of(sum + LANES);
  for (int64_t j = start; j < end; j += 4) {
    const double *x = p->x + j, *u = p->u + n + j;
    double own[4] = {0};
    vector along0[4], along1[4];
    for (int64_t l = 0; l < d; l++) UNROLL for (int c = 0; c < 4; c++) own[c] += x[l * n + c] * u[l * n + c];
    UNROLL for (int c = 0; c < 4; c++) along0[c] = along1[c] = (vector){0} - own[c];
    for (int64_t l = 0; l < d; l++) {
      const vector x0 = of(here + l * n), x1 = of(here + l * n + LANES);
      UNROLL for (int c = 0; c < 4; c++) along0[c] += x0 * u[l * n + c], along1[c] += x1 * u[l * n + c];
    }
    UNROLL for (int c = 0; c < 4; c++) {
      const int64_t at = (j + c) * n + i;
      const double w = p->u[j + c], *value = p->first + at, *slope = p->rest + at, *bend = p->bend + at;
      const vector turn0 = of(bend) * along0[c] + of(slope) * w;
      const vector turn1 = of(bend + LANES) * along1[c] + of(slope + LANES) * w;
      out0 += of(value) * w + of(slope) * along0[c];
      out1 += of(value + LANES) * w + of(slope + LANES) * along1[c];
      sum0 += turn0, sum1 += turn1;
      set(turn) = turn0, set(turn + LANES) = turn1;
      turn += 2 * LANES;
    }
  }
  set(out) = out0, set(out + LANES) = out1;
  set(sum) = sum0, set(sum + LANES) = sum1;
}

/* out_r += sum_j a_j u_rj + turn_j x_rj over `count` points j, for at most four rows r; without `turn` the first part. */
INLINE TARGET void add_rows(const int rows, double *out, int64_t n, const double *a, const double *u,
                            const double *turn, const double *x, int64_t count) {
  vector out0[4], out1[4];
  UNROLL for (int r = 0; r < rows; r++) out0[r] = of(out + r * n), out1[r] = of(out + r * n + LANES);
  for (int64_t j = 0; j < count; j++) {
    const vector a0 = of(a + j * n), a1 = of(a + j * n + LANES);
    UNROLL for (int r = 0; r < rows; r++) out0[r] += a0 * u[r * n + j], out1[r] += a1 * u[r * n + j];
    if (!turn) continue;
    const vector turn0 = of(turn + 2 * j * LANES), turn1 = of(turn + (2 * j + 1) * LANES);
    UNROLL for (int r = 0; r < rows; r++) out0[r] += turn0 * x[r * n + j], out1[r] += turn1 * x[r * n + j];
  }
  UNROLL for (int r = 0; r < rows; r++) set(out + r * n) = out0[r], set(out + r * n + LANES) = out1[r];
}

/* The same for any number of rows. */
INLINE TARGET void add_all_rows(int64_t rows, double *out, int64_t n, const double *a, const double *u,
                                const double *turn, const double *x, int64_t count) {
  for (; rows >= 4; rows -= 4, out += 4 * n, u += 4 * n, x += turn ? 4 * n : 0)
    add_rows(4, out, n, a, u, turn, x, count);
  if (rows == 3) add_rows(3, out, n, a, u, turn, x, count);
  if (rows == 2) add_rows(2, out, n, a, u, turn, x, count);
  if (rows == 1) add_rows(1, out, n, a, u, turn, x, count);
}

/* All rows of the product for the points of two vectors, from i on. */
INLINE TARGET void multiply_pair(const product *p, int64_t i) {
  const int64_t n = p->stride;
  double turn[2 * LANES * BLOCK], sum[2 * LANES] = {0}, *out = p->out + i;
  for (int64_t r = 0; r < p->rows; r++) memset(out + r * n, 0, 2 * LANES * sizeof(double));
  for (int64_t start = 0; start < p->count; start += BLOCK) {
    const int64_t count = p->count - start < BLOCK ? p->count - start : BLOCK, at = start * n + i;
    const double *u = p->u + start;
    if (p->bend)
      add_turns(p, turn, sum, i, start, start + count);
    else if (p->first)
      add_rows(1, out, n, p->first + at, u, NULL, NULL, count);
    if (p->bend)
      add_all_rows(p->rows - 1, out + n, n, p->rest + at, u + n, turn, p->x + start, count);
    else
      add_all_rows(p->rows - 1, out + n, n, p->rest + at, u + n, NULL, NULL, count);
  }
  for (int64_t r = 1; p->bend && r < p->rows; r++) {
    const double *x = p->x + (r - 1) * n + i;
    set(out + r * n) -= of(sum) * of(x);
    set(out + r * n + LANES) -= of(sum + LANES) * of(x + LANES);
  }
}

TARGET static void multiply_group(const product *p, int64_t start) {
  for (int64_t i = start; i < start + IFT_PAIR_GROUP; i += 2 * LANES) multiply_pair(p, i);
}

#undef JOIN
#undef NAME
#undef vector
#undef add_turns
#undef add_rows
#undef add_all_rows
#undef multiply_pair
#undef multiply_group
#undef of
#undef set
#undef LANES
#undef SUFFIX
#undef TARGET
