/* The Old Faithful data as 25 weighted particles: faithful FILE */
#include <ift.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv) {
  ift_context *context = NULL;
  ift_measure *data = NULL, *points = NULL, *few = NULL;
  ift_kernel *kernel = NULL;
  ift_target *target = NULL;
  double mean[2], covariance[4], sigma, mmd2, *x = NULL;
  int done = ift_context_create(&context) >= 0 && ift_measure_load(context, &data, argc > 1 ? argv[1] : "-") >= 0 &&
             ift_measure_dim(data) == 2 && ift_measure_moments(data, mean, covariance) >= 0;
  const size_t n = (size_t)ift_measure_size(data);
  done = done && (x = calloc(2 * n, sizeof *x));
  for (size_t i = 0; done && i < 2 * n; i++)
    x[i] = (ift_measure_positions(data)[i] - mean[i % 2]) / sqrt(covariance[3 * (i % 2)]);
  done = done && ift_measure_create(context, &points, x, (int64_t)n, 2, NULL) >= 0 &&
         ift_bandwidth_median(points, &sigma) >= 0 && ift_kernel_gaussian(context, &kernel, sigma) >= 0 &&
         ift_target_samples(context, &target, points) >= 0 &&
         ift_compress(context, &few, &mmd2, kernel, target, 25, "seed=1") >= 0;
  if (!done) fprintf(stderr, "%s\n", ift_context_message(context));
  if (done) printf("mmd2 %.16e\n", mmd2);
  const double *at = ift_measure_positions(few), *weights = ift_measure_weights(few);
  for (int i = 0; i < ift_measure_size(few); i++) printf("%.16e %.16e %.16e\n", at[2 * i], at[2 * i + 1], weights[i]);
  ift_target_destroy(target);
  ift_kernel_destroy(kernel);
  ift_measure_destroy(few);
  ift_measure_destroy(points);
  ift_measure_destroy(data);
  ift_context_destroy(context);
  free(x);
  return done ? 0 : 1;
}
