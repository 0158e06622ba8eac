/* How dead particles are put to use: MMD^2 that flows from bad starts reach, the geometric mean over three draws of each
 * problem, by where the dead are put, how often, how fast weights follow, and within how many widths of the kernel
 * particles are merged. It is why `rejuvenate` does what it does and eta=auto is 1 with it. --smoke: one draw and a few steps, to see that it runs. */
#define _XOPEN_SOURCE 700
#include <stdbool.h>
#include <string.h>

#include "bad_starts.h"

enum { DRAWS = 3 };

/* Old Faithful, both coordinates standardized, from one cluster at its edge. */
static void faithful(const problem *p, double *x, double *y) {
  ift_context *context;
  ift_measure *data;
  double mean[2], covariance[4];
  if (ift_context_create(&context) != IFT_OK) exit(1);
  need(context, ift_measure_load(context, &data, "examples/data/faithful.csv"));
  need(context, ift_measure_moments(data, mean, covariance));
  need(context, ift_measure_copy_positions(data, y));
  for (int64_t k = 0; k < 2 * p->m; k++) y[k] = (y[k] - mean[k % 2]) / sqrt(covariance[3 * (k % 2)]);
  for (int64_t k = 0; k < 2 * p->n; k++) x[k] = -1.5 + 0.1 * normal();
  ift_measure_destroy(data);
  ift_context_destroy(context);
}

static const problem problems[] = {
    {"rings, 50 steps", 240, 600, 2, 50, 0.7, rings},         {"rings", 240, 600, 2, 200, 0.7, rings},
    {"mixture, sigma 1", 100, 500, 2, 200, 1, far_mixture},   {"mixture, sigma 3", 100, 500, 2, 200, 3, far_mixture},
    {"clusters, d = 10", 100, 500, 10, 200, 3, two_clusters}, {"faithful, n = 40", 40, 272, 2, 300, 0.5, faithful},
    {"faithful, n = 15", 15, 272, 2, 300, 0.5, faithful},
};
enum { PROBLEMS = sizeof problems / sizeof problems[0] };

/* Options of a flow, three at most. */
static const struct {
  const char *geometry, *names[3], *values[3];
} ways[] = {
    {"wasserstein", {0}, {0}},
    {"spherical-ift", {"rejuvenate"}, {"none"}},
    {"spherical-ift", {"rejuvenate"}, {"target"}},
    {"spherical-ift", {"rejuvenate"}, {"insert"}},
    {"spherical-ift", {"rejuvenate", "eta"}, {"target", "0.1"}},
    {"spherical-ift", {"rejuvenate", "eta"}, {"insert", "0.1"}},
    {"spherical-ift", {"rejuvenate", "eta"}, {"insert", "0.3"}},
    {"spherical-ift", {"rejuvenate", "eta"}, {"insert", "3"}},
    {"spherical-ift", {"rejuvenate", "eta"}, {"insert", "10"}},
    {"spherical-ift", {"rejuvenate", "rejuvenate_every"}, {"insert", "1"}},
    {"spherical-ift", {"rejuvenate", "rejuvenate_every"}, {"insert", "2"}},
    {"spherical-ift", {"rejuvenate", "rejuvenate_every"}, {"insert", "10"}},
    {"spherical-ift", {"rejuvenate", "rejuvenate_every"}, {"insert", "20"}},
    {"spherical-ift", {"rejuvenate", "merge"}, {"insert", "0.1"}},
    {"spherical-ift", {"rejuvenate", "merge"}, {"insert", "0.5"}},
    {"spherical-ift", {"rejuvenate", "reaction"}, {"insert", "gradient"}},
    {"spherical-ift", {"rejuvenate", "reaction", "merge"}, {"insert", "gradient", "0.1"}},
    {"projected-mmd", {"rejuvenate"}, {"insert"}},
    {"projected-mmd", {"rejuvenate", "merge"}, {"insert", "0.5"}},
    {"ift", {"rejuvenate"}, {"none"}},
    {"ift", {"rejuvenate"}, {"insert"}},
    {"spherical-mmd", {"rejuvenate"}, {"insert"}},
    {"spherical-ift", {"rejuvenate", "batch"}, {"insert", "100"}},
    {"spherical-ift", {"rejuvenate", "batch", "eta"}, {"insert", "100", "1"}},
};
enum { WAYS = sizeof ways / sizeof ways[0] };

static double reach(ift_context *context, const problem *p, int way, long seed, int64_t steps) {
  ift_measure *start;
  ift_energy *energy;
  ift_flow *flow;
  double mmd2;
  problem_open(context, p, seed, &start, &energy);
  need(context, ift_flow_create(context, &flow, ways[way].geometry, energy, start));
  for (int k = 0; k < 3 && ways[way].names[k]; k++)
    if (strcmp(ways[way].names[k], "merge") == 0)
      need(context, ift_flow_set_real(flow, "merge", strtod(ways[way].values[k], NULL) * p->sigma));
    else
      need(context, ift_flow_set_text(flow, ways[way].names[k], ways[way].values[k]));
  need(context, ift_flow_step(flow, steps));
  need(context, ift_flow_get_real(flow, "mmd2", &mmd2));
  ift_flow_destroy(flow), ift_energy_destroy(energy), ift_measure_destroy(start);
  return mmd2;
}

int main(int argc, char **argv) {
  const bool smoke = argc > 1 && strcmp(argv[1], "--smoke") == 0;
  ift_context *context;
  if (ift_context_create(&context) != IFT_OK) return 1;
  printf("MMD^2 reached by\n");
  for (int way = 0; way < WAYS; way++) {
    printf("  %2d %s", way + 1, ways[way].geometry);
    for (int k = 0; k < 3 && ways[way].names[k]; k++)
      printf(" %s=%s%s", ways[way].names[k], ways[way].values[k], strcmp(ways[way].names[k], "merge") ? "" : " sigma");
    printf("\n");
  }
  printf("\n   ");
  for (int i = 0; i < PROBLEMS; i++) printf(" %16s", problems[i].name);
  printf("\n");
  for (int way = 0; way < WAYS; way++) {
    printf("%3d", way + 1);
    for (int i = 0; i < PROBLEMS; i++) {
      double sum = 0;
      const int draws = smoke ? 1 : DRAWS;
      for (int seed = 1; seed <= draws; seed++)
        sum += log(fmax(reach(context, &problems[i], way, seed, smoke ? 3 : problems[i].steps), 1e-18));
      printf(" %16.2e", exp(sum / draws));
      fflush(stdout);
    }
    printf("\n");
  }
  ift_context_destroy(context);
  return 0;
}
