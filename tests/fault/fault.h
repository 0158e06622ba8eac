/* tests/fault/fault.h - calls with an allocator that fails: at call k, once or from there on, for every k that
 * there is. */
#ifndef TESTS_FAULT_FAULT_H
#define TESTS_FAULT_FAULT_H

#include "support/make.h"
#include "support/memory.h"
#include "support/random.h"

enum { FAULT_N = 6, FAULT_M = 15, FAULT_D = 2, FAULT_DIGEST = 400 };

/* What a call may need; all made beforehand. */
typedef struct stage {
  ift_context *context;
  double x[FAULT_N * FAULT_D], y[FAULT_M * FAULT_D], w[FAULT_M];
  ift_measure *measure, *samples;
  ift_kernel *kernel;
  ift_target *target;
  ift_energy *energy;
  ift_flow *flow;
  ift_compression *compression;
  const char *path; /* of a file to read or write */
  /* What the call gives. */
  ift_measure *made_measure;
  ift_kernel *made_kernel;
  ift_target *made_target;
  ift_energy *made_energy;
  ift_flow *made_flow;
  ift_compression *made_compression;
  double numbers[FAULT_DIGEST];
  int count;
} stage;

/* One public call on a stage. Optional: what comes before it, with memory enough; what must hold after a failure;
 * what it gave as numbers. */
typedef struct scenario {
  const char *name;
  ift_status (*act)(stage *s);
  void (*prepare)(stage *s);
  void (*check)(stage *s);
  void (*digest)(stage *s);
  int64_t least; /* allocations that it makes at least */
} scenario;

static inline void stage_open(stage *s, memory *m, const char *path) {
  dice d = {99};
  memset(s, 0, sizeof *s);
  s->context = memory_context(m);
  s->path = path;
  dice_normals(&d, s->x, FAULT_N * FAULT_D);
  dice_normals(&d, s->y, FAULT_M * FAULT_D);
  dice_weights(&d, s->w, FAULT_M, 1);
  s->measure = make_measure(s->context, s->x, FAULT_N, FAULT_D, NULL);
  s->samples = make_measure(s->context, s->y, FAULT_M, FAULT_D, s->w);
  s->kernel = make_kernel(s->context, "gaussian:0.7+0.1*laplace:1");
  assert_status(IFT_OK, ift_target_samples(s->context, &s->target, s->samples));
  assert_status(IFT_OK, ift_energy_mmd(s->context, &s->energy, s->kernel, s->target));
  for (int i = 0; i < FAULT_DIGEST; i++) s->numbers[i] = 42;
}

static inline void stage_close(stage *s) {
  ift_measure_destroy(s->made_measure);
  ift_kernel_destroy(s->made_kernel);
  ift_target_destroy(s->made_target);
  ift_energy_destroy(s->made_energy);
  ift_flow_destroy(s->made_flow);
  ift_compression_destroy(s->made_compression);
  ift_measure_destroy(s->measure);
  ift_measure_destroy(s->samples);
  ift_kernel_destroy(s->kernel);
  ift_target_destroy(s->target);
  ift_energy_destroy(s->energy);
  ift_flow_destroy(s->flow);
  ift_compression_destroy(s->compression);
  ift_context_destroy(s->context);
}

static inline void stage_tell(stage *s, double number) {
  assert_true(s->count < FAULT_DIGEST);
  s->numbers[s->count++] = number;
}

static inline void stage_tell_measure(stage *s, const ift_measure *measure) {
  assert_non_null(measure);
  const int64_t n = ift_measure_size(measure), d = ift_measure_dim(measure);
  stage_tell(s, (double)n);
  for (int64_t i = 0; i < n; i++) stage_tell(s, ift_measure_weights(measure)[i]);
  for (int64_t i = 0; i < n * d; i++) stage_tell(s, ift_measure_positions(measure)[i]);
}

static inline void assert_nothing_made(const stage *s) {
  assert_null(s->made_measure);
  assert_null(s->made_kernel);
  assert_null(s->made_target);
  assert_null(s->made_energy);
  assert_null(s->made_flow);
  assert_null(s->made_compression);
  assert_int_equal(s->count, 0);
  for (int i = 0; i < FAULT_DIGEST; i++) assert_true(s->numbers[i] == 42);
}

/* Each allocation of the call fails once, and then for good: the status says so, outputs are untouched, a retry
 * with memory gives the bits of a call that nothing disturbed, and at the end all memory is returned. */
static inline void fault_run(const scenario *c, const char *path) {
  memory m = {0};
  stage calm, s;
  stage_open(&calm, &m, path);
  if (c->prepare) c->prepare(&calm);
  memory_fail(&m, 0, false);
  assert_true(c->act(&calm) >= 0);
  const int64_t calls = m.calls;
  if (calls < c->least) fail_msg("%s: %d allocations, at least %d were expected", c->name, (int)calls, (int)c->least);
  if (c->digest) c->digest(&calm);
  for (int64_t k = 1; k <= calls; k++)
    for (int for_good = 0; for_good < 2; for_good++) {
      memory disturbed = {0};
      stage_open(&s, &disturbed, path);
      if (c->prepare) c->prepare(&s);
      memory_fail(&disturbed, k, for_good);
      const ift_status status = c->act(&s);
      if (status != IFT_ERR_NO_MEMORY)
        fail_msg("%s: %s where allocation %d of %d fails", c->name, ift_status_name(status), (int)k, (int)calls);
      assert_true(disturbed.failed > 0);
      assert_message(s.context, "memory");
      memory_fail(&disturbed, 0, false);
      assert_nothing_made(&s);
      if (c->check) c->check(&s);
      assert_true(c->act(&s) >= 0);
      if (c->digest) c->digest(&s);
      assert_int_equal(s.count, calm.count);
      assert_memory_equal(s.numbers, calm.numbers, sizeof s.numbers);
      stage_close(&s);
      if (disturbed.live != 0)
        fail_msg("%s: %d blocks left, allocation %d failed", c->name, (int)disturbed.live, (int)k);
    }
  stage_close(&calm);
  assert_int_equal(m.live, 0);
}

#endif
