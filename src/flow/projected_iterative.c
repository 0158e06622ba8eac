/* Steps of the projected MMD flow by conjugate gradients, preconditioned with the blocks of weights and of positions, the
 * latter without the bend z z' that makes coordinates depend on each other: both have the size of a Gram matrix. Mass is
 * kept by projection (Gould, Hribar and Nocedal 2001). */
#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "base/sum.h"
#include "flow/projected_system.h"
#include "linalg/linalg.h"

/* A step is found to this fraction of the right-hand side, or after so many products. */
static const double ROUGHLY = 0.01;
enum { PRODUCTS = 60 };

static ift_status create(ift_projected *p, int64_t size) {
  double **const matrices[] = {&p->value, &p->slope, &p->bend, &p->of_weights, &p->of_positions};
  double **const vectors[] = {&p->residual, &p->direction, &p->product, &p->preconditioned, &p->constraint};
  for (int k = 0; k < 5; k++) {
    *matrices[k] = ift_alloc2(p->context, p->n, p->n, sizeof(double));
    *vectors[k] = ift_alloc_reals(p->context, size);
    if (!*matrices[k] || !*vectors[k]) return IFT_ERR_NO_MEMORY;
  }
  p->column = ift_alloc_reals(p->context, p->n);
  return p->column ? IFT_OK : IFT_ERR_NO_MEMORY;
}

static ift_status place(ift_projected *p, const ift_kernel *kernel) {
  const int64_t n = p->count, stride = p->d + 1;
  double size, bent; /* k and minus its second derivative at x = y */
  p->work += (double)n * (double)n * (40 + 2 * (double)p->d);
  IFT_TRY(ift_kernel_profiles(kernel, p->value, p->slope, p->bend, &size, &bent, p->x, n, p->d));
  const double unit = sqrt(bent / size);
  for (int64_t k = 0; k < n * stride; k++) p->norm[k] = sqrt(k % stride == 0 ? size : bent);
  for (int64_t k = 0; k < n * p->d; k++) p->x[k] *= unit;
  return IFT_OK;
}

/* The factors of the preconditioner. */
static ift_status factorize(ift_projected *p, double damping, bool *found) {
  const int64_t n = p->count;
  p->work += (double)n * (double)n * ((double)n / 12 + 4);
  memcpy(p->of_weights, p->value, (size_t)(n * n) * sizeof(double));
  memcpy(p->of_positions, p->slope, (size_t)(n * n) * sizeof(double));
  for (int64_t i = 0; i < n; i++) {
    p->of_weights[i * n + i] += damping;
    p->of_positions[i * n + i] += ift_projected_damping(p, i * (p->d + 1) + 1, damping);
  }
  IFT_TRY(ift_cholesky(p->context, p->of_weights, n, found));
  return *found ? ift_cholesky(p->context, p->of_positions, n, found) : IFT_OK;
}

/* to = P^-1 from, by coordinates. */
static ift_status precondition(ift_projected *p, double *to, const double *from, bool weights) {
  const int64_t n = p->count, stride = p->d + 1;
  p->work += (double)(n * n) * (double)stride;
  for (int64_t l = 0; l < stride; l++) {
    for (int64_t i = 0; i < n; i++) p->column[i] = from[i * stride + l];
    if (l > 0 || weights)
      IFT_TRY(ift_cholesky_solve(p->context, l == 0 ? p->of_weights : p->of_positions, n, p->column, 1));
    for (int64_t i = 0; i < n; i++) to[i * stride + l] = p->column[i];
  }
  return IFT_OK;
}

/* The same, and then back to where the mass does not change. */
static ift_status project(ift_projected *p, bool weights, bool mass_kept, double cost) {
  const int64_t size = p->count * (p->d + 1);
  IFT_TRY(precondition(p, p->preconditioned, p->residual, weights));
  if (!mass_kept || !(cost > 0)) return IFT_OK;
  const double gain = ift_dot_compensated(p->preconditioned, p->along, size);
  for (int64_t k = 0; k < size; k++) p->preconditioned[k] -= gain / cost * p->constraint[k];
  return IFT_OK;
}

/* product = (J'J + D) direction */
static void multiply(ift_projected *p, double damping, bool weights) {
  const int64_t n = p->count, stride = p->d + 1;
  const double mean = ift_sum(p->a, n) / (double)n;
  p->work += (double)(n * n) * (4 * (double)p->d + 6);
  ift_pairs_tangent_product(p->context, p->product, p->value, p->slope, p->bend, p->x, n, p->d, p->direction);
  for (int64_t k = 0; k < n * stride; k++) {
    const bool of_weight = k % stride == 0;
    p->product[k] += (of_weight ? damping : damping * (mean / p->a[k / stride])) * p->direction[k];
    if (of_weight && !weights) p->product[k] = 0;
  }
}

static ift_status solve(ift_projected *p, double damping, bool weights, bool mass_kept, bool *found) {
  const int64_t size = p->count * (p->d + 1);
  const size_t bytes = (size_t)size * sizeof(double);
  double cost = 0;
  IFT_TRY(factorize(p, damping, found));
  if (!*found) return IFT_OK;
  if (mass_kept) {
    IFT_TRY(precondition(p, p->constraint, p->along, weights));
    cost = ift_dot_compensated(p->constraint, p->along, size);
  }
  memset(p->step, 0, bytes);
  memcpy(p->residual, p->right, bytes);
  IFT_TRY(project(p, weights, mass_kept, cost));
  memcpy(p->direction, p->preconditioned, bytes);
  double before = ift_dot_compensated(p->residual, p->preconditioned, size);
  const double enough = ROUGHLY * ROUGHLY * before;
  for (int k = 0; k < PRODUCTS && before > enough; k++) {
    multiply(p, damping, weights);
    const double curve = ift_dot_compensated(p->direction, p->product, size);
    if (!(curve > 0)) break;
    for (int64_t i = 0; i < size; i++) {
      p->step[i] += before / curve * p->direction[i];
      p->residual[i] -= before / curve * p->product[i];
    }
    IFT_TRY(project(p, weights, mass_kept, cost));
    const double after = ift_dot_compensated(p->residual, p->preconditioned, size);
    for (int64_t i = 0; i < size; i++) p->direction[i] = p->preconditioned[i] + after / before * p->direction[i];
    before = after;
  }
  return IFT_OK;
}

const ift_projected_solver ift_projected_iterative = {create, place, solve};
