/* The birth-death reaction (Lu, Lu and Nolen 2019): Fisher-Rao by jumps of particles that keep equal weights. With L_i =
 * g_i - mean g, each particle in turn, with probability 1 - exp(-eta |L_i|), is killed where L_i > 0, and another one,
 * drawn uniformly, takes its place with a copy of itself; where L_i < 0 it is copied in place of a random other one. */
#include <math.h>
#include <string.h>

#include "base/sum.h"
#include "flow/flow.h"

/* Any particle but i. */
static int64_t draw_other(ift_flow *flow, int64_t i) {
  const int64_t j = ift_rng_below(&flow->rng, flow->n - 1);
  return j < i ? j : j + 1;
}

static ift_status react(ift_flow *flow, ift_flow_state *from, ift_flow_state *to, double eta) {
  const int64_t n = flow->n, d = flow->d;
  double *g = to->g, *x = to->site->x;
  IFT_TRY(to->site->energy->kind->evaluate(to->site, g, NULL, to->site, from->a));
  const double mean = ift_sum(g, n) / (double)n;
  double squares = 0;
  for (int64_t i = 0; i < n; i++) squares += from->a[i] * (g[i] - mean) * (g[i] - mean);
  memcpy(to->a, from->a, (size_t)n * sizeof *to->a);
  for (int64_t i = 0; i < n && n > 1; i++) {
    if (!(ift_rng_uniform(&flow->rng) < -expm1(-eta * fabs(g[i] - mean)))) continue;
    const int64_t j = draw_other(flow, i), dies = g[i] > mean ? i : j, lives = dies == i ? j : i;
    memcpy(x + dies * d, x + lives * d, (size_t)d * sizeof *x);
    g[dies] = g[lives];
  }
  ift_flow_state_forget(to);
  flow->taken.reaction_dissipation = squares;
  return ift_flow_place(to);
}

const ift_reaction ift_reaction_birth_death = {
    .name = "birth-death",
    .doc = "jumps of particles of equal weight (Lu, Lu and Nolen 2019), where mass is kept",
    .family = IFT_FISHER_RAO_REACTION,
    .random = true,
    .jumps = true,
    .react = react,
    .automatic = ift_flow_entropic_eta,
};
