/* --energy, and what of the catalogue is within a command's reach. */
#include "cli/energy.h"

#include <string.h>

#include "cli/arguments.h"
#include "cli/data.h"
#include "cli/message.h"

bool cli_energy_read(cli_energy *energy, const char *text) {
  *energy = (cli_energy){.kl = false};
  if (!text || strcmp(text, "mmd") == 0) return true;
  energy->kl = strncmp(text, "kl:", 3) == 0;
  if (energy->kl && cli_positive(text + 3, &energy->bandwidth)) return true;
  return cli_fail("--energy is '%.64s'; allowed are mmd and kl:BANDWIDTH, BANDWIDTH a number > 0", text);
}

bool cli_energy_create(const cli_energy *energy, ift_context *context, ift_energy **out, const ift_kernel *kernel,
                       const ift_target *target) {
  const ift_status status = energy->kl ? ift_energy_kl(context, out, target, energy->bandwidth)
                                       : ift_energy_mmd(context, out, kernel, target);
  return status == IFT_OK || cli_library_failed(context);
}

bool cli_can_name(const char *noun, const char *kind) {
  static const char *const names[][2] = {
      {"energy", "mmd"}, {"energy", "kl"}, {"target", "samples"}, {"target", "gaussian-mixture"}};
  bool limited = false;
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
    if (strcmp(noun, names[i][0]) != 0) continue;
    if (strcmp(kind, names[i][1]) == 0) return true;
    limited = true;
  }
  return !limited;
}
