/* Reading a whole file, and how files are called in messages. */
#define _POSIX_C_SOURCE 200809L
#include "measure/file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"

void ift_file_show(char *out, size_t capacity, const char *text, size_t length) {
  const size_t room = capacity - 1, head = (room - 3) / 2, tail = room - 3 - head;
  if (length <= room) {
    memcpy(out, text, length);
  } else {
    memcpy(out, text, head);
    memcpy(out + head, "...", 3);
    memcpy(out + head + 3, text + length - tail, tail);
    length = room;
  }
  out[length] = '\0';
  for (size_t i = 0; i < length; i++)
    if ((unsigned char)out[i] < ' ' || out[i] == 127) out[i] = '?';
}

void ift_file_show_name(char out[static IFT_FILE_NAME], const char *path, const char *standard) {
  if (strcmp(path, "-") == 0) path = standard;
  if (!*path) path = "''";
  ift_file_show(out, IFT_FILE_NAME, path, strlen(path));
}

static ift_status refuse(ift_context *context, const char *name, int error) {
  char reason[128] = "unknown error";
  (void)strerror_r(error, reason, sizeof reason);
  return ift_fail(context, error == ENOMEM ? IFT_ERR_NO_MEMORY : IFT_ERR_FILE, "%s: can't be read: %s", name, reason);
}

static FILE *open_for_reading(const char *path) {
  const int descriptor = open(path, O_RDONLY | O_CLOEXEC);
  FILE *file = descriptor >= 0 ? fdopen(descriptor, "rb") : NULL;
  if (!file && descriptor >= 0) {
    const int error = errno;
    close(descriptor);
    errno = error;
  }
  return file;
}

/* Room for the file as its size is now (it may be longer by the time it is read, and pipes tell none), with one byte
 * more for the end to show and one for the NUL. */
static int64_t first_capacity(FILE *file) {
  struct stat state;
  if (fstat(fileno(file), &state) == 0 && S_ISREG(state.st_mode) && state.st_size > 0)
    return (int64_t)state.st_size + 2;
  return 65536;
}

/* Doubles the memory. On IFT_ERR_NO_MEMORY the old one stays. */
static ift_status grow(ift_context *context, char **bytes, int64_t *capacity, int64_t size) {
  char *more = *capacity <= INT64_MAX / 2 ? ift_alloc(context, 2 * *capacity, 1) : NULL;
  if (!more) return IFT_ERR_NO_MEMORY;
  memcpy(more, *bytes, (size_t)size);
  ift_free(context, *bytes);
  *bytes = more;
  *capacity *= 2;
  return IFT_OK;
}

static ift_status read_all(ift_context *context, char **bytes, int64_t *size, FILE *file, const char *name) {
  int64_t capacity = first_capacity(file);
  *size = 0;
  *bytes = ift_alloc(context, capacity, 1);
  if (!*bytes) return IFT_ERR_NO_MEMORY;
  for (;;) {
    errno = 0;
    const size_t got = fread(*bytes + *size, 1, (size_t)(capacity - 1 - *size), file);
    if (ferror(file)) return refuse(context, name, errno ? errno : EIO);
    *size += (int64_t)got;
    if (feof(file)) break;
    if (*size == capacity - 1) IFT_TRY(grow(context, bytes, &capacity, *size));
  }
  (*bytes)[*size] = '\0';
  return IFT_OK;
}

ift_status ift_file_read(ift_context *context, char **out, int64_t *size, const char *path, const char *name) {
  const bool standard = strcmp(path, "-") == 0;
  *out = NULL;
  FILE *file = standard ? stdin : open_for_reading(path);
  if (!file) return refuse(context, name, errno);
  const ift_status status = read_all(context, out, size, file, name);
  if (!standard) (void)fclose(file); /* nothing was written: no data can be lost */
  if (status != IFT_OK) {
    ift_free(context, *out);
    *out = NULL;
  }
  return status;
}
