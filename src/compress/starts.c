/* Where a search starts from. */
#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "compress/search.h"

enum { CANDIDATES = 4096 };

void ift_candidates_close(ift_search *search, ift_candidates *candidates) {
  ift_free(search->context, candidates->points);
  ift_free(search->context, candidates->c);
  ift_free(search->context, candidates->g);
  ift_free(search->context, candidates->far);
  ift_free(search->context, candidates->interaction);
  ift_free(search->context, candidates->column);
  ift_free(search->context, candidates->home);
  if (candidates->site) search->energy->kind->site_destroy(candidates->site);
}

ift_status ift_candidates_open(ift_search *search, ift_candidates *candidates) {
  ift_context *context = search->context;
  const ift_target *target = search->energy->target;
  const int64_t d = search->d;
  const bool all = target->n > 0 && target->n <= CANDIDATES;
  candidates->count = all ? target->n : CANDIDATES;
  candidates->points = ift_alloc2(context, candidates->count, d, sizeof *candidates->points);
  candidates->c = ift_alloc_reals(context, candidates->count);
  candidates->g = ift_alloc_reals(context, candidates->count);
  candidates->far = ift_alloc_reals(context, candidates->count);
  candidates->home = ift_alloc(context, candidates->count, sizeof *candidates->home);
  candidates->interaction = ift_alloc_reals(context, candidates->count);
  candidates->column = ift_alloc_reals(context, candidates->count);
  if (!candidates->points || !candidates->c || !candidates->g || !candidates->far || !candidates->home ||
      !candidates->interaction || !candidates->column)
    return IFT_ERR_NO_MEMORY;
  if (all)
    memcpy(candidates->points, target->points, (size_t)(candidates->count * d) * sizeof(double));
  else
    IFT_TRY(target->kind->draw(target, &search->rng, candidates->points, candidates->count));
  IFT_TRY(ift_embedding_evaluate(ift_energy_embedding(search->energy), candidates->c, NULL,
                                 all ? target->points : candidates->points, candidates->count));
  IFT_TRY(search->energy->kind->site_create(search->energy, &candidates->site, candidates->count, search->anchored));
  return search->energy->kind->site_move(candidates->site, all ? target->points : candidates->points, false);
}

/* Kernel herding (Chen, Welling and Smola 2010): the next point maximizes c(x) / p - 1/(t+1) sum_{s <= t} k(x, x_s),
 * p the target's mass. Picks may repeat. */
static ift_status herd(ift_search *search, double *positions) {
  const ift_candidates *p = &search->candidates;
  const int64_t d = search->d;
  double *sum = p->g, *row = p->far; /* sum_s k(., x_s) over the picks so far; k(., x_s) of the last */
  memset(sum, 0, (size_t)p->count * sizeof *sum);
  search->work += (double)search->n * (double)p->count * (20 + 2 * (double)d);
  for (int64_t t = 0; t < search->n; t++) {
    int64_t best = 0;
    double highest = -INFINITY;
    for (int64_t i = 0; i < p->count; i++) {
      const double score = p->c[i] / search->mass - sum[i] / (double)(t + 1);
      if (score > highest) highest = score, best = i;
    }
    const double *pick = p->points + best * d;
    memcpy(positions + t * d, pick, (size_t)d * sizeof(double));
    IFT_TRY(ift_kernel_pairs(search->compression->kernel, row, NULL, p->points, p->count, d, pick, 1, NULL));
    for (int64_t i = 0; i < p->count; i++) sum[i] += row[i];
  }
  return IFT_OK;
}

/* |x - y|^2 in units in which it does not overflow. */
static double square(const ift_search *search, const double *x, const double *y) {
  const double spread = search->energy->target->spread, unit = spread > 0 ? 1 / spread : 1;
  double sum = 0;
  for (int64_t l = 0; l < search->d; l++) sum += (x[l] - y[l]) * unit * ((x[l] - y[l]) * unit);
  return sum;
}

