/* pairs/engines.h - ways to sum a kernel over all pairs, and who chooses among them. */
#ifndef PAIRS_ENGINES_H
#define PAIRS_ENGINES_H

#include "pairs/pairs.h"

/* What is to be computed: the sums of ift_pairs_sum, or where `matrix` is there the values of ift_pairs_matrix. Of
 * terms by callback an engine knows nothing: the direct one leaves them out, others refuse. */
typedef struct ift_pair_problem {
  const ift_pair_term *terms;
  int count;
  double *value, *gradient; /* of sums; either may be NULL */
  double *matrix;
  const double *x, *y, *w;
  int64_t n, d, m;
} ift_pair_problem;

/* One of them, at the end of its file. `can` and `cost` look at sizes and terms alone, neither at points nor at time:
 * the choice is the same in every run. */
typedef struct ift_pair_engine {
  const char *name, *doc;
  bool (*can)(const ift_pair_problem *problem);
  /* Nanoseconds on one core, as tests/bench/bench_engines.c measures them. NULL: only by name, since its sums are less
   * good than direct ones, or how long they take depends on the points. */
  double (*cost)(const ift_pair_problem *problem);
  /* Fills in all outputs, by a task order that no bit of them depends on. *done is false where the points turn out not
   * to suit: outputs are then free for the direct engine. IFT_ERR_NO_MEMORY. */
  ift_status (*run)(ift_context *context, const ift_pair_problem *problem, bool *done);
} ift_pair_engine;

#define ENGINE(identifier, name) extern const ift_pair_engine ift_pair_engine_##identifier;
#include "pairs/engines.def"
#undef ENGINE

/* All of them, for the catalogue. */
extern const ift_pair_engine *const ift_pair_engines[];
extern const int ift_pair_engine_count;

/* The engine that is run first: the one that the context's option names, where it can; for `auto` the cheapest. */
const ift_pair_engine *ift_pairs_engine(const ift_context *context, const ift_pair_problem *problem);

/* The direct one: terms with a function of a number; callbacks are left out. */
void ift_pairs_direct(ift_context *context, const ift_pair_problem *problem);

/* Runs it, and where it gives up, or leaves a number that is not finite, the direct one, whose word on what is finite
 * is the last. */
ift_status ift_pairs_run(ift_context *context, const ift_pair_problem *problem);

#endif
