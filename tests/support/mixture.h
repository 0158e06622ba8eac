/* tests/support/mixture.h - a mixture of Gaussians by the formula of its density, in long double: log-density, score
 * and Hessian, written down independently of the library. */
#ifndef TESTS_SUPPORT_MIXTURE_H
#define TESTS_SUPPORT_MIXTURE_H

#include "support/make.h"

enum { MIXTURE_COUNT = 3, MIXTURE_D = 3 };
typedef struct mixture {
  int64_t count, d;
  double w[MIXTURE_COUNT], m[MIXTURE_COUNT * MIXTURE_D], c[MIXTURE_COUNT * MIXTURE_D * MIXTURE_D];
} mixture;

static inline ift_target *make_mixture(ift_context *context, const mixture *p) {
  ift_target *target;
  assert_status(IFT_OK, ift_target_gaussian_mixture(context, &target, p->count, p->d, p->w, p->m, p->c));
  return target;
}

/* C^-1 by Gauss-Jordan elimination; returns det C. */
static inline long double mixture_invert(const double *c, int64_t d, long double *inverse) {
  long double left[MIXTURE_D * MIXTURE_D], determinant = 1;
  for (int64_t k = 0; k < d * d; k++) {
    left[k] = c[k];
    inverse[k] = k % (d + 1) == 0;
  }
  for (int64_t p = 0; p < d; p++) {
    const long double pivot = left[p * d + p]; /* > 0: C is positive definite */
    determinant *= pivot;
    for (int64_t l = 0; l < d; l++) {
      left[p * d + l] /= pivot;
      inverse[p * d + l] /= pivot;
    }
    for (int64_t i = 0; i < d; i++) {
      const long double factor = left[i * d + p];
      for (int64_t l = 0; i != p && l < d; l++) {
        left[i * d + l] -= factor * left[p * d + l];
        inverse[i * d + l] -= factor * inverse[p * d + l];
      }
    }
  }
  return determinant;
}

/* log of w_k N(x; m_k, C_k), and z = -C_k^-1 (x - m_k). */
static inline long double mixture_part(const mixture *p, int64_t k, const double *x, long double *z,
                                       long double *inverse) {
  const int64_t d = p->d;
  const long double determinant = mixture_invert(p->c + k * d * d, d, inverse), two_pi = 2 * acosl(-1);
  long double square = 0, total = 0;
  for (int64_t i = 0; i < d; i++) {
    z[i] = 0;
    for (int64_t j = 0; j < d; j++) z[i] -= inverse[i * d + j] * ((long double)x[j] - p->m[k * d + j]);
    square -= z[i] * ((long double)x[i] - p->m[k * d + i]);
  }
  for (int64_t j = 0; j < p->count; j++) total += p->w[j];
  return logl(p->w[k] / total) - (square + logl(determinant) + (long double)d * logl(two_pi)) / 2;
}

/* log pi(x); the score and the Hessian times u where they are not NULL. */
static inline long double mixture_look(const mixture *p, const double *x, const double *u, long double *score,
                                       long double *product) {
  const int64_t d = p->d;
  long double z[MIXTURE_D], inverse[MIXTURE_D * MIXTURE_D], highest = -INFINITY, sum = 0, s[MIXTURE_D] = {0},
                                                            h[MIXTURE_D] = {0}, along = 0;
  for (int64_t k = 0; k < p->count; k++) highest = fmaxl(highest, mixture_part(p, k, x, z, inverse));
  for (int64_t k = 0; k < p->count; k++) {
    const long double r = expl(mixture_part(p, k, x, z, inverse) - highest);
    long double zu = 0;
    sum += r;
    for (int64_t l = 0; u && l < d; l++) zu += z[l] * u[l];
    for (int64_t l = 0; l < d; l++) {
      s[l] += r * z[l];
      h[l] += r * z[l] * zu;
      for (int64_t j = 0; u && j < d; j++) h[l] -= r * inverse[l * d + j] * u[j];
    }
  }
  for (int64_t l = 0; u && l < d; l++) along += s[l] / sum * u[l];
  for (int64_t l = 0; score && l < d; l++) score[l] = s[l] / sum;
  for (int64_t l = 0; product && l < d; l++) product[l] = h[l] / sum - s[l] / sum * along;
  return highest + logl(sum);
}

static inline long double mixture_log_density(const mixture *p, const double *x) {
  return mixture_look(p, x, NULL, NULL, NULL);
}

/* Blob-KL from it (Carrillo, Craig and Patacchini 2019) by double loops, in long double, whose range holds what double
 * has lost: rho(x) = sum_j a_j phi(x - x_j), and with V = -log pi the energy, its first variation and the gradient of
 * that. */
typedef struct blobs {
  const mixture *pi;
  double bandwidth;
  int64_t n;
  const double *x, *a;
} blobs;

static inline long double blobs_phi(const blobs *b, const double *x, const double *y) {
  const long double h = b->bandwidth;
  long double square = 0;
  for (int64_t l = 0; l < b->pi->d; l++) square += ((long double)x[l] - y[l]) / h * (((long double)x[l] - y[l]) / h);
  return expl(-square / 2) / powl(2 * acosl(-1) * h * h, (long double)b->pi->d / 2);
}

static inline long double blobs_rho(const blobs *b, const double *x) {
  long double sum = 0;
  for (int64_t j = 0; j < b->n; j++) sum += b->a[j] * blobs_phi(b, x, b->x + j * b->pi->d);
  return sum;
}

static inline double blobs_value(const blobs *b) {
  long double f = 1;
  for (int64_t i = 0; i < b->n; i++) {
    const double *x = b->x + i * b->pi->d;
    if (b->a[i] > 0) f += b->a[i] * (logl(blobs_rho(b, x)) - mixture_log_density(b->pi, x) - 1);
  }
  return (double)f;
}

static inline double blobs_g(const blobs *b, const double *x) {
  long double g = logl(blobs_rho(b, x)) - mixture_log_density(b->pi, x) - 1;
  for (int64_t j = 0; j < b->n; j++) {
    const double *y = b->x + j * b->pi->d;
    if (b->a[j] > 0) g += b->a[j] * blobs_phi(b, x, y) / blobs_rho(b, y);
  }
  return (double)g;
}

static inline void blobs_v(const blobs *b, const double *x, double *v) {
  const int64_t d = b->pi->d;
  const long double rho = blobs_rho(b, x), h = b->bandwidth;
  long double score[MIXTURE_D], sum[MIXTURE_D] = {0};
  mixture_look(b->pi, x, NULL, score, NULL);
  for (int64_t j = 0; j < b->n; j++) {
    const double *y = b->x + j * d;
    if (!(b->a[j] > 0)) continue;
    const long double part = b->a[j] * blobs_phi(b, x, y) * (1 / rho + 1 / blobs_rho(b, y));
    for (int64_t l = 0; l < d; l++) sum[l] -= part * ((long double)x[l] - y[l]) / h / h;
  }
  for (int64_t l = 0; l < d; l++) v[l] = (double)(sum[l] - score[l]);
}

#endif
