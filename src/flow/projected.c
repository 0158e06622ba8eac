/* The normal equations of the projected MMD flow, in unknowns y = a_i dx_i |grad k(x_i,.)| and w = da_i |k(x_i,.)|: then
 * J has unit columns that don't depend on the weights, and the damping is lambda (mean a)/a_i and lambda. */
#include "flow/projected.h"

#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "base/sum.h"
#include "linalg/linalg.h"

struct ift_projected {
  ift_context *context;
  int64_t n, d;
  int64_t count;         /* particles of positive weight */
  int64_t *alive;        /* which */
  double *x, *a;         /* theirs */
  double *gram, *factor; /* count (d+1) squared; of unit columns */
  double *norm;          /* of the columns before that; 0: the column is 0, its unknown stays 0 */
  double *right, *along; /* the right-hand side, then the step; and the constraint, then its solution */
  double *origin;        /* the right-hand side, kept */
};

ift_status ift_projected_create(ift_context *context, ift_projected **out, int64_t n, int64_t d) {
  *out = NULL;
  ift_projected *p = ift_alloc(context, 1, sizeof *p);
  if (!p) return IFT_ERR_NO_MEMORY;
  *p = (ift_projected){.context = context, .n = n, .d = d};
  const int64_t size = d < INT32_MAX && n < INT32_MAX / (d + 1) ? n * (d + 1) : INT64_MAX;
  ift_status status = ift_linalg_size(context, size);
  if (status == IFT_OK) {
    p->alive = ift_alloc(context, n, sizeof *p->alive);
    p->x = ift_alloc2(context, n, d, sizeof *p->x);
    p->a = ift_alloc_reals(context, n);
    p->gram = ift_alloc2(context, size, size, sizeof *p->gram);
    p->factor = ift_alloc2(context, size, size, sizeof *p->factor);
    p->norm = ift_alloc2(context, 4, size, sizeof *p->norm);
    if (!p->alive || !p->x || !p->a || !p->gram || !p->factor || !p->norm) status = IFT_ERR_NO_MEMORY;
  }
  if (status != IFT_OK) {
    ift_projected_destroy(p);
    return status;
  }
  p->right = p->norm + size;
  p->along = p->right + size;
  p->origin = p->along + size;
  *out = p;
  return IFT_OK;
}

void ift_projected_destroy(ift_projected *p) {
  if (!p) return;
  ift_free(p->context, p->alive);
  ift_free(p->context, p->x);
  ift_free(p->context, p->a);
  ift_free(p->context, p->gram);
  ift_free(p->context, p->factor);
  ift_free(p->context, p->norm);
  ift_free(p->context, p);
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

ift_status ift_projected_place(ift_projected *p, const ift_kernel *kernel, const double *x, const double *a) {
  const int64_t d = p->d;
  p->count = 0;
  for (int64_t i = 0; i < p->n; i++) {
    if (!(a[i] > 0)) continue;
    memcpy(p->x + p->count * d, x + i * d, (size_t)d * sizeof *x);
    p->a[p->count] = a[i];
    p->alive[p->count++] = i;
  }
  IFT_TRY(ift_kernel_tangents(kernel, p->gram, p->x, p->count, d));
  normalize(p, p->count * (d + 1));
  return IFT_OK;
}

static double over(double value, double norm) {
  return norm > 0 ? value / norm : 0;
}

/* The right-hand side and the direction along which the mass changes. Where weights stay their rows are left out: the
 * matrix has 1 on the diagonal there. */
static void set_right(ift_projected *p, const double *g, const double *v, bool weights) {
  const int64_t d = p->d, stride = d + 1;
  for (int64_t k = 0; k < p->count; k++) {
    const int64_t i = p->alive[k];
    double *right = p->right + k * stride, *along = p->along + k * stride;
    const double *norm = p->norm + k * stride;
    right[0] = weights ? -over(g[i], norm[0]) : 0;
    along[0] = over(1, norm[0]);
    for (int64_t l = 0; l < d; l++) {
      right[l + 1] = -over(v[i * d + l], norm[l + 1]);
      along[l + 1] = 0;
    }
  }
  memcpy(p->origin, p->right, (size_t)(p->count * stride) * sizeof(double));
}

static double damping_of(const ift_projected *p, int64_t row, double damping, double mean) {
  return row % (p->d + 1) == 0 ? damping : damping * (mean / p->a[row / (p->d + 1)]);
}

static void set_matrix(ift_projected *p, double damping, double mean, bool weights) {
  const int64_t stride = p->d + 1, size = p->count * stride;
  for (int64_t i = 0; i < size; i++) {
    double *row = p->factor + i * size;
    const bool left_out = !weights && i % stride == 0;
    memcpy(row, p->gram + i * size, (size_t)i * sizeof(double));
    if (!weights)
      for (int64_t j = 0; j < i; j += left_out ? 1 : stride) row[j] = 0;
    row[i] = 1 + damping_of(p, i, damping, mean);
  }
}

ift_status ift_projected_step(ift_projected *p, double *dx, double *da, double *predicted, bool *found, const double *g,
                              const double *v, double damping, bool mass_kept) {
  const int64_t d = p->d, stride = d + 1, size = p->count * stride;
  const double mean = ift_sum(p->a, p->count) / (double)p->count;
  set_right(p, g, v, da != NULL);
  set_matrix(p, damping, mean, da != NULL);
  IFT_TRY(ift_cholesky(p->context, p->factor, size, found));
  if (!*found) return IFT_OK;
  IFT_TRY(ift_cholesky_solve(p->context, p->factor, size, p->right, 1));
  if (da && mass_kept) {
    double gain = 0, cost = 0;
    for (int64_t k = 0; k < size; k += stride) gain += p->right[k] * over(1, p->norm[k]);
    IFT_TRY(ift_cholesky_solve(p->context, p->factor, size, p->along, 1));
    for (int64_t k = 0; k < size; k += stride) cost += p->along[k] * over(1, p->norm[k]);
    for (int64_t k = 0; cost > 0 && k < size; k++) p->right[k] -= gain / cost * p->along[k];
  }
  /* F + b's - 1/2 s'J'Js with (J'J + D)s = b up to the constraint, along which s does not go */
  double model = 0;
  for (int64_t k = 0; k < size; k++)
    model += p->right[k] * (p->origin[k] + damping_of(p, k, damping, mean) * p->right[k]);
  *predicted = model / 2;
  memset(dx, 0, (size_t)(p->n * d) * sizeof *dx);
  if (da) memset(da, 0, (size_t)p->n * sizeof *da);
  for (int64_t k = 0; k < p->count; k++) {
    const double *step = p->right + k * stride, *norm = p->norm + k * stride;
    if (da) da[p->alive[k]] = over(step[0], norm[0]);
    for (int64_t l = 0; l < d; l++) dx[p->alive[k] * d + l] = over(step[l + 1], norm[l + 1]) / p->a[k];
  }
  return IFT_OK;
}
