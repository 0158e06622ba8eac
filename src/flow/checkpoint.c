/* Checkpoints: the state of a flow as bytes in the caller's buffer, and back. What the state is stands in flow.h.
 *
 * The bytes are: a mark, the number of the format, their count, who the flow is (geometry, sizes, a hash of energy and
 * kernel), what the head of flow.h lists, options by name, and in the end a checksum of all before. */
#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "base/archive.h"
#include "flow/flow.h"

enum { FORMAT = 1, NAME = 64, CHECKSUM = 8 };
static const uint64_t MARK = UINT64_C(0x0a574f4c46544649); /* "IFTFLOW\n" */

/* Who a flow is. */
typedef struct identity {
  char geometry[NAME];
  int64_t n, d;
  bool anchored;
  uint64_t hash; /* of energy and kernel */
} identity;

/* The numbers of a state besides its arrays. */
typedef struct state_numbers {
  int64_t step, accumulated, curvature_step;
  double mass, transport_time, reaction_time, energy, curvature;
  ift_flow_taken taken;
  ift_flow_control control;
  ift_flow_reading reading;
  ift_rng rng;
} state_numbers;

/* All that is read before any of it is put in force. */
typedef struct snapshot {
  identity who;
  state_numbers numbers;
  double *x, *a, *points; /* n d, n, and accumulated d */
  ift_option_value options[IFT_FLOW_OPTIONS];
} snapshot;

static void exchange_identity(ift_archive *archive, identity *who) {
  ift_archive_text(archive, who->geometry, NAME);
  ift_archive_integer(archive, &who->n);
  ift_archive_integer(archive, &who->d);
  ift_archive_bool(archive, &who->anchored);
  ift_archive_unsigned(archive, &who->hash);
}

static void exchange_rng(ift_archive *archive, ift_rng *rng) {
  ift_archive_unsigned(archive, &rng->seed);
  ift_archive_unsigned(archive, &rng->stream);
  ift_archive_unsigned(archive, &rng->counter);
  uint64_t used = rng->used;
  ift_archive_unsigned(archive, &used);
  if (used > sizeof rng->block / sizeof rng->block[0]) archive->broken = true;
  rng->used = archive->broken ? 0 : (uint32_t)used;
  for (int k = 0; k < 4; k++) {
    uint64_t number = rng->block[k];
    ift_archive_unsigned(archive, &number);
    rng->block[k] = (uint32_t)(number & UINT32_MAX);
  }
}

static void exchange_numbers(ift_archive *archive, state_numbers *s) {
  int64_t *const integers[] = {&s->step, &s->accumulated, &s->curvature_step, &s->reading.step};
  double *const reals[] = {&s->mass,
                           &s->transport_time,
                           &s->reaction_time,
                           &s->energy,
                           &s->curvature,
                           &s->reading.energy,
                           &s->taken.tau,
                           &s->taken.eta,
                           &s->taken.duration,
                           &s->taken.guaranteed_rate,
                           &s->taken.transport_dissipation,
                           &s->taken.reaction_dissipation,
                           &s->taken.weight_gap,
                           &s->taken.damping,
                           &s->taken.predicted,
                           &s->control.damping.value,
                           &s->control.damping.factor,
                           &s->control.tau_scale,
                           &s->control.eta_scale};
  for (size_t k = 0; k < sizeof integers / sizeof *integers; k++) ift_archive_integer(archive, integers[k]);
  for (size_t k = 0; k < sizeof reals / sizeof *reals; k++) ift_archive_real(archive, reals[k]);
  ift_archive_int(archive, &s->control.held);
  exchange_rng(archive, &s->rng);
}

/* Options by name and value as text, those that are not at their defaults: another version may have more of them. */
static void write_options(ift_archive *archive, const ift_flow *flow) {
  int64_t count = 0;
  for (int pass = 0; pass < 2; pass++) {
    if (pass == 1) ift_archive_integer(archive, &count);
    for (int i = 0; i < IFT_FLOW_OPTIONS; i++) {
      const ift_option_spec *spec = &ift_flow_options.specs[i];
      char name[NAME] = "", value[IFT_OPTION_TEXT] = "auto";
      if (!spec->writable || ift_option_is_default(spec, &flow->options[i])) continue;
      if (pass == 0) {
        count++;
        continue;
      }
      strncat(name, spec->name, sizeof name - 1);
      if (!flow->options[i].automatic) (void)ift_option_print(NULL, spec, &flow->options[i], value, sizeof value);
      ift_archive_text(archive, name, sizeof name);
      ift_archive_text(archive, value, sizeof value);
    }
  }
}

