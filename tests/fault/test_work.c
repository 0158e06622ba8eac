/* No memory while objects work: sums, energies, steps and runs of every kind, compression, quadratic programs. */
#include "fault.h"

#include "support/guest.h"

static ift_status act_mmd2(stage *s) {
  return ift_mmd2(s->kernel, s->numbers, s->measure, s->samples);
}

static ift_status act_standard_error(stage *s) {
  return ift_mmd2_standard_error(s->kernel, s->numbers, s->measure, s->samples);
}

static ift_status act_witness(stage *s) {
  return ift_witness(s->kernel, s->numbers, s->x, FAULT_N, FAULT_D, s->measure, s->samples);
}

static ift_status act_bandwidth(stage *s) {
  return ift_bandwidth_median(s->samples, s->numbers);
}

static ift_status act_check(stage *s) {
  return ift_kernel_check(s->kernel, s->x, FAULT_N, FAULT_D, 1e-6);
}

static ift_status act_value(stage *s) {
  return ift_energy_value(s->energy, s->numbers, s->measure);
}

static ift_status act_first_variation(stage *s) {
  return ift_energy_first_variation(s->energy, s->numbers, s->y, FAULT_M, FAULT_D, s->measure);
}

static ift_status act_gradient(stage *s) {
  return ift_energy_gradient(s->energy, s->numbers, NULL, 0, 0, s->measure);
}

static void prepare_energy_distance(stage *s) {
  const double half[FAULT_N] = {0.1, 0.1, 0.1, 0.1, 0.05, 0.05}; /* another mass: anchored */
  ift_energy_destroy(s->energy);
  s->energy = make_energy(s->context, "energy", s->y, FAULT_M, FAULT_D, s->w);
  assert_status(IFT_OK, ift_measure_set(s->measure, NULL, half));
}

/* Sums by engines that take memory. */
static void prepare_sorted(stage *s) {
  ift_kernel_destroy(s->kernel);
  s->kernel = make_kernel(s->context, "energy+laplace:1");
  assert_status(IFT_OK, ift_context_set_option(s->context, "engine", "sorted"));
}

static void prepare_gemm(stage *s) {
  assert_status(IFT_OK, ift_context_set_option(s->context, "engine", "gemm"));
}

static void prepare_low_rank(stage *s) {
  ift_kernel_destroy(s->kernel);
  s->kernel = make_kernel(s->context, "gaussian:30");
  assert_status(IFT_OK, ift_context_set_option(s->context, "engine", "low-rank"));
}

static ift_status act_plane(stage *s) {
  return ift_kernel_sum_pairs(s->kernel, s->numbers, s->numbers + FAULT_N, s->x, FAULT_N, FAULT_D, s->y, FAULT_M, s->w);
}

static ift_status act_gram(stage *s) {
  return ift_kernel_gram(s->kernel, s->numbers, s->x, FAULT_N, FAULT_D, NULL, FAULT_N);
}

static ift_status act_line(stage *s) {
  return ift_kernel_sum_pairs(s->kernel, s->numbers, s->numbers + FAULT_N, s->x, FAULT_N, 1, s->y, FAULT_M, s->w);
}

/* A well conditioned matrix and a linear part that makes some weights 0. */
static void make_program(const stage *s, double *gram, double *linear) {
  for (int i = 0; i < FAULT_M; i++) {
    linear[i] = 0.2 * s->y[i];
    for (int j = 0; j < FAULT_M; j++) gram[i * FAULT_M + j] = i == j ? 1 : exp(-1.0 - (i > j ? i - j : j - i));
  }
}

static ift_status act_simplex_qp(stage *s) {
  double gram[FAULT_M * FAULT_M], linear[FAULT_M];
  make_program(s, gram, linear);
  return ift_simplex_qp(s->context, s->numbers, s->numbers + 100, NULL, gram, linear, FAULT_M, 1, NULL, NULL, 0);
}

static ift_status act_cone_qp(stage *s) {
  double gram[FAULT_M * FAULT_M], linear[FAULT_M];
  make_program(s, gram, linear);
  return ift_cone_qp(s->context, s->numbers, s->numbers + 100, NULL, gram, linear, FAULT_M, NULL, NULL, 0);
}

static ift_status act_project(stage *s) {
  return ift_simplex_project(s->context, s->numbers, s->y, FAULT_M, 1);
}

