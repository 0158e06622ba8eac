/* What every flow has to keep to, for every geometry, reaction and transport of the catalogue and every kind of energy:
 * mass, signs, energy, step sizes, the half that a geometry does not have. */
#include "conformance/ways.h"

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

static void for_all(checker *check) {
  for_all_ways(context_, &all, check, true);
}

/* Every reaction and transport of the catalogue is of use in some geometry. */
static void test_every_kind_has_a_geometry(void **state) {
  (void)state;
  for (int64_t i = 0; i < ift_kind_count(); i++) {
    const char *noun = ift_kind_noun(i);
    if (strcmp(noun, "reaction") != 0 && strcmp(noun, "transport") != 0) continue;
    int64_t geometries = 0;
    for (int k = 0; k < TRAITS; k++) geometries += takes(context_, &traits[k], noun, ift_kind_name(i));
    assert_true(geometries > 0);
  }
}

/* Says which way failed. */
#define assert_way(w, condition)                                                                                       \
  do {                                                                                                                 \
    if (!(condition)) fail_way(w, #condition, __FILE__, __LINE__);                                                     \
  } while (0)
static void fail_way(const way *w, const char *what, const char *file, int line) {
  print_error("%s, %s, %s, %s, %s: %s (last message: %s)\n", w->trait->geometry, w->reaction ? w->reaction : "-",
              w->transport ? w->transport : "-", w->splitting, w->exhibit->name, what, ift_context_message(context_));
  _fail(file, line);
}

/* A mode serves an energy or says that it does not; MMD reactions without a kernel are only for squared MMDs. */
static void check_service(ift_context *context, const way *w, const ift_energy *energy) {
  double x[N * D], a[N];
  make_particles(w, x, a);
  ift_flow *flow = open_flow(context, w, energy, x, N, a, false);
  assert_way(w, ift_flow_step(flow, 1) == answer_of(w));
  ift_flow_destroy(flow);
  if (w->exhibit->square || !w->trait->reacts || w->trait->multiplies) return;
  flow = open_flow(context, w, energy, x, N, a, true);
  const bool needless = reacts_by(w, "gradient") && answer_of(w) == IFT_OK;
  assert_way(w, ift_flow_step(flow, 1) == (needless ? IFT_OK : IFT_ERR_CAPABILITY));
  ift_flow_destroy(flow);
}

static void test_service(void **state) {
  (void)state;
  for_all_ways(context_, &all, check_service, false);
}

/* Do the dead stay dead? A projection onto the simplex gives to all alike. */
static bool multiplies(const way *w) {
  if (!w->reaction) return false;
  if (reacts_by(w, "positive")) return true;
  return w->trait->multiplies && (!reacts_by(w, "projected") || !w->trait->kept);
}

/* What holds after every step of whatever size. */
static void check_state(const way *w, const ift_flow *flow) {
  const trait *t = w->trait;
  const bool jumps = reacts_by(w, "birth-death");
  double x[N * D], a[N];
  long double sum = 0;
  make_particles(w, x, a);
  for (int i = 0; i < N; i++) {
    assert_way(w, weights(flow)[i] >= 0 && isfinite(weights(flow)[i]));
    sum += weights(flow)[i];
    for (int l = 0; l < D; l++) assert_way(w, isfinite(positions(flow)[i * D + l]));
    if (a[i] == 0 && (multiplies(w) || !reweights(t))) assert_way(w, weights(flow)[i] == 0);
  }
  if (t->kept) assert_way(w, fabsl(sum - mass) <= 1e-15 * N * mass);
  if (!moves(t) && !jumps) assert_memory_equal(positions(flow), x, sizeof x);
  if (!reweights(t) || jumps) assert_memory_equal(weights(flow), a, sizeof a);
}

/* What is reported applies or is NaN. */
static void check_quantities(const way *w, const ift_flow *flow, double energy, bool reacted) {
  const trait *t = w->trait;
  /* one half may go on alone where the other only raises F, at a kink; each reports what it did */
  const double tau = flow_real(flow, "tau_taken"), eta = flow_real(flow, "eta_taken");
  assert_way(w, tau >= 0 && eta >= 0 && tau + eta > 0);
  assert_way(w, (tau == 0 || moves(t)) && (eta == 0 || reweights(t)));
  const double transport = flow_real(flow, "transport_dissipation"), reaction = flow_real(flow, "reaction_dissipation");
  /* either half of a joint step may raise F, for the other to lower it more */
  assert_way(w, tau > 0 ? (t->joint || transport >= 0) && isfinite(transport) : isnan(transport));
  assert_way(w, eta > 0 ? (t->joint || reaction >= 0) && isfinite(reaction) : isnan(reaction));
  assert_way(w, !t->joint || (tau == eta && transport + reaction >= 0));
  assert_way(w, isfinite(flow_real(flow, "damping_taken")) == t->joint);
  assert_way(w, isfinite(flow_real(flow, "weight_gap")) == (is_program(w) && reacted));
  assert_way(w, flow_real(flow, "stationarity") >= 0);
  const double gap = flow_real(flow, "gap"), mmd2 = flow_real(flow, "mmd2");
  const bool samples = w->exhibit->square && strcmp(w->exhibit->target, "samples") == 0;
  assert_way(w, samples ? gap >= 0 : isnan(gap));
  assert_way(w, w->exhibit->square ? mmd2 == 2 * energy && energy >= 0 : isnan(mmd2));
}

/* Under monotone steps, the default, F never rises, and falls on the way. Chance can't promise that, and says so. */
static void check_monotone(ift_context *context, const way *w, const ift_energy *energy) {
  enum { STEPS = 25 };
  if (answer_of(w) != IFT_OK) return;
  ift_flow *flow = flow_of(context, w, energy);
  double last = flow_real(flow, "energy");
  const double first = last;
  int moved = 0, reacted = 0;
  if (is_random(w)) assert_status(IFT_OK, ift_flow_set_text(flow, "step_control", "monotone"));
  for (int k = 1; k <= STEPS; k++) {
    const ift_status status = ift_flow_step(flow, 1);
    if (is_random(w)) assert_way(w, status == IFT_ERR_OPTION);
    if (is_random(w) || status == IFT_STALLED) break; /* where rounding leaves nothing to gain */
    assert_way(w, status == IFT_OK);
    check_state(w, flow);
    const double now = flow_real(flow, "energy");
    assert_way(w, now <= last);
    last = now;
    assert_int_equal(flow_int(flow, "step"), k);
    moved += flow_real(flow, "tau_taken") > 0;
    reacted += flow_real(flow, "eta_taken") > 0;
    check_quantities(w, flow, now, reacted > 0);
  }
  assert_way(w, is_random(w) || last < first);
  assert_way(w, is_random(w) || ((moved > 0) == moves(w->trait) && (reacted > 0) == reweights(w->trait)));
  /* and it is the F of these particles */
  double value;
  assert_status(IFT_OK, ift_energy_value(energy, &value, ift_flow_measure(flow)));
  assert_near(value, last, 1e-8, 1e-13);
  ift_flow_destroy(flow);
}

static void test_monotone(void **state) {
  (void)state;
  for_all(check_monotone);
}

/* Absurd sizes still descend. */
static void check_absurd(ift_context *context, const way *w, const ift_energy *energy) {
  if (answer_of(w) != IFT_OK || is_random(w)) return;
  ift_flow *flow = flow_of(context, w, energy);
  if (w->trait->transports) assert_status(IFT_OK, ift_flow_set_real(flow, "tau", 1e6));
  if (reweights(w->trait)) assert_status(IFT_OK, ift_flow_set_real(flow, "eta", 1e6));
  double last = flow_real(flow, "energy");
  const double first = last;
  for (int k = 0; k < 6 && flow_real(flow, "mass") > 1e-200; k++) { /* F may be least where nothing is left */
    const ift_status status = ift_flow_step(flow, 1);
    assert_way(w, status == IFT_OK || status == IFT_STALLED);
    check_state(w, flow);
    const double now = flow_real(flow, "energy");
    assert_way(w, now <= last);
    last = now;
  }
  assert_way(w, last < first);
  ift_flow_destroy(flow);
}

static void test_absurd_sizes(void **state) {
  (void)state;
  for_all(check_absurd);
}

/* Fixed steps take exactly what was asked for. */
static void check_fixed(ift_context *context, const way *w, const ift_energy *energy) {
  enum { STEPS = 15 };
  const trait *t = w->trait;
  if (answer_of(w) != IFT_OK) return;
  ift_flow *flow = flow_of(context, w, energy);
  const double eta = reweights(t) ? 0.0456 : 0, tau = t->joint ? eta : t->transports ? 0.0123 : 0;
  const bool jumps = reacts_by(w, "birth-death");
  assert_status(IFT_OK, ift_flow_set_text(flow, "step_control", "fixed"));
  if (t->transports) assert_status(IFT_OK, ift_flow_set_real(flow, "tau", tau));
  if (reweights(t)) assert_status(IFT_OK, ift_flow_set_real(flow, "eta", eta));
  double transport_time = 0, reaction_time = 0;
  for (int k = 0; k < STEPS; k++) {
    double before[N * D], old[N];
    memcpy(before, positions(flow), sizeof before);
    memcpy(old, weights(flow), sizeof old);
    assert_way(w, ift_flow_step(flow, 1) == IFT_OK);
    check_state(w, flow);
    transport_time += tau;
    reaction_time += eta;
    assert_way(w, flow_real(flow, "tau_taken") == tau && flow_real(flow, "eta_taken") == eta);
    assert_way(w, flow_real(flow, "transport_time") == transport_time);
    assert_way(w, flow_real(flow, "reaction_time") == reaction_time);
    if (k < 5) assert_way(w, !moves(t) || memcmp(before, positions(flow), sizeof before) != 0);
    if (k < 5) assert_way(w, !reweights(t) || jumps || memcmp(old, weights(flow), sizeof old) != 0);
  }
  ift_flow_destroy(flow);
}

static void test_fixed(void **state) {
  (void)state;
  for_all(check_fixed);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_every_kind_has_a_geometry),
      cmocka_unit_test(test_service),
      cmocka_unit_test(test_monotone),
      cmocka_unit_test(test_absurd_sizes),
      cmocka_unit_test(test_fixed),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
