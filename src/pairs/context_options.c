/* The options of a context, settable as text too so that the command and bindings need no code for each. They stand here
 * since this room has the engines, the words that one of them takes. */
#include <math.h>
#include <stddef.h>

#include "base/options.h"

static const char engine_list[] =
#define ENGINE(identifier, name) "|" name
#include "pairs/engines.def"
#undef ENGINE
    ;
#define engine_words (engine_list + 1) /* without the bar in front */

static ift_status set_seed(ift_context *context, const ift_option_value *value) {
  return ift_context_set_seed(context, (uint64_t)value->integer);
}

static ift_status set_threads(ift_context *context, const ift_option_value *value) {
  return ift_context_set_threads(context, (int)value->integer);
}

static ift_status set_engine(ift_context *context, const ift_option_value *value) {
  context->engine = value->automatic ? 0 : value->word + 1;
  return IFT_OK;
}

static ift_status set_isa(ift_context *context, const ift_option_value *value) {
  const ift_isa isa = value->automatic ? ift_isa_widest() : (ift_isa)value->word;
  char name[IFT_OPTION_TEXT], widest[IFT_OPTION_TEXT];
  ift_word_copy(IFT_ISA_NAMES, (int)isa, name, sizeof name);
  ift_word_copy(IFT_ISA_NAMES, (int)ift_isa_widest(), widest, sizeof widest);
  if (!ift_isa_available(isa))
    return ift_fail(context, IFT_ERR_OPTION, "isa is %s, which this processor lacks; the widest it has is %s", name,
                    widest);
  context->isa = isa;
  return IFT_OK;
}

static const ift_option_spec specs[] = {
    {"seed", IFT_INTEGER, true, "0 .. 9223372036854775807", 0, 9223372036854775807.0, "0", "",
     "seed of the random numbers of what is made from the context"},
    {"threads", IFT_INTEGER, true, "1 .. 1024", 1, 1024, "1", "",
     "threads that loops may use, the calling one included; results don't depend on it"},
    {"engine", IFT_TEXT, true, engine_words, 0, 0, "auto", "",
     "how kernels are summed over pairs of points; auto: by size, what takes least time, but never low-rank; where the "
     "one named here can't, sums are direct"},
    {"isa", IFT_TEXT, true, IFT_ISA_NAMES, 0, 0, "auto", "",
     "vector instructions that sums over pairs use; auto: the widest that the processor has; last bits depend on it"},
};

enum { OPTIONS = sizeof specs / sizeof specs[0] };

/* What each of them does, in the same order. */
static ift_status (*const setters[OPTIONS])(ift_context *context, const ift_option_value *value) = {
    set_seed, set_threads, set_engine, set_isa};

const ift_option_table ift_context_options = {"context", specs, OPTIONS};

ift_status ift_context_set_option(ift_context *context, const char *option, const char *value) {
  if (!context) return IFT_ERR_ARGUMENT;
  const int index = ift_option_find(context, &ift_context_options, option);
  if (index < 0) return option ? IFT_ERR_OPTION : IFT_ERR_ARGUMENT;
  ift_option_value parsed;
  IFT_TRY(ift_option_set_text(context, &specs[index], &parsed, value));
  return setters[index](context, &parsed);
}
