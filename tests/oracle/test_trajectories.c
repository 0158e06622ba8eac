/* Ten fixed steps in each of the nine geometries, in every combination of modes, against those of flows.py. */
#include "oracle/table.h"

enum { STEPS = 10, QUANTITIES = 9 };

/* Implicit transport is a search that ends where the gradient is at most 1e-10 of that at its start. */
static const double TOLERANCE = 1e-11, SEARCH_TOLERANCE = 1e-10;

/* The columns of a row q but for the last, `alive`. */
static const char *const quantity[QUANTITIES - 1] = {
    "energy", "transport_dissipation", "reaction_dissipation", "mass",
    "gap",    "dissipation",           "decay_rate",           "guaranteed_rate"};

typedef struct problem {
  char name[32];
  int64_t n, m, d;
  const char *kernel;
  const double *x, *a;
} problem;

/* A row full or last; options: ",NAME=VALUE" for each. */
typedef struct trajectory {
  char problem[32], geometry[32];
  double tau, eta, tolerance;
  const char *options;
} trajectory;

static trajectory read_trajectory(const table *t, int64_t row) {
  const char *text = t->rows[row].text;
  trajectory c;
  int read = 0;
  assert_int_equal(sscanf(text, "%31[^,],%31[^,],%lf,%lf%n", c.problem, c.geometry, &c.tau, &c.eta, &read), 4);
  c.options = text + read;
  c.tolerance = strstr(c.options, "transport=implicit") ? SEARCH_TOLERANCE : TOLERANCE;
  return c;
}

static bool has_option(const trajectory *c, const char *name) {
  char start[32];
  snprintf(start, sizeof start, ",%s=", name);
  return strstr(c->options, start) != NULL;
}

static int64_t find_problem(const table *t, const char *name, problem *p) {
  for (int64_t row = table_next(t, 0, "problem"); row < t->count; row = table_next(t, row + 1, "problem")) {
    long long n, m, d;
    assert_int_equal(sscanf(t->rows[row].text, "%31[^,],%lld,%lld,%lld", p->name, &n, &m, &d), 4);
    if (strcmp(p->name, name) != 0) continue;
    p->n = n, p->m = m, p->d = d;
    p->kernel = t->rows[table_next(t, row, "kernel")].text;
    p->x = table_numbers(t, row, "x", n * d);
    p->a = table_numbers(t, row, "a", n);
    return row;
  }
  fail_msg("no problem %s", name);
  return -1;
}

static ift_target *make_target(ift_context *context, const table *t, int64_t row, const problem *p) {
  ift_target *target;
  if (p->m > 0) {
    ift_measure *samples;
    assert_status(IFT_OK, ift_measure_create(context, &samples, table_numbers(t, row, "y", p->m * p->d), p->m, p->d,
                                             table_numbers(t, row, "b", p->m)));
    assert_status(IFT_OK, ift_target_samples(context, &target, samples));
    ift_measure_destroy(samples);
    return target;
  }
  const int64_t count = t->rows[table_next(t, row, "weights")].count;
  assert_status(IFT_OK,
                ift_target_gaussian_mixture(context, &target, count, p->d, table_numbers(t, row, "weights", count),
                                            table_numbers(t, row, "means", count * p->d),
                                            table_numbers(t, row, "covariances", count * p->d * p->d)));
  return target;
}

static void set_options(ift_flow *flow, const trajectory *c) {
  char name[32], value[32];
  int read = 0;
  assert_status(IFT_OK, ift_flow_set_text(flow, "step_control", "fixed"));
  for (const char *rest = c->options; sscanf(rest, ",%31[^=]=%31[^,]%n", name, value, &read) == 2; rest += read) {
    char *end;
    const double number = strtod(value, &end);
    assert_status(IFT_OK, *end ? ift_flow_set_text(flow, name, value) : ift_flow_set_real(flow, name, number));
  }
  if (has_option(c, "time_step")) return; /* it stands for tau and eta */
  if (has_option(c, "transport")) assert_status(IFT_OK, ift_flow_set_real(flow, "tau", c->tau));
  if (has_option(c, "reaction")) assert_status(IFT_OK, ift_flow_set_real(flow, "eta", c->eta));
}

static ift_flow *make_flow(ift_context *context, const table *t, const trajectory *c, problem *p) {
  const int64_t row = find_problem(t, c->problem, p);
  ift_target *target = make_target(context, t, row, p);
  ift_kernel *kernel;
  ift_energy *energy;
  ift_measure *measure;
  ift_flow *flow;
  assert_status(IFT_OK, ift_kernel_parse(context, &kernel, p->kernel));
  assert_status(IFT_OK, ift_energy_mmd(context, &energy, kernel, target));
  assert_status(IFT_OK, ift_measure_create(context, &measure, p->x, p->n, p->d, p->a));
  assert_status(IFT_OK, ift_flow_create(context, &flow, c->geometry, energy, measure));
  ift_measure_destroy(measure);
  ift_energy_destroy(energy);
  ift_kernel_destroy(kernel);
  ift_target_destroy(target);
  set_options(flow, c);
  return flow;
}

/* A number is right if it differs by at most the tolerance, of its size where that is above 1 or it is `relative`:
 * energies and rates of them, which may be small. The 1e-3 leaves room for their own errors, those of sums of terms of
 * size 1. */
static void compare_number(table_report *report, const trajectory *c, const char *what, double got, double expected,
                           bool relative) {
  const double scale = relative ? fabs(expected) + 1e-3 : fmax(1, fabs(expected));
  table_compare(report, what, &got, &expected, &scale, 1, c->tolerance);
}

static double get(const ift_flow *flow, const char *name) {
  double value = 0;
  assert_status(IFT_OK, ift_flow_get_real(flow, name, &value));
  return value;
}

