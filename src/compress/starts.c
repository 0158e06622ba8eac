/* Where a search starts from. */
#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "compress/compress.h"

enum { POOL = 4096 }; /* candidates for herding: all target points where there are no more, else draws */

typedef struct pool {
  double *points;  /* count by d */
  double *c, *sum; /* the target's embedding at them, and sum_s k(., x_s) over the picks so far */
  double *row;     /* k(., x_s) of the last pick */
  int64_t count;
} pool;

static void close_pool(ift_context *context, pool *p) {
  ift_free(context, p->points);
  ift_free(context, p->c);
  ift_free(context, p->sum);
  ift_free(context, p->row);
}

static ift_status open_pool(const ift_compression *compression, ift_rng *rng, pool *p) {
  ift_context *context = compression->object.context;
  const ift_target *target = compression->target;
  const int64_t d = target->d;
  p->count = target->n > 0 && target->n <= POOL ? target->n : POOL;
  p->points = ift_alloc2(context, p->count, d, sizeof *p->points);
  p->c = ift_alloc_reals(context, p->count);
  p->sum = ift_alloc_reals(context, p->count);
  p->row = ift_alloc_reals(context, p->count);
  if (!p->points || !p->c || !p->sum || !p->row) return IFT_ERR_NO_MEMORY;
  const bool all = p->count == target->n;
  if (all)
    memcpy(p->points, target->points, (size_t)(p->count * d) * sizeof(double));
  else
    IFT_TRY(target->kind->draw(target, rng, p->points, p->count));
  memset(p->sum, 0, (size_t)p->count * sizeof(double));
  return ift_embedding_evaluate(ift_energy_embedding(compression->energy), p->c, NULL, all ? target->points : p->points,
                                p->count);
}

/* Kernel herding (Chen, Welling and Smola 2010): the next point maximizes c(x) / p - 1/(t+1) sum_{s <= t} k(x, x_s),
 * p the target's mass. Picks may repeat. */
static ift_status herd(const ift_compression *compression, pool *p, double *positions) {
  const int64_t d = compression->target->d;
  const double mass = compression->target->mass;
  for (int64_t t = 0; t < compression->particles; t++) {
    int64_t best = 0;
    double highest = -INFINITY;
    for (int64_t i = 0; i < p->count; i++) {
      const double score = p->c[i] / mass - p->sum[i] / (double)(t + 1);
      if (score > highest) highest = score, best = i;
    }
    const double *pick = p->points + best * d;
    memcpy(positions + t * d, pick, (size_t)d * sizeof(double));
    IFT_TRY(ift_kernel_pairs(compression->kernel, p->row, NULL, p->points, p->count, d, pick, 1, NULL));
    for (int64_t i = 0; i < p->count; i++) p->sum[i] += p->row[i];
  }
  return IFT_OK;
}

/* The index of a point equal to x among the first `count`, or `count`. */
static int64_t find_point(const double *points, int64_t count, int64_t d, const double *x) {
  for (int64_t i = 0; i < count; i++) {
    int64_t l = 0;
    while (l < d && points[i * d + l] == x[l]) l++;
    if (l == d) return i;
  }
  return count;
}

/* Weight mass/N for each pick, on the first of equal ones; the others are dead, free to be put elsewhere. */
static void weigh_picks(const double *positions, int64_t n, int64_t d, double mass, double *weights) {
  for (int64_t i = 0; i < n; i++) {
    weights[i] = 0;
    weights[find_point(positions, i, d, positions + i * d)] += mass / (double)n;
  }
}

ift_status ift_compression_start(const ift_compression *compression, ift_rng *rng, int64_t number, ift_measure **out) {
  ift_context *context = compression->object.context;
  const ift_target *target = compression->target;
  const int64_t n = compression->particles, d = target->d;
  double *positions = ift_alloc2(context, n, d, sizeof *positions), *weights = ift_alloc_reals(context, n);
  ift_status status = positions && weights ? IFT_OK : IFT_ERR_NO_MEMORY;
  if (status == IFT_OK && number == 0) {
    pool p = {0};
    status = open_pool(compression, rng, &p);
    if (status == IFT_OK) status = herd(compression, &p, positions);
    close_pool(context, &p);
  } else if (status == IFT_OK) {
    status = target->kind->draw(target, rng, positions, n);
  }
  if (status == IFT_OK) {
    weigh_picks(positions, n, d, target->mass, weights);
    status = ift_measure_create(context, out, positions, n, d, weights);
  }
  ift_free(context, positions);
  ift_free(context, weights);
  return status;
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
