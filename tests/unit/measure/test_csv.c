/* Reading comma-separated values. */
#define _POSIX_C_SOURCE 200809L
#include "files.h"

static ift_measure *load_text(const char *text) {
  return load_bytes(text, strlen(text));
}

/* The text gives n particles in d dimensions with these numbers; weights NULL: 1/n. */
static void assert_loads(const char *text, int64_t n, int64_t d, const double *positions, const double *weights) {
  ift_measure *measure = load_text(text);
  assert_int_equal(ift_measure_size(measure), n);
  assert_int_equal(ift_measure_dim(measure), d);
  assert_memory_equal(ift_measure_positions(measure), positions, (size_t)(n * d) * sizeof(double));
  for (int64_t i = 0; i < n; i++)
    assert_true(ift_measure_weights(measure)[i] == (weights ? weights[i] : 1 / (double)n));
  ift_measure_destroy(measure);
}

static void assert_fails(ift_status expected, const char *text, const char *message) {
  assert_load_fails(expected, text, strlen(text), message);
}

static const double numbers[] = {1, 2, 3, 4}, weights[] = {0.5, 0.25};

static void test_without_header(void **state) {
  (void)state;
  assert_loads("1,2\n3,4\n", 2, 2, numbers, NULL);
  assert_loads("1,2\n3,4", 2, 2, numbers, NULL);
  assert_loads("1,2\r\n3,4\r\n", 2, 2, numbers, NULL);
  assert_loads("1,2\r\n3,4\n", 2, 2, numbers, NULL);
  assert_loads("1,2\n3,4\r", 2, 2, numbers, NULL);
  assert_loads("1\n2\n3\n4\n", 4, 1, numbers, NULL);
  assert_loads("1,2,3,4", 1, 4, numbers, NULL);
  assert_loads("1", 1, 1, numbers, NULL);
  assert_loads(" 1 ,\t2\n\"3\",\" 4 \" \n", 2, 2, numbers, NULL);
  assert_loads("1.0,+2e0\n0.3e1,0x1p2\n", 2, 2, numbers, NULL);
  assert_loads("\xef\xbb\xbf"
               "1,2\n3,4\n",
               2, 2, numbers, NULL);
  assert_loads("1,2\n3,4\n\n\n", 2, 2, numbers, NULL);
  assert_loads("1,2\r\n3,4\r\n \t\r\n\r\n", 2, 2, numbers, NULL);
  assert_loads("-0.0,5e-324,1e-400\n", 1, 3, (const double[]){-0.0, 5e-324, 0}, NULL);
}

static void test_with_header(void **state) {
  (void)state;
  assert_loads("x,y\n1,2\n3,4\n", 2, 2, numbers, NULL);
  assert_loads("\"x\",\"the \"\"y\"\", or 2\"\n1,2\n3,4\n", 2, 2, numbers, NULL);
  assert_loads(",y\n1,2\n3,4\n", 2, 2, numbers, NULL);
  assert_loads("\xef\xbb\xbfweight,x,y\n.5,1,2\n.25,3,4\n", 2, 2, numbers, weights);
  assert_loads("x,weight,y\n1,0.5,2\n3,0.25,4\n", 2, 2, numbers, weights);
  assert_loads("x,y,\" WeIgHt \"\r\n1,2,\"0.5\"\r\n3,4,0.25\r\n", 2, 2, numbers, weights);
  assert_loads("x,y, WEIGHT\t\n1,2,5e-1\n3,4,2.5e-1\n", 2, 2, numbers, weights);
  assert_loads("x,y,weights,weight1\n1,2,3,4\n", 1, 4, numbers, NULL);
  assert_loads("x,weight\n1,1\n2,0\n", 2, 1, numbers, (const double[]){1, 0});
  assert_loads("x,weight\n1,3\n2,-0\n", 2, 1, numbers, (const double[]){3, 0}); /* not normalized */
}

