/* Modes that go together, and the presets of them. */
#include <math.h>

#include "flow/flow.h"

bool ift_flow_is_random(const ift_flow *flow) {
  const ift_reaction *reaction = ift_flow_reaction(flow);
  return flow->options[IFT_FLOW_noise].real > 0 || flow->options[IFT_FLOW_batch].integer > 0 ||
         (flow->geometry->transports && ift_flow_transport(flow)->random) || (reaction && reaction->random);
}

bool ift_flow_is_monotone(const ift_flow *flow) {
  const ift_option_value *control = &flow->options[IFT_FLOW_step_control];
  return control->automatic ? !ift_flow_is_random(flow) : control->word == IFT_STEP_MONOTONE;
}

/* Does the energy have what the reaction needs? */
static ift_status check_energy(const ift_flow *flow, const ift_reaction *reaction) {
  ift_context *context = flow->object.context;
  const ift_energy_kind *energy = flow->energy->kind;
  if (reaction->family == IFT_MMD_REACTION && !energy->quadratic && !flow->kernel && reaction->gram)
    return ift_fail(context, IFT_ERR_CAPABILITY,
                    "reaction '%s' needs a kernel, and energy '%s' has none of its own: see ift_flow_set_kernel",
                    reaction->name, energy->name);
  if (reaction->exact && !ift_flow_is_quadratic(flow))
    return ift_fail(context, IFT_ERR_CAPABILITY,
                    "reaction '%s' needs an energy that is 1/2 MMD^2 in the reaction's kernel; for any energy and "
                    "kernel there are linearized, positive and gradient",
                    reaction->name);
  if (reaction->hessian && !energy->hessian)
    return ift_fail(context, IFT_ERR_CAPABILITY, "reaction '%s' needs a second derivative, which energy '%s' lacks",
                    reaction->name, energy->name);
  return IFT_OK;
}

/* Particles of equal weight, and room for jumps. */
static ift_status check_jumps(const ift_flow *flow, const ift_reaction *reaction) {
  ift_context *context = flow->object.context;
  if (!flow->geometry->mass_kept || flow->options[IFT_FLOW_splitting].word == IFT_SPLITTING_STRANG)
    return ift_fail(context, IFT_ERR_OPTION,
                    "reaction '%s' is for geometries that keep the mass, and for splitting 'lie'", reaction->name);
  for (int64_t i = 1; i < flow->n; i++)
    if (!(fabs(flow->now.a[i] - flow->now.a[0]) <= 1e-12 * flow->now.a[0]))
      return ift_fail(context, IFT_ERR_OPTION,
                      "reaction '%s' needs equal weights; weights[0] is %g and weights[%lld] %g (resample first)",
                      reaction->name, flow->now.a[0], (long long)i, flow->now.a[i]);
  return IFT_OK;
}

static ift_status check_reaction(const ift_flow *flow, const ift_reaction *reaction) {
  ift_context *context = flow->object.context;
  const ift_option_value *eps = &flow->options[IFT_FLOW_regularization];
  if (!reaction->centered && flow->options[IFT_FLOW_center].word == IFT_CENTER_OLD)
    return ift_fail(context, IFT_ERR_OPTION, "center is 'old', which reaction '%s' does not know; allowed is 'new'",
                    reaction->name);
  if (reaction->regularized == IFT_NOT_REGULARIZED && eps->real > 0)
    return ift_fail(context, IFT_ERR_OPTION, "regularization is %g, which reaction '%s' does not know; allowed is 0",
                    eps->real, reaction->name);
  if (reaction->regularized == IFT_BY_FISHER_RAO && !eps->automatic && !(eps->real > 0))
    return ift_fail(context, IFT_ERR_OPTION, "reaction '%s' needs a regularization > 0; it is 0", reaction->name);
  IFT_TRY(check_energy(flow, reaction));
  return reaction->jumps ? check_jumps(flow, reaction) : IFT_OK;
}

static ift_status check_transport(const ift_flow *flow) {
  ift_context *context = flow->object.context;
  const double noise = flow->options[IFT_FLOW_noise].real;
  const ift_transport *transport = ift_flow_transport(flow);
  if (!flow->geometry->transports) return IFT_OK;
  if (noise > 0 && !transport->noisy)
    return ift_fail(context, IFT_ERR_OPTION, "noise is %g, which transport '%s' does not know; allowed is 0", noise,
                    transport->name);
  if (transport->drifts && !flow->energy->kind->drift)
    return ift_fail(context, IFT_ERR_CAPABILITY,
                    "transport '%s' needs an energy that is entropy plus a potential, such as kl; this is '%s'",
                    transport->name, flow->energy->kind->name);
  return IFT_OK;
}

static ift_status check_randomness(const ift_flow *flow) {
  ift_context *context = flow->object.context;
  if (ift_flow_is_random(flow) && ift_flow_is_monotone(flow))
    return ift_fail(context, IFT_ERR_OPTION,
                    "step_control is 'monotone', which noise, batches and modes with chance in them can't keep to; "
                    "allowed are 'auto' and 'fixed'");
  if (flow->options[IFT_FLOW_batch].integer > 0 && !flow->energy->kind->quadratic)
    return ift_fail(context, IFT_ERR_CAPABILITY, "batches are drawn for energy 'mmd'; this is '%s'",
                    flow->energy->kind->name);
  if (flow->options[IFT_FLOW_batch].integer == 0 && flow->options[IFT_FLOW_accumulate].word)
    return ift_fail(context, IFT_ERR_OPTION, "accumulate is 'yes', and there is no batch to accumulate");
  return IFT_OK;
}

