/* Section 4 of the paper in the plane: 100 particles from N(5 1, I) go to a Gaussian or to a mixture of three, of
 * which 100 samples are seen. Where its text leaves open what was run, the caller says it: a `reading`. */
#ifndef PLANE_H
#define PLANE_H

#include "paper.h"

enum { PARTICLES = 100 };

typedef struct reading {
  mixture start, target;
  double sigma;          /* of the kernel exp(-r^2 / (2 sigma^2)); written as the 2 sigma^2 of it */
  const char *transport; /* explicit: x_i - tau v(x_i), eq. (15); euclidean: x_i - tau a_i v(x_i), the published code */
  const char *tau, *eta;
  int fresh; /* samples of the target: the same in all steps, or drawn afresh in each */
} reading;

/* What reading_parse reads, six arguments. */
#define READING "gaussian|mixture WIDTH explicit|euclidean TAU ETA fixed|fresh"
enum { READING_ARGUMENTS = 6 };

/* Which of two words is it? */
static inline int one_of(const char *word, const char *zero, const char *one) {
  if (strcmp(word, zero) == 0) return 0;
  if (strcmp(word, one) == 0) return 1;
  fprintf(stderr, "'%s' is not allowed; allowed are %s and %s\n", word, zero, one);
  exit(2);
}

static inline reading reading_parse(char **arguments) {
  static const double means[] = {0, 0, 3, -1, 1, 4};
  static const double covariances[] = {1, 0.5, 0.5, 2, 1, 0, 0, 1, 3, 0.5, 0.5, 1};
  const int64_t count = one_of(arguments[0], "gaussian", "mixture") ? 3 : 1;
  const double width = strtod(arguments[1], NULL);
  one_of(arguments[2], "explicit", "euclidean");
  reading made = {mixture_create(1, 2),
                  mixture_create(count, 2),
                  sqrt(width / 2),
                  arguments[2],
                  arguments[3],
                  arguments[4],
                  one_of(arguments[5], "fixed", "fresh")};
  for (int k = 0; k < 2; k++) made.start.means[k] = 5, made.start.covariances[3 * k] = 1;
  memcpy(made.target.means, means, (size_t)(2 * count) * sizeof *means);
  memcpy(made.target.covariances, covariances, (size_t)(4 * count) * sizeof *covariances);
  mixture_finish(&made.start);
  mixture_finish(&made.target);
  return made;
}

static inline void reading_dispose(reading *made) {
  mixture_dispose(&made->start);
  mixture_dispose(&made->target);
}

/* An iteration of spherical-ift counts as two steps. Its weight step is one step of projected gradient descent, as
 * in the paper's experiments; or the problem (23) solved; or that with dead particles placed anew, which the paper
 * leaves for future work. Noise moves the points where velocities are taken, as Arbel et al. (2019) have it, or the
 * interacting particles too, as the published code. */
typedef struct algorithm {
  const char *name, *geometry, *reaction, *rejuvenate, *noise_at;
  double noise;
  int counts;
} algorithm;

static const algorithm algorithms[] = {
    {"mmd-flow", "wasserstein", "none", "none", "evaluation", 0, 1},
    {"mmd-flow-noise", "wasserstein", "none", "none", "evaluation", 10, 1},
    {"ift", "spherical-ift", "gradient", "none", "evaluation", 0, 2},
    {"noise-at-both", "wasserstein", "none", "none", "both", 10, 1},
    {"ift-solved", "spherical-ift", "implicit", "none", "evaluation", 0, 2},
    {"ift-insert", "spherical-ift", "implicit", "insert", "evaluation", 0, 2},
};
enum { ALGORITHMS = sizeof algorithms / sizeof *algorithms };

/* One run: all that depends on its number. */
enum { TRAIN, HELD_OUT, EXACT, LOSSES };

typedef struct trial {
  int number;
  const reading *read;
  ift_context *context;
  ift_kernel *kernel;
  ift_measure *start, *samples;
  ift_energy *energies[LOSSES]; /* to the samples that are seen, to as many others, to the distribution itself */
} trial;

static inline trial trial_create(const reading *read, int number) {
  trial made = {.number = number, .read = read};
  random_stream stream = {(uint64_t)number << 32};
  check(NULL, ift_context_create(&made.context));
  check(made.context, ift_kernel_gaussian(made.context, &made.kernel, read->sigma));
  made.start = draw(made.context, &read->start, PARTICLES, &stream);
  made.samples = draw(made.context, &read->target, PARTICLES, &stream);
  ift_measure *held_out = draw(made.context, &read->target, PARTICLES, &stream);
  made.energies[TRAIN] = energy_to_samples(made.context, made.kernel, made.samples);
  made.energies[HELD_OUT] = energy_to_samples(made.context, made.kernel, held_out);
  made.energies[EXACT] = energy_to_mixture(made.context, made.kernel, &read->target);
  ift_measure_destroy(held_out);
  return made;
}

static inline void trial_dispose(trial *made) {
  for (int l = 0; l < LOSSES; l++) ift_energy_destroy(made->energies[l]);
  ift_measure_destroy(made->start);
  ift_measure_destroy(made->samples);
  ift_kernel_destroy(made->kernel);
  ift_context_destroy(made->context);
}

/* Noise is switched off at step 3000. */
static inline ift_flow *trial_flow(const trial *of, const algorithm *a) {
  const reading *read = of->read;
  ift_context *context = of->context;
  ift_flow *flow = NULL;
  check(context, ift_flow_create(context, &flow, a->geometry, of->energies[read->fresh ? EXACT : TRAIN], of->start));
  check(context, ift_flow_set_text(flow, "step_control", "fixed"));
  check(context, ift_flow_set_text(flow, "transport", read->transport));
  check(context, ift_flow_set_text(flow, "tau", read->tau));
  check(context, ift_flow_set_int(flow, "batch", read->fresh ? PARTICLES : 0));
  check(context, ift_flow_set_int(flow, "seed", of->number));
  check(context, ift_flow_set_real(flow, "noise", a->noise));
  check(context, ift_flow_set_text(flow, "noise_at", a->noise_at));
  if (a->noise > 0) check(context, ift_flow_set_int(flow, "noise_until", 3000));
  if (a->counts == 1) return flow;
  check(context, ift_flow_set_text(flow, "reaction", a->reaction));
  check(context, ift_flow_set_text(flow, "eta", read->eta));
  check(context, ift_flow_set_text(flow, "rejuvenate", a->rejuvenate));
  return flow;
}

/* A particle is astray where it is farther than 4 standard deviations from every component: of 100 samples, 0.03
 * are. */
static inline int is_astray(const reading *read, const double *x) {
  return distance(&read->target, x) > 4;
}

#endif
