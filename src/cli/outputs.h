/* cli/outputs.h - output files: all of them or none. */
#ifndef CLI_OUTPUTS_H
#define CLI_OUTPUTS_H

#include <stdbool.h>
#include <stdio.h>
#include <sys/types.h>

typedef enum cli_output_kind {
  CLI_NOWHERE,  /* not asked for */
  CLI_STANDARD, /* standard output */
  CLI_DIRECT,   /* a device or a pipe, written as it is */
  CLI_REGULAR   /* a regular file, written under another name and renamed at the end */
} cli_output_kind;

typedef struct cli_output {
  cli_output_kind kind;
  const char *option; /* which option asked for it, "--out" */
  const char *name;   /* as given by the user */
  char *destination;  /* where it will be: the name with symbolic links followed */
  char *path;         /* what to write to: "-", the name itself, or the temporary name */
  mode_t mode;
  FILE *stream;
} cli_output;

/* Readies an output: finds out what `name` is and that it can be written, without touching it. NULL: nowhere. On a
 * failure the reason is printed; so it is in all that follows. */
bool cli_output_prepare(cli_output *output, const char *option, const char *name);

/* Opens it for writing text. Standard output is `stdout`. NULL on a failure. */
FILE *cli_output_open(cli_output *output);

/* Says that writing to it failed with that errno. Always false. */
bool cli_output_broken(const cli_output *output, int error);

/* Ends writing, and says whether all of it was written. */
bool cli_output_close(cli_output *output);

/* Gives a regular output its name ahead of the others; it can be opened again, for the next version of it. */
bool cli_output_publish(cli_output *output);

/* Gives every regular output its name. Call it when all are complete. */
bool cli_outputs_commit(void);

/* Removes what was not committed. The second one is for signal handlers and leaves memory alone. */
void cli_outputs_abandon(void);
void cli_outputs_unlink(void);

/* Is anything written to standard output? */
bool cli_outputs_use_standard(void);

/* Flushes standard output. */
bool cli_flush_standard(void);

#endif
