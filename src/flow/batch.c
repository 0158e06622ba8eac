/* Batches: each step sees the target through points drawn afresh, as the paper's published code and stochastic
 * methods do, or through all that have been drawn so far, pi_k = (1 - th) pi_{k-1} + th (batch k) with th = 1/(k+1). The
 * flow's own energy stays that of the whole target. */
#include <string.h>

#include "flow/flow.h"

static void drop(ift_flow *flow) {
  for (int k = 0; k < 2; k++) {
    ift_flow_state_dispose(flow, &flow->fresh[k]);
    flow->fresh[k] = (ift_flow_state){0};
  }
  ift_object_release(flow->batch);
  flow->batch = NULL;
}

/* All of it or nothing. */
ift_status ift_flow_prepare_batch(ift_flow *flow) {
  const int64_t count = flow->options[IFT_FLOW_batch].integer;
  if (count == 0 || flow->batch) return IFT_OK;
  ift_status status = flow->energy->kind->quadratic->batch_create(flow->energy, &flow->batch, count);
  for (int k = 0; k < 2 && status == IFT_OK; k++) status = ift_flow_state_create(flow, flow->batch, &flow->fresh[k]);
  if (status != IFT_OK) drop(flow);
  return status;
}

ift_status ift_flow_draw_batch(ift_flow *flow) {
  ift_flow_state *start = &flow->fresh[0];
  IFT_TRY(flow->energy->kind->quadratic->batch_draw(flow->batch, flow->energy, &flow->rng, flow->accumulated,
                                                    flow->options[IFT_FLOW_batch].integer));
  memcpy(start->site->x, flow->now.site->x, (size_t)(flow->n * flow->d) * sizeof(double));
  memcpy(start->a, flow->now.a, (size_t)flow->n * sizeof(double));
  ift_flow_state_forget(start);
  return IFT_OK;
}
