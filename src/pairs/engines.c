/* The choice of an engine, and the one that can do everything. */
#include "pairs/engines.h"

#include <math.h>

const ift_pair_engine *const ift_pair_engines[] = {
#define ENGINE(identifier, name) &ift_pair_engine_##identifier,
#include "pairs/engines.def"
#undef ENGINE
};
enum {
#define ENGINE(identifier, name) INDEX_##identifier,
#include "pairs/engines.def"
#undef ENGINE
  ENGINES
};
const int ift_pair_engine_count = ENGINES;

/* The one asked for where it can, else the cheapest. */
static int choose(const ift_context *context, const ift_pair_problem *problem) {
  const int asked = context->engine - 1;
  int best = INDEX_direct;
  double least = HUGE_VAL;
  if (problem->n == 0 || problem->m == 0) return INDEX_direct;
  if (asked >= 0) return ift_pair_engines[asked]->can(problem) ? asked : INDEX_direct;
  for (int e = 0; e < ENGINES; e++) {
    const ift_pair_engine *engine = ift_pair_engines[e];
    if (!engine->cost || !engine->can(problem)) continue;
    const double cost = engine->cost(problem);
    if (cost < least) least = cost, best = e;
  }
  return best;
}

const ift_pair_engine *ift_pairs_engine(const ift_context *context, const ift_pair_problem *problem) {
  return ift_pair_engines[choose(context, problem)];
}

static bool all_finite(const double *values, int64_t count) {
  for (int64_t i = 0; values && i < count; i++)
    if (!isfinite(values[i])) return false;
  return true;
}

static bool outputs_finite(const ift_pair_problem *p) {
  return all_finite(p->value, p->n) && all_finite(p->gradient, p->n * p->d) && all_finite(p->matrix, p->n * p->m);
}

ift_status ift_pairs_run(ift_context *context, const ift_pair_problem *problem) {
  const ift_pair_engine *engine = ift_pairs_engine(context, problem);
  bool done = false;
  IFT_TRY(engine->run(context, problem, &done));
  if (engine == &ift_pair_engine_direct || (done && outputs_finite(problem))) return IFT_OK;
  return ift_pair_engine_direct.run(context, problem, &done);
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

static ift_status run(ift_context *context, const ift_pair_problem *p, bool *done) {
  *done = true;
  if (p->matrix)
    ift_pairs_direct_matrix(context, p->terms, p->count, p->matrix, p->x, p->n, p->d, p->y, p->m);
  else
    ift_pairs_direct(context, p->terms, p->count, p->value, p->gradient, p->x, p->n, p->d, p->y, p->m, p->w);
  return IFT_OK;
}

const ift_pair_engine ift_pair_engine_direct = {
    .name = "direct",
    .doc = "every pair, one after the other: for all kernels and dimensions",
    .can = can,
    .cost = cost,
    .run = run,
};
