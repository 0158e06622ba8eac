/* The squared-MMD energy F(mu) = 1/2 MMD^2(mu, pi): g = int k dmu - c, c = int k dpi.
 *
 * A conditionally positive definite kernel k is replaced, where masses differ, by the positive definite
 * k(x,y) + u(x) + u(y), u(x) = -k(x, x0), x0 the target's mean: the same on differences of equal mass. */
#include <math.h>

#include "base/alloc.h"
#include "base/sum.h"
#include "energy/energy.h"

typedef struct mmd_energy {
  ift_energy energy;
  const ift_target *given; /* before samples had to stand for it; retained */
  ift_embedding *embedding;
  bool conditional;           /* of a conditionally positive definite kernel */
  double anchor_mean, radius; /* int u dpi, largest norm of a target point */
} mmd_energy;

typedef struct mmd_site {
  ift_site site;
  bool anchored;
  double *external, *external_gradient; /* c and its gradient */
  double *row;                          /* scratch */
  double *anchor, *anchor_gradient;     /* conditional kernels: u and its gradient; else NULL */
} mmd_site;

static const mmd_energy *as_mmd(const ift_energy *energy) {
  return (const mmd_energy *)energy;
}

static const mmd_site *as_site(const ift_site *site) {
  return (const mmd_site *)site;
}

static const ift_kernel *kernel_of(const ift_site *site) {
  return as_mmd(site->energy)->embedding->kernel;
}

static ift_status site_create(const ift_energy *energy, ift_site **out, int64_t n, bool anchored) {
  const int64_t d = energy->d;
  const bool conditional = as_mmd(energy)->conditional;
  double *reals;
  mmd_site *site = ift_site_create(energy, sizeof *site, n, (conditional ? 2 : 1) * (1 + d) + 1, &reals);
  if (!site) return IFT_ERR_NO_MEMORY;
  site->anchored = anchored && conditional;
  site->external = reals;
  site->external_gradient = site->external + n;
  site->row = site->external_gradient + n * d;
  if (conditional) {
    site->anchor = site->row + n;
    site->anchor_gradient = site->anchor + n;
  }
  *out = &site->site;
  return IFT_OK;
}

static ift_status site_move(ift_site *base, const double *x, bool gradient) {
  const mmd_site *site = as_site(base);
  const int64_t n = base->n, d = base->energy->d;
  IFT_TRY(ift_embedding_evaluate(as_mmd(base->energy)->embedding, site->external,
                                 gradient ? site->external_gradient : NULL, x, n));
  ift_site_place(base, x);
  if (!site->anchor) return IFT_OK;
  return ift_kernel_anchor(kernel_of(base), site->anchor, gradient ? site->anchor_gradient : NULL, base->x, n, d,
                           base->energy->target->mean);
}

/* sum_j a_j k(x_i, y_j), of the anchored kernel if `anchored`. */
static ift_status interaction_of(const ift_site *base, double *value, double *gradient, const ift_site *sources,
                                 const double *a, bool anchored) {
  const mmd_site *site = as_site(base);
  const int64_t n = base->n, d = base->energy->d;
  IFT_TRY(ift_kernel_pairs(kernel_of(base), value, gradient, base->x, n, d, sources->x, sources->n, a));
  if (!anchored) return IFT_OK;
  const double mass = ift_sum(a, sources->n), mean = ift_dot_compensated(as_site(sources)->anchor, a, sources->n);
  for (int64_t i = 0; value && i < n; i++) value[i] += mass * site->anchor[i] + mean;
  for (int64_t i = 0; gradient && i < n * d; i++) gradient[i] += mass * site->anchor_gradient[i];
  return IFT_OK;
}

/* c_i, of the anchored kernel if `anchored`. */
static double external_of(const mmd_site *site, int64_t i, bool anchored) {
  const ift_energy *energy = site->site.energy;
  return site->external[i] + (anchored ? energy->target->mass * site->anchor[i] + as_mmd(energy)->anchor_mean : 0);
}

static ift_status evaluate(ift_site *base, double *g, double *v, const ift_site *sources, const double *a) {
  const mmd_site *site = as_site(base);
  const int64_t n = base->n, d = base->energy->d;
  const double mass = base->energy->target->mass;
  IFT_TRY(interaction_of(base, g, v, sources, a, site->anchored));
  for (int64_t i = 0; g && i < n; i++) g[i] -= external_of(site, i, site->anchored);
  for (int64_t i = 0; v && i < n * d; i++)
    v[i] -= site->external_gradient[i] + (site->anchored ? mass * site->anchor_gradient[i] : 0);
  return IFT_OK;
}

/* F = 1/2 (a'(Ka - c) - (c'a - kappa)) = 1/2 (a'g - c'a + kappa), summed with compensation: near the minimum it is
 * the small difference of numbers of the size of kappa. A square; below 0 by rounding only. */
