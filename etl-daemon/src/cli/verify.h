/*
 * verify.h - `ekok verify`: a pass over the systems that verify (by ekok-etld, with bars), what would be asked, how it
 * stands, and reopening a system that had closed the day.
 */
#ifndef ETL_CLI_VERIFY_H
#define ETL_CLI_VERIFY_H

#include "cli/command.h"

/* Starts the pass; the exit code of ekok-etld. */
exit_code verify_start(const command_line *line, failure *f);

/* Counts by system and reason of what a pass would ask; nothing is asked, opened or spent. */
MUST_CHECK bool verify_dry_run(command_session *s, const command_line *line, failure *f);

MUST_CHECK bool verify_status(command_session *s, const command_line *line, failure *f);
MUST_CHECK bool verify_reopen(command_session *s, const command_line *line, failure *f);

#endif
