/* Numbers as text, also in a process whose locale has a decimal comma. */
#define _POSIX_C_SOURCE 200809L
#include "support/near.h"

#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/number.h"

static double from_bits(uint64_t bits) {
  double value;
  memcpy(&value, &bits, sizeof value);
  return value;
}

static uint64_t to_bits(double value) {
  uint64_t bits;
  memcpy(&bits, &value, sizeof bits);
  return bits;
}

static void check_round_trip(double value) {
  char text[64];
  double back;
  const int length = ift_number_print(text, sizeof text, "%.17g", value);
  assert_int_equal(length, strlen(text));
  assert_null(strchr(text, ','));
  assert_true(ift_number_parse(text, &back));
  if (isnan(value))
    assert_true(isnan(back));
  else
    assert_int_equal(to_bits(back), to_bits(value));
}

static void check_round_trips(void) {
  static const double values[] = {0.0,      -0.0,      1.5, 0.1, -1e-300, 5e-324, 1.7976931348623157e308,
                                  INFINITY, -INFINITY, NAN};
  for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) check_round_trip(values[i]);
  uint64_t bits = 88172645463325252u;
  for (int i = 0; i < 2000; i++) { /* xorshift64 (Marsaglia 2003) */
    bits ^= bits << 13;
    bits ^= bits >> 7;
    bits ^= bits << 17;
    check_round_trip(from_bits(bits));
  }
}

static void test_round_trips(void **state) {
  (void)state;
  check_round_trips();
}

static void check_read(const char *text, bool readable, double expected, int length) {
  const char *end = NULL;
  double value = 42;
  assert_int_equal(ift_number_read(text, &end, &value), readable);
  if (!readable) { /* outputs are as they were */
    assert_null(end);
    assert_near(value, 42, 0, 0);
    return;
  }
  assert_int_equal(end - text, length);
  assert_int_equal(to_bits(value), to_bits(expected));
}

static void check_reads(void) {
  check_read("1.5,2.5", true, 1.5, 3);
  check_read("1,5", true, 1, 1);
  check_read("-.5e1x", true, -5, 5);
  check_read("0x1.8p1", true, 3, 7);
  check_read("1e400", true, INFINITY, 5);
  check_read("-1e-400", true, -0.0, 7);
  check_read("Inf", true, INFINITY, 3);
  check_read("-infinity", true, -INFINITY, 9);
  check_read("", false, 0, 0);
  check_read("x1", false, 0, 0);
  check_read(",5", false, 0, 0);
  check_read("-", false, 0, 0);
}

static void test_read_stops_behind_the_number(void **state) {
  (void)state;
  check_reads();
  const char *end;
  double value;
  assert_true(ift_number_read("nan;", &end, &value));
  assert_true(isnan(value) && *end == ';');
}

static void test_parse_takes_the_whole_text(void **state) {
  (void)state;
  double value = 42;
  static const char *const wrong[] = {"", " ", "1,5", "1.5 2", "1.5x", "one", "--1", "1.5\n2"};
  for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
    assert_false(ift_number_parse(wrong[i], &value));
    assert_near(value, 42, 0, 0);
  }
  assert_true(ift_number_parse("  2.5\t ", &value));
  assert_near(value, 2.5, 0, 0);
}

static void test_parse_integer(void **state) {
  (void)state;
  int64_t value = 42;
  static const char *const wrong[] = {
      "", " ", "1.0", "1e3", "1 2", "0x10", "9223372036854775808", "-9223372036854775809", "seven", "1_0"};
  for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
    assert_false(ift_number_parse_integer(wrong[i], &value));
    assert_int_equal(value, 42);
  }
  assert_true(ift_number_parse_integer("9223372036854775807", &value));
  assert_true(value == INT64_MAX);
  assert_true(ift_number_parse_integer("-9223372036854775808", &value));
  assert_true(value == INT64_MIN);
  assert_true(ift_number_parse_integer(" 010 ", &value)); /* decimal: a leading 0 does not make it octal */
  assert_int_equal(value, 10);
}

static void test_print_cuts_short(void **state) {
  (void)state;
  char text[8];
  memset(text, 'x', sizeof text);
  assert_int_equal(ift_number_print(text, 4, "%d%s", 12, "345"), 5);
  assert_string_equal(text, "123");
  assert_int_equal(text[4], 'x');
  assert_int_equal(ift_number_print(NULL, 0, "%.3f", 0.5), 5);
}

/* A locale with a decimal comma: one that is installed, else one compiled into a folder of its own; its name, or "",
 * comes back in `folder`. */
static bool set_comma_locale(char *folder) {
  static const char *const names[] = {"de_DE.UTF-8", "de_DE.utf8", "fr_FR.UTF-8", "fr_FR.utf8", "de_DE", "fr_FR"};
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
    if (setlocale(LC_ALL, names[i]) && *localeconv()->decimal_point == ',') {
      *folder = '\0';
      return true;
    }
  char command[256];
  strcpy(folder, "/tmp/ift-locale-XXXXXX");
  if (!mkdtemp(folder)) {
    *folder = '\0';
    return false;
  }
  snprintf(command, sizeof command, "localedef -i de_DE -f UTF-8 --no-archive %s/de_DE.UTF-8 >/dev/null 2>&1", folder);
  return system(command) == 0 && setenv("LOCPATH", folder, 1) == 0 && setlocale(LC_ALL, "de_DE.UTF-8") &&
         *localeconv()->decimal_point == ',';
}

static void unset_locale(const char *folder) {
  setlocale(LC_ALL, "C");
  if (!*folder) return;
  unsetenv("LOCPATH");
  char command[64];
  snprintf(command, sizeof command, "rm -r %s", folder);
  assert_int_equal(system(command), 0);
}

static void test_decimal_comma(void **state) {
  (void)state;
  char folder[32], text[32];
  if (!set_comma_locale(folder)) {
    unset_locale(folder);
    print_message("skipped: no locale with a decimal comma is installed, and localedef can't make one\n");
    skip();
  }
  snprintf(text, sizeof text, "%.1f", 1.5);
  assert_string_equal(text, "1,5"); /* the locale is really in force, */
  check_round_trips();
  check_reads();
  assert_int_equal(ift_number_print(text, sizeof text, "%.1f", 1.5), 3);
  assert_string_equal(text, "1.5");
  ift_context *context = NULL;
  assert_status(IFT_OK, ift_context_create(&context));
  assert_status(IFT_ERR_OPTION, ift_context_set_option(context, "threads", "1,5"));
  ift_context_destroy(context);
  snprintf(text, sizeof text, "%.1f", 1.5);
  assert_string_equal(text, "1,5"); /* and still is */
  unset_locale(folder);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_round_trips),
      cmocka_unit_test(test_read_stops_behind_the_number),
      cmocka_unit_test(test_parse_takes_the_whole_text),
      cmocka_unit_test(test_parse_integer),
      cmocka_unit_test(test_print_cuts_short),
      cmocka_unit_test(test_decimal_comma),
  };
  return cmocka_run_group_tests_name("base/number", tests, NULL, NULL);
}
