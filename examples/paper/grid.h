/* KL(u | pi) and its flows on a one-dimensional grid, where there are densities and the paper's equation (13) can be
 * taken at its word. A measure is an array of masses, one a node, all positive and of sum 1; pi is exp(-V) of sum 1. No
 * step raises KL, whatever its size. Nothing here needs the library. */
#ifndef GRID_H
#define GRID_H

#include <float.h>
#include <math.h>
#include <string.h>

enum { GRID_MOST = 161 };

typedef struct grid {
  int n;
  double h, x[GRID_MOST], log_pi[GRID_MOST], pi[GRID_MOST], kernel[GRID_MOST][GRID_MOST];
} grid;

/* Potentials: V'' >= 1 for the first two; the third has two wells, around -1.4 and, deeper, 1.4. */
static inline double quadratic(double x) {
  return x * x / 2;
}

static inline double quartic(double x) {
  return x * x / 2 + x * x * x * x / 4;
}

static inline double double_well(double x) {
  return 2 * (x * x - 2) * (x * x - 2) - x / 4;
}

/* u = exp(log_u) of sum 1, whatever the constant in log_u is, and whatever overflows. */
static inline void grid_normalize(const grid *g, double *u, const double *log_u) {
  double most = -INFINITY, sum = 0;
  for (int i = 0; i < g->n; i++) most = fmax(most, log_u[i]);
  for (int i = 0; i < g->n; i++) sum += u[i] = fmax(exp(log_u[i] - most), DBL_MIN);
  for (int i = 0; i < g->n; i++) u[i] /= sum;
}

/* Nodes on [-side, side], at most `h` apart; kernel exp(-(x - y)^2 / (2 sigma^2)). */
static inline void grid_make(grid *g, double (*potential)(double), double side, double h, double sigma) {
  g->n = (int)ceil(2 * side / h - 1e-9) + 1;
  if (g->n > GRID_MOST) g->n = GRID_MOST;
  g->h = 2 * side / (g->n - 1);
  for (int i = 0; i < g->n; i++) g->x[i] = -side + g->h * i, g->log_pi[i] = -potential(g->x[i]);
  grid_normalize(g, g->pi, g->log_pi);
  for (int i = 0; i < g->n; i++) {
    g->log_pi[i] = log(g->pi[i]);
    for (int j = 0; j < g->n; j++) g->kernel[i][j] = exp(-pow((g->x[i] - g->x[j]) / sigma, 2) / 2);
  }
}

/* Two Gaussians of equal weight, one if left = right. */
static inline void grid_bumps(const grid *g, double *u, double left, double right, double deviation) {
  double log_u[GRID_MOST];
  for (int i = 0; i < g->n; i++) {
    const double a = (g->x[i] - left) / deviation, b = (g->x[i] - right) / deviation, least = fmin(a * a, b * b) / 2;
    log_u[i] = -least + log(exp(least - a * a / 2) + exp(least - b * b / 2));
  }
  grid_normalize(g, u, log_u);
}

/* Gives u on either side of 0 the mass that pi has there. */
static inline void grid_balance(const grid *g, double *u) {
  double has[2] = {0, 0}, wants[2] = {0, 0};
  for (int i = 0; i < g->n; i++) has[g->x[i] > 0] += u[i], wants[g->x[i] > 0] += g->pi[i];
  for (int i = 0; i < g->n; i++) u[i] *= wants[g->x[i] > 0] / has[g->x[i] > 0];
}

static inline double grid_mass(const grid *g, const double *u) {
  double sum = 0;
  for (int i = 0; i < g->n; i++) sum += u[i];
  return sum;
}

/* Summed as u log(u/pi) - u + pi, which no term of is negative: rounding is of the size of what is summed. */
static inline double grid_kl(const grid *g, const double *u) {
  double sum = 0;
  for (int i = 0; i < g->n; i++) sum += u[i] * log(u[i] / g->pi[i]) - (u[i] - g->pi[i]);
  return sum;
}

/* Transport: the Fokker-Planck equation u' = div(u grad log(u/pi)) = (pi (u/pi)')', with fluxes
 * sqrt(pi_i pi_j)/h^2 (u_j/pi_j - u_i/pi_i) between neighbors (Mielke 2013; Chow, Huang, Li and Zhou 2012), implicitly.
 * For r = u/pi the matrix is diag(pi) + tau W, W a Laplacian. Its elimination is done without any subtraction (pivots
 * d, and by how much they exceed the coupling to the next row; Grassmann, Taksar and Heyman 1985), so each mass is
 * positive and right to a few roundings, however small it is. */
