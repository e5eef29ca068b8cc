/*
 * watch.h - the operator's looks at ingestion: status, quarantine. Never a record's values.
 */
#ifndef ETL_CLI_WATCH_H
#define ETL_CLI_WATCH_H

#include "cli/command.h"

MUST_CHECK bool watch_status(command_session *s, const command_line *line, failure *f);
MUST_CHECK bool watch_quarantine(command_session *s, const command_line *line, failure *f);

#endif
