/* One projected gradient step in the weights, as the paper's experiments do it: b = Proj(a - eta g) onto the simplex
 * of mass m, or max(a - eta g, 0) where mass is free; g at the new positions and old weights. It never raises F for
 * eta <= 2/lambda_max(K). */
#include <math.h>

#include "base/sum.h"
#include "flow/flow.h"

/* trace K >= lambda_max(K). Uses up flow->work. */
static ift_status find_trace(ift_flow *flow, ift_site *site, double *out) {
  *out = 0;
  IFT_TRY(ift_flow_diagonal(flow, site, flow->work));
  for (int64_t i = 0; i < flow->n; i++) *out += flow->work[i];
  return IFT_OK;
}

/* Is eta beyond 2/lambda_max(K), where a step can raise F? Said once under fixed control, of the Rayleigh quotient in
 * flow->dominant, which is never above lambda_max: one product a step, for positions change little, and none where the
 * trace leaves no doubt. Uses up flow->work and v of `to`. */
static ift_status report_beyond(ift_flow *flow, ift_flow_state *to, double eta) {
  enum { FIRST = 10 };
  const int64_t n = flow->n;
  double *x = flow->dominant, *image = to->v, trace;
  const bool bounded = flow->options[IFT_FLOW_eta].automatic && !(flow->options[IFT_FLOW_time_step].real > 0);
  if (!x || bounded || ift_flow_is_monotone(flow) || !ift_flow_is_quadratic(flow) || flow->reported_eta == eta)
    return IFT_OK;
  IFT_TRY(find_trace(flow, to->site, &trace));
  if (!(eta * trace > 2)) return IFT_OK;
  const bool known = ift_dot_compensated(x, x, n) > 0;
  for (int64_t i = 0; !known && i < n; i++) x[i] = 1;
  for (int step = 0; step < (known ? 1 : FIRST); step++) {
    IFT_TRY(ift_flow_interaction(flow, to->site, image, to->site, x));
    const double length = sqrt(ift_dot_compensated(image, image, n));
    const double quotient = ift_dot_compensated(x, image, n) / ift_dot_compensated(x, x, n);
    if (eta * quotient > 2) {
      flow->reported_eta = eta;
      ift_log(flow->object.context,
              "step %lld: eta is %g, beyond 2/lambda_max(K) = %.3g or less: gradient steps may raise the energy",
              (long long)flow->step + 1, eta, 2 / quotient);
      return IFT_OK;
    }
    if (!(length > 0 && isfinite(length))) return IFT_OK;
    for (int64_t i = 0; i < n; i++) x[i] = image[i] / length;
  }
  return IFT_OK;
}

static ift_status react(ift_flow *flow, ift_flow_state *from, ift_flow_state *to, double eta) {
  const int64_t n = flow->n;
  double *g = to->g, *b = to->a;
  const double *a = from->a;
  IFT_TRY(report_beyond(flow, to, eta));
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
  double trace;
  if (!ift_flow_is_quadratic(flow)) {
    IFT_TRY(ift_flow_entropic_eta(flow, from, eta));
    *eta *= ift_sum(from->a, flow->n) / (double)flow->n;
    return IFT_OK;
  }
  IFT_TRY(ift_flow_place(from));
  IFT_TRY(find_trace(flow, from->site, &trace));
  *eta = trace > 0 ? 0.9 / trace : 0;
  return IFT_OK;
}

const ift_reaction ift_reaction_gradient = {
    .name = "gradient",
    .doc = "one projected gradient step in the weights, as in the paper's experiments",
    .family = IFT_MMD_REACTION,
    .bounded = true,
    .react = react,
    .automatic = automatic,
};
