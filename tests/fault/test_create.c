/* No memory while an object is made, read or written. */
#define _POSIX_C_SOURCE 200809L
#include <stdio.h>
#include <unistd.h>

#include "fault.h"

static char folder[] = "/tmp/ift-fault-XXXXXX";
static char csv[64], npy[64], out_csv[64], out_npy[64];

static int set_up(void **state) {
  (void)state;
  if (!mkdtemp(folder)) return 1;
  snprintf(csv, sizeof csv, "%s/in.csv", folder);
  snprintf(npy, sizeof npy, "%s/in.npy", folder);
  snprintf(out_csv, sizeof out_csv, "%s/out.csv", folder);
  snprintf(out_npy, sizeof out_npy, "%s/out.npy", folder);
  ift_context *context = make_context();
  const double x[6] = {0.1, 2, -3, 1e-7, 5, 6}, a[3] = {0.5, 0, 2};
  ift_measure *measure = make_measure(context, x, 3, 2, a);
  assert_status(IFT_OK, ift_measure_save(measure, csv));
  assert_status(IFT_OK, ift_measure_save(measure, npy));
  ift_measure_destroy(measure);
  ift_context_destroy(context);
  return 0;
}

static int tear_down(void **state) {
  (void)state;
  const char *const files[] = {csv, npy, out_csv, out_npy};
  for (int i = 0; i < 4; i++) unlink(files[i]);
  return rmdir(folder); /* fails if a temporary file was left */
}

static void tell_made(stage *s) {
  stage_tell_measure(s, s->made_measure);
}

static void test_context(void **state) {
  (void)state;
  for (int for_good = 0; for_good < 2; for_good++) {
    memory m = {.fail_at = 1, .for_good = for_good};
    ift_context *context = (ift_context *)&m;
    assert_status(IFT_ERR_NO_MEMORY, ift_context_create_with_allocator(&context, memory_allocate, memory_release, &m));
    assert_null(context);
    assert_int_equal(m.live, 0);
    memory_fail(&m, 0, false);
    context = memory_context(&m);
    assert_int_equal(m.calls, 1);
    ift_context_destroy(context);
    assert_int_equal(m.live, 0);
  }
}

static ift_status act_threads(stage *s) {
  return ift_context_set_threads(s->context, 3);
}

static ift_status act_measure(stage *s) {
  return ift_measure_create(s->context, &s->made_measure, s->y, FAULT_M, FAULT_D, s->w);
}

static ift_status act_clone(stage *s) {
  return ift_measure_clone(s->samples, &s->made_measure);
}

static ift_status act_resample(stage *s) {
  return ift_measure_resample(s->samples, &s->made_measure, 11);
}

static ift_status act_prune(stage *s) {
  return ift_measure_prune(s->samples, &s->made_measure, 0.05);
}

static ift_status act_merge(stage *s) {
  return ift_measure_merge(s->samples, &s->made_measure, 0.5);
}

static ift_status act_merge_equal(stage *s) {
  return ift_measure_merge(s->samples, &s->made_measure, 0);
}

static ift_status act_load(stage *s) {
  return ift_measure_load(s->context, &s->made_measure, s->path);
}

static ift_status act_gaussian(stage *s) {
  return ift_kernel_gaussian(s->context, &s->made_kernel, 1);
}

static ift_status act_kernel_sum(stage *s) {
  const ift_kernel *const parts[2] = {s->kernel, s->kernel};
  const double coefficients[2] = {1, 2};
  return ift_kernel_sum(s->context, &s->made_kernel, parts, coefficients, 2);
}

static ift_status act_parse(stage *s) {
  return ift_kernel_parse(s->context, &s->made_kernel, "0.5*gaussian:1+2*imq:1,2+energy");
}

static void tell_kernel(stage *s) {
  double value;
  assert_status(IFT_OK, ift_kernel_sum_pairs(s->made_kernel, &value, NULL, s->x, 1, FAULT_D, s->y, FAULT_M, NULL));
  stage_tell(s, value);
}

static ift_status act_samples(stage *s) {
  return ift_target_samples(s->context, &s->made_target, s->samples);
}

static const double shares[2] = {0.5, 0.5}, means[4] = {0, 1, 2, 3}, covariances[8] = {1, 0, 0, 1, 2, 0.5, 0.5, 1};

static ift_status act_mixture(stage *s) {
  return ift_target_gaussian_mixture(s->context, &s->made_target, 2, FAULT_D, shares, means, covariances);
}

static void tell_target(stage *s) {
  ift_energy *energy;
  ift_kernel *kernel = make_kernel(s->context, "gaussian:1");
  double value;
  assert_status(IFT_OK, ift_energy_mmd(s->context, &energy, kernel, s->made_target));
  assert_status(IFT_OK, ift_energy_value(energy, &value, s->measure));
  stage_tell(s, value);
  ift_energy_destroy(energy);
  ift_kernel_destroy(kernel);
}

