/* Gradients of radial sums whose kernel values are there already. */
#include <string.h>

#include "base/pool.h"
#include "pairs/lanes.h"
#include "pairs/layout.h"

enum { ROWS = 8 }; /* targets a task */

typedef struct pass {
  double *gradient;
  const double *matrix, *scale, *u, *w, *x;
  int64_t n, d;
  const ift_layout *layout;
} pass;

static void run_rows(int64_t task, void *user) {
  const pass *p = user;
  const int64_t first = task * ROWS, end = p->n - first < ROWS ? p->n : first + ROWS;
  memset(p->gradient + first * p->d, 0, (size_t)((end - first) * p->d) * sizeof(double));
  for (int64_t start = 0; start < p->n; start += IFT_PAIR_BLOCK) {
    ift_block b;
    ift_block_load(&b, p->layout, p->x, p->d, start, p->n);
    for (int64_t i = first; i < end; i++) {
      const double *k = p->matrix + i * p->n + start;
      double slope[IFT_PAIR_BLOCK];
      for (int j = 0; j < b.count; j++) slope[j] = k[j] * (p->scale[i] * p->u[start + j] + p->w[start + j]);
      for (int j = b.count; j < b.whole; j++) slope[j] = 0;
      p->layout->radial_gradient(p->gradient + i * p->d, slope, p->x + i * p->d, &b);
    }
  }
}

void ift_pairs_differences(ift_context *context, double *gradient, const double *matrix, const double *scale,
                           const double *u, const double *w, const double *x, int64_t n, int64_t d) {
  pass p = {gradient, matrix, scale, u, w, x, n, d, d <= IFT_NARROW ? &ift_layout_columns : &ift_layout_rows};
  ift_pool_run(context, (n + ROWS - 1) / ROWS, run_rows, &p);
}
