/* tests/support/near.h - what every test needs: cmocka with its own prerequisites, doubles compared as doubles,
 * statuses by name. */
#ifndef TESTS_SUPPORT_NEAR_H
#define TESTS_SUPPORT_NEAR_H

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <math.h>

#include <cmocka.h>

#include <ift.h>

static inline void assert_near_at(double a, double b, double rtol, double atol, const char *what, const char *file,
                                  int line) {
  /* written so that NaN fails */
  if (!(fabs(a - b) <= atol + rtol * fmax(fabs(a), fabs(b)))) {
    print_error("%s: %.17g is not %.17g (difference %.3g, allowed %.3g relative, %.3g absolute)\n", what, a, b,
                fabs(a - b), rtol, atol);
    _fail(file, line);
  }
}
#define assert_near(a, b, rtol, atol) assert_near_at(a, b, rtol, atol, #a, __FILE__, __LINE__)

static inline void assert_status_at(ift_status expected, ift_status got, const char *what, const char *file, int line) {
  if (expected != got) {
    print_error("%s: %s, expected %s\n", what, ift_status_name(got), ift_status_name(expected));
    _fail(file, line);
  }
}
#define assert_status(expected, call) assert_status_at(expected, call, #call, __FILE__, __LINE__)

#endif
