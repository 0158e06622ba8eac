/* The direct engine: every pair, one block of sources after the other, in each one target after the other. */
#include <math.h>
#include <string.h>

#include "base/pool.h"
#include "pairs/lanes.h"
#include "pairs/layout.h"

enum {
  TASK = 16384,
  TARGETS = 8
}; /* pairs that are worth a task of the pool, targets that are worth loading a block */

typedef struct pass {
  const ift_pair_term *terms;
  int count;
  bool radial, dot; /* which forms are among the terms */
  double *value, *gradient, *matrix;
  const double *x, *y, *w;
  int64_t n, d, m;
  const ift_layout *layout;
  double decay; /* where not 0: slope = -decay value */
  int64_t rows; /* targets a task */
} pass;

static bool is_radial(const ift_pair_term *term) {
  return term->form == IFT_RADIAL || term->form == IFT_GAUSSIAN;
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
                         const ift_block *b) {
  const bool long_range = is_long(term);
  for (int j = 0; j < b->count; j++) {
    const double unit = long_range || (term->degree != 0 && !(s[j] < HUGE_VAL)) ? 0x1p-600 : 1;
    const double square = unit == 1 ? s[j] : far_square(x, b->y + j * b->d, b->d, unit);
    double parameters[IFT_PAIR_PARAMETERS], k[IFT_PAIR_LANES] = {0}, rate[IFT_PAIR_LANES] = {0}, at[IFT_PAIR_LANES];
    memcpy(parameters, term->parameters, sizeof parameters);
    if (term->has_length) parameters[0] *= unit;
    for (int i = 0; i < IFT_PAIR_LANES; i++) at[i] = square; /* a whole group, of which the first is used */
    term->profile(k, slope ? rate : NULL, at, IFT_PAIR_LANES, term->coefficient, parameters);
    value[j] = k[0] * pow(unit, -term->degree);
    if (slope) slope[j] = rate[0] * unit * pow(unit, 1 - term->degree); /* in two parts: unit^2 would vanish */
  }
}

/* value += more */
static void add(double *restrict value, const double *restrict more, int count) {
  const int whole = count & -IFT_PAIR_LANES;
  for (int j = 0; j < whole; j++) value[j] += more[j];
}

/* The terms of one form on one block: value += k, slope += its slope (which may be NULL); both are 0 before the first.
 * Returns whether some |x-y|^2 overflows, or their sum does, which is treated alike. */
static bool add_terms(const pass *p, bool dot, double *value, double *slope, const double *x, const ift_block *b) {
  double s[IFT_PAIR_BLOCK], k[IFT_PAIR_BLOCK], rate[IFT_PAIR_BLOCK];
  const size_t size = (size_t)b->whole * sizeof(double);
  (dot ? p->layout->products : p->layout->squares)(s, x, b);
  const bool far = !dot && !(sum_of(s, b->whole) < HUGE_VAL);
  for (int t = 0; t < p->count; t++) {
    const ift_pair_term *term = &p->terms[t];
    if (dot ? term->form != IFT_DOT : !is_radial(term)) continue;
    const bool alone = p->count == 1;
    double *to = alone ? value : memset(k, 0, size), *slope_to = alone || !slope ? slope : memset(rate, 0, size);
    if (is_long(term) || (far && term->degree != 0))
      evaluate_far(term, to, slope_to, s, x, b);
    else
      term->profile(to, slope_to, s, b->whole, term->coefficient, term->parameters);
    if (!alone) add(value, k, b->whole);
    if (!alone && slope) add(slope, rate, b->whole);
  }
  return far;
}

/* The radial gradient where x - y itself may overflow: by halves, and without pairs whose slope has vanished. */
static void add_far_gradient(double *gradient, double factor, const double *slope, const double *x,
                             const ift_block *b) {
  for (int64_t l = 0; l < b->d; l++)
    for (int j = 0; j < b->count; j++)
      if (slope[j] != 0) gradient[l] += 2 * factor * slope[j] * (x[l] / 2 - b->y[j * b->d + l] / 2);
}

