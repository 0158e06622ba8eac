/* F(mu) = 1/2 iint W dmu dmu for a symmetric W: g(x) = int W(x, y) dmu(y). */
#include <math.h>

#include "base/sum.h"
#include "energy/energy.h"

typedef struct interaction_energy {
  ift_energy energy;
  const ift_kernel *kernel; /* W; retained */
} interaction_energy;

static const ift_kernel *kernel_of(const ift_energy *energy) {
  return ((const interaction_energy *)energy)->kernel;
}

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

static ift_status evaluate(ift_site *site, double *g, double *v, const ift_site *sources, const double *a) {
  return ift_kernel_pairs(kernel_of(site->energy), g, v, site->x, site->n, site->energy->d, sources->x, sources->n, a);
}

static ift_status value(ift_site *site, double *out, const double *g, const double *a) {
  *out = ift_dot_compensated(g, a, site->n) / 2;
  if (isfinite(*out)) return IFT_OK;
  return ift_fail(site->energy->object.context, IFT_ERR_NOT_FINITE, "the energy is %g", *out);
}

/* The second derivative along a displacement u is 1/2 iint (u_x - u_y)'(Hess W)(u_x - u_y) <= high m int |u|^2. */
static double curvature(const ift_site *site, double mass) {
  const int64_t d = site->energy->d;
  double radius = 0, high, low;
  for (int64_t k = 0; k < site->n * d; k++) radius = fmax(radius, fabs(site->x[k]));
  if (!ift_kernel_curvature(kernel_of(site->energy), radius * sqrt((double)d), 1, &high, &low)) return NAN;
  return fmax(high, low) * mass;
}

static void identify(const ift_energy *energy, ift_hash *hash) {
  ift_kernel_identify(kernel_of(energy), hash);
}

static void dispose(ift_energy *energy) {
  ift_object_release((ift_kernel *)kernel_of(energy));
}

const ift_energy_kind ift_energy_kind_interaction = {
    .name = "interaction",
    .spec = "interaction",
    .doc = "half the double integral of a symmetric function of two points, given as a kernel",
    .dispose = dispose,
    .site_create = site_create,
    .site_destroy = ift_site_destroy,
    .site_move = site_move,
    .evaluate = evaluate,
    .value = value,
    .curvature = curvature,
    .identify = identify,
};

ift_status ift_energy_interaction(ift_context *context, ift_energy **out, int64_t d, const ift_kernel *kernel) {
  if (out) *out = NULL;
  IFT_TRY(ift_energy_check_callback(context, out, d, true, "an interaction"));
  IFT_TRY(ift_same_context(context, kernel, "the kernel"));
  interaction_energy *energy =
      (interaction_energy *)ift_energy_allocate(context, &ift_energy_kind_interaction, sizeof *energy, d);
  if (!energy) return IFT_ERR_NO_MEMORY;
  energy->energy.convex = false; /* nobody asked whether W is positive definite */
  energy->kernel = kernel;
  ift_object_retain(kernel);
  *out = &energy->energy;
  return IFT_OK;
}
