/* tests/conformance/ways.h - every way to flow: geometries, reactions and transports of the catalogue, energies of
 * support/energies.h, and what the headers say of each. A geometry that is not here fails. */
#ifndef TESTS_CONFORMANCE_WAYS_H
#define TESTS_CONFORMANCE_WAYS_H

#include "support/energies.h"

enum { N = 12, D = 2 };
static const double mass = 1.7;

/* What the headers say of a geometry. */
typedef struct trait {
  const char *geometry;
  bool transports, reacts, kept, multiplies; /* multiplies: a Fisher-Rao reaction, in which the dead stay dead */
  bool joint; /* positions and weights move together, without a transport and a reaction that could be named */
} trait;

static const trait traits[] = {
    {"wasserstein", true, false, true, false, false},         {"mmd", false, true, false, false, false},
    {"spherical-mmd", false, true, true, false, false},       {"fisher-rao", false, true, false, true, false},
    {"spherical-fisher-rao", false, true, true, true, false}, {"ift", true, true, false, false, false},
    {"spherical-ift", true, true, true, false, false},        {"wfr", true, true, false, true, false},
    {"spherical-wfr", true, true, true, true, false},         {"projected-mmd", false, false, true, false, true},
};
enum { TRAITS = sizeof traits / sizeof traits[0] };

static inline const trait *trait_of(const char *geometry) {
  for (int k = 0; k < TRAITS; k++)
    if (strcmp(traits[k].geometry, geometry) == 0) return &traits[k];
  fail_msg("this suite does not know the geometry %s", geometry);
  return NULL;
}

/* One way to flow. */
typedef struct way {
  const trait *trait;
  const exhibit *exhibit;
  const char *reaction, *transport; /* NULL: the geometry has none */
  const char *splitting;
} way;

/* Do positions change, and weights? */
static inline bool moves(const trait *t) {
  return t->transports || t->joint;
}

static inline bool reweights(const trait *t) {
  return t->reacts || t->joint;
}

static inline bool reacts_by(const way *w, const char *reaction) {
  return w->reaction && strcmp(w->reaction, reaction) == 0;
}

static inline bool moves_by(const way *w, const char *transport) {
  return w->transport && strcmp(w->transport, transport) == 0;
}

/* Chance is in it. */
static inline bool is_random(const way *w) {
  return reacts_by(w, "birth-death") || moves_by(w, "langevin");
}

/* A quadratic program, whose solution has a certificate. */
static inline bool is_program(const way *w) {
  return reacts_by(w, "exponential") || reacts_by(w, "implicit") || reacts_by(w, "linearized") ||
         reacts_by(w, "newton") || w->trait->joint;
}

/* What a first step has to answer. */
static inline ift_status answer_of(const way *w) {
  if (reacts_by(w, "birth-death") && !w->trait->kept) return IFT_ERR_OPTION;
  if (w->trait->joint && (!w->exhibit->square || w->exhibit->conditional)) return IFT_ERR_CAPABILITY;
  if (!w->exhibit->square && (reacts_by(w, "exponential") || reacts_by(w, "implicit"))) return IFT_ERR_CAPABILITY;
  if (!w->exhibit->second && reacts_by(w, "newton")) return IFT_ERR_CAPABILITY;
  if (!w->exhibit->drifts && moves_by(w, "langevin")) return IFT_ERR_CAPABILITY;
  return IFT_OK;
}

/* Particles; two are dead unless the reaction is by jumps, which need equal weights. */
static inline void make_particles(const way *w, double *x, double *a) {
  dice dice_ = {1};
  dice_normals(&dice_, x, N * D);
  dice_weights(&dice_, a, N, mass);
  a[2] += a[7] + a[10];
  a[7] = a[10] = 0;
  for (int i = 0; reacts_by(w, "birth-death") && i < N; i++) a[i] = mass / N;
}

/* An MMD reaction of an energy that has no kernel of its own gets one, unless `bare`. */
static inline ift_flow *open_flow(ift_context *context, const way *w, const ift_energy *energy, const double *x,
                                  int64_t n, const double *a, bool bare) {
  ift_flow *flow = make_flow(context, w->trait->geometry, energy, x, n, D, a);
  if (w->reaction) assert_status(IFT_OK, ift_flow_set_text(flow, "reaction", w->reaction));
  if (w->transport) assert_status(IFT_OK, ift_flow_set_text(flow, "transport", w->transport));
  assert_status(IFT_OK, ift_flow_set_text(flow, "splitting", w->splitting));
  if (!w->exhibit->square && w->trait->reacts && !w->trait->multiplies && !bare) {
    ift_kernel *kernel = make_kernel(context, "gaussian:0.8");
    assert_status(IFT_OK, ift_flow_set_kernel(flow, kernel));
    ift_kernel_destroy(kernel);
  }
  return flow;
}

static inline ift_flow *flow_of(ift_context *context, const way *w, const ift_energy *energy) {
  double x[N * D], a[N];
  make_particles(w, x, a);
  return open_flow(context, w, energy, x, N, a, false);
}

