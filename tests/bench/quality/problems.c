/* The problems. */
#include "bench/quality/quality.h"
#include "herding.h"

/* The pool is the target. */
static void sample_target(problem *p) {
  ift_measure *samples;
  need(p->context, ift_measure_create(p->context, &samples, p->pool, p->m, p->d, NULL));
  need(p->context, ift_target_samples(p->context, &p->target, samples));
  ift_measure_destroy(samples);
  p->sampled = true;
}

/* The target is a mixture in closed form, the pool m points drawn from it. */
static void mixture_target(problem *p, const mixture *from, int64_t m) {
  random_stream stream = {20};
  ift_measure *drawn = draw(p->context, from, m, &stream);
  p->m = m, p->d = from->d, p->pool = numbers(m * from->d);
  need(p->context, ift_measure_copy_positions(drawn, p->pool));
  need(p->context, ift_target_gaussian_mixture(p->context, &p->target, from->count, from->d, from->weights, from->means,
                                               from->covariances));
  ift_measure_destroy(drawn);
}

/* sigma by the median heuristic on the pool. */
static double median(const problem *p) {
  ift_measure *points;
  double sigma;
  need(p->context, ift_measure_create(p->context, &points, p->pool, p->m, p->d, NULL));
  need(p->context, ift_bandwidth_median(points, &sigma));
  ift_measure_destroy(points);
  return sigma;
}

static void open_faithful(problem *p) {
  ift_measure *points;
  need(p->context, ift_measure_load(p->context, &points, "examples/data/faithful.csv"));
  p->m = ift_measure_size(points), p->d = ift_measure_dim(points), p->sigma = 0.5;
  p->pool = standardized(points);
  if (!p->pool) exit(2);
  ift_measure_destroy(points);
  sample_target(p);
}

static void open_plane(problem *p, char **words) {
  p->planar = true;
  p->read = reading_parse(words);
  p->sigma = p->read.sigma;
  mixture_target(p, &p->read.target, 2000);
}

/* The text to the letter; and the reading of it in which particles can get lost (docs/paper.md). */
static void open_gaussian(problem *p) {
  open_plane(p, (char *[]){"gaussian", "200", "explicit", "50", "0.1", "fixed"});
}

static void open_mixture(problem *p) {
  open_plane(p, (char *[]){"mixture", "20", "euclidean", "50", "0.002", "fixed"});
}

/* Five Gaussians in 10 dimensions, means of variance 4, covariances I/4 + P P' with P 10 by 3 of variance 1/3. */
static void open_ten(problem *p) {
  enum { D = 10, RANK = 3 };
  random_stream stream = {10};
  mixture from = mixture_create(5, D);
  for (int64_t c = 0; c < from.count; c++) {
    double factor[D * RANK], *covariance = from.covariances + c * D * D;
    for (int64_t k = 0; k < D; k++) from.means[c * D + k] = 2 * normal(&stream);
    for (int k = 0; k < D * RANK; k++) factor[k] = normal(&stream) / sqrt(RANK);
    for (int i = 0; i < D; i++)
      for (int j = 0; j < D; j++) {
        covariance[i * D + j] = i == j ? 0.25 : 0;
        for (int k = 0; k < RANK; k++) covariance[i * D + j] += factor[i * RANK + k] * factor[j * RANK + k];
      }
  }
  mixture_finish(&from);
  mixture_target(p, &from, 2000);
  mixture_dispose(&from);
  p->sigma = median(p);
}

/* 1000 points about a curved surface in 50 dimensions, as data often lie: 50 waves of three latent normal variables,
 * and noise of a tenth. */
static void open_fifty(problem *p) {
  enum { D = 50, M = 1000, LATENT = 3 };
  random_stream stream = {50};
  double frequency[D * LATENT], phase[D];
  p->m = M, p->d = D, p->pool = numbers((int64_t)M * D);
  for (int k = 0; k < D * LATENT; k++) frequency[k] = normal(&stream);
  for (int l = 0; l < D; l++) phase[l] = 6.283185307179586 * uniform(&stream);
  for (int i = 0; i < M; i++) {
    double latent[LATENT];
    for (int k = 0; k < LATENT; k++) latent[k] = normal(&stream);
    for (int l = 0; l < D; l++) {
      double wave = phase[l];
      for (int k = 0; k < LATENT; k++) wave += frequency[l * LATENT + k] * latent[k];
      p->pool[i * D + l] = sin(wave) + 0.1 * normal(&stream);
    }
  }
  sample_target(p);
  p->sigma = median(p);
}

static const struct {
  problem plan;
  void (*open)(problem *p);
  const char *about;
} plans[PROBLEMS] = {
    {{.name = "faithful", .sizes = {10, 25, 50}, .steps = 2000, .high = 50, .race = 50},
     open_faithful,
     "Old Faithful, standardized"},
    {{.name = "gaussian", .sizes = {10, 20, 50, 100}, .steps = 3000, .high = 20},
     open_gaussian,
     "the paper's Gaussian, in closed form"},
    {{.name = "mixture", .sizes = {10, 20, 50, 100}, .steps = 3000, .high = 20, .race = 100},
     open_mixture,
     "the paper's mixture of three, in closed form"},
    {{.name = "ten", .sizes = {10, 20, 50, 100}, .steps = 1000, .high = 10},
     open_ten,
     "a mixture of five, in closed form"},
    {{.name = "fifty", .sizes = {10, 20, 50, 100}, .steps = 1000}, open_fifty, "points about a curved surface"},
};

const char *problem_name(int number) {
  return plans[number].plan.name;
}

void problem_open(problem *p, int number, bool smoke) {
  *p = plans[number].plan;
  p->smoke = smoke;
  if (smoke) p->sizes[1] = 0, p->steps = 20, p->high = 0, p->race = p->race ? p->sizes[0] : 0;
  need(NULL, ift_context_create(&p->context));
  plans[number].open(p);
  need(p->context, ift_kernel_gaussian(p->context, &p->kernel, p->sigma));
  need(p->context, ift_energy_mmd(p->context, &p->energy, p->kernel, p->target));
  snprintf(p->about, sizeof p->about, "%s, d = %lld, %lld points%s, gaussian:%.4g", plans[number].about,
           (long long)p->d, (long long)p->m, p->sampled ? "" : " to choose from", p->sigma);
}

void problem_close(problem *p) {
  if (p->planar) reading_dispose(&p->read);
  free(p->pool);
  ift_energy_destroy(p->energy);
  ift_target_destroy(p->target);
  ift_kernel_destroy(p->kernel);
  ift_context_destroy(p->context);
}
