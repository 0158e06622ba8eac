/* Options by name: look-up, ranges, text in and out, on a table of its own. */
#include "support/near.h"

#include <string.h>

#include "base/options.h"

static const ift_option_spec specs[] = {
    {"tau", IFT_REAL, true, "[0, inf)", 0, INFINITY, "auto", "", "a real that is computed by default"},
    {"noise_level", IFT_REAL, true, "[-1, 2.5]", -1, 2.5, "0.5", "", "a real"},
    {"trace_every", IFT_INTEGER, true, "1 .. 10", 1, 10, "3", "", "an integer"},
    {"seed", IFT_INTEGER, true, "0 .. 9223372036854775807", 0, 9223372036854775807.0, "auto", "", "a wide integer"},
    {"center", IFT_TEXT, true, "old|new|newer", 0, 0, "new", "", "a text"},
    {"energy", IFT_REAL, false, "", 0, 0, "", "", "a quantity"},
};

enum { TAU, NOISE, TRACE, SEED, CENTER, ENERGY, COUNT };

static const ift_option_table table = {"flow", specs, COUNT};

static int setup(void **state) {
  return ift_context_create((ift_context **)state);
}

static int teardown(void **state) {
  ift_context_destroy(*state);
  return 0;
}

static void assert_message_has(ift_context *context, const char *text) {
  if (!strstr(ift_context_message(context), text))
    fail_msg("'%s' is not in the message '%s'", text, ift_context_message(context));
}

static void test_find(void **state) {
  for (int i = 0; i < COUNT; i++) assert_int_equal(ift_option_find(*state, &table, specs[i].name), i);
  assert_int_equal(ift_option_find(*state, &table, "noise-level"), NOISE);
  assert_int_equal(ift_option_find(*state, &table, "trace-every"), TRACE);
  assert_string_equal(ift_context_message(*state), "");
}

static void test_find_names_the_nearest(void **state) {
  static const char *const close[][2] = {
      {"tua", "'tau'"},  {"TAU", "'tau'"},       {"noiselevel", "'noise_level'"}, {"trace_evry", "'trace_every'"},
      {"sed", "'seed'"}, {"centre", "'center'"}, {"enrgy", "'energy'"},           {"seeds", "'seed'"}};
  for (size_t i = 0; i < sizeof close / sizeof close[0]; i++) {
    assert_int_equal(ift_option_find(*state, &table, close[i][0]), -1);
    assert_message_has(*state, close[i][0]);
    assert_message_has(*state, close[i][1]);
    assert_message_has(*state, "flow");
  }
}

static void test_find_odd_names(void **state) {
  assert_int_equal(ift_option_find(*state, &table, NULL), -1);
  assert_message_has(*state, "NULL");
  assert_int_equal(ift_option_find(*state, &table, ""), -1);
  assert_int_equal(ift_option_find(*state, &table, "ta"), -1);
  assert_int_equal(ift_option_find(*state, &table, "tau "), -1);
  char endless[5000];
  memset(endless, 'a', sizeof endless);
  endless[sizeof endless - 1] = '\0';
  assert_int_equal(ift_option_find(*state, &table, endless), -1);
  assert_int_equal(ift_option_find(NULL, &table, "nothing"), -1);
}

static void test_defaults(void **state) {
  (void)state;
  ift_option_value values[COUNT];
  ift_option_defaults(&table, values);
  assert_true(values[TAU].automatic && values[SEED].automatic);
  assert_false(values[NOISE].automatic || values[TRACE].automatic || values[CENTER].automatic);
  assert_near(values[NOISE].real, 0.5, 0, 0);
  assert_int_equal(values[TRACE].integer, 3);
  assert_int_equal(values[CENTER].word, 1);
}

static void test_set_real(void **state) {
  static const double bad[] = {-1.0000001, 2.5000001, INFINITY, -INFINITY, NAN};
  ift_option_value value = {.real = 2};
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
    assert_status(IFT_ERR_OPTION, ift_option_set_real(*state, &specs[NOISE], &value, bad[i]));
    assert_message_has(*state, "noise_level");
    assert_message_has(*state, "[-1, 2.5]");
    assert_near(value.real, 2, 0, 0);
  }
  assert_status(IFT_OK, ift_option_set_real(*state, &specs[NOISE], &value, -1));
  assert_near(value.real, -1, 0, 0);
  assert_status(IFT_OK, ift_option_set_real(*state, &specs[NOISE], &value, 2.5));
  assert_near(value.real, 2.5, 0, 0);
  /* no bound does not mean that infinity is one of the values */
  assert_status(IFT_ERR_OPTION, ift_option_set_real(*state, &specs[TAU], &value, INFINITY));
  value.automatic = true;
  assert_status(IFT_OK, ift_option_set_real(*state, &specs[TAU], &value, 1e308));
  assert_false(value.automatic);
  assert_status(IFT_ERR_OPTION, ift_option_set_real(*state, &specs[TRACE], &value, 2));
  assert_status(IFT_ERR_OPTION, ift_option_set_real(*state, &specs[CENTER], &value, 2));
  assert_near(value.real, 1e308, 0, 0);
}

