/* Modes: from many points up along the score, then Newton's method from the highest ends, one for each mode. */
#include "cli/modes.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cli/matrix.h"
#include "cli/message.h"

/* Evaluations of a climb, its first radius in units of the length, and what ends it: a gain of log pi. */
enum { CLIMB = 15 };
static const double first_radius = 0.1, small_gain = 1e-2, small_move = 1e-7;

/* Newton's method: steps at most, the squared Newton decrement that ends it, the shortest step tried. */
enum { NEWTON = 30, STARTS = 60 };
static const double small_decrement = 1e-6, shortest = 1e-9;

/* Squared Mahalanobis distances: within the first of a mode it is that mode, within the second an end point is its. */
static const double same_mode = 0.25, its_basin = 4;

/* ---- climbing ---- */

typedef struct climber {
  cli_density *density;
  double length;
  double *score, *move, *trial, *trial_score; /* dim each */
} climber;

/* The step of Barzilai and Borwein (1988), from |p|^2 and p'(s(x+p) - s(x)), where the score bends back. */
static double next_step(const climber *c, double square, int64_t d) {
  double bend = 0;
  for (int64_t j = 0; j < d; j++) bend -= c->move[j] * (c->trial_score[j] - c->score[j]);
  return bend > 1e-12 * square ? square / bend : INFINITY;
}

/* A radius holds the steps, as the log-density says: it is doubled where that rises, and cut where it falls. */
static bool climb(const climber *c, double *x, double *height) {
  const int64_t d = c->density->dim;
  double radius = first_radius * c->length, step = INFINITY;
  if (!cli_density_at(c->density, height, c->score, x, 1)) return false;
  for (int t = 0; t<CLIMB && * height> - INFINITY; t++) {
    const double slope = sqrt(cli_dot(c->score, c->score, d));
    if (!(slope > 0)) break;
    const double factor = fmin(step, radius / slope), size = factor * slope;
    double trial_height = 0;
    for (int64_t j = 0; j < d; j++) c->trial[j] = x[j] + (c->move[j] = factor * c->score[j]);
    if (!cli_density_at(c->density, &trial_height, c->trial_score, c->trial, 1)) return false;
    const double gain = trial_height - *height;
    step = trial_height > -INFINITY ? next_step(c, size * size, d) : INFINITY;
    const bool flat = gain >= 0 && gain < small_gain && fabs(cli_dot(c->move, c->trial_score, d)) < small_gain;
    radius = gain >= 0 ? fmin(2 * radius, c->length) : size / 4;
    if (gain >= 0) {
      memcpy(x, c->trial, (size_t)d * sizeof *x);
      memcpy(c->score, c->trial_score, (size_t)d * sizeof *x);
      *height = trial_height;
    }
    if (flat || size < small_move * c->length) break;
  }
  return true;
}

/* ---- Newton's method ---- */

/* Halves a step twice over and over until log pi rises; *risen is false where none of them makes it. */
static bool search_line(const climber *c, double *x, double *height, bool *risen) {
  const int64_t d = c->density->dim;
  double size = sqrt(cli_dot(c->move, c->move, d));
  const double factor = size > c->length ? c->length / size : 1;
  for (int64_t j = 0; j < d; j++) c->move[j] *= factor;
  for (size *= factor, *risen = false; !*risen && size >= shortest * c->length; size /= 4) {
    double trial_height = 0;
    for (int64_t j = 0; j < d; j++) c->trial[j] = x[j] + c->move[j];
    if (!cli_density_at(c->density, &trial_height, c->trial_score, c->trial, 1)) return false;
    *risen = trial_height > *height;
    if (*risen) {
      memcpy(x, c->trial, (size_t)d * sizeof *x);
      memcpy(c->score, c->trial_score, (size_t)d * sizeof *x);
      *height = trial_height;
    }
    for (int64_t j = 0; j < d; j++) c->move[j] /= 4;
  }
  return true;
}

/* From x to a mode, and its covariance. */
static bool polish(const climber *c, double *x, double *covariance, double *precision) {
  const int64_t d = c->density->dim;
  double height = 0;
  bool risen = true;
  if (!cli_density_at(c->density, &height, c->score, x, 1)) return false;
  for (int t = 0;; t++) {
    if (!cli_density_laplace(c->density, covariance, precision, x, c->length)) return false;
    if (!risen || t == NEWTON) return true;
    cli_multiply(c->move, covariance, c->score, d);
    if (cli_dot(c->move, c->score, d) < small_decrement) return true;
    if (!search_line(c, x, &height, &risen)) return false;
  }
}

