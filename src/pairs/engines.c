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

/* The cheapest of those `left`, and what the next would cost; the one asked for costs nothing. */
static int cheapest(const ift_pair_problem *problem, unsigned left, int asked, double *budget) {
  const bool empty = problem->n == 0 || problem->m == 0;
  int best = INDEX_direct;
  double least = HUGE_VAL, next = HUGE_VAL;
  for (int e = 0; e < ENGINES && !empty; e++) {
    if (!(left >> e & 1) || !ift_pair_engines[e]->can(problem)) continue;
    const double cost = e == asked ? 0 : ift_pair_engines[e]->cost(problem);
    next = fmin(next, fmax(cost, least));
    if (cost < least) least = cost, best = e;
  }
  *budget = best == asked ? HUGE_VAL : next;
  return best;
}

static int first_of(const ift_context *context, const ift_pair_problem *problem, unsigned *left, double *budget) {
  const int asked = context->engine - 1;
  *left = asked < 0 ? (1u << ENGINES) - 1 : 1u << asked | 1u << INDEX_direct;
  return cheapest(problem, *left, asked, budget);
}

const ift_pair_engine *ift_pairs_engine(const ift_context *context, const ift_pair_problem *problem) {
  unsigned left;
  double budget;
  return ift_pair_engines[first_of(context, problem, &left, &budget)];
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
  unsigned left;
  double budget;
  int engine = first_of(context, problem, &left, &budget);
  while (engine != INDEX_direct) {
    bool done = false;
    IFT_TRY(ift_pair_engines[engine]->run(context, problem, budget, &done));
    if (done && outputs_finite(problem)) return IFT_OK;
    left &= ~(1u << engine);
    engine = cheapest(problem, left, -1, &budget);
  }
  bool done;
  return ift_pair_engine_direct.run(context, problem, budget, &done);
}

static bool can(const ift_pair_problem *problem) {
  (void)problem;
  return true;
}

static double cost(const ift_pair_problem *problem) {
  const double term = 0.8,
               coordinate = problem->gradient ? 0.12 : 0.06; /* on AVX2; half on AVX-512, three times without */
  return (double)problem->n * (double)problem->m * (term * problem->count + coordinate * (double)problem->d);
}

static ift_status run(ift_context *context, const ift_pair_problem *p, double budget, bool *done) {
  (void)budget;
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
