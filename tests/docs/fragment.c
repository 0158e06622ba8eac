/* tests/docs/fragment.c - what the fragments of code in the documents stand in: the objects that docs/guide.md, "A first flow", makes. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ift.h>

static ift_context *context;

static void check(ift_status status) {
  if (status >= 0) return;
  fprintf(stderr, "%s: %s\n", ift_status_name(status), ift_context_message(context));
  exit(1);
}

int main(void) {
  ift_measure *samples, *start;
  ift_kernel *kernel;
  ift_target *target;
  ift_energy *energy;
  ift_flow *flow;
  const double here[] = {2, 50, 2.1, 50, 2.1, 52, 2, 52};

  check(ift_context_create(&context));
  check(ift_measure_load(context, &samples, "examples/data/faithful.csv"));
  check(ift_kernel_parse(context, &kernel, "gaussian:9"));
  check(ift_target_samples(context, &target, samples));
  check(ift_energy_mmd(context, &energy, kernel, target));
  check(ift_measure_create(context, &start, here, 4, 2, NULL));
  check(ift_flow_create(context, &flow, "spherical-ift", energy, start));

  {
#include FRAGMENT
  }

  ift_flow_destroy(flow);
  ift_energy_destroy(energy);
  ift_target_destroy(target);
  ift_kernel_destroy(kernel);
  ift_measure_destroy(start);
  ift_measure_destroy(samples);
  ift_context_destroy(context);
  return 0;
}
