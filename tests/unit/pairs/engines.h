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
  assert_status(IFT_OK, engine->run(context, &problem, HUGE_VAL, &done));
  assert_true(done);
}

/* Largest errors of every `step`-th target, in units of sum_j |w_j k| and sum_j |w_j grad k|_l; for kernels with a length
 * plus a tenth of sum_j |w_j|, since of far pairs the exponents are rounded. */
typedef struct errors {
  double value, gradient;
} errors;

static inline errors errors_of(const formula *f, const cloud *c, int64_t step) {
  errors worst = {0, 0};
  for (int64_t i = 0; i < c->n; i += step) {
    long double sum = 0, size = 0, floor = 0, *slope = calloc((size_t)c->d * 2, sizeof *slope), *scale = slope + c->d;
    assert_non_null(slope);
    for (int64_t j = 0; j < c->m; j++) {
      const double *x = c->x + i * c->d, *y = c->y + j * c->d;
      const long double r = distance_of(x, y, c->d), weight = c->w ? c->w[j] : 1;
      const long double k = formula_exact(f, x, y, c->d), rate = r > 0 ? radial_slope(f, r) : 0;
      sum += weight * k;
      size += fabsl(weight * k);
      if (!f->conditional) floor += fabsl(weight) / 10;
      for (int64_t l = 0; l < c->d; l++) {
        const long double term = weight * rate * ((long double)x[l] - y[l]);
        slope[l] += term;
        scale[l] += fabsl(term);
      }
    }
    const long double error = fabsl(c->value[i] - sum);
    worst.value = fmax(worst.value, (double)(size > 0 ? error / (size + floor) : error));
    for (int64_t l = 0; l < c->d; l++) {
      const long double wrong = fabsl(c->gradient[i * c->d + l] - slope[l]);
      worst.gradient = fmax(worst.gradient, (double)(scale[l] > 0 ? wrong / (scale[l] + floor / f->p) : wrong));
    }
    free(slope);
  }
  return worst;
}

#endif