static void test_set_integer(void **state) {
  ift_option_value value = {.integer = 7};
  static const int64_t bad[] = {0, 11, -5, INT64_MIN, INT64_MAX};
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
    assert_status(IFT_ERR_OPTION, ift_option_set_integer(*state, &specs[TRACE], &value, bad[i]));
    assert_message_has(*state, "1 .. 10");
    assert_int_equal(value.integer, 7);
  }
  assert_status(IFT_OK, ift_option_set_integer(*state, &specs[TRACE], &value, 1));
  assert_status(IFT_OK, ift_option_set_integer(*state, &specs[TRACE], &value, 10));
  assert_int_equal(value.integer, 10);
  assert_status(IFT_OK, ift_option_set_integer(*state, &specs[SEED], &value, INT64_MAX));
  assert_true(value.integer == INT64_MAX);
  assert_status(IFT_OK, ift_option_set_integer(*state, &specs[NOISE], &value, 2)); /* reals take whole numbers */
  assert_near(value.real, 2, 0, 0);
  assert_status(IFT_ERR_OPTION, ift_option_set_integer(*state, &specs[NOISE], &value, 3));
  assert_status(IFT_ERR_OPTION, ift_option_set_integer(*state, &specs[CENTER], &value, 1));
}

static void test_set_text(void **state) {
  ift_option_value value = {.word = 2};
  static const char *const bad[] = {"", "ne", "newest", "old|new", "New", "|", "1", "auto"};
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
    assert_status(IFT_ERR_OPTION, ift_option_set_text(*state, &specs[CENTER], &value, bad[i]));
    assert_message_has(*state, "old|new|newer");
    assert_int_equal(value.word, 2);
  }
  assert_status(IFT_OK, ift_option_set_text(*state, &specs[CENTER], &value, "old"));
  assert_int_equal(value.word, 0);
  assert_status(IFT_OK, ift_option_set_text(*state, &specs[CENTER], &value, "newer"));
  assert_int_equal(value.word, 2);
  assert_status(IFT_ERR_ARGUMENT, ift_option_set_text(*state, &specs[CENTER], &value, NULL));
}

static void test_set_numbers_as_text(void **state) {
  ift_option_value value = {0};
  assert_status(IFT_OK, ift_option_set_text(*state, &specs[NOISE], &value, " -2.5e-1 "));
  assert_near(value.real, -0.25, 0, 0);
  assert_status(IFT_OK, ift_option_set_text(*state, &specs[TRACE], &value, "4"));
  assert_int_equal(value.integer, 4);
  assert_status(IFT_OK, ift_option_set_text(*state, &specs[SEED], &value, "9223372036854775807"));
  assert_true(value.integer == INT64_MAX);
  static const char *const bad[] = {"", "x", "1,5", "0.5x", "nan", "inf", "1e999", "auto"};
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
    assert_status(IFT_ERR_OPTION, ift_option_set_text(*state, &specs[NOISE], &value, bad[i]));
  static const char *const bad_integers[] = {"", "x", "4.0", "0x4", "99999999999999999999", "11", "auto"};
  for (size_t i = 0; i < sizeof bad_integers / sizeof bad_integers[0]; i++)
    assert_status(IFT_ERR_OPTION, ift_option_set_text(*state, &specs[TRACE], &value, bad_integers[i]));
}

static void test_auto(void **state) {
  ift_option_value value = {.real = 1};
  assert_status(IFT_OK, ift_option_set_text(*state, &specs[TAU], &value, "auto"));
  assert_true(value.automatic);
  assert_true(ift_option_is_default(&specs[TAU], &value));
  assert_status(IFT_OK, ift_option_set_text(*state, &specs[TAU], &value, "0"));
  assert_false(value.automatic);
  assert_false(ift_option_is_default(&specs[TAU], &value));
}

static void test_quantities_are_read_only(void **state) {
  ift_option_value value = {.real = 1};
  assert_status(IFT_ERR_OPTION, ift_option_set_real(*state, &specs[ENERGY], &value, 2));
  assert_message_has(*state, "energy");
  assert_status(IFT_ERR_OPTION, ift_option_set_integer(*state, &specs[ENERGY], &value, 2));
  assert_status(IFT_ERR_OPTION, ift_option_set_text(*state, &specs[ENERGY], &value, "2"));
  assert_status(IFT_ERR_OPTION, ift_option_set_text(*state, &specs[ENERGY], &value, NULL));
  assert_near(value.real, 1, 0, 0);
}

static void test_is_default(void **state) {
  ift_option_value values[COUNT];
  ift_option_defaults(&table, values);
  for (int i = 0; i < COUNT; i++) assert_true(ift_option_is_default(&specs[i], &values[i]));
  assert_status(IFT_OK, ift_option_set_real(*state, &specs[NOISE], &values[NOISE], 0.25));
  assert_status(IFT_OK, ift_option_set_integer(*state, &specs[TRACE], &values[TRACE], 4));
  assert_status(IFT_OK, ift_option_set_text(*state, &specs[CENTER], &values[CENTER], "old"));
  for (int i = NOISE; i <= CENTER; i++) assert_true(ift_option_is_default(&specs[i], &values[i]) == (i == SEED));
  assert_status(IFT_OK, ift_option_set_text(*state, &specs[NOISE], &values[NOISE], "0.5"));
  assert_status(IFT_OK, ift_option_set_text(*state, &specs[TRACE], &values[TRACE], "3"));
  assert_status(IFT_OK, ift_option_set_text(*state, &specs[CENTER], &values[CENTER], "new"));
  for (int i = NOISE; i <= CENTER; i++) assert_true(ift_option_is_default(&specs[i], &values[i]));
}

