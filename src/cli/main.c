/* ift: the command. A table of commands; each lives in a file of its own. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <gsl/gsl_errno.h>
#include <ift.h>

#include "cli/commands.h"
#include "cli/help.h"
#include "cli/interrupt.h"
#include "cli/message.h"
#include "cli/outputs.h"
#include "cli/tables.h"

/* Exit status of every failure. */
enum { FAILURE = 2 };

static const cli_command *const commands[] = {&cli_compress, &cli_flow,      &cli_sample,
                                              &cli_mmd,      &cli_bandwidth, &cli_info};
static const int command_count = (int)(sizeof commands / sizeof commands[0]);

static const cli_command *find_command(const char *name) {
  for (int i = 0; i < command_count; i++)
    if (strcmp(commands[i]->name, name) == 0) return commands[i];
  return NULL;
}

static bool unknown_command(const char *name) {
  const cli_command *nearest = commands[0];
  for (int i = 1; i < command_count; i++)
    if (cli_distance(name, commands[i]->name) < cli_distance(name, nearest->name)) nearest = commands[i];
  return cli_fail("there is no command '%.64s'; the nearest is '%s' ('ift --help' lists all)", name, nearest->name);
}

static bool print_help(const char *name) {
  if (!name) {
    cli_help(commands, command_count);
    return true;
  }
  const cli_command *command = find_command(name);
  if (!command) return unknown_command(name);
  cli_command_help(command);
  return true;
}

static bool run_command(int argc, char **argv, int *status) {
  const cli_command *command = find_command(argv[0]);
  if (!command) return unknown_command(argv[0]);
  static cli_arguments arguments;
  if (!cli_arguments_read(&arguments, command, argc - 1, argv + 1)) return false;
  if (arguments.help) {
    cli_command_help(command);
    return true;
  }
  return command->run(&arguments, status);
}

static bool dispatch(int argc, char **argv, int *status) {
  if (argc < 2) return cli_fail("a command is missing ('ift --help' lists them)");
  const char *word = argv[1];
  if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0) return print_help(NULL);
  if (strcmp(word, "help") == 0) return print_help(argc > 2 ? argv[2] : NULL);
  if (strcmp(word, "--version") == 0 || strcmp(word, "version") == 0) {
    printf("ift %s\n", ift_version_string());
    return true;
  }
  if (word[0] == '-')
    return cli_fail("there is no option %.64s before the command ('ift --help' tells the usage)", word);
  return run_command(argc - 1, argv + 1, status);
}

/* A file opened later must not become standard output by taking the number of one that the caller closed. */
static void occupy_standard_files(void) {
  for (int file = STDIN_FILENO; file <= STDERR_FILENO; file++)
    if (fcntl(file, F_GETFD) < 0) (void)open("/dev/null", O_RDONLY);
}

int main(int argc, char **argv) {
  int status = 0;
  occupy_standard_files();
  cli_interrupt_prepare();
  gsl_set_error_handler_off();
  bool done = dispatch(argc, argv, &status);
  done = cli_flush_standard() && done;
  cli_outputs_abandon();
  return done ? status : FAILURE;
}