/* Places for dead particles to go to, and a reaction that gives them weight again. */
static ift_status check_rejuvenation(const ift_flow *flow) {
  ift_context *context = flow->object.context;
  const ift_reaction *reaction = ift_flow_reaction(flow);
  const int mode = flow->options[IFT_FLOW_rejuvenate].word;
  if (mode == IFT_REJUVENATE_NONE) return IFT_OK;
  if (reaction && reaction->dead_stay)
    return ift_fail(context, IFT_ERR_OPTION,
                    "rejuvenate is of no use with reaction '%s', in which dead particles stay dead; allowed is 'none'",
                    reaction->name);
  if (mode == IFT_REJUVENATE_INSERT && !flow->energy->kind->quadratic)
    return ift_fail(context, IFT_ERR_CAPABILITY, "rejuvenate is 'insert', which is for energy 'mmd'; this is '%s'",
                    flow->energy->kind->name);
  if (!flow->energy->target)
    return ift_fail(context, IFT_ERR_CAPABILITY, "rejuvenate needs an energy with a target; '%s' has none",
                    flow->energy->kind->name);
  return ift_target_require(flow->energy->target, IFT_CAN_DRAW, "rejuvenate");
}

/* An energy that has a kernel, and steps that see all of the target. */
static ift_status check_continuation(const ift_flow *flow) {
  ift_context *context = flow->object.context;
  if (!(flow->options[IFT_FLOW_continuation].real > 1)) return IFT_OK;
  if (!flow->energy->kind->quadratic)
    return ift_fail(context, IFT_ERR_CAPABILITY, "continuation widens the kernel of energy 'mmd'; this is '%s'",
                    flow->energy->kind->name);
  if (flow->options[IFT_FLOW_batch].integer > 0)
    return ift_fail(context, IFT_ERR_OPTION,
                    "continuation is %g, which steps on batches do not know; allowed is 1, or batch 0",
                    flow->options[IFT_FLOW_continuation].real);
  return IFT_OK;
}

/* A time step with rates, or tau and eta. */
static ift_status check_time(const ift_flow *flow) {
  ift_context *context = flow->object.context;
  const ift_option_value *options = flow->options;
  if (options[IFT_FLOW_time_step].real > 0) {
    if (options[IFT_FLOW_tau].automatic && options[IFT_FLOW_eta].automatic) return IFT_OK;
    return ift_fail(context, IFT_ERR_OPTION,
                    "time_step and %s exclude each other: the one is a time, in which tau = "
                    "alpha time_step and eta = beta time_step",
                    options[IFT_FLOW_tau].automatic ? "eta" : "tau");
  }
  if (options[IFT_FLOW_alpha].real == 1 && options[IFT_FLOW_beta].real == 1) return IFT_OK;
  return ift_fail(context, IFT_ERR_OPTION, "alpha and beta are rates over a time step; time_step is 0: it is needed");
}

ift_status ift_flow_check_modes(const ift_flow *flow) {
  const ift_reaction *reaction = ift_flow_reaction(flow);
  if (reaction) IFT_TRY(check_reaction(flow, reaction));
  if (flow->geometry->joint) IFT_TRY(flow->geometry->joint->check(flow));
  IFT_TRY(check_transport(flow));
  IFT_TRY(check_randomness(flow));
  IFT_TRY(check_rejuvenation(flow));
  IFT_TRY(check_continuation(flow));
  return check_time(flow);
}

static void choose(ift_flow *flow, int option, int word) {
  flow->options[option] = (ift_option_value){.word = word};
}

static int transport_word(const ift_transport *transport) {
  int word = 0;
  while (ift_transports[word] != transport) word++;
  return word;
}

static int reaction_word(const ift_reaction *reaction) {
  int word = 0;
  while (ift_reactions[word] != reaction) word++;
  return word;
}

/* The algorithm as the paper's published code has it: Euclidean steps of the positions (in its unweighted flow plain
 * ones), one gradient or multiplicative step of the weights, a batch as large as there are particles. */
void ift_flow_apply_preset(ift_flow *flow, int preset) {
  const ift_geometry *geometry = flow->geometry;
  if (preset != IFT_PRESET_PUBLISHED) return;
  if (geometry->transports) {
    const bool weighted = geometry->family != IFT_NO_REACTION;
    choose(flow, IFT_FLOW_transport, transport_word(weighted ? &ift_transport_euclidean : &ift_transport_explicit));
    choose(flow, IFT_FLOW_noise_at, IFT_NOISE_AT_BOTH);
  }
  if (geometry->family == IFT_MMD_REACTION) choose(flow, IFT_FLOW_reaction, reaction_word(&ift_reaction_gradient));
  if (geometry->family == IFT_FISHER_RAO_REACTION)
    choose(flow, IFT_FLOW_reaction, reaction_word(&ift_reaction_projected));
  choose(flow, IFT_FLOW_step_control, IFT_STEP_FIXED);
  flow->options[IFT_FLOW_batch] = (ift_option_value){.integer = flow->n};
}