static void check_print(ift_context *context, int option, const ift_option_value *value, const char *expected) {
  char text[IFT_OPTION_TEXT];
  assert_status(IFT_OK, ift_option_print(context, &specs[option], value, text, sizeof text));
  assert_string_equal(text, expected);
  const int64_t needed = (int64_t)strlen(expected) + 1;
  memset(text, 'x', sizeof text);
  assert_status(IFT_OK, ift_option_print(context, &specs[option], value, text, needed));
  assert_string_equal(text, expected);
  for (int64_t capacity = -1; capacity < needed; capacity++) {
    memset(text, 'x', sizeof text);
    assert_status(IFT_ERR_ARGUMENT, ift_option_print(context, &specs[option], value, text, capacity));
    assert_int_equal(text[0], 'x');
  }
}

static void test_print(void **state) {
  check_print(*state, NOISE, &(ift_option_value){.real = 0.5}, "0.5");
  check_print(*state, ENERGY, &(ift_option_value){.real = NAN}, "nan");
  check_print(*state, ENERGY, &(ift_option_value){.real = -1.7976931348623157e308}, "-1.7976931348623157e+308");
  check_print(*state, SEED, &(ift_option_value){.integer = INT64_MIN}, "-9223372036854775808");
  check_print(*state, CENTER, &(ift_option_value){.word = 0}, "old");
  check_print(*state, CENTER, &(ift_option_value){.word = 2}, "newer");
}

static void test_print_and_set_are_inverse(void **state) {
  char text[IFT_OPTION_TEXT];
  ift_option_value back;
  for (int i = 0; i < 100; i++) {
    const ift_option_value value = {.real = 2.5 / (i + 1.7)};
    assert_status(IFT_OK, ift_option_print(*state, &specs[NOISE], &value, text, sizeof text));
    assert_status(IFT_OK, ift_option_set_text(*state, &specs[NOISE], &back, text));
    assert_near(back.real, value.real, 0, 0);
  }
}

static void test_words(void **state) {
  (void)state;
  char text[8];
  assert_int_equal(ift_word_index("one|two|three", "one"), 0);
  assert_int_equal(ift_word_index("one|two|three", "three"), 2);
  assert_int_equal(ift_word_index("one|two|three", "tw"), -1);
  assert_int_equal(ift_word_index("one|two|three", "two|three"), -1);
  assert_int_equal(ift_word_index("one|two|three", ""), -1);
  assert_int_equal(ift_word_index("one", "one"), 0);
  assert_int_equal(ift_word_index("", "one"), -1);
  ift_word_copy("one|two|three", 1, text, sizeof text);
  assert_string_equal(text, "two");
  ift_word_copy("one|two|three", 2, text, 4);
  assert_string_equal(text, "thr");
}

static void test_options_of_a_context(void **state) {
  (void)state;
  assert_string_equal(ift_context_options.noun, "context");
  ift_option_value values[16];
  assert_true(ift_context_options.count > 0 && ift_context_options.count <= 16);
  ift_option_defaults(&ift_context_options, values);
  for (int i = 0; i < ift_context_options.count; i++) {
    const ift_option_spec *spec = &ift_context_options.specs[i];
    assert_int_equal(ift_option_find(NULL, &ift_context_options, spec->name), i);
    assert_true(ift_option_is_default(spec, &values[i]));
    assert_true(strlen(spec->doc) > 0 && strlen(spec->range) > 0 && strlen(spec->initial) > 0);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_find),
      cmocka_unit_test(test_find_names_the_nearest),
      cmocka_unit_test(test_find_odd_names),
      cmocka_unit_test(test_defaults),
      cmocka_unit_test(test_set_real),
      cmocka_unit_test(test_set_integer),
      cmocka_unit_test(test_set_text),
      cmocka_unit_test(test_set_numbers_as_text),
      cmocka_unit_test(test_auto),
      cmocka_unit_test(test_quantities_are_read_only),
      cmocka_unit_test(test_is_default),
      cmocka_unit_test(test_print),
      cmocka_unit_test(test_print_and_set_are_inverse),
      cmocka_unit_test(test_words),
      cmocka_unit_test(test_options_of_a_context),
  };
  /* a new context for each test, so that no message is left over from another */
  struct CMUnitTest fresh[sizeof tests / sizeof tests[0]];
  for (size_t i = 0; i < sizeof tests / sizeof tests[0]; i++) {
    fresh[i] = tests[i];
    fresh[i].setup_func = setup;
    fresh[i].teardown_func = teardown;
  }
  return cmocka_run_group_tests_name("base/options", fresh, NULL, NULL);
}
