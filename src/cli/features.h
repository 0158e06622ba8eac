/* cli/features.h - the functions whose means the weights of the particles are to give. */
#ifndef CLI_FEATURES_H
#define CLI_FEATURES_H

#include "cli/proposal.h"

/* Takes weights of n particles x to those with mean, covariance and masses of the components as the draws say, as
 * near as may be (see cli_tilt). */
bool cli_features_correct(double *weights, const double *x, int64_t n, const cli_draws *draws,
                          const cli_proposal *proposal, double *left);

#endif
