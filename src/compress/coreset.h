/* compress/coreset.h - the inside of a search among the target's own points; private to its three files. */
#ifndef COMPRESS_CORESET_H
#define COMPRESS_CORESET_H

#include "compress/compress.h"

typedef struct ift_coreset {
  ift_compression *compression;
  ift_context *context;
  const ift_energy *energy;
  int64_t n, d, count; /* points to choose, and among how many */
  double mass, kappa;
  bool equal; /* weights of mass/n */
  ift_rng rng;
  int64_t *rows;  /* of each candidate: its number among the target's points */
  double *points; /* the candidates, count by d */
  ift_site *site; /* at them */
  double *c;      /* the target's embedding there */
  double *diagonal;
  bool *taken;
  int64_t *chosen; /* n candidates; `used` of them so far */
  int64_t used;
  double **k;      /* of each of these: k(candidates, it), count numbers */
  double *columns; /* the memory of that, n by count */
  double *a;       /* their weights */
  double *g;       /* the first variation at the candidates */
  double energy_now, weight_gap;
  ift_qp *qp;
  double *gram, *linear; /* n by n; n */
  double *factor; /* L^-1 k, K = LL' of the chosen ones: n rows for all candidates, a panel of these after the other */
  double *left;   /* what they leave of each candidate's K_jj; filled up to panels */
  int64_t ready, counted; /* rows of the factor that are right; and that `left` knows of, 0: of none */
  double *along, length;  /* n; room for the next one */
  double *gain;           /* count */
  double *kept_a;         /* n; alike what follows, to go back to */
  int64_t *kept_chosen, *numbers;
  double *price; /* n */
  double work, limit;
} ift_coreset;

/* For n points, or all of them if there are fewer. */
ift_status ift_coreset_open(ift_coreset *coreset, ift_compression *compression, int64_t n);
void ift_coreset_close(ift_coreset *coreset);

/* The best weights of the chosen ones, in number `used`, or equal ones; then F and g. */
ift_status ift_coreset_fit(ift_coreset *coreset);

/* Chooses a candidate as number `used`, with weight 0. */
ift_status ift_coreset_take(ift_coreset *coreset, int64_t candidate);
/* Gives number i up: the last one takes its place. */
void ift_coreset_drop(ift_coreset *coreset, int64_t i);

/* What F falls by, to second order, where each candidate comes in: gain. Those that are taken gain nothing. */
void ift_coreset_rate(ift_coreset *coreset);

/* What F rises by where each of the chosen ones goes: price. */
ift_status ift_coreset_price(ift_coreset *coreset);

/* Their Gram matrix, and c at them: gram and linear. */
void ift_coreset_gather(ift_coreset *coreset);

/* Columns of `factor` that are next to each other, and the number of such panels. */
enum { IFT_CORESET_PANEL = 256 };
int64_t ift_coreset_panels(const ift_coreset *coreset);

/* coreset_search.c: the whole search. */
ift_status ift_coreset_run(ift_coreset *coreset, int effort);

#endif
