/* What the library tells its host: the message of the last error, and lines for the log. */
#include <stdarg.h>

#include "base/context.h"
#include "base/number.h"

/* What was handed in may be quoted in a message, which is one line all the same: control characters become '?'. */
static void print_line(char out[static IFT_MESSAGE_SIZE], const char *format, va_list arguments) {
  ift_number_vprint(out, IFT_MESSAGE_SIZE, format, arguments);
  for (char *c = out; *c; c++)
    if ((unsigned char)*c < ' ' || *c == 127) *c = '?';
}

ift_status ift_fail(ift_context *context, ift_status status, const char *format, ...) {
  if (!context) return status;
  va_list arguments;
  va_start(arguments, format);
  print_line(context->message, format, arguments);
  va_end(arguments);
  return status;
}

void ift_log(ift_context *context, const char *format, ...) {
  if (!context || !context->log) return;
  char text[IFT_MESSAGE_SIZE];
  va_list arguments;
  va_start(arguments, format);
  print_line(text, format, arguments);
  va_end(arguments);
  context->log(text, context->log_user);
}
