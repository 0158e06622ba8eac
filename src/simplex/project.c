/* Projection onto the simplex (Michelot 1986; Condat 2016 compares the methods). The nearest point is max(values -
 * nu, 0) with the one nu that gives the mass: start from all entries, leave out those at or below the nu that the
 * others would have, until none is. nu only grows, so this ends after finitely many passes, in practice a few. */
#include <float.h>
#include <math.h>

#include "base/alloc.h"
#include "base/sum.h"
#include "simplex/simplex.h"

#include <ift/simplex.h>

/* Entries that can be positive, relative to the largest: the others are further than the mass below it. */
static int64_t candidates(double *out, const double *values, int64_t n, double largest, double mass) {
  int64_t count = 0;
  for (int64_t i = 0; i < n; i++)
    if (values[i] - largest > -mass) out[count++] = values[i] - largest;
  return count;
}

/* nu relative to the largest entry, from the entries that are above it. Only the last value matters, and that is a
 * sum in the order of the entries. */
static double threshold(double *entries, int64_t count, double mass) {
  for (;;) {
    const double nu = (ift_sum(entries, count) - mass) / (double)count;
    int64_t kept = 0;
    for (int64_t i = 0; i < count; i++)
      if (entries[i] > nu) entries[kept++] = entries[i];
    /* rounding could leave none only if all are equal to nu, up to rounding */
    if (kept == count || kept == 0) return nu;
    count = kept;
  }
}

void ift_project_simplex(double *out, const double *values, int64_t n, double mass, double *workspace) {
  double largest = values[0];
  for (int64_t i = 1; i < n; i++) largest = fmax(largest, values[i]);
  const int64_t count = mass > 0 ? candidates(workspace, values, n, largest, mass) : 0;
  const double nu = count > 0 ? threshold(workspace, count, mass) : 0;
  for (int64_t i = 0; i < n; i++) out[i] = count > 0 ? fmax((values[i] - largest) - nu, 0) : 0;
  const double sum = ift_sum(out, n);
  if (sum > 0)
    for (int64_t i = 0; i < n; i++) out[i] *= mass / sum;
}

ift_status ift_simplex_project(ift_context *context, double *weights, const double *values, int64_t n, double mass) {
  if (!context || !weights || !values)
    return ift_fail(context, IFT_ERR_ARGUMENT, "%s is NULL", !context ? "context" : !weights ? "weights" : "values");
  if (n < 1) return ift_fail(context, IFT_ERR_ARGUMENT, "n is %lld; a measure has at least 1 weight", (long long)n);
  if (!isfinite(mass)) return ift_fail(context, IFT_ERR_NOT_FINITE, "mass is %g; a finite number >= 0 is needed", mass);
  if (mass < 0) return ift_fail(context, IFT_ERR_ARGUMENT, "mass is %g; it has to be >= 0", mass);
  for (int64_t i = 0; i < n; i++)
    if (!isfinite(values[i]))
      return ift_fail(context, IFT_ERR_NOT_FINITE, "values[%lld] is %g; a finite number is needed", (long long)i,
                      values[i]);
  double *workspace = ift_alloc_reals(context, n);
  if (!workspace) return IFT_ERR_NO_MEMORY;
  ift_project_simplex(weights, values, n, mass, workspace);
  ift_free(context, workspace);
  return IFT_OK;
}
