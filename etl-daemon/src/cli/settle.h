/*
 * settle.h - rows that keep a rotation of content MACs open: how many, of which source; given up by one operator
 * who proposes and another who approves. Every check is the database's. Shows counts, never a row.
 */
#ifndef ETL_CLI_SETTLE_H
#define ETL_CLI_SETTLE_H

#include "cli/command.h"
#include "cli/listing.h"

/* What is left, and the proposals of the last rotation: for keys status. */
extern const listing settle_left, settle_proposals;

/* Both, where there is anything to show. */
MUST_CHECK bool settle_print(pg_session *pg, failure *f);

/* keys settle --reason TEXT: proposes; keys settle approve | end NUMBER */
MUST_CHECK bool settle_do(command_session *s, const command_line *line, failure *f);

#endif
