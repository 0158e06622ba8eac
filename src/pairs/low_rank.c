/* The low-rank engine: sums over the sources become products of features (low_rank.h), of which smooth and wide kernels
 * in few dimensions need but tens or hundreds.
 *
 * The error is bounded, not estimated: with E = sum_j |w_j| R(y_j,y_j)^(1/2), that of a value is at most R(x,x)^(1/2)
 * E, and that of its derivative in x_l at most (d_l d'_l R(x,x))^(1/2) E, by Cauchy and Schwarz. Targets for which this
 * is more than allowed, far out mostly, get direct sums. */
#include "pairs/low_rank.h"

#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "base/extremes.h"
#include "base/pool.h"
#include "pairs/direct.h"

enum {
  MOST = IFT_LOW_RANK_MOST,
  PANEL = IFT_LOW_RANK_PANEL,
  ROWS = IFT_LOW_RANK_ROWS,
  CANDIDATES = IFT_LOW_RANK_CANDIDATES,
  SAMPLE = 4096, /* points that pivots are looked for among at first */
  TASKS = 128,   /* that sums over sources are split into */
  TARGETS = 96,  /* of a task */
  ROUNDS = 3,    /* of looking for pivots */
  DIRECT = 8     /* one in so many targets may get direct sums */
};

/* Of a value in units of k(0) sum_j |w_j|, of a derivative in the same times the root of k''(0)/k(0), a fifth of it for
 * rounding. */
static const double value_error = 1e-13, gradient_error = 1e-12;

static const ift_low_rank_loops *const all_loops[IFT_ISAS] = {
    [IFT_ISA_BASELINE] = &ift_low_rank_baseline,
#if IFT_X86
    [IFT_ISA_AVX2] = &ift_low_rank_avx2,
    [IFT_ISA_AVX512] = &ift_low_rank_avx512,
#endif
};

const ift_low_rank_loops *ift_low_rank_loops_of(ift_isa isa) {
  return all_loops[isa];
}

/* A call, in the context's memory. */
typedef struct job {
  ift_low_rank p;
  const ift_pair_problem *problem;
  const ift_low_rank_loops *loops;
  ift_low_rank_candidates candidates;
  double *sample, *sums, *partial, *rest, *bent_rest, *direct;
  bool same; /* targets are the sources */
  /* The points that are gone through, and how many a task has. */
  const double *points, *weights;
  double *totals;
  int64_t count, part;
} job;

static int64_t lesser(int64_t a, int64_t b) {
  return a < b ? a : b;
}

/* Memory for all of it: O((n + m) d) and what does not depend on the points. */
static ift_status make_room(ift_context *context, job *j) {
  const ift_pair_problem *problem = j->problem;
  const int64_t n = problem->n, m = problem->m, d = problem->d;
  const struct {
    double **at;
    int64_t size;
  } parts[] = {
      {&j->p.pivots, d * MOST},
      {&j->p.factor, MOST * MOST},
      {&j->p.panels, MOST * (MOST - PANEL) / 2},
      {&j->p.inverses, MOST * PANEL},
      {&j->p.limits, MOST},
      {&j->p.roots, MOST},
      {&j->candidates.points, CANDIDATES * d},
      {&j->candidates.features, CANDIDATES * MOST},
      {&j->candidates.rest, CANDIDATES},
      {&j->sample, SAMPLE * d},
      {&j->sums, MOST},
      {&j->partial, TASKS * MOST},
      {&j->rest, n + m + SAMPLE},
      {&j->bent_rest, n},
      {&j->direct, (n / DIRECT + 1) * (2 * d + 1)},
  };
  enum { PARTS = sizeof parts / sizeof parts[0] };
  int64_t total = 0;
  for (int k = 0; k < PARTS; k++) total += ift_pairs_whole(parts[k].size, PANEL);
  double *memory = ift_scratch(context, total, sizeof *memory);
  if (!memory) return IFT_ERR_NO_MEMORY;
  for (int k = 0; k < PARTS; k++) {
    *parts[k].at = memory;
    memory += ift_pairs_whole(parts[k].size, PANEL);
  }
  return IFT_OK;
}

