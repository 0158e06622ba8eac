/* Steps of the projected MMD flow by conjugate gradients, preconditioned with the blocks of weights and of positions, the
 * latter without the bend z z' that makes coordinates depend on each other: both have the size of a Gram matrix. Mass is
 * kept by projection (Gould, Hribar and Nocedal 2001). */
#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "base/sum.h"
#include "flow/projected_system.h"
#include "linalg/linalg.h"
#include "pairs/lanes.h"

/* A step is found to this fraction of the right-hand side, or after so many products. */
static const double ROUGHLY = 0.01;
enum { PRODUCTS = 100 };

/* Blocks of the preconditioner are this much away from singular. */
static const double REGULAR = 1e-11;

static ift_status create(ift_projected *p, int64_t size) {
  double **const matrices[] = {&p->value, &p->slope, &p->bend, &p->of_weights, &p->of_positions};
  double **const vectors[] = {&p->residual, &p->direction,  &p->product, &p->preconditioned,
                              &p->solution, &p->constraint, &p->scaled};
  const int64_t stride = ift_pairs_stride(p->n);
  (void)size;
  for (int k = 0; k < 5; k++)
    if (!(*matrices[k] = ift_alloc2(p->context, stride, stride, sizeof(double)))) return IFT_ERR_NO_MEMORY;
  for (int k = 0; k < 7; k++)
    if (!(*vectors[k] = ift_alloc2(p->context, stride, p->d + 1, sizeof(double)))) return IFT_ERR_NO_MEMORY;
  return IFT_OK;
}

/* Points around their mean, in units in which second derivatives are 1. */
static void scale_points(ift_projected *p, double unit) {
  const int64_t n = p->count, d = p->d, stride = ift_pairs_stride(n);
  memset(p->scaled, 0, (size_t)(stride * d) * sizeof(double));
  for (int64_t l = 0; l < d; l++) {
    double mean = 0;
    for (int64_t i = 0; i < n; i++) mean += p->x[i * d + l] / (double)n;
    for (int64_t i = 0; i < n; i++) p->scaled[l * stride + i] = unit * (p->x[i * d + l] - mean);
  }
}

static ift_status place(ift_projected *p, const ift_kernel *kernel) {
  const int64_t n = p->count, d = p->d;
  double size, bent; /* k and minus its second derivative at x = y */
  p->work += (double)n * (double)n * (40 + 2 * (double)d);
  IFT_TRY(ift_kernel_profiles(kernel, p->value, p->slope, p->bend, &size, &bent, p->x, n, d));
  p->alike = kernel->count == 1 && kernel->terms[0].form == IFT_GAUSSIAN;
  for (int64_t k = 0; k < n * (d + 1); k++) p->norm[k] = sqrt(k % (d + 1) == 0 ? size : bent);
  scale_points(p, sqrt(bent / size));
  return IFT_OK;
}

/* In here vectors go coordinate by coordinate, those of weights first, with zeros behind each. */
static void turn_in(const ift_projected *p, double *to, const double *from) {
  const int64_t n = p->count, rows = p->d + 1, stride = ift_pairs_stride(n);
  memset(to, 0, (size_t)(stride * rows) * sizeof *to);
  for (int64_t i = 0; i < n; i++)
    for (int64_t l = 0; l < rows; l++) to[l * stride + i] = from[i * rows + l];
}

static void turn_out(const ift_projected *p, double *to, const double *from) {
  const int64_t n = p->count, rows = p->d + 1, stride = ift_pairs_stride(n);
  for (int64_t i = 0; i < n; i++)
    for (int64_t l = 0; l < rows; l++) to[i * rows + l] = from[l * stride + i];
}

/* What the damping adds for the positions of particle i. */
static double added_to(const ift_projected *p, int64_t i, double damping, double mean) {
  return damping * (mean / p->a[i]);
}

