/* flow/damping.h - how much a Gauss-Newton step is damped: the control of Levenberg and Marquardt in the form of Nielsen
 * (1999), which compares what a step gained with what its linear model promised. */
#ifndef FLOW_DAMPING_H
#define FLOW_DAMPING_H

#include <stdbool.h>

/* `factor` is what the next failure multiplies the damping by. */
typedef struct ift_damping {
  double value, factor;
} ift_damping;

/* Where to begin. */
ift_damping ift_damping_first(void);

/* A step was taken that gained `ratio` times what was promised. */
void ift_damping_succeed(ift_damping *damping, double ratio);

/* A step was refused. false: more damping is of no use. */
bool ift_damping_fail(ift_damping *damping);

#endif
