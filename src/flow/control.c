/* One step of a flow: the two halves, and how large they may be. */
#include <math.h>
#include <string.h>

#include "flow/flow.h"

static const double LEAST = 0x1p-40; /* of what was asked for: below it a step counts as none */

ift_status ift_flow_check_positions(const ift_flow *flow, const double *x) {
  for (int64_t k = 0; k < flow->n * flow->d; k++)
    if (!isfinite(x[k]))
      return ift_fail(flow->object.context, IFT_ERR_NOT_FINITE, "a transport step moves particle %lld to %g",
                      (long long)(k / flow->d), x[k]);
  return IFT_OK;
}

/* Particles of weight 0 go back to where they were. */
static void rest_the_dead(const ift_flow *flow, const ift_flow_state *from, ift_flow_state *to) {
  const int64_t d = flow->d;
  for (int64_t i = 0; i < flow->n; i++)
    if (!(from->a[i] > 0)) memcpy(to->site->x + i * d, from->site->x + i * d, (size_t)d * sizeof(double));
}

/* The positions of `to`; a step of size 0 is none. */
static ift_status transport(ift_flow *flow, ift_flow_state *from, ift_flow_state *to, double tau) {
  const ift_transport *kind = ift_flow_transport(flow);
  if (tau > 0)
    IFT_TRY(kind->move(flow, from, to, tau));
  else
    memcpy(to->site->x, from->site->x, (size_t)(flow->n * flow->d) * sizeof(double));
  if (tau > 0 && flow->energy->blobs && !kind->drifts) rest_the_dead(flow, from, to);
  IFT_TRY(ift_flow_check_positions(flow, to->site->x));
  return ift_flow_place(to);
}

/* The weights of `to`, which is placed. */
static ift_status react(ift_flow *flow, ift_flow_state *from, ift_flow_state *to, double eta) {
  if (eta > 0) return ift_flow_reaction(flow)->react(flow, from, to, eta);
  memcpy(to->a, from->a, (size_t)flow->n * sizeof(double));
  return IFT_OK;
}

static ift_status step_lie(ift_flow *flow, ift_flow_state *from, ift_flow_state *to, double tau, double eta) {
  IFT_TRY(transport(flow, from, to, tau));
  return react(flow, from, to, eta);
}

/* Half the reaction, transport, half the reaction; the middle state shares the site of the first. */
static ift_status step_strang(ift_flow *flow, ift_flow_state *from, ift_flow_state *to, double tau, double eta) {
  ift_flow_state *middle = &flow->middle;
  ift_flow_state_forget(middle);
  IFT_TRY(ift_flow_place(from));
  middle->site = from->site;
  middle->placed = true;
  IFT_TRY(react(flow, from, middle, eta / 2));
  const double first = flow->taken.reaction_dissipation;
  IFT_TRY(transport(flow, middle, to, tau));
  IFT_TRY(react(flow, middle, to, eta / 2));
  flow->taken.reaction_dissipation = (first + flow->taken.reaction_dissipation) / 2;
  return IFT_OK;
}

static ift_status take(ift_flow *flow, ift_flow_state *from, ift_flow_state *to, double tau, double eta) {
  const bool strang = flow->options[IFT_FLOW_splitting].word == IFT_SPLITTING_STRANG;
  if (flow->geometry->joint && eta > 0) return flow->geometry->joint->step(flow, from, to, eta);
  return (strang ? step_strang : step_lie)(flow, from, to, tau, eta);
}

/* from -> to by a transport step of size tau and a reaction step of size eta, 0 skips that half; or by a joint step, which
 * both of them take part in. */
static ift_status attempt(ift_flow *flow, ift_flow_state *from, ift_flow_state *to, double tau, double eta,
                          double damping) {
  flow->follows = false; /* `next` is being written */
  flow->taken.tau = flow->geometry->joint ? eta : tau;
  flow->taken.eta = eta;
  flow->taken.damping = damping;
  flow->taken.duration = ift_flow_duration(flow, tau, eta);
  flow->taken.guaranteed_rate = ift_flow_guaranteed_rate(flow, eta);
  flow->taken.transport_dissipation = flow->taken.reaction_dissipation = NAN;
  ift_flow_state_forget(to);
  IFT_TRY(take(flow, from, to, tau, eta));
  /* A step that nobody will look at before the next one starts elsewhere is not evaluated here. */
  return ift_flow_is_random(flow) ? IFT_OK : ift_flow_evaluate(to);
}

