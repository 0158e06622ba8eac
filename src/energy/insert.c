/* Where dead particles do most good: greedy insertion, the fully corrective step of a Frank-Wolfe method in the space of
 * measures (Bredies and Pikkarainen 2013) for several particles at once. A particle goes to the lowest point z of the
 * first variation g; before the next one looks, g becomes that of the best mixture of the measure so far and z, of the
 * same mass where mass is kept. */
#include <math.h>
#include <string.h>

#include "base/extremes.h"
#include "base/sum.h"
#include "energy/energy.h"

/* The measure so far: its mass, int g dmu, and mu'K mu. */
typedef struct trial {
  bool mass_kept;
  double mass, slope, square;
} trial;

/* The trial measure keeps the part 1 - `loss` and gets `weight` at candidate k, of which the column is there. */
static void mix(const ift_insertion *at, trial *mu, int64_t k, double loss, double weight) {
  const double mean = at->interaction[k], rest = 1 - loss;
  for (int64_t j = 0; j < at->site->n; j++) {
    const double step = weight * at->column[j] - loss * at->interaction[j];
    at->g[j] += step;
    at->interaction[j] += step;
  }
  mu->slope = rest * (mu->slope + weight * mean - loss * mu->square) + weight * at->g[k];
  mu->square = rest * (rest * mu->square + 2 * weight * mean) + weight * weight * at->column[k];
  mu->mass = rest * mu->mass + weight;
}

/* Below it, mass lowers F. Where mass is free the measure so far has its best scale, and int g dmu is 0. */
static double level(const trial *mu) {
  return mu->mass_kept ? mu->slope / mu->mass : 0;
}

/* How much mass is best at candidate k, F being quadratic. Where rounding leaves nothing of the curvature, k is so near
 * to the measure that it may as well have all. */
static void find_best(const ift_insertion *at, const trial *mu, int64_t k, double *loss, double *weight) {
  const double mean = at->interaction[k], self = at->column[k];
  const double scale = mu->mass_kept ? 1 / mu->mass : mu->square > 0 ? mean / mu->square : 0;
  const double curvature = self - 2 * scale * mean + scale * scale * mu->square;
  *weight = (level(mu) - at->g[k]) / curvature;
  *loss = *weight * scale;
  if (*weight >= 0 && *loss <= 1) return;
  *loss = 1;
  *weight = 1 / scale;
  if (!(*weight >= 0 && isfinite(*weight))) *loss = *weight = 0;
}

/* Of the measure itself: g and K mu at the candidates, and the numbers. `work`: n numbers. */
static ift_status start(const ift_insertion *at, ift_site *site, const double *a, double *work, trial *mu) {
  const ift_energy_quadratic *quadratic = site->energy->kind->quadratic;
  const int64_t n = site->n, count = at->site->n;
  IFT_TRY(quadratic->interaction(at->site, at->interaction, site, a));
  IFT_TRY(quadratic->linear(at->site, at->g));
  for (int64_t k = 0; k < count; k++) at->g[k] = at->interaction[k] - at->g[k];
  IFT_TRY(quadratic->interaction(site, work, site, a));
  mu->square = ift_dot_compensated(work, a, n);
  IFT_TRY(quadratic->linear(site, work));
  mu->slope = mu->square - ift_dot_compensated(work, a, n);
  mu->mass = ift_sum(a, n);
  if (!mu->mass_kept && mu->square > 0) {
    const double loss = mu->slope / mu->square;
    memset(at->column, 0, (size_t)count * sizeof *at->column);
    mix(at, mu, 0, loss < 1 ? loss : 1, 0);
  }
  return IFT_OK;
}

ift_status ift_energy_insert(const ift_insertion *at, double *x, ift_site *site, const double *a, bool mass_kept,
                             double *work, int64_t *placed) {
  const int64_t d = site->energy->d;
  trial mu = {.mass_kept = mass_kept};
  double loss, weight;
  *placed = 0;
  IFT_TRY(start(at, site, a, work, &mu));
  for (int64_t i = 0; i < site->n; i++) {
    if (a[i] > 0) continue;
    const int64_t k = ift_lowest(at->g, at->site->n);
    const double *z = at->site->x + k * d;
    if (!(at->g[k] < level(&mu))) break;
    memcpy(x + i * d, z, (size_t)d * sizeof *x);
    ++*placed;
    IFT_TRY(site->energy->kind->quadratic->column(at->site, at->column, z));
    find_best(at, &mu, k, &loss, &weight);
    mix(at, &mu, k, loss, weight);
    at->g[k] = INFINITY; /* taken: two particles at one place are no better than one */
  }
  return IFT_OK;
}