static int find_row(const char *name) {
  for (int i = 0; i < IFT_FLOW_OPTIONS; i++)
    if (strcmp(ift_flow_options.specs[i].name, name) == 0) return i;
  return -1;
}

static ift_status read_options(ift_context *context, ift_archive *archive, ift_option_value *options) {
  int64_t count = 0;
  ift_option_defaults(&ift_flow_options, options);
  ift_archive_integer(archive, &count);
  for (int64_t k = 0; k < count && !archive->broken; k++) {
    char name[NAME], value[IFT_OPTION_TEXT];
    ift_archive_text(archive, name, sizeof name);
    ift_archive_text(archive, value, sizeof value);
    const int row = archive->broken ? 0 : find_row(name);
    if (archive->broken) break;
    if (row < 0 || ift_option_set_text(NULL, &ift_flow_options.specs[row], &options[row], value) != IFT_OK)
      return ift_fail(context, IFT_ERR_FORMAT, "the checkpoint has the option %s=%s, which this version does not know",
                      name, value);
  }
  return IFT_OK;
}

static identity identify(const ift_flow *flow) {
  identity who = {.n = flow->n, .d = flow->d, .anchored = flow->anchored};
  ift_hash hash = ift_hash_begin();
  ift_energy_identify(flow->energy, &hash);
  if (flow->kernel) ift_kernel_identify(flow->kernel, &hash);
  who.hash = hash.value;
  strncat(who.geometry, flow->geometry->name, NAME - 1);
  return who;
}

static state_numbers numbers_of(const ift_flow *flow) {
  return (state_numbers){.step = flow->step,
                         .accumulated = flow->accumulated,
                         .curvature_step = flow->curvature_step,
                         .mass = flow->mass,
                         .transport_time = flow->transport_time,
                         .reaction_time = flow->reaction_time,
                         .energy = flow->now.energy,
                         .curvature = flow->curvature,
                         .taken = flow->taken,
                         .control = flow->control,
                         .reading = flow->reading,
                         .rng = flow->rng};
}

/* Mark, format and the count of all bytes. */
static void exchange_head(ift_archive *archive, uint64_t *mark, uint64_t *format, int64_t *size) {
  ift_archive_unsigned(archive, mark);
  ift_archive_unsigned(archive, format);
  ift_archive_integer(archive, size);
}

/* Everything but the checksum. */
static void write(ift_archive *archive, const ift_flow *flow, const identity *who, int64_t size) {
  uint64_t mark = MARK, format = FORMAT;
  identity copy = *who;
  state_numbers numbers = numbers_of(flow);
  exchange_head(archive, &mark, &format, &size);
  exchange_identity(archive, &copy);
  exchange_numbers(archive, &numbers);
  ift_archive_reals(archive, flow->now.site->x, flow->n * flow->d);
  ift_archive_reals(archive, flow->now.a, flow->n);
  if (flow->accumulated > 0) ift_archive_reals(archive, flow->batch->target->points, flow->accumulated * flow->d);
  write_options(archive, flow);
}

ift_status ift_flow_save(const ift_flow *flow, void *buffer, int64_t capacity, int64_t *size) {
  if (!flow) return IFT_ERR_ARGUMENT;
  ift_context *context = flow->object.context;
  if (!size) return ift_fail(context, IFT_ERR_ARGUMENT, "the place for the size of the checkpoint is NULL");
  const identity who = identify(flow);
  ift_archive archive = {.mode = IFT_ARCHIVE_COUNT};
  write(&archive, flow, &who, 0);
  const int64_t needed = archive.used + CHECKSUM;
  if (buffer && capacity < needed)
    return ift_fail(context, IFT_ERR_ARGUMENT, "the buffer has %lld bytes; the checkpoint needs %lld",
                    (long long)capacity, (long long)needed);
  *size = needed;
  if (!buffer) return IFT_OK;
  archive = (ift_archive){.mode = IFT_ARCHIVE_WRITE, .sink = buffer};
  write(&archive, flow, &who, needed);
  uint64_t checksum = ift_archive_checksum(buffer, archive.used);
  ift_archive_unsigned(&archive, &checksum);
  return IFT_OK;
}

