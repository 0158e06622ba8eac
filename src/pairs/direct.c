/* The direct engine: every pair, sources in blocks that fit the innermost cache, one row of targets after the other. */
#include <math.h>
#include <string.h>

#include "base/pool.h"
#include "pairs/pairs.h"

enum { BLOCK = 256, TASK = 16384 }; /* sources a block; pairs that are worth a task of the pool */

typedef struct pass {
  const ift_pair_term *terms;
  int count;
  bool radial, dot; /* which forms are among the terms */
  double *value, *gradient, *matrix;
  const double *x, *y, *w;
  int64_t n, d, m;
  int64_t rows; /* targets a task */
} pass;

/* s[j] = |x - y_j|^2; called with a constant d where that is small, so that the inner loop unrolls. */
static inline void squared_distances(double *s, const double *x, const double *y, int count, int64_t d) {
  for (int j = 0; j < count; j++) {
    double sum = 0;
    for (int64_t l = 0; l < d; l++) {
      const double difference = x[l] - y[j * d + l];
      sum += difference * difference;
    }
    s[j] = sum;
  }
}

static inline void dot_products(double *s, const double *x, const double *y, int count, int64_t d) {
  for (int j = 0; j < count; j++) {
    double sum = 0;
    for (int64_t l = 0; l < d; l++) sum += x[l] * y[j * d + l];
    s[j] = sum;
  }
}

/* Does the square of its length come near the largest number? */
static bool is_long(const ift_pair_term *term) {
  return term->has_length && term->parameters[0] > 1e140;
}

/* |x - y|^2 on coordinates times `unit`, where it can't overflow. */
static double far_square(const double *x, const double *y, int64_t d, double unit) {
  double sum = 0;
  for (int64_t l = 0; l < d; l++) {
    const double difference = x[l] * unit - y[l] * unit;
    sum += difference * difference;
  }
  return sum;
}

/* A radial term on a block in which some |x-y|^2 overflows, or whose length does when squared: on coordinates, and
 * the length, times 2^-600. A term with an ordinary length has vanished there: it is evaluated at infinity. */
static void evaluate_far(const ift_pair_term *term, double *value, double *slope, const double *s, const double *x,
                         const double *y, int count, int64_t d) {
  const bool long_range = is_long(term);
  for (int j = 0; j < count; j++) {
    const double unit = long_range || (term->degree != 0 && !(s[j] < HUGE_VAL)) ? 0x1p-600 : 1;
    const double square = unit == 1 ? s[j] : far_square(x, y + j * d, d, unit);
    double parameters[IFT_PAIR_PARAMETERS], k = 0, rate = 0;
    memcpy(parameters, term->parameters, sizeof parameters);
    if (term->has_length) parameters[0] *= unit;
    term->profile(&k, slope ? &rate : NULL, &square, 1, term->coefficient, parameters);
    value[j] += k * pow(unit, -term->degree);
    if (slope) slope[j] += rate * unit * pow(unit, 1 - term->degree); /* in two parts: unit^2 would vanish */
  }
}

/* The terms of one form on one block: value += k, slope += its slope (which may be NULL). Returns whether some |x-y|^2
 * overflows. */
static bool evaluate_form(const pass *p, ift_pair_form form, double *value, double *slope, const double *x,
                          const double *y, int count) {
  double s[BLOCK];
  if (form == IFT_DOT)
    dot_products(s, x, y, count, p->d);
  else if (p->d == 1)
    squared_distances(s, x, y, count, 1);
  else if (p->d == 2)
    squared_distances(s, x, y, count, 2);
  else if (p->d == 3)
    squared_distances(s, x, y, count, 3);
  else
    squared_distances(s, x, y, count, p->d);
  bool far = false;
  for (int j = 0; j < count; j++) far |= !(s[j] < HUGE_VAL);
  for (int t = 0; t < p->count; t++) {
    const ift_pair_term *term = &p->terms[t];
    if (term->form != form) continue;
    if (is_long(term) || (far && term->degree != 0))
      evaluate_far(term, value, slope, s, x, y, count, p->d);
    else
      term->profile(value, slope, s, count, term->coefficient, term->parameters);
  }
  return far && form == IFT_RADIAL;
}

/* gradient += sum_j w_j slope_j (x - y_j), or sum_j w_j slope_j y_j; one sum a block and coordinate. */
static void add_radial_gradient(double *gradient, const double *slope, const double *x, const double *y, int count,
                                int64_t d) {
  for (int64_t l = 0; l < d; l++) {
    double sum = 0;
    for (int j = 0; j < count; j++) sum += slope[j] * (x[l] - y[j * d + l]);
    gradient[l] += sum;
  }
}

