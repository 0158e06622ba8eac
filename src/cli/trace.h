/* cli/trace.h - the course of a run, a row a step. */
#ifndef CLI_TRACE_H
#define CLI_TRACE_H

#include <stdbool.h>
#include <stdint.h>

#include <ift.h>

#include "cli/outputs.h"

/* The columns, in the order of the file. */
typedef enum cli_column {
  CLI_STEP,
  CLI_TRANSPORT_TIME,
  CLI_REACTION_TIME,
  CLI_ENERGY,
  CLI_MMD2,
  CLI_MASS,
  CLI_ALIVE,
  CLI_TRANSPORT_DISSIPATION,
  CLI_REACTION_DISSIPATION,
  CLI_GAP,
  CLI_SECONDS,
  CLI_COLUMNS
} cli_column;

/* Its name, which is that of a quantity too where it is one. */
const char *cli_column_name(int column);

typedef struct cli_row {
  double values[CLI_COLUMNS]; /* NaN: does not apply */
} cli_row;

/* Where rows come from: the object, and how to read a quantity of it. */
typedef struct cli_source {
  const void *object;
  const char *noun; /* whose quantities they are in the library's table */
  ift_status (*get)(const void *object, const char *quantity, double *out);
  int64_t step; /* at which it starts */
} cli_source;

/* A trace being written. */
typedef struct cli_trace {
  cli_source source;
  cli_output *output;
  FILE *stream; /* NULL: no trace was asked for */
  bool present[CLI_COLUMNS];
  int64_t every, step;
  cli_row last; /* the row to be written next: held back until it is known whether it is the last one */
  double started, flushed;
  bool failed; /* the file can't be written, which has been said */
  bool keep;   /* rows for the plot are kept */
  cli_row *rows;
  int64_t row_count, row_stride;
} cli_trace;

/* Starts a trace into `output` (which may be nowhere) with the row of the first step. `keep`: rows are wanted in memory too. */
bool cli_trace_start(cli_trace *trace, cli_output *output, cli_source source, int64_t every, bool keep);

/* After each step. */
bool cli_trace_step(cli_trace *trace);

/* After the run: the row of the last step, if it is missing, and the end of the file. */
bool cli_trace_finish(cli_trace *trace);

void cli_trace_free(cli_trace *trace);

#endif
