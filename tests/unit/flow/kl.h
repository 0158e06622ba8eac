/* tests/unit/flow/kl.h - flows of kl towards a mixture, with what they are made of by formulas. */
#ifndef TESTS_UNIT_FLOW_KL_H
#define TESTS_UNIT_FLOW_KL_H

#include "model.h"
#include "support/mixture.h"

static const double KL_BANDWIDTH = 0.6;
static const mixture kl_pi = {2, D, {0.4, 0.6}, {-1, 0, 1, 0.5}, {1, 0.2, 0.2, 0.5, 0.7, 0, 0, 1}};

static inline ift_energy *make_kl(ift_context *context, const mixture *pi, double bandwidth) {
  ift_target *target = make_mixture(context, pi);
  ift_energy *energy;
  assert_status(IFT_OK, ift_energy_kl(context, &energy, target, bandwidth));
  ift_target_destroy(target);
  return energy;
}

static inline ift_flow *kl_flow(ift_context *context, const scene *s, const char *geometry) {
  ift_energy *energy = make_kl(context, &kl_pi, KL_BANDWIDTH);
  ift_flow *flow = make_flow(context, geometry, energy, s->x, N, D, s->a);
  ift_energy_destroy(energy);
  return flow;
}

/* g of the measure of `a` on x, at x. */
static inline void kl_variation(const double *x, const double *a, double *g) {
  const blobs b = {&kl_pi, KL_BANDWIDTH, N, x, a};
  for (int i = 0; i < N; i++) g[i] = blobs_g(&b, x + i * D);
}

static inline void kl_score(const double *x, double *score) {
  long double s[MIXTURE_D];
  mixture_look(&kl_pi, x, NULL, s, NULL);
  for (int l = 0; l < D; l++) score[l] = (double)s[l];
}

static inline ift_rng flow_stream(uint64_t seed) {
  ift_rng rng;
  ift_rng_init(&rng, seed, IFT_STREAM_FLOW);
  return rng;
}

/* A step that the flow's options do not allow, with that in the message; nothing has happened. */
static inline void assert_refused(const ift_context *context, ift_flow *flow, ift_status status, const char *message) {
  assert_status(status, ift_flow_step(flow, 1));
  assert_message(context, message);
  assert_int_equal(flow_int(flow, "step"), 0);
}

#endif