static void run_sources(int64_t task, void *user) {
  const job *j = user;
  double *sums = j->totals ? j->partial + task * MOST : NULL;
  if (sums) memset(sums, 0, MOST * sizeof *sums);
  j->loops->sources(&j->p, j->points, j->weights, task * j->part, lesser(j->count, (task + 1) * j->part), j->rest,
                    sums);
}

/* What is left of each of these points; `totals`, which may be NULL, the features' sums with the weights. */
static void visit(ift_context *context, job *j, const double *points, int64_t count, const double *weights,
                  double *totals) {
  j->points = points, j->count = count, j->weights = weights, j->totals = totals;
  j->part = ift_pairs_whole((count + TASKS - 1) / TASKS, ROWS);
  const int64_t tasks = (count + j->part - 1) / j->part;
  ift_pool_run(context, tasks, run_sources, j);
  if (!totals) return;
  memcpy(totals, j->partial, MOST * sizeof *totals);
  for (int64_t t = 1; t < tasks; t++)
    for (int64_t k = 0; k < j->p.rank; k++) totals[k] += j->partial[t * MOST + k];
}

/* Pivots anew, among those so far and the points, evenly among them if they are many, of which too much is left: in the
 * order of what is left, which keeps rounding errors down. false: too many. */
static bool choose(ift_context *context, job *j, const double *points, int64_t count) {
  ift_low_rank_candidates *c = &j->candidates;
  const int64_t d = j->problem->d, room = CANDIDATES - MOST;
  int64_t left = 0, seen = 0, taken = 0;
  for (c->count = 0; c->count < j->p.rank; c->count++)
    for (int64_t l = 0; l < d; l++) c->points[c->count * d + l] = j->p.pivots[l * MOST + c->count];
  for (int64_t i = 0; i < count; i++) left += j->rest[i] > 2 * IFT_LOW_RANK_REST;
  for (int64_t i = 0; i < count; i++) {
    if (!(j->rest[i] > 2 * IFT_LOW_RANK_REST)) continue;
    if (seen++ * lesser(left, room) / left < taken) continue;
    memcpy(c->points + c->count++ * d, points + i * d, (size_t)d * sizeof *points);
    taken++;
  }
  return ift_low_rank_choose(context, &j->p, c);
}

/* Point t of `count`, evenly among targets and sources. */
static const double *joint_point(const job *j, int64_t t, int64_t count) {
  const ift_pair_problem *problem = j->problem;
  const int64_t n = problem->n, all = j->same ? n : n + problem->m, at = t * all / count;
  return at < n ? problem->x + at * problem->d : problem->y + (at - n) * problem->d;
}

/* Pivots for a sample of all points: first for some of it, then for what they leave. */
static bool find_pivots(ift_context *context, job *j) {
  const int64_t d = j->problem->d, all = j->same ? j->problem->n : j->problem->n + j->problem->m;
  const int64_t count = lesser(all, SAMPLE);
  for (int64_t t = 0; t < count; t++) memcpy(j->sample + t * d, joint_point(j, t, count), (size_t)d * sizeof(double));
  for (int64_t t = 0; t < count; t++) j->rest[t] = 1;
  for (int round = 0; round <= ROUNDS; round++) {
    if (ift_largest(j->rest, count) <= 2 * IFT_LOW_RANK_REST) break;
    if (!choose(context, j, j->sample, count)) return false;
    if (round == 0 && count > j->candidates.count && 4 * j->p.rank > 3 * MOST)
      return false; /* as a rule it takes so many more */
    visit(context, j, j->sample, count, NULL, NULL);
  }
  return true;
}

/* What rounding may have hidden of R(x,x) / k(0). */
static double rounding_of(const job *j) {
  return 0x1p-52 * sqrt((double)j->p.rank);
}

/* E as a part of sum_j |w_j|. */
static double source_error(const job *j) {
  const ift_pair_problem *problem = j->problem;
  const double hidden = rounding_of(j);
  double error = 0, weight = 0;
  for (int64_t k = 0; k < problem->m; k++) {
    const double w = problem->w ? fabs(problem->w[k]) : 1;
    weight += w;
    error += w * sqrt(j->rest[k] + hidden);
  }
  return weight > 0 ? error / weight : 0;
}

