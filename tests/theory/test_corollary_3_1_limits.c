/* T5, Corollary 3.1. The MMD flow tends to the Fisher-Rao flow.
 *
 * The paper lets the width of the kernel go to 0, formally. Two statements with numbers stand for it.
 *
 * (a) In the metric MMD^2 + eps Fisher-Rao the flow of the weights is a' = -M(g - lam 1),
 *
 *       M = A^{1/2} (A^{1/2} K A^{1/2} + eps I)^{-1} A^{1/2},  A = diag(a),  lam = 1'Mg/1'M1 (0 where mass is free).
 *
 *     With e_min and e_max the extreme eigenvalues of A^{1/2}KA^{1/2} and errors in the norm of Fisher-Rao,
 *     |A^{-1/2} a'|, relative,
 *
 *       a'      against  -K^{-1}(g - lam 1), the MMD flow                <= 2 eps/e_min
 *       eps a'  against  -a(g - a'g/m) (-a g), the Fisher-Rao flow       <= 2 e_max/eps
 *
 *     (printed: the error over eps/e_min or e_max/eps, with 2 for tolerance). The library's step `positive`, b_i =
 *     a_i exp(-(eta/eps) [g_i - lam + (K a')_i]), scaled to the mass where that is kept, is compared with this formula
 *     to 1e-12 (after transport, too: K and g at the new positions), and its derivative in eta, extrapolated from five
 *     steps, with -M(g - lam 1) and with both limits.
 *
 * (b) With the kernel k_s(x, y) / sqrt(rho(x) rho(y)), k_s Gaussian, rho = K_s a, whose integral against mu is nearly 1
 *     as the corollary supposes, -K^{-1}(g - lam 1) equals -a(g - a'g/m), in the same norm, to 1e-3 at s = d_min/4
 *     and 1e-12 at s = d_min/8, d_min the smallest distance between particles, where no weight is more than twice
 *     another (the error is about exp(-8), exp(-32) times a_j/a_i of neighbors). By linear algebra for any g, and
 *     by the library's exponential and linearized steps with this kernel as a custom one, which are compared with the
 *     derivative of its mirror step, too.
 *
 *     An erratum: the plain Gaussian kernel tends to the flat flow, -(g - mean g), and not to Fisher-Rao: its Gram
 *     matrix tends to I, not to A^{-1}. */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_eigen.h>
#include <gsl/gsl_linalg.h>

#include "support/kernels.h"
#include "support/make.h"
#include "support/random.h"
#include "theory/theory.h"

enum { N = 10, M = 12, DIM = 2, TRIALS = 12 };

typedef struct scene {
  int n;
  double x[N * DIM], a[N], mass, y[M * DIM], w[M];
  double k[N * N], g[N]; /* Gram matrix and first variation */
} scene;

/* ---- linear algebra ---- */

/* Solves (D K D + shift I) z = right, D = diag(d) (NULL: I). */
static void solve(const scene *s, const double *d, double shift, const double *right, double *z) {
  const size_t n = (size_t)s->n;
  gsl_matrix *matrix = gsl_matrix_alloc(n, n);
  gsl_vector *solution = gsl_vector_alloc(n);
  for (size_t i = 0; i < n; i++) {
    for (size_t j = 0; j < n; j++)
      gsl_matrix_set(matrix, i, j, s->k[i * n + j] * (d ? d[i] * d[j] : 1) + (i == j ? shift : 0));
    gsl_vector_set(solution, i, right[i]);
  }
  gsl_linalg_cholesky_decomp1(matrix);
  gsl_linalg_cholesky_svx(matrix, solution);
  for (size_t i = 0; i < n; i++) z[i] = gsl_vector_get(solution, i);
  gsl_vector_free(solution);
  gsl_matrix_free(matrix);
}

static double sum_of(const double *v, int n) {
  double sum = 0;
  for (int i = 0; i < n; i++) sum += v[i];
  return sum;
}

/* a' = -(B g - lam B 1) with B g in `bg` and B 1 in `b1`, lam = 1'Bg / 1'B1 or 0. Returns lam. */
static double center(const scene *s, bool kept, const double *bg, const double *b1, double *rate) {
  const double lam = kept ? sum_of(bg, s->n) / sum_of(b1, s->n) : 0;
  for (int i = 0; i < s->n; i++) rate[i] = -(bg[i] - lam * b1[i]);
  return lam;
}

