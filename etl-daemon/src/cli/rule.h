/*
 * rule.h - `ekok rule`: the rules of double dipping as operators look at them, propose them, ask whom they would
 * affect and put them in force.
 */
#ifndef ETL_CLI_RULE_H
#define ETL_CLI_RULE_H

#include "cli/command.h"

MUST_CHECK bool rule_list(command_session *s, const command_line *line, failure *f);

/* rule show CODE: its definition, in the form that is proposed, and who brought it. */
MUST_CHECK bool rule_show(command_session *s, const command_line *line, failure *f);

/* rule propose FILE...: holds nobody until another operator activates it; all files or none. */
MUST_CHECK bool rule_propose(command_session *s, const command_line *line, failure *f);

/* rule check CODE: how many persons it would affect today, by their programmes; names nobody, writes nothing. */
MUST_CHECK bool rule_check(command_session *s, const command_line *line, failure *f);

/* rule activate CODE PERSONS: by another than who proposed it, who says how many it newly affects. */
MUST_CHECK bool rule_activate(command_session *s, const command_line *line, failure *f);

#endif
