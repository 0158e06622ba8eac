/* cli/energy.h - the energy that a flow descends, from --energy; which kinds a command line can name. */
#ifndef CLI_ENERGY_H
#define CLI_ENERGY_H

#include <stdbool.h>

#include <ift.h>

/* An energy in words. */
typedef struct cli_energy {
  bool kl;          /* else mmd */
  double bandwidth; /* of kl */
} cli_energy;

/* Reads the value of --energy; NULL: mmd. On a failure the reason is printed; so it is in what follows. */
bool cli_energy_read(cli_energy *energy, const char *text);

/* The energy of that kind. `kernel` is that of mmd. */
bool cli_energy_create(const cli_energy *energy, ift_context *context, ift_energy **out, const ift_kernel *kernel,
                       const ift_target *target);

/* Can a command line name this kind of the library's catalogue? Kinds made of functions are for programs. */
bool cli_can_name(const char *noun, const char *kind);

#endif
