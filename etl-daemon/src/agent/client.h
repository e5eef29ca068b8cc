/*
 * client.h - a connection to the key agent, made when first needed and again when the agent was restarted.
 *
 * Promises one answer to each request within its time, or a failure that says what, where and how to mend, and
 * nothing of what was asked. Refuses an agent that answers anything else. One thread at a time.
 */
#ifndef ETL_AGENT_CLIENT_H
#define ETL_AGENT_CLIENT_H

#include "agent/post.h"
#include "base/buf.h"
#include "core/agent.h"

typedef struct {
    char socket[POST_SOCKET];
    int fd; /* -1: none */
} agent_client;

typedef enum {
    CLIENT_ANSWERED,
    CLIENT_REFUSED, /* f says why */
    CLIENT_LOST     /* the agent is not there, or went away before it answered; f */
} client_answer;

void client_init(agent_client *c, const char *socket);
void client_close(agent_client *c);

/* out: the payload of the answer, which must be of kind `says`; the caller wipes it. */
client_answer client_ask(agent_client *c, ekok_agent_head head, span payload, buf *out, failure *f);

#endif
