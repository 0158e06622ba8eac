/* ift info: what this library is and what it has. */
#include "cli/commands.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ift.h>

#include "cli/help.h"
#include "cli/message.h"

static const cli_option options[] = {{.name = NULL}};

static bool print_build(void) {
  const int64_t length = ift_build_info(NULL, 0);
  char *text = malloc((size_t)length + 1);
  if (!text) return cli_fail("out of memory");
  ift_build_info(text, length + 1);
  fputs(text, stdout);
  if (length > 0 && text[length - 1] != '\n') putchar('\n');
  free(text);
  return true;
}

/* The nouns of a table, each where it comes first. */
static bool is_first(const char *(*noun)(int64_t index), int64_t index) {
  for (int64_t i = 0; i < index; i++)
    if (strcmp(noun(i), noun(index)) == 0) return false;
  return true;
}

static void print_kinds(void) {
  for (int64_t i = 0; i < ift_kind_count(); i++)
    if (is_first(ift_kind_noun, i)) cli_print_kinds(ift_kind_noun(i), ift_kind_noun(i), true);
}

static void print_entry(int64_t i) {
  char text[1000];
  const bool settable = strcmp(ift_option_access(i), "option") == 0;
  const char *applies = ift_option_applies(i);
  if (settable)
    snprintf(text, sizeof text, "%s, %s, default %s%s%s: %s", ift_option_type(i), ift_option_range(i),
             ift_option_default(i), *applies ? ", for " : "", applies, ift_option_doc(i));
  else
    snprintf(text, sizeof text, "%s, read-only: %s", ift_option_type(i), ift_option_doc(i));
  cli_print_item(ift_option_name(i), text);
}

static void print_options(void) {
  for (int64_t i = 0; i < ift_option_count(); i++) {
    if (!is_first(ift_option_noun, i)) continue;
    printf("\noptions and quantities of a %s\n", ift_option_noun(i));
    for (int64_t j = i; j < ift_option_count(); j++)
      if (strcmp(ift_option_noun(j), ift_option_noun(i)) == 0) print_entry(j);
  }
}

static bool run(const cli_arguments *arguments, int *exit_status) {
  (void)arguments;
  (void)exit_status;
  if (!print_build()) return false;
  print_kinds();
  print_options();
  return true;
}

const cli_command cli_info = {.name = "info",
                              .synopsis = "",
                              .doc =
                                  "tells version and build, and lists kernels, energies, geometries and every option",
                              .options = options,
                              .needed = "",
                              .run = run};