/* The blocks of the preconditioner, inverted: then it is applied by products, which threads share. */
static ift_status invert_blocks(ift_projected *p, double damping, double mean, bool *found) {
  const int64_t n = p->count, stride = ift_pairs_stride(n);
  const size_t size = (size_t)(stride * stride) * sizeof(double);
  p->work += (double)n * (double)n * ((double)n / 4 + 8);
  memcpy(p->of_weights, p->value, size);
  memcpy(p->of_positions, p->slope, size);
  for (int64_t i = 0; i < stride; i++) {
    p->of_weights[i * stride + i] += i < n ? fmax(damping, REGULAR) : 1;
    p->of_positions[i * stride + i] += i < n ? fmax(added_to(p, i, damping, mean), REGULAR) : 1;
  }
  IFT_TRY(ift_cholesky_invert(p->context, p->of_weights, stride, found));
  return *found ? ift_cholesky_invert(p->context, p->of_positions, stride, found) : IFT_OK;
}

/* sum of w_i / |k(x_i,.)| over the unknowns of weights: the mass of a step, but for a factor */
static double mass_of(const ift_projected *p, const double *vector) {
  return ift_sum(vector, p->count);
}

/* preconditioned = P^-1 residual, taken back to where the mass does not change. */
static void precondition(ift_projected *p, bool weights, bool mass_kept) {
  const int64_t n = p->count, d = p->d;
  double *to = p->preconditioned;
  p->work += (double)(n * n) * (double)(d + 1) / 8;
  ift_pairs_product(p->context, to, weights ? p->of_weights : NULL, p->of_positions, n, d, p->residual);
  const double cost = mass_kept ? mass_of(p, p->constraint) : 0;
  if (!(cost > 0)) return;
  const double gain = mass_of(p, to);
  for (int64_t k = 0; k < n; k++) to[k] -= gain / cost * p->constraint[k];
}

/* product = (J'J + D) direction */
static void multiply(ift_projected *p, double damping, double mean, bool weights) {
  const int64_t n = p->count, d = p->d, stride = ift_pairs_stride(n);
  p->work += (double)(n * n) * (3 * (double)d + 5) / 8;
  ift_pairs_tangent_product(p->context, p->product, p->value, p->alike ? p->value : p->slope,
                            p->alike ? p->value : p->bend, p->scaled, n, d, p->direction);
  for (int64_t i = 0; i < n; i++) p->product[i] = weights ? p->product[i] + damping * p->direction[i] : 0;
  for (int64_t l = 1; l <= d; l++)
    for (int64_t i = 0; i < n; i++)
      p->product[l * stride + i] += added_to(p, i, damping, mean) * p->direction[l * stride + i];
}

/* P^-1 along the constraint, whose entries are all alike: of weights alone. */
static void prepare_constraint(ift_projected *p) {
  const int64_t n = p->count;
  memset(p->residual, 0, (size_t)ift_pairs_stride(n) * sizeof(double));
  for (int64_t i = 0; i < n; i++) p->residual[i] = 1;
  ift_pairs_product(p->context, p->constraint, p->of_weights, NULL, n, 0, p->residual);
}

static ift_status solve(ift_projected *p, double damping, bool weights, bool mass_kept, bool *found) {
  const int64_t size = ift_pairs_stride(p->count) * (p->d + 1);
  const double mean = ift_sum(p->a, p->count) / (double)p->count;
  IFT_TRY(invert_blocks(p, damping, mean, found));
  if (!*found) return IFT_OK;
  if (mass_kept) prepare_constraint(p);
  memset(p->solution, 0, (size_t)size * sizeof(double));
  turn_in(p, p->residual, p->right);
  precondition(p, weights, mass_kept);
  memcpy(p->direction, p->preconditioned, (size_t)size * sizeof(double));
  double before = sum_of_products(p->residual, p->preconditioned, size);
  const double enough = ROUGHLY * ROUGHLY * before;
  for (int k = 0; k < PRODUCTS && before > enough; k++) {
    multiply(p, damping, mean, weights);
    const double curve = sum_of_products(p->direction, p->product, size);
    if (!(curve > 0)) break;
    for (int64_t i = 0; i < size; i++) {
      p->solution[i] += before / curve * p->direction[i];
      p->residual[i] -= before / curve * p->product[i];
    }
    precondition(p, weights, mass_kept);
    const double after = sum_of_products(p->residual, p->preconditioned, size);
    for (int64_t i = 0; i < size; i++) p->direction[i] = p->preconditioned[i] + after / before * p->direction[i];
    before = after;
  }
  turn_out(p, p->step, p->solution);
  return IFT_OK;
}

const ift_projected_solver ift_projected_iterative = {create, place, solve};
