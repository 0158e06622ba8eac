/* Comma-separated values. A file is gone through twice: first for its shape (every row has the columns of the first
 * line), then for its numbers; so the memory that is asked for fits what is really there. */
#include <math.h>
#include <string.h>

#include "base/number.h"
#include "measure/file.h"
#include "measure/formats.h"

/* What is left of a line, without its end; at NULL: nothing, not even an empty field. */
struct line {
  const char *at, *end;
};

/* One value, without the blanks and quotation marks around it. */
struct field {
  const char *text;
  size_t length;
};

struct csv {
  ift_context *context;
  const char *name;
  const char *at, *end; /* what is left of the file */
  int64_t line;         /* number of the line read last, from 1 */
  int64_t columns;
  int64_t weight; /* the column of weights, from 0; -1: there is none */
  int64_t rows;
};

static bool is_blank(char c) {
  return c == ' ' || c == '\t';
}

static const char *skip_blanks(const char *at, const char *end) {
  while (at < end && is_blank(*at)) at++;
  return at;
}

static struct field trimmed(const char *at, const char *end) {
  at = skip_blanks(at, end);
  while (end > at && is_blank(end[-1])) end--;
  return (struct field){at, (size_t)(end - at)};
}

/* Goes on to the next line, without its LF or CR LF; false: there is none. */
static bool next_line(struct csv *csv, struct line *line) {
  if (csv->at >= csv->end) return false;
  const char *feed = memchr(csv->at, '\n', (size_t)(csv->end - csv->at));
  *line = (struct line){csv->at, feed ? feed : csv->end};
  csv->at = feed ? feed + 1 : csv->end;
  if (feed && line->end > line->at && line->end[-1] == '\r') line->end--;
  csv->line++;
  return true;
}

/* Where the text in quotation marks that starts at `at` ends: its closing mark, or `end` where there is none. Two in a
 * row are one that belongs to the text. */
static const char *closing_quote(const char *at, const char *end) {
  for (; at < end; at++) {
    if (*at != '"') continue;
    if (at + 1 == end || at[1] != '"') return at;
    at++;
  }
  return end;
}

/* Takes the next field off a line. false: its quotation marks are wrong. */
static bool next_field(struct line *line, struct field *field) {
  const char *at = skip_blanks(line->at, line->end), *end = line->end, *behind;
  if (at < end && *at == '"') {
    const char *close = closing_quote(at + 1, end);
    if (close == end) return false;
    *field = trimmed(at + 1, close);
    behind = skip_blanks(close + 1, end);
    if (behind < end && *behind != ',') return false;
  } else {
    const char *comma = memchr(at, ',', (size_t)(end - at));
    behind = comma ? comma : end;
    *field = trimmed(at, behind);
  }
  line->at = behind < end ? behind + 1 : NULL;
  return true;
}

/* The whole field is a number (which may be infinite or NaN). strtod would skip a line feed before a number of the next
 * line, hence the check of the length. */
static bool read_number(struct field field, double *value) {
  const char *end;
  return field.length > 0 && ift_number_read(field.text, &end, value) && end == field.text + field.length;
}

static ift_status wrong_quotes(const struct csv *csv, int64_t column) {
  return ift_fail(csv->context, IFT_ERR_FORMAT,
                  "%s:%lld: column %lld has a quotation mark that is not closed or has text behind it", csv->name,
                  (long long)csv->line, (long long)column + 1);
}

static ift_status no_number(const struct csv *csv, int64_t column, struct field field, bool finite) {
  if (field.length == 0)
    return ift_fail(csv->context, IFT_ERR_FORMAT, "%s:%lld: column %lld is empty; a number is needed", csv->name,
                    (long long)csv->line, (long long)column + 1);
  char shown[IFT_FILE_FIELD];
  ift_file_show(shown, sizeof shown, field.text, field.length);
  return ift_fail(csv->context, finite ? IFT_ERR_FORMAT : IFT_ERR_NOT_FINITE,
                  "%s:%lld: column %lld is '%s'; a %snumber is needed%s", csv->name, (long long)csv->line,
                  (long long)column + 1, shown, finite ? "" : "finite ", finite ? " (commas separate columns)" : "");
}

