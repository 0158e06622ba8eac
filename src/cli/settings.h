/* cli/settings.h - the library's options, as given on the command line. */
#ifndef CLI_SETTINGS_H
#define CLI_SETTINGS_H

#include <ift.h>

#include "cli/arguments.h"

/* A context with the seed and the number of threads asked for; by default all cores. */
bool cli_context_create(ift_context **out, const cli_arguments *arguments);

/* Hands every option of `noun` to `set`. */
bool cli_settings_apply(const cli_arguments *arguments, const char *noun, ift_context *context, void *object,
                        ift_status (*set)(void *object, const char *option, const char *value));

/* The value of --seed as a number (0 where it is not given); call it when the context has taken it. */
uint64_t cli_seed(const cli_arguments *arguments);

/* Two points on a line, the kernel gaussian:1, and as the target the points themselves or, with `mixture`, a standard
 * Gaussian: what it takes to try options out before any file is read. */
bool cli_rehearsal(ift_context *context, ift_measure **measure, ift_kernel **kernel, ift_target **target, bool mixture);

#endif
