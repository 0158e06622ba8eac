/* flow/flow.h - the inside of a flow.
 *
 * The state that later bits depend on: positions and weights with their energy (`now`), the number of steps taken, the
 * step scales and how long they have held, the damping of joint steps (`control`), the energy that the stall test compares
 * with (`reading`), the curvature found last, the random stream, and where batches are accumulated the points drawn (from
 * that stream) so far. All else in ift_flow is options, work space, or can be computed from these; checkpoint.c keeps what
 * is listed here. */
#ifndef FLOW_FLOW_H
#define FLOW_FLOW_H

#include <ift/flow.h>

#include <stdatomic.h>

#include "base/context.h"
#include "base/options.h"
#include "base/rng.h"
#include "energy/energy.h"
#include "flow/damping.h"
#include "flow/projected.h"
#include "linalg/lbfgs.h"
#include "linalg/linalg.h"
#include "measure/groups.h"
#include "measure/measure.h"
#include "simplex/simplex.h"

typedef enum ift_reaction_family { IFT_NO_REACTION, IFT_MMD_REACTION, IFT_FISHER_RAO_REACTION } ift_reaction_family;

/* What the option `regularization`, eps, adds to the metric of a reaction: nothing, for it knows none; eps I, which may be
 * 0; or eps times that of Fisher-Rao, without which there is no step. */
typedef enum ift_regularized { IFT_NOT_REGULARIZED, IFT_BY_IDENTITY, IFT_BY_FISHER_RAO } ift_regularized;

typedef struct ift_flow_state ift_flow_state;

/* How positions and weights move together: to->site->x and to->a from `from`, for a time eta and with the damping that is
 * in flow->taken; leaves there its dissipation, and how much less F was to become. */
typedef struct ift_joint {
  double eta;                            /* where the option is on auto */
  ift_status (*check)(const ift_flow *); /* does it serve the energy? */
  ift_status (*prepare)(ift_flow *flow); /* memory */
  ift_status (*step)(ift_flow *flow, ift_flow_state *from, ift_flow_state *to, double eta);
} ift_joint;

extern const ift_joint ift_joint_projected;

typedef struct ift_geometry {
  const char *name;
  bool transports;
  ift_reaction_family family;
  bool mass_kept;
  const ift_joint *joint; /* NULL: transport and reaction take turns */
  const char *doc;
} ift_geometry;

extern const ift_geometry ift_geometries[];
extern const int ift_geometry_count;

/* A measure with what its energy says of it: positions in site->x, weights, first variation, velocity field, and F
 * (NaN until asked for). `placed`: the site knows what depends on the positions; `known`: g and v are those of x and
 * a. */
struct ift_flow_state {
  ift_site *site;
  double *a, *g, *v;
  double energy;
  bool placed, known;
};

/* How particles move: to->site->x from `from`, whose weights they carry; the rest of `to` is free for use. Leaves its
 * dissipation in flow->taken. */
typedef struct ift_transport {
  const char *name, *doc;
  bool noisy;                            /* it can take velocities at noisy points */
  bool weighted;                         /* particle i goes a_i times as far */
  bool random;                           /* chance is in it */
  bool drifts;                           /* it needs an energy that is entropy plus a potential */
  ift_status (*prepare)(ift_flow *flow); /* memory; NULL: needs none */
  ift_status (*move)(ift_flow *flow, ift_flow_state *from, ift_flow_state *to, double tau);
} ift_transport;

/* How weights change: to->a on the positions of `to`, which are placed, from from->a. Uses up g of `to`. Leaves its
 * dissipation in flow->taken. IFT_ERR_OPTION: this eta is too large for a minimizer to exist. */
typedef struct ift_reaction {
  const char *name, *doc;
  ift_reaction_family family;
  bool exact;     /* of MMD reactions: it needs the energy to be 1/2 MMD^2 in the reaction's own kernel */
  bool fallback;  /* of MMD reactions: what `auto` takes where the energy is not that */
  bool centered;  /* it knows the centers new and old */
  bool random;    /* chance is in it */
  bool jumps;     /* it keeps equal weights, and moves particles instead */
  bool dead_stay; /* particles of weight 0 keep it */
  bool absolute;  /* a constant in g makes a difference even where mass is kept */
  bool gram, qp;  /* it needs a Gram matrix; and the memory of a quadratic program */
  bool hessian;   /* it needs the energy's second derivative */
  bool bounded;   /* steps of 1/2 MMD^2 never raise it for eta <= 2/lambda_max(K) */
  bool unbounded; /* where K is singular, steps of other energies than 1/2 MMD^2 know no bounds but a regularization */
  ift_regularized regularized;
  ift_status (*react)(ift_flow *flow, ift_flow_state *from, ift_flow_state *to, double eta);
  /* eta where the option is on auto */
  ift_status (*automatic)(ift_flow *flow, ift_flow_state *from, double *eta);
  /* The unconstrained step takes mu - pi to (1 - theta)(mu - pi) where the energy is 1/2 MMD^2; NULL: it doesn't. */
  double (*theta)(double eta);
} ift_reaction;

