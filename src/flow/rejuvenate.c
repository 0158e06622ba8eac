/* Rejuvenation: particles of weight 0 may be put anywhere, for that changes neither the measure nor its energy; the
 * next reaction gives them weight where that lowers the energy. It is the fully corrective step of a Frank-Wolfe
 * method in the space of measures (Bredies and Pikkarainen 2013), and what the paper leaves as future work. */
#include <math.h>
#include <string.h>

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

static int64_t lowest(const double *g, int64_t n) {
  int64_t k = 0;
  for (int64_t i = 1; i < n; i++)
    if (g[i] < g[k]) k = i;
  return k;
}

/* Greedy: each dead particle goes to the lowest candidate, whose neighborhood is then lifted as a particle of usual
 * weight would. */
static ift_status insert(ift_flow *flow) {
  const ift_energy_kind *energy = flow->energy->kind;
  ift_site *site = flow->candidates;
  const int64_t d = flow->d;
  IFT_TRY(place_candidates(flow));
  IFT_TRY(ift_flow_evaluate(&flow->next));
  IFT_TRY(energy->evaluate(site, flow->candidate_g, NULL, flow->next.site, flow->next.a));
  const double level = useful_level(flow), usual = flow->mass / (double)flow->n;
  for (int64_t i = 0; i < flow->n; i++) {
    if (flow->next.a[i] > 0) continue;
    const int64_t k = lowest(flow->candidate_g, site->n);
    if (!(flow->candidate_g[k] < level)) break;
    memcpy(flow->next.site->x + i * d, site->x + k * d, (size_t)d * sizeof(double));
    IFT_TRY(energy->quadratic->lift(site, flow->candidate_g, site->x + k * d, usual));
    flow->candidate_g[k] = INFINITY; /* taken: two particles at one place are no better than one */
  }
  return IFT_OK;
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