/* Are these the bytes of a checkpoint that this version can read, all of them and unchanged? */
static ift_status check_bytes(ift_context *context, const unsigned char *bytes, int64_t size, ift_archive *archive) {
  uint64_t mark = 0, format = 0, checksum = 0;
  int64_t claimed = 0;
  *archive = (ift_archive){.mode = IFT_ARCHIVE_READ, .source = bytes, .size = size};
  exchange_head(archive, &mark, &format, &claimed);
  if (archive->broken || mark != MARK)
    return ift_fail(context, IFT_ERR_FORMAT, "these %lld bytes are no checkpoint of a flow", (long long)size);
  if (format != FORMAT)
    return ift_fail(context, IFT_ERR_FORMAT, "the checkpoint has format %llu; this version reads format %d",
                    (unsigned long long)format, FORMAT);
  if (claimed != size || size < archive->used + CHECKSUM)
    return ift_fail(context, IFT_ERR_FORMAT, "the checkpoint has %lld bytes, but says %lld: it was cut short or joined",
                    (long long)size, (long long)claimed);
  archive->size = size - CHECKSUM;
  ift_archive tail = {.mode = IFT_ARCHIVE_READ, .source = bytes + archive->size, .size = CHECKSUM};
  ift_archive_unsigned(&tail, &checksum);
  if (checksum != ift_archive_checksum(bytes, archive->size))
    return ift_fail(context, IFT_ERR_FORMAT, "the checkpoint is damaged: its checksum is not that of its bytes");
  return IFT_OK;
}

static ift_status check_identity(const ift_flow *flow, const identity *saved) {
  ift_context *context = flow->object.context;
  const identity own = identify(flow);
  if (strcmp(saved->geometry, own.geometry) != 0)
    return ift_fail(context, IFT_ERR_ARGUMENT, "the checkpoint is of geometry '%s', the flow of '%s'", saved->geometry,
                    own.geometry);
  if (saved->n != own.n || saved->d != own.d)
    return ift_fail(context, IFT_ERR_DIMENSION,
                    "the checkpoint has %lld particles in dimension %lld, the flow %lld in dimension %lld",
                    (long long)saved->n, (long long)saved->d, (long long)own.n, (long long)own.d);
  if (saved->hash != own.hash)
    return ift_fail(context, IFT_ERR_ARGUMENT,
                    "the checkpoint is of a flow with another energy, target or kernel than this one");
  if (saved->anchored != own.anchored)
    return ift_fail(context, IFT_ERR_ARGUMENT, "the checkpoint is of a flow whose initial measure had another mass");
  return IFT_OK;
}

/* Can a flow be in that state? */
static bool is_sound(const snapshot *s) {
  const state_numbers *numbers = &s->numbers;
  const ift_flow_control *control = &numbers->control;
  bool sound = numbers->step >= 0 && numbers->accumulated >= 0 && isfinite(numbers->mass) && numbers->mass >= 0 &&
               control->tau_scale > 0 && control->tau_scale <= 1 && control->eta_scale > 0 && control->eta_scale <= 1 &&
               control->held >= 0 && control->damping.value > 0 && isfinite(control->damping.value) &&
               control->damping.factor >= 1 && isfinite(control->damping.factor);
  for (int64_t k = 0; sound && k < s->who.n * s->who.d; k++) sound = isfinite(s->x[k]);
  for (int64_t i = 0; sound && i < s->who.n; i++) sound = isfinite(s->a[i]) && s->a[i] >= 0;
  for (int64_t k = 0; sound && k < numbers->accumulated * s->who.d; k++) sound = isfinite(s->points[k]);
  return sound;
}

