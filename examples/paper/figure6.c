/* Figure 6 of the paper, with the settings of its published code: in 100 dimensions, from N(0, I) to a mixture of
 * three Gaussians with means of length 20, the MMD flow, the MMD flow with noise, spherical-ift and spherical-wfr.
 *
 *     figure6 PARTICLES RUNS OUT      the code has 10000 particles and 20 runs
 *
 * In each step as many samples as there are particles are drawn afresh from the target. Step sizes are those of
 * 10000 particles, which the code multiplies by a weight of 1/10000 in places: what depends on that goes with the
 * number of particles. */
#include "paper.h"

enum { DIMENSION = 100, STEPS = 9000, EVERY = 100, ROWS = STEPS / EVERY + 1 };

typedef struct algorithm {
  const char *name, *geometry;
  double noise, eta; /* eta for one particle; divided by their number where `per_particle` */
  int per_particle, counts;
} algorithm;

static const algorithm algorithms[] = {
    {"mmd-flow", "wasserstein", 0, 0, 0, 1},
    {"mmd-flow-noise", "wasserstein", 2, 0, 0, 1},
    {"ift", "spherical-ift", 0, 20, 1, 2},
    {"wfr", "spherical-wfr", 0, 1, 0, 2},
};
enum { ALGORITHMS = sizeof algorithms / sizeof *algorithms };
enum { HELD_OUT, EXACT, LOSSES };

typedef struct experiment {
  mixture start, target;
  int64_t particles;
  double *losses;    /* runs by ALGORITHMS by ROWS by LOSSES */
  double *effective; /* runs by ALGORITHMS: effective number of particles at the end */
  double floor;
} experiment;

/* Covariances D + P P', D diagonal in (0.5, 5), P 100 by 10 in (0, 1): eigenvalues above 0.5. */
static mixture random_target(random_stream *stream) {
  const int64_t d = DIMENSION;
  mixture made = mixture_create(3, d);
  double *p = numbers(d * 10);
  for (int64_t c = 0; c < made.count; c++) {
    double *mean = made.means + c * d, *covariance = made.covariances + c * d * d, square = 0;
    for (int64_t k = 0; k < d; k++) mean[k] = normal(stream), square += mean[k] * mean[k];
    for (int64_t k = 0; k < d; k++) mean[k] *= 20 / sqrt(square);
    for (int64_t k = 0; k < d * 10; k++) p[k] = uniform(stream);
    for (int64_t i = 0; i < d; i++)
      for (int64_t j = 0; j < d; j++) {
        covariance[i * d + j] = i == j ? 0.5 + 4.5 * uniform(stream) : 0;
        for (int64_t k = 0; k < 10; k++) covariance[i * d + j] += p[i * 10 + k] * p[j * 10 + k];
      }
  }
  free(p);
  mixture_finish(&made);
  return made;
}

static mixture standard_normal(void) {
  mixture made = mixture_create(1, DIMENSION);
  for (int64_t k = 0; k < DIMENSION; k++) made.covariances[k * DIMENSION + k] = 1;
  mixture_finish(&made);
  return made;
}

static ift_flow *create_flow(ift_context *context, const algorithm *a, const ift_energy *energy,
                             const ift_measure *start, int seed) {
  const double n = (double)ift_measure_size(start);
  const int reacts = a->counts == 2;
  ift_flow *flow = NULL;
  check(context, ift_flow_create(context, &flow, a->geometry, energy, start));
  check(context, ift_flow_set_text(flow, "preset", "published"));
  check(context, ift_flow_set_real(flow, "tau", reacts ? 2 * n : 2));
  check(context, ift_flow_set_int(flow, "seed", seed));
  if (reacts) check(context, ift_flow_set_real(flow, "eta", a->per_particle ? a->eta / n : a->eta));
  if (!(a->noise > 0)) return flow;
  check(context, ift_flow_set_real(flow, "noise", a->noise));
  check(context, ift_flow_set_int(flow, "noise_until", 4000));
  return flow;
}

