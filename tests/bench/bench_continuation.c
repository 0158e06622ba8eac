/* Continuation in the bandwidth: MMD^2 that flows from bad starts reach in 200 steps, the geometric mean over three draws
 * of each problem, by how many times as wide the first kernel is and how many steps a stage takes. It is why a stage takes
 * 20 of them. --smoke: one draw and a few steps, to see that it runs. */
#define _XOPEN_SOURCE 700
#include <stdbool.h>
#include <string.h>

#include "bad_starts.h"

enum { DRAWS = 3, STEPS = 200 };

static const problem problems[] = {
    {"rings, 0.3", 100, 300, 2, STEPS, 0.3, rings},
    {"rings, 1", 100, 300, 2, STEPS, 1, rings},
    {"gaussian, 1", 100, 300, 2, STEPS, 1, far_gaussian},
    {"mixture, 0.5", 100, 300, 2, STEPS, 0.5, far_mixture},
    {"mixture, 3", 100, 300, 2, STEPS, 3, far_mixture},
    {"clusters, 0.5", 100, 300, 2, STEPS, 0.5, two_clusters},
    {"10-d clusters, 2", 100, 300, 10, STEPS, 2, two_clusters},
    {"spread, 0.2", 100, 300, 2, STEPS, 0.2, narrow},
};
enum { PROBLEMS = sizeof problems / sizeof problems[0] };

static const struct {
  const char *geometry, *rejuvenate;
} flows[] = {
    {"wasserstein", "none"}, {"spherical-ift", "none"}, {"spherical-ift", "insert"}, {"projected-mmd", "none"}};
enum { FLOWS = sizeof flows / sizeof flows[0] };

/* How many times as wide, in how many stages of how many steps; 0: as the default has it. */
static const struct {
  int factor, stages, steps;
} ways[] = {{1, 0, 0}, {2, 0, 0}, {4, 0, 0}, {8, 0, 0}, {16, 0, 0}, {32, 0, 0}, {8, 3, 5}, {8, 3, 10}, {8, 3, 40}};
enum { WAYS = sizeof ways / sizeof ways[0] };

static double reach(ift_context *context, const problem *p, int f, int way, long seed, int64_t steps) {
  ift_measure *start;
  ift_energy *energy;
  ift_flow *flow;
  double mmd2;
  problem_open(context, p, seed, &start, &energy);
  need(context, ift_flow_create(context, &flow, flows[f].geometry, energy, start));
  need(context, ift_flow_set_text(flow, "rejuvenate", flows[f].rejuvenate));
  need(context, ift_flow_set_real(flow, "continuation", ways[way].factor));
  if (ways[way].steps > 0)
    need(context, ift_flow_set_int(flow, "continuation_until", (int64_t)ways[way].stages * ways[way].steps));
  need(context, ift_flow_step(flow, steps));
  need(context, ift_flow_get_real(flow, "mmd2", &mmd2));
  ift_flow_destroy(flow), ift_energy_destroy(energy), ift_measure_destroy(start);
  return mmd2;
}

int main(int argc, char **argv) {
  const bool smoke = argc > 1 && strcmp(argv[1], "--smoke") == 0;
  const int draws = smoke ? 1 : DRAWS;
  ift_context *context;
  if (ift_context_create(&context) != IFT_OK) return 1;
  printf("MMD^2 reached, by the width of the first kernel and the steps of a stage\n\n%10s", "");
  for (int i = 0; i < PROBLEMS; i++) printf(" %16s", problems[i].name);
  for (int f = 0; f < FLOWS; f++) {
    printf("\n%s, rejuvenate=%s\n", flows[f].geometry, flows[f].rejuvenate);
    for (int way = 0; way < WAYS; way++) {
      printf("%4d %5d", ways[way].factor, ways[way].steps);
      for (int i = 0; i < PROBLEMS; i++) {
        double sum = 0;
        for (int seed = 1; seed <= draws; seed++)
          sum += log(fmax(reach(context, &problems[i], f, way, seed, smoke ? 3 : problems[i].steps), 1e-18));
        printf(" %16.2e", exp(sum / draws));
        fflush(stdout);
      }
      printf("\n");
    }
  }
  ift_context_destroy(context);
  return 0;
}
