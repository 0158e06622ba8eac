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
  p->scaled = ift_alloc2(p->context, p->n, p->d, sizeof(double));
  return p->scaled ? IFT_OK : IFT_ERR_NO_MEMORY;
}

static ift_status place(ift_projected *p, const ift_kernel *kernel) {
  const int64_t n = p->count, d = p->d, stride = d + 1;
  double size, bent; /* k and minus its second derivative at x = y */
  p->work += (double)n * (double)n * (40 + 2 * (double)d);
  IFT_TRY(ift_kernel_profiles(kernel, p->value, p->slope, p->bend, &size, &bent, p->x, n, d));
  const double unit = sqrt(bent / size);
  for (int64_t k = 0; k < n * stride; k++) p->norm[k] = sqrt(k % stride == 0 ? size : bent);
  for (int64_t i = 0; i < n; i++)
    for (int64_t l = 0; l < d; l++) p->scaled[l * n + i] = unit * p->x[i * d + l];
  return IFT_OK;
}

/* In here vectors go coordinate by coordinate, those of weights first. */
static void turn_in(const ift_projected *p, double *to, const double *from) {
  const int64_t n = p->count, stride = p->d + 1;
  for (int64_t i = 0; i < n; i++)
    for (int64_t l = 0; l < stride; l++) to[l * n + i] = from[i * stride + l];
}

static void turn_out(const ift_projected *p, double *to, const double *from) {
  const int64_t n = p->count, stride = p->d + 1;
  for (int64_t i = 0; i < n; i++)
    for (int64_t l = 0; l < stride; l++) to[i * stride + l] = from[l * n + i];
}

/* What the damping adds for the positions of particle i. */
static double added_to(const ift_projected *p, int64_t i, double damping, double mean) {
  return damping * (mean / p->a[i]);
}

/* The factors of the preconditioner. */
static ift_status factorize(ift_projected *p, double damping, double mean, bool *found) {
  const int64_t n = p->count;
  p->work += (double)n * (double)n * ((double)n / 12 + 4);
  memcpy(p->of_weights, p->value, (size_t)(n * n) * sizeof(double));
  memcpy(p->of_positions, p->slope, (size_t)(n * n) * sizeof(double));
  for (int64_t i = 0; i < n; i++) {
    p->of_weights[i * n + i] += damping;
    p->of_positions[i * n + i] += added_to(p, i, damping, mean);
  }
  IFT_TRY(ift_cholesky(p->context, p->of_weights, n, found));
  return *found ? ift_cholesky(p->context, p->of_positions, n, found) : IFT_OK;
}

/* to = P^-1 from */
static ift_status precondition(ift_projected *p, double *to, const double *from, bool weights) {
  const int64_t n = p->count, d = p->d;
  p->work += (double)(n * n) * (double)(d + 1) / 2;
  memcpy(to, from, (size_t)(n * (d + 1)) * sizeof(double));
  if (weights) IFT_TRY(ift_cholesky_solve_rows(p->context, p->of_weights, n, to, 1));
  return ift_cholesky_solve_rows(p->context, p->of_positions, n, to + n, d);
}

/* sum of w_i / |k(x_i,.)| over the unknowns of weights: the mass of a step, but for a factor */
static double mass_of(const ift_projected *p, const double *vector) {
  return ift_sum(vector, p->count);
}

/* preconditioned = P^-1 residual, taken back to where the mass does not change. */
static ift_status project(ift_projected *p, bool weights, bool mass_kept) {
  const int64_t size = p->count * (p->d + 1);
  IFT_TRY(precondition(p, p->preconditioned, p->residual, weights));
  const double cost = mass_kept ? mass_of(p, p->constraint) : 0;
  if (!(cost > 0)) return IFT_OK;
  const double gain = mass_of(p, p->preconditioned);
  for (int64_t k = 0; k < size; k++) p->preconditioned[k] -= gain / cost * p->constraint[k];
  return IFT_OK;
}

/* product = (J'J + D) direction */
static void multiply(ift_projected *p, double damping, double mean, bool weights) {
  const int64_t n = p->count, d = p->d;
  p->work += (double)(n * n) * (2 * (double)d + 3);
  ift_pairs_tangent_product(p->context, p->product, p->value, p->slope, p->bend, p->scaled, n, d, p->direction);
  for (int64_t i = 0; i < n; i++) p->product[i] = weights ? p->product[i] + damping * p->direction[i] : 0;
  for (int64_t k = n; k < n * (d + 1); k++) p->product[k] += added_to(p, k % n, damping, mean) * p->direction[k];
}

/* P^-1 along the constraint, whose entries are all alike. */
static ift_status prepare_constraint(ift_projected *p) {
  const int64_t n = p->count;
  memset(p->constraint, 0, (size_t)(n * (p->d + 1)) * sizeof(double));
  for (int64_t i = 0; i < n; i++) p->constraint[i] = 1;
  return ift_cholesky_solve_rows(p->context, p->of_weights, n, p->constraint, 1);
}

static ift_status solve(ift_projected *p, double damping, bool weights, bool mass_kept, bool *found) {
  const int64_t size = p->count * (p->d + 1);
  const double mean = ift_sum(p->a, p->count) / (double)p->count;
  double *step = p->along; /* its entries are known */
  IFT_TRY(factorize(p, damping, mean, found));
  if (!*found) return IFT_OK;
  if (mass_kept) IFT_TRY(prepare_constraint(p));
  memset(step, 0, (size_t)size * sizeof(double));
  turn_in(p, p->residual, p->right);
  IFT_TRY(project(p, weights, mass_kept));
  memcpy(p->direction, p->preconditioned, (size_t)size * sizeof(double));
  double before = ift_dot_compensated(p->residual, p->preconditioned, size);
  const double enough = ROUGHLY * ROUGHLY * before;
  for (int k = 0; k < PRODUCTS && before > enough; k++) {
    multiply(p, damping, mean, weights);
    const double curve = ift_dot_compensated(p->direction, p->product, size);
    if (!(curve > 0)) break;
    for (int64_t i = 0; i < size; i++) {
      step[i] += before / curve * p->direction[i];
      p->residual[i] -= before / curve * p->product[i];
    }
    IFT_TRY(project(p, weights, mass_kept));
    const double after = ift_dot_compensated(p->residual, p->preconditioned, size);
    for (int64_t i = 0; i < size; i++) p->direction[i] = p->preconditioned[i] + after / before * p->direction[i];
    before = after;
  }
  turn_out(p, p->step, step);
  return IFT_OK;
}

const ift_projected_solver ift_projected_iterative = {create, place, solve};
