/* Points chosen among those of the target: memory, weights, and which they are. */
#include "compress/coreset.h"

#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "base/sum.h"
#include "flow/flow.h"

enum { CANDIDATES = 8192 };

/* The numbers of the target's points of positive weight; a part of them, drawn, where they are many. */
static void list_rows(ift_coreset *s) {
  const ift_target *target = s->energy->target;
  int64_t seen = 0;
  for (int64_t j = 0; j < target->n; j++) {
    if (!(target->weights[j] > 0)) continue;
    /* each set of that size is as likely (Knuth 1997, algorithm R) */
    const int64_t at = seen < CANDIDATES ? seen : ift_rng_below(&s->rng, seen + 1);
    if (at < CANDIDATES) s->rows[at] = j;
    seen++;
  }
  s->count = seen < CANDIDATES ? seen : CANDIDATES;
}

static ift_status list_candidates(ift_coreset *s) {
  const ift_target *target = s->energy->target;
  s->rows = ift_alloc(s->context, target->n < CANDIDATES ? target->n : CANDIDATES, sizeof *s->rows);
  if (!s->rows) return IFT_ERR_NO_MEMORY;
  list_rows(s);
  s->points = ift_alloc2(s->context, s->count, s->d, sizeof *s->points);
  if (!s->points) return IFT_ERR_NO_MEMORY;
  for (int64_t j = 0; j < s->count; j++)
    memcpy(s->points + j * s->d, target->points + s->rows[j] * s->d, (size_t)s->d * sizeof *s->points);
  return IFT_OK;
}

static ift_status allocate(ift_coreset *s) {
  ift_context *context = s->context;
  const int64_t n = s->n, count = s->count;
  double **const reals[] = {&s->c, &s->diagonal, &s->g, &s->gain};
  for (int k = 0; k < 4; k++)
    if (!(*reals[k] = ift_alloc_reals(context, count))) return IFT_ERR_NO_MEMORY;
  double **const weights[] = {&s->a, &s->linear, &s->kept_a, &s->price, &s->along};
  for (int k = 0; k < 5; k++)
    if (!(*weights[k] = ift_alloc_reals(context, n))) return IFT_ERR_NO_MEMORY;
  const int64_t width = ift_coreset_panels(s) * IFT_CORESET_PANEL;
  s->factor = ift_alloc2(context, n, width, sizeof *s->factor);
  s->left = ift_alloc_reals(context, width);
  s->taken = ift_alloc(context, count, sizeof *s->taken);
  s->chosen = ift_alloc(context, n, sizeof *s->chosen);
  s->kept_chosen = ift_alloc(context, n, sizeof *s->kept_chosen);
  s->numbers = ift_alloc(context, n, sizeof *s->numbers);
  s->k = ift_alloc(context, n, sizeof *s->k);
  s->columns = ift_alloc2(context, n, count, sizeof *s->columns);
  s->gram = ift_alloc2(context, n, n, sizeof *s->gram);
  if (!s->taken || !s->chosen || !s->kept_chosen || !s->numbers || !s->k || !s->columns || !s->factor || !s->left ||
      !s->gram)
    return IFT_ERR_NO_MEMORY;
  memset(s->taken, 0, (size_t)count * sizeof *s->taken);
  for (int64_t i = 0; i < n; i++) s->k[i] = s->columns + i * count;
  return ift_qp_create(context, &s->qp, n);
}

ift_status ift_coreset_open(ift_coreset *s, ift_compression *compression, int64_t n) {
  const ift_energy *energy = compression->energy;
  *s = (ift_coreset){.compression = compression,
                     .context = compression->object.context,
                     .energy = energy,
                     .d = energy->d,
                     .mass = energy->target->mass,
                     .equal = compression->options[IFT_COMPRESSION_weights].word == IFT_WEIGHTS_EQUAL};
  ift_compression_seed(compression, &s->rng);
  IFT_TRY(list_candidates(s));
  s->n = n < s->count ? n : s->count;
  IFT_TRY(allocate(s));
  IFT_TRY(ift_embedding_self(ift_energy_embedding(energy), &s->kappa));
  IFT_TRY(energy->kind->site_create(energy, &s->site, s->count, false));
  IFT_TRY(energy->kind->site_move(s->site, s->points, false));
  IFT_TRY(energy->kind->quadratic->linear(s->site, s->c));
  return energy->kind->quadratic->diagonal(s->site, s->diagonal);
}

