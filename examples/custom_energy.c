/* An energy of one's own: the loss of a network with one hidden layer, as a function of the measure of its units
 * (Chizat and Bach 2018; Mei, Montanari and Nguyen 2018). Unit (c, w, b) adds c tanh(w x + b) to the output, so with
 * f_mu(x) = int c tanh(w x + b) dmu the loss 1/(2m) sum_i (f_mu(x_i) - y_i)^2 is convex in mu, and
 *
 *     g(c, w, b) = 1/m sum_i (f_mu(x_i) - y_i) c tanh(w x_i + b).
 *
 * It is checked by differences, then trained on how long Old Faithful waits after an eruption that lasted x: by
 * transport, which is gradient descent, and by transport and reaction, which weights the units too. The reaction of
 * spherical-ift needs a kernel, since the energy brings none.
 *
 *     custom_energy [DATA]      examples/data/faithful.csv by default */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include <ift.h>

enum { MOST = 1000, UNITS = 40, D = 3 };

typedef struct regression {
  int64_t m;
  double x[MOST], y[MOST]; /* in standard units */
} regression;

static ift_context *context;

static void check(ift_status status) {
  if (status >= 0) return;
  fprintf(stderr, "custom_energy: %s\n", ift_context_message(context));
  exit(2);
}

/* f_mu(x) - y */
static double residual(const double *units, const double *weights, int64_t n, double x, double y) {
  double sum = -y;
  for (int64_t j = 0; j < n; j++, units += D) sum += weights[j] * units[0] * tanh(units[1] * x + units[2]);
  return sum;
}

static int loss(double *value, double *first_variation, double *gradient, const double *points, int64_t k,
                const double *units, const double *weights, int64_t n, int64_t d, void *user) {
  const regression *data = user;
  double squares = 0;
  for (int64_t p = 0; first_variation && p < k; p++) first_variation[p] = 0;
  for (int64_t p = 0; gradient && p < k * d; p++) gradient[p] = 0;
  for (int64_t i = 0; i < data->m; i++) {
    const double x = data->x[i], r = residual(units, weights, n, x, data->y[i]), share = r / (double)data->m;
    squares += r * r;
    for (int64_t p = 0; (first_variation || gradient) && p < k; p++) {
      const double c = points[p * d], t = tanh(points[p * d + 1] * x + points[p * d + 2]), slope = c * (1 - t * t);
      if (first_variation) first_variation[p] += share * c * t;
      if (!gradient) continue;
      gradient[p * d] += share * t;
      gradient[p * d + 1] += share * slope * x;
      gradient[p * d + 2] += share * slope;
    }
  }
  if (value) *value = squares / (2 * (double)data->m);
  return 0;
}

/* Rows in standard units. */
static void load(regression *data, const char *path) {
  ift_measure *table = NULL;
  double mean[2], covariance[4];
  check(ift_measure_load(context, &table, path));
  check(ift_measure_moments(table, mean, covariance));
  const double *rows = ift_measure_positions(table);
  data->m = ift_measure_size(table) < MOST ? ift_measure_size(table) : MOST;
  for (int64_t i = 0; i < data->m; i++) {
    data->x[i] = (rows[2 * i] - mean[0]) / sqrt(covariance[0]);
    data->y[i] = (rows[2 * i + 1] - mean[1]) / sqrt(covariance[3]);
  }
  ift_measure_destroy(table);
}

/* Half the mean square that the straight line leaves. */
static double line(const regression *data) {
  double xy = 0;
  for (int64_t i = 0; i < data->m; i++) xy += data->x[i] * data->y[i] / (double)data->m;
  return (1 - xy * xy) / 2;
}

int main(int argc, char **argv) {
  static regression data;
  double start[UNITS * D];
  ift_energy *energy = NULL;
  ift_measure *units = NULL;
  ift_kernel *kernel = NULL;
  check(ift_context_create(&context));
  load(&data, argc > 1 ? argv[1] : "examples/data/faithful.csv");
  for (int k = 0; k < UNITS * D; k++) /* in [-2, 2]^3, by the additive recurrence of Roberts (2018) */
    start[k] = 4 * fmod((k / D + 1) * pow(1.2207440846, -(k % D + 1)), 1) - 2;
  check(ift_measure_create(context, &units, start, UNITS, D, NULL));
  check(ift_energy_custom(context, &energy, D, loss, &data, NULL));
  check(ift_energy_check(energy, units, 1e-6));

  const char *const geometries[] = {"wasserstein", "spherical-wfr", "spherical-ift"};
  double worst = 0;
  printf("half the mean square error: of the straight line %.4f\n", line(&data));
  check(ift_kernel_gaussian(context, &kernel, 1));
  for (int k = 0; k < 3; k++) {
    ift_flow *flow = NULL;
    double before, after, size;
    check(ift_flow_create(context, &flow, geometries[k], energy, units));
    if (k == 2) check(ift_flow_set_kernel(flow, kernel));
    check(ift_flow_get_real(flow, "energy", &before));
    check(ift_flow_step(flow, 300));
    check(ift_flow_get_real(flow, "energy", &after));
    check(ift_flow_get_real(flow, "effective_size", &size));
    printf("  %-14s %9.4f -> %.4f; effectively %4.1f units\n", geometries[k], before, after, size);
    worst = fmax(worst, after);
    ift_flow_destroy(flow);
  }
  ift_kernel_destroy(kernel);
  ift_energy_destroy(energy);
  ift_measure_destroy(units);
  ift_context_destroy(context);
  if (worst < 0.9 * line(&data)) return 0;
  fprintf(stderr, "custom_energy: no better than a straight line\n");
  return 1;
}
