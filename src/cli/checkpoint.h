/* cli/checkpoint.h - the state of a flow in a file, to go on from. */
#ifndef CLI_CHECKPOINT_H
#define CLI_CHECKPOINT_H

#include <ift.h>

#include "cli/arguments.h"
#include "cli/outputs.h"

typedef struct cli_checkpoint {
  const cli_arguments *arguments;
  ift_context *context;
  cli_output output;
  bool resume;
  double interval, written; /* seconds between two on the way; when the last one was written */
  unsigned char *bytes;
  int64_t room;
} cli_checkpoint;

/* The options --checkpoint, --checkpoint-every and --resume; and the file, which nothing is done to. */
bool cli_checkpoint_read(cli_checkpoint *checkpoint, const cli_arguments *arguments);
bool cli_checkpoint_prepare(cli_checkpoint *checkpoint, ift_context *context);

/* With --resume the flow becomes the one in the file, if there is one, and takes the options of the command line again.
 * *step is the one that it is at, which is at most `last`. */
bool cli_checkpoint_resume(cli_checkpoint *checkpoint, ift_flow *flow, int64_t last, int64_t *step);

/* After a step: writes the file if it is time. At the end: writes it, to be named with the other outputs. */
bool cli_checkpoint_step(cli_checkpoint *checkpoint, const ift_flow *flow);
bool cli_checkpoint_write(cli_checkpoint *checkpoint, const ift_flow *flow);

void cli_checkpoint_free(cli_checkpoint *checkpoint);

#endif
