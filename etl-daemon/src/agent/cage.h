/*
 * cage.h - what the agent gives up once it listens: new privileges, core dumps, files, children, threads, and
 * every system call but those that answer on the socket it has, write the trace it has, and get memory.
 *
 * Promises that a forbidden call kills the process at once, but that opening a file merely fails; no network can
 * be reached, no program run.
 */
#ifndef ETL_AGENT_CAGE_H
#define ETL_AGENT_CAGE_H

#include "base/failure.h"

/* For all threads that there are. False: the caller must end. */
MUST_CHECK bool cage_enter(failure *f);

#endif
