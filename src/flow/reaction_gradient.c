/* One projected gradient step in the weights, as the paper's experiments do it: b = Proj(a - eta g) onto the simplex
 * of mass m, or max(a - eta g, 0) where mass is free; g at the new positions and old weights. It never raises F for
 * eta <= 2/lambda_max(K). */
#include <math.h>

#include "base/sum.h"
#include "flow/flow.h"

static ift_status react(ift_flow *flow, ift_flow_state *from, ift_flow_state *to, double eta) {
  const int64_t n = flow->n;
  double *g = to->g, *b = to->a;
  const double *a = from->a;
  IFT_TRY(to->site->energy->kind->evaluate(to->site, g, NULL, to->site, a));
  for (int64_t i = 0; i < n; i++) {
    b[i] = a[i] - eta * g[i];
    if (!isfinite(b[i]))
      return ift_fail(flow->object.context, IFT_ERR_NOT_FINITE, "a gradient step of size %g leaves the numbers", eta);
  }
  if (flow->geometry->mass_kept)
    ift_project_simplex(b, b, n, flow->mass, flow->work);
  else
    for (int64_t i = 0; i < n; i++) b[i] = fmax(b[i], 0);
  double square = 0;
  for (int64_t i = 0; i < n; i++) square += (b[i] - a[i]) * (b[i] - a[i]);
  flow->taken.reaction_dissipation = square / (eta * eta);
  return IFT_OK;
}

/* Below 2/lambda_max(K), since lambda_max(K) <= trace K. Of other energies, the entropic step at a usual weight. */
static ift_status automatic(ift_flow *flow, ift_flow_state *from, double *eta) {
  double trace = 0;
  if (!ift_flow_is_quadratic(flow)) {
    IFT_TRY(ift_flow_entropic_eta(flow, from, eta));
    *eta *= ift_sum(from->a, flow->n) / (double)flow->n;
    return IFT_OK;
  }
  IFT_TRY(ift_flow_place(from));
  IFT_TRY(ift_flow_diagonal(flow, from->site, flow->work));
  for (int64_t i = 0; i < flow->n; i++) trace += flow->work[i];
  *eta = trace > 0 ? 0.9 / trace : 0;
  return IFT_OK;
}

const ift_reaction ift_reaction_gradient = {
    .name = "gradient",
    .doc = "one projected gradient step in the weights, as in the paper's experiments",
    .family = IFT_MMD_REACTION,
    .react = react,
    .automatic = automatic,
};
