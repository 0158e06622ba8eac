/* cli/tilt.h - weights of particles, changed as little as possible for given means of functions of them. */
#ifndef CLI_TILT_H
#define CLI_TILT_H

#include <stdbool.h>
#include <stdint.h>

/* Takes n weights a of sum 1 to a_i exp(lambda . f_i)/Z, where f (n by m) holds the values of m functions whose means
 * are to be `wanted` (m numbers): of all weights with these means the nearest to a in the Kullback-Leibler divergence
 * (Csiszar 1975, Annals of Probability 3). Means may stay off by ridge times lambda, with a ridge that is the larger
 * the fewer particles there are; *left gets the largest of these. f is overwritten. On a failure the reason is
 * printed. */
bool cli_tilt(double *weights, double *f, int64_t n, int64_t m, const double *wanted, double *left);

#endif
