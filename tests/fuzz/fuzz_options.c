/* Bytes as a program that sets and reads options of a flow and of a compression, and runs them now and then. */
#include "fuzz/fuzz.h"

enum { N = 4, M = 6, D = 2, TEXT = 64, WORD = 24, OPERATIONS = 48, RUNS = 2, STEPS = 8 };

/* A flow or a compression, by its functions. */
typedef struct handle {
  const char *noun;
  void *object;
  ift_status (*set_real)(void *object, const char *name, double value);
  ift_status (*set_int)(void *object, const char *name, int64_t value);
  ift_status (*set_text)(void *object, const char *name, const char *value);
  ift_status (*get_real)(const void *object, const char *name, double *out);
  ift_status (*get_int)(const void *object, const char *name, int64_t *out);
  ift_status (*get_text)(const void *object, const char *name, char *out, int64_t capacity);
} handle;

#define FUNCTIONS(noun)                                                                                                \
  static ift_status noun##_set_real(void *object, const char *name, double value) {                                    \
    return ift_##noun##_set_real(object, name, value);                                                                 \
  }                                                                                                                    \
  static ift_status noun##_set_int(void *object, const char *name, int64_t value) {                                    \
    return ift_##noun##_set_int(object, name, value);                                                                  \
  }                                                                                                                    \
  static ift_status noun##_set_text(void *object, const char *name, const char *value) {                               \
    return ift_##noun##_set_text(object, name, value);                                                                 \
  }                                                                                                                    \
  static ift_status noun##_get_real(const void *object, const char *name, double *out) {                               \
    return ift_##noun##_get_real(object, name, out);                                                                   \
  }                                                                                                                    \
  static ift_status noun##_get_int(const void *object, const char *name, int64_t *out) {                               \
    return ift_##noun##_get_int(object, name, out);                                                                    \
  }                                                                                                                    \
  static ift_status noun##_get_text(const void *object, const char *name, char *out, int64_t capacity) {               \
    return ift_##noun##_get_text(object, name, out, capacity);                                                         \
  }                                                                                                                    \
  static handle noun##_handle(ift_##noun *object) {                                                                    \
    return (handle){#noun,           object,          noun##_set_real, noun##_set_int,                                 \
                    noun##_set_text, noun##_get_real, noun##_get_int,  noun##_get_text};                               \
  }
FUNCTIONS(flow)
FUNCTIONS(compression)

typedef struct scene {
  ift_context *context;
  ift_kernel *kernel;
  ift_target *target;
  ift_energy *energy;
  ift_flow *flow;
  ift_compression *compression;
  const char *geometry;
  double mass, target_mass; /* the flow's at the start, and the target's */
  bool large;               /* coordinates */
  int runs;                 /* of the compression, of RUNS */
  int steps;                /* taken in this one */
} scene;

static ift_measure *take_measure(tape *t, ift_context *context, int n, double scale, bool normalized) {
  double x[M * D], a[M], sum = 0;
  for (int i = 0; i < n * D; i++) x[i] = take_signed(t) / 32.0 * scale;
  for (int i = 0; i < n; i++) sum += a[i] = i == 0 ? 1 : take_below(t, 8) / 4.0;
  for (int i = 0; normalized && i < n; i++) a[i] /= sum;
  ift_measure *measure;
  require(ift_measure_create(context, &measure, x, n, D, a) == IFT_OK);
  return measure;
}

static void take_target(tape *t, scene *s, double scale, bool mixture) {
  static const double weights[] = {0.25, 0.75}, means[] = {0, 0, 1, -1},
                      covariances[] = {1, 0, 0, 1, 0.5, 0.2, 0.2, 0.3};
  s->target_mass = 1;
  if (mixture) {
    require(ift_target_gaussian_mixture(s->context, &s->target, 2, D, weights, means, covariances) == IFT_OK);
    s->runs = RUNS - 1; /* it draws thousands of points */
    return;
  }
  ift_measure *samples = take_measure(t, s->context, 1 + take_below(t, M), scale, take_byte(t) & 1);
  s->target_mass = ift_measure_mass(samples);
  require(ift_target_samples(s->context, &s->target, samples) == IFT_OK);
  ift_measure_destroy(samples);
}