/* The flow of the metric MMD^2 + eps Fisher-Rao; *lam may be NULL. */
static void regularized_rate(const scene *s, bool kept, double eps, double *rate, double *lam) {
  double root[N], g[N], one[N];
  for (int i = 0; i < s->n; i++) root[i] = sqrt(s->a[i]), g[i] = root[i] * s->g[i], one[i] = root[i];
  solve(s, root, eps, g, g);
  solve(s, root, eps, one, one);
  for (int i = 0; i < s->n; i++) g[i] *= root[i], one[i] *= root[i];
  const double multiplier = center(s, kept, g, one, rate);
  if (lam) *lam = multiplier;
}

static void mmd_rate(const scene *s, bool kept, double *rate) {
  double g[N], one[N];
  for (int i = 0; i < s->n; i++) one[i] = 1;
  solve(s, NULL, 0, s->g, g);
  solve(s, NULL, 0, one, one);
  center(s, kept, g, one, rate);
}

static void fisher_rao_rate(const scene *s, bool kept, double *rate) {
  double ag[N];
  for (int i = 0; i < s->n; i++) ag[i] = s->a[i] * s->g[i];
  center(s, kept, ag, s->a, rate);
}

/* Relative, in the norm of Fisher-Rao. */
static double rate_error(const scene *s, const double *rate, double factor, const double *expected) {
  double error = 0, size = 0;
  for (int i = 0; i < s->n; i++) {
    error += (factor * rate[i] - expected[i]) * (factor * rate[i] - expected[i]) / s->a[i];
    size += expected[i] * expected[i] / s->a[i];
  }
  return sqrt(error / size);
}

/* Relative to the largest entry. */
static double largest_error(const double *rate, const double *expected, int n) {
  double error = 0, size = 0;
  for (int i = 0; i < n; i++) {
    theory_worst(&error, fabs(rate[i] - expected[i]));
    size = fmax(size, fabs(expected[i]));
  }
  return error / size;
}

/* Extreme eigenvalues of A^{1/2} K A^{1/2}. */
static void extremes(const scene *s, double *least, double *most) {
  const size_t n = (size_t)s->n;
  gsl_matrix *matrix = gsl_matrix_alloc(n, n);
  gsl_vector *values = gsl_vector_alloc(n);
  gsl_eigen_symm_workspace *work = gsl_eigen_symm_alloc(n);
  for (size_t i = 0; i < n; i++)
    for (size_t j = 0; j < n; j++) gsl_matrix_set(matrix, i, j, s->k[i * n + j] * sqrt(s->a[i]) * sqrt(s->a[j]));
  gsl_eigen_symm(matrix, values, work);
  gsl_vector_minmax(values, least, most);
  gsl_eigen_symm_free(work);
  gsl_vector_free(values);
  gsl_matrix_free(matrix);
}

/* ---- (a) ---- */

static const char *const specs[] = {"gaussian:0.8", "matern32:1", "imq:0.7", "laplace:1.5"};
static const formula kernels[] = {
    {"gaussian", "", 0.8, 0, false, false, true},
    {"matern32", "", 1, 0, false, false, true},
    {"imq", "", 0.7, 0.5, false, false, true},
    {"laplace", "", 1.5, 0, false, true, true},
};

/* K and g of the MMD energy. */
static void fill(scene *s, const formula *f) {
  for (int i = 0; i < N; i++) {
    const double *x = s->x + i * DIM;
    for (int j = 0; j < N; j++) s->k[i * N + j] = formula_value(f, x, s->x + j * DIM, DIM);
    s->g[i] = formula_sum(f, x, s->x, N, DIM, s->a) - formula_sum(f, x, s->y, M, DIM, s->w);
  }
}

/* Particles at least .8 apart and a target of mass 1. */
static scene draw_scene(dice *d, const formula *f, double mass) {
  scene s = {.n = N, .mass = mass};
  for (int i = 0; i < N; i++)
    for (bool clear = false; !clear;) {
      clear = true;
      for (int l = 0; l < DIM; l++) s.x[i * DIM + l] = dice_between(d, -2, 2);
      for (int j = 0; j < i; j++) clear = clear && distance_of(s.x + i * DIM, s.x + j * DIM, DIM) > 0.8L;
    }
  dice_normals(d, s.y, M * DIM);
  dice_weights(d, s.a, N, mass);
  dice_weights(d, s.w, M, 1);
  fill(&s, f);
  return s;
}

