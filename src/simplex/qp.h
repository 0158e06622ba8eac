/* simplex/qp.h - the inside of the solvers of the quadratic program; private to this room. */
#ifndef SIMPLEX_QP_H
#define SIMPLEX_QP_H

#include "linalg/factor.h"
#include "simplex/simplex.h"

/* Times m^2 max K_ii: the gap that is always good enough. */
#define IFT_QP_TOLERANCE 1e-14

/* What is known of an atom. */
enum { IFT_QP_CACHED = 64 };

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
  double *kept;  /* earlier weights */
  double *value; /* scratch by atom, like the next four */
  double *extra[4];
  int64_t *support;     /* the free atoms, in the order of the factor's rows; every other atom has weight 0 */
  int64_t *twin;        /* scratch by atom */
  int64_t count;        /* how many */
  unsigned char *state; /* of each atom */
  bool nonnegative;     /* all K_ij >= 0 and K_ii > 0; known in the cone only */
  ift_factor factor;    /* of no capacity in a workspace for columns */
  struct {
    double *values; /* IFT_QP_CACHED columns of K, or NULL in a workspace for matrices */
    int64_t *atom;  /* whose they are, -1: nobody's */
    int64_t *used;  /* when they were last asked for */
    int64_t clock;
    ift_status status; /* of the first column that could not be had */
  } cache;
};

/* A method improves qp->b, which is feasible; qp->support lists its positive entries in ascending order. It ends with
 * ift_qp_certify and returns IFT_OK where that is <= the tolerance, else IFT_STALLED, or an error. The factor's memory
 * is free for it. */
struct ift_qp_method {
  const char *name;
  const char *doc;
  bool columns; /* does without a matrix */
  bool (*suits)(const ift_qp_problem *problem);
  ift_status (*solve)(ift_qp *qp, const ift_qp_problem *problem, ift_qp_result *result);
};

#define METHOD(identifier) extern const ift_qp_method ift_qp_##identifier;
#include "simplex/kinds.def"
#undef METHOD

/* K_ii + eps. */
double ift_qp_diagonal(const ift_qp_problem *problem, int64_t i);

/* Column i of K, to be read before the next but one is asked for. Where it can't be had, any numbers, and the status
 * is kept: ift_qp_solve returns it, whoever has loops looks at qp->cache.status. */
const double *ift_qp_column(ift_qp *qp, const ift_qp_problem *problem, int64_t i);

/* Forgets the columns and errors of an earlier problem. */
void ift_qp_column_begin(ift_qp *qp);

/* The list of positive weights. */
void ift_qp_find_support(ift_qp *qp, int64_t n);

/* g = Kb - t; and g + rest = Kb - t in twice the precision, for the free atoms only or for all. */
void ift_qp_gradient(ift_qp *qp, const ift_qp_problem *problem);
void ift_qp_gradient_exact(ift_qp *qp, const ift_qp_problem *problem, bool free_only);

/* Scales b to the mass, brings g up to date (exactly), and returns the certificate. */
double ift_qp_certify(ift_qp *qp, const ift_qp_problem *problem);

/* A certificate from qp->b and qp->g as they are, without another product with K. */
double ift_qp_gap(const ift_qp *qp, const ift_qp_problem *problem);

/* max(the problem's tolerance, the default). */
double ift_qp_tolerance(const ift_qp *qp, const ift_qp_problem *problem);

#endif
