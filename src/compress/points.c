/* The target's own points as the answer: where there is room for all of them. */
#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "compress/compress.h"

/* The index of a point equal to x among the first `count`, or `count`. */
static int64_t find_point(const double *points, int64_t count, int64_t d, const double *x) {
  for (int64_t i = 0; i < count; i++) {
    int64_t l = 0;
    while (l < d && points[i * d + l] == x[l]) l++;
    if (l == d) return i;
  }
  return count;
}

/* Distinct points and their weights, and the row of the first of each; *all: there is room for them. */
static int64_t merge(const ift_target *target, int64_t room, double *points, double *weights, int64_t *rows,
                     bool *all) {
  const int64_t d = target->d;
  int64_t count = 0, j = 0;
  for (; j < target->n; j++) {
    if (!(target->weights[j] > 0)) continue;
    const double *point = target->points + j * d;
    const int64_t i = find_point(points, count, d, point);
    if (i == room) break; /* one more than there is room for */
    if (i == count) {
      memcpy(points + i * d, point, (size_t)d * sizeof(double));
      weights[count] = 0;
      rows[count++] = j;
    }
    weights[i] += target->weights[j];
  }
  *all = j == target->n;
  return count;
}

static bool are_equal(const double *weights, int64_t count) {
  for (int64_t i = 1; i < count; i++)
    if (fabs(weights[i] - weights[0]) > 1e-12 * weights[0]) return false;
  return true;
}

ift_status ift_compression_points(const ift_compression *compression, ift_measure **out, int64_t **numbers) {
  ift_context *context = compression->object.context;
  const ift_target *target = compression->target;
  const int64_t n = compression->particles, d = target->d;
  const bool equal = compression->options[IFT_COMPRESSION_weights].word == IFT_WEIGHTS_EQUAL;
  *out = NULL;
  *numbers = NULL;
  if (target->n == 0) return IFT_OK;
  const int64_t room = n < target->n ? n : target->n;
  double *points = ift_alloc2(context, room, d, sizeof *points), *weights = ift_alloc_reals(context, room);
  int64_t *rows = ift_alloc(context, room, sizeof *rows);
  ift_status status = points && weights && rows ? IFT_OK : IFT_ERR_NO_MEMORY;
  if (status == IFT_OK) {
    bool all;
    const int64_t count = merge(target, room, points, weights, rows, &all);
    if (all && (!equal || are_equal(weights, count)))
      status = ift_measure_create(context, out, points, count, d, weights);
  }
  ift_free(context, points);
  ift_free(context, weights);
  if (*out)
    *numbers = rows;
  else
    ift_free(context, rows);
  return status;
}
