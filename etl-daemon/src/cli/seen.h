/*
 * seen.h - ekok audit who-saw, seen-by, compare: who saw a citizen, what a user looked at, and whether the database
 * and the key agent tell the same.
 */
#ifndef ETL_CLI_SEEN_H
#define ETL_CLI_SEEN_H

#include "cli/command.h"

/*
 * Each prints what it found and then judges: false with EXIT_EVIDENCE when something was opened that the database has
 * no reading of, or the agent's trace is not whole; with EXIT_PARTIAL when a reading has no opening.
 */
MUST_CHECK bool seen_who_saw(command_session *s, const command_line *line, failure *f);
MUST_CHECK bool seen_by(command_session *s, const command_line *line, failure *f);
MUST_CHECK bool seen_compare(command_session *s, const command_line *line, failure *f);

#endif
