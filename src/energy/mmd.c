/* The squared-MMD energy F(mu) = 1/2 MMD^2(mu, pi): g = int k dmu - c, c = int k dpi.
 *
 * A conditionally positive definite kernel k is replaced, where masses differ, by the positive definite
 * k(x,y) + u(x) + u(y), u(x) = -k(x, x0), x0 the target's mean: the same on differences of equal mass. */
#include <math.h>

#include "base/alloc.h"
#include "base/sum.h"
#include "energy/energy.h"

static void site_destroy(ift_site *site) {
  ift_context *context = site->energy->object.context;
  ift_free(context, site->x);
  ift_free(context, site->external);
  ift_free(context, site->external_gradient);
  ift_free(context, site->row);
  ift_free(context, site->anchor);
  ift_free(context, site->anchor_gradient);
  ift_free(context, site);
}

static ift_status site_create(const ift_energy *energy, ift_site **out, int64_t n, bool anchored) {
  ift_context *context = energy->object.context;
  ift_site *site = ift_alloc(context, 1, sizeof *site);
  if (!site) return IFT_ERR_NO_MEMORY;
  const bool conditional = energy->conditional;
  *site = (ift_site){.energy = energy, .n = n, .anchored = anchored && conditional};
  site->x = ift_alloc2(context, n, energy->d, sizeof *site->x);
  site->external = ift_alloc_reals(context, n);
  site->row = ift_alloc_reals(context, n);
  site->external_gradient = ift_alloc2(context, n, energy->d, sizeof *site->x);
  if (conditional) {
    site->anchor = ift_alloc_reals(context, n);
    site->anchor_gradient = ift_alloc2(context, n, energy->d, sizeof *site->x);
  }
  if (!site->x || !site->external || !site->row || !site->external_gradient ||
      (conditional && (!site->anchor || !site->anchor_gradient))) {
    site_destroy(site);
    return IFT_ERR_NO_MEMORY;
  }
  *out = site;
  return IFT_OK;
}

static ift_status site_move(ift_site *site, const double *x, bool gradient) {
  const ift_energy *energy = site->energy;
  const int64_t n = site->n, d = energy->d;
  if (x != site->x)
    for (int64_t i = 0; i < n * d; i++) site->x[i] = x[i];
  IFT_TRY(ift_embedding_evaluate(energy->embedding, site->external, gradient ? site->external_gradient : NULL, x, n));
  if (!site->anchor) return IFT_OK;
  return ift_kernel_anchor(energy->embedding->kernel, site->anchor, gradient ? site->anchor_gradient : NULL, site->x, n,
                           d, energy->target->mean);
}

/* sum_j a_j k(x_i, y_j), of the anchored kernel if `anchored`. */
static ift_status interaction_of(ift_site *site, double *value, double *gradient, const ift_site *sources,
                                 const double *a, bool anchored) {
  const int64_t n = site->n, d = site->energy->d;
  IFT_TRY(ift_kernel_pairs(site->energy->embedding->kernel, value, gradient, site->x, n, d, sources->x, sources->n, a));
  if (!anchored) return IFT_OK;
  const double mass = ift_sum(a, sources->n), mean = ift_dot_compensated(sources->anchor, a, sources->n);
  for (int64_t i = 0; value && i < n; i++) value[i] += mass * site->anchor[i] + mean;
  for (int64_t i = 0; gradient && i < n * d; i++) gradient[i] += mass * site->anchor_gradient[i];
  return IFT_OK;
}

/* c_i, of the anchored kernel if `anchored`. */
static double external_of(const ift_site *site, int64_t i, bool anchored) {
  const ift_energy *energy = site->energy;
  return site->external[i] + (anchored ? energy->target->mass * site->anchor[i] + energy->anchor_mean : 0);
}

static ift_status evaluate(ift_site *site, double *g, double *v, const ift_site *sources, const double *a) {
  const int64_t n = site->n, d = site->energy->d;
  const double mass = site->energy->target->mass;
  IFT_TRY(interaction_of(site, g, v, sources, a, site->anchored));
  for (int64_t i = 0; g && i < n; i++) g[i] -= external_of(site, i, site->anchored);
  for (int64_t i = 0; v && i < n * d; i++)
    v[i] -= site->external_gradient[i] + (site->anchored ? mass * site->anchor_gradient[i] : 0);
  return IFT_OK;
}

/* F = 1/2 (a'(Ka - c) - (c'a - kappa)) = 1/2 (a'g - c'a + kappa), summed with compensation: near the minimum it is
 * the small difference of numbers of the size of kappa. A square; below 0 by rounding only. */
static ift_status value(ift_site *site, double *out, const double *g, const double *a) {
  const ift_energy *energy = site->energy;
  double kappa, linear = 0;
  IFT_TRY(ift_embedding_self(energy->embedding, &kappa));
  if (site->anchored) kappa += 2 * energy->target->mass * energy->anchor_mean;
  linear = ift_dot_compensated(site->external, a, site->n);
  if (site->anchored)
    linear += energy->target->mass * ift_dot_compensated(site->anchor, a, site->n) +
              energy->anchor_mean * ift_sum(a, site->n);
  const double f = (ift_dot_compensated(g, a, site->n) - (linear - kappa)) / 2;
  if (!isfinite(f))
    return ift_fail(energy->object.context, IFT_ERR_NOT_FINITE,
                    "the energy is %g: weights or coordinates are too large", f);
  *out = fmax(f, 0);
  return IFT_OK;
}

