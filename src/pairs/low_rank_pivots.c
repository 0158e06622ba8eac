/* The pivots of the low-rank engine, and the factor of their kernel matrix in the order in which products want it. */
#include <math.h>
#include <string.h>

#include "pairs/low_rank.h"

enum { MOST = IFT_LOW_RANK_MOST, PANEL = IFT_LOW_RANK_PANEL };

/* Rows of the factor panel by panel: the columns before the diagonal block. Rows that are not there are 0. */
static void pack(ift_low_rank *p) {
  double *to = p->panels;
  for (int64_t start = 0; start < p->whole; start += PANEL) {
    for (int64_t k = 0; k < start; k++)
      for (int64_t r = start; r < start + PANEL; r++) *to++ = r < p->rank ? p->factor[r * MOST + k] : 0;
  }
}

/* The inverses of the diagonal blocks, by columns: column c solves L_JJ v = e_c. Those that are not there count as 1. */
static void invert(ift_low_rank *p) {
  for (int64_t start = 0; start < p->whole; start += PANEL) {
    double *inverse = p->inverses + start * PANEL;
    memset(inverse, 0, PANEL * PANEL * sizeof *inverse);
    for (int64_t c = 0; c < PANEL; c++)
      for (int64_t r = c; r < PANEL; r++) {
        const double *row = p->factor + (start + r) * MOST + start;
        double sum = r == c;
        for (int64_t k = c; k < r && start + r < p->rank; k++) sum -= row[k] * inverse[c * PANEL + k];
        inverse[c * PANEL + r] = start + r < p->rank ? sum / row[r] : sum;
      }
  }
}

/* With so many pivots out of the most, more should be resolved than this. What is left falls slowly at first and then
 * faster and faster where a kernel is smooth, ever more slowly where it is not. */
static bool is_behind(double rest, int64_t rank) {
  const double part = (double)rank / MOST;
  return 2 * rank >= MOST && log(rest) > 0.7 * part * part * log(IFT_LOW_RANK_REST);
}

/* Candidate `best` becomes a pivot; `room` is the length of a row of features. */
static void take(ift_context *context, ift_low_rank *p, ift_low_rank_candidates *c, int64_t best, int64_t room) {
  const int64_t rank = p->rank++, d = p->d;
  double *l = p->factor + rank * MOST, *feature = c->features + rank * room;
  for (int64_t k = 0; k < d; k++) p->pivots[k * MOST + rank] = c->points[best * d + k];
  for (int64_t k = 0; k < rank; k++) l[k] = c->features[k * room + best];
  l[rank] = sqrt(c->rest[best] * p->size);
  const ift_pair_problem row = {.terms = p->terms,
                                .count = p->count,
                                .matrix = feature,
                                .x = c->points + best * d,
                                .y = c->points,
                                .n = 1,
                                .d = d,
                                .m = c->count};
  ift_pairs_direct(context, &row);
  for (int64_t i = c->count; i < room; i++) feature[i] = 0;
  ift_low_rank_loops_of(p->isa)->reduce(feature, c->features, room, l, rank, l[rank], p->size, c->rest);
  c->rest[best] = 0;
}

/* A feature of a point that was a candidate is at most the pivot's own, so that rounding errors do not grow. Others,
 * which may lie far outside, are trusted up to four times that. */
static void limit(ift_low_rank *p) {
  for (int64_t k = 0; k < p->whole; k++) {
    const double l = p->factor[k * MOST + k];
    p->limits[k] = k < p->rank ? 16 * l * l : 1;
    p->roots[k] = k < p->rank ? 1 / l : 0;
  }
}

bool ift_low_rank_choose(ift_context *context, ift_low_rank *p, ift_low_rank_candidates *c) {
  const int64_t room = ift_pairs_whole(c->count, PANEL);
  p->rank = 0;
  for (int64_t i = 0; i < room; i++) c->rest[i] = i < c->count;
  for (;;) {
    int64_t best = 0;
    for (int64_t i = 1; i < c->count; i++)
      if (c->rest[i] > c->rest[best]) best = i;
    if (!(c->rest[best] > IFT_LOW_RANK_REST)) break;
    if (p->rank == MOST || is_behind(c->rest[best], p->rank)) return false;
    take(context, p, c, best, room);
  }
  p->whole = ift_pairs_whole(p->rank, PANEL);
  pack(p);
  invert(p);
  limit(p);
  for (int64_t k = p->rank; k < p->whole; k++) /* anywhere: their features are 0 */
    for (int64_t l = 0; l < p->d; l++) p->pivots[l * MOST + k] = p->pivots[l * MOST];
  return true;
}