static void test_ragged_and_blank(void **state) {
  (void)state;
  assert_fails(IFT_ERR_FORMAT, "1,2\n3\n", ":2: 1 column, but line 1 has 2");
  assert_fails(IFT_ERR_FORMAT, "x,y\n1,2\n3,4,5\n", ":3: 3 columns, but line 1 has 2");
  assert_fails(IFT_ERR_FORMAT, "1,2\n3,4,\n", ":2: 3 columns, but line 1 has 2");
  assert_fails(IFT_ERR_FORMAT, "1,2\n\n3,4\n", ":2: the line is blank; only lines at the end may be");
  assert_fails(IFT_ERR_FORMAT, "\n1,2\n", ":1: the line is blank; only lines at the end may be");
  assert_fails(IFT_ERR_FORMAT, "x\r\n1\r\n \r\n3\r\n", ":3: the line is blank; only lines at the end may be");
}

static void test_no_numbers(void **state) {
  (void)state;
  assert_fails(IFT_ERR_FORMAT, "1,2\n3,four\n", ":2: column 2 is 'four'; a number is needed (commas separate columns)");
  assert_fails(IFT_ERR_FORMAT, "x;y\n1;2\n", ":2: column 1 is '1;2'; a number is needed (commas separate columns)");
  assert_fails(IFT_ERR_FORMAT, "1,2\n3,4 5\n", ":2: column 2 is '4 5'; a number is needed (commas separate columns)");
  assert_fails(IFT_ERR_FORMAT, "1,2\r3,4\r",
               ":1: column 2 is '2?3' where others are numbers; a first line is all "
               "numbers or all names");
  assert_fails(IFT_ERR_FORMAT, "1,2\n,4\n", ":2: column 1 is empty; a number is needed");
  assert_fails(IFT_ERR_FORMAT, "1,2\n3,\n", ":2: column 2 is empty; a number is needed");
  assert_fails(IFT_ERR_FORMAT, "1,2\n3,\n5,6\n", ":2: column 2 is empty; a number is needed"); /* not the 5 of line 3 */
  assert_fails(IFT_ERR_FORMAT, "1\n\"\"\n3\n", ":2: column 1 is empty; a number is needed");
  assert_fails(IFT_ERR_FORMAT, "1,\v\n3,4\n",
               ":1: column 2 is '?' where others are numbers; a first line is all "
               "numbers or all names");
  assert_fails(IFT_ERR_FORMAT, "1\n\"2\n3\"\n",
               ":2: column 1 has a quotation mark that is not closed or has text behind it");
  assert_fails(IFT_ERR_FORMAT, "1,2\n3,\"4\"5\n",
               ":2: column 2 has a quotation mark that is not closed or has text behind it");
  assert_fails(IFT_ERR_FORMAT, "\"x,y\n1,2\n",
               ":1: column 1 has a quotation mark that is not closed or has text behind it");
  assert_fails(IFT_ERR_FORMAT, "1\n0123456789abcdefghijklmnopqrstuvwxyz0123456789abcdefghijklmnopqrstuvwxyz\n",
               ":2: column 1 is '0123456789abcdefghijkl...efghijklmnopqrstuvwxyz'; a number is needed (commas separate "
               "columns)");
}

static void test_first_line_of_numbers_and_names(void **state) {
  (void)state;
  assert_fails(IFT_ERR_FORMAT, "1,y\n1,2\n",
               ":1: column 2 is 'y' where others are numbers; a first line is all numbers or all names");
  assert_fails(IFT_ERR_FORMAT, "x,1,y\n1,2,3\n",
               ":1: column 1 is 'x' where others are numbers; a first line is all numbers or all names");
  assert_fails(IFT_ERR_FORMAT, "1,,3\n1,2,3\n", ":1: column 2 is empty; a number is needed");
}

static void test_not_finite(void **state) {
  (void)state;
  assert_fails(IFT_ERR_NOT_FINITE, "1,2\nnan,4\n", ":2: column 1 is 'nan'; a finite number is needed");
  assert_fails(IFT_ERR_NOT_FINITE, "x\n1\n-inf\n", ":3: column 1 is '-inf'; a finite number is needed");
  assert_fails(IFT_ERR_NOT_FINITE, "1,2\r\n3,1e400\r\n", ":2: column 2 is '1e400'; a finite number is needed");
  assert_fails(IFT_ERR_NOT_FINITE, "1,\"-1e999\"\n", ":1: column 2 is '-1e999'; a finite number is needed");
  assert_fails(IFT_ERR_NOT_FINITE, "Infinity,1\n", ":1: column 1 is 'Infinity'; a finite number is needed");
  assert_fails(IFT_ERR_NOT_FINITE, "nan,NaN\n", ":1: column 1 is 'nan'; a finite number is needed");
}

