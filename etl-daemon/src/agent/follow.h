/*
 * follow.h - keeps the agent's keys those of the key file while it serves: once a second, at once when it is told to.
 *
 * Promises that the keys it begins with are in the trace before anybody is served, that a change of them is there
 * and in the log, and that a file which can no longer be read is said once for each reason, and each time that
 * somebody asks; the keys stay as they were then.
 */
#ifndef ETL_AGENT_FOLLOW_H
#define ETL_AGENT_FOLLOW_H

#include "agent/guard.h"

typedef struct {
    const keyring *ring;
    guard *guard;
    uint64_t reading; /* the last that was told */
    failure problem;  /* the last that was told; empty: none since the file could be read */
} follower;

/* False: the trace cannot be written. */
MUST_CHECK bool follow_begin(follower *w, const keyring *ring, guard *g);

/* asked: by a person, who wants to read in the log what came of it. */
void follow_look(follower *w, bool asked);

#endif
