/* What every energy has to be, for every kind of energy and of target in the catalogue: a value whose derivatives are
 * the first variation and the velocity field, of a measure however it is written down. A kind that can't be built fails
 * (support/energies.h). */
#include "support/energies.h"
#include "support/fixture.h"

enum { N = 9, POINTS = 5, MOST = N * EXHIBIT_DIM };
/* One energy and particles for it. `few` of the derivatives are looked at where each is slow. */
typedef struct trial {
  const exhibit *exhibit;
  const ift_energy *energy;
  int64_t d, few;
  double x[MOST], a[N];
} trial;

typedef void checker(trial *t);

/* Every energy in one to three dimensions; where samples are many, in one. */
static void for_all(checker *check) {
  check_exhibits();
  for (int e = 0; e < EXHIBITS; e++)
    for (int64_t d = 1; d <= (exhibits[e].many ? 1 : 3); d++) {
      ift_energy *energy = exhibits[e].make(context, d);
      trial t = {.exhibit = &exhibits[e], .energy = energy, .d = d, .few = exhibits[e].many ? 2 : N};
      dice dice_ = {(uint64_t)d};
      dice_normals(&dice_, t.x, N * d);
      dice_weights(&dice_, t.a, N, 1);
      check(&t);
      ift_energy_destroy(energy);
    }
}

static void set_mass(trial *t, double mass) {
  double sum = 0;
  for (int i = 0; i < N; i++) sum += t->a[i];
  for (int i = 0; i < N; i++) t->a[i] *= mass / sum;
}

static double value_of(const trial *t, const double *x, const double *a, int64_t n) {
  ift_measure *measure = make_measure(context, x, n, t->d, a);
  double value;
  assert_status(IFT_OK, ift_energy_value(t->energy, &value, measure));
  ift_measure_destroy(measure);
  return value;
}

/* The number and its difference quotient, relative to the largest of their kind. */
static void check_slope(const trial *t, double given, double found, double size) {
  if (!(fabs(given - found) <= 1e-6 * fmax(size, 0.01)))
    fail_msg("%s in %d dimensions: %.17g, by differences %.17g", t->exhibit->name, (int)t->d, given, found);
}

static double largest(const double *values, int64_t count) {
  double most = 0;
  for (int64_t i = 0; i < count; i++) most = fmax(most, fabs(values[i]));
  return most;
}

/* dF/da_i = g(x_i), where masses are far from equal, so that no kernel changes its nature under way. */
static void check_first_variation(trial *t) {
  double g[N];
  set_mass(t, 0.5);
  ift_measure *measure = make_measure(context, t->x, N, t->d, t->a);
  assert_status(IFT_OK, ift_energy_first_variation(t->energy, g, NULL, 0, 0, measure));
  ift_measure_destroy(measure);
  for (int i = 0; i < t->few; i++) {
    double more[N], less[N];
    const double h = 1e-4 * t->a[i];
    memcpy(more, t->a, sizeof more);
    memcpy(less, t->a, sizeof less);
    more[i] += h;
    less[i] -= h;
    const double difference = (value_of(t, t->x, more, N) - value_of(t, t->x, less, N)) / (more[i] - less[i]);
    check_slope(t, g[i], difference, largest(g, N));
  }
}

static void test_first_variation(void **state) {
  (void)state;
  for_all(check_first_variation);
}

/* v = grad g at any point. */
static void check_field(const trial *t, const ift_measure *measure) {
  const int64_t d = t->d;
  double points[POINTS * EXHIBIT_DIM], field[POINTS * EXHIBIT_DIM];
  dice dice_ = {30};
  dice_normals(&dice_, points, POINTS * d);
  assert_status(IFT_OK, ift_energy_gradient(t->energy, field, points, POINTS, d, measure));
  for (int64_t k = 0; k < POINTS * d; k++) {
    double pair[2 * EXHIBIT_DIM], g[2];
    memcpy(pair, points + k / d * d, (size_t)d * sizeof *pair);
    memcpy(pair + d, points + k / d * d, (size_t)d * sizeof *pair);
    pair[k % d] += 1e-5;
    pair[d + k % d] -= 1e-5;
    assert_status(IFT_OK, ift_energy_first_variation(t->energy, g, pair, 2, d, measure));
    check_slope(t, field[k], (g[0] - g[1]) / 2e-5, largest(field, POINTS * d));
  }
}

