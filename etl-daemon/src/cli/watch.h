/*
 * watch.h - the operator's look at ingestion. Never a record's values.
 */
#ifndef ETL_CLI_WATCH_H
#define ETL_CLI_WATCH_H

#include "cli/command.h"

MUST_CHECK bool watch_status(command_session *s, const command_line *line, failure *f);

#endif
