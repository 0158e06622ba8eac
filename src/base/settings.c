/* Options and quantities of a handle, by name. */
#include "base/settings.h"

static const char *const kind_names[] = {"a real number", "an integer", "a text"};

/* The row of an option that can be set now. */
static ift_status find_option(const ift_settings *settings, const char *option, int *index) {
  if (!settings->context) return IFT_ERR_ARGUMENT;
  if (settings->busy)
    return ift_fail(settings->context, IFT_ERR_BUSY, "options of a %s are set between its steps, not during one",
                    settings->table->noun);
  *index = ift_option_find(settings->context, settings->table, option);
  if (*index >= 0) return IFT_OK;
  return option ? IFT_ERR_OPTION : IFT_ERR_ARGUMENT;
}

static ift_status keep(const ift_settings *settings, int index, const ift_option_value *value) {
  IFT_TRY(settings->accept(settings->object, index, value));
  settings->values[index] = *value;
  return IFT_OK;
}

ift_status ift_settings_set_real(const ift_settings *settings, const char *option, double value) {
  int index = -1;
  ift_option_value parsed = {0};
  IFT_TRY(find_option(settings, option, &index));
  IFT_TRY(ift_option_set_real(settings->context, &settings->table->specs[index], &parsed, value));
  return keep(settings, index, &parsed);
}

ift_status ift_settings_set_integer(const ift_settings *settings, const char *option, int64_t value) {
  int index = -1;
  ift_option_value parsed = {0};
  IFT_TRY(find_option(settings, option, &index));
  IFT_TRY(ift_option_set_integer(settings->context, &settings->table->specs[index], &parsed, value));
  return keep(settings, index, &parsed);
}

ift_status ift_settings_set_text(const ift_settings *settings, const char *option, const char *value) {
  int index = -1;
  ift_option_value parsed = {0};
  IFT_TRY(find_option(settings, option, &index));
  IFT_TRY(ift_option_set_text(settings->context, &settings->table->specs[index], &parsed, value));
  return keep(settings, index, &parsed);
}

/* The row of an entry and the value in force. */
static ift_status read_entry(const ift_settings *settings, const char *quantity, const void *out,
                             const ift_option_spec **spec, ift_option_value *value) {
  if (!settings->context) return IFT_ERR_ARGUMENT;
  if (!out) return ift_fail(settings->context, IFT_ERR_ARGUMENT, "the place for the value is NULL");
  const int index = ift_option_find(settings->context, settings->table, quantity);
  if (index < 0) return quantity ? IFT_ERR_OPTION : IFT_ERR_ARGUMENT;
  *spec = &settings->table->specs[index];
  *value = settings->values[index];
  if ((*spec)->writable && !value->automatic) return IFT_OK;
  *value = (ift_option_value){0};
  return settings->read(settings->object, index, value);
}

static ift_status wrong_kind(const ift_settings *settings, const ift_option_spec *spec) {
  return ift_fail(settings->context, IFT_ERR_OPTION, "%s is %s and is read as one", spec->name, kind_names[spec->kind]);
}

ift_status ift_settings_get_real(const ift_settings *settings, const char *quantity, double *out) {
  const ift_option_spec *spec = NULL;
  ift_option_value value;
  IFT_TRY(read_entry(settings, quantity, out, &spec, &value));
  if (spec->kind == IFT_TEXT) return wrong_kind(settings, spec);
  *out = spec->kind == IFT_REAL ? value.real : (double)value.integer;
  return IFT_OK;
}

ift_status ift_settings_get_integer(const ift_settings *settings, const char *quantity, int64_t *out) {
  const ift_option_spec *spec = NULL;
  ift_option_value value;
  IFT_TRY(read_entry(settings, quantity, out, &spec, &value));
  if (spec->kind != IFT_INTEGER) return wrong_kind(settings, spec);
  *out = value.integer;
  return IFT_OK;
}

ift_status ift_settings_get_text(const ift_settings *settings, const char *quantity, char *out, int64_t capacity) {
  const ift_option_spec *spec = NULL;
  ift_option_value value;
  IFT_TRY(read_entry(settings, quantity, out, &spec, &value));
  return ift_option_print(settings->context, spec, &value, out, capacity);
}
