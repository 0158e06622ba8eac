/* T13. The closed-form embeddings of Gaussian mixtures.
 *
 * For k gaussian(s) and pi = N(m, C), c(x) = int k(x, y) dpi(y) and kappa = iint k dpi dpi are
 *
 *   c(x) = |I + C/s^2|^(-1/2) exp(-1/2 (x-m)' (s^2 I + C)^(-1) (x-m)),
 *   kappa for two components: the same at m1 - m2 with C1 + C2;
 *
 * sums over components and over the parts of a kernel. They are compared, and with them the gradient of c,
 *
 *   - in one and two dimensions with the trapezoid rule in whitened coordinates, y = m + Lz, C = LL', z in [-9,9]^d in
 *     steps of .05, to 1e-13. Its error falls as exp(-2 pi^2 w^2/h^2) for integrands of width w. (Gauss and Hermite's
 *     rule is unfit: k(x, m + Lz) is not near a polynomial where s is small.) For kappa two rules within each other in
 *     one dimension; in two, the difference of two independent Gaussians is one with C1 + C2;
 *   - in five dimensions with 4e5 samples of this file's own, to 5 standard errors.
 *
 * The library gives c and kappa away through the MMD energy of one particle so far off that k = 0 there: g = -c,
 * v = -grad c, F = kappa/2 + 1/2 k(0, 0). Kernels without a closed form see 10000 samples that the library draws: their
 * embedding is compared with the trapezoid rule, to 5 standard errors. */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "support/kernels.h"
#include "support/make.h"
#include "support/random.h"
#include "theory/theory.h"

enum { COMPONENTS = 3, DIM = 5, POINTS = 4, NODES = 361, SAMPLES = 400000, DRAWN = 10000 };
static const double SPACING = 0.05, FAR = 1e6;

typedef struct mixture {
  int count, d;
  double weights[COMPONENTS], means[COMPONENTS * DIM], covariances[COMPONENTS * DIM * DIM];
  double factors[COMPONENTS * DIM * DIM]; /* lower triangular, of the covariances */
} mixture;

/* A Gaussian kernel of one or two parts. */
typedef struct bumps {
  int count;
  double coefficients[2], s[2];
} bumps;

static const bumps kernels[] = {{1, {1}, {0.7}}, {1, {1}, {0.25}}, {2, {0.5, 2}, {0.4, 1.5}}, {1, {1}, {4}}};
enum { KERNELS = 4 };

static void print_kernel(const bumps *k, char *spec, size_t size) {
  int used = 0;
  for (int t = 0; t < k->count; t++)
    used += snprintf(spec + used, size - (size_t)used, "%s%g*gaussian:%g", t ? "+" : "", k->coefficients[t], k->s[t]);
}

/* L of C = LL'. */
static void factorize(const double *c, double *l, int d) {
  for (int i = 0; i < d; i++)
    for (int j = 0; j < d; j++) {
      double sum = c[i * d + j];
      for (int k = 0; k < j; k++) sum -= l[i * d + k] * l[j * d + k];
      l[i * d + j] = j > i ? 0 : j == i ? sqrt(sum) : sum / l[j * d + j];
    }
}

/* Covariances AA' of any orientation, standard deviations from .3 to 1.5. */
static mixture draw_mixture(dice *d, int dim) {
  mixture p = {.count = COMPONENTS, .d = dim};
  dice_weights(d, p.weights, p.count, 1);
  for (int i = 0; i < p.count * dim; i++) p.means[i] = 1.5 * dice_normal(d);
  for (int k = 0; k < p.count; k++) {
    double a[DIM * DIM], *c = p.covariances + k * dim * dim;
    for (int i = 0; i < dim * dim; i++) a[i] = 0.6 * dice_normal(d);
    for (int i = 0; i < dim; i++)
      for (int j = 0; j < dim; j++) {
        c[i * dim + j] = i == j ? 0.1 : 0;
        for (int l = 0; l < dim; l++) c[i * dim + j] += a[i * dim + l] * a[j * dim + l];
      }
    factorize(c, p.factors + k * dim * dim, dim);
  }
  return p;
}

static ift_energy *mixture_energy(ift_context *context, const char *spec, const mixture *p) {
  ift_kernel *kernel = make_kernel(context, spec);
  ift_target *target;
  ift_energy *energy;
  assert_status(IFT_OK,
                ift_target_gaussian_mixture(context, &target, p->count, p->d, p->weights, p->means, p->covariances));
  assert_status(IFT_OK, ift_energy_mmd(context, &energy, kernel, target));
  ift_kernel_destroy(kernel);
  ift_target_destroy(target);
  return energy;
}

