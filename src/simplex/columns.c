/* Columns of K: rows of the matrix, or from the function that makes them, with the latest ones kept. */
#include <string.h>

#include "simplex/qp.h"

void ift_qp_column_begin(ift_qp *qp) {
  qp->cache.status = IFT_OK;
  qp->cache.clock = 0;
  for (int64_t k = 0; qp->cache.values && k < IFT_QP_CACHED; k++) qp->cache.atom[k] = qp->cache.used[k] = -1;
}

const double *ift_qp_column(ift_qp *qp, const ift_qp_problem *problem, int64_t i) {
  const int64_t n = problem->n;
  if (problem->gram) return problem->gram + i * n;
  int64_t slot = 0;
  for (int64_t k = 0; k < IFT_QP_CACHED; k++) {
    if (qp->cache.atom[k] == i) {
      slot = k;
      break;
    }
    if (qp->cache.used[k] < qp->cache.used[slot]) slot = k;
  }
  double *column = qp->cache.values + slot * n;
  qp->cache.used[slot] = ++qp->cache.clock;
  if (qp->cache.atom[slot] == i) return column;
  qp->cache.atom[slot] = i;
  const ift_status status = problem->column(problem->user, column, i);
  if (status != IFT_OK) {
    memset(column, 0, (size_t)n * sizeof *column);
    if (qp->cache.status >= 0) qp->cache.status = status < 0 ? status : IFT_ERR_CALLBACK;
  }
  return column;
}