/* dF/dx_i = a_i v(x_i). */
static void check_velocity(trial *t) {
  static const double masses[] = {1, 0.5};
  const int64_t size = N * t->d;
  for (int m = 0; m < 2; m++) {
    double v[MOST];
    set_mass(t, masses[m]);
    ift_measure *measure = make_measure(context, t->x, N, t->d, t->a);
    assert_status(IFT_OK, ift_energy_gradient(t->energy, v, NULL, 0, 0, measure));
    check_field(t, measure);
    ift_measure_destroy(measure);
    for (int64_t k = 0; k < t->few * t->d; k++) {
      double right[MOST], left[MOST];
      memcpy(right, t->x, sizeof right);
      memcpy(left, t->x, sizeof left);
      right[k] += 1e-5;
      left[k] -= 1e-5;
      const double difference = (value_of(t, right, t->a, N) - value_of(t, left, t->a, N)) / (right[k] - left[k]);
      check_slope(t, v[k], difference / t->a[k / t->d], largest(v, size));
    }
  }
}

static void test_velocity(void **state) {
  (void)state;
  for_all(check_velocity);
}

/* The library's own test finds the same, with dead particles too. */
static void check_self_test(trial *t) {
  static const double masses[] = {1, 0.5, 2};
  if (t->exhibit->many) return;
  for (int m = 0; m < 3; m++) {
    if (m == 2) t->a[0] = t->a[4] = 0;
    set_mass(t, masses[m]);
    ift_measure *measure = make_measure(context, t->x, N, t->d, t->a);
    if (ift_energy_check(t->energy, measure, 1e-6) != IFT_OK)
      fail_msg("%s in %d dimensions: %s", t->exhibit->name, (int)t->d, ift_context_message(context));
    ift_measure_destroy(measure);
  }
}

static void test_self_test(void **state) {
  (void)state;
  for_all(check_self_test);
}

/* F, and g and v at some points. */
typedef struct numbers {
  double value, g[POINTS], v[POINTS * EXHIBIT_DIM];
} numbers;

static numbers numbers_of(const trial *t, const double *x, const double *a, int64_t n) {
  double points[POINTS * EXHIBIT_DIM];
  dice dice_ = {31};
  numbers of = {0};
  dice_normals(&dice_, points, POINTS * t->d);
  memcpy(points, t->x, (size_t)(2 * t->d) * sizeof *points); /* two are particles */
  ift_measure *measure = make_measure(context, x, n, t->d, a);
  of.value = value_of(t, x, a, n);
  assert_status(IFT_OK, ift_energy_first_variation(t->energy, of.g, points, POINTS, t->d, measure));
  assert_status(IFT_OK, ift_energy_gradient(t->energy, of.v, points, POINTS, t->d, measure));
  ift_measure_destroy(measure);
  return of;
}

/* Dead particles, splits in halves and the order of particles change nothing. */
static void check_representation(trial *t) {
  const int64_t d = t->d;
  double other[2 * MOST], halves[2 * N], living[MOST], weights[N];
  t->a[1] += t->a[3];
  t->a[3] = 0;
  const numbers one = numbers_of(t, t->x, t->a, N);
  for (int i = 0; i < 2 * N; i++) {
    const int from = (2 * N - 1 - i) / 2;
    memcpy(other + i * d, t->x + from * d, (size_t)d * sizeof *other);
    halves[i] = t->a[from] / 2;
  }
  for (int i = 0; i < N - 1; i++) {
    const int from = i < 3 ? i : i + 1;
    memcpy(living + i * d, t->x + from * d, (size_t)d * sizeof *living);
    weights[i] = t->a[from];
  }
  for (int k = 0; k < 2; k++) {
    const numbers two = k ? numbers_of(t, living, weights, N - 1) : numbers_of(t, other, halves, 2 * N);
    assert_near(one.value, two.value, 1e-12, 1e-14);
    for (int i = 0; i < POINTS; i++) assert_near(one.g[i], two.g[i], 1e-12, 1e-14);
    for (int64_t i = 0; i < POINTS * d; i++) assert_near(one.v[i], two.v[i], 1e-12, 1e-13);
  }
}

static void test_representation(void **state) {
  (void)state;
  for_all(check_representation);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_first_variation),
      cmocka_unit_test(test_velocity),
      cmocka_unit_test(test_self_test),
      cmocka_unit_test(test_representation),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
