/* Numbers that programs have compiled into them. A line of this file is never changed and never removed; new ones are added. */
#include "support/near.h"

#include <limits.h>
#include <stdbool.h>
#include <string.h>

#include "base/version.h"

/* Every status with the number and the name that it has for good. */
static const struct {
  ift_status status;
  int number;
  const char *name;
} frozen[] = {
    {IFT_OK, 0, "IFT_OK"},
    {IFT_CONVERGED, 1, "IFT_CONVERGED"},
    {IFT_STOPPED, 2, "IFT_STOPPED"},
    {IFT_STALLED, 3, "IFT_STALLED"},
    {IFT_ERR_NO_MEMORY, -1, "IFT_ERR_NO_MEMORY"},
    {IFT_ERR_ARGUMENT, -2, "IFT_ERR_ARGUMENT"},
    {IFT_ERR_DIMENSION, -3, "IFT_ERR_DIMENSION"},
    {IFT_ERR_OPTION, -4, "IFT_ERR_OPTION"},
    {IFT_ERR_NOT_FINITE, -5, "IFT_ERR_NOT_FINITE"},
    {IFT_ERR_FILE, -6, "IFT_ERR_FILE"},
    {IFT_ERR_FORMAT, -7, "IFT_ERR_FORMAT"},
    {IFT_ERR_CAPABILITY, -8, "IFT_ERR_CAPABILITY"},
    {IFT_ERR_CALLBACK, -9, "IFT_ERR_CALLBACK"},
    {IFT_ERR_CONTEXT, -10, "IFT_ERR_CONTEXT"},
    {IFT_ERR_BUSY, -11, "IFT_ERR_BUSY"},
};
enum { FROZEN = sizeof frozen / sizeof frozen[0] };

static void test_status_numbers(void **state) {
  (void)state;
  for (int i = 0; i < FROZEN; i++) assert_int_equal(frozen[i].status, frozen[i].number);
}

static void test_status_names(void **state) {
  (void)state;
  for (int i = 0; i < FROZEN; i++) assert_string_equal(ift_status_name(frozen[i].status), frozen[i].name);
}

/* A status that this file does not list would be one that nobody has frozen. */
static void test_no_other_status(void **state) {
  (void)state;
  for (int number = -1000; number <= 1000; number++) {
    bool listed = false;
    for (int i = 0; i < FROZEN; i++) listed |= frozen[i].number == number;
    assert_int_equal(listed, strcmp(ift_status_name((ift_status)number), "unknown status") != 0);
  }
}

static void test_sizes(void **state) {
  (void)state;
  assert_int_equal(sizeof(ift_status), sizeof(int));
  assert_int_equal(IFT_STATUS_INT, INT_MAX);
}

static void test_abi_number(void **state) {
  (void)state;
  assert_int_equal(IFT_ABI, 1);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_status_numbers),  cmocka_unit_test(test_status_names),
      cmocka_unit_test(test_no_other_status), cmocka_unit_test(test_sizes),
      cmocka_unit_test(test_abi_number),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
