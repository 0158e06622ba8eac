/* The public functions for quadratic programs: what is checked before a solver sees it. */
#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "simplex/simplex.h"

#include <ift/simplex.h>

static ift_status check_finite(ift_context *context, const char *name, const double *values, int64_t n) {
  for (int64_t i = 0; i < n; i++)
    if (!isfinite(values[i]))
      return ift_fail(context, IFT_ERR_NOT_FINITE, "%s[%lld] is %g; a finite number is needed", name, (long long)i,
                      values[i]);
  return IFT_OK;
}

static ift_status check_numbers(ift_context *context, const ift_qp_problem *problem, const double *start) {
  const int64_t n = problem->n;
  if (!isfinite(problem->mass))
    return ift_fail(context, IFT_ERR_NOT_FINITE, "mass is %g; a finite number >= 0 is needed", problem->mass);
  if (problem->mass < 0) return ift_fail(context, IFT_ERR_ARGUMENT, "mass is %g; it has to be >= 0", problem->mass);
  if (!(problem->tolerance >= 0 && isfinite(problem->tolerance)))
    return ift_fail(context, IFT_ERR_ARGUMENT, "tolerance is %g; a finite number >= 0 is needed", problem->tolerance);
  IFT_TRY(check_finite(context, "linear", problem->linear, n));
  for (int64_t i = 0; i < n; i++) {
    const double *row = problem->gram + i * n;
    for (int64_t j = 0; j < n; j++)
      if (!isfinite(row[j]))
        return ift_fail(context, IFT_ERR_NOT_FINITE, "gram[%lld,%lld] is %g; a finite number is needed", (long long)i,
                        (long long)j, row[j]);
    if (row[i] < 0)
      return ift_fail(context, IFT_ERR_ARGUMENT,
                      "gram[%lld,%lld] is %g; the diagonal of a positive semi-definite matrix is >= 0", (long long)i,
                      (long long)i, row[i]);
  }
  if (!start) return IFT_OK;
  IFT_TRY(check_finite(context, "start", start, n));
  for (int64_t i = 0; i < n; i++)
    if (start[i] < 0)
      return ift_fail(context, IFT_ERR_ARGUMENT, "start[%lld] is %g; weights are >= 0", (long long)i, start[i]);
  return IFT_OK;
}

/* Checks, solves on a copy of the start, and hands out. */
static ift_status run(ift_context *context, double *weights, double *gap, int64_t *iterations, ift_qp_problem problem,
                      const double *start, const char *method) {
  const int64_t n = problem.n;
  if (!context || !weights || !problem.gram || !problem.linear)
    return ift_fail(context, IFT_ERR_ARGUMENT, "%s is NULL",
                    !context        ? "context"
                    : !weights      ? "weights"
                    : !problem.gram ? "gram"
                                    : "linear");
  if (n < 1) return ift_fail(context, IFT_ERR_ARGUMENT, "n is %lld; a measure has at least 1 weight", (long long)n);
  IFT_TRY(check_numbers(context, &problem, start));
  IFT_TRY(ift_qp_method_find(context, &problem.method, method, &problem));
  double *b = ift_alloc_reals(context, n);
  if (!b) return IFT_ERR_NO_MEMORY;
  for (int64_t i = 0; i < n; i++) b[i] = start ? start[i] : 0;
  ift_qp *qp = NULL;
  ift_qp_result result = {0, 0};
  ift_status status = ift_qp_create(context, &qp, n);
  if (status >= 0) status = ift_qp_solve(qp, &problem, b, &result);
  if (status >= 0) {
    memcpy(weights, b, (size_t)n * sizeof *b);
    if (gap) *gap = result.gap;
    if (iterations) *iterations = result.iterations;
  }
  ift_qp_destroy(qp);
  ift_free(context, b);
  return status;
}

ift_status ift_simplex_qp(ift_context *context, double *weights, double *gap, int64_t *iterations, const double *gram,
                          const double *linear, int64_t n, double mass, const double *start, const char *method,
                          double tolerance) {
  const ift_qp_problem problem = {.gram = gram, .linear = linear, .n = n, .mass = mass, .tolerance = tolerance};
  return run(context, weights, gap, iterations, problem, start, method);
}

ift_status ift_cone_qp(ift_context *context, double *weights, double *gap, int64_t *iterations, const double *gram,
                       const double *linear, int64_t n, const double *start, const char *method, double tolerance) {
  const ift_qp_problem problem = {.gram = gram, .linear = linear, .n = n, .cone = true, .tolerance = tolerance};
  return run(context, weights, gap, iterations, problem, start, method);
}
