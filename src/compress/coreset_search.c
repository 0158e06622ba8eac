/* A search among the target's own points: one after the other is chosen, then exchanged as long as that helps; then some
 * are exchanged at random, and all again. */
#include <math.h>
#include <string.h>

#include "compress/coreset.h"

/* Restarts from a disturbed best choice, and a limit to the work, as in search.c; each effort does what the one before it
 * does, and more. */
static const struct {
  int64_t restarts;
  double work;
} efforts[] = {{0, 5e8}, {30, 2e9}, {200, 1e11}};

static const double ROUNDING = 0x1p-51;

static int64_t highest(const double *values, int64_t count) {
  int64_t k = 0;
  for (int64_t i = 1; i < count; i++)
    if (values[i] > values[k]) k = i;
  return k;
}

static bool is_over(const ift_coreset *s) {
  return s->work > s->limit || s->energy_now <= ROUNDING * fabs(s->kappa);
}

static ift_status step(ift_coreset *s) {
  s->compression->step++;
  s->compression->running = s->energy_now;
  return ift_compression_ask(s->compression);
}

static ift_measure *make_measure(ift_coreset *s) {
  ift_measure *measure = ift_measure_blank(s->context, s->used, s->d);
  for (int64_t i = 0; measure && i < s->used; i++) {
    memcpy(measure->positions + i * s->d, s->points + s->chosen[i] * s->d, (size_t)s->d * sizeof(double));
    measure->weights[i] = s->a[i];
  }
  return measure;
}

/* Anchored kernels shift F by a constant (energy/mmd.c); it goes into kappa. */
static ift_status find_constant(ift_coreset *s) {
  double energy;
  if (!ift_kernel_is_conditional(s->compression->kernel)) return IFT_OK;
  ift_measure *measure = make_measure(s);
  if (!measure) return IFT_ERR_NO_MEMORY;
  const ift_status status = ift_energy_value(s->energy, &energy, measure);
  ift_measure_destroy(measure);
  if (status != IFT_OK) return status;
  s->kappa += 2 * (energy - s->energy_now);
  s->energy_now = energy;
  return IFT_OK;
}

/* The particles with the numbers of their rows. */
static ift_status keep(ift_coreset *s, ift_compression_phase phase) {
  ift_measure *measure = make_measure(s);
  if (!measure) return IFT_ERR_NO_MEMORY;
  for (int64_t i = 0; i < s->used; i++) s->numbers[i] = s->rows[s->chosen[i]];
  const ift_compression_result found = {
      .weight_gap = s->equal ? NAN : s->weight_gap, .stationarity = NAN, .phase = phase};
  const bool data = s->compression->options[IFT_COMPRESSION_points].word == IFT_POINTS_DATA;
  const ift_status status = ift_compression_keep(s->compression, measure, data ? s->numbers : NULL, found);
  ift_measure_destroy(measure);
  return status;
}

/* Greedy, the weights of those so far being the best ones every now and then. */
static ift_status choose(ift_coreset *s) {
  const int64_t pause = 1 + s->n / 25;
  const double usual = s->mass / (double)s->n;
  for (int64_t j = 0; j < s->count; j++) s->g[j] = -s->c[j];
  while (s->used < s->n) {
    if (s->used > 0 && s->used % pause == 0) IFT_TRY(ift_coreset_fit(s));
    ift_coreset_rate(s);
    IFT_TRY(ift_coreset_take(s, highest(s->gain, s->count)));
    for (int64_t j = 0; j < s->count; j++) s->g[j] += usual * s->k[s->used - 1][j];
  }
  return ift_coreset_fit(s);
}

/* Number i goes, and the best of a few candidates comes; back again if that does not help. */
static ift_status exchange(ift_coreset *s, int64_t i, bool *better) {
  enum { TRIED = 3 };
  const int64_t old = s->chosen[i];
  const double before = s->energy_now;
  int64_t best = -1;
  double lowest = before * (1 - 1e-9);
  memcpy(s->kept_a, s->a, (size_t)s->n * sizeof(double));
  const double weight = s->a[i];
  ift_coreset_drop(s, i);
  IFT_TRY(ift_coreset_fit(s));
  ift_coreset_rate(s);
  s->gain[old] = -INFINITY;
  for (int k = 0; k < TRIED; k++) {
    const int64_t candidate = highest(s->gain, s->count);
    if (!(s->gain[candidate] > -INFINITY)) break;
    s->gain[candidate] = -INFINITY;
    IFT_TRY(ift_coreset_take(s, candidate));
    IFT_TRY(ift_coreset_fit(s));
    if (s->energy_now < lowest) lowest = s->energy_now, best = candidate;
    ift_coreset_drop(s, s->used - 1);
  }
  *better = best >= 0;
  IFT_TRY(ift_coreset_take(s, *better ? best : old));
  if (!*better) { /* the weights as they were, in the order that there is now */
    memcpy(s->a, s->kept_a, (size_t)s->n * sizeof(double));
    s->a[i] = s->kept_a[s->n - 1];
    s->a[s->n - 1] = weight;
  }
  IFT_TRY(ift_coreset_fit(s));
  return step(s);
}

