/* The options of a context, settable as text too so that the command and bindings need no code for each. */
#include <math.h>
#include <stddef.h>

#include "base/options.h"

static const ift_option_spec specs[] = {
    {"seed", IFT_INTEGER, true, "0 .. 9223372036854775807", 0, 9223372036854775807.0, "0", "",
     "seed of the random numbers of what is made from the context"},
    {"threads", IFT_INTEGER, true, "1 .. 1024", 1, 1024, "1", "",
     "threads that loops may use, the calling one included; results don't depend on it"},
};

const ift_option_table ift_context_options = {"context", specs, sizeof specs / sizeof specs[0]};

ift_status ift_context_set_option(ift_context *context, const char *option, const char *value) {
  if (!context) return IFT_ERR_ARGUMENT;
  const int index = ift_option_find(context, &ift_context_options, option);
  if (index < 0) return option ? IFT_ERR_OPTION : IFT_ERR_ARGUMENT;
  ift_option_value parsed;
  IFT_TRY(ift_option_set_text(context, &specs[index], &parsed, value));
  if (index == 0) return ift_context_set_seed(context, (uint64_t)parsed.integer);
  return ift_context_set_threads(context, (int)parsed.integer);
}
