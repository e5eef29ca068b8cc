/*
 * drill.h - ekok drill: the latest backup restored beside the live server and held against it; ekok drill status and
 * history: what drills have shown. Never writes to the live server but the book of drills, never to the repository.
 */
#ifndef ETL_CLI_DRILL_H
#define ETL_CLI_DRILL_H

#include "cli/command.h"

/* One drill; its outcome stands in the book whatever it is. EXIT_CONTINUITY: the backup is not what it should be. */
exit_code drill_run(const command_line *line, failure *f);

/* How things stand; EXIT_CONTINUITY unless the newest drill passed and none is due. */
MUST_CHECK bool drill_status(command_session *s, const command_line *line, failure *f);
MUST_CHECK bool drill_history(command_session *s, const command_line *line, failure *f);

/* For ekok status: one line, and EXIT_CONTINUITY when a drill failed or is overdue; never drilled is told only. */
MUST_CHECK bool drill_alarm(pg_session *pg, failure *f);

#endif