static inline const double *positions(const ift_flow *flow) {
  return ift_measure_positions(ift_flow_measure(flow));
}

static inline const double *weights(const ift_flow *flow) {
  return ift_measure_weights(ift_flow_measure(flow));
}

/* Does the geometry take the word for the option? */
static inline bool takes(ift_context *context, const trait *t, const char *option, const char *word) {
  const double at[D] = {0}, one = 1;
  ift_energy *energy = make_energy(context, "gaussian:1", at, 1, D, &one);
  ift_flow *flow = make_flow(context, t->geometry, energy, at, 1, D, &one);
  const bool taken = ift_flow_set_text(flow, option, word) == IFT_OK;
  ift_flow_destroy(flow);
  ift_energy_destroy(energy);
  return taken;
}

/* Squared MMDs by kernels with a kink, besides those of the exhibits. */
static inline ift_energy *make_mmd_energy(ift_context *context, int64_t d) {
  return exhibit_mmd(context, "energy", exhibit_samples(context, d));
}

static inline ift_energy *make_mmd_kink(ift_context *context, int64_t d) {
  return exhibit_mmd(context, "0.5*laplace:1+0.2*riesz:1.5", exhibit_samples(context, d));
}

static const exhibit kinks[] = {
    {"mmd", "samples", "mmd, energy", make_mmd_energy, true, true, false, true, false},
    {"mmd", "samples", "mmd, laplace and riesz", make_mmd_kink, true, true, false, true, false},
};

/* All energies, built once; those of many samples are not for flows of many kinds. */
enum { ENERGIES = EXHIBITS + 2 };

typedef struct gallery {
  const exhibit *exhibits[ENERGIES];
  ift_energy *energies[ENERGIES];
  int squares, count; /* squares come first */
} gallery;

static inline gallery open_gallery(ift_context *context) {
  gallery all = {.count = 0};
  check_exhibits();
  for (int square = 1; square >= 0; square--) {
    for (int e = 0; e < ENERGIES; e++) {
      const exhibit *one = e < EXHIBITS ? &exhibits[e] : &kinks[e - EXHIBITS];
      if (one->many || one->square != square) continue;
      all.exhibits[all.count] = one;
      all.energies[all.count++] = one->make(context, D);
    }
    if (square) all.squares = all.count;
  }
  return all;
}

static inline void close_gallery(gallery *all) {
  for (int e = 0; e < all->count; e++) ift_energy_destroy(all->energies[e]);
}

typedef void checker(ift_context *context, const way *w, const ift_energy *energy);

/* For a geometry and reaction: all transports of the catalogue for all energies, or in turns: each transport with one
 * of the squared MMDs and one or two of the others, each energy with one transport at least. Strang splitting takes
 * turns with Lie's. */
static inline int64_t for_transports(ift_context *context, const gallery *all, checker *check, way here, bool in_turns,
                                     int64_t *turn) {
  int64_t tried = 0, transports = 0, t = 0;
  for (int64_t k = 0; k < ift_kind_count(); k++) transports += strcmp(ift_kind_noun(k), "transport") == 0;
  if (!here.trait->transports) transports = 1;
  for (int64_t k = 0; k < ift_kind_count() && t < transports; k++) {
    if (strcmp(ift_kind_noun(k), "transport") != 0) continue;
    here.transport = here.trait->transports ? ift_kind_name(k) : NULL;
    for (int e = 0; e < all->count; e++) {
      const bool square = e < all->squares;
      if (in_turns && square && e != *turn % all->squares) continue;
      if (in_turns && !square && (e + *turn) % transports != 0) continue;
      here.exhibit = all->exhibits[e];
      const bool whole = reacts_by(&here, "birth-death") || here.trait->joint;
      here.splitting = (*turn + e) % 3 == 2 && !whole ? "strang" : "lie";
      check(context, &here, all->energies[e]);
      tried++;
    }
    t++;
    ++*turn;
  }
  return tried;
}

static inline void for_all_ways(ift_context *context, const gallery *all, checker *check, bool in_turns) {
  int64_t tried = 0, turn = 0;
  for (int64_t g = 0; g < ift_kind_count(); g++) {
    if (strcmp(ift_kind_noun(g), "geometry") != 0) continue;
    way here = {.trait = trait_of(ift_kind_name(g))};
    int64_t reactions = 0;
    for (int64_t r = 0; here.trait->reacts && r < ift_kind_count(); r++) {
      if (strcmp(ift_kind_noun(r), "reaction") != 0 || !takes(context, here.trait, "reaction", ift_kind_name(r)))
        continue;
      here.reaction = ift_kind_name(r);
      tried += for_transports(context, all, check, here, in_turns, &turn);
      reactions++;
    }
    assert_true((reactions > 0) == here.trait->reacts);
    if (!here.trait->reacts) tried += for_transports(context, all, check, here, in_turns, &turn);
  }
  assert_true(tried >= (in_turns ? 350 : 1000));
}

#endif
