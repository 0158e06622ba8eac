/* Where dead particles do most good: greedy insertion, the fully corrective step of a Frank-Wolfe method in the space of
 * measures (Bredies and Pikkarainen 2013) for several particles at once. */
#include <math.h>
#include <string.h>

#include "base/extremes.h"
#include "energy/energy.h"

ift_status ift_energy_insert(ift_site *candidates, double *g, double level, double usual, double *x, const double *a,
                             int64_t n, int64_t *placed) {
  const int64_t d = candidates->energy->d;
  *placed = 0;
  for (int64_t i = 0; i < n; i++) {
    if (a[i] > 0) continue;
    const int64_t k = ift_lowest(g, candidates->n);
    if (!(g[k] < level)) break;
    memcpy(x + i * d, candidates->x + k * d, (size_t)d * sizeof *x);
    ++*placed;
    IFT_TRY(candidates->energy->kind->quadratic->lift(candidates, g, candidates->x + k * d, usual));
    g[k] = INFINITY; /* taken: two particles at one place are no better than one */
  }
  return IFT_OK;
}
