/* tests/support/make.h - objects in one line, for tests that expect them to come about. */
#ifndef TESTS_SUPPORT_MAKE_H
#define TESTS_SUPPORT_MAKE_H

#include <string.h>

#include "support/near.h"

static inline ift_context *make_context(void) {
  ift_context *context;
  assert_status(IFT_OK, ift_context_create(&context));
  return context;
}

static inline ift_measure *make_measure(ift_context *context, const double *x, int64_t n, int64_t d, const double *a) {
  ift_measure *measure;
  assert_status(IFT_OK, ift_measure_create(context, &measure, x, n, d, a));
  return measure;
}

static inline ift_kernel *make_kernel(ift_context *context, const char *spec) {
  ift_kernel *kernel;
  assert_status(IFT_OK, ift_kernel_parse(context, &kernel, spec));
  return kernel;
}

static inline ift_target *make_samples(ift_context *context, const double *x, int64_t n, int64_t d, const double *w) {
  ift_measure *measure = make_measure(context, x, n, d, w);
  ift_target *target;
  assert_status(IFT_OK, ift_target_samples(context, &target, measure));
  ift_measure_destroy(measure);
  return target;
}

/* The MMD energy of a kernel and m samples; kernel and target live on in it. */
static inline ift_energy *make_energy(ift_context *context, const char *spec, const double *y, int64_t m, int64_t d,
                                      const double *w) {
  ift_kernel *kernel = make_kernel(context, spec);
  ift_target *target = make_samples(context, y, m, d, w);
  ift_energy *energy;
  assert_status(IFT_OK, ift_energy_mmd(context, &energy, kernel, target));
  ift_kernel_destroy(kernel);
  ift_target_destroy(target);
  return energy;
}

static inline ift_flow *make_flow(ift_context *context, const char *geometry, const ift_energy *energy, const double *x,
                                  int64_t n, int64_t d, const double *a) {
  ift_measure *initial = make_measure(context, x, n, d, a);
  ift_flow *flow;
  assert_status(IFT_OK, ift_flow_create(context, &flow, geometry, energy, initial));
  ift_measure_destroy(initial);
  return flow;
}

static inline double flow_real(const ift_flow *flow, const char *name) {
  double value;
  assert_status(IFT_OK, ift_flow_get_real(flow, name, &value));
  return value;
}

static inline int64_t flow_int(const ift_flow *flow, const char *name) {
  int64_t value;
  assert_status(IFT_OK, ift_flow_get_int(flow, name, &value));
  return value;
}

/* The message of the last error has this text in it. */
static inline void assert_message_at(const ift_context *context, const char *part, const char *file, int line) {
  if (!strstr(ift_context_message(context), part)) {
    print_error("the message is \"%s\", without \"%s\"\n", ift_context_message(context), part);
    _fail(file, line);
  }
}
#define assert_message(context, part) assert_message_at(context, part, __FILE__, __LINE__)

#endif
