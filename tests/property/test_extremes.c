/* The ends of what may come: one particle, duplicates, scales and coordinates of any size. */
#include "property.h"

static double energy_of(const ift_flow *flow) {
  return flow_real(flow, "energy");
}

static void set_default_ways(ift_flow *flow, const way *w) {
  if (w->transport) assert_status(IFT_OK, ift_flow_set_text(flow, "transport", w->transport));
  if (w->reaction) assert_status(IFT_OK, ift_flow_set_text(flow, "reaction", w->reaction));
  set_options(flow, w->options);
}

/* One particle, in every way, default steps: it comes to where the embedding is largest, or stays if it can't move. */
static void test_one_particle(void **state) {
  (void)state;
  dice d = new_dice();
  for (int k = 0; k < WAYS; k++)
    for (int trial = 0; trial < 3; trial++) {
      const int64_t dim = 1 + dice_below(&d, 3);
      double x[3], y[10 * 3];
      dice_normals(&d, x, dim);
      dice_normals(&d, y, 10 * dim);
      ift_energy *energy = make_energy(context, "gaussian:1", y, 10, dim, NULL);
      ift_flow *flow = make_flow(context, ways[k].geometry, energy, x, 1, dim, NULL);
      set_default_ways(flow, &ways[k]);
      const double before = energy_of(flow);
      const ift_status status = ift_flow_step(flow, 400);
      assert_true(status == IFT_OK || status == IFT_STALLED);
      assert_true(energy_of(flow) <= before);
      const double *a = ift_measure_weights(ift_flow_measure(flow));
      if (ways[k].kept) assert_near(a[0], 1, 1e-15, 0);
      const bool moves = ways[k].transport || ways[k].joint;
      if (!moves) assert_memory_equal(ift_measure_positions(ift_flow_measure(flow)), x, (size_t)dim * sizeof *x);
      if (moves && ways[k].kept) assert_true(flow_real(flow, "stationarity") < 0.01);
      ift_flow_destroy(flow);
      ift_energy_destroy(energy);
    }
}

/* One particle and one sample: the flow's end is known. Weight 1 at the sample; without transport c/K. */
static void test_one_particle_one_sample(void **state) {
  (void)state;
  const double y = 0.8, x = 0.3, heavy = 2;
  ift_energy *energy = make_energy(context, "gaussian:1", &y, 1, 1, NULL);
  ift_flow *flow = make_flow(context, "wasserstein", energy, &x, 1, 1, NULL);
  assert_status(IFT_OK, ift_flow_step(flow, 300));
  assert_near(ift_measure_positions(ift_flow_measure(flow))[0], y, 1e-6, 0);
  ift_flow_destroy(flow);
  flow = make_flow(context, "mmd", energy, &x, 1, 1, &heavy);
  assert_status(IFT_OK, ift_flow_set_real(flow, "eta", 50));
  assert_status(IFT_OK, ift_flow_step(flow, 1));
  assert_near(ift_measure_weights(ift_flow_measure(flow))[0], exp(-0.125), 1e-14, 0);
  ift_flow_destroy(flow);
  flow = make_flow(context, "ift", energy, &x, 1, 1, &heavy);
  assert_status(IFT_OK, ift_flow_step(flow, 2000));
  assert_near(ift_measure_positions(ift_flow_measure(flow))[0], y, 1e-3, 0);
  assert_near(ift_measure_weights(ift_flow_measure(flow))[0], 1, 1e-3, 0);
  ift_flow_destroy(flow);
  ift_energy_destroy(energy);
}

/* All particles at one place, all samples at another; and a few places, each many times: K is singular, nothing
 * breaks. */
