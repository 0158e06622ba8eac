/* Figure 3 of the paper: the loss over the steps, mean and standard deviation over runs, of the MMD flow, the MMD
 * flow with noise and spherical-ift, and of further algorithms.
 *
 *     figure3 READING RUNS OUT [ALGORITHM...]      OUT gets the curves, standard output a table */
#include "plane.h"

enum { STEPS = 6000, EVERY = 20, ROWS = STEPS / EVERY + 1 };

/* Of the last state: particles astray, their mass, particles of weight > 0, and how many are left if those within
 * 0.1 are merged. */
enum { ASTRAY, ASTRAY_MASS, ALIVE, CLUSTERS, COUNTS };

typedef struct experiment {
  reading read;
  int chosen[ALGORITHMS], algorithms, runs;
  double *losses; /* runs by algorithms by ROWS by LOSSES */
  double *counts; /* runs by algorithms by COUNTS */
} experiment;

static double *losses_of(const experiment *e, int run, int k) {
  return e->losses + ((int64_t)run * e->algorithms + k) * ROWS * LOSSES;
}

static double *counts_of(const experiment *e, int run, int k) {
  return e->counts + ((int64_t)run * e->algorithms + k) * COUNTS;
}

static void count(const trial *t, double *counts, const ift_measure *particles) {
  ift_measure *alive = NULL, *merged = NULL;
  const double *x = ift_measure_positions(particles), *a = ift_measure_weights(particles);
  for (int64_t i = 0; i < PARTICLES; i++) {
    const int astray = is_astray(t->read, x + 2 * i);
    counts[ASTRAY] += astray;
    counts[ASTRAY_MASS] += astray * a[i];
    counts[ALIVE] += a[i] > 0;
  }
  check(t->context, ift_measure_prune(particles, &alive, 0));
  check(t->context, ift_measure_merge(alive, &merged, 0.1));
  counts[CLUSTERS] = (double)ift_measure_size(merged);
  ift_measure_destroy(merged);
  ift_measure_destroy(alive);
}

static void run(int number, void *user) {
  experiment *e = user;
  trial t = trial_create(&e->read, number);
  for (int k = 0; k < e->algorithms; k++) {
    const algorithm *a = &algorithms[e->chosen[k]];
    ift_flow *flow = trial_flow(&t, a);
    double *losses = losses_of(e, number, k);
    for (int row = 0; row < ROWS; row++) {
      if (row > 0) check(t.context, ift_flow_step(flow, EVERY / a->counts));
      for (int l = 0; l < LOSSES; l++)
        losses[row * LOSSES + l] = mmd2_of(t.context, t.energies[l], ift_flow_measure(flow));
    }
    count(&t, counts_of(e, number, k), ift_flow_measure(flow));
    ift_flow_destroy(flow);
  }
  trial_dispose(&t);
}

static void loss(const experiment *e, int k, int step, int which, double *mean, double *deviation) {
  const double *first = losses_of(e, 0, k) + step / EVERY * LOSSES + which;
  mean_and_deviation(mean, deviation, first, e->runs, (int64_t)e->algorithms * ROWS * LOSSES);
}

static void write_curves(const experiment *e, const char *path) {
  static const char *const names[LOSSES] = {"train", "held-out", "exact"};
  FILE *out = open_csv(path);
  fprintf(out, "step");
  for (int k = 0; k < e->algorithms; k++)
    for (int l = 0; l < LOSSES; l++) {
      const char *name = algorithms[e->chosen[k]].name;
      fprintf(out, ",%s %s mean,%s %s deviation", name, names[l], name, names[l]);
    }
  for (int step = 0; step <= STEPS; step += EVERY) {
    fprintf(out, "\n%d", step);
    for (int k = 0; k < e->algorithms; k++)
      for (int l = 0; l < LOSSES; l++) {
        double mean, deviation;
        loss(e, k, step, l, &mean, &deviation);
        fprintf(out, ",%.6g,%.6g", mean, deviation);
      }
  }
  fprintf(out, "\n");
  close_csv(out, path);
}

