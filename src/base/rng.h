/* base/rng.h - counter-based random numbers: Philox4x32-10 (Salmon, Moraes, Dror and Shaw 2011). */
#ifndef BASE_RNG_H
#define BASE_RNG_H

#include <stdint.h>

/* A stream of random numbers. (seed, stream) name it, `counter` is how far it has been read: equal values give equal
 * numbers. */
typedef struct ift_rng {
  uint64_t seed, stream, counter;
  uint32_t block[4]; /* the four numbers of the current counter */
  uint32_t used;     /* how many of them are spent */
} ift_rng;

/* Streams of one seed that must not meet. */
enum {
  IFT_STREAM_TARGET = 1,
  IFT_STREAM_RESAMPLE = 2,
  IFT_STREAM_FLOW = 3,
  IFT_STREAM_COMPRESSION = 4,
  IFT_STREAM_CURVATURE = 5
};

void ift_rng_init(ift_rng *rng, uint64_t seed, uint64_t stream);

/* Uniform in (0, 1), with 53 random bits. */
double ift_rng_uniform(ift_rng *rng);

/* Standard normal, by GSL's ziggurat method. */
double ift_rng_normal(ift_rng *rng);

/* Uniform in 0 .. bound-1, bound >= 1, without bias. */
int64_t ift_rng_below(ift_rng *rng, int64_t bound);

#endif
