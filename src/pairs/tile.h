/* pairs/tile.h - the steps of the direct engine on a tile: `units` vectors of points x across lanes by `count` points y, one after the
 * other, whose numbers stand in rows of units LANES. Coordinate l of the points across lanes is x[l units LANES ...]; points y are rows
 * of length d. Included after a vector_*.h. */
#ifndef PAIRS_TILE_H
#define PAIRS_TILE_H

#include <math.h>

enum {
  GROUP = 4,
  COORDINATES = 16,
  STEPS = 8
}; /* the most units; vectors of coordinates, of sums that are in registers at a time */

/* ADD(step) for all coordinates l < width: `most` of them at a time, then 4, then those that remain. */
#define IN_STEPS(most)                                                                                                 \
  for (; width - l >= (most); l += (most)) ADD(most);                                                                  \
  for (; (most) > 4 && width - l >= 4; l += 4) ADD(4);                                                                 \
  if ((most) > 2 && width - l == 3)                                                                                    \
    ADD(3);                                                                                                            \
  else if ((most) > 2 && width - l == 2)                                                                               \
    ADD(2);                                                                                                            \
  else if (width - l == 1)                                                                                             \
    ADD(1);

/* s[j] (+)= sum_l (x_l - y_jl)^2, or of x_l y_jl, for `width` coordinates, which are added in their order; as many at a time as
 * registers hold, the rest by powers of two. */
INLINE void add_coordinates(double *s, const double *x, const double *y, int64_t d, int count, const int units,
                            const int width, bool fresh, const bool dot) {
  vector at[COORDINATES], sum[GROUP];
  EACH(k, width * units) at[k] = load(x + k * LANES);
  for (int j = 0; j < count; j++, y += d, s += units * LANES) {
    EACH(u, units) sum[u] = fresh ? all(0) : load(s + u * LANES);
    EACH(l, width) {
      const vector other = all(y[l]);
      EACH(u, units) {
        const vector a = dot ? at[l * units + u] : at[l * units + u] - other;
        sum[u] = multiply_add(a, dot ? other : a, sum[u]);
      }
    }
    EACH(u, units) store(s + u * LANES, sum[u]);
  }
}

INLINE void add_all_coordinates(double *s, const double *x, const double *y, int64_t d, int count, const int units,
                                int width, bool fresh, const bool dot) {
  int l = 0;
#define ADD(step) add_coordinates(s, x + l * units * LANES, y + l, d, count, units, step, fresh && l == 0, dot)
  IN_STEPS(COORDINATES / units)
#undef ADD
}

/* A sum, and what rounding took from it. */
typedef struct total {
  vector sum, rest;
} total;

INLINE void add_to(total *t, vector more) {
  const vector sum = t->sum + more, part = sum - t->sum;
  t->rest += (t->sum - (sum - part)) + (more - part);
  t->sum = sum;
}

/* sum += sum_j weights_j values_j where that is wanted; the products are kept where those are. Weights NULL are ones. */
INLINE void weigh(double *values, const double *weights, int count, const int units, total *sum, bool keep) {
  vector part[GROUP] = {{0}};
  for (int j = 0; j < count; j++) EACH(u, units) {
      double *at = values + (j * units + u) * LANES;
      const vector v = weights ? load(at) * weights[j] : load(at);
      if (keep) store(at, v);
      part[u] += v;
    }
  if (sum) EACH(u, units) add_to(&sum[u], part[u]);
}

/* sum_l += sum_j slope_j (x_l - y_jl), or of slope_j y_jl, for `width` coordinates; as many at a time as keep the processor's
 * pipelines full. */
INLINE void add_differences(total *sum, const double *slope, const double *x, const double *y, int64_t d, int count,
                            const int units, const int width, const bool dot) {
  vector at[STEPS], part[STEPS];
  EACH(k, width * units) at[k] = load(x + k * LANES), part[k] = all(0);
  for (int j = 0; j < count; j++, y += d, slope += units * LANES) EACH(l, width) {
      const vector other = all(y[l]);
      EACH(u, units) {
        const int k = l * units + u;
        part[k] = multiply_add(load(slope + u * LANES), dot ? other : at[k] - other, part[k]);
      }
    }
  EACH(k, width * units) add_to(&sum[k], part[k]);
}

INLINE void add_all_differences(total *sum, const double *slope, const double *x, const double *y, int64_t d, int count,
                                const int units, int width, const bool dot) {
  int l = 0;
#define ADD(step) add_differences(sum + l * units, slope, x + l * units * LANES, y + l, d, count, units, step, dot)
  IN_STEPS(STEPS / units)
#undef ADD
}

/* The coordinates l of `count` points, across lanes; copies of the last one fill up. */
INLINE void spread(double *to, const double *from, int64_t d, int64_t count, int width, int lanes) {
  for (int a = 0; a < lanes; a++)
    for (int l = 0; l < width; l++) to[l * lanes + a] = from[(a < count ? a : count - 1) * d + l];
}

/* to[a d + l] += sum l in lane a, for as many points as there are. Where a sum has overflowed the rest is no number. */
INLINE void gather(double *to, int64_t d, const total *sums, int64_t count, int width, const int units) {
  for (int l = 0; l < width; l++) EACH(u, units) {
      const total *t = &sums[l * units + u];
      const vector whole = t->sum + t->rest;
      for (int a = 0; a < LANES && u * LANES + a < count; a++)
        to[(u * LANES + a) * d + l] += isfinite(t->sum[a]) ? whole[a] : t->sum[a];
    }
}

#endif
