/*
 * replaying.h - `ekok quarantine replay`: what was set aside, again into the registry after a mapping was mended.
 */
#ifndef ETL_CLI_REPLAYING_H
#define ETL_CLI_REPLAYING_H

#include "cli/command.h"

/* Starts ekok-etld, which holds the mapping. EXIT_PARTIAL: something is still set aside. */
exit_code quarantine_replay(const command_line *line, failure *f);

#endif
