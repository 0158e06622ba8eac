/* The kernel of MMD reactions: that of the energy, where it is half a squared MMD, or one of the flow's own. */
#include <math.h>

#include "base/sum.h"
#include "flow/flow.h"

bool ift_flow_is_quadratic(const ift_flow *flow) {
  return flow->energy->kind->quadratic && !flow->kernel;
}

ift_status ift_flow_gram(const ift_flow *flow, ift_site *site, double *gram) {
  if (!flow->kernel) return site->energy->kind->quadratic->gram(site, gram);
  return ift_kernel_matrix(flow->kernel, gram, site->x, site->n, flow->d, site->x, site->n);
}

ift_status ift_flow_interaction(const ift_flow *flow, ift_site *site, double *out, const ift_site *sources,
                                const double *a) {
  if (!flow->kernel) return site->energy->kind->quadratic->interaction(site, out, sources, a);
  return ift_kernel_pairs(flow->kernel, out, NULL, site->x, site->n, flow->d, sources->x, sources->n, a);
}

ift_status ift_flow_diagonal(const ift_flow *flow, ift_site *site, double *diagonal) {
  if (!flow->kernel) return site->energy->kind->quadratic->diagonal(site, diagonal);
  return ift_kernel_diagonal(flow->kernel, diagonal, site->x, site->n, flow->d);
}

/* max_i K_ii, which a tenth of makes a regularization that does not depend on units. */
static ift_status largest_diagonal(ift_flow *flow, ift_site *site, double *out) {
  *out = 0;
  IFT_TRY(ift_flow_diagonal(flow, site, flow->work));
  for (int64_t i = 0; i < flow->n; i++) *out = fmax(*out, flow->work[i]);
  return IFT_OK;
}

/* K is all but singular as a rule, and a step of an energy that is no square in its kernel then knows no bounds. */
ift_status ift_flow_regularization(ift_flow *flow, ift_flow_state *from, double *out) {
  const ift_option_value *option = &flow->options[IFT_FLOW_regularization];
  const ift_reaction *reaction = ift_flow_reaction(flow);
  const bool needed =
      reaction && (reaction->regularized == IFT_BY_FISHER_RAO || (reaction->unbounded && !ift_flow_is_quadratic(flow)));
  *out = option->automatic ? 0 : option->real;
  if (!option->automatic || !needed) return IFT_OK;
  IFT_TRY(ift_flow_place(from));
  IFT_TRY(largest_diagonal(flow, from->site, out));
  *out *= 0.1 * (reaction->regularized == IFT_BY_FISHER_RAO ? ift_sum(from->a, flow->n) : 1);
  return IFT_OK;
}

/* Mirror steps in the entropy may be as long as 1/l, l the smoothness of F relative to it; a fifth of that leaves the
 * particles their weight until they have arrived: the whole can end above transport alone, or with next to no mass.
 * Where l is not known, weights change by a fifth or so of themselves. */
ift_status ift_flow_entropic_eta(ift_flow *flow, ift_flow_state *from, double *eta) {
  const ift_energy_kind *kind = from->site->energy->kind;
  double smoothness = NAN, low = INFINITY, high = -INFINITY;
  IFT_TRY(ift_flow_place(from));
  if (kind->smoothness) IFT_TRY(kind->smoothness(from->site, ift_sum(from->a, flow->n), &smoothness));
  if (!isnan(smoothness)) {
    *eta = smoothness > 0 ? 0.2 / smoothness : 0;
    return IFT_OK;
  }
  IFT_TRY(ift_flow_evaluate(from));
  for (int64_t i = 0; i < flow->n; i++) {
    if (!(from->a[i] > 0)) continue;
    low = fmin(low, from->g[i]);
    high = fmax(high, from->g[i]);
  }
  const bool shifts = flow->geometry->mass_kept && !ift_flow_reaction(flow)->absolute;
  const double range = shifts ? high - low : fmax(fabs(high), fabs(low));
  *eta = range > 0 && isfinite(range) ? 0.2 / range : 0.2;
  return IFT_OK;
}

/* Of MMD reactions for energies that are not their own MMD: the entropic step, in a metric that is about `size` times as
 * large as Fisher-Rao, 1/a_i. */
static ift_status scaled_eta(ift_flow *flow, ift_flow_state *from, double *eta, double size) {
  IFT_TRY(ift_flow_entropic_eta(flow, from, eta));
  *eta *= size;
  return IFT_OK;
}

/* The bound m max K_ii of K. */
ift_status ift_flow_bound_eta(ift_flow *flow, ift_flow_state *from, double *eta) {
  double size;
  if (ift_flow_is_quadratic(flow)) return ift_flow_patient_eta(flow, from, eta);
  IFT_TRY(ift_flow_place(from));
  IFT_TRY(largest_diagonal(flow, from->site, &size));
  size *= ift_sum(from->a, flow->n);
  return scaled_eta(flow, from, eta, size);
}

/* eps of MMD^2 + eps Fisher-Rao, eps m/n of K + eps I at a usual weight; without it the bound. */
ift_status ift_flow_metric_eta(ift_flow *flow, ift_flow_state *from, double *eta) {
  double size;
  if (ift_flow_is_quadratic(flow)) return ift_flow_patient_eta(flow, from, eta);
  IFT_TRY(ift_flow_regularization(flow, from, &size));
  if (!(size > 0)) return ift_flow_bound_eta(flow, from, eta);
  if (ift_flow_reaction(flow)->regularized == IFT_BY_IDENTITY) size *= ift_sum(from->a, flow->n) / (double)flow->n;
  return scaled_eta(flow, from, eta, size);
}

ift_status ift_flow_set_kernel(ift_flow *flow, const ift_kernel *kernel) {
  if (!flow) return IFT_ERR_ARGUMENT;
  ift_context *context = flow->object.context;
  if (flow->busy) return ift_fail(context, IFT_ERR_BUSY, "the kernel of a flow is set between steps, not during one");
  if (kernel) IFT_TRY(ift_same_context(context, kernel, "the kernel"));
  if (flow->geometry->family != IFT_MMD_REACTION)
    return ift_fail(context, IFT_ERR_OPTION, "geometry '%s' has no MMD reaction, and no use for a kernel",
                    flow->geometry->name);
  if (kernel && ift_kernel_is_conditional(kernel))
    return ift_fail(context, IFT_ERR_CAPABILITY,
                    "the kernel is only conditionally positive definite; the metric of a reaction needs one that is");
  if (kernel) ift_object_retain(kernel);
  ift_object_release((ift_kernel *)flow->kernel);
  flow->kernel = kernel;
  return IFT_OK;
}
