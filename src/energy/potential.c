/* F(mu) = int V dmu: g = V, v = grad V, by the caller's function. */
#include <math.h>

#include "base/callback.h"
#include "base/sum.h"
#include "energy/energy.h"

typedef struct potential_energy {
  ift_energy energy;
  ift_callback callback;
  int (*potential)(double *values, double *gradients, const double *x, int64_t n, int64_t d, void *user);
} potential_energy;

typedef struct potential_site {
  ift_site site;
  double *potential, *slope; /* V, and grad V (n by d) */
} potential_site;

static const potential_site *as_site(const ift_site *site) {
  return (const potential_site *)site;
}

static ift_status site_create(const ift_energy *energy, ift_site **out, int64_t n, bool anchored) {
  double *reals;
  (void)anchored;
  potential_site *site = ift_site_create(energy, sizeof *site, n, energy->d + 1, &reals);
  if (!site) return IFT_ERR_NO_MEMORY;
  site->potential = reals;
  site->slope = reals + n;
  *out = &site->site;
  return IFT_OK;
}

static ift_status site_move(ift_site *base, const double *x, bool gradient) {
  potential_energy *energy = (potential_energy *)base->energy;
  const potential_site *site = as_site(base);
  ift_context *context = energy->energy.object.context;
  double *slope = gradient ? site->slope : NULL;
  const int64_t n = base->n, d = energy->energy.d;
  IFT_TRY(ift_callback_enter(context, &energy->callback));
  const int answer = energy->potential(site->potential, slope, x, n, d, energy->callback.user);
  IFT_TRY(ift_callback_leave(context, &energy->callback, answer, "function"));
  IFT_TRY(ift_callback_check(context, &energy->callback, "value", site->potential, n, 1));
  IFT_TRY(ift_callback_check(context, &energy->callback, "gradient", slope, n, d));
  ift_site_place(base, x);
  return IFT_OK;
}

static ift_status evaluate(ift_site *base, double *g, double *v, const ift_site *sources, const double *a) {
  const potential_site *site = as_site(base);
  const int64_t n = base->n, d = base->energy->d;
  (void)sources, (void)a;
  for (int64_t i = 0; g && i < n; i++) g[i] = site->potential[i];
  for (int64_t k = 0; v && k < n * d; k++) v[k] = site->slope[k];
  return IFT_OK;
}

static ift_status value(ift_site *base, double *out, const double *g, const double *a) {
  *out = ift_dot_compensated(g, a, base->n);
  if (isfinite(*out)) return IFT_OK;
  return ift_fail(base->energy->object.context, IFT_ERR_NOT_FINITE, "the energy is %g", *out);
}

static double curvature(const ift_site *site, double mass) {
  (void)mass;
  return ift_site_secant(site, as_site(site)->slope);
}

/* F is linear in the weights. */
static ift_status hessian(ift_site *site, double *out, const double *a) {
  (void)a;
  for (int64_t k = 0; k < site->n * site->n; k++) out[k] = 0;
  return IFT_OK;
}

static void dispose(ift_energy *energy) {
  ift_callback_dispose(&((potential_energy *)energy)->callback);
}

const ift_energy_kind ift_energy_kind_potential = {
    .name = "potential",
    .spec = "potential",
    .doc = "the integral of a function",
    .dispose = dispose,
    .site_create = site_create,
    .site_destroy = ift_site_destroy,
    .site_move = site_move,
    .evaluate = evaluate,
    .value = value,
    .curvature = curvature,
    .hessian = hessian,
};

ift_status ift_energy_potential(ift_context *context, ift_energy **out, int64_t d,
                                int (*potential)(double *values, double *gradients, const double *x, int64_t n,
                                                 int64_t d, void *user),
                                void *user, void (*destroy)(void *user)) {
  if (out) *out = NULL;
  potential_energy *energy = NULL;
  ift_status status = ift_energy_check_callback(context, out, d, potential != NULL, "a potential");
  if (status == IFT_OK) {
    energy = (potential_energy *)ift_energy_allocate(context, &ift_energy_kind_potential, sizeof *energy, d);
    if (!energy) status = IFT_ERR_NO_MEMORY;
  }
  if (status != IFT_OK) {
    if (destroy) destroy(user);
    return status;
  }
  energy->callback = (ift_callback){.owner = "potential", .user = user, .destroy = destroy};
  energy->potential = potential;
  *out = &energy->energy;
  return IFT_OK;
}
