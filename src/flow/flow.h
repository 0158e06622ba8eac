/* flow/flow.h - the inside of a flow.
 *
 * The state that later bits depend on: positions and weights (`now`), the number of steps taken, the step scales and
 * how long they have held (`control`), the energy that the stall test compares with (`reading`), and the random
 * stream. All else in ift_flow is options, work space, or can be computed from these. */
#ifndef FLOW_FLOW_H
#define FLOW_FLOW_H

#include <ift/flow.h>

#include <stdatomic.h>

#include "base/context.h"
#include "base/options.h"
#include "base/rng.h"
#include "energy/energy.h"
#include "measure/measure.h"
#include "simplex/simplex.h"

typedef enum ift_reaction_family { IFT_NO_REACTION, IFT_MMD_REACTION, IFT_FISHER_RAO_REACTION } ift_reaction_family;

typedef struct ift_geometry {
  const char *name;
  bool transports;
  ift_reaction_family family;
  bool mass_kept;
  const char *doc;
} ift_geometry;

extern const ift_geometry ift_geometries[];
extern const int ift_geometry_count;

/* How particles move: next.x from now.x. */
typedef struct ift_transport {
  const char *name, *doc;
  void (*move)(ift_flow *flow, double tau);
  double (*dissipation)(const ift_flow *flow); /* at `now` */
} ift_transport;

/* How weights change: next.a on the moved positions from now.a. Leaves its dissipation in flow->taken.
 * IFT_ERR_OPTION: this eta is too large for a minimizer to exist. */
typedef struct ift_reaction {
  const char *name, *doc;
  ift_reaction_family family;
  bool centered; /* it knows the centers new and old */
  bool exact;    /* it solves the quadratic program: needs a Gram matrix */
  ift_status (*react)(ift_flow *flow, double eta);
  ift_status (*automatic)(ift_flow *flow, double *eta); /* where the option is on auto */
} ift_reaction;

extern const ift_transport *const ift_transports[];
extern const ift_reaction *const ift_reactions[];
extern const int ift_transport_count, ift_reaction_count;
#define REACTION(name) extern const ift_reaction ift_reaction_##name;
#include "flow/reactions.def"
#undef REACTION
#define TRANSPORT(name) extern const ift_transport ift_transport_##name;
#include "flow/transports.def"
#undef TRANSPORT

/* The rows of the table of options. */
enum {
#define OPTION(name, ...)   IFT_FLOW_##name,
#define QUANTITY(name, ...) IFT_FLOW_##name,
#include "flow/options.def"
#undef OPTION
#undef QUANTITY
  IFT_FLOW_OPTIONS
};
extern const ift_option_table ift_flow_options;

enum { IFT_CENTER_NEW, IFT_CENTER_OLD };
enum { IFT_STEP_MONOTONE, IFT_STEP_FIXED };
enum { IFT_REJUVENATE_NONE, IFT_REJUVENATE_TARGET, IFT_REJUVENATE_INSERT };

/* A measure with what its energy says of it: positions in site->x, weights, first variation, velocity field, and F
 * (NaN until asked for). */
typedef struct ift_flow_state {
  ift_site *site;
  double *a, *g, *v;
  double energy;
} ift_flow_state;

/* What the last step did. */
typedef struct ift_flow_taken {
  double tau, eta;
  double transport_dissipation, reaction_dissipation; /* NaN where there was no such half step */
  double weight_gap;
} ift_flow_taken;

/* Step control: what the step sizes asked for are multiplied by, and for how many steps that has gone well. */
typedef struct ift_flow_control {
  double tau_scale, eta_scale;
  int held;
} ift_flow_control;

/* For the stall rule: the energy at the last multiple of ten steps at which a run wanted to know it. */
typedef struct ift_flow_reading {
  double energy;
  int64_t step; /* -1: never */
} ift_flow_reading;

struct ift_flow {
  ift_object object;
  const ift_geometry *geometry;
  const ift_energy *energy; /* retained */
  int64_t n, d;
  double mass;   /* the initial one */
  bool anchored; /* see energy.h */
  ift_option_value options[IFT_FLOW_OPTIONS];
  ift_measure *measure; /* what the caller borrows: a copy of `now` */

  ift_flow_state now, next;
  int64_t step;
  double transport_time, reaction_time;
  ift_flow_reading reading;
  ift_flow_taken taken;
  ift_flow_control control;
  ift_rng rng;

  double *work;         /* n */
  double *gram;         /* n by n; with an exact reaction */
  double *linear;       /* n, alike */
  ift_qp *qp;           /* alike */
  ift_site *candidates; /* rejuvenation: where dead particles may go */
  double *candidate_g;
  ift_site *target_site; /* the gap: all target points; made when first asked for */

  int (*monitor)(const ift_flow *flow, void *user);
  void *monitor_user;
  void (*monitor_destroy)(void *user);
  atomic_int stop; /* a request to stop */
  bool busy;
};

/* What is in force where an option is on auto. */
const ift_transport *ift_flow_transport(const ift_flow *flow);
const ift_reaction *ift_flow_reaction(const ift_flow *flow); /* NULL: none */
double ift_flow_tau(ift_flow *flow);
double ift_flow_longest_tau(const ift_flow *flow); /* 2/L: below it explicit transport lowers F */
ift_status ift_flow_eta(ift_flow *flow, double *eta);

/* Do the options go together? IFT_ERR_OPTION. */
ift_status ift_flow_check_modes(const ift_flow *flow);

/* Memory of a state; on an error `dispose` frees what there is. */
ift_status ift_flow_state_create(ift_flow *flow, ift_flow_state *state);
void ift_flow_state_dispose(ift_flow *flow, ift_flow_state *state);

/* g and v of a state from its site and weights. */
ift_status ift_flow_evaluate(ift_flow *flow, ift_flow_state *state);

/* F of an evaluated state. It is found when first asked for: to samples it needs kappa, O(m^2) once, which steps of
 * fixed size don't. */
ift_status ift_flow_energy(ift_flow *flow, ift_flow_state *state, double *out);

/* One step of the sizes that step control finds; on anything but IFT_OK the flow is as it was. IFT_STALLED: none is
 * small enough. */
ift_status ift_flow_advance(ift_flow *flow);

/* Re-places the dead particles of `next` if it is time. */
ift_status ift_flow_rejuvenate(ift_flow *flow);

/* int g dmu - mass min g; NaN where it does not apply. */
ift_status ift_flow_gap(ift_flow *flow, double *out);

/* sum b = mass to the last bits. */
void ift_flow_rescale(double *b, int64_t n, double mass);

#endif
