/* tests/support/guest.h - a custom kernel that is a Gaussian of width 1, and does on the way what a test asks for. */
#ifndef TESTS_SUPPORT_GUEST_H
#define TESTS_SUPPORT_GUEST_H

#include <stdbool.h>

#include "support/make.h"

typedef struct guest {
  int64_t calls, pairs;
  int64_t act_at;                   /* the call, from 1, in which something happens; 0: none */
  int answer;                       /* that it returns then */
  void (*act)(struct guest *guest); /* and what it does first; may be NULL */
  int destroyed;                    /* how often `destroy` has been called */
  bool inside, destroyed_inside;    /* the callback is running; it was when `destroy` was called */
  bool no_number;                   /* gives NaN from then on */
  ift_context *context;             /* for `act` */
  ift_kernel *kernel, *other;
  ift_measure *measures[2];
  ift_energy *energy;
  ift_flow *flow;
  ift_compression *compression;
  ift_status statuses[4]; /* what `act` got */
} guest;

static int guest_evaluate(double *values, double *gradients, const double *x, int64_t n, const double *y, int64_t m,
                          int64_t d, void *user) {
  guest *g = user;
  g->calls++;
  g->pairs += n * m;
  assert_true(n >= 1 && m >= 1 && d >= 1);
  assert_true(n * m * (d + 1) <= 65536 || (n == 1 && m == 1));
  g->inside = true;
  if (g->calls == g->act_at && g->act) g->act(g);
  for (int64_t i = 0; i < n; i++)
    for (int64_t j = 0; j < m; j++) {
      double square = 0;
      for (int64_t l = 0; l < d; l++) square += (x[i * d + l] - y[j * d + l]) * (x[i * d + l] - y[j * d + l]);
      const double k = g->no_number && g->calls >= g->act_at ? NAN : exp(-square / 2);
      values[i * m + j] = k;
      for (int64_t l = 0; gradients && l < d; l++) gradients[(i * m + j) * d + l] = (y[j * d + l] - x[i * d + l]) * k;
    }
  g->inside = false;
  return g->calls == g->act_at ? g->answer : 0;
}

static void guest_destroy(void *user) {
  guest *g = user;
  g->destroyed++;
  g->destroyed_inside |= g->inside;
}

static inline ift_kernel *guest_kernel(ift_context *context, guest *g) {
  assert_status(IFT_OK, ift_kernel_custom(context, &g->kernel, guest_evaluate, g, guest_destroy));
  g->context = context;
  return g->kernel;
}

#endif
