/* Energies towards a batch: those of a target that consists of the points drawn, anchored where the whole target is. */
#include <stdbool.h>

#include "support/kernels.h"
#include "support/make.h"
#include "support/memory.h"
#include "support/random.h"

#include "energy/energy.h"

enum { N = 9, M = 25, COUNT = 7, D = 2 };
static ift_context *context;
static double x[N * D], a[N], y[M * D], w[M];

static int set_up(void **state) {
  (void)state;
  dice d = {1};
  context = make_context();
  dice_normals(&d, x, N * D);
  dice_normals(&d, y, M * D);
  dice_weights(&d, a, N, 1);
  dice_weights(&d, w, M, 1.6);
  return 0;
}

static int tear_down(void **state) {
  (void)state;
  ift_context_destroy(context);
  return 0;
}

/* All that an energy says of the particles. */
typedef struct says {
  double g[N], v[N * D], value, gram[N * N], linear[N], interaction[N], diagonal[N];
} says;

static says ask(const ift_energy *energy, bool anchored) {
  const ift_energy_kind *kind = energy->kind;
  ift_site *site;
  says s;
  memset(&s, 0, sizeof s);
  assert_status(IFT_OK, kind->site_create(energy, &site, N, anchored));
  assert_status(IFT_OK, kind->site_move(site, x, true));
  assert_status(IFT_OK, kind->evaluate(site, s.g, s.v, site, a));
  assert_status(IFT_OK, kind->value(site, &s.value, s.g, a));
  assert_status(IFT_OK, kind->quadratic->gram(site, s.gram));
  assert_status(IFT_OK, kind->quadratic->linear(site, s.linear));
  assert_status(IFT_OK, kind->quadratic->interaction(site, s.interaction, site, a));
  assert_status(IFT_OK, kind->quadratic->diagonal(site, s.diagonal));
  kind->site_destroy(site);
  return s;
}

static void check_near(const double *one, const double *two, int64_t n) {
  for (int64_t i = 0; i < n; i++) assert_near(one[i], two[i], 1e-12, 1e-13);
}

/* k(p, q) - k(p, x0) - k(x0, q) if `anchored`, x0 the mean of the whole target. */
static double kernel_at(const formula *f, bool anchored, const double *p, const double *q) {
  double origin[D] = {0};
  for (int j = 0; j < M; j++)
    for (int l = 0; l < D; l++) origin[l] += w[j] / 1.6 * y[j * D + l];
  const double k = formula_value(f, p, q, D);
  return anchored ? k - formula_value(f, p, origin, D) - formula_value(f, origin, q, D) : k;
}

/* g and F by the formulas; the rest follows the energy's own tests by way of g. */
static void check_formulas(const formula *f, bool anchored, const double *points, const says *s) {
  const double share = 1.6 / COUNT;
  double value = 0;
  for (int i = 0; i < N + COUNT; i++) {
    const double *at = i < N ? x + i * D : points + (i - N) * D;
    double g = 0;
    for (int j = 0; j < N; j++) g += a[j] * kernel_at(f, anchored, at, x + j * D);
    for (int j = 0; j < COUNT; j++) g -= share * kernel_at(f, anchored, at, points + j * D);
    value += (i < N ? a[i] : -share) * g / 2;
    if (i < N) assert_near(s->g[i], g, 1e-12, 1e-13);
  }
  assert_near(s->value, fmax(value, 0), 1e-11, 1e-13); /* a conditional kernel that is not anchored knows no sign */
}

static void test_points_drawn(void **state) {
  (void)state;
  for (int k = 0; k < FORMULAS; k++)
    for (int anchored = 0; anchored < 2; anchored++) {
      const formula *f = &formulas[k];
      ift_energy *whole = make_energy(context, f->spec, y, M, D, w), *batch;
      const ift_energy_kind *kind = whole->kind;
      assert_status(IFT_OK, kind->quadratic->batch_create(whole, &batch, COUNT));
      assert_ptr_equal(batch->kind, kind);
      ift_rng rng;
      ift_rng_init(&rng, 5, IFT_STREAM_FLOW);
      const says before = ask(whole, anchored);
      for (int round = 0; round < 3; round++) {
        assert_status(IFT_OK, kind->quadratic->batch_draw(batch, whole, &rng, 0, COUNT));
        const says s = ask(batch, anchored);
        check_formulas(f, anchored && f->conditional, batch->target->points, &s);
        if (!f->conditional) { /* the energy of those points as anyone would make it */
          double shares[COUNT];
          for (int j = 0; j < COUNT; j++) shares[j] = 1.6 / COUNT;
          ift_energy *same = make_energy(context, f->spec, batch->target->points, COUNT, D, shares);
          const says t = ask(same, anchored);
          check_near(s.g, t.g, N);
          check_near(s.v, t.v, N * D);
          check_near(s.linear, t.linear, N);
          ift_energy_destroy(same);
        }
        check_near(s.gram, before.gram, N * N); /* the particles' own terms are those of the whole */
        check_near(s.interaction, before.interaction, N);
        check_near(s.diagonal, before.diagonal, N);
      }
      const says after = ask(whole, anchored);
      assert_memory_equal(&before, &after, sizeof before);
      ift_energy_destroy(batch);
      ift_energy_destroy(whole);
    }
}