/* The loss that counts is that to the samples that are seen, or where these are fresh each time, to the
 * distribution. */
static int counting(const experiment *e) {
  return e->read.fresh ? EXACT : TRAIN;
}

static void print_table(const experiment *e) {
  printf("  %-15s %12s %12s %7s %9s %9s %7s %7s %6s %9s\n", "algorithm", "loss at 1000", "loss at 6000", "sd",
         "held-out", "exact", "astray", "mass", "alive", "clusters");
  for (int k = 0; k < e->algorithms; k++) {
    double early, last, deviation, held_out, exact, none, counts[COUNTS];
    loss(e, k, 1000, counting(e), &early, &none);
    loss(e, k, STEPS, counting(e), &last, &deviation);
    loss(e, k, STEPS, HELD_OUT, &held_out, &none);
    loss(e, k, STEPS, EXACT, &exact, &none);
    for (int c = 0; c < COUNTS; c++)
      mean_and_deviation(&counts[c], &none, counts_of(e, 0, k) + c, e->runs, (int64_t)e->algorithms * COUNTS);
    printf("  %-15s %12.1e %12.1e %7.0e %9.2e %9.2e %7.1f %7.4f %6.1f %9.1f\n", algorithms[e->chosen[k]].name, early,
           last, deviation, held_out, exact, counts[ASTRAY], counts[ASTRAY_MASS], counts[ALIVE], counts[CLUSTERS]);
  }
}

/* The paper's claims: where spherical-ift (the third) ends, and when it is where the flow with noise (the second)
 * ends. */
static void print_claims(const experiment *e) {
  const int64_t end = (ROWS - 1) * LOSSES + counting(e);
  int below[2] = {0, 0}, step = 0;
  double goal, mean, none;
  for (int r = 0; r < e->runs; r++)
    for (int k = 0; k < 2; k++) below[k] += losses_of(e, r, 2)[end] <= losses_of(e, r, k)[end];
  loss(e, 1, STEPS, counting(e), &goal, &none);
  do loss(e, 2, step, counting(e), &mean, &none);
  while (mean > goal && (step += EVERY) <= STEPS);
  printf("  ift ends at or below mmd-flow in %d of %d runs, at or below mmd-flow-noise in %d; its mean is where the "
         "latter's ends ",
         below[0], e->runs, below[1]);
  printf(step <= STEPS ? "at step %d\n" : "nowhere\n", step);
}

int main(int argc, char **argv) {
  const int runs = argc > READING_ARGUMENTS + 2 ? atoi(argv[READING_ARGUMENTS + 1]) : 0;
  if (runs < 1) {
    fprintf(stderr, "usage: figure3 " READING " RUNS OUT [ALGORITHM...]\n");
    return 2;
  }
  experiment e = {.read = reading_parse(argv + 1), .runs = runs, .chosen = {0, 1, 2}, .algorithms = 3};
  for (int i = READING_ARGUMENTS + 3; i < argc; i++)
    for (int k = 3; k < ALGORITHMS && e.algorithms < ALGORITHMS; k++)
      if (strcmp(argv[i], algorithms[k].name) == 0) e.chosen[e.algorithms++] = k;
  e.losses = numbers((int64_t)runs * e.algorithms * ROWS * LOSSES);
  e.counts = numbers((int64_t)runs * e.algorithms * COUNTS);
  for_runs(runs, run, &e);

  trial t = trial_create(&e.read, 0);
  printf("\n  %s, kernel exp(-r^2/%s), %s, tau %s, eta %s, %s samples: %d runs, floor %.2e\n", argv[1], argv[2],
         argv[3], argv[4], argv[5], argv[6], runs, sampling_floor(t.context, t.energies[EXACT], 2, PARTICLES));
  trial_dispose(&t);
  print_table(&e);
  print_claims(&e);
  write_curves(&e, argv[READING_ARGUMENTS + 2]);
  free(e.losses);
  free(e.counts);
  reading_dispose(&e.read);
  return 0;
}
