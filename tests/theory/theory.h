/* tests/theory/theory.h - how a theorem is reported: one line for each quantity that was measured.
 *
 *     T1.spherical-exponential 3.1e-15 1e-12 pass
 *
 * is the statement and the part of it, the number measured, the largest that is allowed, and the verdict.
 * scripts/check-theory.sh makes a table of these lines. Lines that start with # are remarks: measured orders, margins. */
#ifndef TESTS_THEORY_THEORY_H
#define TESTS_THEORY_THEORY_H

#include "support/near.h"

/* Prints the line and fails the case unless measured <= tolerance (NaN fails). `part` is one word, or NULL. A negative
 * number is the margin by which an inequality holds. */
static inline void theory_report_at(const char *id, const char *part, double measured, double tolerance,
                                    const char *file, int line) {
  const int holds = measured <= tolerance;
  printf("%s%s%s %.2e %.3g %s\n", id, part ? "." : "", part ? part : "", measured, tolerance, holds ? "pass" : "FAIL");
  fflush(stdout);
  if (!holds) _fail(file, line);
}
#define theory_report(id, part, measured, tolerance) theory_report_at(id, part, measured, tolerance, __FILE__, __LINE__)

/* A remark, printed as "# T4 text". */
static inline void theory_remark(const char *id, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  printf("# %s ", id);
  vprintf(format, arguments);
  printf("\n");
  va_end(arguments);
}

/* *worst = max(*worst, value), where a NaN stays: fmax would drop it. */
static inline void theory_worst(double *worst, double value) {
  if (!(value <= *worst)) *worst = isnan(*worst) ? *worst : value;
}

/* The order of accuracy from the errors of two runs, the second with steps `ratio` times smaller. */
static inline double theory_order(double coarse, double fine, double ratio) {
  return log(coarse / fine) / log(ratio);
}

#endif
