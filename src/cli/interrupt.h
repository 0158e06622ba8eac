/* cli/interrupt.h - Ctrl-C. */
#ifndef CLI_INTERRUPT_H
#define CLI_INTERRUPT_H

#include <stdbool.h>

/* From now on a signal that ends the command takes its temporary files away first. */
void cli_interrupt_prepare(void);

/* From now on the first Ctrl-C calls request_stop(object), which has to be safe in a signal handler, and what there
 * is still gets written; the second one ends the command at once. */
void cli_interrupt_watch(void (*request_stop)(void *object), void *object);

/* The run is over: a first Ctrl-C from now on changes nothing but the exit status. */
void cli_interrupt_unwatch(void);

/* Was there a Ctrl-C? */
bool cli_interrupted(void);

#endif
