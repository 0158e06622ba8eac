/* T11. What a flow must not depend on, and what it may.
 *
 * Five fixed steps without randomness, where the weights are unique (no two particles close to each other):
 *
 *   permuting the particles and the target points, rotating everything                              1e-12
 *   translating everything by O(1), for kernels of x - y                                            1e-12
 *   the same for the linear kernel where mass is kept (g changes by a constant); not so where mass is free (g changes),
 *   not in projected reactions (a exp(-eta g) changes by a factor before it is projected), and not for the polynomial
 *   kernel
 *   splitting a particle in two at one place: the same measure, MMD <= 1e-7. So it is in wasserstein (explicit, heun;
 *   implicit for kernels without a kink, whose halves do not push each other apart), exponential, implicit, linearized,
 *   mirror, hellinger and with the metric MMD^2 + eps Fisher-Rao; not so with gradient, projected, euclidean, the
 *   published presets and the metric K + eps I, which count particles.
 *
 * A difference is the largest of those in weights and positions (all of O(1)), or MMD where the number of particles
 * differs. Where two results have to differ, they do by more than 1e-6: what is printed is then 1e-6 over the
 * difference, which has to be at most 1. */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "support/kernels.h"
#include "support/make.h"
#include "support/random.h"
#include "theory/theory.h"

enum { N = 8, M = 20, DIM = 3, STEPS = 5, TRIALS = 6 };
static const double SAME = 1e-12, MERGED = 1e-7, DIFFERENT = 1e-6;

/* Every way to flow. `counts`: what of it counts particles, so that splitting one changes the measure. */
typedef struct way {
  const char *geometry, *options;
  const char *counts;
} way;

static const way ways[] = {
    {"wasserstein", "tau=.1 transport=explicit", NULL},
    {"wasserstein", "tau=.1 transport=heun", NULL},
    {"wasserstein", "tau=.1 transport=implicit", NULL},
    {"wasserstein", "tau=.1 transport=euclidean", "euclidean"},
    {"mmd", "eta=.3 reaction=exponential", NULL},
    {"spherical-mmd", "eta=.3 reaction=exponential", NULL},
    {"spherical-mmd", "eta=.3 reaction=implicit", NULL},
    {"mmd", "eta=.1 reaction=linearized", NULL},
    {"spherical-mmd", "eta=.1 reaction=linearized", NULL},
    {"mmd", "eta=.1 reaction=positive regularization=.3", NULL},
    {"spherical-mmd", "eta=.1 reaction=positive regularization=.3", NULL},
    {"mmd", "eta=.01 reaction=gradient", "gradient"},
    {"spherical-mmd", "eta=.01 reaction=gradient", "gradient"},
    {"mmd", "eta=.3 reaction=exponential regularization=.3", "regularized"},
    {"spherical-mmd", "eta=.3 reaction=exponential regularization=.3", "regularized"},
    {"spherical-mmd", "eta=.3 reaction=implicit regularization=.3", "regularized"},
    {"spherical-mmd", "eta=.1 reaction=linearized regularization=.3", "regularized"},
    {"fisher-rao", "eta=.3 reaction=mirror", NULL},
    {"spherical-fisher-rao", "eta=.3 reaction=mirror", NULL},
    {"fisher-rao", "eta=.3 reaction=hellinger", NULL},
    {"spherical-fisher-rao", "eta=.3 reaction=hellinger", NULL},
    {"spherical-fisher-rao", "eta=.3 reaction=projected", "projected"},
    {"ift", "tau=.1 eta=.3 reaction=exponential", NULL},
    {"spherical-ift", "tau=.1 eta=.3 reaction=exponential", NULL},
    {"spherical-ift", "tau=.1 eta=.3 reaction=exponential center=old", NULL},
    {"ift", "tau=.1 eta=.3 reaction=implicit", NULL},
    {"spherical-ift", "tau=.1 eta=.3 reaction=implicit transport=implicit", NULL},
    {"spherical-ift", "tau=.1 eta=.3 reaction=exponential transport=heun splitting=strang", NULL},
    {"ift", "tau=.1 eta=.1 reaction=positive regularization=.3 splitting=strang", NULL},
    {"spherical-ift", "tau=.1 eta=.1 reaction=positive regularization=.3 transport=heun", NULL},
    {"spherical-ift", "tau=.1 eta=.01 reaction=gradient", "gradient"},
    {"spherical-ift", "preset=published batch=0 tau=.1 eta=.01", "published-ift"},
    {"wfr", "tau=.1 eta=.3 reaction=mirror", NULL},
    {"spherical-wfr", "tau=.1 eta=.3 reaction=mirror center=old", NULL},
    {"wfr", "tau=.1 eta=.3 reaction=hellinger", NULL},
    {"spherical-wfr", "tau=.1 eta=.3 reaction=hellinger transport=heun splitting=strang", NULL},
    {"spherical-wfr", "preset=published batch=0 tau=.1 eta=.3", "published-wfr"},
};
enum { WAYS = sizeof ways / sizeof ways[0] };

