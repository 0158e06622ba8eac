/* How large the reaction step should be: MMD^2 that spherical-ift reaches with eta on auto and fixed, beside transport alone and the
 * gradient reaction, on problems that differ in dimension, bandwidth and distance. It is why eta=auto is what it is.
 * --smoke: a few steps only, to see that it runs. */
#define _XOPEN_SOURCE 700
#include <math.h>
#include <string.h>

#include "bench.h"

typedef struct problem {
  const char *name;
  int64_t n, m, d, steps;
  double sigma;
  void (*fill)(const struct problem *p, double *x, double *y);
} problem;

static double normal(void) {
  double sum = -6;
  for (int i = 0; i < 12; i++) sum += drand48();
  return sum;
}

/* Three concentric rings; all particles in one cluster outside. */
static void rings(const problem *p, double *x, double *y) {
  for (int64_t j = 0; j < p->m; j++) {
    const double radius = (double)(j % 3 + 1), angle = 2 * acos(-1.0) * drand48();
    y[2 * j] = radius * cos(angle);
    y[2 * j + 1] = radius * sin(angle);
  }
  for (int64_t i = 0; i < p->n; i++) {
    x[2 * i] = -4 + 0.3 * (drand48() - 0.5);
    x[2 * i + 1] = 0.3 * (drand48() - 0.5);
  }
}

/* A correlated Gaussian seen from N(5, I), as in the paper's figure 3. */
static void far_gaussian(const problem *p, double *x, double *y) {
  for (int64_t j = 0; j < p->m; j++) {
    y[2 * j] = normal();
    y[2 * j + 1] = 0.5 * y[2 * j] + 0.8 * normal();
  }
  for (int64_t k = 0; k < p->n * p->d; k++) x[k] = 5 + normal();
}

/* Two clusters of shares 0.4 and 0.6 three units apart in each coordinate; particles between them. */
static void two_clusters(const problem *p, double *x, double *y) {
  const double width = p->d > 2 ? 1 : 0.5;
  for (int64_t j = 0; j < p->m; j++) {
    const double center = drand48() < 0.4 ? 0 : 3;
    for (int64_t l = 0; l < p->d; l++) y[j * p->d + l] = (l % 2 ? -center : center) + width * normal();
  }
  for (int64_t k = 0; k < p->n * p->d; k++) x[k] = 2 + width * normal();
}

/* A bandwidth far below the spread. */
static void narrow(const problem *p, double *x, double *y) {
  for (int64_t k = 0; k < p->m * p->d; k++) y[k] = normal();
  for (int64_t k = 0; k < p->n * p->d; k++) x[k] = 2 * normal();
}

static const problem problems[] = {
    {"three rings", 240, 600, 2, 300, 0.7, rings},       {"far Gaussian", 100, 500, 2, 1000, 10, far_gaussian},
    {"two clusters", 100, 500, 2, 500, 1, two_clusters}, {"two clusters, d = 10", 100, 500, 10, 500, 3, two_clusters},
    {"narrow kernel", 100, 500, 2, 300, 0.3, narrow},
};

static const struct {
  const char *name, *geometry, *reaction, *eta;
} ways[] = {
    {"transport", "wasserstein", "auto", "auto"},         {"gradient", "spherical-ift", "gradient", "auto"},
    {"auto", "spherical-ift", "exponential", "auto"},     {"eta=0.1", "spherical-ift", "exponential", "0.1"},
    {"eta=0.01", "spherical-ift", "exponential", "0.01"}, {"eta=0.001", "spherical-ift", "exponential", "0.001"},
};
enum { WAYS = sizeof ways / sizeof ways[0] };

static double reach(ift_context *context, const ift_energy *energy, const ift_measure *start, int way, int64_t steps) {
  ift_flow *flow;
  double mmd2;
  need(context, ift_flow_create(context, &flow, ways[way].geometry, energy, start));
  need(context, ift_flow_set_text(flow, "reaction", ways[way].reaction));
  need(context, ift_flow_set_text(flow, "eta", ways[way].eta));
  need(context, ift_flow_step(flow, steps));
  need(context, ift_flow_get_real(flow, "mmd2", &mmd2));
  ift_flow_destroy(flow);
  return mmd2;
}

static void run(ift_context *context, const problem *p, int64_t steps) {
  double *x = malloc((size_t)(p->n * p->d) * sizeof *x), *y = malloc((size_t)(p->m * p->d) * sizeof *y);
  if (!x || !y) exit(1);
  srand48(1);
  p->fill(p, x, y);
  ift_measure *start, *samples;
  ift_kernel *kernel;
  ift_target *target;
  ift_energy *energy;
  need(context, ift_measure_create(context, &start, x, p->n, p->d, NULL));
  need(context, ift_measure_create(context, &samples, y, p->m, p->d, NULL));
  need(context, ift_kernel_gaussian(context, &kernel, p->sigma));
  need(context, ift_target_samples(context, &target, samples));
  need(context, ift_energy_mmd(context, &energy, kernel, target));
  printf("%-22s", p->name);
  for (int way = 0; way < WAYS; way++) printf(" %10.2e", reach(context, energy, start, way, steps));
  printf("\n");
  ift_energy_destroy(energy), ift_target_destroy(target), ift_kernel_destroy(kernel);
  ift_measure_destroy(start), ift_measure_destroy(samples);
  free(x), free(y);
}

int main(int argc, char **argv) {
  const int64_t few = argc > 1 && strcmp(argv[1], "--smoke") == 0 ? 3 : 0;
  ift_context *context;
  if (ift_context_create(&context) != IFT_OK) return 1;
  printf("%-22s", "MMD^2 reached");
  for (int way = 0; way < WAYS; way++) printf(" %10s", ways[way].name);
  printf("\n");
  for (size_t i = 0; i < sizeof problems / sizeof problems[0]; i++)
    run(context, &problems[i], few ? few : problems[i].steps);
  ift_context_destroy(context);
  return 0;
}
