/* measure/groups.h - which particles are close to each other, and what they are together. */
#ifndef MEASURE_GROUPS_H
#define MEASURE_GROUPS_H

#include "base/context.h"

/* Particles are gone through in order; each joins the first group whose leader (its first particle) is within a
 * distance, or leads a group of its own. */
typedef struct ift_groups {
  ift_context *context;
  int64_t count;
  int64_t *leaders; /* of each group: the particle that leads it */
  int64_t *group;   /* of each particle; -1: it was left out */
  int64_t *table;   /* for distance 0: hash table of groups, -1 where empty; else NULL */
  uint64_t mask;    /* its size, a power of 2, minus 1 */
} ift_groups;

/* Memory for groups of up to n particles, of equal ones or of those within a distance > 0. On an error there is nothing to
 * dispose of; what is all zero may be, too. */
ift_status ift_groups_create(ift_context *context, ift_groups *groups, int64_t n, bool equal);
void ift_groups_dispose(ift_groups *groups);

/* The groups of n points in d dimensions; `weights` not NULL: of those with a weight > 0. `distance` is 0 if the groups are
 * of equal ones. */
void ift_groups_find(ift_groups *groups, const double *x, const double *weights, int64_t n, int64_t d, double distance);

/* Adds a particle at x with a weight >= 0 to one at `mean`: the sum of the weights, at the weighted mean. */
void ift_merge_particle(double *mean, double *sum, const double *x, double weight, int64_t d);

#endif
