/* Failures and remarks, a line each. */
#include "cli/message.h"

#include <stdarg.h>
#include <stdio.h>

#include "cli/progress.h"

/* Long enough for a longest path with what is wrong about it. */
enum { LINE = 6000, NOTES = 8 };

static bool failed;
static char notes[NOTES][LINE];
static int note_count;

/* A file name may hold line feeds and escape sequences; a message is one line and harmless. */
static void plain_line(char *text) {
  for (; *text; text++)
    if ((unsigned char)*text < ' ' || *text == 0x7f) *text = '?';
}

bool cli_fail(const char *format, ...) {
  if (failed) return false;
  failed = true;
  char text[LINE];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  plain_line(text);
  cli_progress_clear();
  fprintf(stderr, "ift: %s\n", text);
  return false;
}

void cli_note(const char *format, ...) {
  if (note_count == NOTES) return;
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(notes[note_count], LINE, format, arguments);
  va_end(arguments);
  plain_line(notes[note_count++]);
}

void cli_show_notes(void) {
  for (int i = 0; i < note_count; i++) fprintf(stderr, "ift: note: %s\n", notes[i]);
  note_count = 0;
}
