/*
 * serve.h - the agent's Unix socket: who is at the other end is told by the kernel, each connection has a thread
 * of its own, and each caller as many connections as he has seats. So one that stalls or floods delays nobody but
 * himself.
 *
 * Promises that a message once begun is read within ten seconds or its connection closed, and that what was
 * received and what was opened is wiped. All threads are there before the filter of system calls; none is made later.
 */
#ifndef ETL_AGENT_SERVE_H
#define ETL_AGENT_SERVE_H

#include "agent/guard.h"

typedef struct server server;

/* Listens and starts the threads; nobody is answered before server_begin. NULL: f. */
server *server_open(const post *p, const keyring *ring, guard *g, failure *f);
void server_begin(server *s);
void server_close(server *s); /* ends all connections and waits for the threads */

#endif