static void run(int number, void *user) {
  experiment *e = user;
  random_stream stream = {(uint64_t)(number + 1) << 32};
  ift_context *context = NULL;
  ift_kernel *kernel = NULL;
  check(NULL, ift_context_create(&context));
  check(context, ift_kernel_gaussian(context, &kernel, 10));
  ift_measure *start = draw(context, &e->start, e->particles, &stream);
  ift_measure *held_out = draw(context, &e->target, e->particles, &stream);
  ift_energy *energies[LOSSES] = {energy_to_samples(context, kernel, held_out),
                                  energy_to_mixture(context, kernel, &e->target)};
  if (number == 0) e->floor = sampling_floor(context, energies[EXACT], DIMENSION, e->particles);
  for (int k = 0; k < ALGORITHMS; k++) {
    ift_flow *flow = create_flow(context, &algorithms[k], energies[EXACT], start, number);
    double *losses = e->losses + (int64_t)(number * ALGORITHMS + k) * ROWS * LOSSES;
    for (int row = 0; row < ROWS; row++) {
      if (row > 0) check(context, ift_flow_step(flow, EVERY / algorithms[k].counts));
      for (int l = 0; l < LOSSES; l++) losses[row * LOSSES + l] = mmd2_of(context, energies[l], ift_flow_measure(flow));
    }
    check(context, ift_flow_get_real(flow, "effective_size", &e->effective[number * ALGORITHMS + k]));
    ift_flow_destroy(flow);
  }
  for (int l = 0; l < LOSSES; l++) ift_energy_destroy(energies[l]);
  ift_measure_destroy(start);
  ift_measure_destroy(held_out);
  ift_kernel_destroy(kernel);
  ift_context_destroy(context);
}

static void loss(const experiment *e, int runs, int k, int step, int which, double *mean, double *deviation) {
  const double *first = e->losses + (k * ROWS + step / EVERY) * LOSSES + which;
  mean_and_deviation(mean, deviation, first, runs, ALGORITHMS * ROWS * LOSSES);
}

static void write_curves(const experiment *e, int runs, const char *path) {
  FILE *out = open_csv(path);
  fprintf(out, "step,floor");
  for (int k = 0; k < ALGORITHMS; k++)
    for (int l = 0; l < LOSSES; l++) {
      const char *name = algorithms[k].name, *which = l == EXACT ? "exact" : "held-out";
      fprintf(out, ",%s %s mean,%s %s deviation", name, which, name, which);
    }
  for (int step = 0; step <= STEPS; step += EVERY) {
    fprintf(out, "\n%d,%.6g", step, e->floor);
    for (int k = 0; k < ALGORITHMS; k++)
      for (int l = 0; l < LOSSES; l++) {
        double mean, deviation;
        loss(e, runs, k, step, l, &mean, &deviation);
        fprintf(out, ",%.6g,%.6g", mean, deviation);
      }
  }
  fprintf(out, "\n");
  close_csv(out, path);
}

static void print_table(const experiment *e, int runs) {
  printf("\n  100 dimensions, %d particles, kernel exp(-r^2/200), %d runs, floor %.2e\n", (int)e->particles, runs,
         e->floor);
  printf("  %-15s %9s %9s %9s %9s %8s %9s %10s\n", "", "held-out", "held-out", "held-out", "held-out", "", "exact",
         "effective");
  printf("  %-15s %9s %9s %9s %9s %8s %9s %10s\n", "algorithm", "at 1000", "at 2000", "at 4000", "at 9000", "sd",
         "at 9000", "particles");
  for (int k = 0; k < ALGORITHMS; k++) {
    static const int steps[] = {1000, 2000, 4000, 9000};
    double mean, deviation, none;
    printf("  %-15s", algorithms[k].name);
    for (int s = 0; s < 4; s++) {
      loss(e, runs, k, steps[s], HELD_OUT, &mean, &deviation);
      printf(" %9.2e", mean);
    }
    loss(e, runs, k, STEPS, EXACT, &mean, &none);
    printf(" %8.0e %9.2e", deviation, mean);
    mean_and_deviation(&mean, &none, e->effective + k, runs, ALGORITHMS);
    printf(" %10.1f\n", mean);
  }
}

int main(int argc, char **argv) {
  const int runs = argc == 4 ? atoi(argv[2]) : 0;
  const int64_t particles = argc == 4 ? strtoll(argv[1], NULL, 10) : 0;
  if (runs < 1 || particles < 1) {
    fprintf(stderr, "usage: figure6 PARTICLES RUNS OUT\n");
    return 2;
  }
  random_stream stream = {0};
  experiment e = {standard_normal(), random_target(&stream), particles, NULL, NULL, 0};
  e.losses = numbers((int64_t)runs * ALGORITHMS * ROWS * LOSSES);
  e.effective = numbers((int64_t)runs * ALGORITHMS);
  for_runs(runs, run, &e);

  print_table(&e, runs);
  write_curves(&e, runs, argv[3]);
  free(e.losses);
  free(e.effective);
  mixture_dispose(&e.start);
  mixture_dispose(&e.target);
  return 0;
}