/* Can a smaller step mend it? */
static bool too_large(ift_status status) {
  return status == IFT_ERR_NOT_FINITE || status == IFT_ERR_OPTION;
}

/* Halves the scales in turn, transport first; a half step that is skipped anyway has no say. false: nothing is left to
 * halve. */
static bool shrink(ift_flow_control *control, bool transports, bool reacts) {
  const bool tau_left = transports && control->tau_scale > LEAST, eta_left = reacts && control->eta_scale > LEAST;
  if (tau_left && (!eta_left || control->tau_scale >= control->eta_scale))
    control->tau_scale /= 2;
  else if (eta_left)
    control->eta_scale /= 2;
  else
    return false;
  control->held = 0;
  return true;
}

/* Back towards the sizes asked for, after a few steps that went well. */
static void grow(ift_flow_control *control) {
  enum { HOLD = 4 };
  if (++control->held < HOLD) return;
  control->held = 0;
  control->tau_scale = fmin(1, 2 * control->tau_scale);
  control->eta_scale = fmin(1, 2 * control->eta_scale);
}

/* Makes `next` the state of the flow. */
static void commit(ift_flow *flow) {
  const ift_flow_state before = flow->now;
  flow->now = flow->next;
  flow->next = before;
  flow->follows = true;
  flow->step++;
  if (flow->options[IFT_FLOW_accumulate].word) flow->accumulated += flow->options[IFT_FLOW_batch].integer;
  flow->transport_time += flow->taken.tau;
  flow->reaction_time += flow->taken.eta;
  memcpy(flow->measure->positions, flow->now.site->x, (size_t)(flow->n * flow->d) * sizeof(double));
  memcpy(flow->measure->weights, flow->now.a, (size_t)flow->n * sizeof(double));
}

/* Is the damping of a step for control to choose? Then a step that gains nothing is one that may gain with more of it. */
static bool is_damped(const ift_flow *flow, double eta) {
  return flow->geometry->joint && flow->options[IFT_FLOW_damping].automatic && eta > 0;
}

/* More of it; of a step longer than the whole one, which damping does not mend, half. false: it is of no use. */
static bool dampen(ift_flow_control *control, double eta) {
  if (eta * control->eta_scale > 1 && shrink(control, false, true)) return true;
  return ift_damping_fail(&control->damping);
}

/* A step that promised and gained so much was taken. */
static void relax(ift_flow_control *control, double promised, double gained) {
  ift_damping_succeed(&control->damping, promised > 0 ? gained / promised : 1);
}

/* Tries smaller and smaller steps, or more and more damped ones, until one does not raise F. IFT_STALLED: all did; an
 * error: that of the last. */
static ift_status descend(ift_flow *flow, ift_flow_control *control, double tau, double eta) {
  const bool damped = is_damped(flow, eta);
  double before, after;
  IFT_TRY(ift_flow_energy(&flow->now, &before));
  for (;;) {
    ift_status status = attempt(flow, &flow->now, &flow->next, tau * control->tau_scale, eta * control->eta_scale,
                                ift_flow_damping(flow, control));
    if (status == IFT_OK) status = ift_flow_energy(&flow->next, &after);
    if (status != IFT_OK && !too_large(status)) return status;
    if (status == IFT_OK && (damped ? after < before : after <= before)) break;
    if (!(damped ? dampen(control, eta) : shrink(control, tau > 0, eta > 0)))
      return status == IFT_OK ? IFT_STALLED : status;
    ift_log(flow->object.context, "step %lld: the energy would rise; tau is now %g, eta %g, damping %g",
            (long long)flow->step + 1, tau * control->tau_scale, eta * control->eta_scale,
            ift_flow_damping(flow, control));
  }
  if (damped) relax(control, flow->taken.predicted, before - after);
  return IFT_OK;
}

static bool is_stuck(ift_status status) {
  return status == IFT_STALLED || too_large(status);
}

/* A step under control. Where both halves together only raise F, one of them alone may lower it: transport on
 * particles at a kink of the kernel (laplace, riesz) raises F however short it is. */
static ift_status search(ift_flow *flow, ift_flow_control *control, double tau, double eta) {
  ift_status status = descend(flow, control, tau, eta);
  if (is_stuck(status) && tau > 0 && eta > 0) {
    *control = (ift_flow_control){LEAST, 1, 0, control->damping};
    status = descend(flow, control, 0, eta);
  }
  if (is_stuck(status) && tau > 0 && eta > 0) {
    *control = (ift_flow_control){1, LEAST, 0, control->damping};
    status = descend(flow, control, tau, 0);
  }
  if (status == IFT_STALLED)
    IFT_TRY(attempt(flow, &flow->now, &flow->next, 0, 0, NAN)); /* an energy that can't be had any more is an error */
  if (status == IFT_OK) grow(control);
  return status;
}

