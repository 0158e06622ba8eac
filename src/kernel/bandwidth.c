/* The median heuristic. The median is selected by its bits, 16 at a time: the bits of non-negative doubles are in
 * the order of their values, so four passes over the distances find it exactly without storing them. */
#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "kernel/kernel.h"
#include "measure/measure.h"

enum { ROWS = 5000, DIGITS = 65536 };

typedef struct sample {
  const double *x;
  int64_t n, d, total; /* n points, evenly spaced among all of the measure */
  double unit;         /* what coordinates are multiplied by */
} sample;

static uint64_t bits_of_distance(const sample *s, int64_t i, int64_t j) {
  const double *x = s->x + i * s->total / s->n * s->d, *y = s->x + j * s->total / s->n * s->d;
  double sum = 0;
  for (int64_t l = 0; l < s->d; l++) {
    const double difference = x[l] * s->unit - y[l] * s->unit;
    sum += difference * difference;
  }
  uint64_t bits;
  memcpy(&bits, &sum, sizeof bits);
  return bits;
}

/* The squared distance of that rank (0 is the smallest); `tally` has DIGITS counters. */
static double select_rank(const sample *s, int64_t rank, int64_t *tally) {
  uint64_t known = 0;
  for (int shift = 48; shift >= 0; shift -= 16) {
    memset(tally, 0, DIGITS * sizeof *tally);
    for (int64_t i = 0; i < s->n; i++)
      for (int64_t j = 0; j < i; j++) {
        const uint64_t bits = bits_of_distance(s, i, j);
        if (shift == 48 || bits >> (shift + 16) == known) tally[(bits >> shift) & (DIGITS - 1)]++;
      }
    uint64_t digit = 0;
    while (rank >= tally[digit]) rank -= tally[digit++];
    known = known << 16 | digit;
  }
  double value;
  memcpy(&value, &known, sizeof value);
  return value;
}

/* The power of two that brings the largest coordinate near 1: squares then neither overflow nor vanish, and no bit
 * of the result depends on it. */
static double unit_of(const ift_measure *measure) {
  double largest = 0;
  int exponent = 0;
  for (int64_t k = 0; k < measure->n * measure->d; k++) largest = fmax(largest, fabs(measure->positions[k]));
  (void)frexp(largest, &exponent);
  return ldexp(1, exponent < -1000 ? 1000 : -exponent);
}

ift_status ift_bandwidth_median(const ift_measure *measure, double *out) {
  if (!measure) return IFT_ERR_ARGUMENT;
  ift_context *context = measure->object.context;
  if (!out) return ift_fail(context, IFT_ERR_ARGUMENT, "the place for the bandwidth is NULL");
  if (measure->n < 2) return ift_fail(context, IFT_ERR_ARGUMENT, "a median distance needs at least 2 particles");
  const int64_t n = measure->n <= ROWS ? measure->n : ROWS;
  const sample s = {measure->positions, n, measure->d, measure->n, unit_of(measure)};
  int64_t *tally = ift_alloc(context, DIGITS, sizeof *tally);
  if (!tally) return IFT_ERR_NO_MEMORY;
  const int64_t pairs = s.n * (s.n - 1) / 2;
  const double upper = select_rank(&s, pairs / 2, tally);
  const double lower = pairs % 2 ? upper : select_rank(&s, pairs / 2 - 1, tally);
  ift_free(context, tally);
  const double median = lower / 2 + upper / 2;
  if (!(median > 0))
    return ift_fail(context, IFT_ERR_ARGUMENT,
                    "the median distance is 0: at least half of the pairs of points coincide");
  const double bandwidth = sqrt(median / 2) / s.unit;
  if (!isfinite(bandwidth))
    return ift_fail(context, IFT_ERR_NOT_FINITE, "the median distance is %g: the coordinates are too large", bandwidth);
  *out = bandwidth;
  return IFT_OK;
}
