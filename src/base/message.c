/* What the library tells its host: the message of the last error, and lines for the log. */
#include <stdarg.h>

#include "base/context.h"
#include "base/number.h"

ift_status ift_fail(ift_context *context, ift_status status, const char *format, ...) {
  if (!context) return status;
  va_list arguments;
  va_start(arguments, format);
  ift_number_vprint(context->message, sizeof context->message, format, arguments);
  va_end(arguments);
  return status;
}

void ift_log(ift_context *context, const char *format, ...) {
  if (!context || !context->log) return;
  char text[IFT_MESSAGE_SIZE];
  va_list arguments;
  va_start(arguments, format);
  ift_number_vprint(text, sizeof text, format, arguments);
  va_end(arguments);
  context->log(text, context->log_user);
}
