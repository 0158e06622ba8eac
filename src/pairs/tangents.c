/* The Gram matrix of kernel functions and their derivatives, k(x_i, .) and grad_1 k(x_i, .): what a Gauss-Newton step in
 * positions and weights is made of. */
#include <math.h>
#include <string.h>

#include "base/extremes.h"
#include "base/pool.h"
#include "pairs/layout.h"

typedef struct pass {
  const ift_pair_term *terms;
  int count;
  bool forms[2];  /* radial, dot: which are among the terms */
  double *matrix; /* and where profiles are wanted, */
  double *slope, *bend;
  double size, bent; /* what value and slope are divided by */
  const double *x;
  int64_t n, d;
  const ift_layout *layout;
  ift_isa isa;
} pass;

/* f, its slope and bend at the pairs of one point with a block. */
typedef struct profile {
  double s[IFT_PAIR_BLOCK], value[IFT_PAIR_BLOCK], slope[IFT_PAIR_BLOCK], bend[IFT_PAIR_BLOCK];
} profile;

static void add(double *restrict to, double factor, const double *restrict more, int count) {
  for (int j = 0; j < count; j++) to[j] += factor * more[j];
}

static void evaluate(const pass *p, bool dot, profile *f, const double *x, const ift_block *b) {
  const size_t size = (size_t)b->whole * sizeof(double);
  double value[IFT_PAIR_BLOCK], slope[IFT_PAIR_BLOCK];
  (dot ? p->layout->products : p->layout->squares)(f->s, x, b);
  memset(f->value, 0, size);
  memset(f->slope, 0, size);
  memset(f->bend, 0, size);
  for (int t = 0; t < p->count; t++) {
    const ift_pair_term *term = &p->terms[t];
    if ((term->form == IFT_DOT) != dot) continue;
    ift_pair_evaluate(term, p->isa, value, slope, f->s, b->whole);
    term->bend(f->bend, f->s, b->whole, term->coefficient, term->parameters);
    add(f->value, term->coefficient, value, b->whole);
    add(f->slope, term->coefficient, slope, b->whole);
  }
}

/* The (d+1) by (d+1) entries of a pair; `to` is the first of them, in a matrix with rows of that length. */
static void add_radial(double *to, int64_t stride, const double *x, const double *y, int64_t d, const profile *f,
                       int j) {
  const double slope = f->slope[j], inverse = f->s[j] > 0 ? 1 / sqrt(f->s[j]) : 0;
  to[0] += f->value[j];
  for (int64_t r = 0; r < d; r++) {
    const double z = x[r] - y[r], bent = f->bend[j] * (z * inverse);
    double *row = to + (r + 1) * stride;
    to[r + 1] -= slope * z;
    row[0] += slope * z;
    for (int64_t q = 0; q < d; q++) row[q + 1] -= bent * ((x[q] - y[q]) * inverse);
    row[r + 1] -= slope;
  }
}

static void add_dot(double *to, int64_t stride, const double *x, const double *y, int64_t d, const profile *f, int j) {
  const double slope = f->slope[j];
  to[0] += f->value[j];
  for (int64_t r = 0; r < d; r++) {
    const double bent = f->bend[j] * y[r];
    double *row = to + (r + 1) * stride;
    to[r + 1] += slope * x[r];
    row[0] += slope * y[r];
    for (int64_t q = 0; q < d; q++) row[q + 1] += bent * x[q];
    row[r + 1] += slope;
  }
}

