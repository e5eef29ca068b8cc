/*
 * jail.h - what a process gives up before it looks at foreign bytes: new privileges, debuggers, core dumps, files,
 * children, threads, and every system call but those that move bytes on descriptors it has and those that get memory.
 *
 * Promises that a forbidden call kills the process at once (SIGSYS), whatever was asked for. Refuses to return
 * with half of it done: on failure the caller must end.
 */
#ifndef ETL_CELL_JAIL_H
#define ETL_CELL_JAIL_H

#include "base/span.h"

enum { JAIL_MEMORY = 160 << 20 /* address space; what a decoder takes of it is bounded in decode/ */ };

MUST_CHECK bool jail_enter(void);

#endif