extern const ift_transport *const ift_transports[];
extern const ift_reaction *const ift_reactions[];
extern const int ift_transport_count, ift_reaction_count;
#define REACTION(identifier, name) extern const ift_reaction ift_reaction_##identifier;
#include "flow/reactions.def"
#undef REACTION
#define TRANSPORT(identifier, name) extern const ift_transport ift_transport_##identifier;
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
enum { IFT_SPLITTING_LIE, IFT_SPLITTING_STRANG };
enum { IFT_STEP_MONOTONE, IFT_STEP_FIXED };
enum { IFT_NOISE_AT_EVALUATION, IFT_NOISE_AT_BOTH };
enum { IFT_PRESET_NONE, IFT_PRESET_PUBLISHED };
enum { IFT_REJUVENATE_NONE, IFT_REJUVENATE_TARGET, IFT_REJUVENATE_INSERT };

/* What the last step did, under the options of its day. */
typedef struct ift_flow_taken {
  double tau, eta, duration, guaranteed_rate;
  double transport_dissipation, reaction_dissipation; /* NaN where there was no such half step */
  double weight_gap;
  double damping, predicted; /* of joint steps: how much less F was to become in the model */
} ift_flow_taken;

/* Step control: what the step sizes asked for are multiplied by, and for how many steps that has gone well; the damping of
 * joint steps, where the option is on auto. */
