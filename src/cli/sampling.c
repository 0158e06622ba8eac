/* Sampling: where the modes are, adaptive importance sampling about them, particles from its weighted draws, a flow of
 * the energy distance that spreads them evenly, and weights that give the moments and masses of the draws. */
#include "cli/sampling.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cli/data.h"
#include "cli/features.h"
#include "cli/interrupt.h"
#include "cli/job.h"
#include "cli/message.h"
#include "cli/modes.h"
#include "cli/proposal.h"
#include "cli/random.h"
#include "cli/strata.h"

/* Where the search begins: at so many points in a ball, 4 times as many for each dimension up to the fifth, whose
 * radius is that many times the scale. */
enum { SEARCHED = 200, GROWTH = 4, GROWING = 5 };
static const double search_radius = 3;

/* Adaptation: draws of a round, rounds, and the effective fraction that ends it after the first few; from the third
 * round on a fraction below the second gets new components. */
enum { DRAWS = 20000, ROUNDS = 20, FIRST_ROUNDS = 5, INSERT_FROM = 3 };
static const double good_fraction = 0.9, poor_fraction = 0.5;

/* The last draws, from a mixture a little wider, whose tails they see. */
enum { LAST_DRAWS = 50000, LAST_PER_PARTICLE = 4 };
static const double last_widening = 1.3;

/* The flow: draws that are its target, and steps. */
enum { TARGET = 4000, TARGET_PER_PARTICLE = 2, STEPS = 50, FEWEST_STEPS = 5 };

/* Its step in units of the automatic one, which is made for the least distances there are: most steps may be longer,
 * and those that may not are halved. Fewer steps are taken where they'd cost more than so many pairs of points. */
static const double long_step = 8, affordable = 1.5e9;

typedef struct sampling {
  ift_context *context;
  cli_density *density;
  cli_findings *findings;
  const cli_watch *watch;
  const double *center;
  double scale;
  uint64_t random;
  int64_t particles;
  cli_modes modes;
  cli_proposal proposal;
  cli_draws draws; /* the last ones */
} sampling;

/* ---- search ---- */

/* Points in the ball, evenly. */
static void fill_ball(double *x, int64_t n, int64_t d, const double *center, double radius, uint64_t *random) {
  for (int64_t i = 0; i < n; i++) {
    double square = 0;
    for (int64_t j = 0; j < d; j++) {
      x[i * d + j] = cli_random_normal(random);
      square += x[i * d + j] * x[i * d + j];
    }
    const double factor = radius * pow(cli_random_uniform(random), 1 / (double)d) / sqrt(square);
    for (int64_t j = 0; j < d; j++) x[i * d + j] = center[j] + factor * x[i * d + j];
  }
}

static bool search(sampling *s, const ift_measure *start) {
  const int64_t d = s->density->dim, n = ift_measure_size(start);
  int64_t searched = SEARCHED;
  for (int64_t j = 0; j < d && j < GROWING; j++) searched *= GROWTH;
  double *x = malloc((size_t)(n + searched) * (size_t)d * sizeof *x);
  if (!x) return cli_fail("out of memory");
  memcpy(x, ift_measure_positions(start), (size_t)(n * d) * sizeof *x);
  fill_ball(x + n * d, searched, d, s->center, search_radius * s->scale, &s->random);
  const bool done = cli_modes_find(&s->modes, s->density, x, n + searched, s->scale);
  free(x);
  s->findings->modes = s->modes.count;
  s->findings->few_modes = s->modes.cut && s->modes.count == CLI_MODES;
  s->findings->cut = s->modes.cut;
  return done;
}

/* ---- adaptation ---- */

static void ignore(void *nothing) {
  (void)nothing;
}

/* One round; *good gets whether the proposal was good. */
static bool adapt_once(sampling *s, int round, bool *good) {
  cli_draws draws;
  bool done =
      cli_draws_create(&draws, &s->proposal, s->density, DRAWS, &s->random) && cli_proposal_fit(&s->proposal, &draws);
  if (done && round >= INSERT_FROM && draws.fraction < poor_fraction)
    done = cli_proposal_insert(&s->proposal, &draws, s->density, s->scale);
  *good = draws.fraction > good_fraction;
  cli_draws_free(&draws);
  return done;
}

/* From here on there are draws to stop with: a Ctrl-C ends the rounds. */
static bool adapt(sampling *s) {
  bool good = false;
  if (!cli_proposal_create(&s->proposal, &s->modes)) return false;
  cli_interrupt_watch(ignore, NULL);
  int round = 0;
  while (round < ROUNDS && !cli_interrupted() && !(good && round >= FIRST_ROUNDS))
    if (!adapt_once(s, ++round, &good)) return false;
  int64_t count = LAST_PER_PARTICLE * s->particles;
  if (count < LAST_DRAWS) count = LAST_DRAWS;
  cli_proposal_widen(&s->proposal, last_widening);
  if (!cli_draws_create(&s->draws, &s->proposal, s->density, count, &s->random)) return false;
  s->findings->rounds = round;
  s->findings->components = s->proposal.count;
  s->findings->few_components = s->proposal.full;
  s->findings->fraction = s->draws.fraction;
  return true;
}

