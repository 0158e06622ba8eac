/* pairs/low_rank_loops.h - features on vectors. Included after a vector_*.h, by one file for each instruction set. */
#ifndef PAIRS_LOW_RANK_LOOPS_H
#define PAIRS_LOW_RANK_LOOPS_H

#include <math.h>

#include "pairs/low_rank.h"
#include "pairs/panels.h"

enum { ROWS = IFT_LOW_RANK_ROWS, MOST = IFT_LOW_RANK_MOST };

/* ROWS points by pivots: rows of p->whole numbers. */
typedef struct block {
  _Alignas(64) double s[ROWS * MOST], value[ROWS * MOST], slope[ROWS * MOST];
} block;

/* k and where they are wanted its slopes, of `count` points and all pivots. */
static ISA void evaluate(const ift_low_rank *p, block *b, const double *x, int64_t count, bool sloped) {
  for (int r = 0; r < ROWS; r++) {
    const double *point = x + (r < count ? r : count - 1) * p->d;
    for (int64_t k = 0; k < p->whole; k += LANES) {
      vector s = all(0);
      for (int64_t l = 0; l < p->d; l++) {
        const vector difference = all(point[l]) - load(p->pivots + l * MOST + k);
        s = multiply_add(difference, difference, s);
      }
      store(b->s + r * p->whole + k, s);
    }
  }
  ift_pair_evaluate_terms(p->terms, p->count, p->isa, b->value, sloped ? b->slope : NULL, b->s, (int)(ROWS * p->whole));
  for (int r = 0; r < ROWS; r++)
    for (int64_t k = p->rank; k < p->whole; k++) {
      b->value[r * p->whole + k] = 0;
      if (sloped) b->slope[r * p->whole + k] = 0;
    }
}

/* Rows f become L^-1 f, panel by panel. */
static ISA void solve(const ift_low_rank *p, double *f) {
  const double *panel = p->panels;
  for (int64_t k = 0; k < p->whole; panel += k * PANEL, k += PANEL) {
    const double *inverse = p->inverses + k * PANEL;
    for (int r = 0; r < ROWS; r += GROUP) {
      double *row = f + r * p->whole, rest[GROUP * PANEL];
      vector sum[GROUP][UNITS];
      for (int c = 0; c < PANEL; c += UNITS * LANES) {
        multiply(sum, row, p->whole, 1, panel + c, k, UNITS);
        EACH(i, GROUP) EACH(u, UNITS) {
          const int at = c + u * LANES;
          store(rest + i * PANEL + at, load(row + i * p->whole + k + at) - sum[i][u]);
        }
      }
      for (int c = 0; c < PANEL; c += UNITS * LANES) {
        multiply(sum, rest, PANEL, 1, inverse + c, PANEL, UNITS);
        EACH(i, GROUP) EACH(u, UNITS) store(row + i * p->whole + k + c + u * LANES, sum[i][u]);
      }
    }
  }
}

INLINE double product(const double *a, const double *b, int64_t count) {
  vector sum[PARTS] = {{0}};
  for (int64_t k = 0; k < count; k += IFT_PAIR_LANES) EACH(u, PARTS) {
      const int64_t at = k + u * LANES;
      sum[u] = multiply_add(load(a + at), load(b + at), sum[u]);
    }
  return add_parts(sum);
}

/* R(x,x) / k(0) of features f. */
INLINE double left_of(const ift_low_rank *p, const double *f) {
  vector sum[PARTS] = {{0}};
  words large = {0};
  for (int64_t k = 0; k < p->whole; k += IFT_PAIR_LANES) EACH(u, PARTS) {
      const int64_t at = k + u * LANES;
      const vector square = load(f + at) * load(f + at);
      large |= (words)(square > load(p->limits + at));
      sum[u] += square;
    }
  uint64_t any = 0;
  EACH(a, LANES) any |= large[a];
  return any ? 1 : fmax(p->size - add_parts(sum), 0) / p->size;
}

