/* Reading and printing numbers in the C locale and rounded to nearest, whatever the host has set. newlocale gives
 * the C library's own constant "C" locale: nothing is allocated; uselocale and fesetround change the calling thread
 * alone, and only for the time of the call. */
#define _POSIX_C_SOURCE 200809L /* newlocale, uselocale */
#include "base/number.h"

#include <errno.h>
#include <fenv.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>

/* The calling thread as numbers need it, and as it was before. */
typedef struct surroundings {
  locale_t c, before;
  int rounding;
} surroundings;

static surroundings enter(void) {
  surroundings s = {.c = newlocale(LC_ALL_MASK, "C", (locale_t)0), .rounding = fegetround()};
  s.before = s.c ? uselocale(s.c) : (locale_t)0;
  if (s.rounding != FE_TONEAREST) fesetround(FE_TONEAREST);
  return s;
}

static void leave(surroundings s) {
  if (s.rounding != FE_TONEAREST) fesetround(s.rounding);
  if (s.before) uselocale(s.before);
  if (s.c) freelocale(s.c);
}

int ift_number_vprint(char *out, size_t capacity, const char *format, va_list arguments) {
  const surroundings s = enter();
  const int length = vsnprintf(out, capacity, format, arguments);
  leave(s);
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
  const surroundings s = enter();
  char *behind;
  const double value = strtod(text, &behind);
  leave(s);
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
