/* The way down to a local minimum in positions and weights. The weights are the best ones at every step (variable
 * projection; Golub and Pereyra 1973), so that only positions are searched: by the projected MMD flow with the damping of
 * Levenberg and Marquardt where its matrix is small and the kernel smooth, else by L-BFGS, the gradient being a_i v(x_i)
 * by the envelope theorem. */
#include <math.h>
#include <string.h>

#include "compress/search.h"

enum { WINDOW = 6 }; /* steps between looks at what was gained */

/* One trial; *moved says whether it was taken, *over whether the next one is pointless. */
static ift_status attempt(ift_search *search, ift_damping *lambda, bool *moved, bool *over) {
  ift_particles *now = &search->now, *trial = &search->trial;
  const int64_t n = search->n, d = search->d;
  double predicted;
  bool found;
  *moved = *over = false;
  const double before = ift_projected_work(search->projected);
  IFT_TRY(ift_projected_step(search->projected, search->dx, search->equal ? NULL : search->da, &predicted, &found,
                             now->g, now->v, lambda->value, 1, true));
  search->work += ift_projected_work(search->projected) - before;
  if (found) {
    for (int64_t k = 0; k < n * d; k++) trial->site->x[k] = now->site->x[k] + search->dx[k];
    for (int64_t i = 0; i < n; i++) trial->a[i] = search->equal ? now->a[i] : fmax(now->a[i] + search->da[i], 0);
    IFT_TRY(ift_particles_fit(search, trial));
    *moved = trial->energy < now->energy;
  }
  if (!*moved) {
    *over = !ift_damping_fail(lambda);
    return IFT_OK;
  }
  ift_damping_succeed(lambda, (now->energy - trial->energy) / predicted);
  ift_particles_swap(now, trial);
  return IFT_OK;
}

/* Has the search come to where nothing more is to be had from here? Looks every few steps. */
typedef struct progress {
  double before, least;
  int64_t step;
} progress;

static bool is_slow(const ift_search *search, progress *p) {
  if (++p->step % WINDOW != 0) return false;
  const bool slow = !(search->now.energy < p->before * (1 - p->least * WINDOW));
  p->before = search->now.energy;
  return slow;
}

static ift_status polish_projected(ift_search *search, int64_t steps, double least) {
  ift_damping lambda = ift_damping_first();
  progress p = {search->now.energy, least, 0};
  bool placed = false;
  for (int64_t k = 0; k < steps && !ift_search_is_over(search); k++) {
    bool moved, over;
    if (!placed) {
      const ift_status status =
          ift_projected_place(search->projected, search->compression->kernel, search->now.site->x, search->now.a);
      if (status == IFT_ERR_NOT_FINITE) return IFT_OK; /* no second derivatives, no steps */
      IFT_TRY(status);
    }
    IFT_TRY(attempt(search, &lambda, &moved, &over));
    placed = !moved;
    if (moved) IFT_TRY(ift_search_judge(search));
    IFT_TRY(ift_search_step(search));
    if (over || is_slow(search, &p)) break;
  }
  return IFT_OK;
}

/* Variables of L-BFGS: positions times the root of the weight at the start over the mean, for which the Wasserstein metric
 * is the Euclidean one. */
static double scale_of(const ift_search *search, int64_t i) {
  const double mean = search->mass / (double)search->n;
  return sqrt(fmax(search->now.a[i] / mean, 0.01));
}

typedef struct descent {
  ift_search *search;
  double *scale; /* n */
} descent;

static ift_status evaluate(void *user, const double *u, double *value, double *gradient) {
  descent *run = user;
  ift_search *search = run->search;
  const int64_t n = search->n, d = search->d;
  ift_particles *trial = &search->trial;
  for (int64_t k = 0; k < n * d; k++) trial->site->x[k] = u[k] / run->scale[k / d];
  memcpy(trial->a, search->now.a, (size_t)n * sizeof(double));
  IFT_TRY(ift_particles_fit(search, trial));
  if (!isfinite(trial->energy)) return IFT_ERR_NOT_FINITE;
  *value = trial->energy;
  for (int64_t k = 0; k < n * d; k++) gradient[k] = trial->a[k / d] * trial->v[k] / run->scale[k / d];
  if (trial->energy < search->now.energy) {
    ift_particles_swap(&search->now, trial);
    IFT_TRY(ift_search_judge(search));
  }
  IFT_TRY(ift_search_step(search));
  return ift_search_is_over(search) ? IFT_STALLED : IFT_OK; /* ends the run; `now` is the best point seen */
}

/* In a few runs: the metric follows the weights. */
static ift_status polish_lbfgs(ift_search *search, int64_t steps, double least) {
  enum { ITERATIONS = 40 };
  descent run = {search, search->da};
  for (int64_t k = 0; k < steps && !ift_search_is_over(search); k += ITERATIONS) {
    const double before = search->now.energy;
    for (int64_t i = 0; i < search->n; i++) run.scale[i] = scale_of(search, i);
    for (int64_t i = 0; i < search->n * search->d; i++)
      search->dx[i] = search->now.site->x[i] * run.scale[i / search->d];
    const ift_lbfgs_problem problem = {.evaluate = evaluate,
                                       .user = &run,
                                       .tolerance = 1e-9,
                                       .first_step = search->first_step,
                                       .iterations = ITERATIONS};
    const ift_status status = ift_lbfgs_minimize(search->lbfgs, &problem, search->dx, NULL, NULL);
    if (status != IFT_OK && status != IFT_STALLED) return status;
    if (!(search->now.energy < before * (1 - least * ITERATIONS))) break;
  }
  return IFT_OK;
}

static bool has_dead(const ift_search *search) {
  for (int64_t i = 0; i < search->n; i++)
    if (!(search->now.a[i] > 0)) return true;
  return false;
}

/* Particles that lose their weight on the way get another chance elsewhere. */
ift_status ift_search_polish(ift_search *search, int64_t steps, double least) {
  enum { CHANCES = 4 };
  for (int chance = 0; chance < CHANCES; chance++) {
    const double before = search->now.energy;
    if (has_dead(search)) IFT_TRY(ift_search_revive(search));
    if (chance > 0 && !(search->now.energy < before)) break;
    IFT_TRY((search->projected ? polish_projected : polish_lbfgs)(search, steps, least));
    if (ift_search_is_over(search) || !has_dead(search)) break;
  }
  return IFT_OK;
}
