/* pairs/exponential.h - the exponential function of the profiles. */
#ifndef PAIRS_EXPONENTIAL_H
#define PAIRS_EXPONENTIAL_H

/* e[j] = exp(-min(rate s[j], most)), 0 <= most <= 800, to 1.1 units in the last place of what rounding leaves of rate
 * s[j] >= 0; 0 where that is below 2^-1022, NaN for NaN. `count` is a multiple of IFT_PAIR_LANES, at most
 * IFT_PAIR_BLOCK. */
void ift_exponentials(double *restrict e, const double *restrict s, double rate, double most, int count);

#endif
