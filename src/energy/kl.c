/* The Kullback-Leibler divergence KL(mu|pi) of a particle measure by the blob method (Carrillo, Craig and Patacchini
 * 2019): the density of mu is looked at through a Gaussian phi of integral 1, rho = phi * mu, and
 *
 *     F(mu) = int (log rho + V) dmu - m + 1,   V = -log pi,
 *     g(x)  = log rho(x) + sum_j a_j phi(x - x_j) / rho(x_j) + V(x) - 1,
 *     v(x)  = sum_j a_j grad phi(x - x_j) (1/rho(x) + 1/rho(x_j)) + grad V(x).
 *
 * The -1 matters where mass is free: with it the flow ends at the mass of pi. */
#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "base/sum.h"
#include "energy/energy.h"
#include "linalg/linalg.h"

typedef struct kl_energy {
  ift_energy energy;
  ift_kernel *phi; /* the Gaussian, with value 1 at 0 */
  double bandwidth;
  double constant; /* log of its integral */
} kl_energy;

typedef struct kl_site {
  ift_site site;
  double *potential, *slope; /* V, and grad V (n by d) */
  double *matrix;            /* exp(-|x_i - x_j|^2/(2 bandwidth^2)), n by n, where it is kept */
  bool matrix_known;
  /* Scratch, of the measure evaluated last: rho without its constant, log rho with it, grad log rho, a_j / rho_j. */
  double *rho, *log_rho, *score, *share;
} kl_site;

enum { KEPT = 2048 }; /* points up to which a site keeps its matrix: 32 MiB */

static const kl_energy *as_kl(const ift_energy *energy) {
  return (const kl_energy *)energy;
}

static kl_site *as_site(ift_site *site) {
  return (kl_site *)site;
}

static ift_status site_create(const ift_energy *energy, ift_site **out, int64_t n, bool anchored) {
  const int64_t d = energy->d;
  double *reals;
  (void)anchored;
  kl_site *site = ift_site_create(energy, sizeof *site, n, 2 * d + 4 + (n <= KEPT ? n : 0), &reals);
  if (!site) return IFT_ERR_NO_MEMORY;
  site->slope = reals;
  site->score = site->slope + n * d;
  site->potential = site->score + n * d;
  site->rho = site->potential + n;
  site->share = site->rho + n;
  site->log_rho = site->share + n;
  if (n <= KEPT) site->matrix = site->log_rho + n;
  *out = &site->site;
  return IFT_OK;
}

static ift_status refuse(const ift_energy *energy, const char *what, double value, int64_t point) {
  return ift_fail(energy->object.context, IFT_ERR_NOT_FINITE, "the %s of the target is %g at point %lld%s", what, value,
                  (long long)point, value < 0 ? ", which is outside its support" : "");
}

static ift_status site_move(ift_site *base, const double *x, bool gradient) {
  kl_site *site = as_site(base);
  const ift_target *target = base->energy->target;
  const int64_t n = base->n, d = base->energy->d;
  IFT_TRY(target->kind->log_density(target, site->potential, x, n));
  if (gradient) IFT_TRY(target->kind->score(target, site->slope, x, n));
  for (int64_t i = 0; i < n; i++)
    if (!isfinite(site->potential[i])) return refuse(base->energy, "log-density", site->potential[i], i);
  for (int64_t k = 0; gradient && k < n * d; k++)
    if (!isfinite(site->slope[k]))
      return ift_fail(base->energy->object.context, IFT_ERR_NOT_FINITE, "the score of the target is %g at point %lld",
                      site->slope[k], (long long)(k / d));
  for (int64_t i = 0; i < n; i++) site->potential[i] = -site->potential[i];
  for (int64_t k = 0; gradient && k < n * d; k++) site->slope[k] = -site->slope[k];
  ift_site_place(base, x);
  site->matrix_known = false;
  return IFT_OK;
}

/* Where all particles are so far away that rho underflows: log rho and its gradient, relative to the term that is the
 * largest. */
static void look_afar(const kl_site *site, const ift_site *sources, const double *a, int64_t i, double *log_rho,
                      double *gradient) {
  const int64_t d = sources->energy->d;
  const double h = as_kl(sources->energy)->bandwidth, *x = site->site.x + i * d;
  double highest = -INFINITY, sum = 0;
  memset(gradient, 0, (size_t)d * sizeof *gradient);
  for (int pass = 0; pass < 2; pass++)
    for (int64_t j = 0; j < sources->n; j++) {
      const double *y = sources->x + j * d;
      double square = 0;
      for (int64_t l = 0; l < d; l++) square += (x[l] - y[l]) / h * ((x[l] - y[l]) / h);
      const double exponent = log(a[j]) - square / 2;
      if (pass == 0) highest = fmax(highest, exponent);
      const double part = pass == 0 || !(a[j] > 0) ? 0 : exp(exponent - highest);
      sum += part;
      for (int64_t l = 0; l < d; l++) gradient[l] -= part * ((x[l] - y[l]) / h / h);
    }
  *log_rho = highest + log(sum);
  for (int64_t l = 0; l < d; l++) gradient[l] /= sum;
}