typedef struct ift_flow_control {
  double tau_scale, eta_scale;
  int held;
  ift_damping damping;
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
  const ift_kernel *kernel; /* of MMD reactions, retained; NULL: the energy's own */
  int64_t n, d;
  double mass;   /* the initial one */
  bool anchored; /* see energy.h */
  ift_option_value options[IFT_FLOW_OPTIONS];
  ift_measure *measure; /* what the caller borrows: a copy of `now` */

  ift_flow_state now, next; /* after a step `next` is the state before it, while `follows` says so */
  ift_flow_state middle;    /* Strang splitting: after the first half reaction, at the site of the state before */
  bool follows;
  int64_t step;
  double transport_time, reaction_time;
  ift_flow_reading reading;
  ift_flow_taken taken;
  ift_flow_control control;
  ift_rng rng;

  double *work;             /* n */
  double *gram;             /* n by n; for reactions that need it */
  double *linear;           /* n, alike */
  double *hessian;          /* n by n, alike */
  double *dominant;         /* n, for `bounded` ones under fixed control: where K is largest, as far as that is known */
  double reported_eta;      /* alike: the last one said to be beyond the bound; 0: none */
  ift_qp *qp;               /* for reactions that are quadratic programs */
  ift_lbfgs *lbfgs;         /* implicit transport: n d variables */
  double *displacement;     /* alike, n d; joint steps */
  ift_projected *projected; /* joint steps, placed at step `projected_step` */
  int64_t projected_step;
  ift_energy *batch; /* with batches: the energy towards the points drawn, and two states of it */
  ift_flow_state fresh[2];
  int64_t accumulated; /* points drawn in earlier steps that are kept */
  ift_energy *wide;    /* continuation: the energy in a kernel `width` times as wide, and two states of it */
  double width;
  ift_flow_state broad[2];
  double curvature; /* of an energy that does not know its own: as found at step `curvature_step` */
  int64_t curvature_step;
  ift_insertion candidates; /* rejuvenation: where dead particles may go */
  ift_groups groups;        /* merging: of particles; and positions and weights before, n (d+1) */
  double *apart;
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
ift_status ift_flow_tau(ift_flow *flow, double *tau);
ift_status ift_flow_ask_tau(ift_flow *flow, double *tau);     /* between steps: the flow stays as it is */
ift_status ift_flow_longest_tau(ift_flow *flow, double *tau); /* 2/L: below it explicit transport lowers F */
ift_status ift_flow_eta(ift_flow *flow, ift_flow_state *from, double *eta);
bool ift_flow_is_random(const ift_flow *flow); /* noise, batches, or a random mode */
bool ift_flow_is_monotone(const ift_flow *flow);
double ift_flow_damping(const ift_flow *flow, const ift_flow_control *control); /* NaN: there is none */

/* Do the options go together? IFT_ERR_OPTION, IFT_ERR_CAPABILITY. */
ift_status ift_flow_check_modes(const ift_flow *flow);

/* Sets the options that a preset stands for. */
void ift_flow_apply_preset(ift_flow *flow, int preset);

/* Memory of a state of that energy; on an error `dispose` frees what there is. */
ift_status ift_flow_state_create(ift_flow *flow, const ift_energy *energy, ift_flow_state *state);
void ift_flow_state_dispose(ift_flow *flow, ift_flow_state *state);

/* The state was given other positions or weights: nothing is known of it. */
void ift_flow_state_forget(ift_flow_state *state);

/* What depends on the positions; g and v; and F. Each finds what it needs if it isn't known. F of samples needs kappa,
 * O(m^2) once, which steps of fixed size don't. */
ift_status ift_flow_place(ift_flow_state *state);
ift_status ift_flow_evaluate(ift_flow_state *state);
ift_status ift_flow_energy(ift_flow_state *state, double *out);

/* The velocities that a transport takes: v of `from`, or where there is noise in this step, v at noisy points, in
 * to->v. */
ift_status ift_flow_velocities(ift_flow *flow, ift_flow_state *from, ift_flow_state *to, const double **v);

/* sum a_i |v_i|^2, or sum a_i^2 |v_i|^2 if `weighted`. */
double ift_flow_speed(const ift_flow *flow, const double *a, const double *v, bool weighted);

/* The time that a step takes: reaction time over beta, transport time over alpha where nothing reacts; and the least
 * rate at which F falls in it by Theorem 3.5, NaN where that says nothing. */
double ift_flow_duration(const ift_flow *flow, double tau, double eta);
double ift_flow_guaranteed_rate(const ift_flow *flow, double eta);

/* to->a_i = from->a_i exp(-eta to->g_i), brought to the mass where it is kept; weights of 0 stay so. */
ift_status ift_flow_multiply(ift_flow *flow, const ift_flow_state *from, ift_flow_state *to, double eta);

/* eta of MMD reactions that follow the flow of Theorem 3.4; of mirror steps in the entropy; and of MMD reactions that
 * serve any energy, from what regularizes their metric or from a bound of it. */
ift_status ift_flow_patient_eta(ift_flow *flow, ift_flow_state *from, double *eta);
ift_status ift_flow_entropic_eta(ift_flow *flow, ift_flow_state *from, double *eta);
ift_status ift_flow_metric_eta(ift_flow *flow, ift_flow_state *from, double *eta);
ift_status ift_flow_bound_eta(ift_flow *flow, ift_flow_state *from, double *eta);

/* The metric of MMD reactions: K, K_ii, and out_i = sum_j a_j k(x_i, y_j) over the sources. Is it that of the energy,
 * which is half a squared MMD? And the eps that regularizes it. */
bool ift_flow_is_quadratic(const ift_flow *flow);
ift_status ift_flow_gram(const ift_flow *flow, ift_site *site, double *gram);
ift_status ift_flow_diagonal(const ift_flow *flow, ift_site *site, double *diagonal);
ift_status ift_flow_interaction(const ift_flow *flow, ift_site *site, double *out, const ift_site *sources,
                                const double *a);
ift_status ift_flow_regularization(ift_flow *flow, ift_flow_state *from, double *out);

/* to->a by the quadratic program with t in flow->linear, flow->gram + `added` I for K, started from from->a. */
ift_status ift_flow_solve_weights(ift_flow *flow, ift_flow_state *from, ift_flow_state *to, double eta, double added,
                                  double tolerance);

/* Memory for n d numbers, in flow->displacement; and for a quadratic program: `gram`, `linear`, `qp`. */
ift_status ift_flow_allocate_displacement(ift_flow *flow);
ift_status ift_flow_allocate_program(ift_flow *flow);

/* Are all positions numbers? IFT_ERR_NOT_FINITE. */
ift_status ift_flow_check_positions(const ift_flow *flow, const double *x);

/* Memory for batches, and a state at the current particles whose energy is towards a fresh one. */
ift_status ift_flow_prepare_batch(ift_flow *flow);
ift_status ift_flow_draw_batch(ift_flow *flow);
/* A memory for batches in which `count` points are kept. On an error that before is still there. */
ift_status ift_flow_keep_batch(ift_flow *flow, const double *points, int64_t count);

/* How many times as wide as the energy's own is the kernel of the coming step? 1 after step `until`. Memory for wider ones;
 * and one for the step, in whose first state the particles are. */
double ift_flow_widening(const ift_flow *flow);
int64_t ift_flow_continuation_until(const ift_flow *flow);
ift_status ift_flow_prepare_continuation(ift_flow *flow);
ift_status ift_flow_enter_wide(ift_flow *flow);

/* One step of the sizes that step control finds; on anything but IFT_OK the flow is as it was. IFT_STALLED: none is
 * small enough. */
ift_status ift_flow_advance(ift_flow *flow);

/* Memory for merging. Merges particles of `next` that are closer than the option `merge`, under monotone control unless the
 * energy would then be above that of `now`. */
ift_status ift_flow_prepare_merging(ift_flow *flow);
ift_status ift_flow_merge(ift_flow *flow);

/* Memory for rejuvenation. Re-places the dead particles of `next` if it is time; and whatever the time: `moved` says
 * whether there were any that moved. Neither changes a measure or an energy. */
ift_status ift_flow_prepare_rejuvenation(ift_flow *flow);
ift_status ift_flow_rejuvenate(ift_flow *flow);
ift_status ift_flow_replace_dead(ift_flow *flow, bool *moved);

/* int g dmu - mass min g; NaN where it does not apply. */
ift_status ift_flow_gap(ift_flow *flow, double *out);

/* sum b = mass to the last bits. */
void ift_flow_rescale(double *b, int64_t n, double mass);

#endif
