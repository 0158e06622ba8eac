/* Particles during a search: memory, and the best weights for their positions. */
#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "compress/search.h"

ift_status ift_particles_create(const ift_search *search, ift_particles *particles) {
  ift_context *context = search->context;
  IFT_TRY(search->energy->kind->site_create(search->energy, &particles->site, search->n, search->anchored));
  particles->a = ift_alloc_reals(context, search->n);
  particles->g = ift_alloc_reals(context, search->n);
  particles->v = ift_alloc2(context, search->n, search->d, sizeof *particles->v);
  particles->energy = INFINITY;
  particles->weight_gap = NAN;
  return particles->a && particles->g && particles->v ? IFT_OK : IFT_ERR_NO_MEMORY;
}

void ift_particles_dispose(const ift_search *search, ift_particles *particles) {
  if (particles->site) search->energy->kind->site_destroy(particles->site);
  ift_free(search->context, particles->a);
  ift_free(search->context, particles->g);
  ift_free(search->context, particles->v);
}

void ift_particles_copy(const ift_search *search, ift_particles *to, const ift_particles *from) {
  const size_t size = (size_t)search->n * sizeof(double), width = (size_t)search->d;
  memcpy(to->site->x, from->site->x, size * width);
  memcpy(to->a, from->a, size);
  memcpy(to->g, from->g, size);
  memcpy(to->v, from->v, size * width);
  to->energy = from->energy;
  to->weight_gap = from->weight_gap;
}

void ift_particles_swap(ift_particles *a, ift_particles *b) {
  const ift_particles c = *a;
  *a = *b;
  *b = c;
}

static ift_status weigh(ift_search *search, ift_particles *particles) {
  const int64_t n = search->n;
  if (search->equal) {
    for (int64_t i = 0; i < n; i++) particles->a[i] = search->mass / (double)n;
    return IFT_OK;
  }
  const ift_energy_quadratic *quadratic = search->energy->kind->quadratic;
  IFT_TRY(quadratic->gram(particles->site, search->gram));
  IFT_TRY(quadratic->linear(particles->site, search->linear));
  const ift_qp_problem problem = {.gram = search->gram, .linear = search->linear, .n = n, .mass = search->mass};
  ift_qp_result result = {NAN, 0};
  const ift_status status = ift_qp_solve(search->qp, &problem, particles->a, &result);
  if (status < 0) return status;
  particles->weight_gap = result.gap;
  ift_flow_rescale(particles->a, n, search->mass);
  return IFT_OK;
}

static ift_status fit(ift_search *search, ift_particles *particles) {
  const ift_energy_kind *kind = search->energy->kind;
  ift_site *site = particles->site;
  for (int64_t k = 0; k < search->n * search->d; k++)
    if (!isfinite(site->x[k])) return IFT_ERR_NOT_FINITE;
  IFT_TRY(kind->site_move(site, site->x, true));
  IFT_TRY(weigh(search, particles));
  IFT_TRY(kind->evaluate(site, particles->g, particles->v, site, particles->a));
  return kind->value(site, &particles->energy, particles->g, particles->a);
}

ift_status ift_particles_fit(ift_search *search, ift_particles *particles) {
  search->work += ift_particles_cost(search);
  const ift_status status = fit(search, particles);
  if (status != IFT_OK) particles->energy = INFINITY;
  return status == IFT_ERR_NOT_FINITE ? IFT_OK : status;
}

/* Sums over pairs, at about 20 + 4 d a pair, and the factors of a weight problem. */
double ift_particles_cost(const ift_search *search) {
  const double n = (double)search->n, d = (double)search->d, m = (double)search->energy->target->n;
  return n * (m + 2 * n) * (20 + 4 * d) + (search->equal ? 0 : n * n * n / 2 + 50 * n * n);
}