/* The last group is filled up with copies of the last source: they count for nothing, infinities included. */
static void clear_copies(double *value, const ift_block *b) {
  for (int j = b->count; j < b->whole; j++) value[j] = 0;
}

/* What one block adds to the sums of target i by terms of one form. */
static void add_sums(const pass *p, bool dot, int64_t i, const ift_block *b) {
  const double *x = p->x + i * p->d;
  const size_t size = (size_t)b->whole * sizeof(double);
  const bool sloped = p->gradient && p->decay == 0;
  double value[IFT_PAIR_BLOCK], slope[IFT_PAIR_BLOCK], weighted[IFT_PAIR_BLOCK];
  memset(value, 0, size);
  if (sloped) memset(slope, 0, size);
  const bool far = add_terms(p, dot, value, sloped ? slope : NULL, x, b);
  clear_copies(value, b);
  if (sloped) clear_copies(slope, b);
  const double sum = multiply_and_sum(weighted, value, b->weights, b->whole);
  if (p->value) p->value[i] += sum;
  if (!p->gradient) return;
  double *gradient = p->gradient + i * p->d;
  if (sloped) multiply_and_sum(weighted, slope, b->weights, b->whole);
  if (dot)
    p->layout->dot_gradient(gradient, weighted, b);
  else
    (far ? add_far_gradient : p->layout->radial_gradient)(gradient, sloped ? 1 : -p->decay, weighted, x, b);
}

static void sum_row(const pass *p, int64_t i, const ift_block *b) {
  if (p->radial) add_sums(p, false, i, b);
  if (p->dot) add_sums(p, true, i, b);
}

static void matrix_row(const pass *p, int64_t i, const ift_block *b) {
  const double *x = p->x + i * p->d;
  double value[IFT_PAIR_BLOCK];
  memset(value, 0, (size_t)b->whole * sizeof *value);
  if (p->radial) add_terms(p, false, value, NULL, x, b);
  if (p->dot) add_terms(p, true, value, NULL, x, b);
  memcpy(p->matrix + i * p->m + (b->y - p->y) / p->d, value, (size_t)b->count * sizeof *value);
}

static void load(const pass *p, ift_block *b, int64_t start) {
  ift_block_load(b, p->layout, p->y, p->d, start, p->m);
  for (int j = 0; j < b->whole; j++) b->weights[j] = j >= b->count ? 0 : p->w ? p->w[start + j] : 1;
}

static void run_rows(int64_t task, void *user) {
  const pass *p = user;
  const int64_t start = task * p->rows, end = p->n - start < p->rows ? p->n : start + p->rows;
  if (p->value) memset(p->value + start, 0, (size_t)(end - start) * sizeof(double));
  if (p->gradient) memset(p->gradient + start * p->d, 0, (size_t)((end - start) * p->d) * sizeof(double));
  for (int64_t source = 0; source < p->m; source += IFT_PAIR_BLOCK) {
    ift_block b;
    load(p, &b, source);
    for (int64_t i = start; i < end; i++) (p->matrix ? matrix_row : sum_row)(p, i, &b);
  }
}

static void run(ift_context *context, pass *p) {
  for (int t = 0; t < p->count; t++) {
    p->radial |= is_radial(&p->terms[t]);
    p->dot |= p->terms[t].form == IFT_DOT;
  }
  if (p->count == 1 && p->terms[0].form == IFT_GAUSSIAN && !is_long(p->terms))
    p->decay = 1 / (p->terms[0].parameters[0] * p->terms[0].parameters[0]);
  p->layout = p->d <= IFT_NARROW ? &ift_layout_columns : &ift_layout_rows;
  const int64_t few = 1 + p->n / 16 < TARGETS ? 1 + p->n / 16 : TARGETS; /* few targets among many threads */
  p->rows = 1 + TASK / (p->m + 1) > few ? 1 + TASK / (p->m + 1) : few;
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
