/* Steps of the projected MMD flow: the minimizer of the linear model, mass, and descent, by factors and by conjugate
 * gradients. */
#include "base/sum.h"
#include "flow/projected.h"
#include "support/kernels.h"
#include "support/make.h"
#include "support/random.h"

enum { N = 7, M = 40, D = 2 };
static ift_context *context;
static double y[M * D], x[N * D], a[N];

static int set_up(void **state) {
  (void)state;
  dice dice_ = {3};
  context = make_context();
  dice_normals(&dice_, y, M * D);
  dice_normals(&dice_, x, N * D);
  dice_weights(&dice_, a, N, 1);
  return 0;
}

static int tear_down(void **state) {
  (void)state;
  ift_context_destroy(context);
  return 0;
}

typedef struct scene {
  ift_energy *energy;
  ift_kernel *kernel;
  ift_measure *measure;
  double g[N], v[N * D], f;
} scene;

static void open_scene(scene *s, const char *spec, const double *weights) {
  s->energy = make_energy(context, spec, y, M, D, NULL);
  s->kernel = make_kernel(context, spec);
  s->measure = make_measure(context, x, N, D, weights);
  assert_status(IFT_OK, ift_energy_first_variation(s->energy, s->g, x, N, D, s->measure));
  assert_status(IFT_OK, ift_energy_gradient(s->energy, s->v, x, N, D, s->measure));
  assert_status(IFT_OK, ift_energy_value(s->energy, &s->f, s->measure));
}

static void close_scene(scene *s) {
  ift_energy_destroy(s->energy);
  ift_kernel_destroy(s->kernel);
  ift_measure_destroy(s->measure);
}

static double energy_at(const scene *s, const double *dx, const double *da, double length, const double *weights) {
  double moved[N * D], changed[N], f;
  for (int k = 0; k < N * D; k++) moved[k] = x[k] + length * dx[k];
  for (int i = 0; i < N; i++) changed[i] = weights[i] + (da ? length * da[i] : 0);
  ift_measure *measure = make_measure(context, moved, N, D, changed);
  assert_status(IFT_OK, ift_energy_value(s->energy, &f, measure));
  ift_measure_destroy(measure);
  return f;
}

/* The slope of F along the step is -(2 predicted - what damping takes), to which F itself must agree. */
static void check_step(const char *spec, bool direct, bool weights, bool mass_kept) {
  scene s;
  ift_projected *projected;
  double dx[N * D], da[N], predicted;
  bool found;
  open_scene(&s, spec, a);
  assert_status(IFT_OK, ift_projected_create(context, &projected, N, D, direct));
  assert_status(IFT_OK, ift_projected_place(projected, s.kernel, x, a));
  for (double damping = 1e4; damping > 1e-3; damping /= 100) {
    assert_status(IFT_OK, ift_projected_step(projected, dx, weights ? da : NULL, &predicted, &found, s.g, s.v, damping,
                                             1, mass_kept));
    assert_true(found);
    assert_true(predicted > 0);
    if (weights && mass_kept) assert_near(ift_sum(da, N), 0, 0, 1e-12);
    const double h = 1e-4;
    double slope = 0;
    for (int k = 0; k < N * D; k++) slope += a[k / D] * s.v[k] * dx[k];
    for (int i = 0; weights && i < N; i++) slope += s.g[i] * da[i];
    assert_true(slope < 0);
    assert_true(predicted <= -slope * (1 + 1e-9) && predicted >= -slope / 2 * (1 - 1e-9));
    const double length = 0.3, whole = dx[3], promised = predicted;
    assert_status(IFT_OK, ift_projected_step(projected, dx, weights ? da : NULL, &predicted, &found, s.g, s.v, damping,
                                             length, mass_kept));
    assert_near(dx[3], length * whole, 1e-14, 0);
    assert_near(predicted, -length * slope + length * length * (slope + promised), 1e-9, 0);
    assert_status(IFT_OK, ift_projected_step(projected, dx, weights ? da : NULL, &predicted, &found, s.g, s.v, damping,
                                             1, mass_kept));
    if (damping > 10) /* a short step does what the model says */
      assert_near((s.f - energy_at(&s, dx, weights ? da : NULL, 1, a)) / predicted, 1, 0.1, 0);
    assert_true(energy_at(&s, dx, weights ? da : NULL, h, a) < s.f);
  }
  assert_true(ift_projected_work(projected) > 0);
  ift_projected_destroy(projected);
  close_scene(&s);
}

static void test_descent(void **state) {
  (void)state;
  static const char *const specs[] = {"gaussian:1", "matern32:1",    "imq:1", "gaussian:1+0.5*matern52:2",
                                      "linear",     "polynomial:1,3"};
  for (int k = 0; k < 6; k++)
    for (int mode = 0; mode < 3; mode++)
      for (int direct = k < 4 ? 0 : 1; direct < 2; direct++) check_step(specs[k], direct, mode > 0, mode > 1);
}

/* Both ways come to about the same step. */
static void test_two_ways(void **state) {
  (void)state;
  scene s;
  open_scene(&s, "gaussian:1", a);
  double dx[2][N * D], da[2][N], predicted[2], square = 0, size = 0;
  for (int way = 0; way < 2; way++) {
    ift_projected *projected;
    bool found;
    assert_status(IFT_OK, ift_projected_create(context, &projected, N, D, way == 0));
    assert_status(IFT_OK, ift_projected_place(projected, s.kernel, x, a));
    assert_status(IFT_OK,
                  ift_projected_step(projected, dx[way], da[way], &predicted[way], &found, s.g, s.v, 1, 1, true));
    assert_true(found);
    ift_projected_destroy(projected);
  }
  for (int k = 0; k < N * D; k++) {
    square += (dx[0][k] - dx[1][k]) * (dx[0][k] - dx[1][k]);
    size += dx[0][k] * dx[0][k];
  }
  assert_true(square < 0.1 * 0.1 * size);
  assert_near(predicted[0], predicted[1], 1e-3, 0);
  close_scene(&s);
}

/* Dead particles stay; the others step as if alone. */
static void test_dead(void **state) {
  (void)state;
  double weights[N];
  memcpy(weights, a, sizeof weights);
  weights[2] = 0;
  scene s;
  open_scene(&s, "gaussian:1", weights);
  for (int direct = 0; direct < 2; direct++) {
    ift_projected *projected;
    double dx[N * D], da[N], predicted;
    bool found;
    assert_status(IFT_OK, ift_projected_create(context, &projected, N, D, direct));
    assert_status(IFT_OK, ift_projected_place(projected, s.kernel, x, weights));
    assert_status(IFT_OK, ift_projected_step(projected, dx, da, &predicted, &found, s.g, s.v, 0.1, 1, true));
    assert_true(found && dx[4] == 0 && dx[5] == 0 && da[2] == 0);
    assert_true(dx[0] != 0 && da[0] != 0);
    ift_projected_destroy(projected);
  }
  close_scene(&s);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_descent),
      cmocka_unit_test(test_two_ways),
      cmocka_unit_test(test_dead),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
