/* target/target.h - the inside of a target, and its embedding by a kernel. */
#ifndef TARGET_TARGET_H
#define TARGET_TARGET_H

#include <ift/target.h>

#include "base/context.h"
#include "base/rng.h"
#include "kernel/kernel.h"

struct ift_embedding;

/* What a target can be asked for. */
enum {
  IFT_CAN_DRAW = 1,        /* points drawn from it; so also, by samples at least, its embedding */
  IFT_CAN_LOG_DENSITY = 2, /* log pi, up to a constant */
  IFT_CAN_SCORE = 4,       /* grad log pi */
  IFT_CAN_HESSIAN = 8,     /* products of the Hessian of log pi with vectors */
};

/* One kind of target: its file ends in the constant that describes it. Functions for which `capabilities` of a target
 * has no flag are not called, and may be NULL. */
typedef struct ift_target_kind {
  const char *name;
  const char *doc;
  void (*dispose)(ift_target *target); /* what the kind owns; NULL: nothing */
  /* `count` points drawn from it. */
  ift_status (*draw)(const ift_target *target, ift_rng *rng, double *points, int64_t count);
  /* log pi (n numbers), grad log pi (n by d), and its Hessian at x_i times u_i (n by d). */
  ift_status (*log_density)(const ift_target *target, double *values, const double *x, int64_t n);
  ift_status (*score)(const ift_target *target, double *scores, const double *x, int64_t n);
  ift_status (*hessian)(const ift_target *target, double *products, const double *x, const double *u, int64_t n);
  /* Can it be embedded exactly by this kernel? If not (or NULL), drawn samples stand for it. */
  bool (*embeds)(const ift_target *target, const ift_kernel *kernel);
  /* What an embedding needs beyond kernel and target, and kappa where it's a closed form (else NaN: ask `self`). */
  ift_status (*prepare)(struct ift_embedding *embedding);
  /* c(x) = int k(x,y) dpi(y) and its gradient at n points; either may be NULL. */
  ift_status (*embed)(const struct ift_embedding *embedding, double *value, double *gradient, const double *x,
                      int64_t n);
  /* kappa = iint k dpi dpi. */
  ift_status (*self)(const struct ift_embedding *embedding, double *kappa);
  /* What tells it from others of its kind, besides dimension, mass and points; NULL: nothing that numbers say. */
  void (*identify)(const ift_target *target, ift_hash *hash);
} ift_target_kind;

#define KIND(name) extern const ift_target_kind ift_target_kind_##name;
#include "target/kinds.def"
#undef KIND

extern const ift_target_kind *const ift_target_kinds[];
extern const int ift_target_kind_count;

/* What all targets have; a kind with more of its own begins with this. */
struct ift_target {
  ift_object object;
  const ift_target_kind *kind;
  unsigned capabilities; /* IFT_CAN_... */
  int64_t d;
  double mass;
  double *mean;  /* d; 0 where it is not known */
  double spread; /* root mean square distance from the mean; 0 where it is not known */
  /* samples; n is 0 for others */
  int64_t n, room;                       /* room: how many the memory holds */
  double *points, *weights, *cumulative; /* cumulative weights, for draws */
};

/* An empty target of that kind, of `size` bytes and mass 1. */
ift_target *ift_target_allocate(ift_context *context, const ift_target_kind *kind, size_t size, int64_t d);

/* What tells it from other targets. Of functions nothing but that they are some. */
void ift_target_identify(const ift_target *target, ift_hash *hash);

/* IFT_ERR_CAPABILITY unless the target has all that is asked for; `what` ("energy 'kl'") needs it. */
ift_status ift_target_require(const ift_target *target, unsigned capabilities, const char *what);

/* A sample of `count` points drawn from a target with the context's seed. */
ift_status ift_target_drawn(const ift_target *target, ift_target **out, int64_t count);

/* A sample of `count` points of equal weight, with the mass, mean and spread of `target`; the points are still to be
 * filled in. */
ift_status ift_target_batch(const ift_target *target, ift_target **out, int64_t count);
/* `count` points of it drawn from `source`, besides its first `kept`; on an error these are still there. */
ift_status ift_target_batch_draw(ift_target *batch, const ift_target *source, ift_rng *rng, int64_t kept,
                                 int64_t count);

/* These `count` points are all that it has. */
ift_status ift_target_batch_keep(ift_target *batch, const double *points, int64_t count);

/* The kernel mean embedding of a target: c(x) and kappa. Retains both. */
typedef struct ift_embedding {
  ift_object object;
  const ift_kernel *kernel;
  const ift_target *target; /* the one given, or a sample drawn from it */
  double kappa;             /* NaN until asked for */
  double *at_points;        /* of samples: c at their own points; found with kappa */
  int64_t room;             /* how many that memory holds */
  double *factors, *scales; /* of a mixture: for each kernel part and component, chol(s^2 I + C) and s^d / sqrt(det) */
  double *work;             /* alike: d numbers, and a matrix */
} ift_embedding;

ift_status ift_embedding_create(ift_context *context, ift_embedding **out, const ift_kernel *kernel,
                                const ift_target *target);
/* c and its gradient (may be NULL) at n points; of the target's own array of points c is remembered. */
ift_status ift_embedding_evaluate(const ift_embedding *embedding, double *value, double *gradient, const double *x,
                                  int64_t n);
/* The target's points are others than before. */
ift_status ift_embedding_renew(ift_embedding *embedding);
/* Computed once, when first asked for: O(m^2) for m samples. */
ift_status ift_embedding_self(ift_embedding *embedding, double *kappa);

#endif
