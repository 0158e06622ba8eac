/* tests/unit/flow/scene.h - a small flow with all its numbers at hand. */
#ifndef TESTS_UNIT_FLOW_SCENE_H
#define TESTS_UNIT_FLOW_SCENE_H

#include <stdbool.h>

#include "support/kernels.h"
#include "support/make.h"
#include "support/random.h"

enum { N = 12, M = 30, D = 2 };

typedef struct scene {
  double x[N * D], a[N], y[M * D], w[M], mass, target_mass;
} scene;

static inline scene make_scene(uint64_t seed, double mass, double target_mass) {
  scene s = {.mass = mass, .target_mass = target_mass};
  dice dice_ = {seed};
  dice_normals(&dice_, s.x, N * D);
  dice_normals(&dice_, s.y, M * D);
  for (int i = 0; i < M * D; i++) s.y[i] = 0.8 * s.y[i] + 0.5;
  dice_weights(&dice_, s.a, N, mass);
  dice_weights(&dice_, s.w, M, target_mass);
  return s;
}

static inline ift_flow *scene_flow(ift_context *context, const scene *s, const char *geometry, const char *spec) {
  ift_energy *energy = make_energy(context, spec, s->y, M, D, s->w);
  ift_flow *flow = make_flow(context, geometry, energy, s->x, N, D, s->a);
  ift_energy_destroy(energy);
  return flow;
}

/* Sets an option from text; it has to be taken. */
static inline void flow_set(ift_flow *flow, const char *option, const char *value) {
  assert_status(IFT_OK, ift_flow_set_text(flow, option, value));
}

/* Sets options given as "name=value name=value"; false where one is not taken. */
static inline bool flow_takes(ift_flow *flow, const char *options) {
  char text[256], *save = NULL;
  assert_true(strlen(options) < sizeof text);
  strcpy(text, options);
  for (char *word = strtok_r(text, " ", &save); word; word = strtok_r(NULL, " ", &save)) {
    char *value = strchr(word, '=');
    assert_non_null(value);
    *value = 0;
    if (ift_flow_set_text(flow, word, value + 1) != IFT_OK) return false;
  }
  return true;
}

/* Everything that a flow answers, but for one entry (NULL: none). */
static inline void read_all(const ift_flow *flow, const char *except, char *out, size_t capacity) {
  size_t used = 0;
  for (int64_t i = 0; i < ift_option_count(); i++) {
    char text[64];
    const char *name = ift_option_name(i);
    if (strcmp(ift_option_noun(i), "flow") != 0 || (except && strcmp(name, except) == 0)) continue;
    assert_status(IFT_OK, ift_flow_get_text(flow, name, text, sizeof text));
    used += (size_t)snprintf(out + used, capacity - used, "%s=%s\n", name, text);
    assert_true(used < capacity);
  }
}

/* What is visible of a flow's state, for comparison to the last bit. */
typedef struct snapshot {
  double x[N * D], a[N], energy, transport_time, reaction_time, tau_taken, eta_taken;
  int64_t step;
} snapshot;

static inline snapshot snap(const ift_flow *flow) {
  snapshot s;
  memset(&s, 0, sizeof s);
  const ift_measure *measure = ift_flow_measure(flow);
  memcpy(s.x, ift_measure_positions(measure), sizeof s.x);
  memcpy(s.a, ift_measure_weights(measure), sizeof s.a);
  s.energy = flow_real(flow, "energy");
  s.transport_time = flow_real(flow, "transport_time");
  s.reaction_time = flow_real(flow, "reaction_time");
  s.tau_taken = flow_real(flow, "tau_taken");
  s.eta_taken = flow_real(flow, "eta_taken");
  s.step = flow_int(flow, "step");
  return s;
}

#define assert_same_state(first, second)                                                                               \
  do {                                                                                                                 \
    const snapshot one_ = (first), two_ = (second);                                                                    \
    assert_memory_equal(&one_, &two_, sizeof one_);                                                                    \
  } while (0)

/* k, or for an anchored flow of a conditionally positive definite kernel k(x,y) - k(x,x0) - k(x0,y), x0 the
 * target's mean. */
static inline double scene_kernel(const scene *s, const formula *f, bool anchored, const double *x, const double *y) {
  const double k = formula_value(f, x, y, D);
  if (!anchored) return k;
  double anchor[D] = {0};
  for (int j = 0; j < M; j++)
    for (int l = 0; l < D; l++) anchor[l] += s->w[j] / s->target_mass * s->y[j * D + l];
  return k - formula_value(f, x, anchor, D) - formula_value(f, anchor, y, D);
}

/* sum_j a_j k(point, x_j), c(point), and their difference g. */
static inline double scene_interaction(const scene *s, const formula *f, bool anchored, const double *point,
                                       const double *x, const double *a, int64_t n) {
  double sum = 0;
  for (int64_t j = 0; j < n; j++) sum += a[j] * scene_kernel(s, f, anchored, point, x + j * D);
  return sum;
}

static inline double scene_external(const scene *s, const formula *f, bool anchored, const double *point) {
  return scene_interaction(s, f, anchored, point, s->y, s->w, M);
}

static inline double scene_g(const scene *s, const formula *f, bool anchored, const double *point, const double *x,
                             const double *a) {
  return scene_interaction(s, f, anchored, point, x, a, N) - scene_external(s, f, anchored, point);
}

/* v at a point, gradients summed up with 0 at kinks; equal masses. */
static inline void scene_v(const scene *s, const formula *f, double *v, const double *point, const double *x,
                           const double *a) {
  double slope[D];
  for (int l = 0; l < D; l++) v[l] = 0;
  for (int j = 0; j < N; j++) {
    formula_gradient(f, slope, point, x + j * D, D);
    for (int l = 0; l < D; l++) v[l] += a[j] * slope[l];
  }
  for (int j = 0; j < M; j++) {
    formula_gradient(f, slope, point, s->y + j * D, D);
    for (int l = 0; l < D; l++) v[l] -= s->w[j] * slope[l];
  }
}

#endif
