/* pairs/direct.h - the inside of the direct engine. */
#ifndef PAIRS_DIRECT_H
#define PAIRS_DIRECT_H

#include "base/isa.h"
#include "pairs/pairs.h"

/* A call: sums, or a matrix. */
typedef struct ift_direct {
  const ift_pair_term *terms;
  int count;
  const ift_pair_term *only; /* the one term with a function of a number, if there is but one */
  bool forms[2];             /* radial, dot: which are among the terms */
  double *value, *gradient, *matrix;
  const double *x, *y, *w;
  int64_t n, d, m;
  double slope; /* where not 0: what the gradient's slope is over the value */
  ift_isa isa;
} ift_direct;

/* Sums of the targets from `start` to `end`, or these rows of the matrix. */
typedef void ift_direct_part(const ift_direct *p, int64_t start, int64_t end);

typedef struct ift_direct_engine {
  ift_direct_part *sums, *matrix;
  int lanes, group; /* targets of a vector; those that are computed at a time where there are as many */
} ift_direct_engine;

extern const ift_direct_engine ift_direct_baseline, ift_direct_avx2, ift_direct_avx512;

/* Do squares come near the largest number: of a term's length, of some of these coordinates? Not where one is no number. */
bool ift_direct_is_long(const ift_pair_term *term);
bool ift_direct_is_far(const double *coordinates, int64_t count);

/* The same for one target and for one entry, with care for squares that overflow. */
void ift_direct_far(const ift_direct *p, int64_t i, double *value, double *gradient);
double ift_direct_far_entry(const ift_direct *p, int64_t i, int64_t j);

#endif
