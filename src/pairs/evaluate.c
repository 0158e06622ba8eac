/* The function of a term at many numbers: on vectors where the kind has it so, else by its profile. */
#include <string.h>

#include "pairs/pairs.h"

/* A whole number of groups, no more than a block. */
static void evaluate_groups(const ift_pair_term *term, double *value, double *slope, const double *s, int count) {
  memset(value, 0, (size_t)count * sizeof *value);
  if (slope) memset(slope, 0, (size_t)count * sizeof *slope);
  term->profile(value, slope, s, count, 1, term->parameters);
}

/* Less than a group: filled up with copies. */
static void evaluate_rest(const ift_pair_term *term, double *value, double *slope, const double *s, int count) {
  double all[IFT_PAIR_LANES], k[IFT_PAIR_LANES], rate[IFT_PAIR_LANES];
  for (int j = 0; j < IFT_PAIR_LANES; j++) all[j] = s[j < count ? j : count - 1];
  evaluate_groups(term, k, slope ? rate : NULL, all, IFT_PAIR_LANES);
  memcpy(value, k, (size_t)count * sizeof *value);
  if (slope) memcpy(slope, rate, (size_t)count * sizeof *slope);
}

void ift_pair_evaluate(const ift_pair_term *term, ift_isa isa, double *value, double *slope, const double *s,
                       int count) {
  if (term->functions) {
    term->functions[isa](value, slope, s, count, term->parameters);
    return;
  }
  for (int start = 0; start < count;) {
    const int left = count - start, size = left < IFT_PAIR_BLOCK ? left & -IFT_PAIR_LANES : IFT_PAIR_BLOCK;
    double *slopes = slope ? slope + start : NULL;
    if (size == 0)
      evaluate_rest(term, value + start, slopes, s + start, left);
    else
      evaluate_groups(term, value + start, slopes, s + start, size);
    start += size ? size : left;
  }
}

/* to (+)= coefficient values */
static void take(double *restrict to, const double *restrict values, double coefficient, int size, bool fresh) {
  const int whole = size & -IFT_PAIR_LANES;
  if (fresh)
    for (int j = 0; j < whole; j++) to[j] = coefficient * values[j];
  else
    for (int j = 0; j < whole; j++) to[j] += coefficient * values[j];
}

void ift_pair_evaluate_terms(const ift_pair_term *terms, int count, ift_isa isa, double *value, double *slope,
                             const double *s, int size) {
  if (count == 1 && terms->coefficient == 1) {
    ift_pair_evaluate(terms, isa, value, slope, s, size);
    return;
  }
  _Alignas(64) double k[IFT_PAIR_BLOCK], rate[IFT_PAIR_BLOCK];
  for (int start = 0; start < size; start += IFT_PAIR_BLOCK) {
    const int part = size - start < IFT_PAIR_BLOCK ? size - start : IFT_PAIR_BLOCK;
    for (int t = 0; t < count; t++) {
      ift_pair_evaluate(&terms[t], isa, k, slope ? rate : NULL, s + start, part);
      take(value + start, k, terms[t].coefficient, part, t == 0);
      if (slope) take(slope + start, rate, terms[t].coefficient, part, t == 0);
    }
  }
}

bool ift_pair_has_form(const ift_pair_term *term, bool dot) {
  return dot ? term->form == IFT_DOT : term->form == IFT_RADIAL || term->form == IFT_GAUSSIAN;
}