static bool keeps_mass(const way *w) {
  return strncmp(w->geometry, "spherical", 9) == 0 || strcmp(w->geometry, "wasserstein") == 0;
}

/* Are the weights those of a problem that the linear kernel leaves undecided? */
static bool solves_exactly(const way *w) {
  return (strstr(w->options, "exponential") || strstr(w->options, "reaction=implicit") ||
          strstr(w->options, "linearized")) &&
         !strstr(w->options, "regularization");
}

/* The update a exp(-eta g), then projected? */
static bool projects(const way *w) {
  return strstr(w->options, "projected") || (strstr(w->options, "published") && strstr(w->geometry, "wfr"));
}

/* Kernels with Gram matrices of full rank; the last ones have unbounded second derivatives at 0. */
static const char *const specs[] = {"gaussian:0.8", "matern32:1", "imq:0.7", "laplace:1.5", "energy", "riesz:1.4"};
enum { SPECS = 6, SMOOTH = 3 };

/* A random problem, the same for every way to look at it. One particle more than the arrays need, for its split. */
typedef struct problem {
  int64_t d, n;
  double x[(N + 1) * DIM], a[N + 1], y[M * DIM], w[M];
  const char *spec;
} problem;

static problem draw_problem(dice *d, const char *spec, const way *w) {
  problem p = {.d = 2 + dice_below(d, 2), .n = N, .spec = spec};
  for (int64_t i = 0; i < N; i++)
    for (bool clear = false; !clear;) {
      clear = true;
      for (int64_t l = 0; l < p.d; l++) p.x[i * p.d + l] = 2 * dice_normal(d);
      for (int64_t j = 0; j < i; j++) clear = clear && distance_of(p.x + i * p.d, p.x + j * p.d, p.d) > 1.2L;
    }
  dice_normals(d, p.y, M * p.d);
  dice_weights(d, p.a, N, keeps_mass(w) ? 1 : 0.7);
  dice_weights(d, p.w, M, 1);
  return p;
}

/* Five steps; x and a of the end. */
static void run(ift_context *context, const problem *p, const way *w, double *x, double *a) {
  char words[128], *rest = words;
  ift_energy *energy = make_energy(context, p->spec, p->y, M, p->d, p->w);
  ift_flow *flow = make_flow(context, w->geometry, energy, p->x, p->n, p->d, p->a);
  assert_status(IFT_OK, ift_flow_set_text(flow, "step_control", "fixed"));
  snprintf(words, sizeof words, "%s", w->options);
  for (char *word; (word = strtok_r(rest, " ", &rest)) != NULL;) {
    char *value = strchr(word, '=');
    *value++ = 0;
    if (ift_flow_set_text(flow, word, value) != IFT_OK) fail_msg("%s", ift_context_message(context));
  }
  const ift_status status = ift_flow_step(flow, STEPS);
  if (status != IFT_OK) fail_msg("%s %s: %s", w->geometry, w->options, ift_context_message(context));
  assert_status(IFT_OK, ift_measure_copy_positions(ift_flow_measure(flow), x));
  assert_status(IFT_OK, ift_measure_copy_weights(ift_flow_measure(flow), a));
  ift_flow_destroy(flow);
  ift_energy_destroy(energy);
}

static double largest_difference(const double *a, const double *b, int64_t count) {
  double largest = 0;
  for (int64_t i = 0; i < count; i++) theory_worst(&largest, fabs(a[i] - b[i]));
  return largest;
}

/* The largest of what was measured, and where. */
typedef struct worst {
  double value;
  char where[160];
} worst;

static void note(worst *w, double value, const way *where, const char *spec) {
  if (value <= w->value || isnan(w->value)) return;
  w->value = value;
  snprintf(w->where, sizeof w->where, "%s %s, %s", where->geometry, where->options, spec);
}

static void report(const char *part, const worst *w, double tolerance) {
  theory_remark("T11", "%s: the largest in %s", part, w->where);
  theory_report("T11", part, w->value, tolerance);
}

