/* NumPy's format for arrays, as described in numpy.lib.format: a magic string, a version, the length of the header, the
 * header (a Python dictionary as text) and the numbers. */
#include <math.h>
#include <string.h>

#include "measure/file.h"
#include "measure/formats.h"

static const char magic[] = "\x93NUMPY";
enum { MAGIC = 6 };

/* A file in memory, and where the reading is. */
struct npy {
  ift_context *context;
  const char *name;
  const char *at, *end; /* what is left of the header */
};

static uint64_t little_endian(const char *bytes, int count) {
  uint64_t value = 0;
  for (int k = count - 1; k >= 0; k--) value = value << 8 | (unsigned char)bytes[k];
  return value;
}

static double read_f8(const char *bytes) {
  const uint64_t bits = little_endian(bytes, 8);
  double value;
  memcpy(&value, &bits, sizeof value);
  return value;
}

static double read_f4(const char *bytes) {
  const uint32_t bits = (uint32_t)little_endian(bytes, 4);
  float value;
  memcpy(&value, &bits, sizeof value);
  return (double)value;
}

static double read_i8(const char *bytes) {
  const uint64_t bits = little_endian(bytes, 8);
  int64_t value;
  memcpy(&value, &bits, sizeof value);
  return (double)value;
}

static double read_i4(const char *bytes) {
  const uint32_t bits = (uint32_t)little_endian(bytes, 4);
  int32_t value;
  memcpy(&value, &bits, sizeof value);
  return (double)value;
}

static const struct item {
  const char *descr;
  int64_t size; /* bytes */
  double (*read)(const char *bytes);
} items[] = {{"<f8", 8, read_f8}, {"<f4", 4, read_f4}, {"<i4", 4, read_i4}, {"<i8", 8, read_i8}};

/* What the header says. */
struct header {
  const struct item *item;
  bool has_order, fortran_order;
  int dimensions; /* 0: no shape yet */
  int64_t shape[2];
};

static ift_status wrong_header(const struct npy *npy, const char *why) {
  return ift_fail(npy->context, IFT_ERR_FORMAT, "%s: not a valid NPY header: %s", npy->name, why);
}

static void skip_space(struct npy *npy) {
  while (npy->at < npy->end && (*npy->at == ' ' || *npy->at == '\t' || *npy->at == '\n' || *npy->at == '\r')) npy->at++;
}

/* Takes one character if it comes next. */
static bool take(struct npy *npy, char c) {
  skip_space(npy);
  if (npy->at == npy->end || *npy->at != c) return false;
  npy->at++;
  return true;
}

/* Takes a word if it comes next. */
static bool take_word(struct npy *npy, const char *word) {
  skip_space(npy);
  const size_t length = strlen(word);
  if ((size_t)(npy->end - npy->at) < length || memcmp(npy->at, word, length) != 0) return false;
  npy->at += length;
  return true;
}

/* Takes a string in quotation marks of either kind; one that doesn't fit is cut short. */
static bool take_string(struct npy *npy, char out[static IFT_FILE_FIELD]) {
  skip_space(npy);
  if (npy->at == npy->end || (*npy->at != '\'' && *npy->at != '"')) return false;
  const char *begin = npy->at + 1, *close = memchr(begin, *npy->at, (size_t)(npy->end - begin));
  if (!close) return false;
  ift_file_show(out, IFT_FILE_FIELD, begin, (size_t)(close - begin));
  npy->at = close + 1;
  return true;
}

/* Takes a whole number >= 0 (Python 2 could write an L behind it); one out of range is INT64_MAX, which no file is long
 * enough for. */
static bool take_whole(struct npy *npy, int64_t *out) {
  skip_space(npy);
  const char *begin = npy->at;
  for (*out = 0; npy->at < npy->end && *npy->at >= '0' && *npy->at <= '9'; npy->at++) {
    const int digit = *npy->at - '0';
    *out = *out > (INT64_MAX - digit) / 10 ? INT64_MAX : 10 * *out + digit;
  }
  if (npy->at == begin) return false;
  if (npy->at < npy->end && *npy->at == 'L') npy->at++;
  return true;
}

