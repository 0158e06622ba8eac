/* A program that brings a BLAS of its own, GSL's, which then stands in for OpenBLAS everywhere in the process. What the library computes
 * must be right nevertheless, so it is judged by formulas of this file alone; ift_build_info must say which BLAS it is, and is printed. */
#include <ift.h>

#include <math.h>
#include <stdio.h>

double cblas_ddot(int n, const double *x, int incx, const double *y, int incy); /* of the BLAS that comes first */

enum { N = 40, M = 300, D = 2 };
static double source[N * D], points[M * D], gram[N * N], linear[N], weights[N];

static double gaussian(const double *x, const double *y) {
  return exp(-(pow(x[0] - y[0], 2) + pow(x[1] - y[1], 2)) / 0.5);
}

static double sum(const double *x, const double *a, int n, const double *y, const double *b, int m) {
  double total = 0.0;
  for (int i = 0; i < n; i++)
    for (int j = 0; j < m; j++) total += (a ? a[i] : 1.0 / n) * (b ? b[j] : 1.0 / m) * gaussian(x + 2 * i, y + 2 * j);
  return total;
}

static int fail(const char *what, double value) {
  fprintf(stderr, "hostile: %s: %g\n", what, value);
  return 1;
}

int main(void) {
  ift_context *context = NULL;
  ift_measure *start = NULL, *samples = NULL;
  ift_kernel *kernel = NULL;
  ift_target *target = NULL;
  ift_energy *energy = NULL;
  ift_flow *flow = NULL;
  char info[2000];
  double phase = 0.3, value, lowest = INFINITY, gap = 0.0;
  for (int k = 0; k < N * D; k++) source[k] = phase = phase * 3.87 * (1.0 - phase);
  for (int k = 0; k < M * D; k++) points[k] = 1.5 * (phase = phase * 3.87 * (1.0 - phase));

  /* factorizations: the certificate of a quadratic program, from its definition */
  for (int i = 0; i < N; i++) {
    for (int j = 0; j < N; j++) gram[i * N + j] = gaussian(source + 2 * i, source + 2 * j);
    linear[i] = 0.0;
    for (int j = 0; j < M; j++) linear[i] += gaussian(source + 2 * i, points + 2 * j) / M;
  }
  if (ift_context_create(&context) != IFT_OK) return fail("context", 0.0);
  if (ift_simplex_qp(context, weights, NULL, NULL, gram, linear, N, 1.0, NULL, NULL, 0.0) < IFT_OK)
    return fail("qp", 0.0);
  for (int i = 0; i < N; i++) {
    double g = -linear[i];
    for (int j = 0; j < N; j++) g += gram[i * N + j] * weights[j];
    gap += weights[i] * g;
    lowest = fmin(lowest, g);
  }
  if (!(gap - lowest <= 1e-12)) return fail("gap of the weights", gap - lowest);

  /* a flow with an exact reaction: its energy, from sums of this file */
  if (ift_measure_create(context, &start, source, N, D, NULL) != IFT_OK ||
      ift_measure_create(context, &samples, points, M, D, NULL) != IFT_OK ||
      ift_kernel_gaussian(context, &kernel, 0.5) != IFT_OK || ift_target_samples(context, &target, samples) != IFT_OK ||
      ift_energy_mmd(context, &energy, kernel, target) != IFT_OK ||
      ift_flow_create(context, &flow, "spherical-ift", energy, start) != IFT_OK || ift_flow_step(flow, 20) < IFT_OK ||
      ift_flow_get_real(flow, "energy", &value) != IFT_OK)
    return fail(ift_context_message(context), 0.0);
  const double *x = ift_measure_positions(ift_flow_measure(flow)), *a = ift_measure_weights(ift_flow_measure(flow));
  const double before = 0.5 * (sum(source, NULL, N, source, NULL, N) - 2 * sum(source, NULL, N, points, NULL, M) +
                               sum(points, NULL, M, points, NULL, M));
  const double after =
      0.5 * (sum(x, a, N, x, a, N) - 2 * sum(x, a, N, points, NULL, M) + sum(points, NULL, M, points, NULL, M));
  if (!(fabs(value - after) <= 1e-13)) return fail("energy, and what it should be", value - after);
  if (!(after < 0.1 * before)) return fail("what is left of the energy", after / before);
  if (cblas_ddot(1, x, 1, x, 1) != x[0] * x[0]) return fail("cblas_ddot", 0.0);

  ift_build_info(info, sizeof info);
  fputs(info, stdout);
  ift_flow_destroy(flow);
  ift_energy_destroy(energy);
  ift_target_destroy(target);
  ift_kernel_destroy(kernel);
  ift_measure_destroy(samples);
  ift_measure_destroy(start);
  ift_context_destroy(context);
  return 0;
}
