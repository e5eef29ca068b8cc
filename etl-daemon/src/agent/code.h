/*
 * code.h - second factors: made and sealed here, and looked at here, so that no other program has the secret but the
 * authenticator of its holder.
 *
 * Promises that an answer says yes or no and nothing else, and that a sealed secret counts for the login alone that it
 * was made for. Knows no database: which step was used last is told by whoever asks.
 */
#ifndef ETL_AGENT_CODE_H
#define ETL_AGENT_CODE_H

#include "agent/answer.h"

/* The table whose cells are second factors; nobody has one opened, or sealed in bulk. */
bool code_is_table(const char *table);

/* Answers to FACTOR and CODE, behind the head in out. False: r. */
MUST_CHECK bool code_factor(const asking *a, span payload, buf *out, refusal *r);
MUST_CHECK bool code_look(const asking *a, span payload, buf *out, refusal *r);

#endif
