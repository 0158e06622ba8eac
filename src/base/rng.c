/* Philox4x32-10 (Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011) in the shape of
 * a GSL generator whose state is our own memory, so that GSL's distributions can be used without any of its
 * allocations. Only functions of GSL are called that can't raise an error. */
#include "base/rng.h"

#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>

enum { ROUNDS = 10, WORDS = 4 };

static uint32_t low(uint64_t x) {
  return (uint32_t)(x & UINT32_MAX);
}

static uint32_t high(uint64_t x) {
  return (uint32_t)(x >> 32);
}

/* The block of the current counter: (counter, stream) encrypted with the seed as key. */
static void fill(ift_rng *rng) {
  uint32_t a = low(rng->counter), b = high(rng->counter), c = low(rng->stream), d = high(rng->stream);
  uint32_t k = low(rng->seed), l = high(rng->seed);
  for (int round = 0; round < ROUNDS; round++) {
    const uint64_t p = UINT64_C(0xD2511F53) * a, q = UINT64_C(0xCD9E8D57) * c;
    a = high(q) ^ b ^ k;
    b = low(q);
    c = high(p) ^ d ^ l;
    d = low(p);
    k += UINT32_C(0x9E3779B9); /* the golden ratio, and sqrt(3) - 1 */
    l += UINT32_C(0xBB67AE85);
  }
  rng->block[0] = a;
  rng->block[1] = b;
  rng->block[2] = c;
  rng->block[3] = d;
}

/* A block is made when its first number is asked for, so that setting `counter` of an unused stream moves in it. */
static uint32_t next(ift_rng *rng) {
  if (rng->used == WORDS) {
    rng->counter++;
    rng->used = 0;
  }
  if (rng->used == 0) fill(rng);
  return rng->block[rng->used++];
}

static unsigned long get(void *state) {
  return next(state);
}

/* A multiple of 2^-53 in [0, 1). */
static double get_double(void *state) {
  const uint32_t upper = next(state) >> 5, lower = next(state) >> 6;
  return ((double)upper * 0x1p26 + (double)lower) * 0x1p-53;
}

static const gsl_rng_type philox = {
    .name = "philox4x32-10",
    .max = UINT32_MAX,
    .min = 0,
    .size = sizeof(ift_rng),
    .set = NULL, /* only gsl_rng_alloc and gsl_rng_set seed through it */
    .get = get,
    .get_double = get_double,
};

void ift_rng_init(ift_rng *rng, uint64_t seed, uint64_t stream) {
  *rng = (ift_rng){.seed = seed, .stream = stream};
}

double ift_rng_uniform(ift_rng *rng) {
  const gsl_rng generator = {&philox, rng};
  return gsl_rng_uniform_pos(&generator);
}

double ift_rng_normal(ift_rng *rng) {
  const gsl_rng generator = {&philox, rng};
  return gsl_ran_gaussian_ziggurat(&generator, 1);
}

int64_t ift_rng_below(ift_rng *rng, int64_t bound) {
  const uint64_t n = (uint64_t)bound;
  const uint64_t excess = (UINT64_MAX - n + 1) % n; /* 2^64 mod n: without so many of its values, n divides the range */
  uint64_t draw;
  do {
    draw = next(rng);
    draw = draw << 32 | next(rng);
  } while (draw < excess);
  return (int64_t)(draw % n);
}
