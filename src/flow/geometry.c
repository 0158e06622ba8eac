/* The tables of geometries, transports and reactions, and which of them a flow uses. */
#include <math.h>

#include "flow/flow.h"

const ift_geometry ift_geometries[] = {
#define GEOMETRY(name, transports, family, mass_kept, joint, doc) {name, transports, family, mass_kept, joint, doc},
#include "flow/geometries.def"
#undef GEOMETRY
};
const int ift_geometry_count = sizeof ift_geometries / sizeof ift_geometries[0];

const ift_transport *const ift_transports[] = {
#define TRANSPORT(identifier, name) &ift_transport_##identifier,
#include "flow/transports.def"
#undef TRANSPORT
};
const int ift_transport_count = sizeof ift_transports / sizeof ift_transports[0];

const ift_reaction *const ift_reactions[] = {
#define REACTION(identifier, name) &ift_reaction_##identifier,
#include "flow/reactions.def"
#undef REACTION
};
const int ift_reaction_count = sizeof ift_reactions / sizeof ift_reactions[0];

const ift_transport *ift_flow_transport(const ift_flow *flow) {
  return ift_transports[flow->options[IFT_FLOW_transport].word];
}

const ift_reaction *ift_flow_reaction(const ift_flow *flow) {
  if (flow->geometry->family == IFT_NO_REACTION) return NULL;
  const ift_option_value *option = &flow->options[IFT_FLOW_reaction];
  if (!option->automatic) return ift_reactions[option->word];
  const bool falls_back = flow->geometry->family == IFT_MMD_REACTION && !ift_flow_is_quadratic(flow);
  int first = 0;
  while (ift_reactions[first]->family != flow->geometry->family || (falls_back && !ift_reactions[first]->fallback))
    first++;
  return ift_reactions[first];
}

ift_status ift_flow_eta(ift_flow *flow, ift_flow_state *from, double *eta) {
  const ift_option_value *option = &flow->options[IFT_FLOW_eta];
  const ift_reaction *reaction = ift_flow_reaction(flow);
  const ift_joint *joint = flow->geometry->joint;
  const double time_step = flow->options[IFT_FLOW_time_step].real;
  *eta = joint ? joint->eta : 0;
  if (!reaction && !joint) return IFT_OK;
  if (time_step == 0 && option->automatic) return reaction ? reaction->automatic(flow, from, eta) : IFT_OK;
  *eta = time_step > 0 ? flow->options[IFT_FLOW_beta].real * time_step : option->real;
  return IFT_OK;
}

double ift_flow_damping(const ift_flow *flow, const ift_flow_control *control) {
  const ift_option_value *option = &flow->options[IFT_FLOW_damping];
  if (!flow->geometry->joint) return NAN;
  return option->automatic ? control->damping.value : option->real;
}

double ift_flow_duration(const ift_flow *flow, double tau, double eta) {
  const bool rates = flow->options[IFT_FLOW_time_step].real > 0;
  const double alpha = rates ? flow->options[IFT_FLOW_alpha].real : 1;
  const double beta = rates ? flow->options[IFT_FLOW_beta].real : 1;
  return eta > 0 ? eta / beta : tau / alpha;
}

/* The flow of Theorem 3.5 has F fall by (1 - theta)^2 in a reaction step, of which Strang splitting takes two. Chance
 * keeps no promise. */
double ift_flow_guaranteed_rate(const ift_flow *flow, double eta) {
  const ift_reaction *reaction = ift_flow_reaction(flow);
  const bool strang = flow->options[IFT_FLOW_splitting].word == IFT_SPLITTING_STRANG;
  const double halves = strang ? 2 : 1;
  if (!reaction || !reaction->theta || !ift_flow_is_quadratic(flow) || ift_flow_is_random(flow) ||
      flow->options[IFT_FLOW_regularization].real > 0)
    return NAN;
  if (!(eta > 0)) return NAN;
  const double theta = reaction->theta(eta / halves);
  return -2 * halves * (theta < 1 ? log1p(-theta) : log(theta - 1)) / ift_flow_duration(flow, 0, eta);
}