static inline void grid_transport(const grid *g, double *u, double tau) {
  double d[GRID_MOST], coupling[GRID_MOST], excess = 0, sum = 0;
  for (int i = 0; i < g->n; i++) {
    const double before = i > 0 ? coupling[i - 1] : 0;
    excess = g->pi[i] + (i > 0 ? before * (excess / d[i - 1]) : 0);
    coupling[i] = i < g->n - 1 ? tau * sqrt(g->pi[i]) * sqrt(g->pi[i + 1]) / (g->h * g->h) : 0;
    d[i] = excess + coupling[i];
    if (i > 0) u[i] += before * (u[i - 1] / d[i - 1]);
  }
  for (int i = g->n - 1; i >= 0; i--) u[i] = (u[i] + (i < g->n - 1 ? coupling[i] * u[i + 1] : 0)) / d[i];
  for (int i = 0; i < g->n; i++) sum += u[i] *= g->pi[i];
  for (int i = 0; i < g->n; i++) u[i] /= sum;
}

/* The lower factor of a positive definite matrix, in place (Cholesky); then y = matrix^{-1} y. */
static inline void grid_factor(int n, double matrix[][GRID_MOST]) {
  for (int i = 0; i < n; i++)
    for (int j = 0; j <= i; j++) {
      double sum = matrix[i][j];
      for (int k = 0; k < j; k++) sum -= matrix[i][k] * matrix[j][k];
      matrix[i][j] = i == j ? sqrt(sum) : sum / matrix[j][j];
    }
}

static inline void grid_solve(int n, double factor[][GRID_MOST], double *y) {
  for (int i = 0; i < n; i++) {
    for (int k = 0; k < i; k++) y[i] -= factor[i][k] * y[k];
    y[i] /= factor[i][i];
  }
  for (int i = n - 1; i >= 0; i--) {
    y[i] /= factor[i][i];
    for (int k = 0; k < i; k++) y[k] -= factor[i][k] * y[i];
  }
}

/* What (9) minimizes, KL(u|pi) + MMD^2(u, from)/(2 eta), and the slope of its second part, K(u - from)/eta. */
static inline double grid_objective(const grid *g, const double *u, const double *from, double eta, double *slope) {
  double mmd2 = 0;
  for (int i = 0; i < g->n; i++) {
    slope[i] = 0;
    for (int j = 0; j < g->n; j++) slope[i] += g->kernel[i][j] * (u[j] - from[j]) / eta;
    mmd2 += (u[i] - from[i]) * slope[i] * eta;
  }
  return grid_kl(g, u) + mmd2 / (2 * eta);
}

/* Reaction of spherical-ift, (9): log(u/pi) + K(u - from)/eta is constant at the minimum over the simplex. Newton in
 * log u, so that no inverse of K is needed and u stays positive: with s = sqrt(u), f the left side and l its constant,
 *
 *   (I + s K s/eta) y = s (f - l),   step = l - f + K s y/eta,   l such that s'y = 0, which keeps the mass.
 *
 * It is a direction of descent, and is halved until the objective is not higher. Returns the number of steps. */
static inline int grid_mmd_reaction(const grid *g, double *u, double eta) {
  const int n = g->n;
  double from[GRID_MOST], slope[GRID_MOST], matrix[GRID_MOST][GRID_MOST];
  double s[GRID_MOST], f[GRID_MOST], y[GRID_MOST], one[GRID_MOST], step[GRID_MOST], log_u[GRID_MOST], next[GRID_MOST];
  memcpy(from, u, (size_t)n * sizeof *u);
  double value = grid_objective(g, u, from, eta, slope), largest = INFINITY;
  int count = 0;
  while (largest > 1e-9 && count < 100) {
    for (int i = 0; i < n; i++) {
      f[i] = log(u[i] / g->pi[i]) + slope[i];
      s[i] = sqrt(u[i]);
      y[i] = s[i] * f[i];
      one[i] = s[i];
      for (int j = 0; j <= i; j++) matrix[i][j] = (i == j) + s[i] * g->kernel[i][j] * s[j] / eta;
    }
    grid_factor(n, matrix);
    grid_solve(n, matrix, y);
    grid_solve(n, matrix, one);
    double sum = 0, of_one = 0;
    for (int i = 0; i < n; i++) sum += s[i] * y[i], of_one += s[i] * one[i];
    const double l = sum / of_one;
    largest = 0;
    for (int i = 0; i < n; i++) {
      step[i] = l - f[i];
      for (int j = 0; j < n; j++) step[i] += g->kernel[i][j] * s[j] * (y[j] - l * one[j]) / eta;
      largest = fmax(largest, fabs(step[i]));
    }
    double before = value, part = 1;
    do {
      for (int i = 0; i < n; i++) log_u[i] = log(u[i]) + part * step[i];
      grid_normalize(g, next, log_u);
      value = grid_objective(g, next, from, eta, slope);
      part /= 2;
    } while (value > before + 1e-14 * (1 + before) && part > 1e-9);
    memcpy(u, next, (size_t)n * sizeof *u);
    count++;
  }
  return count;
}

/* Reaction of spherical-wfr: the spherical Fisher-Rao flow of KL, exactly, u ~ u^{e^-eta} pi^{1 - e^-eta}. */
static inline void grid_fisher_rao_reaction(const grid *g, double *u, double eta) {
  double log_u[GRID_MOST];
  for (int i = 0; i < g->n; i++) log_u[i] = g->log_pi[i] + exp(-eta) * log(u[i] / g->pi[i]);
  grid_normalize(g, u, log_u);
}

#endif
