/* Measures from files, and the units that --standardize works in. */
#include "cli/data.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cli/message.h"

bool cli_library_failed(const ift_context *context) {
  return cli_fail("%s", context ? ift_context_message(context) : "out of memory");
}

const char *cli_file_name(const char *path) {
  return strcmp(path, "-") == 0 ? "standard input" : path;
}

bool cli_load(ift_context *context, ift_measure **out, const char *path) {
  return ift_measure_load(context, out, path) == IFT_OK || cli_library_failed(context);
}

bool cli_same_dimension(const ift_measure *a, const char *a_path, const ift_measure *b, const char *b_path) {
  const long long d = (long long)ift_measure_dim(a), e = (long long)ift_measure_dim(b);
  if (d == e) return true;
  return cli_fail("%s: has %lld coordinate%s a row, but %s has %lld", cli_file_name(a_path), d, d == 1 ? "" : "s",
                  cli_file_name(b_path), e);
}

/* Mean and standard deviation of one column. Deviations from the first row and a common scale keep huge coordinates
 * in range; rows of weight 0 don't count. */
static void column_units(const ift_measure *measure, int64_t column, double *center, double *scale) {
  const int64_t n = ift_measure_size(measure), d = ift_measure_dim(measure);
  const double *x = ift_measure_positions(measure), *w = ift_measure_weights(measure), mass = ift_measure_mass(measure);
  int64_t first = 0;
  while (first < n && w[first] == 0) first++;
  const double origin = x[first * d + column];
  double mean = 0, largest = 0, variance = 0;
  bool constant = true;
  for (int64_t i = first; i < n; i++) {
    if (w[i] == 0) continue;
    mean += w[i] / mass * (x[i * d + column] - origin);
    constant = constant && x[i * d + column] == origin;
  }
  *center = origin + mean;
  *scale = 1;
  if (constant) return;
  for (int64_t i = first; i < n; i++)
    if (w[i] > 0) largest = fmax(largest, fabs(x[i * d + column] - *center));
  for (int64_t i = first; i < n; i++) {
    const double z = (x[i * d + column] - *center) / largest;
    if (w[i] > 0) variance += w[i] / mass * z * z;
  }
  *scale = largest * sqrt(variance);
}

bool cli_units_of(cli_units *units, const ift_measure *measure, const char *path) {
  const int64_t d = ift_measure_dim(measure);
  *units =
      (cli_units){.dim = d, .center = calloc((size_t)d, sizeof(double)), .scale = calloc((size_t)d, sizeof(double))};
  if (!units->center || !units->scale) return cli_fail("out of memory");
  for (int64_t j = 0; j < d; j++) {
    column_units(measure, j, &units->center[j], &units->scale[j]);
    if (!isfinite(units->center[j]) || !isfinite(units->scale[j]) || !(units->scale[j] > 0))
      return cli_fail(
          "%s: coordinate %lld can't be standardized: its mean or standard deviation is out of the range of numbers",
          cli_file_name(path), (long long)j + 1);
  }
  return true;
}

void cli_units_free(cli_units *units) {
  free(units->center);
  free(units->scale);
  *units = (cli_units){.dim = 0};
}

/* The positions of a measure in units, or out of them. The caller frees it; NULL: out of memory. */
static double *converted(const cli_units *units, const ift_measure *measure, bool undo) {
  const int64_t n = ift_measure_size(measure), d = units->dim;
  double *x = malloc((size_t)(n * d) * sizeof *x);
  if (!x || ift_measure_copy_positions(measure, x) != IFT_OK) {
    free(x);
    return NULL;
  }
  for (int64_t i = 0; i < n * d; i++) {
    const double center = units->center[i % d], scale = units->scale[i % d];
    x[i] = undo ? x[i] * scale + center : (x[i] - center) / scale;
  }
  return x;
}

bool cli_units_apply(const cli_units *units, ift_context *context, ift_measure *measure, const char *path) {
  if (!units->center) return true;
  double *x = converted(units, measure, false);
  if (!x) return cli_fail("out of memory");
  const ift_status status = ift_measure_set(measure, x, NULL);
  free(x);
  return status == IFT_OK || cli_fail("%s: standardized: %s", cli_file_name(path), ift_context_message(context));
}

bool cli_units_undo(const cli_units *units, ift_context *context, ift_measure **out, const ift_measure *measure) {
  if (!units->center) return ift_measure_clone(measure, out) == IFT_OK || cli_library_failed(context);
  double *x = converted(units, measure, true);
  if (!x) return cli_fail("out of memory");
  const ift_status status =
      ift_measure_create(context, out, x, ift_measure_size(measure), units->dim, ift_measure_weights(measure));
  free(x);
  return status == IFT_OK || cli_library_failed(context);
}
