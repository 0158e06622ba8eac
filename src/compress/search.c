/* A search: memory, what an effort is worth, and the order in which starts and hops come. */
#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "compress/search.h"

/* Starts, failing or not, and hops that come with each effort, on top of those of the efforts before it, so that more
 * effort is never worse; and a limit to the work of all so far, of which a thousand million multiplications are about half
 * a second. At least so many fits are made, however large the problem. */
static const struct {
  int64_t starts, hops;
  double work, fits;
} efforts[] = {{1, 4, 5e8, 3}, {5, 30, 9e9, 8}, {20, 400, 1e11, 300}};

/* Positions and weights at most for which the matrix of the projected flow is formed. */
static const double SMALL = 1000;

/* F of the size of its rounding, over kappa. */
static const double ROUNDING = 0x1p-51;

/* A polish after a start, and the last one: most steps, and the fraction of F that a step has to gain. */
enum { STEPS = 400, LAST_STEPS = 120 };
static const double PATIENCE = 1e-3, LAST_PATIENCE = 1e-9;

void ift_search_close(ift_search *search) {
  ift_context *context = search->context;
  ift_particles_dispose(search, &search->now);
  ift_particles_dispose(search, &search->trial);
  ift_particles_dispose(search, &search->home);
  ift_candidates_close(search, &search->candidates);
  ift_qp_destroy(search->qp);
  ift_projected_destroy(search->projected);
  ift_lbfgs_destroy(search->lbfgs);
  ift_free(context, search->gram);
  ift_free(context, search->linear);
  ift_free(context, search->dx);
  ift_free(context, search->da);
  ift_free(context, search->cost);
}

static ift_status allocate(ift_search *search) {
  ift_context *context = search->context;
  const int64_t n = search->n, d = search->d;
  IFT_TRY(ift_particles_create(search, &search->now));
  IFT_TRY(ift_particles_create(search, &search->trial));
  IFT_TRY(ift_particles_create(search, &search->home));
  search->gram = ift_alloc2(context, n, n, sizeof *search->gram);
  search->linear = ift_alloc_reals(context, n);
  search->dx = ift_alloc2(context, n, d, sizeof *search->dx);
  search->da = ift_alloc_reals(context, n);
  search->cost = ift_alloc_reals(context, n);
  if (!search->gram || !search->linear || !search->dx || !search->da || !search->cost) return IFT_ERR_NO_MEMORY;
  IFT_TRY(ift_qp_create(context, &search->qp, n));
  const ift_kernel *kernel = search->compression->kernel;
  const bool small = (double)n * ((double)d + 1) <= SMALL && ift_kernel_has_tangents(kernel);
  if (small || ift_kernel_has_profiles(kernel)) return ift_projected_create(context, &search->projected, n, d, small);
  return ift_lbfgs_create(context, &search->lbfgs, n * d);
}

ift_status ift_search_open(ift_search *search, ift_compression *compression, int64_t n) {
  *search = (ift_search){.compression = compression,
                         .context = compression->object.context,
                         .energy = compression->energy,
                         .n = n,
                         .d = compression->target->d,
                         .mass = compression->target->mass,
                         .equal = compression->options[IFT_COMPRESSION_weights].word == IFT_WEIGHTS_EQUAL};
  search->anchored = ift_energy_anchored(search->energy, search->mass, true);
  ift_compression_seed(compression, &search->rng);
  IFT_TRY(allocate(search));
  IFT_TRY(ift_candidates_open(search, &search->candidates));
  return ift_embedding_self(ift_energy_embedding(search->energy), &search->kappa);
}

ift_status ift_search_keep(ift_search *search, ift_compression_phase phase) {
  const ift_particles *now = &search->now;
  if (!isfinite(now->energy)) return IFT_OK; /* interrupted before anything was known of it */
  ift_compression_result found = {.weight_gap = now->weight_gap, .phase = phase};
  for (int64_t k = 0; k < search->n * search->d; k++)
    found.stationarity += now->a[k / search->d] * now->v[k] * now->v[k];
  ift_measure *measure;
  IFT_TRY(ift_measure_create(search->context, &measure, now->site->x, search->n, search->d, now->a));
  const ift_status status = ift_compression_keep(search->compression, measure, NULL, found);
  ift_measure_destroy(measure);
  return status;
}

