/* The target's own points as the answer: where there is room for all of them. */
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

ift_status ift_compression_points(const ift_compression *compression, ift_measure **out) {
  ift_context *context = compression->object.context;
  const ift_target *target = compression->target;
  const int64_t n = compression->particles, d = target->d;
  *out = NULL;
  if (target->n == 0) return IFT_OK;
  const int64_t room = n < target->n ? n : target->n;
  double *points = ift_alloc2(context, room, d, sizeof *points), *weights = ift_alloc_reals(context, room);
  ift_status status = points && weights ? IFT_OK : IFT_ERR_NO_MEMORY;
  int64_t count = 0, taken = 0;
  for (; status == IFT_OK && taken < target->n; taken++) {
    if (!(target->weights[taken] > 0)) continue;
    const double *point = target->points + taken * d;
    const int64_t i = find_point(points, count, d, point);
    if (i == room) break; /* one more than there is room for */
    if (i == count) {
      memcpy(points + i * d, point, (size_t)d * sizeof(double));
      weights[count++] = 0;
    }
    weights[i] += target->weights[taken];
  }
  if (status == IFT_OK && taken == target->n) status = ift_measure_create(context, out, points, count, d, weights);
  ift_free(context, points);
  ift_free(context, weights);
  return status;
}
