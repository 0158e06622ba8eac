/* Sums over pairs: hands the terms of a kernel to the engines and checks what comes back. */
#include "pairs/pairs.h"

#include "base/extremes.h"
#include "pairs/engines.h"

static ift_status check_finite(ift_context *context, const ift_pair_term *terms, int parts, const double *values,
                               int64_t count, const char *what) {
  const int64_t i = ift_not_finite(values, count);
  bool custom = false;
  for (int t = 0; t < parts; t++) custom |= terms[t].form == IFT_BLOCK;
  if (i == count) return IFT_OK;
  return ift_fail(context, IFT_ERR_NOT_FINITE, "%s is %g: %s", what, values[i],
                  custom ? "a custom kernel gave values that are not finite, or too large"
                         : "the coordinates are too large for this kernel");
}

/* What callbacks add to sums or values that are there. */
static ift_status add_blocks(ift_context *context, const ift_pair_problem *p) {
  for (int t = 0; t < p->count; t++)
    if (p->terms[t].form == IFT_BLOCK)
      IFT_TRY(
          ift_pairs_block(context, &p->terms[t], p->value, p->gradient, p->matrix, p->x, p->n, p->d, p->y, p->m, p->w));
  return IFT_OK;
}

ift_status ift_pairs_sum(ift_context *context, const ift_pair_term *terms, int count, double *value, double *gradient,
                         const double *x, int64_t n, int64_t d, const double *y, int64_t m, const double *w) {
  const ift_pair_problem problem = {.terms = terms,
                                    .count = count,
                                    .value = value,
                                    .gradient = gradient,
                                    .x = x,
                                    .y = y,
                                    .w = w,
                                    .n = n,
                                    .d = d,
                                    .m = m};
  IFT_TRY(ift_pairs_run(context, &problem));
  IFT_TRY(add_blocks(context, &problem));
  IFT_TRY(check_finite(context, terms, count, value, n, "a kernel sum"));
  return check_finite(context, terms, count, gradient, n * d, "the gradient of a kernel sum");
}

ift_status ift_pairs_matrix(ift_context *context, const ift_pair_term *terms, int count, double *matrix,
                            const double *x, int64_t n, int64_t d, const double *y, int64_t m) {
  const ift_pair_problem problem = {
      .terms = terms, .count = count, .matrix = matrix, .x = x, .y = y, .n = n, .d = d, .m = m};
  IFT_TRY(ift_pairs_run(context, &problem));
  IFT_TRY(add_blocks(context, &problem));
  return check_finite(context, terms, count, matrix, n * m, "a kernel value");
}

/* By tiles: a callback wants points in numbers. */
ift_status ift_pairs_diagonal(ift_context *context, const ift_pair_term *terms, int count, double *value,
                              const double *x, int64_t n, int64_t d) {
  enum { TILE = 16 };
  double matrix[TILE * TILE];
  for (int64_t start = 0; start < n; start += TILE) {
    const int64_t rows = n - start < TILE ? n - start : TILE;
    const double *at = x + start * d;
    const ift_pair_problem tile = {
        .terms = terms, .count = count, .matrix = matrix, .x = at, .y = at, .n = rows, .d = d, .m = rows};
    ift_pairs_direct(context, &tile);
    IFT_TRY(add_blocks(context, &tile));
    for (int64_t i = 0; i < rows; i++) value[start + i] = matrix[i * rows + i];
  }
  return check_finite(context, terms, count, value, n, "a kernel value");
}