void ift_coreset_close(ift_coreset *s) {
  void *const memory[] = {s->rows,        s->points, s->c,     s->diagonal, s->taken,  s->chosen, s->k,
                          s->columns,     s->a,      s->g,     s->gram,     s->linear, s->factor, s->gain,
                          s->kept_chosen, s->kept_a, s->price, s->numbers,  s->along,  s->left};
  for (size_t k = 0; k < sizeof memory / sizeof *memory; k++) ift_free(s->context, memory[k]);
  if (s->site) s->energy->kind->site_destroy(s->site);
  ift_qp_destroy(s->qp);
}

void ift_coreset_gather(ift_coreset *s) {
  for (int64_t i = 0; i < s->used; i++) {
    for (int64_t j = 0; j < s->used; j++) s->gram[i * s->used + j] = s->k[i][s->chosen[j]];
    s->linear[i] = s->c[s->chosen[i]];
  }
}

static ift_status weigh(ift_coreset *s) {
  if (s->used == 0) return IFT_OK;
  if (s->equal) {
    for (int64_t i = 0; i < s->used; i++) s->a[i] = s->mass / (double)s->n;
    return IFT_OK;
  }
  ift_coreset_gather(s);
  const ift_qp_problem problem = {.gram = s->gram, .linear = s->linear, .n = s->used, .mass = s->mass};
  ift_qp_result result = {NAN, 0};
  const ift_status status = ift_qp_solve(s->qp, &problem, s->a, &result);
  if (status < 0) return status;
  s->weight_gap = result.gap;
  ift_flow_rescale(s->a, s->used, s->mass);
  return IFT_OK;
}

/* F = 1/2 (a'g - (c'a - kappa)), up to the constant by which anchored kernels shift both. */
ift_status ift_coreset_fit(ift_coreset *s) {
  s->work += (double)s->used * (double)s->count + (double)s->used * (double)s->used * (double)s->used;
  IFT_TRY(weigh(s));
  for (int64_t j = 0; j < s->count; j++) s->g[j] = -s->c[j];
  for (int64_t i = 0; i < s->used; i++) {
    const double a = s->a[i], *restrict k = s->k[i];
    double *restrict g = s->g;
    for (int64_t j = 0; j < s->count; j++) g[j] += a * k[j];
  }
  ift_running_sum sum = {0};
  ift_running_add(&sum, s->kappa / 2);
  for (int64_t i = 0; i < s->used; i++) ift_running_add(&sum, s->a[i] * (s->g[s->chosen[i]] - s->c[s->chosen[i]]) / 2);
  s->energy_now = ift_running_value(&sum);
  return IFT_OK;
}

ift_status ift_coreset_take(ift_coreset *s, int64_t candidate) {
  const int64_t i = s->used;
  s->work += (double)s->count * (20 + 2 * (double)s->d);
  IFT_TRY(s->energy->kind->quadratic->column(s->site, s->k[i], s->points + candidate * s->d));
  s->chosen[i] = candidate;
  s->taken[candidate] = true;
  s->a[i] = 0;
  s->used++;
  return IFT_OK;
}

void ift_coreset_drop(ift_coreset *s, int64_t i) {
  const int64_t last = --s->used;
  if (s->ready > i) s->ready = i;
  if (s->counted > i) s->counted = 0;
  double *k = s->k[i];
  s->taken[s->chosen[i]] = false;
  s->chosen[i] = s->chosen[last];
  s->a[i] = s->a[last];
  s->k[i] = s->k[last];
  s->k[last] = k;
}
