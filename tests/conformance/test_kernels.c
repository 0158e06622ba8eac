/* What every kernel of the catalogue has to be: symmetric, positive definite (on differences of equal mass), with
 * the gradient of its own values. A kind for which tests/support/kernels.h has no formula fails. */
#include <gsl/gsl_eigen.h>

#include "support/kernels.h"
#include "support/fixture.h"
#include "support/random.h"

static bool in_catalogue(const char *kind) {
  for (int64_t i = 0; i < ift_kind_count(); i++)
    if (!strcmp(ift_kind_noun(i), "kernel") && !strcmp(ift_kind_name(i), kind)) return true;
  return false;
}

/* Calls `check` for every formula of every kind in the catalogue. */
static void for_all(void (*check)(const formula *f, const ift_kernel *kernel)) {
  int64_t kinds = 0;
  for (int64_t i = 0; i < ift_kind_count(); i++) {
    if (strcmp(ift_kind_noun(i), "kernel") != 0) continue;
    bool known = false;
    kinds++;
    for (int k = 0; k < FORMULAS; k++) {
      if (strcmp(formulas[k].kind, ift_kind_name(i)) != 0) continue;
      ift_kernel *kernel = make_kernel(context, formulas[k].spec);
      known = true;
      check(&formulas[k], kernel);
      ift_kernel_destroy(kernel);
    }
    if (!known) fail_msg("tests/support/kernels.h has no formula of the kernel %s", ift_kind_name(i));
  }
  assert_true(kinds > 0);
  for (int k = 0; k < FORMULAS; k++) assert_true(in_catalogue(formulas[k].kind));
}

static void check_values(const formula *f, const ift_kernel *kernel) {
  enum { N = 14 };
  dice dice_ = {1};
  for (int64_t d = 1; d <= 6; d++) {
    double x[N * 6], gram[N * N];
    dice_normals(&dice_, x, N * d);
    memcpy(x + d, x, (size_t)d * sizeof *x);
    assert_status(IFT_OK, ift_kernel_gram(kernel, gram, x, N, d, x, N));
    for (int i = 0; i < N; i++)
      for (int j = 0; j < N; j++) {
        assert_near(gram[i * N + j], formula_value(f, x + i * d, x + j * d, d), 1e-12, 1e-14);
        assert_true(gram[i * N + j] == gram[j * N + i]); /* to the last bit, each computed by itself */
      }
  }
}

static void test_values_and_symmetry(void **state) {
  (void)state;
  for_all(check_values);
}

/* The smallest eigenvalue of the Gram matrix, doubly centered where the kernel is only conditionally positive
 * definite. */
static void check_definite(const formula *f, const ift_kernel *kernel) {
  enum { N = 25 };
  dice dice_ = {2};
  for (int64_t d = 1; d <= 4; d++) {
    double x[N * 4], gram[N * N], mean[N] = {0}, all = 0;
    dice_normals(&dice_, x, N * d);
    memcpy(x + 5 * d, x, (size_t)d * sizeof *x); /* duplicates make it singular, not indefinite */
    assert_status(IFT_OK, ift_kernel_gram(kernel, gram, x, N, d, NULL, N));
    if (f->conditional) {
      for (int i = 0; i < N; i++)
        for (int j = 0; j < N; j++) mean[i] += gram[i * N + j] / N, all += gram[i * N + j] / (N * N);
      for (int i = 0; i < N; i++)
        for (int j = 0; j < N; j++) gram[i * N + j] += all - mean[i] - mean[j];
    }
    gsl_matrix_view matrix = gsl_matrix_view_array(gram, N, N);
    gsl_vector *values = gsl_vector_alloc(N);
    gsl_eigen_symm_workspace *work = gsl_eigen_symm_alloc(N);
    gsl_eigen_symm(&matrix.matrix, values, work);
    const double least = gsl_vector_min(values), most = gsl_vector_max(values);
    gsl_eigen_symm_free(work);
    gsl_vector_free(values);
    assert_true(most > 0);
    assert_true(least >= -1e-13 * most);
  }
}

static void test_positive_definite(void **state) {
  (void)state;
  for_all(check_definite);
}

/* Gradients against the formulas and, independently of both, against differences of the values (Richardson's of
 * order 4). */
