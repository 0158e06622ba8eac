/* The MMD reaction in the metric MMD^2 + eps Fisher-Rao, whose flow keeps every weight positive: the regularization of
 * Remark A.1 by Fisher-Rao instead of I (a viscosity in the sense of Efendiev and Mielke 2006; Zhu and Mielke 2024).
 * With A = diag(a) the flow is
 *
 *     a' = -M (g - lam 1),  M = A^{1/2} (A^{1/2} K A^{1/2} + eps I)^{-1} A^{1/2},  lam = 1'Mg / 1'M1 or 0 if mass is free.
 *
 * eps -> 0 gives the MMD flow of the living particles, eps -> infinity, times eps, Fisher-Rao: Corollary 3.1 made
 * computable. An explicit step could leave the cone; since a' = -(a/eps) [g - lam + K a'], one in log a can't. */
#include <math.h>

#include "base/sum.h"
#include "flow/flow.h"
#include "linalg/linalg.h"

/* The Cholesky factor of A^{1/2} K A^{1/2} + eps I, in place of the Gram matrix. */
static ift_status factorize(ift_flow *flow, const ift_flow_state *from, const ift_flow_state *to, double eps) {
  const int64_t n = flow->n;
  double *matrix = flow->gram;
  bool definite;
  IFT_TRY(ift_flow_gram(flow, to->site, matrix));
  for (int64_t i = 0; i < n; i++) {
    for (int64_t j = 0; j < n; j++) matrix[i * n + j] *= sqrt(from->a[i]) * sqrt(from->a[j]);
    matrix[i * n + i] += eps;
  }
  IFT_TRY(ift_cholesky(flow->object.context, matrix, n, &definite));
  if (definite) return IFT_OK;
  return ift_fail(flow->object.context, IFT_ERR_NOT_FINITE,
                  "the metric with regularization %g is not positive definite to working precision; a larger one is "
                  "needed",
                  eps);
}

/* out = M (in), by way of the factor. */
static ift_status apply(ift_flow *flow, const ift_flow_state *from, double *out, const double *in) {
  for (int64_t i = 0; i < flow->n; i++) out[i] = sqrt(from->a[i]) * (in ? in[i] : 1);
  IFT_TRY(ift_cholesky_solve(flow->object.context, flow->gram, flow->n, out, 1));
  for (int64_t i = 0; i < flow->n; i++) out[i] *= sqrt(from->a[i]);
  return IFT_OK;
}

/* g = -a'/a from g - lam and `loss` = -a'. By division, except for weights so small that the factor has nothing left of
 * them: there it is [g - lam + K a']/eps, which cancels where eps is small. */
static ift_status find_rates(ift_flow *flow, const ift_flow_state *from, ift_flow_state *to, double *g,
                             const double *loss, double eps) {
  const double *a = from->a, least = 1e-20 * ift_sum(a, flow->n);
  bool all = true;
  for (int64_t i = 0; i < flow->n; i++) all &= !(a[i] > 0 && a[i] < least);
  if (!all) IFT_TRY(ift_flow_interaction(flow, to->site, flow->linear, to->site, loss));
  for (int64_t i = 0; i < flow->n; i++) {
    if (a[i] >= least)
      g[i] = loss[i] / a[i];
    else if (a[i] > 0)
      g[i] = (g[i] - flow->linear[i]) / eps;
  }
  return IFT_OK;
}

static ift_status react(ift_flow *flow, ift_flow_state *from, ift_flow_state *to, double eta) {
  const int64_t n = flow->n;
  double *g = to->g, *loss = flow->work, *ones = flow->linear, lam = 0, eps;
  IFT_TRY(ift_flow_regularization(flow, from, &eps));
  IFT_TRY(to->site->energy->kind->evaluate(to->site, g, NULL, to->site, from->a));
  IFT_TRY(factorize(flow, from, to, eps));
  if (flow->geometry->mass_kept) {
    IFT_TRY(apply(flow, from, loss, g));
    IFT_TRY(apply(flow, from, ones, NULL));
    lam = ift_sum(loss, n) / ift_sum(ones, n);
  }
  for (int64_t i = 0; i < n; i++) g[i] -= lam;
  IFT_TRY(apply(flow, from, loss, g));
  flow->taken.reaction_dissipation = ift_dot_compensated(loss, g, n);
  IFT_TRY(find_rates(flow, from, to, g, loss, eps));
  return ift_flow_multiply(flow, from, to, eta);
}

const ift_reaction ift_reaction_positive = {
    .name = "positive",
    .doc = "MMD reaction regularized by Fisher-Rao, which keeps weights positive; regularization > 0",
    .family = IFT_MMD_REACTION,
    .fallback = true,
    .dead_stay = true,
    .regularized = IFT_BY_FISHER_RAO,
    .gram = true,
    .react = react,
    .automatic = ift_flow_metric_eta,
};
