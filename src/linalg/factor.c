/* Rows appended by forward substitution, deleted by Givens rotations (Golub and Van Loan 2013, section 6.5). */
#include "linalg/factor.h"

#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "linalg/blas.h"
#include "linalg/linalg.h"

ift_status ift_factor_create(ift_context *context, ift_factor *factor, int64_t capacity) {
  *factor = (ift_factor){.context = context, .capacity = capacity};
  IFT_TRY(ift_linalg_size(context, capacity));
  /* two more rows for the rotations of a deletion */
  factor->values = ift_alloc2(context, capacity + 2, capacity, sizeof *factor->values);
  return factor->values ? IFT_OK : IFT_ERR_NO_MEMORY;
}

void ift_factor_destroy(ift_factor *factor) {
  ift_free(factor->context, factor->values);
  factor->values = NULL;
}

double *ift_factor_row(const ift_factor *factor, int64_t i) {
  return factor->values + i * factor->capacity;
}

/* [A B'; B C] = [L; X M] [L; X M]' with X = B L'^-1 and MM' = C - XX'. */
bool ift_factor_append(ift_factor *factor, int64_t count) {
  const int64_t size = factor->size, stride = factor->capacity;
  double *x = ift_factor_row(factor, size), *corner = x + size;
  if (count == 1 && size > 0)
    ift_blas_solve(factor->values, size, stride, false, x);
  else
    ift_blas_solve_rows(factor->values, size, false, x, count, stride);
  if (count == 1) {
    double pivot = corner[0];
    for (int64_t j = 0; j < size; j++) pivot -= x[j] * x[j];
    if (!(pivot > 0)) return false;
    corner[0] = sqrt(pivot);
  } else {
    ift_blas_subtract_square(corner, count, x, size, stride);
    if (!ift_blas_cholesky(corner, count, stride)) return false;
  }
  factor->size += count;
  return true;
}

/* Without its row, L has one entry too many in each row below: [L_i,row .. L_ii] has to end at the diagonal of a row
 * that moves up. Rotations of the first with each later one clear it. Row by row, with the rotations of earlier rows
 * kept. */
void ift_factor_delete(ift_factor *factor, int64_t row) {
  double *cosine = factor->values + factor->capacity * factor->capacity, *sine = cosine + factor->capacity;
  for (int64_t i = row + 1; i < factor->size; i++) {
    const double *from = ift_factor_row(factor, i);
    double *to = ift_factor_row(factor, i - 1), carry = from[row];
    memcpy(to, from, (size_t)row * sizeof *to);
    for (int64_t k = row + 1; k < i; k++) {
      to[k - 1] = cosine[k] * from[k] + sine[k] * carry;
      carry = cosine[k] * carry - sine[k] * from[k];
    }
    const double diagonal = hypot(from[i], carry);
    cosine[i] = from[i] / diagonal;
    sine[i] = carry / diagonal;
    to[i - 1] = diagonal;
  }
  factor->size--;
}

void ift_factor_truncate(ift_factor *factor, int64_t size) {
  factor->size = size;
}

void ift_factor_solve_lower(const ift_factor *factor, double *b) {
  if (factor->size > 0) ift_blas_solve(factor->values, factor->size, factor->capacity, false, b);
}

void ift_factor_solve_upper(const ift_factor *factor, double *b) {
  if (factor->size > 0) ift_blas_solve(factor->values, factor->size, factor->capacity, true, b);
}
