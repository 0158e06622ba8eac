/* energy/energy.h - the inside of an energy: one interface, one file a kind. */
#ifndef ENERGY_ENERGY_H
#define ENERGY_ENERGY_H

#include <ift/energy.h>

#include "base/context.h"
#include "target/target.h"

/* A set of positions with all that an energy knows of them whatever the weights: made once, moved often. */
typedef struct ift_site ift_site;

typedef struct ift_energy_kind {
  const char *name;
  const char *spec;
  const char *doc;
  bool convex;    /* in the measure: then the gap is a certificate */
  bool quadratic; /* it is 1/2 MMD^2: `gram` and `linear` give K and c, and reactions are exact */
  /* A site for n points. `anchored`: for measures whose mass is not the target's (riesz kernels). */
  ift_status (*site_create)(const ift_energy *energy, ift_site **out, int64_t n, bool anchored);
  /* Puts the points (n by d, copied) in and computes what depends on them alone; gradients only where asked for. */
  ift_status (*site_move)(ift_site *site, const double *x, bool gradient);
  /* g and v at the site's points of the measure with weights a on `sources`' points; each may be NULL. */
  ift_status (*evaluate)(ift_site *site, double *g, double *v, const ift_site *sources, const double *a);
  /* F of the measure with weights a on the site's points, given g there. */
  ift_status (*value)(ift_site *site, double *out, const double *g, const double *a);
  /* quadratic ones: K = [k(x_i,x_j)] of the site, c(x_i), and out_i = sum_j a_j k(x_i, y_j) over the sources; of the
   * anchored kernel where the kernel is only conditionally positive definite. */
  ift_status (*gram)(ift_site *site, double *gram);
  ift_status (*linear)(ift_site *site, double *linear);
  ift_status (*interaction)(ift_site *site, double *out, const ift_site *sources, const double *a);
  ift_status (*diagonal)(ift_site *site, double *diagonal);
  /* g_i += weight k(x_i, point) at the site's points: what one more particle there does to g. */
  ift_status (*lift)(ift_site *site, double *g, const double *point, double weight);
  /* L such that explicit transport with tau < 2/L decreases F (a typical scale where there is no such L). */
  double (*curvature)(const ift_site *site, double mass);
  void (*site_destroy)(ift_site *site);
  /* The same energy towards `count` points of equal weight that stand for the target, and a fresh draw of them; sites
   * made before are of no use then until they are moved. NULL where there is nothing to draw from. */
  ift_status (*batch_create)(const ift_energy *energy, ift_energy **out, int64_t count);
  ift_status (*batch_draw)(ift_energy *batch, const ift_energy *energy, ift_rng *rng);
} ift_energy_kind;

#define KIND(name) extern const ift_energy_kind ift_energy_kind_##name;
#include "energy/kinds.def"
#undef KIND

extern const ift_energy_kind *const ift_energy_kinds[];
extern const int ift_energy_kind_count;

struct ift_energy {
  ift_object object;
  const ift_energy_kind *kind;
  int64_t d;
  const ift_target *target;   /* as embedded; NULL where there is none */
  const ift_target *given;    /* the same before samples had to stand for it; retained */
  ift_embedding *embedding;   /* mmd */
  bool conditional;           /* mmd: of a conditionally positive definite kernel */
  double anchor_mean, radius; /* mmd: int u dpi, largest norm of a target point */
};

struct ift_site {
  const ift_energy *energy; /* retained by whoever owns the site */
  int64_t n;
  bool anchored;
  double *x;                            /* n by d */
  double *external, *external_gradient; /* mmd: c and its gradient */
  double *row;                          /* mmd: scratch */
  double *anchor, *anchor_gradient;     /* mmd, conditional kernels: u and its gradient; else NULL */
};

/* Should sites be anchored for a measure of that mass that stays (or may change)? */
bool ift_energy_anchored(const ift_energy *energy, double mass, bool mass_kept);

#endif
