/*
 * trial.h - `ekok source test NAME|FILE`: one page through the daemon's own code, written nowhere, and its first rows
 * masked, each field beside where it comes from.
 */
#ifndef ETL_CLI_TRIAL_H
#define ETL_CLI_TRIAL_H

#include "cli/command.h"

/* EXIT_PARTIAL: it was fetched, but a record would be set aside or the source has drifted. */
exit_code trial_show(const command_line *line, failure *f);

#endif
