/* pairs/loops.h - the direct engine on vectors. Included after a vector_*.h, by one file for each instruction set.
 *
 * In sums the points across lanes are targets; in matrices they are sources, so that rows are written in order. On each tile there are
 * three steps, with a buffer in the innermost cache between them: squared distances or dot products, the functions of the kernel, sums.
 * That is quicker than all in one loop, in which vectors wait for each other; no step but the second knows the kernel, and none the
 * dimension.
 *
 * What is added to a target's sum, in which order, depends on the sources alone: not on other targets, lanes or threads. */
#ifndef PAIRS_LOOPS_H
#define PAIRS_LOOPS_H

#include "pairs/direct.h"
#include "pairs/tile.h"

#define JOIN_(a, b) a##b
#define JOIN(a, b)  JOIN_(a, b)

/* Sources of a tile; coordinates up to which sums stay in it. Beyond, a tile is one vector of lanes by more sources: coordinates are
 * spread over lanes anew for each, slab by slab, and its gradients go to the output. */
enum { SOURCES = 32, NARROW = 128, WIDE_SOURCES = SOURCES * GROUP, TILE = SOURCES * GROUP * LANES };

typedef struct tile {
  _Alignas(64) double s[TILE], value[TILE], slope[TILE], x[NARROW * GROUP * LANES];
  total sums[GROUP + NARROW * GROUP]; /* of values; of gradients, coordinate by coordinate */
} tile;

/* value (+)= k, slope (+)= its slope, by the terms of one form. Of the only one the coefficient is left for later. */
static ISA void evaluate(const ift_direct *p, bool dot, double *value, double *slope, const double *s, int count,
                         bool fresh) {
  if (p->only) {
    ift_pair_evaluate(p->only, p->isa, value, slope, s, count);
    return;
  }
  if (fresh) memset(value, 0, (size_t)count * sizeof *value);
  if (fresh && slope) memset(slope, 0, (size_t)count * sizeof *slope);
  _Alignas(64) double k[TILE], rate[TILE];
  for (int t = 0; t < p->count; t++) {
    if (!ift_pair_has_form(&p->terms[t], dot)) continue;
    const vector coefficient = all(p->terms[t].coefficient);
    ift_pair_evaluate(&p->terms[t], p->isa, k, slope ? rate : NULL, s, count);
    for (int j = 0; j < count; j += LANES) {
      store(value + j, multiply_add(coefficient, load(k + j), load(value + j)));
      if (slope) store(slope + j, multiply_add(coefficient, load(rate + j), load(slope + j)));
    }
  }
}

/* s of a tile: x are the points across lanes, which are in t->x where there is but one slab of coordinates. */
INLINE void measure(const ift_direct *p, tile *t, const double *x, int64_t lanes, const double *y, int count,
                    const int units, const bool dot) {
  for (int64_t l = 0; l < p->d; l += NARROW) {
    const int width = p->d - l < NARROW ? (int)(p->d - l) : NARROW;
    if (p->d > NARROW) spread(t->x, x + l, p->d, lanes, width, units * LANES);
    add_all_coordinates(t->s, t->x, y + l, p->d, count, units, width, l == 0, dot);
  }
}

/* Adds the gradient of a tile to the sums, or where there are several slabs to p->gradient. */
INLINE void differentiate(const ift_direct *p, tile *t, const double *slope, int64_t start, int64_t lanes, int64_t j,
                          int count, const int units, const bool dot) {
  total *sums = t->sums + units;
  for (int64_t l = 0; l < p->d; l += NARROW) {
    const int width = p->d - l < NARROW ? (int)(p->d - l) : NARROW;
    if (p->d > NARROW) {
      spread(t->x, p->x + start * p->d + l, p->d, lanes, width, units * LANES);
      memset(sums, 0, (size_t)(width * units) * sizeof *sums);
    }
    add_all_differences(sums, slope, t->x, p->y + j * p->d + l, p->d, count, units, width, dot);
    if (p->d > NARROW) gather(p->gradient + start * p->d + l, p->d, sums, lanes, width, units);
  }
}

/* What the terms of one form add to the sums of a tile. */
INLINE void add_form(const ift_direct *p, tile *t, int64_t start, int64_t lanes, int64_t j, int count, const int units,
                     const bool dot) {
  const double *weights = p->w ? p->w + j : NULL;
  const bool sloped = p->gradient && p->slope == 0;
  measure(p, t, p->x + start * p->d, lanes, p->y + j * p->d, count, units, dot);
  evaluate(p, dot, t->value, sloped ? t->slope : NULL, t->s, count * units * LANES, true);
  if (p->value || !sloped) weigh(t->value, weights, count, units, t->sums, p->gradient && !sloped);
  if (sloped && weights) weigh(t->slope, weights, count, units, NULL, true);
  if (p->gradient) differentiate(p, t, sloped ? t->slope : t->value, start, lanes, j, count, units, dot);
}