static void test_weights(void **state) {
  (void)state;
  assert_fails(IFT_ERR_ARGUMENT, "x,weight\n1,1\n2,-0.5\n", ":3: the weight is -0.5; a measure needs weights >= 0");
  assert_fails(IFT_ERR_NOT_FINITE, "x,weight\n1,inf\n", ":2: column 2 is 'inf'; a finite number is needed");
  assert_fails(IFT_ERR_FORMAT, "x,weight\n1,\n", ":2: column 2 is empty; a number is needed");
  assert_fails(IFT_ERR_ARGUMENT, "x,weight\n1,0\n2,0\n", ": the weights sum to 0; a measure needs a positive mass");
  assert_fails(IFT_ERR_NOT_FINITE, "x,weight\n1,1e308\n2,1e308\n", ": the sum of the weights overflows");
  assert_fails(IFT_ERR_FORMAT, "weight,x,Weight\n1,2,3\n",
               ":1: columns 1 and 3 are both named weight; only one may be");
  assert_fails(IFT_ERR_FORMAT, "weight\n1\n", ":1: no column but weight; a measure needs coordinates");
}

static void test_files_that_are_no_table(void **state) {
  (void)state;
  assert_fails(IFT_ERR_FORMAT, "", ": is empty; a measure needs at least one row");
  assert_fails(IFT_ERR_FORMAT, "\n \r\n\t", ": is empty; a measure needs at least one row");
  assert_fails(IFT_ERR_FORMAT, "\xef\xbb\xbf", ": is empty; a measure needs at least one row");
  assert_fails(IFT_ERR_FORMAT, "x,y\n", ": has a header but no rows; a measure needs at least one");
  assert_fails(IFT_ERR_FORMAT, "x,y", ": has a header but no rows; a measure needs at least one");
  assert_fails(IFT_ERR_FORMAT, ",\n\n", ": has a header but no rows; a measure needs at least one");
  assert_load_fails(IFT_ERR_FORMAT, "PK\3\4\0\0", 6, ": is binary (byte 4 is 0); a measure is read from CSV or NPY");
  assert_load_fails(IFT_ERR_FORMAT, "1,2\n3,4\n\0", 9, ": is binary (byte 8 is 0); a measure is read from CSV or NPY");
  assert_fails(IFT_ERR_FORMAT, "\x93NUM,1\n",
               ":1: column 1 is '\x93NUM' where others are numbers; a first line is all numbers or all names");
}

/* A table whose rows times columns do not fit in memory asks for none: some row is not as long. */
static void test_pretended_size(void **state) {
  (void)state;
  static char text[400001];
  memset(text, ',', 200000);
  memset(text + 200000, '\n', 200000);
  strcpy(text + 399999, "1");
  assert_fails(IFT_ERR_FORMAT, text, ":2: the line is blank; only lines at the end may be");
}

static void test_long_lines_and_many_rows(void **state) {
  (void)state;
  enum { D = 20000, N = 30000 };
  static char text[D * 8 + N * 8];
  char *end = text;
  for (int j = 0; j < D; j++) end += sprintf(end, j ? ",%d" : "%d", j);
  ift_measure *measure = load_text(text);
  assert_int_equal(ift_measure_dim(measure), D);
  for (int j = 0; j < D; j++) assert_true(ift_measure_positions(measure)[j] == j);
  ift_measure_destroy(measure);
  end = text;
  for (int i = 0; i < N; i++) end += sprintf(end, "%d\n", i);
  measure = load_text(text);
  assert_int_equal(ift_measure_size(measure), N);
  for (int i = 0; i < N; i++) assert_true(ift_measure_positions(measure)[i] == i);
  ift_measure_destroy(measure);
}

static void assert_no_file(const char *path, const char *message) {
  ift_measure *measure = (ift_measure *)folder;
  char full[1024];
  assert_status(IFT_ERR_FILE, ift_measure_load(context, &measure, path));
  assert_null(measure);
  snprintf(full, sizeof full, "%s%s", path, message);
  assert_string_equal(ift_context_message(context), full);
}

