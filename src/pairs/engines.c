/* The choice of an engine. */
#include "pairs/engines.h"

#include <math.h>

#include "base/extremes.h"

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

static bool outputs_finite(const ift_pair_problem *p) {
  const int64_t n = p->n, numbers = n * p->d, entries = n * p->m;
  return ift_not_finite(p->value, n) == n && ift_not_finite(p->gradient, numbers) == numbers &&
         ift_not_finite(p->matrix, entries) == entries;
}

ift_status ift_pairs_run(ift_context *context, const ift_pair_problem *problem) {
  const ift_pair_engine *engine = ift_pairs_engine(context, problem);
  bool done = false;
  IFT_TRY(engine->run(context, problem, &done));
  if (engine == &ift_pair_engine_direct || (done && outputs_finite(problem))) return IFT_OK;
  return ift_pair_engine_direct.run(context, problem, &done);
}
