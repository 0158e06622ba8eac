/* Writing: what is in the file, which reads back bit for bit, and what happens to the file that was there. */
#define _XOPEN_SOURCE 700
#include "files.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>

static const double positions[] = {1, -2.5, 0.1, 1e-320, -0.0, 1.7976931348623157e308};
static const double weights[] = {0.25, 0, 3};
static const char csv[] = "x1,x2,weight\n"
                          "1,-2.5,0.25\n"
                          "0.10000000000000001,9.9998886718268301e-321,0\n"
                          "-0,1.7976931348623157e+308,3\n";

static ift_measure *sample(void) {
  return make(positions, 3, 2, weights);
}

static void save(const ift_measure *measure, const char *path) {
  if (ift_measure_save(measure, path) != IFT_OK) {
    print_error("%s\n", ift_context_message(context));
    fail();
  }
}

static void assert_content(const char *path, const char *expected) {
  assert_string_equal(read_bytes(path, NULL), expected);
}

static mode_t mode_of(const char *path) {
  struct stat state;
  assert_int_equal(stat(path, &state), 0);
  return state.st_mode & 07777;
}

static void check_csv(void) {
  ift_measure *measure = sample(), *back;
  const char *path = in_folder("out.csv");
  save(measure, path);
  assert_content(path, csv);
  assert_status(IFT_OK, ift_measure_load(context, &back, path));
  assert_int_equal(ift_measure_size(back), 3);
  assert_int_equal(ift_measure_dim(back), 2);
  assert_memory_equal(ift_measure_positions(back), positions, sizeof positions);
  assert_memory_equal(ift_measure_weights(back), weights, sizeof weights);
  ift_measure_destroy(back);
  ift_measure_destroy(measure);
  empty_folder();
}

static void test_csv(void **state) {
  (void)state;
  check_csv();
}

static void test_csv_in_a_locale_with_decimal_comma(void **state) {
  (void)state;
  static bool ran;
  ran = with_decimal_comma(check_csv);
  if (!ran) skip();
}

static void test_npy(void **state) {
  (void)state;
  static const char header[] = "\x93NUMPY\1\0v\0{'descr': '<f8', 'fortran_order': False, 'shape': (3, 3), }";
  const double table[] = {1, -2.5, 0.25, 0.1, 1e-320, 0, -0.0, 1.7976931348623157e308, 3};
  ift_measure *measure = sample(), *back;
  const char *path = in_folder("out.npy");
  save(measure, path);
  size_t size;
  const char *bytes = read_bytes(path, &size);
  assert_int_equal(size, 128 + sizeof table);
  assert_memory_equal(bytes, header, sizeof header - 1);
  for (size_t i = sizeof header - 1; i < 127; i++) assert_int_equal(bytes[i], ' ');
  assert_int_equal(bytes[127], '\n');
  /* read without weights: all three columns are coordinates */
  assert_status(IFT_OK, ift_measure_load(context, &back, path));
  assert_int_equal(ift_measure_dim(back), 3);
  assert_memory_equal(ift_measure_positions(back), table, sizeof table);
  ift_measure_destroy(back);
  ift_measure_destroy(measure);
  empty_folder();
}

static void test_many_numbers_read_back(void **state) {
  (void)state;
  enum { N = 2000 };
  static double x[N], w[N];
  uint64_t bits = 88172645463325252u;
  for (int i = 0; i < N; i++) {
    do { /* xorshift64 (Marsaglia 2003) */
      bits ^= bits << 13, bits ^= bits >> 7, bits ^= bits << 17;
      memcpy(&x[i], &bits, sizeof x[i]);
    } while (!isfinite(x[i]));
    w[i] = (double)(bits >> 11) * 0x1p-53;
  }
  ift_measure *measure = make(x, N, 1, w), *back;
  save(measure, in_folder("out"));
  assert_status(IFT_OK, ift_measure_load(context, &back, in_folder("out")));
  assert_memory_equal(ift_measure_positions(back), x, sizeof x);
  assert_memory_equal(ift_measure_weights(back), w, sizeof w);
  ift_measure_destroy(back);
  ift_measure_destroy(measure);
  empty_folder();
}

