/* The tables of geometries, transports and reactions, and which of them a flow uses. */
#include <math.h>

#include "flow/flow.h"

const ift_geometry ift_geometries[] = {
#define GEOMETRY(name, transports, family, mass_kept, doc) {name, transports, family, mass_kept, doc},
#include "flow/geometries.def"
#undef GEOMETRY
};
const int ift_geometry_count = sizeof ift_geometries / sizeof ift_geometries[0];

const ift_transport *const ift_transports[] = {
#define TRANSPORT(name) &ift_transport_##name,
#include "flow/transports.def"
#undef TRANSPORT
};
const int ift_transport_count = sizeof ift_transports / sizeof ift_transports[0];

const ift_reaction *const ift_reactions[] = {
#define REACTION(name) &ift_reaction_##name,
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
  int first = 0;
  while (ift_reactions[first]->family != flow->geometry->family) first++;
  return ift_reactions[first];
}

double ift_flow_longest_tau(const ift_flow *flow) {
  const double mass = flow->geometry->mass_kept ? flow->mass : ift_measure_mass(flow->measure);
  const double curvature = flow->energy->kind->curvature(flow->now.site, mass);
  return curvature > 0 && curvature < HUGE_VAL ? 2 / curvature : 0;
}

double ift_flow_tau(ift_flow *flow) {
  const ift_option_value *option = &flow->options[IFT_FLOW_tau];
  if (!flow->geometry->transports) return 0;
  if (!option->automatic) return option->real;
  return 0.29 * ift_flow_longest_tau(flow);
}

ift_status ift_flow_eta(ift_flow *flow, double *eta) {
  const ift_option_value *option = &flow->options[IFT_FLOW_eta];
  const ift_reaction *reaction = ift_flow_reaction(flow);
  *eta = option->real;
  if (reaction && option->automatic) return reaction->automatic(flow, eta);
  if (!reaction) *eta = 0;
  return IFT_OK;
}

ift_status ift_flow_check_modes(const ift_flow *flow) {
  const ift_reaction *reaction = ift_flow_reaction(flow);
  if (reaction && !reaction->centered && flow->options[IFT_FLOW_center].word == IFT_CENTER_OLD)
    return ift_fail(flow->object.context, IFT_ERR_OPTION,
                    "center is 'old', which reaction '%s' does not know; allowed is 'new'", reaction->name);
  return IFT_OK;
}
