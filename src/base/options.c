/* Options by name: look-up with a suggestion, checks against the range, text in and out. */
#include "base/options.h"

#include <math.h>
#include <string.h>

#include "base/number.h"

/* Names are compared with - and _ alike. */
static char plain(char c) {
  return c == '-' ? '_' : c;
}

static bool same_name(const char *a, const char *b) {
  while (*a && plain(*a) == plain(*b)) a++, b++;
  return plain(*a) == plain(*b);
}

static bool begins_with(const char *whole, const char *start) {
  const char *at = start;
  while (*at && plain(*at) == plain(*whole)) at++, whole++;
  return !*at && at != start;
}

/* Levenshtein distance of two names, cut off at 63 characters. */
static int edit_distance(const char *a, const char *b) {
  int row[64];
  const int columns = (int)(strlen(b) < 63 ? strlen(b) : 63);
  for (int j = 0; j <= columns; j++) row[j] = j;
  for (int i = 0; a[i] && i < 63; i++) {
    int diagonal = row[0];
    row[0] = i + 1;
    for (int j = 1; j <= columns; j++) {
      const int substitute = diagonal + (plain(a[i]) != plain(b[j - 1]));
      diagonal = row[j];
      const int shorter = (row[j] < row[j - 1] ? row[j] : row[j - 1]) + 1;
      row[j] = substitute < shorter ? substitute : shorter;
    }
  }
  return row[columns];
}

int ift_option_find(ift_context *context, const ift_option_table *table, const char *name) {
  if (!name) {
    ift_fail(context, IFT_ERR_ARGUMENT, "the name of the option is NULL");
    return -1;
  }
  int nearest = 0, distance = 64; /* a name that was cut short is nearest to the whole one */
  for (int i = 0; i < table->count; i++) {
    if (same_name(table->specs[i].name, name)) return i;
    const int d = begins_with(table->specs[i].name, name) ? 1 : edit_distance(name, table->specs[i].name);
    if (d < distance) distance = d, nearest = i;
  }
  ift_fail(context, IFT_ERR_OPTION, "a %s has no option '%.64s'; the nearest is '%s'", table->noun, name,
           table->specs[nearest].name);
  return -1;
}

int ift_word_index(const char *words, const char *word) {
  const size_t length = strlen(word);
  for (int index = 0; length > 0; index++) {
    const size_t here = strcspn(words, "|");
    if (here == length && strncmp(words, word, length) == 0) return index;
    if (!words[here]) break;
    words += here + 1;
  }
  return -1;
}

void ift_word_copy(const char *words, int index, char *out, size_t capacity) {
  for (; index > 0; index--) words += strcspn(words, "|") + 1;
  const size_t here = strcspn(words, "|"), length = here < capacity - 1 ? here : capacity - 1;
  memcpy(out, words, length);
  out[length] = '\0';
}

void ift_option_defaults(const ift_option_table *table, ift_option_value *values) {
  for (int i = 0; i < table->count; i++) {
    const ift_option_spec *spec = &table->specs[i];
    values[i] = (ift_option_value){.automatic = strcmp(spec->initial, "auto") == 0};
    if (spec->writable && !values[i].automatic) (void)ift_option_set_text(NULL, spec, &values[i], spec->initial);
  }
}

static ift_status read_only(ift_context *context, const ift_option_spec *spec) {
  return ift_fail(context, IFT_ERR_OPTION, "%s is a quantity, which can be read but not set", spec->name);
}

ift_status ift_option_set_real(ift_context *context, const ift_option_spec *spec, ift_option_value *value,
                               double input) {
  if (!spec->writable) return read_only(context, spec);
  if (spec->kind != IFT_REAL)
    return ift_fail(context, IFT_ERR_OPTION, "%s is %s, not a real number; allowed is %s", spec->name,
                    spec->kind == IFT_TEXT ? "a text" : "an integer", spec->range);
  if (!isfinite(input) || input < spec->low || input > spec->high)
    return ift_fail(context, IFT_ERR_OPTION, "%s is %.17g; allowed is %s", spec->name, input, spec->range);
  *value = (ift_option_value){.real = input};
  return IFT_OK;
}

ift_status ift_option_set_integer(ift_context *context, const ift_option_spec *spec, ift_option_value *value,
                                  int64_t input) {
  if (spec->kind == IFT_REAL) return ift_option_set_real(context, spec, value, (double)input);
  if (!spec->writable) return read_only(context, spec);
  if (spec->kind == IFT_TEXT)
    return ift_fail(context, IFT_ERR_OPTION, "%s is a text, not a number; allowed is %s", spec->name, spec->range);
  if ((double)input < spec->low || (double)input > spec->high)
    return ift_fail(context, IFT_ERR_OPTION, "%s is %lld; allowed is %s", spec->name, (long long)input, spec->range);
  *value = (ift_option_value){.integer = input};
  return IFT_OK;
}

ift_status ift_option_set_text(ift_context *context, const ift_option_spec *spec, ift_option_value *value,
                               const char *input) {
  if (!spec->writable) return read_only(context, spec);
  if (!input) return ift_fail(context, IFT_ERR_ARGUMENT, "the value of %s is NULL", spec->name);
  if (strcmp(input, "auto") == 0 && strcmp(spec->initial, "auto") == 0) {
    *value = (ift_option_value){.automatic = true};
    return IFT_OK;
  }
  double real;
  int64_t integer;
  if (spec->kind == IFT_REAL && ift_number_parse(input, &real)) return ift_option_set_real(context, spec, value, real);
  if (spec->kind == IFT_INTEGER && ift_number_parse_integer(input, &integer))
    return ift_option_set_integer(context, spec, value, integer);
  if (spec->kind == IFT_TEXT) {
    const int word = ift_word_index(spec->range, input);
    if (word >= 0) {
      *value = (ift_option_value){.word = word};
      return IFT_OK;
    }
  }
  return ift_fail(context, IFT_ERR_OPTION, "%s is '%.64s'; allowed is %s", spec->name, input, spec->range);
}

bool ift_option_is_default(const ift_option_spec *spec, const ift_option_value *value) {
  ift_option_value initial;
  const ift_option_table one = {"", spec, 1};
  ift_option_defaults(&one, &initial);
  return initial.automatic == value->automatic && initial.real == value->real && initial.integer == value->integer &&
         initial.word == value->word;
}

ift_status ift_option_print(ift_context *context, const ift_option_spec *spec, const ift_option_value *value, char *out,
                            int64_t capacity) {
  char text[IFT_OPTION_TEXT];
  switch (spec->kind) {
  case IFT_REAL:
    ift_number_print(text, sizeof text, "%.17g", value->real);
    break;
  case IFT_INTEGER:
    ift_number_print(text, sizeof text, "%lld", (long long)value->integer);
    break;
  case IFT_TEXT:
    ift_word_copy(spec->range, value->word, text, sizeof text);
    break;
  }
  const size_t needed = strlen(text) + 1;
  if (capacity < (int64_t)needed)
    return ift_fail(context, IFT_ERR_ARGUMENT, "%s needs %zu bytes of text, %lld were given; 64 always suffice",
                    spec->name, needed, (long long)capacity);
  memcpy(out, text, needed);
  return IFT_OK;
}
