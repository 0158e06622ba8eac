/* The table of a compression's options and quantities, setting and reading them. */
#include <math.h>

#include "base/alloc.h"
#include "compress/compress.h"

static const ift_option_spec specs[] = {
#define OPTION(name, kind, range, low, high, initial, doc) {#name, kind, true, range, low, high, initial, "", doc},
#define QUANTITY(name, kind, range, doc)                   {#name, kind, false, range, 0, 0, "", "", doc},
#include "compress/options.def"
#undef OPTION
#undef QUANTITY
};

const ift_option_table ift_compression_options = {"compression", specs, IFT_COMPRESSION_OPTIONS};

static ift_status accept(void *object, int index, const ift_option_value *value) {
  (void)object, (void)index, (void)value;
  return IFT_OK;
}

/* Half of what ift_mmd2 says of the best particles, or of those under way where they are ahead. */
static double energy(const ift_compression *compression) {
  return compression->best.measure ? fmin(compression->best.energy, compression->running) : NAN;
}

/* The witness at the target's points; the target's part of it was found with the energy. */
static ift_status standard_error(const ift_compression *compression, double *out) {
  const ift_target *target = compression->target;
  const ift_measure *found = compression->best.measure;
  const double *c = ift_energy_embedding(compression->energy)->at_points;
  double kappa;
  *out = NAN;
  if (!found || target->n == 0) return IFT_OK;
  IFT_TRY(ift_embedding_self(ift_energy_embedding(compression->energy), &kappa));
  double *f = ift_alloc_reals(compression->object.context, target->n);
  if (!f) return IFT_ERR_NO_MEMORY;
  const ift_status status = ift_kernel_pairs(compression->kernel, f, NULL, target->points, target->n, target->d,
                                             found->positions, found->n, found->weights);
  for (int64_t j = 0; status == IFT_OK && j < target->n; j++) f[j] -= c[j];
  if (status == IFT_OK) *out = ift_standard_error(f, target->weights, target->n);
  ift_free(compression->object.context, f);
  return status;
}

static ift_status read(void *object, int index, ift_option_value *out) {
  const ift_compression *compression = object;
  const ift_compression_result *best = &compression->best;
  const bool found = best->measure != NULL;
  switch (index) {
  case IFT_COMPRESSION_seed:
    out->integer = (int64_t)(compression->object.context->seed & INT64_MAX);
    break;
  case IFT_COMPRESSION_phase:
    out->word = (int)best->phase;
    break;
  case IFT_COMPRESSION_start:
    out->integer = compression->start;
    break;
  case IFT_COMPRESSION_step:
    out->integer = compression->step;
    break;
  case IFT_COMPRESSION_hops:
    out->integer = compression->hops;
    break;
  case IFT_COMPRESSION_energy:
    out->real = energy(compression);
    break;
  case IFT_COMPRESSION_mmd2:
    out->real = 2 * energy(compression);
    break;
  case IFT_COMPRESSION_standard_error:
    return standard_error(compression, &out->real);
  case IFT_COMPRESSION_particles:
  case IFT_COMPRESSION_alive:
    out->integer = ift_measure_size(best->measure);
    break;
  case IFT_COMPRESSION_mass:
    out->real = found ? ift_measure_mass(best->measure) : NAN;
    break;
  case IFT_COMPRESSION_weight_gap:
    out->real = found ? best->weight_gap : NAN;
    break;
  case IFT_COMPRESSION_stationarity:
    out->real = found ? best->stationarity : NAN;
    break;
  }
  return IFT_OK;
}

static ift_settings settings_of(const ift_compression *compression) {
  ift_settings settings = {
      .table = &ift_compression_options, .object = (ift_compression *)compression, .accept = accept, .read = read};
  if (compression) {
    settings.context = compression->object.context;
    settings.values = ((ift_compression *)compression)->options;
    settings.busy = compression->busy;
  }
  return settings;
}

ift_status ift_compression_set_real(ift_compression *compression, const char *option, double value) {
  const ift_settings settings = settings_of(compression);
  return ift_settings_set_real(&settings, option, value);
}

ift_status ift_compression_set_int(ift_compression *compression, const char *option, int64_t value) {
  const ift_settings settings = settings_of(compression);
  return ift_settings_set_integer(&settings, option, value);
}

ift_status ift_compression_set_text(ift_compression *compression, const char *option, const char *value) {
  const ift_settings settings = settings_of(compression);
  return ift_settings_set_text(&settings, option, value);
}

ift_status ift_compression_get_real(const ift_compression *compression, const char *quantity, double *out) {
  const ift_settings settings = settings_of(compression);
  return ift_settings_get_real(&settings, quantity, out);
}

ift_status ift_compression_get_int(const ift_compression *compression, const char *quantity, int64_t *out) {
  const ift_settings settings = settings_of(compression);
  return ift_settings_get_integer(&settings, quantity, out);
}

ift_status ift_compression_get_text(const ift_compression *compression, const char *quantity, char *out,
                                    int64_t capacity) {
  const ift_settings settings = settings_of(compression);
  return ift_settings_get_text(&settings, quantity, out, capacity);
}
