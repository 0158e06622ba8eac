/* A program of release 1.0: built with the headers of that release, and linked with nothing but their names, it has to run with every
 * libift.so.1. It relies on what is promised, not on digits. Like those headers it stays as it is. */
#include <ift.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { N = 8, M = 30, D = 2 };

static int failures = 0;

static void require(int good, const char *what) {
  if (good) return;
  fprintf(stderr, "old_consumer: not so: %s\n", what);
  failures++;
}
#define REQUIRE(condition) require((condition) ? 1 : 0, #condition)

/* Objects that all parts use. */
static ift_context *context;
static ift_measure *start, *samples;
static ift_kernel *kernel;
static ift_target *target;
static ift_energy *energy;

/* A sequence without a pattern, in [0, scale). */
static void fill(double *values, int count, double phase, double scale) {
  double x = phase;
  int i;
  for (i = 0; i < count; i++) {
    x = x * 3.87 * (1.0 - x);
    values[i] = scale * x;
  }
}

static void log_line(const char *text, void *user) {
  *(int *)user += (int)strlen(text) > 0;
}

static void contexts(void) {
  char info[2000];
  REQUIRE(ift_context_create(&context) == IFT_OK);
  REQUIRE(ift_context_set_seed(context, 3) == IFT_OK);
  REQUIRE(ift_context_set_threads(context, 0) == IFT_ERR_ARGUMENT);
  REQUIRE(strlen(ift_context_message(context)) > 0);
  REQUIRE(ift_version() >= 100);
  REQUIRE(strcmp(ift_status_name(IFT_ERR_NO_MEMORY), "IFT_ERR_NO_MEMORY") == 0);
  REQUIRE(ift_build_info(info, sizeof info) > 0);
  REQUIRE(strstr(info, "\nblas ") != NULL);
}

static void measures(void) {
  double x[M * D], mean[D];
  ift_measure *few = NULL;
  fill(x, N * D, 0.3, 1.0);
  REQUIRE(ift_measure_create(context, &start, x, N, D, NULL) == IFT_OK);
  fill(x, M * D, 0.6, 2.0);
  REQUIRE(ift_measure_create(context, &samples, x, M, D, NULL) == IFT_OK);
  REQUIRE(ift_measure_size(samples) == M && ift_measure_dim(samples) == D);
  REQUIRE(fabs(ift_measure_mass(samples) - 1.0) < 1e-14);
  REQUIRE(ift_measure_positions(samples)[3] == x[3] && ift_measure_weights(samples)[0] == 1.0 / M);
  REQUIRE(ift_measure_moments(samples, mean, NULL) == IFT_OK && mean[0] > 0.0);
  REQUIRE(ift_measure_resample(samples, &few, 5) == IFT_OK && ift_measure_size(few) == 5);
  ift_measure_destroy(few);
}

/* The Gaussian of width 1. */
static int gauss(double *values, double *gradients, const double *x, int64_t n, const double *y, int64_t m, int64_t d,
                 void *user) {
  int64_t i, j, l;
  *(int *)user += 1;
  for (i = 0; i < n; i++)
    for (j = 0; j < m; j++) {
      double square = 0.0, value;
      for (l = 0; l < d; l++) square += (x[i * d + l] - y[j * d + l]) * (x[i * d + l] - y[j * d + l]);
      values[i * m + j] = value = exp(-0.5 * square);
      for (l = 0; gradients && l < d; l++) gradients[(i * m + j) * d + l] = (y[j * d + l] - x[i * d + l]) * value;
    }
  return 0;
}

static void kernels(void) {
  double built_in = -1.0, own = -2.0, sigma = 0.0;
  int calls = 0;
  ift_kernel *custom = NULL;
  REQUIRE(ift_kernel_parse(context, &kernel, "gaussian:1") == IFT_OK);
  REQUIRE(ift_kernel_custom(context, &custom, gauss, &calls, NULL) == IFT_OK);
  REQUIRE(ift_mmd2(kernel, &built_in, start, samples) == IFT_OK && built_in > 0.0);
  REQUIRE(ift_mmd2(custom, &own, start, samples) == IFT_OK && calls > 0);
  REQUIRE(fabs(built_in - own) < 1e-12);
  REQUIRE(ift_bandwidth_median(samples, &sigma) == IFT_OK && sigma > 0.0);
  REQUIRE(ift_kernel_parse(context, NULL, "gaussian:1") == IFT_ERR_ARGUMENT);
  ift_kernel_destroy(custom);
}

static int stop_at_three(const ift_flow *flow, void *user) {
  int64_t step = 0;
  (void)user;
  return ift_flow_get_int(flow, "step", &step) == IFT_OK && step >= 3;
}

