/* Writing the trace. Values are asked for by the names of the columns. */
#include "cli/trace.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "cli/message.h"
#include "cli/progress.h"
#include "cli/tables.h"

static const char *const names[CLI_COLUMNS] = {
    "step",  "transport_time",        "reaction_time",        "energy", "mmd2",   "mass",
    "alive", "transport_dissipation", "reaction_dissipation", "gap",    "seconds"};

const char *cli_column_name(int column) {
  return names[column];
}

/* Rows kept for a plot: above that every other one is dropped. Seconds between two flushes, for those who watch a
 * pipe. */
enum { KEPT = 4096 };
static const double flush_interval = 0.2;

static void read_row(const cli_trace *trace, cli_row *row) {
  for (int i = 0; i < CLI_COLUMNS; i++) {
    double value = NAN;
    if (trace->present[i] && trace->source.get(trace->source.object, names[i], &value) != IFT_OK) value = NAN;
    row->values[i] = value;
  }
  row->values[CLI_STEP] = (double)trace->step;
  row->values[CLI_SECONDS] = cli_seconds() - trace->started;
}

/* Keeps a row if its step is on the grid of those kept, or is the last one, off the grid of those written. */
static void keep_row(cli_trace *trace, const cli_row *row) {
  const int64_t step = (int64_t)row->values[CLI_STEP];
  if (step % trace->row_stride != 0 && step % trace->every == 0) return;
  if (trace->row_count == KEPT) {
    for (int64_t i = 0; i < KEPT / 2; i++) trace->rows[i] = trace->rows[2 * i];
    trace->row_count = KEPT / 2;
    trace->row_stride *= 2;
  }
  trace->rows[trace->row_count++] = *row;
}

static bool write_last(cli_trace *trace) {
  errno = 0;
  const double *values = trace->last.values;
  for (int i = 0; i < CLI_COLUMNS; i++) {
    if (i > 0) fputc(',', trace->stream);
    if (!isnan(values[i])) fprintf(trace->stream, "%.17g", values[i]);
  }
  fputc('\n', trace->stream);
  if (trace->keep) keep_row(trace, &trace->last);
  const double now = cli_seconds();
  if (now >= trace->flushed + flush_interval) {
    trace->flushed = now;
    fflush(trace->stream);
  }
  if (!ferror(trace->stream)) return true;
  trace->failed = true;
  return cli_output_broken(trace->output, errno);
}

/* Is the row held back still what the object is like? A search may improve its result after its last step. */
static bool is_current(const cli_trace *trace) {
  double energy = NAN;
  const double known = trace->last.values[CLI_ENERGY];
  if (!trace->present[CLI_ENERGY] || trace->source.get(trace->source.object, names[CLI_ENERGY], &energy) != IFT_OK)
    energy = NAN;
  return trace->last.values[CLI_STEP] == (double)trace->step && (energy == known || (isnan(energy) && isnan(known)));
}

bool cli_trace_start(cli_trace *trace, cli_output *output, cli_source source, int64_t every, bool keep) {
  *trace = (cli_trace){.source = source, .output = output, .every = every, .row_stride = every, .step = source.step};
  trace->started = cli_seconds();
  if (output->kind == CLI_NOWHERE) return true;
  trace->keep = keep;
  if (keep && !(trace->rows = malloc(KEPT * sizeof *trace->rows))) return cli_fail("out of memory");
  if (!(trace->stream = cli_output_open(output))) return false;
  for (int i = 0; i < CLI_COLUMNS; i++) trace->present[i] = cli_entry(source.noun, names[i]) >= 0;
  for (int i = 0; i < CLI_COLUMNS; i++) fprintf(trace->stream, "%s%s", i > 0 ? "," : "", names[i]);
  fputc('\n', trace->stream);
  read_row(trace, &trace->last);
  return true;
}

bool cli_trace_step(cli_trace *trace) {
  trace->step++;
  if (trace->failed) return false;
  if (!trace->stream || trace->step % trace->every != 0) return true;
  if (!write_last(trace)) return false;
  read_row(trace, &trace->last);
  return true;
}

bool cli_trace_finish(cli_trace *trace) {
  if (!trace->stream || trace->failed) return !trace->failed;
  if (!is_current(trace)) {
    if (trace->last.values[CLI_STEP] != (double)trace->step && !write_last(trace)) return false;
    read_row(trace, &trace->last);
  }
  if (!write_last(trace)) return false;
  trace->stream = NULL;
  return cli_output_close(trace->output);
}

void cli_trace_free(cli_trace *trace) {
  free(trace->rows);
}
