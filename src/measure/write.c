/* Writing a whole file: under a temporary name first, so that what has the file's own name is always complete. */
#define _POSIX_C_SOURCE 200809L
#include "measure/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/number.h"

/* What is to be written where. */
struct output {
  const char *path;
  bool (*write)(FILE *file, const void *user);
  const void *user;
  char target[PATH_MAX];    /* the path with symbolic links followed */
  char temporary[PATH_MAX]; /* a name in the folder of the target */
  bool exists;
  mode_t mode; /* permissions of the file that exists */
};

/* All functions below return 0 or an errno. */

static int failure(void) {
  return errno ? errno : EIO;
}

/* Calls back and closes; the first error counts. */
static int write_and_close(const struct output *output, FILE *file) {
  int error = 0;
  errno = 0;
  if (!output->write(file, output->user) || fflush(file) != 0) error = failure();
  errno = 0;
  if (fclose(file) != 0 && !error) error = failure();
  return error;
}

/* Takes the descriptor over, -1 included. */
static int write_descriptor(const struct output *output, int descriptor) {
  if (descriptor < 0) return failure();
  FILE *file = fdopen(descriptor, "wb");
  if (file) return write_and_close(output, file);
  const int error = failure();
  close(descriptor);
  return error;
}

static int write_stream(const struct output *output, FILE *file) {
  errno = 0;
  return output->write(file, output->user) && fflush(file) == 0 ? 0 : failure();
}

/* Names of what the process has open already: opening it anew would start again at its beginning. -1: none of these. */
static int open_descriptor(const char *path) {
  static const struct {
    const char *name;
    int descriptor;
  } names[] = {{"-", 1}, {"/dev/stdout", 1}, {"/dev/stderr", 2}};
  static const char *const folders[] = {"/dev/fd/", "/proc/self/fd/"};
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
    if (strcmp(path, names[i].name) == 0) return names[i].descriptor;
  for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++) {
    const size_t length = strlen(folders[i]);
    const char *digits = path + length;
    int64_t number;
    if (strncmp(path, folders[i], length) == 0 && *digits && digits[strspn(digits, "0123456789")] == '\0' &&
        ift_number_parse_integer(digits, &number) && number <= INT_MAX)
      return (int)number;
  }
  return -1;
}

/* The folder of a path with its last slash, and `last` behind it. */
static int join(char out[static PATH_MAX], const char *path, const char *last) {
  const char *slash = strrchr(path, '/');
  const int folder = slash ? (int)(slash - path) + 1 : 0;
  const int length = snprintf(out, PATH_MAX, "%.*s%s", folder, path, last);
  return length >= 0 && length < PATH_MAX ? 0 : ENAMETOOLONG;
}

/* Follows the symbolic links that the path ends in, whether or not there is something at their end. */
static int resolve(struct output *output) {
  enum { MOST_LINKS = 40 }; /* as Linux */
  if (strlen(output->path) >= sizeof output->target) return ENAMETOOLONG;
  memcpy(output->target, output->path, strlen(output->path) + 1);
  for (int links = 0; links <= MOST_LINKS; links++) {
    char from[PATH_MAX], link[PATH_MAX];
    const ssize_t length = readlink(output->target, link, sizeof link - 1);
    if (length < 0) return errno == EINVAL || errno == ENOENT ? 0 : failure();
    link[length] = '\0';
    memcpy(from, output->target, sizeof from);
    const int error = join(output->target, link[0] == '/' ? "" : from, link);
    if (error) return error;
  }
  return ELOOP;
}

/* An empty file of a new name beside the target; its descriptor or -1 with errno set. */
static int create_temporary(struct output *output) {
  enum { MOST_NAMES = 10000 };
  char name[64];
  for (int counter = 0; counter < MOST_NAMES; counter++) {
    (void)snprintf(name, sizeof name, ".ift-%ld-%d.tmp", (long)getpid(), counter);
    errno = join(output->temporary, output->target, name);
    if (errno) return -1;
    const int descriptor = open(output->temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (descriptor >= 0 || errno != EEXIST) return descriptor;
  }
  return -1;
}

/* May the file that exists be written? Renaming would replace a write-protected one without asking. */
static int check_writable(const char *path) {
  const int descriptor = open(path, O_WRONLY | O_CLOEXEC);
  if (descriptor < 0) return failure();
  close(descriptor);
  return 0;
}

static int write_regular(struct output *output) {
  int error = resolve(output);
  if (!error && output->exists) error = check_writable(output->target);
  if (error) return error;
  const int descriptor = create_temporary(output);
  if (descriptor < 0) return failure();
  if (output->exists && fchmod(descriptor, output->mode) != 0) {
    error = failure();
    close(descriptor);
  } else {
    error = write_descriptor(output, descriptor);
  }
  if (!error && rename(output->temporary, output->target) != 0) error = failure();
  if (error) (void)unlink(output->temporary);
  return error;
}

static int write_named(struct output *output) {
  const int descriptor = open_descriptor(output->path);
  if (descriptor == 1) return write_stream(output, stdout); /* what the host has buffered comes first */
  if (descriptor >= 0) return write_descriptor(output, fcntl(descriptor, F_DUPFD_CLOEXEC, 0));
  struct stat state;
  output->exists = stat(output->path, &state) == 0;
  if (!output->exists && errno != ENOENT) return failure();
  if (output->exists && !S_ISREG(state.st_mode))
    return write_descriptor(output, open(output->path, O_WRONLY | O_NOCTTY | O_CLOEXEC));
  if (output->exists) output->mode = state.st_mode & 0777;
  return write_regular(output);
}

ift_status ift_file_write(ift_context *context, const char *path, bool (*write)(FILE *file, const void *user),
                          const void *user) {
  struct output output = {.path = path, .write = write, .user = user};
  const int error = write_named(&output);
  if (!error) return IFT_OK;
  char name[IFT_FILE_NAME], reason[128] = "unknown error";
  ift_file_show_name(name, path, "standard output");
  (void)strerror_r(error, reason, sizeof reason);
  return ift_fail(context, error == ENOMEM ? IFT_ERR_NO_MEMORY : IFT_ERR_FILE, "%s: can't be written: %s", name,
                  reason);
}