static const scenario numbers[] = {
    {"mmd2", act_mmd2, NULL, NULL, NULL, 1},
    {"mmd2_standard_error", act_standard_error, NULL, NULL, NULL, 1},
    {"witness", act_witness, NULL, NULL, NULL, 1},
    {"bandwidth_median", act_bandwidth, NULL, NULL, NULL, 1},
    {"kernel_check", act_check, NULL, NULL, NULL, 2},
    {"energy_value", act_value, NULL, NULL, NULL, 3},
    {"energy_first_variation", act_first_variation, NULL, NULL, NULL, 4},
    {"energy_gradient", act_gradient, NULL, NULL, NULL, 2},
    {"energy_value, anchored", act_value, prepare_energy_distance, NULL, NULL, 3},
    {"energy_gradient, anchored", act_gradient, prepare_energy_distance, NULL, NULL, 2},
    {"sum_pairs, sorted", act_line, prepare_sorted, NULL, NULL, 3},
    {"sum_pairs, gemm", act_plane, prepare_gemm, NULL, NULL, 3},
    {"gram, gemm", act_gram, prepare_gemm, NULL, NULL, 1},
    {"sum_pairs, low-rank", act_plane, prepare_low_rank, NULL, NULL, 3},
    {"simplex_qp", act_simplex_qp, NULL, NULL, NULL, 3},
    {"cone_qp", act_cone_qp, NULL, NULL, NULL, 3},
    {"simplex_project", act_project, NULL, NULL, NULL, 1},
};

static void test_numbers(void **state) {
  (void)state;
  for (size_t k = 0; k < sizeof numbers / sizeof numbers[0]; k++) fault_run(&numbers[k], NULL);
}

/* Flows: in these geometries, with some of the options set, and another reaction of the family. */
static const struct {
  const char *name, *geometry, *reaction, *rejuvenate, *other;
} flows[] = {
    {"wasserstein", "wasserstein", "auto", "none", "auto"},
    {"mmd", "mmd", "auto", "none", "gradient"},
    {"spherical-mmd", "spherical-mmd", "implicit", "insert", "gradient"},
    {"spherical-mmd, target", "spherical-mmd", "gradient", "target", "implicit"},
    {"fisher-rao", "fisher-rao", "hellinger", "none", "mirror"},
    {"ift", "ift", "exponential", "insert", "gradient"},
    {"spherical-ift", "spherical-ift", "auto", "insert", "gradient"},
    {"wfr", "wfr", "auto", "none", "hellinger"},
    {"spherical-wfr", "spherical-wfr", "hellinger", "none", "mirror"},
};
enum { FLOWS = sizeof flows / sizeof flows[0] };
static int which; /* of them */
static double state_before[FAULT_N * FAULT_D + FAULT_N];

static void keep_state(stage *s) {
  memcpy(state_before, ift_measure_positions(ift_flow_measure(s->flow)), sizeof s->x);
  memcpy(state_before + FAULT_N * FAULT_D, ift_measure_weights(ift_flow_measure(s->flow)), FAULT_N * sizeof(double));
}

static void prepare_flow(stage *s) {
  const double some[FAULT_N] = {0.2, 0, 0.3, 0, 0.1, 0.4}; /* dead ones, for rejuvenation */
  assert_status(IFT_OK, ift_measure_set(s->measure, NULL, some));
  assert_status(IFT_OK, ift_flow_create(s->context, &s->flow, flows[which].geometry, s->energy, s->measure));
  assert_status(IFT_OK, ift_flow_set_text(s->flow, "reaction", flows[which].reaction));
  assert_status(IFT_OK, ift_flow_set_text(s->flow, "rejuvenate", flows[which].rejuvenate));
  if (strcmp(flows[which].rejuvenate, "none") != 0)
    assert_status(IFT_OK, ift_flow_set_int(s->flow, "rejuvenate_every", 1));
  keep_state(s);
}