static int stop_soon(const ift_compression *compression, void *user) {
  scene *s = user;
  (void)compression;
  return ++s->steps >= STEPS;
}

/* Done, or refused because coordinates are so large that kernels overflow. */
static bool made(const scene *s, ift_status status) {
  require(status == IFT_OK || (status == IFT_ERR_NOT_FINITE && s->large));
  if (status != IFT_OK) require_message(s->context);
  return status == IFT_OK;
}

/* false: the numbers are too large for it. */
static bool take_scene(tape *t, scene *s) {
  /* the first three have closed forms with mixtures */
  static const char *const kernels[] = {"gaussian:1",    "gaussian:0.2", "0.5*gaussian:1+2*gaussian:0.1",
                                        "laplace:1",     "matern32:0.5", "imq:1",
                                        "energy",        "riesz:1.5",    "linear",
                                        "polynomial:1,2"};
  static const char *const geometries[] = {"wasserstein",          "mmd",          "spherical-mmd", "fisher-rao",
                                           "spherical-fisher-rao", "ift",          "spherical-ift", "wfr",
                                           "spherical-wfr",        "projected-mmd"};
  *s = (scene){.context = open_context()};
  const int kernel = take_below(t, (int)(sizeof kernels / sizeof kernels[0]));
  s->geometry = geometries[take_below(t, (int)(sizeof geometries / sizeof geometries[0]))];
  const int choices = take_byte(t), size = take_byte(t);
  const double scale = size < 192 ? 1 : ldexp(1, 4 * take_signed(t));
  s->large = scale > 1;
  require(ift_kernel_parse(s->context, &s->kernel, kernels[kernel]) == IFT_OK);
  take_target(t, s, scale, kernel < 3 && (choices & 7) == 7);
  ift_measure *initial = take_measure(t, s->context, N, scale, choices & 8);
  s->mass = ift_measure_mass(initial);
  const bool done =
      made(s, ift_energy_mmd(s->context, &s->energy, s->kernel, s->target)) &&
      made(s, ift_flow_create(s->context, &s->flow, s->geometry, s->energy, initial)) &&
      made(s, ift_compression_create(s->context, &s->compression, s->kernel, s->target, 1 + (choices >> 4) % N));
  if (done) require(ift_compression_set_monitor(s->compression, stop_soon, s, NULL) == IFT_OK);
  ift_measure_destroy(initial);
  return done;
}

static void close_scene(scene *s) {
  ift_compression_destroy(s->compression);
  ift_flow_destroy(s->flow);
  ift_energy_destroy(s->energy);
  ift_target_destroy(s->target);
  ift_kernel_destroy(s->kernel);
  ift_context_destroy(s->context);
}

/* A few bytes as they are. */
static void take_raw(tape *t, char *out) {
  const int length = take_below(t, WORD);
  for (int i = 0; i < length; i++) out[i] = (char)take_byte(t);
  out[length] = '\0';
}

/* The row of an entry of that noun, which row says the byte. */
static int64_t take_row(tape *t, const char *noun) {
  int64_t rows = 0, row = 0;
  for (int64_t i = 0; i < ift_option_count(); i++) rows += strcmp(ift_option_noun(i), noun) == 0;
  require(rows > 0);
  int64_t wanted = take_byte(t) % rows;
  while (strcmp(ift_option_noun(row), noun) != 0 || wanted-- > 0) row++;
  return row;
}

/* A name, most often one that there is. */
static void take_name(tape *t, const handle *h, char *out, int64_t *row) {
  *row = -1;
  if (take_byte(t) >= 224) {
    take_raw(t, out);
    return;
  }
  *row = take_row(t, h->noun);
  require(strlen(ift_option_name(*row)) < TEXT);
  strcpy(out, ift_option_name(*row));
}

