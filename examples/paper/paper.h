/* What the programs of this folder share: random numbers, mixtures of Gaussians, energies, and runs spread over
 * threads. */
#ifndef PAPER_H
#define PAPER_H

#include <math.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ift.h>

/* Everything here ends the program with a message where it fails. */
static inline void check(const ift_context *context, ift_status status) {
  if (status >= 0) return;
  fprintf(stderr, "%s: %s\n", ift_status_name(status), ift_context_message(context));
  exit(2);
}

static inline double *numbers(int64_t count) {
  double *array = calloc((size_t)count, sizeof *array);
  if (array) return array;
  fprintf(stderr, "out of memory\n");
  exit(2);
}

static inline FILE *open_csv(const char *path) {
  FILE *file = fopen(path, "w");
  if (file) return file;
  perror(path);
  exit(2);
}

static inline void close_csv(FILE *file, const char *path) {
  const int bad = ferror(file);
  if (fclose(file) == 0 && !bad) return;
  perror(path);
  exit(2);
}

/* Random numbers: SplitMix64 (Steele, Lea and Flood 2014); normals by Box and Muller (1958), one of each pair. */
typedef struct random_stream {
  uint64_t state;
} random_stream;

static inline double uniform(random_stream *stream) { /* in (0, 1) */
  uint64_t z = stream->state += 0x9e3779b97f4a7c15u;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return ((double)((z ^ (z >> 31)) >> 11) + 0.5) * 0x1p-53;
}

static inline double normal(random_stream *stream) {
  const double radius = sqrt(-2 * log(uniform(stream)));
  return radius * cos(6.283185307179586 * uniform(stream));
}

/* A mixture of Gaussians of equal weights. Call mixture_finish when means and covariances are in: it sets the lower
 * Cholesky factors of the covariances. */
typedef struct mixture {
  int64_t count, d;
  double *weights, *means, *covariances, *factors;
} mixture;

static inline mixture mixture_create(int64_t count, int64_t d) {
  mixture made = {count, d, numbers(count), numbers(count * d), numbers(count * d * d), numbers(count * d * d)};
  for (int64_t c = 0; c < count; c++) made.weights[c] = 1 / (double)count;
  return made;
}

static inline void mixture_dispose(mixture *made) {
  free(made->weights);
  free(made->means);
  free(made->covariances);
  free(made->factors);
}

static inline void mixture_finish(mixture *made) {
  const int64_t d = made->d;
  for (int64_t c = 0; c < made->count; c++) {
    const double *a = made->covariances + c * d * d;
    double *l = made->factors + c * d * d;
    for (int64_t i = 0; i < d; i++)
      for (int64_t j = 0; j <= i; j++) {
        double sum = a[i * d + j];
        for (int64_t k = 0; k < j; k++) sum -= l[i * d + k] * l[j * d + k];
        l[i * d + j] = i == j ? sqrt(sum) : sum / l[j * d + j];
      }
  }
}

static inline ift_measure *draw(ift_context *context, const mixture *from, int64_t n, random_stream *stream) {
  const int64_t d = from->d;
  double *x = numbers(n * d), *z = numbers(d);
  ift_measure *measure = NULL;
  for (int64_t i = 0; i < n; i++) {
    const int64_t c = (int64_t)((double)from->count * uniform(stream));
    for (int64_t k = 0; k < d; k++) z[k] = normal(stream);
    for (int64_t k = 0; k < d; k++) {
      x[i * d + k] = from->means[c * d + k];
      for (int64_t l = 0; l <= k; l++) x[i * d + k] += from->factors[(c * d + k) * d + l] * z[l];
    }
  }
  check(context, ift_measure_create(context, &measure, x, n, d, NULL));
  free(x);
  free(z);
  return measure;
}

static inline ift_energy *energy_to_samples(ift_context *context, const ift_kernel *kernel,
                                            const ift_measure *samples) {
  ift_target *target = NULL;
  ift_energy *energy = NULL;
  check(context, ift_target_samples(context, &target, samples));
  check(context, ift_energy_mmd(context, &energy, kernel, target));
  ift_target_destroy(target);
  return energy;
}

static inline ift_energy *energy_to_mixture(ift_context *context, const ift_kernel *kernel, const mixture *to) {
  ift_target *target = NULL;
  ift_energy *energy = NULL;
  check(context,
        ift_target_gaussian_mixture(context, &target, to->count, to->d, to->weights, to->means, to->covariances));
  check(context, ift_energy_mmd(context, &energy, kernel, target));
  ift_target_destroy(target);
  return energy;
}

static inline double mmd2_of(ift_context *context, const ift_energy *energy, const ift_measure *measure) {
  double value = 0;
  check(context, ift_energy_value(energy, &value, measure));
  return 2 * value;
}

/* What MMD^2 to `m` independent samples of a mixture is above MMD^2 to the mixture itself, on average: (E k(y,y) -
 * kappa)/m. With a point mass in x, where k(x,x) = 1, kappa is 1 + MMD^2 - 2 g(x), g the first variation. */
static inline double sampling_floor(ift_context *context, const ift_energy *to_mixture, int64_t d, int64_t m) {
  double *x = numbers(d), g = 0;
  ift_measure *point = NULL;
  check(context, ift_measure_create(context, &point, x, 1, d, NULL));
  check(context, ift_energy_first_variation(to_mixture, &g, NULL, 0, 0, point));
  const double kappa = 1 + mmd2_of(context, to_mixture, point) - 2 * g;
  ift_measure_destroy(point);
  free(x);
  return (1 - kappa) / (double)m;
}

/* Distance of a point to the nearest component, in its standard deviations (Mahalanobis 1936). */
static inline double distance(const mixture *to, const double *x) {
  double least = INFINITY, *z = numbers(to->d);
  for (int64_t c = 0; c < to->count; c++) {
    const double *l = to->factors + c * to->d * to->d;
    double square = 0;
    for (int64_t i = 0; i < to->d; i++) {
      z[i] = x[i] - to->means[c * to->d + i];
      for (int64_t k = 0; k < i; k++) z[i] -= l[i * to->d + k] * z[k];
      z[i] /= l[i * to->d + i];
      square += z[i] * z[i];
    }
    least = fmin(least, sqrt(square));
  }
  free(z);
  return least;
}

/* work(run, user) for run = 0 .. runs - 1, every second one on a thread of its own: a run has its own context. */
typedef struct share {
  int first, step, runs;
  void (*work)(int run, void *user);
  void *user;
} share;

static inline void *work_share(void *argument) {
  const share *mine = argument;
  for (int run = mine->first; run < mine->runs; run += mine->step) mine->work(run, mine->user);
  return NULL;
}

/* Mean and standard deviation of count numbers, `stride` apart. */
static inline void mean_and_deviation(double *mean, double *deviation, const double *values, int64_t count,
                                      int64_t stride) {
  *mean = *deviation = 0;
  for (int64_t r = 0; r < count; r++) *mean += values[r * stride] / (double)count;
  for (int64_t r = 0; r < count; r++) *deviation += (values[r * stride] - *mean) * (values[r * stride] - *mean);
  *deviation = count > 1 ? sqrt(*deviation / (double)(count - 1)) : 0;
}

static inline void for_runs(int runs, void (*work)(int run, void *user), void *user) {
  share shares[2] = {{0, 2, runs, work, user}, {1, 2, runs, work, user}};
  pthread_t other;
  const int alone = pthread_create(&other, NULL, work_share, &shares[1]);
  work_share(&shares[0]);
  if (alone) work_share(&shares[1]);
  if (!alone) pthread_join(other, NULL);
}

#endif
