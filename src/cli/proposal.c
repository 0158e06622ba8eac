/* The mixture that is drawn from, and importance sampling with it. */
#include "cli/proposal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cli/matrix.h"
#include "cli/message.h"
#include "cli/random.h"

/* Covariances about a mode, in units of Laplace's: tails may be wider than the curvature at the top says. */
static const double scales[] = {1, 5, 25};
enum { SCALES = sizeof scales / sizeof scales[0] };
_Static_assert(CLI_MODES *SCALES <= CLI_PROPOSAL, "the first components must fit");

/* Factor and log of a component, of which weight, mean and covariance are there; false: the covariance is not
 * positive definite. */
static bool prepare(cli_proposal *proposal, int64_t k) {
  const int64_t d = proposal->dim;
  double *l = proposal->factors + k * d * d;
  memcpy(l, proposal->covariances + k * d * d, (size_t)(d * d) * sizeof *l);
  if (!cli_cholesky(l, d)) return false;
  proposal->logs[k] = log(proposal->weights[k]) - (double)d * log(2 * acos(-1)) / 2;
  for (int64_t i = 0; i < d; i++) proposal->logs[k] -= log(l[i * d + i]);
  return isfinite(proposal->logs[k]);
}

bool cli_proposal_settle(cli_proposal *proposal, double least, double lowest) {
  const int64_t d = proposal->dim;
  int64_t kept = 0;
  double sum = 0;
  for (int64_t k = 0; k < proposal->count; k++) {
    if (!(proposal->weights[k] > least) || !prepare(proposal, k)) continue;
    sum += proposal->weights[kept] = fmax(proposal->weights[k], lowest);
    proposal->modes[kept] = proposal->modes[k];
    memmove(proposal->means + kept * d, proposal->means + k * d, (size_t)d * sizeof(double));
    memmove(proposal->covariances + kept * d * d, proposal->covariances + k * d * d, (size_t)(d * d) * sizeof(double));
    kept++;
  }
  proposal->count = kept;
  for (int64_t k = 0; k < kept; k++) {
    proposal->weights[k] /= sum;
    (void)prepare(proposal, k);
  }
  return kept > 0 || cli_fail("no Gaussian could be fitted to the density: its modes are too narrow or too wide");
}

bool cli_proposal_create(cli_proposal *proposal, const cli_modes *modes) {
  const int64_t d = modes->dim;
  const size_t n = CLI_PROPOSAL, size = (size_t)d;
  *proposal = (cli_proposal){.dim = d,
                             .count = modes->count * SCALES,
                             .weights = malloc(n * sizeof(double)),
                             .means = malloc(n * size * sizeof(double)),
                             .covariances = malloc(n * size * size * sizeof(double)),
                             .factors = malloc(n * size * size * sizeof(double)),
                             .logs = malloc(n * sizeof(double)),
                             .modes = malloc(n * sizeof(int64_t))};
  if (!proposal->weights || !proposal->means || !proposal->covariances || !proposal->factors || !proposal->logs ||
      !proposal->modes)
    return cli_fail("out of memory");
  for (int64_t k = 0; k < proposal->count; k++) {
    const int64_t mode = k / SCALES;
    proposal->weights[k] = 1 / (double)proposal->count;
    proposal->modes[k] = mode;
    memcpy(proposal->means + k * d, modes->places + mode * d, size * sizeof(double));
    for (int64_t j = 0; j < d * d; j++)
      proposal->covariances[k * d * d + j] = scales[k % SCALES] * modes->covariances[mode * d * d + j];
  }
  return cli_proposal_settle(proposal, 0, 0);
}

void cli_proposal_free(cli_proposal *proposal) {
  free(proposal->weights);
  free(proposal->means);
  free(proposal->covariances);
  free(proposal->factors);
  free(proposal->logs);
  free(proposal->modes);
  *proposal = (cli_proposal){.count = 0};
}