static void test_duplicates(void **state) {
  (void)state;
  dice d = new_dice();
  static const char *const specs[] = {"gaussian:1", "energy", "laplace:1", "linear"};
  for (int k = 0; k < WAYS; k++)
    for (int places = 1; places <= 3; places++)
      for (int s = 0; s < 4; s++) {
        enum { N = 18, M = 12 };
        if (ways[k].joint && has_kink(specs[s])) continue;
        double x[N * 2], y[M * 2], a[N], sites[6 * 2];
        dice_normals(&d, sites, 12);
        dice_weights(&d, a, N, 1);
        for (int i = 0; i < N; i++) memcpy(x + 2 * i, sites + 2 * (i % places), 2 * sizeof *x);
        for (int j = 0; j < M; j++) memcpy(y + 2 * j, sites + 2 * (3 + j % places), 2 * sizeof *y);
        ift_energy *energy = make_energy(context, specs[s], y, M, 2, NULL);
        ift_flow *flow = make_flow(context, ways[k].geometry, energy, x, N, 2, a);
        set_default_ways(flow, &ways[k]);
        const double before = energy_of(flow);
        const ift_status status = ift_flow_step(flow, 30);
        assert_true(status == IFT_OK || status == IFT_STALLED);
        assert_true(energy_of(flow) <= before);
        for (int i = 0; i < N; i++) assert_true(ift_measure_weights(ift_flow_measure(flow))[i] >= 0);
        ift_flow_destroy(flow);
        ift_energy_destroy(energy);
      }
}

/* Lengths in another unit, a power of two: kernels of r / length give the same bits of energies and weights,
 * positions scaled. */
static void test_units(void **state) {
  (void)state;
  enum { N = 7, M = 15 };
  static const char *const kinds[] = {"gaussian", "laplace", "matern32", "matern52", "imq"};
  static const int exponents[] = {-300, -40, -1, 1, 40, 300};
  dice d = new_dice();
  for (int k = 0; k < WAYS; k++)
    for (int s = 0; s < 5; s++) {
      double x[N * 2], y[M * 2], scaled_x[N * 2], scaled_y[M * 2], energies[7], first[N], second[N * 2];
      char spec[64];
      if (ways[k].joint && has_kink(kinds[s])) continue;
      dice_normals(&d, x, N * 2);
      dice_normals(&d, y, M * 2);
      for (int e = -1; e < 6; e++) {
        const double unit = e < 0 ? 1 : ldexp(1, exponents[e]);
        for (int i = 0; i < N * 2; i++) scaled_x[i] = x[i] * unit;
        for (int i = 0; i < M * 2; i++) scaled_y[i] = y[i] * unit;
        snprintf(spec, sizeof spec, "%s:%.17g", kinds[s], 0.75 * unit);
        ift_energy *energy = make_energy(context, spec, scaled_y, M, 2, NULL);
        ift_flow *flow = make_flow(context, ways[k].geometry, energy, scaled_x, N, 2, NULL);
        set_default_ways(flow, &ways[k]);
        const ift_status status = ift_flow_step(flow, 12);
        assert_true(status == IFT_OK || status == IFT_STALLED);
        energies[e + 1] = energy_of(flow);
        const double *a = ift_measure_weights(ift_flow_measure(flow)),
                     *p = ift_measure_positions(ift_flow_measure(flow));
        if (e < 0) memcpy(first, a, sizeof first), memcpy(second, p, sizeof second);
        for (int i = 0; i < N; i++) assert_true(a[i] == first[i]);
        for (int i = 0; i < N * 2; i++) assert_true(p[i] == second[i] * unit);
        assert_true(energies[e + 1] == energies[0]);
        ift_flow_destroy(flow);
        ift_energy_destroy(energy);
      }
    }
}

