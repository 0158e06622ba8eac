/* A proximal Newton step of an MMD reaction: the minimizing-movement step (the paper, eq. (9)) for the quadratic model
 * g'(b - a) + 1/2 (b - a)'H(b - a) of F, H its second derivative in the weights, or what the energy offers for it: the
 * quadratic program of K + eta H (+ eps I) with t = (K + eta H + eps I) a - eta g. For 1/2 MMD^2 it is reaction
 * `implicit`. */
#include <math.h>

#include "base/sum.h"
#include "flow/flow.h"

/* (b-a)'H(b-a)/eta: what the model's curvature adds to the squared speed in the matrix of the program, and which is no
 * part of the metric. */
static double curvature(ift_flow *flow, const double *a, const double *b, double eta) {
  const int64_t n = flow->n;
  double *difference = flow->linear, *product = flow->work; /* both are spent by now */
  for (int64_t i = 0; i < n; i++) product[i] = difference[i] = b[i] - a[i];
  ift_symmetric_multiply(product, 1, flow->hessian, n, difference, 0);
  return ift_dot_compensated(product, difference, n) / eta;
}

static ift_status react(ift_flow *flow, ift_flow_state *from, ift_flow_state *to, double eta) {
  const ift_energy_kind *kind = to->site->energy->kind;
  const int64_t n = flow->n;
  double eps, before;
  IFT_TRY(ift_flow_energy(from, &before));
  IFT_TRY(ift_flow_regularization(flow, from, &eps));
  IFT_TRY(kind->evaluate(to->site, to->g, NULL, to->site, from->a));
  IFT_TRY(ift_flow_gram(flow, to->site, flow->gram));
  IFT_TRY(kind->hessian(to->site, flow->hessian, from->a));
  for (int64_t k = 0; k < n * n; k++) flow->gram[k] += eta * flow->hessian[k];
  ift_symmetric_multiply(flow->linear, 1, flow->gram, n, from->a, 0);
  for (int64_t i = 0; i < n; i++) flow->linear[i] += eps * from->a[i] - eta * to->g[i];
  IFT_TRY(ift_flow_solve_weights(flow, from, to, eta, eps, 1e-10 * fmin(eta, 1) * fabs(before)));
  flow->taken.reaction_dissipation -= curvature(flow, from->a, to->a, eta);
  return IFT_OK;
}

const ift_reaction ift_reaction_newton = {
    .name = "newton",
    .doc = "minimizing-movement step in the MMD for the quadratic model of an energy that offers one, solved exactly",
    .family = IFT_MMD_REACTION,
    .regularized = IFT_BY_IDENTITY,
    .gram = true,
    .hessian = true,
    .qp = true,
    .react = react,
    .automatic = ift_flow_bound_eta,
};
