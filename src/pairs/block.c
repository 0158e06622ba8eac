/* The block engine: a kernel by callback, called on tiles of targets by sources, on the calling thread only. */
#include "base/alloc.h"
#include "base/callback.h"
#include "pairs/pairs.h"

typedef struct tile {
  const double *x, *y;
  int64_t rows, columns, d;
} tile;

static ift_status call(ift_context *context, const ift_pair_term *term, double *values, double *gradients, tile t) {
  const int answer = term->evaluate(values, gradients, t.x, t.rows, t.y, t.columns, t.d, term->user);
  return ift_callback_answer(context, answer, "callback", "custom kernel");
}

static void add_tile(const ift_pair_term *term, double *value, double *gradient, const double *values,
                     const double *gradients, const double *w, tile t) {
  for (int64_t i = 0; i < t.rows; i++) {
    double sum = 0;
    for (int64_t j = 0; j < t.columns; j++) sum += (w ? w[j] : 1) * values[i * t.columns + j];
    if (value) value[i] += term->coefficient * sum;
    if (gradient)
      for (int64_t l = 0; l < t.d; l++) {
        double slope = 0;
        for (int64_t j = 0; j < t.columns; j++) slope += (w ? w[j] : 1) * gradients[(i * t.columns + j) * t.d + l];
        gradient[i * t.d + l] += term->coefficient * slope;
      }
  }
}

ift_status ift_pairs_block(ift_context *context, const ift_pair_term *term, double *value, double *gradient,
                           double *matrix, const double *x, int64_t n, int64_t d, const double *y, int64_t m,
                           const double *w) {
  const int64_t cell = gradient ? d + 1 : 1; /* doubles a pair */
  double *scratch = term->scratch;
  if (cell > IFT_PAIR_SCRATCH && !(scratch = ift_alloc_reals(context, cell))) return IFT_ERR_NO_MEMORY;
  const int64_t pairs = cell > IFT_PAIR_SCRATCH ? 1 : IFT_PAIR_SCRATCH / cell;
  const int64_t columns = m < pairs ? (m ? m : 1) : pairs, rows = pairs / columns;
  ift_status status = IFT_OK;
  for (int64_t i = 0; i < n && status == IFT_OK; i += rows)
    for (int64_t j = 0; j < m && status == IFT_OK; j += columns) {
      const tile t = {x + i * d, y + j * d, n - i < rows ? n - i : rows, m - j < columns ? m - j : columns, d};
      double *gradients = gradient ? scratch + t.rows * t.columns : NULL;
      status = call(context, term, scratch, gradients, t);
      if (status != IFT_OK) break;
      if (!matrix)
        add_tile(term, value ? value + i : NULL, gradient ? gradient + i * d : NULL, scratch, gradients,
                 w ? w + j : NULL, t);
      else
        for (int64_t r = 0; r < t.rows; r++)
          for (int64_t c = 0; c < t.columns; c++)
            matrix[(i + r) * m + j + c] += term->coefficient * scratch[r * t.columns + c];
    }
  if (scratch != term->scratch) ift_free(context, scratch);
  return status;
}