static ift_status read_descr(struct npy *npy, struct header *header) {
  static const char allowed[] = "'<f8', '<f4', '<i8' and '<i4' are read";
  char descr[IFT_FILE_FIELD];
  if (!take_string(npy, descr))
    return ift_fail(npy->context, IFT_ERR_FORMAT, "%s: the items are no plain numbers; %s", npy->name, allowed);
  for (size_t i = 0; i < sizeof items / sizeof items[0]; i++)
    if (strcmp(descr, items[i].descr) == 0) header->item = &items[i];
  if (header->item) return IFT_OK;
  return ift_fail(npy->context, IFT_ERR_FORMAT, "%s: the items are of type '%s'; %s", npy->name, descr, allowed);
}

static ift_status read_order(struct npy *npy, struct header *header) {
  header->has_order = true;
  header->fortran_order = take_word(npy, "True");
  if (header->fortran_order || take_word(npy, "False")) return IFT_OK;
  return wrong_header(npy, "fortran_order is neither True nor False");
}

static ift_status read_shape(struct npy *npy, struct header *header) {
  if (!take(npy, '(')) return wrong_header(npy, "the shape is not in parentheses");
  int dimensions = 0;
  while (!take(npy, ')')) {
    int64_t length;
    if (!take_whole(npy, &length)) return wrong_header(npy, "the shape has something else than numbers in it");
    if (dimensions < 2) header->shape[dimensions] = length;
    dimensions++;
    if (take(npy, ',')) continue;
    if (!take(npy, ')')) return wrong_header(npy, "the shape is not closed");
    break;
  }
  if (dimensions < 1 || dimensions > 2)
    return ift_fail(npy->context, IFT_ERR_FORMAT,
                    "%s: the array has %d dimensions; 1 (points on a line) and 2 (a point a row) are read", npy->name,
                    dimensions);
  if (dimensions == 1) header->shape[1] = 1;
  header->dimensions = dimensions;
  return IFT_OK;
}

/* The dictionary, its entries in any order. */
static ift_status read_header(struct npy *npy, struct header *header) {
  static const struct {
    const char *key;
    ift_status (*read)(struct npy *npy, struct header *header);
  } entries[] = {{"descr", read_descr}, {"fortran_order", read_order}, {"shape", read_shape}};
  enum { ENTRIES = sizeof entries / sizeof entries[0] };
  bool seen[ENTRIES] = {false};
  if (!take(npy, '{')) return wrong_header(npy, "it is no dictionary");
  while (!take(npy, '}')) {
    char key[IFT_FILE_FIELD];
    int entry = 0;
    if (!take_string(npy, key) || !take(npy, ':')) return wrong_header(npy, "a key and a colon are missing");
    while (entry < ENTRIES && strcmp(key, entries[entry].key) != 0) entry++;
    if (entry == ENTRIES || seen[entry])
      return wrong_header(npy, "it has something else than descr, fortran_order and shape, once each");
    seen[entry] = true;
    IFT_TRY(entries[entry].read(npy, header));
    if (take(npy, ',')) continue;
    if (!take(npy, '}')) return wrong_header(npy, "a comma or the closing brace is missing");
    break;
  }
  for (int entry = 0; entry < ENTRIES; entry++)
    if (!seen[entry]) return wrong_header(npy, "descr, fortran_order or shape is missing");
  skip_space(npy);
  return npy->at == npy->end ? IFT_OK : wrong_header(npy, "there is something behind the closing brace");
}

/* Finds the header: its length has 2 bytes in version 1, then 4. */
static ift_status find_header(struct npy *npy, const char *bytes, int64_t size) {
  if (size < MAGIC + 2) return wrong_header(npy, "the file is truncated");
  const int major = (unsigned char)bytes[MAGIC], minor = (unsigned char)bytes[MAGIC + 1];
  if (major < 1 || major > 3 || minor != 0)
    return ift_fail(npy->context, IFT_ERR_FORMAT, "%s: NPY version %d.%d; 1.0, 2.0 and 3.0 are read", npy->name, major,
                    minor);
  const int width = major == 1 ? 2 : 4, begin = MAGIC + 2 + width;
  if (size < begin) return wrong_header(npy, "the file is truncated");
  const int64_t length = (int64_t)little_endian(bytes + MAGIC + 2, width);
  if (length > size - begin) return wrong_header(npy, "the file is truncated");
  npy->at = bytes + begin;
  npy->end = npy->at + length;
  return IFT_OK;
}