bool ift_search_is_over(const ift_search *search) {
  return search->work > search->limit ||
         fmin(search->now.energy, search->home.energy) <= ROUNDING * fabs(search->kappa);
}

ift_status ift_search_judge(ift_search *search) {
  const double tolerance = search->compression->options[IFT_COMPRESSION_tolerance].real;
  if (!(2 * search->now.energy <= tolerance)) return IFT_OK;
  IFT_TRY(ift_search_keep(search, search->phase));
  return ift_compression_judge(search->compression, search->n);
}

ift_status ift_search_step(ift_search *search) {
  ift_compression *compression = search->compression;
  compression->step++;
  compression->running = fmin(search->now.energy, search->home.energy);
  return ift_compression_ask(compression);
}

/* From start `number` downhill; an interrupted way down counts for what it has. */
static ift_status descend_from(ift_search *search, int64_t number) {
  search->compression->start = number + 1;
  search->phase = IFT_PHASE_START;
  search->now.energy = INFINITY;
  IFT_TRY(ift_search_start(search, number));
  IFT_TRY(ift_particles_fit(search, &search->now));
  if (!isfinite(search->now.energy)) return IFT_ERR_NOT_FINITE; /* the message is there */
  IFT_TRY(ift_search_keep(search, search->phase));
  if (ift_compression_is_stopped(search->compression)) return IFT_STOPPED;
  search->phase = IFT_PHASE_POLISH;
  const double slope = search->energy->kind->curvature(search->now.site, search->mass);
  search->first_step = search->mass > 0 && slope > 0 ? (double)search->n / (slope * search->mass) : 0;
  return ift_search_polish(search, STEPS, PATIENCE);
}

/* From the best end further down. */
static ift_status go_on(ift_search *search, int64_t steps, double least) {
  ift_particles_copy(search, &search->now, &search->home);
  IFT_TRY(ift_particles_fit(search, &search->now)); /* its site knows other positions */
  return ift_search_polish(search, steps, least);
}

/* What was interrupted by `status` counts for what it has. */
static ift_status take_home(ift_search *search, ift_status status) {
  if (status < 0) return status;
  IFT_TRY(ift_search_keep(search, search->phase));
  if (search->now.energy < search->home.energy) ift_particles_swap(&search->now, &search->home);
  return status;
}

/* What one effort adds to those before it. Large problems may use it up on the way down from the first start. */
static ift_status run_effort(ift_search *search, int effort) {
  const bool interrupted = effort > 0 && search->work > search->limit;
  search->limit = fmax(efforts[effort].work, efforts[effort].fits * ift_particles_cost(search));
  search->phase = IFT_PHASE_POLISH;
  if (interrupted) IFT_TRY(take_home(search, go_on(search, STEPS, PATIENCE)));
  for (int64_t number = effort ? efforts[effort - 1].starts : 0; number < efforts[effort].starts; number++) {
    if (number > 0 && search->work > search->limit / 2) break; /* hops are worth more */
    IFT_TRY(take_home(search, descend_from(search, number)));
    if (ift_compression_judge(search->compression, search->n) == IFT_CONVERGED) return IFT_CONVERGED;
  }
  search->phase = IFT_PHASE_HOP;
  IFT_TRY(ift_search_hop(search, efforts[effort].hops));
  return take_home(search, go_on(search, LAST_STEPS, LAST_PATIENCE));
}

ift_status ift_search_run(ift_search *search, int effort) {
  for (int k = 0; k <= effort; k++) {
    const ift_status status = run_effort(search, k);
    if (status == IFT_STOPPED) IFT_TRY(ift_search_keep(search, search->phase));
    if (status != IFT_OK) return status;
  }
  return ift_compression_judge(search->compression, search->n);
}
