/* Bytes as the specification of a kernel, and what every kernel that comes of it promises. */
#include "fuzz/fuzz.h"

enum { POINTS = 6, D = 2 };

/* Equal ones, near ones, the origin, far ones. */
static const double points[POINTS * D] = {0, 0, 1, -0.5, 1, -0.5, 1 + 1e-9, -0.5, -3e3, 7, 1e-7, 2.5e5};

/* K is symmetric to the last bit, and |phi(x_i) - phi(x_j)|^2 = K_ii + K_jj - 2 K_ij >= 0 up to rounding, also for
 * kernels that are only conditionally positive definite. */
static void require_gram(const double *gram) {
  for (int i = 0; i < POINTS; i++)
    for (int j = 0; j < POINTS; j++) {
      const double self = gram[i * POINTS + i] / 2 + gram[j * POINTS + j] / 2, cross = gram[i * POINTS + j];
      require(isfinite(cross));
      require(same_bits(&gram[i * POINTS + j], &gram[j * POINTS + i], 1));
      require(self - cross >= -1e-12 * (fabs(self) + fabs(cross)));
    }
}

/* The sums over pairs are those of the matrix. */
static void require_sums(const double *gram, const double *value, const double *w) {
  for (int i = 0; i < POINTS; i++) {
    double sum = 0, size = 0;
    for (int j = 0; j < POINTS; j++) {
      sum += w[j] * gram[i * POINTS + j];
      size += fabs(w[j] * gram[i * POINTS + j]);
    }
    require(!isfinite(size) || fabs(value[i] - sum) <= 1e-12 * size);
  }
}

static void require_kernel(ift_context *context, const ift_kernel *kernel) {
  static const double w[POINTS] = {0.5, 1, 0, 0.25, 2, 1};
  double gram[POINTS * POINTS], value[POINTS], gradient[POINTS * D];
  const ift_status status = ift_kernel_gram(kernel, gram, points, POINTS, D, NULL, POINTS);
  require(status == IFT_OK || status == IFT_ERR_NOT_FINITE);
  if (status == IFT_OK) require_gram(gram);
  const ift_status summed = ift_kernel_sum_pairs(kernel, value, gradient, points, POINTS, D, points, POINTS, w);
  require(summed == IFT_OK || summed == IFT_ERR_NOT_FINITE);
  for (int i = 0; summed == IFT_OK && i < POINTS * D; i++) require(isfinite(gradient[i]));
  if (status == IFT_OK && summed == IFT_OK) require_sums(gram, value, w);
  if (status != IFT_OK || summed != IFT_OK) require_message(context);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  ift_context *context = open_context();
  char *text = copy_text(data, size);
  ift_kernel *kernel = (ift_kernel *)(void *)text; /* has to become NULL on an error */
  const ift_status status = ift_kernel_parse(context, &kernel, text);
  if (status == IFT_OK) {
    require(kernel);
    require_kernel(context, kernel);
    ift_kernel_destroy(kernel);
  } else {
    require(status == IFT_ERR_OPTION && !kernel);
    require_message(context);
  }
  free(text);
  ift_context_destroy(context);
  return 0;
}
