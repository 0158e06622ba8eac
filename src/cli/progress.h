/* cli/progress.h - how far a run is, on a terminal. */
#ifndef CLI_PROGRESS_H
#define CLI_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

/* Seconds on a clock that only goes forward. */
double cli_seconds(void);

/* Is standard error a terminal? */
bool cli_watched(void);

/* Starts the clock of a run at that step. Nothing is ever shown where standard error is no terminal. */
void cli_progress_start(bool rows_on_standard, int64_t step);

/* Is it time to show something? From one second on, a few times a second. */
bool cli_progress_due(void);

/* Shows `step` (of `total`, 0: not known), and a named value. */
void cli_progress_show(int64_t step, int64_t total, const char *name, double value);

/* Takes the line away. */
void cli_progress_clear(void);

#endif
