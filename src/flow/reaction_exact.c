/* MMD reactions solved exactly: one quadratic program min 1/2 b'Kb - t'b over the simplex of mass m or the cone (the
 * paper, eq. (9) and (23)). For the energy 1/2 MMD^2, t = (1-th) K a + th c: `implicit` is the minimizing-movement
 * step, th = eta/(1+eta); with th = 1 - exp(-eta), `exponential`, the unconstrained step is the exact flow of Theorem
 * 3.4 over time eta. `linearized` is the step (9) for any energy at its linearization, t = K a - eta g.
 *
 * With a regularization eps the metric is K + eps I (Remark A.1): a minimizer of F stays one, since eps comes with a
 * as well, which it would not if K + eps I merely took the place of K. */
#include <math.h>

#include "base/sum.h"
#include "flow/flow.h"
#include "linalg/linalg.h"

/* flow->linear_i = sum_j a_j k(x_i, xbar_j) at the new positions, xbar the new positions themselves or, for center
 * `old`, those before transport (the paper's Algorithm 1 and eq. (24)). */
static ift_status interaction(ift_flow *flow, const ift_flow_state *from, const ift_flow_state *to) {
  const bool old = flow->options[IFT_FLOW_center].word == IFT_CENTER_OLD;
  return ift_flow_interaction(flow, to->site, flow->linear, old ? from->site : to->site, from->a);
}

/* (b-a)'(K + eps I)(b-a) / eta^2 */
static double dissipation(ift_flow *flow, const ift_flow_state *from, const ift_flow_state *to, double eta,
                          double eps) {
  const int64_t n = flow->n;
  double *difference = flow->linear, *product = flow->work; /* both are spent by now */
  for (int64_t i = 0; i < n; i++) product[i] = difference[i] = to->a[i] - from->a[i];
  ift_symmetric_multiply(product, 1, flow->gram, n, difference, eps);
  return ift_dot_compensated(product, difference, n) / (eta * eta);
}

ift_status ift_flow_solve_weights(ift_flow *flow, ift_flow_state *from, ift_flow_state *to, double eta, double added,
                                  double tolerance) {
  const int64_t n = flow->n;
  double eps;
  IFT_TRY(ift_flow_regularization(flow, from, &eps));
  for (int64_t i = 0; i < n; i++) to->a[i] = from->a[i];
  const ift_qp_problem problem = {
      .gram = flow->gram,
      .linear = flow->linear,
      .n = n,
      .cone = !flow->geometry->mass_kept,
      .mass = flow->mass,
      .tolerance = tolerance,
      .regularization = added,
  };
  ift_qp_result result;
  const ift_status status = ift_qp_solve(flow->qp, &problem, to->a, &result);
  if (status < 0) return status;
  flow->taken.weight_gap = result.gap;
  if (flow->geometry->mass_kept) ift_flow_rescale(to->a, n, flow->mass);
  flow->taken.reaction_dissipation = dissipation(flow, from, to, eta, eps);
  return IFT_OK;
}

static ift_status react(ift_flow *flow, ift_flow_state *from, ift_flow_state *to, double eta, double theta) {
  double before, eps;
  IFT_TRY(ift_flow_energy(from, &before));
  IFT_TRY(ift_flow_regularization(flow, from, &eps));
  IFT_TRY(ift_flow_gram(flow, to->site, flow->gram));
  IFT_TRY(to->site->energy->kind->quadratic->linear(to->site, flow->work));
  IFT_TRY(interaction(flow, from, to));
  const double added = (1 - theta) * eps;
  for (int64_t i = 0; i < flow->n; i++)
    flow->linear[i] = (1 - theta) * flow->linear[i] + theta * flow->work[i] + added * from->a[i];
  return ift_flow_solve_weights(flow, from, to, eta, added, 1e-10 * theta * before);
}

static double theta_implicit(double eta) {
  return eta / (1 + eta);
}

static double theta_exponential(double eta) {
  return -expm1(-eta);
}

static double theta_linearized(double eta) {
  return eta;
}

static ift_status react_implicit(ift_flow *flow, ift_flow_state *from, ift_flow_state *to, double eta) {
  return react(flow, from, to, eta, theta_implicit(eta));
}

