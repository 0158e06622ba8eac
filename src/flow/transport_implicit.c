/* Implicit transport, the Wasserstein step of the paper's eq. (14) (Jordan, Kinderlehrer and Otto 1998): the positions
 * minimize F(sum_i a_i delta_{x_i}) + 1/(2 tau) sum_i a_i |x_i - xbar_i|^2, xbar those before the step. The penalty
 * is W_2^2 while particles move less than half their smallest distance. F falls for every tau.
 *
 * The variables are displacements in the Wasserstein metric, z_i = sqrt(a_i) (x_i - xbar_i). Dead particles, which F
 * does not see, take the step that particles of vanishing weight would: each goes to the minimizer of g(x) + |x -
 * xbar_i|^2/(2 tau), g the first variation of the measure that has moved. For polynomial kernels and a large tau there
 * may be none. */
#include <math.h>
#include <string.h>

#include "flow/flow.h"

typedef struct search {
  ift_flow *flow;
  const ift_flow_state *from;
  ift_flow_state *to;
  double tau;
  bool dead; /* it is their turn */
} search;

/* The weight of particle i in what is minimized; 0: it stays. */
static double share(const search *s, int64_t i) {
  const double a = s->from->a[i];
  return s->dead ? (a > 0 ? 0 : 1) : a;
}

/* What is minimized, and its gradient sqrt(a_i) v_i + z_i/tau. */
static ift_status evaluate(void *user, const double *z, double *value, double *gradient) {
  const search *s = user;
  const ift_energy_kind *energy = s->to->site->energy->kind;
  const double *base = s->from->site->x;
  double *x = s->to->site->x, *v = s->to->v, penalty = 0;
  const int64_t n = s->flow->n, d = s->flow->d;
  for (int64_t i = 0; i < n; i++) {
    const double a = share(s, i), root = sqrt(a);
    for (int64_t l = 0, k = i * d; a > 0 && l < d; l++, k++) x[k] = base[k] + z[k] / root;
  }
  IFT_TRY(energy->site_move(s->to->site, x, true));
  IFT_TRY(energy->evaluate(s->to->site, s->to->g, v, s->to->site, s->from->a));
  *value = 0;
  if (!s->dead) IFT_TRY(energy->value(s->to->site, value, s->to->g, s->from->a));
  for (int64_t i = 0; i < n; i++) {
    const double a = share(s, i), root = sqrt(a);
    if (s->dead && a > 0) *value += s->to->g[i];
    for (int64_t l = 0, k = i * d; l < d; l++, k++) {
      gradient[k] = a > 0 ? root * v[k] + z[k] / s->tau : 0;
      penalty += z[k] * z[k];
    }
  }
  *value += penalty / (2 * s->tau);
  return IFT_OK;
}

/* Puts the particles whose turn it is at their minimizer. */
static ift_status minimize(search *s) {
  ift_flow *flow = s->flow;
  const int64_t size = flow->n * flow->d;
  double *z = flow->displacement, ratio, longest;
  IFT_TRY(ift_flow_longest_tau(flow, &longest));
  const double curvature = longest > 0 ? 2 / longest : 0;
  const ift_lbfgs_problem problem = {.evaluate = evaluate,
                                     .user = s,
                                     .tolerance = 1e-10,
                                     .first_step = 1 / (curvature + 1 / s->tau),
                                     .iterations = 200};
  memset(z, 0, (size_t)size * sizeof *z);
  IFT_TRY(ift_lbfgs_minimize(flow->lbfgs, &problem, z, NULL, &ratio));
  if (s->dead && !(ratio <= 1)) memset(z, 0, (size_t)size * sizeof *z); /* ever downwards: they stay */
  for (int64_t i = 0; i < flow->n; i++) {
    const double a = share(s, i), root = sqrt(a);
    for (int64_t l = 0, k = i * flow->d; a > 0 && l < flow->d; l++, k++)
      s->to->site->x[k] = s->from->site->x[k] + z[k] / root;
  }
  return IFT_OK;
}

static ift_status move(ift_flow *flow, ift_flow_state *from, ift_flow_state *to, double tau) {
  search s = {.flow = flow, .from = from, .to = to, .tau = tau};
  bool all_alive = true;
  IFT_TRY(ift_flow_evaluate(from));
  memcpy(to->site->x, from->site->x, (size_t)(flow->n * flow->d) * sizeof(double));
  IFT_TRY(minimize(&s));
  for (int64_t i = 0; i < flow->n; i++) all_alive &= from->a[i] > 0;
  s.dead = true;
  if (!all_alive) IFT_TRY(minimize(&s));
  flow->taken.transport_dissipation = ift_flow_speed(flow, from->a, from->v, false);
  return IFT_OK;
}

static ift_status prepare(ift_flow *flow) {
  IFT_TRY(ift_flow_allocate_displacement(flow));
  return flow->lbfgs ? IFT_OK : ift_lbfgs_create(flow->object.context, &flow->lbfgs, flow->n * flow->d);
}

const ift_transport ift_transport_implicit = {
    .name = "implicit",
    .doc = "the minimizing-movement step in the Wasserstein distance, solved by L-BFGS (the paper, eq. (14))",
    .prepare = prepare,
    .move = move,
};
