/* scripts/reference.c - writes docs/reference/options.md and kinds.md from the library's catalogue; see docs.sh.
 *
 *     reference options|kinds      the page goes to standard output */
#include <stdio.h>
#include <string.h>

#include <ift.h>

/* Text of a table's cell: what Markdown would take for itself is escaped. Inside `code` only the bar has to be. */
static void print_text(const char *text, const char *special) {
  for (; *text; text++) {
    if (strchr(special, *text)) putchar('\\');
    putchar(*text);
  }
}

static void cell(const char *text) {
  printf(" ");
  print_text(text, "|*<");
  printf(" |");
}

static void code_cell(const char *text) {
  printf(*text ? " `" : " ");
  print_text(text, "|");
  printf(*text ? "` |" : "|");
}

/* Is this the first row of its noun? */
static int begins(const char *(*noun)(int64_t index), int64_t index) {
  return index == 0 || strcmp(noun(index - 1), noun(index)) != 0;
}

/* The rows from `first` on that have its noun and are settable (or read-only). */
static void option_table(int64_t first, const char *access) {
  const int settable = strcmp(access, "option") == 0;
  puts(settable ? "\n| option | type | range | default | for | what |\n|---|---|---|---|---|---|"
                : "\n| quantity | type | what |\n|---|---|---|");
  for (int64_t i = first; i < ift_option_count() && strcmp(ift_option_noun(i), ift_option_noun(first)) == 0; i++) {
    if (strcmp(ift_option_access(i), access) != 0) continue;
    printf("|");
    code_cell(ift_option_name(i));
    cell(ift_option_type(i));
    if (settable) {
      code_cell(ift_option_range(i));
      code_cell(ift_option_default(i));
      cell(*ift_option_applies(i) ? ift_option_applies(i) : "all");
    }
    cell(ift_option_doc(i));
    putchar('\n');
  }
}

static int has(int64_t first, const char *access) {
  for (int64_t i = first; i < ift_option_count() && strcmp(ift_option_noun(i), ift_option_noun(first)) == 0; i++)
    if (strcmp(ift_option_access(i), access) == 0) return 1;
  return 0;
}

static void options(void) {
  puts("# Options and quantities\n\n"
       "Set and read by name; `-` and `_` mean the same in a name. In the command an option is `--NAME VALUE`, or\n"
       "`--set NAME=VALUE` where a command has no such word. `auto` is a value too: the library computes what is in "
       "force, and\n"
       "reading the option gives that.");
  for (int64_t i = 0; i < ift_option_count(); i++) {
    if (!begins(ift_option_noun, i)) continue;
    printf("\n## %s\n", ift_option_noun(i));
    if (has(i, "option")) option_table(i, "option");
    if (has(i, "quantity")) option_table(i, "quantity");
  }
}

static void kinds(void) {
  puts("# Kinds\n\n"
       "What this library has. `ift info` prints the same, and `ift_kind_*` in `<ift/catalogue.h>` hands it to a "
       "program.");
  for (int64_t i = 0; i < ift_kind_count(); i++) {
    if (begins(ift_kind_noun, i)) printf("\n## %s\n\n| written | what |\n|---|---|\n", ift_kind_noun(i));
    printf("|");
    code_cell(*ift_kind_spec(i) ? ift_kind_spec(i) : ift_kind_name(i));
    cell(ift_kind_doc(i));
    putchar('\n');
  }
}

int main(int argc, char **argv) {
  if (argc != 2 || (strcmp(argv[1], "options") != 0 && strcmp(argv[1], "kinds") != 0)) {
    fprintf(stderr, "usage: reference options|kinds\n");
    return 2;
  }
  printf("<!-- made by scripts/docs.sh -->\n");
  if (strcmp(argv[1], "options") == 0)
    options();
  else
    kinds();
  return 0;
}
