/* Methods of the library: compressions, flows, and what the paper's experiments ran. */
#include "bench/quality/quality.h"

static int watch_compression(const ift_compression *compression, void *user) {
  course *way = user;
  double mmd2;
  course_halt(way);
  if (ift_compression_get_real(compression, "mmd2", &mmd2) == IFT_OK && isfinite(mmd2)) course_note(way, mmd2);
  course_go(way);
  return 0;
}

void run_compression(const problem *p, const method *by, int64_t n, outcome *out) {
  ift_compression *compression;
  course_go(&out->way);
  need(p->context, ift_compression_create(p->context, &compression, p->kernel, p->target, n));
  need(p->context, ift_compression_set_text(compression, "effort", by->what));
  need(p->context, ift_compression_set_monitor(compression, watch_compression, &out->way, NULL));
  need(p->context, ift_compression_run(compression));
  course_halt(&out->way);
  need(p->context, ift_compression_get_text(compression, "phase", out->phase, sizeof out->phase));
  need(p->context, ift_measure_clone(ift_compression_measure(compression), &out->measure));
  ift_compression_destroy(compression);
}

static int watch_flow(const ift_flow *flow, void *user) {
  course *way = user;
  double mmd2;
  course_halt(way);
  if (ift_flow_get_real(flow, "mmd2", &mmd2) == IFT_OK) course_note(way, mmd2);
  course_go(way);
  return 0;
}

/* A flow, or a note of why there is none. */
static ift_flow *open_flow(const problem *p, const char *geometry, const ift_measure *start, outcome *out) {
  ift_energy *energy;
  ift_flow *flow;
  need(p->context, ift_energy_mmd(p->context, &energy, p->kernel, p->target));
  const ift_status status = ift_flow_create(p->context, &flow, geometry, energy, start);
  if (status < 0) snprintf(out->note, sizeof out->note, "%s", ift_context_message(p->context));
  ift_energy_destroy(energy);
  return status < 0 ? NULL : flow;
}

/* All steps, unless none is to be had. */
static void follow(const problem *p, ift_flow *flow, outcome *out) {
  need(p->context, ift_flow_set_monitor(flow, watch_flow, &out->way, NULL));
  const ift_status status = ift_flow_step(flow, p->steps);
  course_halt(&out->way);
  if (status == IFT_ERR_CAPABILITY || status == IFT_ERR_OPTION)
    snprintf(out->note, sizeof out->note, "%s", ift_context_message(p->context));
  else
    need(p->context, status);
  if (status >= 0) need(p->context, ift_measure_clone(ift_flow_measure(flow), &out->measure));
  ift_flow_destroy(flow);
}

void run_flow(const problem *p, const method *by, int64_t n, outcome *out) {
  ift_measure *start = problem_start(p, n);
  course_go(&out->way);
  ift_flow *flow = open_flow(p, by->what, start, out);
  if (flow && by->rejuvenate) need(p->context, ift_flow_set_text(flow, "rejuvenate", by->rejuvenate));
  if (flow) follow(p, flow, out);
  ift_measure_destroy(start);
}

/* The paper's gradient steps. `text`: as its section 4 has them, read as docs/paper.md does; only in the plane. `code`:
 * the preset, with the same step sizes or, elsewhere, those that are automatic. Its transport multiplies by weights, of
 * 1/n: step sizes that are not for that are multiplied by n. */
void run_published(const problem *p, const method *by, int64_t n, outcome *out) {
  const bool code = strcmp(by->what, "code") == 0;
  if (!code && !p->planar) {
    snprintf(out->note, sizeof out->note, "the paper has no numbers for it");
    return;
  }
  ift_measure *start = problem_start(p, n);
  double tau;
  course_go(&out->way);
  ift_flow *flow = open_flow(p, "spherical-ift", start, out);
  need(p->context, ift_flow_get_real(flow, "tau", &tau));
  if (p->planar) tau = strtod(p->read.tau, NULL);
  if (code && !(p->planar && strcmp(p->read.transport, "euclidean") == 0)) tau *= (double)n;
  need(p->context, ift_flow_set_text(flow, "reaction", "gradient"));
  need(p->context, ift_flow_set_text(flow, "step_control", "fixed"));
  if (code) need(p->context, ift_flow_set_text(flow, "preset", "published"));
  if (!code) need(p->context, ift_flow_set_text(flow, "transport", p->read.transport));
  need(p->context, ift_flow_set_real(flow, "tau", tau));
  if (p->planar) need(p->context, ift_flow_set_text(flow, "eta", p->read.eta));
  follow(p, flow, out);
  ift_measure_destroy(start);
}
