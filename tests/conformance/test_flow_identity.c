/* A flow is one of measures: the order of particles changes nothing, nor where T11 promises it does splitting one in
 * halves, nor the number of threads; and where chance is in it a seed fixes it. For every energy, geometry, reaction
 * and transport. */
#include "conformance/ways.h"

enum { STEPS = 5 };
static ift_context *context_;
static gallery all;

static int set_up(void **state) {
  (void)state;
  context_ = make_context();
  all = open_gallery(context_);
  return 0;
}

static int tear_down(void **state) {
  (void)state;
  close_gallery(&all);
  ift_context_destroy(context_);
  return 0;
}

/* Particles that are no one's multiple, all alive. */
static void make_living(double *x, double *a) {
  dice dice_ = {5};
  dice_normals(&dice_, x, N * D);
  dice_weights(&dice_, a, N, mass);
}

/* Fixed steps. */
static ift_flow *run(const way *w, const ift_energy *energy, const double *x, int64_t n, const double *a) {
  ift_flow *flow = open_flow(context_, w, energy, x, n, a, false);
  assert_status(IFT_OK, ift_flow_set_text(flow, "step_control", "fixed"));
  if (w->trait->transports) assert_status(IFT_OK, ift_flow_set_real(flow, "tau", 0.03));
  if (reweights(w->trait))
    assert_status(IFT_OK, ift_flow_set_real(flow, "eta", reacts_by(w, "gradient") ? 0.005 : 0.1));
  assert_status(IFT_OK, ift_flow_step(flow, STEPS));
  return flow;
}

static void check_same(const way *w, double one, double two, double tolerance) {
  if (!(fabs(one - two) <= tolerance))
    fail_msg("%s, %s, %s, %s, %s: %.17g and %.17g", w->trait->geometry, w->reaction ? w->reaction : "-",
             w->transport ? w->transport : "-", w->splitting, w->exhibit->name, one, two);
}

/* Implicit transport ends at a tolerance. */
static double accuracy(const way *w) {
  return moves_by(w, "implicit") ? 1e-5 : 1e-10;
}

static void check_order(ift_context *context, const way *w, const ift_energy *energy) {
  double x[N * D], a[N], other[N * D], b[N];
  (void)context;
  if (answer_of(w) != IFT_OK || is_random(w)) return;
  make_living(x, a);
  for (int i = 0; i < N; i++) {
    const int from = (5 * i + 3) % N;
    b[i] = a[from];
    memcpy(other + i * D, x + from * D, D * sizeof *x);
  }
  ift_flow *one = run(w, energy, x, N, a), *two = run(w, energy, other, N, b);
  for (int i = 0; i < N; i++) {
    const int from = (5 * i + 3) % N;
    check_same(w, weights(one)[from], weights(two)[i], accuracy(w));
    for (int l = 0; l < D; l++) check_same(w, positions(one)[from * D + l], positions(two)[i * D + l], accuracy(w));
  }
  ift_flow_destroy(one);
  ift_flow_destroy(two);
}

static void test_order(void **state) {
  (void)state;
  for_all_ways(context_, &all, check_order, true);
}

/* The metrics of the others count particles, as damping does; so does K + eps I, the metric of `linearized` for energies that are no
 * square in its kernel. */
static bool splits(const way *w) {
  if ((reacts_by(w, "linearized") && !w->exhibit->square) || w->trait->joint) return false;
  if (moves_by(w, "euclidean") || reacts_by(w, "gradient") || reacts_by(w, "projected")) return false;
  return !is_random(w) && answer_of(w) == IFT_OK;
}

static void check_halves(ift_context *context, const way *w, const ift_energy *energy) {
  double x[(N + 1) * D], a[N + 1];
  (void)context;
  if (!splits(w)) return;
  make_living(x, a);
  ift_flow *one = run(w, energy, x, N, a);
  a[N] = a[4] /= 2;
  memcpy(x + N * D, x + 4 * D, D * sizeof *x);
  ift_flow *two = run(w, energy, x, N + 1, a);
  for (int i = 0; i < N; i++) {
    const double weight = weights(two)[i] + (i == 4 ? weights(two)[N] : 0);
    check_same(w, weights(one)[i], weight, 1e2 * accuracy(w));
    for (int l = 0; l < D; l++) check_same(w, positions(one)[i * D + l], positions(two)[i * D + l], 1e2 * accuracy(w));
  }
  for (int l = 0; l < D; l++) check_same(w, positions(two)[4 * D + l], positions(two)[N * D + l], 1e2 * accuracy(w));
  ift_flow_destroy(one);
  ift_flow_destroy(two);
}

static void test_halves(void **state) {
  (void)state;
  for_all_ways(context_, &all, check_halves, true);
}

/* Twice the same, and with three threads: the same bits. */
static void check_bits(ift_context *context, const way *w, const ift_energy *energy) {
  double x[N * D], a[N];
  if (answer_of(w) != IFT_OK) return;
  ift_flow *one = flow_of(context, w, energy);
  assert_status(IFT_OK, ift_flow_step(one, 3));
  assert_status(IFT_OK, ift_measure_copy_positions(ift_flow_measure(one), x));
  assert_status(IFT_OK, ift_measure_copy_weights(ift_flow_measure(one), a));
  ift_flow_destroy(one);
  assert_status(IFT_OK, ift_context_set_threads(context, 3));
  ift_flow *two = flow_of(context, w, energy);
  assert_status(IFT_OK, ift_flow_step(two, 3));
  assert_memory_equal(x, positions(two), sizeof x);
  assert_memory_equal(a, weights(two), sizeof a);
  ift_flow_destroy(two);
  assert_status(IFT_OK, ift_context_set_threads(context, 1));
}

static void test_threads(void **state) {
  (void)state;
  for_all_ways(context_, &all, check_bits, true);
}

/* Enough particles for threads to share. */
enum { MANY = 150 };

static void draw(const way *w, const ift_energy *energy, int threads, int64_t seed, int64_t calls, double *out) {
  double x[MANY * D];
  dice dice_ = {6};
  dice_normals(&dice_, x, MANY * D);
  assert_status(IFT_OK, ift_context_set_threads(context_, threads));
  ift_flow *flow = open_flow(context_, w, energy, x, MANY, NULL, false);
  assert_status(IFT_OK, ift_flow_set_int(flow, "seed", seed));
  for (int64_t k = 0; k < calls; k++) assert_status(IFT_OK, ift_flow_step(flow, 4 / calls));
  assert_int_equal(flow_int(flow, "step"), 4);
  memcpy(out, positions(flow), MANY * D * sizeof *out);
  ift_flow_destroy(flow);
  assert_status(IFT_OK, ift_context_set_threads(context_, 1));
}

static int draws_compared;

static void check_seed(ift_context *context, const way *w, const ift_energy *energy) {
  double one[MANY * D], two[MANY * D];
  (void)context;
  if (answer_of(w) != IFT_OK || !is_random(w)) return;
  draw(w, energy, 1, 7, 1, one);
  draw(w, energy, 3, 7, 2, two);
  assert_memory_equal(one, two, sizeof one);
  draw(w, energy, 1, 8, 1, two);
  assert_memory_not_equal(one, two, sizeof one);
  draws_compared++;
}

static void test_seed(void **state) {
  (void)state;
  for_all_ways(context_, &all, check_seed, true);
  assert_true(draws_compared >= 20);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_order),
      cmocka_unit_test(test_halves),
      cmocka_unit_test(test_threads),
      cmocka_unit_test(test_seed),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
