/* cli/arguments.h - the command line. */
#ifndef CLI_ARGUMENTS_H
#define CLI_ARGUMENTS_H

#include <stdbool.h>
#include <stdint.h>

/* An option of a command. Where `noun` is set it is an option of the library's of that noun and name: its choices,
 * range, default and meaning come from the library's table, and it is no option of the command where the library has
 * none of that name. */
typedef struct cli_option {
  const char *name;    /* without the dashes */
  const char *value;   /* what stands for the value in the help; NULL: a switch without one */
  const char *noun;    /* NULL: an option of the command itself */
  const char *initial; /* the default, in place of the library's or to be shown; may be NULL */
  const char *doc;     /* may be NULL where the library has it */
} cli_option;

typedef struct cli_arguments cli_arguments;

/* A command, its name and what it is called with. */
typedef struct cli_command {
  const char *name;
  const char *synopsis;      /* what follows the name in the usage line */
  const char *doc;           /* one line */
  const char *settings;      /* noun of the library's options that --set may name, or NULL */
  const cli_option *options; /* ends with a row whose name is NULL */
  int operands;              /* how many arguments without dashes it takes, all needed */
  const char *needed;        /* names of the options it can't do without, separated by spaces */
  bool (*run)(const cli_arguments *arguments, int *status);
} cli_command;

/* A library option and its value as given, from an option of that name or from --set. */
typedef struct cli_setting {
  const char *noun;
  const char *name;
  const char *value;
} cli_setting;

enum { CLI_OPTIONS = 40, CLI_SETTINGS = 64, CLI_OPERANDS = 2 };

/* A command line read. Texts belong to argv, but for the names of --set. */
struct cli_arguments {
  const cli_command *command;
  const char *values[CLI_OPTIONS]; /* by option of the command; NULL: not given */
  const char *operands[CLI_OPERANDS];
  int operand_count;
  cli_setting settings[CLI_SETTINGS];
  int setting_count;
  char names[CLI_SETTINGS][64];
  bool help;
};

/* Reads what follows the command's name. With --help only `help` is set. */
bool cli_arguments_read(cli_arguments *arguments, const cli_command *command, int argc, char **argv);

/* The value of an option of the command's own, or NULL; "" for a switch that is there. */
const char *cli_argument(const cli_arguments *arguments, const char *name);

/* A whole number from `low` to 2147483647; where the option isn't given *out stays. */
bool cli_argument_count(const cli_arguments *arguments, const char *name, int64_t low, int64_t *out);

/* A decimal number > 0, and nothing else, in a text. */
bool cli_positive(const char *text, double *out);

/* Is this row an option that the library of today has? */
bool cli_option_exists(const cli_option *option);

#endif
