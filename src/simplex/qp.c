/* The quadratic program: memory, choice of the method, what all methods have in common. */
#include <math.h>
#include <stddef.h>
#include <string.h>

#include "base/alloc.h"
#include "base/sum.h"
#include "simplex/qp.h"

enum { ARRAYS = 13 };

static ift_status create_cache(ift_context *context, ift_qp *qp, int64_t n) {
  qp->cache.values = ift_alloc2(context, IFT_QP_CACHED, n, sizeof *qp->cache.values);
  qp->cache.atom = ift_alloc(context, 2 * IFT_QP_CACHED, sizeof *qp->cache.atom);
  if (!qp->cache.values || !qp->cache.atom) return IFT_ERR_NO_MEMORY;
  qp->cache.used = qp->cache.atom + IFT_QP_CACHED;
  return IFT_OK;
}

static ift_status create(ift_context *context, ift_qp **out, int64_t n, bool columns) {
  *out = NULL;
  ift_qp *qp = ift_alloc(context, 1, sizeof *qp);
  if (!qp) return IFT_ERR_NO_MEMORY;
  *qp = (ift_qp){.context = context, .capacity = n};
  qp->reals = ift_alloc2(context, ARRAYS, n, sizeof *qp->reals);
  qp->support = ift_alloc2(context, 2, n, sizeof *qp->support);
  qp->state = ift_alloc(context, n, sizeof *qp->state);
  ift_status status = qp->reals && qp->support && qp->state ? IFT_OK : IFT_ERR_NO_MEMORY;
  if (status == IFT_OK) status = columns ? create_cache(context, qp, n) : ift_factor_create(context, &qp->factor, n);
  if (status < 0) {
    ift_qp_destroy(qp);
    return status;
  }
  double **arrays[ARRAYS] = {&qp->b,        &qp->g,        &qp->rest,    &qp->residual, &qp->direction,
                             &qp->ones,     &qp->packed,   &qp->kept,    &qp->value,    &qp->extra[0],
                             &qp->extra[1], &qp->extra[2], &qp->extra[3]};
  for (int64_t i = 0; i < ARRAYS; i++) *arrays[i] = qp->reals + i * n;
  qp->twin = qp->support + n;
  *out = qp;
  return IFT_OK;
}

ift_status ift_qp_create(ift_context *context, ift_qp **out, int64_t n) {
  return create(context, out, n, false);
}

ift_status ift_qp_create_columns(ift_context *context, ift_qp **out, int64_t n) {
  return create(context, out, n, true);
}

void ift_qp_destroy(ift_qp *qp) {
  if (!qp) return;
  if (qp->factor.context) ift_factor_destroy(&qp->factor);
  ift_free(qp->context, qp->cache.values);
  ift_free(qp->context, qp->cache.atom);
  ift_free(qp->context, qp->reals);
  ift_free(qp->context, qp->support);
  ift_free(qp->context, qp->state);
  ift_free(qp->context, qp);
}

static const ift_qp_method *const methods[] = {
#define METHOD(identifier) &ift_qp_##identifier,
#include "simplex/kinds.def"
#undef METHOD
};
enum { METHODS = sizeof methods / sizeof methods[0] };

static const ift_qp_method *automatic(const ift_qp_problem *problem) {
  for (size_t i = 0; i + 1 < METHODS; i++)
    if (methods[i]->suits(problem) && (problem->gram || methods[i]->columns)) return methods[i];
  return methods[METHODS - 1];
}

ift_status ift_qp_method_find(ift_context *context, const ift_qp_method **out, const char *name,
                              const ift_qp_problem *problem) {
  if (!name || strcmp(name, "auto") == 0) {
    *out = automatic(problem);
    ift_log(context, "quadratic program of %lld weights: method %s", (long long)problem->n, (*out)->name);
    return IFT_OK;
  }
  char known[128] = "";
  for (size_t i = 0; i < METHODS; i++) {
    if (strcmp(methods[i]->name, name) == 0) {
      *out = methods[i];
      return IFT_OK;
    }
    strncat(known, ", ", sizeof known - strlen(known) - 1);
    strncat(known, methods[i]->name, sizeof known - strlen(known) - 1);
  }
  return ift_fail(context, IFT_ERR_OPTION, "method is '%.64s'; allowed are auto%s", name, known);
}

static bool entrywise_nonnegative(const ift_qp_problem *problem) {
  const int64_t n = problem->n;
  if (!problem->gram) return problem->nonnegative;
  for (int64_t i = 0; i < n; i++) {
    if (!(ift_qp_diagonal(problem, i) > 0)) return false;
    for (int64_t j = 0; j < n; j++)
      if (!(problem->gram[i * n + j] >= 0)) return false;
  }
  return true;
}

/* qp->b: the start, scaled to the mass. */
static void set_start(ift_qp *qp, const ift_qp_problem *problem, const double *weights) {
  const int64_t n = problem->n;
  memcpy(qp->b, weights, (size_t)n * sizeof *weights);
  if (!problem->cone) {
    const double sum = ift_sum(weights, n);
    for (int64_t i = 0; i < n; i++) {
      if (!(sum > 0))
        qp->b[i] = problem->mass / (double)n;
      else if (sum != problem->mass)
        qp->b[i] = weights[i] * (problem->mass / sum);
    }
  }
  ift_qp_find_support(qp, n);
}

/* q at the present weights and gradient */
static double objective(const ift_qp *qp, const ift_qp_problem *problem) {
  double sum = 0;
  for (int64_t i = 0; i < problem->n; i++) sum += qp->b[i] * (qp->g[i] - problem->linear[i]);
  return sum / 2;
}

ift_status ift_qp_solve(ift_qp *qp, const ift_qp_problem *problem, double *weights, ift_qp_result *result) {
  const int64_t n = problem->n;
  if (!problem->cone && !(problem->mass > 0)) {
    for (int64_t i = 0; i < n; i++) weights[i] = 0;
    *result = (ift_qp_result){0, 0};
    return IFT_OK;
  }
  qp->nonnegative = problem->cone && entrywise_nonnegative(problem);
  set_start(qp, problem, weights);
  ift_qp_column_begin(qp);
  const ift_qp_method *method = problem->method ? problem->method : automatic(problem);
  if (!problem->gram && !method->columns)
    return ift_fail(qp->context, IFT_ERR_OPTION, "method %s needs the matrix, not only its columns", method->name);
  ift_qp_result found = {0, 0};
  const ift_status status = method->solve(qp, problem, &found);
  if (status < 0) return status;
  if (qp->cache.status < 0) return qp->cache.status;
  if (status == IFT_STALLED) {
    /* a method may have begun anew somewhere else: not to be worse than the start is the least */
    const double reached = objective(qp, problem);
    memcpy(qp->direction, qp->b, (size_t)n * sizeof *weights);
    set_start(qp, problem, weights);
    const double gap = ift_qp_certify(qp, problem);
    if (objective(qp, problem) < reached)
      found.gap = gap;
    else
      memcpy(qp->b, qp->direction, (size_t)n * sizeof *weights);
    if (qp->cache.status < 0) return qp->cache.status;
  }
  const double sum = ift_sum(qp->b, n);
  if (!isfinite(found.gap) || !isfinite(sum) || !(sum > 0 || problem->cone))
    return ift_fail(qp->context, IFT_ERR_NOT_FINITE, "the numbers of the quadratic program overflow (gap %g)",
                    found.gap);
  memcpy(weights, qp->b, (size_t)n * sizeof *weights);
  *result = found;
  return status;
}
