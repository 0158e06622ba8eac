/* pairs/gemm_loops.h - the products of the gemm engine on vectors. Included after a vector_*.h, by one file for each
 * instruction set.
 *
 * On a tile there are three steps: squared distances by a product over coordinates, the functions of the kernel, and
 * for gradients a product over sources. What is added to a target's sums, in which order, depends on the sources
 * alone. */
#ifndef PAIRS_GEMM_LOOPS_H
#define PAIRS_GEMM_LOOPS_H

#include "pairs/gemm.h"
#include "pairs/panels.h"

enum { BLOCK = IFT_PAIR_BLOCK, ROWS = IFT_GEMM_ROWS, DEPTH = IFT_GEMM_DEPTH, TILE = ROWS * BLOCK };

typedef struct tile {
  _Alignas(64) double s[TILE], value[TILE], slope[TILE], weights[BLOCK];
  uint16_t near[TILE]; /* entries of s that were found anew */
  int near_count;
} tile;

/* x'y of GROUP targets and as many sources as UNITS vectors have. */
INLINE void add_up(vector sum[GROUP][UNITS], const double *x, const double *y, int64_t d) {
  multiply(sum, x, 1, IFT_GEMM_GROUP, y, d < DEPTH ? d : DEPTH, UNITS);
  for (int64_t l = DEPTH; l < d; l += DEPTH) {
    vector more[GROUP][UNITS];
    multiply(more, x + l * IFT_GEMM_GROUP, 1, IFT_GEMM_GROUP, y + l * PANEL, d - l < DEPTH ? d - l : DEPTH, UNITS);
    EACH(r, GROUP) EACH(u, UNITS) sum[r][u] += more[r][u];
  }
}

/* s = |x|^2 + |y|^2 - 2 x'y >= 0; adds to `found` where digits have been lost. */
INLINE void subtract(vector sum[GROUP][UNITS], words *found, double near, const double *x, const double *y) {
  vector norms[UNITS];
  EACH(u, UNITS) norms[u] = load(y + u * LANES);
  EACH(r, GROUP) EACH(u, UNITS) {
    const vector both = x[r] + norms[u], s = multiply_add(all(-2), sum[r][u], both);
    *found |= (words)(s < near * both);
    sum[r][u] = zero_where_less(s, s, all(0));
  }
}

/* s of a tile, or x'y; true where some |x-y|^2 has to be found anew. */
static ISA bool measure(const ift_gemm *p, tile *t, int64_t start, int64_t source, int count) {
  const int64_t d = p->problem->d;
  words found = {0};
  if (count < BLOCK) memset(t->s, 0, sizeof t->s);
  for (int j = 0; j < count; j += UNITS * LANES) {
    const double *y = p->across + (source + j) / PANEL * PANEL * d + j % PANEL;
    for (int r = 0; r < ROWS; r += GROUP) {
      const int64_t i = start + r;
      vector sum[GROUP][UNITS];
      add_up(sum, p->targets + i / IFT_GEMM_GROUP * IFT_GEMM_GROUP * d + i % IFT_GEMM_GROUP, y, d);
      if (!p->dot) subtract(sum, &found, p->near, p->target_norms + i, p->source_norms + source + j);
      EACH(k, GROUP) EACH(u, UNITS) store(t->s + (r + k) * BLOCK + j + u * LANES, sum[k][u]);
    }
  }
  uint64_t any = 0;
  EACH(a, LANES) any |= found[a];
  return any != 0;
}

static ISA double square_of(const double *x, const double *y, int64_t d) {
  const int64_t whole = d & -IFT_PAIR_LANES;
  vector sum[PARTS] = {{0}};
  double rest = 0;
  for (int64_t l = 0; l < whole; l += IFT_PAIR_LANES) EACH(u, PARTS) {
      const vector difference = load(x + l + u * LANES) - load(y + l + u * LANES);
      sum[u] = multiply_add(difference, difference, sum[u]);
    }
  for (int64_t l = whole; l < d; l++) rest += (x[l] - y[l]) * (x[l] - y[l]);
  return rest + add_parts(sum);
}

/* Points that nearly coincide, far from the center: their distances by differences. */
static ISA void mend(const ift_gemm *p, tile *t, int64_t start, int64_t end, int64_t source, int count) {
  const ift_pair_problem *problem = p->problem;
  for (int64_t i = start; i < end; i++)
    for (int j = 0; j < count; j++) {
      const int at = (int)(i - start) * BLOCK + j;
      if (!(t->s[at] < p->near * (p->target_norms[i] + p->source_norms[source + j]))) continue;
      t->s[at] = square_of(problem->x + (p->row + i) * problem->d, problem->y + (p->source + source + j) * problem->d,
                           problem->d);
      t->near[t->near_count++] = (uint16_t)at;
    }
}

