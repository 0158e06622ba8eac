/* MMD between two particle measures, its standard error and the witness function. */
#include <math.h>

#include "base/alloc.h"
#include "base/sum.h"
#include "kernel/kernel.h"
#include "measure/measure.h"

static ift_status check(const ift_kernel *kernel, const void *out, const ift_measure *a, const ift_measure *b) {
  if (!kernel) return IFT_ERR_ARGUMENT;
  ift_context *context = kernel->object.context;
  if (!out) return ift_fail(context, IFT_ERR_ARGUMENT, "the place for the result is NULL");
  IFT_TRY(ift_same_context(context, a, "the first measure"));
  IFT_TRY(ift_same_context(context, b, "the second measure"));
  if (a->d != b->d)
    return ift_fail(context, IFT_ERR_DIMENSION, "the measures have dimensions %lld and %lld", (long long)a->d,
                    (long long)b->d);
  return IFT_OK;
}

static ift_status check_masses(const ift_kernel *kernel, const ift_measure *a, const ift_measure *b) {
  const double p = ift_measure_mass(a), q = ift_measure_mass(b);
  if (!ift_kernel_is_conditional(kernel) || fabs(p - q) <= 1e-9 * fmax(p, q)) return IFT_OK;
  return ift_fail(
      kernel->object.context, IFT_ERR_ARGUMENT,
      "the masses are %.17g and %.17g; this kernel is only conditionally positive definite and needs equal ones", p, q);
}

/* The callback of a custom kernel may destroy the handles of a running call, which takes effect when that returns. */
static void hold(const ift_kernel *kernel, const ift_measure *a, const ift_measure *b) {
  ift_object_retain(kernel);
  ift_object_retain(a);
  ift_object_retain(b);
}

static void let_go(const ift_kernel *kernel, const ift_measure *a, const ift_measure *b) {
  ift_object_release((ift_measure *)a);
  ift_object_release((ift_measure *)b);
  ift_object_release((ift_kernel *)kernel);
}

/* out_i = sum_j a_j k(x_i, a_j) - sum_j b_j k(x_i, b_j), the two sums formed alike so that equal measures give
 * exactly 0; `other` has n numbers. */
static ift_status witness(const ift_kernel *kernel, double *out, double *other, const double *x, int64_t n,
                          const ift_measure *a, const ift_measure *b) {
  IFT_TRY(ift_kernel_pairs(kernel, out, NULL, x, n, a->d, a->positions, a->n, a->weights));
  IFT_TRY(ift_kernel_pairs(kernel, other, NULL, x, n, b->d, b->positions, b->n, b->weights));
  for (int64_t i = 0; i < n; i++) out[i] -= other[i];
  return IFT_OK;
}

ift_status ift_witness(const ift_kernel *kernel, double *out, const double *points, int64_t n, int64_t d,
                       const ift_measure *a, const ift_measure *b) {
  IFT_TRY(check(kernel, out, a, b));
  ift_context *context = kernel->object.context;
  IFT_TRY(ift_check_points(context, points, n, d, "points"));
  if (d != a->d)
    return ift_fail(context, IFT_ERR_DIMENSION, "the points have dimension %lld, the measures %lld", (long long)d,
                    (long long)a->d);
  double *work = ift_alloc2(context, 2, n, sizeof *work);
  if (!work) return IFT_ERR_NO_MEMORY;
  hold(kernel, a, b);
  ift_status status = witness(kernel, work, work + n, points, n, a, b);
  for (int64_t i = 0; status == IFT_OK && i < n; i++)
    if (!isfinite(work[i]))
      status = ift_fail(context, IFT_ERR_NOT_FINITE,
                        "the witness function is %g: the weights or coordinates are too large", work[i]);
  for (int64_t i = 0; status == IFT_OK && i < n; i++) out[i] = work[i];
  ift_free(context, work);
  let_go(kernel, a, b);
  return status;
}

ift_status ift_mmd2(const ift_kernel *kernel, double *out, const ift_measure *a, const ift_measure *b) {
  IFT_TRY(check(kernel, out, a, b));
  IFT_TRY(check_masses(kernel, a, b));
  ift_context *context = kernel->object.context;
  const int64_t most = a->n > b->n ? a->n : b->n;
  double *work = ift_alloc2(context, 3, most, sizeof *work);
  if (!work) return IFT_ERR_NO_MEMORY;
  double *at_a = work, *at_b = work + most, *other = work + 2 * most;
  hold(kernel, a, b);
  ift_status status = witness(kernel, at_a, other, a->positions, a->n, a, b);
  if (status == IFT_OK) status = witness(kernel, at_b, other, b->positions, b->n, a, b);
  if (status == IFT_OK) {
    const double value = ift_dot_compensated(at_a, a->weights, a->n) - ift_dot_compensated(at_b, b->weights, b->n);
    if (isfinite(value))
      *out = fmax(value, 0); /* a square; below 0 by rounding only */
    else
      status = ift_fail(context, IFT_ERR_NOT_FINITE, "MMD^2 is %g: the weights or coordinates are too large", value);
  }
  ift_free(context, work);
  let_go(kernel, a, b);
  return status;
}

double ift_standard_error(const double *f, const double *w, int64_t n) {
  const double mean = ift_dot_compensated(f, w, n) / ift_sum(w, n);
  double sum = 0;
  for (int64_t j = 0; j < n && n > 1; j++) sum += w[j] * w[j] * (f[j] - mean) * (f[j] - mean);
  return 2 * sqrt(sum);
}

ift_status ift_mmd2_standard_error(const ift_kernel *kernel, double *out, const ift_measure *a, const ift_measure *b) {
  IFT_TRY(check(kernel, out, a, b));
  IFT_TRY(check_masses(kernel, a, b));
  ift_context *context = kernel->object.context;
  double *work = ift_alloc2(context, 2, b->n, sizeof *work);
  if (!work) return IFT_ERR_NO_MEMORY;
  hold(kernel, a, b);
  ift_status status = witness(kernel, work, work + b->n, b->positions, b->n, a, b);
  if (status == IFT_OK) {
    const double error = ift_standard_error(work, b->weights, b->n);
    if (isfinite(error))
      *out = error;
    else
      status = ift_fail(context, IFT_ERR_NOT_FINITE,
                        "the standard error is %g: the weights or coordinates are too large", error);
  }
  ift_free(context, work);
  let_go(kernel, a, b);
  return status;
}
