/* An energy of the caller's own. */
#include <math.h>

#include "base/callback.h"
#include "energy/energy.h"

typedef struct custom_energy {
  ift_energy energy;
  ift_callback callback;
  int (*evaluate)(double *value, double *first_variation, double *gradient, const double *points, int64_t m,
                  const double *positions, const double *weights, int64_t n, int64_t d, void *user);
} custom_energy;

static ift_status site_create(const ift_energy *energy, ift_site **out, int64_t n, bool anchored) {
  double *reals;
  (void)anchored;
  *out = ift_site_create(energy, sizeof **out, n, 0, &reals);
  return *out ? IFT_OK : IFT_ERR_NO_MEMORY;
}

static ift_status site_move(ift_site *site, const double *x, bool gradient) {
  (void)gradient;
  ift_site_place(site, x);
  return IFT_OK;
}

/* The callback, with its answer and its results checked. */
static ift_status ask(const ift_site *site, double *f, double *g, double *v, const ift_site *sources, const double *a) {
  custom_energy *energy = (custom_energy *)site->energy;
  ift_context *context = energy->energy.object.context;
  const int64_t d = energy->energy.d;
  IFT_TRY(ift_callback_enter(context, &energy->callback));
  const int answer = energy->evaluate(f, g, v, site->x, site->n, sources->x, a, sources->n, d, energy->callback.user);
  IFT_TRY(ift_callback_leave(context, &energy->callback, answer, "function"));
  IFT_TRY(ift_callback_check(context, &energy->callback, "value", f, 1, 1));
  IFT_TRY(ift_callback_check(context, &energy->callback, "first variation", g, site->n, 1));
  return ift_callback_check(context, &energy->callback, "gradient", v, site->n, d);
}

static ift_status evaluate_at(ift_site *site, double *g, double *v, const ift_site *sources, const double *a) {
  return ask(site, NULL, g, v, sources, a);
}

static ift_status value(ift_site *site, double *out, const double *g, const double *a) {
  (void)g;
  return ask(site, out, NULL, NULL, site, a);
}

static double curvature(const ift_site *site, double mass) {
  (void)site, (void)mass;
  return NAN;
}

static void dispose(ift_energy *energy) {
  ift_callback_dispose(&((custom_energy *)energy)->callback);
}

const ift_energy_kind ift_energy_kind_custom = {
    .name = "custom",
    .spec = "custom",
    .doc = "value, first variation and its gradient by a function",
    .dispose = dispose,
    .site_create = site_create,
    .site_destroy = ift_site_destroy,
    .site_move = site_move,
    .evaluate = evaluate_at,
    .value = value,
    .curvature = curvature,
};

ift_status ift_energy_custom(ift_context *context, ift_energy **out, int64_t d,
                             int (*evaluate)(double *value, double *first_variation, double *gradient,
                                             const double *points, int64_t m, const double *positions,
                                             const double *weights, int64_t n, int64_t d, void *user),
                             void *user, void (*destroy)(void *user)) {
  if (out) *out = NULL;
  custom_energy *energy = NULL;
  ift_status status = ift_energy_check_callback(context, out, d, evaluate != NULL, "a custom energy");
  if (status == IFT_OK) {
    energy = (custom_energy *)ift_energy_allocate(context, &ift_energy_kind_custom, sizeof *energy, d);
    if (!energy) status = IFT_ERR_NO_MEMORY;
  }
  if (status != IFT_OK) {
    if (destroy) destroy(user);
    return status;
  }
  energy->energy.convex = false;
  energy->callback = (ift_callback){.owner = "custom energy", .user = user, .destroy = destroy};
  energy->evaluate = evaluate;
  *out = &energy->energy;
  return IFT_OK;
}
