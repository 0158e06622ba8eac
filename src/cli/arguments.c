/* Reading a command line by the table of its command. */
#include "cli/arguments.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/message.h"
#include "cli/tables.h"

bool cli_option_exists(const cli_option *option) {
  return !option->noun || cli_entry(option->noun, option->name) >= 0;
}

static int find(const cli_command *command, const char *name, size_t length) {
  for (int i = 0; command->options[i].name; i++) {
    const cli_option *option = &command->options[i];
    if (strlen(option->name) == length && strncmp(option->name, name, length) == 0 && cli_option_exists(option))
      return i;
  }
  return -1;
}

static bool unknown(const cli_command *command, const char *word, const char *name, size_t length) {
  char wanted[64];
  snprintf(wanted, sizeof wanted, "%.*s", (int)(length < 63 ? length : 63), name);
  const char *nearest = "help";
  int distance = cli_distance(wanted, nearest);
  for (int i = 0; command->options[i].name; i++) {
    if (!cli_option_exists(&command->options[i])) continue;
    const int d = cli_distance(wanted, command->options[i].name);
    if (d < distance) distance = d, nearest = command->options[i].name;
  }
  const int shown = (int)(strcspn(word, "=") < 64 ? strcspn(word, "=") : 64);
  return cli_fail("%s has no option %.*s; the nearest is --%s ('ift %s --help' lists all)", command->name, shown, word,
                  nearest, command->name);
}

static bool add_setting(cli_arguments *arguments, const char *noun, const char *name, const char *value) {
  for (int i = 0; i < arguments->setting_count; i++)
    if (cli_same_name(arguments->settings[i].name, name)) return cli_fail("%s is given twice", name);
  if (arguments->setting_count == CLI_SETTINGS) return cli_fail("more than %d options", CLI_SETTINGS);
  arguments->settings[arguments->setting_count++] = (cli_setting){noun, name, value};
  return true;
}

/* --set NAME=VALUE */
static bool read_set(cli_arguments *arguments, const char *text) {
  const char *equals = strchr(text, '=');
  char *name = arguments->names[arguments->setting_count < CLI_SETTINGS ? arguments->setting_count : 0];
  if (!equals || equals == text || equals - text >= (long)sizeof arguments->names[0])
    return cli_fail("--set %.64s: it needs the form NAME=VALUE", text);
  if (arguments->setting_count == CLI_SETTINGS) return cli_fail("more than %d options", CLI_SETTINGS);
  snprintf(name, sizeof arguments->names[0], "%.*s", (int)(equals - text), text);
  return add_setting(arguments, arguments->command->settings, name, equals + 1);
}

/* One option; `next` is the word behind it or NULL, *used says whether it was its value. */
static bool read_option(cli_arguments *arguments, const char *word, const char *next, bool *used) {
  const cli_command *command = arguments->command;
  const char *name = word + 2, *equals = strchr(name, '=');
  const size_t length = equals ? (size_t)(equals - name) : strlen(name);
  const int index = strncmp(word, "--", 2) == 0 ? find(command, name, length) : -1;
  if (index < 0)
    return unknown(command, word, word + strspn(word, "-"), equals ? length : strlen(word + strspn(word, "-")));
  const cli_option *option = &command->options[index];
  const char *value = equals ? equals + 1 : next;
  *used = !equals && option->value;
  if (!option->value && equals) return cli_fail("--%s takes no value", option->name);
  if (option->value && (!value || (!equals && strncmp(value, "--", 2) == 0)))
    return cli_fail("--%s needs a value: --%s %s", option->name, option->name, option->value);
  if (strcmp(option->name, "set") == 0) return read_set(arguments, value);
  if (arguments->values[index]) return cli_fail("--%s is given twice", option->name);
  arguments->values[index] = option->value ? value : "";
  return !option->noun || add_setting(arguments, option->noun, option->name, value);
}

static bool read_operand(cli_arguments *arguments, const char *word) {
  const cli_command *command = arguments->command;
  if (arguments->operand_count == command->operands)
    return cli_fail("'%.200s' is one argument too many; the usage is: ift %s%s%s", word, command->name,
                    *command->synopsis ? " " : "", command->synopsis);
  arguments->operands[arguments->operand_count++] = word;
  return true;
}

static bool check_complete(const cli_arguments *arguments) {
  const cli_command *command = arguments->command;
  for (const char *name = command->needed; *name; name += strspn(name, " ")) {
    const size_t length = strcspn(name, " ");
    const int index = find(command, name, length);
    if (index >= 0 && !arguments->values[index])
      return cli_fail("%s needs --%.*s %s ('ift %s --help' tells more)", command->name, (int)length, name,
                      command->options[index].value, command->name);
    name += length;
  }
  if (arguments->operand_count < command->operands)
    return cli_fail("the usage is: ift %s %s", command->name, command->synopsis);
  return true;
}

bool cli_arguments_read(cli_arguments *arguments, const cli_command *command, int argc, char **argv) {
  *arguments = (cli_arguments){.command = command};
  for (int i = 0; i < argc && strcmp(argv[i], "--") != 0; i++)
    if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0) return arguments->help = true;
  bool options_end = false;
  for (int i = 0; i < argc; i++) {
    const char *word = argv[i];
    bool used = false;
    if (!options_end && strcmp(word, "--") == 0) {
      options_end = true;
    } else if (!options_end && word[0] == '-' && word[1]) {
      if (!read_option(arguments, word, i + 1 < argc ? argv[i + 1] : NULL, &used)) return false;
      i += used;
    } else if (!read_operand(arguments, word)) {
      return false;
    }
  }
  return check_complete(arguments);
}

const char *cli_argument(const cli_arguments *arguments, const char *name) {
  const int index = find(arguments->command, name, strlen(name));
  return index < 0 ? NULL : arguments->values[index];
}

bool cli_argument_count(const cli_arguments *arguments, const char *name, int64_t low, int64_t *out) {
  const char *text = cli_argument(arguments, name);
  if (!text) return true;
  const int64_t high = 2147483647;
  int64_t value = 0;
  bool whole = *text != '\0';
  for (const char *c = text; whole && *c; c++) {
    whole = *c >= '0' && *c <= '9';
    if (whole && value <= high) value = 10 * value + (*c - '0');
  }
  if (!whole || value < low || value > high)
    return cli_fail("--%s is '%.64s'; allowed are whole numbers from %lld to %lld", name, text, (long long)low,
                    (long long)high);
  *out = value;
  return true;
}

bool cli_positive(const char *text, double *out) {
  char *end;
  if (!*text || text[strspn(text, "0123456789.eE+-")]) return false;
  *out = strtod(text, &end);
  return *end == '\0' && *out > 0 && isfinite(*out);
}
