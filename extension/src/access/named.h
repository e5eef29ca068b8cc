/*
 * named.h - which people a statement read: their ids, the first hundred of them, from the scans of the tables that
 * hold names, and how many rows of these there were.
 */
#ifndef EKOK_ACCESS_NAMED_H
#define EKOK_ACCESS_NAMED_H

#include "postgres.h"

#include "executor/execdesc.h"

/* Called once, while shared_preload_libraries are loaded. */
void named_start(void);

/*
 * Begins to note for one run of a query that reads people; false: it scans no table with names, and there is
 * nothing to end. Errors when there is no room and none can be made: what cannot be recorded is not read.
 */
bool named_begin(QueryDesc *query);

/* Ends the note of the innermost run. failed: by an error, whose message may tell of a row not given on yet. */
void named_end(bool failed);

#endif
