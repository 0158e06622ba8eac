/* cli/help.h - help, from the tables of the command and of the library. */
#ifndef CLI_HELP_H
#define CLI_HELP_H

#include "cli/arguments.h"

/* `ift --help` with the commands given, and `ift COMMAND --help`. */
void cli_help(const cli_command *const *commands, int count);
void cli_command_help(const cli_command *command);

/* Prints the kinds of a noun under a title: those that a command line can name, or all, and says of the others that
 * they are for programs. */
void cli_print_kinds(const char *title, const char *noun, bool all);

/* A name in a column, then text with line breaks. */
void cli_print_item(const char *name, const char *text);

#endif
