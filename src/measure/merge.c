/* Merging particles that are close to each other. */
#include <math.h>

#include "measure/groups.h"
#include "measure/measure.h"

static ift_status merge_groups(const ift_groups *groups, const ift_measure *measure, ift_measure **out) {
  const int64_t d = measure->d;
  ift_measure *merged = ift_measure_blank(measure->object.context, groups->count, d);
  if (!merged) return IFT_ERR_NO_MEMORY;
  for (int64_t g = 0; g < groups->count; g++) {
    const int64_t leader = groups->leaders[g];
    ift_measure_place(merged, g, measure, leader, measure->weights[leader]);
  }
  for (int64_t i = 0; i < measure->n; i++) {
    const int64_t g = groups->group[i];
    if (groups->leaders[g] == i) continue;
    ift_merge_particle(merged->positions + g * d, merged->weights + g, measure->positions + i * d, measure->weights[i],
                       d);
  }
  *out = merged;
  return IFT_OK;
}

ift_status ift_measure_merge(const ift_measure *measure, ift_measure **out, double distance) {
  if (out) *out = NULL;
  if (!measure) return IFT_ERR_ARGUMENT;
  ift_context *context = measure->object.context;
  if (!out) return ift_fail(context, IFT_ERR_ARGUMENT, "out is NULL; it gets the new measure");
  if (!isfinite(distance) || distance < 0)
    return ift_fail(context, IFT_ERR_ARGUMENT, "distance is %g; allowed is a finite number >= 0", distance);
  ift_groups groups;
  IFT_TRY(ift_groups_create(context, &groups, measure->n, distance == 0));
  ift_groups_find(&groups, measure->positions, NULL, measure->n, measure->d, distance);
  const ift_status status = merge_groups(&groups, measure, out);
  ift_groups_dispose(&groups);
  return status;
}