static void test_files_that_cannot_be_read(void **state) {
  (void)state;
  assert_no_file(in_folder("missing.csv"), ": can't be read: No such file or directory");
  assert_no_file(folder, ": can't be read: Is a directory");
  ift_measure *measure;
  assert_status(IFT_ERR_FILE, ift_measure_load(context, &measure, ""));
  assert_string_equal(ift_context_message(context), "'': can't be read: No such file or directory");
  assert_status(IFT_ERR_FILE, ift_measure_load(context, &measure, "/tmp/no\nsuch/file"));
  assert_string_equal(ift_context_message(context), "/tmp/no?such/file: can't be read: No such file or directory");
  char path[4096];
  memset(path, 'a', sizeof path);
  path[sizeof path - 1] = '\0';
  assert_status(IFT_ERR_FILE, ift_measure_load(context, &measure, path));
  const char *message = ift_context_message(context), *end = ": can't be read: File name too long";
  assert_string_equal(message + strlen(message) - strlen(end), end);
  assert_status(IFT_ERR_ARGUMENT, ift_measure_load(context, &measure, NULL));
  assert_status(IFT_ERR_ARGUMENT, ift_measure_load(context, NULL, path));
  assert_status(IFT_ERR_ARGUMENT, ift_measure_load(NULL, &measure, path));
  assert_null(measure);
}

static void test_standard_input(void **state) {
  (void)state;
  const char *path = in_folder("input");
  ift_measure *measure;
  write_bytes(path, "1,2\n3,4\n", 8);
  assert_non_null(freopen(path, "r", stdin));
  assert_status(IFT_OK, ift_measure_load(context, &measure, "-"));
  assert_memory_equal(ift_measure_positions(measure), numbers, sizeof numbers);
  ift_measure_destroy(measure);
  write_bytes(path, "1,2\n3\n", 6);
  assert_non_null(freopen(path, "r", stdin));
  assert_status(IFT_ERR_FORMAT, ift_measure_load(context, &measure, "-"));
  assert_string_equal(ift_context_message(context), "standard input:2: 1 column, but line 1 has 2");
}

/* More than the first capacity, through a pipe, which tells no size. */
static void test_pipe(void **state) {
  (void)state;
  const char *path = in_folder("pipe");
  assert_int_equal(mkfifo(path, 0600), 0);
  const pid_t child = fork();
  if (child == 0) {
    FILE *file = fopen(path, "w");
    for (int i = 0; i < 100000; i++) fprintf(file, "%d\n", i);
    fclose(file);
    _exit(0);
  }
  ift_measure *measure;
  assert_status(IFT_OK, ift_measure_load(context, &measure, path));
  assert_int_equal(ift_measure_size(measure), 100000);
  assert_true(ift_measure_positions(measure)[99999] == 99999);
  ift_measure_destroy(measure);
  unlink(path);
}

static void check_in_comma_locale(void) {
  assert_loads("1.0,2.0\n3.0,4.0\n", 2, 2, numbers, NULL);
  assert_fails(IFT_ERR_ARGUMENT, "x,weight\n1,-0.5\n", ":2: the weight is -0.5; a measure needs weights >= 0");
}

static void test_locale_of_the_host(void **state) {
  (void)state;
  if (!with_decimal_comma(check_in_comma_locale)) skip();
}

static ift_status load(ift_measure **out) {
  return ift_measure_load(context, out, in_folder("input"));
}

static void test_no_memory(void **state) {
  (void)state;
  write_bytes(in_folder("input"), "x,weight\n1,2\n", 13);
  assert_true(fail_allocations(load) >= 2);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_without_header),
      cmocka_unit_test(test_with_header),
      cmocka_unit_test(test_ragged_and_blank),
      cmocka_unit_test(test_no_numbers),
      cmocka_unit_test(test_first_line_of_numbers_and_names),
      cmocka_unit_test(test_not_finite),
      cmocka_unit_test(test_weights),
      cmocka_unit_test(test_files_that_are_no_table),
      cmocka_unit_test(test_pretended_size),
      cmocka_unit_test(test_long_lines_and_many_rows),
      cmocka_unit_test(test_files_that_cannot_be_read),
      cmocka_unit_test(test_standard_input),
      cmocka_unit_test(test_pipe),
      cmocka_unit_test(test_locale_of_the_host),
      cmocka_unit_test(test_no_memory),
  };
  return cmocka_run_group_tests_name("measure/csv", tests, set_up, tear_down);
}
