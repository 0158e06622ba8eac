/* tests/property/property.h - random problems from a seed that is printed, and can be given as the first argument. */
#ifndef TESTS_PROPERTY_PROPERTY_H
#define TESTS_PROPERTY_PROPERTY_H

#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>

#include "support/kernels.h"
#include "support/make.h"
#include "support/random.h"

static uint64_t seed = 1;
static ift_context *context;

/* A stream of its own for each test. */
static inline dice dice_of(const char *test) {
  dice d = {seed};
  for (; *test; test++) d.state = d.state * 31 + (uint64_t)*test;
  (void)dice_bits(&d);
  return d;
}
#define new_dice() dice_of(__func__)

static inline int property_set_up(void **state) {
  (void)state;
  context = make_context();
  return 0;
}

static inline int property_tear_down(void **state) {
  (void)state;
  ift_context_destroy(context);
  return 0;
}

#define property_main(tests, argc, argv)                                                                               \
  (seed = argc > 1 ? strtoull(argv[1], NULL, 0) : seed,                                                                \
   print_message("seed %" PRIu64 " (the first argument gives another)\n", seed),                                       \
   cmocka_run_group_tests(tests, property_set_up, property_tear_down))

/* Points no two of which are closer than `apart`, so that Gram matrices are well conditioned. */
static inline void spread_points(dice *d, double *x, int64_t n, int64_t dim, double apart) {
  for (int64_t i = 0; i < n; i++)
    for (bool clear = false; !clear;) {
      clear = true;
      for (int64_t l = 0; l < dim; l++) x[i * dim + l] = 2 * dice_normal(d);
      for (int64_t j = 0; j < i; j++) clear = clear && distance_of(x + i * dim, x + j * dim, dim) > (long double)apart;
    }
}

/* Every way to flow: geometry, reaction, transport (NULL: there is none); options besides, "name=value name=value". */
typedef struct way {
  const char *geometry, *reaction, *transport;
  bool kept;
  const char *options;
  bool joint; /* positions and weights move together; the kernel is smooth */
} way;

static const way ways[] = {
    {"wasserstein", NULL, "explicit", true, "", false},
    {"wasserstein", NULL, "euclidean", true, "", false},
    {"mmd", "exponential", NULL, false, "", false},
    {"spherical-mmd", "exponential", NULL, true, "", false},
    {"mmd", "implicit", NULL, false, "", false},
    {"spherical-mmd", "implicit", NULL, true, "", false},
    {"mmd", "gradient", NULL, false, "", false},
    {"spherical-mmd", "gradient", NULL, true, "", false},
    {"fisher-rao", "mirror", NULL, false, "", false},
    {"spherical-fisher-rao", "mirror", NULL, true, "", false},
    {"fisher-rao", "hellinger", NULL, false, "", false},
    {"spherical-fisher-rao", "hellinger", NULL, true, "", false},
    {"ift", "exponential", "explicit", false, "", false},
    {"spherical-ift", "exponential", "explicit", true, "", false},
    {"ift", "implicit", "explicit", false, "", false},
    {"spherical-ift", "implicit", "explicit", true, "", false},
    {"ift", "gradient", "euclidean", false, "", false},
    {"spherical-ift", "gradient", "explicit", true, "", false},
    {"wfr", "mirror", "explicit", false, "", false},
    {"spherical-wfr", "mirror", "explicit", true, "", false},
    {"wfr", "hellinger", "explicit", false, "", false},
    {"spherical-wfr", "hellinger", "euclidean", true, "", false},
    {"wasserstein", NULL, "heun", true, "", false},
    {"wasserstein", NULL, "implicit", true, "", false},
    {"mmd", "linearized", NULL, false, "", false},
    {"spherical-mmd", "linearized", NULL, true, "", false},
    {"wfr", "projected", "explicit", false, "", false},
    {"spherical-wfr", "projected", "heun", true, "", false},
    {"ift", "positive", "heun", false, "regularization=0.2", false},
    {"spherical-ift", "positive", "explicit", true, "regularization=0.02", false},
    {"spherical-ift", "exponential", "explicit", true, "regularization=0.1", false},
    {"spherical-ift", "exponential", "heun", true, "splitting=strang", false},
    {"spherical-mmd", "positive", NULL, true, "regularization=0.1 splitting=strang", false},
    {"wfr", "mirror", "implicit", false, "splitting=strang", false},
    {"spherical-ift", "implicit", "implicit", true, "splitting=strang center=old", false},
    {"projected-mmd", NULL, NULL, true, "damping=0.1", true},
    {"projected-mmd", NULL, NULL, true, "", true},
};
enum { WAYS = sizeof ways / sizeof ways[0] };

/* Does the kernel of that specification have a kink? */
static inline bool has_kink(const char *spec) {
  return strstr(spec, "laplace") || strstr(spec, "matern12") || strstr(spec, "riesz") || strstr(spec, "energy");
}

/* Sets options given as "name=value name=value". */
static inline void set_options(ift_flow *flow, const char *options) {
  char text[64], *save = NULL;
  snprintf(text, sizeof text, "%s", options);
  for (char *word = strtok_r(text, " ", &save); word; word = strtok_r(NULL, " ", &save)) {
    char *value = strchr(word, '=');
    *value = 0;
    assert_status(IFT_OK, ift_flow_set_text(flow, word, value + 1));
  }
}

/* A flow with fixed steps. */
static inline ift_flow *way_flow(const way *w, const ift_energy *energy, const double *x, int64_t n, int64_t d,
                                 const double *a, double tau, double eta) {
  ift_flow *flow = make_flow(context, w->geometry, energy, x, n, d, a);
  assert_status(IFT_OK, ift_flow_set_text(flow, "step_control", "fixed"));
  set_options(flow, w->options);
  if (w->transport) {
    assert_status(IFT_OK, ift_flow_set_text(flow, "transport", w->transport));
    assert_status(IFT_OK, ift_flow_set_real(flow, "tau", tau));
  }
  if (w->reaction) assert_status(IFT_OK, ift_flow_set_text(flow, "reaction", w->reaction));
  if (w->reaction || w->joint) assert_status(IFT_OK, ift_flow_set_real(flow, "eta", eta));
  return flow;
}

#endif