static void test_replaces_and_keeps_the_mode(void **state) {
  (void)state;
  ift_measure *measure = sample();
  const char *path = in_folder("out.csv"), *fresh = in_folder("fresh.csv");
  write_bytes(path, "old", 3);
  assert_int_equal(chmod(path, 0640), 0);
  save(measure, path);
  assert_content(path, csv);
  assert_int_equal(mode_of(path), 0640);
  const mode_t mask = umask(027);
  save(measure, fresh);
  umask(mask);
  assert_int_equal(mode_of(fresh), 0640);
  assert_int_equal(count_files(), 2); /* no temporary file stays */
  ift_measure_destroy(measure);
  empty_folder();
}

static void test_follows_symbolic_links(void **state) {
  (void)state;
  ift_measure *measure = sample();
  struct stat info;
  assert_int_equal(mkdir(in_folder("inner"), 0700), 0);
  write_bytes(in_folder("inner/data.csv"), "old", 3);
  assert_int_equal(symlink("inner/data.csv", in_folder("first")), 0);
  assert_int_equal(symlink(in_folder("first"), in_folder("second")), 0);
  save(measure, in_folder("second"));
  assert_content(in_folder("inner/data.csv"), csv);
  assert_int_equal(lstat(in_folder("first"), &info), 0);
  assert_true(S_ISLNK(info.st_mode));
  assert_int_equal(lstat(in_folder("second"), &info), 0);
  assert_true(S_ISLNK(info.st_mode));
  /* a link to a file that is not there yet */
  assert_int_equal(symlink("inner/new.csv", in_folder("third")), 0);
  save(measure, in_folder("third"));
  assert_content(in_folder("inner/new.csv"), csv);
  assert_int_equal(lstat(in_folder("third"), &info), 0);
  assert_true(S_ISLNK(info.st_mode));
  /* links in a circle */
  assert_int_equal(symlink("circle", in_folder("circle")), 0);
  assert_status(IFT_ERR_FILE, ift_measure_save(measure, in_folder("circle")));
  ift_measure_destroy(measure);
  unlink(in_folder("inner/data.csv"));
  unlink(in_folder("inner/new.csv"));
  empty_folder();
}

static void assert_save_fails(const ift_measure *measure, const char *path, const char *message) {
  char full[1024];
  assert_status(IFT_ERR_FILE, ift_measure_save(measure, path));
  snprintf(full, sizeof full, "%s: can't be written: %s", path, message);
  assert_string_equal(ift_context_message(context), full);
}

static void test_places_that_cannot_be_written(void **state) {
  (void)state;
  ift_measure *measure = sample();
  assert_save_fails(measure, folder, "Is a directory");
  assert_save_fails(measure, in_folder("missing/out.csv"), "No such file or directory");
  assert_save_fails(measure, in_folder("missing/"), "No such file or directory");
  write_bytes(in_folder("file"), "old", 3);
  assert_save_fails(measure, in_folder("file/out.csv"), "Not a directory");
  assert_content(in_folder("file"), "old");
  if (access("/dev/full", W_OK) == 0) assert_save_fails(measure, "/dev/full", "No space left on device");
  assert_save_fails(measure, "/dev/fd/987", "Bad file descriptor");
  assert_status(IFT_ERR_FILE, ift_measure_save(measure, ""));
  assert_string_equal(ift_context_message(context), "'': can't be written: No such file or directory");
  static char path[10000];
  memset(path, 'a', sizeof path - 1);
  assert_status(IFT_ERR_FILE, ift_measure_save(measure, path));
  assert_status(IFT_ERR_ARGUMENT, ift_measure_save(measure, NULL));
  assert_status(IFT_ERR_ARGUMENT, ift_measure_save(NULL, path));
  ift_measure_destroy(measure);
  empty_folder();
}

