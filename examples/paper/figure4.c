/* Figures 4 and 5 of the paper: the ways of some particles, drawn at random, under the MMD flow, the MMD flow with
 * noise, and spherical-ift.
 *
 *     figure4 READING STEPS OUT      OUT gets algorithm,particle,step,x1,x2,weight */
#include "plane.h"

enum { SHOWN = 25, EVERY = 20, FLOWS = 3 };

/* SHOWN of the particles, without repetition (Knuth 1969, algorithm S). */
static void sample(int64_t *indices, random_stream *stream) {
  int taken = 0;
  for (int64_t i = 0; i < PARTICLES; i++)
    if ((double)(PARTICLES - i) * uniform(stream) < SHOWN - taken) indices[taken++] = i;
}

static void record(double *history, const int64_t *indices, const ift_measure *particles) {
  const double *x = ift_measure_positions(particles), *a = ift_measure_weights(particles);
  for (int s = 0; s < SHOWN; s++) {
    const int64_t i = indices[s];
    memcpy(history + 3 * s, (const double[]){x[2 * i], x[2 * i + 1], a[i]}, 3 * sizeof *history);
  }
}

int main(int argc, char **argv) {
  const int steps = argc == READING_ARGUMENTS + 3 ? atoi(argv[READING_ARGUMENTS + 1]) : 0;
  if (steps < 1) {
    fprintf(stderr, "usage: figure4 " READING " STEPS OUT\n");
    return 2;
  }
  const char *path = argv[READING_ARGUMENTS + 2];
  reading read = reading_parse(argv + 1);
  trial t = trial_create(&read, 0);
  random_stream stream = {1};
  int64_t indices[SHOWN];
  sample(indices, &stream);

  FILE *out = open_csv(path);
  const int rows = steps / EVERY + 1;
  double *history = numbers((int64_t)rows * SHOWN * 3); /* rows by SHOWN by x1, x2, weight */
  fprintf(out, "algorithm,particle,step,x1,x2,weight\n");
  for (int k = 0; k < FLOWS; k++) {
    ift_flow *flow = trial_flow(&t, &algorithms[k]);
    for (int row = 0; row < rows; row++) {
      if (row > 0) check(t.context, ift_flow_step(flow, EVERY / algorithms[k].counts));
      record(history + row * SHOWN * 3, indices, ift_flow_measure(flow));
    }
    for (int s = 0; s < SHOWN; s++)
      for (int row = 0; row < rows; row++) {
        const double *now = history + (row * SHOWN + s) * 3;
        fprintf(out, "%s,%d,%d,%.6g,%.6g,%.6g\n", algorithms[k].name, (int)indices[s], row * EVERY, now[0], now[1],
                now[2]);
      }
    ift_flow_destroy(flow);
  }
  free(history);
  close_csv(out, path);
  trial_dispose(&t);
  reading_dispose(&read);
  return 0;
}
