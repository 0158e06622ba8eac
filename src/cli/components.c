/* Principal components by subspace iteration with a Rayleigh-Ritz step (Golub and Van Loan, Matrix Computations,
 * 8.2): the covariance matrix, d by d, is never formed. In 8 dimensions or fewer the subspace is everything and the
 * first iteration exact. */
#include "cli/components.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_eigen.h>

#include "cli/message.h"

/* Dimension of the subspace, iterations, and rows that are looked at. */
enum { BLOCK = 8, ITERATIONS = 30, ROWS = 20000 };

typedef struct problem {
  const ift_measure *measure;
  int64_t n, d, stride;
  int64_t block;
  double *center, *row;  /* d each; `row` is the current one, centered and scaled */
  double scale;          /* largest deviation, so that squares stay in range */
  double *basis, *image; /* block by d */
  double variance;
  double small[BLOCK][BLOCK]; /* the covariance in the subspace */
} problem;

static void load_row(const problem *p, int64_t i) {
  const double *x = ift_measure_positions(p->measure) + i * p->d;
  for (int64_t j = 0; j < p->d; j++) p->row[j] = (x[j] - p->center[j]) / p->scale;
}

static double dot(const double *a, const double *b, int64_t d) {
  double sum = 0;
  for (int64_t j = 0; j < d; j++) sum += a[j] * b[j];
  return sum;
}

static void find_center(problem *p) {
  const double *x = ift_measure_positions(p->measure), *w = ift_measure_weights(p->measure);
  double mass = 0;
  for (int64_t i = 0; i < p->n; i += p->stride) mass += w[i];
  for (int64_t i = 0; i < p->n; i += p->stride)
    for (int64_t j = 0; j < p->d; j++) p->center[j] += (mass > 0 ? w[i] / mass : 0) * x[i * p->d + j];
  double largest = 0;
  for (int64_t i = 0; i < p->n; i += p->stride)
    for (int64_t j = 0; j < p->d; j++) largest = fmax(largest, fabs(x[i * p->d + j] - p->center[j]));
  p->scale = largest > 0 ? largest : 1;
}

/* image = covariance times basis; small = basis' covariance basis; the variance in all directions. */
static void multiply(problem *p) {
  const double *w = ift_measure_weights(p->measure), mass = ift_measure_mass(p->measure);
  memset(p->image, 0, (size_t)(p->block * p->d) * sizeof *p->image);
  memset(p->small, 0, sizeof p->small);
  p->variance = 0;
  for (int64_t i = 0; i < p->n; i += p->stride) {
    double along[BLOCK];
    load_row(p, i);
    p->variance += w[i] / mass * dot(p->row, p->row, p->d);
    for (int64_t k = 0; k < p->block; k++) along[k] = dot(p->row, p->basis + k * p->d, p->d);
    for (int64_t k = 0; k < p->block; k++) {
      const double weight = w[i] / mass * along[k];
      for (int64_t j = 0; j < p->d; j++) p->image[k * p->d + j] += weight * p->row[j];
      for (int64_t l = 0; l < p->block; l++) p->small[k][l] += weight * along[l];
    }
  }
}

/* Gram and Schmidt, twice for rounding's sake; a vector that the others span becomes 0. */
static void orthonormalize(double *basis, int64_t block, int64_t d) {
  for (int64_t k = 0; k < block; k++) {
    double *q = basis + k * d;
    const double before = sqrt(dot(q, q, d));
    for (int pass = 0; pass < 2; pass++)
      for (int64_t l = 0; l < k; l++) {
        const double overlap = dot(q, basis + l * d, d);
        for (int64_t j = 0; j < d; j++) q[j] -= overlap * basis[l * d + j];
      }
    const double length = sqrt(dot(q, q, d));
    for (int64_t j = 0; j < d; j++) q[j] = length > 1e-10 * before ? q[j] / length : 0;
  }
}

static void start_basis(problem *p) {
  uint32_t state = 1;
  for (int64_t i = 0; i < p->block * p->d; i++) {
    state = state * 1664525u + 1013904223u;
    p->basis[i] = (double)(state >> 8) / 16777216.0 - 0.5;
  }
  orthonormalize(p->basis, p->block, p->d);
}

/* The two leading directions within the subspace, each turned so that its largest entry is positive. */
static bool rotate(const problem *p, cli_components *components) {
  const size_t size = (size_t)p->block;
  gsl_matrix *matrix = gsl_matrix_alloc(size, size), *vectors = gsl_matrix_alloc(size, size);
  gsl_vector *values = gsl_vector_alloc(size);
  gsl_eigen_symmv_workspace *work = gsl_eigen_symmv_alloc(size);
  const bool allocated = matrix && vectors && values && work;
  if (allocated) {
    for (size_t k = 0; k < size; k++)
      for (size_t l = 0; l < size; l++) gsl_matrix_set(matrix, k, l, p->small[k][l]);
    gsl_eigen_symmv(matrix, values, vectors, work);
    gsl_eigen_symmv_sort(values, vectors, GSL_EIGEN_SORT_VAL_DESC);
    for (size_t a = 0; a < 2; a++) {
      double *axis = components->axes[a], largest = 0;
      components->share[a] = p->variance > 0 ? fmax(gsl_vector_get(values, a), 0) / p->variance : 0;
      for (int64_t j = 0; j < p->d; j++) {
        for (size_t k = 0; k < size; k++) axis[j] += gsl_matrix_get(vectors, k, a) * p->basis[(int64_t)k * p->d + j];
        if (fabs(axis[j]) > fabs(largest)) largest = axis[j];
      }
      for (int64_t j = 0; largest < 0 && j < p->d; j++) axis[j] = -axis[j];
    }
  }
  gsl_matrix_free(matrix);
  gsl_matrix_free(vectors);
  gsl_vector_free(values);
  if (work) gsl_eigen_symmv_free(work);
  return allocated || cli_fail("out of memory");
}

bool cli_components_of(cli_components *components, const ift_measure *measure) {
  problem p = {.measure = measure, .n = ift_measure_size(measure), .d = ift_measure_dim(measure)};
  p.stride = (p.n + ROWS - 1) / ROWS;
  p.block = p.d < BLOCK ? p.d : BLOCK;
  const size_t d = (size_t)p.d;
  *components = (cli_components){.dim = p.d, .center = calloc(d, sizeof(double))};
  for (int a = 0; a < 2; a++) components->axes[a] = calloc(d, sizeof(double));
  p.center = components->center;
  p.row = malloc(d * sizeof(double));
  p.basis = malloc((size_t)p.block * d * sizeof(double));
  p.image = malloc((size_t)p.block * d * sizeof(double));
  bool done = components->center && components->axes[0] && components->axes[1] && p.row && p.basis && p.image;
  if (!done) cli_fail("out of memory");
  if (done) {
    find_center(&p);
    start_basis(&p);
    multiply(&p);
    for (int i = 0; i < ITERATIONS && p.block < p.d; i++) {
      memcpy(p.basis, p.image, (size_t)p.block * d * sizeof(double));
      orthonormalize(p.basis, p.block, p.d);
      multiply(&p);
    }
    done = rotate(&p, components);
  }
  free(p.row);
  free(p.basis);
  free(p.image);
  return done;
}

void cli_components_free(cli_components *components) {
  free(components->center);
  for (int a = 0; a < 2; a++) free(components->axes[a]);
  *components = (cli_components){.dim = 0};
}

double cli_component(const cli_components *components, int axis, const double *point) {
  double sum = 0;
  for (int64_t j = 0; j < components->dim; j++) sum += (point[j] - components->center[j]) * components->axes[axis][j];
  return sum;
}
