/* The preset `published` against published.py, which has the paper's published algorithm in that code's own terms. */
#include "oracle/table.h"

static const double TOLERANCE = 1e-12;

/* An update of the weights by its published name: the geometry whose flow it is, and eta over the learning rate lr_. */
typedef struct update {
  const char *name, *geometry;
  double eta;
} update;

static const update updates[] = {
    {"MMD", "spherical-ift", 2}, /* the gradient of MMD^2, twice that of F */
    {"KL", "spherical-wfr", 1},
    {"none", "wasserstein", 0},
};

enum { UPDATES = sizeof updates / sizeof *updates };

typedef struct problem {
  char name[32];
  long long n, m, d;
  const double *x, *y, *b;
} problem;

/* A row run. */
typedef struct published {
  char problem[32], update[32];
  double lr, lr_;
  long long batch, seed;
} published;

static problem find_problem(const table *t, const char *name) {
  problem p;
  for (int64_t row = table_next(t, 0, "problem"); row < t->count; row = table_next(t, row + 1, "problem")) {
    assert_int_equal(sscanf(t->rows[row].text, "%31[^,],%lld,%lld,%lld", p.name, &p.n, &p.m, &p.d), 4);
    if (strcmp(p.name, name) != 0) continue;
    p.x = table_numbers(t, row, "x", p.n * p.d);
    p.y = table_numbers(t, row, "y", p.m * p.d);
    p.b = table_numbers(t, row, "b", p.m);
    return p;
  }
  fail_msg("no problem %s", name);
  return p;
}

static ift_flow *make_flow(ift_context *context, const problem *p, const char *geometry) {
  ift_kernel *kernel;
  ift_measure *samples, *start;
  ift_target *target;
  ift_energy *energy;
  ift_flow *flow;
  assert_status(IFT_OK, ift_kernel_parse(context, &kernel, "gaussian:10")); /* gamma = 1/(2 s^2) = 1/200 */
  assert_status(IFT_OK, ift_measure_create(context, &samples, p->y, p->m, p->d, p->b));
  assert_status(IFT_OK, ift_target_samples(context, &target, samples));
  assert_status(IFT_OK, ift_energy_mmd(context, &energy, kernel, target));
  assert_status(IFT_OK, ift_measure_create(context, &start, p->x, p->n, p->d, NULL));
  assert_status(IFT_OK, ift_flow_create(context, &flow, geometry, energy, start));
  ift_measure_destroy(start);
  ift_energy_destroy(energy);
  ift_target_destroy(target);
  ift_measure_destroy(samples);
  ift_kernel_destroy(kernel);
  return flow;
}

/* The preset with step sizes that stand for the learning rates. */
static void set_options(ift_flow *flow, const problem *p, const published *run, const update *u) {
  assert_status(IFT_OK, ift_flow_set_text(flow, "preset", "published"));
  assert_status(IFT_OK, ift_flow_set_int(flow, "seed", run->seed));
  if (run->batch != p->n) assert_status(IFT_OK, ift_flow_set_int(flow, "batch", run->batch));
  /* Positions go along 2 w_i grad f; in the flow without weights these are 1/n. */
  const double tau = u->eta > 0 ? 2 * run->lr : 2 * run->lr / (double)p->n;
  assert_status(IFT_OK, ift_flow_set_real(flow, "tau", tau));
  if (u->eta > 0) assert_status(IFT_OK, ift_flow_set_real(flow, "eta", u->eta * run->lr_));
}

/* The states behind row `row` of a run, in steps of varying number. */
static void compare_run(table_report *report, const table *t, int64_t row, ift_flow *flow, const problem *p) {
  const ift_measure *measure = ift_flow_measure(flow);
  int64_t done = 0;
  for (row++; row < t->count && strcmp(t->rows[row].key, "step") == 0;) {
    const int64_t step = (int64_t)t->rows[row].values[0];
    double mmd2;
    assert_status(IFT_OK, ift_flow_step(flow, step - done));
    done = step;
    assert_status(IFT_OK, ift_flow_get_real(flow, "mmd2", &mmd2));
    table_compare(report, "positions", ift_measure_positions(measure), table_numbers(t, row, "x", p->n * p->d), NULL,
                  p->n * p->d, TOLERANCE);
    table_compare(report, "mmd2", &mmd2, table_numbers(t, row, "mmd2", 1), NULL, 1, TOLERANCE);
    const double *weights = ift_measure_weights(measure);
    for (row++; row < t->count && strcmp(t->rows[row].key, "step") != 0 && strcmp(t->rows[row].key, "run") != 0; row++)
      if (strcmp(t->rows[row].key, "a") == 0)
        table_compare(report, "weights", weights, t->rows[row].values, NULL, p->n, TOLERANCE);
  }
  assert_int_equal(done, 100);
}

/* All runs of one update; the update is the state of the test. */
static void test_update(void **state) {
  const update *u = *state;
  table t;
  table_report report = {0};
  ift_context *context;
  int runs = 0;
  table_read(&t, __FILE__, "published.csv");
  assert_status(IFT_OK, ift_context_create(&context));
  for (int64_t row = table_next(&t, 0, "run"); row < t.count; row = table_next(&t, row + 1, "run")) {
    published run;
    assert_int_equal(sscanf(t.rows[row].text, "%31[^,],%31[^,],%lf,%lf,%lld,%lld", run.problem, run.update, &run.lr,
                            &run.lr_, &run.batch, &run.seed),
                     6);
    if (strcmp(run.update, u->name) != 0) continue;
    const problem p = find_problem(&t, run.problem);
    ift_flow *flow = make_flow(context, &p, u->geometry);
    set_options(flow, &p, &run, u);
    report.where = t.rows[row].text;
    compare_run(&report, &t, row, flow, &p);
    ift_flow_destroy(flow);
    runs++;
  }
  assert_true(runs >= 2);
  ift_context_destroy(context);
  table_free(&t);
  table_finish(&report);
}

int main(void) {
  struct CMUnitTest tests[UPDATES];
  for (int i = 0; i < UPDATES; i++)
    tests[i] = (struct CMUnitTest){updates[i].name, test_update, NULL, NULL, (void *)(uintptr_t)&updates[i]};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