static void check_gradients(const formula *f, const ift_kernel *kernel) {
  dice dice_ = {3};
  for (int trial = 0; trial < 60; trial++) {
    const int64_t d = 1 + trial % 4;
    double x[4], y[4], gradient[4], slope[4];
    dice_normals(&dice_, x, d);
    dice_normals(&dice_, y, d);
    assert_status(IFT_OK, ift_kernel_sum_pairs(kernel, NULL, gradient, x, 1, d, y, 1, NULL));
    formula_gradient(f, slope, x, y, d);
    for (int64_t l = 0; l < d; l++) {
      double values[4];
      static const double steps[4] = {-2, -1, 1, 2};
      const double h = 1e-3 * (double)distance_of(x, y, d);
      for (int k = 0; k < 4; k++) {
        double moved[4];
        memcpy(moved, x, sizeof moved);
        moved[l] += steps[k] * h;
        assert_status(IFT_OK, ift_kernel_sum_pairs(kernel, &values[k], NULL, moved, 1, d, y, 1, NULL));
      }
      assert_near(gradient[l], slope[l], 1e-12, 1e-13);
      assert_near(gradient[l], (8 * (values[2] - values[1]) - (values[3] - values[0])) / (12 * h), 1e-7, 1e-8);
    }
  }
}

static void test_gradients(void **state) {
  (void)state;
  for_all(check_gradients);
}

/* Functions of x - y stay where they are under a shift, the others do not. */
static void check_translation(const formula *f, const ift_kernel *kernel) {
  const double x[2] = {0.3, -1}, y[2] = {1.1, 0.4}, far_x[2] = {8.3, 3}, far_y[2] = {9.1, 4.4};
  double here, there;
  assert_status(IFT_OK, ift_kernel_sum_pairs(kernel, &here, NULL, x, 1, 2, y, 1, NULL));
  assert_status(IFT_OK, ift_kernel_sum_pairs(kernel, &there, NULL, far_x, 1, 2, far_y, 1, NULL));
  if (f->translates)
    assert_near(here, there, 1e-13, 0);
  else
    assert_true(fabs(here - there) > 1);
}

static void test_translation(void **state) {
  (void)state;
  for_all(check_translation);
}

/* The library's own self-test agrees. */
static void check_by_the_library(const formula *f, const ift_kernel *kernel) {
  double x[15 * 3];
  dice dice_ = {4};
  (void)f;
  dice_normals(&dice_, x, 45);
  assert_status(IFT_OK, ift_kernel_check(kernel, x, 15, 3, 1e-6));
}

static void test_self_test(void **state) {
  (void)state;
  for_all(check_by_the_library);
}

/* Conditionally positive definite ones refuse unequal masses, and only those. */
static void check_masses(const formula *f, const ift_kernel *kernel) {
  const double x[2] = {0, 1}, w[2] = {1, 2};
  double value;
  ift_measure *light = make_measure(context, x, 2, 1, NULL), *heavy = make_measure(context, x, 2, 1, w);
  assert_status(f->conditional ? IFT_ERR_ARGUMENT : IFT_OK, ift_mmd2(kernel, &value, light, heavy));
  ift_measure_destroy(light);
  ift_measure_destroy(heavy);
}

static void test_masses(void **state) {
  (void)state;
  for_all(check_masses);
}

/* Whatever the coordinates: numbers, or IFT_ERR_NOT_FINITE, never NaN. */
static void check_huge(const formula *f, const ift_kernel *kernel) {
  (void)f;
  for (int exponent = -320; exponent <= 308; exponent += 4) {
    const double size = pow(10, exponent), x[4] = {size, -size, 0, size / 3}, y[2] = {-size, size / 7};
    double value[2], gradient[4];
    const ift_status status = ift_kernel_sum_pairs(kernel, value, gradient, x, 2, 2, y, 1, NULL);
    if (status == IFT_OK)
      for (int i = 0; i < 4; i++) assert_true(isfinite(value[i / 2]) && isfinite(gradient[i]));
    else
      assert_status(IFT_ERR_NOT_FINITE, status);
  }
}

static void test_huge_and_tiny_coordinates(void **state) {
  (void)state;
  for_all(check_huge);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_values_and_symmetry),
      cmocka_unit_test(test_positive_definite),
      cmocka_unit_test(test_gradients),
      cmocka_unit_test(test_translation),
      cmocka_unit_test(test_self_test),
      cmocka_unit_test(test_masses),
      cmocka_unit_test(test_huge_and_tiny_coordinates),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
