/* Sampling from a density: a banana and Neal's funnel, each known by its log-density and score only, as 200 weighted
 * particles that go down KL(mu|pi) in spherical-wfr. Their moments are compared with the exact ones.
 *
 *     banana [OUT]      OUT.banana.csv and OUT.funnel.csv get the particles */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ift.h>

static ift_context *context;

static void check(ift_status status) {
  if (status >= 0) return;
  fprintf(stderr, "banana: %s\n", ift_context_message(context));
  exit(2);
}

/* x ~ N(0, 1), and y given x ~ N((x^2 - 1)/2, 1/4): a valley along a parabola, as Rosenbrock's. */
static double off(const double *p) {
  return p[1] - (p[0] * p[0] - 1) / 2;
}

static int banana_density(double *values, const double *p, int64_t n, int64_t d, void *user) {
  (void)user;
  for (int64_t i = 0; i < n; i++, p += d) values[i] = -p[0] * p[0] / 2 - 2 * off(p) * off(p);
  return 0;
}

static int banana_score(double *scores, const double *p, int64_t n, int64_t d, void *user) {
  (void)user;
  for (int64_t i = 0; i < n; i++, p += d, scores += d) {
    scores[0] = -p[0] + 4 * off(p) * p[0];
    scores[1] = -4 * off(p);
  }
  return 0;
}

/* v ~ N(0, 1.5^2), and x given v ~ N(0, exp(v)) (Neal 2003): widths from 0.1 in the neck to 10. */
static int funnel_density(double *values, const double *p, int64_t n, int64_t d, void *user) {
  (void)user;
  for (int64_t i = 0; i < n; i++, p += d) values[i] = -p[0] * p[0] / 4.5 - p[0] / 2 - p[1] * p[1] * exp(-p[0]) / 2;
  return 0;
}

static int funnel_score(double *scores, const double *p, int64_t n, int64_t d, void *user) {
  (void)user;
  for (int64_t i = 0; i < n; i++, p += d, scores += d) {
    scores[0] = -p[0] / 2.25 - 0.5 + p[1] * p[1] * exp(-p[0]) / 2;
    scores[1] = -p[1] * exp(-p[0]);
  }
  return 0;
}

/* What is averaged: first and second moments, and what one coordinate says of the other. */
static void banana_moments(double *moments, const double *p) {
  const double values[] = {p[0], p[1], p[0] * p[0], p[1] * p[1], p[0] * p[0] * p[1]};
  memcpy(moments, values, sizeof values);
}

static void funnel_moments(double *moments, const double *p) {
  const double values[] = {p[0], p[1], p[0] * p[0], fabs(p[1]), p[1] * p[1] * exp(-p[0])};
  memcpy(moments, values, sizeof values);
}

/* `allowed` is what 200 particles are worth, and blobs that are as wide as the funnel's neck at v = -3. */
typedef struct scene {
  const char *name;
  int (*density)(double *values, const double *p, int64_t n, int64_t d, void *user);
  int (*score)(double *scores, const double *p, int64_t n, int64_t d, void *user);
  double bandwidth;
  void (*moments)(double *moments, const double *p);
  const char *names[5];
  double exact[5], allowed[5];
} scene;

static const scene scenes[] = {
    {"banana",
     banana_density,
     banana_score,
     0.2,
     banana_moments,
     {"E x", "E y", "E x^2", "E y^2", "E x^2 y"},
     {0, 0, 1, 0.75, 1},
     {0.05, 0.05, 0.1, 0.1, 0.15}},
    {"funnel",
     funnel_density,
     funnel_score,
     0.25,
     funnel_moments,
     {"E v", "E x", "E v^2", "E |x|", "E x^2/e^v"},
     {0, 0, 2.25, 1.0570, 1},
     {0.25, 0.05, 0.25, 0.25, 0.2}},
};

static int sample(const scene *s, const char *out) {
  enum { N = 200 };
  double start[2 * N], size, moments[5];
  ift_target *target = NULL;
  ift_energy *energy = NULL;
  ift_measure *grid = NULL;
  ift_flow *flow = NULL;
  for (int i = 0; i < N; i++) { /* 20 by 10 in [-2, 2]^2, not quite in rows */
    start[2 * i] = -1.9 + 0.2 * (i % 20);
    start[2 * i + 1] = -1.8 + 0.4 * (i / 20) + 0.1 * (i % 3 - 1);
  }
  check(ift_target_density(context, &target, 2, s->density, s->score, NULL, NULL, NULL));
  check(ift_energy_kl(context, &energy, target, s->bandwidth));
  check(ift_measure_create(context, &grid, start, N, 2, NULL));
  check(ift_flow_create(context, &flow, "spherical-wfr", energy, grid));
  check(ift_flow_step(flow, 1000));
  check(ift_flow_get_real(flow, "effective_size", &size));
  printf("%s: %d particles, effectively %.0f, blobs of bandwidth %g\n", s->name, N, size, s->bandwidth);
  const ift_measure *now = ift_flow_measure(flow);
  const double *x = ift_measure_positions(now), *a = ift_measure_weights(now);
  int wrong = 0;
  for (int k = 0; k < 5; k++) {
    double mean = 0;
    for (int i = 0; i < N; i++) {
      s->moments(moments, x + 2 * i);
      mean += a[i] * moments[k];
    }
    wrong += !(fabs(mean - s->exact[k]) <= s->allowed[k]);
    printf("  %-9s %7.3f, exactly %6.3f, allowed +- %g\n", s->names[k], mean, s->exact[k], s->allowed[k]);
  }
  char path[256];
  if (out && snprintf(path, sizeof path, "%s.%s.csv", out, s->name) > 0) check(ift_measure_save(now, path));
  ift_flow_destroy(flow);
  ift_measure_destroy(grid);
  ift_energy_destroy(energy);
  ift_target_destroy(target);
  return wrong;
}

int main(int argc, char **argv) {
  int wrong = 0;
  check(ift_context_create(&context));
  for (int k = 0; k < 2; k++) wrong += sample(&scenes[k], argc > 1 ? argv[1] : NULL);
  ift_context_destroy(context);
  if (wrong) fprintf(stderr, "banana: %d moments are not what they should be\n", wrong);
  return wrong > 0;
}
