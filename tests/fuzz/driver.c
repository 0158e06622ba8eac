/* A main function for a fuzz target built without libFuzzer: runs it on every file of its corpus, or on the files and
 * folders given.
 *
 * Each file has a process of its own, so that one that crashes is one failure. Cases are reported as cmocka does, for
 * run-tests.sh. */
#define _GNU_SOURCE /* scandir's alphasort */
#include "fuzz/fuzz.h"

#include <dirent.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PATH = 1024, LARGEST = 1 << 20, SECONDS = 100 };

static int passed, failed;

/* The whole file through the target, in this process. */
static void run_input(const char *path) {
  static uint8_t buffer[LARGEST];
  FILE *file = fopen(path, "rb");
  require(file);
  const size_t size = fread(buffer, 1, sizeof buffer, file);
  require(!ferror(file) && size < sizeof buffer);
  fclose(file);
  uint8_t *data = malloc(size > 0 ? size : 1); /* so that reading behind the end is noticed */
  require(data);
  memcpy(data, buffer, size);
  LLVMFuzzerTestOneInput(data, size);
  free(data);
}

static void run_file(const char *path) {
  printf("[ RUN      ] %s\n", path);
  fflush(stdout);
  const pid_t child = fork();
  if (child == 0) {
    alarm(SECONDS);
    run_input(path);
    exit(0);
  }
  int status = 1;
  if (child < 0 || waitpid(child, &status, 0) != child) status = 1;
  if (status == 0) {
    passed++;
    printf("[       OK ] %s\n", path);
  } else {
    failed++;
    printf("[  FAILED  ] %s: %s %d\n", path, WIFSIGNALED(status) ? "signal" : "status",
           WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
  }
}

static int is_visible(const struct dirent *entry) {
  return entry->d_name[0] != '.';
}

/* A file, or all files of a folder in the order of their names. */
static void run_path(const char *path) {
  struct stat state;
  struct dirent **entries;
  if (stat(path, &state) == 0 && !S_ISDIR(state.st_mode)) {
    run_file(path);
    return;
  }
  const int count = scandir(path, &entries, is_visible, alphasort);
  if (count < 0) {
    printf("%s: can't be read\n", path);
    failed++;
  }
  for (int i = 0; i < count; i++) {
    char name[PATH];
    require(snprintf(name, sizeof name, "%s/%s", path, entries[i]->d_name) < (int)sizeof name);
    run_file(name);
    free(entries[i]);
  }
  if (count >= 0) free(entries);
}

/* .../fuzz_csv has its corpus in tests/fuzz/corpus/csv. */
static void run_corpus(const char *program) {
  const char *slash = strrchr(program, '/'), *name = slash ? slash + 1 : program;
  char path[PATH];
  if (strncmp(name, "fuzz_", 5) == 0) name += 5;
  require(snprintf(path, sizeof path, "tests/fuzz/corpus/%s", name) < (int)sizeof path);
  run_path(path);
}

int main(int argc, char **argv) {
  for (int i = 1; i < argc; i++) run_path(argv[i]);
  if (argc == 1) run_corpus(argv[0]);
  if (passed + failed == 0) {
    printf("no cases\n");
    failed++;
  }
  printf("%d passed, %d failed\n", passed, failed);
  return failed > 0;
}