/* Counts the columns of a line. */
static ift_status count_columns(const struct csv *csv, struct line line, int64_t *columns) {
  struct field field;
  if (skip_blanks(line.at, line.end) == line.end)
    return ift_fail(csv->context, IFT_ERR_FORMAT, "%s:%lld: the line is blank; only lines at the end may be", csv->name,
                    (long long)csv->line);
  for (*columns = 0; line.at; ++*columns)
    if (!next_field(&line, &field)) return wrong_quotes(csv, *columns);
  return IFT_OK;
}

static ift_status skip_mark_and_blank_end(struct csv *csv) {
  static const char mark[] = "\xef\xbb\xbf"; /* the byte-order mark in UTF-8 */
  const char *begin = csv->at;
  if (csv->end - csv->at >= 3 && memcmp(csv->at, mark, 3) == 0) csv->at += 3;
  const char *zero = memchr(begin, '\0', (size_t)(csv->end - begin));
  if (zero)
    return ift_fail(csv->context, IFT_ERR_FORMAT, "%s: is binary (byte %lld is 0); a measure is read from CSV or NPY",
                    csv->name, (long long)(zero - begin));
  while (csv->end > csv->at && (is_blank(csv->end[-1]) || csv->end[-1] == '\r' || csv->end[-1] == '\n')) csv->end--;
  if (csv->end == csv->at)
    return ift_fail(csv->context, IFT_ERR_FORMAT, "%s: is empty; a measure needs at least one row", csv->name);
  return IFT_OK;
}

/* Is that the name "weight" in any case? */
static bool is_weight(struct field field) {
  static const char lower[] = "weight", upper[] = "WEIGHT";
  if (field.length != sizeof lower - 1) return false;
  for (size_t i = 0; i < field.length; i++)
    if (field.text[i] != lower[i] && field.text[i] != upper[i]) return false;
  return true;
}

/* The first line as names of columns. */
static ift_status read_names(struct csv *csv, struct line line) {
  struct field field;
  for (int64_t column = 0; line.at && next_field(&line, &field); column++) {
    if (!is_weight(field)) continue;
    if (csv->weight >= 0)
      return ift_fail(csv->context, IFT_ERR_FORMAT,
                      "%s:%lld: columns %lld and %lld are both named weight; only one may be", csv->name,
                      (long long)csv->line, (long long)csv->weight + 1, (long long)column + 1);
    csv->weight = column;
  }
  if (csv->weight >= 0 && csv->columns == 1)
    return ift_fail(csv->context, IFT_ERR_FORMAT, "%s:%lld: no column but weight; a measure needs coordinates",
                    csv->name, (long long)csv->line);
  return IFT_OK;
}

/* Looks at the first line: how many columns, and are they names? Mixed ones are an error. */
static ift_status read_first_line(struct csv *csv, struct line line, bool *header) {
  IFT_TRY(count_columns(csv, line, &csv->columns));
  struct line rest = line;
  struct field field, text = {"", 0};
  int64_t numbers = 0, text_column = 0;
  for (int64_t column = 0; rest.at && next_field(&rest, &field); column++) {
    double value;
    if (read_number(field, &value))
      numbers++;
    else if (column == numbers) /* the first that is none, if all so far were numbers */
      text = field, text_column = column;
  }
  *header = numbers == 0;
  if (*header) return read_names(csv, line);
  if (numbers == csv->columns) return IFT_OK;
  if (text.length == 0) return no_number(csv, text_column, text, true);
  char shown[IFT_FILE_FIELD];
  ift_file_show(shown, sizeof shown, text.text, text.length);
  return ift_fail(csv->context, IFT_ERR_FORMAT,
                  "%s:%lld: column %lld is '%s' where others are numbers; a first line is all numbers or all names",
                  csv->name, (long long)csv->line, (long long)text_column + 1, shown);
}

