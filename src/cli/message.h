/* cli/message.h - what the command says on standard error. */
#ifndef CLI_MESSAGE_H
#define CLI_MESSAGE_H

#include <stdbool.h>

#if defined(__GNUC__)
#define CLI_PRINTF(text, first) __attribute__((format(printf, text, first)))
#else
#define CLI_PRINTF(text, first)
#endif

/* Says what went wrong, one line "ift: ...", once in a run: what follows from the first failure is not news. Always
 * false. */
bool cli_fail(const char *format, ...) CLI_PRINTF(1, 2);

/* Keeps a remark for cli_show_notes: a run that fails prints one line, the failure, and no remarks. */
void cli_note(const char *format, ...) CLI_PRINTF(1, 2);

/* Prints the remarks kept so far. */
void cli_show_notes(void);

#endif