/* One step of the library in a geometry without transport. */
static void step(ift_context *context, const ift_energy *energy, const scene *s, const char *geometry,
                 const char *reaction, double eps, double eta, double *b) {
  ift_flow *flow = make_flow(context, geometry, energy, s->x, s->n, DIM, s->a);
  assert_status(IFT_OK, ift_flow_set_text(flow, "step_control", "fixed"));
  assert_status(IFT_OK, ift_flow_set_text(flow, "reaction", reaction));
  if (eps > 0) assert_status(IFT_OK, ift_flow_set_real(flow, "regularization", eps));
  assert_status(IFT_OK, ift_flow_set_real(flow, "eta", eta));
  assert_status(IFT_OK, ift_flow_step(flow, 1));
  assert_status(IFT_OK, ift_measure_copy_weights(ift_flow_measure(flow), b));
  ift_flow_destroy(flow);
}

/* (b(eta) - a)/eta at eta -> 0, from eta, eta/2, ... eta/16 (Neville). */
static void library_rate(ift_context *context, const ift_energy *energy, const scene *s, const char *geometry,
                         const char *reaction, double eps, double eta, double *rate) {
  enum { LEVELS = 5 };
  double table[LEVELS][N];
  for (int level = 0; level < LEVELS; level++) {
    const double h = eta / (1 << level);
    step(context, energy, s, geometry, reaction, eps, h, table[level]);
    for (int i = 0; i < s->n; i++) table[level][i] = (table[level][i] - s->a[i]) / h;
  }
  for (int order = 1; order < LEVELS; order++)
    for (int level = LEVELS - 1; level >= order; level--)
      for (int i = 0; i < s->n; i++) table[level][i] += (table[level][i] - table[level - 1][i]) / ((1 << order) - 1);
  memcpy(rate, table[LEVELS - 1], sizeof *rate * (size_t)s->n);
}

/* The largest |a'|/a, so that steps can be small against it. */
static double speed(const scene *s, const double *rate) {
  double largest = 0;
  for (int i = 0; i < s->n; i++) largest = fmax(largest, fabs(rate[i]) / s->a[i]);
  return largest;
}

typedef struct findings {
  double mmd, fisher_rao;                 /* formula: error over eps/e_min and e_max/eps */
  double step, rate, moved;               /* library against formula */
  double library_mmd, library_fisher_rao; /* library against the limits, alike */
  double mirror;                          /* library against library: mirror */
} findings;

/* b of one step, by its definition. */
static void expected_step(const scene *s, bool kept, double eps, double eta, double *b) {
  double rate[N], lam;
  regularized_rate(s, kept, eps, rate, &lam);
  for (int i = 0; i < s->n; i++) {
    long double bracket = (long double)s->g[i] - lam;
    for (int j = 0; j < s->n; j++) bracket += (long double)s->k[i * s->n + j] * rate[j];
    b[i] = s->a[i] * (double)expl(-(eta / eps) * bracket);
  }
  const double sum = sum_of(b, s->n);
  for (int i = 0; kept && i < s->n; i++) b[i] *= s->mass / sum;
}

