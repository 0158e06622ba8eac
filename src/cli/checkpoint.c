/* Checkpoints as files. On the way each one takes the place of the one before at once, and whole: a run that is killed
 * leaves the last one. */
#include "cli/checkpoint.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli/data.h"
#include "cli/message.h"
#include "cli/progress.h"
#include "cli/settings.h"

bool cli_checkpoint_read(cli_checkpoint *checkpoint, const cli_arguments *arguments) {
  const char *every = cli_argument(arguments, "checkpoint-every");
  *checkpoint = (cli_checkpoint){.arguments = arguments, .interval = 60};
  checkpoint->resume = cli_argument(arguments, "resume");
  if (every && !cli_positive(every, &checkpoint->interval))
    return cli_fail("--checkpoint-every is '%s'; allowed are numbers of seconds > 0", every);
  if (cli_argument(arguments, "checkpoint")) return true;
  return (!checkpoint->resume && !every) ||
         cli_fail("%s needs --checkpoint FILE", every ? "--checkpoint-every" : "--resume");
}

bool cli_checkpoint_prepare(cli_checkpoint *checkpoint, ift_context *context) {
  checkpoint->context = context;
  checkpoint->written = cli_seconds();
  if (!cli_output_prepare(&checkpoint->output, "--checkpoint", cli_argument(checkpoint->arguments, "checkpoint")))
    return false;
  const cli_output_kind kind = checkpoint->output.kind;
  return kind == CLI_NOWHERE || kind == CLI_REGULAR ||
         cli_fail("--checkpoint needs a file of its own, not %s", checkpoint->output.name);
}

static bool make_room(cli_checkpoint *checkpoint, int64_t size) {
  if (size <= checkpoint->room) return true;
  unsigned char *bytes = realloc(checkpoint->bytes, (size_t)size);
  if (!bytes) return cli_fail("out of memory");
  checkpoint->bytes = bytes;
  checkpoint->room = size;
  return true;
}

/* The whole file; *size is -1 where there is none. */
static bool load(cli_checkpoint *checkpoint, int64_t *size) {
  enum { PORTION = 1 << 16 };
  const char *name = checkpoint->output.name;
  *size = -1;
  FILE *file = fopen(name, "rb");
  if (!file) return errno == ENOENT || cli_fail("%s: %s", name, strerror(errno));
  size_t portion = 1;
  for (*size = 0; portion > 0; *size += (int64_t)portion) {
    if (!make_room(checkpoint, *size + PORTION)) break;
    portion = fread(checkpoint->bytes + *size, 1, PORTION, file);
  }
  const bool failed = ferror(file), whole = portion == 0;
  fclose(file);
  return (whole && !failed) || cli_fail("%s: can't be read", name);
}

/* Options that are what they were stay untouched: setting a seed would start its stream again. */
static ift_status set_again(void *flow, const char *option, const char *value) {
  char now[64];
  if (ift_flow_get_text(flow, option, now, sizeof now) == IFT_OK && strcmp(now, value) == 0) return IFT_OK;
  return ift_flow_set_text(flow, option, value);
}

bool cli_checkpoint_resume(cli_checkpoint *checkpoint, ift_flow *flow, int64_t last, int64_t *step) {
  const char *name = checkpoint->output.name;
  int64_t size;
  *step = 0;
  if (!checkpoint->resume) return true;
  if (!load(checkpoint, &size)) return false;
  if (size < 0) {
    cli_note("%s is not there yet: the flow starts at step 0", name);
    return true;
  }
  if (ift_flow_restore(flow, checkpoint->bytes, size) != IFT_OK)
    return cli_fail("%s: %s", name, ift_context_message(checkpoint->context));
  if (!cli_settings_apply(checkpoint->arguments, "flow", checkpoint->context, flow, set_again)) return false;
  if (ift_flow_get_int(flow, "step", step) != IFT_OK) return cli_library_failed(checkpoint->context);
  return *step <= last ||
         cli_fail("%s: it is at step %lld, beyond --steps %lld", name, (long long)*step, (long long)last);
}

bool cli_checkpoint_write(cli_checkpoint *checkpoint, const ift_flow *flow) {
  int64_t size;
  cli_output *output = &checkpoint->output;
  if (output->kind == CLI_NOWHERE) return true;
  if (ift_flow_save(flow, NULL, 0, &size) != IFT_OK) return cli_library_failed(checkpoint->context);
  if (!make_room(checkpoint, size)) return false;
  if (ift_flow_save(flow, checkpoint->bytes, checkpoint->room, &size) != IFT_OK)
    return cli_library_failed(checkpoint->context);
  FILE *stream = cli_output_open(output);
  if (!stream) return false;
  errno = 0;
  if (fwrite(checkpoint->bytes, 1, (size_t)size, stream) != (size_t)size) return cli_output_broken(output, errno);
  return cli_output_close(output);
}

bool cli_checkpoint_step(cli_checkpoint *checkpoint, const ift_flow *flow) {
  if (checkpoint->output.kind == CLI_NOWHERE || cli_seconds() < checkpoint->written + checkpoint->interval) return true;
  if (!cli_checkpoint_write(checkpoint, flow) || !cli_output_publish(&checkpoint->output)) return false;
  checkpoint->written = cli_seconds();
  return true;
}

void cli_checkpoint_free(cli_checkpoint *checkpoint) {
  free(checkpoint->bytes);
}
