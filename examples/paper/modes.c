/* Two modes: flows of KL(mu|pi), pi a mixture of two Gaussians so far apart that hardly a particle gets from one to
 * the other, from a start in which both have particles, but not in proportion. Who finds the masses?
 *
 *     modes CURVES      gets the mass of the first mode over time, standard output a table */
#include <time.h>

#include "paper.h"

enum { N = 500, D = 2, STEPS = 250 };

static const double tau = 0.04; /* of all of them */
static const double bandwidth = 0.3, first_share = 0.3, first_start = 0.9, apart = 8;

/* A Fisher-Rao reaction takes the time of transport. MMD reactions have a time of their own: their eta is on auto. */
typedef struct algorithm {
  const char *name, *geometry, *transport, *reaction, *eta;
} algorithm;

static const algorithm algorithms[] = {
    {"transport", "wasserstein", "explicit", "none", NULL},
    {"langevin", "wasserstein", "langevin", "none", NULL},
    {"wfr", "spherical-wfr", "explicit", "mirror", "0.04"},
    {"birth-death", "spherical-wfr", "langevin", "birth-death", "0.04"},
    {"ift-positive", "spherical-ift", "explicit", "positive", NULL},
    {"ift-gradient", "spherical-ift", "explicit", "gradient", NULL},
    {"ift-newton", "spherical-ift", "explicit", "newton", NULL},
    {"ift-linearized", "spherical-ift", "explicit", "linearized", NULL},
};
enum { ALGORITHMS = sizeof algorithms / sizeof *algorithms };

/* Mass of the first mode and transport time, by the step. */
typedef struct curve {
  double mass[STEPS + 1], time[STEPS + 1];
} curve;

static const double times[] = {0, 0.4, 1, 2, 5, 10};
enum { TIMES = sizeof times / sizeof *times };

static ift_energy *energy_to(ift_context *context) {
  const double weights[] = {first_share, 1 - first_share}, means[] = {-apart / 2, 0, apart / 2, 0};
  const double covariances[] = {1, 0, 0, 1, 1, 0, 0, 1};
  ift_target *target = NULL;
  ift_energy *energy = NULL;
  check(context, ift_target_gaussian_mixture(context, &target, 2, D, weights, means, covariances));
  check(context, ift_energy_kl(context, &energy, target, bandwidth));
  ift_target_destroy(target);
  return energy;
}

/* Drawn from the mixture with the wrong shares. */
static ift_measure *start(ift_context *context) {
  random_stream stream = {1};
  double x[N * D];
  ift_measure *measure = NULL;
  for (int i = 0; i < N; i++) {
    x[i * D] = normal(&stream) + (i < first_start * N ? -apart : apart) / 2;
    x[i * D + 1] = normal(&stream);
  }
  check(context, ift_measure_create(context, &measure, x, N, D, NULL));
  return measure;
}

static double first_mode(const ift_flow *flow) {
  const ift_measure *now = ift_flow_measure(flow);
  const double *x = ift_measure_positions(now), *a = ift_measure_weights(now);
  double mass = 0;
  for (int i = 0; i < N; i++) mass += x[i * D] < 0 ? a[i] : 0;
  return mass;
}

static ift_flow *flow_of(ift_context *context, const algorithm *a, const ift_energy *energy, const ift_measure *from) {
  ift_flow *flow = NULL;
  ift_kernel *kernel = NULL;
  check(context, ift_flow_create(context, &flow, a->geometry, energy, from));
  if (strcmp(a->geometry, "spherical-ift") == 0) { /* kl has no kernel of its own */
    check(context, ift_kernel_gaussian(context, &kernel, 1));
    check(context, ift_flow_set_kernel(flow, kernel));
    ift_kernel_destroy(kernel);
  }
  check(context, ift_flow_set_text(flow, "transport", a->transport));
  check(context, ift_flow_set_text(flow, "reaction", a->reaction));
  check(context, ift_flow_set_real(flow, "tau", tau));
  if (a->eta) check(context, ift_flow_set_text(flow, "eta", a->eta));
  return flow;
}

static double at(const curve *c, double time) {
  int step = STEPS;
  while (step > 0 && c->time[step] > time + 1e-9) step--;
  return c->mass[step];
}

static void run(ift_context *context, const algorithm *a, const ift_energy *energy, const ift_measure *from, curve *c) {
  ift_flow *flow = flow_of(context, a, energy, from);
  double kl, size;
  const clock_t begin = clock();
  for (int step = 0; step <= STEPS; step++) {
    if (step > 0) check(context, ift_flow_step(flow, 1));
    check(context, ift_flow_get_real(flow, "transport_time", &c->time[step]));
    c->mass[step] = first_mode(flow);
  }
  const double seconds = (double)(clock() - begin) / CLOCKS_PER_SEC;
  check(context, ift_flow_get_real(flow, "energy", &kl));
  check(context, ift_flow_get_real(flow, "effective_size", &size));
  printf("  %-14s", a->name);
  for (int t = 0; t < TIMES; t++)
    if (c->time[STEPS] > times[t] - tau)
      printf(" %6.3f", at(c, times[t]));
    else
      printf("      -");
  printf(" %6.3f %5.1f %9.3f %9.0f %7.1f\n", c->mass[STEPS], c->time[STEPS], kl, size, seconds);
  ift_flow_destroy(flow);
}

int main(int argc, char **argv) {
  static curve curves[ALGORITHMS];
  ift_context *context = NULL;
  if (argc != 2) {
    fprintf(stderr, "usage: modes CURVES\n");
    return 2;
  }
  check(NULL, ift_context_create(&context));
  ift_energy *energy = energy_to(context);
  ift_measure *from = start(context);
  FILE *out = open_csv(argv[1]);
  printf("\n  %d particles, mass of the first mode, %g at the start and %g in the target, at times\n  %-14s", N,
         first_start, first_share, "algorithm");
  for (int t = 0; t < TIMES; t++) printf(" %6g", times[t]);
  printf("   last  time  KL there eff. size seconds\n");
  for (int k = 0; k < ALGORITHMS; k++) run(context, &algorithms[k], energy, from, &curves[k]);
  for (int k = 0; k < ALGORITHMS; k++)
    fprintf(out, "%s%s time,%s", k ? "," : "", algorithms[k].name, algorithms[k].name);
  for (int step = 0; step <= STEPS; step++)
    for (int k = 0; k < ALGORITHMS; k++)
      fprintf(out, "%s%.4f,%.5f", k ? "," : "\n", curves[k].time[step], curves[k].mass[step]);
  fprintf(out, "\n");
  close_csv(out, argv[1]);
  ift_measure_destroy(from);
  ift_energy_destroy(energy);
  ift_context_destroy(context);
  return 0;
}