static ift_status value(ift_site *base, double *out, const double *g, const double *a) {
  const mmd_site *site = as_site(base);
  const mmd_energy *energy = as_mmd(base->energy);
  const double mass = energy->energy.target->mass;
  double kappa, linear;
  IFT_TRY(ift_embedding_self(energy->embedding, &kappa));
  if (site->anchored) kappa += 2 * mass * energy->anchor_mean;
  linear = ift_dot_compensated(site->external, a, base->n);
  if (site->anchored)
    linear += mass * ift_dot_compensated(site->anchor, a, base->n) + energy->anchor_mean * ift_sum(a, base->n);
  const double f = (ift_dot_compensated(g, a, base->n) - (linear - kappa)) / 2;
  if (!isfinite(f))
    return ift_fail(base->energy->object.context, IFT_ERR_NOT_FINITE,
                    "the energy is %g: weights or coordinates are too large", f);
  *out = fmax(f, 0);
  return IFT_OK;
}

static ift_status gram(ift_site *base, double *out) {
  const double *anchor = as_site(base)->anchor;
  const int64_t n = base->n;
  IFT_TRY(ift_kernel_matrix(kernel_of(base), out, base->x, n, base->energy->d, base->x, n));
  if (anchor)
    for (int64_t i = 0; i < n; i++)
      for (int64_t j = 0; j < n; j++) out[i * n + j] += anchor[i] + anchor[j];
  return IFT_OK;
}

static ift_status linear(ift_site *base, double *out) {
  const mmd_site *site = as_site(base);
  for (int64_t i = 0; i < base->n; i++) out[i] = external_of(site, i, site->anchor != NULL);
  return IFT_OK;
}

static ift_status interaction(ift_site *base, double *out, const ift_site *sources, const double *a) {
  return interaction_of(base, out, NULL, sources, a, as_site(base)->anchor != NULL);
}

static ift_status diagonal(ift_site *base, double *out) {
  const double *anchor = as_site(base)->anchor;
  IFT_TRY(ift_kernel_diagonal(kernel_of(base), out, base->x, base->n, base->energy->d));
  for (int64_t i = 0; anchor && i < base->n; i++) out[i] += 2 * anchor[i];
  return IFT_OK;
}

static ift_status column(ift_site *base, double *out, const double *point) {
  const mmd_site *site = as_site(base);
  const int64_t d = base->energy->d;
  const double one = 1;
  double u;
  IFT_TRY(ift_kernel_pairs(kernel_of(base), out, NULL, base->x, base->n, d, point, 1, &one));
  if (!site->anchor) return IFT_OK;
  IFT_TRY(ift_kernel_anchor(kernel_of(base), &u, NULL, point, 1, d, base->energy->target->mean));
  for (int64_t i = 0; i < base->n; i++) out[i] += site->anchor[i] + u;
  return IFT_OK;
}

static double largest_norm(const double *x, int64_t n, int64_t d) {
  double largest = 0;
  for (int64_t i = 0; i < n; i++) {
    double sum = 0;
    for (int64_t l = 0; l < d; l++) sum += x[i * d + l] * x[i * d + l];
    largest = fmax(largest, sum);
  }
  return sqrt(largest);
}

static double curvature(const ift_site *site, double mass) {
  const ift_energy *energy = site->energy;
  const double radius = fmax(as_mmd(energy)->radius, largest_norm(site->x, site->n, energy->d));
  const double spread = energy->target->spread > 0 ? energy->target->spread : 1;
  double high, low;
  (void)ift_kernel_curvature(kernel_of(site), radius, spread, &high, &low);
  return high * mass + low * energy->target->mass;
}

/* By Pinsker's inequality m max K_ii, m the larger of the two masses. */
static ift_status smoothness(ift_site *site, double mass, double *out) {
  double largest = 0, *row = as_site(site)->row;
  IFT_TRY(diagonal(site, row));
  for (int64_t i = 0; i < site->n; i++) largest = fmax(largest, row[i]);
  *out = largest * fmax(mass, site->energy->target->mass);
  return IFT_OK;
}

static ift_status hessian(ift_site *site, double *out, const double *a) {
  (void)a;
  return gram(site, out);
}

static bool anchors(const ift_energy *energy, double mass, bool mass_kept) {
  if (!as_mmd(energy)->conditional) return false;
  return !mass_kept || fabs(mass - energy->target->mass) > 1e-9 * fmax(mass, energy->target->mass);
}

/* int u dpi over the target's points. */
static ift_status prepare_anchor(mmd_energy *energy) {
  const ift_target *target = energy->energy.target;
  energy->anchor_mean = 0;
  for (int64_t j = 0; j < target->n; j++) {
    double u;
    IFT_TRY(ift_kernel_anchor(energy->embedding->kernel, &u, NULL, target->points + j * target->d, 1, target->d,
                              target->mean));
    energy->anchor_mean += target->weights[j] * u;
  }
  return IFT_OK;
}

