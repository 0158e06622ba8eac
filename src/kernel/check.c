/* The self-test of a kernel: symmetry, gradients, positive definiteness. */
#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "base/extremes.h"
#include "base/sum.h"
#include "kernel/kernel.h"
#include "linalg/linalg.h"

static ift_status check_symmetry(const ift_kernel *kernel, const double *gram, int64_t n, double tolerance) {
  const double scale = ift_largest(gram, n * n);
  for (int64_t i = 0; i < n; i++)
    for (int64_t j = 0; j < i; j++)
      if (!(fabs(gram[i * n + j] - gram[j * n + i]) <= tolerance * scale))
        return ift_fail(kernel->object.context, IFT_ERR_CAPABILITY,
                        "the kernel is not symmetric: k(x_%lld, x_%lld) is %.17g, the other way round %.17g",
                        (long long)i, (long long)j, gram[i * n + j], gram[j * n + i]);
  return IFT_OK;
}

/* Central differences of k(., x_j) at x_i, i != j, where k is of this size around. With steps of about 6e-6 of the
 * distance they are good to 1e-10 of that over the step's length, whatever is left of k between the two; `work` has
 * 3 d numbers. */
static ift_status check_gradient(const ift_kernel *kernel, const double *x, int64_t i, int64_t j, int64_t d,
                                 double size, double tolerance, double *work) {
  double *at = work, *gradient = work + d, *difference = work + 2 * d, value, distance = 0;
  const double *y = x + j * d;
  for (int64_t l = 0; l < d; l++) distance += (x[i * d + l] - y[l]) * (x[i * d + l] - y[l]);
  if (distance == 0) return IFT_OK;
  const double h = 6e-6 * sqrt(distance);
  memcpy(at, x + i * d, (size_t)d * sizeof(double));
  IFT_TRY(ift_kernel_pairs(kernel, &value, gradient, at, 1, d, y, 1, NULL));
  for (int64_t l = 0; l < d; l++) {
    double above, below;
    const double middle = at[l], right = middle + h, left = middle - h;
    at[l] = right;
    IFT_TRY(ift_kernel_pairs(kernel, &above, NULL, at, 1, d, y, 1, NULL));
    at[l] = left;
    IFT_TRY(ift_kernel_pairs(kernel, &below, NULL, at, 1, d, y, 1, NULL));
    at[l] = middle;
    difference[l] = (above - below) / (right - left);
  }
  size = fmax(size, fabs(value));
  const double scale = fmax(ift_largest(difference, d), 1e-4 * size / sqrt(distance));
  for (int64_t l = 0; l < d; l++)
    if (!(fabs(gradient[l] - difference[l]) <= tolerance * scale + 1e-9 * size / sqrt(distance)))
      return ift_fail(kernel->object.context, IFT_ERR_CAPABILITY,
                      "the gradient of k(., x_%lld) at x_%lld has component %lld = %.17g; differences give %.17g",
                      (long long)j, (long long)i, (long long)l, gradient[l], difference[l]);
  return IFT_OK;
}

/* Doubly centered form, positive semi-definite for conditionally positive definite kernels. */
static void center(double *gram, int64_t n, double *mean) {
  for (int64_t i = 0; i < n; i++) mean[i] = ift_sum(gram + i * n, n) / (double)n;
  const double all = ift_sum(mean, n) / (double)n;
  for (int64_t i = 0; i < n; i++)
    for (int64_t j = 0; j < n; j++) gram[i * n + j] += all - mean[i] - mean[j];
}

/* The largest eigenvalue to a few percent, by power iteration from a vector that no structure is orthogonal to. */
static double largest_eigenvalue(const double *gram, int64_t n, double *vector, double *image) {
  double norm = 0;
  for (int64_t i = 0; i < n; i++) vector[i] = 1 + 0.5 * sin((double)(i + 1));
  for (int iteration = 0; iteration < 50; iteration++) {
    ift_symmetric_multiply(image, 1, gram, n, vector, 0);
    norm = sqrt(ift_dot_compensated(image, image, n));
    if (!(norm > 0)) return 0;
    for (int64_t i = 0; i < n; i++) vector[i] = image[i] / norm;
  }
  return norm;
}

/* gram + tolerance * largest eigenvalue must have a Cholesky factor. `work` has 2 n numbers. */
static ift_status check_definite(const ift_kernel *kernel, double *gram, int64_t n, double tolerance, double *work) {
  ift_context *context = kernel->object.context;
  if (ift_kernel_is_conditional(kernel)) center(gram, n, work);
  const double most = largest_eigenvalue(gram, n, work, work + n);
  const double shift = fmax(tolerance, 1e-15 * (double)n) * most;
  for (int64_t i = 0; i < n; i++) gram[i * n + i] += shift;
  bool positive;
  IFT_TRY(ift_cholesky(context, gram, n, &positive));
  if (positive || most == 0) return IFT_OK;
  return ift_fail(context, IFT_ERR_CAPABILITY,
                  "the kernel is not positive definite: on these points its matrix has an eigenvalue below %.3g",
                  -shift);
}

ift_status ift_kernel_check(const ift_kernel *kernel, const double *x, int64_t n, int64_t d, double tolerance) {
  if (!kernel) return IFT_ERR_ARGUMENT;
  ift_context *context = kernel->object.context;
  IFT_TRY(ift_check_points(context, x, n, d, "x"));
  if (n < 2 || !(tolerance > 0))
    return ift_fail(context, IFT_ERR_ARGUMENT, "n is %lld and the tolerance %g; allowed are n >= 2 and a tolerance > 0",
                    (long long)n, tolerance);
  ift_object_retain(kernel); /* its callback may destroy the handle */
  const int64_t most = 2 * n > 3 * d ? 2 * n : 3 * d;
  double *gram = ift_alloc2(context, n, n, sizeof *gram), *work = ift_alloc_reals(context, most);
  ift_status status = gram && work ? ift_kernel_matrix(kernel, gram, x, n, d, x, n) : IFT_ERR_NO_MEMORY;
  if (status == IFT_OK) status = check_symmetry(kernel, gram, n, tolerance);
  for (int64_t i = 0; status == IFT_OK && i < n; i++)
    for (int64_t j = 0; status == IFT_OK && j < n; j++)
      if (i != j)
        status = check_gradient(kernel, x, i, j, d, sqrt(fabs(gram[i * n + i])) * sqrt(fabs(gram[j * n + j])),
                                tolerance, work);
  if (status == IFT_OK) status = check_definite(kernel, gram, n, tolerance, work);
  ift_free(context, gram);
  ift_free(context, work);
  ift_object_release((ift_kernel *)kernel);
  return status;
}