/* c at points, grad c there, kappa, by the library. `self`: k(x, x). */
static void embed(ift_context *context, const ift_energy *energy, int d, const double *x, int n, double self, double *c,
                  double *gradient, double *kappa) {
  double far[DIM];
  for (int l = 0; l < d; l++) far[l] = FAR;
  ift_measure *one = make_measure(context, far, 1, d, NULL);
  assert_status(IFT_OK, ift_energy_first_variation(energy, c, x, n, d, one));
  assert_status(IFT_OK, ift_energy_gradient(energy, gradient, x, n, d, one));
  assert_status(IFT_OK, ift_energy_value(energy, kappa, one));
  for (int i = 0; i < n; i++) c[i] = -c[i];
  for (int i = 0; i < n * d; i++) gradient[i] = -gradient[i];
  *kappa = 2 * *kappa - self;
  ift_measure_destroy(one);
}

/* k; *pull: -d/dr k over r. */
static double bump_at(const bumps *k, double square, double *pull) {
  double sum = 0;
  *pull = 0;
  for (int t = 0; t < k->count; t++) {
    const double s2 = k->s[t] * k->s[t], part = k->coefficients[t] * exp(-square / (2 * s2));
    sum += part;
    *pull += part / s2;
  }
  return sum;
}

/* The rule's nodes and weights h phi(z). */
static double nodes[NODES], node_weights[NODES];

static void make_rule(void) {
  for (int i = 0; i < NODES; i++) {
    nodes[i] = -9 + i * SPACING;
    node_weights[i] = SPACING * exp(-nodes[i] * nodes[i] / 2) / 2.5066282746310002;
  }
}

/* int k(x, m + Lz) dN(z), and its gradient in x where wanted, d = 1 or 2. */
static long double integrate(const bumps *k, const double *x, const double *m, const double *l, int d,
                             long double *gradient) {
  long double sum = 0;
  for (int i = 0; i < NODES; i++)
    for (int j = 0; j < (d == 2 ? NODES : 1); j++) {
      const double z[2] = {nodes[i], d == 2 ? nodes[j] : 0}, weight = node_weights[i] * (d == 2 ? node_weights[j] : 1);
      double difference[2], square = 0, pull;
      if (weight < 1e-25) continue;
      for (int r = 0; r < d; r++) {
        difference[r] = x[r] - m[r];
        for (int c = 0; c <= r; c++) difference[r] -= l[r * d + c] * z[c];
        square += difference[r] * difference[r];
      }
      sum += (long double)weight * bump_at(k, square, &pull);
      for (int r = 0; gradient && r < d; r++) gradient[r] -= (long double)weight * pull * difference[r];
    }
  return sum;
}

/* kappa of components a and b: in one dimension rule within rule, in two by the difference of the two. */
static long double integrate_pair(const bumps *k, const mixture *p, int a, int b) {
  const int d = p->d;
  if (d == 1) {
    long double sum = 0;
    for (int i = 0; i < NODES; i++) {
      if (node_weights[i] < 1e-25) continue;
      const double y = p->means[a] + p->factors[a] * nodes[i];
      sum += node_weights[i] * integrate(k, &y, p->means + b, p->factors + b, 1, NULL);
    }
    return sum;
  }
  double both[4], l[4];
  for (int i = 0; i < 4; i++) both[i] = p->covariances[4 * a + i] + p->covariances[4 * b + i];
  factorize(both, l, 2);
  return integrate(k, p->means + 2 * a, p->means + 2 * b, l, 2, NULL);
}

static void try_trapezoid(int d, uint64_t seed, double worst[3]) {
  ift_context *context = make_context();
  dice random = {.state = seed};
  const mixture p = draw_mixture(&random, d);
  for (int which = 0; which < KERNELS; which++) {
    const bumps *k = &kernels[which];
    char spec[96];
    double x[POINTS * 2], c[POINTS], gradient[POINTS * 2], kappa, pull;
    print_kernel(k, spec, sizeof spec);
    ift_energy *energy = mixture_energy(context, spec, &p);
    for (int i = 0; i < POINTS * d; i++) x[i] = 2 * dice_normal(&random);
    memcpy(x, p.means, sizeof *x * (size_t)d);
    embed(context, energy, d, x, POINTS, bump_at(k, 0, &pull), c, gradient, &kappa);
    for (int i = 0; i < POINTS; i++) {
      long double value = 0, slope[2] = {0};
      for (int a = 0; a < p.count; a++) {
        long double part[2] = {0};
        value += p.weights[a] * integrate(k, x + i * d, p.means + a * d, p.factors + a * d * d, d, part);
        for (int l = 0; l < d; l++) slope[l] += p.weights[a] * part[l];
      }
      theory_worst(&worst[0], (double)fabsl(value - c[i]));
      for (int l = 0; l < d; l++) theory_worst(&worst[1], (double)fabsl(slope[l] - gradient[i * d + l]));
    }
    long double value = 0;
    for (int a = 0; a < p.count; a++)
      for (int b = 0; b <= a; b++)
        value += (a == b ? 1 : 2) * (long double)p.weights[a] * p.weights[b] * integrate_pair(k, &p, a, b);
    theory_worst(&worst[2], (double)fabsl(value - kappa));
    ift_energy_destroy(energy);
  }
  ift_context_destroy(context);
}