/* ---- which ends belong together ---- */

/* An end of a climb. */
typedef struct end {
  double height;
  const double *x;
} end;

static int compare_ends(const void *a, const void *b) {
  const end *p = a, *q = b;
  if (p->height != q->height) return p->height > q->height ? -1 : 1;
  return p->x < q->x ? -1 : p->x > q->x;
}

static double distance(const double *x, const double *y, const double *precision, int64_t d) {
  double sum = 0;
  for (int64_t i = 0; i < d; i++)
    for (int64_t j = 0; j < d; j++) sum += (x[i] - y[i]) * precision[i * d + j] * (x[j] - y[j]);
  return sum;
}

/* Drops the ends about a point; gives how many are left. */
static int64_t drop(end *ends, int64_t count, const double *x, const double *precision, int64_t d) {
  int64_t left = 0;
  for (int64_t i = 0; i < count; i++)
    if (!(distance(ends[i].x, x, precision, d) < its_basin)) ends[left++] = ends[i];
  return left;
}

/* The mode nearest to a point in its own metric, or -1; *square is its distance. */
static int64_t nearest(const cli_modes *modes, const double *x, double *square) {
  const int64_t d = modes->dim;
  int64_t best = -1;
  *square = INFINITY;
  for (int64_t k = 0; k < modes->count; k++) {
    const double found = distance(x, modes->places + k * d, modes->precisions + k * d * d, d);
    if (found < *square) {
      *square = found;
      best = k;
    }
  }
  return best;
}

/* From the highest end that is left to its mode, until none is left. Ends about a new mode go with it; where the mode
 * is an old one, those about the end itself do. */
static bool collect(cli_modes *modes, const climber *c, end *ends, int64_t count) {
  const int64_t d = modes->dim;
  int starts = 0;
  for (; count > 0 && modes->count < CLI_MODES && starts < STARTS; starts++) {
    const int64_t new = modes->count;
    double *place = modes->places + new *d, *precision = modes->precisions + new *d *d, square = 0;
    const double *from = ends[0].x;
    memcpy(place, from, (size_t)d * sizeof *place);
    if (!polish(c, place, modes->covariances + new *d *d, precision)) return false;
    memmove(ends, ends + 1, (size_t)--count * sizeof *ends);
    const int64_t old = nearest(modes, place, &square);
    if (square < same_mode) {
      count = drop(ends, count, from, modes->precisions + old * d * d, d);
    } else {
      modes->count++;
      count = drop(ends, count, place, precision, d);
    }
  }
  modes->cut = count > 0;
  return true;
}

static bool climb_all(cli_modes *modes, const climber *c, end *ends, double *points, int64_t n) {
  const int64_t d = modes->dim;
  int64_t count = 0;
  for (int64_t i = 0; i < n; i++) {
    double height = 0;
    if (!climb(c, points + i * d, &height)) return false;
    if (height > -INFINITY) ends[count++] = (end){height, points + i * d};
  }
  if (count == 0) return cli_fail("the log-density is -inf at all %lld points where the search began", (long long)n);
  qsort(ends, (size_t)count, sizeof *ends, compare_ends);
  return collect(modes, c, ends, count);
}

bool cli_modes_find(cli_modes *modes, cli_density *density, double *points, int64_t n, double length) {
  const size_t d = (size_t)density->dim;
  *modes = (cli_modes){.dim = density->dim,
                       .places = malloc(CLI_MODES * d * sizeof(double)),
                       .covariances = malloc(CLI_MODES * d * d * sizeof(double)),
                       .precisions = malloc(CLI_MODES * d * d * sizeof(double))};
  double *work = malloc(4 * d * sizeof *work);
  end *ends = malloc((size_t)n * sizeof *ends);
  bool done = modes->places && modes->covariances && modes->precisions && work && ends;
  if (done) {
    const climber c = {density, length, work, work + d, work + 2 * d, work + 3 * d};
    done = climb_all(modes, &c, ends, points, n);
  } else {
    cli_fail("out of memory");
  }
  free(work);
  free(ends);
  return done;
}

void cli_modes_free(cli_modes *modes) {
  free(modes->places);
  free(modes->covariances);
  free(modes->precisions);
  *modes = (cli_modes){.count = 0};
}
