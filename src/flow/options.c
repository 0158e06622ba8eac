/* The table of a flow's options and quantities, setting and reading them. */
#include <math.h>
#include <string.h>

#include "base/number.h"
#include "base/settings.h"
#include "flow/flow.h"

/* Which geometries can use an option. */
typedef enum scope {
  IFT_SCOPE_ALL,
  IFT_SCOPE_TRANSPORT,
  IFT_SCOPE_POSITIONS,
  IFT_SCOPE_REACTION,
  IFT_SCOPE_CENTER,
  IFT_SCOPE_METRIC,
  IFT_SCOPE_WEIGHTS,
  IFT_SCOPE_REVIVAL,
  IFT_SCOPE_HALVES,
  IFT_SCOPE_JOINT
} scope;

static const char transport_list[] =
#define TRANSPORT(identifier, name) "|" name
#include "flow/transports.def"
#undef TRANSPORT
    ;
static const char reaction_list[] =
#define REACTION(identifier, name) "|" name
#include "flow/reactions.def"
#undef REACTION
    ;
static const char geometry_list[] =
#define GEOMETRY(name, transports, family, mass_kept, joint, doc) "|" name
#include "flow/geometries.def"
#undef GEOMETRY
    ;
/* without the bar in front */
#define transport_words (transport_list + 1)
#define reaction_words  (reaction_list + 1)
#define geometry_words  (geometry_list + 1)

static const char applies_IFT_SCOPE_ALL[] = "";
static const char applies_IFT_SCOPE_TRANSPORT[] = "geometries with transport";
static const char applies_IFT_SCOPE_POSITIONS[] = "geometries in which positions change";
static const char applies_IFT_SCOPE_REACTION[] = "geometries with a reaction";
static const char applies_IFT_SCOPE_CENTER[] = "reactions exponential, implicit, linearized and mirror";
static const char applies_IFT_SCOPE_METRIC[] = "geometries with an MMD reaction";
static const char applies_IFT_SCOPE_WEIGHTS[] = "geometries in which weights change";
static const char applies_IFT_SCOPE_REVIVAL[] = "geometries with an MMD reaction or joint steps";
static const char applies_IFT_SCOPE_HALVES[] = "geometries of transport and reaction";
static const char applies_IFT_SCOPE_JOINT[] = "geometries with joint steps";

