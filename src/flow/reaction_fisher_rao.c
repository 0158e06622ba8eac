/* Fisher-Rao reactions: multiplicative steps, in which dead particles stay dead. */
#include <math.h>

#include "base/sum.h"
#include "flow/flow.h"

/* g at the new positions: of the old weights on them, or, for center `old`, of the measure before transport. */
static ift_status first_variation(ift_flow *flow, bool old) {
  const ift_flow_state *source = old ? &flow->now : &flow->next;
  return flow->energy->kind->evaluate(flow->next.site, flow->next.g, NULL, source->site, flow->now.a);
}

/* Spherical: sum a_i (g_i - mean g)^2; free: sum a_i g_i^2. */
static double dissipation(const ift_flow *flow) {
  const double *a = flow->now.a, *g = flow->next.g;
  const double mean = flow->geometry->mass_kept ? ift_dot_compensated(a, g, flow->n) / ift_sum(a, flow->n) : 0;
  double sum = 0;
  for (int64_t i = 0; i < flow->n; i++) sum += a[i] * (g[i] - mean) * (g[i] - mean);
  return sum;
}

/* The particle of smallest g among the living; -1: none lives. */
static int64_t lowest(const ift_flow *flow) {
  int64_t k = -1;
  for (int64_t i = 0; i < flow->n; i++)
    if (flow->now.a[i] > 0 && (k < 0 || flow->next.g[i] < flow->next.g[k])) k = i;
  return k;
}

/* Weights must be numbers, and not all 0: nothing is ever born again in these reactions. */
static ift_status check(const ift_flow *flow, double eta) {
  bool alive = false;
  for (int64_t i = 0; i < flow->n; i++) {
    if (!isfinite(flow->next.a[i]))
      return ift_fail(flow->object.context, IFT_ERR_NOT_FINITE, "a Fisher-Rao step of size %g leaves the numbers", eta);
    alive |= flow->next.a[i] > 0;
  }
  if (alive) return IFT_OK;
  return ift_fail(flow->object.context, IFT_ERR_OPTION,
                  "eta is %g, for which all weights vanish in a Fisher-Rao step; a smaller one is needed", eta);
}

/* b_i proportional to a_i exp(-eta g_i), relative to the lowest g where mass is kept, so that nothing overflows. */
static ift_status react_mirror(ift_flow *flow, double eta) {
  IFT_TRY(first_variation(flow, flow->options[IFT_FLOW_center].word == IFT_CENTER_OLD));
  const int64_t k = lowest(flow);
  const double base = flow->geometry->mass_kept && k >= 0 ? flow->next.g[k] : 0;
  for (int64_t i = 0; i < flow->n; i++)
    flow->next.a[i] = flow->now.a[i] > 0 ? flow->now.a[i] * exp(-eta * (flow->next.g[i] - base)) : 0;
  if (flow->geometry->mass_kept) ift_flow_rescale(flow->next.a, flow->n, flow->mass);
  flow->taken.reaction_dissipation = dissipation(flow);
  return check(flow, eta);
}

/* sum_i a_i / (z + h_i)^2 and its derivative in z, h_i = eta (g_i - min g)/2. */
static double hellinger_mass(const ift_flow *flow, double eta, double lowest_g, double z, double *derivative) {
  double sum = 0, slope = 0;
  for (int64_t i = 0; i < flow->n; i++) {
    if (!(flow->now.a[i] > 0)) continue;
    const double root = z + eta * (flow->next.g[i] - lowest_g) / 2, part = flow->now.a[i] / (root * root);
    sum += part;
    slope -= 2 * part / root;
  }
  *derivative = slope;
  return sum;
}

/* The z in [sqrt(a_k/m), 1] at which the mass is m: Newton's method on mass^(-1/2), which is nearly linear in z,
 * kept in the bracket. */
static double hellinger_multiplier(const ift_flow *flow, double eta, int64_t k) {
  double low = sqrt(flow->now.a[k] / flow->mass), high = 1, z = high;
  if (!(low < high)) return low;
  for (int iteration = 0; iteration < 100; iteration++) {
    double slope;
    const double mass = hellinger_mass(flow, eta, flow->next.g[k], z, &slope);
    if (mass > flow->mass)
      low = z;
    else
      high = z;
    double next = z + 2 * mass * (1 - sqrt(mass / flow->mass)) / slope;
    if (!(next > low && next < high)) next = low + (high - low) / 2;
    if (next == z || high - low <= 0x1p-52 * high) break;
    z = next;
  }
  return z;
}

/* argmin g'b + (2/eta) sum (sqrt b_i - sqrt a_i)^2: b_i = a_i / (1 + eta (g_i - lam)/2)^2, lam from the mass, or 0. */
static ift_status react_hellinger(ift_flow *flow, double eta) {
  IFT_TRY(first_variation(flow, false));
  const int64_t k = lowest(flow);
  const bool kept = flow->geometry->mass_kept;
  if (k >= 0 && !kept && !(1 + eta * flow->next.g[k] / 2 > 0))
    return ift_fail(flow->object.context, IFT_ERR_OPTION,
                    "eta is %g, for which the Hellinger step has no minimizer; allowed here is eta < %g", eta,
                    -2 / flow->next.g[k]);
  const double z = k < 0 ? 1 : kept ? hellinger_multiplier(flow, eta, k) : 1 + eta * flow->next.g[k] / 2;
  for (int64_t i = 0; i < flow->n; i++) {
    flow->next.a[i] = 0;
    if (!(flow->now.a[i] > 0)) continue;
    const double root = z + eta * (flow->next.g[i] - flow->next.g[k]) / 2;
    flow->next.a[i] = flow->now.a[i] / (root * root);
  }
  if (kept) ift_flow_rescale(flow->next.a, flow->n, flow->mass);
  flow->taken.reaction_dissipation = dissipation(flow);
  return check(flow, eta);
}

/* F is (max K_ii)-smooth relative to the entropy on measures of mass m (Pinsker's inequality): eta <= 1/(m max K_ii)
 * does not raise it; the larger of the two masses where it is free. */
static ift_status automatic(ift_flow *flow, double *eta) {
  double largest = 0;
  IFT_TRY(flow->energy->kind->diagonal(flow->now.site, flow->work));
  for (int64_t i = 0; i < flow->n; i++) largest = fmax(largest, flow->work[i]);
  const double mass = fmax(ift_sum(flow->now.a, flow->n), flow->energy->target ? flow->energy->target->mass : 0);
  *eta = largest * mass > 0 ? 1 / (largest * mass) : 0;
  return IFT_OK;
}

const ift_reaction ift_reaction_mirror = {
    .name = "mirror",
    .doc = "a exp(-eta g), normalized where mass is kept",
    .family = IFT_FISHER_RAO_REACTION,
    .centered = true,
    .react = react_mirror,
    .automatic = automatic,
};

const ift_reaction ift_reaction_hellinger = {
    .name = "hellinger",
    .doc = "minimizing-movement step in the Hellinger distance for the linearized energy",
    .family = IFT_FISHER_RAO_REACTION,
    .react = react_hellinger,
    .automatic = automatic,
};
