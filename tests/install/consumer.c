/* What a user's program does: the distance between two samples, and ten steps of a flow from one to the other, with noise
 * from a seed. It is built as C99, C11 and C++11, with the shared library and with the archive, and must print the same
 * bits each time; so must consumer.cpp. */
#include <ift.h>

#include <stdio.h>

enum { SOURCES = 12, TARGETS = 40, DIM = 2 };

static int failed(const char *what, ift_status status, const ift_context *context) {
  fprintf(stderr, "%s: %s: %s\n", what, ift_status_name(status), ift_context_message(context));
  return 1;
}

/* A sequence without a pattern, in [0, 1). */
static void fill(double *values, int count, double phase, double scale) {
  double x = phase;
  int i;
  for (i = 0; i < count; i++) {
    x = x * 3.87 * (1.0 - x);
    values[i] = scale * x;
  }
}

int main(void) {
  double source[SOURCES * DIM], target[TARGETS * DIM], mmd2 = 0.0, energy = 0.0;
  ift_context *context = NULL;
  ift_measure *start = NULL, *samples = NULL;
  ift_kernel *kernel = NULL;
  ift_target *goal = NULL;
  ift_energy *mmd = NULL;
  ift_flow *flow = NULL;
  const ift_measure *end;
  ift_status status;
  int64_t i;

  fill(source, SOURCES * DIM, 0.3, 1.0);
  fill(target, TARGETS * DIM, 0.6, 2.0);

  status = ift_context_create(&context);
  if (status != IFT_OK) return failed("ift_context_create", status, context);
  status = ift_measure_create(context, &start, source, SOURCES, DIM, NULL);
  if (status != IFT_OK) return failed("ift_measure_create", status, context);
  status = ift_measure_create(context, &samples, target, TARGETS, DIM, NULL);
  if (status != IFT_OK) return failed("ift_measure_create", status, context);
  status = ift_kernel_parse(context, &kernel, "0.5*gaussian:0.7+0.5*imq:1");
  if (status != IFT_OK) return failed("ift_kernel_parse", status, context);
  status = ift_mmd2(kernel, &mmd2, start, samples);
  if (status != IFT_OK) return failed("ift_mmd2", status, context);
  printf("version %s\nmmd2 %a\n", ift_version_string(), mmd2);

  status = ift_target_samples(context, &goal, samples);
  if (status != IFT_OK) return failed("ift_target_samples", status, context);
  status = ift_energy_mmd(context, &mmd, kernel, goal);
  if (status != IFT_OK) return failed("ift_energy_mmd", status, context);
  status = ift_flow_create(context, &flow, "spherical-ift", mmd, start);
  if (status != IFT_OK) return failed("ift_flow_create", status, context);

  status = ift_flow_set_int(flow, "seed", 7);
  if (status != IFT_OK) return failed("ift_flow_set_int", status, context);
  status = ift_flow_set_real(flow, "noise", 0.01);
  if (status != IFT_OK) return failed("ift_flow_set_real", status, context);

  /* the flow holds on to what it uses */
  ift_energy_destroy(mmd);
  ift_target_destroy(goal);
  ift_kernel_destroy(kernel);
  ift_measure_destroy(samples);

  status = ift_flow_step(flow, 10);
  if (status < IFT_OK) return failed("ift_flow_step", status, context);
  status = ift_flow_get_real(flow, "energy", &energy);
  if (status != IFT_OK) return failed("ift_flow_get_real", status, context);
  printf("energy %a\n", energy);
  if (!(energy < 0.5 * mmd2)) {
    fprintf(stderr, "the energy did not fall\n");
    return 1;
  }
  end = ift_flow_measure(flow);
  for (i = 0; i < ift_measure_size(end); i++)
    printf("particle %a %a %a\n", ift_measure_positions(end)[i * DIM], ift_measure_positions(end)[i * DIM + 1],
           ift_measure_weights(end)[i]);

  /* an error says what is wrong */
  status = ift_flow_set_text(flow, "no such option", "1");
  if (status != IFT_ERR_OPTION) return failed("ift_flow_set_text", status, context);

  ift_flow_destroy(flow);
  ift_measure_destroy(start);
  ift_context_destroy(context);
  return 0;
}
