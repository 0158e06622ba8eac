/* Hops: the particle that is missed least goes to where the witness says that one is missing, and the measure is polished
 * again. */
#include <math.h>
#include <string.h>

#include "base/extremes.h"
#include "compress/search.h"

/* The first variation of a measure at the candidates, and its mean under the measure: below that a particle is of
 * use. */
static ift_status witness(ift_search *search, const ift_particles *particles, double *level) {
  search->work += (double)search->n * (double)search->candidates.count * (20 + 2 * (double)search->d);
  IFT_TRY(search->energy->kind->evaluate(search->candidates.site, search->candidates.g, NULL, particles->site,
                                         particles->a));
  double sum = 0;
  for (int64_t i = 0; i < search->n; i++) sum += particles->a[i] * particles->g[i];
  *level = sum / search->mass;
  return IFT_OK;
}

static void put(const ift_search *search, ift_particles *particles, int64_t i, int64_t point) {
  memcpy(particles->site->x + i * search->d, search->candidates.points + point * search->d,
         (size_t)search->d * sizeof(double));
}

/* Dead particles go to the lowest candidates; the measure gets its best weights again, if it gains by them. */
ift_status ift_search_revive(ift_search *search) {
  ift_particles *now = &search->now, *trial = &search->trial;
  const ift_candidates *candidates = &search->candidates;
  const ift_insertion at = {candidates->site, candidates->g, candidates->interaction, candidates->column};
  int64_t placed;
  ift_particles_copy(search, trial, now);
  IFT_TRY(ift_energy_insert(&at, trial->site->x, now->site, now->a, true, search->linear, &placed));
  search->work += (double)(search->n + placed) * (double)candidates->count * (20 + 2 * (double)search->d);
  IFT_TRY(ift_particles_fit(search, trial));
  if (trial->energy < now->energy) ift_particles_swap(now, trial);
  return IFT_OK;
}

/* What F rises by, to second order, where a particle of `home` is left out and the others change their weights:
 * a_i^2 / (2 (K^-1)_ii), with K as regular as double precision lets it be. */
static ift_status price(ift_search *search) {
  const int64_t n = search->n;
  const ift_particles *home = &search->home;
  double *gram = search->gram, *column = search->linear, largest = 0;
  bool positive = false;
  search->work += (double)n * (double)n * (double)n;
  IFT_TRY(search->energy->kind->quadratic->gram(home->site, gram));
  for (int64_t i = 0; i < n; i++) largest = fmax(largest, gram[i * n + i]);
  for (int64_t i = 0; i < n; i++) gram[i * n + i] += 1e-12 * largest;
  IFT_TRY(ift_cholesky(search->context, gram, n, &positive));
  for (int64_t i = 0; i < n; i++) {
    search->cost[i] = home->a[i] * home->a[i];
    if (!positive) continue;
    memset(column, 0, (size_t)n * sizeof *column);
    column[i] = 1;
    IFT_TRY(ift_cholesky_solve_lower(search->context, gram, n, column, 1));
    double square = 0;
    for (int64_t k = i; k < n; k++) square += column[k] * column[k];
    search->cost[i] /= square;
  }
  return IFT_OK;
}

/* The cheapest particle, which won't be chosen again before all others have been. */
static int64_t choose_particle(ift_search *search) {
  const int64_t i = ift_lowest(search->cost, search->n);
  if (isfinite(search->cost[i])) search->cost[i] = INFINITY;
  return i;
}

/* The lowest point of the witness, or one drawn with the probability by which it is below the level. */
static int64_t choose_point(ift_search *search, double level, bool drawn) {
  const ift_candidates *candidates = &search->candidates;
  if (!drawn) return ift_lowest(candidates->g, candidates->count);
  double sum = 0;
  for (int64_t k = 0; k < candidates->count; k++) sum += fmax(level - candidates->g[k], 0);
  double left = ift_rng_uniform(&search->rng) * sum;
  int64_t k = 0;
  while (k < candidates->count - 1 && (left -= fmax(level - candidates->g[k], 0)) >= 0) k++;
  return k;
}

/* Puts particle `number` in order of price elsewhere, in `now`. */
static ift_status jump(ift_search *search, int64_t number) {
  ift_particles *now = &search->now;
  double level;
  if (number % search->n == 0) IFT_TRY(price(search));
  const int64_t i = choose_particle(search);
  IFT_TRY(witness(search, &search->home, &level));
  ift_particles_copy(search, now, &search->home);
  put(search, now, i, choose_point(search, level, number % 2 == 1));
  return ift_particles_fit(search, now);
}

ift_status ift_search_hop(ift_search *search, int64_t count) {
  enum { STEPS = 60, MORE_STEPS = 340 };
  static const double WORTH = 1e-4, /* of F: less is no success */
      PATIENCE = 1e-3;
  int64_t failures = 0;
  for (int64_t hop = 0; hop < count && !ift_search_is_over(search); hop++) {
    search->compression->hops++;
    IFT_TRY(jump(search, failures++));
    IFT_TRY(ift_search_polish(search, STEPS, PATIENCE));
    if (!(search->now.energy < search->home.energy)) continue;
    if (search->now.energy < search->home.energy * (1 - WORTH)) {
      failures = 0;
      IFT_TRY(ift_search_polish(search, MORE_STEPS, PATIENCE));
    }
    IFT_TRY(ift_search_keep(search, IFT_PHASE_HOP));
    ift_particles_swap(&search->now, &search->home);
  }
  return IFT_OK;
}
