/* Steps of the projected MMD flow by Cholesky factorization of the whole matrix. */
#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "base/sum.h"
#include "flow/projected_system.h"
#include "linalg/linalg.h"

static ift_status create(ift_projected *p, int64_t size) {
  p->gram = ift_alloc2(p->context, size, size, sizeof *p->gram);
  p->factor = ift_alloc2(p->context, size, size, sizeof *p->factor);
  p->residual = ift_alloc_reals(p->context, size);
  return p->gram && p->factor && p->residual ? IFT_OK : IFT_ERR_NO_MEMORY;
}

/* Unit columns; a column of norm 0 gets a diagonal of 1 and counts for nothing. */
static void normalize(ift_projected *p, int64_t size) {
  for (int64_t i = 0; i < size; i++) {
    const double square = p->gram[i * size + i];
    p->norm[i] = square > 0 ? sqrt(square) : 0;
  }
  for (int64_t i = 0; i < size; i++) {
    double *row = p->gram + i * size;
    const double mine = p->norm[i] > 0 ? 1 / p->norm[i] : 0;
    for (int64_t j = 0; j < i; j++) row[j] = p->norm[j] > 0 ? row[j] * mine / p->norm[j] : 0;
    row[i] = 1;
  }
}

static ift_status place(ift_projected *p, const ift_kernel *kernel) {
  const double size = (double)p->count * (double)(p->d + 1);
  p->work += 10 * size * size;
  IFT_TRY(ift_kernel_tangents(kernel, p->gram, p->x, p->count, p->d));
  normalize(p, p->count * (p->d + 1));
  return IFT_OK;
}

/* The matrix with its damping. Rows and columns of weights are left out where those stay. */
static void set_matrix(ift_projected *p, double damping, bool weights) {
  const int64_t stride = p->d + 1, size = p->count * stride;
  const double mean = ift_sum(p->a, p->count) / (double)p->count;
  for (int64_t i = 0; i < size; i++) {
    double *row = p->factor + i * size;
    const bool of_weight = i % stride == 0;
    memcpy(row, p->gram + i * size, (size_t)i * sizeof(double));
    if (!weights)
      for (int64_t j = 0; j < i; j += of_weight ? 1 : stride) row[j] = 0;
    row[i] = 1 + (of_weight ? damping : damping * (mean / p->a[i / stride]));
  }
}

static ift_status solve(ift_projected *p, double damping, bool weights, bool mass_kept, bool *found) {
  const int64_t size = p->count * (p->d + 1);
  const double rows = (double)size;
  p->work += rows * rows * (rows / 24 + 4); /* BLAS gets several multiplications done in the time of one */
  set_matrix(p, damping, weights);
  IFT_TRY(ift_cholesky(p->context, p->factor, size, found));
  if (!*found) return IFT_OK;
  memcpy(p->step, p->right, (size_t)size * sizeof(double));
  IFT_TRY(ift_cholesky_solve(p->context, p->factor, size, p->step, 1));
  if (!mass_kept) return IFT_OK;
  const double gain = ift_dot_compensated(p->step, p->along, size);
  double *way = p->residual; /* back to the mass */
  memcpy(way, p->along, (size_t)size * sizeof(double));
  IFT_TRY(ift_cholesky_solve(p->context, p->factor, size, way, 1));
  const double cost = ift_dot_compensated(way, p->along, size);
  for (int64_t k = 0; cost > 0 && k < size; k++) p->step[k] -= gain / cost * way[k];
  return IFT_OK;
}

const ift_projected_solver ift_projected_direct = {create, place, solve};
