/* Fisher-Rao reactions: multiplicative steps, in which dead particles stay dead. */
#include <math.h>

#include "base/sum.h"
#include "flow/flow.h"

/* g at the new positions: of the old weights on them, or, for center `old`, of the measure before transport. */
static ift_status first_variation(ift_flow_state *from, ift_flow_state *to, bool old) {
  if (old) IFT_TRY(ift_flow_place(from)); /* its anchors; transport at noisy points, or none, has left it as it was */
  return to->site->energy->kind->evaluate(to->site, to->g, NULL, old ? from->site : to->site, from->a);
}

/* Spherical: sum a_i (g_i - mean g)^2; free: sum a_i g_i^2. */
static double dissipation(const ift_flow *flow, const double *a, const double *g) {
  const double mean = flow->geometry->mass_kept ? ift_dot_compensated(a, g, flow->n) / ift_sum(a, flow->n) : 0;
  double sum = 0;
  for (int64_t i = 0; i < flow->n; i++) sum += a[i] * (g[i] - mean) * (g[i] - mean);
  return sum;
}

/* The particle of smallest g among the living; -1: none lives. */
static int64_t lowest(const double *a, const double *g, int64_t n) {
  int64_t k = -1;
  for (int64_t i = 0; i < n; i++)
    if (a[i] > 0 && (k < 0 || g[i] < g[k])) k = i;
  return k;
}

/* Weights must be numbers, and not all 0: nothing is ever born again in these reactions. */
static ift_status check(const ift_flow *flow, const double *b, double eta) {
  bool alive = false;
  for (int64_t i = 0; i < flow->n; i++) {
    if (!isfinite(b[i]))
      return ift_fail(flow->object.context, IFT_ERR_NOT_FINITE, "a multiplicative step of size %g leaves the numbers",
                      eta);
    alive |= b[i] > 0;
  }
  if (alive) return IFT_OK;
  return ift_fail(flow->object.context, IFT_ERR_OPTION,
                  "eta is %g, for which all weights vanish in a multiplicative step; a smaller one is needed", eta);
}

/* Relative to the lowest g where mass is kept, so that nothing overflows. */
ift_status ift_flow_multiply(ift_flow *flow, const ift_flow_state *from, ift_flow_state *to, double eta) {
  const double *a = from->a, *g = to->g;
  const int64_t k = lowest(a, g, flow->n);
  const double base = flow->geometry->mass_kept && k >= 0 ? g[k] : 0;
  for (int64_t i = 0; i < flow->n; i++) to->a[i] = a[i] > 0 ? a[i] * exp(-eta * (g[i] - base)) : 0;
  if (flow->geometry->mass_kept) ift_flow_rescale(to->a, flow->n, flow->mass);
  return check(flow, to->a, eta);
}

/* b_i proportional to a_i exp(-eta g_i). */
static ift_status react_mirror(ift_flow *flow, ift_flow_state *from, ift_flow_state *to, double eta) {
  IFT_TRY(first_variation(from, to, flow->options[IFT_FLOW_center].word == IFT_CENTER_OLD));
  flow->taken.reaction_dissipation = dissipation(flow, from->a, to->g);
  return ift_flow_multiply(flow, from, to, eta);
}

/* a_i exp(-eta g_i), then the nearest point of the simplex: the published code's step, in which weights that the
 * factors have lost go to all particles alike, dead ones included. */
static ift_status react_projected(ift_flow *flow, ift_flow_state *from, ift_flow_state *to, double eta) {
  IFT_TRY(first_variation(from, to, false));
  flow->taken.reaction_dissipation = dissipation(flow, from->a, to->g);
  for (int64_t i = 0; i < flow->n; i++) to->a[i] = from->a[i] > 0 ? from->a[i] * exp(-eta * to->g[i]) : 0;
  IFT_TRY(check(flow, to->a, eta));
  if (flow->geometry->mass_kept) ift_project_simplex(to->a, to->a, flow->n, flow->mass, flow->work);
  return IFT_OK;
}

