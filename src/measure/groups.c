/* Groups of particles that are close to each other. */
#include "measure/groups.h"

#include <math.h>
#include <string.h>

#include "base/alloc.h"

/* The points that are gone through. */
typedef struct points {
  const double *x;
  int64_t d;
  double scale;  /* a power of 2 that keeps squares in range: it brings the distance to [1/2, 1) */
  double square; /* of the scaled distance */
} points;

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
static int64_t find_equal(const ift_groups *groups, const points *p, int64_t i) {
  const double *x = p->x + i * p->d;
  uint64_t slot = hash(x, p->d) & groups->mask;
  while (groups->table[slot] >= 0) {
    const int64_t g = groups->table[slot];
    if (equal(x, p->x + groups->leaders[g] * p->d, p->d)) return g;
    slot = (slot + 1) & groups->mask;
  }
  return groups->table[slot] = groups->count;
}

static bool near(const points *p, const double *x, const double *y) {
  double square = 0;
  for (int64_t j = 0; j < p->d && square <= p->square; j++) {
    const double z = (x[j] - y[j]) * p->scale;
    square += z * z;
  }
  return square <= p->square;
}

static int64_t find_near(const ift_groups *groups, const points *p, int64_t i) {
  const double *x = p->x + i * p->d;
  int64_t g = 0;
  while (g < groups->count && !near(p, x, p->x + groups->leaders[g] * p->d)) g++;
  return g;
}

void ift_groups_find(ift_groups *groups, const double *x, const double *weights, int64_t n, int64_t d,
                     double distance) {
  int64_t (*find)(const ift_groups *, const points *, int64_t) = groups->table ? find_equal : find_near;
  int exponent;
  (void)frexp(distance, &exponent);
  if (exponent < -1022) exponent = -1022; /* the scale must be finite */
  const double scaled = ldexp(distance, -exponent);
  const points p = {x, d, ldexp(1, -exponent), scaled * scaled};
  for (uint64_t slot = 0; groups->table && slot <= groups->mask; slot++) groups->table[slot] = -1;
  groups->count = 0;
  for (int64_t i = 0; i < n; i++) {
    groups->group[i] = weights && !(weights[i] > 0) ? -1 : find(groups, &p, i);
    if (groups->group[i] == groups->count) groups->leaders[groups->count++] = i;
  }
}

static ift_status allocate(ift_groups *groups, int64_t n, bool equals) {
  groups->leaders = ift_alloc(groups->context, n, sizeof *groups->leaders);
  groups->group = ift_alloc(groups->context, n, sizeof *groups->group);
  if (!groups->leaders || !groups->group) return IFT_ERR_NO_MEMORY;
  if (!equals) return IFT_OK;
  uint64_t size = 2;
  while (size < 2 * (uint64_t)n) size *= 2;
  groups->mask = size - 1;
  groups->table = ift_alloc(groups->context, (int64_t)size, sizeof *groups->table);
  return groups->table ? IFT_OK : IFT_ERR_NO_MEMORY;
}

ift_status ift_groups_create(ift_context *context, ift_groups *groups, int64_t n, bool equals) {
  *groups = (ift_groups){.context = context};
  const ift_status status = allocate(groups, n, equals);
  if (status != IFT_OK) ift_groups_dispose(groups);
  return status;
}

void ift_groups_dispose(ift_groups *groups) {
  if (!groups->context) return;
  ift_free(groups->context, groups->table);
  ift_free(groups->context, groups->group);
  ift_free(groups->context, groups->leaders);
  *groups = (ift_groups){0};
}

/* Moves `mean` to the weighted mean of itself and x, of which x has the part `share` of the weight. Exact where they
 * are equal, finite where their difference is not. */
static double toward(double mean, double x, double share) {
  const double step = x - mean;
  if (share >= 1) return x;
  return isfinite(step) ? mean + share * step : mean * (1 - share) + x * share;
}

void ift_merge_particle(double *mean, double *sum, const double *x, double weight, int64_t d) {
  if (!(weight > 0)) return;
  *sum += weight;
  for (int64_t j = 0; j < d; j++) mean[j] = toward(mean[j], x[j], weight / *sum);
}
