/* tests/oracle/table.h - reads what make_oracle.py wrote: rows of a key and numbers or words, and compares with it. */
#ifndef TESTS_ORACLE_TABLE_H
#define TESTS_ORACLE_TABLE_H

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "support/near.h"

typedef struct table_row {
  char *key;
  char *text;           /* all behind the key */
  const double *values; /* the numbers that the text begins with */
  int64_t count;
} table_row;

typedef struct table {
  char *bytes;
  double *numbers;
  table_row *rows;
  int64_t count;
} table;

static inline void *table_memory(size_t count, size_t size) {
  void *memory = calloc(count > 0 ? count : 1, size);
  assert_non_null(memory);
  return memory;
}

/* The file `name` in the folder of the test whose __FILE__ is `source`. */
static inline char *table_bytes(const char *source, const char *name) {
  const char *slash = strrchr(source, '/');
  const size_t folder = slash ? (size_t)(slash - source) + 1 : 0;
  char *path = table_memory(folder + strlen(name) + 1, 1);
  memcpy(path, source, folder);
  strcpy(path + folder, name);
  FILE *file = fopen(path, "rb");
  if (!file) fail_msg("%s can't be opened: run the test where it was compiled", path);
  assert_int_equal(fseek(file, 0, SEEK_END), 0);
  const long size = ftell(file);
  assert_true(size > 0);
  rewind(file);
  char *bytes = table_memory((size_t)size + 1, 1);
  assert_int_equal(fread(bytes, 1, (size_t)size, file), (size_t)size);
  fclose(file);
  free(path);
  return bytes;
}

static inline void table_read(table *t, const char *source, const char *name) {
  t->bytes = table_bytes(source, name);
  size_t lines = 1, fields = 1;
  for (const char *c = t->bytes; *c; c++) {
    lines += *c == '\n';
    fields += *c == '\n' || *c == ',';
  }
  t->rows = table_memory(lines, sizeof *t->rows);
  t->numbers = table_memory(fields, sizeof *t->numbers);
  t->count = 0;
  double *number = t->numbers;
  for (char *line = t->bytes; *line;) {
    char *end = line + strcspn(line, "\n");
    char *next = *end ? end + 1 : end;
    *end = '\0';
    char *comma = strchr(line, ',');
    if (*line != '#' && comma) {
      *comma = '\0';
      table_row *row = &t->rows[t->count++];
      *row = (table_row){line, comma + 1, number, 0};
      for (char *field = comma + 1, *stop;; field = stop + 1) {
        *number = strtod(field, &stop);
        if (stop == field || (*stop != ',' && *stop != '\0')) break;
        number++;
        row->count++;
        if (*stop == '\0') break;
      }
    }
    line = next;
  }
  assert_true(t->count > 0);
}

static inline void table_free(table *t) {
  free(t->rows);
  free(t->numbers);
  free(t->bytes);
}

/* The next row at or behind `row` with that key, or t->count. */
static inline int64_t table_next(const table *t, int64_t row, const char *key) {
  while (row < t->count && strcmp(t->rows[row].key, key) != 0) row++;
  return row;
}

/* The numbers of the first row of that key behind row `from`, which must be `count`. */
static inline const double *table_numbers(const table *t, int64_t from, const char *key, int64_t count) {
  const int64_t row = table_next(t, from + 1, key);
  if (row == t->count || t->rows[row].count != count)
    fail_msg("row %s behind %s,%s: %lld numbers, expected %lld", key, t->rows[from].key, t->rows[from].text,
             row == t->count ? 0LL : (long long)t->rows[row].count, (long long)count);
  return t->rows[row].values;
}

/* Counts failed comparisons, so that one run shows them all. */
typedef struct table_report {
  const char *where; /* what is compared */
  double worst;      /* largest error over what is allowed */
  int compared, failed;
} table_report;

/* |got[i] - expected[i]| <= tolerance * scale[i] for each i; scale NULL: ones. NaN equals NaN alone. */
static inline void table_compare(table_report *report, const char *what, const double *got, const double *expected,
                                 const double *scale, int64_t count, double tolerance) {
  for (int64_t i = 0; i < count; i++) {
    report->compared++;
    if (isnan(got[i]) && isnan(expected[i])) continue;
    const double allowed = tolerance * (scale ? fabs(scale[i]) : 1);
    const double error = fabs(got[i] - expected[i]);
    if (allowed > 0 && error / allowed > report->worst) report->worst = error / allowed;
    if (error <= allowed) continue; /* false for NaN */
    if (report->failed++ < 25)
      print_error("%s: %s[%lld] is %.17g, the oracle has %.17g (difference %.3g, allowed %.3g)\n", report->where, what,
                  (long long)i, got[i], expected[i], error, allowed);
  }
}

static inline void table_finish(const table_report *report) {
  assert_true(report->compared > 0);
  if (report->failed)
    fail_msg("%d of %d numbers differ; the largest error is %.3g times what is allowed", report->failed,
             report->compared, report->worst);
}

#endif