/* Particles of a state of another energy become those of `next`. */
static void copy_to_next(ift_flow *flow, const ift_flow_state *from) {
  memcpy(flow->next.site->x, from->site->x, (size_t)(flow->n * flow->d) * sizeof(double));
  memcpy(flow->next.a, from->a, (size_t)flow->n * sizeof(double));
  ift_flow_state_forget(&flow->next);
}

/* A step that sees the target through a fresh batch. */
static ift_status take_batch_step(ift_flow *flow) {
  ift_flow_state *from = &flow->fresh[0], *to = &flow->fresh[1];
  double tau, eta;
  IFT_TRY(ift_flow_draw_batch(flow));
  IFT_TRY(ift_flow_tau(flow, &tau));
  IFT_TRY(ift_flow_eta(flow, from, &eta));
  IFT_TRY(attempt(flow, from, to, tau, eta, ift_flow_damping(flow, &flow->control)));
  copy_to_next(flow, to);
  return IFT_OK;
}

static ift_status take_step(ift_flow *flow, ift_flow_control *control) {
  double tau, eta;
  if (flow->options[IFT_FLOW_batch].integer > 0) return take_batch_step(flow);
  IFT_TRY(ift_flow_tau(flow, &tau));
  IFT_TRY(ift_flow_eta(flow, &flow->now, &eta));
  return ift_flow_is_monotone(flow) ? search(flow, control, tau, eta)
                                    : attempt(flow, &flow->now, &flow->next, tau, eta, ift_flow_damping(flow, control));
}

/* A step that stalled, from `now` with its dead particles elsewhere: the measure and its energy are the same, but there
 * may be a way down. If there is none, they are where they were. */
static ift_status try_elsewhere(ift_flow *flow, ift_flow_control *control) {
  bool moved;
  flow->next.energy = flow->now.energy; /* stalling has left `next` a copy of `now` */
  IFT_TRY(ift_flow_replace_dead(flow, &moved));
  if (!moved) return IFT_STALLED;
  const ift_flow_state before = flow->now;
  flow->now = flow->next;
  flow->next = before;
  *control = flow->control;
  const ift_status status = take_step(flow, control);
  if (status == IFT_OK) return IFT_OK;
  memcpy(flow->now.site->x, flow->measure->positions, (size_t)(flow->n * flow->d) * sizeof(double));
  ift_flow_state_forget(&flow->now);
  return status;
}

/* A step of the energy in a wider kernel, whose states stand in for the flow's. Where it stalls, time goes on to the next
 * stage. */
static ift_status take_wide_step(ift_flow *flow, ift_flow_control *control) {
  const ift_flow_state now = flow->now, next = flow->next;
  IFT_TRY(ift_flow_enter_wide(flow));
  flow->now = flow->broad[0];
  flow->next = flow->broad[1];
  ift_status status = take_step(flow, control);
  if (status == IFT_STALLED) { /* which has left `next` a copy of `now` */
    *control = flow->control;
    status = IFT_OK;
  }
  if (status == IFT_OK) status = ift_flow_merge(flow);
  flow->broad[status == IFT_OK] = flow->now;
  flow->broad[status != IFT_OK] = flow->next;
  flow->now = now;
  flow->next = next;
  if (status != IFT_OK) return status;
  copy_to_next(flow, &flow->broad[0]);
  flow->taken.guaranteed_rate = NAN;
  return IFT_OK;
}

static ift_status take_own_step(ift_flow *flow, ift_flow_control *control) {
  ift_status status = take_step(flow, control);
  if (status == IFT_STALLED) status = try_elsewhere(flow, control);
  return status == IFT_OK ? ift_flow_merge(flow) : status;
}

ift_status ift_flow_advance(ift_flow *flow) {
  const ift_flow_taken taken = flow->taken;
  const ift_rng rng = flow->rng;
  ift_flow_control control = flow->control;
  ift_status status = (ift_flow_widening(flow) > 1 ? take_wide_step : take_own_step)(flow, &control);
  if (status == IFT_OK) status = ift_flow_rejuvenate(flow);
  if (status == IFT_OK) {
    flow->control = control;
    commit(flow);
  } else {
    flow->taken = taken;
    flow->rng = rng;
    flow->projected_step = -1; /* the next one may be in another kernel */
  }
  return status;
}
