/* Outputs. A regular file is written under a temporary name in its own directory, and takes its name when all
 * outputs of the run are complete, so that a run that fails leaves every file as it was. */
#define _XOPEN_SOURCE 700 /* POSIX 2008, and realpath */
#include "cli/outputs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/message.h"

/* The outputs of this run: particles, trace, plot, chosen rows, checkpoint. */
enum { OUTPUTS = 5 };
static cli_output *outputs[OUTPUTS];
static int output_count;

/* Temporary names, for the signal handler. */
static char *volatile temporaries[OUTPUTS];

static bool refuse(const char *name, const char *why) {
  return cli_fail("%s: can't be written: %s", name, why);
}

static bool is_standard(const char *name) {
  static const char *const names[] = {"-", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"};
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
    if (strcmp(name, names[i]) == 0) return true;
  return false;
}

static char *join(const char *directory, const char *name) {
  const size_t size = strlen(directory) + strlen(name) + 2;
  char *path = malloc(size);
  if (path) snprintf(path, size, "%s/%s", directory, name);
  return path;
}

/* The name with the symbolic links that it ends in followed, to whatever is or is not at their end. */
static char *follow(const char *name) {
  enum { MOST_LINKS = 40, LONGEST = 4096 };
  char *path = strdup(name), link[LONGEST];
  for (int links = 0; path && links < MOST_LINKS; links++) {
    const ssize_t length = readlink(path, link, sizeof link - 1);
    if (length < 0) return path;
    link[length] = '\0';
    char *slash = strrchr(path, '/'), *next;
    if (link[0] == '/' || !slash) {
      next = strdup(link);
    } else {
      *slash = '\0';
      next = join(path, link);
    }
    free(path);
    path = next;
  }
  free(path);
  errno = ELOOP;
  return NULL;
}

/* The directory that a file is in or would be in, and its name there. */
static char *parent(const char *name, const char **last) {
  const char *slash = strrchr(name, '/');
  *last = slash ? slash + 1 : name;
  if (!slash) return realpath(".", NULL);
  if (slash == name) return strdup("/");
  char *directory = strdup(name);
  if (!directory) return NULL;
  directory[slash - name] = '\0';
  char *resolved = realpath(directory, NULL);
  free(directory);
  return resolved;
}

/* Creates an empty file beside the destination: so it is known before the work starts that it can be done. */
static bool create_temporary(cli_output *output, const char *directory) {
  const char *dot = strrchr(output->destination, '.');
  if (!dot || strchr(dot, '/') || strlen(dot) > 8) dot = "";
  char name[64];
  snprintf(name, sizeof name, ".ift-%ld-%d%s", (long)getpid(), output_count, dot);
  output->path = join(directory, name);
  if (!output->path) return cli_fail("out of memory");
  const int file = open(output->path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  if (file < 0) return refuse(output->name, strerror(errno));
  temporaries[output_count] = output->path;
  struct stat state;
  if (output->mode == 0 && fstat(file, &state) == 0) output->mode = state.st_mode & 0777;
  close(file);
  return true;
}

static bool prepare_regular(cli_output *output, bool exists) {
  const char *last = "";
  if (exists && access(output->name, W_OK) != 0) return refuse(output->name, strerror(errno));
  char *followed = follow(output->name), *directory = followed ? parent(followed, &last) : NULL;
  if (directory && *last) output->destination = join(directory, last);
  bool prepared = false;
  if (directory && !*last)
    refuse(output->name, "the name of a file is missing");
  else if (!output->destination)
    refuse(output->name, strerror(errno));
  else
    prepared = create_temporary(output, directory);
  free(followed);
  free(directory);
  return prepared;
}

static bool prepare_named(cli_output *output) {
  struct stat state;
  const char *name = output->name;
  const bool exists = stat(name, &state) == 0;
  if (!exists && errno != ENOENT) return refuse(name, strerror(errno));
  if (exists && S_ISDIR(state.st_mode)) return refuse(name, "it is a directory");
  if (!exists || S_ISREG(state.st_mode)) {
    output->kind = CLI_REGULAR;
    output->mode = exists ? state.st_mode & 0777 : 0;
    return prepare_regular(output, exists);
  }
  output->kind = CLI_DIRECT;
  if (access(name, W_OK) != 0) return refuse(name, strerror(errno));
  output->path = strdup(name);
  return output->path ? true : cli_fail("out of memory");
}

/* Two outputs in one file would spoil each other. */
static bool check_distinct(const cli_output *output) {
  for (int i = 0; i < output_count; i++) {
    const cli_output *other = outputs[i];
    const bool same = output->kind == CLI_STANDARD ? other->kind == CLI_STANDARD
                                                   : output->destination && other->destination &&
                                                         strcmp(output->destination, other->destination) == 0;
    if (same)
      return cli_fail("%s and %s both write to %s; give each a place of its own", other->option, output->option,
                      output->kind == CLI_STANDARD ? "standard output" : output->name);
  }
  return true;
}

static bool prepare(cli_output *output) {
  if (!*output->name) return cli_fail("%s needs the name of a file, not an empty text", output->option);
  if (!is_standard(output->name)) return prepare_named(output);
  output->kind = CLI_STANDARD;
  output->name = "standard output";
  output->path = strdup("-");
  return output->path ? true : cli_fail("out of memory");
}

bool cli_output_prepare(cli_output *output, const char *option, const char *name) {
  *output = (cli_output){.kind = CLI_NOWHERE, .option = option, .name = name};
  if (!name) return true;
  const bool prepared = prepare(output) && check_distinct(output);
  outputs[output_count++] = output;
  return prepared;
}

FILE *cli_output_open(cli_output *output) {
  if (output->kind == CLI_STANDARD) return output->stream = stdout;
  output->stream = fopen(output->path, "w");
  if (!output->stream) refuse(output->name, strerror(errno));
  return output->stream;
}

bool cli_output_broken(const cli_output *output, int error) {
  return refuse(output->name, strerror(error ? error : EIO));
}

bool cli_output_close(cli_output *output) {
  FILE *stream = output->stream;
  output->stream = NULL;
  if (!stream) return true;
  if (stream == stdout) return cli_flush_standard();
  errno = 0;
  const bool written = !ferror(stream) && fflush(stream) == 0;
  const int error = errno;
  if (fclose(stream) == 0 && written) return true;
  return cli_output_broken(output, error ? error : errno);
}

bool cli_flush_standard(void) {
  errno = 0;
  if (fflush(stdout) == 0 && !ferror(stdout)) return true;
  return refuse("standard output", strerror(errno ? errno : EIO));
}

/* What could still go wrong with a name is looked at again before the first file gets its own. */
static bool check_destinations(void) {
  for (int i = 0; i < output_count; i++) {
    struct stat state;
    if (outputs[i]->kind == CLI_REGULAR && stat(outputs[i]->destination, &state) == 0 && !S_ISREG(state.st_mode))
      return refuse(outputs[i]->name, "it is no regular file any more");
  }
  return true;
}

bool cli_output_publish(cli_output *output) {
  if (chmod(output->path, output->mode) == 0 && rename(output->path, output->destination) == 0) return true;
  return refuse(output->name, strerror(errno));
}

bool cli_outputs_commit(void) {
  if (!check_destinations()) return false;
  for (int i = 0; i < output_count; i++) {
    if (outputs[i]->kind != CLI_REGULAR) continue;
    if (!cli_output_publish(outputs[i])) return false;
    temporaries[i] = NULL;
  }
  return true;
}

void cli_outputs_unlink(void) {
  for (int i = 0; i < OUTPUTS; i++)
    if (temporaries[i]) unlink(temporaries[i]);
}

void cli_outputs_abandon(void) {
  cli_outputs_unlink();
  for (int i = 0; i < output_count; i++) {
    if (outputs[i]->stream && outputs[i]->stream != stdout) fclose(outputs[i]->stream);
    free(outputs[i]->path);
    free(outputs[i]->destination);
  }
  for (int i = 0; i < OUTPUTS; i++) temporaries[i] = NULL;
  output_count = 0;
}

bool cli_outputs_use_standard(void) {
  for (int i = 0; i < output_count; i++)
    if (outputs[i]->kind == CLI_STANDARD) return true;
  return false;
}