static ift_status act_energy(stage *s) {
  return ift_energy_mmd(s->context, &s->made_energy, s->kernel, s->target);
}

static void prepare_mixture(stage *s) {
  ift_target_destroy(s->target);
  assert_status(IFT_OK, ift_target_gaussian_mixture(s->context, &s->target, 2, FAULT_D, shares, means, covariances));
}

static void prepare_closed_form(stage *s) {
  prepare_mixture(s);
  ift_kernel_destroy(s->kernel);
  s->kernel = make_kernel(s->context, "gaussian:1+gaussian:2");
}

static void prepare_energy_distance(stage *s) {
  ift_kernel_destroy(s->kernel);
  s->kernel = make_kernel(s->context, "energy");
}

static void tell_energy(stage *s) {
  double g[FAULT_N];
  assert_status(IFT_OK, ift_energy_first_variation(s->made_energy, g, NULL, 0, 0, s->measure));
  for (int i = 0; i < FAULT_N; i++) stage_tell(s, g[i]);
}

static ift_status act_flow(stage *s) {
  return ift_flow_create(s->context, &s->made_flow, "spherical-ift", s->energy, s->measure);
}

static ift_status act_compression(stage *s) {
  return ift_compression_create(s->context, &s->made_compression, s->kernel, s->target, 3);
}

static const scenario scenarios[] = {
    {"set_threads", act_threads, NULL, NULL, NULL, 1},
    {"measure_create", act_measure, NULL, NULL, tell_made, 3},
    {"measure_clone", act_clone, NULL, NULL, tell_made, 3},
    {"measure_resample", act_resample, NULL, NULL, tell_made, 3},
    {"measure_prune", act_prune, NULL, NULL, tell_made, 3},
    {"measure_merge", act_merge, NULL, NULL, tell_made, 3},
    {"measure_merge, equal", act_merge_equal, NULL, NULL, tell_made, 3},
    {"kernel_gaussian", act_gaussian, NULL, NULL, tell_kernel, 2},
    {"kernel_sum", act_kernel_sum, NULL, NULL, tell_kernel, 2},
    {"kernel_parse", act_parse, NULL, NULL, tell_kernel, 8},
    {"target_samples", act_samples, NULL, NULL, tell_target, 4},
    {"target_gaussian_mixture", act_mixture, NULL, NULL, tell_target, 5},
    {"energy_mmd", act_energy, NULL, NULL, tell_energy, 2},
    {"energy_mmd, closed form", act_energy, prepare_closed_form, NULL, tell_energy, 5},
    {"energy_mmd, drawn", act_energy, prepare_mixture, NULL, tell_energy, 8},
    {"energy_mmd, energy distance", act_energy, prepare_energy_distance, NULL, tell_energy, 2},
    {"flow_create", act_flow, NULL, NULL, NULL, 10},
    {"compression_create", act_compression, NULL, NULL, NULL, 3},
};

static void test_objects(void **state) {
  (void)state;
  for (size_t k = 0; k < sizeof scenarios / sizeof scenarios[0]; k++) fault_run(&scenarios[k], NULL);
}

static void test_load(void **state) {
  (void)state;
  const scenario load = {"measure_load", act_load, NULL, NULL, tell_made, 3};
  fault_run(&load, csv);
  fault_run(&load, npy);
}

/* Writing takes no memory: it works when there is none. */
static void test_save(void **state) {
  (void)state;
  const char *const paths[] = {out_csv, out_npy};
  for (int k = 0; k < 2; k++) {
    memory m = {0};
    stage s;
    stage_open(&s, &m, paths[k]);
    memory_fail(&m, 1, true);
    assert_status(IFT_OK, ift_measure_save(s.samples, paths[k]));
    assert_int_equal(m.calls, 0);
    memory_fail(&m, 0, false);
    assert_status(IFT_OK, ift_measure_load(s.context, &s.made_measure, paths[k]));
    const double *read = ift_measure_positions(s.made_measure);
    if (k == 0) {
      assert_memory_equal(read, s.y, sizeof s.y);
      assert_memory_equal(ift_measure_weights(s.made_measure), s.w, sizeof s.w);
    } else { /* a matrix of numbers: weights read back as a coordinate */
      for (int i = 0; i < FAULT_M; i++) {
        assert_memory_equal(read + i * (FAULT_D + 1), s.y + i * FAULT_D, FAULT_D * sizeof *read);
        assert_true(read[i * (FAULT_D + 1) + FAULT_D] == s.w[i]);
      }
    }
    stage_close(&s);
    assert_int_equal(m.live, 0);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_context),
      cmocka_unit_test(test_objects),
      cmocka_unit_test(test_load),
      cmocka_unit_test(test_save),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