/* The features' sums over the sources, with more pivots where those leave too much; *error is E over their weight. */
static bool sum_sources(ift_context *context, job *j, double *error) {
  const ift_pair_problem *problem = j->problem;
  for (int round = 0;; round++) {
    visit(context, j, problem->y, problem->m, problem->w, j->sums);
    *error = source_error(j);
    if (!isfinite(*error)) return false;
    if (round == ROUNDS || *error <= sqrt(IFT_LOW_RANK_REST)) return true;
    if (!choose(context, j, problem->y, problem->m)) return false;
  }
}

static void run_targets(int64_t task, void *user) {
  const job *j = user;
  const ift_pair_problem *problem = j->problem;
  j->loops->targets(&j->p, problem->x, task * TARGETS, lesser(problem->n, (task + 1) * TARGETS), j->sums,
                    problem->value, problem->gradient, j->rest, j->bent_rest);
}

static bool is_bad(const job *j, int64_t i, double error) {
  if (!(sqrt(j->rest[i] + rounding_of(j)) * error <= value_error)) return true;
  return j->problem->gradient && !(sqrt(fmax(j->bent_rest[i], 0) + rounding_of(j)) * error <= 0.8 * gradient_error);
}

/* Direct sums for the targets whose bounds are not good enough; false: they are too many. */
static bool mend(ift_context *context, const job *j, double error) {
  const ift_pair_problem *problem = j->problem;
  const int64_t d = problem->d, room = problem->n / DIRECT + 1;
  double *x = j->direct, *value = x + room * d, *gradient = value + room;
  int64_t bad = 0, at = 0;
  for (int64_t i = 0; i < problem->n; i++) {
    if (!is_bad(j, i, error)) continue;
    if (bad == room) return false;
    memcpy(x + bad++ * d, problem->x + i * d, (size_t)d * sizeof *x);
  }
  ift_pair_problem rest = *problem;
  rest.value = problem->value ? value : NULL;
  rest.gradient = problem->gradient ? gradient : NULL;
  rest.x = x, rest.n = bad;
  ift_pairs_direct(context, &rest);
  for (int64_t i = 0; i < problem->n && at < bad; i++) {
    if (!is_bad(j, i, error)) continue;
    if (problem->value) problem->value[i] = value[at];
    if (problem->gradient) memcpy(problem->gradient + i * d, gradient + at * d, (size_t)d * sizeof *gradient);
    at++;
  }
  return true;
}

/* k(x,x) and minus the second derivative there; false where that says nothing. */
static bool find_size(ift_low_rank *p) {
  double zero[IFT_PAIR_LANES] = {0}, value[IFT_PAIR_LANES], slope[IFT_PAIR_LANES];
  ift_pair_evaluate_terms(p->terms, p->count, p->isa, value, slope, zero, IFT_PAIR_LANES);
  p->size = value[0];
  p->bent = -slope[0];
  const double most = 0.2 * gradient_error / 0x1p-53;
  p->growth = most * most * p->bent / p->size;
  return p->size > 0 && p->bent > 0 && isfinite(p->size) && isfinite(p->bent);
}

static ift_status run(ift_context *context, const ift_pair_problem *problem, bool *done) {
  double error;
  job j = {.p = {.terms = problem->terms, .count = problem->count, .isa = context->isa, .d = problem->d},
           .problem = problem,
           .loops = ift_low_rank_loops_of(context->isa),
           .same = problem->x == problem->y && problem->n == problem->m};
  if (!find_size(&j.p)) return IFT_OK;
  IFT_TRY(make_room(context, &j));
  if (!find_pivots(context, &j) || !sum_sources(context, &j, &error)) return IFT_OK;
  ift_pool_run(context, (problem->n + TARGETS - 1) / TARGETS, run_targets, &j);
  *done = mend(context, &j, error);
  return IFT_OK;
}

static bool can(const ift_pair_problem *problem) {
  for (int t = 0; t < problem->count; t++) {
    const ift_pair_term *term = &problem->terms[t];
    if (!ift_pair_has_form(term, false) || !term->bend || ift_direct_is_long(term)) return false;
  }
  return !problem->matrix;
}

const ift_pair_engine ift_pair_engine_low_rank = {
    .name = "low-rank",
    .doc = "features of pivots, for smooth and wide kernels in few dimensions: values to 1e-13, gradients to 1e-12",
    .can = can,
    .run = run,
};
