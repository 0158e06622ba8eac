/* energy/energy.h - the inside of an energy: one interface, one file a kind. */
#ifndef ENERGY_ENERGY_H
#define ENERGY_ENERGY_H

#include <ift/energy.h>

#include "base/context.h"
#include "target/target.h"

/* A set of positions with all that an energy knows of them whatever the weights: made once, moved often. What all sites
 * have; a kind with more of its own begins with this. */
typedef struct ift_site {
  const ift_energy *energy; /* retained by whoever owns the site */
  int64_t n;
  double *x; /* n by d */
} ift_site;

/* An MMD energy is a square in a kernel, and its flows in the geometry of that kernel have closed forms. What reactions
 * need of it for them; of the anchored kernel where the kernel is only conditionally positive definite. */
typedef struct ift_energy_quadratic {
  /* K = [k(x_i,x_j)] of the site, k(x_i,x_i), c(x_i), and out_i = sum_j a_j k(x_i, y_j) over the sources. */
  ift_status (*gram)(ift_site *site, double *gram);
  ift_status (*diagonal)(ift_site *site, double *diagonal);
  ift_status (*linear)(ift_site *site, double *linear);
  ift_status (*interaction)(ift_site *site, double *out, const ift_site *sources, const double *a);
  /* out_i = k(x_i, point) at the site's points: what a particle of weight 1 there adds to g. */
  ift_status (*column)(ift_site *site, double *out, const double *point);
  /* The same energy in a kernel that is `factor` times as wide, see ift_kernel_widen; and one made so in a kernel of another
   * width. Sites made before are of no use then until they are moved. */
  ift_status (*widen)(const ift_energy *energy, ift_energy **out, double factor);
  ift_status (*rewiden)(ift_energy *wide, const ift_energy *energy, double factor);
  /* The same energy towards `count` points of equal weight that stand for the target; and `count` fresh ones drawn
   * besides the first `kept`. Sites made before are of no use then until they are moved. */
  ift_status (*batch_create)(const ift_energy *energy, ift_energy **out, int64_t count);
  ift_status (*batch_draw)(ift_energy *batch, const ift_energy *energy, ift_rng *rng, int64_t kept, int64_t count);
} ift_energy_quadratic;

typedef struct ift_energy_kind {
  const char *name;
  const char *spec;
  const char *doc;
  const ift_energy_quadratic *quadratic; /* NULL: it is not 1/2 MMD^2 */
  void (*dispose)(ift_energy *energy);   /* what the kind owns */
  /* A site for n points, and its end. `anchored`: see `anchors`. */
  ift_status (*site_create)(const ift_energy *energy, ift_site **out, int64_t n, bool anchored);
  void (*site_destroy)(ift_site *site);
  /* Puts the points (n by d, copied) in and computes what depends on them alone; gradients only where asked for. */
  ift_status (*site_move)(ift_site *site, const double *x, bool gradient);
  /* g and v at the site's points of the measure with weights a on `sources`' points; each may be NULL. */
  ift_status (*evaluate)(ift_site *site, double *g, double *v, const ift_site *sources, const double *a);
  /* F of the measure with weights a on the site's points, given g there. */
  ift_status (*value)(ift_site *site, double *out, const double *g, const double *a);
  /* L such that explicit transport with tau < 2/L decreases F (a typical scale where there is no such L), for masses up
   * to `mass`; NaN: not known. The site was moved with gradients. */
  double (*curvature)(const ift_site *site, double mass);
  /* l such that F is l-smooth relative to the entropy (Bauschke, Bolte and Teboulle 2017), for masses up to `mass`: then
   * mirror steps of eta <= 1/l do not raise it. NaN: not known. NULL: neither. */
  ift_status (*smoothness)(ift_site *site, double mass, double *out);
  /* H >= 0, n by n, the second derivative of F in the weights a of the site's points, or what stands for it in a Newton
   * step. NULL: not known. */
  ift_status (*hessian)(ift_site *site, double *out, const double *a);
  /* For an energy that is entropy plus a potential: the gradient of the potential at the site's points, along which
   * Langevin dynamics drifts. NULL: it is not. */
  const double *(*drift)(const ift_site *site);
  /* Must sites be anchored for a measure of that mass that stays (or may change)? NULL: never. */
  bool (*anchors)(const ift_energy *energy, double mass, bool mass_kept);
  /* What tells it from others of its kind, besides dimension and target; NULL: nothing that numbers say. */
  void (*identify)(const ift_energy *energy, ift_hash *hash);
} ift_energy_kind;

#define KIND(name) extern const ift_energy_kind ift_energy_kind_##name;
#include "energy/kinds.def"
#undef KIND

extern const ift_energy_kind *const ift_energy_kinds[];
extern const int ift_energy_kind_count;

/* What all energies have; a kind with more of its own begins with this. */
struct ift_energy {
  ift_object object;
  const ift_energy_kind *kind;
  int64_t d;
  bool convex;              /* in the measure: then the gap is a certificate */
  bool blobs;               /* a particle is felt around it: one of weight 0 is not itself, and rests in a flow */
  const ift_target *target; /* as the energy sees it; samples may stand for it; retained. NULL: there is none */
};

/* An energy of that kind, of `size` bytes; convex, without a target. */
ift_energy *ift_energy_allocate(ift_context *context, const ift_energy_kind *kind, size_t size, int64_t d);

/* The beginning of a site of `size` bytes, the rest zero, and `columns` more arrays of n numbers behind each other in
 * *reals (n = 1 .. ), with the positions; NULL where there is no memory. ift_site_destroy frees all of it. */
void *ift_site_create(const ift_energy *energy, size_t size, int64_t n, int64_t columns, double **reals);
void ift_site_destroy(ift_site *site);
void ift_site_place(ift_site *site, const double *x);

/* The largest |f_i - f_j| / |x_i - x_j| over pairs of at most 256 evenly spaced points, f and x n by d: what a field's
 * derivative comes to. */
double ift_site_secant(const ift_site *site, const double *f);

/* The places that dead particles may go to, and room for three numbers each; borrowed from whoever has them. */
typedef struct ift_insertion {
  ift_site *site;
  double *g, *interaction, *column; /* g, int k(x, y) dmu(y), and k(x, z), z the last place taken */
} ift_insertion;

/* Greedy, for quadratic energies: each particle of weight 0 among those of `site`, in order, has its position in x changed
 * to the lowest of the places, as long as mass there lowers F. Counts those placed. `work`: n numbers. */
ift_status ift_energy_insert(const ift_insertion *at, double *x, ift_site *site, const double *a, bool mass_kept,
                             double *work, int64_t *placed);

/* The embedding of the target of an MMD energy. */
ift_embedding *ift_energy_embedding(const ift_energy *energy);

/* What tells it from other energies. Of functions nothing but that they are some. */
void ift_energy_identify(const ift_energy *energy, ift_hash *hash);

/* Should sites be anchored for a measure of that mass that stays (or may change)? */
bool ift_energy_anchored(const ift_energy *energy, double mass, bool mass_kept);

/* The arguments of a constructor that takes a function: none is NULL, 1 <= d. `what`: "a potential". */
ift_status ift_energy_check_callback(ift_context *context, ift_energy **out, int64_t d, bool given, const char *what);

#endif
