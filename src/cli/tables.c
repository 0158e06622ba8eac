/* The library's catalogue, by name. */
#include "cli/tables.h"

#include <stdio.h>
#include <string.h>

#include <ift.h>

static char plain(char c) {
  return c == '_' ? '-' : c;
}

bool cli_same_name(const char *a, const char *b) {
  while (*a && plain(*a) == plain(*b)) a++, b++;
  return plain(*a) == plain(*b);
}

int64_t cli_entry(const char *noun, const char *name) {
  const int64_t count = ift_option_count();
  for (int64_t i = 0; i < count; i++)
    if (strcmp(ift_option_noun(i), noun) == 0 && cli_same_name(ift_option_name(i), name)) return i;
  return -1;
}

/* Levenshtein's distance, of names of up to 63 characters. */
int cli_distance(const char *a, const char *b) {
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

void cli_kind_names(const char *noun, char *out, size_t capacity) {
  size_t length = 0;
  out[0] = '\0';
  for (int64_t i = 0; i < ift_kind_count(); i++) {
    if (strcmp(ift_kind_noun(i), noun) != 0 || length >= capacity) continue;
    const int more = snprintf(out + length, capacity - length, "%s%s", length ? ", " : "", ift_kind_name(i));
    length += more > 0 ? (size_t)more : 0;
  }
}