/* `lanes` targets, no more than `units` vectors have. */
INLINE void sum_group(const ift_direct *p, int64_t start, int64_t lanes, const int units) {
  tile t;
  const int64_t sources = p->d > NARROW ? WIDE_SOURCES : SOURCES;
  const int width = p->d > NARROW ? 0 : (int)p->d;
  spread(t.x, p->x + start * p->d, p->d, lanes, width, units * LANES);
  memset(t.sums, 0, (size_t)((width + 1) * units) * sizeof *t.sums);
  for (int64_t j = 0; j < p->m; j += sources) {
    const int count = (int)(p->m - j < sources ? p->m - j : sources);
    if (p->forms[0]) add_form(p, &t, start, lanes, j, count, units, false);
    if (p->forms[1]) add_form(p, &t, start, lanes, j, count, units, true);
  }
  if (p->value) gather(p->value + start, 1, t.sums, lanes, 1, units);
  if (p->gradient) gather(p->gradient + start * p->d, p->d, t.sums + units, lanes, width, units);
}

static ISA void sum_many(const ift_direct *p, int64_t start) {
  sum_group(p, start, GROUP * LANES, GROUP);
}

static ISA void sum_few(const ift_direct *p, int64_t start, int64_t lanes) {
  sum_group(p, start, lanes, 1);
}

static ISA void sums(const ift_direct *p, int64_t start, int64_t end) {
  for (; end - start >= GROUP * LANES && p->d <= NARROW; start += GROUP * LANES) sum_many(p, start);
  for (; start < end; start += LANES) sum_few(p, start, end - start < LANES ? end - start : LANES);
}

/* Times the coefficient that was left out. Are all of them finite? Then the sum of v - v is 0. */
INLINE bool complete(double *values, double coefficient, int size) {
  vector difference = all(0);
  for (int k = 0; k < size; k += LANES) {
    const vector v = load(values + k) * coefficient;
    store(values + k, v);
    difference += v - v;
  }
  double sum = 0;
  for (int a = 0; a < LANES; a++) sum += difference[a];
  return sum == 0;
}

static void mend(const ift_direct *p, int64_t i, int64_t j, int64_t lanes) {
  for (int64_t k = j; k < j + lanes; k++)
    if (!isfinite(p->matrix[i * p->m + k]) &&
        (ift_direct_is_far(p->x + i * p->d, p->d) || ift_direct_is_far(p->y + k * p->d, p->d)))
      p->matrix[i * p->m + k] = ift_direct_far_entry(p, i, k);
}

/* Rows from `start` to `end`, at the `lanes` sources from j on. */
INLINE void fill_group(const ift_direct *p, int64_t start, int64_t end, int64_t j, int64_t lanes, const int units) {
  tile t;
  const int64_t most = p->d > NARROW ? WIDE_SOURCES : SOURCES;
  spread(t.x, p->y + j * p->d, p->d, lanes, p->d > NARROW ? 0 : (int)p->d, units * LANES);
  for (int64_t i = start; i < end; i += most) {
    const int count = (int)(end - i < most ? end - i : most), size = count * units * LANES;
    if (p->forms[0]) {
      measure(p, &t, p->y + j * p->d, lanes, p->x + i * p->d, count, units, false);
      evaluate(p, false, t.value, NULL, t.s, size, true);
    }
    if (p->forms[1]) {
      measure(p, &t, p->y + j * p->d, lanes, p->x + i * p->d, count, units, true);
      evaluate(p, true, t.value, NULL, t.s, size, !p->forms[0]);
    }
    const bool finite = complete(t.value, p->only ? p->only->coefficient : 1, size);
    for (int r = 0; r < count; r++) {
      memcpy(p->matrix + (i + r) * p->m + j, t.value + r * units * LANES, (size_t)lanes * sizeof(double));
      if (!finite) mend(p, i + r, j, lanes);
    }
  }
}

static ISA void fill_many(const ift_direct *p, int64_t start, int64_t end, int64_t j) {
  fill_group(p, start, end, j, GROUP * LANES, GROUP);
}

static ISA void fill_few(const ift_direct *p, int64_t start, int64_t end, int64_t j, int64_t lanes) {
  fill_group(p, start, end, j, lanes, 1);
}

static ISA void matrix(const ift_direct *p, int64_t start, int64_t end) {
  int64_t j = 0;
  for (; p->m - j >= GROUP * LANES && p->d <= NARROW; j += GROUP * LANES) fill_many(p, start, end, j);
  for (; j < p->m; j += LANES) fill_few(p, start, end, j, p->m - j < LANES ? p->m - j : LANES);
}

const ift_direct_engine JOIN(ift_direct_, SUFFIX) = {sums, matrix, LANES, GROUP *LANES};

#endif