/* A disk that is full in the middle of the file; in a process of its own, which the limit holds for. */
static void test_failure_leaves_the_old_file(void **state) {
  (void)state;
  const char *path = in_folder("out.csv");
  write_bytes(path, "old", 3);
  const pid_t child = fork();
  if (child == 0) {
    static double x[20000];
    const struct rlimit limit = {10000, 10000};
    ift_measure *measure;
    signal(SIGXFSZ, SIG_IGN);
    if (ift_measure_create(context, &measure, x, 20000, 1, NULL) != IFT_OK) _exit(1);
    if (setrlimit(RLIMIT_FSIZE, &limit) != 0) _exit(2);
    if (ift_measure_save(measure, path) != IFT_ERR_FILE) _exit(3);
    if (!strstr(ift_context_message(context), ": can't be written: File too large")) _exit(4);
    if (ift_measure_save(measure, in_folder("new.csv")) != IFT_ERR_FILE) _exit(5);
    _exit(0);
  }
  int status;
  assert_int_equal(waitpid(child, &status, 0), child);
  assert_int_equal(WIFEXITED(status) ? WEXITSTATUS(status) : -1, 0);
  assert_content(path, "old");
  assert_int_equal(count_files(), 1);
  empty_folder();
}

/* What is run by root is tried as another user, in a process of its own: root may write anything. */
static void test_write_protected(void **state) {
  (void)state;
  const char *path = in_folder("out.csv");
  write_bytes(path, "old", 3);
  assert_int_equal(chmod(path, 0444), 0);
  assert_int_equal(chmod(folder, 0777), 0);
  const pid_t child = fork();
  if (child == 0) {
    enum { NOBODY = 65534 };
    ift_measure *measure;
    if (geteuid() == 0 && (setgid(NOBODY) != 0 || setuid(NOBODY) != 0)) _exit(1);
    if (ift_measure_create(context, &measure, positions, 3, 2, weights) != IFT_OK) _exit(2);
    if (ift_measure_save(measure, path) != IFT_ERR_FILE) _exit(3);
    if (!strstr(ift_context_message(context), ": can't be written: Permission denied")) _exit(4);
    if (ift_measure_save(measure, in_folder("new.csv")) != IFT_OK) _exit(5);
    _exit(0);
  }
  int status;
  assert_int_equal(waitpid(child, &status, 0), child);
  assert_int_equal(WIFEXITED(status) ? WEXITSTATUS(status) : -1, 0);
  assert_content(path, "old");
  assert_content(in_folder("new.csv"), csv);
  assert_int_equal(count_files(), 2);
  empty_folder();
}

/* A temporary file that a process which was killed left behind is in nobody's way. */
static void test_leftover_temporary(void **state) {
  (void)state;
  ift_measure *measure = sample();
  char name[64];
  snprintf(name, sizeof name, ".ift-%ld-0.tmp", (long)getpid());
  write_bytes(in_folder(name), "left over", 9);
  save(measure, in_folder("out.csv"));
  assert_content(in_folder("out.csv"), csv);
  assert_content(in_folder(name), "left over");
  ift_measure_destroy(measure);
  empty_folder();
}

/* Runs `save` with standard output going to a file that already has a line, and more printed before and after. */
static void check_standard_output(const char *name) {
  const char *path = in_folder("stdout");
  char expected[512];
  ift_measure *measure = sample();
  write_bytes(path, "first\n", 6);
  fflush(stdout);
  const int terminal = dup(1), file = open(path, O_WRONLY | O_APPEND);
  dup2(file, 1);
  printf("before\n");
  const ift_status status = ift_measure_save(measure, name);
  printf("after\n");
  fflush(stdout);
  dup2(terminal, 1);
  close(terminal);
  close(file);
  assert_status(IFT_OK, status);
  snprintf(expected, sizeof expected, "first\nbefore\n%safter\n", csv);
  assert_content(path, expected);
  assert_int_equal(count_files(), 1);
  ift_measure_destroy(measure);
  empty_folder();
}

