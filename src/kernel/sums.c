/* Sums and matrices of a kernel over pairs, and what is derived from them point by point. */
#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "kernel/kernel.h"

/* Is a callback of this kernel running? Then it was entered again from there. */
static ift_status enter(const ift_kernel *kernel) {
  for (int t = 0; t < kernel->count; t++) {
    const ift_kernel *owner = kernel->owners[t] ? (const ift_kernel *)kernel->owners[t] : kernel;
    if (owner->running)
      return ift_fail(kernel->object.context, IFT_ERR_BUSY, "a custom kernel was entered again from its own callback");
  }
  ift_object_retain(kernel); /* its callback may destroy the handle */
  return IFT_OK;
}

ift_status ift_kernel_pairs(const ift_kernel *kernel, double *value, double *gradient, const double *x, int64_t n,
                            int64_t d, const double *y, int64_t m, const double *w) {
  IFT_TRY(enter(kernel));
  const ift_status status =
      ift_pairs_sum(kernel->object.context, kernel->terms, kernel->count, value, gradient, x, n, d, y, m, w);
  ift_object_release((ift_kernel *)kernel);
  return status;
}

ift_status ift_kernel_matrix(const ift_kernel *kernel, double *matrix, const double *x, int64_t n, int64_t d,
                             const double *y, int64_t m) {
  IFT_TRY(enter(kernel));
  const ift_status status =
      ift_pairs_matrix(kernel->object.context, kernel->terms, kernel->count, matrix, x, n, d, y, m);
  ift_object_release((ift_kernel *)kernel);
  return status;
}

bool ift_kernel_has_tangents(const ift_kernel *kernel) {
  for (int t = 0; t < kernel->count; t++)
    if (!kernel->terms[t].bend) return false;
  return true;
}

ift_status ift_kernel_tangents(const ift_kernel *kernel, double *matrix, const double *x, int64_t n, int64_t d) {
  return ift_pairs_tangents(kernel->object.context, kernel->terms, kernel->count, matrix, x, n, d);
}

bool ift_kernel_has_profiles(const ift_kernel *kernel) {
  for (int t = 0; t < kernel->count; t++)
    if (!kernel->terms[t].bend || kernel->terms[t].form == IFT_DOT) return false;
  return true;
}

ift_status ift_kernel_profiles(const ift_kernel *kernel, double *value, double *slope, double *bend, double *size,
                               double *bent, const double *x, int64_t n, int64_t d) {
  return ift_pairs_profiles(kernel->object.context, kernel->terms, kernel->count, value, slope, bend, size, bent, x, n,
                            d);
}

ift_status ift_check_points(ift_context *context, const double *x, int64_t n, int64_t d, const char *name) {
  if (!x) return ift_fail(context, IFT_ERR_ARGUMENT, "%s is NULL", name);
  if (n < 0 || d < 1)
    return ift_fail(context, IFT_ERR_ARGUMENT, "%s has %lld points of dimension %lld; allowed are >= 0 and >= 1", name,
                    (long long)n, (long long)d);
  for (int64_t i = 0; i < n; i++)
    for (int64_t l = 0; l < d; l++)
      if (!isfinite(x[i * d + l]))
        return ift_fail(context, IFT_ERR_NOT_FINITE, "%s[%lld][%lld] is %g; coordinates must be finite", name,
                        (long long)i, (long long)l, x[i * d + l]);
  return IFT_OK;
}

ift_status ift_kernel_sum_pairs(const ift_kernel *kernel, double *value, double *gradient, const double *x, int64_t n,
                                int64_t d, const double *y, int64_t m, const double *w) {
  if (!kernel) return IFT_ERR_ARGUMENT;
  ift_context *context = kernel->object.context;
  IFT_TRY(ift_check_points(context, x, n, d, "x"));
  if (m != 0 || y) IFT_TRY(ift_check_points(context, y, m, d, "y"));
  for (int64_t j = 0; w && j < m; j++)
    if (!isfinite(w[j]))
      return ift_fail(context, IFT_ERR_NOT_FINITE, "w[%lld] is %g; weights must be finite", (long long)j, w[j]);
  /* by way of a copy: on an error the outputs stay as they are */
  double *values = ift_alloc_reals(context, value ? n : 0),
         *gradients = ift_alloc2(context, gradient ? n : 0, d, sizeof *x);
  ift_status status = values && gradients ? IFT_OK : IFT_ERR_NO_MEMORY;
  if (status == IFT_OK)
    status = ift_kernel_pairs(kernel, value ? values : NULL, gradient ? gradients : NULL, x, n, d, y, m, w);
  if (status == IFT_OK && value) memcpy(value, values, (size_t)n * sizeof *value);
  if (status == IFT_OK && gradient) memcpy(gradient, gradients, (size_t)(n * d) * sizeof *gradient);
  ift_free(context, values);
  ift_free(context, gradients);
  return status;
}

ift_status ift_kernel_gram(const ift_kernel *kernel, double *gram, const double *x, int64_t n, int64_t d,
                           const double *y, int64_t m) {
  if (!kernel) return IFT_ERR_ARGUMENT;
  ift_context *context = kernel->object.context;
  if (!gram) return ift_fail(context, IFT_ERR_ARGUMENT, "gram is NULL");
  IFT_TRY(ift_check_points(context, x, n, d, "x"));
  if (y)
    IFT_TRY(ift_check_points(context, y, m, d, "y"));
  else if (m != n)
    return ift_fail(context, IFT_ERR_ARGUMENT, "y is NULL, so m must be n = %lld; it is %lld", (long long)n,
                    (long long)m);
  IFT_TRY(ift_kernel_matrix(kernel, gram, x, n, d, y ? y : x, m));
  if (!y) /* a callback need not be symmetric to the last bit */
    for (int64_t i = 0; i < n; i++)
      for (int64_t j = 0; j < i; j++) gram[j * n + i] = gram[i * n + j];
  return IFT_OK;
}

ift_status ift_kernel_anchor(const ift_kernel *kernel, double *value, double *gradient, const double *x, int64_t n,
                             int64_t d, const double *anchor) {
  ift_pair_term terms[IFT_KERNEL_PARTS];
  int count = 0;
  for (int t = 0; t < kernel->count; t++)
    if (kernel->kinds[t] && kernel->kinds[t]->conditional) {
      terms[count] = kernel->terms[t];
      terms[count++].coefficient *= -1;
    }
  return ift_pairs_sum(kernel->object.context, terms, count, value, gradient, x, n, d, anchor, 1, NULL);
}

ift_status ift_kernel_diagonal(const ift_kernel *kernel, double *value, const double *x, int64_t n, int64_t d) {
  IFT_TRY(enter(kernel));
  const ift_status status = ift_pairs_diagonal(kernel->object.context, kernel->terms, kernel->count, value, x, n, d);
  ift_object_release((ift_kernel *)kernel);
  return status;
}