/* The cheapest one that has not been tried in this round. */
static int64_t cheapest(const ift_coreset *s) {
  int64_t i = 0;
  for (int64_t j = 1; j < s->n; j++)
    if (s->price[j] < s->price[i]) i = j;
  return i;
}

/* Rounds of exchanges, the cheapest first, until one has changed nothing. */
static ift_status improve(ift_coreset *s) {
  for (bool changed = s->n < s->count; changed;) {
    changed = false;
    IFT_TRY(ift_coreset_price(s));
    for (int64_t k = 0; k < s->n && !is_over(s); k++) {
      const int64_t i = cheapest(s), last = s->n - 1;
      bool better;
      s->price[i] = s->price[last]; /* as the exchange moves them */
      s->price[last] = INFINITY;
      IFT_TRY(exchange(s, i, &better));
      changed |= better;
    }
  }
  return IFT_OK;
}

/* A few go and others come, by chance, those of more gain rather. */
static ift_status disturb(ift_coreset *s) {
  const int64_t moved = 1 + s->n / 10;
  for (int64_t k = 0; k < moved; k++) ift_coreset_drop(s, ift_rng_below(&s->rng, s->used));
  IFT_TRY(ift_coreset_fit(s));
  for (int64_t k = 0; k < moved; k++) {
    ift_coreset_rate(s);
    for (int64_t j = 0; j < s->count; j++) s->gain[j] += fabs(s->gain[j]) * -log(ift_rng_uniform(&s->rng));
    IFT_TRY(ift_coreset_take(s, highest(s->gain, s->count)));
    IFT_TRY(ift_coreset_fit(s));
  }
  return IFT_OK;
}

/* The choice that was kept, again. */
static ift_status restore(ift_coreset *s) {
  while (s->used > 0) ift_coreset_drop(s, s->used - 1);
  for (int64_t i = 0; i < s->n; i++) IFT_TRY(ift_coreset_take(s, s->kept_chosen[i]));
  return ift_coreset_fit(s);
}

static ift_status restart(ift_coreset *s) {
  const double before = s->energy_now;
  s->compression->hops++;
  memcpy(s->kept_chosen, s->chosen, (size_t)s->n * sizeof *s->chosen);
  IFT_TRY(disturb(s));
  IFT_TRY(improve(s));
  if (!(s->energy_now < before)) return restore(s);
  return keep(s, IFT_PHASE_HOP);
}

static ift_status search(ift_coreset *s, int effort) {
  s->limit = efforts[0].work;
  s->compression->start = 1;
  IFT_TRY(choose(s));
  IFT_TRY(find_constant(s));
  IFT_TRY(keep(s, IFT_PHASE_START));
  if (ift_compression_is_stopped(s->compression)) return IFT_STOPPED;
  for (int k = 0; k <= effort; k++) {
    s->limit = efforts[k].work;
    IFT_TRY(improve(s));
    IFT_TRY(keep(s, IFT_PHASE_POLISH));
    for (int64_t r = k ? efforts[k - 1].restarts : 0; r < efforts[k].restarts && !is_over(s); r++) {
      if (ift_compression_judge(s->compression, s->n) == IFT_CONVERGED) return IFT_CONVERGED;
      IFT_TRY(restart(s));
    }
  }
  return ift_compression_judge(s->compression, s->n);
}

/* An interrupted search counts for what it has, if that is complete. */
ift_status ift_coreset_run(ift_coreset *s, int effort) {
  s->energy_now = INFINITY;
  const ift_status status = search(s, effort);
  if (status == IFT_STOPPED && s->used == s->n && isfinite(s->energy_now)) IFT_TRY(keep(s, IFT_PHASE_POLISH));
  return status;
}
