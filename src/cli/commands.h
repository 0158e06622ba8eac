/* cli/commands.h - the commands, one file each. */
#ifndef CLI_COMMANDS_H
#define CLI_COMMANDS_H

#include "cli/arguments.h"

extern const cli_command cli_compress, cli_flow, cli_sample, cli_mmd, cli_bandwidth, cli_info;

#endif
