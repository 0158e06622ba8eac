/* Status codes: their numbers, names and texts. */
#include "support/near.h"

#include <string.h>

#include "base/status.h"

/* Written down a second time on purpose: these numbers are in programs that are already compiled. */
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

enum { CODES = sizeof frozen / sizeof frozen[0] };

static void test_numbers_and_names(void **state) {
  (void)state;
  for (int i = 0; i < CODES; i++) {
    assert_int_equal(frozen[i].status, frozen[i].number);
    assert_string_equal(ift_status_name(frozen[i].status), frozen[i].name);
  }
  assert_int_equal(sizeof(ift_status), sizeof(int));
  assert_int_equal(IFT_STATUS_INT, 0x7fffffff);
}

static void test_every_code_has_its_own_text(void **state) {
  (void)state;
  for (int i = 0; i < CODES; i++) {
    const char *text = ift_status_text(frozen[i].status);
    assert_true(strlen(text) > 3);
    assert_string_not_equal(text, ift_status_text(IFT_STATUS_INT));
    for (int j = 0; j < i; j++) assert_string_not_equal(text, ift_status_text(frozen[j].status));
  }
}

static void test_there_are_no_others(void **state) {
  (void)state;
  for (int number = -1000; number <= 1000; number++) {
    if (number >= -11 && number <= 3) continue;
    assert_string_equal(ift_status_name((ift_status)number), "unknown status");
    assert_string_equal(ift_status_text((ift_status)number), "unknown status");
  }
  assert_string_equal(ift_status_name(IFT_STATUS_INT), "unknown status");
}

static ift_status try_status(ift_status inner, int *reached) {
  IFT_TRY(inner);
  ++*reached;
  return IFT_OK;
}

static void test_try_hands_on_all_but_ok(void **state) {
  (void)state;
  int reached = 0;
  for (int i = 0; i < CODES; i++) assert_status(frozen[i].status, try_status(frozen[i].status, &reached));
  assert_int_equal(reached, 1);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_numbers_and_names),
      cmocka_unit_test(test_every_code_has_its_own_text),
      cmocka_unit_test(test_there_are_no_others),
      cmocka_unit_test(test_try_hands_on_all_but_ok),
  };
  return cmocka_run_group_tests_name("base/status", tests, NULL, NULL);
}
