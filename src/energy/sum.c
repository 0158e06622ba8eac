/* F = sum_k c_k F_k: all that an energy gives is linear. */
#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "base/sum.h"
#include "energy/energy.h"

typedef struct sum_energy {
  ift_energy energy;
  int64_t count;
  double *coefficients;
  const ift_energy **parts; /* retained */
  double *hessian;          /* scratch: of one part; made when first asked for */
  int64_t room;
} sum_energy;

typedef struct sum_site {
  ift_site site;
  ift_site **parts;
  double *g, *v; /* scratch: of one part */
} sum_site;

static const sum_energy *as_sum(const ift_energy *energy) {
  return (const sum_energy *)energy;
}

static const sum_site *as_site(const ift_site *site) {
  return (const sum_site *)site;
}

static void site_destroy(ift_site *base) {
  const sum_energy *energy = as_sum(base->energy);
  const sum_site *site = as_site(base);
  for (int64_t k = 0; site->parts && k < energy->count; k++)
    if (site->parts[k]) energy->parts[k]->kind->site_destroy(site->parts[k]);
  ift_free(base->energy->object.context, site->parts);
  ift_site_destroy(base);
}

static ift_status site_create(const ift_energy *base, ift_site **out, int64_t n, bool anchored) {
  const sum_energy *energy = as_sum(base);
  double *reals;
  sum_site *site = ift_site_create(base, sizeof *site, n, base->d + 1, &reals);
  if (!site) return IFT_ERR_NO_MEMORY;
  site->g = reals;
  site->v = reals + n;
  site->parts = ift_alloc(base->object.context, energy->count, sizeof *site->parts);
  ift_status status = site->parts ? IFT_OK : IFT_ERR_NO_MEMORY;
  if (site->parts) memset(site->parts, 0, (size_t)energy->count * sizeof *site->parts);
  for (int64_t k = 0; k < energy->count && status == IFT_OK; k++)
    status = energy->parts[k]->kind->site_create(energy->parts[k], &site->parts[k], n, anchored);
  if (status == IFT_OK)
    *out = &site->site;
  else
    site_destroy(&site->site);
  return status;
}

static ift_status site_move(ift_site *base, const double *x, bool gradient) {
  for (int64_t k = 0; k < as_sum(base->energy)->count; k++) {
    ift_site *part = as_site(base)->parts[k];
    IFT_TRY(part->energy->kind->site_move(part, x, gradient));
  }
  ift_site_place(base, x);
  return IFT_OK;
}

static void add(double *sum, double coefficient, const double *part, int64_t count) {
  for (int64_t i = 0; sum && i < count; i++) sum[i] += coefficient * part[i];
}

static ift_status evaluate(ift_site *base, double *g, double *v, const ift_site *sources, const double *a) {
  const sum_energy *energy = as_sum(base->energy);
  const sum_site *site = as_site(base);
  const int64_t n = base->n, d = base->energy->d;
  if (g) memset(g, 0, (size_t)n * sizeof *g);
  if (v) memset(v, 0, (size_t)(n * d) * sizeof *v);
  for (int64_t k = 0; k < energy->count; k++) {
    IFT_TRY(energy->parts[k]->kind->evaluate(site->parts[k], g ? site->g : NULL, v ? site->v : NULL,
                                             as_site(sources)->parts[k], a));
    add(g, energy->coefficients[k], site->g, n);
    add(v, energy->coefficients[k], site->v, n * d);
  }
  return IFT_OK;
}

static ift_status value(ift_site *base, double *out, const double *g, const double *a) {
  const sum_energy *energy = as_sum(base->energy);
  const sum_site *site = as_site(base);
  ift_running_sum sum = {0, 0};
  (void)g;
  for (int64_t k = 0; k < energy->count; k++) {
    const ift_energy_kind *kind = energy->parts[k]->kind;
    double part;
    IFT_TRY(kind->evaluate(site->parts[k], site->g, NULL, site->parts[k], a));
    IFT_TRY(kind->value(site->parts[k], &part, site->g, a));
    ift_running_add(&sum, energy->coefficients[k] * part);
  }
  *out = ift_running_value(&sum);
  return IFT_OK;
}

static double curvature(const ift_site *base, double mass) {
  const sum_energy *energy = as_sum(base->energy);
  double sum = 0;
  for (int64_t k = 0; k < energy->count; k++)
    sum += fabs(energy->coefficients[k]) * energy->parts[k]->kind->curvature(as_site(base)->parts[k], mass);
  return sum;
}

static ift_status smoothness(ift_site *base, double mass, double *out) {
  const sum_energy *energy = as_sum(base->energy);
  *out = 0;
  for (int64_t k = 0; k < energy->count; k++) {
    double part = NAN;
    if (energy->parts[k]->kind->smoothness)
      IFT_TRY(energy->parts[k]->kind->smoothness(as_site(base)->parts[k], mass, &part));
    *out += fabs(energy->coefficients[k]) * part;
  }
  return IFT_OK;
}

/* Kept by the energy, so that the sites of a flow share it and only its first step takes memory. */
static ift_status make_hessian(sum_energy *energy, int64_t n) {
  ift_context *context = energy->energy.object.context;
  if (n <= energy->room) return IFT_OK;
  double *wide = ift_alloc2(context, n, n, sizeof *wide);
  if (!wide) return IFT_ERR_NO_MEMORY;
  ift_free(context, energy->hessian);
  energy->hessian = wide;
  energy->room = n;
  return IFT_OK;
}