/* The shape must be that of the data which is there, byte for byte. */
static ift_status check_size(const struct npy *npy, const struct header *header, int64_t size) {
  const int64_t n = header->shape[0], d = header->shape[1], item = header->item->size;
  if (n < 1 || d < 1)
    return ift_fail(npy->context, IFT_ERR_FORMAT,
                    "%s: the array is empty; a measure needs at least one row and one column", npy->name);
  const bool possible = n <= INT64_MAX / d && n * d <= INT64_MAX / item;
  if (possible && n * d * item == size) return IFT_OK;
  return ift_fail(npy->context, IFT_ERR_FORMAT, "%s: %s: %lld by %lld numbers of %lld bytes are not %lld bytes",
                  npy->name, !possible || n * d * item > size ? "is truncated" : "has data behind the array",
                  (long long)n, (long long)d, (long long)item, (long long)size);
}

static ift_status read_items(const struct npy *npy, const struct header *header, const char *data,
                             ift_measure *measure) {
  const int64_t n = measure->n, d = measure->d;
  for (int64_t i = 0; i < n; i++) {
    measure->weights[i] = 1 / (double)n;
    for (int64_t j = 0; j < d; j++) {
      const int64_t index = header->fortran_order ? j * n + i : i * d + j;
      const double value = header->item->read(data + index * header->item->size);
      if (!isfinite(value))
        return ift_fail(npy->context, IFT_ERR_NOT_FINITE,
                        "%s: row %lld, column %lld (from 1) is %g; a finite number is needed", npy->name,
                        (long long)i + 1, (long long)j + 1, isnan(value) ? fabs(value) : value);
      measure->positions[i * d + j] = value;
    }
  }
  return IFT_OK;
}

static ift_status npy_read(ift_context *context, ift_measure **out, const char *name, const char *bytes, int64_t size) {
  struct npy npy = {.context = context, .name = name};
  struct header header = {.item = NULL};
  IFT_TRY(find_header(&npy, bytes, size));
  IFT_TRY(read_header(&npy, &header));
  IFT_TRY(check_size(&npy, &header, bytes + size - npy.end));
  ift_measure *measure = ift_measure_blank(context, header.shape[0], header.shape[1]);
  if (!measure) return IFT_ERR_NO_MEMORY;
  const ift_status status = read_items(&npy, &header, npy.end, measure);
  if (status == IFT_OK)
    *out = measure;
  else
    ift_measure_destroy(measure);
  return status;
}

static bool npy_matches(const char *bytes, int64_t size) {
  return size >= MAGIC && memcmp(bytes, magic, MAGIC) == 0;
}

static bool write_item(FILE *file, double value) {
  uint64_t bits;
  unsigned char bytes[8];
  memcpy(&bits, &value, sizeof bits);
  for (int k = 0; k < 8; k++) bytes[k] = (unsigned char)(bits >> (8 * k) & 255);
  return fwrite(bytes, 1, sizeof bytes, file) == sizeof bytes;
}

/* Version 1.0. Spaces and a line feed fill the header up, so that the data begins at a multiple of 64. */
static bool write_header(FILE *file, int64_t rows, int64_t columns) {
  enum { HEADER = 128, BEGIN = MAGIC + 4, LENGTH = HEADER - BEGIN };
  char header[HEADER + 1];
  memset(header, ' ', sizeof header);
  memcpy(header, magic, MAGIC);
  header[MAGIC] = 1;
  header[MAGIC + 1] = 0;
  header[MAGIC + 2] = LENGTH;
  header[MAGIC + 3] = 0;
  const int length =
      snprintf(header + BEGIN, LENGTH, "{'descr': '<f8', 'fortran_order': False, 'shape': (%lld, %lld), }",
               (long long)rows, (long long)columns);
  header[BEGIN + length] = ' ';
  header[HEADER - 1] = '\n';
  return fwrite(header, 1, HEADER, file) == HEADER;
}

static bool npy_write(FILE *file, const void *user) {
  const ift_measure *measure = user;
  bool done = write_header(file, measure->n, measure->d + 1);
  for (int64_t i = 0; done && i < measure->n; i++) {
    for (int64_t j = 0; done && j < measure->d; j++) done = write_item(file, measure->positions[i * measure->d + j]);
    done = done && write_item(file, measure->weights[i]);
  }
  return done;
}

const ift_format ift_format_npy = {".npy", npy_matches, npy_read, npy_write};
