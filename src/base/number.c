/* Reading and printing numbers in the C locale. newlocale gives the C library's own constant "C" locale: nothing is
 * allocated, and uselocale changes the calling thread alone, and only while a number is printed. */
#define _GNU_SOURCE /* strtod_l; newlocale and uselocale are POSIX 2008 */
#include "base/number.h"

#include <errno.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>

static locale_t c_locale(void) {
  return newlocale(LC_ALL_MASK, "C", (locale_t)0);
}

int ift_number_vprint(char *out, size_t capacity, const char *format, va_list arguments) {
  const locale_t c = c_locale();
  const locale_t before = c ? uselocale(c) : (locale_t)0;
  const int length = vsnprintf(out, capacity, format, arguments);
  if (before) uselocale(before);
  if (c) freelocale(c);
  return length;
}

int ift_number_print(char *out, size_t capacity, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  const int length = ift_number_vprint(out, capacity, format, arguments);
  va_end(arguments);
  return length;
}

bool ift_number_read(const char *text, const char **end, double *out) {
  const locale_t c = c_locale();
  char *behind;
  const double value = strtod_l(text, &behind, c);
  if (c) freelocale(c);
  if (behind == text) return false;
  *out = value;
  *end = behind;
  return true;
}

/* Only spaces from here on. */
static bool blank(const char *text) {
  while (*text == ' ' || *text == '\t') text++;
  return *text == '\0';
}

bool ift_number_parse(const char *text, double *out) {
  const char *end;
  double value;
  if (!ift_number_read(text, &end, &value) || !blank(end)) return false;
  *out = value;
  return true;
}

bool ift_number_parse_integer(const char *text, int64_t *out) {
  char *end;
  const int before = errno;
  errno = 0;
  const long long value = strtoll(text, &end, 10);
  const bool fits = errno == 0;
  errno = before;
  if (end == text || !fits || !blank(end)) return false;
  *out = (int64_t)value;
  return true;
}
