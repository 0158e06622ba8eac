/* measure/formats.h - the formats that a measure is read from and written in. */
#ifndef MEASURE_FORMATS_H
#define MEASURE_FORMATS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "measure/measure.h"

/* A format. `read` gets a whole file in memory, with a NUL behind its `size` bytes, and its name for the messages;
 * `write` returns false, with errno set, where a write failed. */
typedef struct ift_format {
  const char *suffix; /* of names that are written in this format; "": any other */
  bool (*matches)(const char *bytes, int64_t size);
  ift_status (*read)(ift_context *context, ift_measure **out, const char *name, const char *bytes, int64_t size);
  bool (*write)(FILE *file, const void *measure);
} ift_format;

extern const ift_format ift_format_npy, ift_format_csv;

/* All formats; the last one takes what no other does. */
enum { IFT_FORMATS = 2 };
extern const ift_format *const ift_formats[IFT_FORMATS];

#endif
