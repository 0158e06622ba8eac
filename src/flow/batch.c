/* Batches: each step sees the target through points drawn afresh, as the paper's published code and stochastic
 * methods do, or through all that have been drawn so far, pi_k = (1 - th) pi_{k-1} + th (batch k) with th = 1/(k+1). The
 * flow's own energy stays that of the whole target. */
#include <string.h>

#include "flow/flow.h"

/* What a flow needs for them. */
typedef struct memory {
  ift_energy *energy;
  ift_flow_state fresh[2];
} memory;

static memory take(ift_flow *flow) {
  const memory m = {flow->batch, {flow->fresh[0], flow->fresh[1]}};
  flow->batch = NULL;
  flow->fresh[0] = flow->fresh[1] = (ift_flow_state){0};
  return m;
}

static void give(ift_flow *flow, const memory *m) {
  flow->batch = m->energy;
  flow->fresh[0] = m->fresh[0];
  flow->fresh[1] = m->fresh[1];
}

static void drop(ift_flow *flow, memory *m) {
  for (int k = 0; k < 2; k++) ift_flow_state_dispose(flow, &m->fresh[k]);
  ift_object_release(m->energy);
}

/* All of it or nothing. */
static ift_status create(ift_flow *flow, int64_t count) {
  memory m = {0};
  ift_status status = flow->energy->kind->quadratic->batch_create(flow->energy, &m.energy, count);
  for (int k = 0; k < 2 && status == IFT_OK; k++) status = ift_flow_state_create(flow, m.energy, &m.fresh[k]);
  if (status == IFT_OK)
    give(flow, &m);
  else
    drop(flow, &m);
  return status;
}

ift_status ift_flow_prepare_batch(ift_flow *flow) {
  const int64_t count = flow->options[IFT_FLOW_batch].integer;
  return count == 0 || flow->batch ? IFT_OK : create(flow, count);
}

ift_status ift_flow_keep_batch(ift_flow *flow, const double *points, int64_t count) {
  memory before = take(flow);
  ift_status status = create(flow, count);
  if (status == IFT_OK) status = ift_target_batch_keep((ift_target *)flow->batch->target, points, count);
  if (status != IFT_OK) {
    memory failed = take(flow);
    drop(flow, &failed);
    give(flow, &before);
    return status;
  }
  drop(flow, &before);
  return IFT_OK;
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
