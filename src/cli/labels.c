/* Names of coordinates. The library reads the numbers; a picture wants the names in the first line too. */
#define _POSIX_C_SOURCE 200809L
#include "cli/labels.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

enum { LINE = 1024 };

/* The first line, without a byte-order mark and the end of line. */
static bool read_line(char line[static LINE], const char *path) {
  struct stat state;
  if (stat(path, &state) != 0 || !S_ISREG(state.st_mode)) return false;
  FILE *file = fopen(path, "r");
  const bool got = file && fgets(line, LINE, file);
  if (file) fclose(file);
  if (!got || !strchr(line, '\n')) return false;
  line[strcspn(line, "\r\n")] = '\0';
  if (strncmp(line, "\xef\xbb\xbf", 3) == 0) memmove(line, line + 3, strlen(line + 3) + 1);
  for (const char *c = line; *c; c++)
    if ((unsigned char)*c < ' ') return false;
  return true;
}

/* A field without spaces and quotes around it. */
static char *strip(char *field) {
  field += strspn(field, " ");
  size_t length = strlen(field);
  while (length > 0 && field[length - 1] == ' ') length--;
  if (length > 1 && field[0] == '"' && field[length - 1] == '"') field++, length -= 2;
  field[length] = '\0';
  return field;
}

static bool is_number(const char *text) {
  char *end;
  (void)strtod(text, &end);
  return end != text && *end == '\0';
}

bool cli_labels_read(char labels[2][CLI_LABEL], const char *path, int64_t dim) {
  char line[LINE];
  if (!path || dim > 2 || !read_line(line, path)) return false;
  int64_t found = 0;
  for (char *field = line, *comma = line; comma; field = comma + 1) {
    comma = strchr(field, ',');
    if (comma) *comma = '\0';
    const char *name = strip(field);
    if (!*name || is_number(name)) return false;
    if (strcasecmp(name, "weight") == 0) continue;
    if (found < dim) snprintf(labels[found], CLI_LABEL, "%.*s", CLI_LABEL - 1, name);
    found++;
  }
  return found == dim;
}