/* The same where x - y itself may overflow: by halves, and without pairs whose slope has vanished. */
static void add_far_gradient(double *gradient, const double *slope, const double *x, const double *y, int count,
                             int64_t d) {
  for (int64_t l = 0; l < d; l++)
    for (int j = 0; j < count; j++)
      if (slope[j] != 0) gradient[l] += 2 * slope[j] * (x[l] / 2 - y[j * d + l] / 2);
}

static void add_dot_gradient(double *gradient, const double *slope, const double *y, int count, int64_t d) {
  for (int64_t l = 0; l < d; l++) {
    double sum = 0;
    for (int j = 0; j < count; j++) sum += slope[j] * y[j * d + l];
    gradient[l] += sum;
  }
}

static void weigh(double *slope, const double *w, int count) {
  if (w)
    for (int j = 0; j < count; j++) slope[j] *= w[j];
}

static void sum_row(const pass *p, int64_t i) {
  const double *x = p->x + i * p->d;
  double total = 0;
  double *gradient = p->gradient ? p->gradient + i * p->d : NULL;
  if (gradient) memset(gradient, 0, (size_t)p->d * sizeof *gradient);
  for (int64_t start = 0; start < p->m; start += BLOCK) {
    const int count = (int)(p->m - start < BLOCK ? p->m - start : BLOCK);
    const double *y = p->y + start * p->d, *w = p->w ? p->w + start : NULL;
    double value[BLOCK] = {0}, slope[BLOCK];
    if (p->radial) {
      if (gradient) memset(slope, 0, sizeof slope);
      const bool far = evaluate_form(p, IFT_RADIAL, value, gradient ? slope : NULL, x, y, count);
      if (gradient) weigh(slope, w, count);
      if (gradient) (far ? add_far_gradient : add_radial_gradient)(gradient, slope, x, y, count, p->d);
    }
    if (p->dot) {
      if (gradient) memset(slope, 0, sizeof slope);
      evaluate_form(p, IFT_DOT, value, gradient ? slope : NULL, x, y, count);
      if (gradient) weigh(slope, w, count), add_dot_gradient(gradient, slope, y, count, p->d);
    }
    double sum = 0;
    if (w)
      for (int j = 0; j < count; j++) sum += w[j] * value[j];
    else
      for (int j = 0; j < count; j++) sum += value[j];
    total += sum;
  }
  if (p->value) p->value[i] = total;
}

static void matrix_row(const pass *p, int64_t i) {
  const double *x = p->x + i * p->d;
  for (int64_t start = 0; start < p->m; start += BLOCK) {
    const int count = (int)(p->m - start < BLOCK ? p->m - start : BLOCK);
    const double *y = p->y + start * p->d;
    double *value = p->matrix + i * p->m + start;
    memset(value, 0, (size_t)count * sizeof *value);
    if (p->radial) evaluate_form(p, IFT_RADIAL, value, NULL, x, y, count);
    if (p->dot) evaluate_form(p, IFT_DOT, value, NULL, x, y, count);
  }
}

static void run_rows(int64_t block, void *user) {
  const pass *p = user;
  const int64_t start = block * p->rows, end = p->n - start < p->rows ? p->n : start + p->rows;
  for (int64_t i = start; i < end; i++) {
    if (p->matrix)
      matrix_row(p, i);
    else
      sum_row(p, i);
  }
}

static void run(ift_context *context, pass *p) {
  for (int t = 0; t < p->count; t++) {
    p->radial |= p->terms[t].form == IFT_RADIAL;
    p->dot |= p->terms[t].form == IFT_DOT;
  }
  p->rows = 1 + TASK / (p->m + 1);
  ift_pool_run(context, (p->n + p->rows - 1) / p->rows, run_rows, p);
}

void ift_pairs_direct(ift_context *context, const ift_pair_term *terms, int count, double *value, double *gradient,
                      const double *x, int64_t n, int64_t d, const double *y, int64_t m, const double *w) {
  pass p = {.terms = terms,
            .count = count,
            .value = value,
            .gradient = gradient,
            .x = x,
            .y = y,
            .w = w,
            .n = n,
            .d = d,
            .m = m};
  run(context, &p);
}

void ift_pairs_direct_matrix(ift_context *context, const ift_pair_term *terms, int count, double *matrix,
                             const double *x, int64_t n, int64_t d, const double *y, int64_t m) {
  pass p = {.terms = terms, .count = count, .matrix = matrix, .x = x, .y = y, .n = n, .d = d, .m = m};
  run(context, &p);
}
