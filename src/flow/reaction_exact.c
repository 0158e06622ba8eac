/* MMD reactions solved exactly: one quadratic program min 1/2 b'Kb - t'b, t = (1-th) K a + th c, over the simplex of
 * mass m or the cone (the paper, eq. (9) and (23)). `implicit` is the minimizing-movement step, th = eta/(1+eta);
 * with th = 1 - exp(-eta), `exponential`, the unconstrained step is the exact flow of Theorem 3.4 over time eta. */
#include <math.h>

#include "base/sum.h"
#include "flow/flow.h"
#include "linalg/linalg.h"

/* sum_j a_j k(x_i, xbar_j) at the new positions, xbar the new positions themselves or, for center `old`, those
 * before transport (the paper's Algorithm 1 and eq. (24)). */
static ift_status interaction(ift_flow *flow) {
  const bool old = flow->options[IFT_FLOW_center].word == IFT_CENTER_OLD;
  const ift_flow_state *source = old ? &flow->now : &flow->next;
  return flow->energy->kind->interaction(flow->next.site, flow->linear, source->site, flow->now.a);
}

/* (b-a)'K(b-a) / eta^2 */
static double dissipation(ift_flow *flow, double eta) {
  const int64_t n = flow->n;
  double *difference = flow->linear, *product = flow->work; /* both are spent by now */
  for (int64_t i = 0; i < n; i++) difference[i] = flow->next.a[i] - flow->now.a[i];
  ift_symmetric_multiply(product, 1, flow->gram, n, difference, 0);
  return ift_dot_compensated(product, difference, n) / (eta * eta);
}

static ift_status react(ift_flow *flow, double eta, double theta) {
  const ift_energy_kind *energy = flow->energy->kind;
  const int64_t n = flow->n;
  double before;
  IFT_TRY(ift_flow_energy(flow, &flow->now, &before));
  IFT_TRY(energy->gram(flow->next.site, flow->gram));
  IFT_TRY(energy->linear(flow->next.site, flow->work));
  IFT_TRY(interaction(flow));
  for (int64_t i = 0; i < n; i++) {
    flow->linear[i] = (1 - theta) * flow->linear[i] + theta * flow->work[i];
    flow->next.a[i] = flow->now.a[i];
  }
  const ift_qp_problem problem = {
      .gram = flow->gram,
      .linear = flow->linear,
      .n = n,
      .cone = !flow->geometry->mass_kept,
      .mass = flow->mass,
      .tolerance = 1e-10 * theta * before,
  };
  ift_qp_result result;
  const ift_status status = ift_qp_solve(flow->qp, &problem, flow->next.a, &result);
  if (status < 0) return status;
  flow->taken.weight_gap = result.gap;
  if (flow->geometry->mass_kept) ift_flow_rescale(flow->next.a, n, flow->mass);
  flow->taken.reaction_dissipation = dissipation(flow, eta);
  return IFT_OK;
}

static ift_status react_implicit(ift_flow *flow, double eta) {
  return react(flow, eta, eta / (1 + eta));
}

static ift_status react_exponential(ift_flow *flow, double eta) {
  return react(flow, eta, -expm1(-eta));
}

/* Exact weights take the force from the particles that carry them (g vanishes there), so they have to wait while
 * transport still gains. With r the fraction of F that the coming transport step takes to first order, eta =
 * (0.001/r)^2, at most 0.1: found by measurement on rings, mixtures in 2 and 10 dimensions and Old Faithful
 * (tests/bench/bench_eta.c), where it never ends above transport alone, as fixed values of eta do. */
static ift_status automatic(ift_flow *flow, double *eta) {
  const double most = 0.1, patience = 0.001;
  *eta = most;
  double f;
  IFT_TRY(ift_flow_energy(flow, &flow->now, &f));
  if (!flow->geometry->transports || !(f > 0)) return IFT_OK;
  const double tau = fmin(ift_flow_tau(flow), ift_flow_longest_tau(flow)); /* a longer step gains no more */
  const double gain = tau * ift_flow_transport(flow)->dissipation(flow) / f;
  const double ratio = patience / gain;
  if (ratio * ratio < most) *eta = ratio * ratio;
  return IFT_OK;
}

const ift_reaction ift_reaction_implicit = {
    .name = "implicit",
    .doc = "minimizing-movement step in the MMD, solved exactly (the paper, eq. (9) and (23))",
    .family = IFT_MMD_REACTION,
    .centered = true,
    .exact = true,
    .react = react_implicit,
    .automatic = automatic,
};

const ift_reaction ift_reaction_exponential = {
    .name = "exponential",
    .doc = "the exact MMD flow over time eta (the paper, Theorem 3.4), kept to weights >= 0",
    .family = IFT_MMD_REACTION,
    .centered = true,
    .exact = true,
    .react = react_exponential,
    .automatic = automatic,
};
