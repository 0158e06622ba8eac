/* Two-loop recursion (Nocedal 1980) with H0 = s'y/y'y (Liu and Nocedal 1989), and a line search by slopes: where the
 * value no longer changes in double precision, the gradient still does. */
#include "linalg/lbfgs.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "base/alloc.h"
#include "base/sum.h"

/* TRIALS: evaluations of one line search. PATIENCE: iterations in the last digits of x, without a better point, after
 * which rounding has the last word. */
enum { PAIRS = 10, TRIALS = 30, PATIENCE = 20, VECTORS = 2 * PAIRS + 6 };

/* Strong Wolfe conditions: the least decrease, and the slope left over. */
static const double DECREASE = 1e-4, CURVATURE = 0.9;

/* Values that differ by less than this fraction count as equal, the line search then goes by slopes alone: the
 * approximate Wolfe conditions (Hager and Zhang 2005, eqs. 4.1-4.2, who take 1e-6). More than a few units in the last
 * place, because a value is often a small difference of large sums. */
static const double NOISE = 0x1p-36;

/* Steps shorter than this fraction of |x| move its last digits. */
static const double LAST_DIGITS = 0x1p-40;

/* A pair is left out where the cosine between step and change of the gradient is smaller. */
static const double LEAST_COSINE = 0x1p-40;

struct ift_lbfgs {
  ift_context *context;
  int64_t n;
  double *memory;                 /* all of the vectors */
  double *steps[PAIRS];           /* s, differences of points */
  double *changes[PAIRS];         /* y, differences of gradients */
  double products[PAIRS];         /* s'y > 0 */
  int64_t used, last;             /* pairs in use; the newest */
  double scale;                   /* H0 = scale times the identity */
  double *point, *gradient;       /* where the run is */
  double *trial, *trial_gradient; /* where the line search looks */
  double *direction, *kept;       /* the best point so far */
};

/* A place on the line point + at * direction. */
typedef struct place {
  double at, value, slope;
} place;

typedef struct run {
  ift_lbfgs *lbfgs;
  const ift_lbfgs_problem *problem;
  int64_t evaluations;
  int64_t idle;                   /* iterations in the last digits since the best point */
  double value, norm;             /* at the point; norm: that of the gradient */
  double start_value, start_norm; /* at the start */
  double kept_value, kept_norm;   /* at the best point */
  double lowest;                  /* of all values at points */
} run;

ift_status ift_lbfgs_create(ift_context *context, ift_lbfgs **out, int64_t n) {
  ift_lbfgs *lbfgs = ift_alloc(context, 1, sizeof *lbfgs);
  if (!lbfgs) return IFT_ERR_NO_MEMORY;
  *lbfgs = (ift_lbfgs){.context = context, .n = n, .memory = ift_alloc2(context, VECTORS, n, sizeof(double))};
  if (!lbfgs->memory) {
    ift_free(context, lbfgs);
    return IFT_ERR_NO_MEMORY;
  }
  double *next = lbfgs->memory;
  for (int k = 0; k < PAIRS; k++, next += 2 * n) {
    lbfgs->steps[k] = next;
    lbfgs->changes[k] = next + n;
  }
  double **single[] = {&lbfgs->point,          &lbfgs->gradient,  &lbfgs->trial,
                       &lbfgs->trial_gradient, &lbfgs->direction, &lbfgs->kept};
  for (size_t k = 0; k < sizeof single / sizeof *single; k++, next += n) *single[k] = next;
  *out = lbfgs;
  return IFT_OK;
}

void ift_lbfgs_destroy(ift_lbfgs *lbfgs) {
  if (!lbfgs) return;
  ift_free(lbfgs->context, lbfgs->memory);
  ift_free(lbfgs->context, lbfgs);
}

/* |v|_2 without overflow on the way; NaN or infinite where an entry is. */
static double norm_of(const double *v, int64_t n) {
  double largest = 0;
  for (int64_t i = 0; i < n; i++)
    if (!(fabs(v[i]) <= largest)) largest = fabs(v[i]);
  if (largest == 0) return 0;
  ift_running_sum squares = {0, 0};
  for (int64_t i = 0; i < n; i++) ift_running_add(&squares, (v[i] / largest) * (v[i] / largest));
  return largest * sqrt(ift_running_value(&squares));
}

static void add_to(double *y, double factor, const double *x, int64_t n) {
  for (int64_t i = 0; i < n; i++) y[i] += factor * x[i];
}

