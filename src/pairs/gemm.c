/* The gemm engine: |x-y|^2 = |x-c|^2 + |y-c|^2 - 2 (x-c)'(y-c), c the mean of the sources, and the gradient's sum_j s_j
 * (x-y_j) = (sum_j s_j) (x-c) - sum_j s_j (y_j-c), so that what costs time are two products of matrices.
 *
 * The first formula loses digits where x and y are near each other and far from c. Its error is at most 2 D u (|x-c|^2
 * + |y-c|^2), D additions deep and u = 2^-53: pairs for which that may be more than 1e-12 of the result are found anew
 * by differences. Kernels here are convex in s = |x-y|^2 where they are bounded, so that s |k'(s)| <= k(0): values are
 * good to 1e-12 k(0), those of the others to 1e-12 of themselves. */
#include "pairs/gemm.h"

#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "base/pool.h"
#include "pairs/direct.h"

/* Points that are packed at a time: whole groups, panels, tiles and blocks. Targets of a task. */
enum { UNIT = 384, SLAB = 10 * UNIT, TASK = 96, BLOCK = IFT_PAIR_BLOCK, GROUP = IFT_GEMM_GROUP, PANEL = 16 };

static const double largest_norm = 1e300;

static ift_gemm_part *const parts[IFT_ISAS] = {
    [IFT_ISA_BASELINE] = ift_gemm_baseline,
#if IFT_X86
    [IFT_ISA_AVX2] = ift_gemm_avx2,
    [IFT_ISA_AVX512] = ift_gemm_avx512,
#endif
};

/* Points of the slab that begins at `start`. */
static int64_t slab_of(int64_t start, int64_t count) {
  return count - start < SLAB ? count - start : SLAB;
}

/* The mean of the sources, from differences to the first of them. */
static void find_center(double *center, const double *y, int64_t m, int64_t d) {
  memset(center, 0, (size_t)d * sizeof *center);
  for (int64_t j = 1; j < m; j++)
    for (int64_t l = 0; l < d; l++) center[l] += y[j * d + l] - y[l];
  for (int64_t l = 0; l < d; l++) center[l] = y[l] + center[l] / (double)m;
}

/* Groups of points minus the center, coordinate by coordinate; zeros fill up. */
static void pack_groups(double *to, const double *points, int64_t count, int64_t d, const double *center, int group) {
  for (int64_t start = 0; start < ift_pairs_whole(count, group); start += group, to += group * d)
    for (int r = 0; r < group; r++) {
      const double *point = start + r < count ? points + (start + r) * d : center;
      for (int64_t l = 0; l < d; l++) to[l * group + r] = point[l] - center[l];
    }
}

/* Blocks of points minus the center, panel by panel. */
static void pack_panels(double *to, const double *points, int64_t count, int64_t d, const double *center,
                        int64_t wide) {
  for (int64_t start = 0; start < ift_pairs_whole(count, BLOCK); start += BLOCK)
    for (int64_t panel = 0; panel < wide; panel += PANEL)
      for (int64_t j = start; j < start + BLOCK; j++, to += PANEL) {
        const double *point = j < count ? points + j * d : center;
        const int64_t width = d - panel < PANEL ? d - panel : PANEL;
        for (int64_t l = 0; l < width; l++) to[l] = point[panel + l] - center[panel + l];
        for (int64_t l = width; l < PANEL; l++) to[l] = 0;
      }
}

/* |p-c|^2; false where one is too large. */
static bool find_norms(double *norms, const double *points, int64_t count, int64_t d, const double *center) {
  bool fine = true;
  for (int64_t i = 0; i < count; i++) {
    double sum = 0;
    for (int64_t l = 0; l < d; l++) {
      const double difference = points[i * d + l] - center[l];
      sum += difference * difference;
    }
    norms[i] = sum;
    fine &= sum <= largest_norm;
  }
  return fine;
}

/* The slabs in the context's memory; `center` is the first d numbers of it. */
static ift_status make_room(ift_context *context, ift_gemm *p, double **center) {
  const ift_pair_problem *problem = p->problem;
  const int64_t d = problem->d, turned = problem->gradient ? p->wide : 0, summed = sizeof *p->sums / sizeof(double);
  const int64_t rows = ift_pairs_whole(slab_of(0, problem->n), UNIT),
                sources = ift_pairs_whole(slab_of(0, problem->m), UNIT);
  *center = ift_scratch(context, rows + sources + 1, (size_t)(d + turned + 1 + summed) * sizeof(double));
  if (!*center) return IFT_ERR_NO_MEMORY;
  p->targets = *center + ift_pairs_whole(d, PANEL);
  p->target_norms = p->targets + rows * d;
  p->turns = p->target_norms + rows;
  p->across = p->turns + rows * turned;
  p->source_norms = p->across + sources * d;
  p->along = p->source_norms + sources;
  p->sums = (ift_gemm_sums *)(p->along + sources * turned);
  return IFT_OK;
}

static bool pack_targets(ift_gemm *p, const double *center) {
  const ift_pair_problem *problem = p->problem;
  const double *x = problem->x + p->row * problem->d;
  const int64_t rows = ift_pairs_whole(p->rows, IFT_GEMM_ROWS);
  pack_groups(p->targets, x, p->rows, problem->d, center, GROUP);
  memset(p->target_norms, 0, (size_t)rows * sizeof *p->target_norms);
  memset(p->sums, 0, (size_t)rows * sizeof *p->sums);
  if (problem->gradient) memset(p->turns, 0, (size_t)(rows * p->wide) * sizeof *p->turns);
  return find_norms(p->target_norms, x, p->rows, problem->d, center);
}

