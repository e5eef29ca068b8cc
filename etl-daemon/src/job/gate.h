/*
 * gate.h - how many connections to sources there are at once, for their memory: libcurl and OpenSSL take more for one
 * than the rest of its run does.
 *
 * Promises that whoever is through keeps its connection from page to page, and makes room after the page in hand when
 * others wait. Refuses nobody: who comes first goes first. A source that hangs keeps its place until its deadline.
 */
#ifndef ETL_JOB_GATE_H
#define ETL_JOB_GATE_H

#include <stdatomic.h>

#include "base/span.h"

enum { GATE_CONNECTIONS = 64 };

typedef struct gate gate;

gate *gate_new(int places); /* NULL: no memory */
void gate_free(gate *g);    /* NULL is fine */

/* Waits for a place; false as soon as `stop` is not zero. */
MUST_CHECK bool gate_enter(gate *g, const atomic_int *stop);
void gate_leave(gate *g);

/* Does anybody wait? */
bool gate_wanted(gate *g);

#endif
