/*
 * erase.h - erasure of a subject: proposed by one operator, put in force by another. Every check is the
 * database's. Shows counts and ids, never a value.
 */
#ifndef ETL_CLI_ERASE_H
#define ETL_CLI_ERASE_H

#include "cli/command.h"

/*
 * erase propose ID --reason LAW --case CASE; with --dry-run shows what would go and what speaks against it,
 * and proposes nothing.
 */
MUST_CHECK bool erase_propose(command_session *s, const command_line *line, failure *f);

/* erase approve | end NUMBER of a proposal. */
MUST_CHECK bool erase_decide(command_session *s, const command_line *line, failure *f);

/* erase status: all proposals and what came of them. */
MUST_CHECK bool erase_status(command_session *s, const command_line *line, failure *f);

#endif
