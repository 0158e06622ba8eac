/* Stratified resampling. */
#include "cli/strata.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cli/matrix.h"
#include "cli/message.h"
#include "cli/random.h"

typedef struct key {
  int64_t mode, component, draw;
  double place;
} key;

static int compare_keys(const void *a, const void *b) {
  const key *p = a, *q = b;
  if (p->mode != q->mode) return p->mode < q->mode ? -1 : 1;
  if (p->component != q->component) return p->component < q->component ? -1 : 1;
  if (p->place != q->place) return p->place < q->place ? -1 : 1;
  return p->draw < q->draw ? -1 : p->draw > q->draw;
}

/* The longest axis of each component. */
static bool find_axes(double *axes, const cli_proposal *proposal) {
  const int64_t d = proposal->dim;
  double *work = malloc((size_t)(d + d * d) * sizeof *work);
  bool done = work || cli_fail("out of memory");
  for (int64_t k = 0; done && k < proposal->count; k++) {
    done = cli_eigen(work, work + d, proposal->covariances + k * d * d, d);
    memcpy(axes + k * d, work + d + (d - 1) * d, (size_t)d * sizeof *axes);
  }
  free(work);
  return done;
}

static int64_t find_largest(const double *values, int64_t n) {
  int64_t largest = 0;
  for (int64_t k = 1; k < n; k++)
    if (values[k] > values[largest]) largest = k;
  return largest;
}

/* The mode, all of whose components together have the largest part, then its component that has. */
static key find_key(const cli_draws *draws, const cli_proposal *proposal, const double *axes, int64_t i) {
  const int64_t d = draws->dim;
  const double *parts = draws->parts + i * draws->components;
  double of_modes[CLI_MODES] = {0};
  for (int64_t k = 0; k < draws->components; k++) of_modes[proposal->modes[k]] += parts[k];
  const int64_t component = find_largest(parts, draws->components);
  return (key){find_largest(of_modes, CLI_MODES), component, i, cli_dot(draws->x + i * d, axes + component * d, d)};
}

int64_t *cli_strata_order(const cli_draws *draws, const cli_proposal *proposal) {
  double *axes = malloc((size_t)(proposal->count * proposal->dim) * sizeof *axes);
  key *keys = malloc((size_t)draws->count * sizeof *keys);
  int64_t *order = malloc((size_t)draws->count * sizeof *order);
  const bool done = ((axes && keys && order) || cli_fail("out of memory")) && find_axes(axes, proposal);
  if (done) {
    for (int64_t i = 0; i < draws->count; i++) keys[i] = find_key(draws, proposal, axes, i);
    qsort(keys, (size_t)draws->count, sizeof *keys, compare_keys);
    for (int64_t i = 0; i < draws->count; i++) order[i] = keys[i].draw;
  }
  free(axes);
  free(keys);
  if (done) return order;
  free(order);
  return NULL;
}

void cli_strata_take(double *x, int64_t n, const cli_draws *draws, const int64_t *order, uint64_t *random) {
  const int64_t d = draws->dim;
  const double offset = cli_random_uniform(random);
  int64_t at = 0;
  double sum = draws->weights[order[0]];
  for (int64_t i = 0; i < n; i++) {
    const double level = ((double)i + offset) / (double)n;
    while (sum < level && at < draws->count - 1) sum += draws->weights[order[++at]];
    memcpy(x + i * d, draws->x + order[at] * d, (size_t)d * sizeof *x);
  }
}
