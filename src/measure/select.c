/* New measures from the particles of an old one: resampled, or without the dead ones. */
#include <math.h>

#include "base/alloc.h"
#include "base/rng.h"
#include "base/sum.h"
#include "measure/measure.h"

/* What a function with a new measure as output starts with. */
static ift_status begin(const ift_measure *measure, ift_measure **out) {
  if (out) *out = NULL;
  if (!measure) return IFT_ERR_ARGUMENT;
  if (!out) return ift_fail(measure->object.context, IFT_ERR_ARGUMENT, "out is NULL; it gets the new measure");
  return IFT_OK;
}

/* A particle that is to be taken `share` times on average is taken floor(share) times and once more whenever the sum of
 * the fractions passes u + 0, u + 1, ... This is the systematic draw, with the fractions separated so that rounding
 * can't take a particle other than floor or ceil times. Bit 0 of counts[i] says that particle i has been taken once
 * more, the rest is floor(share). */
static void draw_counts(const ift_measure *measure, int64_t *counts, int64_t size, double u) {
  int exponent;
  const double mass = frexp(ift_measure_mass(measure), &exponent); /* a power of 2, so that no product overflows */
  double phase = 1 - u;
  int64_t missing = size;
  for (int64_t i = 0; i < measure->n; i++) {
    const double share = (double)size * ldexp(measure->weights[i], -exponent) / mass;
    const double whole = floor(share), fraction = share - whole;
    phase += fraction;
    const bool extra = fraction > 0 && phase >= 1;
    if (extra) phase -= 1;
    counts[i] = 2 * (int64_t)whole + extra;
    missing -= (int64_t)whole + extra;
  }
  /* Where u is within rounding of 0 or 1 the last extra particle can be missing or one too many. */
  for (int64_t i = measure->n - 1; i >= 0 && missing != 0; i--) {
    const double share = (double)size * ldexp(measure->weights[i], -exponent) / mass;
    const int64_t extra = counts[i] & 1, wanted = missing > 0;
    if (share <= floor(share) || extra == wanted) continue;
    counts[i] += wanted - extra;
    missing -= wanted - extra;
  }
}

ift_status ift_measure_resample(const ift_measure *measure, ift_measure **out, int64_t size) {
  IFT_TRY(begin(measure, out));
  ift_context *context = measure->object.context;
  if (size < 1)
    return ift_fail(context, IFT_ERR_ARGUMENT, "size is %lld; a measure needs at least 1 particle", (long long)size);
  const double weight = ift_measure_mass(measure) / (double)size;
  if (!(weight > 0))
    return ift_fail(context, IFT_ERR_ARGUMENT, "size is %lld, so large that all weights would become 0",
                    (long long)size);
  ift_measure *drawn = ift_measure_blank(context, size, measure->d);
  int64_t *counts = drawn ? ift_alloc(context, measure->n, sizeof *counts) : NULL;
  if (!counts) {
    ift_measure_destroy(drawn);
    return IFT_ERR_NO_MEMORY;
  }
  ift_rng rng;
  ift_rng_init(&rng, context->seed, IFT_STREAM_RESAMPLE);
  draw_counts(measure, counts, size, ift_rng_uniform(&rng));
  int64_t filled = 0;
  for (int64_t i = 0; i < measure->n; i++)
    for (int64_t times = counts[i] / 2 + counts[i] % 2; times > 0; times--)
      ift_measure_place(drawn, filled++, measure, i, weight);
  ift_free(context, counts);
  *out = drawn;
  return IFT_OK;
}

ift_status ift_measure_prune(const ift_measure *measure, ift_measure **out, double threshold) {
  IFT_TRY(begin(measure, out));
  ift_context *context = measure->object.context;
  if (!isfinite(threshold) || threshold < 0)
    return ift_fail(context, IFT_ERR_ARGUMENT, "threshold is %g; allowed is a finite number >= 0", threshold);
  int64_t kept = 0;
  ift_running_sum mass_kept = {0, 0};
  for (int64_t i = 0; i < measure->n; i++) {
    if (measure->weights[i] <= threshold) continue;
    ift_running_add(&mass_kept, measure->weights[i]);
    kept++;
  }
  if (kept == 0)
    return ift_fail(context, IFT_ERR_ARGUMENT, "threshold is %g, and no weight is above it; one has to be", threshold);
  ift_measure *pruned = ift_measure_blank(context, kept, measure->d);
  if (!pruned) return IFT_ERR_NO_MEMORY;
  /* between 1 and n / kept, since what is dropped is lighter than what is kept */
  const double factor = ift_measure_mass(measure) / ift_running_value(&mass_kept);
  int64_t filled = 0;
  for (int64_t i = 0; i < measure->n; i++)
    if (measure->weights[i] > threshold) ift_measure_place(pruned, filled++, measure, i, measure->weights[i] * factor);
  *out = pruned;
  return IFT_OK;
}
