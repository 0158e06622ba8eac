/* Kernels from text: the grammar, and errors that say where. */
#include <locale.h>
#include <stdlib.h>

#include "support/fixture.h"

/* k(x, y) with x = (1, 2), y = (2, 0): r^2 = 5, x'y = 2. */
static double evaluate(const char *spec) {
  const double x[] = {1, 2}, y[] = {2, 0};
  double value;
  ift_kernel *kernel = make_kernel(context, spec);
  assert_status(IFT_OK, ift_kernel_sum_pairs(kernel, &value, NULL, x, 1, 2, y, 1, NULL));
  ift_kernel_destroy(kernel);
  return value;
}

static void test_every_kind(void **state) {
  (void)state;
  const double r = sqrt(5), z = sqrt(3) * r / 2, u = sqrt(5) * r / 2;
  const struct {
    const char *spec;
    double value;
  } cases[] = {
      {"gaussian:1", exp(-2.5)},
      {"gaussian:0.5", exp(-10)},
      {"laplace:2", exp(-r / 2)},
      {"matern12:2", exp(-r / 2)},
      {"matern32:2", (1 + z) * exp(-z)},
      {"matern52:2", (1 + u + u * u / 3) * exp(-u)},
      {"imq:2", 1 / sqrt(2.25)},
      {"imq:2,0.5", 1 / sqrt(2.25)},
      {"imq:2,1.5", 1 / (2.25 * sqrt(2.25))},
      {"riesz:1", -r},
      {"riesz:1.5", -pow(r, 1.5)},
      {"energy", -r},
      {"linear", 2},
      {"polynomial:1,3", 27},
      {"polynomial:0,16", 65536},
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
    assert_near(evaluate(cases[i].spec), cases[i].value, 1e-14, 0);
}

static void test_numbers(void **state) {
  (void)state;
  assert_near(evaluate("gaussian:1e0"), exp(-2.5), 1e-14, 0);
  assert_near(evaluate("gaussian:+1"), exp(-2.5), 1e-14, 0);
  assert_near(evaluate("gaussian:1.e+0"), exp(-2.5), 1e-14, 0);
  assert_near(evaluate("gaussian:.5"), exp(-10), 1e-14, 0);
  assert_near(evaluate("gaussian:100E-2"), exp(-2.5), 1e-14, 0);
}

static void test_coefficients_and_sums(void **state) {
  (void)state;
  const double g = exp(-2.5), r = sqrt(5);
  assert_near(evaluate("2*gaussian:1"), 2 * g, 1e-14, 0);
  assert_near(evaluate("1*gaussian:1"), g, 1e-14, 0);
  assert_near(evaluate("2e+0*gaussian:1"), 2 * g, 1e-14, 0); /* the plus of an exponent separates nothing */
  assert_near(evaluate("2e-1*linear+1e+1*linear"), 20.4, 1e-14, 0);
  assert_near(evaluate("gaussian:1e+0+linear"), g + 2, 1e-14, 0);
  assert_near(evaluate("0.5*gaussian:1+0.5*gaussian:4"), (g + exp(-2.5 / 16)) / 2, 1e-14, 0);
  assert_near(evaluate("linear+linear"), 4, 1e-14, 0);
  assert_near(evaluate("imq:2,0.5+polynomial:1,3+energy"), 1 / 1.5 + 27 - r, 1e-14, 0);
  assert_near(evaluate("3*linear+2*riesz:1+0.25*gaussian:1"), 6 - 2 * r + g / 4, 1e-14, 0);
}

static void test_spaces(void **state) {
  (void)state;
  const double g = exp(-2.5);
  assert_near(evaluate(" gaussian:1 "), g, 1e-14, 0);
  assert_near(evaluate("gaussian : 1"), g, 1e-14, 0);
  assert_near(evaluate("\t2 * gaussian:1\t+ 3*linear  "), 2 * g + 6, 1e-14, 0);
  assert_near(evaluate("imq:2 , 0.5"), 1 / 1.5, 1e-14, 0);
  assert_near(evaluate("2e+0 * gaussian: 1"), 2 * g, 1e-14, 0);
}

/* 64 parts, and one more. */
static void test_many_parts(void **state) {
  (void)state;
  char spec[1000] = "linear";
  for (int i = 1; i < 64; i++) strcat(spec, "+linear");
  assert_near(evaluate(spec), 128, 1e-14, 0);
  strcat(spec, "+linear");
  ift_kernel *kernel;
  assert_status(IFT_ERR_OPTION, ift_kernel_parse(context, &kernel, spec));
  assert_null(kernel);
  assert_message(context, "64");
}

/* The character that a person would point at, counted from 1, and a word of what is wrong. */
static void test_errors_say_where(void **state) {
  (void)state;
  static const struct {
    const char *spec;
    int character;
    const char *word;
  } cases[] = {
      {"", 1, "unknown kernel"},
      {"   ", 4, "unknown kernel"},
      {"gauss:1", 1, "gaussian, laplace"},
      {"gaussian", 9, "gaussian:SIGMA"},
      {"gaussian:", 10, "gaussian:SIGMA"},
      {"gaussian:x", 10, "gaussian:SIGMA"},
      {"gaussian:median", 10, "gaussian:SIGMA"},
      {"gaussian:1,2", 12, "gaussian:SIGMA"},
      {"gaussian:nan", 10, "gaussian:SIGMA"},
      {"gaussian:inf", 10, "gaussian:SIGMA"},
      {"gaussian:-inf", 10, "gaussian:SIGMA"},
      {"gaussian:0x10", 10, "gaussian:SIGMA"},
      {"gaussian:1 2", 12, "+"},
      {"gaussian:1;linear", 11, "+"},
      {"gaussian:1x", 11, "+"},
      {"gaussian:1+", 12, "unknown kernel"},
      {"gaussian:1++linear", 12, "unknown kernel"},
      {"gaussian:1+linear:2", 19, "linear"},
      {"Gaussian:1", 1, "unknown kernel"},
      {"matern:1", 1, "matern12"},
      {"energy:1", 8, "energy"},
      {"imq", 4, "imq:C or imq:C,BETA"},
      {"imq:1,2,3", 9, "imq:C"},
      {"imq:1,", 7, "imq:C"},
      {"polynomial:1", 13, "polynomial:C,P"},
      {"2gaussian:1", 2, "*"},
      {"2", 2, "*"},
      {"2*", 3, "unknown kernel"},
      {"2*3*linear", 3, "unknown kernel"},
      {"1*linear+3 linear", 12, "*"},
      {"*linear", 1, "unknown kernel"},
      {"+linear", 1, "unknown kernel"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    char where[64];
    ift_kernel *kernel = (ift_kernel *)&context;
    const ift_status status = ift_kernel_parse(context, &kernel, cases[i].spec);
    if (status != IFT_ERR_OPTION) print_error("'%s' ", cases[i].spec);
    assert_status(IFT_ERR_OPTION, status);
    assert_null(kernel);
    snprintf(where, sizeof where, "character %d:", cases[i].character);
    assert_message(context, where);
    assert_message(context, cases[i].word);
  }
}

/* Numbers that are written well but out of range: the place is that number's, or the part's. */
static void test_values_out_of_range(void **state) {
  (void)state;
  static const struct {
    const char *spec;
    int from, to; /* of the part that is wrong */
    const char *word;
  } cases[] = {
      {"gaussian:0", 1, 10, "sigma > 0"},
      {"gaussian:-1", 1, 11, "sigma > 0"},
      {"linear+gaussian:1e-300", 8, 22, "sigma > 0"},
      {"gaussian:1e999", 1, 14, "finite"},
      {"linear + imq:1,0", 10, 16, "beta > 0"},
      {"riesz:2", 1, 7, "0 < R < 2"},
      {"riesz:0", 1, 7, "0 < R < 2"},
      {"polynomial:-1,2", 1, 15, "C >= 0"},
      {"polynomial:1,2.5", 1, 16, "16"},
      {"polynomial:1,17", 1, 15, "16"},
      {"0*linear", 1, 1, "> 0"},
      {"-1*linear", 1, 2, "> 0"},
      {"linear+-2*linear", 8, 9, "> 0"},
      {"1e999*linear", 1, 5, "finite"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    ift_kernel *kernel;
    assert_status(IFT_ERR_OPTION, ift_kernel_parse(context, &kernel, cases[i].spec));
    assert_null(kernel);
    assert_message(context, cases[i].word);
    const char *told = strstr(ift_context_message(context), "character ");
    assert_non_null(told);
    const int character = atoi(told + 10);
    if (character < cases[i].from || character > cases[i].to)
      fail_msg("'%s': character %d is not in %d to %d", cases[i].spec, character, cases[i].from, cases[i].to);
  }
}

/* A very long specification is told in part, and nothing is written beyond the message. */
static void test_long_text(void **state) {
  (void)state;
  static char spec[20000];
  memset(spec, 'g', sizeof spec - 1);
  ift_kernel *kernel;
  assert_status(IFT_ERR_OPTION, ift_kernel_parse(context, &kernel, spec));
  assert_true(strlen(ift_context_message(context)) < 512);
  assert_message(context, "unknown kernel");
  memset(spec, '1', sizeof spec - 1);
  assert_status(IFT_ERR_OPTION, ift_kernel_parse(context, &kernel, spec));
  memset(spec, ' ', sizeof spec - 1);
  memcpy(spec + 19000, "linear", 6);
  assert_status(IFT_OK, ift_kernel_parse(context, &kernel, spec));
  ift_kernel_destroy(kernel);
}

static void test_null_pointers(void **state) {
  (void)state;
  ift_kernel *kernel = (ift_kernel *)&context;
  assert_status(IFT_ERR_ARGUMENT, ift_kernel_parse(context, &kernel, NULL));
  assert_null(kernel);
  assert_status(IFT_ERR_ARGUMENT, ift_kernel_parse(context, NULL, "linear"));
  kernel = (ift_kernel *)&context;
  assert_status(IFT_ERR_ARGUMENT, ift_kernel_parse(NULL, &kernel, "linear"));
  assert_null(kernel);
}

/* Whatever the host's locale says of decimal points. */
static void test_locale(void **state) {
  (void)state;
  static const char *const names[] = {"de_DE.UTF-8", "de_DE.utf8", "fr_FR.UTF-8", "C"};
  int i = 0;
  while (!setlocale(LC_NUMERIC, names[i])) i++;
  assert_near(evaluate("0.5*gaussian:0.5"), exp(-10) / 2, 1e-14, 0);
  setlocale(LC_NUMERIC, "C");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_every_kind),
      cmocka_unit_test(test_numbers),
      cmocka_unit_test(test_coefficients_and_sums),
      cmocka_unit_test(test_spaces),
      cmocka_unit_test(test_many_parts),
      cmocka_unit_test(test_errors_say_where),
      cmocka_unit_test(test_values_out_of_range),
      cmocka_unit_test(test_long_text),
      cmocka_unit_test(test_null_pointers),
      cmocka_unit_test(test_locale),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
