/* tests/support/host.h - a target and energies by functions of the caller's own, which do on the way what a test asks
 * for. The density is that of a built-in target, by its own functions, so that results agree to the last bit. */
#ifndef TESTS_SUPPORT_HOST_H
#define TESTS_SUPPORT_HOST_H

#include "base/rng.h"
#include "support/make.h"
#include "target/target.h"

typedef struct host {
  const ift_target *inner; /* whose density it has */
  double scale;            /* what the potential, and all of a custom energy, is multiplied by */
  double offset;           /* a constant added to the log-density */
  int64_t calls;
  int64_t act_at;             /* the call, from 1, in which something happens; 0: none */
  int answer;                 /* that it returns then */
  void (*act)(struct host *); /* and what it does first; may be NULL */
  double poison;              /* what it gives from then on, if `poisoned`, as the first number */
  bool poisoned;
  int destroyed;                 /* how often `destroy` has been called */
  bool inside, destroyed_inside; /* a callback is running; one was when `destroy` was called */
  ift_context *context;          /* for `act` */
  ift_target *target;
  ift_energy *energy;
  ift_measure *measure;
  ift_flow *flow;
  ift_status statuses[4]; /* what `act` got */
} host;

static inline void host_enter(host *h) {
  h->calls++;
  h->inside = true;
  if (h->calls == h->act_at && h->act) h->act(h);
}

static inline int host_leave(host *h, double *first) {
  h->inside = false;
  if (h->poisoned && h->act_at > 0 && h->calls >= h->act_at && first) *first = h->poison;
  return h->calls == h->act_at ? h->answer : 0;
}

static inline int host_log_density(double *values, const double *x, int64_t n, int64_t d, void *user) {
  host *h = user;
  assert_true(d == h->inner->d);
  host_enter(h);
  assert_status(IFT_OK, h->inner->kind->log_density(h->inner, values, x, n));
  for (int64_t i = 0; h->offset != 0 && i < n; i++) values[i] += h->offset;
  return host_leave(h, values);
}

static inline int host_score(double *scores, const double *x, int64_t n, int64_t d, void *user) {
  host *h = user;
  assert_true(d == h->inner->d);
  host_enter(h);
  assert_status(IFT_OK, h->inner->kind->score(h->inner, scores, x, n));
  return host_leave(h, scores);
}

static inline int host_hessian(double *products, const double *x, const double *u, int64_t n, int64_t d, void *user) {
  host *h = user;
  assert_true(d == h->inner->d);
  host_enter(h);
  assert_status(IFT_OK, h->inner->kind->hessian(h->inner, products, x, u, n));
  return host_leave(h, products);
}

/* Standard normals in each coordinate, around offset, from the seed. */
static inline int host_sample(double *points, int64_t n, int64_t d, uint64_t seed, void *user) {
  host *h = user;
  ift_rng rng;
  host_enter(h);
  ift_rng_init(&rng, seed, 77);
  for (int64_t k = 0; k < n * d; k++) points[k] = h->offset + ift_rng_normal(&rng);
  return host_leave(h, points);
}

/* V = scale |x|^2/2 */
static inline int host_potential(double *values, double *gradients, const double *x, int64_t n, int64_t d, void *user) {
  host *h = user;
  host_enter(h);
  for (int64_t i = 0; i < n; i++) {
    values[i] = 0;
    for (int64_t l = 0; l < d; l++) values[i] += h->scale * x[i * d + l] * x[i * d + l] / 2;
  }
  for (int64_t k = 0; gradients && k < n * d; k++) gradients[k] = h->scale * x[k];
  return host_leave(h, values);
}

/* F = scale/2 |int x dmu|^2: g(x) = scale x'mean, v = scale mean, mean = int x dmu. */
static inline int host_evaluate(double *value, double *first_variation, double *gradient, const double *points,
                                int64_t m, const double *positions, const double *weights, int64_t n, int64_t d,
                                void *user) {
  host *h = user;
  host_enter(h);
  double square = 0;
  for (int64_t i = 0; first_variation && i < m; i++) first_variation[i] = 0;
  for (int64_t l = 0; l < d; l++) {
    double mean = 0;
    for (int64_t j = 0; j < n; j++) mean += weights[j] * positions[j * d + l];
    for (int64_t i = 0; first_variation && i < m; i++) first_variation[i] += h->scale * points[i * d + l] * mean;
    for (int64_t i = 0; gradient && i < m; i++) gradient[i * d + l] = h->scale * mean;
    square += mean * mean;
  }
  if (value) *value = h->scale * square / 2;
  return host_leave(h, value ? value : first_variation ? first_variation : gradient);
}

static inline void host_destroy(void *user) {
  host *h = user;
  h->destroyed++;
  h->destroyed_inside |= h->inside;
}

/* The inner target's density as one of the host's own. */
static inline ift_target *host_density(ift_context *context, host *h, const ift_target *inner) {
  h->context = context;
  h->inner = inner;
  assert_status(IFT_OK, ift_target_density(context, &h->target, inner->d, host_log_density, host_score, host_hessian, h,
                                           host_destroy));
  return h->target;
}

static inline ift_target *host_sampler(ift_context *context, host *h, int64_t d) {
  h->context = context;
  assert_status(IFT_OK, ift_target_sampler(context, &h->target, d, host_sample, h, host_destroy));
  return h->target;
}

#endif
