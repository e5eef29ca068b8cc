/*
 * status.h - how ingestion does, at a glance: ekok status. And what an operator decides about it: ekok run release.
 * Never a record's values.
 */
#ifndef ETL_CLI_STATUS_H
#define ETL_CLI_STATUS_H

#include "cli/command.h"

MUST_CHECK bool status_print(command_session *s, const command_line *line, failure *f);

/* ekok run release RUN --reason TEXT: marks absent what the held run no longer listed; says how many. */
MUST_CHECK bool status_release(command_session *s, const command_line *line, failure *f);

#endif
