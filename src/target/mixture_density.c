/* The density of a mixture of Gaussians, in the log domain: log pi = log sum_k exp(l_k), l_k = log w_k + log N(x; m_k,
 * C_k), and with responsibilities r_k = exp(l_k - log pi) and z_k = -C_k^-1 (x - m_k)
 *
 *     score s = sum_k r_k z_k,   Hessian H u = sum_k r_k ((z_k - s) (z_k - s)'u - C_k^-1 u),
 *
 * the second as a variance, since far out z_k z_k' and s s' are large and all but equal. */
#include <math.h>
#include <string.h>

#include "linalg/linalg.h"
#include "target/gaussian_mixture.h"

/* Of one point: r_k, and z_k (components by d). */
typedef struct density {
  const ift_mixture *mixture;
  double *r, *z, *score, *product; /* score, product: d */
} density;

/* In the mixture's scratch: a step of a flow asks for densities, and takes no memory. */
static density open_density(const ift_target *target) {
  const ift_mixture *mixture = ift_as_mixture(target);
  double *r = mixture->scratch, *z = r + mixture->components, *score = z + mixture->components * target->d;
  return (density){.mixture = mixture, .r = r, .z = z, .score = score, .product = score + target->d};
}

/* log pi(x). Leaves r_k, and in z_k what `forward` says: L_k^-1 (x - m_k) or -C_k^-1 (x - m_k). */
static ift_status look(density *p, const double *x, bool forward, double *log_density) {
  const ift_mixture *mixture = p->mixture;
  ift_context *context = mixture->target.object.context;
  const int64_t d = mixture->target.d;
  double highest = -INFINITY, sum = 0;
  for (int64_t k = 0; k < mixture->components; k++) {
    double *z = p->z + k * d, square = 0;
    const double *factor = mixture->factors + k * d * d;
    for (int64_t l = 0; l < d; l++) z[l] = mixture->means[k * d + l] - x[l];
    IFT_TRY(ift_cholesky_solve_lower(context, factor, d, z, 1));
    for (int64_t l = 0; l < d; l++) square += z[l] * z[l];
    if (!forward) IFT_TRY(ift_cholesky_solve_upper(context, factor, d, z, 1));
    p->r[k] = mixture->constants[k] - square / 2;
    highest = fmax(highest, p->r[k]);
  }
  for (int64_t k = 0; k < mixture->components; k++) sum += p->r[k] = exp(p->r[k] - highest);
  for (int64_t k = 0; k < mixture->components; k++) p->r[k] /= sum;
  *log_density = highest > -INFINITY ? highest + log(sum) : -INFINITY; /* where squares overflow */
  return IFT_OK;
}

/* s at the point that `look` saw. */
static void find_score(const density *p, double *s) {
  const int64_t d = p->mixture->target.d;
  memset(s, 0, (size_t)d * sizeof *s);
  for (int64_t k = 0; k < p->mixture->components; k++)
    for (int64_t l = 0; p->r[k] > 0 && l < d; l++) s[l] += p->r[k] * p->z[k * d + l];
}

static ift_status log_density_of(density *p, double *out, const double *x, const double *u) {
  (void)u;
  return look(p, x, true, out);
}

static ift_status score_of(density *p, double *out, const double *x, const double *u) {
  double value;
  (void)u;
  IFT_TRY(look(p, x, false, &value));
  find_score(p, out);
  return IFT_OK;
}

static ift_status hessian_of(density *p, double *out, const double *x, const double *u) {
  const ift_mixture *mixture = p->mixture;
  const int64_t d = mixture->target.d;
  double value;
  IFT_TRY(look(p, x, false, &value));
  find_score(p, p->score);
  memset(out, 0, (size_t)d * sizeof *out);
  for (int64_t k = 0; k < mixture->components; k++) {
    double *z = p->z + k * d, along = 0;
    for (int64_t l = 0; l < d; l++) along += (z[l] -= p->score[l]) * u[l];
    memcpy(p->product, u, (size_t)d * sizeof *u);
    IFT_TRY(ift_cholesky_solve(mixture->target.object.context, mixture->factors + k * d * d, d, p->product, 1));
    for (int64_t l = 0; p->r[k] > 0 && l < d; l++) out[l] += p->r[k] * (z[l] * along - p->product[l]);
  }
  return IFT_OK;
}

/* `width` numbers a point, by `function`. */
static ift_status at_points(const ift_target *target, double *out, int64_t width, const double *x, const double *u,
                            int64_t n, ift_status (*function)(density *, double *, const double *, const double *)) {
  density p = open_density(target);
  ift_status status = IFT_OK;
  for (int64_t i = 0; i < n && status == IFT_OK; i++)
    status = function(&p, out + i * width, x + i * target->d, u ? u + i * target->d : NULL);
  return status;
}

ift_status ift_mixture_log_density(const ift_target *target, double *values, const double *x, int64_t n) {
  return at_points(target, values, 1, x, NULL, n, log_density_of);
}

ift_status ift_mixture_score(const ift_target *target, double *scores, const double *x, int64_t n) {
  return at_points(target, scores, target->d, x, NULL, n, score_of);
}

ift_status ift_mixture_hessian(const ift_target *target, double *products, const double *x, const double *u,
                               int64_t n) {
  return at_points(target, products, target->d, x, u, n, hessian_of);
}
