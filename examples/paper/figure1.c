/* Figure 1 of the paper: particles of the MMD flow get stuck away from the target; in spherical-ift their mass goes
 * elsewhere.
 *
 *     figure1 READING RUNS CURVES POINTS
 *
 * CURVES gets particles astray and their mass over the steps, means over the runs; POINTS start, target and both ends of
 * the first run. */
#include "plane.h"

enum { STEPS = 6000, EVERY = 100, ROWS = STEPS / EVERY + 1, FLOWS = 2 };
enum { ASTRAY, MASS, COLUMNS };

static const int chosen[FLOWS] = {0, 2}; /* mmd-flow and ift */

typedef struct experiment {
  reading read;
  double *values; /* runs by FLOWS by ROWS by COLUMNS */
  const char *points;
} experiment;

static void write_points(FILE *out, const char *what, const ift_measure *points) {
  const double *x = ift_measure_positions(points), *a = ift_measure_weights(points);
  for (int64_t i = 0; i < ift_measure_size(points); i++)
    fprintf(out, "%s,%.6g,%.6g,%.6g\n", what, x[2 * i], x[2 * i + 1], a[i]);
}

static void run(int number, void *user) {
  experiment *e = user;
  trial t = trial_create(&e->read, number);
  FILE *out = number == 0 ? open_csv(e->points) : NULL;
  if (out) {
    fprintf(out, "what,x1,x2,weight\n");
    write_points(out, "start", t.start);
    write_points(out, "target", t.samples);
  }
  for (int k = 0; k < FLOWS; k++) {
    const algorithm *a = &algorithms[chosen[k]];
    ift_flow *flow = trial_flow(&t, a);
    for (int row = 0; row < ROWS; row++) {
      if (row > 0) check(t.context, ift_flow_step(flow, EVERY / a->counts));
      const double *x = ift_measure_positions(ift_flow_measure(flow)), *w = ift_measure_weights(ift_flow_measure(flow));
      double *value = e->values + ((number * FLOWS + k) * ROWS + row) * COLUMNS;
      for (int64_t i = 0; i < PARTICLES; i++)
        if (is_astray(&e->read, x + 2 * i)) value[ASTRAY] += 1, value[MASS] += w[i];
    }
    if (out) write_points(out, a->name, ift_flow_measure(flow));
    ift_flow_destroy(flow);
  }
  if (out) close_csv(out, e->points);
  trial_dispose(&t);
}

int main(int argc, char **argv) {
  const int runs = argc == READING_ARGUMENTS + 4 ? atoi(argv[READING_ARGUMENTS + 1]) : 0;
  if (runs < 1) {
    fprintf(stderr, "usage: figure1 " READING " RUNS CURVES POINTS\n");
    return 2;
  }
  const char *curves = argv[READING_ARGUMENTS + 2];
  experiment e = {reading_parse(argv + 1), numbers((int64_t)runs * FLOWS * ROWS * COLUMNS),
                  argv[READING_ARGUMENTS + 3]};
  for_runs(runs, run, &e);

  FILE *out = open_csv(curves);
  fprintf(out, "step,mmd-flow astray,mmd-flow mass,ift astray,ift mass\n");
  printf("\n  particles of 100 astray, and their mass; %s, kernel exp(-r^2/%s), %s, %d runs\n", argv[1], argv[2],
         argv[3], runs);
  printf("  %6s  %18s  %18s\n", "step", "mmd-flow", "ift");
  for (int row = 0; row < ROWS; row++) {
    double mean[FLOWS * COLUMNS], none;
    for (int c = 0; c < FLOWS * COLUMNS; c++)
      mean_and_deviation(&mean[c], &none, e.values + ((c / COLUMNS) * ROWS + row) * COLUMNS + c % COLUMNS, runs,
                         FLOWS * ROWS * COLUMNS);
    fprintf(out, "%d,%.4g,%.4g,%.4g,%.4g\n", row * EVERY, mean[0], mean[1], mean[2], mean[3]);
    if (row % 10 == 0) printf("  %6d  %9.1f %8.4f  %9.1f %8.4f\n", row * EVERY, mean[0], mean[1], mean[2], mean[3]);
  }
  close_csv(out, curves);
  free(e.values);
  reading_dispose(&e.read);
  return 0;
}
