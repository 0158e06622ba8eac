/* simplex/qp.h - the inside of the solvers of the quadratic program; private to this room. */
#ifndef SIMPLEX_QP_H
#define SIMPLEX_QP_H

#include "linalg/factor.h"
#include "simplex/simplex.h"

/* Times m^2 max K_ii: the gap that is always good enough. */
#define IFT_QP_TOLERANCE 1e-14

/* What is known of an atom. */
enum { IFT_QP_FREE = 1, IFT_QP_FROZEN = 2, IFT_QP_FRESH = 4, IFT_QP_LEAVING = 8 };

struct ift_qp {
  ift_context *context;
  int64_t capacity;
  double *reals;    /* one allocation for all arrays of numbers below, `capacity` each */
  double *b;        /* the weights */
  double *g;        /* the gradient Kb - t (K with regularization here and below) */
  double *rest;     /* what rounding took from g */
  double *residual; /* by position in `support`, like the next three */
  double *direction;
  double *ones;
  double *packed;
  double *kept;         /* earlier weights */
  double *value;        /* scratch by atom */
  int64_t *support;     /* the free atoms, in the order of the factor's rows; every other atom has weight 0 */
  int64_t *twin;        /* scratch by atom */
  int64_t count;        /* how many */
  unsigned char *state; /* of each atom */
  bool nonnegative;     /* all K_ij >= 0 and K_ii > 0; known in the cone only */
  ift_factor factor;
};

/* A method improves qp->b, which is feasible; qp->support lists its positive entries in ascending order. It ends with
 * ift_qp_certify and returns IFT_OK where that is <= the tolerance, else IFT_STALLED, or an error. */
struct ift_qp_method {
  const char *name;
  const char *doc;
  bool (*suits)(int64_t n);
  ift_status (*solve)(ift_qp *qp, const ift_qp_problem *problem, ift_qp_result *result);
};

#define METHOD(identifier) extern const ift_qp_method ift_qp_##identifier;
#include "simplex/kinds.def"
#undef METHOD

/* K_ii + eps. */
double ift_qp_diagonal(const ift_qp_problem *problem, int64_t i);

/* The list of positive weights. */
void ift_qp_find_support(ift_qp *qp, int64_t n);

/* g = Kb - t; and g + rest = Kb - t in twice the precision, for the free atoms only or for all. */
void ift_qp_gradient(ift_qp *qp, const ift_qp_problem *problem);
void ift_qp_gradient_exact(ift_qp *qp, const ift_qp_problem *problem, bool free_only);

/* Scales b to the mass, brings g up to date (exactly), and returns the certificate. */
double ift_qp_certify(ift_qp *qp, const ift_qp_problem *problem);

/* max(the problem's tolerance, the default). */
double ift_qp_tolerance(const ift_qp *qp, const ift_qp_problem *problem);

#endif
