/* cli/tables.h - looking things up in the library's catalogue. */
#ifndef CLI_TABLES_H
#define CLI_TABLES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The index of an entry in the library's table of options, or -1. - and _ are the same in a name. */
int64_t cli_entry(const char *noun, const char *name);

/* Are two names of options the same? */
bool cli_same_name(const char *a, const char *b);

/* Number of edits that make one name of the other. */
int cli_distance(const char *a, const char *b);

/* The names of the kinds of a noun, "mmd, ift, wfr". */
void cli_kind_names(const char *noun, char *out, size_t capacity);

#endif
