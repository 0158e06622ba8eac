/* Particles that attract each other from afar and repel from nearby, W(x, y) = r^2/2 - r on the line. Where g = int
 * W dmu has the slope 0, x - mean = mu(left of x) - mu(right of x): the minimizer of F = 1/2 iint W dmu dmu is the
 * uniform distribution on an interval of length 2, F = -1/6. Of n particles of equal weight, which transport in
 * wasserstein moves, those are the points mean + (2i + 1)/n - 1, where F = -(1 - 1/n^2)/6. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include <ift.h>

enum { N = 100 };

static ift_context *context;

static void check(ift_status status) {
  if (status >= 0) return;
  fprintf(stderr, "interaction: %s\n", ift_context_message(context));
  exit(2);
}

/* W and its derivative in x, which is taken as 0 at the kink. */
static int attract_and_repel(double *values, double *gradients, const double *x, int64_t n, const double *y, int64_t m,
                             int64_t d, void *user) {
  (void)d, (void)user; /* d is 1 */
  for (int64_t i = 0; i < n; i++)
    for (int64_t j = 0; j < m; j++) {
      const double r = x[i] - y[j];
      values[i * m + j] = r * r / 2 - fabs(r);
      if (gradients) gradients[i * m + j] = r > 0 ? r - 1 : r < 0 ? r + 1 : 0;
    }
  return 0;
}

static int compare(const void *a, const void *b) {
  const double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

int main(void) {
  double start[N], x[N], mean, f, worst = 0;
  ift_kernel *kernel = NULL;
  ift_energy *energy = NULL;
  ift_measure *clump = NULL;
  ift_flow *flow = NULL;
  for (int i = 0; i < N; i++) start[i] = pow((i + 0.5) / N, 3) * 5; /* most of them near 0 */
  check(ift_context_create(&context));
  check(ift_kernel_custom(context, &kernel, attract_and_repel, NULL, NULL));
  check(ift_energy_interaction(context, &energy, 1, kernel));
  check(ift_measure_create(context, &clump, start, N, 1, NULL));
  check(ift_flow_create(context, &flow, "wasserstein", energy, clump));
  check(ift_flow_step(flow, 200));
  check(ift_flow_get_real(flow, "energy", &f));
  check(ift_measure_copy_positions(ift_flow_measure(flow), x));
  check(ift_measure_moments(ift_flow_measure(flow), &mean, NULL));
  qsort(x, N, sizeof *x, compare);
  printf("quantile   particles    exactly\n");
  for (int i = 0; i < N; i++) {
    const double exact = mean + (2 * i + 1.0) / N - 1;
    worst = fmax(worst, fabs(x[i] - exact));
    if (i % 20 == 10) printf("  %6.3f   %9.6f  %9.6f\n", (i + 0.5) / N, x[i], exact);
  }
  printf("at worst %.1e off; F = %.6f, of the uniform distribution %.6f\n", worst, f, -1.0 / 6);
  ift_flow_destroy(flow);
  ift_measure_destroy(clump);
  ift_energy_destroy(energy);
  ift_kernel_destroy(kernel);
  ift_context_destroy(context);
  if (worst < 1e-6 && fabs(f + (1 - 1.0 / N / N) / 6) < 1e-9) return 0;
  fprintf(stderr, "interaction: that is not the minimizer\n");
  return 1;
}
