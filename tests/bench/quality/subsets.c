/* Methods that choose points of the pool, or centers of it: random subsets, kernel herding, Frank-Wolfe, k-means. */
#include "bench/quality/quality.h"
#include "herding.h"

/* c(x) = int k(x, y) dpi(y) at n points: what the first variation of a point mass in z lacks to k(x, z). */
static double *embedding(const problem *p, const double *points, int64_t n) {
  double *c = numbers(n), *column = numbers(n);
  ift_measure *mass;
  need(p->context, ift_measure_create(p->context, &mass, p->pool, 1, p->d, NULL));
  need(p->context, ift_energy_first_variation(p->energy, c, points, n, p->d, mass));
  need(p->context, ift_kernel_gram(p->kernel, column, points, n, p->d, p->pool, 1));
  for (int64_t i = 0; i < n; i++) c[i] = column[i] - c[i];
  ift_measure_destroy(mass);
  free(column);
  return c;
}

/* A measure with the best weights, or equal ones, is the end. */
static void end(const problem *p, outcome *out, const double *points, int64_t n, bool best) {
  double *weights = numbers(n), *gram = numbers(n * n);
  if (best) {
    double *c = embedding(p, points, n);
    need(p->context, ift_kernel_gram(p->kernel, gram, points, n, p->d, NULL, n));
    need(p->context, ift_simplex_qp(p->context, weights, NULL, NULL, gram, c, n, 1, NULL, NULL, 0));
    free(c);
  }
  need(p->context, ift_measure_create(p->context, &out->measure, points, n, p->d, best ? weights : NULL));
  free(weights);
  free(gram);
}

/* MMD^2 of the first n points now; the clock stands still for it. */
static void note(const problem *p, course *way, const double *points, int64_t n, const double *weights) {
  ift_measure *now;
  course_halt(way);
  need(p->context, ift_measure_create(p->context, &now, points, n, p->d, weights));
  course_note(way, mmd2_of(p->context, p->energy, now));
  ift_measure_destroy(now);
  course_go(way);
}

static void copy_point(const problem *p, double *to, int64_t row) {
  memcpy(to, p->pool + row * p->d, (size_t)p->d * sizeof *to);
}

/* n rows of the pool without repetition, in order (Knuth 1969, algorithm S). */
static double *random_points(const problem *p, int64_t n) {
  random_stream stream = {1};
  double *points = numbers(n * p->d);
  int64_t taken = 0;
  for (int64_t i = 0; i < p->m; i++)
    if ((double)(p->m - i) * uniform(&stream) < (double)(n - taken)) copy_point(p, points + p->d * taken++, i);
  return points;
}

ift_measure *problem_start(const problem *p, int64_t n) {
  random_stream stream = {1};
  if (p->planar) return draw(p->context, &p->read.start, n, &stream);
  ift_measure *start;
  double *points = random_points(p, n);
  need(p->context, ift_measure_create(p->context, &start, points, n, p->d, NULL));
  free(points);
  return start;
}

void run_random(const problem *p, const method *by, int64_t n, outcome *out) {
  course_go(&out->way);
  double *points = random_points(p, n);
  end(p, out, points, n, strcmp(by->what, "best") == 0);
  course_halt(&out->way);
  free(points);
}

void run_herding(const problem *p, const method *by, int64_t n, outcome *out) {
  (void)by;
  course_go(&out->way);
  double *points = numbers(n * p->d), *covered = numbers(p->m), *column = numbers(p->m);
  double *wanted = embedding(p, p->pool, p->m);
  for (int64_t t = 0; t < n; t++) {
    int64_t row;
    need(p->context, herd(&row, p->kernel, p->pool, p->m, p->d, t, wanted, covered, column));
    copy_point(p, points + t * p->d, row);
    note(p, &out->way, points, t + 1, NULL);
  }
  end(p, out, points, n, false);
  course_halt(&out->way);
  free(points), free(covered), free(column), free(wanted);
}

/* What Frank-Wolfe has of its picks: kernel columns over the pool, one after the other; rows; weights. */
typedef struct atoms {
  double *columns, *gram, *linear, *weights, *points;
  int64_t *rows, count;
} atoms;

static atoms atoms_create(const problem *p, int64_t n) {
  atoms made = {numbers(n * p->m), numbers(n * n), numbers(n), numbers(n), numbers(n * p->d), NULL, 0};
  made.rows = calloc((size_t)n, sizeof *made.rows);
  if (!made.rows) exit(2);
  return made;
}

static void atoms_dispose(atoms *of) {
  free(of->columns), free(of->gram), free(of->linear), free(of->weights), free(of->points), free(of->rows);
}

