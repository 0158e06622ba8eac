/* The driver: makes a flow, prepares what a step needs, runs steps under the stopping rules. */
#include "flow/flow.h"

#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "base/callback.h"

enum { STALL_STEPS = 10 };

static void dispose(void *object) {
  ift_flow *flow = object;
  ift_context *context = flow->object.context;
  ift_flow_state_dispose(flow, &flow->now);
  ift_flow_state_dispose(flow, &flow->next);
  flow->middle.site = NULL; /* it is another state's */
  ift_flow_state_dispose(flow, &flow->middle);
  for (int k = 0; k < 2; k++) ift_flow_state_dispose(flow, &flow->fresh[k]);
  for (int k = 0; k < 2; k++) ift_flow_state_dispose(flow, &flow->broad[k]);
  ift_object_release(flow->batch);
  ift_object_release(flow->wide);
  if (flow->candidates.site) flow->energy->kind->site_destroy(flow->candidates.site);
  if (flow->target_site) flow->energy->kind->site_destroy(flow->target_site);
  ift_free(context, flow->candidates.g);
  ift_groups_dispose(&flow->groups);
  ift_free(context, flow->apart);
  ift_free(context, flow->work);
  ift_free(context, flow->gram);
  ift_free(context, flow->linear);
  ift_free(context, flow->hessian);
  ift_free(context, flow->dominant);
  ift_free(context, flow->displacement);
  ift_lbfgs_destroy(flow->lbfgs);
  ift_qp_destroy(flow->qp);
  ift_projected_destroy(flow->projected);
  ift_measure_destroy(flow->measure);
  if (flow->monitor_destroy) flow->monitor_destroy(flow->monitor_user);
  ift_object_release((ift_kernel *)flow->kernel);
  ift_object_release((ift_energy *)flow->energy);
}

static const ift_geometry *find_geometry(ift_context *context, const char *name) {
  char names[256] = "";
  for (int i = 0; i < ift_geometry_count; i++) {
    if (strcmp(ift_geometries[i].name, name) == 0) return &ift_geometries[i];
    strcat(strcat(names, i ? ", " : ""), ift_geometries[i].name);
  }
  ift_fail(context, IFT_ERR_OPTION, "geometry '%.64s' is unknown; there are %s", name, names);
  return NULL;
}

/* Everything but the option table's defaults. */
static ift_status fill(ift_flow *flow, const ift_measure *initial) {
  ift_context *context = flow->object.context;
  flow->n = initial->n;
  flow->d = initial->d;
  flow->mass = ift_measure_mass(initial);
  flow->anchored = ift_energy_anchored(flow->energy, flow->mass, flow->geometry->mass_kept);
  flow->control = (ift_flow_control){1, 1, 0, ift_damping_first()};
  flow->taken = (ift_flow_taken){NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN};
  ift_rng_init(&flow->rng, context->seed, IFT_STREAM_FLOW);
  IFT_TRY(ift_measure_clone(initial, &flow->measure));
  flow->measure->borrowed = true;
  IFT_TRY(ift_flow_state_create(flow, flow->energy, &flow->now));
  IFT_TRY(ift_flow_state_create(flow, flow->energy, &flow->next));
  if (!(flow->work = ift_alloc_reals(context, flow->n))) return IFT_ERR_NO_MEMORY;
  memcpy(flow->now.a, initial->weights, (size_t)flow->n * sizeof(double));
  memcpy(flow->now.site->x, initial->positions, (size_t)(flow->n * flow->d) * sizeof(double));
  IFT_TRY(ift_flow_evaluate(&flow->now));
  flow->reading.step = flow->curvature_step = -1;
  return IFT_OK;
}

ift_status ift_flow_create(ift_context *context, ift_flow **out, const char *geometry, const ift_energy *energy,
                           const ift_measure *initial) {
  if (out) *out = NULL;
  if (!context || !out || !geometry)
    return ift_fail(context, IFT_ERR_ARGUMENT, "the context, the flow's place or its geometry is NULL");
  IFT_TRY(ift_same_context(context, energy, "the energy"));
  IFT_TRY(ift_same_context(context, initial, "the initial measure"));
  const ift_geometry *kind = find_geometry(context, geometry);
  if (!kind) return IFT_ERR_OPTION;
  if (energy->d != initial->d)
    return ift_fail(context, IFT_ERR_DIMENSION, "the energy lives in dimension %lld, the initial measure in %lld",
                    (long long)energy->d, (long long)initial->d);
  ift_flow *flow = ift_object_create(context, sizeof *flow, dispose);
  if (!flow) return IFT_ERR_NO_MEMORY;
  flow->geometry = kind;
  flow->energy = energy;
  ift_object_retain(energy);
  atomic_init(&flow->stop, 0);
  ift_option_defaults(&ift_flow_options, flow->options);
  const ift_status status = fill(flow, initial);
  if (status == IFT_OK)
    *out = flow;
  else
    ift_object_release(flow);
  return status;
}

