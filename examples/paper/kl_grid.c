/* Proposition 3.6 of the paper: where V'' >= lambda, KL falls along the spherical-ift flow (13) at least as
 * e^{-2 alpha lambda t}. On a grid, beside the Wasserstein flow and spherical-wfr, alpha = beta = 1.
 *
 *     kl_grid quadratic|quartic|double-well|balanced CURVES DENSITIES [SIGMA]
 *
 * prints a table. CURVES gets t, KL in each geometry and the bound; DENSITIES t, x, the density in each geometry and
 * that of pi. SIGMA is the width of the kernel, 0.5 by default. */
#include "grid.h"
#include "paper.h"

enum { WASSERSTEIN, IFT, WFR, GEOMETRIES };
static const char *const geometries[GEOMETRIES] = {"wasserstein", "spherical-ift", "spherical-wfr"};

static const double tau = 0.01; /* of both halves of a step: alpha = beta = 1 */

typedef struct scene {
  const char *name, *start;
  double (*potential)(double);
  double lambda; /* V'' >= lambda; 0 where there is none */
  double side, h, left, right, deviation;
  int steps, balanced; /* balanced: each well has its mass from the start */
} scene;

static const scene scenes[] = {
    {"quadratic", "N(2, 0.3^2)", quadratic, 1, 6, 0.1, 2, 2, 0.3, 200, 0},
    {"quartic", "N(-1.5, 0.25^2) and N(2, 0.25^2), half of each", quartic, 1, 4.2, 0.07, -1.5, 2, 0.25, 200, 0},
    {"double-well", "N(-1.4, 0.15^2), all in the shallower well", double_well, 0, 3.2, 0.05, -1.4, -1.4, 0.15, 500, 0},
    {"balanced", "N(-1.1, 0.15^2) and N(1.4, 0.15^2), each of the mass of its well", double_well, 0, 3.2, 0.05, -1.1,
     1.4, 0.15, 200, 1},
};
enum { SCENES = sizeof scenes / sizeof *scenes };

typedef struct run {
  double u[GRID_MOST], kl, earlier; /* earlier: at the last row of the table */
} run;

/* The worst of all steps. */
typedef struct record {
  double rise, mass;
  int newton;
} record;

/* KL after a half, and what the half did that it should not do. */
static void note(const grid *g, run *of, record *worst) {
  const double kl = grid_kl(g, of->u);
  worst->rise = fmax(worst->rise, kl - of->kl);
  worst->mass = fmax(worst->mass, fabs(grid_mass(g, of->u) - 1));
  of->kl = kl;
}

static void advance(const grid *g, int geometry, run *of, record *worst) {
  grid_transport(g, of->u, tau);
  note(g, of, worst);
  if (geometry == IFT) {
    const int newton = grid_mmd_reaction(g, of->u, tau);
    if (newton > worst->newton) worst->newton = newton;
  }
  if (geometry == WFR) grid_fisher_rao_reaction(g, of->u, tau);
  note(g, of, worst);
}

static void write_densities(FILE *out, const grid *g, const run *runs, double t) {
  for (int i = 0; i < g->n; i++) {
    fprintf(out, "%.3f,%.6g", t, g->x[i]);
    for (int k = 0; k < GEOMETRIES; k++) fprintf(out, ",%.5g", runs[k].u[i] / g->h);
    fprintf(out, ",%.5g\n", g->pi[i] / g->h);
  }
}

static void print_row(const scene *s, run *runs, int step, double bound, int every) {
  printf("  %6.2f ", tau * step);
  for (int k = 0; k < GEOMETRIES; k++) printf(" %14.2e", runs[k].kl);
  if (s->lambda > 0)
    for (int k = 0; k < GEOMETRIES; k++) printf("%s%9.1e", k ? " " : "   ", runs[k].kl / bound);
  for (int k = 0; k < GEOMETRIES; k++) {
    if (step > 0) printf("%s %6.2f", k ? "" : "  ", log(runs[k].earlier / runs[k].kl) / (tau * every));
    runs[k].earlier = runs[k].kl;
  }
  printf("\n");
}

static void flow(const scene *s, double sigma, FILE *curves, FILE *densities) {
  static grid g;
  run runs[GEOMETRIES];
  record worst = {-INFINITY, 0, 0};
  const int every = s->steps / 10;
  grid_make(&g, s->potential, s->side, s->h, sigma);
  for (int k = 0; k < GEOMETRIES; k++) {
    grid_bumps(&g, runs[k].u, s->left, s->right, s->deviation);
    if (s->balanced) grid_balance(&g, runs[k].u);
    runs[k].kl = grid_kl(&g, runs[k].u);
  }
  const double first = runs[0].kl;
  for (int step = 0; step <= s->steps; step++) {
    const double t = tau * step, bound = exp(-2 * s->lambda * t) * first;
    for (int k = 0; step > 0 && k < GEOMETRIES; k++) advance(&g, k, &runs[k], &worst);
    if (step % every == 0) print_row(s, runs, step, bound, every);
    fprintf(curves, "%.3f", t);
    for (int k = 0; k < GEOMETRIES; k++) fprintf(curves, ",%.6g", runs[k].kl);
    fprintf(curves, ",%.6g\n", bound);
    if (step % (s->steps / 100) == 0) write_densities(densities, &g, runs, t);
  }
  printf("  largest rise of KL in half a step %.1e, error of the mass %.1e; Newton steps of a reaction: at most %d\n",
         worst.rise, worst.mass, worst.newton);
}

int main(int argc, char **argv) {
  const scene *s = NULL;
  for (int k = 0; (argc == 4 || argc == 5) && k < SCENES; k++)
    if (strcmp(scenes[k].name, argv[1]) == 0) s = &scenes[k];
  const double sigma = argc == 5 ? strtod(argv[4], NULL) : 0.5;
  if (!s || !(sigma > 0)) {
    fprintf(stderr, "usage: kl_grid quadratic|quartic|double-well|balanced CURVES DENSITIES [SIGMA]\n");
    return 2;
  }
  FILE *curves = open_csv(argv[2]), *densities = open_csv(argv[3]);
  fprintf(curves, "t,%s,%s,%s,bound\n", geometries[0], geometries[1], geometries[2]);
  fprintf(densities, "t,x,%s,%s,%s,pi\n", geometries[0], geometries[1], geometries[2]);
  printf("\n  %s, from %s; kernel exp(-r^2/(2 %g^2)), tau = eta = %g\n       t ", s->name, s->start, sigma, tau);
  for (int k = 0; k < GEOMETRIES; k++) printf(" %14s", geometries[k]);
  printf("%s    rate since the row before\n", s->lambda > 0 ? "   KL / (e^-2t KL_0), each     " : "");
  flow(s, sigma, curves, densities);
  close_csv(curves, argv[2]);
  close_csv(densities, argv[3]);
  return 0;
}
