/* measure/file.h - whole files: into memory, and onto the disk so that they are there completely or not at all. */
#ifndef MEASURE_FILE_H
#define MEASURE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/context.h"

/* Longest text that ift_file_show writes here, NUL included. */
enum { IFT_FILE_NAME = 256, IFT_FILE_FIELD = 48 };

/* Text from outside for a message of one line: control characters become '?', a long one is cut in the middle. */
void ift_file_show(char *out, size_t capacity, const char *text, size_t length);

/* The name of a file for use in messages: "-" is `standard`. */
void ift_file_show_name(char out[static IFT_FILE_NAME], const char *path, const char *standard);

/* Reads a whole file, "-" being standard input, into memory that the caller frees: `*size` bytes and a NUL behind them.
 * `name` is for the messages. */
ift_status ift_file_read(ift_context *context, char **out, int64_t *size, const char *path, const char *name);

/* Writes a file, "-" being standard output. `write` returns false, with errno set, where a write failed. A regular file
 * is written under a temporary name in its folder and renamed when complete; anything else is written directly. */
ift_status ift_file_write(ift_context *context, const char *path, bool (*write)(FILE *file, const void *user),
                          const void *user);

#endif
