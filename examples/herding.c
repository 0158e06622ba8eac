/* Kernel herding (Chen, Welling and Smola 2010) of a file's points, all of the same weight. What `ift compress` has to
 * beat.
 *
 *     herding TARGET KERNEL N OUT     coordinates standardized, as ift --standardize does; OUT has the original ones */
#include <stdio.h>
#include <string.h>

#include "herding.h"

static void check(ift_context *context, ift_status status) {
  if (status >= 0) return;
  fprintf(stderr, "herding: %s\n", ift_context_message(context));
  exit(2);
}

static double *numbers(int64_t count) {
  double *array = calloc((size_t)count, sizeof *array);
  if (!array) exit(2);
  return array;
}

/* `count` picks */
static void herd_all(ift_context *context, const ift_kernel *kernel, const double *z, int64_t n, int64_t d,
                     const double *weights, int64_t *picks, int64_t count) {
  double *wanted = numbers(n), *covered = numbers(n), *column = numbers(n);
  check(context, ift_kernel_sum_pairs(kernel, wanted, NULL, z, n, d, z, n, weights));
  for (int64_t t = 0; t < count; t++) check(context, herd(&picks[t], kernel, z, n, d, t, wanted, covered, column));
  free(wanted);
  free(covered);
  free(column);
}

int main(int argc, char **argv) {
  const int64_t count = argc == 5 ? strtoll(argv[3], NULL, 10) : 0;
  if (count < 1) {
    fprintf(stderr, "usage: herding TARGET KERNEL N OUT\n");
    return 2;
  }
  ift_context *context = NULL;
  ift_kernel *kernel = NULL;
  ift_measure *target = NULL, *picked = NULL;
  check(NULL, ift_context_create(&context));
  check(context, ift_kernel_parse(context, &kernel, argv[2]));
  check(context, ift_measure_load(context, &target, argv[1]));

  const int64_t n = ift_measure_size(target), d = ift_measure_dim(target);
  double *z = standardized(target), *positions = numbers(count * d);
  int64_t *picks = calloc((size_t)count, sizeof *picks);
  if (!z || !picks) return 2;
  herd_all(context, kernel, z, n, d, ift_measure_weights(target), picks, count);
  for (int64_t t = 0; t < count; t++)
    memcpy(positions + t * d, ift_measure_positions(target) + picks[t] * d, (size_t)d * sizeof *positions);
  check(context, ift_measure_create(context, &picked, positions, count, d, NULL));
  check(context, ift_measure_save(picked, argv[4]));

  free(z);
  free(positions);
  free(picks);
  ift_measure_destroy(target);
  ift_measure_destroy(picked);
  ift_kernel_destroy(kernel);
  ift_context_destroy(context);
  return 0;
}
