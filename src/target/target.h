/* target/target.h - the inside of a target, and its embedding by a kernel. */
#ifndef TARGET_TARGET_H
#define TARGET_TARGET_H

#include <ift/target.h>

#include "base/context.h"
#include "base/rng.h"
#include "kernel/kernel.h"

struct ift_embedding;

/* One kind of target: its file ends in the constant that describes it. */
typedef struct ift_target_kind {
  const char *name;
  const char *doc;
  /* A point drawn from it. */
  void (*draw)(const ift_target *target, ift_rng *rng, double *point);
  /* Can it be embedded exactly by this kernel? If not, drawn samples stand for it. */
  bool (*embeds)(const ift_target *target, const ift_kernel *kernel);
  /* What an embedding needs beyond kernel and target, and kappa where it's a closed form (else NaN: ask `self`). */
  ift_status (*prepare)(struct ift_embedding *embedding);
  /* c(x) = int k(x,y) dpi(y) and its gradient at n points; either may be NULL. */
  ift_status (*embed)(const struct ift_embedding *embedding, double *value, double *gradient, const double *x,
                      int64_t n);
  /* kappa = iint k dpi dpi. */
  ift_status (*self)(const struct ift_embedding *embedding, double *kappa);
} ift_target_kind;

#define KIND(name) extern const ift_target_kind ift_target_kind_##name;
#include "target/kinds.def"
#undef KIND

extern const ift_target_kind *const ift_target_kinds[];
extern const int ift_target_kind_count;

struct ift_target {
  ift_object object;
  const ift_target_kind *kind;
  int64_t d;
  double mass;
  double *mean;  /* d */
  double spread; /* root mean square distance from the mean */
  /* samples */
  int64_t n;
  double *points, *weights, *cumulative; /* cumulative weights, for draws */
  /* mixture of `components` Gaussians: weights, means, covariances and their Cholesky factors */
  int64_t components;
  double *shares, *means, *covariances, *factors;
};

/* An empty target of that kind. */
ift_target *ift_target_allocate(ift_context *context, const ift_target_kind *kind, int64_t d);

/* A sample of `count` points drawn from a target with the context's seed. */
ift_status ift_target_drawn(const ift_target *target, ift_target **out, int64_t count);

/* A sample of `count` points of equal weight, with the mass, mean and spread of `target`; the points are still to be
 * filled in. */
ift_status ift_target_batch(const ift_target *target, ift_target **out, int64_t count);

/* The kernel mean embedding of a target: c(x) and kappa. Retains both. */
typedef struct ift_embedding {
  ift_object object;
  const ift_kernel *kernel;
  const ift_target *target; /* the one given, or a sample drawn from it */
  double kappa;             /* NaN until asked for */
  double *at_points;        /* of samples: c at their own points; found with kappa */
  double *factors, *scales; /* of a mixture: for each kernel part and component, chol(s^2 I + C) and s^d / sqrt(det) */
  double *work;
} ift_embedding;

ift_status ift_embedding_create(ift_context *context, ift_embedding **out, const ift_kernel *kernel,
                                const ift_target *target);
/* c and its gradient (may be NULL) at n points; of the target's own array of points c is remembered. */
ift_status ift_embedding_evaluate(const ift_embedding *embedding, double *value, double *gradient, const double *x,
                                  int64_t n);
/* Computed once, when first asked for: O(m^2) for m samples. */
ift_status ift_embedding_self(ift_embedding *embedding, double *kappa);

#endif