/* The points' own matrix; false: it is not kept. */
static ift_status know_matrix(kl_site *site, bool *kept) {
  const kl_energy *energy = as_kl(site->site.energy);
  const double *x = site->site.x;
  *kept = site->matrix != NULL;
  if (!*kept || site->matrix_known) return IFT_OK;
  IFT_TRY(ift_kernel_matrix(energy->phi, site->matrix, x, site->site.n, energy->energy.d, x, site->site.n));
  site->matrix_known = true;
  return IFT_OK;
}

enum { NO_SCORE, SCORE };
static const double LEAST = 1e-280; /* of rho: below it a sum of its parts has lost digits */

/* log rho of the measure a on `sources` at the site's points, and where asked for its gradient; `kept`: by the matrix. */
static ift_status find_density(kl_site *site, const ift_site *sources, const double *a, bool kept, int score) {
  const kl_energy *energy = as_kl(site->site.energy);
  const int64_t n = site->site.n, d = energy->energy.d;
  if (kept)
    ift_symmetric_multiply(site->rho, 1, site->matrix, n, a, 0);
  else
    IFT_TRY(ift_kernel_pairs(energy->phi, site->rho, score ? site->score : NULL, site->site.x, n, d, sources->x,
                             sources->n, a));
  for (int64_t i = 0; i < n; i++) {
    double *s = site->score + i * d;
    if (site->rho[i] > LEAST) {
      site->log_rho[i] = log(site->rho[i]);
      for (int64_t l = 0; score && !kept && l < d; l++) s[l] /= site->rho[i];
    } else {
      look_afar(site, sources, a, i, &site->log_rho[i], s);
    }
    site->log_rho[i] -= energy->constant;
  }
  return IFT_OK;
}

/* share_j = a_j / rho_j of the sources at their own points, without the constant; 0 for the dead. */
static void find_shares(kl_site *sources, const double *a) {
  for (int64_t j = 0; j < sources->site.n; j++) sources->share[j] = a[j] > 0 ? a[j] / sources->rho[j] : 0;
}

/* g and v of a measure on the site's own points by the matrix: one product each for rho and for g, and one pass over it
 * for v = -1/h^2 sum_j phi_ij (a_j/rho_i + a_j/rho_j) (x_i - x_j) + grad V. */
static void evaluate_kept(kl_site *site, double *g, double *v, const double *a) {
  const kl_energy *energy = as_kl(site->site.energy);
  const int64_t n = site->site.n, d = energy->energy.d;
  if (g) ift_symmetric_multiply(g, 1, site->matrix, n, site->share, 0);
  if (!v) return;
  for (int64_t i = 0; i < n; i++) site->rho[i] = site->rho[i] > LEAST ? 1 / site->rho[i] : 0;
  ift_pairs_differences(energy->energy.object.context, v, site->matrix, site->rho, a, site->share, site->site.x, n, d);
  for (int64_t i = 0; i < n; i++)
    for (int64_t k = i * d; k < (i + 1) * d; k++) {
      v[k] /= -energy->bandwidth * energy->bandwidth;
      if (!(site->rho[i] > 0)) v[k] += site->score[k]; /* from afar */
    }
}

static ift_status evaluate(ift_site *base, double *g, double *v, const ift_site *sources_, const double *a) {
  kl_site *site = as_site(base), *sources = as_site((ift_site *)sources_);
  const kl_energy *energy = as_kl(base->energy);
  const int64_t n = base->n, d = base->energy->d;
  const bool own = sources == site;
  bool kept = false;
  IFT_TRY(know_matrix(sources, &kept));
  if (!own) IFT_TRY(find_density(sources, sources_, a, kept, NO_SCORE));
  if (!own) find_shares(sources, a);
  IFT_TRY(find_density(site, sources_, a, own && kept, v ? SCORE : NO_SCORE));
  if (own) find_shares(sources, a);
  if (own && kept) {
    evaluate_kept(site, g, v, a);
  } else {
    IFT_TRY(
        ift_kernel_pairs(energy->phi, g ? g : site->rho, v, base->x, n, d, sources_->x, sources_->n, sources->share));
    for (int64_t k = 0; v && k < n * d; k++) v[k] += site->score[k];
  }
  for (int64_t i = 0; g && i < n; i++) g[i] += site->log_rho[i] + site->potential[i] - 1;
  for (int64_t k = 0; v && k < n * d; k++) v[k] += site->slope[k];
  return IFT_OK;
}

