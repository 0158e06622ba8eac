/* Accelerated projected gradient (Beck and Teboulle 2009) with restarts where the step turns against the gradient
 * (O'Donoghue and Candes 2015). The baseline: on the Gram matrices of smooth kernels it ends far above the default
 * tolerance. */
#include <float.h>
#include <math.h>
#include <string.h>

#include "simplex/face.h"

enum { STEPS = 5000, POWER = 12 };

typedef struct descent {
  ift_qp *qp;
  const ift_qp_problem *problem;
  double *before, *gradient_before; /* weights and gradient of the step before */
  double *ahead, *gradient_ahead;   /* of the extrapolated point */
  double *found, *gradient_found;   /* weights and gradient that the next step starts from */
  double curvature;                 /* 1 / step: at least what the steps so far have met */
} descent;

static void swap(double **a, double **b) {
  double *c = *a;
  *a = *b;
  *b = c;
}

/* An estimate of the largest eigenvalue, from below, by power iteration; K_ii of the largest atom at least. */
static double estimate(descent *d) {
  ift_qp *qp = d->qp;
  const int64_t n = d->problem->n;
  double largest = 0, *b = qp->b;
  const ift_qp_problem square = {.gram = d->problem->gram,
                                 .n = n,
                                 .linear = memset(d->found, 0, (size_t)n * sizeof *b),
                                 .regularization = d->problem->regularization};
  for (int64_t i = 0; i < n; i++) largest = fmax(largest, ift_qp_diagonal(d->problem, i));
  qp->b = d->ahead;
  for (int64_t i = 0; i < n; i++) qp->b[i] = 1, qp->support[i] = i;
  qp->count = n;
  for (int step = 0; step < POWER; step++) {
    double norm = 0, top = 0;
    for (int64_t i = 0; i < n; i++) top = fmax(top, fabs(qp->b[i]));
    if (!(top > 0 && isfinite(top))) break;
    for (int64_t i = 0; i < n; i++) qp->b[i] /= top, norm += qp->b[i] * qp->b[i];
    ift_qp_gradient(qp, &square);
    double product = 0;
    for (int64_t i = 0; i < n; i++) product += qp->b[i] * qp->g[i];
    largest = fmax(largest, product / norm);
    swap(&qp->b, &qp->g);
  }
  d->ahead = qp->b;
  qp->b = b;
  ift_qp_find_support(qp, n);
  return largest;
}

/* found = the nearest feasible point to ahead - gradient / curvature, and its gradient. Is K along this step no more
 * than the curvature that it was made with? */
static bool step(descent *d) {
  ift_qp *qp = d->qp;
  const int64_t n = d->problem->n;
  double *b = d->found, along = 0, square = 0, noise = 0;
  for (int64_t i = 0; i < n; i++) b[i] = d->ahead[i] - d->gradient_ahead[i] / d->curvature;
  if (d->problem->cone)
    for (int64_t i = 0; i < n; i++) b[i] = fmax(b[i], 0);
  else
    ift_project_simplex(b, b, n, d->problem->mass, qp->packed);
  swap(&qp->b, &d->found), swap(&qp->g, &d->gradient_found);
  ift_qp_find_support(qp, n);
  ift_qp_gradient(qp, d->problem);
  swap(&qp->b, &d->found), swap(&qp->g, &d->gradient_found);
  for (int64_t i = 0; i < n; i++) {
    const double moved = d->found[i] - d->ahead[i];
    along += moved * (d->gradient_found[i] - d->gradient_ahead[i]);
    square += moved * moved;
    noise += fabs(moved) * fabs(d->gradient_found[i]);
  }
  return !(along > d->curvature * square * (1 + 1e-9) + 8 * DBL_EPSILON * noise);
}

/* ahead = b + factor (b - before) */
static void extrapolate(descent *d, double factor) {
  for (int64_t i = 0; i < d->problem->n; i++) {
    d->ahead[i] = d->qp->b[i] + factor * (d->qp->b[i] - d->before[i]);
    d->gradient_ahead[i] = d->qp->g[i] + factor * (d->qp->g[i] - d->gradient_before[i]);
  }
}

/* Does the step just found go back from where momentum led? */
static bool turns(const descent *d) {
  double sum = 0;
  for (int64_t i = 0; i < d->problem->n; i++) sum += (d->ahead[i] - d->found[i]) * (d->found[i] - d->qp->b[i]);
  return sum > 0;
}

static ift_status solve(ift_qp *qp, const ift_qp_problem *problem, ift_qp_result *result) {
  const int64_t n = problem->n;
  ift_face face;
  IFT_TRY(ift_face_begin(&face, qp, problem));
  descent d = {qp, problem, qp->rest, qp->residual, qp->direction, qp->ones, qp->extra[0], qp->extra[1], 0};
  double *best = qp->extra[2], lowest = INFINITY, momentum = 1, farthest = 0;
  d.curvature = 1.02 * estimate(&d);
  for (int64_t i = 0; i < n; i++) farthest = fmax(farthest, fabs(problem->linear[i]));
  /* where K vanishes against t a step leads to a vertex */
  d.curvature = fmax(d.curvature, DBL_EPSILON * farthest / (problem->cone ? 1 : problem->mass));
  ift_qp_gradient(qp, problem);
  memcpy(best, qp->b, (size_t)n * sizeof *best);
  memcpy(d.before, qp->b, (size_t)n * sizeof *best), memcpy(d.gradient_before, qp->g, (size_t)n * sizeof *best);
  for (result->iterations = 0;; result->iterations++) {
    const double gap = ift_qp_gap(qp, problem);
    if (gap < lowest) lowest = gap, memcpy(best, qp->b, (size_t)n * sizeof *best);
    if (!isfinite(gap) || lowest <= ift_qp_tolerance(qp, problem) / 2) break;
    if (result->iterations >= STEPS || !(d.curvature > 0 && isfinite(d.curvature))) break;
    const double next = (1 + sqrt(1 + 4 * momentum * momentum)) / 2;
    extrapolate(&d, (momentum - 1) / next);
    momentum = next;
    while (!step(&d) && isfinite(d.curvature)) d.curvature *= 1.5;
    if (turns(&d)) momentum = 1;
    /* before <- b <- found */
    swap(&d.before, &qp->b), swap(&d.gradient_before, &qp->g);
    swap(&qp->b, &d.found), swap(&qp->g, &d.gradient_found);
  }
  /* the arrays have changed places: all of them are the workspace's again */
  qp->rest = d.before, qp->residual = d.gradient_before, qp->direction = d.ahead, qp->ones = d.gradient_ahead;
  qp->extra[0] = d.found, qp->extra[1] = d.gradient_found;
  memcpy(qp->b, best, (size_t)n * sizeof *best);
  ift_qp_find_support(qp, n);
  result->gap = ift_qp_certify(qp, problem);
  return result->gap <= ift_qp_tolerance(qp, problem) ? IFT_OK : IFT_STALLED;
}

static bool suits(const ift_qp_problem *problem) {
  (void)problem;
  return false;
}

const ift_qp_method ift_qp_fista = {
    .name = "fista",
    .doc = "accelerated projected gradient with restarts (Beck and Teboulle 2009); at most 5000 steps",
    .suits = suits,
    .solve = solve,
};