static ift_status gram(ift_site *site, double *gram_) {
  const int64_t n = site->n;
  IFT_TRY(ift_kernel_matrix(site->energy->embedding->kernel, gram_, site->x, n, site->energy->d, site->x, n));
  if (site->anchor)
    for (int64_t i = 0; i < n; i++)
      for (int64_t j = 0; j < n; j++) gram_[i * n + j] += site->anchor[i] + site->anchor[j];
  return IFT_OK;
}

static ift_status linear(ift_site *site, double *out) {
  for (int64_t i = 0; i < site->n; i++) out[i] = external_of(site, i, site->anchor != NULL);
  return IFT_OK;
}

static ift_status interaction(ift_site *site, double *out, const ift_site *sources, const double *a) {
  return interaction_of(site, out, NULL, sources, a, site->anchor != NULL);
}

static ift_status diagonal(ift_site *site, double *out) {
  IFT_TRY(ift_kernel_diagonal(site->energy->embedding->kernel, out, site->x, site->n, site->energy->d));
  for (int64_t i = 0; site->anchor && i < site->n; i++) out[i] += 2 * site->anchor[i];
  return IFT_OK;
}

static ift_status lift(ift_site *site, double *g, const double *point, double weight) {
  const int64_t d = site->energy->d;
  IFT_TRY(ift_kernel_pairs(site->energy->embedding->kernel, site->row, NULL, site->x, site->n, d, point, 1, &weight));
  for (int64_t i = 0; i < site->n; i++) g[i] += site->row[i];
  if (!site->anchor) return IFT_OK;
  double u;
  IFT_TRY(ift_kernel_anchor(site->energy->embedding->kernel, &u, NULL, point, 1, d, site->energy->target->mean));
  for (int64_t i = 0; i < site->n; i++) g[i] += weight * (site->anchor[i] + u);
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
  const double radius = fmax(energy->radius, largest_norm(site->x, site->n, energy->d));
  const double spread = energy->target->spread > 0 ? energy->target->spread : 1;
  double high, low;
  (void)ift_kernel_curvature(energy->embedding->kernel, radius, spread, &high, &low);
  return high * mass + low * energy->target->mass;
}

/* int u dpi over the target's points. */
static ift_status prepare_anchor(ift_energy *energy) {
  const ift_target *target = energy->target;
  for (int64_t j = 0; j < target->n; j++) {
    double u;
    IFT_TRY(ift_kernel_anchor(energy->embedding->kernel, &u, NULL, target->points + j * energy->d, 1, energy->d,
                              target->mean));
    energy->anchor_mean += target->weights[j] * u;
  }
  return IFT_OK;
}

static void dispose(void *object) {
  ift_energy *energy = object;
  ift_object_release((ift_target *)energy->given);
  ift_object_release(energy->embedding);
}

static ift_status create(ift_context *context, ift_energy **out, const ift_kernel *kernel, const ift_target *target) {
  ift_energy *energy = ift_object_create(context, sizeof *energy, dispose);
  if (!energy) return IFT_ERR_NO_MEMORY;
  energy->kind = &ift_energy_kind_mmd;
  energy->d = target->d;
  energy->conditional = ift_kernel_is_conditional(kernel);
  energy->given = target;
  ift_object_retain(target);
  ift_status status = ift_embedding_create(context, &energy->embedding, kernel, target);
  if (status == IFT_OK) {
    energy->target = energy->embedding->target;
    energy->radius = largest_norm(energy->target->points, energy->target->n, energy->d);
    if (energy->conditional) status = prepare_anchor(energy);
  }
  if (status == IFT_OK)
    *out = energy;
  else
    ift_object_release(energy);
  return status;
}

ift_status ift_energy_mmd(ift_context *context, ift_energy **out, const ift_kernel *kernel, const ift_target *target) {
  if (out) *out = NULL;
  if (!context || !out) return ift_fail(context, IFT_ERR_ARGUMENT, "the context or the place for the energy is NULL");
  IFT_TRY(ift_same_context(context, kernel, "the kernel"));
  IFT_TRY(ift_same_context(context, target, "the target"));
  return create(context, out, kernel, target);
}

/* The target of a batch is one of samples that nobody else sees, so that its points may change. */
static ift_status batch_create(const ift_energy *energy, ift_energy **out, int64_t count) {
  ift_context *context = energy->object.context;
  ift_target *points;
  IFT_TRY(ift_target_batch(energy->target, &points, count));
  const ift_status status = create(context, out, energy->embedding->kernel, points);
  ift_object_release(points);
  return status;
}

static ift_status batch_draw(ift_energy *batch, const ift_energy *energy, ift_rng *rng) {
  ift_target *points = (ift_target *)batch->target;
  for (int64_t j = 0; j < points->n; j++) energy->given->kind->draw(energy->given, rng, points->points + j * batch->d);
  batch->embedding->kappa = NAN;
  batch->anchor_mean = 0;
  return batch->conditional ? prepare_anchor(batch) : IFT_OK;
}

const ift_energy_kind ift_energy_kind_mmd = {
    .name = "mmd",
    .spec = "mmd",
    .doc = "half the squared maximum mean discrepancy to the target",
    .convex = true,
    .quadratic = true,
    .site_create = site_create,
    .site_move = site_move,
    .evaluate = evaluate,
    .value = value,
    .gram = gram,
    .linear = linear,
    .interaction = interaction,
    .diagonal = diagonal,
    .lift = lift,
    .curvature = curvature,
    .site_destroy = site_destroy,
    .batch_create = batch_create,
    .batch_draw = batch_draw,
};