/* F = a'g - m + 1, since sum_i a_i sum_j a_j phi_ij / rho_j = m. */
static ift_status value(ift_site *base, double *out, const double *g, const double *a) {
  *out = ift_dot_compensated(g, a, base->n) - ift_sum(a, base->n) + 1;
  if (isfinite(*out)) return IFT_OK;
  return ift_fail(base->energy->object.context, IFT_ERR_NOT_FINITE, "the energy is %g", *out);
}

/* Of the potential, as its gradients at the particles tell, and of two particles that share a blob. */
static double curvature(const ift_site *base, double mass) {
  const double h = as_kl(base->energy)->bandwidth;
  (void)mass;
  return ift_site_secant(base, as_site((ift_site *)base)->slope) + 1 / (h * h);
}

/* The second derivative of F in the weights is diag(1/a) - E'E, E = diag(a)^(-1/2) - diag(a)^(1/2) diag(1/rho) Phi:
 * never above that of the entropy. */
static ift_status smoothness(ift_site *site, double mass, double *out) {
  (void)site, (void)mass;
  *out = 1;
  return IFT_OK;
}

/* phi_ij / sqrt(rho_i rho_j): positive semi-definite, and the second derivative where rho varies slowly over a blob. */
static ift_status hessian(ift_site *base, double *out, const double *a) {
  kl_site *site = as_site(base);
  const int64_t n = base->n;
  bool kept;
  IFT_TRY(know_matrix(site, &kept));
  IFT_TRY(find_density(site, base, a, kept, NO_SCORE));
  if (kept)
    memcpy(out, site->matrix, (size_t)(n * n) * sizeof *out);
  else
    IFT_TRY(ift_kernel_matrix(as_kl(base->energy)->phi, out, base->x, n, base->energy->d, base->x, n));
  for (int64_t i = 0; i < n; i++) site->log_rho[i] += as_kl(base->energy)->constant;
  for (int64_t i = 0; i < n; i++)
    for (int64_t j = 0; j < n; j++)
      if (out[i * n + j] > 0) out[i * n + j] *= exp(-(site->log_rho[i] + site->log_rho[j]) / 2);
  return IFT_OK;
}

static const double *drift(const ift_site *site) {
  return as_site((ift_site *)site)->slope;
}

static void identify(const ift_energy *energy, ift_hash *hash) {
  ift_hash_reals(hash, &as_kl(energy)->bandwidth, 1);
}

static void dispose(ift_energy *energy) {
  ift_object_release(as_kl(energy)->phi);
}

const ift_energy_kind ift_energy_kind_kl = {
    .name = "kl",
    .spec = "kl:BANDWIDTH",
    .doc = "Kullback-Leibler divergence from a target with density and score, by blobs of that bandwidth",
    .dispose = dispose,
    .site_create = site_create,
    .site_destroy = ift_site_destroy,
    .site_move = site_move,
    .evaluate = evaluate,
    .value = value,
    .curvature = curvature,
    .smoothness = smoothness,
    .hessian = hessian,
    .drift = drift,
    .identify = identify,
};

ift_status ift_energy_kl(ift_context *context, ift_energy **out, const ift_target *target, double bandwidth) {
  if (out) *out = NULL;
  if (!context || !out) return ift_fail(context, IFT_ERR_ARGUMENT, "the context or the place for the energy is NULL");
  IFT_TRY(ift_same_context(context, target, "the target"));
  IFT_TRY(ift_target_require(target, IFT_CAN_LOG_DENSITY | IFT_CAN_SCORE, "energy 'kl'"));
  const double squared = bandwidth * bandwidth;
  if (!(bandwidth > 0 && squared > 0 && isfinite(squared) && isfinite(1 / (2 * squared))))
    return ift_fail(context, IFT_ERR_ARGUMENT, "the bandwidth is %g; it must be > 0, and its square a number > 0",
                    bandwidth);
  ift_kernel *phi;
  IFT_TRY(ift_kernel_gaussian(context, &phi, bandwidth));
  kl_energy *energy = (kl_energy *)ift_energy_allocate(context, &ift_energy_kind_kl, sizeof *energy, target->d);
  if (!energy) {
    ift_object_release(phi);
    return IFT_ERR_NO_MEMORY;
  }
  energy->energy.convex = false; /* what is looked at through a blob is not */
  energy->energy.blobs = true;   /* far from all others one without a blob of its own is driven off to infinity */
  energy->energy.target = target;
  ift_object_retain(target);
  energy->phi = phi;
  energy->bandwidth = bandwidth;
  energy->constant = (double)target->d * (log(bandwidth) + log(2 * acos(-1)) / 2);
  *out = &energy->energy;
  return IFT_OK;
}
