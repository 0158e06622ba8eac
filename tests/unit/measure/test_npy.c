/* Reading NumPy's files, the bytes of which are put together here. */
#define _POSIX_C_SOURCE 200809L
#include "files.h"

/* A file in the making. */
static unsigned char bytes[4096];
static size_t size;

static void put(const void *data, size_t length) {
  memcpy(bytes + size, data, length);
  size += length;
}

static void put_little_endian(uint64_t value, int count) {
  for (int k = 0; k < count; k++) bytes[size++] = (unsigned char)(value >> (8 * k) & 255);
}

/* Everything before the data: the header is padded with spaces to a multiple of 64, as NumPy does. */
static void begin(int major, int minor, const char *header) {
  const int width = major == 1 ? 2 : 4;
  size = 0;
  put("\x93NUMPY", 6);
  bytes[size++] = (unsigned char)major;
  bytes[size++] = (unsigned char)minor;
  const size_t length = (size + (size_t)width + strlen(header) + 1 + 63) / 64 * 64 - size - (size_t)width;
  put_little_endian(length, width);
  memset(bytes + size, ' ', length);
  memcpy(bytes + size, header, strlen(header));
  size += length;
  bytes[size - 1] = '\n';
}

static void put_f8(double value) {
  uint64_t bits;
  memcpy(&bits, &value, sizeof bits);
  put_little_endian(bits, 8);
}

static void put_f4(float value) {
  uint32_t bits;
  memcpy(&bits, &value, sizeof bits);
  put_little_endian(bits, 4);
}

static void put_i4(double value) {
  put_little_endian((uint32_t)(int32_t)value, 4);
}

static void put_i8(double value) {
  put_little_endian((uint64_t)(int64_t)value, 8);
}

static void put_real4(double value) {
  put_f4((float)value);
}

static const double table[] = {1, -2, 3, 4, 50000, -600};      /* 3 by 2 */
static const double by_columns[] = {1, 3, 50000, -2, 4, -600}; /* the same in Fortran order */
static void (*const puts_of[])(double) = {put_f8, put_real4, put_i4, put_i8};
static const char *const descrs[] = {"<f8", "<f4", "<i4", "<i8"};

static void assert_table(int64_t n, int64_t d, const double *expected) {
  ift_measure *measure = load_bytes(bytes, size);
  assert_int_equal(ift_measure_size(measure), n);
  assert_int_equal(ift_measure_dim(measure), d);
  assert_memory_equal(ift_measure_positions(measure), expected, (size_t)(n * d) * sizeof(double));
  for (int64_t i = 0; i < n; i++) assert_true(ift_measure_weights(measure)[i] == 1 / (double)n);
  ift_measure_destroy(measure);
}

static void test_all_types_orders_and_versions(void **state) {
  (void)state;
  char header[128];
  for (int version = 1; version <= 3; version++)
    for (size_t type = 0; type < 4; type++)
      for (int fortran = 0; fortran < 2; fortran++) {
        snprintf(header, sizeof header, "{'descr': '%s', 'fortran_order': %s, 'shape': (3, 2), }", descrs[type],
                 fortran ? "True" : "False");
        begin(version, 0, header);
        for (int i = 0; i < 6; i++) puts_of[type](fortran ? by_columns[i] : table[i]);
        assert_table(3, 2, table);
        snprintf(header, sizeof header, "{'descr': '%s', 'fortran_order': %s, 'shape': (6,), }", descrs[type],
                 fortran ? "True" : "False");
        begin(version, 0, header);
        for (int i = 0; i < 6; i++) puts_of[type](table[i]);
        assert_table(6, 1, table);
      }
}

static void test_other_ways_to_write_the_header(void **state) {
  (void)state;
  static const char *const headers[] = {
      "{\"shape\":(3,2),\"fortran_order\":False,\"descr\":\"<f8\"}",
      "{ 'fortran_order' : False , 'shape' : ( 3 , 2 , ) , 'descr' : '<f8' , }",
      "{'descr': '<f8', 'fortran_order': False, 'shape': (3L, 2L), }",
      "\n{'descr': '<f8',\n'fortran_order': False,\r\n'shape': (3, 2)}\n",
  };
  for (size_t k = 0; k < sizeof headers / sizeof headers[0]; k++) {
    begin(1, 0, headers[k]);
    for (int i = 0; i < 6; i++) put_f8(table[i]);
    assert_table(3, 2, table);
  }
}

