/* kernel/kernel.h - the inside of a kernel: a weighted sum of parts, each of a kind from kinds.def. */
#ifndef KERNEL_KERNEL_H
#define KERNEL_KERNEL_H

#include <ift/kernel.h>

#include "base/archive.h"
#include "base/context.h"
#include "pairs/pairs.h"

/* One kind of kernel: its file ends in the constant that describes it. */
typedef struct ift_kernel_kind {
  const char *name;
  const char *spec; /* how it is written: "imq:C or imq:C,BETA" */
  const char *doc;
  ift_pair_form form;
  ift_pair_profile *profile;              /* in plain C, or */
  ift_pair_function *functions[IFT_ISAS]; /* on vectors, see profiles.h */
  ift_pair_bend *bend;                    /* NULL: second derivatives do not exist at x = y */
  int required, parameters;               /* numbers that must be given, that can be given */
  double defaults[IFT_PAIR_PARAMETERS];
  const char *(*check)(const double *parameters); /* NULL if fine, else what is allowed */
  bool conditional;                               /* only conditionally positive definite */
  bool has_length;                                /* k is a function of |x-y| over the first parameter */
  bool homogeneous;                               /* k(cx, cy) = c^q k(x, y), q the first parameter */
  bool exponential;                               /* k = exp(-|x-y|/p), p the first parameter */
  /* Along particle paths 1/2 MMD^2 curves by at most high m + low p, m and p the masses of measure and target, for points
   * of norm up to `radius`. For functions of x - y: the eigenvalues of the Hessian of k lie in [-low, high]. Else: the
   * Hessian in x has them above -low, and with the mixed second derivative below high. false: there is no such bound
   * (a kink at x = y). */
  bool (*curvature)(const double *parameters, double radius, double *high, double *low);
  /* Where there is none: the size of second derivatives at distances of about `spread`, to start a step size from. */
  double (*typical)(const double *parameters, double spread);
} ift_kernel_kind;

/* Formulas on vectors, one function for each instruction set. */
#define PROFILE(name)                                                                                                  \
  extern ift_pair_function ift_profile_##name##_baseline, ift_profile_##name##_avx2, ift_profile_##name##_avx512;
#include "kernel/profiles.def"
#undef PROFILE
#if IFT_X86
#define IFT_PROFILES(name)                                                                                             \
  { ift_profile_##name##_baseline, ift_profile_##name##_avx2, ift_profile_##name##_avx512 }
#else
#define IFT_PROFILES(name)                                                                                             \
  { ift_profile_##name##_baseline }
#endif

#define KIND(name) extern const ift_kernel_kind ift_kernel_kind_##name;
#include "kernel/kinds.def"
#undef KIND

/* All of them, for look-up by name and for the catalogue. */
extern const ift_kernel_kind *const ift_kernel_kinds[];
extern const int ift_kernel_kind_count;

struct ift_kernel {
  ift_object object;
  int count;
  ift_pair_term *terms;
  const ift_kernel_kind **kinds; /* of each term; NULL for a callback */
  ift_object **owners;           /* the custom kernel that a term belongs to, retained; else NULL */
  /* of a custom kernel itself: */
  int (*evaluate)(double *values, double *gradients, const double *x, int64_t n, const double *y, int64_t m, int64_t d,
                  void *user);
  void *user;
  void (*destroy)(void *user);
  bool running; /* inside the callback */
};

enum { IFT_KERNEL_PARTS = 64 };

/* A kernel of one built-in part; parameters are checked, missing ones (from `given` on) are the defaults. */
ift_status ift_kernel_create(ift_context *context, ift_kernel **out, const ift_kernel_kind *kind,
                             const double *parameters, int given);
/* An empty kernel with room for `count` parts. */
ift_kernel *ift_kernel_allocate(ift_context *context, int count);

/* The same kernel with all lengths `factor` times (> 0) as long. IFT_ERR_CAPABILITY: a part has no length;
 * IFT_ERR_ARGUMENT: it would be too short or too long for double precision. */
ift_status ift_kernel_widen(const ift_kernel *kernel, ift_kernel **out, double factor);
/* The same of a kernel made by it from `kernel`, which nobody else has seen: that one changes. */
ift_status ift_kernel_rewiden(ift_kernel *wide, const ift_kernel *kernel, double factor);

/* The sums of pairs.h for a kernel, arguments unchecked. */
ift_status ift_kernel_pairs(const ift_kernel *kernel, double *value, double *gradient, const double *x, int64_t n,
                            int64_t d, const double *y, int64_t m, const double *w);
ift_status ift_kernel_matrix(const ift_kernel *kernel, double *matrix, const double *x, int64_t n, int64_t d,
                             const double *y, int64_t m);

/* The Gram matrix of pairs.h of k(x_i, .) and its derivatives. Does it exist? Not where k has a kink, nor for callbacks. */
bool ift_kernel_has_tangents(const ift_kernel *kernel);
ift_status ift_kernel_tangents(const ift_kernel *kernel, double *matrix, const double *x, int64_t n, int64_t d);

/* The same in profiles, for functions of |x-y|. */
bool ift_kernel_has_profiles(const ift_kernel *kernel);
ift_status ift_kernel_profiles(const ift_kernel *kernel, double *value, double *slope, double *bend, double *size,
                               double *bent, const double *x, int64_t n, int64_t d);

/* Is it only conditionally positive definite? Then k(x,y) + u(x) + u(y) with u(x) = -(conditional parts)(x, x0) is
 * positive definite, for any anchor x0. Value and gradient (each may be NULL) of u at n points. */
bool ift_kernel_is_conditional(const ift_kernel *kernel);
ift_status ift_kernel_anchor(const ift_kernel *kernel, double *value, double *gradient, const double *x, int64_t n,
                             int64_t d, const double *anchor);

/* k(x_i, x_i). */
ift_status ift_kernel_diagonal(const ift_kernel *kernel, double *value, const double *x, int64_t n, int64_t d);

/* L = high m + low p bounds the curvature of 1/2 MMD^2 along particle paths for masses m and p. false: there is no
 * bound for some part, which counts as a Gaussian with its second derivatives at distances of about `spread` (> 0). */
bool ift_kernel_curvature(const ift_kernel *kernel, double radius, double spread, double *high, double *low);

/* What tells it from other kernels. Of a callback nothing but that it is one. */
void ift_kernel_identify(const ift_kernel *kernel, ift_hash *hash);

/* Is every part Gaussian (so that Gaussian mixtures have closed forms)? */
bool ift_kernel_is_gaussian(const ift_kernel *kernel);

/* 2 sqrt(sum_j w_j^2 (f_j - mean f)^2): the standard error of MMD^2 to a sample with weights w, f the witness there. 0
 * for a single point. */
double ift_standard_error(const double *f, const double *w, int64_t n);

/* Arguments of a public function: n by d points without NaN and infinities. */
ift_status ift_check_points(ift_context *context, const double *x, int64_t n, int64_t d, const char *name);

#endif