static ift_status react_exponential(ift_flow *flow, ift_flow_state *from, ift_flow_state *to, double eta) {
  return react(flow, from, to, eta, theta_exponential(eta));
}

/* t = (K + eps I) a - eta g, g at the new positions and old weights. */
static ift_status react_linearized(ift_flow *flow, ift_flow_state *from, ift_flow_state *to, double eta) {
  double before, added;
  IFT_TRY(ift_flow_energy(from, &before));
  IFT_TRY(ift_flow_regularization(flow, from, &added));
  IFT_TRY(ift_flow_gram(flow, to->site, flow->gram));
  IFT_TRY(to->site->energy->kind->evaluate(to->site, to->g, NULL, to->site, from->a));
  IFT_TRY(interaction(flow, from, to));
  for (int64_t i = 0; i < flow->n; i++) flow->linear[i] += added * from->a[i] - eta * to->g[i];
  return ift_flow_solve_weights(flow, from, to, eta, added, 1e-10 * fmin(eta, 1) * fabs(before));
}

/* Exact weights take the force from the particles that carry them (g vanishes there), so they have to wait while
 * transport still gains. With r the fraction of F that the coming transport step takes to first order, eta =
 * (0.001/r)^2, at most 0.1: found by measurement on rings, mixtures in 2 and 10 dimensions and Old Faithful
 * (tests/bench/bench_eta.c), where it never ends above transport alone, as fixed values of eta do.
 *
 * Where dead particles are put to use there is nothing to wait for: eta = 1 is best (bench_rejuvenation.c), and 0.1 where
 * a batch stands for the target, whose noise the weights would follow. */
ift_status ift_flow_patient_eta(ift_flow *flow, ift_flow_state *from, double *eta) {
  const bool revives = flow->options[IFT_FLOW_rejuvenate].word != IFT_REJUVENATE_NONE;
  const bool batch = flow->options[IFT_FLOW_batch].integer > 0;
  const double most = revives && !batch ? 1 : 0.1, patience = 0.001;
  *eta = most;
  double f;
  if (revives) return IFT_OK;
  IFT_TRY(ift_flow_energy(from, &f));
  if (!flow->geometry->transports || !(f > 0)) return IFT_OK;
  const bool weighted = ift_flow_transport(flow)->weighted;
  double tau, longest;
  IFT_TRY(ift_flow_tau(flow, &tau));
  IFT_TRY(ift_flow_longest_tau(flow, &longest));
  const double gain = fmin(tau, longest) * /* a longer step gains no more */
                      ift_flow_speed(flow, from->a, from->v, weighted) / f;
  const double ratio = patience / gain;
  if (ratio * ratio < most) *eta = ratio * ratio;
  return IFT_OK;
}

const ift_reaction ift_reaction_implicit = {
    .name = "implicit",
    .doc = "minimizing-movement step in the MMD, solved exactly (the paper, eq. (9) and (23))",
    .family = IFT_MMD_REACTION,
    .exact = true,
    .centered = true,
    .regularized = IFT_BY_IDENTITY,
    .gram = true,
    .qp = true,
    .react = react_implicit,
    .automatic = ift_flow_patient_eta,
    .theta = theta_implicit,
};

const ift_reaction ift_reaction_exponential = {
    .name = "exponential",
    .doc = "the exact MMD flow over time eta (the paper, Theorem 3.4), kept to weights >= 0",
    .family = IFT_MMD_REACTION,
    .exact = true,
    .centered = true,
    .regularized = IFT_BY_IDENTITY,
    .gram = true,
    .qp = true,
    .react = react_exponential,
    .automatic = ift_flow_patient_eta,
    .theta = theta_exponential,
};

const ift_reaction ift_reaction_linearized = {
    .name = "linearized",
    .doc = "minimizing-movement step in the MMD for the linearized energy, solved exactly",
    .family = IFT_MMD_REACTION,
    .centered = true,
    .regularized = IFT_BY_IDENTITY,
    .gram = true,
    .qp = true,
    .unbounded = true,
    .react = react_linearized,
    .automatic = ift_flow_metric_eta,
    .theta = theta_linearized,
};