/* The checkpoint in memory of its own. */
static ift_status read(const ift_flow *flow, ift_archive *archive, snapshot *s) {
  ift_context *context = flow->object.context;
  exchange_identity(archive, &s->who);
  if (!archive->broken) IFT_TRY(check_identity(flow, &s->who));
  exchange_numbers(archive, &s->numbers);
  const int64_t reals = (archive->size - archive->used) / (int64_t)sizeof(double), kept = s->numbers.accumulated;
  if (archive->broken || kept < 0 || kept > reals / flow->d)
    return ift_fail(context, IFT_ERR_FORMAT, "the checkpoint is damaged");
  if (!(s->x = ift_alloc2(context, flow->n, flow->d, sizeof *s->x)) || !(s->a = ift_alloc_reals(context, flow->n)) ||
      (kept > 0 && !(s->points = ift_alloc2(context, kept, flow->d, sizeof *s->points))))
    return IFT_ERR_NO_MEMORY;
  ift_archive_reals(archive, s->x, flow->n * flow->d);
  ift_archive_reals(archive, s->a, flow->n);
  ift_archive_reals(archive, s->points, kept * flow->d);
  IFT_TRY(read_options(context, archive, s->options));
  const bool whole = !archive->broken && archive->used == archive->size && is_sound(s);
  return whole ? IFT_OK : ift_fail(context, IFT_ERR_FORMAT, "the checkpoint is damaged");
}

/* `next` becomes the state that was saved; nothing else has changed where that fails. */
static ift_status place(ift_flow *flow, const snapshot *s) {
  ift_flow_state *next = &flow->next;
  flow->follows = false;
  ift_flow_state_forget(next);
  memcpy(next->site->x, s->x, (size_t)(flow->n * flow->d) * sizeof *s->x);
  memcpy(next->a, s->a, (size_t)flow->n * sizeof *s->a);
  IFT_TRY(ift_flow_evaluate(next));
  next->energy = s->numbers.energy; /* after a rejuvenation it is not the one that these particles would give */
  return IFT_OK;
}

static void adopt(ift_flow *flow, const snapshot *s) {
  const state_numbers *numbers = &s->numbers;
  const ift_flow_state before = flow->now;
  flow->now = flow->next;
  flow->next = before;
  flow->step = numbers->step;
  flow->accumulated = numbers->accumulated;
  flow->curvature_step = numbers->curvature_step;
  flow->mass = numbers->mass;
  flow->transport_time = numbers->transport_time;
  flow->reaction_time = numbers->reaction_time;
  flow->curvature = numbers->curvature;
  flow->taken = numbers->taken;
  flow->control = numbers->control;
  flow->reading = numbers->reading;
  flow->rng = numbers->rng;
  flow->projected_step = -1; /* what is known there is of other particles */
  memcpy(flow->options, s->options, sizeof flow->options);
  memcpy(flow->measure->positions, s->x, (size_t)(flow->n * flow->d) * sizeof *s->x);
  memcpy(flow->measure->weights, s->a, (size_t)flow->n * sizeof *s->a);
}

static ift_status restore(ift_flow *flow, const unsigned char *bytes, int64_t size) {
  ift_context *context = flow->object.context;
  ift_archive archive;
  snapshot s = {.x = NULL};
  ift_status status = check_bytes(context, bytes, size, &archive);
  if (status == IFT_OK) status = read(flow, &archive, &s);
  if (status == IFT_OK) status = place(flow, &s);
  if (status == IFT_OK && s.points) status = ift_flow_keep_batch(flow, s.points, s.numbers.accumulated);
  if (status == IFT_OK) adopt(flow, &s);
  ift_free(context, s.x);
  ift_free(context, s.a);
  ift_free(context, s.points);
  return status;
}

ift_status ift_flow_restore(ift_flow *flow, const void *buffer, int64_t size) {
  if (!flow) return IFT_ERR_ARGUMENT;
  ift_context *context = flow->object.context;
  if (!buffer || size < 0) return ift_fail(context, IFT_ERR_ARGUMENT, "the checkpoint is NULL or of negative size");
  if (flow->busy) return ift_fail(context, IFT_ERR_BUSY, "a flow is restored between its steps, not during one");
  ift_object_retain(flow);
  flow->busy = true;
  const ift_status status = restore(flow, buffer, size);
  flow->busy = false;
  ift_object_release(flow);
  return status;
}
