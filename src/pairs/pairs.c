/* Sums over pairs: hands the terms of a kernel to the engines and checks what comes back. */
#include "pairs/pairs.h"

#include <math.h>

static ift_status check_finite(ift_context *context, const ift_pair_term *terms, int parts, const double *values,
                               int64_t count, const char *what) {
  bool custom = false;
  for (int t = 0; t < parts; t++) custom |= terms[t].form == IFT_BLOCK;
  for (int64_t i = 0; i < count; i++)
    if (!isfinite(values[i]))
      return ift_fail(context, IFT_ERR_NOT_FINITE, "%s is %g: %s", what, values[i],
                      custom ? "a custom kernel gave values that are not finite, or too large"
                             : "the coordinates are too large for this kernel");
  return IFT_OK;
}

ift_status ift_pairs_sum(ift_context *context, const ift_pair_term *terms, int count, double *value, double *gradient,
                         const double *x, int64_t n, int64_t d, const double *y, int64_t m, const double *w) {
  ift_pairs_direct(context, terms, count, value, gradient, x, n, d, y, m, w);
  for (int t = 0; t < count; t++)
    if (terms[t].form == IFT_BLOCK) {
      const ift_status status = ift_pairs_block(context, &terms[t], value, gradient, NULL, x, n, d, y, m, w);
      if (status != IFT_OK) return status;
    }
  if (value) IFT_TRY(check_finite(context, terms, count, value, n, "a kernel sum"));
  if (gradient) IFT_TRY(check_finite(context, terms, count, gradient, n * d, "the gradient of a kernel sum"));
  return IFT_OK;
}

static ift_status fill_matrix(ift_context *context, const ift_pair_term *terms, int count, double *matrix,
                              const double *x, int64_t n, int64_t d, const double *y, int64_t m) {
  ift_pairs_direct_matrix(context, terms, count, matrix, x, n, d, y, m);
  for (int t = 0; t < count; t++)
    if (terms[t].form == IFT_BLOCK)
      IFT_TRY(ift_pairs_block(context, &terms[t], NULL, NULL, matrix, x, n, d, y, m, NULL));
  return IFT_OK;
}

ift_status ift_pairs_matrix(ift_context *context, const ift_pair_term *terms, int count, double *matrix,
                            const double *x, int64_t n, int64_t d, const double *y, int64_t m) {
  IFT_TRY(fill_matrix(context, terms, count, matrix, x, n, d, y, m));
  return check_finite(context, terms, count, matrix, n * m, "a kernel value");
}

/* By tiles: a callback wants points in numbers. */
ift_status ift_pairs_diagonal(ift_context *context, const ift_pair_term *terms, int count, double *value,
                              const double *x, int64_t n, int64_t d) {
  enum { TILE = 16 };
  double matrix[TILE * TILE];
  for (int64_t start = 0; start < n; start += TILE) {
    const int64_t rows = n - start < TILE ? n - start : TILE;
    IFT_TRY(fill_matrix(context, terms, count, matrix, x + start * d, rows, d, x + start * d, rows));
    for (int64_t i = 0; i < rows; i++) value[start + i] = matrix[i * rows + i];
  }
  return check_finite(context, terms, count, value, n, "a kernel value");
}
