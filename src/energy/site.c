/* Sites: memory, and what can be read from positions alone. */
#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "energy/energy.h"

/* The numbers are one block, so that a kind has nothing to free of its own. */
void *ift_site_create(const ift_energy *energy, size_t size, int64_t n, int64_t columns, double **reals) {
  ift_context *context = energy->object.context;
  ift_site *site = ift_alloc(context, 1, size);
  if (!site) return NULL;
  memset(site, 0, size);
  site->energy = energy;
  site->n = n;
  site->x = ift_alloc2(context, n, energy->d + columns, sizeof *site->x);
  if (!site->x) {
    ift_free(context, site);
    return NULL;
  }
  *reals = site->x + n * energy->d;
  return site;
}

void ift_site_destroy(ift_site *site) {
  ift_context *context = site->energy->object.context;
  ift_free(context, site->x);
  ift_free(context, site);
}

void ift_site_place(ift_site *site, const double *x) {
  if (x != site->x) memcpy(site->x, x, (size_t)(site->n * site->energy->d) * sizeof *x);
}

double ift_site_secant(const ift_site *site, const double *f) {
  enum { POINTS = 256 };
  const int64_t n = site->n, d = site->energy->d, stride = (n + POINTS - 1) / POINTS;
  double steepest = 0;
  for (int64_t i = 0; i < n; i += stride)
    for (int64_t j = 0; j < i; j += stride) {
      double rise = 0, run = 0;
      for (int64_t l = 0; l < d; l++) {
        const double df = f[i * d + l] - f[j * d + l], dx = site->x[i * d + l] - site->x[j * d + l];
        rise += df * df;
        run += dx * dx;
      }
      if (rise > steepest * run) steepest = rise / run;
    }
  return isfinite(steepest) ? sqrt(steepest) : 0;
}
