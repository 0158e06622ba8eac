/* Second derivatives: the Gram matrix of k(x_i, .) and its gradients, against differences of gradients, and the products
 * that stand for it. */
#include <stdlib.h>

#include "kernel/kernel.h"
#include "support/kernels.h"
#include "support/fixture.h"
#include "support/random.h"

enum { N = 5, MOST = 4, SIZE = N * (MOST + 1) };
static void gradient_of(const ift_kernel *kernel, double *gradient, const double *x, const double *y, int64_t d) {
  assert_status(IFT_OK, ift_kernel_sum_pairs(kernel, NULL, gradient, x, 1, d, y, 1, NULL));
}

/* The block of points i and j against the kernel, its gradient, and differences of that in y. */
static void check_block(const ift_kernel *kernel, const double *matrix, const double *x, int64_t i, int64_t j,
                        int64_t d) {
  const int64_t stride = N * (d + 1);
  const double *block = matrix + i * (d + 1) * stride + j * (d + 1), h = 1e-5;
  double value, gradient[MOST], high[MOST], low[MOST], y[MOST];
  assert_status(IFT_OK, ift_kernel_sum_pairs(kernel, &value, gradient, x + i * d, 1, d, x + j * d, 1, NULL));
  assert_near(block[0], value, 1e-14, 1e-15);
  for (int64_t r = 0; r < d; r++) assert_near(block[(r + 1) * stride], gradient[r], 1e-13, 1e-14);
  gradient_of(kernel, gradient, x + j * d, x + i * d, d); /* in y, by symmetry */
  for (int64_t q = 0; q < d; q++) assert_near(block[q + 1], gradient[q], 1e-13, 1e-14);
  for (int64_t q = 0; q < d; q++) {
    memcpy(y, x + j * d, (size_t)d * sizeof *y);
    y[q] += h;
    gradient_of(kernel, high, x + i * d, y, d);
    y[q] -= 2 * h;
    gradient_of(kernel, low, x + i * d, y, d);
    const double scale = fabs(block[(q + 1) * stride + q + 1]) + fabs(value) + 1;
    /* at x = y matern32 has second derivatives, but no third */
    for (int64_t r = 0; r < d; r++)
      assert_near(block[(r + 1) * stride + q + 1], (high[r] - low[r]) / (2 * h), 0, (i == j ? 1e-4 : 1e-8) * scale);
  }
}

static void check_kernel(const char *spec, bool exists) {
  ift_kernel *kernel = make_kernel(context, spec);
  assert_true(ift_kernel_has_tangents(kernel) == exists);
  dice dice_ = {1};
  for (int64_t d = 1; exists && d <= MOST; d++) {
    double x[N * MOST], matrix[SIZE * SIZE];
    dice_normals(&dice_, x, N * d);
    assert_status(IFT_OK, ift_kernel_tangents(kernel, matrix, x, N, d));
    for (int64_t i = 0; i < N; i++)
      for (int64_t j = 0; j < i; j++) check_block(kernel, matrix, x, i, j, d);
    for (int64_t i = 0; i < N; i++) /* on the diagonal only the lower triangle is there */
      for (int64_t r = 0; r <= d; r++)
        for (int64_t q = r + 1; q <= d; q++) {
          double *rows = matrix + i * (d + 1) * (N * (d + 1) + 1);
          rows[r * N * (d + 1) + q] = rows[q * N * (d + 1) + r];
        }
    for (int64_t i = 0; i < N; i++) check_block(kernel, matrix, x, i, i, d);
  }
  ift_kernel_destroy(kernel);
}

static void test_differences(void **state) {
  (void)state;
  for (int k = 0; k < FORMULAS; k++)
    check_kernel(formulas[k].spec, !formulas[k].kink && strcmp(formulas[k].kind, "riesz") != 0);
  check_kernel("0.5*gaussian:1+2*imq:0.7+0.1*linear", true);
  check_kernel("gaussian:1+laplace:1", false);
}

/* Sixty copies of a point more than fill a block of sources. */
static void test_products(void **state) {
  (void)state;
  enum { POINTS = 150, LONG = 160, DIM = 3, ROWS = POINTS * (DIM + 1) };
  static const char *const specs[] = {"gaussian:0.7", "matern32:1", "matern52:0.8", "imq:1", "2*gaussian:1+imq:0.5"};
  static double x[POINTS * DIM], scaled[LONG * DIM], u[LONG * (DIM + 1)], out[LONG * (DIM + 1)], k[LONG * LONG],
      s[LONG * LONG], b[LONG * LONG];
  assert_int_equal(ift_pairs_stride(POINTS), LONG);
  double *matrix = malloc(sizeof(double) * ROWS * ROWS);
  assert_non_null(matrix);
  dice dice_ = {2};
  dice_normals(&dice_, x, (POINTS - 60) * DIM);
  for (int i = POINTS - 60; i < POINTS; i++) memcpy(x + i * DIM, x, DIM * sizeof *x);
  for (int l = 0; l <= DIM; l++) dice_normals(&dice_, u + l * LONG, POINTS);
  for (size_t at = 0; at < sizeof specs / sizeof *specs; at++) {
    ift_kernel *kernel = make_kernel(context, specs[at]);
    double size, bent;
    assert_true(ift_kernel_has_profiles(kernel));
    assert_status(IFT_OK, ift_kernel_tangents(kernel, matrix, x, POINTS, DIM));
    assert_status(IFT_OK, ift_kernel_profiles(kernel, k, s, b, &size, &bent, x, POINTS, DIM));
    for (int i = 0; i < POINTS; i++)
      for (int l = 0; l < DIM; l++) scaled[l * LONG + i] = sqrt(bent / size) * x[i * DIM + l];
    ift_pairs_tangent_product(context, out, k, s, b, scaled, POINTS, DIM, u);
    for (int i = 0; i < ROWS; i++) {
      double sum = 0;
      for (int j = 0; j < ROWS; j++) {
        const double entry = i >= j ? matrix[i * ROWS + j] : matrix[j * ROWS + i];
        const int row = i % (DIM + 1), column = j % (DIM + 1);
        sum += entry / sqrt(row ? bent : size) / sqrt(column ? bent : size) * u[column * LONG + j / (DIM + 1)];
      }
      assert_near(out[i % (DIM + 1) * LONG + i / (DIM + 1)], sum, 1e-11, 1e-11);
    }
    ift_kernel_destroy(kernel);
  }
  free(matrix);
  ift_kernel *kernel = make_kernel(context, "gaussian:1+linear");
  assert_false(ift_kernel_has_profiles(kernel));
  ift_kernel_destroy(kernel);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_differences),
      cmocka_unit_test(test_products),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