void ift_flow_destroy(ift_flow *flow) {
  ift_object_release(flow);
}

const ift_measure *ift_flow_measure(const ift_flow *flow) {
  return flow ? flow->measure : NULL;
}

void ift_flow_request_stop(ift_flow *flow) {
  if (flow) atomic_store_explicit(&flow->stop, 1, memory_order_relaxed);
}

ift_status ift_flow_set_monitor(ift_flow *flow, int (*monitor)(const ift_flow *flow, void *user), void *user,
                                void (*destroy)(void *user)) {
  const ift_status status =
      !flow        ? IFT_ERR_ARGUMENT
      : flow->busy ? ift_fail(flow->object.context, IFT_ERR_BUSY, "the monitor is set between steps, not during one")
                   : IFT_OK;
  if (status != IFT_OK) {
    if (destroy) destroy(user);
    return status;
  }
  if (flow->monitor_destroy) flow->monitor_destroy(flow->monitor_user);
  flow->monitor = monitor;
  flow->monitor_user = user;
  flow->monitor_destroy = destroy;
  return IFT_OK;
}

static ift_status allocate_gram(ift_flow *flow) {
  ift_context *context = flow->object.context;
  if (!flow->gram && !(flow->gram = ift_alloc2(context, flow->n, flow->n, sizeof *flow->gram)))
    return IFT_ERR_NO_MEMORY;
  if (!flow->linear) flow->linear = ift_alloc_reals(context, flow->n);
  return flow->linear ? IFT_OK : IFT_ERR_NO_MEMORY;
}

ift_status ift_flow_allocate_program(ift_flow *flow) {
  IFT_TRY(allocate_gram(flow));
  return flow->qp ? IFT_OK : ift_qp_create(flow->object.context, &flow->qp, flow->n);
}

static ift_status prepare_reaction(ift_flow *flow) {
  ift_context *context = flow->object.context;
  const ift_reaction *reaction = ift_flow_reaction(flow);
  if (flow->geometry->joint) return flow->geometry->joint->prepare(flow);
  if (reaction && reaction->bounded && !flow->dominant && ift_flow_is_quadratic(flow) && !ift_flow_is_monotone(flow)) {
    if (!(flow->dominant = ift_alloc_reals(context, flow->n))) return IFT_ERR_NO_MEMORY;
    memset(flow->dominant, 0, (size_t)flow->n * sizeof(double));
  }
  if (!reaction || !reaction->gram) return IFT_OK;
  IFT_TRY(allocate_gram(flow));
  if (reaction->hessian && !flow->hessian &&
      !(flow->hessian = ift_alloc2(context, flow->n, flow->n, sizeof *flow->hessian)))
    return IFT_ERR_NO_MEMORY;
  return reaction->qp ? ift_flow_allocate_program(flow) : IFT_OK;
}

ift_status ift_flow_allocate_displacement(ift_flow *flow) {
  if (!flow->displacement) flow->displacement = ift_alloc2(flow->object.context, flow->n, flow->d, sizeof(double));
  return flow->displacement ? IFT_OK : IFT_ERR_NO_MEMORY;
}

static ift_status prepare_transport(ift_flow *flow) {
  const ift_transport *transport = ift_flow_transport(flow);
  return flow->geometry->transports && transport->prepare ? transport->prepare(flow) : IFT_OK;
}

static ift_status prepare_splitting(ift_flow *flow) {
  if (flow->options[IFT_FLOW_splitting].word != IFT_SPLITTING_STRANG || flow->middle.v) return IFT_OK;
  const ift_status status = ift_flow_state_create(flow, NULL, &flow->middle);
  if (status == IFT_OK) return IFT_OK;
  ift_flow_state_dispose(flow, &flow->middle);
  flow->middle = (ift_flow_state){0};
  return status;
}

