/* cli/components.h - two directions to look from at data of many dimensions. */
#ifndef CLI_COMPONENTS_H
#define CLI_COMPONENTS_H

#include <stdbool.h>
#include <stdint.h>

#include <ift.h>

typedef struct cli_components {
  int64_t dim;
  double *center;
  double *axes[2];
  double share[2]; /* of the variance, 0 to 1 */
} cli_components;

/* The first two principal components of a measure of dimension 2 or more. */
bool cli_components_of(cli_components *components, const ift_measure *measure);
void cli_components_free(cli_components *components);

/* Where a point lies along an axis. */
double cli_component(const cli_components *components, int axis, const double *point);

#endif