/* The quantities of a row q, and those that follow from them. */
static void compare_quantities(table_report *report, const ift_flow *flow, const trajectory *c, const double *q,
                               int step) {
  for (int i = 0; i < QUANTITIES - 1; i++) {
    const bool relative = strcmp(quantity[i], "mass") != 0 && strcmp(quantity[i], "decay_rate") != 0;
    compare_number(report, c, quantity[i], get(flow, quantity[i]), q[i], relative);
  }
  int64_t alive = -1;
  assert_status(IFT_OK, ift_flow_get_int(flow, "alive", &alive));
  compare_number(report, c, "alive", (double)alive, q[QUANTITIES - 1], false);
  compare_number(report, c, "mmd2", get(flow, "mmd2"), 2 * q[0], true);
  compare_number(report, c, "transport_time", get(flow, "transport_time"), step * c->tau, false);
  compare_number(report, c, "reaction_time", get(flow, "reaction_time"), step * c->eta, false);
}

static void compare_array(table_report *report, const trajectory *c, const char *what, const double *got,
                          const double *expected, int64_t count) {
  for (int64_t i = 0; i < count; i++) compare_number(report, c, what, got[i], expected[i], false);
}

/* State `step`, whose row q is `row`; returns the row behind it. */
static int64_t compare_state(table_report *report, const table *t, int64_t row, const ift_flow *flow, const problem *p,
                             const trajectory *c, int step) {
  const ift_measure *measure = ift_flow_measure(flow);
  const double *x = p->x, *a = p->a; /* where nothing moves or changes: the start */
  assert_string_equal(t->rows[row].key, "q");
  assert_int_equal(t->rows[row].count, QUANTITIES);
  compare_quantities(report, flow, c, t->rows[row++].values, step);
  if (step > 0 && has_option(c, "transport")) x = table_numbers(t, row++ - 1, "x", p->n * p->d);
  if (step > 0 && has_option(c, "reaction")) a = table_numbers(t, row++ - 1, "a", p->n);
  assert_int_equal(ift_measure_size(measure), p->n);
  compare_array(report, c, "positions", ift_measure_positions(measure), x, p->n * p->d);
  compare_array(report, c, "weights", ift_measure_weights(measure), a, p->n);
  return row;
}

/* Sum of (i+1) values[i]. */
static double checksum(const double *values, int64_t count) {
  double sum = 0;
  for (int64_t i = 0; i < count; i++) sum += (double)(i + 1) * values[i];
  return sum;
}

static void compare_full(table_report *report, const table *t, int64_t row, ift_flow *flow, const problem *p,
                         const trajectory *c) {
  row = compare_state(report, t, row + 1, flow, p, c, 0);
  for (int step = 1; step <= STEPS; step++) {
    assert_status(IFT_OK, ift_flow_step(flow, 1));
    row = compare_state(report, t, row, flow, p, c, step);
  }
}

/* Only the last state, after ten steps in one call. */
static void compare_last(table_report *report, const table *t, int64_t row, ift_flow *flow, const problem *p,
                         const trajectory *c) {
  const double *q = table_numbers(t, row, "q", QUANTITIES + 2);
  const ift_measure *measure = ift_flow_measure(flow);
  assert_status(IFT_OK, ift_flow_step(flow, STEPS));
  compare_quantities(report, flow, c, q, STEPS);
  compare_number(report, c, "sum of weights", checksum(ift_measure_weights(measure), p->n), q[QUANTITIES], false);
  compare_number(report, c, "sum of positions", checksum(ift_measure_positions(measure), p->n * p->d),
                 q[QUANTITIES + 1], false);
}

/* All trajectories of one geometry; the geometry is the state of the test. */
static void test_geometry(void **state) {
  const char *geometry = *state;
  table t;
  table_report report = {0};
  ift_context *context;
  int full = 0, last = 0;
  table_read(&t, __FILE__, "trajectories.csv");
  assert_status(IFT_OK, ift_context_create(&context));
  for (int64_t row = 0; row < t.count; row++) {
    const bool is_full = strcmp(t.rows[row].key, "full") == 0;
    if (!is_full && strcmp(t.rows[row].key, "last") != 0) continue;
    const trajectory c = read_trajectory(&t, row);
    if (strcmp(c.geometry, geometry) != 0) continue;
    problem p;
    ift_flow *flow = make_flow(context, &t, &c, &p);
    report.where = t.rows[row].text;
    (is_full ? compare_full : compare_last)(&report, &t, row, flow, &p, &c);
    ift_flow_destroy(flow);
    (*(is_full ? &full : &last))++;
  }
  assert_true(full > 0 && last > full);
  ift_context_destroy(context);
  table_free(&t);
  table_finish(&report);
}

int main(void) {
  static char geometries[][24] = {"wasserstein",   "mmd", "spherical-mmd", "fisher-rao", "spherical-fisher-rao", "ift",
                                  "spherical-ift", "wfr", "spherical-wfr"};
  const struct CMUnitTest tests[] = {
      {geometries[0], test_geometry, NULL, NULL, geometries[0]},
      {geometries[1], test_geometry, NULL, NULL, geometries[1]},
      {geometries[2], test_geometry, NULL, NULL, geometries[2]},
      {geometries[3], test_geometry, NULL, NULL, geometries[3]},
      {geometries[4], test_geometry, NULL, NULL, geometries[4]},
      {geometries[5], test_geometry, NULL, NULL, geometries[5]},
      {geometries[6], test_geometry, NULL, NULL, geometries[6]},
      {geometries[7], test_geometry, NULL, NULL, geometries[7]},
      {geometries[8], test_geometry, NULL, NULL, geometries[8]},
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
