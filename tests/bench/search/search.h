/* tests/bench/search/search.h - problems of which nothing was known when the search was written, made from seeds. */
#ifndef TESTS_BENCH_SEARCH_SEARCH_H
#define TESTS_BENCH_SEARCH_SEARCH_H

#include <stdbool.h>

#include "bench/bench.h"
#include "paper/paper.h"

typedef struct search_case {
  const char *kind;
  int64_t d, m, n;
  const char *kernel; /* its length by the median heuristic */
  double known; /* how far the search is known to fall short, instead of what is promised elsewhere; 0: it is not */
} search_case;

enum { CASES = 14 };
extern const search_case cases[CASES];

/* KIND-D-N. */
enum { NAME = 40 };
void case_name(char *name, const search_case *of);

/* m by d points, to be freed; the same in every run. */
double *case_points(const search_case *of);

/* What a long search by another program came to (long.py), and the seconds it took; NaN if there is none. */
double case_reference(const search_case *of, double *seconds);

#endif