/* The points' distances to the nearest of the positions so far, `x` the last of them. */
static void come_closer(ift_search *search, const double *x) {
  const ift_candidates *p = &search->candidates;
  search->work += (double)p->count * (double)search->d;
  for (int64_t i = 0; i < p->count; i++) p->far[i] = fmin(p->far[i], square(search, p->points + i * search->d, x));
}

/* A point drawn with a probability proportional to that squared (Arthur and Vassilvitskii 2007): never one that is
 * taken. Any point, where all are. */
static int64_t draw_far(ift_search *search) {
  const ift_candidates *p = &search->candidates;
  double sum = 0;
  for (int64_t i = 0; i < p->count; i++) sum += p->far[i];
  if (!(sum > 0 && isfinite(sum))) return ift_rng_below(&search->rng, p->count);
  double left = ift_rng_uniform(&search->rng) * sum;
  int64_t k = 0;
  while (k < p->count - 1 && (left -= p->far[k]) >= 0) k++;
  return k;
}

/* Positions from `from` on are drawn far from each other and from those before. Positions that repeat an earlier one are,
 * too: two particles at one place are no better than one, and would never part. */
static void spread_out(ift_search *search, double *positions, int64_t from) {
  const ift_candidates *p = &search->candidates;
  const int64_t d = search->d;
  for (int64_t i = 0; i < p->count; i++) p->far[i] = INFINITY;
  for (int64_t i = 0; i < search->n; i++) {
    double *x = positions + i * d;
    bool repeats = i >= from;
    for (int64_t j = 0; j < i && !repeats; j++) repeats = memcmp(positions + j * d, x, (size_t)d * sizeof *x) == 0;
    if (repeats)
      memcpy(x, p->points + (i == 0 ? ift_rng_below(&search->rng, p->count) : draw_far(search)) * d,
             (size_t)d * sizeof *x);
    come_closer(search, x);
  }
}

/* The nearest position of each point, in candidates->home. */
static void assign(ift_search *search, const double *positions) {
  const ift_candidates *p = &search->candidates;
  const int64_t d = search->d;
  search->work += (double)p->count * (double)search->n * (double)d;
  for (int64_t i = 0; i < p->count; i++) {
    double nearest = INFINITY;
    for (int64_t k = 0; k < search->n; k++) {
      const double distance = square(search, p->points + i * d, positions + k * d);
      if (distance < nearest) nearest = distance, p->home[i] = k;
    }
  }
}

/* Every position that has points goes to their mean (Lloyd 1982). */
static void center(ift_search *search, double *positions) {
  const ift_candidates *p = &search->candidates;
  const ift_target *target = search->energy->target;
  const int64_t d = search->d;
  double *mass = search->cost;
  memset(mass, 0, (size_t)search->n * sizeof *mass);
  const bool weighted = target->n == p->count;
  for (int64_t i = 0; i < p->count; i++) mass[p->home[i]] += weighted ? target->weights[i] : 1;
  for (int64_t k = 0; k < search->n; k++)
    if (mass[k] > 0) memset(positions + k * d, 0, (size_t)d * sizeof *positions);
  for (int64_t i = 0; i < p->count; i++) {
    const int64_t k = p->home[i];
    const double share = (weighted ? target->weights[i] : 1) / mass[k];
    for (int64_t l = 0; mass[k] > 0 && l < d; l++) positions[k * d + l] += share * p->points[i * d + l];
  }
}

static void find_means(ift_search *search, double *positions) {
  enum { ROUNDS = 10 };
  spread_out(search, positions, 0);
  for (int round = 0; round < ROUNDS; round++) {
    for (int64_t i = 0; i < search->candidates.count; i++) search->candidates.home[i] = 0;
    assign(search, positions);
    center(search, positions);
  }
}

ift_status ift_search_start(ift_search *search, int64_t number) {
  double *positions = search->now.site->x;
  if (number == 0)
    IFT_TRY(herd(search, positions));
  else if (number % 2 == 1)
    find_means(search, positions);
  else
    IFT_TRY(search->energy->target->kind->draw(search->energy->target, &search->rng, positions, search->n));
  spread_out(search, positions, search->n);
  for (int64_t i = 0; i < search->n; i++) search->now.a[i] = search->mass / (double)search->n;
  return IFT_OK;
}