/* The same, but it has already taken steps of another kind: memory is added to what there is. */
static void prepare_changed_flow(stage *s) {
  prepare_flow(s);
  assert_status(IFT_OK, ift_flow_set_text(s->flow, "rejuvenate", "none"));
  assert_status(IFT_OK, ift_flow_set_text(s->flow, "reaction", flows[which].other));
  assert_status(IFT_OK, ift_flow_step(s->flow, 2));
  assert_status(IFT_OK, ift_flow_set_text(s->flow, "reaction", flows[which].reaction));
  assert_status(IFT_OK, ift_flow_set_text(s->flow, "rejuvenate", flows[which].rejuvenate));
  keep_state(s);
}

static void check_state(stage *s) {
  assert_memory_equal(state_before, ift_measure_positions(ift_flow_measure(s->flow)), sizeof s->x);
  assert_memory_equal(state_before + FAULT_N * FAULT_D, ift_measure_weights(ift_flow_measure(s->flow)),
                      FAULT_N * sizeof(double));
  assert_true(flow_real(s->flow, "energy") >= 0);
}

static ift_status act_step(stage *s) {
  return ift_flow_step(s->flow, 3);
}

static ift_status act_run(stage *s) {
  return ift_flow_run(s->flow, 3);
}

static void tell_flow(stage *s) {
  stage_tell_measure(s, ift_flow_measure(s->flow));
  stage_tell(s, flow_real(s->flow, "energy"));
  stage_tell(s, (double)flow_int(s->flow, "step"));
}

static void test_flows(void **state) {
  (void)state;
  for (which = 0; which < FLOWS; which++) {
    const scenario step = {flows[which].name, act_step, prepare_flow, check_state, tell_flow, 0},
                   run = {flows[which].name, act_run, prepare_flow, check_state, tell_flow, 0},
                   changed = {flows[which].name, act_step, prepare_changed_flow, check_state, tell_flow, 0};
    fault_run(&step, NULL);
    fault_run(&run, NULL);
    fault_run(&changed, NULL);
  }
}

/* The first step of an exact reaction does allocate, so that the loops above had something to fail at. */
static void test_flows_allocate(void **state) {
  (void)state;
  which = 6;
  const scenario step = {flows[which].name, act_step, prepare_flow, check_state, tell_flow, 8};
  fault_run(&step, NULL);
}

/* A flow with batches that are kept, its state of three steps saved, three steps later. */
static unsigned char checkpoint[4096];
static int64_t checkpoint_size;

static void prepare_checkpoint(stage *s) {
  assert_status(IFT_OK, ift_flow_create(s->context, &s->flow, "spherical-ift", s->energy, s->measure));
  assert_status(IFT_OK, ift_flow_set_text(s->flow, "reaction", "gradient"));
  assert_status(IFT_OK, ift_flow_set_text(s->flow, "accumulate", "yes"));
  assert_status(IFT_OK, ift_flow_set_int(s->flow, "batch", 4));
  assert_status(IFT_OK, ift_flow_step(s->flow, 3));
  assert_status(IFT_OK, ift_flow_save(s->flow, checkpoint, sizeof checkpoint, &checkpoint_size));
  assert_status(IFT_OK, ift_flow_step(s->flow, 3));
  keep_state(s);
}

static ift_status act_restore(stage *s) {
  return ift_flow_restore(s->flow, checkpoint, checkpoint_size);
}

/* It goes on from where it was. */
static void check_restore(stage *s) {
  check_state(s);
  assert_int_equal(6, flow_int(s->flow, "step"));
  assert_status(IFT_OK, ift_flow_step(s->flow, 1));
}

static void test_checkpoint(void **state) {
  (void)state;
  const scenario restore = {"flow_restore", act_restore, prepare_checkpoint, check_restore, tell_flow, 6};
  fault_run(&restore, NULL);
}

static ift_status act_gap(stage *s) {
  return ift_flow_get_real(s->flow, "gap", s->numbers);
}

static void test_gap(void **state) {
  (void)state;
  const scenario gap = {"gap", act_gap, prepare_flow, check_state, NULL, 3};
  which = 1;
  fault_run(&gap, NULL);
}

static ift_status act_compress(stage *s) {
  return ift_compress(s->context, &s->made_measure, s->numbers, s->kernel, s->target, 4, "effort=low");
}

static ift_status act_compress_all(stage *s) {
  return ift_compress(s->context, &s->made_measure, s->numbers, s->kernel, s->target, FAULT_M, NULL);
}

static ift_status act_compress_points(stage *s) {
  return ift_compress(s->context, &s->made_measure, s->numbers, s->kernel, s->target, 4, "effort=low points=data");
}

