/* The version and ift_build_info. */
#define _POSIX_C_SOURCE 200809L
#include "support/near.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/version.h"

/* The text behind `name ` in the lines of ift_build_info; the caller frees it. */
static char *line(const char *name) {
  const int64_t length = ift_build_info(NULL, 0);
  char *text = malloc((size_t)length + 1);
  assert_non_null(text);
  assert_int_equal(ift_build_info(text, length + 1), length);
  assert_int_equal(strlen(text), length);
  char *rest = text;
  for (char *end; (end = strchr(rest, '\n')); rest = end + 1) {
    *end = '\0';
    if (strncmp(rest, name, strlen(name)) == 0 && rest[strlen(name)] == ' ') {
      char *value = strdup(rest + strlen(name) + 1);
      free(text);
      return value;
    }
  }
  free(text);
  fail_msg("no line '%s'", name);
  return NULL;
}

static void check_line(const char *name, const char *expected) {
  char *value = line(name);
  assert_string_equal(value, expected);
  free(value);
}

static void test_number_and_text_agree(void **state) {
  (void)state;
  char text[64];
  const int version = ift_version();
  snprintf(text, sizeof text, "%d.%d.%d", version / 10000, version / 100 % 100, version % 100);
  assert_string_equal(ift_version_string(), text);
  assert_int_equal(version, IFT_VERSION_MAJOR * 10000 + IFT_VERSION_MINOR * 100 + IFT_VERSION_PATCH);
  assert_true(IFT_VERSION_MINOR < 100 && IFT_VERSION_PATCH < 100);
}

static void test_build_info_lines(void **state) {
  (void)state;
  char text[16];
  snprintf(text, sizeof text, "%d", IFT_ABI);
  check_line("abi", text);
  check_line("version", ift_version_string());
  static const char *const others[] = {"compiler", "isa", "blas", "gsl"};
  for (int i = 0; i < 4; i++) {
    char *value = line(others[i]);
    assert_true(strlen(value) > 0);
    free(value);
  }
}

/* Either a file that is there, or the word for a BLAS that was linked statically. */
static void test_blas_is_a_file(void **state) {
  (void)state;
  char *blas = line("blas");
  if (strcmp(blas, "unknown") != 0) assert_int_equal(access(blas, R_OK), 0);
  free(blas);
}

static void test_short_buffers(void **state) {
  (void)state;
  char whole[4096], part[4096];
  const int64_t length = ift_build_info(whole, sizeof whole);
  assert_true(length > 0 && length < (int64_t)sizeof whole);
  for (int64_t capacity = 1; capacity <= length + 1; capacity++) {
    memset(part, 'x', sizeof part);
    assert_int_equal(ift_build_info(part, capacity), length);
    assert_int_equal(strlen(part), capacity - 1);
    assert_memory_equal(part, whole, (size_t)capacity - 1);
    assert_int_equal(part[capacity], 'x');
  }
  memset(part, 'x', sizeof part);
  assert_int_equal(ift_build_info(part, 0), length);
  assert_int_equal(ift_build_info(part, -1), length);
  assert_int_equal(part[0], 'x');
  assert_int_equal(ift_build_info(NULL, 100), length);
  assert_int_equal(ift_build_info(part, INT64_MAX), length);
  assert_string_equal(part, whole);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_number_and_text_agree),
      cmocka_unit_test(test_build_info_lines),
      cmocka_unit_test(test_blas_is_a_file),
      cmocka_unit_test(test_short_buffers),
  };
  return cmocka_run_group_tests_name("base/version", tests, NULL, NULL);
}
