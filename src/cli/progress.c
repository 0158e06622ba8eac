/* The progress line: one line of the terminal, written over again and again. */
#define _POSIX_C_SOURCE 200809L
#include "cli/progress.h"

#include <stdio.h>
#include <time.h>
#include <unistd.h>

/* Seconds before the line appears, and between two of its states. */
static const double patience = 1.0, interval = 0.25;

static bool terminal, visible;
static double started, shown;
static int64_t first; /* step */

double cli_seconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

bool cli_watched(void) {
  return isatty(STDERR_FILENO) != 0;
}

/* Nothing where results go to the terminal too: the line would run through them. */
void cli_progress_start(bool rows_on_standard, int64_t step) {
  first = step;
  terminal = cli_watched() && !(rows_on_standard && isatty(STDOUT_FILENO));
  started = cli_seconds();
  shown = started + patience - interval;
}

/* "3:07", "1:02:03" */
static void print_clock(double seconds) {
  const long long s = (long long)(seconds + 0.5);
  if (s >= 3600)
    fprintf(stderr, "%lld:%02lld:%02lld", s / 3600, s / 60 % 60, s % 60);
  else
    fprintf(stderr, "%lld:%02lld", s / 60, s % 60);
}

bool cli_progress_due(void) {
  return terminal && cli_seconds() >= shown + interval;
}

void cli_progress_show(int64_t step, int64_t total, const char *name, double value) {
  shown = cli_seconds();
  const double elapsed = shown - started;
  visible = true;
  fprintf(stderr, "\rstep %lld", (long long)step);
  if (total > 0) fprintf(stderr, " of %lld", (long long)total);
  fprintf(stderr, "   %s %.4g   ", name, value);
  if (total > 0 && step > first) {
    print_clock(elapsed / (double)(step - first) * (double)(total - step));
    fputs(" left", stderr);
  } else {
    print_clock(elapsed);
    fputs(" so far", stderr);
  }
  fputs("\033[K", stderr);
  fflush(stderr);
}

void cli_progress_clear(void) {
  if (visible) fputs("\r\033[K", stderr);
  visible = false;
}
