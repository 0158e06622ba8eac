/* base/number.h - numbers as text, as in the C locale whatever the locale of the host. */
#ifndef BASE_NUMBER_H
#define BASE_NUMBER_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* vsnprintf with a decimal point. */
int ift_number_vprint(char *out, size_t capacity, const char *format, va_list arguments);
int ift_number_print(char *out, size_t capacity, const char *format, ...)
#if defined(__GNUC__)
    __attribute__((format(printf, 3, 4)))
#endif
    ;

/* Reads a real (also nan and inf, decimal or hexadecimal) that starts at `text`; `*end` is behind it. false: there
 * is none. */
bool ift_number_read(const char *text, const char **end, double *out);

/* The whole text is one number, but for spaces around it. A real beyond the range of double reads as infinite. */
bool ift_number_parse(const char *text, double *out);
bool ift_number_parse_integer(const char *text, int64_t *out);

#endif
