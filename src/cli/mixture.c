/* Reading a mixture of Gaussians. The JSON reader sees to the grammar, this file to the shape, the library to the
 * numbers. */
#include "cli/mixture.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "cli/message.h"

/* Bytes of a file, at most: ten million numbers, more than any mixture has that can be worked with. */
static const size_t most_bytes = 250000000;

/* ---- text ---- */

/* A file on its way into the JSON reader. */
typedef struct source {
  FILE *stream;
  size_t used;
  int error; /* errno of a failure */
  bool too_long;
} source;

/* The next bytes; a byte-order mark is left out. What is wrong is told when the reader is back. */
static size_t read_bytes(void *buffer, size_t capacity, void *user) {
  source *s = user;
  errno = 0;
  size_t count = fread(buffer, 1, capacity, s->stream);
  if (ferror(s->stream)) s->error = errno ? errno : EIO;
  if (s->used == 0 && count >= 3 && memcmp(buffer, "\xef\xbb\xbf", 3) == 0)
    memmove(buffer, (char *)buffer + 3, count -= 3);
  s->used += count;
  s->too_long = s->used > most_bytes;
  return s->error || s->too_long ? (size_t)-1 : count;
}

static json_t *parse(const char *path) {
  const char *name = cli_file_name(path);
  const bool standard = strcmp(path, "-") == 0;
  source s = {.stream = standard ? stdin : fopen(path, "r")};
  json_error_t error;
  if (!s.stream) {
    cli_fail("%s: can't be read: %s", name, strerror(errno));
    return NULL;
  }
  json_t *root = json_load_callback(read_bytes, &s, JSON_REJECT_DUPLICATES | JSON_DECODE_INT_AS_REAL, &error);
  if (!standard) fclose(s.stream);
  if (root) return root;
  if (s.error)
    cli_fail("%s: can't be read: %s", name, strerror(s.error));
  else if (s.too_long)
    cli_fail("%s: longer than %zu bytes", name, most_bytes);
  else if (json_error_code(&error) == json_error_out_of_memory)
    cli_fail("out of memory");
  else
    cli_fail("%s:%d: %s", name, error.line > 0 ? error.line : 1, error.text);
  return NULL;
}

/* ---- shape ---- */

/* A place in a file, for messages. */
typedef struct place {
  const char *file;
  char name[100]; /* "means[1]" */
} place;

static place inside(const place *outer, size_t index) {
  place p = {.file = outer->file};
  snprintf(p.name, sizeof p.name, "%.70s[%zu]", outer->name, index);
  return p;
}

static const char *type_name(const json_t *value) {
  switch (json_typeof(value)) {
  case JSON_OBJECT:
    return "an object";
  case JSON_ARRAY:
    return "an array";
  case JSON_STRING:
    return "text";
  case JSON_NULL:
    return "null";
  case JSON_TRUE:
  case JSON_FALSE:
    return "true or false";
  default:
    return "a number";
  }
}

/* What an array is made of, one and many. */
typedef struct words {
  const char *one, *many;
} words;

static const words numbers = {"number", "numbers"}, entries = {"entry", "entries"}, rows = {"row", "rows"};

/* An array of `wanted` things, as many as there are numbers in `like`; 0: at least one. */
static bool check_array(const json_t *value, const place *p, const words *of, size_t wanted, const char *like) {
  if (!json_is_array(value))
    return cli_fail("%s: %s is %s; it must be an array of %s", p->file, p->name, type_name(value), of->many);
  const size_t size = json_array_size(value);
  if (size == 0) return cli_fail("%s: %s is empty", p->file, p->name);
  if (!wanted || size == wanted) return true;
  return cli_fail("%s: %s has %zu %s, %s has %zu", p->file, p->name, size, size == 1 ? of->one : of->many, like,
                  wanted);
}

static bool check_numbers(const json_t *value, const place *p, size_t wanted, const char *like) {
  if (!check_array(value, p, &numbers, wanted, like)) return false;
  for (size_t i = 0; i < json_array_size(value); i++) {
    const json_t *entry = json_array_get(value, i);
    if (!json_is_number(entry))
      return cli_fail("%s: %s[%zu] is %s; it must be a number", p->file, p->name, i, type_name(entry));
  }
  return true;
}

