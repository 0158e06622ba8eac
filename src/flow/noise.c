/* Noise injection (Arbel, Korba, Salim and Gretton 2019): particles move with the velocities at noisy points, x_i+ =
 * x_i - tau v(x_i + level U_i), U_i fresh standard normals. The measure that v belongs to stays clean, or takes the
 * noise as well, as the paper's published code has it. */
#include <math.h>

#include "flow/flow.h"

/* The level of the coming step: constant until the last step with noise, or halved now and then. */
static double level_now(const ift_flow *flow) {
  const ift_option_value *until = &flow->options[IFT_FLOW_noise_until],
                         *halving = &flow->options[IFT_FLOW_noise_halving];
  if (!until->automatic && flow->step >= until->integer) return 0;
  const double halvings = halving->automatic ? 0 : floor((double)flow->step / (double)halving->integer);
  return flow->options[IFT_FLOW_noise].real * exp2(-halvings);
}

ift_status ift_flow_velocities(ift_flow *flow, ift_flow_state *from, ift_flow_state *to, const double **v) {
  const double level = level_now(flow);
  if (!(level > 0)) {
    *v = from->v;
    return ift_flow_evaluate(from);
  }
  const ift_energy_kind *energy = to->site->energy->kind;
  const bool both = flow->options[IFT_FLOW_noise_at].word == IFT_NOISE_AT_BOTH;
  for (int64_t k = 0; k < flow->n * flow->d; k++)
    to->site->x[k] = from->site->x[k] + level * ift_rng_normal(&flow->rng);
  IFT_TRY(energy->site_move(to->site, to->site->x, true));
  *v = to->v;
  return energy->evaluate(to->site, NULL, to->v, both ? to->site : from->site, from->a);
}
