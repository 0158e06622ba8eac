/* The problems, and what is known of them. */
#include "bench/search/search.h"

/* Few particles and many, in few dimensions and many. */
const search_case cases[CASES] = {
    {"mixture", 2, 1000, 20, "matern52", 0},   {"uniform", 2, 500, 20, "gaussian", 0},
    {"manifold", 2, 1000, 50, "matern52", 0},  {"tails", 3, 500, 40, "imq", 0},
    {"uniform", 3, 1000, 40, "imq", 0},        {"tails", 5, 1000, 50, "matern52", 0},
    {"manifold", 5, 500, 50, "imq", 0},        {"mixture", 10, 500, 40, "imq", 0},
    {"tails", 10, 1000, 10, "gaussian", 0},    {"uniform", 10, 1000, 40, "gaussian", 0},
    {"manifold", 10, 1000, 60, "gaussian", 0}, {"manifold", 10, 1000, 100, "gaussian", 1.4},
    {"mixture", 20, 1000, 40, "gaussian", 0},  {"tails", 64, 1000, 10, "matern52", 0},
};

void case_name(char *name, const search_case *of) {
  snprintf(name, NAME, "%s-%lld-%lld", of->kind, (long long)of->d, (long long)of->n);
}

/* Six Gaussians with means of deviation 1.5, each axis of a deviation of its own. */
static void mixture_points(const search_case *of, double *y, random_stream *stream) {
  enum { PARTS = 6 };
  double *mean = numbers(PARTS * of->d), *deviation = numbers(PARTS * of->d);
  for (int64_t k = 0; k < PARTS * of->d; k++)
    mean[k] = 1.5 * normal(stream), deviation[k] = 0.3 + 0.7 * uniform(stream);
  for (int64_t i = 0; i < of->m; i++) {
    const int64_t part = (int64_t)(PARTS * uniform(stream)) * of->d;
    for (int64_t l = 0; l < of->d; l++) y[i * of->d + l] = mean[part + l] + deviation[part + l] * normal(stream);
  }
  free(mean);
  free(deviation);
}

static void uniform_points(const search_case *of, double *y, random_stream *stream) {
  for (int64_t k = 0; k < of->m * of->d; k++) y[k] = uniform(stream);
}

/* Student's t of 3 degrees of freedom: few points are far from all others. */
static void tails_points(const search_case *of, double *y, random_stream *stream) {
  for (int64_t i = 0; i < of->m; i++) {
    double square = 0;
    for (int k = 0; k < 3; k++) square += pow(normal(stream), 2);
    for (int64_t l = 0; l < of->d; l++) y[i * of->d + l] = normal(stream) / sqrt(square / 3);
  }
}

/* Four numbers that two give, a rolled sheet, turned into d dimensions at random; and noise of a fiftieth. */
static void manifold_points(const search_case *of, double *y, random_stream *stream) {
  enum { SHEET = 4 };
  double *turn = numbers(SHEET * of->d);
  for (int64_t k = 0; k < SHEET * of->d; k++) turn[k] = normal(stream) / sqrt((double)of->d);
  for (int64_t i = 0; i < of->m; i++) {
    const double t = 3 * acos(-1) * uniform(stream), u = 2 * uniform(stream) - 1, radius = 1 + t / 5;
    const double at[SHEET] = {radius * cos(t), radius * sin(t), u, u * sin(2 * t)};
    for (int64_t l = 0; l < of->d; l++) {
      double *to = &y[i * of->d + l];
      *to = 0.02 * normal(stream);
      for (int k = 0; k < SHEET; k++) *to += at[k] * turn[k * of->d + l];
    }
  }
  free(turn);
}

static const struct {
  const char *kind;
  void (*points)(const search_case *of, double *y, random_stream *stream);
} kinds[] = {
    {"mixture", mixture_points}, {"uniform", uniform_points}, {"tails", tails_points}, {"manifold", manifold_points}};

double *case_points(const search_case *of) {
  size_t k = 0;
  while (strcmp(kinds[k].kind, of->kind) != 0) k++;
  random_stream stream = {(uint64_t)(1000 * of->d + of->n) << 8 | k};
  double *y = numbers(of->m * of->d);
  kinds[k].points(of, y, &stream);
  return y;
}

double case_reference(const search_case *of, double *seconds) {
  char name[NAME], known[NAME], line[120];
  double mmd2 = NAN, value;
  case_name(name, of);
  FILE *file = fopen("tests/bench/search/reference.csv", "r");
  *seconds = NAN;
  while (file && fgets(line, sizeof line, file)) {
    double spent;
    if (sscanf(line, "%39[^,],%lf,%lf", known, &value, &spent) == 3 && strcmp(known, name) == 0)
      mmd2 = value, *seconds = spent;
  }
  if (file) fclose(file);
  return mmd2;
}