/* The sum of a row, whose entries become their products with the weights. */
INLINE double weigh(double *row, const double *weights) {
  vector sum[PARTS] = {{0}};
  for (int j = 0; j < BLOCK; j += IFT_PAIR_LANES) EACH(u, PARTS) {
      const vector v = load(row + j + u * LANES) * load(weights + j + u * LANES);
      store(row + j + u * LANES, v);
      sum[u] += v;
    }
  return add_parts(sum);
}

INLINE double add_row(const double *row) {
  vector sum[PARTS] = {{0}};
  for (int j = 0; j < BLOCK; j += IFT_PAIR_LANES) EACH(u, PARTS) sum[u] += load(row + j + u * LANES);
  return add_parts(sum);
}

/* Gradients of the pairs that were found anew, by differences too; the product leaves them out. */
static ISA void differentiate_near(const ift_gemm *p, tile *t, double *slope, int64_t start, int64_t source) {
  const ift_pair_problem *problem = p->problem;
  const int64_t d = problem->d;
  for (int k = 0; k < t->near_count; k++) {
    const int at = t->near[k];
    const int64_t i = p->row + start + at / BLOCK, j = p->source + source + at % BLOCK;
    for (int64_t l = 0; l < d; l++)
      problem->gradient[i * d + l] += slope[at] * (problem->x[i * d + l] - problem->y[j * d + l]);
    slope[at] = 0;
  }
}

INLINE void turn(const ift_gemm *p, const double *slope, const double *y, double *to, const int units) {
  vector sum[GROUP][UNITS];
  multiply(sum, slope, BLOCK, 1, y, BLOCK, units);
  EACH(r, GROUP) EACH(u, units) {
    double *at = to + r * p->wide + u * LANES;
    store(at, load(at) + sum[r][u]);
  }
}

/* turns += sum_j slope_j (y_j - c) */
static ISA void add_turns(const ift_gemm *p, const double *slope, int64_t start, int64_t source) {
  const int64_t d = p->problem->d;
  for (int64_t l = 0; l < d; l += UNITS * LANES) {
    const double *y = p->along + source * p->wide + l / PANEL * PANEL * BLOCK + l % PANEL;
    for (int r = 0; r < ROWS; r += GROUP) {
      double *to = p->turns + (start + r) * p->wide + l;
      if (d - l > LANES)
        turn(p, slope + r * BLOCK, y, to, UNITS);
      else
        turn(p, slope + r * BLOCK, y, to, 1);
    }
  }
}

/* What a block of sources adds to the sums of up to ROWS targets. */
static ISA void add_tile(const ift_gemm *p, tile *t, int64_t start, int64_t end, int64_t source) {
  for (int r = 0; r < end - start; r++) {
    const double sum = weigh(t->value + r * BLOCK, t->weights);
    ift_running_add(&p->sums[start + r].values, sum);
    if (p->sloped) (void)weigh(t->slope + r * BLOCK, t->weights);
  }
  if (!p->problem->gradient) return;
  double *slope = p->sloped ? t->slope : t->value;
  differentiate_near(p, t, slope, start, source);
  for (int r = 0; r < end - start && !p->dot; r++)
    ift_running_add(&p->sums[start + r].slopes, add_row(slope + r * BLOCK));
  add_turns(p, slope, start, source);
}

static void fill_tile(const ift_gemm *p, const tile *t, int64_t start, int64_t end, int64_t source, int count) {
  const ift_pair_problem *problem = p->problem;
  for (int64_t i = start; i < end; i++) {
    double *row = problem->matrix + (p->row + i) * problem->m + p->source + source;
    memcpy(row, t->value + (i - start) * BLOCK, (size_t)count * sizeof *row);
  }
}

static ISA void run_part(const ift_gemm *p, int64_t first, int64_t last) {
  tile t;
  const double *w = p->problem->w;
  for (int64_t source = 0; source < p->sources; source += BLOCK) {
    const int count = (int)(p->sources - source < BLOCK ? p->sources - source : BLOCK);
    for (int j = 0; j < BLOCK; j++) t.weights[j] = j >= count ? 0 : w ? w[p->source + source + j] : 1;
    for (int64_t start = first; start < last; start += ROWS) {
      const int64_t end = last - start < ROWS ? last : start + ROWS;
      t.near_count = 0;
      if (measure(p, &t, start, source, count)) mend(p, &t, start, end, source, count);
      ift_pair_evaluate_terms(p->problem->terms, p->problem->count, p->isa, t.value, p->sloped ? t.slope : NULL, t.s,
                              TILE);
      if (p->problem->matrix)
        fill_tile(p, &t, start, end, source, count);
      else
        add_tile(p, &t, start, end, source);
    }
  }
}

void JOIN(ift_gemm_, SUFFIX)(const ift_gemm *p, int64_t start, int64_t end) {
  run_part(p, start, end);
}

#endif