static bool pack_sources(ift_gemm *p, const double *center) {
  const ift_pair_problem *problem = p->problem;
  const double *y = problem->y + p->source * problem->d;
  pack_groups(p->across, y, p->sources, problem->d, center, PANEL);
  memset(p->source_norms, 0, (size_t)ift_pairs_whole(p->sources, BLOCK) * sizeof *p->source_norms);
  if (problem->gradient) pack_panels(p->along, y, p->sources, problem->d, center, p->wide);
  return find_norms(p->source_norms, y, p->sources, problem->d, center);
}

typedef struct job {
  const ift_gemm *gemm;
  int64_t rows; /* a task */
} job;

static void run_task(int64_t task, void *user) {
  const job *j = user;
  const int64_t start = task * j->rows, left = j->gemm->rows - start;
  parts[j->gemm->isa](j->gemm, start, left < j->rows ? start + left : start + j->rows);
}

/* From sums to outputs. */
static void finish(const ift_gemm *p, const double *center) {
  const ift_pair_problem *problem = p->problem;
  const int64_t d = problem->d;
  const double factor = p->sloped ? 1 : p->slope;
  for (int64_t i = p->row; i < p->row + p->rows; i++) {
    const ift_gemm_sums *sums = &p->sums[i - p->row];
    if (problem->value) problem->value[i] = ift_running_value(&sums->values);
    if (!problem->gradient) continue;
    const double *turns = p->turns + (i - p->row) * p->wide, slopes = ift_running_value(&sums->slopes);
    double *gradient = problem->gradient + i * d; /* has the pairs that were found anew */
    for (int64_t l = 0; l < d; l++)
      gradient[l] =
          factor * (p->dot ? turns[l] : gradient[l] + (slopes * (problem->x[i * d + l] - center[l]) - turns[l]));
  }
}

static ift_gemm gemm_of(const ift_context *context, const ift_pair_problem *problem) {
  const int64_t d = problem->d, depth = (d < IFT_GEMM_DEPTH ? d : IFT_GEMM_DEPTH) + d / IFT_GEMM_DEPTH + 8;
  const ift_pair_term *only = problem->count == 1 ? problem->terms : NULL;
  ift_gemm p = {.problem = problem,
                .isa = context->isa,
                .wide = ift_pairs_whole(d, PANEL),
                .near = (double)depth * 0x1p-52 / 1e-12};
  p.dot = problem->terms->form == IFT_DOT;
  if (only && only->form == IFT_GAUSSIAN) p.slope = -1 / (only->parameters[0] * only->parameters[0]);
  p.sloped = problem->gradient && p.slope == 0;
  return p;
}

static ift_status run(ift_context *context, const ift_pair_problem *problem, bool *done) {
  ift_gemm p = gemm_of(context, problem);
  const int64_t n = problem->n, m = problem->m, d = problem->d;
  const job j = {&p, n < 8 * TASK ? IFT_GEMM_ROWS : TASK};
  double *center;
  IFT_TRY(make_room(context, &p, &center));
  if (p.dot)
    memset(center, 0, (size_t)d * sizeof *center);
  else
    find_center(center, problem->y, m, d);
  if (problem->gradient) memset(problem->gradient, 0, (size_t)(n * d) * sizeof *problem->gradient);
  for (p.row = 0; p.row < n; p.row += SLAB) {
    p.rows = slab_of(p.row, n);
    if (!pack_targets(&p, center)) return IFT_OK;
    for (p.source = 0; p.source < m; p.source += SLAB) {
      p.sources = slab_of(p.source, m);
      if ((p.row == 0 || m > SLAB) && !pack_sources(&p, center)) return IFT_OK;
      ift_pool_run(context, (p.rows + j.rows - 1) / j.rows, run_task, (void *)&j);
    }
    if (!problem->matrix) finish(&p, center);
  }
  *done = true;
  return IFT_OK;
}

static bool can(const ift_pair_problem *problem) {
  for (int t = 0; t < problem->count; t++) {
    const ift_pair_term *term = &problem->terms[t];
    if (term->form == IFT_BLOCK || (term->form == IFT_DOT) != (problem->terms->form == IFT_DOT)) return false;
    if (ift_direct_is_long(term)) return false; /* its square overflows */
  }
  return true;
}

/* As that of the direct engine: on AVX2, half on AVX-512; where each is the better one is much the same. */
static double cost(const ift_pair_problem *problem) {
  const double rows = (double)ift_pairs_whole(problem->n, IFT_GEMM_ROWS),
               columns = (double)ift_pairs_whole(problem->m, BLOCK);
  const double d = (double)problem->d, term = 0.8, rest = problem->gradient ? 0.55 : 0.45, pack = 1.2, call = 1500;
  const double coordinate = problem->gradient ? 0.09 : 0.047;
  return rows * columns * (term * problem->count + rest + coordinate * d) + pack * d * (rows + 2 * columns) + call;
}

const ift_pair_engine ift_pair_engine_gemm = {
    .name = "gemm",
    .doc = "products of matrices, for many dimensions: values to 1e-12",
    .can = can,
    .cost = cost,
    .run = run,
};
