/* tests/support/fixture.h - what most test programs start and end with: a context of their own. */
#ifndef TESTS_SUPPORT_FIXTURE_H
#define TESTS_SUPPORT_FIXTURE_H

#include "support/make.h"

static ift_context *context;

static int set_up(void **state) {
  (void)state;
  context = make_context();
  return 0;
}

static int tear_down(void **state) {
  (void)state;
  ift_context_destroy(context);
  return 0;
}

#endif
