/* SplitMix64 (Steele, Lea and Flood 2014): one multiplication chain per number, any seed will do. */
#include "cli/random.h"

#include <math.h>

static uint64_t mix(uint64_t z) {
  z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
  z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
  return z ^ (z >> 31);
}

uint64_t cli_random_stream(uint64_t seed, uint64_t stream) {
  return mix(mix(seed) + stream);
}

uint64_t cli_random_bits(uint64_t *state) {
  return mix(*state += UINT64_C(0x9e3779b97f4a7c15));
}

/* What is left over at the top of the range is drawn again. */
uint64_t cli_random_below(uint64_t *state, uint64_t bound) {
  const uint64_t leftover = (UINT64_MAX - bound + 1) % bound;
  uint64_t r = cli_random_bits(state);
  while (r > UINT64_MAX - leftover) r = cli_random_bits(state);
  return r % bound;
}

double cli_random_uniform(uint64_t *state) {
  return (double)((cli_random_bits(state) >> 11) + 1) / 9007199254740992.0;
}

/* Box and Muller (1958). */
double cli_random_normal(uint64_t *state) {
  const double radius = sqrt(-2 * log(cli_random_uniform(state)));
  return radius * cos(2 * acos(-1) * cli_random_uniform(state));
}
