/* What every flow has to keep to, for every geometry, reaction and transport of the catalogue: mass, signs, energy,
 * step sizes, the half that a geometry does not have. A geometry that this file does not know fails. */
#include "support/kernels.h"
#include "support/make.h"
#include "support/random.h"

enum { N = 15, M = 40, D = 2, STEPS = 100 };
static ift_context *context;
static double x[N * D], a[N], y[M * D], w[M];
static const double mass = 1.7;

static int set_up(void **state) {
  (void)state;
  dice dice_ = {1};
  context = make_context();
  dice_normals(&dice_, x, N * D);
  dice_normals(&dice_, y, M * D);
  dice_weights(&dice_, w, M, mass);
  dice_weights(&dice_, a, N, mass);
  a[2] += a[7] + a[11]; /* two are dead from the start */
  a[7] = a[11] = 0;
  return 0;
}

static int tear_down(void **state) {
  (void)state;
  ift_context_destroy(context);
  return 0;
}

/* What the headers say of a geometry. */
typedef struct trait {
  const char *geometry;
  bool transports, reacts, kept, multiplies; /* multiplies: a Fisher-Rao reaction, in which the dead stay dead */
} trait;

static const trait traits[] = {
    {"wasserstein", true, false, true, false},         {"mmd", false, true, false, false},
    {"spherical-mmd", false, true, true, false},       {"fisher-rao", false, true, false, true},
    {"spherical-fisher-rao", false, true, true, true}, {"ift", true, true, false, false},
    {"spherical-ift", true, true, true, false},        {"wfr", true, true, false, true},
    {"spherical-wfr", true, true, true, true},
};

/* One way to flow. */
typedef struct way {
  const trait *trait;
  const char *reaction, *transport, *spec, *splitting;
} way;

static ift_flow *flow_of(const way *way_, const ift_energy *energy) {
  ift_flow *flow = make_flow(context, way_->trait->geometry, energy, x, N, D, a);
  if (way_->reaction) assert_status(IFT_OK, ift_flow_set_text(flow, "reaction", way_->reaction));
  if (way_->reaction && !strcmp(way_->reaction, "positive"))
    assert_status(IFT_OK, ift_flow_set_real(flow, "regularization", 0.1)); /* it has no meaning without one */
  if (way_->transport) assert_status(IFT_OK, ift_flow_set_text(flow, "transport", way_->transport));
  assert_status(IFT_OK, ift_flow_set_text(flow, "splitting", way_->splitting));
  return flow;
}

static bool takes(const trait *t, const char *option, const char *word) {
  const ift_energy *energy = make_energy(context, "gaussian:1", y, M, D, w);
  ift_flow *flow = make_flow(context, t->geometry, energy, x, N, D, a);
  const bool taken = ift_flow_set_text(flow, option, word) == IFT_OK;
  ift_flow_destroy(flow);
  ift_energy_destroy((ift_energy *)energy);
  return taken;
}

static const trait *trait_of(const char *geometry) {
  for (size_t k = 0; k < sizeof traits / sizeof traits[0]; k++)
    if (strcmp(traits[k].geometry, geometry) == 0) return &traits[k];
  fail_msg("this suite does not know the geometry %s", geometry);
  return NULL;
}

typedef void checker(const way *way_, const ift_energy *energy);

/* All transports of the catalogue for a geometry and reaction, by kernels that are smooth (in both splittings), have
 * a kink, are conditional. */
static int64_t for_transports(checker *check, way here) {
  static const char *const specs[] = {"gaussian:0.8", "energy", "0.5*laplace:1+0.2*riesz:1.5", "gaussian:0.8"};
  int64_t tried = 0;
  for (int64_t t = 0; t < ift_kind_count(); t++) {
    if (strcmp(ift_kind_noun(t), "transport") != 0) continue;
    here.transport = here.trait->transports ? ift_kind_name(t) : NULL;
    for (int k = 0; k < 4; k++) {
      ift_energy *energy = make_energy(context, specs[k], y, M, D, w);
      here.spec = specs[k];
      here.splitting = k == 3 ? "strang" : "lie";
      check(&here, energy);
      tried++;
      ift_energy_destroy(energy);
    }
    if (!here.trait->transports) break;
  }
  return tried;
}