/* A value as text: a word of the range, a number, auto, anything. */
static void take_value(tape *t, int64_t row, char *out) {
  const int kind = take_byte(t);
  const char *words = row >= 0 && strcmp(ift_option_type(row), "text") == 0 ? ift_option_range(row) : "";
  if (kind < 32) {
    take_raw(t, out);
  } else if (kind < 64) {
    strcpy(out, "auto");
  } else if (!*words) {
    snprintf(out, TEXT, kind & 1 ? "%.17g" : "%.0f", take_real(t));
  } else {
    int skipped = take_below(t, 12);
    for (const char *bar; skipped-- > 0 && (bar = strchr(words, '|'));) words = bar + 1;
    snprintf(out, TEXT, "%.*s", (int)strcspn(words, "|"), words);
  }
}

/* An error of setting or reading: of the option, or of a quantity whose numbers overflow. */
static void require_set(const scene *s, ift_status status) {
  require(status == IFT_OK || status == IFT_ERR_OPTION);
  if (status != IFT_OK) require_message(s->context);
}

static void require_got(const scene *s, ift_status status) {
  require(status == IFT_OK || status == IFT_ERR_OPTION || status == IFT_ERR_NOT_FINITE);
  if (status != IFT_OK) require_message(s->context);
}

/* Sets an option; it is then what it was set to, or what it was before. */
static void set(tape *t, const scene *s, const handle *h) {
  char name[TEXT], value[TEXT], before[TEXT] = "", after[TEXT] = "";
  int64_t row;
  const int how = take_below(t, 3);
  take_name(t, h, name, &row);
  const bool readable = h->get_text(h->object, name, before, TEXT) == IFT_OK;
  ift_status status;
  double real = 0, got;
  if (how == 0) {
    real = take_real(t);
    status = h->set_real(h->object, name, real);
  } else if (how == 1) {
    real = take_real(t);
    real = fabs(real) < 0x1p62 ? trunc(real) : 0;
    status = h->set_int(h->object, name, (int64_t)real);
  } else {
    take_value(t, row, value);
    status = h->set_text(h->object, name, value);
  }
  require_set(s, status);
  const ift_status read = h->get_text(h->object, name, after, TEXT);
  if (status != IFT_OK) {
    require(!readable || (read == IFT_OK && strcmp(before, after) == 0));
    return;
  }
  require(how == 2 || (h->get_real(h->object, name, &got) == IFT_OK && got == real));
  if (how == 2 && strcmp(value, "auto") == 0) return;
  require(read == IFT_OK && h->set_text(h->object, name, after) == IFT_OK);
}

static void get(tape *t, const scene *s, const handle *h) {
  char name[TEXT], text[TEXT] = "?", cut[TEXT] = "?";
  double real = -1;
  int64_t integer = -1, row;
  take_name(t, h, name, &row);
  require_got(s, h->get_real(h->object, name, &real));
  require_got(s, h->get_int(h->object, name, &integer));
  const ift_status status = h->get_text(h->object, name, text, TEXT);
  require_got(s, status);
  require(row < 0 || status != IFT_ERR_OPTION);
  const int64_t capacity = take_below(t, TEXT);
  const ift_status shorter = h->get_text(h->object, name, cut, capacity);
  if (status == IFT_OK && capacity <= (int64_t)strlen(text))
    require(shorter == IFT_ERR_ARGUMENT && strcmp(cut, "?") == 0);
  else
    require(shorter == status && strcmp(cut, text) == 0);
}

/* What a flow was before a step. */
typedef struct before {
  double x[N * D], a[N], energy;
  int64_t step;
  ift_status readable;
  bool monotone;
} before;

static before look(const scene *s) {
  before b;
  char control[TEXT];
  require(ift_measure_copy_positions(ift_flow_measure(s->flow), b.x) == IFT_OK);
  require(ift_measure_copy_weights(ift_flow_measure(s->flow), b.a) == IFT_OK);
  require(ift_flow_get_int(s->flow, "step", &b.step) == IFT_OK);
  require(ift_flow_get_text(s->flow, "step_control", control, TEXT) == IFT_OK);
  b.monotone = strcmp(control, "monotone") == 0;
  b.readable = ift_flow_get_real(s->flow, "energy", &b.energy);
  return b;
}