static void flows(void) {
  ift_flow *flow = NULL;
  double before = 0.0, after = 0.0, gap = -1.0;
  char text[64], saved[8000];
  int64_t size = 0, step = 0;
  REQUIRE(ift_target_samples(context, &target, samples) == IFT_OK);
  REQUIRE(ift_energy_mmd(context, &energy, kernel, target) == IFT_OK);
  REQUIRE(ift_flow_create(context, &flow, "spherical-ift", energy, start) == IFT_OK);
  REQUIRE(ift_flow_get_real(flow, "energy", &before) == IFT_OK);
  REQUIRE(ift_flow_set_text(flow, "step_control", "monotone") == IFT_OK);
  REQUIRE(ift_flow_set_int(flow, "seed", 5) == IFT_OK);
  REQUIRE(ift_flow_set_real(flow, "no such option", 1.0) == IFT_ERR_OPTION);
  REQUIRE(ift_flow_step(flow, 5) >= IFT_OK);
  REQUIRE(ift_flow_get_real(flow, "energy", &after) == IFT_OK && after < before);
  REQUIRE(ift_flow_get_real(flow, "gap", &gap) == IFT_OK && gap >= 2.0 * after - 1e-12);
  REQUIRE(ift_flow_get_text(flow, "step_control", text, sizeof text) == IFT_OK && strcmp(text, "monotone") == 0);
  REQUIRE(ift_measure_size(ift_flow_measure(flow)) == N);
  REQUIRE(fabs(ift_measure_mass(ift_flow_measure(flow)) - 1.0) < 1e-12);
  REQUIRE(ift_flow_save(flow, NULL, 0, &size) == IFT_OK && size > 0 && size <= (int64_t)sizeof saved);
  REQUIRE(ift_flow_save(flow, saved, sizeof saved, &size) == IFT_OK);
  REQUIRE(ift_flow_step(flow, 1) >= IFT_OK);
  REQUIRE(ift_flow_restore(flow, saved, size) == IFT_OK);
  REQUIRE(ift_flow_get_int(flow, "step", &step) == IFT_OK && step == 5);
  REQUIRE(ift_flow_restore(flow, saved, size - 1) == IFT_ERR_FORMAT);
  ift_flow_destroy(flow);

  flow = NULL;
  REQUIRE(ift_flow_create(context, &flow, "wasserstein", energy, start) == IFT_OK);
  REQUIRE(ift_flow_set_monitor(flow, stop_at_three, NULL, NULL) == IFT_OK);
  REQUIRE(ift_flow_run(flow, 100) == IFT_STOPPED);
  ift_flow_destroy(flow);
}

static void compressions(void) {
  ift_measure *few = NULL;
  double mmd2 = -1.0, check = -1.0;
  REQUIRE(ift_compress(context, &few, &mmd2, kernel, target, 4, "effort=low") >= IFT_OK);
  REQUIRE(ift_measure_size(few) <= 4 && ift_measure_size(few) >= 1);
  REQUIRE(ift_mmd2(kernel, &check, few, samples) == IFT_OK && fabs(check - mmd2) < 1e-10);
  ift_measure_destroy(few);
}

static void weights(void) {
  const double gram[] = {2.0, 0.0, 0.0, 4.0}, linear[] = {1.0, 1.0};
  double b[2], gap = -1.0;
  int64_t iterations = -1;
  int lines = 0;
  REQUIRE(ift_context_set_log(context, log_line, &lines, NULL) == IFT_OK);
  REQUIRE(ift_simplex_qp(context, b, &gap, &iterations, gram, linear, 2, 1.0, NULL, NULL, 0.0) >= IFT_OK);
  REQUIRE(fabs(b[0] - 2.0 / 3.0) < 1e-12 && gap >= 0.0 && gap < 1e-12 && iterations >= 0);
  REQUIRE(ift_context_set_log(context, NULL, NULL, NULL) == IFT_OK);
}

/* Names that programs look up. */
static void catalogue(void) {
  int64_t i;
  int tau = 0, gaussian = 0;
  for (i = 0; i < ift_option_count(); i++)
    tau += strcmp(ift_option_noun(i), "flow") == 0 && strcmp(ift_option_name(i), "tau") == 0;
  for (i = 0; i < ift_kind_count(); i++)
    gaussian += strcmp(ift_kind_noun(i), "kernel") == 0 && strcmp(ift_kind_name(i), "gaussian") == 0;
  REQUIRE(tau == 1 && gaussian == 1);
  REQUIRE(ift_option_name(-1) == NULL && ift_kind_name(ift_kind_count()) == NULL);
}

int main(void) {
  contexts();
  measures();
  kernels();
  flows();
  compressions();
  weights();
  catalogue();
  ift_energy_destroy(energy);
  ift_target_destroy(target);
  ift_kernel_destroy(kernel);
  ift_measure_destroy(samples);
  ift_measure_destroy(start);
  ift_context_destroy(context);
  return failures > 0;
}
