/* base/settings.h - setting and reading the options of any handle that has a table of them. */
#ifndef BASE_SETTINGS_H
#define BASE_SETTINGS_H

#include "base/options.h"

/* What the set and get functions of a noun have to know of a handle. */
typedef struct ift_settings {
  ift_context *context; /* NULL: there is no handle */
  const ift_option_table *table;
  ift_option_value *values; /* one for each row */
  void *object;
  bool busy;
  /* Has the last word on a value that is in range, and acts on it. */
  ift_status (*accept)(void *object, int index, const ift_option_value *value);
  /* The value in force of an option on auto, or of a quantity. */
  ift_status (*read)(void *object, int index, ift_option_value *out);
} ift_settings;

ift_status ift_settings_set_real(const ift_settings *settings, const char *option, double value);
ift_status ift_settings_set_integer(const ift_settings *settings, const char *option, int64_t value);
ift_status ift_settings_set_text(const ift_settings *settings, const char *option, const char *value);
ift_status ift_settings_get_real(const ift_settings *settings, const char *quantity, double *out);
ift_status ift_settings_get_integer(const ift_settings *settings, const char *quantity, int64_t *out);
ift_status ift_settings_get_text(const ift_settings *settings, const char *quantity, char *out, int64_t capacity);

#endif