static void test_numbers_at_the_ends(void **state) {
  (void)state;
  const double ends[] = {1.7976931348623157e308, 5e-324, -0.0};
  begin(1, 0, "{'descr': '<f8', 'fortran_order': False, 'shape': (1, 3), }");
  for (int i = 0; i < 3; i++) put_f8(ends[i]);
  assert_table(1, 3, ends);
  const double wholes[] = {-9223372036854775808.0, 9223372036854775808.0, -1};
  begin(1, 0, "{'descr': '<i8', 'fortran_order': False, 'shape': (1, 3), }");
  put_little_endian((uint64_t)INT64_MIN, 8), put_little_endian(INT64_MAX, 8), put_i8(-1);
  assert_table(1, 3, wholes);
  const double shorter[] = {-2147483648.0, 2147483647.0, -1};
  begin(1, 0, "{'descr': '<i4', 'fortran_order': False, 'shape': (1, 3), }");
  put_i4(-2147483648.0), put_i4(2147483647.0), put_i4(-1);
  assert_table(1, 3, shorter);
}

static void assert_fails(ift_status expected, const char *message) {
  assert_load_fails(expected, bytes, size, message);
}

/* A header with two numbers behind it is refused. */
static void assert_header_fails(const char *header, const char *message) {
  begin(1, 0, header);
  put_f8(1), put_f8(2);
  assert_fails(IFT_ERR_FORMAT, message);
}

static void test_types_that_are_not_read(void **state) {
  (void)state;
  static const char *const others[] = {">f8", "|i1", "<f2", "<i2", "<u4", "<c16", "=f8", "<U3", "|O", "f8", ""};
  for (size_t k = 0; k < sizeof others / sizeof others[0]; k++) {
    char header[128], message[128];
    snprintf(header, sizeof header, "{'descr': '%s', 'fortran_order': False, 'shape': (2,), }", others[k]);
    snprintf(message, sizeof message, ": the items are of type '%s'; '<f8', '<f4', '<i8' and '<i4' are read",
             others[k]);
    assert_header_fails(header, message);
  }
  assert_header_fails("{'descr': [('x', '<f8')], 'fortran_order': False, 'shape': (2,), }",
                      ": the items are no plain numbers; '<f8', '<f4', '<i8' and '<i4' are read");
}

static void test_shapes_that_are_not_read(void **state) {
  (void)state;
  static const struct {
    const char *shape, *message;
  } cases[] = {
      {"()", ": the array has 0 dimensions; 1 (points on a line) and 2 (a point a row) are read"},
      {"(1, 2, 1)", ": the array has 3 dimensions; 1 (points on a line) and 2 (a point a row) are read"},
      {"(0,)", ": the array is empty; a measure needs at least one row and one column"},
      {"(2, 0)", ": the array is empty; a measure needs at least one row and one column"},
      {"(3,)", ": is truncated: 3 by 1 numbers of 8 bytes are not 16 bytes"},
      {"(1, 1)", ": has data behind the array: 1 by 1 numbers of 8 bytes are not 16 bytes"},
      {"(4294967296, 4294967296)", ": is truncated: 4294967296 by 4294967296 numbers of 8 bytes are not 16 bytes"},
      {"(2305843009213693953, 1)", ": is truncated: 2305843009213693953 by 1 numbers of 8 bytes are not 16 bytes"},
      {"(99999999999999999999999, 3)", ": is truncated: 9223372036854775807 by 3 numbers of 8 bytes are not 16 bytes"},
      {"(-2,)", ": not a valid NPY header: the shape has something else than numbers in it"},
      {"(2.0,)", ": not a valid NPY header: the shape is not closed"},
      {"(2", ": not a valid NPY header: the shape has something else than numbers in it"},
      {"2", ": not a valid NPY header: the shape is not in parentheses"},
  };
  for (size_t k = 0; k < sizeof cases / sizeof cases[0]; k++) {
    char header[128];
    snprintf(header, sizeof header, "{'descr': '<f8', 'fortran_order': False, 'shape': %s, }", cases[k].shape);
    assert_header_fails(header, cases[k].message);
  }
}