static void swap(double **a, double **b) {
  double *c = *a;
  *a = *b;
  *b = c;
}

static double noise_of(double value) {
  return NOISE * fabs(value);
}

/* direction = -H gradient, with the pairs from new to old and back. */
static void turn(ift_lbfgs *lbfgs) {
  const int64_t n = lbfgs->n;
  double *direction = lbfgs->direction, along[PAIRS];
  for (int64_t i = 0; i < n; i++) direction[i] = -lbfgs->gradient[i];
  for (int64_t age = 0; age < lbfgs->used; age++) {
    const int64_t k = (lbfgs->last + PAIRS - age) % PAIRS;
    along[k] = ift_dot_compensated(lbfgs->steps[k], direction, n) / lbfgs->products[k];
    add_to(direction, -along[k], lbfgs->changes[k], n);
  }
  for (int64_t i = 0; i < n; i++) direction[i] *= lbfgs->scale;
  for (int64_t age = lbfgs->used - 1; age >= 0; age--) {
    const int64_t k = (lbfgs->last + PAIRS - age) % PAIRS;
    const double back = ift_dot_compensated(lbfgs->changes[k], direction, n) / lbfgs->products[k];
    add_to(direction, along[k] - back, lbfgs->steps[k], n);
  }
}

/* Value and slope at a place on the line; an infinite value where either is not finite. */
static ift_status look(run *r, double at, place *out) {
  ift_lbfgs *lbfgs = r->lbfgs;
  *out = (place){at, INFINITY, INFINITY};
  bool finite = true;
  for (int64_t i = 0; i < lbfgs->n; i++) {
    lbfgs->trial[i] = lbfgs->point[i] + at * lbfgs->direction[i];
    finite = finite && isfinite(lbfgs->trial[i]);
  }
  if (!finite) return IFT_OK;
  double value;
  const ift_status status = r->problem->evaluate(r->problem->user, lbfgs->trial, &value, lbfgs->trial_gradient);
  r->evaluations++;
  if (status == IFT_ERR_NOT_FINITE) return IFT_OK;
  IFT_TRY(status);
  const double slope = ift_dot_compensated(lbfgs->trial_gradient, lbfgs->direction, lbfgs->n);
  if (isfinite(value) && isfinite(slope)) *out = (place){at, value, slope};
  return IFT_OK;
}

/* Where to look next: between `low`, which descends, and `high`, where the value or the slope is too large (`at` is
 * infinite as long as there is none). By the secant of the slopes, every third time in the middle. */
static double next_place(place low, place high, double start_slope, int trial) {
  if (isinf(high.at)) {
    const double factor = start_slope / (start_slope - low.slope); /* NaN or negative: the slope has not risen */
    return low.at * (factor > 10 || !(factor > 0) ? 10 : fmax(factor, 2));
  }
  double part = 0.5;
  if (isinf(high.value))
    part = low.at > 0 ? 0.5 : 0.1;
  else if (high.slope > 0 && trial % 3 != 2)
    part = fmin(fmax(low.slope / (low.slope - high.slope), 0.1), 0.9);
  return low.at + part * (high.at - low.at);
}

/* A place that fulfills the (approximate) Wolfe conditions, or else one that descends; then the trial point and its
 * gradient are there. *found is false where neither exists. */
static ift_status search(run *r, double slope, place *out, bool *found) {
  place low = {0, r->value, slope}, high = {INFINITY, INFINITY, INFINITY}, here;
  const double equal = r->lowest + noise_of(r->lowest);
  double at = 1;
  *found = false;
  for (int trial = 0; trial < TRIALS && low.at < at && at < high.at; trial++) {
    IFT_TRY(look(r, at, &here));
    if (here.value > fmax(r->value + DECREASE * at * slope, equal)) {
      high = here;
    } else if (fabs(here.slope) <= -CURVATURE * slope) {
      *out = here;
      *found = true;
      return IFT_OK;
    } else if (here.slope < 0) {
      low = here;
    } else {
      high = here;
    }
    at = next_place(low, high, slope, trial);
  }
  if (low.at == 0) return IFT_OK;
  IFT_TRY(look(r, low.at, out));
  *found = isfinite(out->value);
  return IFT_OK;
}

