/* What every energy has to be, for every kind of target in the catalogue: a value whose derivatives are the first
 * variation and the velocity field. A kind that this file can't build fails. */
#include <stdbool.h>

#include "support/kernels.h"
#include "support/make.h"
#include "support/random.h"

enum { N = 9, D = 2 };
static ift_context *context;

static int set_up(void **state) {
  (void)state;
  context = make_context();
  return 0;
}

static int tear_down(void **state) {
  (void)state;
  ift_context_destroy(context);
  return 0;
}

static ift_target *build_samples(void) {
  double y[25 * D], w[25];
  dice dice_ = {1};
  dice_normals(&dice_, y, 25 * D);
  dice_weights(&dice_, w, 25, 1);
  return make_samples(context, y, 25, D, w);
}

static ift_target *build_mixture(void) {
  const double weights[2] = {0.4, 0.6}, means[4] = {0, 0, 1, -1}, covariances[8] = {1, 0.3, 0.3, 0.5, 0.4, 0, 0, 0.6};
  ift_target *target;
  assert_status(IFT_OK, ift_target_gaussian_mixture(context, &target, 2, D, weights, means, covariances));
  return target;
}

static const struct {
  const char *name;
  ift_target *(*build)(void);
} targets[] = {{"samples", build_samples}, {"gaussian-mixture", build_mixture}};

static ift_status build_mmd(ift_energy **out, const ift_kernel *kernel, const ift_target *target) {
  return ift_energy_mmd(context, out, kernel, target);
}

static const struct {
  const char *name;
  ift_status (*build)(ift_energy **out, const ift_kernel *kernel, const ift_target *target);
} energies[] = {{"mmd", build_mmd}};

/* The place of a kind among the builders; a kind without one fails. */
#define find_builder(table, kind) find_name(&(table)[0].name, sizeof(table)[0], sizeof(table) / sizeof(table)[0], kind)
static size_t find_name(const char *const *first, size_t stride, size_t count, const char *kind) {
  for (size_t k = 0; k < count; k++) {
    const char *name;
    memcpy(&name, (const char *)first + k * stride, sizeof name);
    if (strcmp(name, kind) == 0) return k;
  }
  fail_msg("this suite can't build the kind %s", kind);
  return count;
}

typedef void checker(const ift_energy *energy, const ift_kernel *kernel);

/* Every energy of every target by some kernels: smooth, with a kink, conditionally positive definite, a sum. */
static void for_all(checker *check) {
  static const char *const specs[] = {"gaussian:0.8", "imq:1", "riesz:1.5", "gaussian:0.5+0.3*gaussian:2"};
  int64_t tried = 0;
  for (int64_t e = 0; e < ift_kind_count(); e++) {
    if (strcmp(ift_kind_noun(e), "energy") != 0) continue;
    const size_t energy_kind = find_builder(energies, ift_kind_name(e));
    for (int64_t t = 0; t < ift_kind_count(); t++) {
      if (strcmp(ift_kind_noun(t), "target") != 0) continue;
      const size_t target_kind = find_builder(targets, ift_kind_name(t));
      ift_target *target = targets[target_kind].build();
      for (int k = 0; k < 4; k++) {
        /* drawn samples are many, and need O(m^2) for the value: a closed form will do */
        if (strcmp(ift_kind_name(t), "samples") != 0 && strncmp(specs[k], "gaussian", 8) != 0) continue;
        ift_kernel *kernel = make_kernel(context, specs[k]);
        ift_energy *energy;
        assert_status(IFT_OK, energies[energy_kind].build(&energy, kernel, target));
        check(energy, kernel);
        tried++;
        ift_energy_destroy(energy);
        ift_kernel_destroy(kernel);
      }
      ift_target_destroy(target);
    }
  }
  assert_true(tried >= 6);
}

static double value_of(const ift_energy *energy, const double *x, const double *a, int64_t n) {
  ift_measure *measure = make_measure(context, x, n, D, a);
  double value;
  assert_status(IFT_OK, ift_energy_value(energy, &value, measure));
  ift_measure_destroy(measure);
  return value;
}

