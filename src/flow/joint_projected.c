/* The projected MMD flow, in which positions and weights move together. By Theorem 3.4 of the paper the MMD flow of F =
 * 1/2 MMD^2 is mu' = -(mu - pi). A step of length eta aims at its Euler step, nu = mu - eta (mu - pi): positions go eta
 * times the way of the damped Gauss-Newton step (flow/projected.h), and the weights are then the best ones there, argmin
 * |sum_i b_i k(x_i+, .) - nu|^2 over the simplex, with which some die and dead ones may come back. Without damping, on
 * particles that can take the shape of nu, F falls by (1 - eta)^2; eta = 1 is a step of Gauss and Newton with the
 * weights eliminated (variable projection; Golub and Pereyra 1973). */
#include <math.h>

#include "base/sum.h"
#include "flow/flow.h"

/* Unknowns, n (d+1), up to which the matrix is formed. */
static const double SMALL = 1000;

static const ift_kernel *kernel_of(const ift_energy *energy) {
  return ift_energy_embedding(energy)->kernel;
}

static ift_status check(const ift_flow *flow) {
  ift_context *context = flow->object.context;
  const char *geometry = flow->geometry->name, *energy = flow->energy->kind->name;
  if (!flow->energy->kind->quadratic)
    return ift_fail(context, IFT_ERR_CAPABILITY, "geometry '%s' needs an energy that is 1/2 MMD^2; this is '%s'",
                    geometry, energy);
  if (!ift_kernel_has_tangents(kernel_of(flow->energy)))
    return ift_fail(context, IFT_ERR_CAPABILITY,
                    "geometry '%s' needs a kernel with second derivatives, as gaussian, matern32, matern52, imq and "
                    "polynomial have; one with a kink at x = y has none, and of a custom one they are not known",
                    geometry);
  return IFT_OK;
}

static ift_status prepare(ift_flow *flow) {
  const ift_kernel *kernel = kernel_of(flow->energy);
  const bool small = (double)flow->n * ((double)flow->d + 1) <= SMALL || !ift_kernel_has_profiles(kernel);
  IFT_TRY(ift_flow_allocate_program(flow));
  IFT_TRY(ift_flow_allocate_displacement(flow));
  if (flow->projected) return IFT_OK;
  flow->projected_step = -1;
  return ift_projected_create(flow->object.context, &flow->projected, flow->n, flow->d, small);
}

/* The positions of `to`. The matrix is that of `from`, for as many attempts as are made from there. */
static ift_status move(ift_flow *flow, ift_flow_state *from, ift_flow_state *to, double eta) {
  double *dx = flow->displacement, *da = flow->work;
  bool found;
  IFT_TRY(ift_flow_evaluate(from));
  if (flow->projected_step != flow->step)
    IFT_TRY(ift_projected_place(flow->projected, kernel_of(from->site->energy), from->site->x, from->a));
  flow->projected_step = flow->step;
  IFT_TRY(ift_projected_step(flow->projected, dx, da, &flow->taken.predicted, &found, from->g, from->v,
                             flow->taken.damping, eta, true));
  if (!found)
    return ift_fail(flow->object.context, IFT_ERR_NOT_FINITE,
                    "with damping %g the matrix of the projected flow is not positive definite to working precision; "
                    "a larger one is needed",
                    flow->taken.damping);
  for (int64_t k = 0; k < flow->n * flow->d; k++) to->site->x[k] = from->site->x[k] + dx[k];
  IFT_TRY(ift_flow_check_positions(flow, to->site->x));
  return ift_flow_place(to);
}

/* The weights of `to`: the quadratic program with t = (1 - eta) K a + eta c, K between new and old positions. */
static ift_status weigh(ift_flow *flow, ift_flow_state *from, ift_flow_state *to, double eta) {
  double before;
  IFT_TRY(ift_flow_energy(from, &before));
  IFT_TRY(ift_flow_gram(flow, to->site, flow->gram));
  IFT_TRY(ift_flow_interaction(flow, to->site, flow->linear, from->site, from->a));
  IFT_TRY(flow->energy->kind->quadratic->linear(to->site, flow->work));
  for (int64_t i = 0; i < flow->n; i++) flow->linear[i] = (1 - eta) * flow->linear[i] + eta * flow->work[i];
  return ift_flow_solve_weights(flow, from, to, eta, 0, 1e-10 * fmin(eta, 1) * before);
}

/* The rates at which the motion of positions and that of weights lower F, to first order: -sum_i a_i v_i'dx_i/eta and
 * -g'da/eta. */
static void report(ift_flow *flow, const ift_flow_state *from, const ift_flow_state *to, double eta) {
  const double *dx = flow->displacement, *v = from->v;
  double *difference = flow->work, moved = 0;
  for (int64_t i = 0; i < flow->n; i++) {
    difference[i] = to->a[i] - from->a[i];
    for (int64_t l = 0, k = i * flow->d; l < flow->d; l++, k++) moved += from->a[i] * v[k] * dx[k];
  }
  flow->taken.transport_dissipation = -moved / eta;
  flow->taken.reaction_dissipation = -ift_dot_compensated(from->g, difference, flow->n) / eta;
}

static ift_status step(ift_flow *flow, ift_flow_state *from, ift_flow_state *to, double eta) {
  IFT_TRY(move(flow, from, to, eta));
  IFT_TRY(weigh(flow, from, to, eta));
  report(flow, from, to, eta);
  return IFT_OK;
}

const ift_joint ift_joint_projected = {.eta = 1, .check = check, .prepare = prepare, .step = step};