/* Of points whose values rounding cannot tell apart, the one with the smaller gradient; never one above the start. */
static void keep(run *r) {
  if (r->value > r->start_value) return;
  const double noise = noise_of(r->kept_value);
  if (r->value < r->kept_value - noise || (r->value <= r->kept_value + noise && r->norm < r->kept_norm)) {
    r->kept_value = r->value;
    r->kept_norm = r->norm;
    r->idle = 0;
    memcpy(r->lbfgs->kept, r->lbfgs->point, (size_t)r->lbfgs->n * sizeof(double));
  }
}

/* The trial point becomes the point; the pair is taken up. */
static void advance(run *r, place to) {
  ift_lbfgs *lbfgs = r->lbfgs;
  const int64_t n = lbfgs->n, k = (lbfgs->last + 1) % PAIRS;
  double *s = lbfgs->steps[k], *y = lbfgs->changes[k];
  for (int64_t i = 0; i < n; i++) {
    s[i] = lbfgs->trial[i] - lbfgs->point[i];
    y[i] = lbfgs->trial_gradient[i] - lbfgs->gradient[i];
  }
  const double product = ift_dot_compensated(s, y, n), step = norm_of(s, n), length = norm_of(y, n);
  const double scale = product / length / length;
  if (product > LEAST_COSINE * step * length && scale > 0 && isfinite(scale)) {
    lbfgs->products[k] = product;
    lbfgs->scale = scale;
    lbfgs->last = k;
    if (lbfgs->used < PAIRS) lbfgs->used++;
  } else if (lbfgs->used == PAIRS) {
    lbfgs->used--; /* the oldest was in the place that is spoiled now */
  }
  swap(&lbfgs->point, &lbfgs->trial);
  swap(&lbfgs->gradient, &lbfgs->trial_gradient);
  r->value = to.value;
  r->norm = norm_of(lbfgs->gradient, n);
  r->lowest = fmin(r->lowest, r->value);
  r->idle = step > LAST_DIGITS * norm_of(lbfgs->point, n) ? 0 : r->idle + 1;
  keep(r);
}

static ift_status begin(run *r, const double *x) {
  ift_lbfgs *lbfgs = r->lbfgs;
  lbfgs->used = lbfgs->last = 0;
  lbfgs->scale = r->problem->first_step;
  memcpy(lbfgs->point, x, (size_t)lbfgs->n * sizeof *x);
  memcpy(lbfgs->kept, x, (size_t)lbfgs->n * sizeof *x);
  IFT_TRY(r->problem->evaluate(r->problem->user, x, &r->value, lbfgs->gradient));
  r->evaluations = 1;
  r->norm = norm_of(lbfgs->gradient, lbfgs->n);
  if (!isfinite(r->value) || !isfinite(r->norm))
    return ift_fail(lbfgs->context, IFT_ERR_NOT_FINITE, "the minimization starts from value %g, gradient norm %g",
                    r->value, r->norm);
  r->start_value = r->kept_value = r->lowest = r->value;
  r->start_norm = r->kept_norm = r->norm;
  return IFT_OK;
}

/* One iteration; *more is false where there is nothing left to try. */
static ift_status iterate(run *r, bool *more) {
  ift_lbfgs *lbfgs = r->lbfgs;
  turn(lbfgs);
  const double slope = ift_dot_compensated(lbfgs->gradient, lbfgs->direction, lbfgs->n);
  place to;
  bool found = false;
  if (slope < 0 && isfinite(slope)) IFT_TRY(search(r, slope, &to, &found));
  if (found) {
    advance(r, to);
  } else {
    /* once more along -gradient: the pairs may be no good here */
    *more = lbfgs->used > 0;
    lbfgs->used = 0;
  }
  *more = *more && r->idle < PATIENCE;
  return IFT_OK;
}

ift_status ift_lbfgs_minimize(ift_lbfgs *lbfgs, const ift_lbfgs_problem *problem, double *x, int64_t *evaluations,
                              double *ratio) {
  run r = {.lbfgs = lbfgs, .problem = problem};
  IFT_TRY(begin(&r, x));
  bool more = true;
  for (int64_t k = 0; k < problem->iterations && more && r.norm > problem->tolerance * r.start_norm; k++)
    IFT_TRY(iterate(&r, &more));
  memcpy(x, lbfgs->kept, (size_t)lbfgs->n * sizeof *x);
  if (evaluations) *evaluations = r.evaluations;
  if (ratio) *ratio = r.start_norm > 0 ? r.kept_norm / r.start_norm : 0;
  return IFT_OK;
}