void cli_proposal_widen(cli_proposal *proposal, double factor) {
  const int64_t d = proposal->dim;
  for (int64_t k = 0; k < proposal->count; k++) {
    for (int64_t j = 0; j < d * d; j++) {
      proposal->covariances[k * d * d + j] *= factor;
      proposal->factors[k * d * d + j] *= sqrt(factor);
    }
    proposal->logs[k] -= (double)d * log(factor) / 2;
  }
}

double cli_proposal_logs(const cli_proposal *proposal, double *logs, double *work, const double *x) {
  const int64_t d = proposal->dim;
  double largest = -INFINITY, sum = 0;
  for (int64_t k = 0; k < proposal->count; k++) {
    const double square = cli_whiten(work, x, proposal->means + k * d, proposal->factors + k * d * d, d);
    largest = fmax(largest, logs[k] = proposal->logs[k] - square / 2);
  }
  for (int64_t k = 0; k < proposal->count; k++) sum += exp(logs[k] - largest);
  return largest + log(sum);
}

double cli_proposal_parts(const cli_proposal *proposal, double *parts, double *work, const double *x) {
  const double log_density = cli_proposal_logs(proposal, parts, work, x);
  for (int64_t k = 0; k < proposal->count; k++) parts[k] = exp(parts[k] - log_density);
  return log_density;
}

/* ---- draws ---- */

static void draw(double *x, const cli_proposal *proposal, int64_t count, uint64_t *random) {
  const int64_t d = proposal->dim;
  double sum = 0;
  int64_t i = 0;
  for (int64_t k = 0; k < proposal->count; k++) {
    const double *l = proposal->factors + k * d * d;
    sum += proposal->weights[k];
    const int64_t end = k == proposal->count - 1 ? count : (int64_t)fmin(round(sum * (double)count), (double)count);
    for (; i < end; i++) {
      memcpy(x + i * d, proposal->means + k * d, (size_t)d * sizeof *x);
      for (int64_t j = 0; j < d; j++) {
        const double z = cli_random_normal(random);
        for (int64_t r = j; r < d; r++) x[i * d + r] += l[r * d + j] * z;
      }
    }
  }
}

/* Weights from log pi, which is in their place, less log q. */
static bool weigh(cli_draws *draws, const cli_proposal *proposal, double *work) {
  double largest = -INFINITY, sum = 0, squares = 0;
  for (int64_t i = 0; i < draws->count; i++) {
    double *parts = draws->parts + i * draws->components;
    draws->weights[i] -= cli_proposal_parts(proposal, parts, work, draws->x + i * draws->dim);
    largest = fmax(largest, draws->weights[i]);
  }
  if (!(largest > -INFINITY))
    return cli_fail("none of %lld draws about the modes found is in the support of the density",
                    (long long)draws->count);
  for (int64_t i = 0; i < draws->count; i++) sum += draws->weights[i] = exp(draws->weights[i] - largest);
  for (int64_t i = 0; i < draws->count; i++) {
    draws->weights[i] /= sum;
    squares += draws->weights[i] * draws->weights[i];
  }
  draws->fraction = 1 / ((double)draws->count * squares);
  return true;
}

bool cli_draws_create(cli_draws *draws, const cli_proposal *proposal, cli_density *density, int64_t count,
                      uint64_t *random) {
  const size_t n = (size_t)count, d = (size_t)proposal->dim;
  *draws = (cli_draws){.count = count,
                       .dim = proposal->dim,
                       .components = proposal->count,
                       .x = malloc(n * d * sizeof(double)),
                       .weights = malloc(n * sizeof(double)),
                       .parts = malloc(n * (size_t)proposal->count * sizeof(double))};
  double *work = malloc(d * sizeof *work);
  bool done = (draws->x && draws->weights && draws->parts && work) || cli_fail("out of memory");
  if (done) draw(draws->x, proposal, count, random);
  done = done && cli_density_at(density, draws->weights, NULL, draws->x, count) && weigh(draws, proposal, work);
  free(work);
  return done;
}

void cli_draws_free(cli_draws *draws) {
  free(draws->x);
  free(draws->weights);
  free(draws->parts);
  *draws = (cli_draws){.count = 0};
}
