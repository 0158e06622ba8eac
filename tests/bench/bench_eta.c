/* How large the reaction step should be: MMD^2 that spherical-ift reaches with eta on auto and fixed, beside transport alone and the
 * gradient reaction, on problems that differ in dimension, bandwidth and distance. It is why eta=auto is what it is.
 * --smoke: a few steps only, to see that it runs. */
#define _XOPEN_SOURCE 700
#include <string.h>

#include "bad_starts.h"

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
  ift_measure *start;
  ift_energy *energy;
  problem_open(context, p, 1, &start, &energy);
  printf("%-22s", p->name);
  for (int way = 0; way < WAYS; way++) printf(" %10.2e", reach(context, energy, start, way, steps));
  printf("\n");
  ift_energy_destroy(energy), ift_measure_destroy(start);
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
