/* Rejuvenation: particles of weight 0 may be put anywhere, for that changes neither the measure nor its energy; the
 * next reaction gives them weight where that lowers the energy. It is the fully corrective step of a Frank-Wolfe
 * method in the space of measures (Bredies and Pikkarainen 2013), and what the paper leaves as future work.
 *
 * tests/bench/bench_rejuvenation.c has measured how: all of the dead at once, every few steps, at the lowest of the
 * candidates, without a descent from there (the transport of the next steps is one). */
#include "base/alloc.h"
#include "flow/flow.h"

enum { CANDIDATES = 1024 };

ift_status ift_flow_prepare_rejuvenation(ift_flow *flow) {
  ift_insertion *at = &flow->candidates;
  if (flow->options[IFT_FLOW_rejuvenate].word != IFT_REJUVENATE_INSERT || at->g) return IFT_OK;
  const int64_t points = flow->energy->target->n;
  const int64_t count = points > 0 && points < CANDIDATES ? points : CANDIDATES;
  if (!at->site) IFT_TRY(flow->energy->kind->site_create(flow->energy, &at->site, count, flow->anchored));
  at->g = ift_alloc2(flow->object.context, 3, count, sizeof *at->g);
  if (!at->g) return IFT_ERR_NO_MEMORY;
  at->interaction = at->g + count;
  at->column = at->interaction + count;
  return IFT_OK;
}

/* All target points where there are few enough, else draws. */
static ift_status place_candidates(ift_flow *flow) {
  ift_site *site = flow->candidates.site;
  const ift_target *target = flow->energy->target;
  const bool all = target->n == site->n;
  if (!all) IFT_TRY(target->kind->draw(target, &flow->rng, site->x, site->n));
  return flow->energy->kind->site_move(site, all ? target->points : site->x, false);
}

/* At the lowest candidates. */
static ift_status insert(ift_flow *flow, bool *moved) {
  ift_site *site = flow->next.site;
  int64_t placed;
  IFT_TRY(place_candidates(flow));
  IFT_TRY(ift_flow_place(&flow->next));
  IFT_TRY(ift_energy_insert(&flow->candidates, site->x, site, flow->next.a, flow->geometry->mass_kept, flow->work,
                            &placed));
  *moved = placed > 0;
  return IFT_OK;
}

static ift_status draw(ift_flow *flow, bool *moved) {
  const ift_target *target = flow->energy->target;
  for (int64_t i = 0; i < flow->n; i++)
    if (!(flow->next.a[i] > 0)) IFT_TRY(target->kind->draw(target, &flow->rng, flow->next.site->x + i * flow->d, 1));
  *moved = true;
  return IFT_OK;
}

ift_status ift_flow_replace_dead(ift_flow *flow, bool *moved) {
  const int where = flow->options[IFT_FLOW_rejuvenate].word;
  bool all_alive = true;
  *moved = false;
  for (int64_t i = 0; i < flow->n; i++) all_alive &= flow->next.a[i] > 0;
  if (where == IFT_REJUVENATE_NONE || all_alive) return IFT_OK;
  IFT_TRY((where == IFT_REJUVENATE_TARGET ? draw : insert)(flow, moved));
  const double energy = flow->next.energy; /* it stays: the measure is the same */
  if (!*moved) return IFT_OK;
  ift_flow_state_forget(&flow->next);
  flow->next.energy = energy;
  return ift_flow_is_random(flow) ? IFT_OK : ift_flow_evaluate(&flow->next);
}

ift_status ift_flow_rejuvenate(ift_flow *flow) {
  bool moved;
  return (flow->step + 1) % flow->options[IFT_FLOW_rejuvenate_every].integer == 0 ? ift_flow_replace_dead(flow, &moved)
                                                                                  : IFT_OK;
}