/* Has the run come to its tolerance? */
static ift_status judge_tolerance(ift_flow *flow) {
  const double tolerance = flow->options[IFT_FLOW_tolerance].real;
  double energy;
  if (!(tolerance > 0)) return IFT_OK;
  IFT_TRY(ift_flow_energy(&flow->now, &energy));
  return energy <= tolerance ? IFT_CONVERGED : IFT_OK;
}

/* Have the last ten steps gained too little? Only a reading that is ten steps old can tell. */
static ift_status judge_stall(ift_flow *flow) {
  const double stall = flow->options[IFT_FLOW_stall].real;
  ift_flow_reading *last = &flow->reading;
  if (!(stall > 0) || flow->step % STALL_STEPS != 0 || last->step == flow->step) return IFT_OK;
  if (ift_flow_widening(flow) > 1) return IFT_OK; /* it is another energy that falls */
  const ift_flow_reading before = *last;
  IFT_TRY(ift_flow_energy(&flow->now, &last->energy));
  last->step = flow->step;
  if (before.step != flow->step - STALL_STEPS) return IFT_OK;
  return before.energy - last->energy < stall * fabs(before.energy) ? IFT_STALLED : IFT_OK;
}

/* The rules of a run; the reading of the second is taken whatever the first says. */
static ift_status judge(ift_flow *flow) {
  const ift_status stalled = judge_stall(flow);
  if (stalled != IFT_OK && stalled != IFT_STALLED) return stalled;
  const ift_status converged = judge_tolerance(flow);
  return converged != IFT_OK ? converged : stalled;
}

static ift_status ask_monitor(ift_flow *flow) {
  const int answer = flow->monitor ? flow->monitor(flow, flow->monitor_user) : 0;
  return ift_callback_answer(flow->object.context, answer, "monitor", "flow");
}

static ift_status run_steps(ift_flow *flow, int64_t steps, bool judged) {
  IFT_TRY(ift_flow_check_modes(flow));
  IFT_TRY(prepare_transport(flow));
  IFT_TRY(prepare_reaction(flow));
  IFT_TRY(prepare_splitting(flow));
  IFT_TRY(ift_flow_prepare_continuation(flow));
  IFT_TRY(ift_flow_prepare_merging(flow));
  IFT_TRY(ift_flow_prepare_rejuvenation(flow));
  IFT_TRY(ift_flow_prepare_batch(flow));
  if (judged) {
    const ift_status verdict = judge(flow); /* before the first step nothing can have stalled */
    if (verdict != IFT_OK && verdict != IFT_STALLED) return verdict;
  }
  for (int64_t k = 0; k < steps; k++) {
    if (atomic_exchange_explicit(&flow->stop, 0, memory_order_relaxed)) return IFT_STOPPED;
    IFT_TRY(ift_flow_advance(flow));
    const ift_status verdict =
        judged ? judge(flow) : IFT_OK; /* first, so that a monitor that stops the run costs no reading */
    if (verdict < 0) return verdict;
    IFT_TRY(ask_monitor(flow));
    if (verdict != IFT_OK) return verdict;
  }
  return atomic_exchange_explicit(&flow->stop, 0, memory_order_relaxed) ? IFT_STOPPED : IFT_OK;
}

/* Takes steps with the flow marked as busy, and kept alive should its own callback destroy it. */
static ift_status run(ift_flow *flow, int64_t steps, bool judged) {
  if (!flow) return IFT_ERR_ARGUMENT;
  ift_context *context = flow->object.context;
  if (flow->busy) return ift_fail(context, IFT_ERR_BUSY, "the flow was entered again from its own callback");
  if (steps < 0)
    return ift_fail(context, IFT_ERR_ARGUMENT, "the number of steps is %lld; allowed are 0 and more", (long long)steps);
  ift_object_retain(flow);
  flow->busy = true;
  const ift_status status = run_steps(flow, steps, judged);
  flow->busy = false;
  ift_object_release(flow);
  return status;
}

ift_status ift_flow_step(ift_flow *flow, int64_t steps) {
  return run(flow, steps, false);
}

ift_status ift_flow_run(ift_flow *flow, int64_t steps) {
  return run(flow, steps, true);
}
