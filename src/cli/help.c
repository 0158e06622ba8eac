/* Help texts. */
#include "cli/help.h"

#include <stdio.h>
#include <string.h>

#include <ift.h>

#include "cli/energy.h"
#include "cli/tables.h"

/* Columns of a terminal: where descriptions start, and where lines end. */
enum { INDENT = 26, WIDTH = 100 };

/* The length of what stays in one line: a word, or of a list of choices that is longer than a line what fits. */
static int piece(const char *text) {
  int length = (int)strcspn(text, " ");
  if (length <= WIDTH - INDENT) return length;
  for (int i = WIDTH - INDENT; i > 0; i--)
    if (text[i - 1] == '|') return i;
  return length;
}

void cli_print_item(const char *name, const char *text) {
  int column = printf("  %s", name);
  if (column > INDENT - 2) column = printf("\n") - 1;
  for (; column < INDENT; column++) putchar(' ');
  const char *before = " ";
  while (*text) {
    const int length = piece(text);
    if (column > INDENT && column + (int)strlen(before) + length > WIDTH) {
      printf("\n%*s", INDENT, "");
      column = INDENT;
    }
    if (column > INDENT) column += printf("%s", before);
    printf("%.*s", length, text);
    column += length;
    before = text[length] == ' ' ? " " : "";
    text += length + (int)strspn(text + length, " ");
  }
  putchar('\n');
}

/* What an option is, what it may be and what it is by default, "a size ([0, inf); default auto)". `initial` stands
 * for the library's default where it is given. */
static void describe(char *out, size_t capacity, int64_t entry, const char *doc, const char *initial) {
  const char *range = entry >= 0 ? ift_option_range(entry) : "";
  if (entry >= 0 && !initial) initial = ift_option_default(entry);
  if (entry >= 0 && !doc) doc = ift_option_doc(entry);
  const bool remark = *range || initial;
  snprintf(out, capacity, "%s%s%s%s%s%s%s", doc, remark ? " (" : "", range, *range && initial ? "; " : "",
           initial ? "default " : "", initial ? initial : "", remark ? ")" : "");
}

static void print_option(const cli_option *option) {
  char name[80], text[1000];
  snprintf(name, sizeof name, "--%s %s", option->name, option->value ? option->value : "");
  describe(text, sizeof text, option->noun ? cli_entry(option->noun, option->name) : -1, option->doc, option->initial);
  cli_print_item(name, text);
}

static bool has_option(const cli_command *command, const char *name) {
  for (const cli_option *option = command->options; option->name; option++)
    if (cli_same_name(option->name, name)) return true;
  return false;
}

/* The options of the library that only --set can name. */
static void print_other_settings(const cli_command *command) {
  bool any = false;
  for (int64_t i = 0; i < ift_option_count(); i++) {
    char text[1000];
    if (strcmp(ift_option_noun(i), command->settings) != 0 || strcmp(ift_option_access(i), "option") != 0) continue;
    if (has_option(command, ift_option_name(i))) continue;
    if (!any) printf("\nFor --set NAME=VALUE besides:\n");
    any = true;
    describe(text, sizeof text, i, NULL, NULL);
    cli_print_item(ift_option_name(i), text);
  }
}

void cli_print_kinds(const char *title, const char *noun, bool all) {
  printf("\n%s\n", title);
  for (int64_t i = 0; i < ift_kind_count(); i++) {
    if (strcmp(ift_kind_noun(i), noun) != 0) continue;
    const bool here = cli_can_name(noun, ift_kind_name(i));
    char text[1000];
    snprintf(text, sizeof text, "%s%s", ift_kind_doc(i), here ? "" : " (for programs; the command has no word for it)");
    if (here || all) cli_print_item(*ift_kind_spec(i) ? ift_kind_spec(i) : ift_kind_name(i), text);
  }
}

void cli_command_help(const cli_command *command) {
  printf("usage: ift %s %s\n\n%s %s.\n", command->name, command->synopsis, command->name, command->doc);
  if (command->options[0].name) printf("\nOptions, as --option VALUE or --option=VALUE:\n");
  for (const cli_option *option = command->options; option->name; option++)
    if (cli_option_exists(option)) print_option(option);
  if (command->settings) print_other_settings(command);
  if (has_option(command, "geometry")) cli_print_kinds("Geometries:", "geometry", false);
  if (has_option(command, "energy")) cli_print_kinds("Energies:", "energy", false);
  if (has_option(command, "kernel")) {
    cli_print_kinds("Kernels:", "kernel", false);
    cli_print_item("gaussian:median", "sigma by the median heuristic: the median distance over the square root of 2");
    cli_print_item("A*KERNEL+B*KERNEL", "a weighted sum, 0.5*gaussian:1+0.5*gaussian:4");
  }
}

void cli_help(const cli_command *const *commands, int count) {
  printf("usage: ift COMMAND [OPTIONS]\n\n"
         "ift computes gradient flows of measures: weighted particles that approximate a distribution.\n\nCommands:\n");
  for (int i = 0; i < count; i++) cli_print_item(commands[i]->name, commands[i]->doc);
  printf("\n");
  cli_print_item("ift COMMAND --help", "the options of a command");
  cli_print_item("ift --version", "the version");
  printf("\nFiles are CSV, a row a point, where a column named weight holds weights, or .npy; - is standard\n"
         "input or output. Errors are one line on standard error and exit status 2; no output file is\n"
         "touched then. Ctrl-C stops after the step, writes what there is and exits with 130.\n\n"
         "For example, 25 weighted particles for the points of a file, with a picture:\n\n"
         "    ift compress --target data.csv --particles 25 --standardize --out few.csv --plot few.svg\n");
}