/* Coordinates and scales that have nothing to do with each other: a status, never NaN, and never a rise. */
static void test_mismatched_scales(void **state) {
  (void)state;
  enum { N = 5, M = 8 };
  dice d = new_dice();
  for (int trial = 0; trial < 400; trial++) {
    const formula *f = &formulas[dice_below(&d, FORMULAS)];
    const way *w = &ways[dice_below(&d, WAYS)];
    const double size = pow(10, dice_between(&d, -300, 300)),
                 other = trial % 3 ? size : pow(10, dice_between(&d, -300, 300));
    double x[N * 2], y[M * 2];
    for (int i = 0; i < N * 2; i++) x[i] = size * dice_normal(&d);
    for (int i = 0; i < M * 2; i++) y[i] = other * dice_normal(&d);
    ift_target *target = make_samples(context, y, M, 2, NULL);
    ift_measure *initial = make_measure(context, x, N, 2, NULL);
    ift_kernel *kernel = make_kernel(context, f->spec);
    ift_energy *energy = NULL;
    ift_flow *flow = NULL;
    ift_status status = ift_energy_mmd(context, &energy, kernel, target);
    if (status == IFT_OK) status = ift_flow_create(context, &flow, w->geometry, energy, initial);
    if (status == IFT_OK) {
      set_default_ways(flow, w);
      double before, after;
      status = ift_flow_get_real(flow, "energy", &before);
      if (status == IFT_OK) status = ift_flow_step(flow, 5);
      if (status >= 0 && ift_flow_get_real(flow, "energy", &after) == IFT_OK) assert_true(after <= before);
      for (int i = 0; i < N; i++) assert_true(ift_measure_weights(ift_flow_measure(flow))[i] >= 0);
      for (int i = 0; i < N * 2; i++) assert_true(isfinite(ift_measure_positions(ift_flow_measure(flow))[i]));
    }
    if (status == IFT_ERR_CAPABILITY)
      assert_true(w->joint && has_kink(f->spec));
    else
      assert_true(status == IFT_OK || status == IFT_STALLED || status == IFT_ERR_NOT_FINITE);
    ift_flow_destroy(flow);
    ift_energy_destroy(energy);
    ift_kernel_destroy(kernel);
    ift_measure_destroy(initial);
    ift_target_destroy(target);
  }
}

/* Masses from 1e-150 to 1e150. */
static void test_masses(void **state) {
  (void)state;
  enum { N = 6, M = 9 };
  dice d = new_dice();
  for (int trial = 0; trial < 300; trial++) {
    const way *w = &ways[trial % WAYS];
    const double mass = pow(10, dice_between(&d, -150, 150));
    double x[N * 2], y[M * 2], a[N], b[M];
    dice_normals(&d, x, N * 2);
    dice_normals(&d, y, M * 2);
    dice_weights(&d, a, N, mass);
    dice_weights(&d, b, M, mass);
    ift_energy *energy = make_energy(context, "gaussian:1", y, M, 2, b);
    ift_flow *flow = make_flow(context, w->geometry, energy, x, N, 2, a);
    set_default_ways(flow, w);
    const double before = energy_of(flow);
    const ift_status status = ift_flow_step(flow, 8);
    assert_true(status == IFT_OK || status == IFT_STALLED || status == IFT_ERR_NOT_FINITE);
    assert_true(energy_of(flow) <= before);
    double sum = 0;
    for (int i = 0; i < N; i++) {
      assert_true(ift_measure_weights(ift_flow_measure(flow))[i] >= 0);
      sum += ift_measure_weights(ift_flow_measure(flow))[i];
    }
    if (w->kept) assert_near(sum, mass, 1e-14, 0);
    /* beside Fisher-Rao, of the size of the mass, MMD^2, of that of its square, counts for nothing where masses are small */
    const bool lost = w->reaction && strcmp(w->reaction, "positive") == 0 && mass < 1e-10;
    if (status >= 0 && !lost) assert_true(energy_of(flow) < before);
    ift_flow_destroy(flow);
    ift_energy_destroy(energy);
  }
}

int main(int argc, char **argv) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_one_particle),      cmocka_unit_test(test_one_particle_one_sample),
      cmocka_unit_test(test_duplicates),        cmocka_unit_test(test_units),
      cmocka_unit_test(test_mismatched_scales), cmocka_unit_test(test_masses),
  };
  return property_main(tests, argc, argv);
}
