/*
 * agent.h - `ekok agent`: how the key agent does, and unlocking a user whom it locked; `ekok open`: one identifier
 * of one enrolment, in the clear, for a stated purpose.
 */
#ifndef ETL_CLI_AGENT_H
#define ETL_CLI_AGENT_H

#include "agent/client.h"
#include "cli/command.h"

/* Counters and the head of the trace. Needs no database; the agent is --agent, or that of the configuration. */
MUST_CHECK bool agent_status(const command_line *line, failure *f);

/* ekok agent release CALLER[/USER] --reason TEXT */
MUST_CHECK bool agent_release(const command_line *line, failure *f);

/* One request to that agent; out: the payload of its answer, which the caller wipes. */
MUST_CHECK bool agent_ask(const command_line *line, ekok_agent_kind kind, span payload, buf *out, failure *f);

/* ekok open ENROLMENT nid|brn|mobile|wallet|account --purpose TEXT [--case TEXT] */
MUST_CHECK bool open_print(command_session *s, const command_line *line, failure *f);

#endif
