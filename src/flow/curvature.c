/* How far transport may go: the curvature of F along particle paths, of which an energy knows a bound, or which is found
 * by power iteration on differences of its velocities. */
#include <math.h>
#include <string.h>

#include "base/extremes.h"
#include "flow/flow.h"

enum { ITERATIONS = 4, REFRESH = 16 };

/* u = (v(x + h u) - v(x)) / h for all particles together, h small; `to` is scratch. Returns the norm of the image. */
static ift_status apply(ift_flow *flow, ift_flow_state *from, ift_flow_state *to, double *u, double h) {
  const ift_energy_kind *kind = from->site->energy->kind;
  const int64_t size = flow->n * flow->d;
  for (int64_t k = 0; k < size; k++) to->site->x[k] = from->site->x[k] + h * u[k];
  IFT_TRY(kind->site_move(to->site, to->site->x, true));
  IFT_TRY(kind->evaluate(to->site, NULL, to->v, to->site, from->a));
  for (int64_t k = 0; k < size; k++) u[k] = (to->v[k] - from->v[k]) / h;
  return IFT_OK;
}

/* `to` is scratch for this; on an error nothing is known, and 0 says so. */
static ift_status estimate(ift_flow *flow, ift_flow_state *to, double *out) {
  ift_flow_state *from = &flow->now;
  const int64_t size = flow->n * flow->d;
  const double extent = ift_largest(from->site->x, size), h = 1e-4 * (extent > 0 ? extent : 1);
  IFT_TRY(ift_flow_allocate_displacement(flow));
  double *u = flow->displacement;
  ift_rng rng;
  ift_rng_init(&rng, flow->rng.seed, IFT_STREAM_CURVATURE);
  IFT_TRY(ift_flow_evaluate(from));
  for (int64_t k = 0; k < size; k++) u[k] = ift_rng_normal(&rng);
  *out = 0;
  for (int iteration = 0; iteration < ITERATIONS; iteration++) {
    const double before = ift_largest(u, size);
    if (!(before > 0) || !isfinite(before)) return IFT_OK;
    for (int64_t k = 0; k < size; k++) u[k] /= before;
    IFT_TRY(apply(flow, from, to, u, h));
    *out = ift_largest(u, size);
  }
  return IFT_OK;
}

/* In a step the state after it is there to be written over. */
static ift_status estimate_in_step(ift_flow *flow, double *out) {
  flow->follows = false;
  ift_flow_state_forget(&flow->next);
  return estimate(flow, &flow->next, out);
}

/* Who asks between steps gets a state for it, and leaves no trace. */
static ift_status estimate_aside(ift_flow *flow, double *out) {
  ift_flow_state aside = {0};
  ift_status status = ift_flow_state_create(flow, flow->energy, &aside);
  if (status == IFT_OK) status = estimate(flow, &aside, out);
  ift_flow_state_dispose(flow, &aside);
  return status;
}

static ift_status find_curvature(ift_flow *flow, bool asked, double *out) {
  const double mass = flow->geometry->mass_kept ? flow->mass : ift_measure_mass(flow->measure);
  *out = flow->energy->kind->curvature(flow->now.site, mass);
  if (!isnan(*out)) return IFT_OK;
  const int64_t due = flow->step - flow->step % REFRESH;
  if (flow->curvature_step != due) {
    if (asked) return estimate_aside(flow, out);
    IFT_TRY(estimate_in_step(flow, &flow->curvature));
    flow->curvature_step = due;
  }
  *out = flow->curvature;
  return IFT_OK;
}

static ift_status longest_tau(ift_flow *flow, bool asked, double *tau) {
  double curvature, largest = 1;
  if (!flow->energy->kind->quadratic) IFT_TRY(ift_flow_place(&flow->now)); /* which an MMD's curvature can do without */
  IFT_TRY(find_curvature(flow, asked, &curvature));
  if (ift_flow_transport(flow)->weighted) {
    largest = 0;
    for (int64_t i = 0; i < flow->n; i++) largest = fmax(largest, flow->now.a[i]);
  }
  *tau = curvature * largest > 0 && curvature < HUGE_VAL ? 2 / (curvature * largest) : 0;
  return IFT_OK;
}

ift_status ift_flow_longest_tau(ift_flow *flow, double *tau) {
  return longest_tau(flow, false, tau);
}

/* What the options say of a step: on auto, in rates, or as it is. */
static ift_status find_tau(ift_flow *flow, bool asked, double *tau) {
  const ift_option_value *option = &flow->options[IFT_FLOW_tau];
  const double time_step = flow->options[IFT_FLOW_time_step].real;
  *tau = 0;
  if (!flow->geometry->transports) return IFT_OK;
  if (time_step > 0) {
    *tau = flow->options[IFT_FLOW_alpha].real * time_step;
  } else if (option->automatic) {
    IFT_TRY(longest_tau(flow, asked, tau));
    *tau *= 0.29;
  } else {
    *tau = option->real;
  }
  return IFT_OK;
}

ift_status ift_flow_tau(ift_flow *flow, double *tau) {
  return find_tau(flow, false, tau);
}

ift_status ift_flow_ask_tau(ift_flow *flow, double *tau) {
  return find_tau(flow, true, tau);
}