static ISA void sources(const ift_low_rank *p, const double *y, const double *w, int64_t start, int64_t end,
                        double *rest, double *sums) {
  block b;
  for (; start < end; start += ROWS) {
    const int64_t count = end - start < ROWS ? end - start : ROWS;
    evaluate(p, &b, y + start * p->d, count, false);
    solve(p, b.value);
    for (int64_t j = 0; j < count; j++) {
      const double *f = b.value + j * p->whole;
      const vector weight = all(w ? w[start + j] : 1);
      rest[start + j] = left_of(p, f);
      for (int64_t k = 0; sums && k < p->whole; k += LANES)
        store(sums + k, multiply_add(weight, load(f + k), load(sums + k)));
    }
  }
}

/* sum_k (f_k / L_kk)^2 */
INLINE double growth_of(const ift_low_rank *p, const double *f) {
  vector sum[PARTS] = {{0}};
  for (int64_t k = 0; k < p->whole; k += IFT_PAIR_LANES) EACH(u, PARTS) {
      const vector ratio = load(f + k + u * LANES) * load(p->roots + k + u * LANES);
      sum[u] = multiply_add(ratio, ratio, sum[u]);
    }
  return add_parts(sum);
}

/* Derivative l of the block's values, which become the first of its numbers. */
static ISA void derive(const ift_low_rank *p, block *b, const double *x, int64_t count, int64_t l) {
  for (int r = 0; r < ROWS; r++) {
    const vector at = all(x[(r < count ? r : count - 1) * p->d + l]);
    for (int64_t k = 0; k < p->whole; k += LANES)
      store(b->s + r * p->whole + k, load(b->slope + r * p->whole + k) * (at - load(p->pivots + l * MOST + k)));
  }
}

static ISA void targets(const ift_low_rank *p, const double *x, int64_t start, int64_t end, const double *sums,
                        double *value, double *gradient, double *rest, double *bent_rest) {
  block b;
  for (; start < end; start += ROWS) {
    const int64_t count = end - start < ROWS ? end - start : ROWS;
    const double *at = x + start * p->d;
    evaluate(p, &b, at, count, gradient != NULL);
    solve(p, b.value);
    for (int64_t i = 0; i < count; i++) {
      const double *f = b.value + i * p->whole;
      rest[start + i] = left_of(p, f);
      if (value) value[start + i] = product(f, sums, p->whole);
    }
    if (!gradient) continue;
    for (int64_t i = 0; i < count; i++) bent_rest[start + i] = 0;
    for (int64_t l = 0; l < p->d; l++) {
      derive(p, &b, at, count, l);
      solve(p, b.s);
      for (int64_t i = 0; i < count; i++) {
        const double *f = b.s + i * p->whole;
        gradient[(start + i) * p->d + l] = product(f, sums, p->whole);
        const double left = growth_of(p, f) > p->growth ? 1 : (p->bent - product(f, f, p->whole)) / p->bent;
        bent_rest[start + i] = fmax(bent_rest[start + i], left);
      }
    }
  }
}

static ISA void reduce(double *row, const double *features, int64_t count, const double *l, int64_t rank, double root,
                       double size, double *rest) {
  enum { WIDTH = 16 / LANES };
  for (int64_t c = 0; c < count; c += WIDTH * LANES) {
    vector sum[WIDTH];
    EACH(u, WIDTH) sum[u] = load(row + c + u * LANES);
    for (int64_t k = 0; k < rank; k++) {
      const vector factor = all(-l[k]);
      EACH(u, WIDTH) sum[u] = multiply_add(factor, load(features + k * count + c + u * LANES), sum[u]);
    }
    EACH(u, WIDTH) {
      double *left = rest + c + u * LANES;
      const vector f = sum[u] / root, square = load(left) - f * f / size;
      store(row + c + u * LANES, f);
      store(left, zero_where_less(square, square, all(0)));
    }
  }
}

const ift_low_rank_loops JOIN(ift_low_rank_, SUFFIX) = {sources, targets, reduce};

#endif