/* The rows of one point, up to its own columns. */
static void run_point(int64_t task, void *user) {
  const pass *p = user;
  const int64_t i = p->n - 1 - task, d = p->d, stride = p->n * (d + 1); /* long rows first */
  const double *x = p->x + i * d;
  double *rows = p->matrix + i * (d + 1) * stride;
  for (int64_t r = 0; r <= d; r++) memset(rows + r * stride, 0, (size_t)((i + 1) * (d + 1)) * sizeof(double));
  for (int64_t start = 0; start <= i; start += IFT_PAIR_BLOCK) {
    ift_block b;
    profile f;
    ift_block_load(&b, p->layout, p->x, p->d, start, i + 1);
    for (int form = 0; form < 2; form++) {
      if (!p->forms[form]) continue;
      evaluate(p, form == 1, &f, x, &b);
      for (int j = 0; j < b.count; j++)
        (form == 1 ? add_dot : add_radial)(rows + (start + j) * (d + 1), stride, x, b.y + j * d, d, &f, j);
    }
  }
}

static ift_status check_finite(ift_context *context, const double *values, int64_t count) {
  const int64_t k = ift_not_finite(values, count);
  if (k == count) return IFT_OK;
  return ift_fail(context, IFT_ERR_NOT_FINITE, "a second derivative of the kernel is %g", values[k]);
}

ift_status ift_pairs_tangents(ift_context *context, const ift_pair_term *terms, int count, double *matrix,
                              const double *x, int64_t n, int64_t d) {
  pass p = {.terms = terms, .count = count, .matrix = matrix, .x = x, .n = n, .d = d, .isa = context->isa};
  for (int t = 0; t < count; t++) p.forms[terms[t].form == IFT_DOT] = true;
  p.layout = d <= IFT_NARROW ? &ift_layout_columns : &ift_layout_rows;
  ift_pool_run(context, n, run_point, &p);
  const int64_t size = n * (d + 1);
  for (int64_t i = 0; i < size; i++) IFT_TRY(check_finite(context, matrix + i * size, i + 1));
  return IFT_OK;
}

/* One row of the three matrices. */
static void run_row(int64_t i, void *user) {
  const pass *p = user;
  const int64_t stride = ift_pairs_stride(p->n), row = i * stride;
  double *const matrices[3] = {p->matrix, p->slope, p->bend};
  for (int k = 0; k < 3; k++) memset(matrices[k] + row, 0, (size_t)stride * sizeof(double));
  if (i >= p->n) return;
  for (int64_t start = 0; start < p->n; start += IFT_PAIR_BLOCK) {
    ift_block b;
    profile f;
    ift_block_load(&b, p->layout, p->x, p->d, start, p->n);
    evaluate(p, false, &f, p->x + i * p->d, &b);
    const int64_t at = row + start;
    for (int j = 0; j < b.count; j++) {
      const double square = p->bent / p->size * f.s[j];
      p->matrix[at + j] = f.value[j] / p->size;
      p->slope[at + j] = -f.slope[j] / p->bent;
      p->bend[at + j] = square > 0 ? f.bend[j] / p->bent / square : 0;
    }
  }
}

ift_status ift_pairs_profiles(ift_context *context, const ift_pair_term *terms, int count, double *value, double *slope,
                              double *bend, double *size, double *bent, const double *x, int64_t n, int64_t d) {
  double zero[IFT_PAIR_LANES] = {0}, k[IFT_PAIR_LANES], rate[IFT_PAIR_LANES];
  *size = *bent = 0;
  for (int t = 0; t < count; t++) {
    ift_pair_evaluate(&terms[t], context->isa, k, rate, zero, IFT_PAIR_LANES);
    *size += terms[t].coefficient * k[0];
    *bent -= terms[t].coefficient * rate[0];
  }
  pass p = {.terms = terms,
            .count = count,
            .matrix = value,
            .slope = slope,
            .bend = bend,
            .size = *size,
            .bent = *bent,
            .x = x,
            .n = n,
            .d = d,
            .isa = context->isa};
  p.layout = d <= IFT_NARROW ? &ift_layout_columns : &ift_layout_rows;
  const int64_t stride = ift_pairs_stride(n);
  ift_pool_run(context, stride, run_row, &p);
  IFT_TRY(check_finite(context, value, stride * stride));
  IFT_TRY(check_finite(context, slope, stride * stride));
  return check_finite(context, bend, stride * stride);
}
