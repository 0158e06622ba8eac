/* Signals. SIGINT is taken even where the command was started with it ignored, as a shell without job control does
 * for commands behind an `&`: whoever sends it to a run means it. */
#define _POSIX_C_SOURCE 200809L
#include "cli/interrupt.h"

#include <signal.h>
#include <stddef.h>
#include <unistd.h>

#include "cli/outputs.h"

/* Exit status after a Ctrl-C, as shells have it. */
enum { INTERRUPTED = 128 + 2 };

static void (*volatile stop)(void *object);
static void *volatile running;
static volatile sig_atomic_t gentle, interrupted;

static void handle(int number) {
  if (number == SIGINT && gentle && !interrupted) {
    interrupted = 1;
    if (running) stop(running);
    return;
  }
  cli_outputs_unlink();
  if (number == SIGINT) _exit(INTERRUPTED);
  signal(number, SIG_DFL);
  raise(number);
}

void cli_interrupt_prepare(void) {
  static const int numbers[] = {SIGINT, SIGTERM, SIGHUP};
  for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
    struct sigaction old, action = {.sa_handler = handle, .sa_flags = SA_RESTART};
    sigemptyset(&action.sa_mask);
    if (numbers[i] != SIGINT && sigaction(numbers[i], NULL, &old) == 0 && old.sa_handler == SIG_IGN) continue;
    sigaction(numbers[i], &action, NULL);
  }
  /* A reader that went away is an error of writing like any other, reported as one. */
  signal(SIGPIPE, SIG_IGN);
}

void cli_interrupt_watch(void (*request_stop)(void *object), void *object) {
  stop = request_stop;
  running = object;
  gentle = 1;
}

void cli_interrupt_unwatch(void) {
  running = NULL;
}

bool cli_interrupted(void) {
  return interrupted;
}