static void test_permutation(void **state) {
  (void)state;
  ift_context *context = make_context();
  dice d = {.state = 11};
  worst found = {0, ""};
  for (int trial = 0; trial < TRIALS; trial++)
    for (int k = 0; k < WAYS; k++) {
      const problem p = draw_problem(&d, specs[trial % SPECS], &ways[k]);
      problem shuffled = p;
      int order[N];
      for (int i = 0; i < N; i++) order[i] = i;
      for (int i = N - 1; i > 0; i--) {
        const int j = (int)dice_below(&d, i + 1), keep = order[i];
        order[i] = order[j], order[j] = keep;
      }
      for (int j = 0; j < M; j++) { /* the target backwards */
        memcpy(shuffled.y + j * p.d, p.y + (M - 1 - j) * p.d, sizeof *p.y * (size_t)p.d);
        shuffled.w[j] = p.w[M - 1 - j];
      }
      double x[2][N * DIM], a[2][N], expected_x[N * DIM], expected_a[N];
      for (int i = 0; i < N; i++) {
        memcpy(shuffled.x + i * p.d, p.x + order[i] * p.d, sizeof *p.x * (size_t)p.d);
        shuffled.a[i] = p.a[order[i]];
      }
      run(context, &p, &ways[k], x[0], a[0]);
      run(context, &shuffled, &ways[k], x[1], a[1]);
      for (int i = 0; i < N; i++) {
        memcpy(expected_x + i * p.d, x[0] + order[i] * p.d, sizeof *p.x * (size_t)p.d);
        expected_a[i] = a[0][order[i]];
      }
      note(&found, largest_difference(a[1], expected_a, N), &ways[k], p.spec);
      note(&found, largest_difference(x[1], expected_x, N * p.d), &ways[k], p.spec);
    }
  ift_context_destroy(context);
  report("permutation", &found, SAME);
}

/* A random orthogonal matrix: Gram and Schmidt, twice, on normals. */
static void draw_rotation(dice *d, double *q, int64_t dim) {
  dice_normals(d, q, dim * dim);
  for (int64_t i = 0; i < dim; i++)
    for (int pass = 0; pass < 2; pass++) {
      double length = 0;
      for (int64_t j = 0; j < i; j++) {
        const double along = (double)product_of(q + i * dim, q + j * dim, dim);
        for (int64_t l = 0; l < dim; l++) q[i * dim + l] -= along * q[j * dim + l];
      }
      length = (double)sqrtl(product_of(q + i * dim, q + i * dim, dim));
      for (int64_t l = 0; l < dim; l++) q[i * dim + l] /= length;
    }
}

static void rotate(const double *q, const double *from, double *to, int64_t n, int64_t d) {
  for (int64_t i = 0; i < n; i++)
    for (int64_t l = 0; l < d; l++) to[i * d + l] = (double)product_of(q + l * d, from + i * d, d);
}

static void test_rotation(void **state) {
  (void)state;
  ift_context *context = make_context();
  dice d = {.state = 1111};
  worst found = {0, ""};
  for (int trial = 0; trial < TRIALS + 2; trial++) /* x'y and its powers know no direction either */
    for (int k = 0; k < WAYS; k++) {
      const char *spec = trial < TRIALS ? specs[trial % SPECS] : trial == TRIALS ? "linear" : "polynomial:1,2";
      if (trial >= TRIALS && (!keeps_mass(&ways[k]) || solves_exactly(&ways[k]))) continue;
      problem p = draw_problem(&d, spec, &ways[k]);
      for (int64_t i = 0; i < N * p.d && trial >= TRIALS; i++) p.x[i] *= 0.2; /* g and its slope stay of O(1) */
      problem turned = p;
      double q[DIM * DIM], x[2][N * DIM], a[2][N], expected[N * DIM];
      draw_rotation(&d, q, p.d);
      rotate(q, p.x, turned.x, N, p.d);
      rotate(q, p.y, turned.y, M, p.d);
      run(context, &p, &ways[k], x[0], a[0]);
      run(context, &turned, &ways[k], x[1], a[1]);
      rotate(q, x[0], expected, N, p.d);
      note(&found, largest_difference(a[1], a[0], N), &ways[k], p.spec);
      note(&found, largest_difference(x[1], expected, N * p.d), &ways[k], p.spec);
    }
  ift_context_destroy(context);
  report("rotation", &found, SAME);
}

/* How far a flow of the translated problem is from the translated flow. `size` of the translation. */
static double translate(ift_context *context, dice *d, const problem *p, const way *w, double size) {
  problem moved = *p;
  double shift[DIM], x[2][N * DIM], a[2][N];
  dice_normals(d, shift, DIM);
  for (int l = 0; l < DIM; l++) shift[l] *= size;
  for (int64_t i = 0; i < N * p->d; i++) moved.x[i] += shift[i % p->d];
  for (int64_t i = 0; i < M * p->d; i++) moved.y[i] += shift[i % p->d];
  run(context, p, w, x[0], a[0]);
  run(context, &moved, w, x[1], a[1]);
  for (int64_t i = 0; i < N * p->d; i++) x[0][i] += shift[i % p->d];
  double largest = largest_difference(a[1], a[0], N);
  theory_worst(&largest, largest_difference(x[1], x[0], N * p->d));
  return largest;
}