static void make_particles(double *x, double *a, double mass) {
  dice dice_ = {2};
  dice_normals(&dice_, x, N * D);
  dice_weights(&dice_, a, N, mass);
}

/* dF/da_i = g(x_i), where masses are far from equal, so that no kernel changes its nature under way. */
static void check_first_variation(const ift_energy *energy, const ift_kernel *kernel) {
  double x[N * D], a[N], g[N];
  (void)kernel;
  make_particles(x, a, 0.5);
  ift_measure *measure = make_measure(context, x, N, D, a);
  assert_status(IFT_OK, ift_energy_first_variation(energy, g, NULL, 0, 0, measure));
  ift_measure_destroy(measure);
  for (int i = 0; i < N; i++) {
    double more[N], less[N];
    const double h = a[i] / 8;
    memcpy(more, a, sizeof more);
    memcpy(less, a, sizeof less);
    more[i] += h;
    less[i] -= h;
    assert_near(g[i], (value_of(energy, x, more, N) - value_of(energy, x, less, N)) / (2 * h), 1e-7, 1e-9);
  }
}

static void test_first_variation(void **state) {
  (void)state;
  for_all(check_first_variation);
}

/* dF/dx_i = a_i v(x_i), and v = grad g at any point. */
static void check_velocity(const ift_energy *energy, const ift_kernel *kernel) {
  static const double masses[] = {1, 0.5};
  (void)kernel;
  for (int m = 0; m < 2; m++) {
    double x[N * D], a[N], v[N * D], points[5 * D], field[5 * D];
    dice dice_ = {3};
    make_particles(x, a, masses[m]);
    dice_normals(&dice_, points, 5 * D);
    ift_measure *measure = make_measure(context, x, N, D, a);
    assert_status(IFT_OK, ift_energy_gradient(energy, v, NULL, 0, 0, measure));
    assert_status(IFT_OK, ift_energy_gradient(energy, field, points, 5, D, measure));
    for (int i = 0; i < 5 * D; i++) {
      double pair[2 * D], g[2];
      memcpy(pair, points + i / D * D, D * sizeof *pair);
      memcpy(pair + D, points + i / D * D, D * sizeof *pair);
      pair[i % D] += 1e-5;
      pair[D + i % D] -= 1e-5;
      assert_status(IFT_OK, ift_energy_first_variation(energy, g, pair, 2, D, measure));
      assert_near(field[i], (g[0] - g[1]) / 2e-5, 1e-6, 1e-8);
    }
    ift_measure_destroy(measure);
    for (int i = 0; i < N * D; i++) {
      double right[N * D], left[N * D];
      memcpy(right, x, sizeof right);
      memcpy(left, x, sizeof left);
      right[i] += 1e-5;
      left[i] -= 1e-5;
      assert_near(a[i / D] * v[i], (value_of(energy, right, a, N) - value_of(energy, left, a, N)) / 2e-5, 1e-6, 1e-8);
    }
  }
}

static void test_velocity(void **state) {
  (void)state;
  for_all(check_velocity);
}

/* Dead particles, splits and the order of particles do not change F. */
static void check_representation(const ift_energy *energy, const ift_kernel *kernel) {
  double x[N * D], a[N], other[2 * N * D], halves[2 * N];
  (void)kernel;
  make_particles(x, a, 1);
  a[0] += a[3];
  a[3] = 0;
  const double value = value_of(energy, x, a, N);
  assert_true(value > 0);
  for (int i = 0; i < 2 * N; i++) {
    const int from = (2 * N - 1 - i) / 2;
    memcpy(other + i * D, x + from * D, D * sizeof *x);
    halves[i] = a[from] / 2;
  }
  assert_near(value_of(energy, other, halves, 2 * N), value, 1e-12, 0);
}

static void test_representation(void **state) {
  (void)state;
  for_all(check_representation);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_first_variation),
      cmocka_unit_test(test_velocity),
      cmocka_unit_test(test_representation),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
