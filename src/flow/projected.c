/* A step of the projected MMD flow: unknowns there and back. */
#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "base/sum.h"
#include "flow/projected_system.h"
#include "linalg/linalg.h"

static ift_status allocate(ift_projected *p, int64_t size) {
  ift_context *context = p->context;
  p->alive = ift_alloc(context, p->n, sizeof *p->alive);
  p->x = ift_alloc2(context, p->n, p->d, sizeof *p->x);
  p->a = ift_alloc_reals(context, p->n);
  p->norm = ift_alloc_reals(context, size);
  p->right = ift_alloc_reals(context, size);
  p->step = ift_alloc_reals(context, size);
  p->along = ift_alloc_reals(context, size);
  if (!p->alive || !p->x || !p->a || !p->norm || !p->right || !p->step || !p->along) return IFT_ERR_NO_MEMORY;
  return p->solver->create(p, size);
}

ift_status ift_projected_create(ift_context *context, ift_projected **out, int64_t n, int64_t d, bool direct) {
  *out = NULL;
  ift_projected *p = ift_alloc(context, 1, sizeof *p);
  if (!p) return IFT_ERR_NO_MEMORY;
  *p = (ift_projected){.context = context, .n = n, .d = d};
  p->solver = direct ? &ift_projected_direct : &ift_projected_iterative;
  const int64_t size = d < INT32_MAX && n < INT32_MAX / (d + 1) ? n * (d + 1) : INT64_MAX;
  ift_status status = ift_linalg_size(context, size);
  if (status == IFT_OK) status = allocate(p, size);
  if (status == IFT_OK)
    *out = p;
  else
    ift_projected_destroy(p);
  return status;
}

void ift_projected_destroy(ift_projected *p) {
  if (!p) return;
  double *const reals[] = {
      p->x,         p->a,       p->norm,           p->right,    p->step,       p->along,        p->gram,
      p->factor,    p->value,   p->slope,          p->bend,     p->of_weights, p->of_positions, p->residual,
      p->direction, p->product, p->preconditioned, p->solution, p->constraint, p->scaled};
  for (size_t k = 0; k < sizeof reals / sizeof *reals; k++) ift_free(p->context, reals[k]);
  ift_free(p->context, p->alive);
  ift_free(p->context, p);
}

double ift_projected_work(const ift_projected *projected) {
  return projected->work;
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
  return p->solver->place(p, kernel);
}

static double over(double value, double norm) {
  return norm > 0 ? value / norm : 0;
}

static void set_right(ift_projected *p, const double *g, const double *v, bool weights) {
  const int64_t d = p->d, stride = d + 1;
  for (int64_t k = 0; k < p->count; k++) {
    const int64_t i = p->alive[k];
    double *right = p->right + k * stride, *along = p->along + k * stride;
    const double *norm = p->norm + k * stride;
    right[0] = weights ? -over(g[i], norm[0]) : 0;
    along[0] = weights ? over(1, norm[0]) : 0;
    for (int64_t l = 0; l < d; l++) {
      right[l + 1] = -over(v[i * d + l], norm[l + 1]);
      along[l + 1] = 0;
    }
  }
}

static void hand_out(const ift_projected *p, double *dx, double *da, double length) {
  const int64_t d = p->d, stride = d + 1;
  memset(dx, 0, (size_t)(p->n * d) * sizeof *dx);
  if (da) memset(da, 0, (size_t)p->n * sizeof *da);
  for (int64_t k = 0; k < p->count; k++) {
    const double *step = p->step + k * stride, *norm = p->norm + k * stride;
    if (da) da[p->alive[k]] = length * over(step[0], norm[0]);
    for (int64_t l = 0; l < d; l++) dx[p->alive[k] * d + l] = length * over(step[l + 1], norm[l + 1]) / p->a[k];
  }
}

/* The model is F - h b's + 1/2 h^2 s'J'Js for length h, and s solves (J'J + D)s = b along the constraint, to which s
 * belongs, or is a Galerkin solution of that: s'J'Js = b's - s'Ds. */
ift_status ift_projected_step(ift_projected *p, double *dx, double *da, double *predicted, bool *found, const double *g,
                              const double *v, double damping, double length, bool mass_kept) {
  const int64_t stride = p->d + 1, size = p->count * stride;
  set_right(p, g, v, da != NULL);
  IFT_TRY(p->solver->solve(p, damping, da != NULL, da && mass_kept, found));
  if (!*found) return IFT_OK;
  const double mean = ift_sum(p->a, p->count) / (double)p->count;
  double model = 0;
  for (int64_t k = 0; k < size; k++) {
    const double added = k % stride == 0 ? damping : damping * (mean / p->a[k / stride]);
    model += p->step[k] * ((2 - length) * p->right[k] + length * added * p->step[k]);
  }
  *predicted = length * model / 2;
  hand_out(p, dx, da, length);
  return IFT_OK;
}
