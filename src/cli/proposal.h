/* cli/proposal.h - a mixture of Gaussians that is drawn from in place of a density, and its adaptation. */
#ifndef CLI_PROPOSAL_H
#define CLI_PROPOSAL_H

#include "cli/density.h"
#include "cli/modes.h"

/* Components, at most: three of each mode to begin with, new ones while there are no more than 100. */
enum { CLI_PROPOSAL = 120 };

typedef struct cli_proposal {
  int64_t dim, count;
  double *weights;     /* CLI_PROPOSAL, as all that follow; sum 1 */
  double *means;       /* by dim */
  double *covariances; /* by dim by dim */
  double *factors;     /* Cholesky's of the covariances */
  double *logs;        /* log of the weight and of what makes a Gaussian integrate to 1 */
  int64_t *modes;      /* the mode that a component comes from */
  bool full;           /* a component was wanted, and there were too many */
} cli_proposal;

/* Weighted draws: w ~ pi/q, of sum 1. */
typedef struct cli_draws {
  int64_t count, dim, components;
  double *x;       /* count by dim */
  double *weights; /* count */
  double *parts;   /* count by components: of which component a draw is to what part */
  double fraction; /* 1/(count sum w^2), 1 where q = pi */
} cli_draws;

/* Components about each mode, one of Laplace's covariance and wider ones. Failures of all that follow are printed. */
bool cli_proposal_create(cli_proposal *proposal, const cli_modes *modes);
void cli_proposal_free(cli_proposal *proposal);

/* Makes weights sum to 1, and factors and logs anew. Components of weight `least` or less go, and so do those that
 * have no Cholesky factor; the others have `lowest` at least. */
bool cli_proposal_settle(cli_proposal *proposal, double least, double lowest);

/* Takes all covariances times a factor. */
void cli_proposal_widen(cli_proposal *proposal, double factor);

/* log of each component's weight times density at x (`count` numbers); gives log q(x). `work`: dim numbers. */
double cli_proposal_logs(const cli_proposal *proposal, double *logs, double *work, const double *x);

/* The same divided by q(x): parts, which sum to 1. Gives log q(x). */
double cli_proposal_parts(const cli_proposal *proposal, double *parts, double *work, const double *x);

/* `count` draws, so many of each component as its weight says. */
bool cli_draws_create(cli_draws *draws, const cli_proposal *proposal, cli_density *density, int64_t count,
                      uint64_t *random);
void cli_draws_free(cli_draws *draws);

/* One step of expectation and maximization on weighted draws, less of it where a component has few. */
bool cli_proposal_fit(cli_proposal *proposal, const cli_draws *draws);

/* New components where draws weigh most. */
bool cli_proposal_insert(cli_proposal *proposal, const cli_draws *draws, cli_density *density, double length);

#endif
