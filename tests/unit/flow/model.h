/* tests/unit/flow/model.h - what a step is made of, by formulas: the terms of an energy towards any points, such as
 * those of a batch, and the particles of a scene between two steps. */
#ifndef TESTS_UNIT_FLOW_MODEL_H
#define TESTS_UNIT_FLOW_MODEL_H

#include "base/rng.h"
#include "scene.h"

static const formula gaussian = {"gaussian", "gaussian:0.7", 0.7, 0, false, false, true},
                     riesz = {"riesz", "riesz:1.5", 1.5, 0, true, false, true},
                     laplace = {"laplace", "laplace:1.3", 1.3, 0, false, true, true};

/* An energy: `m` points with weights, and the kernel that an anchored flow has for a conditional one. */
enum { MOST = 64 };
typedef struct model {
  const formula *f;
  bool anchored;
  double anchor[D];
  int64_t m;
  double y[MOST * D], w[MOST];
} model;

static inline model scene_model(const scene *s, const formula *f, bool anchored) {
  model p = {.f = f, .anchored = anchored, .m = M};
  memcpy(p.y, s->y, sizeof s->y);
  memcpy(p.w, s->w, sizeof s->w);
  for (int j = 0; j < M; j++)
    for (int l = 0; l < D; l++) p.anchor[l] += s->w[j] / s->target_mass * s->y[j * D + l];
  return p;
}

static inline double model_kernel(const model *p, const double *x, const double *y) {
  const double k = formula_value(p->f, x, y, D);
  return p->anchored ? k - formula_value(p->f, x, p->anchor, D) - formula_value(p->f, p->anchor, y, D) : k;
}

/* sum_j a_j k(point, x_j) and c(point). */
static inline double model_interaction(const model *p, const double *point, const double *x, const double *a) {
  double sum = 0;
  for (int j = 0; j < N; j++) sum += a[j] * model_kernel(p, point, x + j * D);
  return sum;
}

static inline double model_external(const model *p, const double *point) {
  double sum = 0;
  for (int64_t j = 0; j < p->m; j++) sum += p->w[j] * model_kernel(p, point, p->y + j * D);
  return sum;
}

static inline double model_g(const model *p, const double *point, const double *x, const double *a) {
  return model_interaction(p, point, x, a) - model_external(p, point);
}

static inline void model_slope(const model *p, double weight, const double *point, const double *y, double *sum) {
  double slope[D], lift[D] = {0};
  formula_gradient(p->f, slope, point, y, D);
  if (p->anchored) formula_gradient(p->f, lift, point, p->anchor, D);
  for (int l = 0; l < D; l++) sum[l] += weight * (slope[l] - lift[l]);
}

static inline void model_v(const model *p, double *v, const double *point, const double *x, const double *a) {
  for (int l = 0; l < D; l++) v[l] = 0;
  for (int j = 0; j < N; j++) model_slope(p, a[j], point, x + j * D, v);
  for (int64_t j = 0; j < p->m; j++) model_slope(p, -p->w[j], point, p->y + j * D, v);
}

/* F: 1/2 iint k d(mu-pi) d(mu-pi). */
static inline double model_energy(const model *p, const double *x, const double *a) {
  double sum = 0;
  for (int i = 0; i < N; i++) sum += a[i] * model_g(p, x + i * D, x, a);
  for (int64_t j = 0; j < p->m; j++) sum -= p->w[j] * model_g(p, p->y + j * D, x, a);
  return sum / 2;
}

/* Particles. */
typedef struct particles {
  double x[N * D], a[N];
} particles;

static inline particles particles_of(const ift_flow *flow) {
  particles p;
  memcpy(p.x, ift_measure_positions(ift_flow_measure(flow)), sizeof p.x);
  memcpy(p.a, ift_measure_weights(ift_flow_measure(flow)), sizeof p.a);
  return p;
}

/* x - tau v(x) with the velocities of `from` towards the model; sum a_i |v_i|^2. */
static inline double model_move(const model *p, const particles *from, double tau, double *moved) {
  double speed = 0;
  for (int i = 0; i < N; i++) {
    double v[D];
    model_v(p, v, from->x + i * D, from->x, from->a);
    for (int l = 0; l < D; l++) moved[i * D + l] = from->x[i * D + l] - tau * v[l];
    for (int l = 0; l < D; l++) speed += from->a[i] * v[l] * v[l];
  }
  return speed;
}

static inline void check_positions(const ift_flow *flow, const double *expected, double tolerance) {
  const particles now = particles_of(flow);
  for (int i = 0; i < N * D; i++) assert_near(now.x[i], expected[i], tolerance, tolerance);
}

static inline void check_weights(const ift_flow *flow, const double *expected, double tolerance) {
  const particles now = particles_of(flow);
  for (int i = 0; i < N; i++) assert_near(now.a[i], expected[i], tolerance, tolerance);
}

/* a_i exp(-eta g_i), brought to the mass of `a` where it is kept. */
static inline void mirror(const double *a, const double *g, double eta, bool kept, double *b) {
  double mass = 0, sum = 0;
  for (int i = 0; i < N; i++) mass += a[i];
  for (int i = 0; i < N; i++) sum += b[i] = a[i] * exp(-eta * g[i]);
  for (int i = 0; kept && i < N; i++) b[i] *= mass / sum;
}

static inline ift_flow *fixed_flow(ift_context *context, const scene *s, const char *geometry, const formula *f,
                                   const char *tau, const char *eta) {
  ift_flow *flow = scene_flow(context, s, geometry, f->spec);
  flow_set(flow, "step_control", "fixed");
  if (tau) flow_set(flow, "tau", tau);
  if (eta) flow_set(flow, "eta", eta);
  return flow;
}

#endif
