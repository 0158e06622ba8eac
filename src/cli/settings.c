/* From the command line to the library's options. */
#include "cli/settings.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/data.h"
#include "cli/message.h"

static ift_status set_context(void *object, const char *option, const char *value) {
  return ift_context_set_option(object, option, value);
}

static void say(const char *text, void *user) {
  (void)user;
  fprintf(stderr, "ift: %s\n", text);
}

bool cli_context_create(ift_context **out, const cli_arguments *arguments) {
  if (ift_context_create(out) != IFT_OK) return cli_fail("out of memory");
  if (cli_argument(arguments, "log")) (void)ift_context_set_log(*out, say, NULL, NULL);
  const char *threads = cli_argument(arguments, "threads");
  const long cores = sysconf(_SC_NPROCESSORS_ONLN);
  /* Where the system is out of threads the work is done with one: the result is the same. */
  if (!threads && cores > 1) (void)ift_context_set_threads(*out, cores < 1024 ? (int)cores : 1024);
  return cli_settings_apply(arguments, "context", *out, *out, set_context);
}

bool cli_settings_apply(const cli_arguments *arguments, const char *noun, ift_context *context, void *object,
                        ift_status (*set)(void *object, const char *option, const char *value)) {
  for (int i = 0; i < arguments->setting_count; i++) {
    const cli_setting *setting = &arguments->settings[i];
    if (strcmp(setting->noun, noun) != 0) continue;
    if (set(object, setting->name, setting->value) != IFT_OK) return cli_library_failed(context);
  }
  return true;
}

uint64_t cli_seed(const cli_arguments *arguments) {
  const char *seed = cli_argument(arguments, "seed");
  return seed ? strtoull(seed, NULL, 10) : 0;
}

bool cli_rehearsal(ift_context *context, ift_measure **measure, ift_kernel **kernel, ift_target **target,
                   bool mixture) {
  static const double positions[] = {-1, 1}, one[] = {1}, zero[] = {0};
  return (ift_measure_create(context, measure, positions, 2, 1, NULL) == IFT_OK &&
          ift_kernel_gaussian(context, kernel, 1) == IFT_OK &&
          (mixture ? ift_target_gaussian_mixture(context, target, 1, 1, one, zero, one)
                   : ift_target_samples(context, target, *measure)) == IFT_OK) ||
         cli_library_failed(context);
}
