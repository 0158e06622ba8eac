/* base/options.h - options and quantities by name, from a table. */
#ifndef BASE_OPTIONS_H
#define BASE_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/context.h"

typedef enum ift_option_kind { IFT_REAL, IFT_INTEGER, IFT_TEXT } ift_option_kind;

/* One row of a table. */
typedef struct ift_option_spec {
  const char *name;
  ift_option_kind kind;
  bool writable;       /* an option; else a read-only quantity */
  const char *range;   /* "[0, inf)"; for texts the words allowed, "old|new" */
  double low, high;    /* the same as numbers, both included; infinity never is */
  const char *initial; /* the default as text; "auto": computed */
  const char *applies; /* which geometries and modes can use it; "" for all */
  const char *doc;
} ift_option_spec;

/* A table with the noun whose options it has. */
typedef struct ift_option_table {
  const char *noun;
  const ift_option_spec *specs;
  int count;
} ift_option_table;

/* A value in force. */
typedef struct ift_option_value {
  bool automatic;
  double real;
  int64_t integer;
  int word; /* index into the words allowed */
} ift_option_value;

/* The options of a context. */
extern const ift_option_table ift_context_options;

/* Longest text of a value, NUL included. */
enum { IFT_OPTION_TEXT = 64 };

/* The row of that name (- and _ are the same), or -1 with the message set: unknown, and the nearest name. */
int ift_option_find(ift_context *context, const ift_option_table *table, const char *name);

/* All values of a table at their defaults. */
void ift_option_defaults(const ift_option_table *table, ift_option_value *values);

/* Check and set `*value` for one row; on IFT_ERR_OPTION it is as it was. */
ift_status ift_option_set_real(ift_context *context, const ift_option_spec *spec, ift_option_value *value,
                               double input);
ift_status ift_option_set_integer(ift_context *context, const ift_option_spec *spec, ift_option_value *value,
                                  int64_t input);
ift_status ift_option_set_text(ift_context *context, const ift_option_spec *spec, ift_option_value *value,
                               const char *input);

/* Is this value the row's default? */
bool ift_option_is_default(const ift_option_spec *spec, const ift_option_value *value);

/* The index of `word` in "one|two|three", or -1; and the word of an index as text. */
int ift_word_index(const char *words, const char *word);
void ift_word_copy(const char *words, int index, char *out, size_t capacity);

/* Writes a value as text. IFT_ERR_ARGUMENT where it doesn't fit. */
ift_status ift_option_print(ift_context *context, const ift_option_spec *spec, const ift_option_value *value, char *out,
                            int64_t capacity);

#endif
