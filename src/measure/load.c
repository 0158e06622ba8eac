/* Reading and writing measures: which file, which format. */
#include <string.h>

#include "base/alloc.h"
#include "measure/file.h"
#include "measure/formats.h"

const ift_format *const ift_formats[IFT_FORMATS] = {&ift_format_npy, &ift_format_csv};

ift_status ift_measure_load(ift_context *context, ift_measure **out, const char *path) {
  if (!out) return ift_fail(context, IFT_ERR_ARGUMENT, "out is NULL; it gets the new measure");
  *out = NULL;
  if (!context) return IFT_ERR_ARGUMENT;
  if (!path) return ift_fail(context, IFT_ERR_ARGUMENT, "path is NULL; it names the file to read, or is \"-\"");
  char name[IFT_FILE_NAME], *bytes;
  int64_t size;
  ift_file_show_name(name, path, "standard input");
  IFT_TRY(ift_file_read(context, &bytes, &size, path, name));
  int format = 0;
  while (!ift_formats[format]->matches(bytes, size)) format++;
  const ift_status status = ift_formats[format]->read(context, out, name, bytes, size);
  ift_free(context, bytes);
  return status;
}

static bool ends_in(const char *text, const char *suffix) {
  const size_t length = strlen(text), end = strlen(suffix);
  return length >= end && strcmp(text + length - end, suffix) == 0;
}

ift_status ift_measure_save(const ift_measure *measure, const char *path) {
  if (!measure) return IFT_ERR_ARGUMENT;
  ift_context *context = measure->object.context;
  if (!path) return ift_fail(context, IFT_ERR_ARGUMENT, "path is NULL; it names the file to write, or is \"-\"");
  int format = 0;
  while (!ends_in(path, ift_formats[format]->suffix)) format++;
  return ift_file_write(context, path, ift_formats[format]->write, measure);
}
