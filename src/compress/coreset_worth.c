/* What a point more or less is worth to those that are chosen. */
#include <math.h>
#include <string.h>

#include "base/extremes.h"
#include "base/pool.h"
#include "compress/coreset.h"
#include "linalg/linalg.h"

enum { PANEL = IFT_CORESET_PANEL };

/* What the diagonal of K gets, over its largest entry: it is as regular as double precision lets it be. */
static const double REGULAR = 1e-12;

static double regular(const ift_coreset *s) {
  return REGULAR * ift_largest(s->diagonal, s->count);
}

int64_t ift_coreset_panels(const ift_coreset *s) {
  return (s->count + PANEL - 1) / PANEL;
}

/* Threads share what is worth it. */
static void run_panels(ift_coreset *s, int64_t rows, void (*task)(int64_t panel, void *user)) {
  enum { WORTH = 200000 }; /* multiplications */
  const int64_t panels = ift_coreset_panels(s);
  if (rows * s->count >= WORTH)
    ift_pool_run(s->context, panels, task, s);
  else
    for (int64_t k = 0; k < panels; k++) task(k, s);
}

static double *panel_of(const ift_coreset *s, int64_t panel) {
  return s->factor + panel * s->n * PANEL;
}

/* One panel of row number `ready`: what is left of k when its parts along the rows before are taken off. */
static void extend(int64_t panel, void *user) {
  const ift_coreset *s = user;
  const int64_t r = s->ready, start = panel * PANEL, left = s->count - start, count = left < PANEL ? left : PANEL;
  double *rows = panel_of(s, panel), *to = rows + r * PANEL;
  memset(to, 0, PANEL * sizeof *to);
  memcpy(to, s->k[r] + start, (size_t)count * sizeof *to);
  ift_add_rows(to, rows, PANEL, NULL, s->along, r);
}

static void divide(int64_t panel, void *user) {
  const ift_coreset *s = user;
  double *to = panel_of(s, panel) + s->ready * PANEL;
  for (int j = 0; j < PANEL; j++) to[j] /= s->length;
}

/* The rows of the factor that are missing. */
static void complete(ift_coreset *s) {
  const double added = regular(s);
  for (; s->ready < s->used; s->ready++) {
    const int64_t at = s->chosen[s->ready];
    const double *column = panel_of(s, at / PANEL) + at % PANEL;
    s->work += (double)s->count * (double)s->ready / 4;
    for (int64_t i = 0; i < s->ready; i++) s->along[i] = -column[i * PANEL];
    run_panels(s, s->ready, extend);
    s->length = sqrt(fmax(column[s->ready * PANEL], 0) + added);
    if (s->length > 0) run_panels(s, 1, divide);
  }
}

/* What is left of each candidate's K_jj when the chosen ones adapt; from `counted` rows to all. */
static void find_left(int64_t panel, void *user) {
  const ift_coreset *s = user;
  const double *row = panel_of(s, panel) + s->counted * PANEL;
  double *left = s->left + panel * PANEL;
  for (int64_t i = s->counted; i < s->used; i++, row += PANEL)
    for (int j = 0; j < PANEL; j++) left[j] -= row[j] * row[j];
}

static void take_off(ift_coreset *s) {
  if (s->counted == 0) memcpy(s->left, s->diagonal, (size_t)s->count * sizeof *s->left);
  run_panels(s, s->used - s->counted, find_left);
  s->counted = s->used;
}

/* Where there is none yet, it gets all of the mass. With equal weights, one of mass/n more: -g_j a - a^2 K_jj / 2. Else
 * (level - g_j)^2 / 2 over what is left of K_jj. */
void ift_coreset_rate(ift_coreset *s) {
  static const double LEAST = 1e-9; /* of K_jj: less is rounding */
  double level = 0;
  if (s->equal || s->used == 0) {
    const double weight = s->equal ? s->mass / (double)s->n : s->mass;
    for (int64_t j = 0; j < s->count; j++) s->gain[j] = -weight * (s->g[j] + weight * s->diagonal[j] / 2);
  } else {
    for (int64_t i = 0; i < s->used; i++) level += s->a[i] * s->g[s->chosen[i]] / s->mass;
    complete(s);
    take_off(s);
    for (int64_t j = 0; j < s->count; j++) {
      const double left = fmax(s->left[j], LEAST * s->diagonal[j]), below = fmax(level - s->g[j], 0);
      s->gain[j] = left > 0 ? below * below / (2 * left) : 0;
    }
  }
  for (int64_t j = 0; j < s->count; j++)
    if (s->taken[j]) s->gain[j] = -INFINITY;
}

static ift_status factorize(ift_coreset *s, bool *positive) {
  const double added = regular(s);
  ift_coreset_gather(s);
  for (int64_t i = 0; i < s->used; i++) s->gram[i * s->used + i] += added;
  return ift_cholesky(s->context, s->gram, s->used, positive);
}

/* a_i^2 / (2 (K^-1)_ii), or with equal weights a g_i - a^2 K_ii / 2. */
ift_status ift_coreset_price(ift_coreset *s) {
  const int64_t n = s->used;
  bool positive = false;
  if (!s->equal) {
    s->work += (double)n * (double)n * (double)n;
    IFT_TRY(factorize(s, &positive));
  }
  for (int64_t i = 0; i < n; i++) {
    const int64_t at = s->chosen[i];
    s->price[i] = s->equal ? s->a[i] * (s->g[at] - s->a[i] * s->diagonal[at] / 2) : s->a[i] * s->a[i];
    if (!positive) continue;
    memset(s->linear, 0, (size_t)n * sizeof(double));
    s->linear[i] = 1;
    IFT_TRY(ift_cholesky_solve_lower(s->context, s->gram, n, s->linear, 1));
    double square = 0;
    for (int64_t k = i; k < n; k++) square += s->linear[k] * s->linear[k];
    s->price[i] /= 2 * square;
  }
  return IFT_OK;
}