static void for_all(checker *check) {
  int64_t tried = 0;
  for (int64_t g = 0; g < ift_kind_count(); g++) {
    if (strcmp(ift_kind_noun(g), "geometry") != 0) continue;
    way here = {.trait = trait_of(ift_kind_name(g))};
    if (!here.trait->reacts) {
      tried += for_transports(check, here);
      continue;
    }
    int64_t reactions = 0;
    for (int64_t r = 0; r < ift_kind_count(); r++) {
      if (strcmp(ift_kind_noun(r), "reaction") != 0 || !takes(here.trait, "reaction", ift_kind_name(r))) continue;
      here.reaction = ift_kind_name(r);
      tried += for_transports(check, here);
      reactions++;
    }
    assert_true(reactions > 0);
  }
  assert_true(tried >= 90);
}

/* Every reaction and transport of the catalogue is of use in some geometry. */
static void test_every_kind_has_a_geometry(void **state) {
  (void)state;
  for (int64_t i = 0; i < ift_kind_count(); i++) {
    const char *noun = ift_kind_noun(i);
    if (strcmp(noun, "reaction") != 0 && strcmp(noun, "transport") != 0) continue;
    int64_t geometries = 0;
    for (size_t k = 0; k < sizeof traits / sizeof traits[0]; k++)
      geometries += takes(&traits[k], noun, ift_kind_name(i));
    assert_true(geometries > 0);
  }
}

static const double *positions(const ift_flow *flow) {
  return ift_measure_positions(ift_flow_measure(flow));
}

static const double *weights(const ift_flow *flow) {
  return ift_measure_weights(ift_flow_measure(flow));
}

/* Do the dead stay dead? A projection onto the simplex gives to all alike. */
static bool multiplies(const way *way_) {
  if (!way_->reaction) return false;
  if (!strcmp(way_->reaction, "positive")) return true;
  return way_->trait->multiplies && (strcmp(way_->reaction, "projected") != 0 || !way_->trait->kept);
}

/* What holds after every step of whatever size. */
static void check_state(const way *way_, const ift_flow *flow) {
  const trait *t = way_->trait;
  long double sum = 0;
  for (int i = 0; i < N; i++) {
    assert_true(weights(flow)[i] >= 0 && isfinite(weights(flow)[i]));
    sum += weights(flow)[i];
    for (int l = 0; l < D; l++) assert_true(isfinite(positions(flow)[i * D + l]));
    if (a[i] == 0 && (multiplies(way_) || !t->reacts)) assert_true(weights(flow)[i] == 0);
  }
  if (t->kept) assert_near((double)sum, mass, 0, 1e-15 * N * mass);
  if (!t->transports) assert_memory_equal(positions(flow), x, sizeof x);
  if (!t->reacts) assert_memory_equal(weights(flow), a, sizeof a);
}

static bool is_exact(const way *way_) {
  return way_->reaction && (!strcmp(way_->reaction, "exponential") || !strcmp(way_->reaction, "implicit") ||
                            !strcmp(way_->reaction, "linearized"));
}

/* Under monotone steps, the default, F never rises, and falls on the way; what is reported applies or is NaN. */
static void check_monotone(const way *way_, const ift_energy *energy) {
  ift_flow *flow = flow_of(way_, energy);
  const trait *t = way_->trait;
  double last = flow_real(flow, "energy");
  const double first = last;
  int moved = 0, reacted = 0;
  for (int k = 1; k <= STEPS; k++) {
    const ift_status status = ift_flow_step(flow, 1);
    if (status == IFT_STALLED) break; /* where rounding leaves nothing to gain */
    assert_status(IFT_OK, status);
    check_state(way_, flow);
    const double now = flow_real(flow, "energy");
    assert_true(now <= last && now >= 0);
    last = now;
    assert_int_equal(flow_int(flow, "step"), k);
    /* one half may go on alone where the other only raises F, at a kink; each reports what it did */
    const double tau = flow_real(flow, "tau_taken"), eta = flow_real(flow, "eta_taken");
    assert_true(tau >= 0 && eta >= 0 && tau + eta > 0);
    assert_true((tau == 0 || t->transports) && (eta == 0 || t->reacts));
    moved += tau > 0;
    reacted += eta > 0;
    const double transport = flow_real(flow, "transport_dissipation"),
                 reaction = flow_real(flow, "reaction_dissipation");
    assert_true(tau > 0 ? transport >= 0 && isfinite(transport) : isnan(transport));
    assert_true(eta > 0 ? reaction >= 0 && isfinite(reaction) : isnan(reaction));
    assert_true(isfinite(flow_real(flow, "weight_gap")) == (is_exact(way_) && reacted > 0));
    assert_true(flow_real(flow, "gap") >= 0 && flow_real(flow, "stationarity") >= 0);
    assert_true(flow_real(flow, "mmd2") == 2 * now);
  }
  assert_true(last < first);
  assert_true((moved > 0) == t->transports && (reacted > 0) == t->reacts);
  /* and it is the F of these particles */
  ift_measure *copy = make_measure(context, positions(flow), N, D, weights(flow));
  double value;
  assert_status(IFT_OK, ift_energy_value(energy, &value, copy));
  assert_near(value, last, 1e-8, 1e-13);
  ift_measure_destroy(copy);
  ift_flow_destroy(flow);
}