static void dispose(ift_energy *base) {
  mmd_energy *energy = (mmd_energy *)base;
  ift_object_release((ift_target *)energy->given);
  ift_object_release(energy->embedding);
}

/* What depends on the target's points, of which there may be others than before. */
static ift_status see_target(mmd_energy *energy) {
  const ift_target *target = energy->energy.target;
  energy->radius = largest_norm(target->points, target->n, target->d);
  return energy->conditional ? prepare_anchor(energy) : IFT_OK;
}

static ift_status create(ift_context *context, ift_energy **out, const ift_kernel *kernel, const ift_target *target) {
  mmd_energy *energy = (mmd_energy *)ift_energy_allocate(context, &ift_energy_kind_mmd, sizeof *energy, target->d);
  if (!energy) return IFT_ERR_NO_MEMORY;
  energy->conditional = ift_kernel_is_conditional(kernel);
  energy->given = target;
  ift_object_retain(target);
  ift_status status = ift_embedding_create(context, &energy->embedding, kernel, target);
  if (status == IFT_OK) {
    energy->energy.target = energy->embedding->target;
    ift_object_retain(energy->energy.target);
    status = see_target(energy);
  }
  if (status == IFT_OK)
    *out = &energy->energy;
  else
    ift_object_release(energy);
  return status;
}

ift_embedding *ift_energy_embedding(const ift_energy *energy) {
  return as_mmd(energy)->embedding;
}

ift_status ift_energy_mmd(ift_context *context, ift_energy **out, const ift_kernel *kernel, const ift_target *target) {
  if (out) *out = NULL;
  if (!context || !out) return ift_fail(context, IFT_ERR_ARGUMENT, "the context or the place for the energy is NULL");
  IFT_TRY(ift_same_context(context, kernel, "the kernel"));
  IFT_TRY(ift_same_context(context, target, "the target"));
  IFT_TRY(ift_target_require(target, IFT_CAN_DRAW, "energy 'mmd'"));
  return create(context, out, kernel, target);
}

static ift_status widen(const ift_energy *energy, ift_energy **out, double factor) {
  ift_kernel *wide;
  IFT_TRY(ift_kernel_widen(as_mmd(energy)->embedding->kernel, &wide, factor));
  const ift_status status = create(energy->object.context, out, wide, energy->target);
  ift_object_release(wide);
  return status;
}

static ift_status rewiden(ift_energy *wide, const ift_energy *energy, double factor) {
  ift_embedding *embedding = as_mmd(wide)->embedding;
  IFT_TRY(ift_kernel_rewiden((ift_kernel *)embedding->kernel, as_mmd(energy)->embedding->kernel, factor));
  return ift_embedding_renew(embedding);
}

/* The target of a batch is one of samples that nobody else sees, so that its points may change. */
static ift_status batch_create(const ift_energy *energy, ift_energy **out, int64_t count) {
  ift_target *points;
  IFT_TRY(ift_target_batch(energy->target, &points, count));
  const ift_status status = create(energy->object.context, out, as_mmd(energy)->embedding->kernel, points);
  ift_object_release(points);
  return status;
}

static ift_status batch_draw(ift_energy *batch, const ift_energy *energy, ift_rng *rng, int64_t kept, int64_t count) {
  mmd_energy *drawn = (mmd_energy *)batch;
  IFT_TRY(ift_target_batch_draw((ift_target *)batch->target, as_mmd(energy)->given, rng, kept, count));
  IFT_TRY(ift_embedding_renew(drawn->embedding));
  return see_target(drawn);
}

/* Where samples stand for the target, these are its points. */
static void identify(const ift_energy *energy, ift_hash *hash) {
  ift_kernel_identify(as_mmd(energy)->embedding->kernel, hash);
}

static const ift_energy_quadratic quadratic = {
    .gram = gram,
    .diagonal = diagonal,
    .linear = linear,
    .interaction = interaction,
    .column = column,
    .widen = widen,
    .rewiden = rewiden,
    .batch_create = batch_create,
    .batch_draw = batch_draw,
};

const ift_energy_kind ift_energy_kind_mmd = {
    .name = "mmd",
    .spec = "mmd",
    .doc = "half the squared maximum mean discrepancy to the target",
    .quadratic = &quadratic,
    .dispose = dispose,
    .site_create = site_create,
    .site_destroy = ift_site_destroy,
    .site_move = site_move,
    .evaluate = evaluate,
    .value = value,
    .curvature = curvature,
    .smoothness = smoothness,
    .hessian = hessian,
    .anchors = anchors,
    .identify = identify,
};
