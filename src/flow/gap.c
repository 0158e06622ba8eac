/* The gap: an upper bound of F(mu) - F(nu) over all nu on the target's points and the particles, for F convex in mu:
 * F(nu) >= F(mu) + int g d(nu - mu), and int g dnu >= (mass of nu) min g. */
#include <math.h>

#include "base/alloc.h"
#include "base/sum.h"
#include "flow/flow.h"

/* The site of all target points, made when first asked for. */
static ift_status target_site(ift_flow *flow) {
  const ift_energy_kind *energy = flow->energy->kind;
  const ift_target *target = flow->energy->target;
  if (flow->target_site) return IFT_OK;
  ift_site *site;
  IFT_TRY(energy->site_create(flow->energy, &site, target->n, flow->anchored));
  const ift_status status = energy->site_move(site, target->points, false);
  if (status == IFT_OK)
    flow->target_site = site;
  else
    energy->site_destroy(site);
  return status;
}

ift_status ift_flow_gap(ift_flow *flow, double *out) {
  const ift_target *target = flow->energy->target;
  *out = NAN;
  if (!flow->energy->convex || !target || target->n == 0) return IFT_OK;
  IFT_TRY(target_site(flow));
  IFT_TRY(ift_flow_evaluate(&flow->now));
  double *g = ift_alloc_reals(flow->object.context, target->n);
  if (!g) return IFT_ERR_NO_MEMORY;
  const ift_status status = flow->energy->kind->evaluate(flow->target_site, g, NULL, flow->now.site, flow->now.a);
  if (status == IFT_OK) {
    double lowest = g[0];
    for (int64_t j = 1; j < target->n; j++) lowest = fmin(lowest, g[j]);
    for (int64_t i = 0; i < flow->n; i++) lowest = fmin(lowest, flow->now.g[i]);
    const double mass = flow->geometry->mass_kept ? flow->mass : target->mass;
    *out = ift_dot_compensated(flow->now.a, flow->now.g, flow->n) - mass * lowest;
  }
  ift_free(flow->object.context, g);
  return status;
}