/* Weights >= 0, of the mass that there was where it is kept. */
static void require_particles(const scene *s) {
  const ift_measure *measure = ift_flow_measure(s->flow);
  const double *x = ift_measure_positions(measure), *a = ift_measure_weights(measure);
  for (int i = 0; i < N * D; i++) require(isfinite(x[i]));
  for (int i = 0; i < N; i++) require(isfinite(a[i]) && a[i] >= 0);
  const bool kept = strcmp(s->geometry, "wasserstein") == 0 || strncmp(s->geometry, "spherical-", 10) == 0 ||
                    strncmp(s->geometry, "projected-", 10) == 0;
  if (kept) require(fabs(ift_measure_mass(measure) - s->mass) <= 1e-14 * s->mass);
}

/* Some steps, one call after the other. */
static void step(tape *t, const scene *s) {
  const int mode = take_byte(t);
  const int64_t steps = mode >> 1 & 3;
  if (mode & 0x80) ift_flow_request_stop(s->flow);
  const before b = look(s);
  const ift_status status = mode & 1 ? ift_flow_run(s->flow, steps) : ift_flow_step(s->flow, steps);
  require(status >= IFT_OK || status == IFT_ERR_NOT_FINITE || status == IFT_ERR_OPTION ||
          (status == IFT_ERR_CAPABILITY && strncmp(s->geometry, "projected-", 10) == 0)); /* kernels with a kink */
  require(status != IFT_CONVERGED || mode & 1);
  if (status < 0) require_message(s->context);
  const before now = look(s);
  require_particles(s);
  require(now.step >= b.step && now.step <= b.step + steps);
  require(status != IFT_OK || now.step == b.step + steps);
  if (now.step == b.step) require(same_bits(now.x, b.x, N * D) && same_bits(now.a, b.a, N));
  if (strcmp(s->geometry, "wasserstein") == 0) require(same_bits(now.a, b.a, N));
  if (!b.monotone || b.readable != IFT_OK) return;
  require(now.readable == IFT_OK && now.energy <= b.energy);
}

/* A compression never gets worse, and has the target's mass on at most N particles that are alive. */
static void compress(tape *t, scene *s) {
  if (s->runs++ >= RUNS) return;
  double earlier = -1, energy, mmd2;
  const bool found = ift_compression_measure(s->compression) != NULL;
  require(ift_compression_get_real(s->compression, "energy", &earlier) == IFT_OK);
  if (take_byte(t) >= 224) ift_compression_request_stop(s->compression);
  s->steps = 0;
  const ift_status status = ift_compression_run(s->compression);
  if (!made(s, status < 0 ? status : IFT_OK)) return;
  require(status == IFT_OK || status == IFT_CONVERGED || status == IFT_STOPPED);
  require(ift_compression_get_real(s->compression, "energy", &energy) == IFT_OK);
  const ift_measure *measure = ift_compression_measure(s->compression);
  require(measure && isfinite(energy) && energy >= 0 && (!found || energy <= earlier));
  const int64_t n = ift_measure_size(measure);
  require(n >= 1 && n <= N);
  for (int64_t i = 0; i < n; i++) require(ift_measure_weights(measure)[i] > 0);
  require(fabs(ift_measure_mass(measure) - s->target_mass) <= 1e-14 * s->target_mass);
  require(ift_compression_get_real(s->compression, "mmd2", &mmd2) == IFT_OK && mmd2 == 2 * energy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  tape t = {data, size};
  scene s;
  const bool done = take_scene(&t, &s);
  const handle flow = flow_handle(s.flow), compression = compression_handle(s.compression);
  for (int k = 0; done && k < OPERATIONS && t.left > 0; k++) {
    const int operation = take_byte(&t);
    const handle *h = operation & 0x40 ? &compression : &flow;
    if (operation % 8 < 3)
      set(&t, &s, h);
    else if (operation % 8 < 5)
      get(&t, &s, h);
    else if (operation % 8 < 7 || !(operation & 0x80))
      step(&t, &s);
    else
      compress(&t, &s);
  }
  close_scene(&s);
  return 0;
}