/* ---- particles ---- */

/* n draws as a measure. */
static bool take(sampling *s, ift_measure **out, const int64_t *order, int64_t n) {
  const int64_t d = s->density->dim;
  double *x = malloc((size_t)n * (size_t)d * sizeof *x);
  if (!x) return cli_fail("out of memory");
  cli_strata_take(x, n, &s->draws, order, &s->random);
  const bool done = ift_measure_create(s->context, out, x, n, d, NULL) == IFT_OK || cli_library_failed(s->context);
  free(x);
  return done;
}

static void stop_flow(void *flow) {
  ift_flow_request_stop(flow);
}

static int64_t count_steps(int64_t particles, int64_t points) {
  const double steps = affordable / ((double)particles * (double)(particles + points));
  return steps < FEWEST_STEPS ? FEWEST_STEPS : steps > STEPS ? STEPS : (int64_t)steps;
}

static bool make_flow(sampling *s, ift_flow **flow, const ift_measure *particles, const ift_measure *points) {
  ift_kernel *kernel = NULL;
  ift_target *target = NULL;
  ift_energy *energy = NULL;
  double tau = 0;
  const bool done = ift_kernel_parse(s->context, &kernel, "energy") == IFT_OK &&
                    ift_target_samples(s->context, &target, points) == IFT_OK &&
                    ift_energy_mmd(s->context, &energy, kernel, target) == IFT_OK &&
                    ift_flow_create(s->context, flow, "wasserstein", energy, particles) == IFT_OK &&
                    ift_flow_get_real(*flow, "tau", &tau) == IFT_OK &&
                    ift_flow_set_real(*flow, "tau", long_step * tau) == IFT_OK &&
                    ift_flow_set_text(*flow, "step_control", "monotone") == IFT_OK;
  ift_energy_destroy(energy);
  ift_target_destroy(target);
  ift_kernel_destroy(kernel);
  return done || cli_library_failed(s->context);
}

/* The energy distance to the draws is that of support points (Mak and Joseph 2018); it has no scale that would have to
 * fit narrow and wide modes at once. */
static bool spread(sampling *s, ift_measure **out, const ift_measure *particles, const ift_measure *points) {
  const int64_t steps = count_steps(ift_measure_size(particles), ift_measure_size(points));
  ift_flow *flow = NULL;
  if (!make_flow(s, &flow, particles, points)) return false;
  bool done = s->watch->begin(flow, s->watch->user);
  if (done && ift_flow_set_monitor(flow, s->watch->step, s->watch->user, NULL) != IFT_OK)
    done = cli_library_failed(s->context);
  if (done) {
    cli_interrupt_watch(stop_flow, flow);
    const ift_status status = ift_flow_run(flow, cli_interrupted() ? 0 : steps);
    cli_interrupt_unwatch();
    s->watch->end(flow, s->watch->user);
    done = (status >= 0 && ift_measure_clone(ift_flow_measure(flow), out) == IFT_OK) || cli_library_failed(s->context);
  }
  ift_flow_destroy(flow);
  return done;
}

static bool correct(sampling *s, ift_measure *measure) {
  const int64_t n = ift_measure_size(measure);
  double *weights = malloc((size_t)n * sizeof *weights);
  if (!weights) return cli_fail("out of memory");
  memcpy(weights, ift_measure_weights(measure), (size_t)n * sizeof *weights);
  const bool done =
      cli_features_correct(weights, ift_measure_positions(measure), n, &s->draws, &s->proposal, &s->findings->left) &&
      (ift_measure_set(measure, NULL, weights) == IFT_OK || cli_library_failed(s->context));
  free(weights);
  return done;
}

static bool place(sampling *s, ift_measure **out) {
  ift_measure *particles = NULL, *points = NULL;
  int64_t count = TARGET_PER_PARTICLE * s->particles;
  if (count < TARGET) count = TARGET;
  int64_t *order = cli_strata_order(&s->draws, &s->proposal);
  const bool done = order && take(s, &particles, order, s->particles) && take(s, &points, order, count) &&
                    spread(s, out, particles, points) && correct(s, *out);
  free(order);
  ift_measure_destroy(particles);
  ift_measure_destroy(points);
  return done;
}

bool sampling_run(ift_context *context, ift_measure **out, cli_findings *findings, const ift_measure *start,
                  cli_density *density, const double *center, double scale, uint64_t seed, const cli_watch *watch) {
  *findings = (cli_findings){.modes = 0};
  sampling s = {.context = context,
                .density = density,
                .findings = findings,
                .watch = watch,
                .center = center,
                .scale = scale,
                .random = cli_random_stream(seed, CLI_STREAM_SEARCH),
                .particles = ift_measure_size(start)};
  const bool done = search(&s, start) && adapt(&s) && place(&s, out);
  findings->evaluations = density->evaluations;
  cli_modes_free(&s.modes);
  cli_proposal_free(&s.proposal);
  cli_draws_free(&s.draws);
  return done;
}