static void test_headers_that_are_none(void **state) {
  (void)state;
  static const char *const why[][2] = {
      {"", "it is no dictionary"},
      {"['descr']", "it is no dictionary"},
      {"{}", "descr, fortran_order or shape is missing"},
      {"{'descr': '<f8', 'shape': (2,)}", "descr, fortran_order or shape is missing"},
      {"{'descr': '<f8', 'descr': '<f8'}", "it has something else than descr, fortran_order and shape, once each"},
      {"{'order': True}", "it has something else than descr, fortran_order and shape, once each"},
      {"{descr: '<f8'}", "a key and a colon are missing"},
      {"{'descr' '<f8'}", "a key and a colon are missing"},
      {"{'descr", "a key and a colon are missing"},
      {"{'descr': '<f8'", "a comma or the closing brace is missing"},
      {"{'fortran_order': 0}", "fortran_order is neither True nor False"},
      {"{'descr': '<f8', 'fortran_order': False, 'shape': (2,)} x", "there is something behind the closing brace"},
  };
  for (size_t k = 0; k < sizeof why / sizeof why[0]; k++) {
    char message[128];
    snprintf(message, sizeof message, ": not a valid NPY header: %s", why[k][1]);
    assert_header_fails(why[k][0], message);
  }
}

static void test_versions(void **state) {
  (void)state;
  static const int others[][2] = {{0, 0}, {4, 0}, {1, 1}, {255, 255}};
  for (size_t k = 0; k < sizeof others / sizeof others[0]; k++) {
    char message[128];
    begin(others[k][0], others[k][1], "{'descr': '<f8', 'fortran_order': False, 'shape': (1,), }");
    put_f8(1);
    snprintf(message, sizeof message, ": NPY version %d.%d; 1.0, 2.0 and 3.0 are read", others[k][0], others[k][1]);
    assert_fails(IFT_ERR_FORMAT, message);
  }
}

/* A file cut off anywhere is an error, and nothing behind its end is looked at (the sanitizers would see that). */
static void test_every_truncation(void **state) {
  (void)state;
  for (int version = 1; version <= 2; version++) {
    begin(version, 0, "{'descr': '<f8', 'fortran_order': False, 'shape': (2, 1), }");
    put_f8(1), put_f8(2);
    for (size_t length = 0; length < size; length++) {
      ift_measure *measure = (ift_measure *)folder;
      write_bytes(in_folder("input"), bytes, length);
      assert_status(IFT_ERR_FORMAT, ift_measure_load(context, &measure, in_folder("input")));
      assert_null(measure);
    }
    bytes[size++] = 0;
    assert_fails(IFT_ERR_FORMAT, ": has data behind the array: 2 by 1 numbers of 8 bytes are not 17 bytes");
  }
  begin(3, 0, "{'descr': '<f8', 'fortran_order': False, 'shape': (1,), }");
  memset(bytes + 8, 255, 4); /* the length of the header */
  assert_fails(IFT_ERR_FORMAT, ": not a valid NPY header: the file is truncated");
}

static void test_not_finite(void **state) {
  (void)state;
  begin(1, 0, "{'descr': '<f8', 'fortran_order': False, 'shape': (2, 2), }");
  put_f8(1), put_f8(2), put_f8(3), put_f8(-NAN);
  assert_fails(IFT_ERR_NOT_FINITE, ": row 2, column 2 (from 1) is nan; a finite number is needed");
  begin(1, 0, "{'descr': '<f4', 'fortran_order': True, 'shape': (2, 2), }");
  put_f4(1), put_f4(2), put_f4(-INFINITY), put_f4(4);
  assert_fails(IFT_ERR_NOT_FINITE, ": row 1, column 2 (from 1) is -inf; a finite number is needed");
}

static ift_status load(ift_measure **out) {
  return ift_measure_load(context, out, in_folder("input"));
}

static void test_no_memory(void **state) {
  (void)state;
  begin(1, 0, "{'descr': '<f8', 'fortran_order': False, 'shape': (1,), }");
  put_f8(1);
  write_bytes(in_folder("input"), bytes, size);
  assert_true(fail_allocations(load) >= 2);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_all_types_orders_and_versions),
      cmocka_unit_test(test_other_ways_to_write_the_header),
      cmocka_unit_test(test_numbers_at_the_ends),
      cmocka_unit_test(test_types_that_are_not_read),
      cmocka_unit_test(test_shapes_that_are_not_read),
      cmocka_unit_test(test_headers_that_are_none),
      cmocka_unit_test(test_versions),
      cmocka_unit_test(test_every_truncation),
      cmocka_unit_test(test_not_finite),
      cmocka_unit_test(test_no_memory),
  };
  return cmocka_run_group_tests_name("measure/npy", tests, set_up, tear_down);
}