static const ift_option_spec specs[] = {
#define OPTION(name, kind, range, low, high, initial, scope, doc)                                                      \
  {#name, kind, true, range, low, high, initial, applies_##scope, doc},
#define QUANTITY(name, kind, range, doc) {#name, kind, false, range, 0, 0, "", "", doc},
#include "flow/options.def"
#undef OPTION
#undef QUANTITY
};

static const scope scopes[] = {
#define OPTION(name, kind, range, low, high, initial, scope, doc) scope,
#define QUANTITY(name, kind, range, doc)                          IFT_SCOPE_ALL,
#include "flow/options.def"
#undef OPTION
#undef QUANTITY
};

const ift_option_table ift_flow_options = {"flow", specs, IFT_FLOW_OPTIONS};

static bool in_scope(const ift_geometry *geometry, scope s) {
  const bool reacts = geometry->family != IFT_NO_REACTION, metric = geometry->family == IFT_MMD_REACTION,
             joint = geometry->joint;
  const bool usable[] = {[IFT_SCOPE_ALL] = true,
                         [IFT_SCOPE_TRANSPORT] = geometry->transports,
                         [IFT_SCOPE_POSITIONS] = geometry->transports || joint,
                         [IFT_SCOPE_REACTION] = reacts,
                         [IFT_SCOPE_CENTER] = reacts,
                         [IFT_SCOPE_METRIC] = metric,
                         [IFT_SCOPE_WEIGHTS] = reacts || joint,
                         [IFT_SCOPE_REVIVAL] = metric || joint,
                         [IFT_SCOPE_HALVES] = !joint,
                         [IFT_SCOPE_JOINT] = joint};
  return usable[s];
}

/* Can this geometry use the value? Its default it always can. */
static ift_status check_use(const ift_flow *flow, int index, const ift_option_value *value) {
  const ift_geometry *geometry = flow->geometry;
  ift_context *context = flow->object.context;
  if (ift_option_is_default(&specs[index], value)) return IFT_OK;
  if (!in_scope(geometry, scopes[index]))
    return ift_fail(context, IFT_ERR_OPTION, "%s is of no use in geometry '%s'; it is for %s", specs[index].name,
                    geometry->name, specs[index].applies);
  if (index != IFT_FLOW_reaction || ift_reactions[value->word]->family == geometry->family) return IFT_OK;
  char allowed[128] = "";
  for (int r = 0; r < ift_reaction_count; r++)
    if (ift_reactions[r]->family == geometry->family) {
      const size_t used = strlen(allowed);
      ift_number_print(allowed + used, sizeof allowed - used, "%s%s", used ? "|" : "", ift_reactions[r]->name);
    }
  return ift_fail(context, IFT_ERR_OPTION, "reaction is '%s', which geometry '%s' has not; allowed is %s",
                  ift_reactions[value->word]->name, geometry->name, allowed);
}

/* The values are settings' business; a seed starts its stream at once, and what is not to be accumulated is dropped. */
static ift_status accept(void *object, int index, const ift_option_value *value) {
  ift_flow *flow = object;
  IFT_TRY(check_use(flow, index, value));
  if (index == IFT_FLOW_accumulate && !value->word) flow->accumulated = 0;
  if (index == IFT_FLOW_preset) ift_flow_apply_preset(flow, value->word);
  if (index == IFT_FLOW_seed)
    ift_rng_init(&flow->rng, value->automatic ? flow->object.context->seed : (uint64_t)value->integer, IFT_STREAM_FLOW);
  return IFT_OK;
}

static int64_t count_alive(const ift_flow *flow) {
  int64_t alive = 0;
  for (int64_t i = 0; i < flow->n; i++) alive += flow->now.a[i] > 0;
  return alive;
}

/* 2 F, where F is 1/2 MMD^2. */
static ift_status read_mmd2(ift_flow *flow, double *out) {
  *out = NAN;
  if (!flow->energy->kind->quadratic) return IFT_OK;
  IFT_TRY(ift_flow_energy(&flow->now, out));
  *out *= 2;
  return IFT_OK;
}

/* What both halves of the last step promised; NaN before the first. */
static double dissipation(const ift_flow *flow) {
  const ift_flow_taken *taken = &flow->taken;
  const double transport = taken->tau > 0 ? taken->tau * taken->transport_dissipation : 0;
  const double reaction = taken->eta > 0 ? taken->eta * taken->reaction_dissipation : 0;
  return (transport + reaction) / taken->duration;
}

/* NaN before the first step, and after one that failed. */
static ift_status read_decay_rate(ift_flow *flow, double *out) {
  double before, after;
  *out = NAN;
  if (!flow->follows) return IFT_OK;
  IFT_TRY(ift_flow_energy(&flow->next, &before));
  IFT_TRY(ift_flow_energy(&flow->now, &after));
  if (before > 0 && after >= 0) *out = log(before / after) / flow->taken.duration;
  return IFT_OK;
}

static ift_status read_stationarity(ift_flow *flow, double *out) {
  IFT_TRY(ift_flow_evaluate(&flow->now));
  *out = ift_flow_speed(flow, flow->now.a, flow->now.v, false);
  return IFT_OK;
}

static int reaction_word(const ift_flow *flow) {
  const ift_reaction *reaction = ift_flow_reaction(flow);
  int word = 0;
  while (word + 1 < ift_reaction_count && ift_reactions[word] != reaction) word++;
  return word;
}

static ift_status read_entry(ift_flow *flow, int index, ift_option_value *out) {
  switch (index) {
  /* options on auto */
  case IFT_FLOW_tau:
    return ift_flow_ask_tau(flow, &out->real);
  case IFT_FLOW_eta:
    return ift_flow_eta(flow, &flow->now, &out->real);
  case IFT_FLOW_regularization:
    return ift_flow_regularization(flow, &flow->now, &out->real);
  case IFT_FLOW_damping:
    out->real = ift_flow_damping(flow, &flow->control);
    break;
  case IFT_FLOW_continuation_until:
    out->integer = ift_flow_continuation_until(flow);
    break;
  case IFT_FLOW_reaction:
    out->word = reaction_word(flow);
    break;
  case IFT_FLOW_step_control:
    out->word = ift_flow_is_monotone(flow) ? IFT_STEP_MONOTONE : IFT_STEP_FIXED;
    break;
  case IFT_FLOW_noise_until:
  case IFT_FLOW_noise_halving:
    out->integer = INT32_MAX; /* never comes */
    break;
  case IFT_FLOW_seed:
    out->integer = (int64_t)(flow->rng.seed & INT64_MAX); /* the context's may have changed since */
    break;
  /* quantities */
  case IFT_FLOW_geometry:
    out->word = (int)(flow->geometry - ift_geometries);
    break;
  case IFT_FLOW_step:
    out->integer = flow->step;
    break;
  case IFT_FLOW_transport_time:
    out->real = flow->transport_time;
    break;
  case IFT_FLOW_reaction_time:
    out->real = flow->reaction_time;
    break;
  case IFT_FLOW_energy:
    return ift_flow_energy(&flow->now, &out->real);
  case IFT_FLOW_mmd2:
    return read_mmd2(flow, &out->real);
  case IFT_FLOW_mass:
    out->real = ift_measure_mass(flow->measure);
    break;
  case IFT_FLOW_alive:
    out->integer = count_alive(flow);
    break;
  case IFT_FLOW_effective_size:
    out->real = ift_measure_effective_size(flow->measure);
    break;
  case IFT_FLOW_transport_dissipation:
    out->real = flow->taken.transport_dissipation;
    break;
  case IFT_FLOW_reaction_dissipation:
    out->real = flow->taken.reaction_dissipation;
    break;
  case IFT_FLOW_dissipation:
    out->real = dissipation(flow);
    break;
  case IFT_FLOW_decay_rate:
    return read_decay_rate(flow, &out->real);
  case IFT_FLOW_guaranteed_rate:
    out->real = flow->taken.guaranteed_rate;
    break;
  case IFT_FLOW_tau_taken:
    out->real = flow->taken.tau;
    break;
  case IFT_FLOW_eta_taken:
    out->real = flow->taken.eta;
    break;
  case IFT_FLOW_damping_taken:
    out->real = flow->taken.damping;
    break;
  case IFT_FLOW_gap:
    return ift_flow_gap(flow, &out->real);
  case IFT_FLOW_weight_gap:
    out->real = flow->taken.weight_gap;
    break;
  case IFT_FLOW_stationarity:
    return read_stationarity(flow, &out->real);
  }
  return IFT_OK;
}

/* With the flow kept alive: the callback of a custom kernel, which some readings ask, may destroy the handle. */
static ift_status read(void *object, int index, ift_option_value *out) {
  ift_object_retain(object);
  const ift_status status = read_entry(object, index, out);
  ift_object_release(object);
  return status;
}

/* A flow is const to who reads it; what is computed on demand (the gap's site) is kept inside. */
static ift_settings settings_of(const ift_flow *flow) {
  ift_settings settings = {.table = &ift_flow_options, .object = (ift_flow *)flow, .accept = accept, .read = read};
  if (flow) {
    settings.context = flow->object.context;
    settings.values = ((ift_flow *)flow)->options;
    settings.busy = flow->busy;
  }
  return settings;
}

ift_status ift_flow_set_real(ift_flow *flow, const char *option, double value) {
  const ift_settings settings = settings_of(flow);
  return ift_settings_set_real(&settings, option, value);
}

ift_status ift_flow_set_int(ift_flow *flow, const char *option, int64_t value) {
  const ift_settings settings = settings_of(flow);
  return ift_settings_set_integer(&settings, option, value);
}

/* `none` for a half step that the geometry has not. */
static bool declines(const ift_flow *flow, const char *option, const char *value) {
  if (!flow || flow->busy || !option || !value || strcmp(value, "none") != 0) return false;
  const bool transport = strcmp(option, "transport") == 0, reaction = strcmp(option, "reaction") == 0;
  return (transport && !flow->geometry->transports) || (reaction && flow->geometry->family == IFT_NO_REACTION);
}

ift_status ift_flow_set_text(ift_flow *flow, const char *option, const char *value) {
  const ift_settings settings = settings_of(flow);
  if (declines(flow, option, value)) return IFT_OK;
  return ift_settings_set_text(&settings, option, value);
}

ift_status ift_flow_get_real(const ift_flow *flow, const char *quantity, double *out) {
  const ift_settings settings = settings_of(flow);
  return ift_settings_get_real(&settings, quantity, out);
}

ift_status ift_flow_get_int(const ift_flow *flow, const char *quantity, int64_t *out) {
  const ift_settings settings = settings_of(flow);
  return ift_settings_get_integer(&settings, quantity, out);
}

ift_status ift_flow_get_text(const ift_flow *flow, const char *quantity, char *out, int64_t capacity) {
  const ift_settings settings = settings_of(flow);
  return ift_settings_get_text(&settings, quantity, out, capacity);
}
