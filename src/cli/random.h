/* cli/random.h - random numbers of the command's own. */
#ifndef CLI_RANDOM_H
#define CLI_RANDOM_H

#include <stdint.h>

/* The state of stream `stream` of a seed: streams of one seed have nothing to do with each other. */
uint64_t cli_random_stream(uint64_t seed, uint64_t stream);

/* 64 random bits. */
uint64_t cli_random_bits(uint64_t *state);

/* A number below `bound`, each as likely as the other. */
uint64_t cli_random_below(uint64_t *state, uint64_t bound);

/* A number in (0, 1], and a standard normal one. */
double cli_random_uniform(uint64_t *state);
double cli_random_normal(uint64_t *state);

#endif