/* What the Hellinger step is made of: living weights a, g and its lowest value, step size. */
typedef struct hellinger {
  const double *a, *g;
  int64_t n, k; /* k: the living particle of lowest g */
  double mass, eta;
} hellinger;

/* z + eta (g_i - min g)/2: a_i over its square is the new weight. */
static double hellinger_root(const hellinger *h, int64_t i, double z) {
  return z + h->eta * (h->g[i] - h->g[h->k]) / 2;
}

/* The mass at z, and its derivative there. */
static double hellinger_mass(const hellinger *h, double z, double *derivative) {
  double sum = 0, slope = 0;
  for (int64_t i = 0; i < h->n; i++) {
    if (!(h->a[i] > 0)) continue;
    const double root = hellinger_root(h, i, z), part = h->a[i] / (root * root);
    sum += part;
    slope -= 2 * part / root;
  }
  *derivative = slope;
  return sum;
}

/* The z in [sqrt(a_k/m), 1] at which the mass is m: Newton's method on mass^(-1/2), which is nearly linear in z,
 * kept in the bracket. */
static double hellinger_multiplier(const hellinger *h) {
  double low = sqrt(h->a[h->k] / h->mass), high = 1, z = high;
  if (!(low < high)) return low;
  for (int iteration = 0; iteration < 100; iteration++) {
    double slope;
    const double mass = hellinger_mass(h, z, &slope);
    if (mass > h->mass)
      low = z;
    else
      high = z;
    double next = z + 2 * mass * (1 - sqrt(mass / h->mass)) / slope;
    if (!(next > low && next < high)) next = low + (high - low) / 2;
    if (next == z || high - low <= 0x1p-52 * high) break;
    z = next;
  }
  return z;
}

/* argmin g'b + (2/eta) sum (sqrt b_i - sqrt a_i)^2: b_i = a_i / (1 + eta (g_i - lam)/2)^2, lam from the mass, or 0. */
static ift_status react_hellinger(ift_flow *flow, ift_flow_state *from, ift_flow_state *to, double eta) {
  const double *a = from->a, *g = to->g;
  const bool kept = flow->geometry->mass_kept;
  IFT_TRY(first_variation(from, to, false));
  const hellinger h = {a, g, flow->n, lowest(a, g, flow->n), flow->mass, eta};
  if (h.k >= 0 && !kept && !(1 + eta * g[h.k] / 2 > 0))
    return ift_fail(flow->object.context, IFT_ERR_OPTION,
                    "eta is %g, for which the Hellinger step has no minimizer; allowed here is eta < %g", eta,
                    -2 / g[h.k]);
  const double z = h.k < 0 ? 1 : kept ? hellinger_multiplier(&h) : 1 + eta * g[h.k] / 2;
  for (int64_t i = 0; i < flow->n; i++) {
    const double root = a[i] > 0 ? hellinger_root(&h, i, z) : 1;
    to->a[i] = a[i] > 0 ? a[i] / (root * root) : 0;
  }
  if (kept) ift_flow_rescale(to->a, flow->n, flow->mass);
  flow->taken.reaction_dissipation = dissipation(flow, a, g);
  return check(flow, to->a, eta);
}

const ift_reaction ift_reaction_mirror = {
    .name = "mirror",
    .doc = "a exp(-eta g), normalized where mass is kept",
    .family = IFT_FISHER_RAO_REACTION,
    .centered = true,
    .dead_stay = true,
    .react = react_mirror,
    .automatic = ift_flow_entropic_eta,
};

const ift_reaction ift_reaction_hellinger = {
    .name = "hellinger",
    .doc = "minimizing-movement step in the Hellinger distance for the linearized energy",
    .family = IFT_FISHER_RAO_REACTION,
    .dead_stay = true,
    .react = react_hellinger,
    .automatic = ift_flow_entropic_eta,
};

const ift_reaction ift_reaction_projected = {
    .name = "projected",
    .doc = "a exp(-eta g), then the nearest point of the simplex, as in the paper's published code",
    .family = IFT_FISHER_RAO_REACTION,
    .absolute = true,
    .react = react_projected,
    .automatic = ift_flow_entropic_eta,
};
