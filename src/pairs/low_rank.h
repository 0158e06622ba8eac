/* pairs/low_rank.h - the inside of the low-rank engine: k(x,y) = g(x)'g(y) + R(x,y), where the features g(x) = L^-1
 * k(P,x) come from pivots P and LL' = k(P,P). R is positive definite, so that |R(x,y)|^2 <= R(x,x) R(y,y); so are its
 * derivatives bounded. */
#ifndef PAIRS_LOW_RANK_H
#define PAIRS_LOW_RANK_H

#include "base/isa.h"
#include "pairs/engines.h"

/* Most pivots; points whose features are computed together; features of a panel. */
enum { IFT_LOW_RANK_MOST = 512, IFT_LOW_RANK_ROWS = 12, IFT_LOW_RANK_PANEL = 16 };

typedef struct ift_low_rank {
  const ift_pair_term *terms;
  int count;
  ift_isa isa;
  int64_t d;
  double size, bent;   /* k(x,x), and minus the second derivative there */
  int64_t rank, whole; /* pivots; the same in whole panels, with features that are 0 */
  double *pivots;      /* coordinate l of pivot k at l MOST + k */
  double *factor;      /* L, rows of MOST */
  double *panels;      /* its rows but the diagonal blocks: [panel][column][row] */
  double *inverses;    /* of the diagonal blocks: [panel][column][row] */
  double *limits;      /* squares of features that are larger are not to be trusted */
  double *roots;       /* 1/L_kk; 0 where there is no pivot */
  double growth;       /* nor derivatives of which sum_k (d_l g_k / L_kk)^2 is more: so do rounding errors of g grow */
} ift_low_rank;

typedef struct ift_low_rank_loops {
  /* Of points start .. end-1: rest[j] = R(y_j,y_j) / k(0), 1 where features are too large, and unless `sums` is NULL
   * sums += sum_j w_j g(y_j). */
  void (*sources)(const ift_low_rank *p, const double *y, const double *w, int64_t start, int64_t end, double *rest,
                  double *sums);
  /* value_i = g(x_i)'sums and rest[i] as above; where `gradient` is not NULL, also that, and in bent_rest[i] the
   * largest of what is left, in the same way, of derivatives; 1 where rounding is too much. */
  void (*targets)(const ift_low_rank *p, const double *x, int64_t start, int64_t end, const double *sums, double *value,
                  double *gradient, double *rest, double *bent_rest);
  /* row[c] -= sum_k l[k] features[k count + c], and then rest[c] -= (row[c] /= root)^2 / size; count is whole panels */
  void (*reduce)(double *row, const double *features, int64_t count, const double *l, int64_t rank, double root,
                 double size, double *rest);
} ift_low_rank_loops;

extern const ift_low_rank_loops ift_low_rank_baseline, ift_low_rank_avx2, ift_low_rank_avx512;
const ift_low_rank_loops *ift_low_rank_loops_of(ift_isa isa);

/* Points that may become pivots, and their features. */
typedef struct ift_low_rank_candidates {
  int64_t count;
  double *points, *features, *rest; /* rows of d; feature k of candidate c at k room + c; R(c,c) / k(0) */
} ift_low_rank_candidates;

enum { IFT_LOW_RANK_CANDIDATES = 2 * IFT_LOW_RANK_MOST };

/* What is left of all candidates after that, as a part of k(0). */
#define IFT_LOW_RANK_REST 1e-14

/* Takes pivots among the candidates, always one with most left, until less than IFT_LOW_RANK_REST is left of all
 * (Harbrecht, Peters and Schneider 2012). false: it takes more than IFT_LOW_RANK_MOST, or seems to. */
bool ift_low_rank_choose(ift_context *context, ift_low_rank *p, ift_low_rank_candidates *candidates);

#endif