static void compare_limits(ift_context *context, const ift_energy *energy, const scene *s, bool kept, findings *f) {
  const char *mmd = kept ? "spherical-mmd" : "mmd", *fr = kept ? "spherical-fisher-rao" : "fisher-rao";
  double least, most, to_mmd[N], to_fisher_rao[N], rate[N], library[N];
  extremes(s, &least, &most);
  mmd_rate(s, kept, to_mmd);
  fisher_rao_rate(s, kept, to_fisher_rao);
  for (double share = 1e-5; share < 1; share *= 10) {
    const double eps = share * least;
    regularized_rate(s, kept, eps, rate, NULL);
    theory_worst(&f->mmd, rate_error(s, rate, 1, to_mmd) / share);
    library_rate(context, energy, s, mmd, "positive", eps, 0.02 / speed(s, rate), library);
    theory_worst(&f->library_mmd, rate_error(s, library, 1, to_mmd) / share);
  }
  for (double share = 1e-5; share < 1; share *= 10) {
    const double eps = most / share;
    regularized_rate(s, kept, eps, rate, NULL);
    theory_worst(&f->fisher_rao, rate_error(s, rate, eps, to_fisher_rao) / share);
    library_rate(context, energy, s, mmd, "positive", eps, 0.02 / speed(s, rate), library);
    theory_worst(&f->library_fisher_rao, rate_error(s, library, eps, to_fisher_rao) / share);
  }
  /* eps = 1e8 e_max is Fisher-Rao to 2e-8 */
  const double eps = 1e8 * most, eta = 0.3;
  double b[2][N];
  step(context, energy, s, mmd, "positive", eps, eps * eta, b[0]);
  step(context, energy, s, fr, "mirror", 0, eta, b[1]);
  theory_worst(&f->mirror, largest_error(b[0], b[1], s->n));
}

static void compare_steps(ift_context *context, const ift_energy *energy, const scene *s, bool kept, findings *f) {
  const char *geometry = kept ? "spherical-mmd" : "mmd";
  for (double eps = 0.01; eps < 200; eps *= 10)
    for (double eta = 0.001; eta < 2; eta *= 10) {
      double b[N], expected[N], rate[N], library[N];
      step(context, energy, s, geometry, "positive", eps, eta, b);
      expected_step(s, kept, eps, eta, expected);
      theory_worst(&f->step, largest_error(b, expected, s->n));
      regularized_rate(s, kept, eps, rate, NULL);
      library_rate(context, energy, s, geometry, "positive", eps, 0.02 / speed(s, rate), library);
      theory_worst(&f->rate, largest_error(library, rate, s->n));
    }
}

/* After transport: K and g are those at the new positions, of the old weights. */
static void compare_moved(ift_context *context, const ift_energy *energy, const scene *s, const formula *kernel,
                          bool kept, findings *f) {
  const double eps = 0.3, eta = 0.5;
  double expected[N];
  scene moved = *s;
  ift_flow *flow = make_flow(context, kept ? "spherical-ift" : "ift", energy, s->x, N, DIM, s->a);
  assert_status(IFT_OK, ift_flow_set_text(flow, "step_control", "fixed"));
  assert_status(IFT_OK, ift_flow_set_text(flow, "reaction", "positive"));
  assert_status(IFT_OK, ift_flow_set_real(flow, "regularization", eps));
  assert_status(IFT_OK, ift_flow_set_real(flow, "tau", 0.3));
  assert_status(IFT_OK, ift_flow_set_real(flow, "eta", eta));
  assert_status(IFT_OK, ift_flow_step(flow, 1));
  assert_status(IFT_OK, ift_measure_copy_positions(ift_flow_measure(flow), moved.x));
  fill(&moved, kernel);
  expected_step(&moved, kept, eps, eta, expected);
  theory_worst(&f->moved, largest_error(ift_measure_weights(ift_flow_measure(flow)), expected, N));
  ift_flow_destroy(flow);
}

static void test_regularized_metric(void **state) {
  (void)state;
  ift_context *context = make_context();
  dice d = {.state = 5};
  findings f[2] = {{.mmd = 0}, {.mmd = 0}};
  for (int trial = 0; trial < TRIALS; trial++)
    for (int kept = 0; kept < 2; kept++) {
      const scene s = draw_scene(&d, &kernels[trial % 4], trial % 3 ? 1 : 0.6);
      ift_energy *energy = make_energy(context, specs[trial % 4], s.y, M, DIM, s.w);
      compare_limits(context, energy, &s, kept, &f[kept]);
      compare_steps(context, energy, &s, kept, &f[kept]);
      compare_moved(context, energy, &s, &kernels[trial % 4], kept, &f[kept]);
      ift_energy_destroy(energy);
    }
  ift_context_destroy(context);
  for (int kept = 0; kept < 2; kept++) {
    const struct {
      const char *name;
      double measured, tolerance;
    } rows[] = {{"to-mmd", f[kept].mmd, 2},
                {"to-fisher-rao", f[kept].fisher_rao, 2},
                {"positive-step", f[kept].step, 1e-12},
                {"positive-step-moved", f[kept].moved, 1e-12},
                {"positive-rate", f[kept].rate, 1e-9},
                {"positive-to-mmd", f[kept].library_mmd, 2},
                {"positive-to-fisher-rao", f[kept].library_fisher_rao, 2},
                {"positive-to-mirror", f[kept].mirror, 2e-8}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
      char part[64];
      snprintf(part, sizeof part, "a-%s-%s", rows[i].name, kept ? "kept" : "free");
      theory_report("T5", part, rows[i].measured, rows[i].tolerance);
    }
  }
}

