/* Pairs so far apart that |x-y|^2 overflows, and lengths whose square does: one pair at a time, homogeneous terms and those of a long
 * length on coordinates times 2^-600. A term of an ordinary length has vanished there: it is evaluated at infinity. Otherwise numbers are
 * rounded as in the vector loops. */
#include <math.h>
#include <string.h>

#include "pairs/direct.h"

bool ift_direct_is_long(const ift_pair_term *term) {
  return term->has_length && term->parameters[0] > 1e140;
}

bool ift_direct_is_far(const double *coordinates, int64_t count) {
  double largest = 0;
  for (int64_t k = 0; k < count; k++) {
    if (isnan(coordinates[k])) return false;
    largest = fmax(largest, fabs(coordinates[k]));
  }
  return largest > 0x1p500;
}

static double square(const ift_direct *p, const double *x, const double *y, double unit) {
  double sum = 0;
  for (int64_t l = 0; l < p->d; l++) {
    const double z = x[l] * unit - y[l] * unit;
    sum = p->isa == IFT_ISA_BASELINE ? z * z + sum : fma(z, z, sum);
  }
  return sum;
}

static double product(const double *x, const double *y, int64_t d) {
  double sum = 0;
  for (int64_t l = 0; l < d; l++) sum += x[l] * y[l];
  return sum;
}

/* A term of k(x, y) and its slope. */
static double evaluate(const ift_direct *p, const ift_pair_term *term, double *slope, const double *x,
                       const double *y) {
  const bool dot = term->form == IFT_DOT;
  const double s = dot ? product(x, y, p->d) : square(p, x, y, 1);
  const bool rescale = !dot && (ift_direct_is_long(term) || (term->degree != 0 && !(s < HUGE_VAL)));
  const double unit = rescale ? 0x1p-600 : 1;
  ift_pair_term scaled = *term;
  if (term->has_length) scaled.parameters[0] *= unit;
  double k[IFT_PAIR_LANES], rate[IFT_PAIR_LANES], at[IFT_PAIR_LANES];
  for (int i = 0; i < IFT_PAIR_LANES; i++) at[i] = rescale ? square(p, x, y, unit) : s;
  ift_pair_evaluate(&scaled, p->isa, k, rate, at, IFT_PAIR_LANES);
  *slope = term->coefficient * rate[0] * unit * pow(unit, 1 - term->degree); /* in two parts: unit^2 would vanish */
  return term->coefficient * k[0] * pow(unit, -term->degree);
}

/* k(x, y); its gradient times the weight is added where one is wanted. */
static double entry(const ift_direct *p, double *gradient, const double *x, const double *y, double weight) {
  double sum = 0, slope;
  for (int t = 0; t < p->count; t++) {
    const ift_pair_term *term = &p->terms[t];
    if (term->form == IFT_BLOCK) continue;
    sum += evaluate(p, term, &slope, x, y);
    /* by halves, since x - y itself may overflow; not where the slope has vanished */
    for (int64_t l = 0; gradient && slope != 0 && l < p->d; l++)
      gradient[l] += term->form == IFT_DOT ? weight * slope * y[l] : 2 * weight * slope * (x[l] / 2 - y[l] / 2);
  }
  return sum;
}

void ift_direct_far(const ift_direct *p, int64_t i, double *value, double *gradient) {
  double part = 0, sum = 0;
  if (gradient) memset(gradient, 0, (size_t)p->d * sizeof *gradient);
  for (int64_t j = 0; j < p->m; j++) {
    const double weight = p->w ? p->w[j] : 1;
    if (j % 32 == 0) sum += part, part = 0;
    part += weight * entry(p, gradient, p->x + i * p->d, p->y + j * p->d, weight);
  }
  if (value) *value = sum + part;
}

double ift_direct_far_entry(const ift_direct *p, int64_t i, int64_t j) {
  return entry(p, NULL, p->x + i * p->d, p->y + j * p->d, 1);
}