static void test_translation(void **state) {
  (void)state;
  ift_context *context = make_context();
  dice d = {.state = 111111};
  worst found = {0, ""}, linear = {0, ""}, linear_free = {0, ""}, linear_projected = {0, ""}, polynomial = {0, ""};
  for (int k = 0; k < WAYS; k++) {
    for (int trial = 0; trial < TRIALS; trial++) {
      const problem p = draw_problem(&d, specs[trial % SPECS], &ways[k]);
      note(&found, translate(context, &d, &p, &ways[k], 1), &ways[k], p.spec);
    }
    if (solves_exactly(&ways[k])) continue; /* the weights of exact reactions are not unique: K has rank d */
    if (!keeps_mass(&ways[k]) && strstr(ways[k].options, "hellinger")) continue; /* g is too low: no minimizer */
    problem p = draw_problem(&d, "linear", &ways[k]);
    for (int64_t i = 0; i < N * p.d; i++) p.x[i] *= 0.2; /* so that free masses stay where they are in a few steps */
    for (int64_t i = 0; i < M * p.d; i++) p.y[i] *= 0.2;
    if (!keeps_mass(&ways[k]))
      note(&linear_free, DIFFERENT / translate(context, &d, &p, &ways[k], 0.3), &ways[k], p.spec);
    else if (projects(&ways[k]))
      note(&linear_projected, DIFFERENT / translate(context, &d, &p, &ways[k], 0.3), &ways[k], p.spec);
    else
      note(&linear, translate(context, &d, &p, &ways[k], 1), &ways[k], p.spec);
    p.spec = "polynomial:1,2";
    note(&polynomial, DIFFERENT / translate(context, &d, &p, &ways[k], 0.3), &ways[k], p.spec);
  }
  ift_context_destroy(context);
  report("translation", &found, SAME);
  report("translation-linear", &linear, SAME);
  report("not-translation-linear-free", &linear_free, 1);
  report("not-translation-linear-projected", &linear_projected, 1);
  report("not-translation-polynomial", &polynomial, 1);
}

/* MMD, for any masses, between what comes of a measure and of the same with a particle cut in two. */
static double split(ift_context *context, dice *d, const problem *p, const way *w) {
  static const formula gaussian = {.kind = "gaussian", .p = 1};
  problem cut = *p;
  const int64_t which = dice_below(d, N);
  const double share = dice_between(d, 0.2, 0.8);
  double x[2][(N + 1) * DIM], a[2][N + 1];
  cut.n = N + 1;
  memcpy(cut.x + N * p->d, p->x + which * p->d, sizeof *p->x * (size_t)p->d);
  cut.a[N] = share * p->a[which];
  cut.a[which] = p->a[which] - cut.a[N];
  run(context, p, w, x[0], a[0]);
  run(context, &cut, w, x[1], a[1]);
  const double mmd2 = formula_mmd2(&gaussian, x[0], N, a[0], x[1], N + 1, a[1], p->d);
  return mmd2 < 0 ? 0 : sqrt(mmd2);
}

static void test_splitting(void **state) {
  (void)state;
  static const char *const counting[] = {"euclidean", "gradient",      "regularized",
                                         "projected", "published-ift", "published-wfr"};
  ift_context *context = make_context();
  dice d = {.state = 11111111};
  worst found = {0, ""}, differs[6] = {{0, ""}};
  for (int k = 0; k < WAYS; k++) {
    double largest = 0; /* a single problem may come out alike, where no weight takes part */
    const int kernels = strstr(ways[k].options, "transport=implicit") ? SMOOTH : SPECS;
    for (int trial = 0; trial < TRIALS; trial++) {
      const problem p = draw_problem(&d, specs[trial % kernels], &ways[k]);
      const double distance = split(context, &d, &p, &ways[k]);
      if (!ways[k].counts) note(&found, distance, &ways[k], p.spec);
      theory_worst(&largest, distance);
    }
    for (int c = 0; c < 6; c++)
      if (ways[k].counts && strcmp(ways[k].counts, counting[c]) == 0)
        note(&differs[c], DIFFERENT / largest, &ways[k], "all kernels");
  }
  ift_context_destroy(context);
  report("splitting", &found, MERGED);
  for (int c = 0; c < 6; c++) {
    char part[64];
    assert_true(differs[c].value > 0);
    snprintf(part, sizeof part, "not-splitting-%s", counting[c]);
    report(part, &differs[c], 1);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_permutation),
      cmocka_unit_test(test_rotation),
      cmocka_unit_test(test_translation),
      cmocka_unit_test(test_splitting),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