static void test_monotone(void **state) {
  (void)state;
  for_all(check_monotone);
}

/* Absurd sizes still descend. */
static void check_absurd(const way *way_, const ift_energy *energy) {
  ift_flow *flow = flow_of(way_, energy);
  if (way_->trait->transports) assert_status(IFT_OK, ift_flow_set_real(flow, "tau", 1e6));
  if (way_->trait->reacts) assert_status(IFT_OK, ift_flow_set_real(flow, "eta", 1e6));
  double last = flow_real(flow, "energy");
  const double first = last;
  for (int k = 0; k < 20; k++) {
    const ift_status status = ift_flow_step(flow, 1);
    assert_true(status == IFT_OK || status == IFT_STALLED);
    check_state(way_, flow);
    const double now = flow_real(flow, "energy");
    assert_true(now <= last);
    last = now;
  }
  assert_true(last < first);
  ift_flow_destroy(flow);
}

static void test_absurd_sizes(void **state) {
  (void)state;
  for_all(check_absurd);
}

/* Fixed steps take exactly what was asked for. */
static void check_fixed(const way *way_, const ift_energy *energy) {
  ift_flow *flow = flow_of(way_, energy);
  const trait *t = way_->trait;
  const double tau = t->transports ? 0.0123 : 0, eta = t->reacts ? 0.0456 : 0;
  assert_status(IFT_OK, ift_flow_set_text(flow, "step_control", "fixed"));
  if (t->transports) assert_status(IFT_OK, ift_flow_set_real(flow, "tau", tau));
  if (t->reacts) assert_status(IFT_OK, ift_flow_set_real(flow, "eta", eta));
  double transport_time = 0, reaction_time = 0;
  for (int k = 0; k < STEPS; k++) {
    double before[N * D], old[N];
    memcpy(before, positions(flow), sizeof before);
    memcpy(old, weights(flow), sizeof old);
    assert_status(IFT_OK, ift_flow_step(flow, 1));
    check_state(way_, flow);
    transport_time += tau;
    reaction_time += eta;
    assert_true(flow_real(flow, "tau_taken") == tau && flow_real(flow, "eta_taken") == eta);
    assert_true(flow_real(flow, "transport_time") == transport_time);
    assert_true(flow_real(flow, "reaction_time") == reaction_time);
    if (k < 5) assert_true(!t->transports || memcmp(before, positions(flow), sizeof before) != 0);
    if (k < 5) assert_true(!t->reacts || memcmp(old, weights(flow), sizeof old) != 0);
  }
  ift_flow_destroy(flow);
}

static void test_fixed(void **state) {
  (void)state;
  for_all(check_fixed);
}

/* Twice the same, and with three threads: the same bits. */
static void check_bits(const way *way_, const ift_energy *energy) {
  double reference[N * D], reference_weights[N];
  for (int k = 0; k < 2; k++) {
    assert_status(IFT_OK, ift_context_set_threads(context, k ? 3 : 1));
    ift_flow *flow = flow_of(way_, energy);
    assert_status(IFT_OK, ift_flow_step(flow, 5));
    if (k == 0) {
      memcpy(reference, positions(flow), sizeof reference);
      memcpy(reference_weights, weights(flow), sizeof reference_weights);
    }
    assert_memory_equal(reference, positions(flow), sizeof reference);
    assert_memory_equal(reference_weights, weights(flow), sizeof reference_weights);
    ift_flow_destroy(flow);
  }
  assert_status(IFT_OK, ift_context_set_threads(context, 1));
}

static void test_same_bits(void **state) {
  (void)state;
  for_all(check_bits);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_every_kind_has_a_geometry),
      cmocka_unit_test(test_monotone),
      cmocka_unit_test(test_absurd_sizes),
      cmocka_unit_test(test_fixed),
      cmocka_unit_test(test_same_bits),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