static void test_trapezoid(void **state) {
  (void)state;
  static const char *const names[] = {"embedding", "gradient", "kappa"};
  make_rule();
  for (int d = 1; d <= 2; d++) {
    double worst[3] = {0};
    try_trapezoid(d, (uint64_t)(13 * d), worst);
    for (int i = 0; i < 3; i++) {
      char part[32];
      snprintf(part, sizeof part, "%s-%dd", names[i], d);
      theory_report("T13", part, worst[i], 1e-13);
    }
  }
}

static void draw_point(dice *random, const mixture *p, double *y) {
  double z[DIM], level = dice_between(random, 0, 1);
  int k = 0;
  while (k < p->count - 1 && level > p->weights[k]) level -= p->weights[k++];
  dice_normals(random, z, p->d);
  for (int r = 0; r < p->d; r++) {
    y[r] = p->means[k * p->d + r];
    for (int c = 0; c <= r; c++) y[r] += p->factors[(k * p->d + r) * p->d + c] * z[c];
  }
}

/* Sums of independent values: how many standard errors the mean is away from what it should be. */
typedef struct average {
  double sum, squares;
} average;

static void add_value(average *a, double value) {
  a->sum += value;
  a->squares += value * value;
}

static double errors_away(const average *a, int count, double expected) {
  const double mean = a->sum / count, variance = (a->squares / count - mean * mean) / count;
  return fabs(mean - expected) / sqrt(variance);
}

static void test_samples(void **state) {
  (void)state;
  ift_context *context = make_context();
  dice random = {.state = 1313};
  const int d = DIM;
  const mixture p = draw_mixture(&random, d);
  const bumps k = {2, {1, 0.5}, {1.2, 3}};
  char spec[96];
  double x[POINTS * DIM], c[POINTS], gradient[POINTS * DIM], kappa, pull;
  average at_points[POINTS] = {{0, 0}}, pairs = {0, 0};
  print_kernel(&k, spec, sizeof spec);
  ift_energy *energy = mixture_energy(context, spec, &p);
  for (int i = 0; i < POINTS; i++) draw_point(&random, &p, x + i * d);
  embed(context, energy, d, x, POINTS, bump_at(&k, 0, &pull), c, gradient, &kappa);
  for (int s = 0; s < SAMPLES; s++) {
    double y[2][DIM];
    draw_point(&random, &p, y[0]);
    draw_point(&random, &p, y[1]);
    for (int i = 0; i <= POINTS; i++) {
      const double *other = i < POINTS ? x + i * d : y[1];
      double square = 0;
      for (int l = 0; l < d; l++) square += (y[0][l] - other[l]) * (y[0][l] - other[l]);
      add_value(i < POINTS ? &at_points[i] : &pairs, bump_at(&k, square, &pull));
    }
  }
  double worst = 0;
  for (int i = 0; i < POINTS; i++) theory_worst(&worst, errors_away(&at_points[i], SAMPLES, c[i]));
  ift_energy_destroy(energy);
  ift_context_destroy(context);
  theory_report("T13", "embedding-samples", worst, 5);
  theory_report("T13", "kappa-samples", errors_away(&pairs, SAMPLES, kappa), 5);
}

/* matern32 in one dimension: the samples that the library draws against the trapezoid rule. */
static void test_drawn(void **state) {
  (void)state;
  ift_context *context = make_context();
  dice random = {.state = 131313};
  const mixture p = draw_mixture(&random, 1);
  const formula f = {.kind = "matern32", .p = 0.9};
  ift_energy *energy = mixture_energy(context, "matern32:0.9", &p);
  double x[POINTS], c[POINTS], gradient[POINTS], kappa, worst = 0;
  dice_normals(&random, x, POINTS);
  embed(context, energy, 1, x, POINTS, 1, c, gradient, &kappa);
  make_rule();
  for (int i = 0; i < POINTS; i++) {
    double mean = 0, squares = 0;
    for (int a = 0; a < p.count; a++)
      for (int j = 0; j < NODES; j++) {
        const double y = p.means[a] + p.factors[a] * nodes[j], k = formula_value(&f, x + i, &y, 1);
        mean += p.weights[a] * node_weights[j] * k;
        squares += p.weights[a] * node_weights[j] * k * k;
      }
    theory_worst(&worst, fabs(c[i] - mean) / sqrt((squares - mean * mean) / DRAWN));
  }
  ift_energy_destroy(energy);
  ift_context_destroy(context);
  theory_report("T13", "library-samples", worst, 5);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_trapezoid),
      cmocka_unit_test(test_samples),
      cmocka_unit_test(test_drawn),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
