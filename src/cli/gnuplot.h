/* cli/gnuplot.h - running gnuplot. */
#ifndef CLI_GNUPLOT_H
#define CLI_GNUPLOT_H

#include <stdbool.h>
#include <stdio.h>

/* Is gnuplot in PATH? */
bool cli_gnuplot_found(void);

/* Runs it on the script in `script`, a temporary file, with its standard output going to `picture`. */
bool cli_gnuplot_run(FILE *script, FILE *picture);

#endif
