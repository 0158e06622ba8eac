/* cli/strata.h - a few equally weighted ones of many weighted draws. */
#ifndef CLI_STRATA_H
#define CLI_STRATA_H

#include "cli/proposal.h"

/* The order of draws by mode, component, and place along the longest axis of that. NULL: failed, the reason is
 * printed. */
int64_t *cli_strata_order(const cli_draws *draws, const cli_proposal *proposal);

/* Positions of n of the draws, by systematic resampling (Kitagawa 1996) in that order: each stretch of it gets its
 * share of them to within one. */
void cli_strata_take(double *x, int64_t n, const cli_draws *draws, const int64_t *order, uint64_t *random);

#endif
