#include <ift.h>
#include <stdio.h>

int main(int argc, char **argv) {
  ift_context *context = NULL;
  ift_measure *points = NULL, *few = NULL;
  ift_kernel *kernel = NULL;
  ift_target *target = NULL;
  double sigma = 0, mmd2 = 0;
  int done = ift_context_create(&context) >= 0 && ift_measure_load(context, &points, argc > 1 ? argv[1] : "-") >= 0 &&
             ift_bandwidth_median(points, &sigma) >= 0 && ift_kernel_gaussian(context, &kernel, sigma) >= 0 &&
             ift_target_samples(context, &target, points) >= 0 &&
             ift_compress(context, &few, &mmd2, kernel, target, 25, NULL) >= 0;
  if (done) printf("%d particles, MMD^2 %g\n", (int)ift_measure_size(few), mmd2);
  if (!done) fprintf(stderr, "%s\n", ift_context_message(context));
  ift_measure_destroy(few);
  ift_target_destroy(target);
  ift_kernel_destroy(kernel);
  ift_measure_destroy(points);
  ift_context_destroy(context);
  return done ? 0 : 1;
}
