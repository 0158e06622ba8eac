/* The sorted engine, for points on a line: k = -c|x-y| and k = c exp(-|x-y|/length) need no pairs. With all points in
 * order, what the sources on one side of a target add up to follows from the sum at the point before it. */
#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "base/sum.h"
#include "pairs/engines.h"

/* A point: number id of x where id < n, else number id - n of y. */
typedef struct mark {
  double at;
  int64_t id;
} mark;

/* One term, from one end of the line to the other. */
typedef struct pass {
  const ift_pair_problem *problem;
  const ift_pair_term *term;
  ift_isa isa;
  mark *marks; /* in order */
  double *e;   /* room for the exponentials */
  int64_t count;
  bool down; /* the sources passed lie above */
} pass;

static const mark *mark_of(const pass *p, int64_t k) {
  return &p->marks[p->down ? p->count - 1 - k : k];
}

/* Behind the last of those that coincide with number k. */
static int64_t end_of(const pass *p, int64_t k) {
  int64_t end = k + 1;
  while (end < p->count && mark_of(p, end)->at == mark_of(p, k)->at) end++;
  return end;
}

static double weight_of(const ift_pair_problem *problem, int64_t id) {
  return problem->w ? problem->w[id - problem->n] : 1;
}

/* The targets among marks k .. end-1 get this; the slope is that of going up, seen from below. */
static void add_to_targets(const pass *p, int64_t k, int64_t end, double value, double slope) {
  const ift_pair_problem *problem = p->problem;
  for (; k < end; k++) {
    const int64_t id = mark_of(p, k)->id;
    if (id >= problem->n) continue;
    if (problem->value) problem->value[id] += value;
    if (problem->gradient) problem->gradient[id] += p->down ? -slope : slope;
  }
}

/* The weights of the sources among them; false: there are none. */
static bool add_sources(const pass *p, int64_t k, int64_t end, double factor, ift_running_sum *sum) {
  bool any = false;
  for (; k < end; k++) {
    const int64_t id = mark_of(p, k)->id;
    if (id < p->problem->n) continue;
    ift_running_add(sum, factor * weight_of(p->problem, id));
    any = true;
  }
  return any;
}

/* k = -c|x-y|: the moment sum_j w_j |last - y_j| grows by the way to the next source times the weight behind. */
static void sum_distances(const pass *p) {
  double one[IFT_PAIR_LANES], unit[IFT_PAIR_LANES];
  for (int j = 0; j < IFT_PAIR_LANES; j++) one[j] = 1;
  ift_pair_evaluate_terms(p->term, 1, p->isa, unit, NULL, one, IFT_PAIR_LANES);
  ift_running_sum weights = {0, 0}, moment = {0, 0};
  double last = 0;
  for (int64_t k = 0, end; k < p->count; k = end) {
    const double at = mark_of(p, k)->at, behind = ift_running_value(&weights);
    ift_running_sum here = moment;
    if (behind != 0) ift_running_add(&here, fabs(at - last) * behind);
    end = end_of(p, k);
    add_to_targets(p, k, end, unit[0] * ift_running_value(&here), unit[0] * behind);
    if (!add_sources(p, k, end, 1, &weights)) continue;
    moment = here;
    last = at;
  }
}

/* Where exponentials are taken from: a source, until there is another that is a length away. */
typedef struct anchor {
  double at;
  bool set;
} anchor;

static double way_to(const anchor *a, double at) {
  return a->set ? fabs(at - a->at) : 0;
}

static bool leaves(const pass *p, const anchor *a, const mark *m) {
  return m->id >= p->problem->n && !(a->set && way_to(a, m->at) <= p->term->parameters[0]);
}

/* p->e[k] = exp(-|at - anchor|/length), the anchor being the one that a point finds. */
static void find_exponentials(const pass *p) {
  anchor a = {0, false};
  for (int64_t k = 0; k < p->count; k++) {
    const mark *m = mark_of(p, k);
    const double way = way_to(&a, m->at);
    p->e[k] = way * way;
    if (leaves(p, &a, m)) a = (anchor){m->at, true};
  }
  for (int64_t k = p->count; k % IFT_PAIR_LANES; k++) p->e[k] = 0;
  ift_pair_term term = *p->term;
  term.coefficient = 1;
  for (int64_t k = 0; k < p->count; k += IFT_PAIR_BLOCK) {
    const int64_t left = (p->count - k + IFT_PAIR_LANES - 1) & -IFT_PAIR_LANES;
    const int count = (int)(left < IFT_PAIR_BLOCK ? left : IFT_PAIR_BLOCK);
    double e[IFT_PAIR_BLOCK];
    ift_pair_evaluate_terms(&term, 1, p->isa, e, NULL, p->e + k, count);
    memcpy(p->e + k, e, (size_t)count * sizeof *e);
  }
}