static ift_status act_compress_fewest(stage *s) {
  return ift_compress(s->context, &s->made_measure, s->numbers, s->kernel, s->target, 4,
                      "effort=low weights=equal tolerance=0.1");
}

/* The stage's own kernel has a kink. */
static ift_status act_compress_smooth(stage *s) {
  ift_kernel *kernel;
  ift_status status = ift_kernel_gaussian(s->context, &kernel, 1);
  if (status == IFT_OK)
    status = ift_compress(s->context, &s->made_measure, s->numbers, kernel, s->target, 4, "effort=low");
  ift_kernel_destroy(kernel);
  return status;
}

static void tell_compressed(stage *s) {
  s->count = 1; /* numbers[0] is mmd2 */
  stage_tell_measure(s, s->made_measure);
}

static void prepare_compression(stage *s) {
  assert_status(IFT_OK, ift_compression_create(s->context, &s->compression, s->kernel, s->target, 4));
  assert_status(IFT_OK, ift_compression_set_text(s->compression, "effort", "low"));
}

static ift_status act_compression_run(stage *s) {
  return ift_compression_run(s->compression);
}

/* What was found before memory ran out is complete. */
static void check_compression(stage *s) {
  const ift_measure *best = ift_compression_measure(s->compression);
  if (best) assert_near(ift_measure_mass(best), 1, 1e-14, 0);
}

static void tell_compression(stage *s) {
  double mmd2;
  assert_status(IFT_OK, ift_compression_get_real(s->compression, "mmd2", &mmd2));
  stage_tell(s, mmd2);
  stage_tell_measure(s, ift_compression_measure(s->compression));
}

static void prepare_finished_compression(stage *s) {
  prepare_compression(s);
  assert_status(IFT_OK, ift_compression_run(s->compression));
}

static ift_status act_compression_error(stage *s) {
  return ift_compression_get_real(s->compression, "standard_error", s->numbers);
}

static void test_compression(void **state) {
  (void)state;
  const scenario scenarios[] = {
      {"compress", act_compress, NULL, NULL, tell_compressed, 30},
      {"compress, points", act_compress_points, NULL, NULL, tell_compressed, 30},
      {"compress, fewest", act_compress_fewest, NULL, NULL, tell_compressed, 60},
      {"compress, smooth", act_compress_smooth, NULL, NULL, tell_compressed, 60},
      {"compress, all points", act_compress_all, NULL, NULL, tell_compressed, 10},
      {"compression_run", act_compression_run, prepare_compression, check_compression, tell_compression, 30},
      {"standard_error", act_compression_error, prepare_finished_compression, NULL, NULL, 1},
  };
  for (size_t k = 0; k < sizeof scenarios / sizeof scenarios[0]; k++) fault_run(&scenarios[k], NULL);
}

/* A custom kernel of a dimension that its own scratch is too small for. */
static void test_wide_custom_kernel(void **state) {
  (void)state;
  enum { WIDE = 70000 };
  static double point[WIDE], gradient[WIDE];
  for (int for_good = 0; for_good < 2; for_good++) {
    memory m = {0};
    guest g = {0};
    double value = 42;
    ift_context *context = memory_context(&m);
    ift_kernel *kernel = guest_kernel(context, &g);
    memory_fail(&m, 1, for_good);
    assert_status(IFT_ERR_NO_MEMORY, ift_kernel_sum_pairs(kernel, &value, gradient, point, 1, WIDE, point, 1, NULL));
    memory_fail(&m, 0, false);
    assert_status(IFT_OK, ift_kernel_sum_pairs(kernel, &value, gradient, point, 1, WIDE, point, 1, NULL));
    assert_true(value == 1 && gradient[WIDE - 1] == 0);
    ift_kernel_destroy(kernel);
    ift_context_destroy(context);
    assert_int_equal(m.live, 0);
    assert_int_equal(g.destroyed, 1);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_numbers), cmocka_unit_test(test_flows),       cmocka_unit_test(test_flows_allocate),
      cmocka_unit_test(test_numbers), cmocka_unit_test(test_flows),       cmocka_unit_test(test_checkpoint),
      cmocka_unit_test(test_gap),     cmocka_unit_test(test_compression), cmocka_unit_test(test_wide_custom_kernel),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
