/* Rejuvenation: particles of weight 0 may be put anywhere, for that changes neither the measure nor its energy; the
 * next reaction gives them weight where that lowers the energy. It is the fully corrective step of a Frank-Wolfe
 * method in the space of measures (Bredies and Pikkarainen 2013), and what the paper leaves as future work. */
#include "flow/flow.h"

/* Does a step that ends at step `flow->step + 1` end with a rejuvenation? */
static bool is_due(const ift_flow *flow) {
  return flow->options[IFT_FLOW_rejuvenate].word != IFT_REJUVENATE_NONE &&
         (flow->step + 1) % flow->options[IFT_FLOW_rejuvenate_every].integer == 0;
}

/* The places that particles may go to: all target points where there are few enough, else draws. */
static ift_status place_candidates(ift_flow *flow) {
  ift_site *site = flow->candidates;
  const ift_target *target = flow->energy->target;
  const bool all = target->n == site->n;
  if (!all) IFT_TRY(target->kind->draw(target, &flow->rng, site->x, site->n));
  return flow->energy->kind->site_move(site, all ? target->points : site->x, false);
}

/* The level that g must be below for a particle to be of use: its mean where mass is kept, 0 where it is free. */
static double useful_level(const ift_flow *flow) {
  if (!flow->geometry->mass_kept) return 0;
  double sum = 0;
  for (int64_t i = 0; i < flow->n; i++) sum += flow->next.a[i] * flow->next.g[i];
  return sum / flow->mass;
}

/* At the lowest candidates. */
static ift_status insert(ift_flow *flow) {
  ift_flow_state *next = &flow->next;
  int64_t placed;
  IFT_TRY(place_candidates(flow));
  IFT_TRY(ift_flow_evaluate(next));
  IFT_TRY(flow->energy->kind->evaluate(flow->candidates, flow->candidate_g, NULL, next->site, next->a));
  return ift_energy_insert(flow->candidates, flow->candidate_g, useful_level(flow), flow->mass / (double)flow->n,
                           next->site->x, next->a, flow->n, &placed);
}

static ift_status draw(ift_flow *flow) {
  const ift_target *target = flow->energy->target;
  for (int64_t i = 0; i < flow->n; i++)
    if (!(flow->next.a[i] > 0)) IFT_TRY(target->kind->draw(target, &flow->rng, flow->next.site->x + i * flow->d, 1));
  return IFT_OK;
}

ift_status ift_flow_rejuvenate(ift_flow *flow) {
  if (!is_due(flow)) return IFT_OK;
  bool all_alive = true;
  for (int64_t i = 0; i < flow->n; i++) all_alive &= flow->next.a[i] > 0;
  if (all_alive) return IFT_OK;
  IFT_TRY((flow->options[IFT_FLOW_rejuvenate].word == IFT_REJUVENATE_TARGET ? draw : insert)(flow));
  const double energy = flow->next.energy; /* it stays: the measure is the same */
  ift_flow_state_forget(&flow->next);
  flow->next.energy = energy;
  return ift_flow_is_random(flow) ? IFT_OK : ift_flow_evaluate(&flow->next);
}