/* k = c exp(-|x-y|/length): what lies behind the anchor has decayed to it; sources since then count as if they stood
 * there, with exp(+way/length) <= e. A chain of products from point to point would lose a digit in N. */
static void sum_exponentials(const pass *p) {
  const double length = p->term->parameters[0], c = p->term->coefficient;
  find_exponentials(p);
  anchor a = {0, false};
  double before = 0;
  ift_running_sum since = {0, 0};
  for (int64_t k = 0, end; k < p->count; k = end) {
    const double behind = p->e[k] * (before + ift_running_value(&since));
    end = end_of(p, k);
    const mark *last = mark_of(p, p->down ? k : end - 1); /* a source, if there is one here */
    add_to_targets(p, k, end, c * behind, -(c / length) * behind);
    if (!p->down) { /* those that coincide, once */
      ift_running_sum here = {0, 0};
      add_sources(p, k, end, 1, &here);
      add_to_targets(p, k, end, c * ift_running_value(&here), 0);
    }
    const bool left = leaves(p, &a, last);
    if (left) {
      a = (anchor){last->at, true};
      before = behind;
      since = (ift_running_sum){0, 0};
    }
    add_sources(p, k, end, left ? 1 : 1 / p->e[k], &since);
  }
}

enum { RUN = 16 };

static void insert_in_order(mark *marks, int64_t count) {
  for (int64_t k = 1; k < count; k++) {
    const mark moved = marks[k];
    int64_t to = k;
    for (; to > 0 && marks[to - 1].at > moved.at; to--) marks[to] = marks[to - 1];
    marks[to] = moved;
  }
}

static void merge(mark *to, const mark *a, const mark *end_a, const mark *b, const mark *end_b) {
  while (a < end_a && b < end_b) {
    const bool second = b->at < a->at;
    *to++ = second ? *b : *a;
    b += second;
    a += !second;
  }
  memcpy(to, a, (size_t)(end_a - a) * sizeof *a);
  memcpy(to + (end_a - a), b, (size_t)(end_b - b) * sizeof *b);
}

/* Where they are in order: in one of the two places. */
static mark *sort(mark *marks, mark *other, int64_t count) {
  for (int64_t k = 0; k < count; k += RUN) insert_in_order(marks + k, count - k < RUN ? count - k : RUN);
  for (int64_t run = RUN; run < count; run *= 2) {
    for (int64_t k = 0; k < count; k += 2 * run) {
      const int64_t middle = k + run < count ? k + run : count, end = middle + run < count ? middle + run : count;
      merge(other + k, marks + k, marks + middle, marks + middle, marks + end);
    }
    mark *const sorted = other;
    other = marks;
    marks = sorted;
  }
  return marks;
}

static bool can(const ift_pair_problem *problem) {
  for (int t = 0; t < problem->count; t++)
    if (problem->terms[t].form != IFT_RADIAL || !(problem->terms[t].degree == 1 || problem->terms[t].exponential))
      return false;
  return problem->d == 1 && !problem->matrix;
}

static double cost(const ift_pair_problem *problem) {
  const double points = (double)problem->n + (double)problem->m, compare = 7, visit = 25;
  return points * (compare * log2(points) + visit * problem->count);
}

static ift_status run(ift_context *context, const ift_pair_problem *problem, bool *done) {
  const int64_t n = problem->n, count = n + problem->m;
  mark *marks = ift_scratch(context, count + IFT_PAIR_LANES, 2 * sizeof *marks + sizeof(double));
  if (!marks) return IFT_ERR_NO_MEMORY;
  double *e = (double *)(marks + 2 * count);
  for (int64_t id = 0; id < count; id++) marks[id] = (mark){id < n ? problem->x[id] : problem->y[id - n], id};
  marks = sort(marks, marks + count, count);
  if (problem->value) memset(problem->value, 0, (size_t)n * sizeof(double));
  if (problem->gradient) memset(problem->gradient, 0, (size_t)n * sizeof(double));
  for (int t = 0; t < problem->count; t++)
    for (int down = 0; down < 2; down++) {
      const pass p = {problem, &problem->terms[t], context->isa, marks, e, count, down};
      (p.term->exponential ? sum_exponentials : sum_distances)(&p);
    }
  *done = true;
  return IFT_OK;
}

const ift_pair_engine ift_pair_engine_sorted = {
    .name = "sorted",
    .doc = "points in order, in time n log n: for energy (riesz:1), laplace, matern12 and their sums in one dimension",
    .can = can,
    .cost = cost,
    .run = run,
};