/* Of parts that have one, none of which may count negatively. */
static ift_status hessian(ift_site *base, double *out, const double *a) {
  const sum_energy *energy = as_sum(base->energy);
  ift_context *context = base->energy->object.context;
  const int64_t n = base->n;
  ift_status status = make_hessian((sum_energy *)base->energy, n);
  memset(out, 0, (size_t)(n * n) * sizeof *out);
  for (int64_t k = 0; k < energy->count && status == IFT_OK; k++) {
    const ift_energy_kind *kind = energy->parts[k]->kind;
    if (!kind->hessian || energy->coefficients[k] < 0)
      status = ift_fail(context, IFT_ERR_CAPABILITY,
                        "part %lld of a sum of energies, %g times a '%s', offers no second derivative", (long long)k,
                        energy->coefficients[k], kind->name);
    else
      status = kind->hessian(as_site(base)->parts[k], energy->hessian, a);
    if (status == IFT_OK) add(out, energy->coefficients[k], energy->hessian, n * n);
  }
  return status;
}

static bool anchors(const ift_energy *base, double mass, bool mass_kept) {
  const sum_energy *energy = as_sum(base);
  bool any = false;
  for (int64_t k = 0; k < energy->count; k++) any |= ift_energy_anchored(energy->parts[k], mass, mass_kept);
  return any;
}

static void identify(const ift_energy *base, ift_hash *hash) {
  const sum_energy *energy = as_sum(base);
  ift_hash_reals(hash, energy->coefficients, energy->count);
  for (int64_t k = 0; k < energy->count; k++) ift_energy_identify(energy->parts[k], hash);
}

static void dispose(ift_energy *base) {
  const sum_energy *energy = as_sum(base);
  for (int64_t k = 0; energy->parts && k < energy->count; k++) ift_object_release((ift_energy *)energy->parts[k]);
  ift_free(base->object.context, energy->parts);
  ift_free(base->object.context, energy->coefficients);
  ift_free(base->object.context, energy->hessian);
}

const ift_energy_kind ift_energy_kind_sum = {
    .name = "sum",
    .spec = "sum",
    .doc = "a weighted sum of energies",
    .dispose = dispose,
    .site_create = site_create,
    .site_destroy = site_destroy,
    .site_move = site_move,
    .evaluate = evaluate,
    .value = value,
    .curvature = curvature,
    .smoothness = smoothness,
    .hessian = hessian,
    .anchors = anchors,
    .identify = identify,
};

static ift_status check(ift_context *context, const double *coefficients, const ift_energy *const *parts,
                        int64_t count) {
  if (!coefficients || !parts || count < 1)
    return ift_fail(context, IFT_ERR_ARGUMENT, "a sum of energies needs at least one, with its coefficient");
  for (int64_t k = 0; k < count; k++) {
    IFT_TRY(ift_same_context(context, parts[k], "a part of a sum of energies"));
    if (!isfinite(coefficients[k]))
      return ift_fail(context, IFT_ERR_NOT_FINITE, "coefficients[%lld] is %g; it must be finite", (long long)k,
                      coefficients[k]);
    if (parts[k]->d != parts[0]->d)
      return ift_fail(context, IFT_ERR_DIMENSION, "energies[%lld] lives in dimension %lld, energies[0] in %lld",
                      (long long)k, (long long)parts[k]->d, (long long)parts[0]->d);
  }
  return IFT_OK;
}

static ift_status fill(sum_energy *energy, const double *coefficients, const ift_energy *const *parts, int64_t count) {
  ift_context *context = energy->energy.object.context;
  energy->coefficients = ift_copy_reals(context, coefficients, count);
  energy->parts = ift_alloc(context, count, sizeof *energy->parts);
  if (!energy->coefficients || !energy->parts) return IFT_ERR_NO_MEMORY;
  energy->count = count;
  for (int64_t k = 0; k < count; k++) {
    energy->parts[k] = parts[k];
    ift_object_retain(parts[k]);
    energy->energy.blobs |= parts[k]->blobs;
    energy->energy.convex &= parts[k]->convex && coefficients[k] >= 0;
    if (!energy->energy.target) energy->energy.target = parts[k]->target; /* that of the first that has one */
  }
  if (energy->energy.target) ift_object_retain(energy->energy.target);
  return IFT_OK;
}

ift_status ift_energy_sum(ift_context *context, ift_energy **out, const double *coefficients,
                          const ift_energy *const *energies, int64_t count) {
  if (out) *out = NULL;
  if (!context || !out) return ift_fail(context, IFT_ERR_ARGUMENT, "the context or the place for the energy is NULL");
  IFT_TRY(check(context, coefficients, energies, count));
  sum_energy *energy = (sum_energy *)ift_energy_allocate(context, &ift_energy_kind_sum, sizeof *energy, energies[0]->d);
  if (!energy) return IFT_ERR_NO_MEMORY;
  const ift_status status = fill(energy, coefficients, energies, count);
  if (status == IFT_OK)
    *out = &energy->energy;
  else
    ift_object_release(energy);
  return status;
}
