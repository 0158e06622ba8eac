/* linalg/factor.h - the Cholesky factor of a symmetric matrix that gains and loses rows: A = LL'. */
#ifndef LINALG_FACTOR_H
#define LINALG_FACTOR_H

#include <stdbool.h>
#include <stdint.h>

#include "base/context.h"

typedef struct ift_factor {
  ift_context *context;
  double *values;   /* row i of L starts at values + i * capacity */
  int64_t capacity; /* rows that there is memory for */
  int64_t size;     /* rows of A at present */
} ift_factor;

/* Memory for up to `capacity` rows; the only function here that allocates. Errors: ARGUMENT (more than BLAS can count),
 * NO_MEMORY. */
ift_status ift_factor_create(ift_context *context, ift_factor *factor, int64_t capacity);
void ift_factor_destroy(ift_factor *factor);

/* Row i of L, i + 1 numbers. Where i >= size it is free memory (within the capacity): A's row goes there before it
 * is appended. */
double *ift_factor_row(const ift_factor *factor, int64_t i);

/* Takes up the next `count` rows of A, written where their rows of L will be. false where the enlarged matrix is not
 * positive definite to working precision: the factor then has the rows it had. */
bool ift_factor_append(ift_factor *factor, int64_t count);

/* Leaves out one row and column of A, or all from `size` on. Both are backward stable. */
void ift_factor_delete(ift_factor *factor, int64_t row);
void ift_factor_truncate(ift_factor *factor, int64_t size);

/* b = L^-1 b and b = L'^-1 b. */
void ift_factor_solve_lower(const ift_factor *factor, double *b);
void ift_factor_solve_upper(const ift_factor *factor, double *b);

#endif
