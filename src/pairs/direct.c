/* The direct engine: every pair, on the vector instructions that the context uses. */
#include "pairs/direct.h"

#include <math.h>
#include <string.h>

#include "base/extremes.h"
#include "base/pool.h"
#include "pairs/engines.h"

/* Work that is worth a task of the pool, in pairs times d + OVERHEAD: about 50 microseconds on AVX2. */
enum { TASK = 1 << 20, OVERHEAD = 8 };

static const ift_direct_engine *const engines[IFT_ISAS] = {
    [IFT_ISA_BASELINE] = &ift_direct_baseline,
#if IFT_X86
    [IFT_ISA_AVX2] = &ift_direct_avx2,
    [IFT_ISA_AVX512] = &ift_direct_avx512,
#endif
};

typedef struct job {
  ift_direct pass;
  int64_t rows; /* a task */
  bool far;     /* squares of lengths overflow */
} job;

static void multiply(double *values, double factor, int64_t count) {
  for (int64_t k = 0; factor != 1 && k < count; k++) values[k] *= factor;
}

/* What is not finite because squares have overflowed is computed anew with care; a target's outputs each by itself, so that none depends
 * on which are asked for. */
static void finish(const ift_direct *p, int64_t start, int64_t end, bool far) {
  const double coefficient = p->only ? p->only->coefficient : 1, slope = p->slope != 0 ? p->slope : 1;
  int sources_far = -1; /* not known yet */
  for (int64_t i = start; i < end; i++) {
    double *value = p->value ? p->value + i : NULL, *gradient = p->gradient ? p->gradient + i * p->d : NULL;
    if (value) multiply(value, coefficient, 1);
    if (gradient) multiply(gradient, coefficient * slope, p->d);
    const bool value_lost = value && (far || !isfinite(*value)),
               gradient_lost = gradient && (far || ift_not_finite(gradient, p->d) < p->d);
    if (!value_lost && !gradient_lost) continue;
    if (!far && sources_far < 0) sources_far = ift_direct_is_far(p->y, p->m * p->d);
    if (!far && !sources_far && !ift_direct_is_far(p->x + i * p->d, p->d)) continue;
    if (value_lost) ift_direct_far(p, i, value, NULL);
    if (gradient_lost) ift_direct_far(p, i, NULL, gradient);
  }
}

static void run_sums(int64_t task, void *user) {
  const job *j = user;
  const ift_direct *p = &j->pass;
  const int64_t start = task * j->rows, end = p->n - start < j->rows ? p->n : start + j->rows;
  if (p->value) memset(p->value + start, 0, (size_t)(end - start) * sizeof(double));
  if (p->gradient) memset(p->gradient + start * p->d, 0, (size_t)((end - start) * p->d) * sizeof(double));
  if (!j->far && (p->forms[0] || p->forms[1])) engines[p->isa]->sums(p, start, end);
  finish(p, start, end, j->far);
}

static void run_matrix(int64_t task, void *user) {
  const job *j = user;
  const ift_direct *p = &j->pass;
  const int64_t start = task * j->rows, end = p->n - start < j->rows ? p->n : start + j->rows;
  if (!p->forms[0] && !p->forms[1])
    memset(p->matrix + start * p->m, 0, (size_t)((end - start) * p->m) * sizeof(double));
  else if (!j->far)
    engines[p->isa]->matrix(p, start, end);
  for (int64_t i = start; j->far && i < end; i++)
    for (int64_t k = 0; k < p->m; k++) p->matrix[i * p->m + k] = ift_direct_far_entry(p, i, k);
}

/* Whole groups of targets, or vectors where targets are few. */
static int64_t rows_of_task(const ift_direct *p, int threads) {
  if (threads == 1) return p->n;
  const ift_direct_engine *engine = engines[p->isa];
  const int64_t worth = TASK / ((p->m + 1) * (p->d + OVERHEAD)), share = p->n / (2 * threads);
  const int64_t whole = share >= engine->group ? engine->group : engine->lanes;
  const int64_t rows = worth > whole ? worth : whole;
  return (rows + whole - 1) / whole * whole;
}

static void run(ift_context *context, job *j) {
  ift_direct *p = &j->pass;
  int terms = 0;
  for (int t = 0; t < p->count; t++) {
    const ift_pair_term *term = &p->terms[t];
    if (term->form == IFT_BLOCK) continue;
    p->forms[term->form == IFT_DOT] = true;
    p->only = terms++ ? NULL : term;
    j->far |= ift_direct_is_long(term);
  }
  if (p->only && p->only->form == IFT_GAUSSIAN) p->slope = -1 / (p->only->parameters[0] * p->only->parameters[0]);
  p->isa = context->isa;
  j->rows = rows_of_task(p, context->threads);
  ift_pool_run(context, j->rows ? (p->n + j->rows - 1) / j->rows : 0, p->matrix ? run_matrix : run_sums, j);
}

void ift_pairs_direct(ift_context *context, const ift_pair_problem *problem) {
  job j = {.pass = {.terms = problem->terms,
                    .count = problem->count,
                    .value = problem->value,
                    .gradient = problem->gradient,
                    .matrix = problem->matrix,
                    .x = problem->x,
                    .y = problem->y,
                    .w = problem->w,
                    .n = problem->n,
                    .d = problem->d,
                    .m = problem->m}};
  run(context, &j);
}

static bool can(const ift_pair_problem *problem) {
  (void)problem;
  return true;
}

static double cost(const ift_pair_problem *problem) {
  /* on AVX2; half on AVX-512, three times without: the choice, and so its bits, must not depend on that */
  const double term = 0.8, coordinate = problem->gradient ? 0.12 : 0.06;
  return (double)problem->n * (double)problem->m * (term * problem->count + coordinate * (double)problem->d);
}

static ift_status run_engine(ift_context *context, const ift_pair_problem *problem, bool *done) {
  ift_pairs_direct(context, problem);
  *done = true;
  return IFT_OK;
}

const ift_pair_engine ift_pair_engine_direct = {
    .name = "direct",
    .doc = "every pair, one after the other: for all kernels and dimensions",
    .can = can,
    .cost = cost,
    .run = run_engine,
};