/* Where samples stand for a target, the batch is anchored where they are, and comes from the target itself. */
static void test_stand_in(void **state) {
  (void)state;
  const double weight = 1, mean[D] = {3, -1}, covariance[D * D] = {1, 0.2, 0.2, 2};
  ift_kernel *kernel = make_kernel(context, "energy");
  ift_target *target;
  ift_energy *whole, *batch;
  assert_status(IFT_OK, ift_target_gaussian_mixture(context, &target, 1, D, &weight, mean, covariance));
  assert_status(IFT_OK, ift_energy_mmd(context, &whole, kernel, target));
  assert_status(IFT_OK, whole->kind->quadratic->batch_create(whole, &batch, COUNT));
  assert_memory_not_equal(whole->target->mean, mean, sizeof mean);
  assert_memory_equal(batch->target->mean, whole->target->mean, sizeof mean);
  assert_true(batch->target->mass == whole->target->mass && batch->target->spread == whole->target->spread);
  ift_rng rng, twin;
  ift_rng_init(&rng, 8, IFT_STREAM_FLOW);
  twin = rng;
  assert_status(IFT_OK, whole->kind->quadratic->batch_draw(batch, whole, &rng, 0, COUNT));
  double points[COUNT * D];
  assert_status(IFT_OK, target->kind->draw(target, &twin, points, COUNT));
  assert_memory_equal(points, batch->target->points, sizeof points);
  ift_energy_destroy(batch);
  ift_energy_destroy(whole);
  ift_target_destroy(target);
  ift_kernel_destroy(kernel);
}

/* A site that is moved again sees the new draw. */
static void test_sites_move_on(void **state) {
  (void)state;
  ift_energy *whole = make_energy(context, "riesz:1.4", y, M, D, w), *batch;
  const ift_energy_kind *kind = whole->kind;
  ift_site *site;
  ift_rng rng;
  ift_rng_init(&rng, 5, IFT_STREAM_FLOW);
  assert_status(IFT_OK, kind->quadratic->batch_create(whole, &batch, COUNT));
  assert_status(IFT_OK, kind->site_create(batch, &site, N, true));
  for (int round = 0; round < 3; round++) {
    double g[N], value;
    assert_status(IFT_OK, kind->quadratic->batch_draw(batch, whole, &rng, 0, COUNT));
    assert_status(IFT_OK, kind->site_move(site, x, true));
    assert_status(IFT_OK, kind->evaluate(site, g, NULL, site, a));
    assert_status(IFT_OK, kind->value(site, &value, g, a));
    const says s = ask(batch, true);
    assert_memory_equal(g, s.g, sizeof g);
    assert_true(value == s.value);
  }
  kind->site_destroy(site);
  ift_energy_destroy(batch);
  ift_energy_destroy(whole);
}

/* One draw after the other from the stream, as the target draws them. */
static void test_stream(void **state) {
  (void)state;
  ift_energy *whole = make_energy(context, "gaussian:1", y, M, D, w), *batch;
  ift_rng rng, twin;
  ift_rng_init(&rng, 8, IFT_STREAM_FLOW);
  twin = rng;
  assert_status(IFT_OK, whole->kind->quadratic->batch_create(whole, &batch, COUNT));
  for (int round = 0; round < 2; round++) {
    assert_status(IFT_OK, whole->kind->quadratic->batch_draw(batch, whole, &rng, 0, COUNT));
    double points[COUNT * D];
    assert_status(IFT_OK, whole->target->kind->draw(whole->target, &twin, points, COUNT));
    assert_memory_equal(points, batch->target->points, sizeof points);
  }
  assert_memory_equal(&rng, &twin, sizeof rng);
  ift_energy_destroy(batch);
  ift_energy_destroy(whole);
}

/* Draws take no memory; without memory there is no batch; it may outlive the energy that it was made from. */
static void test_memory(void **state) {
  (void)state;
  static const char *const specs[] = {"gaussian:1", "energy", "0.5*gaussian:1+laplace:2"};
  for (int k = 0; k < 3; k++) {
    memory m = {0};
    ift_context *own = memory_context(&m);
    ift_energy *whole = make_energy(own, specs[k], y, M, D, w), *batch = NULL;
    const int64_t live = m.live;
    memory_fail(&m, 0, false);
    assert_status(IFT_OK, whole->kind->quadratic->batch_create(whole, &batch, COUNT));
    const int64_t calls = m.calls;
    assert_true(calls >= 7);
    ift_energy_destroy(batch);
    assert_int_equal(m.live, live);
    for (int64_t at = 1; at <= calls; at++)
      for (int for_good = 0; for_good < 2; for_good++) {
        batch = NULL;
        memory_fail(&m, at, for_good);
        assert_status(IFT_ERR_NO_MEMORY, whole->kind->quadratic->batch_create(whole, &batch, COUNT));
        assert_null(batch);
        assert_int_equal(m.live, live);
      }
    memory_fail(&m, 0, false);
    assert_status(IFT_OK, whole->kind->quadratic->batch_create(whole, &batch, COUNT));
    ift_rng rng;
    ift_rng_init(&rng, 8, IFT_STREAM_FLOW);
    memory_fail(&m, 1, true);
    assert_status(IFT_OK, whole->kind->quadratic->batch_draw(batch, whole, &rng, 0, COUNT));
    memory_fail(&m, 0, false);
    ift_energy_destroy(whole);
    assert_true(ask(batch, true).value >= 0);
    ift_energy_destroy(batch);
    ift_context_destroy(own);
    assert_int_equal(m.live, 0);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_points_drawn), cmocka_unit_test(test_sites_move_on), cmocka_unit_test(test_stream),
      cmocka_unit_test(test_stand_in),     cmocka_unit_test(test_memory),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