/* ---- (b) ---- */

/* The kernel k_s(x, y) / sqrt(rho(x) rho(y)); `plain`: k_s alone. */
typedef struct narrow {
  const scene *scene;
  double width;
  bool plain;
} narrow;

static double narrow_at(const narrow *k, const double *x, const double *y) {
  double square = 0;
  for (int l = 0; l < DIM; l++) square += (x[l] - y[l]) * (x[l] - y[l]);
  return exp(-square / (2 * k->width * k->width));
}

/* rho(x), and its gradient over rho. */
static double density_at(const narrow *k, const double *x, double *slope) {
  double rho = 0;
  for (int l = 0; l < DIM; l++) slope[l] = 0;
  if (k->plain) return 1;
  for (int i = 0; i < k->scene->n; i++) {
    const double *center_i = k->scene->x + i * DIM, part = k->scene->a[i] * narrow_at(k, x, center_i);
    rho += part;
    for (int l = 0; l < DIM; l++) slope[l] -= part * (x[l] - center_i[l]) / (k->width * k->width);
  }
  for (int l = 0; l < DIM; l++) slope[l] /= rho;
  return rho;
}

static int evaluate_narrow(double *values, double *gradients, const double *x, int64_t n, const double *y, int64_t m,
                           int64_t d, void *user) {
  const narrow *k = user;
  for (int64_t i = 0; i < n; i++)
    for (int64_t j = 0; j < m; j++) {
      double slope[DIM], unused[DIM];
      const double rho = density_at(k, x + i * d, slope) * density_at(k, y + j * d, unused);
      const double value = narrow_at(k, x + i * d, y + j * d) / sqrt(rho);
      values[i * m + j] = value;
      for (int64_t l = 0; gradients && l < d; l++)
        gradients[(i * m + j) * d + l] =
            value * (-(x[i * d + l] - y[j * d + l]) / (k->width * k->width) - slope[l] / 2);
    }
  return 0;
}

static ift_energy *narrow_energy(ift_context *context, narrow *k) {
  ift_kernel *kernel;
  ift_energy *energy;
  ift_target *target = make_samples(context, k->scene->y, M, DIM, k->scene->w);
  assert_status(IFT_OK, ift_kernel_custom(context, &kernel, evaluate_narrow, k, NULL));
  assert_status(IFT_OK, ift_energy_mmd(context, &energy, kernel, target));
  ift_target_destroy(target);
  ift_kernel_destroy(kernel);
  return energy;
}

/* Fills in K and g of the MMD energy. */
static void evaluate_scene(scene *s, const narrow *k) {
  double unused[DIM];
  for (int i = 0; i < s->n; i++) {
    const double *x = s->x + i * DIM, rho = density_at(k, x, unused);
    s->g[i] = 0;
    for (int j = 0; j < s->n; j++) {
      const double *y = s->x + j * DIM;
      s->k[i * s->n + j] = narrow_at(k, x, y) / sqrt(rho * density_at(k, y, unused));
      s->g[i] += s->a[j] * s->k[i * s->n + j];
    }
    for (int j = 0; j < M; j++)
      s->g[i] -= s->w[j] * narrow_at(k, x, s->y + j * DIM) / sqrt(rho * density_at(k, s->y + j * DIM, unused));
  }
}

static double smallest_distance(const scene *s) {
  long double least = INFINITY;
  for (int i = 0; i < s->n; i++)
    for (int j = 0; j < i; j++) least = fminl(least, distance_of(s->x + i * DIM, s->x + j * DIM, DIM));
  return (double)least;
}

/* The flat flow, -(g - mean g). */
static void flat_rate(const scene *s, double *rate) {
  double one[N];
  for (int i = 0; i < N; i++) one[i] = 1;
  center(s, true, s->g, one, rate);
}