/* One more, and the best weights of all, from those before. */
static void atoms_add(const problem *p, atoms *of, int64_t row, const double *c) {
  const int64_t k = of->count++, n = of->count;
  double *column = of->columns + k * p->m;
  of->rows[k] = row;
  of->linear[k] = c[row];
  of->weights[k] = k ? 0 : 1;
  copy_point(p, of->points + k * p->d, row);
  need(p->context, ift_kernel_gram(p->kernel, column, p->pool, p->m, p->d, p->pool + row * p->d, 1));
  for (int64_t i = 0; i < n; i++)
    for (int64_t j = 0; j < n; j++) of->gram[i * n + j] = of->columns[i * p->m + of->rows[j]];
  need(p->context,
       ift_simplex_qp(p->context, of->weights, NULL, NULL, of->gram, of->linear, n, 1, of->weights, NULL, 0));
}

/* Fully corrective Frank-Wolfe (Bach, Lacoste-Julien and Obozinski 2012): the lowest point of the first variation, then
 * the best weights. */
void run_frank_wolfe(const problem *p, const method *by, int64_t n, outcome *out) {
  (void)by;
  course_go(&out->way);
  atoms chosen = atoms_create(p, n);
  double *c = embedding(p, p->pool, p->m), *g = numbers(p->m);
  for (int64_t t = 0; t < n; t++) {
    int64_t lowest = 0;
    for (int64_t i = 0; i < p->m; i++) g[i] = -c[i];
    for (int64_t k = 0; k < t; k++)
      for (int64_t i = 0; i < p->m; i++) g[i] += chosen.weights[k] * chosen.columns[k * p->m + i];
    for (int64_t i = 1; i < p->m; i++)
      if (g[i] < g[lowest]) lowest = i;
    atoms_add(p, &chosen, lowest, c);
    note(p, &out->way, chosen.points, t + 1, chosen.weights);
  }
  need(p->context, ift_measure_create(p->context, &out->measure, chosen.points, n, p->d, chosen.weights));
  course_halt(&out->way);
  atoms_dispose(&chosen);
  free(c), free(g);
}

static double distance2(const double *x, const double *y, int64_t d) {
  double sum = 0;
  for (int64_t l = 0; l < d; l++) sum += (x[l] - y[l]) * (x[l] - y[l]);
  return sum;
}

/* k-means++ (Arthur and Vassilvitskii 2007): each center a point drawn in proportion to its squared distance from the
 * ones before. */
static void scatter(const problem *p, double *centers, int64_t n) {
  random_stream stream = {1};
  double *far = numbers(p->m);
  for (int64_t i = 0; i < p->m; i++) far[i] = 1;
  for (int64_t k = 0; k < n; k++) {
    double sum = 0;
    int64_t row = 0;
    for (int64_t i = 0; i < p->m; i++) sum += far[i];
    for (double left = uniform(&stream) * sum; row < p->m - 1 && (left -= far[row]) >= 0;) row++;
    copy_point(p, centers + k * p->d, row);
    for (int64_t i = 0; i < p->m; i++) {
      const double square = distance2(p->pool + i * p->d, centers + k * p->d, p->d);
      far[i] = k ? fmin(far[i], square) : square;
    }
  }
  free(far);
}

/* One iteration of Lloyd (1982): centers become the means of the points nearest to them. Did any point change sides? */
static bool lloyd(const problem *p, double *centers, int64_t n, int64_t *sides) {
  const int64_t d = p->d;
  double *sums = numbers(n * d), *counts = numbers(n);
  bool changed = false;
  for (int64_t i = 0; i < p->m; i++) {
    const double *x = p->pool + i * d;
    int64_t nearest = 0;
    double least = INFINITY;
    for (int64_t k = 0; k < n; k++) {
      const double square = distance2(x, centers + k * d, d);
      if (square < least) least = square, nearest = k;
    }
    changed = changed || sides[i] != nearest;
    sides[i] = nearest;
    counts[nearest] += 1;
    for (int64_t l = 0; l < d; l++) sums[nearest * d + l] += x[l];
  }
  for (int64_t k = 0; k < n * d; k++)
    if (counts[k / d] > 0) centers[k] = sums[k] / counts[k / d];
  free(sums), free(counts);
  return changed;
}

void run_kmeans(const problem *p, const method *by, int64_t n, outcome *out) {
  enum { ITERATIONS = 100 };
  (void)by;
  course_go(&out->way);
  double *centers = numbers(n * p->d);
  int64_t *sides = calloc((size_t)p->m, sizeof *sides);
  if (!sides) exit(2);
  scatter(p, centers, n);
  for (int iteration = 0; iteration < ITERATIONS && (lloyd(p, centers, n, sides) || !iteration);) iteration++;
  end(p, out, centers, n, true);
  course_halt(&out->way);
  free(centers), free(sides);
}
