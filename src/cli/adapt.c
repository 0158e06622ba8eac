/* Adapting a proposal to weighted draws: expectation and maximization on them (Cappe, Douc, Guillin, Marin and Robert
 * 2008, Statistics and Computing 18), new components where it's too low (Raftery and Bao 2010, Biometrics 66). */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cli/matrix.h"
#include "cli/message.h"
#include "cli/proposal.h"

/* A component moves by e/(e + patience d) of the way, e the effective number of its draws. */
static const double patience = 10;

/* A component below `least` goes, one below `floor` is raised to that. */
static const double least = 1e-4, floor_weight = 2e-3;

/* New components: at once, up to how many, the weight of each, and how many times the mean weight calls for one. */
enum { INSERTED = 4, MOST = 100 };
static const double inserted_weight = 0.05, heavy = 5;

/* ---- expectation and maximization ---- */

/* What draws say about one component. */
typedef struct moments {
  double mass, effective;
  double *mean, *covariance;
} moments;

static void find_moments(moments *m, const cli_draws *draws, int64_t k) {
  const int64_t d = draws->dim, components = draws->components;
  double squares = 0;
  m->mass = 0;
  for (int64_t j = 0; j < d; j++) m->mean[j] = 0;
  for (int64_t j = 0; j < d * d; j++) m->covariance[j] = 0;
  for (int64_t i = 0; i < draws->count; i++) {
    const double weight = draws->weights[i] * draws->parts[i * components + k];
    m->mass += weight;
    squares += weight * weight;
    for (int64_t j = 0; j < d; j++) m->mean[j] += weight * draws->x[i * d + j];
  }
  m->effective = squares > 0 ? m->mass * m->mass / squares : 0;
  if (!(m->mass > 0)) return;
  for (int64_t j = 0; j < d; j++) m->mean[j] /= m->mass;
  for (int64_t i = 0; i < draws->count; i++) {
    const double weight = draws->weights[i] * draws->parts[i * components + k] / m->mass, *x = draws->x + i * d;
    if (weight == 0) continue;
    for (int64_t r = 0; r < d; r++)
      for (int64_t c = 0; c <= r; c++) m->covariance[r * d + c] += weight * (x[r] - m->mean[r]) * (x[c] - m->mean[c]);
  }
}

/* The mixture of the old Gaussian, 1 - theta, and the one that draws show, theta, has these moments. */
static void blend(cli_proposal *proposal, int64_t k, const moments *m) {
  const int64_t d = proposal->dim;
  const double theta = m->effective / (m->effective + patience * (double)d);
  double *mean = proposal->means + k * d, *covariance = proposal->covariances + k * d * d;
  for (int64_t r = 0; r < d; r++)
    for (int64_t c = 0; c <= r; c++)
      covariance[r * d + c] = covariance[c * d + r] =
          (1 - theta) * covariance[r * d + c] + theta * m->covariance[r * d + c] +
          theta * (1 - theta) * (m->mean[r] - mean[r]) * (m->mean[c] - mean[c]);
  for (int64_t j = 0; j < d; j++) mean[j] += theta * (m->mean[j] - mean[j]);
}

bool cli_proposal_fit(cli_proposal *proposal, const cli_draws *draws) {
  const int64_t d = proposal->dim;
  double *work = malloc((size_t)(d + d * d) * sizeof *work);
  if (!work) return cli_fail("out of memory");
  moments m = {.mean = work, .covariance = work + d};
  for (int64_t k = 0; k < proposal->count; k++) {
    find_moments(&m, draws, k);
    proposal->weights[k] = m.mass;
    if (m.mass > least) blend(proposal, k, &m);
  }
  free(work);
  return cli_proposal_settle(proposal, least, floor_weight);
}

/* ---- new components ---- */

/* The weight of the heaviest draw becomes 0, and so do those of the draws about it, in its metric. */
static void pass_over(double *weights, const cli_draws *draws, int64_t heaviest, const double *precision,
                      double *work) {
  const int64_t d = draws->dim;
  const double *center = draws->x + heaviest * d;
  for (int64_t i = 0; i < draws->count; i++) {
    for (int64_t j = 0; j < d; j++) work[j] = draws->x[i * d + j] - center[j];
    cli_multiply(work + d, precision, work, d);
    if (cli_dot(work, work + d, d) < (double)(d + 2)) weights[i] = 0;
  }
}

/* A component at x of the mode that x is nearest to; covariance and precision are Laplace's. */
static bool add(cli_proposal *proposal, int64_t new, cli_density *density, const double *x, double *precision,
                double *work, double length) {
  const int64_t d = proposal->dim;
  double *logs = work + d;
  int64_t nearest = 0;
  (void)cli_proposal_logs(proposal, logs, work, x);
  for (int64_t k = 1; k < proposal->count; k++)
    if (logs[k] > logs[nearest]) nearest = k;
  if (!cli_density_laplace(density, proposal->covariances + new *d *d, precision, x, length)) return false;
  memcpy(proposal->means + new *d, x, (size_t)d * sizeof *x);
  proposal->modes[new] = proposal->modes[nearest];
  return true;
}

bool cli_proposal_insert(cli_proposal *proposal, const cli_draws *draws, cli_density *density, double length) {
  const int64_t d = proposal->dim, old = proposal->count;
  double *weights = malloc((size_t)draws->count * sizeof *weights);
  double *work = malloc((size_t)(2 * d + CLI_PROPOSAL + d * d) * sizeof *work), *precision = NULL;
  bool done = (weights && work) || cli_fail("out of memory");
  if (done) memcpy(weights, draws->weights, (size_t)draws->count * sizeof *weights);
  if (done) precision = work + 2 * d + CLI_PROPOSAL;
  int64_t added = 0;
  while (done && added < INSERTED) {
    int64_t heaviest = 0;
    for (int64_t i = 1; i < draws->count; i++)
      if (weights[i] > weights[heaviest]) heaviest = i;
    if (weights[heaviest] < heavy / (double)draws->count) break;
    proposal->full = proposal->full || old + added >= MOST;
    if (old + added >= MOST) break;
    done = add(proposal, old + added, density, draws->x + heaviest * d, precision, work, length);
    if (done) pass_over(weights, draws, heaviest, precision, work);
    added++;
  }
  for (int64_t k = 0; k < old; k++) proposal->weights[k] *= 1 - inserted_weight * (double)added;
  for (int64_t k = old; k < old + added; k++) proposal->weights[k] = inserted_weight;
  proposal->count = old + added;
  free(weights);
  free(work);
  return done && (added == 0 || cli_proposal_settle(proposal, 0, 0));
}
