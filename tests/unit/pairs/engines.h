/* tests/unit/pairs/engines.h - an engine by name on a problem, against sums in long double. */
#ifndef TESTS_UNIT_PAIRS_ENGINES_H
#define TESTS_UNIT_PAIRS_ENGINES_H

#include <stdlib.h>
#include <string.h>

#include "kernel/kernel.h"
#include "pairs/engines.h"
#include "support/fixture.h"
#include "support/kernels.h"
#include "support/random.h"

/* Points, weights and room for sums. */
typedef struct cloud {
  int64_t n, m, d;
  double *x, *y, *w, *value, *gradient;
} cloud;

static inline double *reals(int64_t count) {
  double *memory = malloc((size_t)(count + 1) * sizeof *memory);
  assert_non_null(memory);
  return memory;
}

/* Standard normal points, weights of both signs. */
static inline cloud cloud_of(int64_t n, int64_t m, int64_t d, uint64_t seed) {
  dice dice_ = {seed};
  cloud c = {n, m, d, reals(n * d), reals(m * d), reals(m), reals(n), reals(n * d)};
  dice_normals(&dice_, c.x, n * d);
  dice_normals(&dice_, c.y, m * d);
  dice_normals(&dice_, c.w, m);
  return c;
}

static inline void cloud_free(cloud *c) {
  free(c->x), free(c->y), free(c->w), free(c->value), free(c->gradient);
}

/* All coordinates a -> scale a + shift. */
static inline void cloud_map(cloud *c, double scale, double shift) {
  for (int64_t k = 0; k < c->n * c->d; k++) c->x[k] = scale * c->x[k] + shift;
  for (int64_t k = 0; k < c->m * c->d; k++) c->y[k] = scale * c->y[k] + shift;
}

static inline ift_pair_problem problem_of(const ift_kernel *kernel, const cloud *c) {
  return (ift_pair_problem){.terms = kernel->terms,
                            .count = kernel->count,
                            .value = c->value,
                            .gradient = c->gradient,
                            .x = c->x,
                            .y = c->y,
                            .w = c->w,
                            .n = c->n,
                            .d = c->d,
                            .m = c->m};
}

static inline const ift_pair_engine *engine_named(const char *name) {
  for (int e = 0; e < ift_pair_engine_count; e++)
    if (!strcmp(ift_pair_engines[e]->name, name)) return ift_pair_engines[e];
  fail_msg("no engine %s", name);
  return NULL;
}

/* The engine's own sums: it can, and it gets done. */
static inline void run_engine(const char *name, const ift_kernel *kernel, const cloud *c) {
  const ift_pair_engine *engine = engine_named(name);
  const ift_pair_problem problem = problem_of(kernel, c);
  bool done = false;
  assert_true(engine->can(&problem));
  for (int64_t i = 0; i < c->n; i++) c->value[i] = NAN;
  for (int64_t i = 0; i < c->n * c->d; i++) c->gradient[i] = NAN;
  assert_status(IFT_OK, engine->run(context, &problem, &done));
  if (!done) fail_msg("%s gives up: n %d, m %d, d %d", name, (int)c->n, (int)c->m, (int)c->d);
}

/* AVX2 and AVX-512 give the same bits. */
static inline void check_vectors(const char *name, const char *spec, const cloud *c) {
  const ift_isa before = context->isa;
  double *value = reals(c->n), *gradient = reals(c->n * c->d);
  const cloud other = {c->n, c->m, c->d, c->x, c->y, c->w, value, gradient};
  ift_kernel *kernel = make_kernel(context, spec);
  if (ift_isa_available(IFT_ISA_AVX512)) {
    context->isa = IFT_ISA_AVX512;
    run_engine(name, kernel, c);
    context->isa = IFT_ISA_AVX2;
    run_engine(name, kernel, &other);
    assert_memory_equal(value, c->value, (size_t)c->n * sizeof *value);
    assert_memory_equal(gradient, c->gradient, (size_t)(c->n * c->d) * sizeof *gradient);
  }
  context->isa = before;
  ift_kernel_destroy(kernel);
  free(value);
  free(gradient);
}

static inline const formula *formula_of(const char *spec) {
  for (int k = 0; k < FORMULAS; k++)
    if (!strcmp(formulas[k].spec, spec)) return &formulas[k];
  fail_msg("no formula %s", spec);
  return NULL;
}

/* Largest errors of every `step`-th target, in units of sum_j |w_j k| and of the largest sum_j |w_j dk/dx_l|; for
 * kernels with a length plus a tenth of sum_j |w_j|, since of far pairs the exponents are rounded. */
typedef struct errors {
  double value, gradient;
} errors;

static inline double ratio(long double error, long double size) {
  return (double)(size > 0 ? error / size : error);
}

static inline errors errors_of(const formula *f, const cloud *c, int64_t step) {
  errors worst = {0, 0};
  const int64_t d = c->d;
  double *rate = reals(d);
  long double *slope = malloc((size_t)(2 * d) * sizeof *slope), *scale = slope + d;
  assert_non_null(slope);
  for (int64_t i = 0; i < c->n; i += step) {
    const double *x = c->x + i * d;
    long double sum = 0, size = 0, floor = 0, largest = 0, wrong = 0;
    for (int64_t l = 0; l < d; l++) slope[l] = scale[l] = 0;
    for (int64_t j = 0; j < c->m; j++) {
      const long double weight = c->w ? c->w[j] : 1, k = formula_exact(f, x, c->y + j * d, d);
      formula_gradient(f, rate, x, c->y + j * d, d);
      sum += weight * k;
      size += fabsl(weight * k);
      if (f->translates && !f->conditional) floor += fabsl(weight) / 10;
      for (int64_t l = 0; l < d; l++) slope[l] += weight * rate[l], scale[l] += fabsl(weight * rate[l]);
    }
    for (int64_t l = 0; l < d; l++) {
      largest = fmaxl(largest, scale[l]);
      wrong = fmaxl(wrong, fabsl(c->gradient[i * d + l] - slope[l]));
    }
    worst.value = fmax(worst.value, ratio(fabsl(c->value[i] - sum), size + floor));
    worst.gradient = fmax(worst.gradient, ratio(wrong, floor > 0 ? largest + floor / f->p : largest));
    if (!(isfinite(c->value[i]) && isfinite((double)wrong))) worst.value = HUGE_VAL;
  }
  free(rate);
  free(slope);
  return worst;
}

#endif
