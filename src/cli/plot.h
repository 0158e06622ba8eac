/* cli/plot.h - the picture of a run. */
#ifndef CLI_PLOT_H
#define CLI_PLOT_H

#include <stdbool.h>

#include <ift.h>

#include "cli/outputs.h"
#include "cli/trace.h"

typedef enum cli_plot_format { CLI_SVG, CLI_PNG, CLI_SCRIPT } cli_plot_format;

typedef struct cli_plot {
  cli_output output;
  cli_plot_format format;
} cli_plot;

/* What is in the picture; measures are in the units of the files. */
typedef struct cli_picture {
  const ift_measure *target;
  const ift_measure *start; /* NULL: none */
  const ift_measure *end;
  const cli_trace *trace; /* with rows kept; NULL: no decay curves */
  const char *title;
  const char *path; /* the target's file, which may name the coordinates; NULL: it has none */
} cli_picture;

/* Readies --plot NAME (NULL: no plot): what the ending of the name asks for, and whether gnuplot is there to do it. */
bool cli_plot_prepare(cli_plot *plot, const char *name);

/* Draws it, or writes the script. */
bool cli_plot_draw(cli_plot *plot, const cli_picture *picture);

/* The script with its data, as gnuplot reads it. */
bool cli_script_write(FILE *script, cli_plot_format format, const cli_picture *picture);

#endif
