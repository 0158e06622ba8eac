/* Modes that go together, and the presets of them. */
#include "flow/flow.h"

bool ift_flow_is_random(const ift_flow *flow) {
  return flow->options[IFT_FLOW_noise].real > 0 || flow->options[IFT_FLOW_batch].integer > 0;
}

bool ift_flow_is_monotone(const ift_flow *flow) {
  const ift_option_value *control = &flow->options[IFT_FLOW_step_control];
  return control->automatic ? !ift_flow_is_random(flow) : control->word == IFT_STEP_MONOTONE;
}

static ift_status check_reaction(const ift_flow *flow, const ift_reaction *reaction) {
  ift_context *context = flow->object.context;
  const double eps = flow->options[IFT_FLOW_regularization].real;
  if (!reaction->centered && flow->options[IFT_FLOW_center].word == IFT_CENTER_OLD)
    return ift_fail(context, IFT_ERR_OPTION, "center is 'old', which reaction '%s' does not know; allowed is 'new'",
                    reaction->name);
  if (!reaction->regularized && eps > 0)
    return ift_fail(context, IFT_ERR_OPTION, "regularization is %g, which reaction '%s' does not know; allowed is 0",
                    eps, reaction->name);
  if (reaction == &ift_reaction_positive && !(eps > 0))
    return ift_fail(context, IFT_ERR_OPTION, "reaction 'positive' needs a regularization > 0; it is 0");
  if (reaction == &ift_reaction_positive && flow->options[IFT_FLOW_rejuvenate].word != IFT_REJUVENATE_NONE)
    return ift_fail(
        context, IFT_ERR_OPTION,
        "rejuvenate is of no use with reaction 'positive', in which dead particles stay dead; allowed is 'none'");
  return IFT_OK;
}

static ift_status check_randomness(const ift_flow *flow) {
  ift_context *context = flow->object.context;
  const double noise = flow->options[IFT_FLOW_noise].real;
  const ift_transport *transport = ift_flow_transport(flow);
  if (noise > 0 && !transport->noisy)
    return ift_fail(context, IFT_ERR_OPTION, "noise is %g, which transport '%s' does not know; allowed is 0", noise,
                    transport->name);
  if (ift_flow_is_random(flow) && ift_flow_is_monotone(flow))
    return ift_fail(
        context, IFT_ERR_OPTION,
        "step_control is 'monotone', which noise and batches can't keep to; allowed are 'auto' and 'fixed'");
  if (flow->options[IFT_FLOW_batch].integer > 0 && !flow->energy->kind->batch_create)
    return ift_fail(context, IFT_ERR_CAPABILITY,
                    "batches are drawn from the target of an energy, and energy '%s' has none",
                    flow->energy->kind->name);
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
  IFT_TRY(check_randomness(flow));
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
