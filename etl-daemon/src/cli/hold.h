/*
 * hold.h - what keeps data from erasure: legal holds and terms of keeping. One operator places and lengthens;
 * what weakens is proposed by one and approved by another. Every check is the database's. Shows ids and words
 * of operators, never a value.
 */
#ifndef ETL_CLI_HOLD_H
#define ETL_CLI_HOLD_H

#include "cli/command.h"

/* hold place ID --reason LAW [--until DATE] */
MUST_CHECK bool hold_place(command_session *s, const command_line *line, failure *f);

/* hold lift NUMBER --reason TEXT: proposes it. */
MUST_CHECK bool hold_lift(command_session *s, const command_line *line, failure *f);

/* hold term PROGRAMME TERM|none --reason LAW: in force at once when it is longer, else proposed. */
MUST_CHECK bool hold_term(command_session *s, const command_line *line, failure *f);

/* hold approve | end NUMBER of a proposal. */
MUST_CHECK bool hold_decide(command_session *s, const command_line *line, failure *f);

/* hold status: holds, terms, and proposals with what came of them. */
MUST_CHECK bool hold_status(command_session *s, const command_line *line, failure *f);

#endif
