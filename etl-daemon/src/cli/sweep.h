/*
 * sweep.h - `ekok sweep`: the sweep of the whole registry, part by part, each committed, with a bar of how far it is.
 * Killed and called again it goes on where it stood.
 */
#ifndef ETL_CLI_SWEEP_H
#define ETL_CLI_SWEEP_H

#include "cli/command.h"

MUST_CHECK bool sweep_run(command_session *s, const command_line *line, failure *f);

#endif