/* What the library's exact step says of the rate: b = a + size a', with size = 1 - exp(-eta) or eta. */
static double step_error(ift_context *context, const ift_energy *energy, const scene *s, const char *reaction,
                         const double *expected) {
  const double eta = 0.05, size = strcmp(reaction, "exponential") == 0 ? -expm1(-eta) : eta;
  double b[N];
  step(context, energy, s, "spherical-mmd", reaction, 0, eta, b);
  for (int i = 0; i < s->n; i++) b[i] = (b[i] - s->a[i]) / size;
  return rate_error(s, b, 1, expected);
}

typedef struct narrow_findings {
  double any_g, exponential, linearized, mirror, flat, flat_step, unlike;
} narrow_findings;

static void try_width(ift_context *context, scene *s, dice *d, double width, narrow_findings *f) {
  narrow k = {.scene = s, .width = width};
  double rate[N], expected[N], mirror[N];
  evaluate_scene(s, &k);
  fisher_rao_rate(s, true, expected);
  ift_energy *energy = narrow_energy(context, &k);
  theory_worst(&f->exponential, step_error(context, energy, s, "exponential", expected));
  theory_worst(&f->linearized, step_error(context, energy, s, "linearized", expected));
  library_rate(context, energy, s, "spherical-fisher-rao", "mirror", 0, 0.02 / speed(s, expected), mirror);
  theory_worst(&f->mirror, step_error(context, energy, s, "exponential", mirror));
  ift_energy_destroy(energy);
  dice_normals(d, s->g, N);
  mmd_rate(s, true, rate);
  fisher_rao_rate(s, true, expected);
  theory_worst(&f->any_g, rate_error(s, rate, 1, expected));
  k.plain = true;
  evaluate_scene(s, &k);
  energy = narrow_energy(context, &k);
  flat_rate(s, expected);
  theory_worst(&f->flat_step, step_error(context, energy, s, "exponential", expected));
  ift_energy_destroy(energy);
  dice_normals(d, s->g, N);
  mmd_rate(s, true, rate);
  flat_rate(s, expected);
  theory_worst(&f->flat, rate_error(s, rate, 1, expected));
  fisher_rao_rate(s, true, expected);
  theory_worst(&f->unlike, 1 / rate_error(s, rate, 1, expected));
}

static void test_narrow_kernel(void **state) {
  (void)state;
  static const double parts[] = {4, 8}, tolerances[] = {1e-3, 1e-12};
  ift_context *context = make_context();
  dice d = {.state = 55};
  narrow_findings f[2] = {{.any_g = 0}, {.any_g = 0}};
  for (int trial = 0; trial < TRIALS; trial++) {
    scene s = draw_scene(&d, &kernels[0], 1);
    for (int i = 0; i < N; i++) s.a[i] = dice_between(&d, 0.5, 1);
    const double sum = sum_of(s.a, N);
    for (int i = 0; i < N; i++) s.a[i] /= sum;
    const double least = smallest_distance(&s);
    for (int which = 0; which < 2; which++) {
      const double width = least / parts[which];
      for (int j = 0; j < M; j++) /* samples where the kernel sees them */
        for (int l = 0; l < DIM; l++) s.y[j * DIM + l] = s.x[j % N * DIM + l] + width * dice_between(&d, -0.7, 0.7);
      try_width(context, &s, &d, width, &f[which]);
    }
  }
  ift_context_destroy(context);
  for (int which = 0; which < 2; which++) {
    const struct {
      const char *name;
      double measured, tolerance;
    } rows[] = {{"any-g", f[which].any_g, tolerances[which]},
                {"exponential", f[which].exponential, tolerances[which]},
                {"linearized", f[which].linearized, tolerances[which]},
                {"mirror", f[which].mirror, which ? 1e-9 : 1e-3},
                {"erratum-flat", f[which].flat, tolerances[which]},
                {"erratum-flat-step", f[which].flat_step, tolerances[which]},
                {"erratum-one-over-distance", f[which].unlike, 3}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
      char part[64];
      snprintf(part, sizeof part, "b-%s-at-%g", rows[i].name, parts[which]);
      theory_report("T5", part, rows[i].measured, rows[i].tolerance);
    }
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_regularized_metric),
      cmocka_unit_test(test_narrow_kernel),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