static void test_standard_output(void **state) {
  (void)state;
  check_standard_output("-");
  check_standard_output("/dev/stdout");
  check_standard_output("/dev/fd/1");
}

static void test_closed_standard_output(void **state) {
  (void)state;
  ift_measure *measure = sample();
  fflush(stdout);
  const int terminal = dup(1);
  close(1);
  const ift_status status = ift_measure_save(measure, "-");
  char message[512];
  snprintf(message, sizeof message, "%s", ift_context_message(context));
  dup2(terminal, 1);
  close(terminal);
  assert_status(IFT_ERR_FILE, status);
  assert_string_equal(message, "standard output: can't be written: Bad file descriptor");
  ift_measure_destroy(measure);
}

static void test_open_descriptor(void **state) {
  (void)state;
  ift_measure *measure = sample();
  char name[32], expected[512];
  const int file = open(in_folder("out"), O_WRONLY | O_CREAT, 0600);
  assert_int_equal(write(file, "first\n", 6), 6);
  snprintf(name, sizeof name, "/dev/fd/%d", file);
  save(measure, name);
  assert_int_equal(write(file, "last\n", 5), 5); /* is still open */
  close(file);
  snprintf(expected, sizeof expected, "first\n%slast\n", csv);
  assert_content(in_folder("out"), expected);
  ift_measure_destroy(measure);
  empty_folder();
}

static void test_devices_and_pipes(void **state) {
  (void)state;
  ift_measure *measure = sample();
  const char *path = in_folder("pipe");
  struct stat info;
  save(measure, "/dev/null");
  assert_int_equal(stat("/dev/null", &info), 0);
  assert_true(S_ISCHR(info.st_mode));
  assert_int_equal(mkfifo(path, 0600), 0);
  const int reader = open(path, O_RDONLY | O_NONBLOCK);
  save(measure, path);
  char text[512] = "";
  assert_int_equal(read(reader, text, sizeof text - 1), (ssize_t)sizeof csv - 1);
  assert_string_equal(text, csv);
  close(reader);
  assert_int_equal(stat(path, &info), 0);
  assert_true(S_ISFIFO(info.st_mode));
  assert_int_equal(count_files(), 1);
  ift_measure_destroy(measure);
  empty_folder();
}

/* Names without a folder, and in the folder one is in. */
static void test_relative_names(void **state) {
  (void)state;
  ift_measure *measure = sample();
  const int before = open(".", O_RDONLY);
  assert_int_equal(chdir(folder), 0);
  save(measure, "plain");
  save(measure, "plain");
  save(measure, "./dotted.csv");
  save(measure, ".npy");
  assert_int_equal(fchdir(before), 0);
  close(before);
  assert_content(in_folder("plain"), csv);
  assert_content(in_folder("dotted.csv"), csv);
  assert_memory_equal(read_bytes(in_folder(".npy"), NULL), "\x93NUMPY", 6);
  assert_int_equal(count_files(), 3);
  ift_measure_destroy(measure);
  empty_folder();
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_csv),
      cmocka_unit_test(test_csv_in_a_locale_with_decimal_comma),
      cmocka_unit_test(test_npy),
      cmocka_unit_test(test_many_numbers_read_back),
      cmocka_unit_test(test_replaces_and_keeps_the_mode),
      cmocka_unit_test(test_follows_symbolic_links),
      cmocka_unit_test(test_places_that_cannot_be_written),
      cmocka_unit_test(test_failure_leaves_the_old_file),
      cmocka_unit_test(test_write_protected),
      cmocka_unit_test(test_leftover_temporary),
      cmocka_unit_test(test_standard_output),
      cmocka_unit_test(test_closed_standard_output),
      cmocka_unit_test(test_open_descriptor),
      cmocka_unit_test(test_devices_and_pipes),
      cmocka_unit_test(test_relative_names),
  };
  return cmocka_run_group_tests_name("measure/save", tests, set_up, tear_down);
}
