/* tests/unit/measure/files.h - what the tests of this room share: a context, a folder for files, an allocator that
 * fails. */
#ifndef TESTS_UNIT_MEASURE_FILES_H
#define TESTS_UNIT_MEASURE_FILES_H

#include "support/near.h"

#include <dirent.h>
#include <errno.h>
#include <locale.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static ift_context *context;
static char folder[64];

/* An allocator that fails once `allocations_left` calls are spent, and counts what is not given back. */
static int64_t allocations_left = INT64_MAX;
static int64_t allocations_alive;

static void *test_allocate(size_t size, void *user) {
  (void)user;
  if (allocations_left-- <= 0) return NULL;
  allocations_alive++;
  return malloc(size);
}

static void test_release(void *memory, void *user) {
  (void)user;
  allocations_alive--;
  free(memory);
}

static inline int set_up(void **state) {
  (void)state;
  strcpy(folder, "/tmp/ift-measure-XXXXXX");
  if (!mkdtemp(folder)) return -1;
  return ift_context_create_with_allocator(&context, test_allocate, test_release, NULL) == IFT_OK ? 0 : -1;
}

/* A path in the folder; valid until eight others were asked for. */
static inline const char *in_folder(const char *name) {
  static char paths[8][512];
  static int next;
  next = (next + 1) % 8;
  snprintf(paths[next], sizeof paths[next], "%s/%s", folder, name);
  return paths[next];
}

/* Number of files in the folder. */
static inline int count_files(void) {
  DIR *directory = opendir(folder);
  int count = 0;
  for (const struct dirent *entry = readdir(directory); entry; entry = readdir(directory))
    count += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
  closedir(directory);
  return count;
}

static inline void empty_folder(void) {
  DIR *directory = opendir(folder);
  for (const struct dirent *entry = readdir(directory); entry; entry = readdir(directory))
    if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0) {
      const char *path = in_folder(entry->d_name);
      if (unlink(path) != 0) rmdir(path);
    }
  closedir(directory);
}

static inline int tear_down(void **state) {
  (void)state;
  empty_folder();
  rmdir(folder);
  ift_context_destroy(context);
  return allocations_alive == 0 ? 0 : -1;
}

static inline void write_bytes(const char *path, const void *bytes, size_t size) {
  FILE *file = fopen(path, "wb");
  assert_non_null(file);
  assert_int_equal(fwrite(bytes, 1, size, file), size);
  assert_int_equal(fclose(file), 0);
}

/* The whole file, with a NUL behind it, up to 64 KB. */
static inline const char *read_bytes(const char *path, size_t *size) {
  static char bytes[65536];
  FILE *file = fopen(path, "rb");
  assert_non_null(file);
  const size_t got = fread(bytes, 1, sizeof bytes - 1, file);
  bytes[got] = '\0';
  fclose(file);
  if (size) *size = got;
  return bytes;
}

/* The bytes of a file give this error, and the message is this text, after the name of the file. */
static inline void assert_load_fails(ift_status expected, const void *bytes, size_t size, const char *message) {
  const char *path = in_folder("input");
  char full[1024];
  write_bytes(path, bytes, size);
  ift_measure *measure = (ift_measure *)&full;
  assert_status(expected, ift_measure_load(context, &measure, path));
  assert_null(measure);
  snprintf(full, sizeof full, "%s%s", path, message);
  assert_string_equal(ift_context_message(context), full);
}

static inline ift_measure *load_bytes(const void *bytes, size_t size) {
  const char *path = in_folder("input");
  ift_measure *measure;
  write_bytes(path, bytes, size);
  if (ift_measure_load(context, &measure, path) != IFT_OK) {
    print_error("%s\n", ift_context_message(context));
    fail();
  }
  return measure;
}

static inline ift_measure *make(const double *positions, int64_t n, int64_t d, const double *weights) {
  ift_measure *measure;
  assert_status(IFT_OK, ift_measure_create(context, &measure, positions, n, d, weights));
  return measure;
}

/* Runs `check` in a locale with a decimal comma: one that is installed, else one compiled into the folder. false: there
 * is none to be had. */
static inline bool with_decimal_comma(void (*check)(void)) {
  static const char *const names[] = {"de_DE.UTF-8", "de_DE.utf8", "fr_FR.UTF-8", "fr_FR.utf8", "de_DE", "fr_FR"};
  bool found = false;
  for (size_t i = 0; !found && i < sizeof names / sizeof names[0]; i++) found = setlocale(LC_ALL, names[i]) != NULL;
  char command[256];
  if (!found) {
    snprintf(command, sizeof command, "localedef -i de_DE -f UTF-8 --no-archive %s/de_DE.UTF-8 >/dev/null 2>&1",
             folder);
    found = system(command) == 0 && setenv("LOCPATH", folder, 1) == 0 && setlocale(LC_ALL, "de_DE.UTF-8");
  }
  found = found && *localeconv()->decimal_point == ',';
  if (found) check();
  setlocale(LC_ALL, "C");
  unsetenv("LOCPATH");
  snprintf(command, sizeof command, "rm -rf %s/de_DE.UTF-8", folder);
  assert_int_equal(system(command), 0);
  return found;
}

/* Calls an operation with 0, 1, 2, ... allocations allowed until it succeeds: each time before, it says NO_MEMORY,
 * gives no measure and keeps no memory. Gives back how many allocations it needs. */
static inline int64_t fail_allocations(ift_status (*operation)(ift_measure **out)) {
  for (int64_t allowed = 0; allowed < 100; allowed++) {
    const int64_t alive = allocations_alive;
    ift_measure *measure = (ift_measure *)folder;
    allocations_left = allowed;
    const ift_status status = operation(&measure);
    allocations_left = INT64_MAX;
    if (status == IFT_OK) {
      ift_measure_destroy(measure);
      assert_int_equal(allocations_alive, alive);
      return allowed;
    }
    assert_status(IFT_ERR_NO_MEMORY, status);
    assert_null(measure);
    assert_int_equal(allocations_alive, alive);
    assert_non_null(strstr(ift_context_message(context), "memory"));
  }
  fail_msg("never succeeds");
  return -1;
}

#endif