/* First time through: the shape. Leaves `csv` at the first row. */
static ift_status read_shape(struct csv *csv) {
  IFT_TRY(skip_mark_and_blank_end(csv));
  struct csv rows = *csv;
  struct line line;
  bool header = false;
  while (next_line(&rows, &line)) {
    int64_t columns;
    if (rows.line == 1) {
      IFT_TRY(read_first_line(&rows, line, &header));
      csv->columns = rows.columns;
      csv->weight = rows.weight;
      continue;
    }
    IFT_TRY(count_columns(&rows, line, &columns));
    if (columns != rows.columns)
      return ift_fail(csv->context, IFT_ERR_FORMAT, "%s:%lld: %lld column%s, but line 1 has %lld", csv->name,
                      (long long)rows.line, (long long)columns, columns == 1 ? "" : "s", (long long)rows.columns);
  }
  csv->rows = rows.line - header;
  if (header) (void)next_line(csv, &line);
  if (csv->rows == 0)
    return ift_fail(csv->context, IFT_ERR_FORMAT, "%s: has a header but no rows; a measure needs at least one",
                    csv->name);
  return IFT_OK;
}

/* One row of numbers. */
static ift_status read_row(const struct csv *csv, struct line line, double *position, double *weight) {
  struct field field;
  for (int64_t column = 0; line.at && next_field(&line, &field); column++) {
    double value;
    if (!read_number(field, &value)) return no_number(csv, column, field, true);
    if (!isfinite(value)) return no_number(csv, column, field, false);
    if (column != csv->weight)
      *position++ = value;
    else if (value >= 0)
      *weight = value;
    else
      return ift_fail(csv->context, IFT_ERR_ARGUMENT, "%s:%lld: the weight is %g; a measure needs weights >= 0",
                      csv->name, (long long)csv->line, value);
  }
  return IFT_OK;
}

/* The second time through. */
static ift_status read_rows(struct csv *csv, ift_measure *measure) {
  struct line line;
  for (int64_t i = 0; next_line(csv, &line); i++) {
    measure->weights[i] = 1 / (double)measure->n;
    IFT_TRY(read_row(csv, line, measure->positions + i * measure->d, &measure->weights[i]));
  }
  const double mass = ift_measure_mass(measure);
  if (!isfinite(mass))
    return ift_fail(csv->context, IFT_ERR_NOT_FINITE, "%s: the sum of the weights overflows", csv->name);
  if (!(mass > 0))
    return ift_fail(csv->context, IFT_ERR_ARGUMENT, "%s: the weights sum to 0; a measure needs a positive mass",
                    csv->name);
  return IFT_OK;
}

static ift_status csv_read(ift_context *context, ift_measure **out, const char *name, const char *bytes, int64_t size) {
  struct csv csv = {.context = context, .name = name, .at = bytes, .end = bytes + size, .weight = -1};
  IFT_TRY(read_shape(&csv));
  ift_measure *measure = ift_measure_blank(context, csv.rows, csv.columns - (csv.weight >= 0));
  if (!measure) return IFT_ERR_NO_MEMORY;
  const ift_status status = read_rows(&csv, measure);
  if (status == IFT_OK)
    *out = measure;
  else
    ift_measure_destroy(measure);
  return status;
}

/* Whatever is nothing else is taken for text. */
static bool csv_matches(const char *bytes, int64_t size) {
  (void)bytes, (void)size;
  return true;
}

/* 17 significant digits give back the same double. */
static bool write_number(FILE *file, double value, char end) {
  char text[32];
  ift_number_print(text, sizeof text, "%.17g%c", value, end);
  return fputs(text, file) >= 0;
}

static bool csv_write(FILE *file, const void *user) {
  const ift_measure *measure = user;
  bool done = true;
  for (int64_t j = 0; done && j < measure->d; j++) done = fprintf(file, "x%lld,", (long long)j + 1) > 0;
  done = done && fputs("weight\n", file) >= 0;
  for (int64_t i = 0; done && i < measure->n; i++) {
    const double *x = measure->positions + i * measure->d;
    for (int64_t j = 0; done && j < measure->d; j++) done = write_number(file, x[j], ',');
    done = done && write_number(file, measure->weights[i], '\n');
  }
  return done;
}

const ift_format ift_format_csv = {"", csv_matches, csv_read, csv_write};
