/* Merging particles that are close to each other. The particles are gone through in order; each joins the first group
 * whose leader (its first particle) is within the distance, or leads a group of its own. */
#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "measure/measure.h"

/* The groups found so far. */
struct groups {
  const ift_measure *measure;
  double scale;     /* a power of 2 that keeps squares in range: it brings the distance to [1/2, 1) */
  double square;    /* of the scaled distance */
  int64_t *leaders; /* the particle that leads the group */
  int64_t *group;   /* the group of each particle */
  int64_t count;
  int64_t *table; /* for distance 0: hash table of groups, -1 where empty */
  uint64_t mask;  /* its size, a power of 2, minus 1 */
};

static const double *position(const ift_measure *measure, int64_t i) {
  return measure->positions + i * measure->d;
}

/* A hash of a position; +0 and -0 have the same. The mixing steps are those of MurmurHash3's 64-bit finalizer
 * (Appleby). */
static uint64_t hash(const double *x, int64_t d) {
  uint64_t h = 0;
  for (int64_t j = 0; j < d; j++) {
    const double plain = x[j] + 0.0;
    uint64_t bits;
    memcpy(&bits, &plain, sizeof bits);
    h = (h ^ bits) * 0xff51afd7ed558ccdu;
    h = (h ^ (h >> 33)) * 0xc4ceb9fe1a85ec53u;
    h ^= h >> 33;
  }
  return h;
}

static bool equal(const double *x, const double *y, int64_t d) {
  for (int64_t j = 0; j < d; j++)
    if (x[j] != y[j]) return false;
  return true;
}

/* The group of particle i among equal positions; a new one if there is none yet. */
static int64_t find_equal(struct groups *groups, int64_t i) {
  const int64_t d = groups->measure->d;
  const double *x = position(groups->measure, i);
  uint64_t slot = hash(x, d) & groups->mask;
  while (groups->table[slot] >= 0) {
    const int64_t g = groups->table[slot];
    if (equal(x, position(groups->measure, groups->leaders[g]), d)) return g;
    slot = (slot + 1) & groups->mask;
  }
  return groups->table[slot] = groups->count;
}

static bool near(const struct groups *groups, const double *x, const double *y) {
  double square = 0;
  for (int64_t j = 0; j < groups->measure->d && square <= groups->square; j++) {
    const double z = (x[j] - y[j]) * groups->scale;
    square += z * z;
  }
  return square <= groups->square;
}

static int64_t find_near(struct groups *groups, int64_t i) {
  const double *x = position(groups->measure, i);
  int64_t g = 0;
  while (g < groups->count && !near(groups, x, position(groups->measure, groups->leaders[g]))) g++;
  return g;
}

static void find_groups(struct groups *groups) {
  int64_t (*find)(struct groups *, int64_t) = groups->table ? find_equal : find_near;
  for (int64_t i = 0; i < groups->measure->n; i++) {
    groups->group[i] = find(groups, i);
    if (groups->group[i] == groups->count) groups->leaders[groups->count++] = i;
  }
}

/* Moves `mean` to the weighted mean of itself and x, of which x has the part `share` of the weight. Exact where they
 * are equal, finite where their difference is not. */
static double toward(double mean, double x, double share) {
  const double step = x - mean;
  if (share >= 1) return x;
  return isfinite(step) ? mean + share * step : mean * (1 - share) + x * share;
}

static void add_particle(ift_measure *merged, int64_t g, const ift_measure *measure, int64_t i) {
  const double weight = measure->weights[i];
  if (!(weight > 0)) return;
  merged->weights[g] += weight;
  double *mean = merged->positions + g * merged->d;
  const double *x = position(measure, i), share = weight / merged->weights[g];
  for (int64_t j = 0; j < merged->d; j++) mean[j] = toward(mean[j], x[j], share);
}

static ift_status merge_groups(const struct groups *groups, ift_measure **out) {
  const ift_measure *measure = groups->measure;
  ift_measure *merged = ift_measure_blank(measure->object.context, groups->count, measure->d);
  if (!merged) return IFT_ERR_NO_MEMORY;
  for (int64_t g = 0; g < groups->count; g++) {
    const int64_t leader = groups->leaders[g];
    ift_measure_place(merged, g, measure, leader, measure->weights[leader]);
  }
  for (int64_t i = 0; i < measure->n; i++)
    if (groups->leaders[groups->group[i]] != i) add_particle(merged, groups->group[i], measure, i);
  *out = merged;
  return IFT_OK;
}

/* Memory for groups of up to n particles. */
static ift_status create_groups(struct groups *groups, const ift_measure *measure, double distance) {
  ift_context *context = measure->object.context;
  int exponent;
  (void)frexp(distance, &exponent);
  if (exponent < -1022) exponent = -1022; /* the scale must be finite */
  const double scaled = ldexp(distance, -exponent);
  *groups = (struct groups){.measure = measure, .scale = ldexp(1, -exponent), .square = scaled * scaled};
  groups->leaders = ift_alloc(context, measure->n, sizeof *groups->leaders);
  if (!groups->leaders) return IFT_ERR_NO_MEMORY;
  groups->group = ift_alloc(context, measure->n, sizeof *groups->group);
  if (!groups->group) return IFT_ERR_NO_MEMORY;
  if (distance > 0) return IFT_OK;
  uint64_t size = 2;
  while (size < 2 * (uint64_t)measure->n) size *= 2;
  groups->mask = size - 1;
  groups->table = ift_alloc(context, (int64_t)size, sizeof *groups->table);
  if (!groups->table) return IFT_ERR_NO_MEMORY;
  for (uint64_t slot = 0; slot < size; slot++) groups->table[slot] = -1;
  return IFT_OK;
}

ift_status ift_measure_merge(const ift_measure *measure, ift_measure **out, double distance) {
  if (out) *out = NULL;
  if (!measure) return IFT_ERR_ARGUMENT;
  ift_context *context = measure->object.context;
  if (!out) return ift_fail(context, IFT_ERR_ARGUMENT, "out is NULL; it gets the new measure");
  if (!isfinite(distance) || distance < 0)
    return ift_fail(context, IFT_ERR_ARGUMENT, "distance is %g; allowed is a finite number >= 0", distance);
  struct groups groups;
  ift_status status = create_groups(&groups, measure, distance);
  if (status == IFT_OK) {
    find_groups(&groups);
    status = merge_groups(&groups, out);
  }
  ift_free(context, groups.table);
  ift_free(context, groups.group);
  ift_free(context, groups.leaders);
  return status;
}
