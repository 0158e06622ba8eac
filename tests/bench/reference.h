/* tests/bench/reference.h - what the machine can do: the sums of a Gaussian kernel as a loop written for the benchmark and compiled for
 * the machine that it runs on, with nothing that a library needs besides. */
#ifndef TESTS_BENCH_REFERENCE_H
#define TESTS_BENCH_REFERENCE_H

#include <stdint.h>

/* value_i = sum_j w_j k_ij, and the sums of w_j k_ij (x_i - y_j), where k_ij = 2^-|x_i - y_j|^2: coordinates come times
 * sqrt(log2(e)/2) over the length. Structures of arrays: coordinate l of point i is x[l n + i], y[l m + i], sums[l n + i]. n is a
 * multiple of 8. */
typedef void reference_sums(double *value, double *sums, const double *x, int64_t n, const double *y, int64_t m,
                            const double *w);

/* The function for points of dimension d: 1, 2, 3, 5 or 10; else NULL. */
reference_sums *reference_of(int64_t d);

#endif