static bool check_means(const json_t *means, const place *p, size_t count, size_t *dim) {
  if (!check_array(means, p, &entries, count, "weights")) return false;
  for (size_t k = 0; k < count; k++) {
    const place at = inside(p, k);
    if (!check_numbers(json_array_get(means, k), &at, *dim, "means[0]")) return false;
    *dim = json_array_size(json_array_get(means, k));
  }
  return true;
}

static bool check_covariances(const json_t *covariances, const place *p, size_t count, size_t dim) {
  if (!check_array(covariances, p, &entries, count, "weights")) return false;
  for (size_t k = 0; k < count; k++) {
    const json_t *matrix = json_array_get(covariances, k);
    const place at = inside(p, k);
    if (!check_array(matrix, &at, &rows, dim, "means[0]")) return false;
    for (size_t i = 0; i < dim; i++) {
      const place row = inside(&at, i);
      if (!check_numbers(json_array_get(matrix, i), &row, dim, "means[0]")) return false;
    }
  }
  return true;
}

enum { WEIGHTS, MEANS, COVARIANCES, MEMBERS };
static const char *const member_names[MEMBERS] = {"weights", "means", "covariances"};

static bool find_members(json_t *root, json_t *members[MEMBERS], const char *file) {
  const char *name;
  json_t *value;
  if (!json_is_object(root))
    return cli_fail("%s: a mixture is an object {\"weights\": ..., \"means\": ..., \"covariances\": ...}; this is %s",
                    file, type_name(root));
  json_object_foreach(root, name, value) {
    int i = 0;
    while (i < MEMBERS && strcmp(name, member_names[i]) != 0) i++;
    if (i == MEMBERS)
      return cli_fail("%s: unknown member \"%.64s\"; a mixture has weights, means and covariances", file, name);
    members[i] = value;
  }
  for (int i = 0; i < MEMBERS; i++)
    if (!members[i]) return cli_fail("%s: the member \"%s\" is missing", file, member_names[i]);
  return true;
}

/* ---- numbers ---- */

/* Copies the numbers of an array of arrays, row after row; gives the place behind the last one. */
static double *flatten(double *out, const json_t *value) {
  if (json_is_number(value)) {
    *out = json_number_value(value);
    return out + 1;
  }
  for (size_t i = 0; i < json_array_size(value); i++) out = flatten(out, json_array_get(value, i));
  return out;
}

static bool fill(cli_mixture *mixture, json_t *root, const char *file) {
  json_t *members[MEMBERS] = {NULL};
  size_t d = 0;
  place places[MEMBERS];
  for (int i = 0; i < MEMBERS; i++) {
    places[i].file = file;
    snprintf(places[i].name, sizeof places[i].name, "%s", member_names[i]);
  }
  if (!find_members(root, members, file) || !check_numbers(members[WEIGHTS], &places[WEIGHTS], 0, NULL)) return false;
  const size_t count = json_array_size(members[WEIGHTS]);
  if (!check_means(members[MEANS], &places[MEANS], count, &d) ||
      !check_covariances(members[COVARIANCES], &places[COVARIANCES], count, d))
    return false;
  mixture->count = (int64_t)count;
  mixture->dim = (int64_t)d;
  mixture->weights = malloc(count * sizeof(double));
  mixture->means = malloc(count * d * sizeof(double));
  mixture->covariances = malloc(count * d * d * sizeof(double));
  mixture->factors = malloc(count * d * d * sizeof(double));
  mixture->logs = malloc(count * sizeof(double));
  mixture->work = malloc(count * (d + 1) * sizeof(double));
  if (!mixture->weights || !mixture->means || !mixture->covariances || !mixture->factors || !mixture->logs ||
      !mixture->work)
    return cli_fail("out of memory");
  flatten(mixture->weights, members[WEIGHTS]);
  flatten(mixture->means, members[MEANS]);
  flatten(mixture->covariances, members[COVARIANCES]);
  return true;
}

bool cli_mixture_load(cli_mixture *mixture, ift_context *context, ift_target **out, const char *path) {
  *mixture = (cli_mixture){.count = 0};
  json_t *root = parse(path);
  const bool read = root && fill(mixture, root, cli_file_name(path));
  json_decref(root);
  return read && cli_mixture_prepare(mixture, context, out, path);
}

void cli_mixture_free(cli_mixture *mixture) {
  double *const owned[] = {mixture->weights, mixture->means, mixture->covariances,
                           mixture->factors, mixture->logs,  mixture->work};
  for (size_t i = 0; i < sizeof owned / sizeof owned[0]; i++) free(owned[i]);
  *mixture = (cli_mixture){.count = 0};
}
