/* compress/search.h - the inside of a search for particles in free space: states, and what is done with them. */
#ifndef COMPRESS_SEARCH_H
#define COMPRESS_SEARCH_H

#include "compress/compress.h"
#include "flow/damping.h"
#include "flow/projected.h"

/* Points among which starts and new places are looked for: all target points where there are no more than 4096, else as
 * many draws. */
typedef struct ift_candidates {
  double *points;               /* count by d */
  double *c;                    /* the target's embedding there */
  double *g;                    /* room for a first variation, or anything else */
  double *far;                  /* room for squared distances */
  double *interaction, *column; /* room for ift_insertion */
  int64_t *home;                /* room for the number of a particle */
  ift_site *site;               /* the points */
  int64_t count;
} ift_candidates;

/* A measure with what the energy says of it: g and v, F, and the certificate of the weights. */
typedef struct ift_particles {
  ift_site *site;
  double *a, *g, *v;
  double energy, weight_gap;
} ift_particles;

typedef struct ift_search {
  ift_compression *compression;
  ift_context *context;
  const ift_energy *energy;
  int64_t n, d;
  double mass, kappa;
  bool equal, anchored; /* weights of mass/n; see energy.h */
  ift_rng rng;
  ift_candidates candidates;
  ift_particles now, trial, home; /* under way, tried, the best so far; they trade places */
  ift_qp *qp;
  double *gram, *linear;
  ift_projected *projected; /* small problems with a smooth kernel; else NULL, and */
  ift_lbfgs *lbfgs;
  double *dx, *da; /* steps; dx is the variables of lbfgs, too */
  double *cost;    /* of leaving a particle out */
  ift_compression_phase phase;
  double first_step;  /* of lbfgs: 1/curvature in its variables */
  double work, limit; /* multiplications spent; how many may be */
} ift_search;

/* For n particles. */
ift_status ift_search_open(ift_search *search, ift_compression *compression, int64_t n);
void ift_search_close(ift_search *search);
/* From several starts, then hops from the best end: all that an effort is worth. */
ift_status ift_search_run(ift_search *search, int effort);

/* One step is done: asks the monitor. IFT_STOPPED, IFT_ERR_CALLBACK. */
ift_status ift_search_step(ift_search *search);
/* Takes the particles of `now` for the compression's best ones if they are. */
ift_status ift_search_keep(ift_search *search, ift_compression_phase phase);
/* Is `now` close enough to the target for the option `tolerance`, or as close as can be told? IFT_CONVERGED; it is kept. */
ift_status ift_search_judge(ift_search *search);
/* Is there no point in going on: F is rounding, or the effort is spent? */
bool ift_search_is_over(const ift_search *search);

ift_status ift_candidates_open(ift_search *search, ift_candidates *candidates);
void ift_candidates_close(ift_search *search, ift_candidates *candidates);

/* states.c: positions are in site->x, weights to begin with in a. Places the points, finds the best weights (equal ones, if
 * those are asked for), and evaluates. The energy is infinite where a number was. */
ift_status ift_particles_create(const ift_search *search, ift_particles *particles);
void ift_particles_dispose(const ift_search *search, ift_particles *particles);
ift_status ift_particles_fit(ift_search *search, ift_particles *particles);
void ift_particles_copy(const ift_search *search, ift_particles *to, const ift_particles *from);
void ift_particles_swap(ift_particles *a, ift_particles *b);
/* What a fit costs, in multiplications. */
double ift_particles_cost(const ift_search *search);

/* starts.c: positions and weights of start `number` into `now`: kernel herding, then k-means centers and random draws in
 * turn. No two particles are at one place as long as there are others. */
ift_status ift_search_start(ift_search *search, int64_t number);

/* polish.c: `now` goes downhill, in at most `steps` steps, as long as a step gains the fraction `least` of F. It never
 * rises. */
ift_status ift_search_polish(ift_search *search, int64_t steps, double least);

/* hops.c: dead particles of `now` go where the witness is lowest, if that helps. */
ift_status ift_search_revive(ift_search *search);
/* `count` hops from `home`. */
ift_status ift_search_hop(ift_search *search, int64_t count);

#endif
