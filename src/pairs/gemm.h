/* pairs/gemm.h - the inside of the gemm engine. */
#ifndef PAIRS_GEMM_H
#define PAIRS_GEMM_H

#include "base/isa.h"
#include "base/sum.h"
#include "pairs/engines.h"

/* Points are packed by groups of targets and panels of sources or coordinates, as many as the products take at a time
 * on any processor; a tile is IFT_GEMM_ROWS targets by IFT_PAIR_BLOCK sources. Sums over coordinates are cut after
 * IFT_GEMM_DEPTH. */
enum { IFT_GEMM_GROUP = 12, IFT_GEMM_ROWS = 24, IFT_GEMM_DEPTH = 256 };

/* Sums of one target so far; that of the gradient's second part is in a row of its own. */
typedef struct ift_gemm_sums {
  ift_running_sum values, slopes; /* sum_j w_j k, sum_j w_j slope */
} ift_gemm_sums;

/* A problem, and the slabs of targets and sources that are under way. */
typedef struct ift_gemm {
  const ift_pair_problem *problem;
  ift_isa isa;
  bool dot;                           /* functions of x'y */
  bool sloped;                        /* the kernel is asked for slopes */
  double slope;                       /* else, where there is a gradient, what a slope is over the value */
  double near;                        /* |x-y|^2 is found anew where it is below this part of |x-c|^2 + |y-c|^2 */
  int64_t wide;                       /* d in whole panels */
  int64_t row, source, rows, sources; /* where the slabs begin, and their lengths */
  double *targets;                    /* minus the center c: [group][coordinate][GROUP] */
  double *across;                     /* sources minus c: [panel of sources][coordinate][PANEL] */
  double *along;                      /* the same: [block of sources][panel of coordinates][source][PANEL] */
  double *target_norms, *source_norms;
  double *turns; /* sum_j w_j slope_j (y_j - c), a row of `wide` for each target */
  ift_gemm_sums *sums;
} ift_gemm;

/* What the slab of sources adds to the targets start .. end-1 of the slab of targets; `start` is a multiple of
 * IFT_GEMM_ROWS. Or those rows of the matrix. */
typedef void ift_gemm_part(const ift_gemm *p, int64_t start, int64_t end);

extern ift_gemm_part ift_gemm_baseline, ift_gemm_avx2, ift_gemm_avx512;

#endif
